"""A compose project, its web name and its DNS record, changed together: whatever fails, all are as before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from stentor.lab.backends.full import PROGRAMS
from tests.integration.full.conftest import power_cut, until
from tests.integration.full.node_programs import Machine
from tests.integration.full.test_as_before import NODE, Household
from tests.support import need, need_root

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

FOLDER = "/opt/web"
SHOWN = f"cd {FOLDER}; cat * /etc/caddy/* /etc/dnsmasq.d/*; ls . /etc/caddy /etc/dnsmasq.d"
RUNNING = "docker ps -a --format '{{.Names}} {{.Image}} {{.State}}' | sort"
STATES = "systemctl show -p Id,ActiveState,UnitFileState caddy dnsmasq"
INSIDE = "docker exec web-a-1 /bin/cat /tmp/index.html"


class Contained(Household):
    """The same node, whose service is a compose project with an env_file and a config."""

    def write(self, page: str = "one", *, names: str = "a", **keys: Any) -> None:
        """The project, whose page has the env_file's word and the config's."""
        told = "echo $$WORD >/tmp/index.html; cat /conf >>/tmp/index.html; "
        serve = keys.pop("serve", "exec httpd -f -p 127.0.0.1:8082 -h /tmp")
        part = {
            "image": keys.pop("image", "web:1"), "network_mode": "host", "env_file": "web.env",
            "restart": "always", "stop_grace_period": "1s", "command": ["sh", "-c", told + serve],
            "configs": [{"source": "conf", "target": "/conf"}],
        }  # fmt: skip
        compose = {"services": {"a": part}, "configs": {"conf": {"file": "./conf"}}}
        (self.folder / "compose.yaml").write_text(json.dumps(compose))
        (self.folder / "web.env").write_text(f"WORD={keys.pop('word', page)}\n")
        (self.folder / "conf").write_text(f"{keys.pop('conf', page)}\n")
        web = {
            "node": NODE, "type": "docker-compose", "compose_file": "compose.yaml", "env_file": "web.env",
            "folder": FOLDER, "files": {f"{FOLDER}/conf": "conf"}, "port": 8082, "bind": "127.0.0.1",
            "settle": "1s", **keys,
        }  # fmt: skip
        domains = [{"fqdn": f"{letter}.test", "service": "web"} for letter in names]
        services = {"services": {"web": web}, "gateway": {"node": NODE, "dns": "dnsmasq"}, "domains": domains}
        (self.folder / "services.yaml").write_text(json.dumps(services))

    def seen(self) -> str:
        """Files, states, what runs, and the page as it is within the container."""
        return self.machine.root_says(f"{SHOWN}; {STATES}; {RUNNING}; {INSIDE}")


@pytest.fixture(scope="module")
def lab(playground: Path) -> Iterator[labs.Lab]:
    need_root()
    need(*PROGRAMS, "sshd")
    made = labs.up(playground / "contained", backend="full", nodes=1, all_up=True)
    machine = Machine(made, NODE)
    try:
        machine.gateway()
        machine.root_says("systemctl enable --now caddy dnsmasq")
        yield made
    finally:
        made.down()


@pytest.fixture
def household(lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> Iterator[Contained]:
    made = Contained(lab, stentor, environ)
    made.write()
    with made.machine.engine():
        made.machine.image("web:1", "sleep 100000")
        made.machine.image("dies:1", "sleep 5; exit 3")
        done = made.deploy()
        assert done.code == 0, done
        assert made.machine.root_says(INSIDE) == "one\none\n"
        yield made


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"image": "127.0.0.1:9/no-such-image:1"}, "127.0.0.1:9"),
        ({"serve": "sleep 5; echo 'out of luck'; exit 3", "settle": "7s"}, "out of luck"),
        ({"serve": "exec httpd -f -p 127.0.0.1:53 -h /tmp"}, "Address already in use"),
        ({"word": "two", "check": "false"}, "exit code 1"),
        ({"conf": "two", "check": "false"}, "exit code 1"),
    ],
    ids=["bad-image", "dies-after-five-seconds", "port-taken", "env-file", "configs"],
)
def test_a_project_that_fails(household: Contained, keys: dict[str, Any], reason: str) -> None:
    before = household.seen()
    household.write(names="ab", **keys)
    done = household.deploy()
    assert done.code == 1, done
    assert f"{NODE}: failed: reverted: " in done.stdout
    assert reason in done.stdout, done
    assert household.seen() == before
    household.holds()


def test_a_changed_env_file_and_config_are_in_the_running_container(household: Contained) -> None:
    household.write(word="two", conf="three", names="ab")
    done = household.deploy()
    assert done.code == 0, done
    assert household.machine.root_says(INSIDE) == "two\nthree\n"
    household.write()
    assert household.deploy().code == 0
    household.holds()


def test_a_node_that_goes_down_in_the_middle(household: Contained) -> None:
    """It is gateway, DNS and service: after its boot nothing of the change is left, nor of docker's."""
    files = household.machine.root_says(SHOWN)
    household.write("two", names="ab", settle="15s")
    with household.start() as process:
        until(lambda: household.pending.exists(), 90, "it has begun")
        power_cut(household.lab, NODE)
        process.communicate(timeout=180)
    assert process.returncode
    until(lambda: not household.pending.exists(), 90, "it is undone")
    assert household.machine.root_says(SHOWN) == files
    assert household.machine.root_says("systemctl is-active caddy dnsmasq") == "active\nactive\n"
