"""The program that imports ClusterShell: one process for a fan-out, told what to do in lines of JSON.

Apart from Stentor's own process, since ClusterShell has a loop, signals and forks of its own. On stdin:

    {"gateway": NAME, "argv": [ssh, ...], "command": TEXT}   open a gateway's channel, before its first run
    {"run": NUMBER, "gateway": NAME, "hosts": [...], "command": TEXT}
    {"close": NAME}                                          end a gateway's channel

On stdout, a list each: ``["o"|"e", RUN, HOST, BASE64]`` a piece of output, ``["x", RUN, HOST, CODE]`` the end
of ssh, ``["serving", NAME]`` a gateway takes runs, ``["said", NAME, LINE]`` its stderr (latin-1),
``["heard", NAME]`` anything else of it, ``["lost", NAME]`` its channel is closed.

``command`` of a run is a line for the gateway's sh, in which ``%{h}`` is the host and ``%%`` a percent sign:
ClusterShell's way to run something local on each gateway, so that options of ssh are those of one run.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import time
from base64 import b64decode
from typing import ClassVar

from ClusterShell.Communication import Message
from ClusterShell.Event import EventHandler
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Propagation import PropagationChannel
from ClusterShell.Task import Task, task_self
from ClusterShell.Topology import TopologyGraph
from ClusterShell.Worker.Ssh import SshClient, WorkerSsh
from ClusterShell.Worker.Tree import TreeWorker
from ClusterShell.Worker.Worker import FANOUT_UNLIMITED, StreamWorker

from stentor.ssh.limits import raise_descriptor_limit
from stentor.typed import Any


class _Plain(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        """Refuse what is no plain value."""
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, and only bytes are expected")


def bytes_of(data: bytes | None) -> bytes:
    """Return the bytes in a message.

    Args:
        data: pickled, in base64, as ClusterShell packs it.

    Raises:
        ValueError: it is something else.
    """
    try:
        found = _Plain(io.BytesIO(b64decode(data or b""))).load()
    except Exception as error:  # whatever is wrong with it
        raise ValueError(f"a message has no bytes in it: {error}") from None
    if not isinstance(found, bytes):
        raise ValueError("a message has no bytes in it")  # noqa: TRY004 - nobody here gave the wrong type
    return found


_ROOT = "stentor-root"  # a name for this machine; no node has it, it is in no topology but ours
_GROOMING = 0.1  # seconds between two messages of a gateway's run
_HEARD = 0.5  # seconds between two events that say that a gateway answers
_PING = 3.0  # seconds of silence after which a gateway is asked for an answer


def tell(*words: object) -> None:
    """Write an event; waits while nobody reads."""
    data = (json.dumps(words, separators=(",", ":")) + "\n").encode()
    while data:
        data = data[os.write(1, data) :]


class _ChannelClient(SshClient):  # type: ignore[misc]  # without types
    """The ssh to a gateway: over Stentor's master, with the words that Stentor gave."""

    def _build_cmd(self) -> tuple[list[str], None]:
        return [*Tree.reached[str(self.key)]["argv"], str(self.command)], None


class _ChannelWorker(WorkerSsh):  # type: ignore[misc]  # without types
    SHELL_CLASS = _ChannelClient


class _Run(TreeWorker):  # type: ignore[misc]  # without types
    """One command on some hosts behind one gateway, and no other: ways are not decided here."""

    def __init__(self, number: int, gateway: str, hosts: list[str], command: str) -> None:
        handler = _RunHandler(number, gateway)
        super().__init__(NodeSet.fromlist(hosts), handler, None, command=command, stderr=True, remote=False)
        self.number = number
        self.gateway = gateway
        self.gateway_lost = False
        self.invoke_gateway = Tree.reached[gateway]["command"]

    def _distribute(self, fanout: int, nodes: NodeSet) -> tuple[tuple[NodeSet, NodeSet], ...]:  # noqa: ARG002
        return ((NodeSet(self.gateway), nodes),)

    def _relaunch(self, previous_gateway: str) -> None:
        """Nothing: ``_gateway_abort`` follows."""

    def _gateway_abort(self, gateway: str) -> None:
        self.gateway_lost = True  # what ends now did not end by itself
        super()._gateway_abort(gateway)


class _RunHandler(EventHandler):  # type: ignore[misc]  # without types
    def __init__(self, number: int, gateway: str) -> None:
        super().__init__()
        self._number = number
        self._gateway = gateway

    def ev_read(self, worker: Any, node: str, sname: str, msg: bytes) -> None:  # noqa: ARG002
        if str(node) != self._gateway:  # what the gateway says, its keeper tells
            tell("o" if sname == "stdout" else "e", self._number, str(node), msg.decode("latin-1"))

    def ev_close(self, worker: Any, timedout: bool) -> None:  # noqa: ARG002
        worker._port.abort()  # two files, which it would keep to the end

    def ev_hup(self, worker: Any, node: str, rc: int) -> None:
        if not worker.gateway_lost:
            tell("x", self._number, str(node), rc)


