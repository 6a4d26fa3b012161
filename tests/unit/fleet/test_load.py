"""Finding and reading the fleet, and the compiled copy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stentor.errors import FleetError
from stentor.fleet import compiled
from stentor.fleet.load import find_and_check, load
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Rollout

EXAMPLE = Path(__file__).parents[2] / "fixtures" / "ssot"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home")}


def write(folder: Path, text: str, name: str = "nodes.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


def opened(path: Path | None, home: Mapping[str, str], cwd: Path | None = None) -> Fleet:
    return load(None if path is None else str(path), environ=home, cwd=str(cwd or "/"))


def test_the_example_cluster(home: dict[str, str]) -> None:
    fleet = opened(EXAMPLE, home)
    assert list(fleet.nodes) == ["crtr", "prtr", "drtr", "trtr", "zrtr"]
    assert fleet.nodes["crtr"].name == "cooperator"
    assert fleet.nodes["prtr"].expected_down
    assert fleet.groups["core"] == ("crtr", "prtr", "drtr")
    assert fleet.groups["all"] == tuple(fleet.nodes)
    assert fleet.policy.rollout == Rollout(canary=("drtr",), last=("crtr",))


def test_a_path_may_be_the_directory_its_parent_or_the_file(tmp_path: Path, home: dict[str, str]) -> None:
    root = write(tmp_path / "ssot", "nodes: {a: }\n")
    for path in (tmp_path, root, root / "nodes.yaml"):
        assert opened(path, home).root == str(root)
    assert opened(Path("ssot"), home, tmp_path).root == str(root)


def test_it_is_looked_for_upward_then_in_the_configuration(tmp_path: Path, home: dict[str, str]) -> None:
    below = tmp_path / "work" / "a" / "b"
    below.mkdir(parents=True)
    write(Path(home["HOME"]) / ".config" / "stentor", "nodes: {configured: }\n")
    assert list(opened(None, home, below).nodes) == ["configured"]
    write(tmp_path / "work" / "ssot", "nodes: {above: }\n")
    assert list(opened(None, home, below).nodes) == ["above"]
    write(tmp_path / "work" / "a", "nodes: {nearer: }\n")
    assert list(opened(None, home, below).nodes) == ["nearer"]
    named = write(tmp_path / "named", "nodes: {named: }\n")
    assert list(opened(None, home | {"STENTOR_FLEET": str(named)}, below).nodes) == ["named"]


@pytest.mark.parametrize("given", ["nowhere", "empty"])
def test_no_fleet_is_a_clear_error(tmp_path: Path, home: dict[str, str], given: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FleetError, match=given) as caught:
        opened(Path(given), home, tmp_path)
    assert "stentor init" in caught.value.hint


def test_a_variable_that_is_not_set_is_no_fleet(tmp_path: Path, home: dict[str, str]) -> None:
    write(tmp_path, "nodes: {here: }\n")
    with pytest.raises(FleetError, match="--fleet is empty"):
        load("", environ=home, cwd=str(tmp_path))


def test_nowhere_at_all(tmp_path: Path, home: dict[str, str]) -> None:
    with pytest.raises(FleetError, match="there is no fleet"):
        opened(None, home, tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_strangers_file_above_is_not_used_unasked(tmp_path: Path, home: dict[str, str]) -> None:
    root = write(tmp_path, "nodes: {a: }\n")
    write(root, "journal: {}", "policy.yaml")
    for name in ("nodes.yaml", "policy.yaml"):
        os.chown(root / name, 12345, -1)
        with pytest.raises(FleetError, match=f"{name} belongs to another user"):
            opened(None, home, tmp_path)
        assert opened(None, home | {"SUDO_UID": "12345"}, tmp_path).nodes
        assert opened(root, home).nodes
        os.chown(root / name, 0, -1)


def test_ssh_config_is_relative_to_the_fleet(tmp_path: Path, home: dict[str, str]) -> None:
    root = write(tmp_path / "fleet", "nodes: {a: }\nssh: {config: ssh/config}\n")
    with pytest.raises(FleetError, match="there is no ssh_config") as caught:
        opened(root, home)
    assert caught.value.where.endswith("nodes.yaml:2:15")
    write(root / "ssh", "", "config")
    for _ in range(2):  # from YAML, then from the copy
        assert opened(root, home).ssh_config == str(root / "ssh" / "config")


def test_policy_may_live_beside(tmp_path: Path, home: dict[str, str]) -> None:
    root = write(tmp_path, "nodes: {a: , b: }\n")
    write(root, "rollout: {canary: a}\n", "policy.yaml")
    assert opened(root, home).policy == Policy(rollout=Rollout(canary=("a",)))
    write(root, "rollout: {canary: b}\n", "policy.yaml")
    assert opened(root, home).policy == Policy(rollout=Rollout(canary=("b",)))
    (root / "policy.yaml").unlink()
    assert opened(root, home).policy == Policy()


# ---- the compiled copy ----


def copy_of(root: Path, home: Mapping[str, str]) -> Path:
    path = compiled.path_for(str(root / "nodes.yaml"), home)
    assert path is not None
    return Path(path)


def test_the_copy_equals_the_source(home: dict[str, str]) -> None:
    first = opened(EXAMPLE, home)
    copy = copy_of(EXAMPLE, home)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert opened(EXAMPLE, home) == first


def plant(copy: Path) -> None:
    """Write a group into a copy that is otherwise valid."""
    texts = {kind: (EXAMPLE / f"{kind}.yaml").read_bytes() for kind in ("nodes",)}
    fleet = compiled.read(str(copy), str(EXAMPLE), texts)
    assert fleet is not None
    copy.write_bytes(compiled.encode(fleet._replace(groups={**fleet.groups, "planted": ("crtr",)}), texts))


def test_the_copy_is_really_used(home: dict[str, str]) -> None:
    opened(EXAMPLE, home)
    plant(copy_of(EXAMPLE, home))
    assert opened(EXAMPLE, home).groups["planted"] == ("crtr",)


def test_a_changed_file_is_read_anew_whatever_its_time(tmp_path: Path, home: dict[str, str]) -> None:
    root = write(tmp_path, "nodes: {a: }\n")
    opened(root, home)
    before = (root / "nodes.yaml").stat()
    write(root, "nodes: {b: }\n")
    os.utime(root / "nodes.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert list(opened(root, home).nodes) == ["b"]


@pytest.mark.parametrize(
    "damage", [b"", b"\0", b"{}", b"stentor fleet 3\n", b"stentor fleet 3\n" + bytes(40)]
)
def test_a_copy_of_another_form_is_ignored_and_replaced(home: dict[str, str], damage: bytes) -> None:
    first = opened(EXAMPLE, home)
    copy = copy_of(EXAMPLE, home)
    whole = copy.read_bytes()
    copy.write_bytes(damage)
    assert opened(EXAMPLE, home) == first
    assert copy.read_bytes() == whole


def test_a_copy_with_a_changed_byte_is_ignored(home: dict[str, str]) -> None:
    opened(EXAMPLE, home)
    copy = copy_of(EXAMPLE, home)
    texts = {"nodes": (EXAMPLE / "nodes.yaml").read_bytes()}
    whole = copy.read_bytes()
    for place in range(len(whole)):
        copy.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert compiled.read(str(copy), str(EXAMPLE), texts) is None


@pytest.mark.parametrize("texts", [{}, {"policy": b""}, {"nodes": b"nodes: {a: }\n", "policy": b""}])
def test_a_copy_of_other_files_is_not_used(tmp_path: Path, texts: dict[str, bytes]) -> None:
    path = str(tmp_path / "copy")
    fleet = Fleet("/fleet", {"a": Node("a", "a")}, {"all": ("a",)})
    compiled.write(path, fleet, {"nodes": b"nodes: {a: }\n"})
    assert compiled.read(path, "/fleet", {"nodes": b"nodes: {a: }\n"}) == fleet
    assert compiled.read(path, "/fleet", texts) is None
    assert compiled.read(path, "/elsewhere", {"nodes": b"nodes: {a: }\n"}) is None


def test_a_truncated_copy_is_ignored(home: dict[str, str]) -> None:
    first = opened(EXAMPLE, home)
    copy = copy_of(EXAMPLE, home)
    whole = copy.read_bytes()
    for length in range(0, len(whole), 97):
        copy.write_bytes(whole[:length])
        assert opened(EXAMPLE, home) == first


def test_a_copy_which_others_can_write_is_ignored(home: dict[str, str]) -> None:
    first = opened(EXAMPLE, home)
    copy = copy_of(EXAMPLE, home)
    plant(copy)
    copy.chmod(0o666)
    assert opened(EXAMPLE, home) == first


def test_copies_do_not_pile_up(tmp_path: Path, home: dict[str, str]) -> None:
    for number in range(compiled.MOST + 5):
        opened(write(tmp_path / f"f{number}", "nodes: {a: }"), home)
    folder = copy_of(tmp_path, home).parent
    assert len(list(folder.iterdir())) == compiled.MOST
    assert copy_of(tmp_path / f"f{compiled.MOST + 4}", home).exists()
    assert not copy_of(tmp_path / "f0", home).exists()


def test_an_impossible_cache_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for environ in ({}, {"HOME": "relative"}, {"XDG_CACHE_HOME": str(tmp_path / "file")}, {"HOME": "/proc"}):
        assert opened(EXAMPLE, environ).nodes


def test_survey_reads_services_too_and_tells_origins() -> None:
    location, checked = find_and_check(str(EXAMPLE), environ={}, cwd=str(EXAMPLE.parent))
    assert checked.faults == ()
    assert location.root == str(EXAMPLE)
    assert checked.origins["crtr", "user"] == "ssot/nodes.yaml:4:60"


def test_a_warm_start_imports_nothing_heavy(home: dict[str, str]) -> None:
    opened(EXAMPLE, home)
    script = (
        "import sys; from stentor.fleet.load import load; from stentor.fleet.select import select;"
        f"fleet = load({str(EXAMPLE)!r}, environ={home!r}, cwd='/');"
        "assert len(select(fleet, '@all!@pseudo,%role=gpu^crtr')) == 2;"
        "heavy = {'yaml', 'msgspec', 'ClusterShell', 'difflib', 'ipaddress', 'hashlib', 'pathlib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    # -S: a virtual environment's .pth files import what they like.
    source = str(Path(compiled.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
