"""The ward: what the doctor's tests do to practice nodes, and what they hear of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stentor.lab import Lab

Stentor = Callable[..., Any]
Tally = Callable[[int, int, int, int], None]
SHELLS = {"crtr": "zsh", "prtr": "fish", "drtr": "bash", "trtr": "dash", "zrtr": "bash"}
# The machine on which the tests run may itself have too little room or too much to do.
OF_THE_MACHINE = {"disk-low", "disk-full", "load-high", "clock-unsynchronised", "units-failed"}


def make_healthy(lab: Lab, alias: str) -> None:
    home = lab.home(alias)
    place = home / ".local" / "bin"
    place.mkdir(parents=True, exist_ok=True)
    (place / "hello").write_text("#!/bin/sh\necho hello\n")
    (place / "hello").chmod(0o755)
    if SHELLS[alias] == "zsh":
        (home / ".zshenv").write_text("path=(~/.local/bin $path)\n")
    elif SHELLS[alias] == "fish":
        write(home / ".config/fish/config.fish", "set -gx PATH ~/.local/bin $PATH\n")
    elif SHELLS[alias] == "bash":
        prepend(home / ".bashrc", "PATH=$HOME/.local/bin:$PATH")
    else:  # dash reads nothing for a command, so for it the command must be where the system looks
        (place / "hello").unlink()
        place.rmdir()
        environment(
            lab,
            alias,
            {"PATH": f"/home/{alias}/tools:/usr/local/bin:/usr/bin:/bin", "ENV": f"/home/{alias}/.shrc"},
        )
        write(home / "tools/hello", "#!/bin/sh\necho hello\n").chmod(0o755)
        write(home / ".profile", 'PATH="$HOME/tools:$PATH"\n')


def environment(lab: Lab, alias: str, variables: Mapping[str, str]) -> None:
    """Let the node's sshd give these to every session, as an administrator would."""
    lab.backend.configure_sshd(alias, variables)
    lab.backend.sshd(alias, "restart")
    lab.backend.wait([alias])


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def prepend(path: Path, line: str) -> None:
    path.write_text(f"{line}\n{path.read_text() if path.exists() else ''}")


def doctor(stentor: Stentor, lab: Lab, *words: str) -> tuple[dict[str, dict[str, Any]], int]:
    said = stentor("doctor", "--json", *words, fleet=lab)
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert said.stderr == ""
    assert (lines[0]["type"], lines[0]["command"], lines[-1]["type"]) == ("operation", "doctor", "report")
    assert lines[-1]["exit_code"] == said.code
    return {line["node"]: line for line in lines if line["type"] == "doctor"}, said.code


def findings(line: Mapping[str, Any], *, notes: bool = False) -> dict[str, dict[str, Any]]:
    """The findings of a node by key, without those of the machine that serves as a node, and mere notes."""
    return {
        finding["key"]: finding
        for finding in line["findings"]
        if finding["key"] not in OF_THE_MACHINE and (notes or finding["severity"] != "note")
    }


def rc(lab: Lab, alias: str) -> Path:
    """The rc which was removed from the dotfiles, as it was."""
    text = "[ -r ~/.profile ] && . ~/.profile\nexport PATH CLUSTER=yes\nenv >~/.ssh/environment\n"
    return write(lab.home(alias) / ".ssh/rc", text)
