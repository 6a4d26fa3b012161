"""The table of commands: in which section each is listed, and what it does."""

from stentor.typed import NamedTuple


class Command(NamedTuple):
    """A line of the table: in which section the command is listed, and what it does."""

    section: str
    summary: str


# The module of a command is stentor.cli.commands.<name, with - as _>. In the order of `stentor --help`.
COMMANDS: dict[str, Command] = {
    "run": Command("daily work", "run a command or script on many nodes"),
    "ping": Command("daily work", "check how far each node can be reached, without logging in"),
    "status": Command("daily work", "show system, load, memory and disk of every node in one table"),
    "doctor": Command("daily work", "find out why a command is not found, and other faults of a node"),
    "ssh": Command("daily work", "log in to one node over the warm connection"),
    "copy": Command("daily work", "copy files to many nodes; send only what differs"),
    "fetch": Command("daily work", "fetch a file or directory from many nodes, into a folder each"),
    "shell": Command("daily work", "a prompt for many nodes: history, completion, gathered output"),
    "top": Command("daily work", "a live view of the fleet on one screen"),
    "dotfiles": Command("daily work", "dotfiles rolled out like a release, reverted where a login fails"),
    "tmux": Command("daily work", "open nodes in tmux panes; guarded synchronised input"),
    "wake": Command("power", "wake nodes by Wake-on-LAN"),
    "reboot": Command("power", "reboot nodes one after the other, and wait until each is back"),
    "shutdown": Command("power", "shut nodes down, the gateway last"),
    "history": Command("history", "list the operations in the journal"),
    "show": Command("history", "show one operation: who, when, each node's outcome and output"),
    "rerun": Command("history", "repeat an operation, or only on nodes where it failed or did not run"),
    "diff": Command("history", "compare two operations, node by node"),
    "nodes": Command("fleet", "list nodes, or one of them in detail"),
    "node": Command("fleet", "add, edit or retire a node, keeping comments and order"),
    "migrate": Command("fleet", "the phases of a migration, and the checks of each"),
    "facts": Command("fleet", "collect hardware, system, tools and versions of every node"),
    "needs": Command("fleet", "list which node lacks which command, package, mount or service"),
    "report": Command("fleet", "write the state of the fleet as a document that can be committed"),
    "trust": Command("fleet", "compare host keys with the known ones, and pin them"),
    "check": Command("fleet", "check the fleet files and list all faults"),
    "init": Command("fleet", "write a fleet file, a new one or from another tool's files"),
    "schema": Command("fleet", "print the JSON Schema of the fleet files, for editors"),
    "export": Command("fleet", "write the fleet in the formats of other tools"),
    "masters": Command("tools", "list or stop the warm connections"),
    "reap": Command("tools", "clean up processes left by interrupted runs"),
    "lab": Command("tools", "start and break a practice fleet of real sshds on this machine"),
    "shell-init": Command("tools", "print the old commands' names as functions of bash, zsh or fish"),
    "completion": Command("tools", "print completion for bash, zsh or fish"),
}
