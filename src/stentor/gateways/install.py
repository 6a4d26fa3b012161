"""Give gateways an environment with ClusterShell: the one that is installed here, sent over the session."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distribution
from typing import TYPE_CHECKING

from stentor import sh
from stentor.fanout.arrival import checked
from stentor.fanout.collect import collect
from stentor.fanout.events import Finished
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.scratch import folder
from stentor.ssh.banner import shown

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.events import Event

_LIMIT = 120.0  # seconds
_LONGEST = 200  # characters of what a gateway complains of
_MADE = re.compile(rb"([0-9][0-9.]{0,20}) ([0-9][0-9A-Za-z.+]{0,20}) (/[^\x00-\x1f\x7f]{1,300})")


def packages() -> bytes:
    """Return a zip of ClusterShell as it is installed here; pure Python, which needs no more."""
    found = distribution("ClusterShell")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in found.files or ():
            if file.parts[0] == "ClusterShell" and file.suffix == ".py":
                archive.write(str(found.locate_file(file)), str(file))
    return made.getvalue()


class InstallChange(BaseChange):
    """Make the environment of each gateway, in place of one that is there."""

    name = "gateway install"

    def __init__(self) -> None:
        self.version = distribution("ClusterShell").version
        self.title = f"install ClusterShell {self.version} for the gateway"

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:  # noqa: ARG002
        """Say what would be made; no node is asked."""
        text = f"ClusterShell {self.version} in a virtual environment in ~/{sh.STATE}/gateway"
        return {alias: Preview(alias, (text,)) for alias in nodes}

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Send the packages, and let each node make its environment of them."""
        install = sh.command(sh.join("gateway_install", call="gateway_install"))
        settings = reach.settings._replace(timeout=_LIMIT)
        with folder() as place:
            path = f"{place}/packages.zip"
            with open(path, "wb") as file:
                file.write(packages())
            command, stdin = checked(install, path, self)
            for result in collect(reach.command(reach.nodes(nodes), command, settings, stdin=stdin)):
                outcome, made = result.read(_made, "")
                said = result.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
                if made:
                    yield Step(result.node, "installed", made)
                elif result.outcome.kind == "failed" and said:
                    outcome = outcome._replace(reason=shown(said.encode(), _LONGEST))
                yield Finished(result.node, outcome)


def _made(said: bytes) -> str:
    """Return what the environment has, for people; its last line is ours, whatever a login writes before."""
    made = _MADE.fullmatch(said.strip().rpartition(b"\n")[2])
    if not made:
        raise ValueError("no versions")
    python, clustershell, where = made.groups()
    place = where.decode("utf-8", "replace")
    return f"Python {python.decode()}, ClusterShell {clustershell.decode()} ({place})"
