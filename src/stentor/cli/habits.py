"""Words of other tools (clush, Ansible, ssh, tmux, chezmoi, terraform, ...): what to type here for each.

Read only when a word is not known, so that nothing of it costs a command that is right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from stentor.sh.quoting import quoted

# In place of a command. {} is what was typed behind it.
_COMMANDS: dict[tuple[str, ...], str] = {
    ("exec", "cmd", "command", "raw", "clush", "pdsh", "parallel", "pssh"): "stentor run SELECTOR COMMAND...",
    ("script",): "stentor run --script FILE SELECTOR [ARGUMENTS...]",
    ("login", "connect", "attach-node"): "stentor ssh NODE",
    ("scp", "rsync", "cp", "put", "upload"): "stentor copy SELECTOR FILE... DESTINATION",
    ("rcp", "rcopy", "download"): "stentor fetch SELECTOR FILE... DESTINATION",
    ("get", "describe"): "stentor nodes [NODE]; files: stentor fetch SELECTOR FILE... DESTINATION",
    ("list", "ls", "hosts", "inventory", "list-hosts"): "stentor nodes",
    ("nodeset",): "stentor nodes --fold SELECTOR; a line each: stentor nodes -1 SELECTOR",
    ("ps", "up", "compose"): "stentor services status, or stentor services deploy NAME",
    ("freeze",): "stentor export tmux; the sessions of every node: stentor tmux list",
    (
        "pull",
        "clone",
        "commit",
    ): "stentor dotfiles apply SELECTOR, or stentor dotfiles push SELECTOR -m MESSAGE",
    ("setup", "gather", "info"): "stentor facts",
    ("plan",): "stentor dotfiles plan, or stentor services plan",
    ("apply",): "stentor dotfiles apply, or stentor services deploy",
    ("push", "sync", "adopt", "confirm", "revert", "catch-up"): "stentor dotfiles {}",
    ("deploy", "logs", "restart", "start", "stop", "enable", "disable", "ports"): "stentor services {}",
    ("rollback", "undo"): "stentor dotfiles rollback, or stentor services rollback",
    ("load", "open", "tmuxp", "tmuxinator", "cssh", "panes"): "stentor tmux open [SELECTOR]",
    ("attach", "window", "send", "capture"): "stentor tmux {}",
    ("validate", "lint", "fmt"): "stentor check",
    ("import",): "stentor init --from TOOL PATH",
    (
        "add",
        "edit",
        "retire",
        "rm",
        "remove",
        "delete",
        "drain",
        "cordon",
    ): "stentor node add, edit or retire",
    ("state",): "stentor status, or what was done: stentor history",
    ("journal", "log", "last", "audit"): "stentor history",
    ("retry", "again", "repeat"): "stentor rerun",
    ("poweroff", "halt", "destroy"): "stentor shutdown SELECTOR",
    ("wol",): "stentor wake SELECTOR",
    ("web", "server", "daemon", "ui"): "stentor serve",
    ("webhook", "webhooks", "hooks"): "stentor hook",
    ("play", "ansible-playbook"): "stentor playbook FILE SELECTOR",
    ("ssh-keyscan", "known-hosts", "keys"): "stentor trust",
    ("inspect", "diagnose", "which"): "stentor doctor NODE [COMMAND]",
    ("fix", "repair"): "stentor doctor NODE --fix",
    ("version",): "stentor --version",
    ("config", "configuration", "settings", "policy"): "stentor help files",
    ("json", "plain", "screen-reader"): "stentor help output",
    ("groups", "group"): "stentor help selectors; to list the nodes of a group: stentor nodes @GROUP",
    ("guard", "canary", "waves"): "stentor help safety",
    (
        "upgrade",
        "update",
        "self-update",
    ): "a newer version: git pull, then make install; dotfiles: stentor dotfiles push",
}

# In place of a verb of a command; "" is the answer to every other word.
_VERBS: dict[str, dict[tuple[str, ...], str]] = {
    "dotfiles": {
        ("diff", "check", "preview"): "stentor dotfiles plan",
        ("update", "pull", "fetch", "deploy", "install", "upgrade"): "stentor dotfiles apply SELECTOR",
        ("add", "re-add", "import"): "stentor dotfiles adopt NODE FILE; a new file: chezmoi add FILE",
        ("edit", "cd", "managed", "data"): "chezmoi's own commands are typed as ever: chezmoi edit FILE",
        ("undo", "restore", "back"): "stentor dotfiles rollback NODE",
        ("commit",): "stentor dotfiles push SELECTOR -m MESSAGE",
        ("missed", "catchup"): "stentor dotfiles catch-up SELECTOR",
        ("history", "log"): "stentor history --kind dotfiles",
    },
    "services": {
        ("up", "apply", "install", "run", "create"): "stentor services deploy NAME",
        ("down", "kill", "rm", "remove"): "stentor services stop NAME; for good: status: absent, then deploy",
        ("ps", "list", "ls", "show"): "stentor services status",
        ("diff", "check"): "stentor services plan",
        ("reload",): "stentor services restart NAME",
        ("pull", "update", "upgrade"): "a new image or file in services.yaml, then: stentor services deploy",
        ("undo", "revert"): "stentor services rollback",
        ("tail", "journal"): "stentor services logs NAME",
    },
    "tmux": {
        ("load", "new", "new-session", "start"): "stentor tmux open [SELECTOR]",
        ("kill", "kill-session", "stop"): "stentor tmux close",
        ("ls", "sessions", "list-sessions"): "stentor tmux list",
        ("send-keys",): "stentor tmux send SELECTOR LINE",
        ("synchronize", "setw", "synchronize-panes"): "stentor tmux sync on",
        ("new-window", "split"): "stentor tmux window NODE",
        ("capture-pane",): "stentor tmux capture",
    },
    "node": {
        ("rm", "remove", "delete", "del"): (
            "stentor node retire NODE keeps its entry; to forget it, delete its lines in nodes.yaml"
        ),
        ("list", "ls"): "stentor nodes",
        ("show", "get", "info"): "stentor nodes NODE",
        ("set", "update", "change", "modify"): "stentor node edit NODE KEY=VALUE",
        ("new", "create"): "stentor node add NAME KEY=VALUE...",
        ("",): "to show a node: stentor nodes {}; to change it: stentor node edit {} KEY=VALUE",
    },
    "export": {
        ("inventory", "ansible-inventory"): "stentor export ansible",
        ("groups", "clush", "nodeset"): "stentor export clustershell",
        ("ssh-config", "ssh_config"): "stentor export ssh",
        ("yaml",): "stentor export json",
    },
    "lab": {("start", "create"): "stentor lab up", ("stop", "destroy", "rm"): "stentor lab down"},
    "hook": {("list", "ls", "log", "history"): "stentor hook deliveries"},
    "masters": {("kill", "exit", "close"): "stentor masters stop SELECTOR", ("ls",): "stentor masters list"},
    "migrate": {("show", "list"): "stentor migrate status"},
    "serve": {
        ("status", "check"): "stentor serve doctor",
        ("start", "enable"): "stentor serve install",
        ("",): "where it listens: stentor serve --listen ADDRESS:PORT",
    },
}

# In place of an option of any command which has the option that stands in front; "" for all commands.
_ANYWHERE: dict[str, dict[tuple[str, ...], str]] = {
    "": {
        ("--limit",): "the selector says which nodes: 'SELECTOR&{}'",
        ("--user", "--remote-user"): "user: of the node in nodes.yaml, or User in ssh_config",
        ("--hosts", "--host", "--node", "--nodes"): "nodes are named without an option: SELECTOR",
        ("-w", "-a", "-g", "--all", "--group"): "nodes are named without an option: crtr,drtr, @gpu or @all",
    },
    "--json": {("-o", "--output", "--format"): "for programs: --json"},
    "--dry-run": {("-C", "--check"): "to see what would be done: --dry-run"},
    "--waves": {
        ("--serial", "--batch", "--batch-size"): "so many at once, one wave after the other: --waves N",
        ("--max-fail-percentage",): "the rollout stops when more have failed: --max-failures N",
    },
    "--window": {("--forks", "--fanout", "--parallel"): "nodes at once: --window N"},
    "--yes": {
        ("--auto-approve", "--force", "--accept", "--no-confirm"): "to answer all questions with yes: --yes"
    },
}

# In place of an option of a command; those of `run` are in commands/run/elsewhere.py. {} is its value.
_OPTIONS: dict[str, dict[tuple[str, ...], str]] = {
    "stentor": {  # before the command
        ("-i", "--inventory", "--context", "--config", "-c", "-C", "--kubeconfig"): (
            "stentor --fleet DIR COMMAND; of an inventory: stentor init DIR --from ansible FILE"
        ),
        ("--plain", "--no-color", "--no-colour"): "plain lines: STENTOR_PLAIN=1; without colours: NO_COLOR=1",
        ("-v", "--verbose", "--debug"): "each command says what it did; for ssh's own messages: ssh -v NODE",
    },
    "ssh": {
        ("-p", "--port"): "port: of the node in nodes.yaml, or Port in ssh_config",
        ("-i",): "IdentityFile in ssh_config",
        ("-J",): "jump: of the node in nodes.yaml, or ProxyJump in ssh_config",
        ("-t", "-tt", "-T"): "a terminal is asked for where there is one here",
        ("-v", "-vv", "-vvv", "-A", "-L", "-R", "-D", "-N", "-X", "-Y", "-o", "-f", "-F"): (
            "'stentor ssh --print NODE' shows the ssh command, to add options to"
        ),
    },
    "copy": {
        ("-r", "-R", "--recursive"): "a folder is copied with all that is in it, without an option",
        ("-p", "-a", "--archive", "--preserve"): "times and modes are kept, without an option",
        ("--delete",): "nothing is removed on nodes: stentor run SELECTOR 'rm ...'",
        ("--dest",): "the destination is the last word: stentor copy SELECTOR FILE... {}",
        ("--sudo", "--become", "-b"): (
            "it writes as the login: copy to /tmp, then stentor run --sudo SELECTOR 'mv ...';"
            " or log in as root: --user root"
        ),
        (
            "--mode",
            "--owner",
            "-m",
            "-o",
        ): "the mode is that of the file here: chmod it; owners are those of the login",
    },
    "fetch": {
        ("-r", "-R", "--recursive"): "a folder is fetched with all that is in it, without an option",
        ("-p", "-a", "--archive", "--preserve"): "times and modes are kept, without an option",
    },
    "playbook": {
        ("-l", "--limit"): "the selector is the limit: stentor playbook FILE SELECTOR",
        ("-C", "--check"): "-n shows what would change",
        ("--list-hosts", "--list-tasks", "--syntax-check"): "-n lists plays and nodes, and changes nothing",
        ("-u",): "the login name is the fleet's: user: in nodes.yaml",
        ("-f",): "--forks N",
        ("--vault-password-file", "--vault-pass-file"): "--vault-id default@FILE reads it, -J asks for it",
        ("--private-key", "--ssh-common-args"): "IdentityFile and other options of ssh go into ssh_config",
    },
    "ansible": {
        ("-l", "--limit"): "the selector is the limit: stentor ansible SELECTOR -m MODULE",
        ("-C", "--check"): "a check of what would change: stentor playbook FILE SELECTOR -n",
        ("-u",): "the login name is the fleet's: user: in nodes.yaml",
        ("-f",): "--forks N",
    },
    "nodes": {
        ("-f",): "as one expression: stentor nodes --fold SELECTOR",
        ("-e", "--expand"): "a line each: stentor nodes -1 SELECTOR",
        ("-c", "--count"): "stentor nodes -1 SELECTOR | wc -l",
        ("-l", "-ll", "--list"): "stentor nodes --groups",
        ("-x", "-i", "-X"): "operators of selectors: '@all!@gpu', '@core&@gpu', '@core^@gpu'",
    },
    "history": {
        ("--failed",): "stentor history --outcome failed; the nodes: stentor nodes @failed",
        ("-w", "--nodes"): "stentor history --node {}",
    },
    "top": {("-d", "-n", "--watch"): "seconds between two looks: --interval {}"},
    "serve": {("--port", "-p", "--bind", "--address"): "stentor serve --listen 127.0.0.1:8440"},
    "ping": {("-n", "-i"): "--watch SECONDS repeats it, --count N times"},
}


def _found(table: dict[tuple[str, ...], str], word: str) -> str:
    return next((hint for words, hint in table.items() if word in words), "")


def command(word: str) -> str:
    """Return what to type in place of a command that there is not; nothing where that is not known."""
    return _found(_COMMANDS, word).replace("{}", word)


def verb(name: str, word: str) -> str:
    """Return what to type in place of a verb that the command ``name`` does not have, or nothing."""
    return _found(_VERBS.get(name, {}), word)


def no_verb(name: str, word: str) -> str:
    """Return what is said of any word that is no verb of the command ``name``, or nothing."""
    return _found(_VERBS.get(name, {}), "").replace("{}", word)


def option(name: str, typed: str, value: str, known: Iterable[str]) -> str:
    """Return what to type in place of an option that the command ``name`` does not have, or nothing.

    Args:
        typed: the option; of letters typed together (``-CD``) the first that is known decides.
        value: of the option, where it has one.
        known: the options that there are; no other is proposed.
    """
    letters = [typed]
    if len(typed) > 2 and not typed.startswith("--"):
        letters += [f"-{letter}" for letter in typed[1:]]
    there = {"", *known}
    tables = [_OPTIONS.get(name, {}), *(table for needed, table in _ANYWHERE.items() if needed in there)]
    hints = (_found(table, one) for one in letters for table in tables)
    return filled(next(filter(None, hints), ""), value)


def filled(hint: str, value: str) -> str:
    """Put an option's value into its hint; where it has none, what is to be put there."""
    return hint.replace("&{}", f"&{value or 'NODES'}").replace("{}", value or "N")


