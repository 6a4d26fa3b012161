"""Every command that reads from nodes, with nodes that answer anything: the good ones' results are whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import lab as labs
from tests.hostile import MODES, Measured, make_hostile, measure
from tests.integration.dotfiles.practice import newest_chezmoi

pytestmark = pytest.mark.integration

GOOD = ("node001", "node002")
# What a command may take, with all hostile nodes at once; 16 MB of each may be kept.
MEMORY = 200_000_000
FILE = 120_000_000
# What a node prints that does so on and on: whoever kept all that one of them says would be over both limits.
MUCH = MEMORY

# Commands, and the type of the line that is a node's result.
COMMANDS: dict[str, tuple[list[str], str]] = {
    "run": (["run", "-j", "@all", "echo hello; echo there >&2"], "finished"),
    "run -b": (["run", "-b", "@all", "echo hello"], ""),
    "status": (["status", "-j"], "status"),
    "facts": (["facts", "-j"], "facts"),
    "needs": (["needs", "-j"], "needs"),
    "doctor": (["doctor", "-j", "--shell-timeout", "3"], "doctor"),
    "dotfiles status": (["dotfiles", "status", "-j"], ""),
    "dotfiles plan": (["dotfiles", "plan", "-j", "--rev", "0" * 40, "--via", "remote"], ""),
    "copy": (["copy", "-j", "@all", "{home}/file", "~/"], "copy"),
    "copy -n": (["copy", "-n", "@all", "{home}/file", "~/"], ""),
    "copy folder": (["copy", "-j", "@all", "{home}/folder", "~/"], "copy"),
    "fetch": (["fetch", "-j", "--max-size", "20M", "@all", "/etc/hostname", "{home}/fetched"], ""),
    "fetch -n": (["fetch", "-nj", "@all", "/etc/hostname", "{home}/fetched"], ""),
    "ping": (["ping", "-j"], ""),
    "tmux list": (["tmux", "list", "-j"], ""),
    "run --canary": (["run", "-j", "--canary", "node001", "@all", "echo hello"], "finished"),
    "trust": (["trust", "-j"], "trust"),
    "gateway install": (["gateway", "install", "-j", "@all"], "finished"),
    "reap": (["reap", "@all"], ""),
    "dotfiles apply": (
        ["dotfiles", "apply", "-j", "--yes", "--source", "{home}/dots", "--via", "push", "{nodes}"],
        "finished",
    ),
    "uninstall -n": (["uninstall", "-n", "-j", "@all"], ""),
    "ansible": (["ansible", "-j", "{nodes}", "-m", "command", "-a", "hostname"], "finished"),
    "playbook": (["playbook", "-j", "--yes", "{home}/site.yml", "{nodes}"], "finished"),
}
# Commands whose answer depends on this machine: of the good nodes they say what they say of them alone.
AS_ALONE: dict[str, list[str]] = {
    "services status": ["services", "status", "-j"],
    "services plan": ["services", "plan", "-j"],
    "gateway check": ["gateway", "check"],
    "bootstrap -n": ["bootstrap", "-n", "-j"],
    "trust --via": ["trust", "-j", "--via", "{nodes}"],
}
PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - {name: Write, ansible.builtin.copy: {content: "applied\\n", dest: ~/written, mode: "0644"}}
"""
# Those that come to the change itself: the others have failed when they are looked at, as of every command.
DECEIVING = ("prints on and on", "cut off", "odd complaints", "two answers", "wrong archive")
CHANGED = {"dotfiles apply": ".practice", "playbook": "written"}
SERVICES = """\
services:
  web: {node: "@all", type: systemd, port: 8080}
  site: {node: "@all", type: docker, image: example/site, port: 8081}
"""


@pytest.fixture(scope="module")
def many(playground: Path) -> Iterator[labs.Lab]:
    """Two good nodes, and a hostile one for each mode."""
    lab = labs.up(Path(tempfile.mkdtemp(prefix="many-", dir=playground)), nodes=len(MODES) + len(GOOD))
    policy = "needs:\n  rules:\n    - {commands: [sh, no-such-program], mounts: [/proc]}\n"
    (lab.fleet_dir / "policy.yaml").write_text(policy)
    (lab.fleet_dir / "services.yaml").write_text(SERVICES)
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def hostile(many: labs.Lab) -> dict[str, str]:
    """Mode by the alias of each hostile node."""
    aliases = [alias for alias in many.nodes if alias not in GOOD]
    modes = dict(zip(aliases, MODES, strict=True))
    for alias, mode in modes.items():
        make_hostile(many, alias, mode, much=MUCH)
    return modes


@pytest.mark.parametrize("name", COMMANDS)
def test_a_hostile_node_harms_no_other(
    name: str, many: labs.Lab, hostile: dict[str, str], environ: dict[str, str]
) -> None:
    words, kind = COMMANDS[name]
    home = Path(environ["HOME"])
    (home / "file").write_text("hello\n")
    (home / "folder" / "sub").mkdir(parents=True)
    (home / "folder" / "sub" / "f").write_text("f")
    if name.startswith("run"):
        for alias, mode in hostile.items():
            make_hostile(many, alias, mode, much=300_000)  # what nodes print is passed on
    if name == "dotfiles apply":
        prepare_dotfiles(many, environ)
    if name == "playbook":
        (home / "site.yml").write_text(PLAYBOOK)
    environ["STENTOR_FLEET"] = str(many.fleet_dir)
    nodes = ",".join([*GOOD, *(alias for alias, mode in hostile.items() if mode in DECEIVING)])
    done = measure([word.format(home=home, nodes=nodes) for word in words], environ, largest_file=FILE)
    print(f"{name}: {done.memory / 1e6:.0f} MB, {done.seconds:.1f} s, code {done.code}")
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    assert done.code in (0, 1, 3, 4), (done.code, done.stderr[-2000:])
    assert done.memory < MEMORY
    check_good(name, kind, done, many, home)


