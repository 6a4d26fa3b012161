"""The table of rules: which of them look at a command, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stentor.guard import match, modes, redirects, signals, statements
from stentor.guard import rules_code as code
from stentor.guard.calls import Call
from stentor.guard.find import find
from stentor.guard.quick import CLIENTS
from stentor.guard.wrappers import AWKS
from stentor.shells import PROGRAMS

Rule = Callable[[tuple[str, ...], Call], Iterator[match.Hit]]
# What a table cannot say, since it depends on a language of its own: modes, signals, statements, code.
_OF_THEIR_OWN: dict[str, Rule] = {
    **dict.fromkeys(("find", "fd", "fdfind"), find),
    **dict.fromkeys(("tee", "sponge"), redirects.tee),
    "dd": redirects.dd,
    "install": modes.folders,
    "setfacl": modes.lists,
    "chmod": modes.permissions,
    **dict.fromkeys(("kill", "pkill", "killall", "skill"), signals.kill),
    **dict.fromkeys((*CLIENTS.split(), "curl", "http", "https", "xh"), statements.told),
    **dict.fromkeys(sorted(code.INTERPRETERS), code.interpreter),
    **dict.fromkeys(AWKS, redirects.awk_writes),
    "sed": redirects.sed_writes,
    **dict.fromkeys((*sorted(PROGRAMS), "eval"), code.script_text),
}
RULES: dict[str, tuple[Rule, ...]] = {
    name: (*((match.judge,) if name in match.ROWS else ()), *filter(None, (_OF_THEIR_OWN.get(name),)))
    for name in (*match.ROWS, *_OF_THEIR_OWN)
}

NAMES = {
    "login-file": "a file which a login or the next boot needs is removed or overwritten",
    "drop-data": "what a database, a cloud or a backup holds is dropped",
    "accounts": "a login or a group is removed, locked or changed",
    "firewall": "rules are removed or a port is closed",
    "fork-bomb": "a function that starts itself without end",
    "kill-all": "far more processes or jobs are ended than one program's",
    "lock-out": "nobody may be able to log in afterwards",
    "make-filesystem": "a disk, partition, volume or boot entry is overwritten",
    "network": "the node may leave the network",
    "ownership": "owner or mode of a system tree or a login's files is changed",
    "package": "a package is removed on which the node stands",
    "pipe-to-shell": "what the network sends is run unread",
    "power": "the node goes down",
    "prune": "containers, volumes or parts of a cluster are removed wholesale",
    "remove-tree": "a root, a system directory, a home or data is removed",
    "unknown-code": "what will run cannot be seen in the line",
    "unmount": "file systems are unmounted or made read-only",
    "unreadable": "the line cannot be read as shell",
    "write-device": "a device is written to directly",
}
"""Every rule's name, for the documents and for the policy's ``silence``."""
