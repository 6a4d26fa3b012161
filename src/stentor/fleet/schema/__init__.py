"""What may stand in the fleet files: the one table from which checks and the published JSON Schema come.

``kinds`` has the kinds of single values, ``nodes``, ``policy`` and ``services`` what a file is made of.
"""

from __future__ import annotations

import msgspec

from stentor.fleet.schema.nodes import DefaultsEntry, Groups, NodeEntry
from stentor.fleet.schema.policy import SECTIONS
from stentor.fleet.schema.services import DomainEntry, Gateway, Secrets, Services
from stentor.typed import Any

_OF_NODES, _OF_SERVICES = ("nodes", "defaults", "groups"), ("services", "domains", "secrets")
# What other tools call the keys of nodes.yaml, as they write them at the top of a file.
_ELSEWHERE = {
    **dict.fromkeys(("host", "hosts", "inventory", "all", "machines", "servers", "ungrouped"), "nodes"),
    "children": "groups",
    "vars": "defaults: {vars: ...}",
}


def _file(name: str, fields: list[Any], doc: str) -> type[msgspec.Struct]:
    of_nodes = name == "NodesFile"
    of_others = {  # what shape.py says of a key that is in the wrong file
        **dict.fromkeys(_OF_NODES, "nodes.yaml"),
        **dict.fromkeys(SECTIONS, "policy.yaml"),
        **dict.fromkeys(_OF_SERVICES, "services.yaml"),
        **dict.fromkeys(() if of_nodes else _ELSEWHERE, "nodes.yaml"),
    }
    said = {"of_others": of_others, "elsewhere": _ELSEWHERE if of_nodes else {}, "__doc__": doc}
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True, namespace=said)


_POLICY: list[Any] = [(name, section | None, None) for name, section in SECTIONS.items()]

NodesFile = _file(
    "NodesFile",
    [
        ("nodes", dict[str, NodeEntry | None]),
        ("defaults", DefaultsEntry | None, None),
        ("groups", Groups | None, None),
        *_POLICY,
    ],
    "nodes.yaml: what there is.",
)
PolicyFile = _file(
    "PolicyFile", _POLICY, "policy.yaml: how it is treated. Its sections may also stand in nodes.yaml."
)
ServicesFile = _file(
    "ServicesFile",
    [
        ("services", Services | None, None),
        ("gateway", Gateway | None, None),
        ("domains", list[DomainEntry] | None, None),
        ("secrets", Secrets | None, None),
    ],
    "services.yaml: what runs where, and by which web names it answers.",
)

FILES: dict[str, type[msgspec.Struct]] = {
    "nodes": NodesFile,
    "policy": PolicyFile,
    "services": ServicesFile,
}


def json_schema(file: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``nodes``, ``policy`` or ``services``."""
    schema = msgspec.json.schema(FILES[file])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{file}.yaml of a Stentor fleet",
        **_one_or_more(schema),
    }


def _one_or_more(schema: Any) -> Any:
    """Say in JSON Schema's words that where ``ONE_OR_MORE`` stands, the list may be a single value."""
    if isinstance(schema, list):
        return [_one_or_more(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _one_or_more(inner) for key, inner in schema.items() if key != "one"}
    if schema.get("one") is not True:
        return plain
    described = {key: plain.pop(key) for key in ("description", "default") if key in plain}
    choices = plain.get("anyOf", [plain])
    singles = [choice["items"] for choice in choices if choice.get("type") == "array"]
    return {**described, "anyOf": [*singles, *choices]}
