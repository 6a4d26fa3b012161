"""Commands that run other commands: what do they run?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stentor.guard.calls import Call, Inner, name_of
from stentor.guard.elsewhere import ansible, any_suffix, find, handed_on, substituted, xargs
from stentor.guard.elsewhere import names as elsewhere_names
from stentor.guard.lists import handed
from stentor.guard.option_commands import names as option_names
from stentor.guard.option_commands import option_commands
from stentor.guard.options import PREFIXES, Options, after_options, shell_words
from stentor.guard.tools import read_line
from stentor.guard.variables import in_assignments
from stentor.guard.words import LISTED, Values
from stentor.sh.quoting import quoted
from stentor.shells import PROGRAMS

DEPTH = 12  # a command in a command in a command …
AWKS = ("awk", "gawk", "mawk", "nawk")


def inner(call: Call) -> list[Inner]:
    """Return what this command runs; nothing if it runs nothing but itself."""
    name = name_of(call.words)
    special = _SPECIAL.get(name)
    if special:
        return [*special(call), *handed_on(call)]
    if name in PROGRAMS:
        return _shell(call)
    if name in PREFIXES:
        return [Inner(words) for words in after_options(call.words, PREFIXES[name])]
    return handed_on(call)


# These run text in the same shell, and these in one that has nothing of its environment.
_SAME = ("eval", "trap", "alias", ".", "source")
_CLEAN = (
    "sudo", "doas", "ssh", "rsh", "mosh", "pkexec", "run0", "su", "machinectl", "docker", "podman",
    "systemd-run",
)  # fmt: skip
_KEEPS = re.compile(r"-[A-Za-z]*[EmV]|--preserve-env(=.*)?|--preserve-environment")


def passed(call: Call, *, text: bool = False) -> Values:
    """Return the variables of what a command runs: what is in its environment.

    Args:
        text: it is text, which another shell reads.
    """
    name = name_of(call.words)
    if name in _SAME:
        return call.values
    values = call.values
    if name in _CLEAN and not any(map(_KEEPS.fullmatch, call.words[1:])):
        values = Values(values.known)
    if name in ("sudo", "env", "doas"):
        given = [word.partition("=") for word in call.words[1:] if re.match(r"[A-Za-z_]\w*=", word)]
        names = {name: (value,) for name, _, value in given}
        values = Values({**values.known, **names}, values.exported | names.keys())
    return values.elsewhere() if text else values


def in_turn(call: Call, depth: int = 0) -> Iterator[tuple[str, ...]]:
    """Return the words of a command, and of the commands which it runs."""
    yield call.words
    for item in inner(call) if depth < DEPTH else ():
        if item.words:
            yield from in_turn(call._replace(words=item.words), depth + 1)


def names() -> set[str]:
    """Every wrapper's name."""
    return {*_SPECIAL, *PROGRAMS, *PREFIXES, *elsewhere_names()}


def _shell(call: Call) -> list[Inner]:
    if name_of(call.words) == "fish":
        return [Inner(text=text) for text in read_line(call.words).values("-c/--command/-C/--init-command")]
    letters, operands = shell_words(call.words)
    if "c" not in letters or "n" in letters:  # with -n it only reads
        return []
    return [Inner(text=text, positional=operands[1:]) for text in operands[:1]]


def _sudo(call: Call) -> list[Inner]:
    words = call.words
    rests = after_options(words, PREFIXES["sudo"])
    found = [Inner(rest) for rest in rests]
    shell = any(re.fullmatch(r"-[A-Za-z]*[si]|--shell|--login", word) for word in words[1:])
    if shell:
        found = [Inner(words=item.words, text=quoted(item.words)) for item in found] or [Inner(("sh",))]
    return [*in_assignments(words, rests), *found]


def _env(call: Call) -> list[Inner]:
    for index, word in enumerate(call.words):
        if word in ("-S", "--split-string") and index + 1 < len(call.words):
            return [Inner(text=" ".join(call.words[index + 1 :]))]
        if word.startswith("--split-string="):
            return [Inner(text=" ".join((word.partition("=")[2], *call.words[index + 1 :])))]
        if re.fullmatch(r"-[iv0]*S.+", word):
            return [Inner(text=" ".join((word.partition("S")[2], *call.words[index + 1 :])))]
    rests = after_options(call.words, PREFIXES["env"])
    return [*in_assignments(call.words, rests), *map(Inner, rests)]


