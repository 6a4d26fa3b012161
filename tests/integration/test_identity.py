"""A master is one endpoint's: machines with one address and different ways never share one."""

from __future__ import annotations

import getpass
import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from stentor.tmux.opening import PROGRAM
from tests.sites import Sites

pytestmark = pytest.mark.integration

BY_JUMP = """
Host gatea
    HostName 172.31.1.2
Host gateb
    HostName 172.31.2.2
Host nasa nasb
    HostName 10.9.0.5
Host nasa
    ProxyJump gatea
Host nasb
    ProxyJump gateb
"""
BY_COMMAND = """
Host gatea
    HostName 172.31.1.2
Host gateb
    HostName 172.31.2.2
Host nas?
    HostName 10.9.0.5
    ProxyCommand ssh -F {config} -W %h:%p gate$(echo %n | cut -c4)
"""
OWN_MASTERS = """
Host *
    ControlMaster auto
    ControlPath {folder}/%r@%h:%p
    ControlPersist 60
"""
NAMES_ONLY = "ssh: {config: ../ssh_config, local: false}\nnodes: {gatea: , gateb: , nasa: , nasb: }\n"


def where(stentor: Callable[..., Any], sites: Sites, *words: str) -> dict[str, str]:
    """What each node says of where it is."""
    done = stentor("run", "--json", *words, "echo $WHERE", fleet=sites)
    assert done.code == 0, done.stdout + done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["node"]: record["text"].strip() for record in records if record["type"] == "output"}


def files_and_reboots_reach_the_right_machine(stentor: Callable[..., Any], sites: Sites) -> None:
    """``copy``, ``fetch``, ``reboot`` and ``ssh``, over what is warm; each machine has a home of its own."""
    home = sites.directory / "home"
    for alias in ("nasa", "nasb"):
        (home / "note").write_text(f"for {alias}\n")
        assert stentor("copy", alias, home / "note", "~/note", fleet=sites).code == 0
        command = ("--command", "echo $WHERE >~/rebooted", "--patience", "1s", "--yes-really", alias)
        said = stentor("reboot", alias, *command, fleet=sites)
        assert "not back within 1 s" in said.stdout + said.stderr, said  # nothing went down
        assert stentor("ssh", alias, "echo $WHERE", fleet=sites).stdout == f"{alias}\n"
    for alias in ("nasa", "nasb"):
        assert (home / alias / "note").read_text() == f"for {alias}\n"
        assert (home / alias / "rebooted").read_text() == f"{alias}\n"
    assert stentor("fetch", "nasa,nasb", "~/note", home / "fetched", fleet=sites).code == 0
    for alias in ("nasa", "nasb"):
        assert (home / "fetched" / alias / "note").read_text() == f"for {alias}\n"


@pytest.mark.parametrize("one_host_key", [False, True], ids=["two host keys", "one host key"])
def test_two_machines_with_one_address(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any], one_host_key: bool
) -> None:
    sites = make_sites(one_host_key=one_host_key)
    everybody = {"gatea": "gatea", "gateb": "gateb", "nasa": "nasa", "nasb": "nasb"}
    # As the fleet file has it, one after the other, then both at once over what is warm now.
    assert where(stentor, sites, "nasa") == {"nasa": "nasa"}
    assert where(stentor, sites, "nasb") == {"nasb": "nasb"}
    assert where(stentor, sites, "@all") == everybody
    masters = [json.loads(line) for line in stentor("masters", "--json", fleet=sites).stdout.splitlines()]
    assert sorted(one["node"] for one in masters if one["type"] == "master") == sorted(everybody)
    files_and_reboots_reach_the_right_machine(stentor, sites)
    # The gateways change places: nothing warm leads to the old one.
    fleet = (sites.fleet_dir / "nodes.yaml").read_text()
    sites.fleet(fleet.replace(".1.2", ".9.9").replace(".2.2", ".1.2").replace(".9.9", ".2.2"))
    assert where(stentor, sites, "nasa,nasb") == {"nasa": "nasb", "nasb": "nasa"}
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0


