"""How much memory ``run`` needs for very many nodes, which are made up: no machine has so many.

Says how many have ended. Called as: folder nodes bytes-of-output-each
"""

from __future__ import annotations

import os
import sys

from bench.hosts import unreachable
from stentor import Fleet
from stentor.testing import FakeNodes, Reply


def main(folder: str, count: int, size: int) -> None:
    os.makedirs(folder, exist_ok=True)
    aliases = [f"h{number:05}" for number in range(count)]
    with open(f"{folder}/nodes.yaml", "w") as file:
        file.write(
            "nodes:\n" + "".join(f"  {a}: {{address: {unreachable(n)}}}\n" for n, a in enumerate(aliases))
        )
    reply = Reply(b"x" * size)
    fleet = Fleet.open(folder, engine=FakeNodes(dict.fromkeys(aliases, reply)))
    ended = sum(event.__class__.__name__ == "Finished" for event in fleet.select("@all").stream("echo hi"))
    if ended != count:
        sys.exit(f"{ended} of {count} ended")
    print(f"{ended} ended")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
