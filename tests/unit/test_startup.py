"""Start-up is speed: exactly these modules are imported, and none of the slow ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

import stentor
from stentor.cli.table import COMMANDS

# Each costs milliseconds which every command would pay. A function that needs one imports it itself.
SLOW = {
    "ClusterShell",
    "asyncio",
    "click",
    "dataclasses",
    "datetime",
    "hashlib",
    "inspect",
    "logging",
    "msgspec",
    "pathlib",
    "rich",
    "ruamel",
    "shutil",
    "subprocess",
    "tempfile",
    "urllib",
    "uuid",
    "yaml",
}

# All that is imported beyond an empty interpreter's modules; gc and _collections are built in.
VERSION = {"gc", "stentor", "stentor.cli", "stentor.cli.main"}
HELP = VERSION | {"_collections", "stentor.cli.help", "stentor.cli.table", "stentor.typed"}

MAIN = "from stentor.cli.main import main; main(sys.argv[1:])"
# Each command in a child of one fresh process, which has imported nothing yet.
PARSERS = """
import os, sys
before = set(sys.modules)
from stentor.cli.dispatch import parser_for
for command in sys.argv[1:]:
    if not os.fork():
        try:
            parser_for(command)
            print(command, *set(sys.modules) - before, flush=True)
        finally:
            os._exit(0)
    os.wait()