def prepare_dotfiles(lab: labs.Lab, environ: dict[str, str]) -> None:
    """A repository here, and chezmoi on all nodes."""
    home = Path(environ["HOME"])
    (home / "tools").mkdir()
    (home / "tools" / "chezmoi").symlink_to(newest_chezmoi())
    environ["PATH"] = f"{home}/tools:{environ['PATH']}"
    shutil.copy(newest_chezmoi(), home / "chezmoi")
    for alias in lab.nodes:
        place = lab.home(alias) / ".local" / "bin" / "chezmoi"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        os.link(home / "chezmoi", place)
    (home / "dots").mkdir()
    (home / "dots" / "dot_practice").write_text("applied\n")
    git = ["git", "-C", str(home / "dots"), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True, env=environ)


def check_good(name: str, kind: str, done: Measured, lab: labs.Lab, home: Path) -> None:
    """The good nodes' part is what it is without the others."""
    if kind:
        records = [json.loads(line) for line in done.stdout.splitlines()]
        found = {record["node"]: record for record in records if record["type"] == kind}
        for alias in GOOD:
            assert alias in found, (name, sorted({record["type"] for record in records}))
            assert found[alias].get("kind", "ok") == "ok", found[alias]
    if name == "run -b":
        assert done.stdout.count("hello") >= 1
    if name.startswith("copy") and "-n" not in name:
        for alias in GOOD:
            place = lab.home(alias)
            copied = place / "folder" / "sub" / "f" if "folder" in name else place / "file"
            assert copied.exists()
    if name in CHANGED:
        for alias in GOOD:
            assert (lab.home(alias) / CHANGED[name]).read_text() == "applied\n"
    if name == "fetch":
        for alias in GOOD:
            assert (home / "fetched" / alias / "hostname").read_text().strip() == alias
        kept = {path.name for path in (home / "fetched").iterdir()}
        assert not {one for one in kept if one.startswith(".")}


@pytest.mark.parametrize("name", AS_ALONE)
def test_good_nodes_are_told_of_as_if_they_were_alone(
    name: str, many: labs.Lab, hostile: dict[str, str], environ: dict[str, str]
) -> None:
    environ["STENTOR_FLEET"] = str(many.fleet_dir)

    def told(nodes: list[str]) -> tuple[Measured, list[str]]:
        ways = ",".join([GOOD[0], *list(hostile)[2:4], *list(hostile)[6:8]] if len(nodes) > 2 else GOOD)
        words = [word.format(nodes=ways) for word in AS_ALONE[name]]
        done = measure([*words, ",".join(nodes)], environ, largest_file=FILE)
        return done, [of_good(line) for line in done.stdout.splitlines() if line and of_good(line)]

    alone, expected = told(list(GOOD))
    assert "Traceback" not in alone.stderr
    assert all(any(alias in line for line in expected) for alias in GOOD), alone
    done, found = told(list(many.nodes))
    print(f"{name}: {done.memory / 1e6:.0f} MB, {done.seconds:.1f} s, code {done.code}")
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    assert done.code in (0, 1, 4, 6), (done.code, done.stderr[-2000:])
    assert done.memory < MEMORY
    assert found == expected


def of_good(line: str) -> str:
    """A line of a good node, without its times and what others see of it; else nothing."""
    if not line.startswith("{"):
        return line if line.startswith(GOOD) else ""
    record = json.loads(line)
    if record.get("node") not in GOOD:
        return ""
    for varying in ("seconds", "started_at", "paths", "notes"):
        record.pop(varying, None)
    return json.dumps(record, sort_keys=True)


def test_a_backup_of_a_node_that_prints_on_and_on_fills_no_disk(
    many: labs.Lab, hostile: dict[str, str], environ: dict[str, str]
) -> None:
    environ["STENTOR_FLEET"] = str(many.fleet_dir)
    alias = next(alias for alias, mode in hostile.items() if mode == "prints on and on")
    text = SERVICES.replace("port: 8080", "port: 8080, backup: hostname")
    (many.fleet_dir / "services.yaml").write_text(text)
    words = [
        "services",
        "backup",
        "web",
        "--on",
        alias,
        "--max-size",
        "5M",
        "-o",
        f"{environ['HOME']}/backup",
    ]
    done = measure(words, environ, largest_file=FILE)
    assert (done.code, "wrote more than 5 MB" in done.stderr) == (1, True), done
    assert not [name for name in os.listdir(environ["HOME"]) if name.startswith("backup")]


@pytest.mark.parametrize(
    "mode", ["says nothing", "prints on and on", "odd digits", "no text", "cut off in a line", "two answers"]
)
def test_reboot_of_a_hostile_node_is_its_failure(
    mode: str, many: labs.Lab, hostile: dict[str, str], environ: dict[str, str]
) -> None:
    environ["STENTOR_FLEET"] = str(many.fleet_dir)
    alias = next(alias for alias, other in hostile.items() if other == mode)
    words = ["reboot", "-j", "--command", "true", "--patience", "1s", alias]
    done = measure(words, environ, largest_file=FILE)
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    assert done.memory < MEMORY
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    (end,) = [record for record in ends if record["type"] == "finished"]
    assert (done.code, end["node"], end["kind"] in ("failed", "timed-out", "lost")) == (1, alias, True), end
