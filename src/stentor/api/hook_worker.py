"""What webhooks ask for, done: pushes are taken from the queue, checked, and rolled out one at a time."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import NamedTuple

from stentor.api.fleet import Fleet
from stentor.api.hook_action import INTERRUPTED_AT_MOST, Action, BusyError, Result, acting, said
from stentor.api.hook_dotfiles import DotfilesAction, remote_of
from stentor.dotfiles.fetched import Fetched
from stentor.dotfiles.git import head
from stentor.errors import Refused, StentorError, UsageError
from stentor.fleet.policy.serving import Hook
from stentor.fleet.remote_address import split
from stentor.hooks.merge import Choice, choose
from stentor.hooks.queue import Delivered, Queue, State
from stentor.hooks.result import wait_for
from stentor.journal import state_directory
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.hook_receiver import Receiver

POLL = 1.0  # seconds between two looks at the queue, where nothing wakes us
BUSY_WAIT = 10.0  # seconds until the next attempt while somebody else changes the nodes
ABSENT_WAIT = 5.0  # seconds until a commit is looked for again which the remote does not have yet
ABSENT_ATTEMPTS = 3
TOLD_AFTER = 3  # attempts that could not begin, until somebody is told
LOOK_TIMEOUT = 20.0  # seconds for a remote to say where a branch is
BUSY_TOLD_AFTER = 30  # the same where somebody else changes the nodes: five minutes


class Job(NamedTuple):
    """A push that is rolled out, and those that it has in it."""

    newest: Delivered
    merged: list[int]

    @property
    def numbers(self) -> list[int]:
        """The numbers of all of them."""
        return [self.newest.id, *self.merged]


class Worker:
    """Takes what has come, until it is asked to stop."""

    def __init__(self, hooks: Receiver) -> None:
        self.hooks = hooks  # the webhooks, with the queue
        self._told: dict[str, int] = {}  # webhook to the newest delivery of which it was told that it waits

    def run(self, stop: threading.Event) -> None:
        """Take the queue until ``stop`` is set. An error of one push is written down, and no end."""
        while not stop.is_set():
            self.hooks.came.clear()
            try:
                queue = self.hooks.queue()
                queue.recover()
                for name in queue.due():
                    if not stop.is_set():
                        self._take(name, stop)
            except StentorError:
                pass  # the fleet or the queue cannot be read just now; the next look may find it well
            _wait(self.hooks.came, stop)

    def _take(self, name: str, stop: threading.Event) -> None:
        queue = self.hooks.queue()
        pushes = queue.take(name)
        if not pushes:
            return
        numbers = [push.id for push in pushes]
        attempts = max(push.attempts for push in pushes)
        try:
            with self.hooks.acting:
                self._roll_out(name, pushes, stop)
        except Refused as refused:
            self._end(name, numbers, "failed", said(refused))
        except StentorError as error:
            queue.postpone(numbers, said(error), wait_for(attempts))
            if attempts >= TOLD_AFTER:
                self._tell_once(name, numbers[-1], said(error))
        except Exception as error:
            # An error of ours must neither end the thread nor be tried for ever.
            if attempts > INTERRUPTED_AT_MOST:
                self._end(name, numbers, "failed", f"{type(error).__name__}: {error}")
            else:
                queue.postpone(numbers, f"{type(error).__name__}: {error}", wait_for(attempts))

    def _roll_out(self, name: str, pushes: list[Delivered], stop: threading.Event) -> None:
        """Check what pushes brought, and roll the newest out.

        Raises:
            Refused: it is not rolled out, and not by another attempt either.
            StentorError: it could not be done now.
        """
        fleet = acting(self.hooks.open_fleet(), f"hook {name}")
        hook = fleet.data.policy.hooks.each.get(name)
        if hook is None:
            raise Refused(f"the policy has no webhook '{name}' any more")
        action = action_of(name, fleet, hook, self.hooks)
        url = action.remote()
        clone = Fetched(clone_of(fleet, name, url, hook.branch), url, hook.branch, fleet.environ)
        clone.fetch()
        choice = choose(pushes, clone, action.held())
        self._settle(name, choice, action)
        if choice.newest is None:
            return
        job = Job(choice.newest, [push.id for push in choice.merged])
        if why := self.hooks.queue().reverted(name, job.newest.after):
            self._end(name, job.numbers, "reverted", f"not tried again: {why}")
            return
        try:
            if action.signed:
                clone.require_signature(job.newest.after)
            result = action.roll_out(job.newest, clone, stop)
        except BusyError as busy:
            self.hooks.queue().postpone(job.numbers, str(busy), BUSY_WAIT)
            if job.newest.attempts >= BUSY_TOLD_AFTER:
                self._tell_once(name, job.newest.id, str(busy))
        except Refused as refused:
            self._end(name, job.numbers, "failed", said(refused))
        else:
            self._conclude(name, job, result)

    def _settle(self, name: str, choice: Choice, action: Action) -> None:
        """Write down what came of the pushes that are not rolled out."""
        queue = self.hooks.queue()
        late = [push.id for push in choice.absent if push.attempts < ABSENT_ATTEMPTS]
        if late:
            queue.postpone(late, "the commit is not on the branch yet", ABSENT_WAIT)
        gone = [push.id for push in choice.absent if push.id not in late]
        if gone:
            self._end(name, gone, "failed", "the commit is not on the branch")
        if choice.outdated:
            queue.finish([push.id for push in choice.outdated], "done", "the nodes have a newer revision")
        if choice.rewritten:
            self._end(
                name,
                [push.id for push in choice.rewritten],
                "failed",
                "history was rewritten: what was rolled out before is not in it; roll it out by hand with"
                f" '{action.by_hand(choice.rewritten[-1].after)}'",
            )

    def _conclude(self, name: str, job: Job, result: Result) -> None:
        verdict, number = result
        if verdict.state == "stopped":
            self.hooks.queue().postpone(job.numbers, verdict.reason, 0, interrupted=True)
        elif verdict.state == "again":
            self.hooks.queue().postpone(job.numbers, verdict.reason, wait_for(job.newest.attempts))
        else:
            if job.merged:
                self.hooks.queue().finish(job.merged, "merged", f"delivery {job.newest.id} has it", number)
            self._end(name, [job.newest.id], verdict.state, verdict.reason, number)

    def _tell_once(self, name: str, number: int, reason: str) -> None:
        """Have it told that a push waits; once for each."""
        if self._told.get(name) != number:
            self._told[name] = number
            self.hooks.tell(name, "waits", reason)

    def _end(self, name: str, numbers: list[int], state: State, reason: str, operation: int = 0) -> None:
        """Write down the end of pushes; whoever is to be told is told."""
        self.hooks.queue().finish(numbers, state, reason, operation)
        self.hooks.tell(name, state, reason)


def action_of(name: str, fleet: Fleet, hook: Hook, hooks: Receiver) -> Action:
    """Return what a webhook does with a push."""
    if hook.action == "services":
        from stentor.api.hook_services import ServicesAction  # reads YAML: memory that others need not hold

        return ServicesAction(fleet, hook, hooks.carry_out, hooks.open_fleet, f"hook {name}")
    return DotfilesAction(fleet, hook, hooks.carry_out)


def source_of(name: str, fleet: Fleet, hook: Hook, hooks: Receiver) -> str:
    """Look whether a push could be fetched and brought in now; return where it would come from, a line.

    Nothing is fetched.

    Raises:
        StentorError: it could not be.
    """
    action = action_of(name, fleet, hook, hooks)
    url = action.remote()
    plain = split(url).plain
    commit = head(url, hook.branch, fleet.environ, timeout=LOOK_TIMEOUT)
    if not commit:
        raise UsageError(f"{plain} has no branch {hook.branch}", hint="see branch: of the webhook")
    action.ready()
    return f"{hook.branch} is at {commit[:10]} of {plain}"


def clone_of(fleet: Fleet, name: str, url: str, branch: str) -> str:
    """Return the folder of a webhook's own clone."""
    key = hashlib.sha256(f"{fleet.data.root}\0{url}\0{branch}".encode()).hexdigest()[:12]
    return os.path.join(state_directory(fleet.environ), "hooks", f"{name}-{key}")


def place_of(fleet: Fleet, revision: str, queue: Queue) -> str | None:
    """Return the clone that has a revision which a webhook brought; None if none did."""
    for push in queue.deliveries(1000):
        hook = fleet.data.policy.hooks.each.get(push.hook)
        if push.after == revision and hook is not None and hook.action == "dotfiles":
            place = clone_of(fleet, push.hook, remote_of(fleet), hook.branch)
            return place if os.path.isdir(place) else None
    return None


def _wait(came: threading.Event, stop: threading.Event) -> None:
    """Wait until something has come, a moment is over, or we are asked to stop."""
    left = POLL
    while left > 0 and not stop.is_set() and not came.wait(min(0.2, left)):
        left -= 0.2
