"""Members as a playbook: which tasks there are, and that no value is a template."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from stentor.export.member_playbook import playbook
from stentor.fleet.member import Member
from tests.unit.bootstrap.test_program import ALL, LEAST
from tests.unit.fleet.test_member import made


class Loader(yaml.SafeLoader):
    """Reads Ansible's tag for a text that is no template."""


class Unsafe(str):
    __slots__ = ()


Loader.add_constructor("!unsafe", lambda _, node: Unsafe(node.value))


def play(member: Member) -> dict[str, Any]:
    loaded = yaml.load(playbook([member]), Loader)
    (one,) = loaded
    assert isinstance(one, dict)
    return one


def texts(data: Any) -> list[str]:
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for part in parts for text in texts(part)]


def names(member: Member) -> list[str]:
    return [task["name"] for task in play(member)["tasks"]]


def test_all_of_it_is_a_task() -> None:
    found = play(made(ALL))
    assert found["hosts"] == "a"
    assert len(found["tasks"]) == 24
    assert found["tasks"][-2]["name"] == "Prove the new login"  # before anything is closed
    assert found["tasks"][-1]["notify"] == "Reload sshd"
    assert [task["name"] for task in found["handlers"]] == ["Reload sshd"]
    modules = {key for task in found["tasks"] for key in task if "." in key}
    assert all(module.startswith("ansible.builtin.") for module in modules)


def test_only_what_is_wanted_is_a_task() -> None:
    least = ["Install what Ansible itself needs", "Install packages"]
    keys = ["Make the folder for keys", "Let the keys log in", "Prove the new login"]
    assert names(made(LEAST)) == [*least, "Make the account", *keys]
    assert names(made(LEAST, "b")) == [*least, *keys]
    assert "handlers" not in play(made(LEAST))


@pytest.mark.parametrize(
    "text", ["{{ x }}", "{% x %}", "{# x", "no", "a: b", "'", '"', "\\", "- x", "é\u2028"]
)
def test_every_value_stays_what_it_is_and_is_no_template(text: str) -> None:
    member = made(ALL)._replace(
        user=text, hostname=text, timezone=text, repository=text, branch=text, keys=(f"ssh-rsa A {text}",),
        services=(text,), packages=(text,), groups=(text,), shell=text,
    )  # fmt: skip
    found = play(member)
    assert found["vars"]["member_user"] == text
    tasks = {task["name"]: task for task in found["tasks"]}
    assert tasks["Set the host name"]["ansible.builtin.hostname"]["name"] == text
    assert tasks["Let the keys log in"]["loop"] == [f"ssh-rsa A {text}"]
    assert tasks["Install packages"]["ansible.builtin.apt"]["name"][0] == text
    if text.startswith("{"):
        ours = [one for one in texts(found) if text in one]
        assert ours
        assert all(isinstance(one, Unsafe) for one in ours)


def test_a_line_that_is_too_long_for_lint_says_so() -> None:
    long = playbook([made(ALL)._replace(keys=("ssh-rsa " + "A" * 400,))])
    assert [line for line in long.splitlines() if len(line) > 160 and "noqa" not in line] == []
    assert play(made(ALL)._replace(keys=("ssh-rsa " + "A" * 400,)))


def test_several_members_are_several_plays() -> None:
    text = playbook([made(ALL), made(ALL.replace("root_login: 'no'", "root_login: keys"), "b")])
    assert [one["hosts"] for one in yaml.load(text, Loader)] == ["a", "b"]
