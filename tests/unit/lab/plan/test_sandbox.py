"""The command lines of nodes."""

from __future__ import annotations

from pathlib import Path

from stentor.lab.plan import sandbox
from stentor.lab.plan.nodes import NodePlan, node_paths
from stentor.lab.plan.sandbox import Machine

NODE = NodePlan("crtr", "cooperator", "127.20.0.10", 2222, "crtr", "gateway", None, 1, "up", "/bin/bash")
PATHS = node_paths(Path("/lab/nodes/crtr"))
EXISTING = frozenset({"/tmp", "/run", "/home", "/root", "/etc/passwd", "/etc/ssh", "/usr/local/bin"})
MACHINE = Machine("/usr/sbin/sshd", "/usr/bin/python3", "/code", EXISTING)


def triples(words: list[str], option: str) -> list[tuple[str, str]]:
    return [(words[at + 1], words[at + 2]) for at, word in enumerate(words) if word == option]


def test_bwrap_hides_the_users_files() -> None:
    words = sandbox.bwrap(NODE, PATHS, MACHINE)
    hidden = [words[at + 1] for at, word in enumerate(words) if word == "--tmpfs"]
    assert set(hidden) == {"/tmp", "/run", "/home", "/root"}
    assert triples(words, "--bind") == [
        ("/lab/nodes/crtr/home", "/home/crtr"),
        ("/lab/nodes/crtr/run", "/run/lab"),
    ]
    assert triples(words, "--ro-bind") == [
        ("/", "/"),
        ("/lab/nodes/crtr/etc/passwd", "/etc/passwd"),
        ("/lab/nodes/crtr/etc/ssh", "/etc/ssh"),
    ]


def test_bwrap_does_not_end_with_the_command_that_started_it() -> None:
    words = sandbox.bwrap(NODE, PATHS, MACHINE)
    assert "--die-with-parent" not in words
    assert "--unshare-pid" in words


def test_tools_from_other_directories_are_linked_in_usr_local_bin() -> None:
    machine = MACHINE._replace(tools={"chezmoi": "/root/go/bin/chezmoi"})
    binds = sandbox.covered(PATHS, machine)
    assert binds["/run/tools/chezmoi"] == "/root/go/bin/chezmoi"
    assert binds["/usr/local/bin"] == "/lab/nodes/crtr/local-bin"
    # What was there is bound before it is covered.
    assert list(binds).index("/run/usr-local-bin") < list(binds).index("/usr/local/bin")
    links = sandbox.local_bin_links(["convert"], machine.tools)
    assert links == {"convert": "/run/usr-local-bin/convert", "chezmoi": "/run/tools/chezmoi"}


def test_etc_is_a_directory_of_the_nodes_own() -> None:
    machine = MACHINE._replace(
        etc={"profile": "/run/machine-etc/profile", "os-release": "../usr/lib/os-release"}
    )
    words = sandbox.bwrap(NODE, PATHS, machine)
    assert triples(words, "--symlink") == [
        ("/run/machine-etc/profile", "/etc/profile"),
        ("../usr/lib/os-release", "/etc/os-release"),
    ]
    made = words.index("/etc", words.index("/run/machine-etc"))
    assert words[made - 1] == "--tmpfs"
    assert made < words.index("/etc/passwd")
    assert words[words.index("--remount-ro") + 1] == "/etc"
    spec = sandbox.unshare_spec(NODE, PATHS, machine, "")
    assert (spec["etc"], spec["machine_etc"]) == (machine.etc, "/run/machine-etc")
