"""Run a command on many hosts by asyncssh: user port key window command host..."""

import asyncio
import sys

import asyncssh


async def main(user: str, port: int, key: str, window: int, command: str, hosts: list[str]) -> None:
    gate = asyncio.Semaphore(window)

    async def one(host: str) -> None:
        async with gate:
            # Host keys are not compared here, which is in asyncssh's favour.
            connection = await asyncssh.connect(
                host, port, username=user, client_keys=[key], known_hosts=None, config=None, agent_path=None
            )
            async with connection:
                result = await connection.run(command)
                print(f"{host}: {result.stdout}", end="")

    await asyncio.gather(*(one(host) for host in hosts))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5], sys.argv[6:]))
