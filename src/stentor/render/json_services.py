"""The records of ``services``: built by its commands, encoded as JSON and shown to people alike."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from stentor.render.json_fields import Kind, Moment, Node, Seconds, Shape


class Port(Shape):
    """A process that listens on a port of a service."""

    port: int
    address: str
    pid: Annotated[int, Meta(description="0 where it is not known.")]
    owner: Annotated[str, Meta(description="The unit, container or process; empty where it is not known.")]


class Drift(Shape):
    """A file that is not as the fleet has it."""

    path: str
    how: str


class ServiceLine(Shape, tag="service"):
    """How a service stands on a node, by ``services status``."""

    node: Node
    service: str
    manager: Annotated[str, Meta(description="systemd, compose or container; empty where it is not managed.")]
    expected: Annotated[str, Meta(description="running, off or absent.")]
    state: Annotated[str, Meta(description="What its unit or its containers say.")]
    good: Annotated[bool, Meta(description="As it is expected, and nothing is wrong.")]
    since: Moment | None
    restarts: Annotated[int, Meta(description="By systemd or docker, since it was started.")]
    ports: list[Port]
    image: str
    digest: str
    drift: list[Drift]
    problems: list[str]


class NodeLine(Shape, tag="service_node"):
    """Whether a node answered, by ``services status``."""

    node: Node
    kind: Kind
    reason: str
    pending: Annotated[str, Meta(description="A change that nobody has decided; empty for none.")]
    strays: Annotated[list[str], Meta(description="Deployed there, and no longer in services.yaml.")]


class WebName(Shape, tag="web_name"):
    """Whether a web name answers, by ``services status``."""

    name: str
    handed_on: Annotated[str, Meta(description="standard, https_backend, websocket, sse or redirect.")]
    good: Annotated[bool, Meta(description="It answers as services.yaml says.")]
    said: Annotated[str, Meta(description="Its answer, or what is wrong with it.")]
    hint: str
    code: Annotated[int, Meta(description="The HTTP status code; 0 without an answer.")]
    seconds: Seconds
    certificate_until: Annotated[str, Meta(description="YYYY-MM-DD in UTC; empty where it is not known.")]
    issuer: str
    trusted: Annotated[bool, Meta(description="Whether this machine trusts its certificate.")]
    addresses: Annotated[list[str], Meta(description="What the name resolves to on this machine.")]
    asked: Annotated[int, Meta(description="How often it was asked.")]
    notes: list[str]


class PortLine(Shape, tag="port"):
    """Who listens on a port of a node, or should, by ``services ports``."""

    node: Node
    port: int
    address: str
    pid: int
    owner: str
    service: Annotated[str, Meta(description="Whose it is by services.yaml; empty for none.")]
    problem: str


class PlanLine(Shape, tag="service_plan"):
    """What a deploy would change on a node, by ``services plan`` and before every deploy."""

    node: Node
    changes: list[str]
    diff: list[str]
    blocker: Annotated[str, Meta(description="Why it must not go ahead there; empty if it may.")]
    unknown: Annotated[str, Meta(description="Why nothing can be said of this node; empty if something can.")]
    notes: list[str]
