"""The two streams of the process as one surface: whole writes, a progress line which gets out of the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from stentor.typed import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

if TYPE_CHECKING:
    from stentor.render.table import Cell, Column

ERASE = b"\r\x1b[K"


class Screen:
    """Where displays write.

    Output is written as bytes and flushed with every write, so that a reader at the other end of a
    pipe sees it at once. Our own text is encoded as the stream's encoding says.
    """

    __slots__ = (
        "_drawn", "_encoding", "_err", "_middle", "_out", "_width", "colour_err", "colour_out",
        "held", "live_err", "live_out", "plain", "raw",
    )  # fmt: skip

    def __init__(
        self,
        out: BinaryIO,
        err: BinaryIO,
        *,
        width: int | Callable[[], int] = 80,
        colour_out: bool = False,
        colour_err: bool = False,
        live_out: bool = False,
        live_err: bool = False,
        plain: bool = False,
        encoding: str = "utf-8",
    ) -> None:
        self._out = out
        self._err = err
        self._encoding = encoding
        self._drawn = False
        self._middle = False  # a terminal's cursor stands in the middle of a line
        self.held = False  # the terminal is lent to somebody else (a login that asks): nothing is drawn
        self.raw = False  # what nodes write goes to the terminal as it is, whatever it does there
        self._width = width
        self.colour_out = colour_out  # whether results may be coloured
        self.colour_err = colour_err  # whether messages may be coloured
        self.live_out = live_out  # stdout is a terminal
        self.live_err = live_err  # stderr is a terminal
        self.plain = plain  # for a screen reader: no rules, nothing that only the eye takes in

    @property
    def width(self) -> int:
        """Columns to draw in; asked for anew each time, since windows change their size."""
        return self._width if isinstance(self._width, int) else self._width()

    def out(self, data: bytes) -> None:
        """Write results."""
        self._write(self._out, data, live=self.live_out)

    def err(self, data: bytes) -> None:
        """Write bytes to stderr."""
        self._write(self._err, data, live=self.live_err)

    def _write(self, stream: BinaryIO, data: bytes, *, live: bool) -> None:
        if not data:
            return
        if self._drawn:
            self.erase()
        stream.write(data)
        stream.flush()
        if live:
            self._middle = not data.endswith(b"\n")

    def write(self, stream: str, data: bytes) -> None:
        """Write what a node wrote to the stream of the same name."""
        if stream == "stderr":
            self.err(data)
        else:
            self.out(data)

    def shown(self, stream: str, chunks: Iterable[bytes]) -> Iterable[bytes]:
        """Return what one of many nodes wrote as this stream takes it: a terminal must not obey it."""
        if self.raw or not (self.live_err if stream == "stderr" else self.live_out):
            return chunks
        from stentor.render.visible import visible

        return visible(chunks, self._encoding)

    def require_reader(self) -> None:
        """Fail as a write of results would where their reader has gone: who is silent does not write.

        Raises:
            BrokenPipeError: nobody reads stdout any more.
        """
        import errno
        from select import POLLERR, poll

        try:
            descriptor = self._out.fileno()
        except (OSError, ValueError, AttributeError):  # a stream in memory
            return
        asked = poll()
        asked.register(descriptor, 0)
        if any(event & POLLERR for _, event in asked.poll(0)):
            raise BrokenPipeError(errno.EPIPE, "nobody reads the output")

    def say(self, text: str) -> None:
        """Write a message of ours to stderr, on a line of its own."""
        start = "\n" if self._middle and self.live_err else ""
        if self.live_err:
            from stentor.render.wrap import message

            text = message(text, self.width)
        with suppress(OSError):  # nobody hears it, and that changes nothing of what is done
            self.err(self._line(f"{start}{text}\n", live=self.live_err))

    def _line(self, text: str, *, live: bool) -> bytes:
        """A line of ours may hold words of a node, which a terminal must not obey either."""
        if live and not self.raw and not text[:-1].isprintable():
            from stentor.render.visible import visible_text

            text = visible_text(text)
        return self.encode(text)

    def print(self, text: str) -> None:
        """Write a line of ours to stdout."""
        self.out(self._line(text + "\n", live=self.live_out))

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines of ours to stdout."""
        for line in lines:
            self.print(line)

    @property
    def columns(self) -> int | None:
        """Columns for results; None where stdout is no terminal: a pipe gets everything."""
        return self.width if self.live_out else None

    def painted(self, text: str, style: str) -> str:
        """Return a text for stdout in a style of ``render.style``."""
        from stentor.render.style import paint

        return paint(text, style, self.colour_out)

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str | Cell]],
        *,
        header: bool = True,
    ) -> None:
        """Print a table on stdout.

        Args:
            columns: one for each cell of a row.
        """
        from stentor.render.table import table

        drawn = table(columns, rows, width=self.columns, colour=self.colour_out, header=header)
        self.lines(drawn)

    def encode(self, text: str) -> bytes:
        """Text as bytes for this terminal; what it cannot show is escaped, never an error."""
        return text.encode(self._encoding, "backslashreplace")

    def can_show(self, text: str) -> bool:
        """Whether the terminal's encoding has these characters."""
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True

    def draw(self, line: str) -> None:
        """Show a line on stderr which disappears before the next write; not in the middle of a line."""
        if self._middle or self.held:
            return
        with suppress(OSError):
            self._err.write(ERASE + self.encode(line))
            self._err.flush()
        self._drawn = True

    def erase(self) -> None:
        """Take the drawn line away."""
        if self._drawn:
            self._drawn = False
            with suppress(OSError):
                self._err.write(ERASE)
                self._err.flush()


def binary(stream: TextIO) -> BinaryIO:
    """Return what lies under a text stream, after writing what the text layer still holds.

    A text stream with nothing under it (``io.StringIO``) is wrapped.
    """
    stream.flush()
    under: Any = getattr(stream, "buffer", None)
    if under is None:
        under = _Lossless(stream)
    return cast("BinaryIO", under)


class _Lossless:
    """Bytes into a text-only stream, each undecodable byte as a surrogate."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        self._stream.write(bytes(data).decode("utf-8", "surrogateescape"))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()
