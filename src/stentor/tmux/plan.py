"""From nodes to the tmux commands which open them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stentor.errors import UsageError
from stentor.tmux.command import Command, literal
from stentor.tmux.layout import Size, capacity, choose, share

BORDER = (
    " #{?pane_active,#[bold],}#{?@node,#{@node},#{pane_index}}#[nobold]"
    " #{?#{==:#{@state},up},#[fg=green],#[fg=yellow]}#{@state}#[default] "
)
# Replaced by the first window, together with panes that a hook on new sessions added.
PLACEHOLDER = ("sleep", "20")


class Pane(NamedTuple):
    """A node and the program of its pane."""

    node: str  # the alias, kept in the pane's user option ``@node``
    # Argument list; empty for the user's own shell, on the node which is this machine.
    program: tuple[str, ...] = ()


class Window(NamedTuple):
    """A window of the session which exists already."""

    id: str  # tmux's id, ``@3``
    size: Size  # of the window
    panes: int  # how many it has
    layout: str  # the layout asked for when it was made, or ``auto``


def create(session: str, panes: Sequence[Pane], *, layout: str, least: Size, size: Size) -> list[Command]:
    """A new session with a pane for every node.

    Args:
        panes: in order.
        layout: one of ``fleet.policy.sections.LAYOUTS``.
        least: smaller panes go to a further window.
        size: of the terminal, the status line included.
    """
    commands: list[Command] = [
        ("new-session", "-d", "-s", session, "-x", str(size.columns), "-y", str(size.rows), *PLACEHOLDER),
        ("set-option", "-t", f"={session}:", "@stentor", "1"),
        *stay(session),
    ]
    inside = Size(size.columns, size.rows - 1)
    groups = share(panes, capacity(inside, least, layout))
    for number, group in enumerate(groups):
        place = ("-k", "-t", f"={session}:^") if number == 0 else ("-a",)
        commands += window(_name(session, number, len(groups)), group, layout, place)
    first = f"={session}:^"
    commands += [("select-window", "-t", first), ("select-pane", "-t", f"{first}.{{top-left}}")]
    return commands


EXIT_UNATTACHED = "@stentor_exit_unattached"  # what exit-unattached was


def stay(session: str) -> list[Command]:
    """Keep a session that nobody is attached to yet, whatever the user's configuration says of such ones."""
    return [
        ("set-option", "-t", f"={session}:", "destroy-unattached", "off"),
        ("set-option", "-sF", EXIT_UNATTACHED, "#{exit-unattached}"),
        ("set-option", "-s", "exit-unattached", "off"),
    ]


def as_configured(session: str, exits: str) -> list[Command]:
    """Let what the user configured hold again, once somebody is attached.

    Args:
        exits: the value of :data:`EXIT_UNATTACHED`.
    """
    commands: list[Command] = [
        ("set-option", "-u", "-t", f"={session}:", "destroy-unattached"),
        ("set-option", "-su", EXIT_UNATTACHED),
    ]
    return [*commands, ("set-option", "-s", "exit-unattached", "on")] if exits == "1" else commands


def add(
    session: str, windows: Sequence[Window], panes: Sequence[Pane], *, layout: str, least: Size, size: Size
) -> list[Command]:
    """Add nodes to a session: first to windows with space, then in new windows.

    Args:
        windows: its windows that hold nodes.
        panes: the nodes that are missing.
        layout: for further windows.
        least: smaller panes go to a further window.
        size: of the terminal, for further windows if there is none yet.
    """
    commands: list[Command] = []
    waiting = list(panes)
    for one in windows:
        free = max(0, capacity(one.size, least, one.layout) - one.panes)
        here, waiting = waiting[:free], waiting[free:]
        for number, pane in enumerate(here):
            target = ("-t", one.id) if number == 0 else ()
            commands += _split(pane, target)
        if here:
            commands.append(("select-layout", choose(one.layout, one.panes + len(here))))
    inside = windows[0].size if windows else Size(size.columns, size.rows - 1)
    groups = share(waiting, capacity(inside, least, layout))
    for number, group in enumerate(groups):
        name = _name(session, len(windows) + number, len(windows) + len(groups))
        # After the last window, whatever indexes are in use.
        place = ("-a", "-t", f"={session}:$") if number == 0 else ("-a",)
        commands += window(name, group, layout, place)
    return commands


def window(name: str, panes: Sequence[Pane], layout: str, place: Sequence[str]) -> list[Command]:
    """One window with its panes.

    Args:
        name: shown in the status line.
        panes: at least one.
        layout: one of ``fleet.policy.sections.LAYOUTS``.
        place: options of ``new-window``.
    """
    commands: list[Command] = [
        ("new-window", *place, "-n", literal(name), *panes[0].program),
        ("set-option", "-w", "allow-rename", "off"),
        ("set-option", "-w", "pane-border-status", "top"),
        ("set-option", "-w", "pane-border-format", BORDER),
        ("set-option", "-w", "main-pane-width", "50%"),
        ("set-option", "-w", "main-pane-height", "50%"),
        ("set-option", "-w", "@layout", layout),
        *_mark(panes[0]),
    ]
    for pane in panes[1:]:
        commands += _split(pane, ())
    if len(panes) > 1:
        commands.append(("select-layout", choose(layout, len(panes))))
    return commands


def session_name(selector: str | None, default_selector: str, default_session: str) -> str:
    """The session for a selector: the default's own name, a group's name, else made from the words.

    tmux gives ``:`` and ``.`` a meaning, so they do not stay.
    """
    if selector is None or selector == default_selector:
        return default_session
    name = selector.removeprefix("@") if re.fullmatch(r"@[\w-]+", selector) else selector
    return re.sub(r"[^\w@+-]+", "_", name.replace(",", "+")).strip("_")[:40] or default_session


def checked_name(name: str) -> str:
    """Return a session's name that tmux takes as it is.

    ``new-session -s`` expands formats: ``#(...)`` would be run, here or on a node. ``.`` and ``:`` end a name
    in a target, so the session would be made and never found.

    Raises:
        UsageError: tmux would make something else of it.
    """
    if re.fullmatch(r"[\w@+=%,-](?:[\w@+=%, -]*[\w@+=%,-])?", name):
        return name
    raise UsageError(
        f"{name!r} cannot be the name of a tmux session", hint="letters, digits, and - _ + @ = , within"
    )


def _split(pane: Pane, target: Sequence[str]) -> list[Command]:
    # tiled after every split: else the fifth pane of 80x24 finds no space
    return [("split-window", *target, *pane.program), ("select-layout", "tiled"), *_mark(pane)]


def _mark(pane: Pane) -> list[Command]:
    marks: list[Command] = [("set-option", "-p", "@node", pane.node)]
    if not pane.program:
        marks.append(("set-option", "-p", "@state", "up"))
    return marks


def _name(session: str, number: int, total: int) -> str:
    return session if total == 1 else f"{session}-{number + 1}"
