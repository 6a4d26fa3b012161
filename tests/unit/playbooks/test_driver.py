"""The program that runs Ansible: how it and what it forks come to their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from stentor.playbooks.program import DRIVER

# As Ansible's workers do; what kills the driver and its group does not reach them.
FORKS = """
import importlib.util, os, sys, time
spec = importlib.util.spec_from_file_location("driver", sys.argv[1])
driver = importlib.util.module_from_spec(spec)
spec.loader.exec_module(driver)
driver.end_with_parent()
if os.fork() == 0:
    os.setsid()
    print(os.getpid(), flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_workers_in_sessions_of_their_own_end_with_the_driver() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORKS, DRIVER], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as driver:
        assert driver.stdout
        worker = int(driver.stdout.readline())
        os.killpg(driver.pid, signal.SIGKILL)
    end = time.monotonic() + 40
    while _runs(worker):
        assert time.monotonic() < end, "the worker lives on"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether it runs; one that has ended may not have been waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
