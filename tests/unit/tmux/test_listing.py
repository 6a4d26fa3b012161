"""Reading what nodes say of their tmux and their terminals."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.tmux import listing, state
from stentor.tmux.state import PaneState


def test_sessions() -> None:
    text = (
        "Welcome to crtr!\n"
        "1700000000<|>2<|>1<|>zsh<|>work\n1700000000<|>2<|>1<|>vim<|>work\n1700000000<|>2<|>1<|>zsh<|>work\n"
        "1700000001<|>1<|>0<|>top<|>with <|> a sign\n"
    )
    assert listing.parse(text.encode()) == [
        listing.Session("work", 2, 1, 1700000000, ("zsh 2x", "vim")),
        listing.Session("with <|> a sign", 1, 0, 1700000001, ("top",)),
    ]
    assert listing.parse(b"") == []
    assert listing.parse(f"{listing.NO_TMUX}\n".encode()) is None


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_commands_run_under_any_login_shell(shell: str, tmp_path: Path) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text("#!/bin/sh\nprintf '7<|>1<|>0<|>sh<|>a b\\n'\n")
    tmux.chmod(0o755)
    there = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    said = subprocess.run([shell, "-c", listing.command()], env=there, capture_output=True, text=True)
    assert listing.parse(said.stdout.encode()) == [listing.Session("a b", 1, 0, 7, ("sh",))]
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "sh").symlink_to("/bin/sh")
    shell_path = subprocess.run(
        ["sh", "-c", f"command -v {shell}"], capture_output=True, text=True
    ).stdout.strip()
    said = subprocess.run(
        [shell_path, "-c", listing.command()], env={"PATH": str(empty)}, capture_output=True, text=True
    )
    assert listing.parse(said.stdout.encode()) is None


def test_running_programs_are_listed() -> None:
    def pane(node: str, command: str, dead: bool = False) -> PaneState:
        return PaneState("s", "$1", "@1", "%1", node, "up", False, dead, command, "auto", 80, 24, "w")

    panes = [
        pane("crtr", "zsh"),
        pane("crtr", "vim"),
        pane("prtr", "sh"),
        pane("", "-bash"),
        pane("x", "make", dead=True),
    ]
    assert state.local_work(panes) == ["crtr: vim"]
    shown = ["pts/0 zsh", "pts/1 vim", "pts/2 tmux: client", "pts/3 apt get"]
    text = "noise\n" + "".join(f"{state.MARK} {row}\n" for row in shown)
    assert state.remote_work("drtr", text.encode()) == ["drtr: vim (pts/1)", "drtr: apt get (pts/3)"]
