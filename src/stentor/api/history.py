"""Read the journal, and run an operation again: behind ``stentor history``, ``show``, ``diff``, ``rerun``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor.api.operations import TERMS, TYPED, Terms
from stentor.api.run import RunRequest, environment_of
from stentor.errors import Refused
from stentor.fanout.given import Given, readable
from stentor.fanout.task import DEFAULTS
from stentor.journal.operation import Record
from stentor.operation.planning import RolloutOptions
from stentor.sh.quoting import quoted

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.journal.query import Filter

REPEATS = "rerun repeats 'stentor run', 'playbook' and 'ansible'"
# They need no more words than nodes.
_BY_NODES = ("dotfiles apply", "dotfiles catch-up", "reboot", "shutdown", "wake")


def past_operations(environ: Mapping[str, str], wanted: Filter, limit: int = 20) -> list[Record]:
    """Return the latest operations, the newest first, with their nodes but without output.

    Raises:
        StentorError: the journal cannot be read.
    """
    from stentor import journal
    from stentor.journal.query import history

    with journal.read(environ) as book:
        book.require()
        return history(book, wanted, limit=max(0, limit))


def past_operation(
    environ: Mapping[str, str], reference: str | int, root: str | None, *, kinds: Sequence[str] = ()
) -> Record:
    """Return one operation with all that is kept of it.

    Args:
        environ: the environment, for the journal's place.
        reference: a number, ``@last``, or ``@last~1``.
        root: the fleet directory at hand; None where there is no fleet.
        kinds: for ``@last``: only these stentor commands.

    Raises:
        UsageError: there is no such operation.
    """
    from stentor import journal
    from stentor.journal.query import find

    with journal.read(environ) as book:
        return find(book, str(reference), root, kinds=kinds)


def steps_of(environ: Mapping[str, str], number: int) -> list[tuple[float, str, str]]:
    """Return an operation's steps: time in seconds since 1970, node, text."""
    from stentor import journal
    from stentor.journal.query import steps

    with journal.read(environ) as book:
        return steps(book, number)


def by_hand(record: Record, nodes: Sequence[str]) -> str:
    """Return the command that does an operation again on these of its nodes, if the journal has its words."""
    if record.kind in _BY_NODES:
        return quoted(("stentor", *record.kind.split(), *_typed(record), ",".join(nodes)))
    return f"stentor show {record.id}"


def _typed(record: Record) -> Sequence[str]:
    if record.kind == "dotfiles apply" and any(node.kind == "failed" for node in record.nodes):
        return ()  # a fix is a new revision: nobody is told to bring this one to more nodes
    words: Sequence[str] = record.options.get(TYPED, ())
    return words


class Again(NamedTuple):
    """What is needed to run an operation again."""

    wanted: RunRequest  # what the nodes are asked to run, before secrets are read
    terms: Terms  # the same limits and waves; a canary that has had its turn is left out
    env_secret: tuple[str, ...]  # variables whose values were not kept
    sudo: str | None  # as whom it was run by sudo, or None


@contextmanager
def again(
    fleet: BaseFleet,
    record: Record,
    nodes: Sequence[str],
    terms: Terms = TERMS,
    *,
    stdin: bytes | str | None = None,
) -> Iterator[Again]:
    """Give what runs an operation again, for as long as its script or input must be there.

    Args:
        record: an operation of ``stentor run``.
        nodes: aliases of the nodes, some of the operation's.
        terms: who confirms, and what is switched off; limits and waves are the operation's own.
        stdin: its standard input, where it had one: that is not kept.

    Raises:
        Refused: it was no ``stentor run``, or its standard input is missing.
    """
    if record.kind != "run":
        raise Refused(
            f"operation {record.id} was 'stentor {record.kind}'; {REPEATS}",
            hint=f"for that one: {by_hand(record, nodes)}",
        )
    options = read_options(record.options)
    is_script = "text" in options
    if options.get("stdin") and stdin is None:
        raise Refused(
            f"operation {record.id} was given a standard input, and that is not kept",
            hint=f"give it again: stentor rerun {record.id} < FILE",
        )
    command = record.command
    given: bytes | str | None = stdin if options.get("stdin") else None
    if is_script:
        from stentor.fanout import script

        text: bytes = options["text"].encode()
        given = text
        name = os.path.basename(options.get("script") or "script")
        command = script.command(text[: script.HEAD], options.get("arguments", ()), name=name)
    with Given() as spooled:
        path = spooled.path_of(given)
        wanted = RunRequest(
            command,
            path,
            environment_of(options.get("env", ()), fleet.environ),
            options["text"] if is_script else readable(path),
            is_script=is_script,
            title=record.command,
            options={
                **{key: options[key] for key in _OWN if key in options},
                "rerun_of": options.get("rerun_of", record.id),
            },
        )
        yield Again(
            wanted,
            terms_again(fleet, options, nodes, terms),
            tuple(options.get("env_secret", ())),
            options.get("sudo"),
        )


_OWN = ("env", "env_secret", "sudo", "stdin", "script", "text", "arguments")


def terms_again(fleet: BaseFleet, options: Mapping[str, Any], nodes: Sequence[str], terms: Terms) -> Terms:
    """Return the terms of an operation that is run again on some of its nodes; its canary may be done."""
    settings = {name: options[name] for name in DEFAULTS._fields if name in options}
    rollout = {name: options[name] for name in RolloutOptions._fields if options.get(name) is not None}
    if "gates" in rollout:
        rollout["gates"] = tuple(rollout["gates"])
    for name in ("canary", "last"):
        if name in rollout:
            left = [node.alias for node in fleet.nodes(rollout[name]) if node.alias in nodes]
            rollout[name] = ",".join(left) or None
    return terms._replace(
        settings=terms.settings._replace(**settings), rollout=terms.rollout._replace(**rollout)
    )


# How the options were kept until release 0.1: as words of a command line.
_FLAGS = {"--fail-fast": "fail_fast"}
_LISTS = {"--env": "env", "--gate": "gates", "--env-secret": "env_secret"}
_NUMBERS: dict[str, type] = {
    "window": int, "retries": int, "at_once": int, "timeout": float, "connect_timeout": float
}  # fmt: skip


def read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a run as data, also those that an older stentor kept as words."""
    found = {key: value for key, value in options.items() if key != "words"}
    words = iter(options.get("words", ()))
    for word in words:
        name, equals, value = word.partition("=")
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif word in _LISTS:
            found.setdefault(_LISTS[word], []).append(next(words, ""))
        elif name == "--sudo":
            found["sudo"] = value if equals else "root"
        else:
            key = word.removeprefix("--").replace("-", "_")
            found[key] = _NUMBERS.get(key, str)(next(words, ""))
    return found


def option_words(options: Mapping[str, Any]) -> list[str]:
    """Return the options of a run as they are typed, for people."""
    words: list[str] = []
    for key, value in read_options(options).items():
        if key in ("stdin", "script", "text", "arguments", "rerun_of"):
            continue
        option = "--" + ("gate" if key == "gates" else key).replace("_", "-")
        if value is True:
            words.append(option)
        elif key == "sudo":
            words.append(f"{option}={value}")
        else:
            for one in value if isinstance(value, (list, tuple)) else (value,):
                words += [option, f"{one:g}" if isinstance(one, float) else str(one)]
    return words
