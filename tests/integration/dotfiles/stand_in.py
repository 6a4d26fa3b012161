#!/usr/bin/python3 -IS
"""A stand-in for chezmoi, for tests alone, where no chezmoi can be had.

What it is for: the transaction of ``node.sh`` (snapshot, deadline, confirm, undo) must be tried on
every machine, and no package registry carries chezmoi. Where a real one is found it is never used.

What it covers, with chezmoi's output and effects (``test_stand_in.py`` holds it against real ones):

* ``--version``, ``execute-template '{{ .chezmoi.workingTree }}'``, ``status``, ``managed``, ``diff`` (without
  git's lines about modes and hashes), ``apply``, ``init`` of a source without a config template, ``archive``,
  ``state get-bucket --bucket=entryState``;
* the names ``dot_``, ``private_``, ``executable_``, ``exact_``, ``symlink_``, ``run_`` with ``once_``,
  ``onchange_``, ``before_`` and ``after_``, and ``.tmpl``; ``.chezmoiroot``, plain names in
  ``.chezmoiignore`` and ``.chezmoiremove``;
* templates of simple lookups, ``{{ .stentor.alias }}``; anything else in braces is an error;
* a state file with the hash of what was written last, so with chezmoi's ideas of drift and conflict.

What it does not: externals, config templates, encryption, prompts, hooks, locks, any other name.
Those tests need the real one, and say so where they are skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
from typing import Any, NamedTuple

VERSION = "chezmoi version v2.72.0, a stand-in for tests"
UMASK = os.umask(0)
os.umask(UMASK)


class FaultError(Exception):
    """Said on standard error behind ``chezmoi: ``; the exit code is 1."""


class Entry(NamedTuple):
    """What a target is, or should be: the kind, the mode of files and folders, and the contents."""

    kind: str  # file, dir, symlink, remove, script
    mode: int = 0
    data: bytes = b""
    when: str = ""  # of a script: always, once, onchange
    order: int = 0  # of a script: -1 before, 1 after

    def state(self) -> dict[str, Any]:
        """As chezmoi keeps it."""
        if self.kind == "dir":
            return {"mode": 0x80000000 | self.mode, "type": "dir"}
        if self.kind == "remove":
            return {"type": "remove"}
        kept: dict[str, Any] = {"contentsSHA256": hashlib.sha256(self.data).hexdigest()}
        return {**kept, **({"mode": self.mode} if self.kind == "file" else {}), "type": self.kind}


GONE = Entry("remove")


class Options(NamedTuple):
    """The command line."""

    words: list[str]
    named: dict[str, str]

    def source(self) -> str:
        """The source folder, below which ``.chezmoiroot`` may lead."""
        root = self.tree()
        marker = os.path.join(root, ".chezmoiroot")
        return os.path.join(root, text_of(marker).strip()) if os.path.exists(marker) else root

    def tree(self) -> str:
        """The folder which git knows."""
        default = os.path.join(os.environ["HOME"], ".local/share/chezmoi")
        return os.path.realpath(self.named.get("source", default))

    def home(self) -> str:
        """The folder whose targets are meant."""
        return self.named.get("destination", os.environ["HOME"])

    def state_file(self) -> str:
        """Where what was written last is kept."""
        config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.environ["HOME"], ".config")
        return self.named.get("persistent-state", os.path.join(config, "chezmoi", "chezmoistate.boltdb"))


VALUED = ("source", "destination", "override-data-file", "config", "persistent-state", "cache", "config-path")


def read_options(argv: list[str]) -> Options:
    """Take options apart from words; a word behind an option without ``=`` is its value where it has one."""
    words: list[str] = []
    named: dict[str, str] = {}
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        named[name] = value if equals else rest.pop(0) if name in VALUED else "yes"
    return Options(words, named)


def text_of(path: str) -> str:
    """A file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def render(text: str, data: dict[str, Any], name: str) -> str:
    """Put the values of simple lookups in their places."""

    def value(match: re.Match[str]) -> str:
        inner = match[1].strip(" \t")
        if not re.fullmatch(r"(\.\w+)+", inner):
            raise FaultError(f"template: {name}: the stand-in only looks up values, not {inner!r}")
        found: Any = data
        for key in inner[1:].split("."):
            if not isinstance(found, dict) or key not in found:
                raise FaultError(
                    f'template: {name}: executing "{name}" at <{inner}>: map has no entry for key "{key}"'
                )
            found = found[key]
        return str(found)

    return re.sub(r"\{\{(.*?)\}\}", value, text)


