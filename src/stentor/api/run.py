"""Run a command or a script: the operation behind ``stentor run`` and ``Selection.run``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.api.operations import TERMS, Terms, operation, plan_of, request_of, terms_of
from stentor.errors import UsageError, filled
from stentor.fanout.given import READABLE, Given, readable
from stentor.fanout.task import DEFAULTS
from stentor.operation.command import CommandChange, Filter
from stentor.operation.planning import DEFAULT
from stentor.rollout.sent import Sent
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.api.results import Results
    from stentor.fanout.task import Stream
    from stentor.operation.operation import Operation


class RunRequest(NamedTuple):
    """What the nodes are asked to run."""

    command: str  # for their login shells, as people and the journal see it
    # Path of its standard input, which each session opens anew; or a stream.
    stdin: str | Stream | None = None
    environment: Mapping[str, str] = {}  # variables to set before it
    # The text of a script, or what the command will read, for the guard; None if not known.
    script: str | None = None
    is_script: bool = False  # whether ``script`` is what is run
    sent: str = ""  # what is really sent, where secrets are read first; empty for the command itself
    feed: str | None = None  # path of the standard input with the secrets before the command's own
    filter: Filter | None = None  # takes out of the events what sudo said
    secrets: tuple[str, ...] = ()  # values that must not be stored
    title: str = ""  # what the journal calls it; the command by default
    options: Mapping[str, Any] = {}  # what the journal keeps to run it again, besides the terms
    by_sudo: bool = False  # whether all of it is run by sudo


def run_operation(
    selection: BaseSelection,
    wanted: RunRequest,
    terms: Terms = TERMS,
    *,
    largest: bool = False,
) -> Operation:
    """Return the operation that runs a command on every node of a selection.

    Args:
        largest: the exit code is the largest of any node.

    Raises:
        Refused: the guard's question was not confirmed, or the policy forbids so many nodes at once.
    """
    plan = plan_of(selection, terms, run=True)
    if plan is not None and wanted.stdin is not None and not isinstance(wanted.stdin, str):
        # Each wave opens it anew.
        wanted = wanted._replace(stdin=wanted.stdin.spool())
    filled(wanted.command, "the command")
    script = readable(wanted.stdin) if wanted.script is None else wanted.script
    whole = not wanted.is_script or len(script or "") < READABLE
    words = {str(number): word for number, word in enumerate(wanted.options.get("arguments", ()), 1)}
    variables = {**wanted.environment, **words}
    sends = Sent(script or "", whole=whole) if wanted.is_script else Sent(wanted.command, script)
    sends = sends._replace(variables=variables, by_sudo=wanted.by_sudo)
    request = request_of(
        selection,
        "run",
        wanted.title or wanted.command,
        options={**kept_options(terms), **wanted.options},
        secrets=wanted.secrets,
        # A run in waves is a change: other operators are kept from its nodes while it goes on.
        lock=plan is not None,
        largest=largest,
        rest=_rerun,
    )
    change = CommandChange(
        wanted.sent or wanted.command,
        title=request.title,
        stdin=wanted.feed or wanted.stdin,
        environment=wanted.environment,
        filter=wanted.filter,
        sends=sends,
        check=not wanted.feed,  # its prelude looks by itself
    )
    return operation(selection.fleet, request, change, terms, plan)


def _rerun(nodes: Sequence[str], number: int) -> str:
    return f"stentor rerun {number} --unfinished" if number else f"stentor run {','.join(nodes)} COMMAND"


_KEPT = ("user", "window", "connect_timeout", "timeout", "retries", "fail_fast", "engine")


def kept_options(terms: Terms) -> dict[str, Any]:
    """Return what the journal keeps of the terms, to run the same again: those that are no defaults."""
    settings = terms.settings
    found = {name: getattr(settings, name) for name in _KEPT}
    found = {name: value for name, value in found.items() if value != getattr(DEFAULTS, name)}
    if terms.rollout is not DEFAULT:
        asked = terms.rollout._asdict().items()
        found |= {name: value for name, value in asked if value is not None}
    return found


def environment_of(words: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that ``--env`` names, with their values.

    Raises:
        UsageError: one is to be taken from here, and is not there.
    """
    found = {}
    for word in words:
        name, given, value = word.partition("=")
        if not given and name not in environ:
            raise UsageError(
                f"--env {name}: there is no such variable here", hint=f"write --env {name}=VALUE"
            )
        found[name] = value if given else environ[name]
    return found


def run_script(
    selection: BaseSelection, path: str, words: Sequence[str], *, timeout: float | None = None, **options: Any
) -> Results:
    """Run a local script on every node and return each node's result.

    Args:
        words: its arguments.
        timeout: of the script on each node, seconds.
        options: ``connect_timeout``, ``environment``, and those of ``terms_of``.

    Raises:
        UsageError: it cannot be read, or is no script.
    """
    import os

    from stentor.api.results import results
    from stentor.fanout import script
    from stentor.opening import open_stream

    environment = options.pop("environment", None)
    limits = {name: options.pop(name) for name in _KEPT if name in options}
    try:
        with open_stream(path) as file:
            text = file.read()
    except OSError as error:
        raise UsageError(f"cannot read the script: {error.strerror}", where=path) from None
    shown = text.decode("utf-8", "replace")
    terms = terms_of(DEFAULTS._replace(timeout=timeout, **limits), **options)
    with Given() as given:
        wanted = RunRequest(
            script.command(text[: script.HEAD], words, name=os.path.basename(path)),
            path if os.path.isfile(path) else given.path_of(text),  # a pipe can be read only once
            environment or {},
            shown,
            is_script=True,
            title=" ".join(("--script", path, *words)),
            options={"script": path, "text": shown, "arguments": list(words)},
        )
        return results(run_operation(selection, wanted, terms))
