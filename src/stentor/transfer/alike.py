"""Files which a node has as they are here, found by comparing its answer with the one that is expected.

Of a large tree most is unchanged: what ``stat`` would say of the files here is put together once, and looked
for in each answer block by block. Only what differs is read line by line and kept.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from typing import NamedTuple

from stentor.transfer import plan

_BLOCK = 256  # files: what is read line by line where one of them differs
_LINK = "t a"  # so begins what is said of a link


class Alike(NamedTuple):
    """What a node says that has every file as it is here."""

    order: Sequence[int]  # numbers of all entries in the order in which a node is to be asked: files first
    files: int  # how many of them are files
    blocks: Sequence[str]  # what is said of so many files each

    def parse_look(self, text: str, names: Sequence[str]) -> plan.Look:
        """Read a node's answer as :func:`stentor.transfer.plan.parse_look` does.

        Args:
            text: what it said.
            names: of all entries.
        """
        marks = bytearray(len(names))
        left: list[str] = []
        read = 0
        # Files come first. From the first link on, a line may be one of what it leads to.
        link = 0 if text.startswith(_LINK) else text.find(f"\n{_LINK}") + 1 or len(text)
        for number, block in enumerate(self.blocks):
            at = text.find(block, read, link)
            if at < 0 or (at and text[at - 1] != "\n"):
                continue
            left.append(text[read:at])
            read = at + len(block)
            first = number * _BLOCK
            for entry in self.order[first : min(first + _BLOCK, self.files)]:
                marks[entry] = 1
        left.append(text[read:])
        numbers = {f"./{name}": number for number, name in enumerate(names) if not marks[number]}
        return plan.parse_look("".join(left), numbers, self.order)._replace(alike=bytes(marks))


def alike(entries: Sequence[plan.Entry]) -> Alike:
    """Return what ``look_at_many`` in ``sh/copy/look.sh`` says of files of this size, time and mode."""
    order = [number for number, entry in enumerate(entries) if entry.kind == "file"]
    lines = []
    for number in order:
        name, _, mode, modified, size, *_ = entries[number]
        lines.append(f"t {stat.S_IFREG | mode:x} {size} {modified} ./{name}\n")
    blocks = ["".join(lines[start : start + _BLOCK]) for start in range(0, len(lines), _BLOCK)]
    others = [number for number, entry in enumerate(entries) if entry.kind != "file"]
    return Alike(order + others, len(order), blocks)
