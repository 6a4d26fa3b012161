"""What a lab shall be, as text."""

from __future__ import annotations

import pytest
import yaml

from stentor.errors import UsageError
from stentor.lab import plan
from stentor.lab.plan import NodePlan, ServerOptions

NODE = NodePlan(
    "crtr", "cooperator", "127.20.0.10", 2222, "crtr", "gateway", "arm64", 1, "migrating", "/bin/bash"
)


def five(**options: object) -> list[NodePlan]:
    names = plan.aliases(None)
    shells = dict.fromkeys(names, "/bin/bash")
    given: dict[str, object] = {"network": (20, 0), "ports": [2222] * 5, "user": None, "shells": shells}
    return plan.plan_nodes(None, **(given | options))  # type: ignore[arg-type]


def test_the_five_are_those_of_the_seed() -> None:
    assert [(node.alias, node.user, node.address, node.state) for node in five()] == [
        ("crtr", "crtr", "127.20.0.10", "migrating"),
        ("prtr", "prtr", "127.20.0.20", "down"),
        ("drtr", "drtr", "127.20.0.30", "up"),
        ("trtr", "trtr", "127.20.0.40", "up"),
        ("zrtr", "zrtr", "127.20.0.11", "down"),
    ]


def test_all_up_and_one_address() -> None:
    nodes = five(all_up=True, one_address=True, ports=[1, 2, 3, 4, 5], user="me")
    assert {(node.state, node.address, node.user) for node in nodes} == {("up", "127.0.0.1", "me")}
    assert [node.port for node in nodes] == [1, 2, 3, 4, 5]


def test_a_thousand_have_a_thousand_addresses() -> None:
    names = plan.aliases(1000)
    shells = dict.fromkeys(names, "/bin/bash")
    nodes = plan.plan_nodes(1000, network=(20, 239), ports=[2222] * 1000, user=None, shells=shells)
    assert len({node.address for node in nodes}) == 1000
    assert all(0 < int(part) < 255 for node in nodes for part in node.address.split("."))
    assert (names[0], names[-1]) == ("node001", "node1000")


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_a_lab_has_a_size(count: int) -> None:
    with pytest.raises(UsageError, match="1 to 1000 nodes"):
        plan.aliases(count)


def test_shells() -> None:
    assert plan.parse_shells([], ["a", "b"]) == {"a": "bash", "b": "bash"}
    assert plan.parse_shells(["zsh", "b=fish"], ["a", "b"]) == {"a": "zsh", "b": "fish"}
    with pytest.raises(UsageError, match="no node 'c'"):
        plan.parse_shells(["c=zsh"], ["a", "b"])


def test_the_fleet_file_is_yaml() -> None:
    data = yaml.safe_load(plan.nodes_yaml(five(), plan.groups_for(None)))
    assert data["ssh"] == {"config": "../ssh_config", "local": False}
    assert data["nodes"]["cooperator"] == {
        "alias": "crtr",
        "address": "127.20.0.10",
        "port": 2222,
        "user": "crtr",
        "role": "gateway",
        "arch": "arm64",
        "phase": 1,
        "state": "migrating",
    }
    assert data["groups"] == {"core": "crtr,prtr,drtr", "gpu": "prtr,drtr", "pseudo": "trtr,zrtr"}


def test_groups_of_a_numbered_lab() -> None:
    assert plan.groups_for(1) == {}
    assert plan.groups_for(50) == {"left": "node[001-025]", "right": "node[026-050]"}


def test_ssh_config_trusts_only_what_is_pinned() -> None:
    text = plan.ssh_config([NODE], "/labs/100% mine")
    assert text.startswith("# For ssh -F")
    assert (
        "Host crtr cooperator 127.20.0.10\n    HostName 127.20.0.10\n    Port 2222\n    User crtr\n" in text
    )
    assert "    StrictHostKeyChecking yes\n" in text
    assert '    IdentityFile "/labs/100%% mine/client_key"\n' in text
    assert "~" not in text


def test_known_hosts_has_every_name() -> None:
    assert plan.known_hosts([NODE], {"crtr": "ssh-ed25519 AAAA"}) == (
        "[127.20.0.10]:2222,[crtr]:2222,[cooperator]:2222 ssh-ed25519 AAAA\n"
    )


def test_sshd_is_as_servers_are() -> None:
    text = plan.sshd_config(NODE, ServerOptions("/etc/ssh", "/home/crtr/.ssh/authorized_keys"))
    assert "AcceptEnv" not in text
    assert "SetEnv" not in text
    assert "ListenAddress 127.20.0.10\nPort 2222\n" in text
    assert "MaxSessions 100\nMaxStartups 200\n" in text
    assert "PerSourcePenalties" not in text


def test_sshd_options() -> None:
    options = ServerOptions(
        "/l",
        "/k",
        max_sessions=3,
        penalties=True,
        environment={"A": "1 2", "B": "3"},
        force_command="/l/session",
    )
    text = plan.sshd_config(NODE, options)
    assert 'SetEnv "A=1 2" "B=3"\n' in text
    assert "MaxSessions 3\n" in text
    assert "PerSourcePenalties no\n" in text
    assert text.endswith("ForceCommand /l/session\n")


def test_the_account() -> None:
    assert "crtr:x:1000:1000:cooperator:/home/crtr:/bin/bash\n" in plan.passwd(NODE)
    assert "tty:x:1000:\n" in plan.group(NODE)
    assert "127.0.1.1 cooperator crtr\n" in plan.hosts(NODE)


def test_the_usual_port_is_not_said_in_known_hosts() -> None:
    at_home = NODE._replace(port=22)
    assert plan.known_hosts([at_home], {"crtr": "key"}) == "127.20.0.10,crtr,cooperator key\n"
    assert plan.known_hosts([NODE], {"crtr": "key"}).startswith("[127.20.0.10]:2222,")
