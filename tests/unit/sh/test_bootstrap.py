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
