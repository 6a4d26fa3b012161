"""The table of commands: in which section each is listed, and what it does."""

from stentor.typed import NamedTuple


class Command(NamedTuple):
    """A line of the table: in which section the command is listed, and what it does."""

    section: str
    summary: str


# The section whose commands the short help has a line for, each.
DAILY = "daily work"

# The module of a command is stentor.cli.commands.<name, with - as _>. In the order of `stentor --help`.
COMMANDS: dict[str, Command] = {
    "run": Command(DAILY, "run a command or script on many nodes"),
    "ping": Command(DAILY, "check how far each node can be reached, without logging in"),
    "status": Command(DAILY, "show system, load, memory and disk of every node in one table"),
    "doctor": Command(DAILY, "find out why a command is not found, and other faults of a node"),
    "ssh": Command(DAILY, "log in to one node over the warm connection"),
    "copy": Command(DAILY, "copy files to many nodes; send only what differs"),
    "fetch": Command(DAILY, "fetch a file or directory from many nodes, into a folder each"),
    "dotfiles": Command(DAILY, "roll out dotfiles; a node where a login fails reverts them"),
    "services": Command(DAILY, "show, plan and deploy units, containers and compose projects"),
    "tmux": Command(DAILY, "open nodes in tmux panes, with guarded synchronised input"),
    "bootstrap": Command("changes", "set up a new machine as a node of the fleet"),
    "wake": Command("changes", "wake nodes by Wake-on-LAN"),
    "reboot": Command("changes", "reboot nodes one after the other, and wait until each is back"),
    "shutdown": Command("changes", "shut nodes down, the gateway last"),
    "playbook": Command("changes", "run an Ansible playbook, checked first and in waves"),
    "ansible": Command("changes", "run one module of Ansible's on many nodes"),
    "history": Command("history", "list the operations in the journal"),
    "show": Command("history", "show one operation: who, when, each node's outcome and output"),
    "rerun": Command("history", "repeat an operation, or only where it failed or did not run"),
    "diff": Command("history", "compare two operations, node by node"),
    "report": Command("history", "write the state of the fleet as a document that can be committed"),
    "nodes": Command("fleet", "list nodes, or one of them in detail"),
    "node": Command("fleet", "add, edit or retire a node, keeping comments and order"),
    "migrate": Command("fleet", "show the phases of a migration, and run their checks"),
    "facts": Command("fleet", "collect hardware, system, tools and versions of every node"),
    "needs": Command("fleet", "list which node lacks which command, package, mount or service"),
    "trust": Command("fleet", "compare host keys with the known ones, and pin them"),
    "check": Command("fleet", "check the fleet files and list all faults"),
    "init": Command("fleet", "write a fleet file, also from another tool's files"),
    "export": Command("fleet", "write the fleet in the formats of other tools"),
    "top": Command("live", "show the fleet live on one screen"),
    "serve": Command("live", "serve the fleet as a web page"),
    "hook": Command("live", "list what webhooks received, and test them"),
    "shell": Command("live", "open a prompt whose lines run on many nodes"),
    "gateway": Command("tools", "check gateways of the tree, and install what they need"),
    "masters": Command("tools", "list or stop the warm connections"),
    "reap": Command("tools", "clean up processes left by interrupted runs"),
    "schema": Command("tools", "print the JSON Schema of the fleet files, for editors"),
    "tour": Command("setup", "learn stentor in ten steps on a practice fleet"),
    "lab": Command("setup", "start and break a practice fleet of real sshds on this machine"),
    "shell-init": Command("setup", "print the old commands' names as functions of bash, zsh or fish"),
    "completion": Command("setup", "print completion for bash, zsh or fish"),
    "uninstall": Command("setup", "remove what stentor keeps on nodes and on this machine"),
}


def sections() -> dict[str, list[str]]:
    """Return the names of the commands by section, both in their order."""
    found: dict[str, list[str]] = {}
    for name, command in COMMANDS.items():
        found.setdefault(command.section, []).append(name)
    return found
