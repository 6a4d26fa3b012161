"""Waking, rebooting and shutting down practice nodes."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from stentor.errors import UsageError
from stentor.lab import Lab
from stentor.power import wake
from stentor.render import json_schema
from tests.support import need

pytestmark = pytest.mark.integration
MAC = "52:54:00:12:34:56"


@pytest.fixture
def listener() -> Any:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(10)
        yield heard


def test_the_packet() -> None:
    assert wake.packet("52-54-00-12-34-56") == b"\xff" * 6 + bytes.fromhex("525400123456") * 16
    for bad in ("", "52:54:00:12:34", "zz:54:00:12:34:56"):
        with pytest.raises(UsageError):
            wake.packet(bad)


def test_a_node_is_woken_from_here_and_through_another(
    lab: Lab, stentor: Any, listener: socket.socket
) -> None:
    port = str(listener.getsockname()[1])
    fleet = lab.fleet_dir.parent / "woken"
    shutil.copytree(lab.fleet_dir, fleet)
    try:
        (fleet / "extra").mkdir()
        power = {"reboot": "touch ~/policy", "shutdown": "test $(hostname) != prtr && touch ~/off"}
        policy = {"rollout": {"last": "crtr"}, "power": power}
        (fleet / "policy.yaml").write_text(json.dumps(policy))
        text = (fleet / "nodes.yaml").read_text()
        (fleet / "nodes.yaml").write_text(_with_mac(text))
        words = ["--broadcast", "127.0.0.1", "--port", port]
        assert (
            stentor("wake", "prtr", "--via", "here", *words, fleet=fleet).stdout == f"prtr: {MAC} from here\n"
        )
        assert listener.recv(200) == wake.packet(MAC)
        done = stentor("wake", "prtr", "--via", "crtr", *words, fleet=fleet)
        assert (done.code, done.stdout) == (0, f"prtr: {MAC} from crtr\n"), done
        assert listener.recv(200) == wake.packet(MAC)
        told = stentor("wake", "--json", "-n", "prtr", "--via", "crtr", fleet=fleet).stdout.splitlines()
        assert [type(json_schema.decode(line)).__name__ for line in told] == [
            "Operation",
            "StepLine",
            "Finished",
            "Report",
        ]
        assert "no mac is known of drtr" in stentor("wake", "drtr", fleet=fleet).stderr
        # What the policy says is what is sent; the gateway stays on while another does.
        assert stentor("reboot", "crtr", "--patience", "1s", fleet=fleet).code == 1
        assert (lab.home("crtr") / "policy").exists()
        done = stentor("shutdown", "@core", "--yes-really", "3", fleet=fleet)
        assert done.code == 1
        assert "crtr: not begun: 1 failed, limit is 0: prtr" in done.stderr
        assert (lab.home("drtr") / "off").exists()
        assert not (lab.home("crtr") / "off").exists()
    finally:
        shutil.rmtree(fleet)


def test_a_reboot_that_is_waited_for_no_more_says_where_it_stopped(
    lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    words = [sys.executable, "-m", "stentor", "reboot", "--command", "true", "--yes-really", "2", "@gpu"]
    with subprocess.Popen(
        words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stdout
        assert waiting.stderr
        assert waiting.stdout.readline() == "prtr: going down\n"
        waiting.send_signal(signal.SIGINT)
        said = waiting.stderr.read().splitlines()
    assert waiting.returncode == 130
    assert said[0] == "stentor: stopping remote processes; press Ctrl-C again to quit now"
    told = " ".join(" ".join(said).split())
    assert "prtr: Ctrl-C before it was back; it may still be rebooting" in told
    assert "drtr: not begun: Ctrl-C" in told
    rest = "stentor reboot --command true prtr,drtr"
    assert said[-1] == f"stentor: not finished: prtr,drtr; to finish these 2 nodes: {rest}"
    assert "1 cancelled" in stentor("history", "-n", "1").stdout or "2 cancelled" in stentor("history").stdout
    refused = stentor("reboot", "--command", "exit 9", "crtr")
    assert refused.code == 1
    assert "crtr (its command failed: exit code 9)" in refused.stderr


def _with_mac(text: str) -> str:
    from ruamel.yaml import YAML

    yaml = YAML()
    data = yaml.load(text)
    for name, node in data["nodes"].items():
        if name == "prtr" or node.get("alias") == "prtr":
            node["mac"] = MAC
    from io import StringIO

    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def test_a_reboot_is_proved_by_another_system(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    def when_asked() -> None:
        while not (lab.home("crtr") / "going").exists():
            time.sleep(0.05)
        lab.reboot("crtr", 1.0)

    watcher = threading.Thread(target=when_asked)
    watcher.start()
    done = stentor("reboot", "crtr", "--command", "touch ~/going", "--patience", "30s")
    watcher.join()
    assert done.code == 0, done
    assert "crtr: back after" in done.stdout
    assert "reboot" in stentor("history").stdout


def test_it_stops_at_a_node_that_is_still_the_old_system(lab: Lab, stentor: Any) -> None:
    assert stentor("reboot", "@gpu", "--command", "true").code == 6, "two nodes have to be confirmed"
    done = stentor("reboot", "@gpu", "--command", "true", "--patience", "2s", "--yes-really", "2")
    assert done.code == 1
    assert "prtr: not back within 2 s" in done.stderr
    assert "drtr: not begun: 1 failed, limit is 0: prtr" in done.stderr
    assert "not back within 2 s" in stentor("show").stdout


def test_a_shutdown_asks_and_acts(lab: Lab, stentor: Any) -> None:
    assert stentor("shutdown", "@gpu").code == 6
    done = stentor("shutdown", "@gpu", "--command", "touch ~/off", "--yes-really", "2")
    assert (done.code, sorted(done.stdout.splitlines())) == (0, ["drtr: going down", "prtr: going down"])
    assert (lab.home("prtr") / "off").exists()


@pytest.mark.parametrize("tool", ["python3", "perl", "wakeonlan", "socat"])
def test_a_node_sends_with_what_it_has(tool: str, listener: socket.socket, tmp_path: Path) -> None:
    need(tool)
    for name in ("sh", "printf", tool):
        program = sys.executable if name == "python3" else shutil.which(name)
        (tmp_path / name).write_text(f'#!/bin/sh\nexec {program} "$@"\n')
        (tmp_path / name).chmod(0o755)
    command = wake.command(MAC, "127.0.0.1", listener.getsockname()[1])
    done = subprocess.run(["/bin/sh", "-c", command], env={"PATH": str(tmp_path)}, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert listener.recv(200) == wake.packet(MAC)


def test_a_node_that_has_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run(
        ["/bin/sh", "-c", wake.command(MAC)], env={"PATH": str(tmp_path)}, capture_output=True
    )
    assert done.returncode == 69
    assert b"neither python3" in done.stderr


def test_packets_go_everywhere_and_to_the_network_of_the_node() -> None:
    assert wake.broadcasts(("192.168.254.10", "name")) == ("255.255.255.255", "192.168.254.255")
    assert wake.broadcasts(()) == ("255.255.255.255",)
