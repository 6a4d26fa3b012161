"""The engine alone, over warm masters: prints the seconds which ``engines.run`` took, start-up aside.

Called as: fleet-directory window command
"""

import sys
import time

from stentor.api.fleet import Fleet
from stentor.fanout.events import Finished, Output
from stentor.fanout.task import Settings


def main(directory: str, window: int, command: str) -> None:
    selection = Fleet.open(directory).select()
    said = ok = 0
    started = time.perf_counter()
    for event in selection.stream(command, Settings(window=window)):
        if isinstance(event, Output):
            said += event.data.count(b"hi\n")
        elif isinstance(event, Finished):
            ok += event.outcome.ok
    seconds = time.perf_counter() - started
    if said != len(selection.nodes) or ok != said:
        sys.exit(f"{said} of {len(selection.nodes)} answered, {ok} ok")
    print(seconds)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
