"""A node's own edit becomes a commit in the operator's clone, by the real chezmoi there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stentor import Fleet
from stentor.errors import Refused
from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.practice import Home, manifest

pytestmark = pytest.mark.integration

MORE = {
    "dot_rc.d/one": "1\n2\n3\n4\n5\n6\n7\n",
    "dot_plain": "plain\n",
    "symlink_dot_link": "one\n",
    "create_dot_once": "once\n",
    "dot_token.tmpl": "{{ .stentor.alias }}\n",
    "encrypted_dot_key.age": "none\n",
}
CONFIG = ".config/chezmoi/chezmoi.toml"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """With hooks, and with settings by which chezmoi would commit and push."""
    made = Home(str(tmp_path))
    made.commit({name: text for name, text in MORE.items() if "encrypted" not in name})
    made.clone()
    made.chezmoi("apply")
    made.commit(MORE)
    made.git("pull", "-q", cwd=os.path.join(made.home, ".local/share/chezmoi"))
    hook = f'[hooks.%s.pre]\ncommand = "touch"\nargs = ["{tmp_path}/hooked"]\n'
    config = 'encryption = "age"\n[git]\nautoAdd = true\nautoCommit = true\nautoPush = true\n'
    hooks = "".join(hook % name for name in ("re-add", "read-source-state", "source-path"))
    made.write(os.path.join(made.home, CONFIG), config + hooks)
    return made


def test_nothing_is_changed_on_the_node(home: Home, tmp_path: Path) -> None:
    edited = Path(home.home, ".rc.d/one")
    edited.write_text(edited.read_text() + "mine\n")
    before, pushed = manifest(home.home), home.git("rev-parse", "main", cwd=home.remote)
    answer = home.run("adopt", ".rc.d/one")
    assert (answer.code, bool(answer.all("patch"))) == (0, True), answer
    assert manifest(home.home) == before
    clone = os.path.join(home.home, ".local/share/chezmoi")
    assert home.git("status", "--porcelain", cwd=clone) == ""
    assert (
        home.git("rev-parse", "HEAD", cwd=clone) == pushed == home.git("rev-parse", "main", cwd=home.remote)
    )
    assert not (tmp_path / "hooked").exists()


def test_an_edit_is_adopted_after_a_change_by_stentor(tmp_path: Path) -> None:
    """Which notes what chezmoi said of its settings."""
    home = Home(str(tmp_path))
    rev = home.commit({"dot_plain": "plain\n"})
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert home.confirm().code == 0
    home.write(os.path.join(home.home, ".plain"), "mine\n")
    answer = home.run("adopt", ".plain")
    assert (answer.code, bool(answer.all("patch"))) == (0, True), answer
    home.kill_all()


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (".rc.d/one", "same"),
        (".token", "template dot_token.tmpl is a template"),
        (".key", "encrypted encrypted_dot_key.age is encrypted"),
        (".once", "left"),
        (".link", "no-file"),
        (".rc.d", "no-file"),
        (".nowhere", "no-file"),
        (CONFIG, "unmanaged"),
    ],
)
def test_what_cannot_be_adopted_is_refused_with_the_reason(home: Home, file: str, says: str) -> None:
    for name in (".token", ".key", ".once"):
        home.write(os.path.join(home.home, name), "mine\n")
    answer = home.run("adopt", file)
    assert answer.code == 3, answer
    (refused,) = answer.all("refused")
    assert refused.startswith(says)


def test_an_edit_becomes_a_commit_here(dotfiles: Dotfiles) -> None:
    dotfiles.commit(MORE)
    dotfiles.git("config", "user.name", "n")
    dotfiles.git("config", "user.email", "n@example.org")
    clone = dotfiles.lab.home("drtr") / ".local/share/chezmoi"
    dotfiles.git("clone", "-q", str(dotfiles.clone), str(clone))
    one, two = dotfiles.lab.home("drtr") / ".rc.d/one", dotfiles.clone / "dot_rc.d/one"
    one.parent.mkdir()
    one.write_text("1\n2\n3\n4\n5\n6\n7\nmine \udce4\n", errors="surrogateescape")
    one.chmod(0o755)
    rev = dotfiles.commit({"dot_rc.d/one": "first\n2\n3\n4\n5\n6\n7\n"})
    words = ("drtr", ".rc.d/one", "-m", "Mine", "--source", str(dotfiles.clone))

    def adopt(*more: str):  # type: ignore[no-untyped-def]
        return dotfiles.stentor("dotfiles", "adopt", *words, *more)

    unasked = adopt()
    assert (unasked.code, "not confirmed: no terminal to ask on" in unasked.stderr) == (6, True), unasked
    assert "+mine" in adopt("--dry-run").stdout
    two.write_text("mine, too\n")
    assert "dot_rc.d/one is edited in the clone here" in adopt("--yes").stderr
    dotfiles.git("checkout", "-q", "dot_rc.d/one")
    assert dotfiles.git("rev-parse", "HEAD") == rev

    (dotfiles.clone / "other").write_text("not to be committed\n")
    dotfiles.git("add", "other")
    said = adopt("--yes")
    assert (said.code, "drtr: committed " in said.stdout) == (0, True), said
    assert dotfiles.git("show", "--name-status", "--no-renames", "--format=%s %P") == (
        f"Mine {rev}\n\nA\tdot_rc.d/executable_one\nD\tdot_rc.d/one"
    )
    moved = dotfiles.clone / "dot_rc.d/executable_one"
    assert moved.read_bytes() == b"first\n2\n3\n4\n5\n6\n7\nmine \xe4\n", "on top of what was changed here"
    assert dotfiles.git("status", "--porcelain") == "A  other"
    assert dotfiles.git("status", "--porcelain", cwd=clone) == ""
    assert "stentor dotfiles adopt" not in said.stderr
    found = dotfiles.stentor("history", "--json")
    assert '"subcommand":"dotfiles adopt"' in found.stdout.replace(": ", ":")

    one.write_text("1\n")
    refused = adopt("--yes")
    assert "drtr's edit does not fit the clone here" in refused.stderr, refused
    selection = Fleet.open(str(dotfiles.lab.fleet_dir), environ=dotfiles.environ).select("drtr")
    with pytest.raises(Refused):
        selection.dotfiles.adopt(".rc.d/one", "Mine", source=str(dotfiles.clone))
    (dotfiles.lab.home("drtr") / ".plain").write_text("edited\n")
    found = selection.dotfiles.adopt(".plain", "By a program", source=str(dotfiles.clone))
    assert found.ok, found
    assert dotfiles.git("log", "-1", "--format=%s") == "By a program"
