"""Files in a home that belong to another account, which an ordinary user cannot give back to it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, START, Answer, Home
from tests.support import need_root

pytestmark = pytest.mark.integration

USER, GROUP, OTHER = 5432, 5433, 4321
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", f"--groups={GROUP}"]


class Account(Home):
    """A home of an ordinary user, who is in a second group."""

    def as_user(self, verb: str, **options: str) -> Answer:
        words = [f"{name}={text}" for name, text in {"branch": "main", "token": "t", **options}.items()]
        done = subprocess.run(
            [*AS_USER, "sh", "-c", START, "stentor", verb, *words],
            input=program.compose(facts=FACTS),
            env=self.environment,
            capture_output=True,
            text=True,
        )
        return Answer(done.returncode, done.stdout.splitlines(), done.stderr)

    def to_user(self) -> None:
        subprocess.run(["chown", "-R", f"{USER}:{USER}", self.home, self.remote], check=True)


@pytest.fixture
def account() -> Iterator[Account]:
    need_root()
    # Not below pytest's own folder: nobody else may look into that.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        made = Account(folder)
        made.signers = f"{folder}/gitconfig"
        made.write(made.signers, "[safe]\ndirectory = *\n")
        made.commit({"dot_x": "1\n"})
        made.to_user()
        yield made
        made.kill_all()


def owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


@pytest.mark.parametrize("way", ["revert", "rollback"])
def test_a_file_of_another_that_the_change_replaces_comes_back_but_for_its_owner(
    account: Account, way: str
) -> None:
    """The plan says so; the revert has not failed, and a rollback is not refused for ever."""
    tool, shared = Path(account.home, ".toolrc"), Path(account.home, ".shared")
    for path in (tool, shared):
        path.write_text("before\n")
    os.chown(tool, OTHER, OTHER)
    os.chown(shared, USER, GROUP)
    before = account.manifest()
    rev = account.commit({"dot_toolrc": "after\n", "dot_shared": "after\n"})
    plan = account.as_user("plan", rev=rev, remote=account.remote)
    assert plan.all("owner") == [".toolrc"], plan
    begun = account.as_user("begin", op="one", rev=rev, remote=account.remote, take="existing")
    assert (begun.all("begun"), begun.all("owner")) == (["one"], [".toolrc"]), begun
    assert (tool.read_text(), owner(tool)) == ("after\n", (USER, USER))
    if way == "revert":
        ended = account.as_user("revert", op="one")
        assert (ended.all("state"), ended.all("left")) == (["reverted"], []), ended
    else:
        assert account.as_user("confirm", op="one").all("state") == ["confirmed"]
        back = account.as_user("rollback", op="two")
        assert (back.all("begun"), back.all("reverted")) == (["two"], []), back
        assert account.as_user("confirm", op="two").all("state") == ["confirmed"]
    found = account.manifest()
    assert {key for key in {*found, *before} if found.get(key) != before.get(key)} == set()
    assert (owner(tool), owner(shared)) == ((USER, USER), (USER, GROUP))


def test_a_file_of_another_that_the_change_leaves_alone_stays_as_it_is(account: Account) -> None:
    folder = Path(account.home, ".config/htop")
    folder.mkdir(parents=True)
    (folder / "htoprc").write_text("root's\n")
    account.to_user()
    for path in (folder, folder / "htoprc"):
        os.chown(path, OTHER, OTHER)
    (folder / "htoprc").chmod(0o600)
    before = account.manifest()
    rev = account.commit({"dot_x": "2\n", "dot_config/other": "1\n"})
    begun = account.as_user("begin", op="one", rev=rev, remote=account.remote, take="existing")
    assert (begun.all("begun"), begun.all("owner")) == (["one"], []), begun
    ended = account.as_user("revert", op="one")
    assert (ended.all("state"), ended.all("left")) == (["reverted"], []), ended
    assert account.manifest() == before
    assert owner(folder / "htoprc") == (OTHER, OTHER)
