"""``/metrics``: how the nodes are, in Prometheus's text format, from what was seen last.

https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4). A scrape asks no node: what is
not known is not there, and ``stentor_node_seen_timestamp_seconds`` says how old the rest is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from starlette.responses import Response
from starlette.routing import Route

from stentor import __version__
from stentor.fleet.model import Node
from stentor.web.access import Call, viewer
from stentor.web.service import Service
from stentor.web.watch import Seen

TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Sample(NamedTuple):
    """A value with its labels."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()


def metrics(nodes: Sequence[tuple[Node, Seen]], running: int, pages: int) -> str:
    """Return the text.

    Args:
        nodes: each with how it was seen last.
        running: operations under way here.
        pages: open pages.
    """
    families = (
        ("stentor_info", "The version that serves.", [Sample(1, (("version", __version__),))]),
        ("stentor_operations_running", "Operations under way in this process.", [Sample(running)]),
        ("stentor_pages_open", "Pages that are kept up to date.", [Sample(pages)]),
        ("stentor_node_up", "Whether the node was reached when it was seen last.", [*_up(nodes)]),
        (
            "stentor_node_expected_up",
            "Whether the fleet expects the node to be up.",
            [Sample(float(not node.expected_down), _labels(node)) for node, _ in nodes],
        ),
        ("stentor_node_seen_timestamp_seconds", "When the node was seen last.", [*_when(nodes)]),
        *_facts(nodes),
    )
    return "".join(_family(name, text, samples) for name, text, samples in families if samples)


def _family(name: str, text: str, samples: Sequence[Sample]) -> str:
    lines = [f"# HELP {name} {text}\n# TYPE {name} gauge\n"]
    for sample in samples:
        labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in sample.labels)
        lines.append(
            f"{name}{{{labels}}} {sample.value:.15g}\n" if labels else f"{name} {sample.value:.15g}\n"
        )
    return "".join(lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _labels(node: Node) -> tuple[tuple[str, str], ...]:
    found = (("node", node.alias), ("role", node.role or ""))
    return tuple((key, value.encode("utf-8", "replace").decode()) for key, value in found if value)


def _up(nodes: Sequence[tuple[Node, Seen]]) -> Iterator[Sample]:
    for node, seen in nodes:
        if seen.ping is not None and seen.pinged > seen.asked:
            yield Sample(float(seen.ping.level == "up"), _labels(node))
        elif seen.status is not None:
            yield Sample(float(seen.status.outcome.ok), _labels(node))


def _when(nodes: Sequence[tuple[Node, Seen]]) -> Iterator[Sample]:
    for node, seen in nodes:
        if at := max(seen.pinged, seen.asked):
            yield Sample(at, _labels(node))


def _facts(nodes: Sequence[tuple[Node, Seen]]) -> Iterator[tuple[str, str, list[Sample]]]:
    load: list[Sample] = []
    memory: list[Sample] = []
    disks: list[Sample] = []
    for node, seen in nodes:
        facts, labels = seen.status.facts if seen.status is not None else None, _labels(node)
        if facts is None:
            continue
        if facts.load_per_core is not None:
            load.append(Sample(facts.load_per_core, labels))
        if facts.memory_used is not None and facts.memory_total:
            memory.append(Sample(facts.memory_used / facts.memory_total, labels))
        for disk in {disk.mount: disk for disk in (facts.root, facts.home) if disk is not None}.values():
            mount = disk.mount.encode("utf-8", "replace").decode()
            disks.append(Sample(disk.percent / 100, (*labels, ("mount", mount))))
    yield "stentor_node_load_per_core", "The load of the last minute for each core.", load
    yield "stentor_node_memory_used_ratio", "How much of the memory programs hold.", memory
    yield "stentor_node_disk_used_ratio", "How full a file system is for an ordinary user.", disks


def routes(service: Service) -> list[Route]:
    """Return the route."""

    def scrape(_: Call) -> Response:
        seen = service.watch.seen()
        nodes = [(node, seen.get(node.alias, Seen())) for node in service.fleet().data.nodes.values()]
        text = metrics(nodes, len(service.operations.running()), service.hub.pages)
        return Response(text, media_type=TYPE, headers={"Content-Type": TYPE})

    return [viewer("/metrics", scrape)]
