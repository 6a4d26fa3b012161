"""The fleet as a Makefile that needs no stentor: ``help``, and targets for each node, each group and all.

Names of nodes stand only behind a prefix (``status-crtr``): a target named like a file would be "up to
date", and every target is listed in .PHONY, since a pattern there has no effect.
"""

from __future__ import annotations

from stentor.export.view import CannotSayError, Made, View, unsaid
from stentor.fleet.model import Node
from stentor.sh.quoting import quote, quoted
from stentor.ssh.target import login_argv

HELP = {
    "help": "list the targets",
    "cluster-status": "how long each node is up, or DOWN",
    "sync-dotfiles": "chezmoi update on each node that is expected up",
    "deploy-services": "run the playbook of the services: make deploy-services PLAYBOOK=FILE",
}
_SEED = (
    "PLAYBOOK ?= ansible/services.yml\n"
    "INVENTORY ?= ansible/inventory.yml\n"
    "SSH_OPTIONS ?= -o ConnectTimeout=5\n\n"
)


def make(view: View) -> Made:
    """Return the Makefile."""
    groups = view.groups()
    if "dotfiles" in groups or any(node.alias == "dotfiles" for node in view.nodes):
        raise CannotSayError(
            "dotfiles", "alias", "a node or a group called 'dotfiles' would be the target sync-dotfiles",
            hint="leave it out: stentor export make '@all!dotfiles'",
        )  # fmt: skip
    awake = {node.alias for node in view.nodes if not node.expected_down}
    everything = [node.alias for node in view.nodes]
    lines = [
        f"NODES := {' '.join(everything)}\n",
        *(f"GROUP_{name} := {' '.join(members)}\n" for name, members in groups.items()),
        _SEED,
    ]
    targets = list(HELP)
    width = max(len(name) for name in HELP) + 2
    lines.append("help:\n")
    shown = {**HELP, "ssh-NODE": "log in", "status-NODE": "one node", "status-GROUP": "a group"}
    shown |= {"sync-NODE": "one node", "sync-GROUP": "a group"}
    lines += [
        f"\t@printf '%s\\n' {quote(_recipe(f'{name:{width}}{what}'))}\n" for name, what in shown.items()
    ]
    lines += [
        f"\ncluster-status: {_prefixed('status-', everything)}\n",
        f"\nsync-dotfiles: {_prefixed('sync-', [alias for alias in everything if alias in awake])}\n",
        "\ndeploy-services:\n\tansible-playbook -i '$(INVENTORY)' '$(PLAYBOOK)'\n",
    ]
    for name, members in groups.items():
        lines.append(f"\nstatus-{name}: {_prefixed('status-', members)}\n")
        lines.append(f"sync-{name}: {_prefixed('sync-', [alias for alias in members if alias in awake])}\n")
        targets += [f"status-{name}", f"sync-{name}"]
    for node in view.nodes:
        lines.append(_node(view, node))
        targets += [f"{prefix}-{node.alias}" for prefix in ("ssh", "status", "sync")]
    lines.append(f"\n.PHONY: {' '.join(targets)}\n")
    left = unsaid(view, "name", "addresses", "user", "port", "jump", "groups", "state")
    return Made("".join(lines), list(left))


def _prefixed(prefix: str, aliases: list[str]) -> str:
    return " ".join(f"{prefix}{alias}" for alias in aliases)


def _node(view: View, node: Node) -> str:
    alias = node.alias
    if alias == view.local:
        login, batch = "exec $${SHELL:-/bin/sh} -l", "sh -c"
    else:
        words = login_argv(view.fleet, node)
        login = _recipe(quoted(words))
        batch = f"ssh -o BatchMode=yes $(SSH_OPTIONS) {_recipe(quoted(words[1:]))}"
    return (
        f"\nssh-{alias}:\n\t@{login}\n"
        f"status-{alias}:\n\t@printf '%-16s %s\\n' {alias}: \"$$({batch} uptime 2>/dev/null || echo DOWN)\"\n"
        f"sync-{alias}:\n\t{batch} 'chezmoi update'\n"
    )


def _recipe(text: str) -> str:
    """A text in a recipe: make replaces what begins with a dollar sign, and nothing else."""
    return text.replace("$", "$$")
