"""What is lost with a path, in words."""

from __future__ import annotations

import pytest

from stentor.guard.paths import readings, whole_tree
from stentor.guard.words import COMPUTED


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        ("/", "everything"),
        ("/*", "everything"),
        ("/var/lib/rpm", "the list of what is installed"),
        ("/var/lib/docker/*", "every container and volume"),
        ("/var/lib/lxd", "every container and machine"),
        ("/var/lib/incus", "every container and machine"),
        ("/var/spool/cron", "everybody's cron jobs"),
        ("/home", "every home directory"),
        ("/Users", "every home directory"),
        ("/home/me", "a whole home directory"),
        ("/root", "a whole home directory"),
        ("~", "your home directory on the node"),
        ("~me", "a whole home directory"),
        ("/srv", "all of /srv"),
        ("/srv/www/old", ""),
        ("~/src", ""),
    ],
)
def test_what_is_lost_with_a_tree_is_said(path: str, lost: str) -> None:
    assert whole_tree(path) == lost


@pytest.mark.parametrize(("path", "lost"), [("/etc/ssh/*", "the ssh server's files"), ("/etc/ssh", "")])
def test_without_recursion_only_all_of_a_folder_counts(path: str, lost: str) -> None:
    assert whole_tree(path, contents_only=True) == lost


def test_below_a_folder_that_is_not_known_a_path_may_be_at_home() -> None:
    assert [path for path, _ in readings("a", (COMPUTED,))] == ["~/a", "~/x/a"]
    assert [path for path, _ in readings("../b", ("/srv/a", "~"))] == ["/srv/b", "/home/b"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("../X", "/home/X"),
        ("..", "/home"),
        ("../../etc", "/etc"),
        ("a/../b", "~/b"),
        ("~you/../a", "/home/a"),
    ],
)
def test_above_the_login_directory_are_the_homes(text: str, path: str) -> None:
    assert readings(text, ("~",)) == [(path, "")]


@pytest.mark.parametrize("path", ["/*", "/*/*", "/**/.*", "~/*/*"])
def test_patterns_of_everything_mean_the_folder_in_which_they_begin(path: str) -> None:
    assert whole_tree(path) == whole_tree(path[0])
