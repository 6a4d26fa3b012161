"""What a node has, and what it therefore lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import UsageError
from stentor.transfer.plan import (
    RSYNC_FROM,
    Entry,
    Need,
    There,
    attributes,
    by_rsync,
    check,
    doubtful,
    folders_above,
    needs,
    parse_look,
)

FOLDER = Entry("a", "directory", 0o755, 10)
FILE = Entry("a/f", "file", 0o644, 100, 5)
LINK = Entry("a/l", "link", 0o777, 100, target="f x")
TREE = (FOLDER, FILE, LINK)
HEAD = "base yes\nsums sha256sum\ntool rsync\ntool tar\n"


def test_answer_of_a_node_is_parsed() -> None:
    look = parse_look(HEAD + "part abc 12\npart abc 30\nd 0\nf 1\nl 2 f x\ns 4096 10 755\ns 5 100 644\n")
    assert (look.base, look.sums, look.rsync, look.tar) == (True, "sha256sum", True, True)
    assert look.parts == {"abc": 30}
    assert look.there == {
        0: There("directory", 4096, 10, 0o755),
        1: There("file", 5, 100, 0o644),
        2: There("link", target="f x"),
    }
    assert needs(TREE, look, {}) == Need()


@given(st.text(alphabet="bdflos-part sum0123456789 \n", max_size=200))
def test_malformed_answers_are_ignored(text: str) -> None:
    look = parse_look(text)
    if look.there.get(1) != There("file", 5, 100, 0o644):
        assert 1 in needs((FOLDER, FILE), look, {}).send or needs((FOLDER, FILE), look, {}) != Need()


def test_answer_with_a_wrong_count_is_ignored() -> None:
    look = parse_look(HEAD + "d 0\nf 1\ns 5 100 644\n")
    assert 1 in needs((FOLDER, FILE), look, {}).send


def test_size_and_time_decide_and_contents_where_only_the_time_differs() -> None:
    older = parse_look(HEAD + "d 0\nf 1\ns 0 10 755\ns 5 99 600\n")
    assert doubtful((FOLDER, FILE), older) == [1]
    assert needs((FOLDER, FILE), older, {1: True}) == Need(modes=(1,))
    assert needs((FOLDER, FILE), older, {1: False}) == Need(send=(1,))
    same = parse_look(HEAD + "d 0\nf 1\ns 0 10 755\ns 5 100 644\n")
    assert doubtful((FOLDER, FILE), same) == []
    assert doubtful((FOLDER, FILE), same, always=True) == [1]
    assert needs((FOLDER, FILE), same, {1: False}, always=True) == Need(send=(1,))
    other = parse_look(HEAD + "d 0\nf 1\ns 0 10 755\ns 6 100 644\n")
    assert needs((FOLDER, FILE), other, {}) == Need(send=(1,))


def test_a_directory_and_a_file_do_not_replace_each_other() -> None:
    assert needs((FOLDER,), parse_look("f 0\ns 1 1 644\n"), {}).refused == "a is no directory there"
    assert "is a directory there" in needs((FILE,), parse_look("d 0\ns 1 1 755\n"), {}).refused


def test_rsync_is_used_for_large_files_of_similar_size() -> None:
    large = FILE._replace(size=RSYNC_FROM)
    there = There("file", RSYNC_FROM - 1)
    assert by_rsync(large, there, here=True, on_node=True)
    assert not by_rsync(large, there, here=False, on_node=True)
    assert not by_rsync(large, there, here=True, on_node=False)
    assert not by_rsync(large, There("none"), here=True, on_node=True)
    assert not by_rsync(large, There("file", 10), here=True, on_node=True)
    assert not by_rsync(FILE, There("file", 5), here=True, on_node=True)


def test_colliding_and_outside_names_are_refused() -> None:
    with pytest.raises(UsageError, match="two sources"):
        check((FILE, FILE))
    for name in ("..", "../x", "/x"):
        with pytest.raises(UsageError, match="cannot be sent"):
            check((FILE._replace(name=name),))


def test_times_of_folders_come_after_what_is_put_into_them() -> None:
    deep = (FOLDER, Entry("a/b", "directory", 0o700, 20), Entry("a/b/f", "file", 0o600, 30, 1))
    assert folders_above(deep, [2]) == (0, 1)
    text = attributes(deep, repr, str)
    assert text.index("a/b/f") < text.index("'./a/b'") < text.index("'./a'")
    assert "chmod 700 './a/b'" in text