class _Keeper:
    """Stands among the runs of a gateway: its channel stays while there is none, and we hear of its end."""

    def __init__(self, gateway: str, command: str) -> None:
        self.gateway = gateway
        self.invoke_gateway = command

    def _on_remote_node_msgline(self, node: str, line: bytes, stream: str, gateway: str) -> None:  # noqa: ARG002
        tell("said", self.gateway, line.decode("latin-1"))

    def _relaunch(self, gateway: str) -> None:
        """Nothing to send again."""

    def _gateway_abort(self, gateway: str) -> None:
        Tree.lost.add(gateway)
        tell("lost", gateway)


class Tree:
    """The task, and the gateways as they are known."""

    task: Task
    reached: ClassVar[dict[str, dict[str, Any]]] = {}
    lost: ClassVar[set[str]] = set()

    @classmethod
    def take(cls, wanted: dict[str, Any]) -> None:
        """Do what a line asks for."""
        if "run" in wanted:
            cls._run(wanted)
        elif "gateway" in wanted:
            cls.reached[wanted["gateway"]] = wanted
            cls.lost.discard(wanted["gateway"])
            cls._draw()
            _open(cls.task, wanted["gateway"], wanted["command"])
        elif "close" in wanted and wanted["close"] in cls.task.gateways:
            channel, _ = cls.task.gateways[wanted["close"]]
            channel.abort()

    @classmethod
    def _draw(cls) -> None:
        graph = TopologyGraph()
        graph.add_route(NodeSet(_ROOT), NodeSet.fromlist(list(cls.reached)))
        cls.task.topology = graph.to_tree(_ROOT)
        cls.task.router = None
        cls.task._default_router()  # asked for it when a channel ends, also before the first run

    @classmethod
    def _run(cls, wanted: dict[str, Any]) -> None:
        gateway = wanted["gateway"]
        if gateway in cls.lost:
            tell("lost", gateway)
            return
        cls.task.schedule(_Run(wanted["run"], gateway, wanted["hosts"], wanted["command"]))


def _open(task: Task, gateway: str, command: str) -> None:
    """Open a gateway's channel, and hear of everything that comes over it."""
    keeper = _Keeper(gateway, command)
    channel: PropagationChannel = task._pchannel(NodeSet(gateway), keeper)
    channel.workers[id(keeper)] = keeper  # for what the gateway says on stderr
    read, last, broken, served = channel.ev_read, 0.0, False, False

    def heard(worker: Any, *event: Any) -> None:
        nonlocal last, broken, served
        if broken:  # what it had sent before it was closed
            return
        if time.monotonic() > last + _HEARD:
            last = time.monotonic()
            tell("heard", gateway)
        try:
            read(worker, *event)
        except Exception as error:  # what one gateway says must not end the others
            broken = True
            tell("said", gateway, f"its answer cannot be read: {type(error).__name__}: {error}")
            worker.abort()
        if channel.setup and not served:
            served = True
            tell("serving", gateway)

    channel.ev_read = heard


class _Lines(EventHandler):  # type: ignore[misc]  # without types
    """Our own stdin."""

    def ev_read(self, worker: Any, node: str, sname: str, msg: bytes) -> None:  # noqa: ARG002
        Tree.take(json.loads(msg))

    def ev_close(self, worker: Any, timedout: bool) -> None:  # noqa: ARG002
        for channel, _ in list(Tree.task.gateways.values()):
            channel.abort()
        os._exit(0)  # nobody is left to tell


class _Ping(EventHandler):  # type: ignore[misc]  # without types
    """Asks each gateway for an answer: it acknowledges every message, so also one that changes nothing."""

    def ev_timer(self, timer: Any) -> None:  # noqa: ARG002
        for _, (channel, runs) in list(Tree.task.gateways.items()):
            some = next((run for run in runs if isinstance(run, _Run)), None)
            if channel.eh.setup and some is not None:
                channel.eh.set_write_eof(NodeSet(some.gateway), some)


def main() -> None:
    """Serve until stdin ends."""
    raise_descriptor_limit()
    Message.data_decode = lambda message: bytes_of(message.data)
    task = Tree.task = task_self()
    task.set_default("distant_worker", _ChannelWorker)
    task.set_default("stdout_msgtree", False)
    task.set_default("stderr_msgtree", False)
    task.set_info("fanout", 100_000)  # how many run at once is decided before they are sent
    task.set_info("grooming_delay", _GROOMING)
    lines = StreamWorker(handler=_Lines())
    lines._fanout = FANOUT_UNLIMITED
    lines.set_reader("lines", sys.stdin)
    task.schedule(lines)
    task.timer(_PING, _Ping(), _PING, autoclose=True)
    task.resume()
