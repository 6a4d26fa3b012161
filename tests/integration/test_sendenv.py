"""What ssh_config says of variables reaches commands; a locale that a node lacks breaks nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sites import Sites

pytestmark = pytest.mark.integration

SENT = {"LANG": "de_DE.UTF-8", "LC_TIME": "sv_SE.UTF-8", "LC_ALL": "", "FROM_HERE": "no"}
SAYS = 'echo "$LANG $LC_TIME $FROM_CONFIG $FROM_HERE"'


def test_sendenv_reaches_run_as_it_reaches_ssh(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any], environ: dict[str, str]
) -> None:
    sites = make_sites()
    sites.config("SendEnv LANG LC_*\nSetEnv FROM_CONFIG=fromsetenv\n")
    plain = subprocess.run(
        sites.inside(["ssh", "-F", f"{sites.directory}/ssh_config", "172.31.1.2", SAYS]),
        env={**environ, **SENT},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout == "de_DE.UTF-8 sv_SE.UTF-8 fromsetenv \n"
    for _ in ("cold", "warm"):
        done = stentor("run", "--in-order", "gatea", SAYS, fleet=sites, env=SENT)
        assert plain.stdout.strip() in done.stdout
    assert stentor("ssh", "gatea", SAYS, fleet=sites, env=SENT).stdout == plain.stdout
    # Another value at the next command, over the same connection; and what a command sets itself comes first.
    again = stentor("run", "gatea", SAYS, fleet=sites, env={**SENT, "LANG": "C.UTF-8"})
    assert "C.UTF-8 sv_SE.UTF-8 fromsetenv" in again.stdout
    own = stentor("run", "--env", "LANG=en_GB.UTF-8", "gatea", SAYS, fleet=sites, env=SENT)
    assert "en_GB.UTF-8 sv_SE.UTF-8 fromsetenv" in own.stdout
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0


def test_a_locale_that_a_node_lacks_is_no_error(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any], tmp_path: Path
) -> None:
    """Bash warns of it on every session's standard error, before anything else is said there."""
    sites = make_sites()
    sites.config("SendEnv LANG LC_*\n")
    source = tmp_path / "source"
    source.write_text("content\n")
    script = tmp_path / "script"
    script.write_text("#!/bin/bash\necho hi\n")
    there = f"{sites.directory}/there"
    for words, expected in {
        ("run", "gatea,gateb", "echo fine"): "fine",
        ("run", "--gather", "gatea,gateb", "echo fine"): "fine",
        ("run", "--script", str(script), "gatea"): "hi",
        ("ping", "--login", "gatea"): "up",
        ("status", "gatea"): "up",
        ("facts", "gatea"): "hostname",
        ("doctor", "gatea"): "the node does not have the locale xx_XX.UTF-8",
        ("copy", "gatea", str(source), there): "",
        ("fetch", "gatea", there, str(tmp_path / "got")): "",
        ("dotfiles", "status", "gatea"): "chezmoi",
        ("reap",): "",
        ("ssh", "gatea", "echo fine"): "fine",
    }.items():
        done = stentor(*words, fleet=sites, env={"LC_ALL": "xx_XX.UTF-8"})
        assert (done.code, expected in done.stdout) == (0, True), (words, done)
    assert (tmp_path / "got" / "gatea" / "there").read_text() == "content\n"
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0
