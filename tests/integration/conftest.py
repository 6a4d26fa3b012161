"""Practice nodes for the integration tests, and a world apart from the user's own.

* ``lab``: five real sshds, all up, fresh HOMEs in every test (one lab for each worker).
* ``make_lab``: a lab of the test's own: ``make_lab(nodes=50)``; ``make_lab()`` has two of five down.
* ``make_crowd``: hundreds of hosts which are one sshd, in a network of their own: ``make_crowd(500)``.
* ``make_sites``: two machines with one private address behind two gateways, in networks of their own.
* ``make_branches``: gateways, each in front of a network of leaves: ``make_branches(leaves=6)``.
* ``environ``: an environment with its own HOME and XDG directories, on short paths.
* ``stentor``: the real command in that environment: ``stentor("run", "@all", "true").code``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stentor import lab as labs
from stentor.lab import processes
from stentor.lab.directory import remove_tree
from stentor.lab.plan.process_tree import Process
from tests import folders
from tests.crowd import Crowd, start_crowd
from tests.gateways import Branches, start_branches
from tests.playbooks import Playbooks
from tests.sites import Sites, start_sites
from tests.support import check_records, need
from tests.terminal import Tmux


class Said(NamedTuple):
    """What came of a command."""

    code: int
    stdout: str
    stderr: str


Stentor = Callable[..., Said]
MakeLab = Callable[..., labs.Lab]


@pytest.fixture(scope="session")
def playground() -> Iterator[Path]:
    """A short directory for the session; at its end nothing of it may still run."""
    # And not pytest's tmp_path: a unix socket's path has at most 107 bytes, of which stentor leaves 49 to the
    # folder of a fleet's sockets. Where that is longer, tests would share one in /tmp.
    base = folders.make("s-")
    base.chmod(0o755)
    try:
        yield base
        left = [f"{process.pid} {' '.join(process.words)}" for process in living(base)]
        assert not left, f"tests left processes behind: {left}"
    finally:
        processes.kill(process.pid for process in living(base))
        remove_tree(base)
        folders.forget(base)


_REAP = ["-m", "stentor", "reap"]


def living(place: Path) -> list[Process]:
    """Processes which name this place in their command line or as their test's home."""
    named, marked = os.fsencode(place), os.fsencode(f"STENTOR_TEST={place}")
    found = []
    for pid in (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()):
        # After every test, and there may be a thousand processes: no more is read than it takes.
        with contextlib.suppress(OSError, ValueError):
            if named in processes.content(pid, "cmdline") or marked in processes.content(
                pid, "environ"
            ).split(b"\0"):
                found.append(processes.read(pid))
    return [process for process in found if process.pid != os.getpid() and process.state != "Z"]


@pytest.fixture(scope="session")
def five(playground: Path) -> Iterator[labs.Lab]:
    """The worker's lab; tests take ``lab``, which is reset after each of them."""
    lab = labs.up(playground / "five", all_up=True)
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def lab(five: labs.Lab) -> Iterator[labs.Lab]:
    """Five nodes, all up, as new."""
    yield five
    five.reset()


@pytest.fixture
def make_lab(playground: Path) -> Iterator[MakeLab]:
    """Make labs; they are taken down after the test."""
    made: list[labs.Lab] = []

    def make(nodes: int | None = None, **options: Any) -> labs.Lab:
        directory = Path(tempfile.mkdtemp(prefix="lab-", dir=playground))
        made.append(labs.up(directory, nodes=nodes, **options))
        return made[-1]

    yield make
    for lab in made:
        lab.down()


@pytest.fixture
def make_crowd(playground: Path) -> Iterator[Callable[[int], Crowd]]:
    """Make crowds (``make_crowd(1000)``): many hosts which are one sshd, in a network of their own."""
    need("ip", "unshare", "nsenter", "sshd")
    made: list[Crowd] = []

    def make(count: int) -> Crowd:
        made.append(start_crowd(tempfile.mkdtemp(prefix="c-", dir=playground), count))
        return made[-1]

    yield make
    for crowd in made:
        crowd.stop()


@pytest.fixture
def make_sites(playground: Path) -> Iterator[Callable[..., Sites]]:
    """Make two sites with one private address (``make_sites()``), each in a network of its own."""
    need("ip", "unshare", "nsenter", "sshd")
    made: list[Sites] = []

    def make(**options: bool) -> Sites:
        made.append(start_sites(tempfile.mkdtemp(prefix="w-", dir=playground), **options))
        return made[-1]

    yield make
    for sites in made:
        sites.stop()


