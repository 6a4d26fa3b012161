"""What the user's own ssh knows of host keys: by its known_hosts files and by KnownHostsCommand."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence

from stentor import programs
from stentor.errors import StentorError
from stentor.opening import regular
from stentor.ssh.hostkeys import Key, Pin, parse

_TIMEOUT = 10.0
_AT_ONCE = 16
_TOKEN = r"%(.)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}"  # noqa: S105 - no secret
_OF_A_KEY = re.compile(r"%[fKt]")


def split_paths(value: str) -> list[str]:
    """Split the files that ``ssh -G`` names, which it writes without quotes, also where they have blanks."""
    words, found = value.split(), list[str]()
    while words:
        ends = range(len(words), 1, -1)
        count = next((end for end in ends if os.path.exists(" ".join(words[:end]))), 1)
        found.append(" ".join(words[:count]).strip('"'))
        words = words[count:]
    return found


def read_pins(paths: Sequence[str]) -> list[Pin]:
    """Read known_hosts files; each line knows its file."""
    pins: list[Pin] = []
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace", opener=regular) as file:
                pins += [pin._replace(file=path) for pin in parse(file.read())]
        except OSError:
            continue  # most people have no /etc/ssh/ssh_known_hosts2
    return pins


def command_argvs(
    settings: Mapping[str, str], name: str, host: str, keys: Sequence[Key], environ: Mapping[str, str]
) -> list[list[str]]:
    """Return the calls of KnownHostsCommand that ssh makes to look up a host; none where it is not set.

    Args:
        settings: of ``ssh -G``.
        name: by which ssh was called.
        host: under which ssh looks the key up.
        keys: that the server shows; a command that is told the key is called for each.

    Raises:
        ValueError: it cannot be called as ssh does; the message says why.
    """
    command = settings.get("knownhostscommand", "none")
    if command == "none":
        return []
    words = shlex.split(command)
    if not words or not words[0].startswith("/"):
        raise ValueError("it is no absolute path")
    values = _tokens(settings, name, host, environ)
    if not _OF_A_KEY.search(command):
        return [_filled(words, values, environ)]
    told = ({"t": key.kind, "K": key.blob, "f": key.fingerprint} for key in keys)
    return [_filled(words, values | about, environ) for about in told]


def _tokens(settings: Mapping[str, str], name: str, host: str, environ: Mapping[str, str]) -> dict[str, str]:
    alias = settings.get("hostkeyalias", "none")
    here = os.uname().nodename
    return {
        "%": "%",
        "H": host,
        "I": "HOSTNAME",
        "d": environ.get("HOME", ""),
        "h": settings.get("hostname", name),
        "i": str(os.getuid()),
        "k": alias if alias not in ("", "none") else name,
        "L": here.split(".", 1)[0],
        "l": here,
        "n": name,
        "p": settings.get("port", "22"),
        "r": settings.get("user", ""),
        "u": environ.get("USER", ""),
    }


def _filled(words: Sequence[str], values: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    def value(found: re.Match[str]) -> str:
        token, variable = found.groups()
        said = values.get(token) if token else environ.get(variable)
        if said is None:
            raise ValueError(f"{found[0]} in it has no value here")
        return said

    return [re.sub(_TOKEN, value, word) for word in words]


def ask_commands(
    calls: Mapping[str, Sequence[Sequence[str]]], environ: Mapping[str, str]
) -> dict[str, tuple[list[Pin], str]]:
    """Run each node's KnownHostsCommand: what it knows, and why ssh would take nothing from it.

    Args:
        calls: by alias, the calls of ``command_argvs``.
    """
    found: dict[str, tuple[list[Pin], str]] = {}
    argvs = list(dict.fromkeys(tuple(argv) for some in calls.values() for argv in some))
    try:
        done = programs.run_many(argvs, environ, at_once=_AT_ONCE, timeout=_TIMEOUT)
    except StentorError as error:
        return {alias: ([], str(error)) for alias, some in calls.items() if some}
    answers = dict(zip(argvs, done, strict=True))
    for alias, some in calls.items():
        told = [answers[tuple(argv)] for argv in some]
        failed = next((one for one in told if one.code), None)
        why = (
            "" if failed is None else "no answer in time" if failed.timed_out else f"exit code {failed.code}"
        )
        found[alias] = ([] if why else [pin for one in told for pin in parse(one.text)], why)
    return found
