"""What hostile nodes say on a real terminal: it is shown there, obeyed nowhere, and moves no question."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.hostile import MODES, make_hostile
from tests.terminal import at_terminal

pytestmark = pytest.mark.integration

# Colours, the end of a line, and what takes our own progress line away.
OURS = re.compile(r"\x1b\[[0-9;]*m|\r\n|\r\x1b\[K")
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def check(said: str) -> None:
    """Nothing in it moves the cursor, clears the screen or sets a title."""
    rest = OURS.sub("", said)
    assert not CONTROLS.search(rest), repr(rest)


def test_doctor_asks_about_a_hostile_node_in_plain_text(lab: Lab, environ: dict[str, str]) -> None:
    environ["STENTOR_FLEET"] = str(lab.fleet_dir)
    for alias, name in (("crtr", "id_good"), ("drtr", "id_odd")):
        key = lab.home(alias) / ".ssh" / name
        key.write_text("no key\n")
        key.chmod(0o644)
    mode = r"mark; real | sed 's/id_odd$/&\x1b]0;title\x07\x1b[2J/'"
    make_hostile(lab, "drtr", "", said=mode)
    code, said = at_terminal(["doctor", "--fix", "crtr,drtr"], environ, answer=b"n\n")
    assert "Traceback" not in said
    assert code in (0, 1)
    check(said)
    assert "crtr: chmod 600 ~/.ssh/id_good (it is 644)? [y/N] n" in said
    assert "drtr: chmod 600 ~/.ssh/id_odd?]0;title??[2J (it is 644)? [y/N] n" in said


@pytest.fixture
def talker() -> Iterator[int]:
    """A server that is no SSH server, and says control sequences; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            while True:
                try:
                    with server.accept()[0] as client:
                        client.sendall(b"\x1b]0;title\x07\x1b[2J\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=talk)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_trust_asks_about_a_node_that_hostile_nodes_see_in_plain_text(
    lab: Lab, environ: dict[str, str], talker: int, tmp_path: Path
) -> None:
    text = (lab.fleet_dir / "nodes.yaml").read_text().replace("../ssh_config", str(tmp_path / "ssh_config"))
    nodes, groups = text.split("groups:\n")
    nodes += f"  talker: {{address: 127.0.0.1, port: {talker}}}\n"
    (tmp_path / "nodes.yaml").write_text(f"{nodes}groups:\n{groups}")
    config, known = lab.ssh_config.read_text(), lab.directory / "known_hosts"
    (tmp_path / "ssh_config").write_text(config.replace(str(known), str(tmp_path / "known")))
    (tmp_path / "known").write_text(
        "".join(f"{line}\n" for line in known.read_text().splitlines() if "drtr" not in line)
    )
    environ["STENTOR_FLEET"] = str(tmp_path)
    make_hostile(lab, "crtr", "controls at ends of lines")
    words = ["trust", "drtr,prtr,talker", "--via", "crtr,prtr"]
    code, said = at_terminal(words, environ, answer=b"\n")
    assert "Traceback" not in said
    assert code in (1, 4)
    check(said)
    assert "prtr" in said
    assert not (tmp_path / "known_hosts").exists() or "drtr" not in (tmp_path / "known_hosts").read_text()


VIEWS = (
    "gateway check",
    "gateway install",
    "services status",
    "services plan",
    "services ports",
    "services logs web --on",
    "services exec web --on",
    "reap",
    "reap --remove",
    "dotfiles status",
    "dotfiles plan --rev " + "0" * 40 + " --via remote",
    "dotfiles apply -y --rev " + "0" * 40 + " --via remote",
    "dotfiles timer status",
    "facts",
    "needs",
    "status",
    "ping",
    "ping --login",
    "doctor",
    "trust",
    "uninstall -n",
    "migrate check",
    "bootstrap -n",
    "fetch -n NODES /etc/hostname {home}/x",
    "fetch NODES /etc/hostname {home}/x",
    "copy -n NODES {home}/file /tmp/x",
    "copy NODES {home}/file /tmp/x",
    "run NODES hostname",
    "run -b NODES hostname",
    "run --diff NODES hostname",
    "run --stream NODES hostname",
    "run --canary prtr NODES hostname",
    "playbook -y {home}/site.yml",
    "ansible NODES -m command -a hostname",
    "reboot --yes-really 3 --command true --patience 1s",
    "masters list",
    "tmux list",
    "nodes",
    "report -o {home}/report.md",
)
PLAYBOOK = """\
- hosts: all
  gather_facts: true
  tasks:
    - {name: Say, ansible.builtin.command: hostname}
    - {name: Show, ansible.builtin.raw: hostname}
"""


@pytest.mark.parametrize("words", VIEWS)
def test_views_of_many_nodes_control_no_terminal(words: str, lab: Lab, environ: dict[str, str]) -> None:
    environ["STENTOR_FLEET"] = str(lab.fleet_dir)
    home, nodes = Path(environ["HOME"]), "crtr,drtr,prtr"
    (home / "file").write_text("text\n")
    (home / "site.yml").write_text(PLAYBOOK)
    services = lab.fleet_dir / "services.yaml"
    services.write_text('services:\n  web: {node: "@all", type: systemd, port: 8080}\n')
    line = words.format(home=home)
    line = line.replace("NODES", nodes) if "NODES" in line else f"{line} {nodes}"
    try:
        for alias, mode in (("crtr", "controls at ends of lines"), ("drtr", "odd complaints")):
            assert mode in MODES
            make_hostile(lab, alias, mode)
        code, said = at_terminal(line.split(), environ, answer=b"n\n")
    finally:
        services.unlink()
    assert code != 2, said
    assert "Traceback" not in said
    check(said)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("services status --watch --count 1", b"q"),
        ("status --watch --count 1", b"q"),
        ("ping --watch --count 1", b"q"),
        ("top", b"q"),
        ("shell", b"hostname\r\x04"),
    ],
)
def test_what_is_drawn_in_place_passes_nothing_on(
    words: str, answer: bytes, lab: Lab, environ: dict[str, str]
) -> None:
    environ["STENTOR_FLEET"] = str(lab.fleet_dir)
    services = lab.fleet_dir / "services.yaml"
    services.write_text('services:\n  web: {node: "@all", type: systemd, port: 8080}\n')
    try:
        for alias, mode in (("crtr", "controls at ends of lines"), ("drtr", "controls the terminal")):
            make_hostile(lab, alias, mode)
        words = f"{words} crtr,drtr,prtr"
        code, said = at_terminal(words.split(), environ, answer=answer, when=b"prtr")
    finally:
        services.unlink()
    assert code != 2, said
    assert "Traceback" not in said
    assert "\x1b]0;title" not in said
    assert "\x9b" not in said


@pytest.mark.parametrize("words", ["diff @last~1 @last", "show @last", "history"])
def test_output_of_the_journal_controls_no_terminal(words: str, lab: Lab, environ: dict[str, str]) -> None:
    environ["STENTOR_FLEET"] = str(lab.fleet_dir)
    for mark in "ab":
        at_terminal(
            ["run", "crtr,prtr", f"printf '{mark}\\033]0;title\\007\\033[2J\\r\\302\\2332J\\n'"], environ
        )
    _, said = at_terminal(words.split(), environ)
    check(said)
    assert "prtr" in said
