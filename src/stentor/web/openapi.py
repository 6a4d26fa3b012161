"""The OpenAPI document of ``/api``, made from the same records as the schema of ``--json``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import cleandoc
from typing import Any, NamedTuple

import msgspec

from stentor import __version__
from stentor.render.json_fields import Shape
from stentor.web.access import Call

_JSON = "application/json"


class Parameter(NamedTuple):
    """A field of a query: its name and what it says."""

    name: str
    what: str
    number: bool = False


class Answering(NamedTuple):
    """A path that is read."""

    path: str  # with names in braces
    what: str  # it answers, for people
    records: tuple[type[Shape], ...]  # of which shapes its array is made
    answer: Callable[[Call], Sequence[Shape]]  # makes them
    parameters: tuple[Parameter, ...] = ()  # fields of the query


class Problem(msgspec.Struct):
    """Why there is no other answer."""

    error: str  # one line for people
    hint: str = ""  # what to do next; or it is not there


def openapi(
    paths: Sequence[Answering], body: type, begun: type[Shape], actions: Sequence[str]
) -> dict[str, Any]:
    """Return the document.

    Args:
        paths: what is read.
        body: what ``POST /api/do/{action}`` takes.
        begun: the record that it answers with.
    """
    records = dict.fromkeys(record for path in paths for record in path.records)
    types: list[Any] = [*records, body, begun, Problem]
    found, parts = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    refs = dict(zip(types, found, strict=True))
    for part in parts.values():
        if "description" in part:
            part["description"] = cleandoc(part["description"]).partition("\n\nAttributes:")[0]
    problem = {"description": "Why not.", "content": {_JSON: {"schema": refs[Problem]}}}
    errors = dict.fromkeys(("400", "401", "404", "409", "429"), problem)
    described = {
        path.path: {"get": _reading(path, [refs[record] for record in path.records], errors)}
        for path in paths
    }
    described["/api/do/{action}"] = {
        "post": {
            "summary": "Begin an operation; GET /api/operations/{number} says what came of it.",
            "operationId": "do",
            "parameters": [
                {"name": "action", "in": "path", "required": True, "schema": {"enum": list(actions)}}
            ],
            "requestBody": {"required": True, "content": {_JSON: {"schema": refs[body]}}},
            "responses": {
                "202": _answer("It is under way.", [refs[begun]]),
                "403": problem,
                "413": problem,
                **errors,
            },
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stentor",
            "version": __version__,
            "description": "The records of --json as arrays, the header first.",
        },
        "security": [{"token": []}, {"session": []}],
        "paths": described,
        "components": {
            "schemas": parts,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "stentor"},
            },
        },
    }


def _reading(path: Answering, refs: Sequence[Any], errors: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": one.name,
            "in": "query",
            "description": one.what,
            "schema": {"type": "integer", "minimum": 1, "maximum": 500} if one.number else {"type": "string"},
        }
        for one in path.parameters
    ]
    if "{number}" in path.path:
        number = {"type": "integer", "minimum": 1}
        parameters.append({"name": "number", "in": "path", "required": True, "schema": number})
    return {
        "summary": path.what,
        "operationId": path.path.removeprefix("/api/").replace("/{number}", ""),
        "parameters": parameters,
        "responses": {"200": _answer("Records.", refs), **errors},
    }


def _answer(what: str, refs: Sequence[Any]) -> dict[str, Any]:
    items = refs[0] if len(refs) == 1 else {"anyOf": list(refs)}
    return {"description": what, "content": {_JSON: {"schema": {"type": "array", "items": items}}}}
