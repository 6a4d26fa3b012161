"""The program that a gateway runs, and what it says of itself before it serves."""

from __future__ import annotations

import re

from stentor import sh
from stentor.typed import NamedTuple

PYTHON, CLUSTERSHELL = (3, 6), (1, 9, 1)
"""What a gateway must have at least; both were tried with the ClusterShell that is used here."""

LIGHTER = 'sys.modules["urllib.request"] = type(sys)("urllib.request")'
"""For a program that imports ClusterShell, before it does: its reader of XML can also read from the web, and
importing that is a quarter of its start."""

# Read by any Python: an old one must come as far as to say that it is too old.
_PROGRAM = """\
import sys
word, what = sys.argv[1:3]
def no(text):
    sys.stderr.write("%s no %s\\n" % (word, text))
    sys.exit(77)
python = "%d.%d.%d" % sys.version_info[:3]
if sys.version_info[:2] < (3, 6):
    no("python: Python %s is too old, 3.6 is needed" % python)
try:
    import ClusterShell
except ImportError:
    no("clustershell: ClusterShell is not installed for %s" % sys.executable)
numbers = [int("0" + "".join(c for c in part if c.isdigit())) for part in ClusterShell.__version__.split(".")]
if numbers < [1, 9, 1]:
    no("clustershell: ClusterShell %s is too old, 1.9.1 is needed" % ClusterShell.__version__)
import os, resource, shutil
if not shutil.which("ssh"):
    no("ssh: it has no ssh, by which it would reach its nodes")
# Each run keeps two files open there until the end of the channel.
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
wanted = 16384 if hard == resource.RLIM_INFINITY else min(hard, 16384)
if soft != resource.RLIM_INFINITY and soft < wanted:
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
os.environ["CLUSTERSHELL_GW_LOG_DIR"] = "/nonexistent"
version = ClusterShell.__version__
sys.stderr.write("%s ok %d %s %s %s\\n" % (word, os.getpid(), python, version, sys.executable))
sys.stderr.flush()
if what == "serve":
    LIGHTER
    from base64 import b64encode
    from ClusterShell.Gateway import gateway_main
    from ClusterShell.Worker.Exec import ExecClient
    # What nodes write, byte by byte: a reader of lines loses carriage returns and the end of a last line.
    ExecClient._readlines = lambda client, stream: [b64encode(client._read(stream))]
    gateway_main()
""".replace("LIGHTER", LIGHTER)

_SAID = re.compile(r"no (\w+): (.*)|ok (\d{1,9}) (\S+) (\S+) (.+)")


class Said(NamedTuple):
    """What a gateway said of itself."""

    pid: int = 0  # the process group of what serves; 0 where it cannot
    python: str = ""  # the version, or empty
    clustershell: str = ""  # the version, or empty
    path: str = ""  # the interpreter
    # What is missing: ``python3``, ``python``, ``clustershell``, ``ssh``; empty where nothing is.
    lack: str = ""
    reason: str = ""  # why it cannot serve; empty where it can


def command(word: str, *, serve: bool, mark: str = "") -> str:
    """Return the command for a gateway's login shell.

    Args:
        word: random letters that begin the line which :func:`read` takes.
        serve: whether to serve after that line, over stdin and stdout.
        mark: of the processes that it starts, so that they can be ended.
    """
    what = "serve" if serve else "check"
    script = sh.join(
        "tree_gateway", call='tree_gateway "$program" "$1" "$2" "$3"', front=sh.assign(program=_PROGRAM)
    )
    return sh.command(script, word, what, mark)


def read(word: str, text: str) -> Said | None:
    """Find what a gateway says of itself in its stderr; None where it is not there (yet), or no such line."""
    for line in text.splitlines():
        found = _SAID.fullmatch(line.removeprefix(f"{word} "))
        if not found or not line.startswith(f"{word} "):
            continue
        lack, reason, pid, python, clustershell, path = found.groups()
        if lack:
            return Said(lack=lack, reason=reason)
        return Said(int(pid), python, clustershell, path)
    return None


def next_step(said: Said, alias: str) -> str:
    """Return what to do about what a gateway lacks."""
    install = f"stentor gateway install {alias}"
    if said.lack == "clustershell":
        return install
    if said.lack == "ssh":
        return "install OpenSSH's client there with the system's package manager"
    least = ".".join(map(str, PYTHON))
    return f"install Python {least} or later there with the system's package manager, then: {install}"


def reason_of(word: str, text: str) -> str:
    """Say why a gateway's channel ended, by what came on its stderr."""
    said = read(word, text)
    if said and said.reason:
        return said.reason
    last = [line for line in text.splitlines() if line.strip() and not line.startswith(f"{word} ")]
    if any("syntax error" in line or "not well-formed" in line for line in last):
        return "its shell's start-up files write to stdout"
    return last[-1].strip()[:200] if last else "its process has ended"
