"""Clean up what an interrupted run left on a node: the command, and what its answer means.

Every process of an operation carries ``STENTOR_RUN=<word>`` in its environment, and its login
shell's process group is in the journal. What has the word is ended, in whatever session it is, and
all of that group and session: as when the operation ends it itself. Where there is no /proc, the
process group alone is known, and is ended only if its age is the one we expect.
"""

from __future__ import annotations

MARK = "STENTOR_RUN"
_SHORTEST = 20  # letters of a word

WORDS = {
    "gone": "",
    "term": "ended by TERM",
    "kill": "ended by KILL",
    "left": "may still run: it survived KILL",
    "foreign": "may still run: a part of it belongs to another user, and may not be ended",
}
"""The script's answer, in the words of ``Outcome.remote``."""


def command(word: str, pid: int, age: float) -> str:
    """Return the command, for any login shell, which ends an operation's processes on a node.

    Args:
        word: the operation's.
        pid: the process group as it was said when the command began; 0 if that was never heard.
        age: seconds since then, where there is no /proc to look at.
    """
    if len(word) < _SHORTEST:
        raise ValueError("no word by which processes could be told from others")
    from stentor import sh

    # In two parts, so that the script does not find itself.
    half = len(word) // 2
    words = (MARK, word[:half], word[half:], str(int(pid)), str(max(0, round(age))))
    return sh.command(sh.join("reap", call='reap "$@"'), *words)
