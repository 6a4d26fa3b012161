"""argparse with our manners: no abbreviations, errors as ``UsageError``, hints for what is misspelt.

Plain words are read without it (:mod:`stentor.cli.plain`); it writes help, and says what is wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.cli.help import width_of
from stentor.cli.plain import SILENT, ByEquals
from stentor.errors import UsageError, filled
from stentor.typed import Any, NoReturn

# Our texts are English, so argparse's are too; to look for a translation takes it as long as to parse.
argparse._ = str  # type: ignore[attr-defined]


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Examples stay as written. Told the width: argparse would import shutil to ask for it."""

    def __init__(self, prog: str, **options: Any) -> None:
        options.setdefault("width", width_of(sys.stdout) - 2)
        super().__init__(prog, **options)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Commands stay as written; sentences are wrapped, and what an example does then stands below it."""
        from stentor.render.wrap import page

        return page(super()._fill_text(text, width, indent), width + 2)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """As argparse's, which would break the name of an option at its hyphens."""
        from stentor.render.wrap import fill

        return fill(" ".join(text.split()), width).split("\n")

    def add_argument(self, action: argparse.Action) -> None:
        """As Python 3.13's: help starts in a column behind the longest command with its indent."""
        super().add_argument(action)
        for below in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(below)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """``-w, --window N``: what Python 3.13 and later write, without naming the value twice."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        text = f"{', '.join(action.option_strings)} {value}"
        from stentor.render.wrap import fill

        return fill(text, self._width - self._current_indent, below=" " * (self._current_indent + 4))

    def _format_usage(self, *arguments: Any) -> str:
        """As argparse's, whose indent leaves a narrow terminal too few columns for an option.

        From Python 3.13 on it breaks lines between the options of a group, too.
        """
        text = super()._format_usage(*arguments)
        if all(len(line) <= self._width + 2 and line[-1:] != "|" for line in text.split("\n")):
            return text
        from stentor.render.wrap import usage

        return usage(re.sub(r"\x1b\[[0-9;]*m", "", text), self._width + 2)

    # From Python 3.14 on every formatter, the one which only checks options as well, imports some twenty
    # modules (inspect, dataclasses) to know the colours. They are fetched when help is really written.

    def _set_color(self, color: bool) -> None:
        self._coloured = color
        for name in ("_theme", "_decolor"):
            self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        if name not in ("_theme", "_decolor"):
            raise AttributeError(name)
        getattr(super(), "_set_color")(self._coloured)  # noqa: B009 - Python 3.11 to 3.13 have none
        return self.__dict__[name]


class Parser(argparse.ArgumentParser):
    """argparse with our manners: no abbreviations, errors as ``UsageError``, examples kept as written."""

    # From an option which is unknown, or misused, and its value to what to type in its place, or nothing.
    instead: Callable[[str, str], str] | None = None
    _typed: Sequence[str] = ()
    _again = False  # words are being read for the second time

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", Formatter)
        super().__init__(**options)

    def _add_action(self, action: Any) -> Any:
        """As argparse's, which knows what is not to be shown by the very object."""
        if action.help == SILENT:
            action.help = argparse.SUPPRESS
        return super()._add_action(action)

    def add_subparsers(self, **options: Any) -> Any:
        """As argparse's; told the program's name, which it would write a usage line to find."""
        return super().add_subparsers(**{"prog": self.prog, **options})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's; options may stand anywhere between the operands: ``check --json NODE``.

        argparse takes a later operand that may be left out for left out as soon as an option follows the
        earlier one. Where words are left over for that reason they are read again, the options first.
        """
        found, rest = super().parse_known_args(args, namespace)
        if self._again or not rest or any(word.startswith("-") for word in rest) or self._takes_the_rest():
            return found, rest
        self._again = True
        try:
            return self.parse_known_intermixed_args(args)
        finally:
            self._again = False

    def _match_argument(self, action: Any, arg_strings_pattern: str) -> int:
        """As argparse's, which has this pattern for what stands behind ``=``, and for a last word alone."""
        if isinstance(action, ByEquals) and arg_strings_pattern != "A":
            return 0
        return super()._match_argument(action, arg_strings_pattern)

    def _takes_the_rest(self) -> bool:
        """Whether an operand is all words that follow: a command line or a verb with its own options."""
        return any(
            action.nargs in (argparse.REMAINDER, argparse.PARSER) and not action.option_strings
            for action in self._actions
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """As ``parse_args``; what a verb does not know is answered with the way to that verb's help."""
        arguments: argparse.Namespace
        self._typed = words
        arguments, unknown = self.parse_known_args(words)
        if unknown:
            option, _, value = unknown[0].partition("=")
            asked = self._asked(getattr(arguments, "verb", None))
            if hint := self._in_place_of(option, value or next(iter(unknown[1:]), ""), asked):
                raise UsageError(f"there is no {option} here", hint=hint)
            selector, verb = getattr(arguments, "selector", None), getattr(arguments, "verb", None)
            if not any(word.startswith("-") for word in unknown):
                from stentor.cli import habits

                hint = habits.behind_service(self._name(), verb or "", unknown)
                if isinstance(selector, str):
                    hint = habits.behind_selector(self._name(), selector, unknown)
                if hint:
                    raise UsageError(f"unrecognized arguments: {' '.join(unknown)}", hint=hint)
            asked.unknown(option, unknown)
        return arguments

    def _in_place_of(self, option: str, value: str, asked: Parser) -> str:
        """What to type in place of an option that ``asked``, this parser or a verb's, does not have."""
        if not option.startswith("-"):
            return ""
        from stentor.cli import habits

        told = self.instead(option, value) if self.instead else ""
        return told or habits.option(self._name(), option, value, asked._option_string_actions)

    def _name(self) -> str:
        """Return the command, also where this is the parser of one of its verbs."""
        return "".join(self.prog.split(" ")[1:2])

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """As argparse's; a word of ours that is empty is an error everywhere. Those of a command may be."""
        if "" in arg_strings and action.nargs not in (argparse.REMAINDER, argparse.PARSER):
            filled(
                "", action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)
            )
        return super()._get_values(action, arg_strings)

    def _asked(self, verb: str | None) -> Parser:
        """Return the parser of the verb that was asked for, or this one."""
        for action in self._actions:
            if verb and isinstance(action.choices, dict):  # a list where the verb is a mere operand
                return action.choices[verb]  # type: ignore[no-any-return]
        return self

    def unknown(self, option: str, words: Sequence[str]) -> NoReturn:
        """Raise what dispatch says of words that this parser does not know; ``option`` is the first."""
        from stentor.fleet.suggest import closest

        if option == "--fleet":
            command = self.prog.removeprefix("stentor ")
            raise UsageError("--fleet stands before the command", hint=f"stentor --fleet DIR {command} ...")
        known = [name[2:] for name in self._option_string_actions if name.startswith("--")]
        if option.startswith("--") and (close := closest(option[2:], known)):
            raise UsageError(f"there is no option {option} here", hint=f"did you mean '--{close}'?")
        self.error(f"unrecognized arguments: {' '.join(words)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """As argparse's; a verb or a value that is misspelt is answered with the one that was meant."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError:
            from stentor.cli import habits
            from stentor.fleet.suggest import closest

            choices = [str(choice) for choice in action.choices or ()]
            known = habits.verb(self._name(), str(value)) if action.dest == "verb" else ""
            close = closest(str(value), choices)
            if close and action.dest == "verb" and close[0] != str(value)[:1].lower():
                close = None  # 'crtr' is a node, and not 'retire' misspelt
            if close and not known:
                raise UsageError(f"there is no '{value}' here", hint=f"did you mean '{close}'?") from None
            if action.dest != "verb":
                raise
            known = known or habits.no_verb(self._name(), str(value))
            hint = known or f"one of {', '.join(choices)}; see '{self.prog} --help'"
            what = "format" if action.metavar == "FORMAT" else "verb"
            raise UsageError(f"'{self.prog}' has no {what} '{value}'", hint=hint) from None

    def error(self, message: str) -> NoReturn:
        """Raise what dispatch turns into two lines on stderr."""
        hint = ""
        if self.instead and message.startswith("argument -"):  # "argument -o/--output-dir: expected one ..."
            letter, _, spelled = message.removeprefix("argument ").partition(":")[0].partition("/")
            if not any(word.partition("=")[0] == spelled for word in self._typed):
                hint = self.instead(
                    letter, ""
                )  # the letter may mean something else elsewhere; the word does not
        see = f"see '{self.prog} --help'"
        if message.startswith("the following arguments are required"):
            if verbs := self.verbs():
                raise UsageError(f"'{self.prog}' needs a verb: {', '.join(verbs)}", hint=see)
            usual = self.usage.partition("\n")[0].replace("[options] ", "") if self.usage else ""
            hint = f"{usual or ' '.join([self.prog, *self._operands()])}; {see}"
            # Before Python 3.13 all words that follow are named as well, though there may be none.
            start, _, named = message.rpartition(": ")
            rest = {action.metavar for action in self._actions if action.nargs == argparse.REMAINDER}
            message = f"{start}: {', '.join(one for one in named.split(', ') if one not in rest)}"
        raise UsageError(message, hint=hint or see)

    def verbs(self) -> dict[str, Parser]:
        """Return the parsers of its verbs by their names."""
        found = (action.choices for action in self._actions if isinstance(action.choices, dict))
        return {verb: parser for choices in found for verb, parser in choices.items()}

    def _operands(self) -> Iterator[str]:
        """What has to be there, and operands that may, as the usage line has it."""
        for action in self._actions:
            words = self._get_formatter()._format_args(action, action.dest)
            if not action.option_strings:
                yield words
            elif action.required:
                yield f"{action.option_strings[0]} {words}"


def verbs(
    parser: Parser, table: Mapping[str, str], *, metavar: str = "VERB", required: bool = True
) -> dict[str, Parser]:
    """Add sub-commands; ``arguments.verb`` then names the one that was asked for."""
    group = parser.add_subparsers(dest="verb", metavar=metavar, required=required, parser_class=Parser)
    return {
        verb: group.add_parser(verb, help=summary, description=summary) for verb, summary in table.items()
    }


def add_watch(parser: Parser) -> None:
    """Add ``--watch [SECONDS]`` and ``--count N``; :func:`watch_seconds` reads them."""
    parser.add_argument(
        "-w", "--watch", nargs="?", const="2", metavar="SECONDS", help="again and again (default: every 2)"
    )
    parser.add_argument("-c", "--count", type=int, metavar="N", help="with --watch: so many rounds")


def watch_seconds(arguments: argparse.Namespace) -> float | None:
    """Return the seconds of ``--watch``, or None without it.

    A word after ``--watch`` which is no number is a selector, and is put into ``arguments.selector``.

    Raises:
        UsageError: the numbers make no sense.
    """
    if arguments.count is not None and (arguments.watch is None or arguments.count < 1):
        raise UsageError(
            "--count is a number of rounds for --watch", hint="for example: --watch 2 --count 10"
        )
    if arguments.watch is None:
        return None
    from stentor.cli.times import seconds

    try:
        return seconds(arguments.watch)
    except argparse.ArgumentTypeError as error:
        if arguments.watch[:1] in set("0123456789.-+") or arguments.watch in ("nan", "inf"):
            raise UsageError(f"--watch: {error}") from None
    arguments.selector.insert(0, arguments.watch)
    return 2.0