def data_for(options: Options) -> dict[str, Any]:
    """What templates may look up."""
    data: dict[str, Any] = {}
    if "override-data-file" in options.named:
        data = json.loads(text_of(options.named["override-data-file"]))
    machine = {
        "hostname": os.uname().nodename,
        "homeDir": os.environ["HOME"],
        "username": os.environ.get("USER", ""),
    }
    machine |= {"sourceDir": options.source(), "workingTree": options.tree()}
    return {**data, "chezmoi": {**machine, **data.get("chezmoi", {})}}


SCRIPT = re.compile(r"run_(once_|onchange_)?(before_|after_)?(.+)")


def read_name(name: str, folder: bool) -> tuple[str, set[str], tuple[str, int] | None]:
    """Return the target's name, its attributes, and when it runs if it is a script."""
    if not folder and (match := SCRIPT.fullmatch(name)):
        order = {"before_": -1, "after_": 1}.get(match[2] or "", 0)
        return match[3].removesuffix(".tmpl"), set(), ((match[1] or "always").rstrip("_"), order)
    found = set()
    for attribute in ("exact_", "symlink_", "private_", "executable_"):
        if name.startswith(attribute):
            name = name.removeprefix(attribute)
            found.add(attribute)
    name = "." + name.removeprefix("dot_") if name.startswith("dot_") else name
    return name if folder else name.removesuffix(".tmpl"), found, None


def targets(options: Options) -> dict[str, Entry]:
    """What the source says should be, by path, in order."""
    root, home, data = options.source(), options.home(), data_for(options)
    special = ("externals", "data", "templates", "scripts")
    for name in os.listdir(root) if os.path.isdir(root) else ():
        if name.startswith(tuple(f".chezmoi{word[:-1]}" for word in special)):
            raise FaultError(f"{name}: the stand-in knows no such thing")

    def patterns(name: str) -> list[str]:
        path = os.path.join(root, name)
        lines = render(text_of(path), data, name).splitlines() if os.path.exists(path) else []
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    ignored = patterns(".chezmoiignore")
    wanted: dict[str, Entry] = {}

    def walk(folder: str, prefix: str) -> None:
        for name in sorted(os.listdir(folder)):
            if name.startswith("."):
                continue
            path = os.path.join(folder, name)
            is_folder = os.path.isdir(path) and not os.path.islink(path)
            plain, attributes, script = read_name(name, is_folder)
            target = prefix + plain
            if target in ignored:
                continue
            mode = (0o700 if "private_" in attributes else 0o777) & ~UMASK
            if is_folder:
                wanted[target] = Entry("dir", mode)
                walk(path, target + "/")
                if "exact_" in attributes:
                    exact(target)
                continue
            with open(path, "rb") as file:
                contents = file.read()
            if name.endswith(".tmpl"):
                contents = render(contents.decode(), data, os.path.relpath(path, root)).encode()
            if script:
                wanted[target] = Entry("script", 0o755, contents, *script)
            elif "symlink_" in attributes:
                wanted[target] = Entry("symlink", 0, contents.strip())
            else:
                wanted[target] = Entry(
                    "file", mode & (0o777 if "executable_" in attributes else 0o666), contents
                )

    def exact(target: str) -> None:
        place = os.path.join(home, target)
        if os.path.isdir(place) and not os.path.islink(place):
            for name in os.listdir(place):
                wanted.setdefault(f"{target}/{name}", GONE)

    if os.path.isdir(root):
        walk(root, "")
    for path in patterns(".chezmoiremove"):
        if os.path.lexists(os.path.join(home, path)):
            wanted.setdefault(path, GONE)
    return dict(sorted(wanted.items(), key=lambda pair: (pair[1].order, pair[0].split("/"))))


