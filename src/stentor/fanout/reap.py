"""Clean up what an interrupted run left on a node: the command, and what its answer means.

Every process of an operation carries ``STENTOR_RUN=<word>`` in its environment, and its login
shell's process group is in the journal. What has the word is ended, in whatever session it is, and
all of that group and session: as when the operation ends it itself. Where there is no /proc, the
process group alone is known, and is ended only if its age is the one we expect.
"""

from __future__ import annotations

MARK = "STENTOR_RUN"
_SHORTEST = 20  # letters of a word

_WORDS = {
    "term": "ended by TERM",
    "kill": "ended by KILL",
    "left": "may still run: {} survived KILL (waiting for a disk or network file system?)",
    "foreign": "may still run: {} of another user may not be ended",
}  # what the program on the node says (`end_command` of ending.sh), in the words of `Outcome.remote`
UNHEARD = "may still run: the node did not say what came of ending it"
_GONE = "had ended already"
_SHOWN = r"[0-9]{1,10}/[\w.+-]{0,32}"


def became(said: bytes | str, *, gone: str = _GONE) -> str:
    """Return what became of a command that was to be ended, in the words of ``Outcome.remote``.

    Args:
        said: what the node said; its last word counts: ``term``, or ``foreign:81/sleep,83/sh``.
        gone: the answer where nothing was left to end.
    """
    import re  # not at every start

    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    word, _, rest = (text.split() or [""])[-1].partition(":")
    found = [one.partition("/") for one in rest.split(",") if re.fullmatch(_SHOWN, one, re.ASCII)]
    processes = " and ".join(f"process {number} ({name or '?'})" for number, _, name in found)
    return gone if word == "gone" else _WORDS.get(word, UNHEARD).format(processes or "a part")


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
