"""Reads the blocks of a document that can be run.

A ``console`` block is what a person sees: lines which begin with ``$ `` are typed (a line which ends with
``\\`` or begins with ``> `` goes on), all others are shown. Every command is run. Every line that is shown
must come, in this order; numbers and the width of gaps may differ, and ``...`` stands for lines
that are left out, or for a part of a line.

Comments before a block say what is different about it:

* ``<!-- not run: REASON -->``: it truly cannot run here.
* ``<!-- output differs: REASON -->``: it runs, and its output is not compared.
* ``<!-- exits CODE -->``: its last command ends with this exit code.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FENCE = re.compile(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


class Command(NamedTuple):
    """A command of a page, and what the page shows of its output."""

    line: int
    typed: str
    shown: tuple[str, ...]
    code: int = 0


class Block(NamedTuple):
    """A fenced block: its language, where it begins, what it holds, and what its comments say."""

    line: int
    language: str
    text: str
    remarks: tuple[str, ...]

    @property
    def excluded(self) -> bool:
        """Whether the page says that it cannot run."""
        return any(re.match(r"not run: \S", remark) for remark in self.remarks)

    @property
    def compared(self) -> bool:
        """Whether its output is compared."""
        return not any(re.match(r"output differs: \S", remark) for remark in self.remarks)

    @property
    def code(self) -> int:
        """The exit code of the last command."""
        codes = [match[1] for remark in self.remarks if (match := re.match(r"exits (\d+)", remark))]
        return int(codes[0]) if codes else 0

    def commands(self) -> list[Command]:
        """The typed lines of a console block, each with what is shown after it."""
        found: list[Command] = []
        lines = self.text.splitlines()
        for number, line in enumerate(lines, self.line + 1):
            if line.startswith("$ "):
                found.append(Command(number, line[2:], ()))
            elif not found:
                raise ValueError(f"line {number}: output before any command")
            elif not found[-1].shown and (line.startswith("> ") or found[-1].typed.endswith("\\")):
                typed = f"{found[-1].typed}\n{line.removeprefix('> ')}"
                found[-1] = found[-1]._replace(typed=typed)
            else:
                found[-1] = found[-1]._replace(shown=(*found[-1].shown, line))
        if found:
            found[-1] = found[-1]._replace(code=self.code)
        return found


def blocks(text: str) -> list[Block]:
    """Every fenced block of a page."""
    found = []
    for match in _FENCE.finditer(text):
        indent, language, body = match.groups()
        before = text[: match.start()].rstrip()
        remarks = []
        while comment := re.search(r"<!--((?:(?!-->).)*)-->\Z", before, re.DOTALL):
            remarks.append(" ".join(comment[1].split()))
            before = before[: comment.start()].rstrip()
        body = "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        found.append(Block(text[: match.start()].count("\n") + 1, language, body, tuple(remarks)))
    return found


def plain(line: str) -> str:
    """A line without what differs between two runs: numbers, and the width of gaps."""
    line = re.sub(r"(OpenSSH_\S+) \S+", r"\1", line)  # Debian's, Ubuntu's
    return re.sub(r"[\s─━-]+", " ", re.sub(r"\d+([.,:]\d+)*", "0", line)).strip()


def missing(shown: tuple[str, ...], said: str) -> str:
    """The first line that is shown and did not come, in this order; empty if all did."""
    came = iter([plain(line) for line in said.splitlines()])
    for line in shown:
        if line.strip() in ("", "..."):
            continue
        wanted = re.compile(".*".join(re.escape(part) for part in plain(line).split("...")))
        if not any(wanted.fullmatch(line) for line in came):
            return line
    return ""
