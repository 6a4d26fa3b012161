"""Events beside output and outcomes, as a line for people."""

from __future__ import annotations

from stentor.fanout.events import LoginWaits, Progress, Retry
from stentor.render.style import printable


def line(event: Progress) -> str:
    """Return the line about an event, with the node's name."""
    return f"stentor: {f'{event.node}: ' if event.node else ''}{printable(text(event))}"


def text(event: Progress) -> str:
    """Return what to say of an event; its node is not named."""
    if isinstance(event, Retry):
        return f"{event.reason}; next try in {event.seconds:.1f} s ({event.retry} of {event.of})"
    if isinstance(event, LoginWaits):
        return f"waits for you to log in: {event.reason}"
    return event.text
