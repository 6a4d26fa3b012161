"""A fleet which answers without any machine: for your own scripts' tests, and for ours.

from stentor import Fleet
from stentor.testing import FakeNodes, Reply

nodes = FakeNodes({"crtr": Reply(b"up 3 days"), "prtr": Reply(kind="unreachable")})
fleet = Fleet.open("tests/fleet", engine=nodes)
results = fleet.select("crtr,prtr").run("uptime")
assert nodes.commands == [("crtr", "uptime")]
"""

from __future__ import annotations

from stentor.testing.fake import FakeNodes, Reply

__all__ = ["FakeNodes", "Reply"]
