"""The fleet as groups of ClusterShell: a file of groups, or a source that asks stentor each time.

Members are lists of quoted texts: ClusterShell splits a single text at white space first, and fails on a
scalar that YAML takes for a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.errors import UsageError
from stentor.export.view import Made, View, unsaid
from stentor.export.yaml_text import quoted
from stentor.fleet.fold import fold
from stentor.sh.quoting import quote
from stentor.sh.quoting import quoted as sh_words

SOURCE = "stentor"


def make(view: View) -> Made:
    """Return the groups file.

    Options: ``live`` for the section of groups.conf that asks stentor; ``ask`` and ``of`` for its answers.
    """
    everything = [node.alias for node in view.nodes]
    if ask := view.options.get("ask"):
        none: dict[str, list[str]] = {name: [] for name in view.fleet.groups}
        return Made(answer(none | view.groups() | {"all": everything}, ask, view.options.get("of") or ""))
    left = list(unsaid(view, "groups"))
    if view.options.get("live"):
        return Made(_section(view), left)
    groups = {"all": everything, **view.groups()}
    lines = [f"{SOURCE}:\n"]
    for name, members in groups.items():
        lines.append(f"  {quoted(name)}: [{', '.join(quoted(one) for one in fold(members))}]\n")
    return Made("".join(lines), left)


def answer(groups: Mapping[str, Sequence[str]], ask: str, of: str) -> str:
    """Answer an upcall of ClusterShell.

    Args:
        groups: the members of each group, ``all`` among them, without retired nodes.
        ask: ``map``, ``all``, ``list`` or ``reverse``, as in groups.conf.
        of: the group of ``map``, the node of ``reverse``.

    Raises:
        UsageError: there is no such group.
    """
    if ask in ("list", "reverse"):
        held = ((name, members) for name, members in groups.items() if name != "all" and members)
        return "".join(f"{name}\n" for name, members in held if ask == "list" or of in members)
    members = groups.get(of if ask == "map" else "all")
    if members is None:
        raise UsageError(f"there is no group '{of}'", hint="nodeset -ll lists them")
    return ",".join(fold(members)) + "\n"


def _section(view: View) -> str:
    # ClusterShell hands each line to sh, after it has replaced what begins with a dollar sign.
    words = [view.program, "--fleet", view.fleet.root, "export", "clustershell", "--ask"]
    call = sh_words(words).replace("$", "$$")
    some = "" if view.selector == "@all" else f" -- {quote(view.selector)}".replace("$", "$$")
    return (
        f"[{SOURCE}]\n"
        f"map: {call} map --of='$GROUP'{some}\n"
        f"all: {call} all{some}\n"
        f"list: {call} list{some}\n"
        f"reverse: {call} reverse --of='$NODE'{some}\n"
        "cache_time: 60\n"
    )
