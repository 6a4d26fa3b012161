"""Words that are not used: metaphors and riddles that once stood in texts and names, and must not return."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.support import ROOT

# A regular expression in lower case, and what to write in its place.
WORDS = {
    r"(the|this|a) house\b": "project",
    r"\bfloors?\b": "layer",
    r"\bdoors?\b": "entry point, interface, endpoint",
    r"doorkeeper": "LoginQueue",
    r"\bknock(s|ed|ing)?\b": "connect, probe",
    r"latecomers?": "CatchUp",
    r"\brungs?\b": "reachability level",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"hindrance": "blocker",
    r"retrace": "preview_rollback",
    r"metronome": "ticker",
    r"\bwhence\b": "origin",
    r"\bheed(s|ed|ing)?\b": "respect, restore_sigint",
    r"\bborne\b": "limit, tolerate",
    r"\butter(s|ed|ance)?\b": "say",
    r"\bwish(es|ed)?\b": "request, wanted",
    r"\bwards?\b|\bwounds?\b|\bheaps?\b": "subject and expectation, for tests",
    r"\bdesk\b": "Session, Operation",
    r"\bpure\.": "what the module is for; the contract says the rest",
    r"there is no such node, so": "no node failed in operation N; nothing to rerun",
    r"once more not to wait": "press Ctrl-C again to quit now",
    r"delete no line": "do not edit known_hosts",
    r"it is there, and not by": "exists and was not written by stentor; not overwritten",
    r"no clone here": "no dotfiles on this node yet",
    r"is remembered": "was down; run ... when it is back; last known",
    r"as it should be\b(?! shown)": "up to date",
    r"(?<!at )\ball holds|does not hold there": "all checks passed, check failed",
    r"\(at work\)|\(waits\)|\bat_work\b": "in progress, waiting",
    r"is left of this selection": "nothing failed in the last operation; no node is selected",
    r"its turn never came|nobody saw its end": "not started, or result unknown",
    r"by chance": "at random",
    r"say that it is meant": "to confirm without a question",
    r"more to do than it can": "overloaded",
    r"is no time\b": "invalid duration",
    r"\d is nobody\b": "must be at least 1",
    r"keeps still": "paused",
    r"ending the remote processes": "stopping remote processes",
    r"ssh says why above": "see ssh's message above",
    r"undo it there, or commit": "revert the edit on the node, add it to the repository, ...",
    r"name only the other nodes": "leave that node out",
    r"no commit of git has": "the old version is not in git; keep this diff to undo",
    r"before chezmoi ever wrote": "existed before chezmoi managed it",
    r"named by the policy or the command line": "from --canary (or: from rollout.canary in nodes.yaml)",
    r"what killed operations left": "processes left by interrupted runs",
    r"\b_turn\b|careful\.py|doorkeep": "NodeRun, guarding",
    r"\bvouch|\bworr(y|ies|ied)\b|server is ill\b": "confirm; warning; has a fault",
    r"to find \S+ in[,.\"]": "cannot be looked up",
    r"\bway back\b|(?<![a-z])way_back|\bway on\b": "revert, undo, next step",
}

# Files that still have some of these words. The list shrinks: a file that is clean is removed from it.
with open(f"{ROOT}/tests/unit/words_allowed.txt") as file:
    ALLOWED = {tuple(line.rstrip("\n").split("  ", 1)) for line in file if not line.startswith("#")}

OURS = ("tests/unit/test_words.py", "tests/unit/words_allowed.txt", "tests/unit/guard/harmless.txt")


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the project, with its path."""
    places = "src tests docs bench demo README.md CONTRIBUTING.md Makefile mkdocs.yml"
    options = "-z --cached --others --exclude-standard --deduplicate"
    command = ["git", "ls-files", *options.split(), *places.split()]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for path in filter(None, listed.stdout.split("\0")):
        if path in OURS or path.endswith((".svg", ".png", ".lock", ".sum", ".mod")):
            continue
        try:
            with open(f"{ROOT}/{path}", encoding="utf-8") as file:
                yield path, file.read()
        except (UnicodeDecodeError, FileNotFoundError):
            continue


@pytest.fixture(scope="module")
def found() -> set[tuple[str, ...]]:
    """Each word with a file that has it."""
    # A search for what begins with a letter is five times as fast as one for what begins with \b: most files
    # have none of the words, and need the exact search for few.
    words = {word: (re.compile(word.replace(r"\b", "")), re.compile(word)) for word in WORDS}
    # Not by IGNORECASE, which takes twice the time.
    every = [(path, text.lower()) for path, text in texts()]
    if not every:
        pytest.skip("not a git checkout")
    return {
        (path, word)
        for path, text in every
        for word, (loose, exact) in words.items()
        if loose.search(text) and exact.search(text)
    }


def test_words_that_were_replaced_do_not_return(found: set[tuple[str, ...]]) -> None:
    new = sorted(found - ALLOWED)
    assert not new, "\n".join(f"{path}: {word!r}; write: {WORDS[word]}" for path, word in new)


def test_files_without_such_words_are_removed_from_the_list(found: set[tuple[str, ...]]) -> None:
    gone = sorted(ALLOWED - found)
    assert not gone, "remove from tests/unit/words_allowed.txt:\n" + "\n".join(map("  ".join, gone))
