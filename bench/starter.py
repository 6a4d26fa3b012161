"""Starts programs for the bench, each told in a line of JSON on stdin, and answers with what it took.

A process of its own since it is small: Linux counts the memory of who starts a program to that program, and
the bench has 40 MB.
"""

import json
import os
import signal
import sys
import threading
import time


def run(wanted: dict) -> list:  # type: ignore[type-arg]
    """Start a program and wait for it: wall time and CPU time in seconds, KiB."""
    actions = [
        (os.POSIX_SPAWN_OPEN, number, path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        for number, path in enumerate((os.devnull, wanted["output"], wanted["errors"]))
    ]
    started = time.perf_counter()
    argv, environment = wanted["argv"], wanted["environment"]
    # Python ignores it, and what it starts would, too.
    pid = os.posix_spawnp(
        argv[0], argv, environment, file_actions=actions, setsigdef=(signal.SIGPIPE, signal.SIGXFSZ)
    )
    alarm = threading.Timer(wanted["limit"], os.kill, (pid, 9))
    alarm.daemon = True
    alarm.start()
    _, _, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    alarm.cancel()
    return [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = run(json.loads(line))
        except OSError as error:
            answer = [str(error)]
        print(json.dumps(answer), flush=True)
