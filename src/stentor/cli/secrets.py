"""Secrets on the command line's side: asked for once, held in memory, handed over by standard input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from stentor.cli.context import Context
from stentor.cli.plain import ByEquals
from stentor.errors import Refused, UsageError
from stentor.fanout.events import Event, Finished, Output
from stentor.typed import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stentor.fanout.prelude import Prelude


def add_secrets(group: Any) -> None:
    """Add the options."""
    group.add_argument(
        "--sudo",
        action=ByEquals,  # `--sudo @all COMMAND` is for root on all nodes
        nargs="?",
        const="root",
        metavar="USER",
        help="by sudo, as root or --sudo=USER; a password is asked once and never stored",
    )
    group.add_argument(
        "--env-secret",
        metavar="NAME",
        action="append",
        default=[],
        help="set a variable there as it is here, or as it is typed; never shown or stored",
    )


def typed_secret(context: Context, prompt: str) -> str:
    """Return what a person types without its being shown; empty for Ctrl-D."""
    import getpass

    try:
        return getpass.getpass(prompt, stream=context.stderr)
    except EOFError:
        context.stderr.write("\n")
        return ""


class Secrecy(NamedTuple):
    """Which secrets a command needs."""

    names: Sequence[str] = ()  # variables, from the environment or asked for
    sudo: str | None = None  # as whom to run it, or None

    def __bool__(self) -> bool:
        return bool(self.names) or self.sudo is not None


class Secrets:
    """What must be known to the command, and to nobody else."""

    def __init__(self, needed: Secrecy, context: Context) -> None:
        self._sudo = needed.sudo
        self._context = context
        self.values = {name: self._value(name) for name in needed.names}
        self._password = self._sudo_password() if needed.sudo is not None else ""
        self._word = "stentor-" + os.urandom(8).hex()
        self._file: IO[bytes] | None = None
        self._remove = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Every secret, for the journal to leave out."""
        return tuple(value for value in (*self.values.values(), self._password) if value)

    def prelude(self, command: str) -> Prelude:
        """Return the command which reads them, and the lines to send."""
        from stentor.fanout import prelude

        return prelude.build(command, self.values, sudo=self._sudo, password=self._password, word=self._word)

    def channel(self, lines: bytes, stdin: str | None) -> str:
        """Return a path to open for the lines and the command's own input behind them; never on a disk."""
        import shutil

        try:
            number = os.memfd_create("stentor-secret")
        except (AttributeError, OSError):
            import tempfile

            with tempfile.NamedTemporaryFile(prefix="stentor-", delete=False) as named:
                number, path = os.dup(named.fileno()), named.name
            self._remove = path
        else:
            path = f"/proc/self/fd/{number}"
        self._file = open(number, "wb")  # noqa: SIM115 - sessions open it anew until the end
        self._file.write(lines)
        if stdin is not None:
            with open(stdin, "rb") as own:
                shutil.copyfileobj(own, self._file)
        self._file.flush()
        return path

    def close(self) -> None:
        """Forget what was sent."""
        if self._file is not None:
            self._file.close()
        if self._remove:
            os.unlink(self._remove)

    def follow(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on; what sudo refused becomes an outcome of its own."""
        if self._sudo is None:
            yield from events
            return
        from stentor.fanout.prelude import Verdicts

        verdicts = Verdicts(self._word)
        for event in events:
            if isinstance(event, Output) and event.stream == "stderr":
                data = verdicts.stderr(event.node, event.data)
                if data:
                    yield event._replace(data=data)
            elif isinstance(event, Finished):
                rest = verdicts.rest(event.node)
                if rest:
                    yield Output(event.node, "stderr", rest)
                yield Finished(event.node, verdicts.outcome(event.outcome))
            else:
                yield event

    def _value(self, name: str) -> str:
        if not name.isidentifier() or not name.isascii():
            raise UsageError(
                f"'{name}' is no name for an environment variable", hint="--env-secret takes no =VALUE"
            )
        given: Mapping[str, str] = self._context.environ
        value = given[name] if name in given else self._asked(f"{name}: ", f"--env-secret {name}")
        if not value:
            raise Refused(f"--env-secret {name}: it is empty", hint="give it a value, or leave it out")
        return value

    def _sudo_password(self) -> str:
        if not self._context.interactive():
            return ""  # nodes where sudo asks for nothing do not need it; the others say so
        return self._asked("sudo password for the nodes (empty if they ask for none): ", "--sudo")

    def _asked(self, prompt: str, option: str) -> str:
        if not self._context.interactive():
            raise Refused(
                f"{option}: there is no such variable, and nobody to ask", hint="set it in the environment"
            )
        return typed_secret(self._context, prompt)
