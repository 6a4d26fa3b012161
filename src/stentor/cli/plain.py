"""Reads plain words as argparse would, without the cost of importing it: a tenth of a short command.

Known options written out, each with its value behind it, then the operands. Whatever else there is (help,
``--name=value``, letters typed together, anything wrong) is left to argparse, which reads all of it anew.
"""

from __future__ import annotations

from stentor.typed import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import SimpleNamespace

REST = "..."  # argparse.REMAINDER: all words that follow
SILENT = "==SUPPRESS=="  # argparse.SUPPRESS: the help does not name it


class Action:
    """An action of our own, as argparse's parser and this one take it; a subclass has ``__call__``."""

    required = deprecated = False

    def __init__(
        self,
        option_strings: Sequence[str],
        dest: str,
        nargs: int | str | None = None,
        const: Any = None,
        default: Any = None,
        help: str | None = None,  # noqa: A002 - argparse's names
        metavar: str | None = None,
    ) -> None:
        self.option_strings = option_strings
        self.dest = dest
        self.nargs = nargs
        self.const = const
        self.default = default
        self.help = help
        self.metavar = metavar
        self.type = self.choices = None

    def format_usage(self) -> str:
        """The option as a line of usage names it."""
        return self.option_strings[0]


class ByEquals(Action):
    """Stores an option's value, which it may have behind ``=``: the next word never is one."""

    def __call__(self, _: object, found: object, value: object, *__: object) -> None:
        """Store it, or what it is without one."""
        setattr(found, self.dest, self.const if value is None else value)


class _UnclearError(Exception):
    """It takes argparse to read this."""


class _Words:
    """Takes what ``configure`` says of options and operands."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}  # by destination; at first the defaults
        self._options: dict[str, tuple[str, dict[str, Any]]] = {}
        self._operands: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> NoReturn:
        raise _UnclearError  # sub-parsers, say

    def add_argument_group(self, *_: Any) -> _Words:
        """A group is for help only."""
        return self

    def add_argument(self, *names: str, **spec: Any) -> None:
        """Take an option or an operand."""
        default = spec.get("default", False if spec.get("action") == "store_true" else None)
        if (isinstance(default, str) and "type" in spec) or spec.get("required"):
            raise _UnclearError
        if not names[0].startswith("-"):
            if not set(spec) <= {"metavar", "nargs", "help"} or spec.get("nargs") not in (None, REST):
                raise _UnclearError
            self._operands.append((names[0], spec.get("nargs")))
            return
        long = next((name for name in names if name.startswith("--")), names[0])
        dest = spec.pop("dest", long.lstrip("-").replace("-", "_"))
        self.found.setdefault(dest, default)
        for name in names:
            self._options[name] = dest, spec

    def error(self, _: str) -> NoReturn:
        """What is wrong is argparse's to say."""
        raise _UnclearError

    def read(self, words: Sequence[str]) -> None:
        """Read the words into ``found``."""
        operands, rest = list(self._operands), list(words)
        while rest:
            word = rest.pop(0)
            if word[:1] == "-":
                self._option(word, rest)
            elif not word or not operands or rest[:1] == ["--"]:
                raise _UnclearError
            else:
                self.found[operands.pop(0)[0]] = word
                if operands and operands[0][1] == REST:
                    self.found[operands.pop(0)[0]] = rest
                    break
        if operands:
            raise _UnclearError

    def _option(self, word: str, rest: list[str]) -> None:
        if word not in self._options:
            raise _UnclearError
        dest, spec = self._options[word]
        action = spec.get("action", "store")
        if action == "store_true":
            self.found[dest] = True
        elif action in ("store", "append"):
            value = self._value(spec, rest)
            self.found[dest] = value if action == "store" else [*(self.found[dest] or ()), value]
        elif not isinstance(action, str) and spec.get("nargs") == 0:
            found = _namespace(self.found)
            action((word,), dest, const=spec.get("const"))(self, found, [], word)
            self.found = vars(found)
        else:
            raise _UnclearError

    def _value(self, spec: dict[str, Any], rest: list[str]) -> Any:
        """Take the next word as the value of an option."""
        if not rest or not rest[0] or rest[0][0] == "-" or spec.get("nargs") is not None:
            raise _UnclearError
        try:
            value = spec.get("type", str)(rest.pop(0))
        except Exception:  # whatever it is, argparse calls it again and tells it
            raise _UnclearError from None
        if value not in spec.get("choices", (value,)):
            raise _UnclearError
        return value


def _namespace(found: dict[str, Any]) -> SimpleNamespace:
    from types import SimpleNamespace

    return SimpleNamespace(**found)


def read(configure: Callable[[Any], None], words: Sequence[str]) -> SimpleNamespace | None:
    """Return what the words of a command say; None where argparse has to read them.

    Args:
        configure: the command's, which names its options and operands.
        words: those behind the command.
    """
    reader = _Words()
    try:
        configure(reader)
        reader.read(words)
    except _UnclearError:
        return None
    return _namespace(reader.found)
