"""Host keys of real servers: taken in with their identity checked, and refused when they change."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.render import json_schema
from tests.support import need, need_root
from tests.terminal import Tmux, wait

pytestmark = pytest.mark.integration
Stentor = Callable[..., Any]
Tally = Callable[[int, int, int, int], None]


@pytest.fixture
def fleet(lab: Lab, environ: dict[str, str]) -> Path:
    """The lab's fleet with a known_hosts of the user's own, which tests may change."""
    base = Path(environ["HOME"]) / "fleet"
    shutil.copytree(lab.fleet_dir, base / "ssot")
    config = lab.ssh_config.read_text()
    (base / "ssh_config").write_text(config.replace(f"{lab.directory}/known_hosts", f"{base}/known_hosts"))
    shutil.copy(lab.directory / "known_hosts", base / "known_hosts")
    return base


def shown(said: Any, kind: str = "trust") -> dict[str, Any]:
    assert [json_schema.decode(line) for line in said.stdout.splitlines()]
    records = [json.loads(line) for line in said.stdout.splitlines()]
    return {record["node"]: record for record in records if record["type"] == kind}


def refused(stentor: Stentor, fleet: Path, alias: str, kind: str) -> None:
    """No command goes on, and each points at trust; that is how the doctor finds it, too."""
    files = [fleet / "ssot" / "known_hosts", fleet / "known_hosts"]
    before = [path.read_bytes() for path in files if path.exists()]
    asked: tuple[tuple[str, ...], ...] = (
        ("run", "--json", alias, "true"),
        ("status", "--json", alias),
        ("ping", "-l", "--json", alias),
        ("copy", "--json", alias, str(fleet / "ssh_config"), "/tmp/"),
        ("doctor", "--json", alias),
        ("dotfiles", "status", "--json", alias),
    )
    for words in asked:
        said = stentor(*words, fleet=fleet)
        ends = [json.loads(line) for line in said.stdout.splitlines()]
        outcomes = [end for end in ends if end.get("node") == alias and "kind" in end]
        assert [end["kind"] for end in outcomes if end["type"] != "progress"][-1] == kind, (words, said)
        assert said.code == 4, (words, said)
    asked = (
        ("run", alias, "true"),
        ("status", alias),
        ("ping", "-l", alias),
        ("copy", alias, str(fleet / "ssh_config"), "/tmp/"),
        ("fetch", alias, "/etc/hostname", str(fleet / "fetched")),
        ("facts", alias),
        ("doctor", alias),
        ("dotfiles", "status", alias),
        ("tmux", "list", alias),
        ("reboot", alias),
        ("shutdown", alias, "--yes-really", alias),
    )
    for words in asked:
        said = stentor(*words, fleet=fleet)
        assert said.code == 4, (words, said)
        assert f"stentor trust {alias}" in said.stderr, (words, said)
    said = stentor("ssh", alias, "true", fleet=fleet)
    assert said.code == 255
    assert f"stentor trust {alias}" in said.stderr
    assert [path for path in (fleet / "fetched").rglob("*") if path.is_file()] == []
    assert [path.read_bytes() for path in files if path.exists()] == before


def key_of(lab: Lab, alias: str) -> Path:
    return lab.paths(alias).ssh / "ssh_host_ed25519_key"


def fingerprint(path: Path) -> str:
    return subprocess.check_output(["ssh-keygen", "-lf", str(path)], text=True).split()[1]


def test_unknown_keys_are_pinned_by_fingerprint_or_by_your_own_word(
    lab: Lab, fleet: Path, stentor: Stentor
) -> None:
    pins, own = fleet / "ssot" / "known_hosts", fleet / "known_hosts"
    before = own.read_bytes()
    assert stentor("trust", "--yes", "crtr", fleet=fleet).code == 0
    assert pins.read_text().count("crtr pinned 2") == 1
    assert own.read_bytes() == before
    own.write_text("")
    refused(stentor, fleet, "drtr", "host-key-unknown")
    assert shown(stentor("trust", "--json", "crtr,drtr", fleet=fleet))["crtr"]["state"] == "pinned"
    wrong = stentor("trust", "drtr", "--fingerprint", fingerprint(key_of(lab, "crtr")), fleet=fleet)
    assert (wrong.code, "no key with this fingerprint" in wrong.stderr) == (6, True)
    right = stentor("trust", "drtr", "--fingerprint", fingerprint(key_of(lab, "drtr")), fleet=fleet)
    assert right.code == 0, right.stderr
    ran = stentor("run", "crtr,drtr", "true", fleet=fleet)
    assert ran.code == 0, ran.stderr
    assert own.read_bytes() == b""
    assert "ok" in stentor("show", "1", fleet=fleet).stdout


def test_a_reinstalled_node(lab: Lab, fleet: Path, stentor: Stentor, tally: Tally) -> None:
    assert stentor("trust", "@all", "--yes", fleet=fleet).code == 0
    lab.break_("drtr", "host-key-changed")
    refused(stentor, fleet, "drtr", "host-key-changed")
    tally(1, 1, 0, 1)
    said = stentor("trust", "drtr", "--via", "crtr", fleet=fleet)
    assert said.code == 4
    assert "THE HOST KEY CHANGED" in said.stdout
    assert "seen from crtr: the same key as here" in said.stdout
    new = fingerprint(key_of(lab, "drtr"))
    assert new in said.stdout and "known since 2" in said.stdout
    unsaid = stentor("trust", "drtr", "--fingerprint", new, fleet=fleet)
    assert (unsaid.code, "after its name is typed" in unsaid.stderr) == (6, True)
    refused(stentor, fleet, "drtr", "host-key-changed")
    named = stentor("trust", "drtr", "--fingerprint", new, "--yes-really", "drtr", fleet=fleet)
    assert named.code == 0, named.stderr
    assert stentor("run", "drtr", "true", fleet=fleet).code == 0
    # The old key is pinned no more: whoever still has it is refused.
    lab.heal("drtr")
    stentor("masters", "stop", "@all", fleet=fleet)
    assert shown(stentor("trust", "--json", "drtr", fleet=fleet))["drtr"]["state"] == "changed"


def test_a_key_of_another_kind_alone(lab: Lab, fleet: Path, stentor: Stentor, tally: Tally) -> None:
    assert stentor("trust", "--yes", "drtr", fleet=fleet).code == 0
    key, saved = key_of(lab, "drtr"), lab.paths("drtr").root / "put-aside"
    key.rename(saved)
    try:
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(key)], input=b"y\n", check=True
        )
        lab.backend.sshd("drtr", "restart")
        lab.backend.wait(["drtr"])
        refused(stentor, fleet, "drtr", "host-key-changed")
        tally(1, 1, 0, 1)
        said = stentor("trust", "drtr", fleet=fleet)
        assert "no key of the kind we know it by (ED25519)" in said.stdout
        assert shown(stentor("trust", "--json", "drtr", fleet=fleet))["drtr"]["state"] == "changed"
    finally:
        saved.rename(key)
        public = subprocess.check_output(["ssh-keygen", "-y", "-f", str(key)], text=True)
        key.with_name(key.name + ".pub").write_text(public)
        lab.backend.sshd("drtr", "restart")
        lab.backend.wait(["drtr"])


def in_a_pane(fleet: Path, environ: dict[str, str], alias: str) -> None:
    """A pane of tmux gets no shell there either, says why, and where to go on."""
    variables = {**environ, "STENTOR_FLEET": str(fleet / "ssot")}
    done = subprocess.run(
        [sys.executable, "-m", "stentor", "tmux", "open", "--detach", alias], env=variables, check=False
    )
    tmux = Tmux(variables)
    try:
        assert done.returncode == 0
        wait(lambda: "stentor trust" in tmux.text(tmux.pane(alias)).replace("\n", ""), "the pane's words")
        assert "verification failed" in tmux.text(tmux.pane(alias)).replace("\n", "")
    finally:
        tmux.end()


def test_the_line_shown_for_a_stale_key_removes_it_from_the_file_that_has_it(
    lab: Lab, fleet: Path, stentor: Stentor
) -> None:
    assert stentor("trust", "--yes", "crtr", fleet=fleet).code == 0
    own, other, system = fleet / "known_hosts", fleet / "more known hosts", fleet / "system"
    config = fleet / "ssh_config"
    files = f'UserKnownHostsFile {own} "{other}"\nGlobalKnownHostsFile {system}\n'
    config.write_text(files + config.read_text())
    said = subprocess.check_output(["ssh", "-G", "-F", str(config), "crtr"], text=True)
    settings = dict(line.split(" ", 1) for line in said.splitlines())
    host = f"[{settings['hostname']}]:{settings['port']}"
    line, wrong = (
        " ".join([host, *Path(f"{key_of(lab, alias)}.pub").read_text().split()[:2]])
        for alias in ("crtr", "drtr")
    )
    other.write_text(f"{wrong}\n# stays\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(other)], check=True, capture_output=True)
    own.write_text(f"{line}\n")
    notes = shown(stentor("trust", "--json", "crtr", fleet=fleet))["crtr"]["notes"]
    assert notes == [f"{other} has another key for it: ssh-keygen -R '{host}' -f '{other}'"]
    subprocess.run(["sh", "-c", notes[0].split(": ", 1)[1]], check=True, capture_output=True)
    assert shown(stentor("trust", "--json", "crtr", fleet=fleet))["crtr"]["notes"] == []
    assert (own.read_text(), other.read_text()) == (f"{line}\n", "# stays\n")


def test_known_hosts_command_counts_as_known(lab: Lab, fleet: Path, stentor: Stentor) -> None:
    own, config = fleet / "known_hosts", fleet / "ssh_config"
    known = fleet / "from elsewhere"
    own.rename(known)
    own.write_text("")
    before = config.read_text()
    assert shown(stentor("trust", "--json", "crtr", fleet=fleet))["crtr"]["state"] == "unknown"
    script = fleet / "known"
    script.write_text(
        '#!/bin/sh\n[ "$2" = crtr ] && [ -n "$5" ] || exit 3\n'
        f'ssh-keygen -F "$1" -f "{known}" | grep -F "${{4:-ssh}}"\nexit 0\n'
    )
    script.chmod(0o755)
    config.write_text(f"KnownHostsCommand {script} %H %n %I %K ${{HOME}}\n{before}")
    assert shown(stentor("trust", "--json", "crtr", fleet=fleet))["crtr"]["state"] == "yours"
    assert stentor("run", "crtr", "true", fleet=fleet).code == 0  # ssh itself
    stentor("masters", "stop", "@all", fleet=fleet)
    config.write_text(f"KnownHostsCommand {script} %H drtr %I %K ${{HOME}}\n{before}")
    failing = shown(stentor("trust", "--json", "crtr", fleet=fleet))["crtr"]
    assert failing["state"] == "unknown"
    assert "ssh takes no key: its KnownHostsCommand fails: exit code 3" in failing["notes"]
    assert stentor("run", "crtr", "true", fleet=fleet).code == 4
    config.write_text(before)
    assert stentor("trust", "--yes", "drtr", fleet=fleet).code != 0


def test_keys_that_were_seen_before_ctrl_c_are_shown(
    fleet: Path, environ: dict[str, str], stentor: Stentor
) -> None:
    stuck = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def answer() -> None:
        while True:
            try:
                held.append(stuck.accept()[0])
                held[-1].sendall(b"SSH-2.0-stuck\r\n")
            except OSError:
                return

    threading.Thread(target=answer, daemon=True).start()
    port = stuck.getsockname()[1]
    assert (
        stentor("node", "add", "stuck", "address=127.0.0.1", f"port={port}", fleet=fleet / "ssot").code == 0
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", "trust", "crtr,stuck", "--connect-timeout", "30"],
        env={**environ, "STENTOR_FLEET": str(fleet / "ssot")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait(lambda: len(held) > 2, "ssh-keyscan waits for keys and for certificates")
        time.sleep(1)  # the other node answers at once
        process.send_signal(signal.SIGINT)
        shown, said = process.communicate(timeout=20)
    finally:
        process.kill()
        for one in (stuck, *held):
            one.close()
    assert process.returncode == 130, said
    assert shown.splitlines()[1].split()[:2] == ["crtr", "yours"]
    assert said.splitlines()[-1] == "stentor: interrupted; not seen: stuck"


def test_a_person_is_asked(lab: Lab, fleet: Path, environ: dict[str, str], stentor: Stentor) -> None:
    """Unknown: shown with its picture, a yes pins it. Changed: both side by side, and only the name does."""
    (fleet / "known_hosts").write_text("")
    pins = fleet / "ssot" / "known_hosts"
    variables = {**environ, "STENTOR_FLEET": str(fleet / "ssot")}
    variables.pop("CI", None)
    tmux = Tmux(variables)
    tmux("new-session", "-d", "-s", "so-that-the-server-stays", "sleep 300")
    words = f"{sys.executable} -m stentor trust drtr; echo ended $?; sleep 60"
    try:
        for answers, ends in (("", 4), ("yes", 0)):
            tmux("new-session", "-d", "-s", "a", "-x", "120", "-y", "60", words)
            wait(lambda: "is this its key?" in tmux.text("a"), "a question")
            shown = tmux.text("a")
            assert fingerprint(key_of(lab, "drtr")) in shown
            assert "+--[ED25519 256]--+" in shown, "its picture"
            assert not pins.exists()
            tmux("send-keys", "-t", "a", answers, "Enter")
            wait(lambda: "ended" in tmux.text("a"), "its end")
            assert f"ended {ends}" in tmux.text("a")
            tmux("kill-session", "-t", "a")
        old = fingerprint(key_of(lab, "drtr"))
        assert pins.read_text().count("drtr pinned 2") == 1
        stentor("masters", "stop", "@all", fleet=fleet)
        lab.break_("drtr", "host-key-changed")
        for answers, ends in (("yes", 4), ("crtr", 4), ("drtr", 0)):
            before = pins.read_text()
            tmux("new-session", "-d", "-s", "a", "-x", "120", "-y", "60", words)
            wait(lambda: "type the node's name" in tmux.text("a"), "a question")
            shown = tmux.text("a")
            (line,) = [line for line in shown.splitlines() if old in line]
            assert fingerprint(key_of(lab, "drtr")) in line, "side by side"
            assert shown.count("+--[ED25519 256]--+") == 2
            assert pins.read_text() == before
            tmux("send-keys", "-t", "a", answers, "Enter")
            wait(lambda: "ended" in tmux.text("a"), "its end")
            assert f"ended {ends}" in tmux.text("a")
            assert (pins.read_text() != before) == (ends == 0)
            tmux("kill-session", "-t", "a")
        assert (fleet / "known_hosts").read_text() == ""
        assert stentor("run", "drtr", "true", fleet=fleet).code == 0
    finally:
        tmux.end()


def test_an_attacker_on_the_same_address(
    lab: Lab, fleet: Path, stentor: Stentor, environ: dict[str, str], tally: Tally
) -> None:
    assert stentor("trust", "@all", "--yes", fleet=fleet).code == 0
    attacker = lab.paths("trtr")
    config = attacker.ssh / "sshd_config"
    honest = config.read_text()
    victim, node = lab.node("drtr"), lab.node("trtr")
    lab.backend.sshd("drtr", "stop")
    moved = honest.replace(f"ListenAddress {node.address}", f"ListenAddress {victim.address}")
    config.write_text(moved.replace(f"Port {node.port}", f"Port {victim.port}"))
    log = len(attacker.log.read_bytes())
    try:
        lab.backend.sshd("trtr", "restart")
        lab.backend.wait(["drtr"])
        refused(stentor, fleet, "drtr", "host-key-changed")
        tally(1, 1, 0, 1)
        verdict = shown(stentor("trust", "--json", "drtr", fleet=fleet))["drtr"]
        assert verdict["state"] == "changed"
        assert verdict["keys"][0]["fingerprint"] == fingerprint(key_of(lab, "trtr"))
        assert verdict["known"][0]["fingerprint"] == fingerprint(key_of(lab, "drtr"))
        in_a_pane(fleet, environ, "drtr")
        heard = attacker.log.read_bytes()[log:].decode()
        assert "preauth" in heard or "Connection" in heard  # it was spoken to, and got nobody's login
        assert "Accepted" not in heard
    finally:
        config.write_text(honest)
        lab.backend.sshd("trtr", "restart")
        lab.backend.sshd("drtr", "start")
        lab.backend.wait(["trtr", "drtr"])


def test_a_certified_host_needs_no_pin(lab: Lab, fleet: Path, stentor: Stentor, tmp_path: Path) -> None:
    (fleet / "known_hosts").write_text("")
    authority, key = tmp_path / "authority", key_of(lab, "drtr")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(authority)], check=True)
    public = key.with_name(key.name + ".pub")
    words = ["ssh-keygen", "-q", "-s", str(authority), "-h", "-I", "drtr", "-n", lab.node("drtr").address]
    subprocess.run([*words, str(public)], check=True)
    config = lab.paths("drtr").ssh / "sshd_config"
    plain = config.read_text()
    line = next(line for line in plain.splitlines() if line.startswith("HostKey "))
    config.write_text(plain + line.replace("HostKey", "HostCertificate").rstrip('"') + '-cert.pub"\n')
    pins = fleet / "ssot" / "known_hosts"
    pins.write_text(f"@cert-authority * {authority.with_suffix('.pub').read_text()}")
    try:
        lab.backend.sshd("drtr", "restart")
        lab.backend.wait(["drtr"])
        verdict = shown(stentor("trust", "--json", "drtr", fleet=fleet))["drtr"]
        assert (verdict["state"], verdict["kind"]) == ("certified", "ok")
        ran = stentor("run", "drtr", "true", fleet=fleet)
        assert ran.code == 0, ran.stderr
    finally:
        config.write_text(plain)
        public.with_name("ssh_host_ed25519_key-cert.pub").unlink(missing_ok=True)
        lab.backend.sshd("drtr", "restart")
        lab.backend.wait(["drtr"])


def test_through_a_gate_whose_key_only_the_fleet_has_pinned(lab: Lab, fleet: Path, stentor: Stentor) -> None:
    assert stentor("trust", "--yes", "crtr", fleet=fleet).code == 0
    (fleet / "known_hosts").write_text("")
    assert stentor("node", "edit", "drtr", "jump=crtr", fleet=fleet).code == 0
    verdict = shown(stentor("trust", "--json", "drtr", fleet=fleet))["drtr"]
    assert (verdict["state"], verdict["keys"][0]["fingerprint"]) == (
        "unknown",
        fingerprint(key_of(lab, "drtr")),
    )
    right = stentor("trust", "drtr", "--fingerprint", fingerprint(key_of(lab, "drtr")), fleet=fleet)
    assert right.code == 0, right.stderr
    ran = stentor("run", "drtr", "hostname", fleet=fleet)
    assert ran.code == 0, ran.stderr


class Dns:
    """A name server on loopback which knows one name: its address, and the SSHFP records it is given."""

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address = name, address
        self.records: list[bytes] = []
        self.validated = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.place = f"127.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250 + 1}.53"
        self.socket.bind((self.place, 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                asked, where = self.socket.recvfrom(4096)
            except OSError:
                return
            end = asked.index(b"\0", 12)
            labels, at = [], 12
            while asked[at]:
                labels.append(asked[at + 1 : at + 1 + asked[at]].decode().lower())
                at += 1 + asked[at]
            (kind,) = struct.unpack(">H", asked[end + 1 : end + 3])
            ours = ".".join(labels) == self.name
            found = {1: [socket.inet_aton(self.address)], 44: self.records}.get(kind, []) if ours else []
            flags = 0x8180 | (0x20 if self.validated else 0) | (0 if ours else 3)
            answer = asked[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0) + asked[12 : end + 5]
            for data in found:
                answer += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
            self.socket.sendto(answer, where)


def records(key: Path) -> list[bytes]:
    """The SSHFP records of a key, as ssh-keygen makes them."""
    said = subprocess.check_output(["ssh-keygen", "-r", "x", "-f", f"{key}.pub"], text=True)
    words = [line.split()[3:] for line in said.splitlines()]
    return [bytes([int(kind), int(digest)]) + bytes.fromhex(text) for kind, digest, text in words]


def test_what_dns_says_of_a_key(lab: Lab, fleet: Path, environ: dict[str, str], stentor: Stentor) -> None:
    """Real look-ups, by the user's own ssh and a resolv.conf that points to a server of this test."""
    need_root()
    need("unshare")
    name = "drtr.fleet.test"
    assert stentor("node", "edit", "drtr", f"address={name}", fleet=fleet).code == 0
    dns = Dns(name, lab.node("drtr").address)
    resolver = fleet / "resolv.conf"
    words = f"mount --bind {resolver} /etc/resolv.conf && exec {sys.executable} -m stentor trust --json drtr"

    def trust(given: list[bytes], *, validated: bool) -> dict[str, Any]:
        dns.records, dns.validated = given, validated
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", words],
            env={**environ, "STENTOR_FLEET": str(fleet / "ssot")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        (said,) = [line for line in lines if line["type"] == "trust"]
        return dict(said)

    right, wrong = records(key_of(lab, "drtr")), records(key_of(lab, "crtr"))
    other_kind = [bytes([1]) + record[1:] for record in right]
    try:
        resolver.write_text(f"nameserver {dns.place}\noptions trust-ad timeout:2\n")
        for given, validated, verdict, words_of_it in (
            (right, True, "agrees", "validated the answer by DNSSEC"),
            (right, False, "agrees", "without DNSSEC, so the answer may be forged"),
            (wrong, True, "differs", "names another key"),
            (other_kind, False, "none", "has no record of it"),
            ([], False, "none", "has no record of it"),
        ):
            said = trust(given, validated=validated)
            assert (said["dns"], said["dnssec"]) == (verdict, validated), (verdict, said)
            assert words_of_it in " ".join(said["notes"])
            assert said["state"] == "unknown", "DNS alone pins nothing"
        # A resolver that is not trusted may say what it likes of DNSSEC: glibc takes the word out.
        resolver.write_text(f"nameserver {dns.place}\noptions timeout:2\n")
        assert trust(right, validated=True)["dnssec"] is False
    finally:
        dns.socket.close()
