"""Nodes behind gateways: ``python -m bench.tree pairs`` and ``python -m bench.tree scale``.

``pairs`` runs one command on leaves behind four gateways, in turns through the tree, directly, and by clush
with the same topology. ``scale`` has twenty gateways of one sshd, where ``ssh`` is a program that answers as
a node would, and looks at the processes here while they work. Both need root; figures are in docs/scale.md.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.crowd import Crowd, start_crowd
from tests.gateways import Branches, give_clustershell, start_branches

GATES = 20
STENTOR = [sys.executable, "-m", "stentor"]
# A node's answer: what `sh/tree_leaf.sh` would say of `echo hi`.
LEAF = """\
#!/bin/sh
for last; do :; done
case $last in
-V) exit 0 ;;
*tree_leaf\\ *) ;;
*) exit 255 ;;
esac
word=${last##*tree_leaf }
word=${word%%\\ *}
printf '\\036%s b\\n' "$word" >&2
printf '\\036%s b %s 10.0.0.1:22\\nhi\\n\\036%s x 0\\n' "$word" "$$" "$word"
"""


def environ_of(home: Path) -> dict[str, str]:
    for name in ("run", "state", "cache"):
        (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    here = {f"XDG_{name}": str(home / name.split("_")[0].lower()) for name in ("STATE_HOME", "CACHE_HOME")}
    return {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), **here}


def timed(words: list[str], environ: dict[str, str]) -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds with all children, and how many nodes answered."""
    before, start = os.times(), time.monotonic()
    done = subprocess.run(words, env=environ, capture_output=True, check=False)
    wall, after = time.monotonic() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, len([line for line in done.stdout.splitlines() if line.endswith(b": hi")])


def quietly(crowd: Crowd, words: list[str], environ: dict[str, str]) -> None:
    """Run a command of stentor's that is not timed."""
    subprocess.run(crowd.inside([*STENTOR, *words]), env=environ, capture_output=True, check=False)


def clush_words(branches: Branches, folder: Path) -> tuple[list[str], dict[str, str]]:
    here = socket.gethostname().partition(".")[0]
    lines = [f"{here}: 198.18.[1-{branches.gates}].2"]
    lines += [f"198.18.{n}.2: 198.19.{n}.[1-{branches.leaves}]" for n in range(1, branches.gates + 1)]
    (folder / "topology.conf").write_text("\n".join(["[routes]", *lines, ""]))
    nodes = ",".join(f"198.19.{n}.[1-{branches.leaves}]" for n in range(1, branches.gates + 1))
    environ = {
        "CLUSTERSHELL_CFGDIR": str(folder),
        "CLUSTERSHELL_GW_PYTHON_EXECUTABLE": sys.executable,
    }
    options = f"-F {branches.directory}/ssh_config"
    words = [os.path.join(os.path.dirname(sys.executable), "clush"), "-o", options, "-t", "60", "-f", "64"]
    return [*words, "-w", nodes, "echo hi"], environ


def through_gateways(*options: str) -> list[str]:
    """Return the command line that is compared, by default through the tree."""
    way = options or ("--engine", "clustershell")
    return [*STENTOR, "run", "-N", "--stream", "-t", "60", *way, "@leaves", "echo x: hi"]


def pairs(sizes: list[int], rounds: int) -> None:
    """Print a row for each size and way: medians of wall time and CPU here, and nodes that answered."""
    print("leaves | way | wall s | CPU here s | answered")
    for size in sizes:
        place = Path(tempfile.mkdtemp(prefix="bt-"))
        branches = start_branches(place, gates=4, leaves=size // 4)
        environ = {**environ_of(place / "me"), "STENTOR_FLEET": str(branches.fleet_dir)}
        try:
            clush, more = clush_words(branches, place)
            ways: dict[str, tuple[list[str] | None, dict[str, str]]] = {
                "tree": (["--engine", "clustershell"], {}),
                "flat, cold": (["--engine", "openssh"], {}),
                "clush": (None, more),
                "flat, warm": (["--engine", "openssh"], {}),
            }
            found: dict[str, list[tuple[float, float, int]]] = {}
            for _ in range(rounds):
                for words in (["masters", "stop", "@all"], ["run", "@gates", "true"]):
                    quietly(branches, words, environ)
                for way, (options, extra) in ways.items():
                    words = through_gateways(*options) if options is not None else clush
                    found.setdefault(way, []).append(timed(branches.inside(words), {**environ, **extra}))
            for way, values in found.items():
                wall, cpu = (median(value[index] for value in values) for index in (0, 1))
                print(f"{size} | {way} | {wall:.2f} | {cpu:.2f} | {min(v[2] for v in values)}", flush=True)
        finally:
            quietly(branches, ["masters", "stop", "@all"], environ)
            branches.stop()
            shutil.rmtree(place, ignore_errors=True)


def scale(sizes: list[int]) -> None:
    """Print a row for each size: time, CPU, and the most of memory, processes, descriptors and bytes here."""
    place = Path(tempfile.mkdtemp(prefix="bt-"))
    crowd = start_crowd(place, GATES)
    give_clustershell(place / "home")
    (place / "bin").mkdir()
    (place / "bin/ssh").write_text(LEAF)
    (place / "bin/ssh").chmod(0o755)
    (place / "home/.bashrc").write_text(f"PATH={place}/bin:$PATH\n")
    environ = {**environ_of(place / "me"), "STENTOR_FLEET": str(crowd.fleet_dir)}
    print("nodes | wall s | CPU here s | stentor MB | tree MB | processes | descriptors | read B | answered")
    try:
        for size in sizes:
            (crowd.fleet_dir / "nodes.yaml").write_text(fleet_of(size))
            quietly(crowd, ["run", "-t", "60", "node[01-20]", "true"], environ)
            row, answered = watched(crowd.inside(command_for()), environ)
            print(size, "|", row, flush=True)
            if answered != size:
                sys.exit(f"{answered} of {size} nodes answered")
    finally:
        quietly(crowd, ["masters", "stop", "@all"], environ)
        crowd.stop()
        shutil.rmtree(place, ignore_errors=True)


def fleet_of(size: int) -> str:
    """Twenty gateways, and behind each as many nodes."""
    each = size // GATES
    lines = ["ssh: {config: ../ssh_config}", "nodes:"]
    for gate in range(1, GATES + 1):
        addresses = f"10.{gate}.[0-1].[0-249]" if each == 500 else f"10.{gate}.0.[1-{each}]"
        lines.append(f"  node{gate:02}: {{address: 127.44.0.{gate}}}")
        lines.append(f'  "h{gate:02}x[1-{each}]": {{address: "{addresses}", gateway: node{gate:02}}}')
    return "\n".join([*lines, 'groups: {leaves: "@all!node[01-20]"}', ""])


def command_for() -> list[str]:
    options = ["--engine", "clustershell", "-t", "60", "--stream", "--yes-really", "20"]
    return [*STENTOR, "run", *options, "@leaves", "echo hi"]


def watched(words: list[str], environ: dict[str, str]) -> tuple[str, int]:
    """Run it and look at it and its children every tenth of a second; also say how many nodes answered."""
    before, start = os.times(), time.monotonic()
    most = {"rss": 0, "tree": 0, "processes": 0, "files": 0, "read": 0}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(words, env=environ, stdout=out, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            look(process.pid, most)
            time.sleep(0.1)
        out.seek(0)
        answered = sum(line.endswith(b": hi\n") for line in out)
    wall, after = time.monotonic() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    memory = [most["rss"] // 1024, most["tree"] // 1024]
    found = [f"{wall:.1f}", f"{cpu:.2f}", *memory, most["processes"], most["files"], most["read"], answered]
    return " | ".join(map(str, found)), answered


def look(pid: int, most: dict[str, int]) -> None:
    """Keep the most of memory (KB), processes, open files and bytes read."""
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    files = 0
    for one in found:
        try:
            status = dict(line.split(":", 1) for line in Path(f"/proc/{one}/status").read_text().splitlines())
            files += len(os.listdir(f"/proc/{one}/fd"))
            rss = int(status.get("VmHWM", "0").split()[0])
            line = Path(f"/proc/{one}/cmdline").read_bytes()
            if b"tree.process" in line:
                most["tree"] = max(most["tree"], rss)
                read = int(Path(f"/proc/{one}/io").read_text().split()[1])
                most["read"] = max(most["read"], read)
            elif one == pid:
                most["rss"] = max(most["rss"], rss)
        except (OSError, ValueError, IndexError):
            continue
    most["processes"] = max(most["processes"], len(found))
    most["files"] = max(most["files"], files)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:]]
    if sys.argv[1:2] == ["pairs"]:
        pairs(numbers or [48, 200], 3)
    else:
        scale(numbers or [100, 1000, 10000])
