"""The texts of a lab's files."""

from __future__ import annotations

import yaml

from stentor.lab.plan import files
from stentor.lab.plan.files import ServerOptions
from stentor.lab.plan.nodes import SEED_GROUPS, NodePlan

NODE = NodePlan(
    "crtr", "cooperator", "127.20.0.10", 2222, "crtr", "gateway", "arm64", 1, "migrating", "/bin/bash"
)


def test_the_fleet_file_is_yaml_with_every_field() -> None:
    data = yaml.safe_load(files.nodes_yaml([NODE], SEED_GROUPS))
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


def test_ssh_config_trusts_only_pinned_host_keys() -> None:
    text = files.ssh_config([NODE], "/labs/100% mine")
    assert text.startswith("# For ssh -F")
    assert (
        "Host crtr cooperator 127.20.0.10\n    HostName 127.20.0.10\n    Port 2222\n    User crtr\n" in text
    )
    assert "    StrictHostKeyChecking yes\n" in text
    assert '    IdentityFile "/labs/100%% mine/client_key"\n' in text
    assert "~" not in text


def test_known_hosts_has_every_name_of_a_node() -> None:
    assert files.known_hosts([NODE], {"crtr": "ssh-ed25519 AAAA"}) == (
        "[127.20.0.10]:2222,[crtr]:2222,[cooperator]:2222 ssh-ed25519 AAAA\n"
    )


def test_known_hosts_leaves_the_default_port_out() -> None:
    node = NODE._replace(port=22)
    assert files.known_hosts([node], {"crtr": "key"}) == "127.20.0.10,crtr,cooperator key\n"


def test_sshd_config_without_options_is_a_usual_servers() -> None:
    options = ServerOptions("/etc/ssh", "/home/crtr/.ssh/authorized_keys")
    text = files.sshd_config("127.20.0.10", 2222, options)
    assert "AcceptEnv" not in text
    assert "SetEnv" not in text
    assert "ListenAddress 127.20.0.10\nPort 2222\n" in text
    assert "MaxSessions 100\nMaxStartups 200\n" in text
    assert "PerSourcePenalties" not in text


def test_sshd_config_has_what_the_options_say() -> None:
    options = ServerOptions(
        "/l",
        "/k",
        max_sessions=3,
        penalties=True,
        environment={"A": "1 2", "B": "3"},
        force_command="/l/session",
    )
    text = files.sshd_config("127.20.0.10", 2222, options)
    assert 'SetEnv "A=1 2" "B=3"\n' in text
    assert "MaxSessions 3\n" in text
    assert "PerSourcePenalties no\n" in text
    assert text.endswith("ForceCommand /l/session\n")


def test_the_account_is_in_passwd_group_and_hosts() -> None:
    assert "crtr:x:1000:1000:cooperator:/home/crtr:/bin/bash\n" in files.passwd(NODE)
    assert "tty:x:1000:\n" in files.group(NODE)
    assert "127.0.1.1 cooperator crtr\n" in files.hosts(NODE)
