"""A Debian package of stentor for the Python of this machine, with all extras and every library it needs.

``python packaging/deb.py FOLDER`` writes ``stentor_VERSION_ARCH.deb`` there. The libraries come as wheels,
into a folder of the package's own: the system's Python stays as it is. Nothing is fetched at installation.
"""

from __future__ import annotations

import calendar
import gzip
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stentor import __version__
from stentor.web.install import UNIT, packaged_unit

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = "usr/lib/stentor"
EXTRAS = "secrets,services,shell,top,web"  # Ansible is a program which Debian has itself
NEXT = f"3.{sys.version_info.minor + 1}"
CONTROL = """\
Package: stentor
Version: {version}
Architecture: {architecture}
Maintainer: Stentor maintainers <stentor@users.noreply.github.com>
Installed-Size: {size}
Depends: python3 (>= 3.{minor}), python3 (<< {next}), openssh-client, libc6
Recommends: git, tmux
Suggests: rsync, mosh, ansible-core
Section: admin
Priority: optional
Description: run commands and roll out changes on many machines over ssh
 One YAML file lists the nodes. Stentor runs commands on them, opens them in
 tmux panes, and rolls out dotfiles and services in waves. A node reverts a
 change that breaks its logins.
"""
CHANGELOG = """\
stentor ({version}) unstable; urgency=medium

  * What changed is in CHANGELOG.md of the source.

 -- Stentor maintainers <stentor@users.noreply.github.com>  {date}
"""
OVERRIDES = """\
# PyYAML's wheel has it, and the package is to run with what it was tried with.
stentor: embedded-library libyaml *
"""
# /usr/bin/python3 by name, and none of the user's own libraries: the package brings what it was tried with.
SCRIPT = """\
#!/usr/bin/python3 -I
import sys

sys.path.insert(0, "/usr/lib/stentor")

from stentor.cli.main import program

program()
"""
# As dh-python has it: compiled when it is installed, and the compiled files removed with it.
MAINTAINER_SCRIPTS = {
    "postinst": "#!/bin/sh\nset -e\npy3compile -p stentor /usr/lib/stentor\n",
    "prerm": "#!/bin/sh\nset -e\npy3clean -p stentor\n",
}
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/stentor",
    "zsh": "usr/share/zsh/vendor-completions/_stentor",
    "fish": "usr/share/fish/vendor_completions.d/stentor.fish",
}


def run(*words: str, **options: str) -> str:
    """Run a program, and return what it printed; its failure ends this one."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, **options).stdout  # type: ignore[call-overload,no-any-return]


def put(path: Path, text: str, *, mode: int = 0o644, packed: bool = False) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if packed else data)
    path.chmod(mode)


def libraries(target: Path) -> None:
    """Install stentor and what it needs into a folder, without programs of theirs."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(*pip, "install", "--no-compile", "--target", str(target), f"{ROOT}[{EXTRAS}]")
    for path in [*target.glob("bin"), *target.rglob("__pycache__")]:
        run("rm", "-r", str(path))
    for path in target.rglob("*.so"):
        run("strip", "--strip-unneeded", str(path))
        path.chmod(0o644)


def documents(tree: Path) -> None:
    """Man pages, completion, the unit of the page, and what Debian wants to be told."""
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, str(ROOT / "packaging/man_pages.py"), folder)
        for page in Path(folder).iterdir():
            put(
                tree / "usr/share/man/man1" / f"{page.name}.gz", page.read_text(encoding="utf-8"), packed=True
            )
    for shell, path in COMPLETIONS.items():
        put(tree / path, run(sys.executable, "-m", "stentor", "completion", shell))
    put(tree / "usr/lib/systemd/user" / UNIT, packaged_unit("/usr/bin/stentor"))
    about = tree / "usr/share/doc/stentor"
    stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    put(about / "changelog.gz", CHANGELOG.format(version=__version__, date=stamp), packed=True)
    put(tree / "usr/share/lintian/overrides/stentor", OVERRIDES)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    put(about / "copyright", f"{licence}\nThe libraries in /{LIBRARIES} have theirs beside them.\n")


def check_python() -> None:
    """End where the libraries would be for another Python than the system's."""
    system = run("/usr/bin/python3", "-c", "import sys; print(sys.version_info.minor)").strip()
    if system != str(sys.version_info.minor):
        raise SystemExit(f"the package is for /usr/bin/python3, 3.{system}: make deb PYTHON=/usr/bin/python3")


def released() -> int:
    """Return when this version was released, by the changelog, in seconds since 1970."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(rf"^## {re.escape(__version__)} - (\d+-\d+-\d+)$", changelog, re.MULTILINE)
    if heading is None:
        raise SystemExit(f"CHANGELOG.md has no heading with a date for {__version__}")
    return calendar.timegm(time.strptime(heading[1], "%Y-%m-%d"))


def build(folder: Path) -> Path:
    """Build the package; it ends as a file in ``folder``."""
    check_python()
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(released()))
    architecture = run("dpkg", "--print-architecture").strip()
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"stentor_{__version__}_{architecture}.deb"
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "tree")
        libraries(tree / LIBRARIES)
        documents(tree)
        put(tree / "usr/bin/stentor", SCRIPT, mode=0o755)
        size = run("du", "--summarize", "--block-size=1024", str(tree)).split()[0]
        control = CONTROL.format(
            version=__version__, architecture=architecture, size=size, minor=sys.version_info.minor, next=NEXT
        )
        put(tree / "DEBIAN/control", control)
        for name, text in MAINTAINER_SCRIPTS.items():
            put(tree / "DEBIAN" / name, text, mode=0o755)
        run("chmod", "-R", "u=rwX,go=rX", str(tree))
        run("dpkg-deb", "-Zxz", "--root-owner-group", "--build", str(tree), str(made))
    return made


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))  # noqa: T201 - a script says what it made
