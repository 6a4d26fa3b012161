"""What the exit code of a session says about its command."""

from __future__ import annotations

from stentor.outcome import Kind

_SYNTAX = rb"parse error|[Ss]yntax error|unexpected|fish: |Unmatched|Badly placed"


def verdict(code: int, said: bytes, *, begun: bool, shell: str) -> tuple[Kind, int, str, str]:
    """Return the kind, code, reason and hint of an outcome.

    Args:
        code: the session's exit code.
        said: the end of what the login shell wrote on stderr.
        begun: whether it came to the command.
        shell: the login shell if it is known, for the hint.
    """
    if not begun and not _misread(said):
        reason = f"the login shell ended with code {code} before it came to the command"
        hint = f"look for 'exit' or 'exec' in the start-up files of {shell or 'its shell'}"
        return "shell-broken", code, reason, hint
    if code:
        return "failed", code, exit_reason(code), ""
    return "ok", 0, "", ""


def _misread(said: bytes) -> bool:
    """Whether a shell complains of the command itself."""
    import re

    return bool(re.search(_SYNTAX, said))


def exit_reason(code: int) -> str:
    """Say what an exit code means; over 128 the shell reports a signal that way."""
    import signal

    try:
        return f"exit code {code} (128 + {signal.Signals(code - 128).name})"
    except ValueError:
        return f"exit code {code}"
