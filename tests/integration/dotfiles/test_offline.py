"""Rendering on the operator's machine, by chezmoi: nothing of the repository runs, no key is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stentor.dotfiles import render_offline
from stentor.fleet.model import Fleet, Node
from tests.integration.dotfiles.practice import newest_chezmoi

pytestmark = pytest.mark.integration

NODE = Node("crtr", "cooperator")
FLEET = Fleet("/f", {"crtr": NODE}, {"all": ("crtr",)})


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "chezmoi").symlink_to(newest_chezmoi())
    return {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path)}


def test_hooks_and_scripts_of_the_repository_do_not_run_here(tmp_path: Path, environ: dict[str, str]) -> None:
    tree = tmp_path / "tree/home"
    tree.mkdir(parents=True)
    (tmp_path / "tree/.chezmoiroot").write_text("home \r\n")
    log = tmp_path / "ran"
    hook = f'[hooks.%s]\ncommand = "sh"\nargs = ["-c", "echo %s >>{log}"]\n'
    names = ("read-source-state.pre", "init.post", "archive.pre", "execute-template.pre", "dump-config.post")
    text = "".join(hook % (name, name) for name in names) + '[data]\nx = "{{ .stentor.alias }}"\n'
    (tree / ".chezmoi.toml.tmpl").write_text(text)
    (tree / "dot_x.tmpl").write_text("{{ .x }}\n")
    (tree / "run_script.sh").write_text(f"echo script >>{log}\n")
    found = render_offline.render(FLEET, NODE, str(tmp_path / "tree"), environ)
    assert found == render_offline.Rendered({".x": b"crtr\n"})
    assert not log.exists()


def test_what_is_encrypted_is_left_out_where_the_key_is_not(tmp_path: Path, environ: dict[str, str]) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    config = 'encryption = "age"\n[age]\nidentity = "~/key.txt"\nrecipient = "age1none"\n'
    (tree / ".chezmoi.toml.tmpl").write_text(config)
    (tree / "encrypted_dot_token.age").write_text("-----BEGIN AGE ENCRYPTED FILE-----\n")
    (tree / "dot_x").write_text("x\n")
    found = render_offline.render(FLEET, NODE, str(tree), environ)
    assert found == render_offline.Rendered({".x": b"x\n"})


TEMPLATE = """\
{{ $mail := promptStringOnce . "mail.address" "Mail address" -}}
{{ $size := promptIntOnce . "size" "Size" 12 -}}
{{ $role := promptChoice "Role" (list "work" "home") -}}
[data]
mail.address = {{ $mail | quote }}
size = {{ $size }}
role = {{ $role | quote }}
"""


def test_what_the_node_last_answered_is_its_answer_here(tmp_path: Path, environ: dict[str, str]) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".chezmoi.toml.tmpl").write_text(TEMPLATE)
    (tree / "dot_x.tmpl").write_text("{{ .mail.address }} {{ .size }}\n")

    def rendered(answers: render_offline.Answers, node: Node = NODE) -> tuple[bytes, tuple[str, ...]]:
        found = render_offline.render(FLEET, node, str(tree), environ, None, answers)
        assert found.problem == ""
        return found.files[".x"], found.unanswered

    told = {"mail": {"address": "me@example.org"}, "size": 14}
    role = NODE._replace(variables={"Role": "work"})
    assert rendered(render_offline.Answers(told), role) == (b"me@example.org 14\n", ())
    assert rendered(render_offline.Answers(told, {"Role": "home"})) == (b"me@example.org 14\n", ())
    # Named, but nothing stops: who is asked on the node says it there.
    assert rendered(render_offline.Answers(), role)[1] == ("Mail address",)
    assert rendered(render_offline.Answers({}, {"Mail address": "a@b"}), role) == (b"a@b 12\n", ())
