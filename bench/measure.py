"""Whole processes: wall time, CPU time with all children, the largest memory."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Program(NamedTuple):
    """Something to be timed.

    Attributes:
        name: for the table.
        argv: what is started.
        environment: what is set beside the bench's own.
        answers: how many lines of its output must hold ``said``; anything else is no measurement.
        said: what every host answers.
        before: done untimed before each start.
        shown: the command line for the table's readers, where ``argv`` holds more than what is timed.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = {}
    answers: int = 0
    said: str = "hi"
    before: Callable[[], None] | None = None
    shown: str = ""


class Sample(NamedTuple):
    """One run. Seconds and KiB."""

    wall: float
    cpu: float
    memory: int


LONG = 15.0
"""Seconds after which a comparison takes no further turns, once each program had two."""

commands: dict[str, str] = {}
"""What was started since this was cleared: a command line to its program's name."""


class WrongAnswer(Exception):  # noqa: N818 - reads as what happened
    """A tool did not do what is timed, so its time means nothing."""


def once(program: Program, folder: str, limit: float = 300.0) -> Sample:
    """Start the program and wait for all of it; its output goes to a file and is counted.

    Raises:
        WrongAnswer: not every host answered.
    """
    if program.before:
        program.before()
    commands[program.shown or shlex.join(program.argv)] = program.name
    output, errors = f"{folder}/output", f"{folder}/errors"
    environment = {**os.environ, **program.environment}
    sample = _started(list(program.argv), environment, output, errors, limit)
    if program.answers:
        found = _count(output, program.said.encode()) + _count(errors, program.said.encode())
        if found != program.answers:
            with open(errors, "rb") as file:
                complaint = file.read()[-600:].decode(errors="replace")
            raise WrongAnswer(f"{program.name}: {found} of {program.answers} answers; it said: {complaint}")
    return sample


def _started(argv: list[str], environment: dict[str, str], output: str, errors: str, limit: float) -> Sample:
    wanted = {"argv": argv, "environment": environment, "output": output, "errors": errors, "limit": limit}
    starter = _starter()
    assert starter.stdin
    assert starter.stdout
    starter.stdin.write(json.dumps(wanted) + "\n")
    starter.stdin.flush()
    answer = json.loads(starter.stdout.readline() or '["the starter of programs has ended"]')
    if len(answer) == 1:
        raise RuntimeError(f"{argv[0]}: {answer[0]}")
    return Sample(*answer)


@functools.cache
def _starter() -> subprocess.Popen[str]:
    argv = [sys.executable, "-I", "-S", os.path.join(os.path.dirname(__file__), "starter.py")]
    atexit.register(close)
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def close() -> None:
    """End what starts the programs; it is there again for the next one."""
    if _starter.cache_info().currsize:
        with _starter():  # closes its pipes, at which it ends, and waits
            _starter.cache_clear()


def _count(path: str, said: bytes) -> int:
    with open(path, "rb") as file:
        return sum(line.rstrip().endswith(said) for line in file)


def median(samples: Sequence[Sample]) -> Sample:
    """Each measure's own median."""
    return Sample(
        statistics.median(s.wall for s in samples),
        statistics.median(s.cpu for s in samples),
        int(statistics.median(s.memory for s in samples)),
    )


def alternate(programs: Sequence[Program], rounds: int, folder: str, warm_up: bool = True) -> list[Sample]:
    """Run the programs in turns, A B A B, and return each one's medians: a busy moment hits both.

    Where turns are long there are fewer: two, or one where that and the warm-up took long.
    """
    began = time.monotonic()
    if warm_up:
        for program in programs:
            once(program, folder)
    samples: list[list[Sample]] = [[] for _ in programs]
    for turn in range(rounds):
        if turn and time.monotonic() - began > LONG * (3 if turn == 1 else 1):
            break
        for program, collected in zip(programs, samples, strict=True):
            collected.append(once(program, folder))
    return [median(collected) for collected in samples]


def say(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
