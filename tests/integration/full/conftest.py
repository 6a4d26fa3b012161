"""Five full Debian 13 nodes with systemd, an operator's clone of dotfiles, and a real remote over ssh.

Every node is another kind, as to who can end a change after a reboot:

* ``crtr``: lingers, so its user manager runs from the boot on; hosts the remote. No cron.
* ``prtr``: the same with zsh.
* ``drtr``: does not linger and has no cron: nobody acts for its user before the next login.
* ``trtr``: its user managers are forbidden; it has cron.
* ``zrtr``: does not linger, and has cron.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from stentor.dotfiles import program
from stentor.errors import StentorError
from stentor.lab import processes
from stentor.lab.backends.full import PROGRAMS, Full, give_to_account
from stentor.lab.programs import Ran
from tests.integration.dotfiles import practice
from tests.integration.dotfiles.test_nodes import sent
from tests.integration.dotfiles.test_push import Hosted
from tests.support import need, need_root

LINGER = ("crtr", "prtr")
NO_CRON = ("crtr", "prtr", "drtr")
NO_MANAGER = ("trtr",)
STATE = ".local/state/stentor/dotfiles"


@pytest.fixture(scope="session")
def debians(playground: Path) -> Iterator[labs.Lab]:
    """Five booted Debians."""
    need_root()
    need(*PROGRAMS, "sshd")
    tools = playground / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "chezmoi").symlink_to(practice.newest_chezmoi())
    environ = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    lab = labs.up(
        playground / "full", backend="full", all_up=True, shells=("bash", "prtr=zsh"), environ=environ
    )
    try:
        shape(lab)
        yield lab
    finally:
        lab.down()


@pytest.fixture
def lab(debians: labs.Lab) -> Iterator[labs.Lab]:
    """In place of the usual five; as new afterwards, which takes a boot. Who only looks takes ``debians``."""
    yield debians
    debians.reset()
    shape(debians)


def shape(lab: labs.Lab) -> None:
    """Make each node the kind that it is."""
    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        list(pool.map(lambda alias: _shape(lab, alias), lab.nodes))


def _shape(lab: labs.Lab, alias: str) -> None:
    script = "set -e; until systemctl is-active -q multi-user.target; do sleep 0.1; done\n"
    if alias in NO_CRON:
        script += "dpkg --purge cron >/dev/null\n"
    if alias in NO_MANAGER:
        script += "systemctl mask user@.service\n"
    if alias in LINGER:
        script += f"loginctl enable-linger {lab.nodes[alias].user}\n"
    done = as_root(lab, alias, "sh", "-c", script)
    assert done.code == 0, done


def as_root(lab: labs.Lab, alias: str, *words: str) -> Ran:
    """Run a command as root in a node, whatever its network and its logins are like."""
    assert isinstance(lab.backend, Full)
    # Entering a node's namespaces alone would leave the command in a cgroup which logind does not know.
    service = ("systemd-run", "--quiet", "--pipe", "--wait", "--collect", *words)
    ran = lab.backend.enter(alias, *service)
    for _ in processes.ticks(10, pause=0.2):
        # In the middle of its boot systemd closes connections; the command was not begun then.
        if not (ran.code and "signal match: Connection reset" in ran.stderr):
            break
        ran = lab.backend.enter(alias, *service)
    return ran


def boot_id(lab: labs.Lab, alias: str) -> str:
    """Empty while the node is between two boots."""
    try:
        return as_root(lab, alias, "cat", "/proc/sys/kernel/random/boot_id").stdout.strip()
    except Exception:
        return ""


def reboot(lab: labs.Lab, alias: str) -> None:
    """As a person would: systemd ends everything in order, and the node boots again."""
    before = boot_id(lab, alias)
    assert before
    with contextlib.suppress(StentorError):  # it may be off before it has answered
        as_root(lab, alias, "systemctl", "reboot")
    # Five of them may do so at once beside other tests, and each first waits for what does not want to end.
    until(lambda: boot_id(lab, alias) not in ("", before), 180, f"{alias} is back")
    lab.backend.wait([alias])


def power_cut(lab: labs.Lab, alias: str) -> None:
    """No process of the node gets to do anything more; then it is switched on again."""
    os.kill(lab.backend.first_process(alias), 9)
    until(lambda: not lab.processes(alias), 60, f"{alias} is off")
    lab.backend.stop([alias])
    lab.backend.start([alias])
    lab.backend.wait([alias])


def until(holds: Callable[[], Any], seconds: float, what: str) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)


class FullDotfiles(Hosted):
    """The operator's side, for nodes whose files belong to somebody else."""

    def __call__(self, verb: str, *words: str, **options: Any) -> Any:
        return super().__call__(verb, *words, **{"timeout": 180, **options})

    def say(self, verb: str, *words: str, **options: Any) -> Any:
        return super().say(verb, *words, **{"timeout": 180, **options})

    def install(self, alias: str) -> None:
        """The lab gave every node this machine's chezmoi; what reads ``~/.local/bin`` finds it there."""
        place = self.lab.home(alias) / ".local" / "bin"
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "chezmoi").is_symlink():
            (place / "chezmoi").symlink_to("/usr/local/bin/chezmoi")
        give_to_account(self.lab.home(alias))

    def host(self) -> None:
        super().host()
        for alias in self.lab.nodes:
            give_to_account(self.lab.home(alias))

    def begin(self, alias: str, rev: str, op: str, text: str = "", **options: str) -> Ran:
        """Begin a change as the controller does, and go away without confirming it."""
        words = {"op": op, "rev": rev, "token": "t", "window": "60", "limit": "60", **options}
        return self.send(alias, "begin", text or sent(self, alias, rev), **words)

    def send(self, alias: str, verb: str, text: str, **options: str) -> Ran:
        """Run the node's program there, as the controller does."""
        done = subprocess.run(
            [
                "ssh", "-F", str(self.lab.ssh_config), "-o", "BatchMode=yes", alias,
                program.command(verb, **options),
            ],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def frozen(self, alias: str, rev: str, op: str, step: str, text: str, **options: str) -> None:
        """Begin a change whose program stands still at a step, there and not after a reboot."""
        frozen = Path(f"/proc/{self.lab.backend.first_process(alias)}/root/tmp/frozen")
        frozen.with_name("freeze").touch()
        thread = threading.Thread(
            target=self.begin, args=(alias, rev, op, freezing(text, step)), kwargs=options
        )
        thread.start()
        until(frozen.exists, 60, f"{alias} reached {step}")

    def pending(self, alias: str) -> bool:
        return (self.lab.home(alias) / STATE / "pending").exists()

    def history(self, alias: str, op: str) -> str:
        path = self.lab.home(alias) / STATE / "history" / op / "state"
        return path.read_text().strip() if path.exists() else ""

    def reason(self, alias: str, op: str) -> str:
        """Why a change was taken back, as the node has noted it."""
        path = self.lab.home(alias) / STATE / "reverted"
        lines = path.read_text().splitlines() if path.exists() else []
        return next((line.split(" ", 2)[2] for line in lines if line.split()[1] == op), "")

    def unlocked(self, alias: str) -> bool:
        return self.lab.run(alias, f"flock -n {STATE}/lock true").code == 0


def freezing(text: str, step: str) -> str:
    """A node's program that stands still at a step while /tmp/freeze is there."""
    plain = 'step() { say "step $1"; }'
    assert plain in text
    still = "{ : >/tmp/frozen; while [ -e /tmp/freeze ]; do sleep 0.2; done; }"
    return text.replace(
        plain, f'step() {{ say "step $1"; [ "$1" != {step} ] || [ ! -e /tmp/freeze ] || {still}; }}'
    )


@pytest.fixture
def dotfiles(lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> Iterator[FullDotfiles]:
    """All nodes on a first revision which came from the remote."""
    made = FullDotfiles(lab, stentor, environ)
    made.host()
    policy = lab.fleet_dir / "policy.yaml"
    policy.write_text(f"dotfiles: {{remote: '{made.url}', source: '{made.clone}', every: 5s, jitter: 1s}}\n")
    yield made
    policy.unlink()
