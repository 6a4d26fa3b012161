"""The command lines of nodes."""

from __future__ import annotations

from pathlib import Path

from stentor.lab import backends
from stentor.lab.backends import Machine
from stentor.lab.places import NodePlaces
from stentor.lab.plan import NodePlan

NODE = NodePlan("crtr", "cooperator", "127.20.0.10", 2222, "crtr", "gateway", None, 1, "up", "/bin/bash")
PLACES = NodePlaces(Path("/lab/nodes/crtr"))
EXISTING = frozenset({"/tmp", "/run", "/home", "/root", "/etc/passwd", "/etc/ssh", "/usr/local/bin"})
MACHINE = Machine("/usr/sbin/sshd", "/usr/bin/python3", "/code", EXISTING)


def triples(words: list[str], option: str) -> list[tuple[str, str]]:
    return [(words[at + 1], words[at + 2]) for at, word in enumerate(words) if word == option]


def test_bwrap_hides_what_is_the_users() -> None:
    words = backends.bwrap(NODE, PLACES, MACHINE)
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


def test_bwrap_outlives_the_command_which_started_it() -> None:
    words = backends.bwrap(NODE, PLACES, MACHINE)
    assert "--die-with-parent" not in words
    assert "--unshare-pid" in words


def test_every_command_line_bears_the_mark() -> None:
    for command in (*backends.COMMANDS.values(), backends.blackhole):
        assert PLACES.marker in command(NODE, PLACES, MACHINE)


def test_tools_from_elsewhere_lie_in_usr_local_bin() -> None:
    machine = MACHINE._replace(tools={"chezmoi": "/root/go/bin/chezmoi"})
    binds = backends.covered(PLACES, machine)
    assert binds["/run/tools/chezmoi"] == "/root/go/bin/chezmoi"
    assert binds["/usr/local/bin"] == "/lab/nodes/crtr/local-bin"
    # What was there is bound before it is covered.
    assert list(binds).index("/run/usr-local-bin") < list(binds).index("/usr/local/bin")
    links = backends.local_bin_links(["convert"], machine.tools)
    assert links == {"convert": "/run/usr-local-bin/convert", "chezmoi": "/run/tools/chezmoi"}


def test_a_full_node_has_its_own_layer_address_and_account() -> None:
    node = NODE._replace(address="198.18.7.10", port=22)
    spec = backends.full_spec(node, PLACES, "/cache/trixie", 99, {"chezmoi": "/opt/chez:moi"})
    assert (spec["tree"], spec["upper"], spec["hub"]) == ("/cache/trixie", "/lab/nodes/crtr/upper", 99)
    assert spec["address"] == "198.18.7.10/24"
    assert spec["hardware"] == "02:00:c6:12:07:0a"
    assert ("/etc/passwd", "crtr:x:1000:1000:cooperator:/home/crtr:/bin/bash") in spec["lines"]
    assert not any(line.startswith("root:") for _, line in spec["lines"])
    assert "--bind=/lab/nodes/crtr/home:/home/crtr" in spec["command"]
    assert "--bind-ro=/opt/chez\\:moi:/usr/local/bin/chezmoi" in spec["command"]


def test_full_nodes_are_never_tried_unasked() -> None:
    assert set(backends.COMMANDS) - set(backends.TRIED) == {"full"}


def test_labs_and_nodes_have_cgroups_of_their_own() -> None:
    places = [NodePlaces(Path(f"/lab{lab}/nodes/{node}")) for lab in (1, 2) for node in ("crtr", "prtr")]
    assert len({backends.cgroup(place) for place in places}) == 4
    assert len({backends.cgroup(place).partition("/")[0] for place in places}) == 2


def test_etc_is_the_nodes_own_so_that_no_file_replaced_on_the_machine_uncovers_another() -> None:
    machine = MACHINE._replace(
        etc={"profile": "/run/machine-etc/profile", "os-release": "../usr/lib/os-release"}
    )
    words = backends.bwrap(NODE, PLACES, machine)
    assert triples(words, "--symlink") == [
        ("/run/machine-etc/profile", "/etc/profile"),
        ("../usr/lib/os-release", "/etc/os-release"),
    ]
    made = words.index("/etc", words.index("/run/machine-etc"))
    assert words[made - 1] == "--tmpfs"
    assert made < words.index("/etc/passwd")
    assert words[words.index("--remount-ro") + 1] == "/etc"
    spec = backends.unshare_spec(NODE, PLACES, machine, "")
    assert (spec["etc"], spec["machine_etc"]) == (machine.etc, "/run/machine-etc")
