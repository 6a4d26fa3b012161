"""Waking, rebooting and shutting down practice nodes."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from typing import Any

import pytest

from stentor.errors import UsageError
from stentor.lab import Lab
from stentor.power import reboot, wake

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
        (fleet / "policy.yaml").write_text(json.dumps({"rollout": {"last": "crtr"}}))
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
        assert "no mac is known of drtr" in stentor("wake", "drtr", fleet=fleet).stderr
    finally:
        shutil.rmtree(fleet)


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
    assert "not begun: drtr" in done.stderr
    assert "prtr did not come back" in stentor("show").stdout


def test_a_shutdown_asks_and_acts(lab: Lab, stentor: Any) -> None:
    assert stentor("shutdown", "@gpu").code == 6
    done = stentor("shutdown", "@gpu", "--command", "touch ~/off", "--yes-really", "2")
    assert (done.code, sorted(done.stdout.splitlines())) == (0, ["drtr: going down", "prtr: going down"])
    assert (lab.home("prtr") / "off").exists()


def test_what_is_sent_asks_sudo_first() -> None:
    assert "sudo -n true || exit 77" in reboot.reboot("sudo -n ").replace("'\\''", "'")
    assert "sudo" not in reboot.shutdown("")
    assert not reboot.is_back("a", None)
    assert not reboot.is_back("a", "a")
    assert reboot.is_back("a", "b")
