"""The facade for programs which live in asyncio: the same words as :mod:`stentor.api`, with await.

from stentor import AsyncFleet

results = await AsyncFleet.open().select("@gpu").run("nvidia-smi", timeout=10)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from stentor.api.fleet import Fleet, Selection
from stentor.api.results import Results
from stentor.fanout.task import DEFAULTS, Settings
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.fanout.engine import MakeEngine
    from stentor.fanout.events import Event


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


class AsyncSelection:
    """Some nodes of a fleet, for asyncio."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.nodes = selection.nodes

    async def run(self, command: str, **options: Any) -> Results:
        """As ``Selection.run``, with the same options."""
        import asyncio

        from stentor.fanout.cancellation import Cancellation

        cancellation = Cancellation()
        job = asyncio.ensure_future(
            asyncio.to_thread(self.selection.run, command, cancellation=cancellation, **options)
        )
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            cancellation.request("the task was cancelled")
            await asyncio.wait([job])
            raise
        finally:
            cancellation.close()

    async def stream(
        self, command: str, settings: Settings = DEFAULTS, **options: Any
    ) -> AsyncIterator[Event]:
        """As ``Selection.stream``; leaving the loop early ends the remote processes."""
        import asyncio

        from stentor.fanout.cancellation import Cancellation

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