"""


def imported(code: str, *arguments: str) -> set[str]:
    """The modules which this code imports in a fresh process, beyond an empty Python's."""
    report = "sys.stderr.write('\\nMODULES ' + ' '.join(set(sys.modules) - before))"
    program = f"import sys; before = set(sys.modules)\ntry: {code}\nfinally: {report}"
    with tempfile.TemporaryDirectory() as state:  # never the journal of whoever runs this
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "XDG_STATE_HOME": state},
        )
    return set(done.stderr.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize(("option", "modules"), [("--version", VERSION), ("--help", HELP)])
def test_version_and_help_import_next_to_nothing(option: str, modules: set[str]) -> None:
    assert imported(MAIN, option) == modules


def test_every_command_describes_itself_without_the_slow_ones() -> None:
    commands = [name for name in COMMANDS if find_spec(f"stentor.cli.commands.{name}")]
    words = [sys.executable, "-I", "-c", PARSERS, *commands]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    loaded = {command: modules for command, *modules in map(str.split, lines)}
    assert [*loaded] == commands
    assert all("stentor.cli.dispatch" in modules for modules in loaded.values())
    roots = {name: {module.partition(".")[0] for module in modules} for name, modules in loaded.items()}
    assert {name: found & SLOW for name, found in roots.items() if found & SLOW} == {}


PLAYED = """
from stentor import api
from stentor.cli.main import main
from stentor.fleet.model import Fleet, Node
from stentor.testing import FakeNodes, Reply
nodes = {f"node{n}": Node(f"node{n}", "") for n in range(1, 9)}
made = Fleet("/fleet", nodes, {"all": tuple(nodes)})
answers = FakeNodes({"node3": Reply(b"6\\n", code=3), "node4": Reply(b"6\\n", kind="unreachable")})
api.Fleet.open = lambda *_, **__: api.Fleet(made, environ={}, hostname="elsewhere", engine=answers)
main(["run", *sys.argv[1:], "@all", "x"])
"""


# What a warm run in which nothing is wrong goes without.
PLAIN = {"argparse", "enum", "gettext", "importlib", "json", "re", "signal", "socket"}
WARM = """
from stentor.cli import dispatch, plain
from stentor import journal
from stentor.engines import openssh
from stentor.journal import store
from stentor.operation import leftovers
from stentor.render import summary
plain.read(dispatch.command_module("run").configure, ["--stream", "@all", "true"])
"""


def test_a_warm_run_loads_no_parser_and_no_expressions() -> None:
    assert not imported(f"exec({WARM!r})") & (PLAIN | SLOW)


@pytest.mark.parametrize("view", ["--stream", "--gather", "--in-order"])
def test_a_run_from_begin_to_end_loads_none_of_the_slow_ones(view: str) -> None:
    modules = imported(f"exec({PLAYED!r})", view)
    assert "stentor.render.summary" in modules
    assert not {module.partition(".")[0] for module in modules} & {*SLOW, "typing"}


def test_the_doctor_loads_no_parser_of_fleet_files() -> None:
    modules = imported("import stentor.api.doctor, stentor.cli.commands.doctor")
    assert "stentor.probe.advice" in modules
    assert not modules & {"msgspec", "yaml"}


SERVED = """
from stentor import api
from stentor.fleet.model import Fleet
from stentor.web.app import make_app
from stentor.web.server import serve
from stentor.web.service import Service
from stentor.web.settings import Settings
fleet = api.Fleet(Fleet("/fleet", {}, {}), environ={"XDG_STATE_HOME": "/"}, hostname="")
make_app(Service(fleet, Settings()))
"""


def test_a_server_at_which_nobody_looks_loads_no_templates() -> None:
    modules = {module.partition(".")[0] for module in imported(f"exec({SERVED!r})")}
    assert "starlette" in modules
    assert "jinja2" not in modules


AT_EXIT = """
import os, sys
from stentor.cli import main
{before}
main.main = lambda: 3
sys.stdout = os.fdopen(os.dup(1), "w")
print("out", end="")
class Last:
    def __del__(self):
        os.write(1, b" end")
last = Last()
main.program()
"""


@pytest.mark.parametrize(
    ("before", "output"),
    [
        ("", "out"),
        ("import atexit; atexit.register(lambda: print(' exit', end=''))", "out exit end"),
        ("import threading; threading.Timer(0, lambda: print(' thread', end='')).start()", "out"),
    ],
)
def test_what_runs_at_exit_is_not_lost(before: str, output: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", AT_EXIT.format(before=before)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(output)
    assert ("thread" in done.stdout) == ("thread" in before)
    assert done.returncode == 3


IGNORED = """
import signal, subprocess
from stentor.cli import main
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
main.main = lambda: subprocess.call(["sh", "-c", "exit 3"])
main.program()
"""


def test_ends_of_programs_are_heard_also_where_the_caller_ignores_those_of_its_own() -> None:
    assert subprocess.run([sys.executable, "-I", "-c", IGNORED], check=False).returncode == 3


def test_a_profiler_reports_at_exit() -> None:
    words = [sys.executable, "-m", "cProfile", "-m", "stentor", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "function calls" in done.stdout


def test_the_program_of_the_environment_answers() -> None:
    program = Path(sys.executable).parent / "stentor"
    for words in ([str(program)], [sys.executable, "-m", "stentor"]):
        done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout == f"stentor {stentor.__version__}\n"


INTERRUPTED = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
from stentor.cli.main import main
sys.exit(main(["--fleet", sys.argv[2], "run", "--dry-run", "@all", "true"]))
"""


@pytest.mark.parametrize(
    ("moment", "code", "said"),
    [
        ("stentor.cli.dispatch", -signal.SIGINT, ""),
        ("stentor.cli.commands.run.request", -signal.SIGINT, ""),
        ("stentor.fleet.check", 130, "stentor: interrupted\n"),
    ],
)
def test_ctrl_c_while_it_starts_makes_no_traceback(tmp_path: Path, moment: str, code: int, said: str) -> None:
    (tmp_path / "nodes.yaml").write_text("nodes: {here: }\n")
    words = [sys.executable, "-c", INTERRUPTED, moment, str(tmp_path)]
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environ)
    assert (done.returncode, done.stderr) == (code, said)


@pytest.mark.parametrize("words", ["--help", "--version", "completion bash", "run"])
@pytest.mark.parametrize(
    ("streams", "why"),
    [
        (">&-", "Bad file descriptor"),
        ("2>&-", ""),
        ("0<&- >&- 2>&-", "Bad file descriptor"),
        (">/dev/full", "No space left on device"),
        ("2>/dev/full", ""),
    ],
)
def test_streams_that_cannot_be_written_to_make_no_traceback(words: str, streams: str, why: str) -> None:
    shell = f"{sys.executable} -m stentor {words} {streams}"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr
    lost = why and words != "run"  # that writes its usage to standard error
    if lost and "2>" not in streams:
        assert done.stderr == f"stentor: the output cannot be written: {why}\n"
    assert done.returncode == (70 if lost else 2 if words == "run" else 0)


PRINTING = """
import sys
import time
from stentor.cli import main

def some(words):
    sys.stderr.write("said\\n")
    sys.stdout.write("x" * 1_000_000)
    return 0

main._open = some
main.program()
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_goes_is_noticed(unbuffered: str) -> None:
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    words = [sys.executable, "-c", PRINTING]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ) as run:
        assert run.stdout is not None
        run.stdout.read(5)
        run.stdout.close()
        assert run.wait() == 141


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_messages_that_cannot_be_written_cost_no_results(unbuffered: str) -> None:
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-c", PRINTING]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=full, env=environ, check=False)
    assert (done.returncode, len(done.stdout)) == (0, 1_000_000)


WRITING = """
import sys
import time
from stentor.cli import main
from stentor.render.screen import Screen, binary

def some(words):
    sys.stdout.write(sys.stdin.readline())
    screen = Screen(binary(sys.stdout), binary(sys.stderr))
    for number in range(100):
        screen.out(b"x" * 10_000 + b"\\n")
        screen.say("said " + "y" * 1000)
    return 0

main._open = some
main.program()
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_streams_that_are_set_not_to_wait_lose_nothing(unbuffered: str) -> None:
    """A parent, or a program that has the same pipe (ssh), may set ``O_NONBLOCK`` at any time."""
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    given, gives = os.pipe()
    reads, writes = os.pipe()
    for end in (given, writes):
        os.set_blocking(end, False)
    words = [sys.executable, "-c", WRITING]
    with subprocess.Popen(words, stdin=given, stdout=writes, stderr=writes, env=environ) as run:
        os.close(given)
        os.close(writes)
        time.sleep(0.3)  # it finds nothing to read
        os.write(gives, b"first\n")
        time.sleep(0.3)  # and then no space to write
        with os.fdopen(reads, "rb") as end_of_pipe:
            said = end_of_pipe.read()
        assert run.wait() == 0, said[-500:]
    os.close(gives)
    lines = said.split(b"\n")
    assert (lines[0], lines.count(b"x" * 10_000), lines.count(b"said " + b"y" * 1000)) == (b"first", 100, 100)