def _command(call: Call) -> list[Inner]:
    if any(re.fullmatch(r"-p?[vV]", word) for word in call.words[1:2]):
        return []  # only asks where a command is
    return [Inner(rest) for rest in after_options(call.words, PREFIXES["command"])]


_COMMAND = re.compile(
    r"-[A-Za-z]*c|--command|--session-command|(?:-[a-bd-zA-Z]*c|--command=|--session-command=)(.+)", re.DOTALL
)


def _told(words: tuple[str, ...]) -> list[Inner]:
    """The text behind ``-c`` or ``--command``, in the same word or the next (util-linux)."""
    for index, word in enumerate(words[1:], 1):
        if found := _COMMAND.fullmatch(word):
            text = [found[1]] if found[1] else words[index + 1 : index + 2]
            return [Inner(text=one) for one in text]
    return []


def _user(call: Call) -> list[Inner]:
    words = call.words
    if told := _told(words):
        return told
    if name_of(words) == "runuser":
        return [Inner(rest) for rest in after_options(words, Options("ugGs", "fmPlw", ("user",)))]
    return [Inner(("sh",))]


# It only connects (-W), or only forwards ports (-N).
_NO_SHELL = re.compile(r"-[46AaCfGgKkMnqsTtVvXxYy]*[NW].*")


def _ssh(call: Call) -> list[Inner]:
    """Ssh joins its words to one text, and quotes are lost on the way; so it is read both ways."""
    options = Options("BbcDEeFIiJLlmOopQRSWw", "46AaCfGgKkMNnqsTtVvXxYy")
    # Behind the host there may be more options, and "--".
    hosts = after_options(call.words, options)
    found = [rest for host in hosts for rest in after_options(("ssh", *host[1:]), options)]
    told = option_commands(call)
    if found or any(map(_NO_SHELL.fullmatch, call.words[1:])):
        return [*told, *(Inner(rest, " ".join(rest)) for rest in found)]
    return [*told, Inner(("sh",))]


def _joined(call: Call) -> list[Inner]:
    return [Inner(text=" ".join(call.words[1:]))] if call.words[1:] else []


def _flock(call: Call) -> list[Inner]:
    """``flock FILE -c COMMAND`` or ``flock FILE COMMAND …`` (flock(1))."""
    rests = after_options(call.words, PREFIXES["flock"])
    return [one for rest in rests for one in _told(("flock", *rest[:2])) or [Inner(rest)]]


def _watch(call: Call) -> list[Inner]:
    options = Options("nq", "bcdegptwx", ("interval",))
    return [Inner(rest, " ".join(rest)) for rest in after_options(call.words, options)]


_SCRIPT = Options(
    "cEIOBTmot", "aefqkdpr", ("command", "echo", "log-in", "log-out", "log-io", "log-timing"), skip=1
)


def _script(call: Call) -> list[Inner]:
    """``script -c COMMAND``; on the BSDs, and since util-linux 2.41, also behind the file."""
    return [*_told(call.words), *map(Inner, after_options(call.words, _SCRIPT))]


def _trap(call: Call) -> list[Inner]:
    words = call.words[2:] if call.words[1:2] == ("--",) else call.words[1:]
    return [Inner(text=words[0])] if words[1:] and not words[0].startswith("-") else []


def _alias(call: Call) -> list[Inner]:
    return [Inner(text=word.partition("=")[2]) for word in call.words[1:] if "=" in word]


def _awk(call: Call) -> list[Inner]:
    """``system("…")``, and pipes from and to a command, in the text of a program."""
    text = " ".join(call.words[1:])
    found = re.findall(r'system\s*\(\s*"([^"]*)"\s*\)|\|&?\s*"([^"]*)"|"([^"]*)"\s*\|&?\s*getline', text)
    return [Inner(text=next(filter(None, groups), "")) for groups in found]


def _parallel(call: Call) -> list[Inner]:
    """GNU ``parallel``: a command, and behind ``:::`` or in a file or on its input what it is run for."""
    words = call.words
    at = next((i for i, word in enumerate(words) if re.fullmatch(r":::\+?|::::\+?", word)), len(words))
    given = [word for word in words[at:] if not word.startswith(":::")]
    file = any(re.fullmatch(r"-a|--arg-file(=.*)?|::::\+?", word) for word in words)
    items = [LISTED] if file else given or handed(call.fed_by, stdin=call.stdin, listed=call.listed)
    found = [] if any_suffix(words[:at]) else [Inner(text=item) for item in items]
    for start in any_suffix(words[:at]):
        said = start.words or ((start.text,) if start.text else ())
        for item in items:
            text = [re.sub(r"\{[./#%]*\}", item, word) for word in said]
            full = text if text != list(said) else [*said, item]
            found.append(Inner(text=" ".join(full)) if start.text else Inner(tuple(full)))
    return found + [Inner(text=item) for item in given if " " in item]


