"""The table of shells: what it says is so, and nothing that it names is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stentor import sh, shells
from stentor.shells import FAMILIES, SHELLS
from tests.support import need

HERE = [name for name in SHELLS if shutil.which(name)]


def command(name: str) -> list[str]:
    return ["busybox", "sh"] if name == "busybox" else [name]


def test_every_shell_is_of_a_family_and_every_family_has_a_shell() -> None:
    assert set(SHELLS.values()) == set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_that_doctor_starts_can_be_traced(name: str) -> None:
    assert FAMILIES[name].started == (f"\ntrace_{name}() {{" in sh.join("doctor/trace"))


@pytest.mark.parametrize("name", shells.WITH_INIT)
def test_a_family_with_shell_init_has_its_files_and_completion(name: str) -> None:
    source = Path(shells.__file__).parent
    assert all((source / "export" / file).exists() for file in FAMILIES[name].init)
    assert (source / f"render/completion.{name}").exists()


@pytest.mark.parametrize("name", HERE)
def test_a_posix_shell_knows_its_process_export_and_quotes(name: str, tmp_path: Path) -> None:
    line = "export A='it'\\''s'; echo $$ >&2; printenv A"
    # For csh `>&2` is a file.
    done = subprocess.run(
        [*command(name), "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (name in shells.POSIX) == (done.stdout == "it's\n" and done.stderr.strip().isdigit())


@pytest.mark.parametrize("name", HERE)
def test_a_started_shell_takes_its_options_together(name: str, tmp_path: Path) -> None:
    need("setsid")
    done = subprocess.run(
        ["setsid", *command(name), "-l", "-i", "-c", "echo up"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "dumb"},
        timeout=60,
    )
    assert FAMILIES[SHELLS[name]].started == (done.stdout.splitlines()[-1:] == ["up"])


@pytest.mark.parametrize(
    ("path", "family"),
    [("/usr/bin/zsh", "zsh"), ("/bin/mksh", "sh"), ("/bin/tcsh", "sh"), ("/opt/nu", "sh"), ("", "sh")],
)
def test_doctor_sees_as_sh_what_it_cannot_start(path: str, family: str) -> None:
    assert shells.family_of(path) == family


def test_doctor_is_told_the_family_of_each_shell_that_it_can_start() -> None:
    told = dict(word.split("=") for word in shells.started().split())
    assert (told["dash"], told["fish"]) == ("sh", "fish")
    assert "tcsh" not in told
