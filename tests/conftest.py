"""For every test."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings

# A shell which starts something in the background (a CI runner may) has it ignore Ctrl-C, and so would
# everything that is started here: tests of Ctrl-C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
# One under nohup has it ignore the terminal's end likewise, which stentor would respect.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Each worker, and each command that is run here, would compile every module again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No deadlines: two cores may be shared. In CI the same examples each time, so that red means a change.
# For more of them: pytest --hypothesis-profile=many
settings.register_profile("home", deadline=None, max_examples=40)
settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True)
settings.register_profile("many", deadline=None, max_examples=1000)
settings.load_profile("ci" if os.environ.get("CI") else "home")


def _on_nodes(config: pytest.Config) -> bool:
    return any("tests/integration" in words for words in config.args)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For ``-n auto``: more workers than cores, since tests wait: those on nodes half of their time."""
    cores = os.cpu_count() or 1
    return min(8, 2 * cores if _on_nodes(config) else 1 + cores)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give each run a folder of its own, which goes when all has passed.

    pytest's numbered folders stay, and it removes older ones at the end of a run: with warnings as errors,
    one that it cannot remove (of another run, or still mounted) ends a run that passed with a traceback.
    What a run left that was killed goes at the start of the next one.
    """
    if config.option.basetemp or hasattr(config, "workerinput"):
        return
    from tests import folders

    folders.remove_dead("stentor-tests-", "s-")
    own = folders.make("stentor-tests-")
    config.option.basetemp = os.environ[folders.RUN] = str(own)
    config.add_cleanup(lambda: _remove_when_passed(config, own))


def _remove_when_passed(config: pytest.Config, folder: Path) -> None:
    from tests import folders

    folders.forget(folder)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and (reporter.stats.get("failed") or reporter.stats.get("error")):
        return  # somebody wants to look
    if str(folder) in Path("/proc/self/mounts").read_text():
        return
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """Tests are there to stay: the garbage collector would look through thousands of them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


_started: weakref.WeakSet["subprocess.Popen[Any]"] = weakref.WeakSet()
_start, _end = subprocess.Popen.__init__, subprocess.Popen.__del__
_began: dict[int, str] = {}  # the test, by the process


def _remembered(self: "subprocess.Popen[Any]", *args: Any, **options: Any) -> None:
    _start(self, *args, **options)
    _started.add(self)
    _began[self.pid] = os.environ.get("PYTEST_CURRENT_TEST", "")


def _missed(self: "subprocess.Popen[Any]") -> None:
    if getattr(self, "returncode", 0) is None:
        print(f"not waited for: {self.args!r}, from {_began.get(self.pid)}", file=sys.stderr)
    _end(self)


subprocess.Popen.__init__ = _remembered  # type: ignore[method-assign]
subprocess.Popen.__del__ = _missed  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail the test which leaves a program unwaited for: Python would say so in whichever it next tidies up.

    What something still holds that outlives the test is that one's to end.
    """
    yield
    left = [(weakref.ref(process), process.args) for process in _started if _unfinished(process)]
    _started.clear()
    if not left:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    if guilty := [words for process, words in left if process() is None]:
        pytest.fail(f"neither waited for, nor its pipes closed: {guilty}")


def _unfinished(process: "subprocess.Popen[Any]") -> bool:
    pipes = (process.stdin, process.stdout, process.stderr)
    return process.returncode is None or any(pipe and not pipe.closed for pipe in pipes)


# Begun first and in this order, so that no worker is left alone with one of them at the end.
LONG = (
    "integration/full/",
    "integration/test_bare.py",
    "dotfiles/test_cut.py",
    "doctor/test_one_pass.py",
    "docs/dotfiles-walk.md",
)


# About half of the tests of full nodes, by their time.
CHANGES = ("full/test_reboots.py", "full/test_services.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        return next((turn for turn, part in enumerate(LONG) if part in item.nodeid), len(LONG))

    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests of full nodes to three workers: a machine carries only so many booted Debians.

    All others go in small heaps to whoever is free.
    """
    if not _on_nodes(config):
        return None
    from xdist.scheduler.loadscope import LoadScopeScheduling

    class Heaps(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            if "full/test_bootstrap" in path:
                return path  # two Debians of its own
            if "integration/full/" in path:
                return "changes" if path.endswith(CHANGES) else "others"
            if "test_bare" in path:
                return path  # one Debian for all of them
            return f"{path} {crc32(nodeid.encode()) % 16}"

    config.option.loadscopereorder = False
    return Heaps(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end of the run what the doctor's tests counted (``tally`` in their conftest)."""
    figures = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for key, value in getattr(report, "user_properties", ())
        if key == "doctor" and report.when == "call"
    ]
    if figures:
        found, wounds, invented, nodes = map(sum, zip(*figures, strict=True))
        terminalreporter.write_line(
            f"doctor: found {found} of {wounds} wounds; invented {invented} on {nodes} nodes"
        )


def pytest_report_header() -> str:
    """Say which chezmois the tests of the dotfiles drive."""
    from tests.integration.dotfiles.practice import chezmois

    return f"chezmoi: {', '.join(map(os.path.relpath, chezmois())) or 'none; see make tools'}"
