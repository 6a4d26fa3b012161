"""Many node names in few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

WORTH_A_GROUP = 3  # two names say more than the name of a group
# Compiled when three names are to be folded, not at every start. Longer numbers stay as they are.
_NUMBER = r"(?<![0-9])([0-9]{1,15})(?![0-9])"


def fold(nodes: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None) -> str:
    """Write a set of nodes as short as it can be read: ``@core``, ``node[1-40]``, ``crtr,prtr``.

    The result is a selector again.

    Args:
        nodes: aliases, without duplicates.
        groups: group name to aliases; a set that is exactly a group of three or more is called by
            its name. ``all`` is taken last, since the others say more.
    """
    if groups and len(nodes) >= WORTH_A_GROUP:
        wanted = frozenset(nodes)
        for name in sorted(groups, key=lambda name: name == "all"):
            members = groups[name]
            if len(members) == len(wanted) and wanted.issuperset(members):
                return f"@{name}"
    if numbered(nodes):
        return _ranges(nodes)
    return ",".join(nodes)


def numbered(nodes: Sequence[str]) -> bool:
    """Whether ranges would shorten these names: three or more, some of which differ in a number only."""
    if len(nodes) < WORTH_A_GROUP:
        return False
    import re

    number = re.compile(_NUMBER)
    shapes = {number.sub("0", node) for node in nodes}
    return len(shapes) < len(nodes)


def _ranges(nodes: Sequence[str]) -> str:
    import re

    number = re.compile(_NUMBER)
    split = [number.split(node) for node in nodes]
    if all(len(parts) in (1, 3) for parts in split):
        return _one_number([tuple(parts) for parts in split])
    # Several numbers in a name (r1n2): ClusterShell knows best, but loading it takes longer than
    # a command on warm nodes does.
    from ClusterShell.NodeSet import NodeSetException

    from stentor.fleet.fold import nodeset

    try:
        return nodeset(nodes)
    except NodeSetException:
        return ",".join(nodes)


def _one_number(names: Sequence[tuple[str, ...]]) -> str:
    """Fold names of which each has one number at most, given as (before, digits, after) or as (name,)."""
    padded = {(name[0], name[2], len(name[1])) for name in names if len(name) == 3 and _is_padded(name[1])}
    sets: dict[tuple[str, ...], list[int]] = {}
    for name in names:
        if len(name) == 1:
            sets[name] = []
            continue
        before, digits, after = name
        # node10 goes with node08 and node09, where there are such, else with node8 and node9.
        width = len(digits) if (before, after, len(digits)) in padded else 0
        sets.setdefault((before, after, f"0{width}"), []).append(int(digits))
    return ",".join(_bracketed(key, numbers) for key, numbers in sets.items())


def _is_padded(digits: str) -> bool:
    return len(digits) > 1 and digits[0] == "0"


def _bracketed(key: tuple[str, ...], numbers: list[int]) -> str:
    if not numbers:
        return key[0]
    before, after, width = key
    numbers.sort()
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    texts = ["-".join(format(number, width) for number in run) for run in runs]
    inner = ",".join(texts)
    return f"{before}[{inner}]{after}" if len(numbers) > 1 else f"{before}{inner}{after}"


def brief(nodes: Sequence[str], width: int, groups: Mapping[str, Sequence[str]] | None = None) -> str:
    """Like :func:`fold`, but at most ``width`` columns: the first names, and how many more there are."""
    text = fold(nodes, groups)
    if len(text) <= width:
        return text
    shown: list[str] = []
    used = 0
    for node in nodes:
        more = f" and {len(nodes) - len(shown)} more"
        if shown and used + len(node) + len(more) > width:
            break
        shown.append(node)
        used += len(node) + 1
    rest = len(nodes) - len(shown)
    return ",".join(shown) + (f" and {rest} more" if rest else "")


def together(found: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each thing that is said, with the names of which it is: ``a, b: no systemd``.

    Args:
        found: names, and what is said of each.
    """
    said: dict[str, list[str]] = {}
    for name, text in found:
        said.setdefault(text, []).append(name)
    return [f"{', '.join(names)}: {text}" for text, names in said.items()]
