"""The complete example files are what ``stentor check`` takes, and have every key that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stentor.fleet.load import find_and_check, load
from stentor.fleet.schema import json_schema
from tests.docs.pages import blocks
from tests.support import ROOT

# Spelled in another way by the example, or taken from files of the user's and not acted on.
OTHER_NAMES = {"kind", "file", "needs"}
NOT_ACTED_ON = {"binary", "config", "shares", "external_dns", "external_target"}


def files(*, small: bool = False) -> dict[str, str]:
    """Each example file by its name: all blocks below its heading, or one that names it."""
    found: dict[str, str] = {}
    for chapter in Path(ROOT, "docs/examples.md").read_text().split("\n## ")[1:]:
        name, _, text = chapter.partition("\n")
        for block in blocks(text):
            if block.language != "yaml" or small != block.text.startswith("# ssot/"):
                continue
            one = block.text.partition("\n")[0].removeprefix("# ssot/") if small else name
            found[one] = found.get(one, "") + block.text
    return found


def kinds(schema: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema without references: itself, or its choices."""
    if "$ref" in schema:
        return kinds(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return [kind for choice in schema["anyOf"] for kind in kinds(choice, root)]
    return [schema]


def lacking(schema: dict[str, Any], values: list[Any], place: str, root: dict[str, Any]) -> set[str]:
    """Every key that none of these values of one kind has."""
    missing: set[str] = set()
    for kind in kinds(schema, root):
        dicts = [value for value in values if isinstance(value, dict)]
        lists = [value for value in values if isinstance(value, list)]
        if kind.get("type") == "array" and lists:
            missing |= lacking(kind["items"], [one for value in lists for one in value], f"{place}[]", root)
        if kind.get("type") != "object" or not dicts:
            continue
        for name, part in kind.get("properties", {}).items():
            found = [value[name] for value in dicts if name in value]
            missing |= lacking(part, found, f"{place}.{name}", root) if found else {f"{place}.{name}"}
        if isinstance(free := kind.get("additionalProperties"), dict):
            missing |= lacking(free, [v for value in dicts for v in value.values()], f"{place}.*", root)
    return missing


def test_the_small_files_have_no_fault(tmp_path: Path) -> None:
    for name, text in files(small=True).items():
        (tmp_path / name).write_text(text)
    fleet = load(str(tmp_path), environ={}, cwd=str(tmp_path))
    assert fleet.groups["gpu"] == ("prtr", "drtr")
    assert fleet.policy.rollout.canary == ("drtr",)


def test_the_files_have_no_fault(tmp_path: Path) -> None:
    (tmp_path / "ssh_config").touch()
    for name, text in files().items():
        (tmp_path / name).write_text(text)
    fleet = load(str(tmp_path), environ={}, cwd=str(tmp_path))
    assert [*fleet.nodes][:3] == ["crtr", "drtr", "prtr"]
    assert fleet.policy.dotfiles.window == 60


@pytest.mark.parametrize("kind", ["nodes", "policy", "services"])
def test_no_key_is_missing(kind: str) -> None:
    """A new key of a section that is shown belongs into docs/examples.md."""
    schema = json_schema(kind)
    example = yaml.load(files()[f"{kind}.yaml"], yaml.BaseLoader)  # in YAML 1.1 `on` is no key
    (top,) = kinds(schema, schema)
    if kind == "policy":
        assert {*top["properties"]} == {*example}
    for name, part in example.items():
        missing = lacking(top["properties"][name], [part], name, schema)
        assert {key for key in missing if key.rpartition(".")[2] not in OTHER_NAMES | NOT_ACTED_ON} == set()


def test_the_page_of_the_fleet_file_lists_every_section() -> None:
    text = Path(ROOT, "docs/fleet-file.md").read_text().partition("\n## Policy\n")[2].partition("\n### ")[0]
    listed = {name for row in text.splitlines() if row[:3] == "| `" for name in row.split("|")[1].split(", ")}
    sections = json_schema("policy")["$defs"]["PolicyFile"]["properties"]
    assert {name.strip(" `") for name in listed} == set(sections)


# Sections that only a file of nodes or of services has; any other is one of the policy's.
OF_NODES = {"nodes", "groups", "defaults"}
OF_SERVICES = {"services", "secrets", "gateway", "domains"}
OTHERS = "nodes: {crtr: {address: 10.0.0.1}, prtr: {address: 10.0.0.2}, drtr: {address: 10.0.0.3}}\n"


def fleet_blocks() -> Iterator[tuple[str, str, set[str]]]:
    """Every block of a page that is a fleet file, or sections of one: where, the text, and the sections."""
    sections = {*json_schema("policy")["$defs"]["PolicyFile"]["properties"], *OF_NODES, *OF_SERVICES}
    for page in sorted(Path(ROOT, "docs").glob("*.md")):
        for block in blocks(page.read_text()) if page.name != "examples.md" else ():
            found = re.findall(r"^(\w+):", block.text, re.MULTILINE)
            if block.language == "yaml" and found and {*found} <= sections:
                yield f"{page.name}:{block.line}", block.text, {*found}


@pytest.mark.parametrize(("where", "text", "found"), [*fleet_blocks()])
def test_every_page_shows_fleet_files_without_a_fault(
    tmp_path: Path, where: str, text: str, found: set[str]
) -> None:
    name = "services" if found & OF_SERVICES else "nodes" if found & {"nodes", "groups"} else "policy"
    own = "" if "nodes" in found else OTHERS
    if "groups" not in found:
        own += 'groups: {core: "crtr,drtr", gpu: "prtr,drtr", pseudo: prtr}\n' if own else ""
    (tmp_path / "nodes.yaml").write_text(own + (text if name == "nodes" else ""))
    if name != "nodes":
        (tmp_path / f"{name}.yaml").write_text(text)
    _, checked = find_and_check(str(tmp_path), environ={}, cwd=str(tmp_path))
    # Files beside it are the reader's own.
    assert [fault.what for fault in checked.faults if not fault.what.startswith("there is no file")] == [], (
        where
    )
