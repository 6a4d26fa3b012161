"""Values as YAML: texts always in quotes, so ``no`` and ``012`` stay texts for every reader.

YAML 1.1 (Ansible, ClusterShell, Prometheus) and 1.2 read what is written here alike. PyYAML's own
dumper takes 0.5 s for a thousand nodes, this a fraction of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

_LONGEST_KEY = 1000  # YAML takes 1024 characters, quotes with them; a longer one needs a question mark


def quoted(text: str) -> str:
    """Return a text in double quotes; what YAML could take for a line's end, or may not hold, is escaped."""
    if text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '"' + "".join(map(_character, text)) + '"'


def _character(one: str) -> str:
    if one.isprintable():
        return "\\" + one if one in '\\"' else one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def value(data: Any, text: Callable[[str], str] = quoted) -> str:
    """Return plain data on one line.

    Args:
        data: texts, numbers, booleans, None, lists, mappings.
    """
    if isinstance(data, str):
        return text(data)
    if data is None or isinstance(data, (bool, int)):
        return json.dumps(data)
    if isinstance(data, float):
        return _float(data)
    if isinstance(data, Mapping):
        return "{" + ", ".join(pair(str(key), inner, text) for key, inner in data.items()) + "}"
    return "[" + ", ".join(value(inner, text) for inner in data) + "]"


def pair(key: str, data: Any, text: Callable[[str], str] = quoted) -> str:
    """Return ``"key": value``, as it may stand in a mapping of either style."""
    mark = "? " if len(key) > _LONGEST_KEY else ""
    return f"{mark}{text(key)}{' ' if mark else ''}: {value(data, text)}"


def _float(number: float) -> str:
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else ".inf" if number > 0 else "-.inf"
    written = repr(number)
    if "e" in written and "." not in written:  # YAML 1.1 takes 1e+16 for a text
        return written.replace("e", ".0e")
    return written
