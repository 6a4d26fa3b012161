"""The report: the same memories give the same bytes, and no text of a node breaks out of its cell."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.model import Fleet, Node
from stentor.fleet.service import Service
from stentor.fleet.services import Services, Site
from stentor.probe.report import Done, Memory, Seen, condition, markdown, title
from stentor.probe.report_html import columns, html

NODES = {
    "crtr": Node("crtr", "cooperator", ("10.0.0.1",), role="gateway", phase=1, migrated=True),
    "prtr": Node("prtr", "projector", ("10.0.0.2",), role="gpu", jump="crtr", state="down"),
    "drtr": Node("drtr", "director", ("10.0.0.3",), jump="prtr", phase=2),
}
FLEET = Fleet("/home/me/lab/ssot", NODES, {"all": tuple(NODES), "gpu": ("prtr",)})
MEMORY = Memory(
    {"crtr": Seen("ok", 0.0), "drtr": Seen("refused", 86400.0)},
    {
        "crtr": (
            0.0,
            {
                "system": "Debian 13",
                "cores": 4,
                "memory": 1 << 30,
                "disks": [{"name": "sda", "size": 1 << 40}],
            },
        )
    },
    {"crtr": (0.0, {"lacks": ["package tmux"], "wanted": 3})},
    {"crtr": "a" * 40, "drtr": "b" * 40},
    {"prtr": "a" * 40},
    [Done(7, 0.0, "run", "uptime | head", "ok"), Done(6, 0.0, "trust", "stentor trust", "ok")],
)


def test_services_and_web_names_are_part_of_it() -> None:
    services = Services(
        (Site("a.lan", "standard", "localhost:80", service="web"),),
        "10.0.0.1",
        {"web": Service("web", "systemd", ("crtr",), ports=(80,)), "gone": Service("gone", nodes=("other",))},
    )
    text = markdown(Fleet("/f", NODES, {"all": tuple(NODES)}), Memory(services=services, faults=1))
    assert "| web | systemd | crtr | running | 80 | a.lan |  |" in text
    assert "| a.lan | localhost:80 | web | 10.0.0.1 |  |" in text
    assert "The fleet files have 1 fault: see 'stentor check'." in text
    assert "gone" not in text


def test_markdown() -> None:
    text = markdown(FLEET, MEMORY)
    assert text == markdown(FLEET, MEMORY)
    assert text.startswith("# The fleet lab\n")
    assert "| crtr | cooperator | gateway | up | up, 1970-01-01 | Debian 13 | 10.0.0.1 |" in text
    assert "| drtr | director |  | up | refused, 1970-01-02 |  | 10.0.0.3 |" in text
    assert "| 1 | done |  | crtr |  |  |" in text
    assert "| 2 | in progress |  |  | drtr |  |" in text
    assert "package tmux" in text and "1.0T" in text and "Not all nodes have the same revision" in text
    assert "uptime \\| head" in text and "trust: stentor trust" in text


def test_nothing_known_leaves_its_part_out() -> None:
    text = markdown(Fleet("/", {}, {"all": ()}), Memory())
    assert "## Migration" not in text and "No nodes." in text
    assert title(Fleet("/", {}, {})) == "The fleet"
    assert "<svg" not in html(Fleet("/", {}, {"all": ()}), Memory())


def test_conditions() -> None:
    assert [condition(node, MEMORY) for node in NODES.values()] == ["up", "down", "trouble"]
    assert condition(NODES["drtr"], Memory()) == "unknown"


def test_the_map_stands_by_itself() -> None:
    page = html(FLEET, MEMORY)
    drawing = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert len(drawing.findall("path")) == 3
    assert {text.text for text in drawing.iter("text")} >= {"this machine", "crtr", "prtr", "drtr"}
    assert "http://" not in page and "https://" not in page and "<script" not in page
    assert [[node.alias for node in rank] for rank in columns(FLEET)] == [["crtr"], ["prtr"], ["drtr"]]


def test_gates_that_lead_through_each_other_are_drawn_once() -> None:
    loop = {"a": Node("a", "a", jump="b"), "b": Node("b", "b", jump="a")}
    assert html(Fleet("/f", loop, {"all": ("a", "b")}), Memory()).count('class="way"') == 2


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)


@given(st.text() | st.sampled_from(["<script>x</script>", "a|b", "](x)", '"><img src=x>']))
def test_no_text_breaks_out(text: str) -> None:
    memory = Memory(operations=[Done(1, 0.0, "run", text, "ok")], facts={"crtr": (0.0, {"cpu": text})})
    tags = _Tags()
    tags.feed(html(FLEET, memory))
    assert tags.seen <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "p",
        "svg",
        "g",
        "rect",
        "path",
        "text",
        "table",
        "thead",
        "tr",
        "th",
        "td",
    }
    table = [line for line in markdown(FLEET, memory).splitlines() if line.startswith("| crtr |")]
    for line in table[-1:]:
        assert line.replace("\\|", "").count("|") == 9
