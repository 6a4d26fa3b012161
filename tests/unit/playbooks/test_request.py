"""The words by which Ansible is told, and what of them the journal keeps."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from stentor.api.playbooks import again, kept, request_from, secret_arguments, without_secrets
from stentor.playbooks.request import PlaybookRequest, Secrets


def test_the_words_for_ansible_playbook() -> None:
    request = PlaybookRequest("p.yml", ("a=1",), ("x,y",), ("z",), "T", True, "me", 20, vault_ids=("v@f",))
    expected = (
        "-i one -i two -e a=1 --tags x,y --skip-tags z --vault-id v@f --start-at-task T --become "
        "--become-user me --forks 20 --diff --check --limit @/tmp/n -- p.yml"
    )
    assert " ".join(request.argv(["one", "two"], check=True, limit="/tmp/n")) == expected


def test_the_words_for_one_module() -> None:
    request = PlaybookRequest(module="copy", arguments="src=a dest=b c")
    words = ["-i", "f", "--limit", "@n", "--module-name", "copy", "--args", "src=a dest=b c", "--", "all"]
    assert request.argv(["f"], limit="n") == words


def test_no_secret_but_answers_is_among_the_words() -> None:
    secrets = Secrets("become-me", {"default": "open"}, {"code": "7"})
    words = PlaybookRequest("p.yml", secrets=secrets).argv(["f"])
    assert words == ["-i", "f", "-e", '{"code": "7"}', "--", "p.yml"]
    assert secrets.values == ("become-me", "open", "7")


def test_variables_named_like_secrets_are_not_kept() -> None:
    texts = ["level=3", "db_password=x", "@vars.yml", '{"token": "t"}', "a=1 api_key=2", "{b: 1}"]
    assert without_secrets(texts) == (
        ["level=3", "@vars.yml", "{b: 1}"],
        ["db_password", "several", "several"],
    )


def test_what_is_kept_makes_the_same_request_again() -> None:
    secrets = Secrets("x", {"default": "y"})
    request = PlaybookRequest("/p.yml", ("a=1", "password=2"), ("t",), diff=True, secrets=secrets)
    options = kept(request)
    assert "y" not in str(options["asked"].values())
    made, asked = again(SimpleNamespace(options=options))  # type: ignore[arg-type]
    assert made == request._replace(extra_vars=("a=1",), secrets=Secrets())
    assert asked == {"become": True, "vault": ["default"], "extra_vars": ["password"]}


def test_arguments_named_like_secrets_are_not_kept() -> None:
    assert secret_arguments("name=x password='a b' update_password=no home=/h") == {"password": "a b"}
    assert secret_arguments('{"login_password": "p", "name": "x", "n": 1}') == {"login_password": "p"}
    assert secret_arguments("echo it's token=t") == {"token": "t"}
    assert secret_arguments("{ name: x") == secret_arguments("") == {}
    options = kept(PlaybookRequest(module="user", arguments="name=x password=p"))
    assert options == {"module": "user", "asked": {"arguments": ["password"]}}


def test_paths_are_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("p.yml", "inv", "vault", "vars.yml"):
        (tmp_path / name).touch()
    request = PlaybookRequest(
        "p.yml", ("@vars.yml", "a=1"), vault_ids=("prod@vault", "vault", "no"), inventories=("inv", "h1,h2")
    )
    options = kept(request)
    here = str(tmp_path)
    assert options["file"] == f"{here}/p.yml"
    assert options["extra_vars"] == [f"@{here}/vars.yml", "a=1"]
    assert options["vault_ids"] == [f"prod@{here}/vault", f"{here}/vault", "no"]
    assert options["inventories"] == [f"{here}/inv", "h1,h2"]


def test_variables_from_python_keep_their_types() -> None:
    variables = {"count": 3, "users": ["ann", {"name": "bo"}], "on": True}
    request, rest = request_from("p.yml", variables, {"tags": "web", "skip_tags": ("a", "b"), "canary": "c"})
    words = request.argv([])
    assert [json.loads(word) for word in words if word.startswith("{")] == [
        {name: value} for name, value in variables.items()
    ]
    assert (request.tags, request.skip_tags, rest) == (("web",), ("a", "b"), {"canary": "c"})
    assert request.secrets.values == ("ann", "bo")
