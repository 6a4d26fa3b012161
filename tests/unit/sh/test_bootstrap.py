"""Steps of a bootstrap that need no root: which keys count as there."""

from __future__ import annotations

from pathlib import Path

from tests.unit.sh.practice import every_sh, run

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA"
LOOK = 'cd "$HOME" && printf "%s\\n" "$keys" | sh -fc "$_keys" sh look && say there || say missing'
WRITE = 'cd "$HOME" && printf "%s\\n" "$keys" | sh -fc "$_keys" sh write; '


@every_sh
def test_key_in_a_comment_is_not_there(tmp_path: Path, shell: str) -> None:
    file = tmp_path / ".ssh/authorized_keys"
    file.parent.mkdir(mode=0o700)
    file.write_text(f"# {KEY} old\n")
    file.chmod(0o600)
    environ = {"HOME": str(tmp_path)}
    assert run(shell, "bootstrap/account", LOOK, environ=environ, keys=f"{KEY} me") == "missing\n"
    assert run(shell, "bootstrap/account", WRITE + LOOK, environ=environ, keys=f"{KEY} me") == "there\n"
    assert run(shell, "bootstrap/account", WRITE + LOOK, environ=environ, keys=f"{KEY} you") == "there\n"
    assert file.read_text() == f"# {KEY} old\n{KEY} me\n"


@every_sh
def test_shell_that_is_not_there_is_not_set(tmp_path: Path, shell: str) -> None:
    """sshd would let nobody in."""
    call = 'shell=$1 why=""; usermod() { say "usermod $*"; }; do_shell || say "failed: $why"'
    assert run(shell, "bootstrap/account", call, "/bin/sh", user="me") == "usermod --shell /bin/sh me\n"
    missing = f"{tmp_path}/zsh"
    assert (
        run(shell, "bootstrap/account", call, missing, user="me") == f"failed: there is no shell {missing}\n"
    )


@every_sh
def test_new_account_has_a_shell_that_is_there(tmp_path: Path, shell: str) -> None:
    call = """shell=$1
        useradd() { say "useradd $*"; }
        usermod() { :; }
        home_of() { say /; }
        do_account 2>/dev/null"""
    for given, wanted in (("/bin/sh", "/bin/sh"), (f"{tmp_path}/zsh", "/bin/bash"), ("", "/bin/bash")):
        said = run(shell, "bootstrap/account", call, given, user="no-such-user")
        assert said == f"useradd --create-home --shell {wanted} no-such-user\n"
