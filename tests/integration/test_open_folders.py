"""Each command with a ``/tmp`` of others, here and on the nodes: nothing in it is used, followed or run.

What a command makes there is newly made, under a name that another run would not have, for its user alone.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab, processes
from stentor.lab.directory import remove_path
from tests.watching import Seen, watching

pytestmark = pytest.mark.integration

# Names that somebody who has read the sources may try.
GUESSED = [
    ".stentor-copy",
    ".stentor-copy.1.aaaaaaaaaaaa",
    "stentor",
    f"stentor-{os.geteuid()}",
    "stentor-doctor",
]
GUESSED += [f"stentor-tmux-{os.geteuid()}.lock", ".site.lock", "stentor-stdin-", "targets"]

COMMANDS: dict[str, tuple[list[str], bytes]] = {
    "run": (["run", "@core", "true"], b""),
    "run --stdin": (["run", "--stdin", "@core", "cat"], b"x" * 300_000),
    "run --script": (["run", "--script", "{home}/script", "@core"], b""),
    "run --env-secret": (["run", "--env-secret", "HOME", "@core", "true"], b""),
    "run --output-dir": (["run", "--output-dir", "{home}/tmp/out", "@core", "true"], b""),
    "run much": (["run", "-b", "@core", "yes | head -c 3000000"], b""),
    "copy file": (["copy", "@core", "{home}/script", "/tmp/site/"], b""),
    "copy folder": (["copy", "@core", "{home}/folder", "/tmp"], b""),
    "fetch": (["fetch", "@core", "/etc/hostname", "{home}/tmp/site"], b""),
    "status": (["status", "@core"], b""),
    "facts": (["facts", "@core"], b""),
    "needs": (["needs", "@core"], b""),
    "doctor": (["doctor", "crtr"], b""),
    "ping": (["ping", "@core"], b""),
    "check": (["check"], b""),
    "history": (["history"], b""),
    "export": (["export", "ansible", "-o", "{home}/tmp/site/hosts.yaml"], b""),
    "report": (["report", "-o", "{home}/tmp/site/report.html"], b""),
    "trust": (["trust", "@core"], b""),
    "dotfiles status": (["dotfiles", "status", "@core"], b""),
    "reap": (["reap"], b""),
}
# What the commands above were told to write.
ASKED = {"site", "out", "folder"}


@pytest.fixture
def places(lab: Lab, environ: dict[str, str]) -> Iterator[list[Path]]:
    """The coordinator's temporary folder, and a node's, both with traps: links to a file of ours."""
    home = Path(environ["HOME"])
    (home / "script").write_text("#!/bin/sh\necho hello\n")
    (home / "folder" / "sub").mkdir(parents=True)
    (home / "folder" / "sub" / "f").write_text("f")
    found = [home / "tmp"]
    if lab.backend.isolated:
        roots = lab.backend.roots(processes.table())["crtr"]
        inside = [Path(f"/proc/{pid}/root/tmp") for pid in roots]
        found += [place for place in inside if not os.path.samefile(place, "/tmp")][:1]
        assert len(found) == 2
    before = {place: set(os.listdir(place)) for place in found}
    for place in found:
        place.chmod(0o1777)
        (place / "site").mkdir()
        (place / "trap").write_text("ours\n")
        for name in GUESSED:
            (place / name).symlink_to("trap")
    yield found
    for place in found:
        assert (place / "trap").read_text() == "ours\n"
        for name in GUESSED:
            assert os.readlink(place / name) == "trap"
        # A node's is its own until the lab goes.
        for name in set(os.listdir(place)) - before[place]:
            remove_path(place / name)


def judged(seen: list[Seen]) -> set[str]:
    """Names that came to be, without digits which a process number may be; all are closed to others."""
    ours = [one for one in seen if one.name not in ASKED and not one.name.startswith("tmux-")]
    opened = [one for one in ours if one.mode is not None and stat.S_IMODE(one.mode) & 0o077]
    assert not opened
    return {re.sub(r"\b\d+\b", "0", one.name) for one in ours}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_safe_in_a_folder_of_others(
    name: str, places: list[Path], stentor: Any, environ: dict[str, str]
) -> None:
    words, data = COMMANDS[name]
    words = [word.format(home=environ["HOME"]) for word in words]
    runs = []
    for _ in range(2):
        with watching(*places) as seen:
            done = stentor(*words, input=data)
        assert "Traceback" not in done.stderr
        assert done.code in (0, 1, 3), done
        runs.append(judged(seen))
    assert not runs[0] & runs[1]
