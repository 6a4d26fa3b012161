"""Which push is rolled out: the newest by history, whatever the order of the deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from stentor.hooks.merge import choose
from stentor.hooks.queue import Delivered


class Graph:
    """A history: each commit's parents; the branch's head."""

    def __init__(self, parents: Mapping[str, Sequence[str]], head: str) -> None:
        self.parents = parents
        self.head = head

    def on_branch(self, commit: str) -> bool:
        """As of the repository."""
        return self.older(commit, self.head)

    def newest(self, commits: Iterable[str]) -> str:
        """As of the repository."""
        some = list(commits)
        return next(one for one in some if not any(one != other and self.older(one, other) for other in some))

    def older(self, one: str, other: str) -> bool:
        """As of the repository."""
        if one not in self.parents or other not in self.parents:
            return False
        return one == other or any(self.older(one, parent) for parent in self.parents[other])


def push(number: int, before: str, after: str) -> Delivered:
    """A delivery that waits."""
    return Delivered(
        *(number, "dotfiles", 0.0, str(number), "gitea", "push", "refs/heads/main", before, after),
        *("running", "", 1, 0, 0.0, None, 0),
    )


LINE = Graph({"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}, "d")
REWRITTEN = Graph({"a": [], "x": ["a"], "y": ["x"]}, "y")


@given(st.permutations([push(1, "a", "b"), push(2, "b", "c"), push(3, "c", "d")]))
def test_the_newest_is_chosen_in_any_order(pushes: list[Delivered]) -> None:
    found = choose(pushes, LINE)
    if found.newest is None:  # the first to come says that the branch was at the newest already
        assert found.rewritten
        return
    assert found.newest.after == "d"
    assert len(found.merged) == 2


def test_a_commit_that_is_not_on_the_branch_is_not_rolled_out() -> None:
    found = choose([push(1, "a", "b"), push(2, "b", "z")], LINE)
    assert found.newest is not None
    assert found.newest.after == "b"
    assert [one.after for one in found.absent] == ["z"]
    assert choose([push(1, "a", "z")], LINE).newest is None


def test_history_that_was_rewritten_is_not_rolled_out() -> None:
    found = choose([push(1, "b", "y")], REWRITTEN)
    assert found.newest is None
    assert found.rewritten


def test_what_a_stranger_had_sourcehut_sign_stops_no_push() -> None:
    pushes = [
        push(1, "f" * 40, "b")._replace(forge="sourcehut"),
        push(2, "a", "b")._replace(forge="sourcehut"),
    ]
    assert choose(pushes, LINE, held="a").newest == pushes[1]
    assert choose([pushes[1]._replace(after="y")], REWRITTEN, held="b").rewritten, "what nodes hold counts"


def test_what_the_nodes_hold_must_be_in_it() -> None:
    assert choose([push(1, "x", "y")], REWRITTEN, held="b").rewritten
    assert choose([push(1, "x", "y")], REWRITTEN, held="a").newest is not None


def test_an_older_push_takes_nothing_back() -> None:
    found = choose([push(1, "a", "b")], LINE, held="c")
    assert found.newest is None
    assert found.outdated


def test_a_new_branch_has_nothing_before_it() -> None:
    assert choose([push(1, "", "b")], LINE).newest is not None


def test_the_same_again_is_chosen_and_changes_nothing() -> None:
    found = choose([push(1, "a", "b")], LINE, held="b")
    assert found.newest is not None
