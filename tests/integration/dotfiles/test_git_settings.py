"""The account's own settings of git and of other programs change nothing of what comes of the dotfiles."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, Home

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(str(tmp_path))
    made.commit({"dot_first": "1\n"})
    made.clone()
    return made


def clone_of(home: Home) -> str:
    return os.path.join(home.home, ".local/share/chezmoi")


def configure(home: Home, text: str) -> None:
    """Give the account this global configuration of git."""
    home.signers = os.path.join(home.folder, "gitconfig")
    home.write(home.signers, text)


@pytest.mark.parametrize("style", ["long-iso", "+%F"])
def test_a_link_of_the_same_length_comes_back_however_ls_writes_clocks(home: Home, style: str) -> None:
    home.extra = {"TIME_STYLE": style}
    assert home.begin(home.commit({"symlink_dot_now": "v1.2\n"}), op="one").all("begun") == ["one"]
    home.confirm("one")
    assert home.begin(home.commit({"symlink_dot_now": "v1.3\n"}), op="two").all("begun") == ["two"]
    home.confirm("two")
    assert home.run("rollback", op="back", to="two", token="t").all("begun") == ["back"]
    assert os.readlink(os.path.join(home.home, ".now")) == "v1.2"


def test_a_cdpath_leads_to_no_other_repository(home: Home) -> None:
    os.makedirs(os.path.join(home.home, "projects/.git"))
    home.extra = {"CDPATH": f"{home.home}/projects:."}
    rev = home.commit({"dot_hello": "hello\n"})
    assert " A .hello" in home.run("plan", rev=rev).all("change")
    home.begin(rev)
    kept = Path(home.state("pending"), "clone/whole").read_text()
    assert kept == f"repo .{clone_of(home)}/.git\n"


def test_a_fetch_that_prunes_leaves_the_clones_own_tags(home: Home) -> None:
    configure(home, "[fetch]\n\tprune = true\n\tpruneTags = true\n")
    home.git("tag", "mine", cwd=clone_of(home))
    home.git("tag", "theirs")
    home.git("push", "-q", "origin", "theirs")
    assert home.begin(home.commit({"dot_hello": "hello\n"}), remote=home.remote).all("begun") == ["op1"]
    assert home.git("tag", cwd=clone_of(home)).split() == ["mine", "theirs"]


def test_what_was_sent_along_is_taken_where_git_may_fetch_from_https_alone(home: Home) -> None:
    rev = home.commit({"dot_hello": "hello\n"})
    bundle = os.path.join(home.folder, "bundle")
    home.git("bundle", "create", "-q", bundle, "main")
    configure(home, '[protocol]\n\tallow = never\n[protocol "https"]\n\tallow = always\n')
    text = program.compose(facts=FACTS, bundle=bundle)
    assert " A .hello" in home.run("plan", rev=rev, text=text).all("change")
    assert home.begin(rev, text=text).all("begun") == ["op1"]


def test_what_is_not_committed_is_seen_where_status_shows_no_untracked_files(home: Home) -> None:
    configure(home, "[status]\n\tshowUntrackedFiles = no\n")
    home.write(os.path.join(clone_of(home), "dot_mine"), "mine\n")
    rev = home.commit({"dot_hello": "hello\n"})
    assert home.run("status", rev=rev).all("uncommitted") == ["?? dot_mine"]
    assert home.begin(rev).all("conflict") == ["source dot_mine"]


def test_what_is_not_committed_is_seen_where_chezmoiroot_is_empty(home: Home) -> None:
    rev = home.commit({".chezmoiroot": "\n"})
    home.git("pull", "-q", cwd=clone_of(home))
    home.write(os.path.join(clone_of(home), "dot_first"), "mine\n")
    answer = home.run("status", rev=rev)
    assert answer.all("source") == [f"{rev} main {clone_of(home)}"]
    assert answer.all("uncommitted") == [" M dot_first"]
    assert home.begin(home.commit({"dot_hello": "hello\n"})).all("conflict") == ["source dot_first"]


@pytest.mark.parametrize("verb", ["plan", "begin", "status"])
def test_a_clone_of_which_git_cannot_tell_what_is_edited_is_refused(home: Home, verb: str) -> None:
    """chezmoi update ends there, too: git takes no folder for the file of what it ignores."""
    rev = home.commit({"dot_hello": "hello\n"})
    home.write(os.path.join(clone_of(home), "dot_first"), "mine\n")
    os.makedirs(os.path.join(home.home, ".config/git/ignore"))
    head = home.run("status", rev=rev).all("source")[0].split()[0]
    answer = home.run(verb, rev=rev, op="op1", token="t", branch="main")
    why = f"fatal: cannot use {home.home}/.config/git/ignore as an exclude file"
    if verb == "status":
        assert answer.all("source") == [f"{head} detached {clone_of(home)}"]
        assert (len(head), answer.all("stderr")) == (40, [why])
        return
    assert f"source {clone_of(home)}: git cannot tell what is edited there ({why})" in answer.all("conflict")
    assert answer.code == 3
    assert not os.path.exists(os.path.join(home.home, ".first"))


def test_settings_for_the_folder_of_the_clone_are_taken(home: Home) -> None:
    """A short name of the remote, which git knows in that folder alone."""
    more = os.path.join(home.folder, "more")
    home.write(more, f'[url "file://{home.folder}/"]\n\tinsteadOf = mine:\n')
    configure(home, f'[includeIf "gitdir:{clone_of(home)}/"]\n\tpath = {more}\n')
    home.git("remote", "set-url", "origin", "mine:remote.git", cwd=clone_of(home))
    rev = home.commit({"dot_hello": "hello\n"})
    assert " A .hello" in home.run("plan", rev=rev, remote="mine:remote.git").all("change")


def test_an_edit_is_told_as_git_apply_takes_it_however_differences_are_shown(home: Home) -> None:
    rev = home.commit({"dot_config/app": "1\n2\n3\n"})
    home.begin(rev)
    home.confirm()
    configure(home, "[diff]\n\tnoprefix = true\n\tcontext = 0\n")
    home.write(os.path.join(home.home, ".config/app"), "1\n2\nthree\n")
    patch = b64decode("".join(home.run("adopt", ".config/app").all("patch")))
    subprocess.run(["git", "apply", "--index", "-"], cwd=home.work, input=patch, check=True)
    assert Path(home.work, "dot_config/app").read_text() == "1\n2\nthree\n"


@pytest.mark.parametrize("name", ["notes of mine", "drafts/one"])
def test_a_rollback_leaves_what_the_clone_has_besides(home: Home, name: str) -> None:
    home.begin(home.commit({"dot_first": "2\n"}), op="one", take="existing")
    home.confirm("one")
    home.write(os.path.join(clone_of(home), name), "mine\n")
    assert home.run("rollback", op="back", to="one", token="t").all("begun") == ["back"]
    assert Path(clone_of(home), name).read_text() == "mine\n"


@pytest.mark.parametrize("clones", ["path", "alias"])
def test_remote_branch_follows_where_the_fleet_names_the_remote_by_an_alias_of_git(
    home: Home, clones: str
) -> None:
    alias = f"gh:me/{os.path.basename(home.remote)}"
    configure(home, f'[url "{home.folder}/"]\n\tinsteadOf = gh:me/\n')
    if clones == "alias":
        home.git("remote", "set-url", "origin", alias, cwd=clone_of(home))
    rev = home.commit({"dot_hello": "hello\n"})
    assert home.begin(rev, remote=alias).all("begun") == ["op1"]
    assert home.git("rev-parse", "origin/main", cwd=clone_of(home)) == rev


@pytest.mark.parametrize("has_clone", [True, False])
def test_repositories_have_the_format_of_the_revision(home: Home, has_clone: bool) -> None:
    if not has_clone:
        shutil.rmtree(clone_of(home))
    rev = home.commit({"dot_hello": "hello\n"})
    home.extra = {"GIT_DEFAULT_HASH": "sha256"}  # init.defaultObjectFormat, which is newer than Debian 12
    assert home.run("plan", rev=rev, remote=home.remote).all("end") == ["0"]
    assert home.begin(rev, remote=home.remote).all("begun") == ["op1"]
    assert home.git("rev-parse", "HEAD", cwd=clone_of(home)) == rev
    assert home.git("rev-parse", "--show-object-format", cwd=home.state("repo.git")) == "sha1"
