"""What a webhook does with a push that has passed all checks: the protocol of actions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from stentor.api.fleet import Fleet
from stentor.api.hook_receiver import CarryOut
from stentor.dotfiles.fetched import Fetched
from stentor.errors import Refused
from stentor.fanout.cancellation import Cancellation
from stentor.fleet.policy.serving import Hook
from stentor.hooks.queue import Delivered
from stentor.hooks.result import Verdict
from stentor.operation.guarding import Confirm, Danger, refusal
from stentor.operation.operation import Operation

INTERRUPTED_AT_MOST = 3
"""So often a revision is tried again which a node has reverted because we were killed."""


class BusyError(Exception):
    """Nodes are being changed by somebody else: the push is tried again in a moment."""


class Result(NamedTuple):
    """What came of a push, and the number of its operation in the journal; 0 for none."""

    verdict: Verdict
    operation: int = 0


class Action(Protocol):
    """Rolls the commit of a push out."""

    signed: bool

    def remote(self) -> str:
        """Return the address from which commits are fetched.

        Raises:
            UsageError: there is none.
        """

    def ready(self) -> None:
        """Make sure that nothing here is in the way of a commit.

        Raises:
            Refused: something is.
        """

    def held(self) -> str:
        """Return the commit that was rolled out last; empty if none is known."""

    def by_hand(self, commit: str) -> str:
        """Return the command by which a person rolls a commit out."""

    def roll_out(self, push: Delivered, clone: Fetched, stop: threading.Event) -> Result:
        """Roll it out.

        Raises:
            BusyError: it is to be tried again in a moment.
            Refused: it is not rolled out, and not by another attempt either.
            StentorError: it could not be done now.
        """


def unconfirmed(by_hand: str) -> Confirm:
    """Return the answer to the guard's question where a push asks: no; a person decides, by this command."""

    def confirm(danger: Danger) -> bool:
        raise refusal(danger, f"no webhook confirms that; at a terminal: {by_hand}")

    return confirm


def acting(fleet: Fleet, who: str, address: str | None = None) -> Fleet:
    """Return the fleet for operations of somebody else, or of no person: the journal says who, from where."""
    hostname = None if fleet.local else "-"  # where none of its nodes is this machine it stays so
    environ = {**fleet.environ, "STENTOR_ACTOR": who}
    environ |= {} if address is None else {"STENTOR_ACTOR_FROM": address}
    return type(fleet)(fleet.data, environ=environ, hostname=hostname, engine=fleet.engine)


def carried(operation: Operation, carry_out: CarryOut) -> None:
    """Carry an operation out.

    Raises:
        BusyError: somebody else changes one of its nodes.
    """
    try:
        carry_out(operation)
    except Refused as locked:
        raise BusyError(f"{locked}; tried again by itself") from None


def said(error: Refused | Exception) -> str:
    """Return an error's message with its hint."""
    hint = getattr(error, "hint", "")
    return f"{error}; {hint}" if hint else str(error)


def signing(hook: Hook, *, policy: bool) -> bool:
    """Whether a commit must have a good signature: by the webhook, or the policy of what is rolled out."""
    return hook.signed or policy


@contextmanager
def ending(stop: threading.Event, why: str = "stentor serve is stopped") -> Iterator[Cancellation]:
    """Yield a cancellation that is requested as soon as ``stop`` is set."""
    cancellation, over, asking = Cancellation(), threading.Event(), threading.Lock()

    def watch() -> None:
        while not over.is_set():
            if stop.wait(0.2):
                with asking:  # its descriptors are not closed meanwhile
                    if not over.is_set():
                        cancellation.request(why)
                return

    threading.Thread(target=watch, name="stop", daemon=True).start()
    try:
        yield cancellation
    finally:
        with asking:
            over.set()
        cancellation.close()  # nobody waits for the watcher, which sees that it is over a moment later
