"""What tests of every kind share."""

from __future__ import annotations

import os
import shutil

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def need(*programs: str) -> None:
    """Skip the test where a program is not installed; in CI, where everything must be, fail it.

    Args:
        programs: names looked for in PATH and in the system's directories (sshd, nft, ip).
    """
    path = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    missing = [program for program in programs if shutil.which(program, path=path) is None]
    if missing:
        lacking(f"not installed: {', '.join(missing)}")


def need_root() -> None:
    """Skip the test for an ordinary user: network namespaces, overlay mounts and the like."""
    if os.geteuid() != 0:
        pytest.skip("needs root")


def lacking(what: str) -> None:
    """Say that this machine cannot run the test: a skip at home, a failure in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} (in CI nothing is skipped; see .ci/run)")
    pytest.skip(what)
