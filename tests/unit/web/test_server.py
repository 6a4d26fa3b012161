"""A connection that sends no request, or half of one, is ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from stentor.web.server import Connection, bind
from stentor.web.settings import Settings

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[int]:
    """A server on loopback; its port."""
    config = uvicorn.Config(
        PlainTextResponse("hello"), port=0, http=Connection, lifespan="off", log_config=None, ws="none"
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]  # they are pytest's
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.web.server.HEAD_SECONDS", 0.3)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", REQUEST[:-2]])
def test_half_a_head_is_not_waited_for(sent: bytes) -> None:
    async def ask() -> bytes:
        async with served() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            try:
                return await asyncio.wait_for(reader.read(), 10)
            finally:
                writer.close()

    assert asyncio.run(ask()) == b""


def test_a_second_head_is_not_waited_for_either() -> None:
    async def ask() -> bytes:
        async with served() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(REQUEST)
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            writer.write(REQUEST[:10])
            try:
                return await asyncio.wait_for(reader.read(), 10)
            finally:
                writer.close()

    assert asyncio.run(ask()) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="an option of Linux")
def test_client_that_reads_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.web.server.READ_SECONDS", 0.5)

    class Large(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(b"x" * 8_000_000)
            transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            ended.append(exc)

    async def ask() -> None:
        with bind(Settings(port=0)) as listening, socket.socket() as client:
            listening.listen()
            server = await asyncio.get_running_loop().create_server(Large, sock=listening)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(listening.getsockname())
            async with asyncio.timeout(30):
                while not ended:
                    await asyncio.sleep(0.05)
            server.close()

    ended: list[Exception | None] = []
    asyncio.run(ask())
    assert isinstance(ended[0], TimeoutError)


def test_several_requests_of_one_connection_are_answered() -> None:
    async def ask() -> None:
        async with served() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(3):
                writer.write(REQUEST)
                assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
                await asyncio.sleep(0.2)
            writer.close()

    asyncio.run(ask())
