"""What a deploy would change on each node, from what the node says; nothing is written anywhere."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Iterator, Mapping, Sequence

from stentor.engines.reach import Reach
from stentor.fanout.collect import parsed
from stentor.outcome import Outcome
from stentor.rollout.change import Preview
from stentor.services import program
from stentor.services.answer import Answer
from stentor.services.item import Item, NodeFile
from stentor.services.visit import Visit, visits
from stentor.sh import assign

_SECONDS = 60.0
_HOW = {
    "new": "write", "changed": "replace", "remove": "remove", "mode": "set the mode of",
    "owner": "set the owner of", "link": "refuse", "other": "refuse", "unreadable": "replace",
}  # fmt: skip


def stray_note(names: Sequence[str]) -> str:
    """Return the line about services that a node has, and the file has not; empty for none."""
    was, them = ("was", "it") if len(names) == 1 else ("were", "them")
    said = f"{was} deployed here, and services.yaml no longer has {them} here"
    return f"{', '.join(names)} {said}: 'status: absent' removes {them}" if names else ""


def look(
    reach: Reach, items: Mapping[str, Sequence[Item]], known: Mapping[str, str]
) -> tuple[dict[str, Preview], dict[str, Outcome]]:
    """Ask the nodes what would change, and return a preview and an outcome of each.

    Args:
        items: by node.
        known: by node, the names of all its services.
    """
    texts = {
        alias: program.compose(found, payload=True, front=_front(found, known[alias]))
        for alias, found in items.items()
    }
    seen = visits(reach, texts, "look", _SECONDS)
    found = {
        alias: parsed(
            lambda made, one: (preview(made, one), one.outcome),
            (items[alias], one),
            lambda outcome: (Preview(outcome.node, unknown=outcome.reason), outcome),
            one.outcome,
            repr(one.answer).encode(),
        )
        for alias, one in seen.items()
    }
    return {alias: pair[0] for alias, pair in found.items()}, {
        alias: pair[1] for alias, pair in found.items()
    }


def _front(items: Sequence[Item], known: str) -> str:
    """What the program asks about at once."""
    units, images = dict.fromkeys(one.unit for one in items), dict.fromkeys(one.image for one in items)
    return assign(known=known, units=" ".join(units), images=" ".join(images))


def preview(items: Sequence[Item], seen: Visit) -> Preview:
    """Return what would change on one node."""
    node = seen.outcome.node
    if not seen.outcome.ok or seen.answer is None:
        return Preview(node, unknown=seen.outcome.reason or seen.outcome.kind)
    changes: list[str] = []
    diff: list[str] = []
    blocked: dict[str, list[str]] = {}
    for number, item in enumerate(items, 1):
        if why := _blocker(seen.answer, number):
            blocked.setdefault(why, []).append(item.name)
        lines = list(_changes(seen.answer, number, item))
        changes += [f"{item.name}: {line}" for line in lines]
        for path in _files(seen.answer, number):
            diff += _difference(seen.answer, number, _file(item, path))
    if pending := seen.answer.one("pending"):
        changes.insert(0, f"a change that nobody decided ({pending}) is undone first")
    blocker = "\n".join(f"{', '.join(names)}: {why}" for why, names in blocked.items())
    step = "correct that on the node, or leave it out of the selection" if blocked else ""
    if busy := seen.answer.one("busy"):  # what it has changed already may be taken back
        blocker = f"the change {busy} is in progress there, or waits to be confirmed"
        step = "try again when it has ended"
    strays = stray_note(seen.answer.all("stray"))
    return Preview(
        node,
        tuple(changes),
        tuple(diff),
        blocker,
        step,
        notes=(strays,) if strays else (),
        busy=bool(busy),
    )


def _blocker(answer: Answer, number: int) -> str:
    for one, text in answer.numbered("missing"):
        if one == number:
            return text
    for path, how in _files(answer, number).items():
        if how in ("link", "other"):
            return f"{path} is no plain file there"
    return ""


def _files(answer: Answer, number: int) -> dict[str, str]:
    """Path to how it differs."""
    found = (text.partition(" ") for one, text in answer.numbered("file") if one == number)
    return {path: how for how, _, path in found}


def _file(item: Item, path: str) -> NodeFile:
    return next(file for file in item.files if file.path == path)


def _changes(answer: Answer, number: int, item: Item) -> Iterator[str]:
    for one, path in answer.numbered("folder"):
        if one == number:
            yield f"make the folder {path}"
    files = _files(answer, number)
    for path, how in files.items():
        secret = ", a secret: its contents are not shown" if _file(item, path).secret else ""
        yield f"{_HOW[how]} {path}{secret}"
    would = [text for one, text in answer.numbered("would") if one == number]
    yield from would
    if not would:
        yield from (effect.text for effect in item.effects if effect.paths & files.keys())


def _difference(answer: Answer, number: int, file: NodeFile) -> Iterator[str]:
    """The lines of a unified diff; nothing of a secret, nor of what is no text."""
    if file.secret:
        return
    there = {}
    for one, text in answer.numbered("there"):
        data, _, path = text.partition(" ")
        if one == number:
            there[path] = base64.b64decode(data)
    try:
        old, new = (data.decode().splitlines() for data in (there.get(file.path, b""), file.data or b""))
    except UnicodeDecodeError:
        yield f"{file.path}: no text"
        return
    before = file.path if file.path in there else "/dev/null"
    after = "/dev/null" if file.data is None else file.path
    yield from difflib.unified_diff(old, new, before, after, lineterm="")
