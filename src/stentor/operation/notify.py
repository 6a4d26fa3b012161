"""Tell a person that something long is over: the bell, the desktop, a command of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stentor.fleet.policy.sections import Notify
from stentor.operation.events import Bell, NotifyFailed
from stentor.outcome import KINDS, Report


def summary(report: Report, code: int) -> str:
    """Return the outcomes in a few words, worst first: ``2 failed, 3 ok``."""
    counts: dict[str, int] = {}
    for outcome in report:
        counts[outcome.kind] = counts.get(outcome.kind, 0) + 1
    return ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if kind in counts) or f"exit code {code}"


def notify(
    policy: Notify, environ: Mapping[str, str], *, seconds: float, title: str, result: str
) -> Iterator[Bell | NotifyFailed]:
    """Tell it as the ``notify:`` section says; nothing without one, nor in CI. Never fails.

    Args:
        policy: the fleet's ``notify:`` section.
        environ: of the commands.
        seconds: how long the operation took.
        title: what was done.
        result: from :func:`summary`.
    """
    if not policy or environ.get("CI") or seconds < policy.after:
        return
    if policy.bell:
        yield Bell()
    import subprocess

    for argv in _commands(policy, title, result):
        try:
            env = {**environ, "STENTOR_RESULT": result, "STENTOR_COMMAND": title}
            quiet = subprocess.DEVNULL
            subprocess.run(argv, env=env, stdin=quiet, stdout=quiet, timeout=10, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            yield NotifyFailed(str(error))


def _commands(policy: Notify, title: str, result: str) -> Iterator[list[str]]:
    if policy.desktop:
        from shutil import which

        if which("notify-send"):
            yield ["notify-send", "--app-name=stentor", result, title]
        elif which("osascript"):
            script = 'on run a\ndisplay notification (item 1 of a) with title "stentor"\nend run'
            yield ["osascript", "-e", script, result]
    if policy.command:
        yield ["/bin/sh", "-c", policy.command]