@pytest.mark.parametrize(
    "config", [BY_JUMP, BY_COMMAND, BY_JUMP + OWN_MASTERS], ids=["jump", "command", "own"]
)
def test_nodes_that_only_ssh_config_knows(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any], config: str
) -> None:
    sites = make_sites()
    sites.fleet(NAMES_ONLY)
    text = config.format(config=sites.directory / "ssh_config", folder=sites.directory)
    sites.config(text)
    assert where(stentor, sites, "nasa,nasb") == {"nasa": "nasa", "nasb": "nasb"}
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0
    for alias in ("nasa", "nasb", "nasa"):
        assert stentor("ssh", alias, "echo $WHERE", fleet=sites).stdout == f"{alias}\n"
    assert where(stentor, sites, "nasb") == {"nasb": "nasb"}
    # ssh_config leads elsewhere now.
    sites.config(text.replace(".1.2", ".9.9").replace(".2.2", ".1.2").replace(".9.9", ".2.2"))
    assert where(stentor, sites, "nasa,nasb") == {"nasa": "nasb", "nasb": "nasa"}
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0


def test_a_master_of_the_users_own_is_not_taken_for_another_machines(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any], environ: dict[str, str]
) -> None:
    """By the user's own ControlPath plain ssh itself would land on the wrong machine."""
    sites = make_sites()
    sites.fleet(NAMES_ONLY)
    sites.config((BY_JUMP + OWN_MASTERS).format(folder=sites.directory))
    config = ["-F", f"{sites.directory}/ssh_config"]

    def run(*words: str) -> str:
        # A master that stays keeps an inherited stderr open.
        done = subprocess.run(
            sites.inside(list(words)),
            env={**environ, "TMUX_PANE": "%0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=60,
        )
        return done.stdout

    assert (
        run("ssh", *config, "nasa", "echo $WHERE") == run("ssh", *config, "nasb", "echo $WHERE") == "nasa\n"
    )
    assert where(stentor, sites, "nasb") == {"nasb": "nasb"}
    assert stentor("ssh", "nasb", "echo $WHERE", fleet=sites).stdout == "nasb\n"
    pane = run("sh", PROGRAM, "nasb", "ssh", *config, "--", "nasb", "echo $WHERE; sleep 2.5")
    assert "nasb\n" in pane
    for alias in ("nasa", "gatea", "gateb"):
        run("ssh", *config, "-O", "exit", alias)
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0


JUMPS = """
ssh: {config: ../ssh_config, local: false}
nodes:
  gatea: {address: 172.31.1.2, user: nobody}
  gateb: {address: 172.31.2.2, port: 1}
  nasa: {address: 10.9.0.5, jump: "%s@gatea"}
  nasb: {address: 10.9.0.5, jump: "ssh://gateb:2244"}
  nasc: {address: 10.9.0.5, jump: "ssh://172.31.2.2:2244"}
"""


def test_a_jump_host_by_another_login_or_port(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any]
) -> None:
    sites = make_sites()
    sites.fleet(JUMPS % getpass.getuser())
    assert where(stentor, sites, "nasa,nasb,nasc") == {"nasa": "nasa", "nasb": "nasb", "nasc": "nasb"}
    pinged = map(json.loads, stentor("ping", "--json", "nasa,nasb,nasc", fleet=sites).stdout.splitlines())
    found = {one["node"]: one["behind"] for one in pinged if one["type"] == "ping"}
    assert found == {
        "nasa": {"host": "gatea", "level": "up"},
        "nasb": {"host": "gateb", "level": "up"},
        "nasc": {"host": "172.31.2.2", "level": "up"},
    }
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0


def test_two_keys_under_one_name_are_both_pinned(
    make_sites: Callable[..., Sites], stentor: Callable[..., Any]
) -> None:
    """Known hosts know an address, so each node's pin says whose it is; neither puts the other's out."""
    sites = make_sites()
    known = sites.directory / "known_hosts"
    known.write_text("".join(line for line in known.read_text().splitlines(True) if "10.9.0.5" not in line))

    def trust(*words: str) -> dict[str, tuple[str, str]]:
        said = map(json.loads, stentor("trust", "--json", *words, fleet=sites).stdout.splitlines())
        return {
            one["node"]: (one["state"], one["keys"][0]["fingerprint"])
            for one in said
            if one["type"] == "trust"
        }

    shown = trust("nasa,nasb")
    assert {node: state for node, (state, _) in shown.items()} == {"nasa": "unknown", "nasb": "unknown"}
    assert stentor("run", "nasa", "true", fleet=sites).code == 4
    for node in ("nasa", "nasb"):
        assert trust(node)[node][0] == "unknown", "the other's pin is not about this one"
        assert stentor("trust", node, "--fingerprint", shown[node][1], fleet=sites).code == 0
    assert {state for state, _ in trust("nasa,nasb").values()} == {"pinned"}
    assert where(stentor, sites, "nasa,nasb") == {"nasa": "nasa", "nasb": "nasb"}
    assert stentor("masters", "stop", "@all", fleet=sites).code == 0
