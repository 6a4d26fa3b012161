"""The table of commands: in which section each is listed, and what it does."""

from stentor.typed import NamedTuple


class Command(NamedTuple):
    """A line of the table: in which section the command is listed, and what it does."""

    section: str
    summary: str


# The module of a command is stentor.cli.commands.<name, with - as _>. In the order of `stentor --help`.
COMMANDS: dict[str, Command] = {
    "run": Command("every day", "run a command or script on many nodes"),
    "ping": Command("every day", "how far each node can be reached, without logging in"),
    "status": Command("every day", "one table of what every node is and how it fares"),
    "doctor": Command("every day", "why a command is not found, and all else that is wrong with a node"),
    "ssh": Command("every day", "log in to one node over the warm connection"),
    "copy": Command("every day", "files to many nodes, only what they lack, each whole or not at all"),
    "fetch": Command("every day", "a file or directory of many nodes, a folder each"),
    "shell": Command("every day", "a prompt for many nodes: history, completion, gathered output"),
    "top": Command("every day", "the fleet as it lives, on one screen"),
    "dotfiles": Command("every day", "dotfiles rolled out like a release, reverted where a login fails"),
    "tmux": Command("every day", "panes over nodes, guarded synchronised input, every node's sessions"),
    "wake": Command("on and off", "wake nodes by Wake-on-LAN"),
    "reboot": Command("on and off", "reboot nodes one after the other, each proved to be back"),
    "shutdown": Command("on and off", "shut nodes down, the gateway last"),
    "history": Command("what was done", "the operations of the journal"),
    "show": Command("what was done", "one operation: who, when, each node's outcome and output"),
    "rerun": Command("what was done", "an operation again, or only where it failed or never came"),
    "diff": Command("what was done", "two operations, node by node"),
    "nodes": Command("the fleet", "list nodes, or one of them in detail"),
    "node": Command("the fleet", "add, edit or retire a node, keeping comments and order"),
    "migrate": Command("the fleet", "the phases of a migration: who is where, what must hold, who is done"),
    "facts": Command("the fleet", "hardware, system, tools and versions of every node, also of those down"),
    "needs": Command("the fleet", "which node lacks which command, package, mount or service"),
    "report": Command("the fleet", "the state of the fleet as a document, fit to be committed"),
    "trust": Command("the fleet", "host keys: who is who it says it is, pinned in the fleet"),
    "check": Command("the fleet", "every fault of the fleet files, with its place"),
    "init": Command("the fleet", "write a fleet file, from nothing or from another tool's files"),
    "schema": Command("the fleet", "the JSON Schema of the fleet files, for editors"),
    "export": Command("the fleet", "the fleet as other tools' files"),
    "masters": Command("behind it", "list or stop the warm connections"),
    "reap": Command("behind it", "clean up processes left by interrupted runs"),
    "lab": Command("behind it", "a practice fleet of real sshds on this machine"),
    "shell-init": Command("behind it", "the old commands' names as functions of bash, zsh or fish"),
    "completion": Command("behind it", "completion for bash, zsh or fish"),
}
