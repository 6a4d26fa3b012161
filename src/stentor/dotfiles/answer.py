"""What the node's program says, parsed; ``sh/dotfiles/main.sh`` describes the protocol."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stentor.operation import node_answer

HEADER = "stentor-dotfiles 1 "
_REMOTE_UNREAD = "fatal: Could not read from remote repository."
_ONLY_A_CODE = re.compile(r"exit status \d+$")


class Answer(node_answer.Answer):
    """An answer about dotfiles."""

    def before(self) -> Answer:
        """What the proof found that was so before the change, as an answer of its own."""
        pairs = tuple((text.partition(" ")[0], text.partition(" ")[2]) for text in self.all("before"))
        return self._replace(pairs=pairs, code=0)

    @property
    def trouble(self) -> str:
        """What was refused or failed, for people; empty if nothing."""
        for key in ("refused", "failed"):
            if said := self.one(key):
                text = said.partition(" ")[2] or said
                detail = [line for line in self.all("stderr") if line.strip()]
                if len(detail) > 1 and _ONLY_A_CODE.search(detail[-1]):
                    # Another program said why.
                    why = next((line for line in detail if "error" in line.lower()), detail[-2])
                    detail.append(f"{why} ({detail[-1]})")
                if _REMOTE_UNREAD in detail[1:]:
                    # Git's advice follows; ssh, or git there, said why before.
                    del detail[detail.index(_REMOTE_UNREAD, 1) :]
                return f"{text}: {detail[-1]}" if detail and "conflict" not in said[:9] else text
        return ""

    @property
    def reverted(self) -> str:
        """Why the node reverted the change while it applied it; empty if it did not."""
        return self.one("reverted").partition(" ")[2]

    @property
    def kind(self) -> str:
        """The refusal's or failure's first word (``conflict``, ``locked``, …); empty if there is none."""
        return (self.one("refused") or self.one("failed")).partition(" ")[0]


def parse(data: bytes) -> Answer | None:
    """Read a session's standard output; None if the program never began."""
    found = node_answer.read(data, HEADER)
    return found and Answer(*found)


CONFIG_OUTDATED = "the config template has changed; the node's config stays as it is (--reinit makes it anew)"
OF_ANOTHER = "belongs to another account; a revert brings its contents back, not its owner"


class Conflict(NamedTuple):
    """Something that a change would overwrite.

    Its kind: ``edited`` on the node, ``existing`` before chezmoi managed it, only in the node's
    ``source`` (not committed, or a commit that the revision lacks), or ``protected``: stentor's own state.
    """

    kind: str
    path: str


class NodePlan(NamedTuple):
    """What a revision would do to a node."""

    conflicts: tuple[Conflict, ...] = ()  # what it would overwrite
    changes: tuple[str, ...] = ()  # chezmoi's two columns and the path
    # Lines of the unified difference; what is committed nowhere in the node's clone first.
    diff: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()  # that would run; their effects cannot be reverted
    externals: tuple[str, ...] = ()  # that would be fetched
    deletes: tuple[str, ...] = ()  # files that would be deleted
    warnings: tuple[str, ...] = ()  # anything else that a person should know
    applied: str = ""  # the revision that was confirmed last; empty if none
    pending: str = ""  # a change that waits to be confirmed: operation, revision, state, seconds left
    tried: str = ""  # when this revision was reverted here before, and why
    chezmoi: str = ""  # its version


def node_plan(answer: Answer) -> NodePlan:
    """Return what a revision would do, as the node says it."""
    warnings = answer.all("warning")
    warnings += tuple(f"{path}: {OF_ANOTHER}" for path in answer.all("owner"))
    if answer.has("config"):
        warnings += ("chezmoi's own config file is written from its template",)
    if answer.has("config-outdated"):
        warnings += (CONFIG_OUTDATED,)
    return NodePlan(
        conflicts=tuple(Conflict(*_two(text)) for text in answer.all("conflict")),
        changes=answer.all("change"),
        diff=_difference(answer),
        scripts=answer.all("script"),
        externals=_tops(answer.all("external")),
        deletes=answer.all("delete"),
        warnings=warnings,
        applied=answer.one("applied").partition(" ")[0],
        pending=answer.one("pending"),
        tried=answer.one("tried"),
        chezmoi=answer.one("chezmoi"),
    )


def _difference(answer: Answer) -> tuple[str, ...]:
    own = answer.all("source-diff")
    return (*(("# not committed in the node's clone:", *own) if own else ()), *answer.all("diff"))


def _tops(paths: Sequence[str]) -> tuple[str, ...]:
    """Without those inside another: an archive is fetched once, whatever it holds."""
    tops: list[str] = []
    for path in sorted(paths):
        if not tops or not path.startswith(tops[-1] + "/"):
            tops.append(path)
    return tuple(tops)


class NodeState(NamedTuple):
    """How a node's dotfiles stand."""

    chezmoi: str = ""  # its version; empty if it is not there
    applied: str = ""  # the revision confirmed last, and its operation
    head: str = ""  # the commit of the node's clone; empty if there is no clone
    branch: str = ""  # what is checked out there; ``detached`` if none
    ahead: int | None = None  # commits of the clone that the asked revision lacks; None if not known
    behind: int | None = None  # the other way round
    drift: tuple[str, ...] = ()  # targets changed on the node since chezmoi wrote them
    differs: tuple[str, ...] = ()  # targets that differ from the node's own clone for any reason
    uncommitted: tuple[str, ...] = ()  # lines of ``git status`` in the clone
    pending: str = ""  # operation, revision, state, seconds left
    reverted: tuple[str, ...] = ()  # revision, operation and reason of changes that were reverted
    timer: str = ""  # what the timer said last; empty if there is none
    stderr: tuple[str, ...] = ()  # what chezmoi complained about


def node_state(answer: Answer) -> NodeState:
    """Return how a node's dotfiles stand, as the node says it."""
    head, branch = _two(answer.one("source"))
    ahead, behind = _two(answer.one("distance"))
    lines = answer.all("drift")
    return NodeState(
        chezmoi=answer.one("chezmoi"),
        applied=answer.one("applied").strip(),
        head="" if head in ("none", "empty") else head,
        branch=branch.partition(" ")[0],
        ahead=int(ahead) if ahead.isdecimal() else None,
        behind=int(behind) if behind.isdecimal() else None,
        drift=tuple(line[3:] for line in lines if not line.startswith(" ")),
        differs=tuple(line[3:] for line in lines),
        uncommitted=answer.all("uncommitted"),
        pending=answer.one("pending"),
        reverted=answer.all("tried"),
        timer=answer.one("timer"),
        stderr=answer.all("stderr"),
    )


def _two(text: str) -> tuple[str, str]:
    first, _, rest = text.partition(" ")
    return first, rest


def proof_faults(answer: Answer) -> list[str]:
    """Return what the shells of a node lack, a line each; empty if nothing."""
    faults = [text for text in answer.all("shell") if not text.endswith(" ok")]
    missing: dict[str, list[str]] = {}
    for text in answer.all("missing"):
        kind, name = _two(text)
        missing.setdefault(name, []).append(kind)
    faults = [f"the {text.replace(' ', ' shell ', 1)}" for text in faults]
    faults += [f"{name} is not found in: {', '.join(kinds)} shell" for name, kinds in missing.items()]
    faults += [
        f"check failed: {text.removeprefix('failed ')}"
        for text in answer.all("check")
        if text.startswith("failed ")
    ]
    return faults
