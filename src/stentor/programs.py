"""Start local programs in the background; those on a terminal are in :mod:`stentor.terminal`.

* ``run``, ``run_many``: wait for programs and return what they wrote.
* ``Running``, ``read``: read from a program while it runs.
* ``detach``: leave a program running after our end.

Each gets a session of its own, so Ctrl-C on our terminal does not reach it. It is ended with its whole
process group at its time limit, and when Ctrl-C ends the wait for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from stentor.errors import ProgramMissing, StentorError
from stentor.typed import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    import signal
    from subprocess import Popen
else:
    import _signal as signal  # signal itself makes enumerations of it, which costs a millisecond

# In place of a descriptor for a stream; as in subprocess, which is slow to import.
PIPE, MERGED, DEVNULL = -1, -2, -3

_CHUNK = 65536
_LAST_OUTPUT = 1.0  # seconds for reading what a killed program had written
_MOST_OUTPUT = 1 << 20  # bytes of each of many programs: what a node says through ssh has no end of its own
_KILLED = 128 + signal.SIGKILL
_OPENSSH = frozenset({"ssh", "ssh-add", "ssh-keygen", "ssh-keyscan", "sftp"})
_IN_DEBIAN = frozenset({"openssh-client", "tmux", "git", "rsync", "mosh", "age", "mmdebstrap", "bubblewrap"})


class Completed(NamedTuple):
    """What came of a program."""

    code: int  # its exit code; 128 and the signal's number if a signal ended it
    stdout: bytes  # what it wrote there, where that was a pipe
    stderr: bytes  # the same
    timed_out: bool = False  # whether it was killed at its time limit

    @property
    def text(self) -> str:
        """Its standard output as text."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Its standard error as text."""
        return self.stderr.decode("utf-8", "replace")


def missing(program: str) -> ProgramMissing:
    """Return the error for a program which is not installed."""
    package = "openssh-client" if program in _OPENSSH else os.path.basename(program)
    hint = f"install {package}"
    if package in _IN_DEBIAN:
        hint += f"; on Debian and Ubuntu: {as_root(f'apt-get install {package}')}"
    return ProgramMissing(f"{program} is not installed here", hint=hint)


def as_root(command: str) -> str:
    """Return a command line for root as this user types it: a small Debian has a root, and no sudo."""
    return command if os.geteuid() == 0 else f"sudo {command}"


def run(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    stdin: bytes = b"",
    cwd: str | None = None,
    timeout: float | None = None,
    stdout: int = PIPE,
    stderr: int = PIPE,
    session: bool = True,
    stop: Callable[[], bool] | None = None,
) -> Completed:
    """Run a program in the background and wait for it.

    Args:
        argv: the program, searched in PATH, and its arguments.
        timeout: seconds, after which it is killed.
        stdout: where its output goes: ``PIPE``, ``DEVNULL`` or a descriptor.
        stderr: the same; ``MERGED`` for where its output goes.
        session: False for a program that may ask for a password on our terminal: it stays in our
            session, Ctrl-C reaches it, and its time limit ends it alone.
        stop: asked several times a second whether to kill it before its time limit.

    Raises:
        ProgramMissing: it is not installed.
        StentorError: it cannot be started, or wrote more than 256 MB.
    """
    from stentor.exchange import Exchange

    process = _popen(argv, environ, cwd, PIPE if stdin else DEVNULL, stdout, stderr, session=session)
    exchange = Exchange(process, stdin)
    try:
        in_time = exchange.go_on(None if timeout is None else time.monotonic() + timeout, stop)
        if not in_time:
            _kill(process, group=session)
            # A program that left its group keeps the pipe open.
            exchange.go_on(time.monotonic() + _LAST_OUTPUT)
        code = shell_code(process.returncode) if in_time else _KILLED
        return Completed(code, exchange.stdout, exchange.stderr, timed_out=not in_time)
    finally:
        if process.returncode is None:
            _kill(process, group=session)
            process.wait()
        exchange.close()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()


