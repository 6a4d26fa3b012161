"""The Python that stays on nodes while a playbook runs: when it is used, when it is not, and that it ends."""

from __future__ import annotations

import pytest

from stentor.lab import Lab, processes
from tests.playbooks import Playbooks, command, play, wait

pytestmark = pytest.mark.integration

WHO = """\
import os
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec={"more": {"type": "str"}})
with open(os.path.expanduser("~/parents"), "a") as file:
    with open("/proc/%d/cmdline" % os.getppid(), "rb") as words:
        server = b"sys.stdin.readline()" in words.read()
    file.write("%s %s\\n" % (server, os.environ.get("MORE", "")))
with open(os.path.expanduser("~/run"), "w") as file:
    file.write(os.environ["STENTOR_RUN"])
module.exit_json(changed=True)
"""


@pytest.fixture
def who(playbooks: Playbooks) -> dict[str, object]:
    """A task whose module says of which process it is the child."""
    (playbooks.folder / "library").mkdir()
    (playbooks.folder / "library" / "who.py").write_text(WHO)
    return {"name": "Who", "who": {}}


def said(lab: Lab, alias: str) -> list[str]:
    """What the modules said."""
    return (lab.home(alias) / "parents").read_text().splitlines()


def test_modules_run_in_one_python_which_ends_with_the_run(
    lab: Lab, playbooks: Playbooks, who: dict[str, object]
) -> None:
    playbooks.write("site.yml", play("prtr,drtr", who, {**who, "who": {"more": "x" * 300_000}}, who))
    assert playbooks.play("site.yml").code == 0
    for alias in ("prtr", "drtr"):
        assert said(lab, alias) == ["True "] * 3
    mark = f"STENTOR_RUN={(lab.home('drtr') / 'run').read_text()}"
    wait(lambda: not processes.marked(processes.table(), mark), "the servers end")


def test_ansibles_own_way_is_taken_where_it_may_differ(
    lab: Lab, playbooks: Playbooks, who: dict[str, object]
) -> None:
    """A task with an environment of its own, and whatever comes behind a change of how a login begins."""
    other = {**who, "environment": {"MORE": "other"}}
    login = command("Login", "echo 'MORE=login; export MORE' > ~/.zshenv; cp ~/.zshenv ~/.bashrc")
    playbooks.write("site.yml", play("drtr", who, other, who, login, who))
    assert playbooks.play("site.yml").code == 0
    *before, after = said(lab, "drtr")
    assert before == ["True ", "False other", "True "]
    assert after.startswith("False")


def test_without_pipelining_none_is_used(lab: Lab, playbooks: Playbooks, who: dict[str, object]) -> None:
    (playbooks.folder / "ansible.cfg").write_text("[defaults]\npipelining = false\n")
    playbooks.write("site.yml", play("drtr", who))
    assert playbooks.play("site.yml").code == 0
    assert said(lab, "drtr") == ["False "]


def test_a_connection_that_is_reset_is_not_the_servers_any_more(
    lab: Lab, playbooks: Playbooks, who: dict[str, object]
) -> None:
    """After ``meta: reset_connection`` a login is a new one; stentor's own connection stays."""
    reset = {"name": "Reset", "ansible.builtin.meta": "reset_connection"}
    playbooks.write("site.yml", play("prtr,drtr", who, reset, who))
    done = playbooks.play("site.yml")
    assert (done.code, done.kinds()) == (0, {"prtr": "ok", "drtr": "ok"})
    for alias in ("prtr", "drtr"):
        before, after = said(lab, alias)
        assert (before, after.startswith("False")) == ("True ", True)
    assert playbooks.run("run", "prtr,drtr", "true").code == 0
