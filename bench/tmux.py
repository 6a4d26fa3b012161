"""Opening a session over nodes: one chained call of ours, tmuxp, and a script of one tmux call a step."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import partial

from bench import peers
from bench.hosts import addresses
from bench.measure import Program, alternate
from bench.sections import World, ratio
from bench.table import Row

# Half of tmuxp's time.
AIM = 1 / 2


def sessions(world: World, count: int) -> Iterator[Row]:
    """A session with so many panes, each with an ssh; until the program is back and all panes are there."""
    if shutil.which("tmux") is None:
        return
    place = f"{world.folder}/tmux"
    os.makedirs(place, exist_ok=True)
    environment = {"TMUX_TMPDIR": place, "COLUMNS": "200", "LINES": "50", "TERM": "xterm", "TMUX": ""}

    def end() -> None:
        call = partial(
            subprocess.run, env=os.environ | environment, capture_output=True, text=True, check=False
        )
        pid = call(["tmux", "display-message", "-p", "#{pid}"]).stdout.strip()
        call(["tmux", "kill-server"])
        while pid and os.path.exists(f"/proc/{pid}"):
            time.sleep(0.01)

    def program(name: str, argv: list[str]) -> Program:
        # each pane is a line, so that a tool which opens fewer is no measurement
        script = f"{shlex.join(argv)} >/dev/null && tmux list-panes -a -F hi"
        shown = shlex.join(argv)
        return Program(name, ["sh", "-c", script], environment, answers=count, before=end, shown=shown)

    ours = world.stentor(count, "tmux", "open", "@all", "--session", "bench", "--layout", "tiled", "--detach")
    logins = [f"ssh -F {world.hosts.ssh_config} {address}" for address in addresses(count)]
    programs = [
        program("stentor tmux open", list(ours.argv)),
        program("a script of tmux calls", ["sh", _script(place, logins)]),
    ]
    if "tmuxp" not in world.absent:
        tmuxp = [f"{peers.VENV}/bin/tmuxp", "load", "-d", "-y", _workspace(place, logins)]
        programs.append(program("tmuxp", tmuxp))
    try:
        open_, *others = alternate(programs, world.rounds, world.folder)
    finally:
        end()
    for other, sample in zip(programs[1:], others, strict=True):
        aim = AIM if other.name == "tmuxp" else None
        yield ratio(f"tmux, {count} panes: wall time / {other.name}", open_.wall, sample.wall, aim)


def _script(place: str, logins: list[str]) -> str:
    first, *rest = (shlex.quote(login) for login in logins)
    lines = ["tmux new-session -d -s bench -x 200 -y 50", f"tmux send-keys -t bench {first} Enter"]
    for login in rest:
        lines += [
            "tmux split-window -t bench",
            "tmux select-layout -t bench tiled",
            f"tmux send-keys -t bench {login} Enter",
        ]
    path = f"{place}/open.sh"
    with open(path, "w") as file:
        file.write("set -e\n" + "\n".join(lines) + "\n")
    return path


def _workspace(place: str, logins: list[str]) -> str:
    panes = [{"shell_command": [login]} for login in logins]
    window = {"window_name": "all", "layout": "tiled", "panes": panes}
    path = f"{place}/bench.json"
    with open(path, "w") as file:
        json.dump({"session_name": "bench", "windows": [window]}, file)
    return path
