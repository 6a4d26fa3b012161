"""A push of the fleet directory: it is brought to the commit, and its services are deployed.

The directory moves only forward, and only where nothing is edited in it; its new files are checked before.
"""

from __future__ import annotations

import threading

from stentor.api import services
from stentor.api.fleet import Fleet
from stentor.api.hook_action import BusyError, Result, acting, carried, ending, said, signing, unconfirmed
from stentor.api.hook_receiver import CarryOut, OpenFleet
from stentor.api.operations import Terms
from stentor.dotfiles.fetched import HEAD, Fetched
from stentor.dotfiles.git import git, origin
from stentor.errors import Refused, StentorError, UsageError
from stentor.fleet.check import Source, check
from stentor.fleet.policy.serving import Hook
from stentor.hooks.queue import Delivered
from stentor.hooks.result import Verdict, judge
from stentor.sh.quoting import quoted


class ServicesAction:
    """Deploys the services of a webhook's nodes."""

    def __init__(
        self, fleet: Fleet, hook: Hook, carry_out: CarryOut, open_fleet: OpenFleet, who: str
    ) -> None:
        self._fleet = fleet
        self._hook = hook  # what the policy says
        self._words = ",".join(hook.selector)
        self._carry_out = carry_out  # carries an operation out
        self._open_fleet = open_fleet  # opens the fleet, as its files are then
        self._who = who  # acts, for the journal
        self._root = fleet.data.root
        self.signed = signing(hook, policy=False)

    def remote(self) -> str:
        """The origin of the fleet directory's repository."""
        top = self._git("rev-parse", "--show-toplevel", check=False)
        if not top:
            hint = "a push is merged there: make it a clone of the fleet's repository, with git clone"
            raise UsageError("the fleet directory is no git clone", where=self._root, hint=hint)
        url = origin(top, self._fleet.environ)
        if not url:
            hint = f"git -C {quoted((top,))} remote add origin URL"
            raise UsageError("the fleet directory's repository has no remote 'origin'", where=top, hint=hint)
        return url

    def ready(self) -> None:
        """The directory is at the branch, and no tracked file is edited in it."""
        branch = self._git("symbolic-ref", "-q", "--short", "HEAD", check=False)
        if branch != self._hook.branch:
            raise Refused(
                f"{branch or 'no branch'} is checked out, not {self._hook.branch}",
                where=self._root,
                hint=f"git -C {quoted((self._root,))} switch {quoted((self._hook.branch,))}",
            )
        edited = self._git("status", "--porcelain", "--untracked-files=no").splitlines()
        if edited:
            raise Refused(
                f"edited there: {edited[0][3:]}", where=self._root, hint="commit it, or revert the edit"
            )

    def held(self) -> str:
        """The commit of the fleet directory."""
        return self._git("rev-parse", "-q", "--verify", "HEAD", check=False)

    def by_hand(self, commit: str) -> str:
        """The commands that need no webhook."""
        clone, nodes = quoted((self._root,)), quoted((self._words,))
        return f"git -C {clone} reset --keep {commit[:10]} && stentor services deploy {nodes}"

    def roll_out(self, push: Delivered, clone: Fetched, stop: threading.Event) -> Result:
        """Bring the fleet directory to the commit, plan and deploy."""
        self._update(push.after, clone)
        fleet = acting(self._open_fleet(), self._who)
        wanted = services.Wanted(fleet, services.read(fleet), [self._words])
        change = services.change_of(wanted)
        with ending(stop) as cancellation:
            terms = Terms(confirm=unconfirmed(self.by_hand(push.after)), cancellation=cancellation)
            seen = services.plan(wanted, change, terms)
            for one in seen.values():
                if one.busy:
                    raise BusyError(f"{one.node}: {one.blocker}")
                if one.blocker:
                    raise Refused(one.blocked, where=one.node, hint=one.next_step)
            away = [alias for alias, one in seen.items() if one.unknown]
            nodes = [*(alias for alias, one in seen.items() if one.changes), *away]
            if stop.is_set():
                raise BusyError("stentor serve was stopped before the end")
            if not nodes:
                return Result(Verdict("done", "nothing differs"))
            operation = services.deploy_operation(wanted, change, nodes, terms)
            carried(operation, self._carry_out)
            verdict = judge(operation.report, nodes, stopped=stop.is_set(), caught_up=False)
        return Result(verdict, operation.number)

    def _update(self, commit: str, clone: Fetched) -> None:
        """Bring the fleet directory to a commit.

        Raises:
            Refused: something is edited there, another branch is checked out, or the new files have faults.
        """
        if self.held() == commit:
            return
        self.ready()
        self._git("fetch", "-q", "--no-tags", clone.place, HEAD)
        faults = check(self._sources(commit), self._root).faults
        if faults:
            raise Refused(f"{faults[0].where}: {faults[0].what}", hint="push a fix; see 'stentor check'")
        try:
            self._git("merge", "-q", "--ff-only", commit)
        except StentorError as error:
            raise Refused(said(error), where=self._root) from None

    def _sources(self, commit: str) -> list[Source]:
        """Return the fleet's files as they are in a commit."""
        prefix = self._git("rev-parse", "--show-prefix")
        found = []
        for kind in ("nodes", "policy", "services"):
            name = f"{prefix}{kind}.yaml"
            if self._git("ls-tree", "--full-tree", "--name-only", commit, "--", name):
                text = self._git("cat-file", "blob", f"{commit}:{name}")
                found.append(Source(kind, f"{kind}.yaml", text.encode()))
        return found

    def _git(self, *words: str, check: bool = True) -> str:
        return git(self._root, *words, environ=self._fleet.environ, check=check)
