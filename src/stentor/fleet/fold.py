"""Names as node sets: ``n1 n2 n3`` as ``n[1-3]``, in less time than it takes to load ClusterShell.

Only the last number of a name is folded, and only numbers of one padding together, so that every
release of ClusterShell reads the same names.
"""

from __future__ import annotations

from collections.abc import Iterable

_DIGITS = "0123456789"
LONGEST = 15  # digits; a longer number stays as it is, since selectors have no ranges of such


def nodeset(names: Iterable[str]) -> str:
    """Return one node set of ClusterShell's for these names, all of their numbers folded.

    It is a selector, too: names with a number that is too long for a range are not folded.
    """
    import re

    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet

    some = list(names)
    long = re.compile(rf"[0-9]{{{LONGEST + 1}}}")
    short = [name for name in some if not long.search(name)]
    folded = [str(NodeSet.fromlist(short, resolver=RESOLVER_NOGROUP))] if short else []
    return ",".join([*folded, *(name for name in some if long.search(name))])


def fold(names: Iterable[str]) -> list[str]:
    """Return node sets that stand for these names, each name once, in the order of their first names."""
    found: dict[tuple[str, int], list[int]] = {}
    for name in dict.fromkeys(names):
        prefix = name.rstrip(_DIGITS)
        digits = name[len(prefix) :]
        if not digits or len(digits) > LONGEST:
            found[name, -1] = []
            continue
        width = len(digits) if digits[0] == "0" and len(digits) > 1 else 0
        if (prefix, len(digits)) in found:
            width = len(digits)  # node10 after node09
        found.setdefault((prefix, width), []).append(int(digits))
    return [_folded(prefix, width, numbers) for (prefix, width), numbers in found.items()]


def _folded(prefix: str, width: int, numbers: list[int]) -> str:
    if width < 0:
        return prefix
    parts: list[str] = []
    numbers.sort()
    first = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        begin, end = str(first).zfill(width), str(last).zfill(width)
        parts.append(begin if first == last else f"{begin}-{end}")
        first = last = number
    return f"{prefix}[{','.join(parts)}]" if len(numbers) > 1 else f"{prefix}{parts[0]}"
