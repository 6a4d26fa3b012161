"""A push of dotfiles, rolled out as ``stentor dotfiles apply`` does it."""

from __future__ import annotations

import threading

from stentor.api import dotfiles
from stentor.api.dotfiles import HELD, Wanted
from stentor.api.dotfiles_acting import apply_operation
from stentor.api.fleet import Fleet
from stentor.api.hook_action import (
    INTERRUPTED_AT_MOST,
    BusyError,
    Result,
    carried,
    ending,
    said,
    signing,
    unconfirmed,
)
from stentor.api.hook_receiver import CarryOut
from stentor.api.operations import Terms
from stentor.dotfiles.fetched import Fetched
from stentor.errors import Refused, UsageError
from stentor.fleet.policy.serving import Hook
from stentor.hooks.queue import Delivered
from stentor.hooks.result import Verdict, judge
from stentor.journal import MISSED
from stentor.sh.quoting import quoted


class DotfilesAction:
    """Brings the nodes of a webhook to a commit."""

    def __init__(self, fleet: Fleet, hook: Hook, carry_out: CarryOut) -> None:
        self._words = ",".join(hook.selector)
        self._selection = fleet.select(self._words)
        self._fleet = fleet
        self._carry_out = carry_out
        self.signed = signing(hook, policy=fleet.data.policy.dotfiles.signed)

    def remote(self) -> str:
        """The policy's, or that of the operator's clone."""
        url = remote_of(self._fleet)
        if not url:
            hint = "set dotfiles: remote: in the policy"
            raise UsageError("the dotfiles have no remote to fetch a push from", hint=hint)
        return url

    def ready(self) -> None:
        """Nothing here is changed."""

    def held(self) -> str:
        """What was rolled out last on any of the nodes, as the journal has it."""
        aliases = {node.alias for node in self._selection.nodes}
        known = [
            (at, str(data.get("rev", "")))
            for alias, (at, data) in dotfiles.recall(self._fleet, HELD).items()
            if alias in aliases
        ]
        return max(known)[1] if known else ""

    def by_hand(self, commit: str) -> str:
        """The command that needs no webhook."""
        return f"stentor dotfiles apply {quoted((self._words,))} --rev {commit[:10]}"

    def roll_out(self, push: Delivered, clone: Fetched, stop: threading.Event) -> Result:
        """Plan and apply, as by hand; the nodes of the webhook are confirmed by its policy."""
        again = 0 < push.interrupted <= INTERRUPTED_AT_MOST
        wanted = Wanted(push.after, again=again, source=clone.place)
        with ending(stop) as cancellation:
            terms = Terms(confirm=unconfirmed(self.by_hand(push.after)), cancellation=cancellation)
            try:
                seen = dotfiles.plan(self._selection, wanted, terms, expire=True)
            except Refused as locked:
                raise BusyError(said(locked)) from None
            waiting = [alias for alias, plan in seen.plans.items() if plan.pending]
            if waiting:
                raise BusyError(f"{', '.join(waiting)}: a change waits to be confirmed")
            if seen.plans and not (seen.to_change or seen.down) and self._recorded(push.after):
                return Result(Verdict("done", "every node has it"))
            operation = apply_operation(self._selection, seen, terms)
            carried(operation, self._carry_out)
            nodes = operation.request.nodes
            verdict = judge(operation.report, nodes, begun=seen.plans, stopped=stop.is_set())
        return Result(verdict, operation.number)

    def _recorded(self, commit: str) -> bool:
        """Whether the journal knows that every node holds a commit, and misses nothing."""
        held, missed = dotfiles.recall(self._fleet, HELD), dotfiles.recall(self._fleet, MISSED)
        nodes = {node.alias for node in self._selection.nodes}
        return not nodes & {*missed} and all(
            alias in held and held[alias][1].get("rev") == commit for alias in nodes
        )


def remote_of(fleet: Fleet) -> str:
    """Return the address of the dotfiles' remote; empty if none is known."""
    return fleet.data.policy.dotfiles.remote or dotfiles.repository_of(fleet).source.remote
