"""Groups as lists of nodes, a file each: for dsh (``~/.dsh/group``), and ``pdsh -w ^FILE``."""

from __future__ import annotations

from stentor.export.view import Left, Made, View, unsaid


def make(view: View) -> Made:
    """Return the nodes, one a line; as files, a list for each group and one of all."""
    lists = {"all": [node.alias for node in view.nodes], **view.groups()}
    files = {name: _lines(members) for name, members in lists.items()}
    left = list(unsaid(view, "groups"))
    seen: dict[str, str] = {}
    for node in view.nodes:
        other = seen.setdefault(node.alias.lower(), node.alias)
        if other != node.alias:
            left.append(Left(node.alias, "alias", other, "is the same name to dsh, which ignores case"))
    return Made(files["all"], left, files=files)


def _lines(aliases: list[str]) -> str:
    return "".join(f"{alias}\n" for alias in aliases)
