"""Notify the user at the end of a long operation: the bell, the desktop, a command of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stentor import programs
from stentor.errors import StentorError
from stentor.fleet.policy.sections import Notify
from stentor.operation.events import Bell, NotifyFailed
from stentor.outcome import KINDS, Report

_LONGEST = 10.0  # seconds for a notification
_LONGEST_TITLE = 1000  # characters


def summary(report: Report, code: int) -> str:
    """Return the outcomes in a few words, worst first: ``2 failed, 3 ok``."""
    counts: dict[str, int] = {}
    for outcome in report:
        counts[outcome.kind] = counts.get(outcome.kind, 0) + 1
    return ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if kind in counts) or f"exit code {code}"


def notify(
    policy: Notify,
    environ: Mapping[str, str],
    *,
    seconds: float,
    title: str,
    result: str,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Bell | NotifyFailed]:
    """Notify as the ``notify:`` section says; not without one, nor in CI. Never fails.

    Args:
        result: from :func:`summary`.
        stop: whether nobody wants to wait for it.
    """
    if not policy or environ.get("CI") or seconds < policy.after:
        return
    if policy.bell:
        yield Bell()
    # An environment takes neither all that a script may hold nor as much of it.
    title = title[:_LONGEST_TITLE].replace("\0", " ").encode("utf-8", "replace").decode()
    env = {**environ, "STENTOR_RESULT": result, "STENTOR_COMMAND": title}
    for argv in _commands(policy, title, result):
        if stop():
            return
        try:
            # Its error messages are shown; what it leaves in the background (a sound) is not waited for.
            done = programs.run(argv, env, timeout=_LONGEST, stdout=programs.DEVNULL, stderr=2, stop=stop)
        except StentorError as error:
            yield NotifyFailed(error.message)
        else:
            if done.timed_out and not stop():
                yield NotifyFailed(f"{argv[0]} took longer than {_LONGEST:g} s")


def _commands(policy: Notify, title: str, result: str) -> Iterator[list[str]]:
    if policy.desktop:
        from shutil import which

        if which("notify-send"):
            yield ["notify-send", "--app-name=stentor", "--", result, title]
        elif which("osascript"):
            script = 'on run a\ndisplay notification (item 1 of a) with title "stentor"\nend run'
            yield ["osascript", "-e", script, result]
    if policy.command:
        yield ["/bin/sh", "-c", policy.command]