def is_there(pid: int) -> bool:
    """Whether a process has this number, whoever it belongs to."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def run_many(
    argvs: Sequence[Sequence[str]],
    environ: Mapping[str, str],
    *,
    at_once: int,
    timeout: float,
    stderr: int = DEVNULL,
    completed: dict[int, Completed] | None = None,
) -> list[Completed]:
    """Run programs side by side and return what each wrote to its standard output, in their order.

    Args:
        at_once: how many run at the same time.
        timeout: seconds for each, after which it is killed; as it is when it has written 1 MB.
        stderr: as for ``run``, but no pipe.
        completed: is filled, by number, as they end; has those that ended when Ctrl-C ends this.

    Raises:
        ProgramMissing: one is not installed.
        StentorError: one cannot be started.
    """
    written = [bytearray() for _ in argvs]
    completed = {} if completed is None else completed
    running: dict[int, tuple[int, Running, float]] = {}
    try:
        while len(completed) < len(argvs):
            while len(running) < at_once and len(completed) + len(running) < len(argvs):
                number = len(completed) + len(running)
                process = Running(argvs[number], environ, stdout=PIPE, stderr=stderr)
                running[process.stdout] = number, process, time.monotonic() + timeout
            first = min(limit for _, _, limit in running.values())
            ready = _readable(running, first - time.monotonic())
            for descriptor, (number, process, limit) in list(running.items()):
                data = os.read(descriptor, _CHUNK) if descriptor in ready else None
                written[number] += data or b""
                late, much = time.monotonic() >= limit, len(written[number]) > _MOST_OUTPUT
                if data == b"" or late or much:
                    code = None if much else process.wait(limit - time.monotonic())
                    del running[descriptor]
                    process.close()
                    said, written[number] = bytes(written[number]), bytearray()
                    timed_out = code is None and not much
                    completed[number] = Completed(_KILLED if code is None else code, said, b"", timed_out)
    finally:
        for _, process, _ in running.values():
            process.close()
    return [completed[number] for number in range(len(argvs))]


class Running:
    """A program in a session of its own, for reading from it while it runs.

    ``close``, or the end of the ``with``, kills it and all that it started if it has not ended by then.

    Args:
        argv: the program, searched in PATH, and its arguments.
        stdin: ``DEVNULL``, ``PIPE`` or a descriptor.
        stdout: the same.
        stderr: the same, or ``MERGED``.

    Attributes:
        stdin: our descriptor to write its input to; -1 where that is no pipe.
        stdout: our descriptor to read its output from, or -1.
        stderr: the same.

    Raises:
        ProgramMissing: it is not installed.
        StentorError: it cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        *,
        stdin: int = DEVNULL,
        stdout: int = DEVNULL,
        stderr: int = DEVNULL,
    ) -> None:
        self._process = _popen(argv, environ, None, stdin, stdout, stderr)
        self._pipes = self._process.stdin, self._process.stdout, self._process.stderr
        self.stdin, self.stdout, self.stderr = (pipe.fileno() if pipe else -1 for pipe in self._pipes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, seconds: float = 0.0) -> int | None:
        """Return its exit code (128 and a signal's number); None if it has not ended within this time."""
        import subprocess

        try:
            return shell_code(self._process.wait(max(0.0, seconds)))
        except subprocess.TimeoutExpired:
            return None

    def terminate(self, number: int = signal.SIGTERM) -> None:
        """Ask it to end by a signal, and all that it started."""
        _kill(self._process, number)

    def close(self) -> None:
        """Kill it and all that it started, if it has not ended."""
        _kill(self._process)
        self._process.wait()
        for pipe in self._pipes:
            if pipe:
                pipe.close()


def read(descriptor: int, seconds: float) -> bytes | None:
    """Read what a program writes next: empty at the end of its output, None if nothing comes in time."""
    if not _readable([descriptor], seconds):
        return None
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:  # the end of a terminal's output
        return b""


def detach(
    argv: Sequence[str], environ: Mapping[str, str], *, stdin: int | None = None, log: str = os.devnull
) -> int:
    """Start a program that outlives this process, in a session of its own.

    Args:
        argv: the program, searched in PATH, and its arguments.
        stdin: a descriptor to be its standard input; else it has none.
        log: path of a file for its output, emptied first.

    Returns:
        Its process id.

    Raises:
        ProgramMissing: it is not installed.
        StentorError: it cannot be started.
    """
    actions: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        if stdin is None
        else (os.POSIX_SPAWN_DUP2, stdin, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        return spawn(argv, environ, file_actions=actions, setsid=True)
    except OSError as error:
        raise not_started(argv[0], error) from None


def spawn(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    file_actions: Sequence[tuple[int, int, str, int, int] | tuple[int, int, int]] = (),
    setsid: bool = False,
) -> int:
    """Start a program with default signal handling and return its process id; the caller waits for it.

    Args:
        argv: the program, searched in PATH, and its arguments.
        file_actions: as for ``os.posix_spawn``.
        setsid: whether it gets a session of its own.

    Raises:
        ProgramMissing: it is not installed.
        StentorError: a session of its own is not to be had here.
        OSError: it cannot be started.
    """
    defaults = (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, *((signal.SIGHUP,) if setsid else ()))
    try:
        return os.posix_spawnp(
            argv[0],
            list(argv),
            dict(environ),
            file_actions=file_actions,
            setsid=setsid,
            setsigmask=(),
            setsigdef=defaults,
        )
    except NotImplementedError:  # macOS before 10.15 has no setsid here
        raise StentorError(f"{argv[0]} cannot be started in a session of its own") from None
    except FileNotFoundError:
        raise missing(argv[0]) from None


def _popen(
    argv: Sequence[str],
    environ: Mapping[str, str],
    cwd: str | None,
    stdin: int,
    stdout: int,
    stderr: int,
    *,
    session: bool = True,
) -> Popen[bytes]:
    import subprocess

    try:
        return subprocess.Popen(
            argv,
            env=dict(environ),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=session,
        )
    except OSError as error:
        if cwd is not None and not os.path.isdir(cwd):
            raise StentorError(f"{argv[0]} cannot be started: no such directory", where=cwd) from None
        raise not_started(argv[0], error) from None


def not_started(program: str, error: OSError) -> StentorError:
    """Return the error for a program which could not be started."""
    if isinstance(error, FileNotFoundError):
        return missing(program)
    return StentorError(f"{program} cannot be started: {error.strerror}")


def _kill(process: Popen[bytes], number: int = signal.SIGKILL, *, group: bool = True) -> None:
    if process.returncode is None:  # not waited for yet, so its number cannot be another's
        with suppress(ProcessLookupError, PermissionError):  # macOS: a zombie's group may not be signalled
            (os.killpg if group else os.kill)(process.pid, number)


def shell_code(returncode: int) -> int:
    """Return an exit code as a shell gives it: 128 and the signal's number, where Python has it negative."""
    return returncode if returncode >= 0 else 128 - returncode


def _readable(descriptors: Iterable[int], seconds: float) -> set[int]:
    import selectors

    with selectors.DefaultSelector() as selector:
        for descriptor in descriptors:
            selector.register(descriptor, selectors.EVENT_READ)
        return {key.fd for key, _ in selector.select(max(0.0, seconds))}