@pytest.fixture
def make_branches(playground: Path) -> Iterator[Callable[..., Branches]]:
    """Make gateways with leaves behind them: ``make_branches(gates=4, leaves=6)``."""
    need("ip", "unshare", "nsenter", "sshd")
    made: list[Branches] = []

    def make(**options: Any) -> Branches:
        made.append(start_branches(tempfile.mkdtemp(prefix="b-", dir=playground), **options))
        return made[-1]

    yield make
    for branches in made:
        branches.stop()


@pytest.fixture
def environ(playground: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """An environment in which nothing of the user's is seen or touched.

    With the ``lab`` fixture in the same test, ``STENTOR_FLEET`` points at it.
    """
    base = Path(tempfile.mkdtemp(prefix="", dir=playground))
    assert len(f"{base}/run/stentor/12345678") <= 49
    variables = {
        "HOME": str(base),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', os.defpath)}",
        "STENTOR_TEST": str(base),
        "TMPDIR": str(base / "tmp"),
        "TMUX_TMPDIR": str(base / "tmp"),
        "USER": os.environ.get("USER", "tester"),
        "XDG_CACHE_HOME": str(base / "cache"),
        "XDG_CONFIG_HOME": str(base / "config"),
        "XDG_DATA_HOME": str(base / "data"),
        "XDG_RUNTIME_DIR": str(base / "run"),
        "XDG_STATE_HOME": str(base / "state"),
    }
    for name in ("tmp", "cache", "config", "data", "run", "state"):
        (base / name).mkdir(mode=0o700)
    if "lab" in request.fixturenames:
        variables["STENTOR_FLEET"] = str(request.getfixturevalue("lab").fleet_dir)
    yield variables
    # Of a stentor that was killed another process ends what is left, and takes the time it needs.
    end, left = time.monotonic() + 60, living(base)
    while time.monotonic() < end and any([*one.words][-3:] == _REAP for one in left):
        time.sleep(0.1)
        left = living(base)
    strangers = end_all(left)
    remove_tree(base)
    assert not strangers, f"the test left processes behind: {strangers}"


def end_all(left: Sequence[Process]) -> list[str]:
    """End what a test left running; return what is not a warm connection, which may stay for a while."""
    processes.kill(process.pid for process in left)
    processes.wait_gone(process.pid for process in left)
    words = {process.pid: " ".join(process.words) for process in left}
    return [
        f"{pid} {said}"
        for pid, said in words.items()
        if not said.startswith(("ssh ", "ssh: ", "/usr/bin/ssh "))
    ]


@pytest.fixture
def stentor(environ: dict[str, str]) -> Stentor:
    """Run the real command and wait for its end.

    Called as ``stentor(*arguments, fleet=None, input=None, env=None, cwd=None, timeout=60)``;
    ``fleet`` is a lab, a crowd (in whose network it then runs), a directory, or nothing for the
    ``lab`` fixture's.
    """

    def run(
        *arguments: str | os.PathLike[str],
        fleet: labs.Lab | Crowd | str | os.PathLike[str] | None = None,
        input: str | bytes | None = None,  # noqa: A002 - as subprocess.run calls it
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        timeout: float = 60,
    ) -> Said:
        variables = {**environ, **(env or {})}
        if fleet is not None:
            place = fleet.fleet_dir if isinstance(fleet, (labs.Lab, Crowd)) else fleet
            variables["STENTOR_FLEET"] = str(place)
        words = [sys.executable, "-m", "stentor", *map(str, arguments)]
        done = subprocess.run(
            fleet.inside(words) if isinstance(fleet, Crowd) else words,
            env=variables,
            cwd=cwd or environ["HOME"],
            input=input.encode() if isinstance(input, str) else input or b"",
            capture_output=True,
            timeout=timeout,
        )
        check_records(done.stdout)
        return Said(
            done.returncode,
            done.stdout.decode(errors="surrogateescape"),
            done.stderr.decode(errors="surrogateescape"),
        )

    return run


@pytest.fixture
def playbooks(lab: labs.Lab, stentor: Stentor, environ: dict[str, str], tmp_path: Path) -> Playbooks:
    """A folder of playbooks for the ``lab`` fixture's nodes, and the real command that runs them."""
    return Playbooks(tmp_path, stentor, environ)


@pytest.fixture
def terminal(environ: dict[str, str]) -> Iterator[Tmux]:
    """A tmux of the test's own."""
    need("tmux")
    tmux = Tmux(environ, "tests")
    yield tmux
    tmux.end()


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Callable[[int, int, int, int], None]:
    """Take down the doctor's figures: wounds found, of how many; invented, on how many nodes."""

    def take(found: int, wounds: int, invented: int, nodes: int) -> None:
        record_property("doctor", (found, wounds, invented, nodes))

    return take
