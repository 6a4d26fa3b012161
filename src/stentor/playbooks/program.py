"""Ansible's own program, driven from here: where it is, and what it says while it runs."""

from __future__ import annotations

import json
import os
import re
import selectors
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stentor import programs
from stentor.errors import StentorError, UsageError
from stentor.extras import lacking
from stentor.playbooks.listing import refuse_old

if TYPE_CHECKING:
    from stentor.fanout.cancellation import Cancellation

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside", "driver.py")

_CHUNK = 65536
_LOOK = 0.2  # seconds between two looks whether to stop
_PATIENCE = 8.0  # seconds for Ansible to end by itself when it is asked to
_KEPT = 1 << 16  # bytes of what it writes to standard error
_VAULT = "-J asks for the vault's password, --vault-id LABEL@FILE reads it"
_UNPARSED = re.compile(r"Failed to parse inventory with 'yaml' plugin: (.+)")


def python_of_ansible(environ: Mapping[str, str]) -> str:
    """Return the Python in which the user's ansible-playbook runs, else the one of stentor's own environment.

    Raises:
        ProgramMissing: there is no Ansible.
    """
    program = shutil.which("ansible-playbook", path=environ.get("PATH", os.defpath))
    if program and (python := _interpreter(os.path.realpath(program), environ)):
        return python
    if find_spec("ansible"):
        return sys.executable
    raise lacking("stentor playbook", "ansible")


def _interpreter(path: str, environ: Mapping[str, str]) -> str:
    """Return the interpreter that a script's first lines name; pip writes long ones into the second line."""
    try:
        with open(path, "rb") as file:
            head = [file.readline(1024).decode("utf-8", "replace") for _ in range(2)]
    except OSError:
        return ""
    words = head[0].removeprefix("#!").split()
    if not head[0].startswith("#!") or not words:
        return ""
    if os.path.basename(words[0]) == "sh" and head[1].startswith("'''exec'"):
        try:
            return shlex.split(head[1])[1]
        except (ValueError, IndexError):
            return ""
    if os.path.basename(words[0]) == "env":
        named = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
        return shutil.which(named, path=environ.get("PATH", os.defpath)) or ""
    return words[0] if "python" in os.path.basename(words[0]) else ""


def _locale(environ: Mapping[str, str]) -> dict[str, str]:
    """What Ansible needs to begin at all: a locale with UTF-8."""
    named = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    if named.lower().replace("-", "").endswith("utf8"):
        return {}
    return {"LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}


class Run:
    """One run of Ansible.

    Args:
        job: what is to be done; see ``inside/driver.py``.
        cancellation: by which another thread or a signal handler asks for the end.
    """

    def __init__(
        self, job: Mapping[str, Any], environ: Mapping[str, str], cancellation: Cancellation | None = None
    ) -> None:
        self.code = -1  # the exit code of ansible-playbook, once its records have come to their end
        self.errors = b""  # what it wrote to standard error
        # What Ansible could not read or do, as an error; None where there was nothing.
        self.fault: StentorError | None = None
        self.interrupted = False  # whether it was asked to end
        self._job = job
        self._environ = {**environ, **_SETTINGS, **_locale(environ)}
        self._stop = cancellation
        self._asked_at = 0.0

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield what it says; closing this ends it.

        Raises:
            ProgramMissing: there is no Ansible.
            Refused: it is too old.
        """
        argv = [python_of_ansible(self._environ), DRIVER]
        pipe = programs.PIPE
        with programs.Running(argv, self._environ, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            _write(process.stdin, json.dumps(self._job).encode() + b"\n")
            rest = b""
            for data in self._read(process):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    record = json.loads(line)
                    if record["e"] == "error":
                        self.fault = _fault(record)
                        continue
                    _refuse(record)
                    yield record
            code = process.wait(_PATIENCE)
            self.code = 128 + signal.SIGKILL if code is None else code

    @property
    def said(self) -> str:
        """What it wrote to standard error, as text."""
        return self.errors.decode("utf-8", "replace")

    def _read(self, process: programs.Running) -> Iterator[bytes]:
        """Yield what comes on its standard output; ask it to end where that is wanted."""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stderr, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(_LOOK):
                    data = os.read(key.fd, _CHUNK)
                    if not data:
                        selector.unregister(key.fd)
                    elif key.fd == process.stdout:
                        yield data
                    else:
                        self.errors = (self.errors + data)[-_KEPT:]
                if self._must_end(process):
                    return

    def _must_end(self, process: programs.Running) -> bool:
        """Ask it to end, once; whether it is to be killed now."""
        if self._stop is None or not self._stop.reason:
            return False
        if not self.interrupted:
            self.interrupted = True
            self._asked_at = time.monotonic()
            process.terminate(signal.SIGINT)
        return self._stop.requests > 1 or time.monotonic() - self._asked_at > _PATIENCE


_SETTINGS = {
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_FORCE_COLOR": "0",
    "ANSIBLE_RETRY_FILES_ENABLED": "0",
    # What cannot be read is an error, and no warning.
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
}


def _write(descriptor: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError:
        return  # it has ended, and says why


def _refuse(record: Mapping[str, Any]) -> None:
    kind = record.get("e")
    if kind == "missing":
        raise lacking("stentor playbook", "ansible")
    if kind == "ansible":
        refuse_old(str(record["version"]))


def _fault(record: Mapping[str, Any]) -> UsageError:
    hint = _VAULT if record["vault"] else ""
    return UsageError(_sentence(str(record["message"])), where=str(record["where"]), hint=hint)


def _sentence(text: str) -> str:
    return f"Ansible: {' '.join(text.split()).removesuffix('.')}"


def failed(run: Run) -> StentorError:
    """Return the error for a run that ended without a word on its hosts, in Ansible's own words."""
    if run.fault is not None:
        why = _UNPARSED.search(run.said) if "parse inventory" in run.fault.message else None
        if why is None:
            return run.fault
        # The error itself does not say; nor that variables of -e are read with the inventory.
        hint = _VAULT if "vault" in why[1] else ""
        return UsageError(
            f"{run.fault.message}: {why[1].removesuffix('.')}", where=run.fault.where, hint=hint
        )
    lines = [line for line in run.said.splitlines() if line.strip() and not line.startswith("[WARNING]")]
    text = lines[0] if lines else f"it ended with exit code {run.code}"
    return StentorError(_sentence(text.removeprefix("[ERROR]: ").removeprefix("ERROR! ")))