def destination(name: str, words: Sequence[str], nodes: Collection[str]) -> str:
    """Return what ``name`` (copy, fetch) wants, to one who may have typed a node as scp has it."""
    return nodes_first(name, words, nodes) or f"stentor {name} SELECTOR SOURCE... DESTINATION"


def nodes_first(name: str, words: Sequence[str], nodes: Collection[str]) -> str:
    """Return what to type where nodes stand further behind, or before a colon as with scp; or nothing.

    Args:
        name: the command, with its verb.
        words: the operands as they were typed.
        nodes: the names of all nodes.
    """
    for place, word in enumerate(words):
        selector, colon, path = word.partition(":")
        if (place or colon) and names_nodes(selector, nodes):
            if not colon and misspelt(words[0], nodes):
                return ""
            if colon and name in ("copy", "fetch") and len(words) > 1:  # as with scp, which does both
                name = "copy" if place == len(words) - 1 else "fetch"
            others = [*words[:place], *([path or "./"] if colon else []), *words[place + 1 :]]
            return f"nodes come first: stentor {name} {quoted((selector, *others))}"
    return ""


def names_nodes(word: str, nodes: Collection[str]) -> bool:
    """Whether a word can only be meant as a selector: groups, attributes, names of nodes."""
    return all(part.startswith(("@", "%")) or part in nodes for part in word.split(","))


