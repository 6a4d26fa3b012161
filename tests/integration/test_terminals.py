"""Tables on narrow and wide terminals, and plain output for screen readers."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from stentor.lab import Lab
from stentor.render.wrap import columns_of

pytestmark = pytest.mark.integration
SEQUENCE = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")
TABLES = [
    "nodes",
    "ping @all",
    "status @all",
    "history",
    "show @last",
    "facts @core",
    "lab status",
    "masters",
    "migrate",
    "nodes drtr",
    "services status",
    "trust -n @core",
    "services ports",
]
WAITS = [
    *("doctor drtr", "status drtr", "ping --login drtr", "run drtr true", "copy -n drtr . /tmp/x/"),
    *("fetch -n drtr /etc/hostname here/", "reap drtr", "gateway check drtr", "uninstall drtr -n"),
    *("services status", "services plan", "services ports", "dotfiles status drtr", "tmux list drtr"),
    "ansible drtr -m ping",
]


def shown(
    words: str, width: int, environ: dict[str, str], *, codes: Collection[int] = (0, 1), **more: str
) -> str:
    """What a command writes to a terminal of this width, and ends with one of these codes."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(width), "rows", "40"], stdin=theirs, check=True)
    environ = {**{name: text for name, text in environ.items() if name not in ("CI", "COLUMNS")}, **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", *shlex.split(words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={"TERM": "xterm-256color", **environ},
    )
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the terminal is gone with its last user
        while data := os.read(ours, 65536):
            said += data
    os.close(ours)
    assert process.wait(30) in codes, said
    return said.decode().replace("\r\n", "\n")


@pytest.fixture
def used(environ: dict[str, str], lab: Lab) -> dict[str, str]:
    """A fleet on which something was done."""
    environ = {**environ, "STENTOR_FLEET": str(lab.fleet_dir)}
    services = (
        "services: {web: {node: drtr, type: systemd, ports: [80]}, api: {node: '@core', type: systemd}}"
    )
    (lab.fleet_dir / "services.yaml").write_text(services)
    shown("run @all 'echo why >&2; test $(hostname) != drtr'", 80, environ)
    return environ


@pytest.mark.timeout(120)
def test_no_table_is_wider_than_the_terminal(used: dict[str, str]) -> None:
    for words in TABLES:
        for width in (60, 80, 120, 200):
            said = SEQUENCE.sub("", shown(words, width, used))
            lines = [line.rpartition("\r")[2] for line in said.split("\n")]
            assert [line for line in lines if columns_of(line) > width] == [], f"{words} at {width}"
            assert "drtr" in said or words in ("history", "migrate"), f"{words} at {width}"


def test_sentences_are_broken_between_words(used: dict[str, str]) -> None:
    policy = Path(used["STENTOR_FLEET"], "policy.yaml")
    policy.write_text("dotfiles: {window: not at all a time of this or of any other kind}\n")
    long = "a-node-of-a-name-that-is-so-long-that-no-line-of-this-terminal-has-a-place-for-it"
    for words, code in (("nodes", 3), ("uninstall drtr -n --here", 0), (f"status {long}", 2)):
        said = SEQUENCE.sub("", shown(words, 60, used, codes=[code]))
        policy.unlink(missing_ok=True)
        lines = [line.rpartition("\r")[2] for line in said.split("\n")]
        whole = [line for line in lines if line.startswith("hint: ") or "  " in line.strip()]
        wide = [line for line in lines if columns_of(line) > 60 and " " in line.strip()]
        assert [line for line in wide if line not in whole] == [], words
    assert long in said


@pytest.mark.parametrize("asked", ["TERM=dumb", "STENTOR_PLAIN=1"])
def test_plain_output_has_words_in_lines(used: dict[str, str], asked: str) -> None:
    """No colour, no line that is drawn again, no rule; and what colour said is said in words."""
    name, _, value = asked.partition("=")
    plain = {"TERM": "xterm-256color", **used, name: value}
    for words in (
        "run @core 'sleep 1.5; hostname'",
        "run --gather @all 'uname -s'",
        "ping @core",
        "status @core",
        "history",
        "ping --watch 0.3 --count 2 @core",
        "help all",
    ):
        said = shown(words, 80, plain)
        assert not re.search(r"[\x1b\r\a]|---", said), (words, said)
        assert said.strip(), words
    assert "drtr  up" in shown("ping @core", 80, plain)
    assert "@all (5):\nLinux\n" in shown("run --gather @all 'uname -s'", 80, plain)


def test_top_in_plain_output_names_the_table(used: dict[str, str]) -> None:
    said = shown("top", 80, used, STENTOR_PLAIN="1", codes=(6,))
    assert "for a table as text: stentor status" in said


@pytest.mark.timeout(240)
def test_every_command_that_waits_for_a_node_says_so(used: dict[str, str], lab: Lab) -> None:
    """From the second second on; a node that begins each session late makes them wait."""
    lab.break_("drtr", "slow-login=3")
    services = Path(used["STENTOR_FLEET"], "services.yaml")
    services.write_text("services: {web: {node: drtr, type: docker, image: x}}\n")
    (Path(used["HOME"]) / "small").mkdir()
    for words in WAITS:
        shown("masters stop @all", 80, used)
        said = shown(words.replace(" . ", f" {used['HOME']}/small "), 80, used, codes=(0, 1, 4, 6))
        assert re.search(r"waiting for drtr|(asking|reading the tasks for) 1 node", said), (words, said)
