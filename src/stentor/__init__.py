"""Run commands and roll out changes on many machines over ssh.

The public API; everything in ``__all__`` is stable and documented in ``docs/python.md``.
Names are resolved on first use, so that ``import stentor`` costs nothing.
"""

TYPE_CHECKING = False  # as in typing, which costs more to import than all else here

__version__ = "0.2.0"

__all__ = [
    "AsyncFleet",
    "Event",
    "Finished",
    "Fleet",
    "Notice",
    "Outcome",
    "Output",
    "Report",
    "Result",
    "Results",
    "Selection",
    "Settings",
    "Started",
    "StentorError",
    "__version__",
]

if TYPE_CHECKING:
    from typing import Any

    from stentor.api.fleet import Fleet, Selection
    from stentor.api.results import Results
    from stentor.async_api import AsyncFleet
    from stentor.errors import StentorError
    from stentor.fanout.collect import Result
    from stentor.fanout.events import Event, Finished, Notice, Output, Started
    from stentor.fanout.task import Settings
    from stentor.outcome import Outcome, Report

_HOMES = {
    "AsyncFleet": "stentor.async_api",
    "Event": "stentor.fanout.events",
    "Finished": "stentor.fanout.events",
    "Fleet": "stentor.api.fleet",
    "Notice": "stentor.fanout.events",
    "Outcome": "stentor.outcome",
    "Output": "stentor.fanout.events",
    "Report": "stentor.outcome",
    "Result": "stentor.fanout.collect",
    "Results": "stentor.api.results",
    "Selection": "stentor.api.fleet",
    "Settings": "stentor.fanout.task",
    "Started": "stentor.fanout.events",
    "StentorError": "stentor.errors",
}


def __getattr__(name: str) -> "Any":
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stentor' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
