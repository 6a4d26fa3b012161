"""Tables, JSON and hosts files, as csv, json, a parser of Markdown and the C library read them."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from stentor.export.marked import whole
from stentor.export.view import KEYS
from stentor.fleet.model import Fleet, Node
from tests.readers import GROUPS, NAMES, TEXTS, made, nasty, said, write


def text_of(name: str, fleet: Fleet) -> str:
    return whole(name, made(name, fleet))


def spelled(fleet: Fleet) -> Fleet:
    """The same fleet with a node whose role is each of the texts; a table's cell is one line."""
    texts = [text for text in TEXTS if text.strip() == text and text.isprintable()]
    more = {f"t{number}": Node(f"t{number}", f"t{number}", role=text) for number, text in enumerate(texts)}
    return fleet._replace(nodes={**fleet.nodes, **more})


def test_csv_has_every_node_and_value() -> None:
    fleet = spelled(nasty())
    rows = list(csv.DictReader(io.StringIO(text_of("csv", fleet), newline="")))
    found = {row["node"]: row for row in rows}
    assert list(found) == list(fleet.nodes)
    for alias, node in fleet.nodes.items():
        row = found[alias]
        assert row["role"] in (node.role or "", f"'{node.role}"), alias
        assert json.loads(row["vars"] or "{}") == node.variables
        assert row["address"].split() == list(node.addresses)
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r")], "no formula"
    assert set(rows[0]) == {"node", *KEYS.values(), "groups"}


def test_markdown_has_every_node_as_it_is() -> None:
    fleet = spelled(nasty())
    tokens = MarkdownIt("commonmark").enable("table").parse(text_of("markdown", fleet))
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            rows.append([])
        if token.type == "inline" and before.type in ("th_open", "td_open"):
            kinds = {one.type for one in token.children or ()}
            assert kinds <= {"text", "text_special"}, f"{token.content}: a text, and nothing else"
            rows[-1].append("".join(one.content for one in token.children or ()))
    title, *lines = rows
    role = title.index("Role")
    assert [(line[0], line[role]) for line in lines] == [
        (node.alias, node.role or "") for node in fleet.nodes.values()
    ]


def test_json_has_every_node_and_value() -> None:
    fleet = spelled(nasty())
    data: dict[str, Any] = json.loads(text_of("json", fleet))
    assert [(node["node"], node["role"], node["vars"]) for node in data["nodes"]] == [
        (alias, node.role, node.variables) for alias, node in fleet.nodes.items()
    ]
    assert data["groups"] == {name: list(fleet.groups[name]) for name in GROUPS}


def test_names_of_a_hosts_file_lead_to_their_addresses(tmp_path: Path) -> None:
    """In a mount namespace of its own, so that /etc/hosts of this machine is as it was."""
    fleet = nasty()
    result = write(tmp_path / "hosts", "hosts", fleet)
    script = 'mount --bind "$1" /etc/hosts; shift; for name; do echo "> $name"; getent ahosts "$name"; done'
    alone = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    found: dict[str, list[str]] = {}
    for of_one in said(*alone, str(tmp_path / "hosts"), *NAMES).split("> ")[1:]:
        name, *lines = of_one.splitlines()
        found[name] = [*dict.fromkeys(line.split()[0] for line in lines)]
    misread = {one.node for one in result.left if one.field == "name"}
    for alias, node in fleet.nodes.items():
        assert (found[alias] == list(node.addresses)) == (alias not in misread | {"n1"}), alias
    assert found["n1"] == found["N1"], "both names have both addresses"
    assert misread == {"4", "012", "0x10", "1.5", "60", "N1"}