def misspelt(selector: str, nodes: Collection[str]) -> bool:
    """Whether a selector that names nothing is more likely a misspelt one than another operand."""
    from stentor.fleet.suggest import closest

    return any(part[:1] in ("@", "%") or closest(part, nodes) for part in selector.split(","))


def behind_selector(name: str, selector: str, words: Sequence[str]) -> str:
    """Return what is said of words behind a selector, where the command takes none; nothing without one."""
    if name == "history":  # its nodes are the value of an option
        return f"stentor history --node {words[0]}"
    if not selector:
        return ""
    hint = f"join names by commas: {','.join((selector, *words))}"
    if name == "shell":
        return f"{hint}; for one command: stentor run {quoted((selector, *words))}"
    if name == "ansible":
        module = [selector, "-m", words[0], *(["-a", " ".join(words[1:])] if words[1:] else [])]
        return f"{hint}; a module is named by -m: stentor ansible {quoted(module)}"
    return hint


def behind_service(name: str, verb: str, words: Sequence[str]) -> str:
    """Return what is said of nodes behind the only service of a verb; nothing of another command."""
    if name != "services" or verb not in ("logs", "backup", "restore"):
        return ""
    return f"nodes are the value of an option: --on {quoted((words[0],))}"


def before_command(words: list[str]) -> str:
    """Return what to type where an option of clush, pdsh or Ansible stands in place of a command.

    Args:
        words: the option, and what follows it.
    """
    selectors = {"-w": "{}", "-g": "@{}", "-a": "@all", "--all": "@all"}
    rest = list(words)
    while rest and rest[0].startswith("-"):
        typed = rest.pop(0)
        if typed in selectors:
            named = selectors[typed]
            if "{}" in named:
                named = named.replace("{}", rest.pop(0) if rest else "NODES").replace("@@", "@")
            return f"stentor run {named} {' '.join(rest) or 'COMMAND...'}"
    return ""
