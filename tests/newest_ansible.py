"""The newest Ansible of the lock, also where this Python is too old for it: by the Python of full nodes.

Debian 13's Python runs by its own loader, with the packages that pip fetches for it, in the tests' own files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stentor.lab.backends.debian import make_tree
from stentor.lab.backends.full import PROGRAMS
from tests.support import ROOT, need, need_root

PACKAGES = (
    *("ansible-core", "cffi", "cryptography", "jinja2", "markupsafe"),
    *("packaging", "pycparser", "pyyaml", "resolvelib"),
)
_START = (
    "import sys; sys.path.insert(0, {site!r}); sys.argv[0] = {name!r}; "
    "from {module} import main; sys.exit(main())"
)
_MODULES = {
    "ansible": "ansible.cli.adhoc",
    "ansible-inventory": "ansible.cli.inventory",
    "ansible-playbook": "ansible.cli.playbook",
}


def programs(folder: Path) -> Path:
    """Write its programs into a folder, and return the folder."""
    need_root()
    need(*PROGRAMS)
    tree = make_tree(os.environ)
    (loader, *_) = [*tree.glob("usr/lib64/ld-linux-*.so.*"), *tree.glob("usr/lib/ld-linux-*.so.*")]
    (python,) = tree.glob("usr/bin/python3.[0-9]*")
    site = _packages(python.name.removeprefix("python"))
    libraries = ":".join(map(str, tree.glob("usr/lib/*-linux-gnu")))
    folder.mkdir()
    for name, module in _MODULES.items():
        start = _START.format(site=str(site), name=name, module=module)
        file = folder / name
        file.write_text(
            f'#!/bin/sh\nexec {loader} --library-path {libraries} {python} -I -c "{start}" "$@"\n'
        )
        file.chmod(0o755)
    return folder


def locked() -> list[str]:
    """The lines of the lock that a new enough Python installs, with their hashes."""
    blocks = re.split(r"\n(?=\S)", Path(ROOT, "requirements/dev.lock").read_text())
    found = []
    for name in PACKAGES:
        one = [block for block in blocks if re.match(rf"{name}==\S+(?! ; python_full_version <)", block)]
        (block,) = [block for block in one if "< '3." not in block.partition("\n")[0]]
        found.append(re.sub(r" ; [^\\\n]*", " ", block, count=1))
    return found


def _packages(version: str) -> Path:
    """Where the packages are; they are fetched once and kept beside the other tools of the tests."""
    lines = "\n".join(locked()) + "\n"
    (release,) = re.findall(r"ansible-core==(\S+)", lines)
    place = Path(sys.prefix) / "tools" / f"ansible-{release}-{version}"
    if place.is_dir():
        return place
    place.parent.mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        (made / "lock").write_text(lines)
        words = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--ignore-requires-python"]
        words += ["--implementation", "cp", "--python-version", version, "--target", str(made / "site")]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pip += ["--root-user-action", "ignore", *words, "-r", str(made / "lock")]
        done = subprocess.run(pip, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        if not place.is_dir():  # nobody was quicker
            (made / "site").rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return place