def _expect(call: Call) -> list[Inner]:
    """``expect -c``: Tcl, of which the commands that it spawns are read."""
    at = [i for i, word in enumerate(call.words[:-1]) if word == "-c"]
    return [Inner(text=call.words[i + 1]) for i in at]


def _sed(call: Call) -> list[Inner]:
    """``sed 'e command'`` (GNU sed manual, "Commands Specific to GNU sed")."""
    if "--sandbox" in call.words:
        return []
    found = (re.findall(r"(?:^|[;{}\n\d$/!])\s*e\s+([^\n]+)", word) for word in call.words[1:])
    return [Inner(text=text) for texts in found for text in texts]


def _editor(call: Call) -> list[Inner]:
    """``vim -c '!…'``."""
    return [Inner(text=word.lstrip("+:!")) for word in call.words[1:] if word.lstrip("+:").startswith("!")]


def _container(call: Call) -> list[Inner]:
    words = call.words[1:] if call.words[1:2] != ("container",) else call.words[2:]
    if words[:1] == ("run",):
        return _bound(words[1:])
    if words[:1] != ("exec",):
        return []
    options = Options("euw", "dit", ("env", "user", "workdir"))
    return [Inner(rest[1:]) for rest in after_options(words, options) if rest[1:]]


def _bound(words: tuple[str, ...]) -> list[Inner]:
    """What a new container runs, as far as it sees the node: by its mounts and devices (docker-run(1))."""
    text = " ".join(words)
    mounts = re.findall(r"(?:-v|--volume)[ =]?([^\s:=,]+):([^\s:,]+)(?!\S*:\S*\bro\b)(?=\s|:)", text)
    for word in re.findall(r"--mount[ =](\S+)", text):
        said = dict(part.partition("=")[::2] for part in word.split(","))
        source, target = (said.get("source", said.get("src", "")), said.get("target", said.get("dst", "")))
        mounts += [(source, target)] if "readonly" not in said and said.get("type") == "bind" else []
    outside = re.search(r"--(privileged|device|pid[ =]host|network[ =]host|net[ =]host)\b", text)
    if not mounts and not outside:
        return []
    places = sorted(mounts, key=lambda mount: -len(mount[1]))

    def on_node(match: re.Match[str]) -> str:
        path = match[0]
        for source, target in places:
            if path == target or path.startswith(target.rstrip("/") + "/"):
                return f"{source.rstrip('/')}/{path[len(target) :].lstrip('/')}"
        return path if outside and path.startswith("/dev/") else f"/container{path}"

    seen = (
        words
        if "chroot" in text
        else tuple(re.sub(r"(?<![^\s;&|(=\"'])/[^\s;&|)\"']*", on_node, word) for word in words)
    )
    return any_suffix(("run", *seen))


def _namespace(call: Call) -> list[Inner]:
    """``ip netns exec NAME …``."""
    words = call.words
    at = next((i for i, word in enumerate(words) if word == "exec" and "netns" in words[:i]), None)
    return [Inner(words[at + 2 :])] if at is not None and words[at + 2 :] else []


_SPECIAL: dict[str, Callable[[Call], list[Inner]]] = {
    "sudo": _sudo,
    "env": _env,
    "command": _command,
    "su": _user,
    "runuser": _user,
    **dict.fromkeys(("rm", "rmdir", "shred", "unlink", "mv", "chmod", "chown", "chgrp"), substituted),
    "xargs": xargs,
    "find": find,
    "fd": find,
    "fdfind": find,
    "eval": _joined,
    "flock": _flock,
    "watch": _watch,
    "script": _script,
    "trap": _trap,
    "alias": _alias,
    **dict.fromkeys(option_names(), option_commands),
    "ssh": _ssh,
    **dict.fromkeys(AWKS, _awk),
    "sed": _sed,
    "parallel": _parallel,
    "sem": _parallel,
    "expect": _expect,
    "ansible": ansible,
    **dict.fromkeys(("vi", "vim", "ex", "nvim"), _editor),
    "ip": _namespace,
    "docker": _container,
    "nerdctl": _container,
    "podman": _container,
}
