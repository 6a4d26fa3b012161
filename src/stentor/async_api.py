"""The facade for programs which live in asyncio: the same words as :mod:`stentor.api`, with await.

from stentor import AsyncFleet

results = await AsyncFleet.open().select("@gpu").run("nvidia-smi", timeout=10)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from functools import partial, wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar

from stentor.api.dotfiles_selection import Dotfiles
from stentor.api.fleet import Fleet, Selection
from stentor.api.services_selection import SelectedServices
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.task import DEFAULTS, Settings

if TYPE_CHECKING:
    from stentor.fanout.engine import MakeEngine
    from stentor.fanout.events import Event

R = TypeVar("R")


async def _in_thread(call: Callable[..., R], *, cancellable: bool) -> R:
    """Run a call in a thread; cancelling the await ends what it does on nodes."""
    cancellation = Cancellation() if cancellable else None
    if cancellation is not None:
        call = partial(call, cancellation=cancellation)
    job = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        if cancellation is not None:
            cancellation.request("the task was cancelled")
        await asyncio.wait([job])
        raise
    finally:
        if cancellation is not None:
            cancellation.close()


def _awaiting(method: Callable[..., R], inner: str) -> Callable[..., Coroutine[Any, Any, R]]:
    """Return a method of the synchronous API as one with await.

    Args:
        method: of ``Fleet`` or ``Selection``.
        inner: the attribute that holds one.
    """
    # What an operation is done with has a cancellation: see ``terms_of``.
    cancellable = not {"cancellation", "terms", "options"}.isdisjoint(signature(method).parameters)

    @wraps(method)
    async def call(self: object, *args: Any, **named: Any) -> R:
        bound = partial(method, getattr(self, inner), *args, **named)
        return await _in_thread(bound, cancellable=cancellable)

    return call


class AsyncFleet:
    """A fleet for programs which live in asyncio: the same methods, with await.

    The synchronous core runs in a thread; cancelling the await ends the remote processes.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    @classmethod
    def open(
        cls,
        path: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        engine: MakeEngine | None = None,
    ) -> AsyncFleet:
        """As ``Fleet.open``; reads a small file, so there is nothing to await."""
        return cls(Fleet.open(path, environ=environ, engine=engine))

    def select(self, expression: str = "@all") -> AsyncSelection:
        """As ``Fleet.select``."""
        return AsyncSelection(self.fleet.select(expression))

    history = _awaiting(Fleet.history, "fleet")
    operation = _awaiting(Fleet.operation, "fleet")
    rerun = _awaiting(Fleet.rerun, "fleet")
    undo = _awaiting(Fleet.undo, "fleet")
    check = _awaiting(Fleet.check, "fleet")
    export_all = _awaiting(Fleet.export_all, "fleet")
    report = _awaiting(Fleet.report, "fleet")
    masters = _awaiting(Fleet.masters, "fleet")


class AsyncDotfiles:
    """The dotfiles of some nodes, for asyncio."""

    def __init__(self, dotfiles: Dotfiles) -> None:
        self.dotfiles = dotfiles

    status = _awaiting(Dotfiles.status, "dotfiles")
    plan = _awaiting(Dotfiles.plan, "dotfiles")
    apply = _awaiting(Dotfiles.apply, "dotfiles")
    init = _awaiting(Dotfiles.init, "dotfiles")
    catch_up = _awaiting(Dotfiles.catch_up, "dotfiles")
    rollback = _awaiting(Dotfiles.rollback, "dotfiles")
    adopt = _awaiting(Dotfiles.adopt, "dotfiles")
    confirm = _awaiting(Dotfiles.confirm, "dotfiles")
    revert = _awaiting(Dotfiles.revert, "dotfiles")
    timer = _awaiting(Dotfiles.timer, "dotfiles")


class AsyncSelectedServices:
    """The services of some nodes, for asyncio."""

    def __init__(self, services: SelectedServices) -> None:
        self.services = services

    status = _awaiting(SelectedServices.status, "services")
    web_names = _awaiting(SelectedServices.web_names, "services")
    plan = _awaiting(SelectedServices.plan, "services")
    deploy = _awaiting(SelectedServices.deploy, "services")
    rollback = _awaiting(SelectedServices.rollback, "services")
    start = _awaiting(SelectedServices.start, "services")
    stop = _awaiting(SelectedServices.stop, "services")
    restart = _awaiting(SelectedServices.restart, "services")
    enable = _awaiting(SelectedServices.enable, "services")
    disable = _awaiting(SelectedServices.disable, "services")


class AsyncSelection:
    """Some nodes of a fleet, for asyncio."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.nodes = selection.nodes

    run = _awaiting(Selection.run, "selection")
    script = _awaiting(Selection.script, "selection")
    copy = _awaiting(Selection.copy, "selection")
    fetch = _awaiting(Selection.fetch, "selection")
    playbook = _awaiting(Selection.playbook, "selection")
    ansible = _awaiting(Selection.ansible, "selection")
    bootstrap = _awaiting(Selection.bootstrap, "selection")
    rollout = _awaiting(Selection.rollout, "selection")
    reboot = _awaiting(Selection.reboot, "selection")
    shutdown = _awaiting(Selection.shutdown, "selection")
    wake = _awaiting(Selection.wake, "selection")
    install_gateway = _awaiting(Selection.install_gateway, "selection")
    check_gateways = _awaiting(Selection.check_gateways, "selection")
    ping = _awaiting(Selection.ping, "selection")
    status = _awaiting(Selection.status, "selection")
    doctor = _awaiting(Selection.doctor, "selection")
    fix = _awaiting(Selection.fix, "selection")
    facts = _awaiting(Selection.facts, "selection")
    needs = _awaiting(Selection.needs, "selection")
    trust = _awaiting(Selection.trust, "selection")
    export = _awaiting(Selection.export, "selection")

    @property
    def dotfiles(self) -> AsyncDotfiles:
        """As ``Selection.dotfiles``."""
        return AsyncDotfiles(self.selection.dotfiles)

    @property
    def services(self) -> AsyncSelectedServices:
        """As ``Selection.services``."""
        return AsyncSelectedServices(self.selection.services)

    async def stream(
        self, command: str, settings: Settings = DEFAULTS, **options: Any
    ) -> AsyncIterator[Event]:
        """As ``Selection.stream``; leaving the loop early ends the remote processes."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue(1024)
        cancellation = Cancellation()

        def pump() -> None:
            last: BaseException | None = None
            try:
                for event in self.selection.stream(command, settings, cancellation=cancellation, **options):
                    # Waits when the reader is slow, so that memory stays bounded.
                    asyncio.run_coroutine_threadsafe(queue.put(event), loop).result()
            except BaseException as error:
                last = error
            asyncio.run_coroutine_threadsafe(queue.put(last), loop).result()

        job = asyncio.ensure_future(asyncio.to_thread(pump))
        try:
            while True:
                event = await queue.get()
                if event is None:
                    return
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            if not job.done():
                cancellation.request("the reader left")
                while not job.done():
                    while not queue.empty():
                        queue.get_nowait()
                    await asyncio.sleep(0.01)
            cancellation.close()
