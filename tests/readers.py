"""Fleets with names and values that readers stumble over, and the programs that read what is exported."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stentor.export.formats import FORMATS
from stentor.export.marked import whole
from stentor.export.texts import text_beside
from stentor.export.view import Left, Made, View
from stentor.fleet.check import Source, check
from stentor.fleet.importers.write import text_of
from stentor.fleet.model import Fleet, Node
from tests.importing import import_from
from tests.support import need

# Names that YAML takes for something else, that have a number, or that differ by little.
NAMES = (
    *(
        "on",
        "no",
        "yes",
        "null",
        "true",
        "y",
        "N",
        "4",
        "012",
        "0x10",
        "1e3",
        "1.5",
        "1_000",
        "60",
        "2001-01-01",
    ),
    *("n1", "n01", "n10", "n010", "n9", "N1", "r1n1", "r1n2", "r01n1", "a.b", "a-b", "a_b", "_x", "x-", "x."),
)
GROUPS = ("off", "7", "g.x", "g-x", "g_x", "1e5", "2001-01-02", "x1", "x2")

# Texts that some format gives a meaning to.
TEXTS = (
    *(
        "",
        " ",
        "a b",
        "a\tb",
        " a ",
        "a,b",
        "a;b",
        "a:b",
        "a=b",
        "a#b",
        "# x",
        "- x",
        "{a}",
        "[a]",
        "*",
        "&a",
        "!t",
    ),
    *("yes", "No", "~", "null", "0644", "1e3", "1.5", "2001-01-01", "0x1F", "1_0", "12:30:45", ".inf"),
    *(
        "'",
        '"',
        "''",
        "\\",
        "\\n",
        "a\\",
        "`id`",
        "$HOME",
        "$(id)",
        "$$",
        "%",
        "%%",
        "%h",
        "100%",
        "#{host}",
        "~/x",
    ),
    *(
        "{{ x }}",
        "{% raw %}",
        "{# c #}",
        "${X}",
        "{$X}",
        "@",
        "@x",
        "|",
        ">",
        "?",
        ": ",
        "é",
        "日本",
        "🦊",
        "\u2028",
    ),
    *("\u00a0", "\ufeff", "line\nbreak", "\r", "\x7f", "\x85", "=1+1", "<b>", "a|b", "&amp;", "*a*", "_a_"),
)


def fleet_of(text: str, root: str = "/fleet") -> Fleet:
    """The fleet of a ``nodes.yaml``; it must have no fault."""
    checked = check([Source("nodes", "nodes.yaml", text.encode())], root)
    assert checked.fleet is not None, checked.faults
    return checked.fleet


def nasty() -> Fleet:
    """A node of every name, some with all that can be said of a node; groups of every name."""
    nodes = {name: Node(name, name, (f"10.0.{number}.1",)) for number, name in enumerate(NAMES)}
    variables = {f"v{number}": text for number, text in enumerate(TEXTS)}
    variables |= {"yes": "x", "nested": {"on": ["no", 1.5, 1e16, None, True, {"{{ k }}": "v"}]}}  # type: ignore[dict-item]
    nodes["on"] = Node(
        "on",
        "on-full",
        ("10.1.0.1", "2001:db8::1"),
        "me",
        2222,
        "no",
        "gpu",
        "arm64",
        "52:54:00:12:34:56",
        3,
        True,
        "migrating",
        ("git", "docker"),
        variables,
        ("no", "n1"),
    )
    nodes["no"] = nodes["no"]._replace(user="dom\\me", state="down", role="a#b", arch="a:b")
    groups = {name: tuple(NAMES[number : number + 4]) for number, name in enumerate(GROUPS)}
    return Fleet("/fleet", nodes, {"all": NAMES, **groups})


def view(fleet: Fleet, nodes: Sequence[str] | None = None, **given: Any) -> View:
    """All nodes of the fleet, or some."""
    return View(fleet, [fleet.nodes[alias] for alias in nodes or fleet.nodes], **given)


def made(name: str, fleet: Fleet, nodes: Sequence[str] | None = None, **given: Any) -> Made:
    """What a format makes of it."""
    if given.get("options", {}).get("plugin"):
        given["options"] = {"plugin": text_beside("ansible_plugin.py")}
    module = __import__(f"stentor.export.{FORMATS[name].module}", fromlist=["make"])
    result: Made = module.make(view(fleet, nodes, **given))
    return result


def write(path: Path, name: str, fleet: Fleet, **given: Any) -> Made:
    """Write a whole file with its markers; what was left out is in what is returned."""
    result = made(name, fleet, **given)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(whole(name, result), newline="")
    if result.mode:
        path.chmod(result.mode)
    return result


BESIDE = os.path.dirname(sys.executable)  # where programs are looked for first


def program(name: str) -> str:
    """Where a program is: beside Python, in the system's directories, or the test cannot run."""
    beside = os.path.join(BESIDE, name)
    if os.path.exists(beside):
        return beside
    path = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    found = shutil.which(name, path=path)
    if not found:
        need(name)
    return str(found)


def said(
    *words: str,
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
    noise: str = r"\A\Z",
    cwd: Path | None = None,
) -> str:
    """Run a program to its good end; its standard output.

    Anything on its standard error is a fault, but for what ``noise`` (a regular expression) matches.
    """
    done = subprocess.run(
        [program(words[0]), *words[1:]],
        env={**os.environ, "LC_ALL": "C.UTF-8", **(environ or {})},
        input=stdin,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    heard = re.sub(noise, "", done.stderr).strip()
    assert done.returncode == 0 and not heard, f"{words}: {done.returncode}\n{heard}\n{done.stdout[:2000]}"
    return done.stdout


def read_back(source: str, path: Path, root: str = "/fleet") -> Fleet:
    """The fleet that ``stentor init --from`` makes of a file."""
    return fleet_of(text_of(import_from(source, str(path), os.environ), source), root)


def lost(left: Sequence[Left]) -> set[tuple[str, str]]:
    """Node and field of what was listed as not said."""
    return {(one.node, one.field) for one in left}
