"""An account with a password for real sudo, in a mount namespace: the files of the machine stay."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from tests.support import need, need_root

FILES = ("passwd", "shadow", "sudoers")


def make_account(folder: Path, password: str) -> Path:
    """Write an account ``tess`` with this password beside the machine's own; return the folder."""
    need_root()
    need("sudo", "unshare")
    words = ["openssl", "passwd", "-6", "-stdin"]
    hashed = subprocess.run(words, input=password.encode(), capture_output=True, check=True).stdout.decode()
    extra = {"passwd": "tess:x:4321:4321::/tmp:/bin/sh", "shadow": f"tess:{hashed.strip()}:1::::::"}
    for name, line in extra.items():
        (folder / name).write_text(f"{Path(f'/etc/{name}').read_text().rstrip()}\n{line}\n")
    (folder / "passwd").chmod(0o644)
    (folder / "shadow").chmod(0o600)
    folder.chmod(0o755)
    return folder


def as_tess(folder: Path, sudoers: str, command: str) -> list[str]:
    """The words which run a shell command as tess; further words are its ``$1`` and so on."""
    (folder / "sudoers").write_text(sudoers + "\n")
    (folder / "sudoers").chmod(0o440)
    binds = "; ".join(f"mount --bind {shlex.quote(f'{folder}/{name}')} /etc/{name}" for name in FILES)
    drop = 'exec setpriv --reuid 4321 --regid 4321 --clear-groups sh -c "$0" sh "$@"'
    return ["unshare", "-m", "sh", "-c", f"{binds}; {drop}", command]
