"""The fleet as a snippet of tmux.conf, for those who want no tool at all.

It loads in tmux 3.2 and newer. The nodes open by one key, synchronised input goes on and off by
another, with red borders and a question; nothing of stentor's is needed afterwards, and so nothing
of its guard or its reconnecting is there.
"""

from __future__ import annotations

from collections.abc import Sequence

from stentor.export.view import Made, View, cleaned, unsaid
from stentor.fleet.model import Fleet, Node
from stentor.sh.quoting import quote, quoted
from stentor.ssh.target import login_argv


def make(view: View) -> Made:
    """Return the snippet. Options: ``name`` of the window, ``key``, ``sync_key``."""
    said = {name: value for name, value in view.options.items() if value}
    text = snippet(view.fleet, view.nodes, local=view.local, **{"name": "cluster", **said})
    return Made(text, list(unsaid(view, "name", "addresses", "user", "port", "jump", "groups", "state")))


def snippet(
    fleet: Fleet, nodes: Sequence[Node], *, local: str | None, name: str, key: str = "C", sync_key: str = "S"
) -> str:
    """The lines for tmux.conf.

    Args:
        local: the alias of this machine, which gets a plain shell.
        key: after the prefix, opens the window.
        sync_key: after the prefix, turns synchronised input on and off.
    """
    steps: list[str] = []
    for number, node in enumerate(nodes):
        words = [] if node.alias == local else [quoted(login_argv(fleet, node))]
        start = ["new-window", "-n", _title(name)] if number == 0 else ["split-window"]
        steps.append(" ".join(quote(word) for word in [*start, *words]))
        if number > 0:
            steps.append("select-layout tiled")
    if len(nodes) == 3:
        steps += ["set-option -w main-pane-width 50%", "select-layout main-vertical"]
    elif len(nodes) == 2:
        steps.append("select-layout even-vertical")
    names = " ".join(node.alias for node in nodes)
    ask = f"Synchronise the input of all panes ({len(nodes)} nodes: {names})? (y/n)".replace(
        "#", "##"
    ).replace("%", "%%")
    red = [("pane-active-border-style", "fg=red,bold"), ("pane-border-style", "fg=red")]
    on = " ; ".join(["set-option -w synchronize-panes on", *(f"set-option -w {n} {v}" for n, v in red)])
    off = " ; ".join(["set-option -w synchronize-panes off", *(f"set-option -w -u {n}" for n, _ in red)])
    question = f"confirm-before -p {quote(ask)} {quote(on)}"
    lines = [
        f"# {cleaned(name)}: {names}. Source it from ~/.tmux.conf.",
        f"# prefix {key} opens a window with a pane for every node.",
        f"bind-key {quote(key)} " + " \\; \\\n  ".join(steps),
        "",
        f"# prefix {sync_key} turns synchronised input on (it asks) and off. Red borders: it is on.",
        f"bind-key {quote(sync_key)} if-shell -F '#{{pane_synchronized}}' {quote(off)} {quote(question)}",
    ]
    return "\n".join(lines) + "\n"


def _title(name: str) -> str:
    """A window's name for ``bind-key``: tmux expands formats there, and takes a last ``;`` for itself."""
    name = name.replace("#", "##")
    return f"{name[:-1]}\\;" if name.endswith(";") else name
