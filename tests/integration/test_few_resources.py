"""Little of what a process needs: fewer nodes at once, or a sentence; never a traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.support import need_root

pytestmark = pytest.mark.integration


def few(files: int, words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run stentor where so many files may be open."""
    return subprocess.run(
        [sys.executable, "-m", "stentor", *words],
        env=environ,
        cwd=environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )


@pytest.mark.parametrize("state", ["cold", "warm"])
def test_few_files_mean_fewer_nodes_at_once(state: str, make_lab: Any, environ: dict[str, str]) -> None:
    lab = make_lab(nodes=20)
    environ["STENTOR_FLEET"] = str(lab.fleet_dir)
    if state == "warm":
        few(1024, ["run", "@all", "true"], environ)
    done = few(64, ["run", "-j", "@all", "echo hi"], environ)
    assert (done.returncode, done.stdout.count('"kind":"ok"')) == (0, 20)
    done = few(32, ["run", "@all", "echo hi"], environ)
    assert (done.returncode, done.stdout.count("hi\n")) == (0, 20)
    assert "stentor: only 32 files may be open at once (ulimit -n): " in done.stderr
    for words in (["copy", "@all", "/etc/hostname", "~/"], ["facts"], ["status"], ["ping"]):
        assert few(32, words, environ).returncode == 0


def test_so_few_files_that_nothing_can_be_done_are_said(lab: Lab, environ: dict[str, str]) -> None:
    done = few(16, ["run", "@core", "true"], environ)
    assert done.returncode == 6
    assert "only 16 files may be open at once" in done.stderr
    assert "hint: raise the limit: ulimit -n 1024" in done.stderr
    shown = few(1024, ["show", "--json"], environ)
    assert (shown.stdout.count("not begun: only 16 files"), shown.stdout.count('"cancelled"')) == (3, 3), (
        shown
    )


@pytest.mark.parametrize("files", [6, 9, 11])
@pytest.mark.parametrize("words", ["run @core true", "copy @core /etc/hostname ~/", "facts @core"])
def test_where_not_even_modules_can_be_read_it_is_said(
    files: int, words: str, lab: Lab, environ: dict[str, str]
) -> None:
    done = few(files, words.split(), environ)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (6, 70)
    assert "hint: raise the limit: ulimit -n 1024" in done.stderr or "Too many open files" in done.stderr


def test_a_working_directory_that_was_removed_is_said(lab: Lab, environ: dict[str, str]) -> None:
    gone = Path(environ["HOME"]) / "gone"
    gone.mkdir()
    words = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m stentor run crtr true"
    done = subprocess.run(["sh", "-c", words], env=environ, capture_output=True, text=True)
    assert "the working directory is no longer there" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_home_nodes_are_reached(lab: Lab, environ: dict[str, str], stentor: Any) -> None:
    bare = {name: value for name, value in environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
    done = few(1024, ["run", "@core", "echo hi"], {**bare, "HOME": environ["HOME"]})
    assert done.returncode == 0
    words = [sys.executable, "-m", "stentor", "run", "@core", "echo hi"]
    without = subprocess.run(words, env=bare, cwd="/", capture_output=True, text=True)
    assert (without.returncode, without.stdout.count("hi\n")) == (0, 3)
    assert os.path.isdir(environ["HOME"])


@pytest.mark.parametrize("words", ["copy", "gateway install", "dotfiles status", "dotfiles plan", "run -b"])
def test_full_folder_for_temporary_files_is_said(
    words: str, lab: Lab, environ: dict[str, str], tmp_path: Path
) -> None:
    need_root()
    home = Path(environ["HOME"])
    (home / "folder").mkdir()
    for number in range(1000):
        (home / "folder" / f"file-{number}").write_text("hello")
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-C", str(home / "folder")]
    for step in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *step], env=environ, check=True)
    line = {
        "copy": ["copy", "crtr", f"{home}/folder", "~/"],
        "run -b": ["run", "-b", "crtr,drtr", "yes | head -c 3000000"],
        "dotfiles plan": ["dotfiles", "plan", "--source", f"{home}/folder", "--via", "push", "crtr"],
    }.get(words, [*words.split(), "crtr"])
    # Enough for the try of a byte, by which Python chooses the folder.
    mount = f'mount -t tmpfs -o size=8k none {tmp_path} && exec "$@"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount, "sh", sys.executable, "-m", "stentor", *line],
        env={**environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 70, done
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hint: set TMPDIR to a directory with space" in done.stderr


def test_sockets_folder_without_room_is_said(lab: Lab, environ: dict[str, str]) -> None:
    need_root()
    # The file system itself, two folders and one file more; a login needs three. A socket's path is short.
    mount = 'mount -t tmpfs -o nr_inodes=4 none /mnt && exec "$@"'
    done = subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            mount,
            "sh",
            sys.executable,
            "-m",
            "stentor",
            "run",
            "crtr,drtr",
            "true",
        ],
        env={**environ, "XDG_RUNTIME_DIR": "/mnt"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done
    assert "no space for the connection's socket in /mnt/stentor/" in done.stderr
    assert "set XDG_RUNTIME_DIR to a folder of your own" in done.stderr
