"""Tell a person that something long is over: the bell, the desktop, a command of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stentor.cli.context import Context
from stentor.outcome import Outcome, Report

AFTER = 60.0  # seconds; what is over sooner has not been left alone


def words(outcomes: Iterable[Outcome]) -> str:
    """Outcomes in a few words, worst first."""
    from stentor.render.summary import parts

    return ", ".join(part.title for part in parts(Report(outcomes)))


def notify(policy: Mapping[str, Any], context: Context, *, seconds: float, command: str, result: str) -> None:
    """Tell it as the ``notify:`` section says; nothing is told without one, nor in CI. Never fails.

    Args:
        policy: ``after``, ``bell``, ``desktop``, ``command``.
        context: whose terminal and environment.
        seconds: how long it took.
        command: what was done.
        result: in a few words: ``ok``, ``2 failed, 3 ok``.
    """
    from stentor.rollout.policy import parse_seconds

    if (
        not policy
        or context.environ.get("CI")
        or seconds < parse_seconds(policy.get("after") or AFTER, "notify.after")
    ):
        return
    if policy.get("bell") and context.stderr.isatty():
        context.stderr.write("\a")
    argvs = []
    if policy.get("desktop"):
        from shutil import which

        if which("notify-send"):
            argvs.append(["notify-send", "--app-name=stentor", result, command])
        elif which("osascript"):
            script = 'on run a\ndisplay notification (item 1 of a) with title "stentor"\nend run'
            argvs.append(["osascript", "-e", script, result])
    if policy.get("command"):
        argvs.append(["/bin/sh", "-c", str(policy["command"])])
    import subprocess

    for argv in argvs:
        try:
            environ = {**context.environ, "STENTOR_RESULT": result, "STENTOR_COMMAND": command}
            quiet = subprocess.DEVNULL
            subprocess.run(argv, env=environ, stdin=quiet, stdout=quiet, timeout=10, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            context.stderr.write(f"stentor: the notification could not be sent: {error}\n")
