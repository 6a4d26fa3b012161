"""The secret's file: for its owner alone, and not empty."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.errors import StentorError
from stentor.fleet.policy.serving import Hook
from stentor.hooks.secret import ed25519, path_of, secret_of
from tests.support import lacking


def hook(path: str, forge: str = "github") -> Hook:
    """A webhook with this secret."""
    return Hook(forge=forge, repository="you/dotfiles", selector=("a",), secret=path)


def place(folder: Path, text: bytes, mode: int = 0o600) -> str:
    """A file with a secret."""
    path = folder / "secret"
    path.write_bytes(text)
    path.chmod(mode)
    return str(path)


def test_white_space_at_its_end_is_none_of_it(tmp_path: Path) -> None:
    path = place(tmp_path, b"abc\n")
    assert secret_of(hook(path), "/", {}).value == b"abc"


def test_paths_are_relative_to_the_fleet_and_know_the_home() -> None:
    assert path_of(hook("keys/x"), "/fleet", {}) == "/fleet/keys/x"
    assert path_of(hook("~/x"), "/fleet", {"HOME": "/home/me"}) == "/home/me/x"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(StentorError, match="others can read") as raised:
        secret_of(hook(place(tmp_path, b"abc", mode)), "/", {})
    assert "chmod 600" in raised.value.hint


@pytest.mark.parametrize("text", [b"", b"\n \n", b"x" * 5000])
def test_an_empty_or_huge_secret_is_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(StentorError, match=r"is empty|is longer"):
        secret_of(hook(place(tmp_path, text)), "/", {})


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("pipe", "none", "."):
        with pytest.raises(StentorError):
            secret_of(hook(str(tmp_path / name)), "/", {})


def test_ed25519_is_verified_by_openssl(tmp_path: Path) -> None:
    try:
        key = _openssl(tmp_path, "genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", "key")
    except FileNotFoundError:
        lacking("no openssl")
    (tmp_path / "message").write_bytes(b"a body" + b"nonce")
    public = _openssl(tmp_path, "pkey", "-inform", "DER", "-in", "key", "-pubout", "-outform", "DER")[-32:]
    signature = _openssl(
        tmp_path, "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", "key", "-in", "message"
    )
    assert key == b""
    assert ed25519(public, b"a bodynonce", signature, environ=os.environ)
    assert not ed25519(public, b"another", signature, environ=os.environ)
    assert not ed25519(public[::-1], b"a bodynonce", signature, environ=os.environ)


def _openssl(folder: Path, *words: str) -> bytes:
    return subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True).stdout
