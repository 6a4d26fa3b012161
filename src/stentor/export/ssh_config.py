"""The fleet as a file to Include in ssh_config: a Host block for each node.

For ssh the first value of an option counts, so the file is included before everything else. Each block
says what stentor itself hands to ssh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.export.view import CannotSayError, Left, Made, View, unsaid
from stentor.fleet.model import Node
from stentor.ssh.target import destination


def make(view: View) -> Made:
    """Return the file."""
    here = {node.alias for node in view.nodes}
    lines: list[str] = []
    left: list[Left] = []
    for node in view.nodes:
        named = bool(node.addresses) and node.name != node.alias and len(node.alias) < len(node.name)
        if node.name != node.alias and not named:
            why = "is longer than the full name" if node.addresses else "ssh could not resolve it"
            left.append(Left(node.alias, "name", node.name, why))
        if len(node.addresses) > 1:
            left.append(Left(node.alias, "address", ", ".join(node.addresses[1:]), "ssh takes one address"))
        lines.append(f"Host {node.alias}" + (f" {node.name}" if named else "") + "\n")
        lines += [f"    {option}\n" for option in _options(view, node, here)]
    left += unsaid(view, "name", "addresses", "user", "port", "jump")
    return Made("".join(lines), left)


def _options(view: View, node: Node, here: set[str]) -> Iterator[str]:
    fleet, jump = view.fleet, node.jump or ""
    if "%" in (node.user or ""):
        # Literal before OpenSSH 10, a token since.
        raise CannotSayError(
            node.alias, "user", f"user '{node.user}': releases of ssh read a percent sign differently",
            hint="leave the user out there, and write it into ssh_config",
        )  # fmt: skip
    if jump and here.issuperset(jump.split(",")):
        node = node._replace(jump=None)
    else:
        jump = ""
    words = destination(fleet, node)[:-2]
    for flag, word in zip(words[::2], words[1::2], strict=True):
        key, _, data = word.partition("=")
        if flag == "-o":
            yield f"{key} {_value(key, (node.user or '') if key == 'User' else data)}"
    if jump:
        yield f"ProxyJump {jump}"
    if fleet.ssh_config:
        yield f"Include {_value('', _pattern(fleet.ssh_config))}"  # the last, since the first value counts


def _pattern(path: str) -> str:
    """A path as Include takes it: a pattern of glob(7)."""
    if "%" in path or "${" in path:
        # Literal before OpenSSH 10, tokens and variables since.
        raise CannotSayError(
            "", "ssh", f"the file '{path}' of 'ssh.config': releases of ssh read '%' and '${{' differently",
            hint="give the file, or its folder, another name",
        )  # fmt: skip
    return re.sub(r"([\\*?\[\]])", r"\\\1", path)


def _value(key: str, data: str) -> str:
    """A value as ssh_config takes it: the rest of the line for a command, else one word."""
    if key in ("ProxyCommand", "GlobalKnownHostsFile"):
        return data
    if data.isascii() and not set(data) & set(" \t\"'\\#="):
        return data
    return '"' + data.replace("\\", "\\\\").replace('"', '\\"') + '"'
