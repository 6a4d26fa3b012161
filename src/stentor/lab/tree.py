"""The Debian 13 which full nodes share: made once by mmdebstrap, kept in the user's cache directory.

A tree is named after what it was made of, so a changed list of packages makes another one; trees which
nothing runs on any more are removed then.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from stentor.errors import StentorError

SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
# A Debian server as people have it, and what dotfiles and tests need on a node.
PACKAGES = (
    "systemd", "systemd-sysv", "libpam-systemd", "dbus", "dbus-user-session", "openssh-server", "sudo",
    "git", "tmux", "zsh", "rsync", "cron", "procps", "iproute2", "less", "hostname", "libfaketime", "python3",
    "python3-apt",  # by which Ansible speaks to apt
)  # fmt: skip


def key(packages: Iterable[str] = PACKAGES, suite: str = SUITE, mirror: str = MIRROR) -> str:
    """The name of a tree; pure."""
    text = "\n".join([suite, mirror, *sorted(packages)])
    return f"{suite}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def mirror_of(sources: Iterable[str]) -> str:
    """The Debian mirror which apt is told to use; pure.

    Args:
        sources: the texts of sources.list and of its folder, in either of apt's two forms.
    """
    for text in sources:
        for line in text.splitlines():
            match = re.match(r"\s*(?:deb\s+(?:\[[^]]*\]\s+)?|URIs:\s*)(https?://\S+)", line)
            # The archive of releases, not that of security updates or of somebody else.
            if match and match[1].rstrip("/").endswith("/debian"):
                return match[1].rstrip("/")
    return MIRROR


def cache_directory(environ: Mapping[str, str]) -> Path:
    """``$XDG_CACHE_HOME/stentor/lab``, or the same below ``~/.cache``."""
    cache = environ.get("XDG_CACHE_HOME") or ""
    if not cache.startswith("/"):
        cache = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".cache")
    return Path(cache, "stentor", "lab")


def tree(environ: Mapping[str, str], say: Callable[[str], None] = lambda _: None) -> Path:
    """The directory of the tree; it is made where it is not there yet, which takes a minute or more.

    Args:
        environ: tells the cache directory, and mmdebstrap of proxies.
        say: told in a line when people will have to wait.

    Raises:
        StentorError: mmdebstrap failed.
    """
    mirror = mirror_of(_sources())
    place = cache_directory(environ)
    wanted = place / key(mirror=mirror)
    if wanted.is_dir():
        return wanted
    place.mkdir(parents=True, exist_ok=True)
    with open(place / ".making", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():  # somebody may have made it while we waited
            _clear(place)
            say(f"making a Debian 13 of {len(PACKAGES)} packages in {wanted}, once; it takes a minute or two")
            _make(wanted, mirror, environ)
    return wanted


def _sources() -> Iterator[str]:
    folder = Path("/etc/apt")
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))):
        if path.suffix in (".list", ".sources"):
            with contextlib.suppress(OSError):
                yield path.read_text(errors="replace")


def _make(wanted: Path, mirror: str, environ: Mapping[str, str]) -> None:
    new = wanted.with_name(f"{wanted.name}.new")
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    # Nobody reads manuals on a practice node; without them it is made faster.
    words += [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc", "locale", "info")]
    words += ["--dpkgopt=force-unsafe-io", "--components=main", "--format=directory", SUITE, str(new), mirror]
    try:
        done = subprocess.run(
            words, env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/"
        )
        if done.returncode:
            last = "; ".join(done.stderr.strip().splitlines()[-2:])
            raise StentorError(f"mmdebstrap could not make a Debian 13 from {mirror}: {last}")
        new.rename(wanted)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _clear(place: Path) -> None:
    """Remove what was left half made, and trees on which no node runs."""
    for old in place.glob(f"{SUITE}-*"):
        with contextlib.suppress(OSError):
            handle = os.open(old, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
            finally:
                os.close(handle)