def actual(place: str) -> Entry:
    """What stands there."""
    try:
        found = os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return GONE
    mode = found.st_mode & 0o777
    if stat.S_ISLNK(found.st_mode):
        return Entry("symlink", 0, os.readlink(place).encode())
    if stat.S_ISDIR(found.st_mode):
        return Entry("dir", mode)
    with open(place, "rb") as file:
        return Entry("file", mode, file.read())


def read_state(options: Options) -> dict[str, dict[str, Any]]:
    """What was written last, and which scripts ran."""
    empty: dict[str, dict[str, Any]] = {"entryState": {}, "scriptState": {}}
    path = options.state_file()
    return json.loads(text_of(path)) if os.path.exists(path) else empty


def write_state(options: Options, state: dict[str, dict[str, Any]]) -> None:
    """Keep it, in one step."""
    path = options.state_file()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    replace(path, json.dumps(state, indent=2, sort_keys=True).encode(), 0o600)


def replace(place: str, data: bytes, mode: int) -> None:
    """Write a file in one step: made in TMPDIR if that is on its file system, else beside it, and renamed."""
    beside = os.path.dirname(place)
    temporary = os.environ.get("TMPDIR", beside)
    folder = temporary if os.stat(temporary).st_dev == os.stat(beside).st_dev else beside
    made = os.path.join(folder, f".{os.path.basename(place)}{os.getpid()}")
    try:
        with open(made, "wb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
            file.write(data)
        os.replace(made, place)
    except OSError:
        if os.path.lexists(made):
            os.unlink(made)
        raise


def rune(before: dict[str, Any], after: dict[str, Any]) -> str:
    """One column of the status."""
    if before == after:
        return " "
    return "A" if before["type"] == "remove" else "D" if after["type"] == "remove" else "M"


def due(path: str, entry: Entry, state: dict[str, dict[str, Any]], home: str) -> bool:
    """Whether a script runs."""
    digest = hashlib.sha256(entry.data).hexdigest()
    if entry.when == "once":
        return digest not in state["scriptState"]
    if entry.when == "onchange":
        return bool(state["entryState"].get(os.path.join(home, path), {}).get("contentsSHA256") != digest)
    return True


def pending(options: Options) -> list[tuple[str, str, Entry, Entry]]:
    """Return the two columns, the path, what stands there and what should, of all that is to be done."""
    state, home, found = read_state(options), options.home(), []
    for path, wanted in targets(options).items():
        place = os.path.join(home, path)
        if wanted.kind == "script":
            if due(path, wanted, state, home):
                found.append((" R", path, GONE, wanted))
            continue
        there = actual(place)
        if there.state() == wanted.state():
            continue
        last = state["entryState"].get(place)
        first = rune(last, there.state()) if last else " "
        found.append((first + rune(there.state(), wanted.state()), path, there, wanted))
    return found


def without_scripts(options: Options) -> bool:
    """Whether scripts are left out."""
    return "scripts" in options.named.get("exclude", "").split(",")


def status(options: Options) -> None:
    """``chezmoi status``."""
    for columns, path, _, wanted in pending(options):
        if wanted.kind != "script" or not without_scripts(options):
            print(f"{columns} {path}")


def managed(options: Options) -> None:
    """``chezmoi managed``; there are no externals."""
    end = "\0" if "0" in options.named else "\n"
    paths = [
        path
        for path, wanted in sorted(targets(options).items())
        if not (wanted.kind == "script" and without_scripts(options))
    ]
    if "include" not in options.named:
        sys.stdout.write("".join(path + end for path in paths))


def git_mode(entry: Entry) -> str:
    """As git writes a mode."""
    return {"dir": f"40{entry.mode:o}", "symlink": "120000"}.get(entry.kind, f"100{entry.mode:o}")


def diff(options: Options) -> None:
    """``chezmoi diff``."""
    from difflib import unified_diff

    for _, path, there, wanted in pending(options):
        print(f"diff --git a/{path} b/{path}")
        if there.kind == "remove":
            print(f"new file mode {git_mode(wanted)}")
        elif wanted.kind == "remove":
            print(f"deleted file mode {git_mode(there)}")
        elif git_mode(there) != git_mode(wanted):
            print(f"old mode {git_mode(there)}\nnew mode {git_mode(wanted)}")
        names = (f"a/{path}", f"b/{path}")
        names = (
            "/dev/null" if there.kind == "remove" else names[0],
            "/dev/null" if wanted.kind == "remove" else names[1],
        )
        before, after = (entry.data.decode("utf-8", "replace").splitlines() for entry in (there, wanted))
        lines = list(unified_diff(before, after, *names, lineterm=""))
        print(
            "\n".join(
                lines
                or ([f"--- {names[0]}", f"+++ {names[1]}"] if "remove" in (there.kind, wanted.kind) else [])
            )
        )


def remove(place: str) -> None:
    """Whatever it is."""
    if os.path.isdir(place) and not os.path.islink(place):
        for name in os.listdir(place):
            remove(os.path.join(place, name))
        os.rmdir(place)
    elif os.path.lexists(place):
        os.unlink(place)


def put(place: str, there: Entry, wanted: Entry) -> None:
    """Make one target what it should be."""
    if wanted.kind == "remove" or (there.kind not in (wanted.kind, "remove")):
        remove(place)
    if wanted.kind == "dir":
        os.makedirs(place, exist_ok=True)
        os.chmod(place, wanted.mode)
    elif wanted.kind == "symlink":
        os.symlink(wanted.data.decode(), f"{place}.{os.getpid()}")
        os.replace(f"{place}.{os.getpid()}", place)
    elif wanted.kind == "file":
        replace(place, wanted.data, wanted.mode)


def run_script(path: str, wanted: Entry, options: Options) -> None:
    """As chezmoi runs it: from a temporary file, in the home folder."""
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory(prefix="chezmoi-stand-in-") as folder:
        place = os.path.join(folder, os.path.basename(path))
        with open(place, "wb", opener=lambda p, f: os.open(p, f, 0o700)) as file:
            file.write(wanted.data)
        done = subprocess.run([place], cwd=options.home(), stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise FaultError(f"{path}: exit status {done.returncode}")


def apply(options: Options) -> None:
    """``chezmoi apply``; what was changed on the node is only overwritten by force."""
    state, home = read_state(options), options.home()
    for columns, path, there, wanted in pending(options):
        if columns[0] != " " and "force" not in options.named:
            raise FaultError(f"{path} has changed since chezmoi last wrote it")
        if wanted.kind == "script":
            run_script(path, wanted, options)
            state["scriptState"][hashlib.sha256(wanted.data).hexdigest()] = {"name": path}
        else:
            put(os.path.join(home, path), there, wanted)
        state["entryState"][os.path.join(home, path)] = wanted.state()
        write_state(options, state)
    for path, wanted in targets(options).items():  # what stood there already is chezmoi's from now on
        if wanted.kind != "script":
            state["entryState"][os.path.join(home, path)] = wanted.state()
    write_state(options, state)


def archive(options: Options) -> None:
    """``chezmoi archive --format=tar``."""
    import io
    import tarfile

    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        for path, wanted in targets(options).items():
            if wanted.kind in ("script", "remove"):
                continue
            member = tarfile.TarInfo(path + "/" * (wanted.kind == "dir"))
            member.mode = wanted.mode
            member.type = {"dir": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE}.get(
                wanted.kind, tarfile.REGTYPE
            )
            member.linkname = wanted.data.decode() if wanted.kind == "symlink" else ""
            member.size = len(wanted.data) if wanted.kind == "file" else 0
            tar.addfile(member, io.BytesIO(wanted.data))


def main(argv: list[str]) -> int:
    """Do what the words say."""
    options = read_options(argv)
    if "version" in options.named:
        print(VERSION)
        return 0
    verb, *words = options.words
    try:
        if verb == "execute-template":
            sys.stdout.write(render(words[0], data_for(options), "arg1"))
        elif verb == "state" and words == ["get-bucket"]:
            print(json.dumps(read_state(options)[options.named["bucket"]], indent=2, sort_keys=True))
        elif verb == "init":
            if any(name.startswith(".chezmoi.") for name in os.listdir(options.source())):
                raise FaultError("the stand-in knows no config templates")
        elif verb in (
            table := {"apply": apply, "archive": archive, "diff": diff, "managed": managed, "status": status}
        ):
            table[verb](options)
        else:
            raise FaultError(f'the stand-in does not know "{verb}"')
    except (FaultError, OSError) as fault:
        print(f"chezmoi: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
