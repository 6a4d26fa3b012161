"""The world in which the walk of docs/dotfiles-walk.md takes place.

A repository of dotfiles on crtr, which every node may read by ssh; chezmoi on every node, set up by
hand from it where the node is up; and the operator's own clone, in chezmoi's place.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.dotfiles.practice import newest_chezmoi

FILES = {
    "dot_bashrc": "PATH=~/.local/bin:$PATH\nalias ..='cd ..'\n",
    "dot_config/prompt.tmpl": "{{ .chezmoi.hostname }}\n",
    "dot_zshrc": "alias ..='cd ..'\n",
}
_HOST = """
git init -q --bare -b main ~/dotfiles.git && mkdir -p ~/.ssh && chmod 700 ~/.ssh
ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519 && cat ~/.ssh/id_ed25519.pub >>~/.ssh/authorized_keys
"""


def prepare(lab: Any, environ: dict[str, str]) -> dict[str, str]:
    """Make it, and return the environment of the operator's shell."""
    chezmoi = newest_chezmoi()
    tools = Path(environ["HOME"]) / "tools"
    tools.mkdir()
    (tools / "chezmoi").symlink_to(chezmoi)
    # TCP's own patience with a node that is down is more than two minutes.
    options = f"-F {lab.ssh_config} -o LogLevel=ERROR -o ConnectTimeout=5"
    (tools / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} {options} "$@"\n')
    (tools / "ssh").chmod(0o755)
    identity = {"NAME": "Practice", "EMAIL": "practice@example.org"}
    names = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in identity.items()}
    environ = {**environ, **names, "PATH": f"{tools}:{environ['PATH']}"}
    for alias in lab.nodes:
        place = lab.home(alias) / ".local/bin"
        place.mkdir(parents=True)
        shutil.copy(chezmoi, place / "chezmoi")
    _host(lab)
    clone = Path(environ["XDG_DATA_HOME"]) / "chezmoi"
    _git(environ, "clone", "-q", "ssh://crtr/~/dotfiles.git", str(clone), cwd=tools)
    for name, text in FILES.items():
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text(text)
    _git(environ, "add", "-A", cwd=clone)
    _git(environ, "commit", "-q", "-m", "The first dotfiles", cwd=clone)
    _git(environ, "branch", "-q", "-M", "main", cwd=clone)
    _git(environ, "push", "-q", "-u", "origin", "main", cwd=clone)
    for alias in ("crtr", "drtr", "trtr"):
        done = lab.run(alias, f"~/.local/bin/chezmoi init --apply --force {_url(lab)}")
        assert done.code == 0, done
    policy = Path(lab.fleet_dir) / "policy.yaml"
    policy.write_text(f"dotfiles: {{remote: '{_url(lab)}', login: 5s}}\n")
    return environ


def _url(lab: Any) -> str:
    node = lab.nodes["crtr"]
    return f"ssh://{node.user}@{node.address}:{node.port}/~/dotfiles.git"


def _host(lab: Any) -> None:
    made = lab.run("crtr", _HOST)
    assert made.code == 0, made
    key = (lab.home("crtr") / ".ssh/id_ed25519").read_text()
    for alias in lab.nodes:
        place = lab.home(alias) / ".ssh"
        (place / "id_ed25519").write_text(key)
        (place / "id_ed25519").chmod(0o600)
        (place / "config").write_text("Host *\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n")


def _git(environ: dict[str, str], *words: str, cwd: Path) -> None:
    done = subprocess.run(["git", *words], cwd=cwd, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)


__all__ = ["prepare"]
