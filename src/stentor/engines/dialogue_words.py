"""The words of :mod:`stentor.engines.dialogue`: its states, what comes in, what goes out.

Types only: a run imports this for the type checker alone.
"""

from __future__ import annotations

from collections.abc import Callable

from stentor.typed import Any, Literal

State = Literal[
    "new",
    "opening",
    "waiting",
    "logging-in",
    "shell",
    "running",
    "judging",
    "stopping",
    "ending",
    "draining",
    "over",
]

Event = Literal[
    "begin",  # ask for the session
    "opened",  # the server opened it
    "data",  # (stream, bytes)
    "ended",  # (exit code, None without one): all output has come
    "refused",  # (reason, whether its socket is still there): a master answers, and gives no session
    "dead",  # no master answers at the control path
    "logged-in",  # there is a master now
    "login-failed",  # (kind, reason, hint): there is none
    "reachable",  # (bool): whether the node itself answers, past its silent master
    "master-answers",  # (bool): whether the master has outlived the session
    "stop",  # (grace): end the command, TERM first, KILL after so many seconds
    "group-ended",  # (word): what came of that, in the words of Outcome.remote
    # Timers. Those with a round count only in the same one: a login begins the next.
    "deadline",  # (round): the session should be open by now
    "half-time",  # (round): half of the time for it is over
    "open-again",  # ask again for the session that was refused
    "still-refused",  # (round): the master has refused for long enough
    "check-master",  # look whether the master has outlived the session
    "no-marker",  # the marker of a command that is to be ended should have come by now
    "drained",  # the last output should have come by now
]

Verb = Literal[
    "open",  # (path): ask the master at this control path for a session
    "close",  # close the session; what runs goes on
    "unlink",  # (path): remove a dead master's socket
    "stop-master",  # (path): end a silent master
    "ask-master",  # (path): find out whether it answers; then "master-answers"
    "log-in",  # start a master; then "logged-in" or "login-failed"
    "probe",  # find out whether the node itself answers; then "reachable"
    "end-group",  # (path, process group, grace): by a second session; then "group-ended"
    "learn",  # (shell): remember the node's login shell
    "wait",  # (seconds, event, arguments...): give the event back later
    # To the listener; the last one to the caller of "stop".
    "tell-opened",
    "tell-started",  # (process group)
    "tell-output",  # (stream, bytes)
    "tell-ended",  # (kind, code, reason, hint)
    "tell-stopped",  # (word)
]

# A verb and its arguments. Tuples and no classes: 30 classes would cost every start a millisecond.
Action = tuple[Any, ...]
# What a state does about an event, of a dialogue and the arguments of the event.
Handler = Callable[..., list[Action]]
