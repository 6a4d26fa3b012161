"""What a node has, and what it therefore lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import UsageError
from stentor.transfer.plan import (
    RESUME_FROM,
    RSYNC_FROM,
    Entry,
    Look,
    Need,
    There,
    attributes,
    by_rsync,
    check,
    doubtful,
    folders_above,
    needs,
    parse_look,
    top,
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


def test_files_that_look_alike_are_compared_only_where_all_are() -> None:
    look = parse_look("")._replace(alike=b"\1\0")
    assert doubtful((FILE, FILE), look) == []
    assert doubtful((FILE, FILE), look, always=True) == [0]


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


def test_many_are_told_by_their_names() -> None:
    numbers = {"./a": 0, "./a/f": 1, "./a/l": 2, "./a -> b": 3, "./p": 4, "./gone": 5, "./it's": 6}
    text = HEAD + "t 41ed 4096 10 ./a\nt 81a4 5 100 ./a/f\nt a1ff 3 9 ./a/l -> f x\n"
    text += "t a1ff 6 9 ./a -> b -> c -> d\nt 11a4 0 9 ./p\nt 81a4 5 1 ./foreign\nt 81ed 1 2 ./it's\n"
    assert parse_look(text, numbers).there == {
        0: There("directory", 4096, 10, 0o755),
        1: There("file", 5, 100, 0o644),
        2: There("link", target="f x"),
        3: There("link", target="c -> d"),
        4: There("other", 0, 9, 0o644),
        6: There("file", 1, 2, 0o755),
    }
    quoted = "t a1ff 3 9 './a/l' -> 'f x'\nt a1ff 6 9 './a -> b' -> 'c -> d'\n"  # busybox
    assert {n: there.target for n, there in parse_look(quoted, numbers).there.items()} == {
        2: "f x",
        3: "c -> d",
    }


def test_what_a_broken_off_copy_left_hides_nothing_that_is_there() -> None:
    look = parse_look(HEAD + "part abc 12\nt 81a4 5 100 ./a\n", {"./a": 0})
    assert (look.parts, look.there) == ({"abc": 12}, {0: There("file", 5, 100, 0o644)})


@pytest.mark.parametrize(
    "line",
    [
        "t",
        "t 81a4",
        "t zz 1 2 ./a",
        "t 81a4 x 2 ./a",
        "t a1ff 1 1 ./a",
        "t a1ff 0 1 ./b -> ",
        "t a1ff 3 9 ./a => b c",
    ],
)
def test_what_stat_did_not_say_is_ignored(line: str) -> None:
    assert parse_look(HEAD + line + "\n", {"./a": 0}).there == {}


def test_what_comes_behind_the_lines_of_stat_is_read_too() -> None:
    look = parse_look("base yes\nt 81a4 5 100 ./a\nsums sha256sum\ntool tar\n", {"./a": 0})
    assert (look.there[0].kind, look.sums, look.tar) == ("file", "sha256sum", True)


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
    for name in ("a/./f", "a//f", "./a/f", "a/b/../f"):
        with pytest.raises(UsageError, match="two sources"):
            check((FILE, FILE._replace(name=name)))
    check((FILE, FILE._replace(name="a/.f"), FILE._replace(name="a/f.d")))


def test_times_of_folders_come_after_what_is_put_into_them() -> None:
    deep = (FOLDER, Entry("a/b", "directory", 0o700, 20), Entry("a/b/f", "file", 0o600, 30, 1))
    assert folders_above(deep, [2]) == (0, 1)
    odd = (LINK, Entry("odd\\\n ", "file", 0o600, 30, 1))
    assert attributes((*deep, *odd), str) == "600 30 a/b/f/\n700 20 a/b/\n755 10 a/\n600 30 odd\\\\\\n /\n"


def test_entry_by_default_is_empty() -> None:
    assert Entry("a", "file", 0o644, 1) == ("a", "file", 0o644, 1, 0, "", "")
    assert There("file") == ("file", 0, 0, 0, "")
    assert Need() == ((), (), "")
    assert (RSYNC_FROM, RESUME_FROM) == (8388608, 65536)


def test_answer_of_an_empty_node_has_nothing() -> None:
    assert parse_look("") == Look(False, "", False, False, {}, {}, "")


def test_holder_of_the_lock_is_passed_on_as_it_was_said() -> None:
    assert parse_look("held token 5 eve@other copy\n").held == "held token 5 eve@other copy"


def test_kinds_of_what_is_there() -> None:
    look = parse_look("- 0\no 1\nl 2 a b\nl x y\n- x\npart k 0\npart k2 x\n")
    assert look.there == {0: There("none"), 1: There("other"), 2: There("link", target="a b")}
    assert look.parts == {"k": 0}


def test_times_and_modes_are_read_as_stat_writes_them() -> None:
    look = parse_look("f 0\nf 1\nf 2\nf 3\ns 5 12.75 644\ns 5 -3 0\ns 5 ? 755\ns 5 1 \n")
    assert [look.there[n][1:4] for n in range(4)] == [(5, 12, 0o644), (5, -3, 0), (5, -1, 0o755), (5, 1, 0)]
    every = parse_look("f 0\ns 5 1 01234567\n")
    assert every.there[0].mode == 0o1234567


@pytest.mark.parametrize("line", ["s x 1 644", "s 5 1 9", "s 5 1 6x4"])
def test_malformed_stat_leaves_everything_unknown(line: str) -> None:
    assert parse_look(f"f 0\n{line}\n").there == {0: There("file", -1, -1)}


def test_what_is_not_there_is_sent_and_the_rest_is_looked_at() -> None:
    assert needs(TREE, parse_look("- 0\n- 1\n- 2\n"), {}) == Need(send=(0, 1, 2))
    assert needs(TREE, parse_look(""), {}) == Need(send=(0, 1, 2))
    assert doubtful(TREE, parse_look("")) == []


def test_mode_of_a_directory_and_a_file_alone_is_set() -> None:
    look = parse_look("d 0\nf 1\nl 2 f x\ns 0 10 700\ns 5 100 600\n")
    assert needs(TREE, look, {}) == Need(modes=(0, 1))


@pytest.mark.parametrize("there", ["l 0 other", "f 0\ns 5 100 644", "- 0"])
def test_link_that_points_elsewhere_is_sent(there: str) -> None:
    assert needs((LINK,), parse_look(there), {}) == Need(send=(0,))


def test_link_that_points_there_is_not_sent() -> None:
    assert needs((LINK, FILE), parse_look("l 0 f x\n- 1\n"), {}) == Need(send=(1,))
    assert needs((LINK,), parse_look("f 0\ns 3 100 644"), {0: True}) == Need(send=(0,))


def test_other_kinds_in_the_way_are_refused() -> None:
    assert needs((FOLDER,), parse_look("o 0\n"), {}).refused == "a is no directory there"
    inside = parse_look("d 0\ns 1 1 755\n")
    assert needs((FILE,), inside, {}).refused == "a/f is a directory there"
    assert needs((FILE._replace(name=""),), inside, {}).refused == "the destination is a directory there"


def test_file_of_the_same_size_is_the_same_only_at_the_same_time() -> None:
    same, older = (parse_look(f"f 0\ns 5 {time} 644\n") for time in (100, 99))
    assert needs((FILE,), same, {}) == Need()
    assert needs((FILE,), same, {}, always=True) == Need(send=(0,))
    assert needs((FILE,), older, {}) == Need(send=(0,))
    assert needs((FILE,), older, {}, always=True) == Need(send=(0,))


@pytest.mark.parametrize(
    ("size", "worth"),
    [
        (RSYNC_FROM // 2 - 1, False),
        (RSYNC_FROM // 2, True),
        (RSYNC_FROM * 2, True),
        (RSYNC_FROM * 2 + 1, False),
    ],
)
def test_rsync_is_worth_it_between_half_and_twice_the_size(size: int, worth: bool) -> None:
    large = FILE._replace(size=RSYNC_FROM)
    assert by_rsync(large, There("file", size), here=True, on_node=True) == worth
    assert not by_rsync(large._replace(size=RSYNC_FROM - 1), There("file", size), here=True, on_node=True)
    assert not by_rsync(LINK._replace(size=RSYNC_FROM), There("file", size), here=True, on_node=True)


def test_only_folders_above_what_was_chosen_are_touched() -> None:
    tree = (FOLDER, Entry("b", "directory", 0o700, 20), FILE, Entry("a", "file", 0o600, 1))
    assert folders_above(tree, [2]) == (0,)
    assert folders_above(tree, [3]) == ()


def test_no_link_is_taken_for_a_directory() -> None:
    look = Look(True, "sha256sum", False, True, {0: There("link", target="/etc")}, {})
    assert needs((FOLDER,), look, {}).refused.startswith("a is a link there, to '/etc': copy to the place")


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (There("link", target="/etc/passwd"), "is a link there, to '/etc/passwd': copy to the place"),
        (There("other"), "is a device, a socket or a pipe there; it is not replaced"),
    ],
)
@pytest.mark.parametrize("always", [False, True])
def test_no_file_replaces_a_link_or_a_device(there: There, said: str, always: bool) -> None:
    file = Entry("f", "file", 0o644, 100, 3)
    look = Look(True, "sha256sum", False, True, {0: there}, {})
    assert said in needs((file,), look, {}, always=always).refused


def test_only_the_contents_of_files_are_compared() -> None:
    there = {
        0: There("file", 5, 99, 0o644),
        1: There("directory", 5, 99, 0o755),
        2: There("file", 5, 99, 0o644),
    }
    link = LINK._replace(size=5)
    assert doubtful((FILE, FILE, link), parse_look(HEAD)._replace(there=there)) == [0]


def test_top_is_the_name_that_all_others_are_in() -> None:
    assert top(["a", "a/b", "a/b/c", "a/d"]) == "a"
    assert top(["a", "a/b", "a2/c"]) == top(["a", "a2"]) == top(["b", "a/b"]) == top(["a"]) == ""
