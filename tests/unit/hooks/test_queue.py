"""The queue on a real file: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from stentor.errors import StentorError
from stentor.hooks.database import Database
from stentor.hooks.delivery import Delivery
from stentor.hooks.queue import KEEP, Queue, State
from stentor.journal.file import Connection


class Clock:
    """Time as a test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened(folder: Path, clock: Clock | None = None, fleet: str = "/fleet") -> Queue:
    """The queue in a folder."""
    return Queue(Database({"XDG_STATE_HOME": str(folder)}, fleet, clock or Clock()))


def delivery(number: int, *, ignored: str = "") -> Delivery:
    """A delivery of its own content."""
    after = "" if ignored else f"{number:040x}"
    return Delivery(f"d{number}", f"digest{number}", "github", "push", "refs/heads/main", "", after, ignored)


def test_what_came_is_taken_once_and_in_order(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for number in range(5):
        assert queue.add("dotfiles", delivery(number))[1] == 0
    assert queue.due() == ["dotfiles"]
    assert [push.delivery for push in queue.take("dotfiles")] == ["d0", "d1", "d2", "d3", "d4"]
    assert queue.due() == []
    queue.finish([1, 2, 3, 4, 5], "done", "on 3 of 3 nodes", 7)
    assert {(push.state, push.operation) for push in queue.deliveries()} == {("done", 7)}


def test_the_same_delivery_is_received_once(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    assert queue.add("dotfiles", delivery(1)) == (1, 0)
    assert queue.add("dotfiles", delivery(1)) == (0, 1)
    assert queue.add("dotfiles", delivery(1)._replace(id="another name")) == (0, 1), "the same content"
    assert queue.add("other", delivery(1))[0]
    assert opened(tmp_path, fleet="/other").add("dotfiles", delivery(1))[0]


def test_a_refused_delivery_does_not_shut_the_real_one_out(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.refuse("dotfiles", delivery(1), "the signature is wrong")
    assert queue.add("dotfiles", delivery(1))[0]


def test_what_failed_may_be_sent_again(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.add("dotfiles", delivery(1))
    queue.finish([1], "failed", "the remote does not answer")
    assert queue.add("dotfiles", delivery(1))[0]
    queue.finish([2], "reverted", "a login failed")
    assert queue.add("dotfiles", delivery(1)) == (0, 2)


def test_a_reverted_revision_is_known(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.add("dotfiles", delivery(1))
    queue.finish([1], "reverted", "drtr: no login")
    assert queue.reverted("dotfiles", f"{1:040x}") == "drtr: no login"
    assert queue.reverted("dotfiles", f"{2:040x}") == ""


def test_a_postponed_push_waits_and_a_returned_node_hurries_it(tmp_path: Path) -> None:
    clock = Clock()
    queue = opened(tmp_path, clock)
    queue.add("dotfiles", delivery(1))
    queue.postpone([queue.take("dotfiles")[0].id], "no node answers", 60)
    assert queue.due() == []
    clock.now += 61
    assert queue.due() == ["dotfiles"]
    queue.postpone([queue.take("dotfiles")[0].id], "no node answers", 60)
    queue.hurry()
    assert queue.due() == ["dotfiles"]


def test_a_new_push_takes_those_that_wait_with_it(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.add("dotfiles", delivery(1))
    queue.postpone([queue.take("dotfiles")[0].id], "no node answers", 60)
    queue.add("dotfiles", delivery(2))
    assert [push.delivery for push in queue.take("dotfiles")] == ["d1", "d2"]


CHILD = """
import sys, time
from stentor.errors import StentorError
from stentor.hooks.database import Database
from stentor.hooks.delivery import Delivery
from stentor.hooks.queue import Queue
queue = Queue(Database({"XDG_STATE_HOME": sys.argv[1]}, "/fleet", time.time))
queue.add("dotfiles", Delivery("d0", "digest0", "github", "push", "refs/heads/main", "", "0" * 40))
queue.take("dotfiles")
for number in range(1, 1000):
    name = f"d{number}"
    queue.add("dotfiles", Delivery(name, name, "github", "push", "refs/heads/main", "", f"{number:040x}"))
    print(name, flush=True)
"""


def test_a_killed_process_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    answered = [child.stdout.readline().strip() for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    answered += child.communicate()[0].split()
    queue = opened(tmp_path)
    assert queue.recover() == 1, "what was under way is put back"
    taken = queue.take("dotfiles")
    assert {"d0", *answered} <= {push.delivery for push in taken}
    assert [push.interrupted for push in taken[:2]] == [1, 0]


def test_what_another_process_has_under_way_is_left_to_it(tmp_path: Path) -> None:
    script = CHILD.partition("for number")[0] + "print('taken', flush=True)\ntime.sleep(60)\n"
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        child.stdout.readline()
        assert opened(tmp_path).recover() == 0
    finally:
        child.kill()
        child.communicate()


def test_threads_may_deliver_at_once(tmp_path: Path) -> None:
    queue = opened(tmp_path)

    def deliver(first: int) -> None:
        for number in range(first, first + 25):
            queue.add("dotfiles", delivery(number % 50))

    threads = [threading.Thread(target=deliver, args=(first,)) for first in (0, 25, 0, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queue.take("dotfiles")) == 50


def test_deliveries_that_come_during_a_commit_share_the_next(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    said: list[str] = []
    with ThreadPoolExecutor(8) as pool:

        def others_come(database: Connection) -> list[Future[tuple[int, int]]]:
            """Hold the file, as a commit does, until all wait for it."""
            database.set_trace_callback(said.append)
            coming = [pool.submit(queue.add, "dotfiles", delivery(number)) for number in (*range(7), 0)]
            end = time.monotonic() + 60
            while len(queue._database._writers) < 8 and time.monotonic() < end:
                time.sleep(0.001)
            assert not any(one.done() for one in coming), "not answered before the commit"
            return coming

        with queue._database.transaction() as connection:
            coming = others_come(connection)
        answers = [one.result() for one in coming]
    assert sorted(number for number, _ in answers if number) == [1, 2, 3, 4, 5, 6, 7]
    assert [number for number, same in answers if same] == [0], "the same delivery in one commit"
    ends = [text for text in said if text.startswith(("PRAGMA", "BEGIN", "COMMIT"))]
    assert ends[0] == "COMMIT", "of the one that held the file"
    assert ends[1:] == ["PRAGMA synchronous = FULL", "BEGIN IMMEDIATE", "COMMIT"]
    assert len(queue.take("dotfiles")) == 7


def test_a_delivery_with_an_error_undoes_none_of_the_others(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    wrong = delivery(3)._replace(ref=b"caf\xe9".decode("utf-8", "surrogateescape"))
    with ThreadPoolExecutor(4) as pool:

        def others_come(_: Connection) -> list[Future[tuple[int, int]]]:
            coming = [pool.submit(queue.add, "dotfiles", one) for one in (delivery(1), wrong, delivery(2))]
            end = time.monotonic() + 60
            while len(queue._database._writers) < 3 and time.monotonic() < end:
                time.sleep(0.001)
            return coming

        with queue._database.transaction() as connection:
            first, second, third = others_come(connection)
        assert isinstance(second.exception(), UnicodeEncodeError)
        assert sorted((first.result()[0], third.result()[0])) == [1, 2]
    assert {push.delivery for push in queue.take("dotfiles")} == {"d1", "d2"}
    assert queue.add("dotfiles", delivery(4)) == (3, 0), "the next is written as ever"


def test_where_the_file_cannot_be_written_no_delivery_is_answered(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue._database._connection.execute("PRAGMA query_only = ON")
    with ThreadPoolExecutor(4) as pool:
        coming = [pool.submit(queue.add, "dotfiles", delivery(number)) for number in range(4)]
        assert {type(one.exception()) for one in coming} == {StentorError}
    queue._database._connection.execute("PRAGMA query_only = OFF")
    assert queue.waiting() == 0
    assert queue.add("dotfiles", delivery(1)) == (1, 0)


def test_what_was_reverted_is_on_the_disk(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.add("dotfiles", delivery(1))
    said: list[str] = []
    queue._database._connection.set_trace_callback(said.append)
    queue.finish([1], "reverted", "drtr: no login")
    assert said[0] == "PRAGMA synchronous = FULL"


@pytest.mark.parametrize("states", KEEP)
def test_it_stays_small(tmp_path: Path, states: tuple[State, ...]) -> None:
    queue = opened(tmp_path)
    queue.add("waits", delivery(0))
    for number in range(1, KEEP[states] + 200):
        if "refused" in states:
            queue.refuse("dotfiles", delivery(number), "the signature is wrong")
        else:
            added, _ = queue.add("dotfiles", delivery(number))
            if number % 10 == 0:
                queue.finish(range(added - 9, added + 1), states[0])
    assert len(queue.deliveries(10_000)) <= KEEP[states] + 70
    assert queue.take("waits"), "what waits is never deleted"


def test_a_flood_of_refusals_ends_no_word_on_what_was_reverted(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.add("dotfiles", delivery(1))
    queue.finish([1], "reverted", "drtr: no login")
    for number in range(2, 800):
        queue.refuse("dotfiles", delivery(number), "the signature is wrong")
    assert queue.reverted("dotfiles", f"{1:040x}")


def test_what_has_ended_is_not_put_back(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for number in range(3):
        queue.add("dotfiles", delivery(number))
    queue.take("dotfiles")
    queue.finish([1], "failed", "the commit is not on the branch")
    queue.postpone([2], "not yet", 5)
    queue.postpone([1, 2, 3], "the remote does not answer", 60)
    queue.finish([1], "done", "a later end")
    found = {push.id: (push.state, push.reason, push.due) for push in queue.deliveries()}
    assert found == {
        1: ("failed", "the commit is not on the branch", 0),
        2: ("queued", "not yet", 1005),
        3: ("queued", "the remote does not answer", 1060),
    }


def test_many_are_put_back_in_one_transaction(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for number in range(20):
        queue.add("dotfiles", delivery(number))
    numbers = [push.id for push in queue.take("dotfiles")]
    said: list[str] = []
    queue._database._connection.set_trace_callback(said.append)
    queue.postpone(numbers, "no node answers", 60)
    assert [text for text in said if text.startswith(("BEGIN", "COMMIT"))] == ["BEGIN IMMEDIATE", "COMMIT"]


def test_a_reason_with_a_name_that_is_not_utf8_is_kept(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    queue.add("dotfiles", delivery(1))
    queue.take("dotfiles")
    queue.finish([1], "failed", b"edited: caf\xe9".decode("utf-8", "surrogateescape"))
    assert queue.deliveries()[0].reason == "edited: caf?"


def test_what_was_ignored_may_be_sent_again_after_the_policy_has_changed(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    ignored = delivery(1)._replace(after="", ignored="another branch than main")
    assert queue.add("dotfiles", ignored) == (1, 0)
    assert queue.add("dotfiles", ignored) == (0, 1)
    assert queue.add("dotfiles", delivery(1)) == (2, 0)
    assert queue.add("dotfiles", delivery(1)) == (0, 2)
