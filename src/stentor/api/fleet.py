"""A fleet and nodes of it, with everything that can be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stentor.api.base import BaseFleet, BaseSelection
from stentor.typed import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from stentor.api.dotfiles_selection import Dotfiles
    from stentor.api.facts import NodeFacts, NodeNeeds
    from stentor.api.results import Results
    from stentor.fanout.cancellation import Cancellation
    from stentor.fleet import select as selecting
    from stentor.fleet.document import Fault
    from stentor.journal.operation import Record
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.fixing import FixResult
    from stentor.probe.ping import Ping
    from stentor.probe.status import Status
    from stentor.probe.trust import Verdict
    from stentor.rollout.change import Change


class Fleet(BaseFleet):
    """An opened fleet. Immutable; ``select`` returns what can act."""

    def select(self, expression: str = "@all", *, live: selecting.Live | None = None) -> Selection:
        """Choose nodes by a selector.

        Args:
            expression: ``crtr``, ``@gpu``, ``@all!@pseudo``, ``@failed``, …
            live: looks up sets that are not in the file, in place of :attr:`live`.

        Raises:
            SelectorError: it names nothing that exists.
            UsageError: it asks for the nodes of an operation that is not in the journal.
        """
        return Selection(self, self.nodes(expression, live=live))

    def history(self, *, limit: int = 20, **wanted: Any) -> list[Record]:
        """Return the latest operations of this fleet, the newest first, without output.

        Args:
            limit: how many at most.
            wanted: fields of :class:`stentor.journal.query.Filter`: ``nodes``, ``outcome``, ``kinds``, ...
        """
        from stentor.api.history import past_operations
        from stentor.journal.query import Filter

        return past_operations(self.environ, Filter(**{"fleet": self.data.root, **wanted}), limit)

    def operation(self, reference: str | int = "@last") -> Record:
        """Return one operation of this fleet, with every node's outcome and output.

        Args:
            reference: a number, ``@last``, or ``@last~1``.

        Raises:
            UsageError: there is no such operation.
        """
        from stentor.api.history import past_operation

        return past_operation(self.environ, reference, self.data.root)

    def rerun(
        self,
        reference: str | int = "@last",
        sets: Sequence[str] = (),
        *,
        stdin: bytes | str | None = None,
        cancellation: Cancellation | None = None,
        **terms: Any,
    ) -> Results:
        """Run an operation again and return each node's result.

        Args:
            reference: a number, ``@last`` for the last ``run``, or ``@last~1``.
            sets: only nodes that are ``failed``, ``unreachable``, ``unfinished`` or ``ok`` there.
            stdin: the standard input, where it had one.
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.

        Raises:
            Refused: it was no ``run``, or it needs secrets, which are not kept.
        """
        from stentor.api.history import rerun

        return rerun(self, reference, sets, stdin=stdin, cancellation=cancellation, **terms)

    def undo(self, reference: str | int, selector: str | None = None) -> Results:
        """Undo what an operation of ``doctor --fix`` or :meth:`Selection.fix` did; return results.

        Args:
            reference: the operation's number.
            selector: only these of its nodes.
        """
        from stentor.api.carry_out import results
        from stentor.api.doctor import undo_operation

        return results(undo_operation(self, str(reference), selector=selector))

    def check(self) -> tuple[Fault, ...]:
        """Return every fault of the fleet's files; none where all is well."""
        from stentor.fleet.load import survey

        return survey(self.data.root, environ=self.environ, cwd=self.data.root)[1].faults

    def report(self, form: str = "md", *, operations: int = 10) -> str:
        """Return the state of the fleet as a document, from its files and the journal.

        Args:
            form: ``md`` for Markdown, ``html`` for one page.
            operations: so many of the last; 0 for none.
        """
        from stentor.api.export import report

        return report(self, form, operations=operations)


class Selection(BaseSelection):
    """Some nodes of a fleet.

    Attributes:
        fleet: where they are from.
        nodes: the nodes, in the file's order.
    """

    fleet: Fleet

    @property
    def dotfiles(self) -> Dotfiles:
        """The dotfiles of these nodes: plan, apply, rollback, status, ..."""
        from stentor.api.dotfiles_selection import Dotfiles

        return Dotfiles(self)

    def run(
        self,
        command: str,
        *,
        timeout: float | None = None,
        connect_timeout: float = 5.0,
        window: int = 128,
        retries: int = 0,
        fail_fast: bool = False,
        user: str | None = None,
        stdin: bytes | str | None = None,
        environment: Mapping[str, str] | None = None,
        cancellation: Cancellation | None = None,
        **terms: Any,
    ) -> Results:
        """Run a command on every node of the selection and return what came of it.

        Args:
            command: for each node's login shell.
            timeout: of the command on each node, seconds.
            connect_timeout: until a session is open, seconds.
            window: how many nodes at once.
            retries: how often a node that was not reached is tried again.
            fail_fast: stop at the first node that is not ok.
            user: a login name in place of the fleet's.
            stdin: bytes, or the path of a file, to be each command's standard input.
            environment: variables to set before it.
            cancellation: by which another thread asks for the end.
            terms: how it is guarded, recorded and rolled out; see :func:`stentor.api.terms.terms_of`.

        Raises:
            Refused: the guard's question was not answered, or other nodes are being changed.
            StentorError: what was asked makes no sense. A node's failure is a result, not an error.
        """
        from stentor.api.carry_out import results
        from stentor.api.input_file import InputFile
        from stentor.api.run import RunRequest, run_operation
        from stentor.api.terms import terms_of
        from stentor.fanout.task import Settings

        settings = Settings(
            window=window,
            connect_timeout=connect_timeout,
            timeout=timeout,
            retries=retries,
            fail_fast=fail_fast,
            user=user,
        )
        with InputFile(stdin) as path:
            wanted = RunRequest(command, path, environment or {})
            return results(run_operation(self, wanted, terms_of(settings, **terms)), cancellation)

    def script(self, path: str, *words: str, **options: Any) -> Results:
        """Run a local script on every node and return each node's result.

        Args:
            path: of the script; its first line names the interpreter.
            words: its arguments.
            options: as of :meth:`run`, but for ``stdin``.
        """
        from stentor.api.run import run_script

        return run_script(self, path, words, **options)

    def copy(
        self,
        sources: str | Sequence[str],
        destination: str,
        *,
        checksum: bool = False,
        cancellation: Cancellation | None = None,
        **terms: Any,
    ) -> Results:
        """Copy files to every node, only what it lacks, and return each node's result.

        Args:
            sources: paths here.
            destination: on the nodes.
            checksum: compare contents even where size and time are the same.
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import results
        from stentor.api.terms import terms_of
        from stentor.api.transfer import copy_operation
        from stentor.transfer import source

        paths = [sources] if isinstance(sources, str) else [*sources]
        words = (*paths, destination)
        made = copy_operation(
            self, source.find(paths), destination, terms_of(**terms), words=words, checksum=checksum
        )
        return results(made, cancellation)

    def fetch(
        self, path: str, folder: str, *, cancellation: Cancellation | None = None, **terms: Any
    ) -> Results:
        """Fetch a file or directory of every node, a folder each, and return each node's result.

        Args:
            path: on the nodes.
            folder: here.
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import results
        from stentor.api.terms import terms_of
        from stentor.api.transfer import fetch_operation

        return results(fetch_operation(self, path, folder, terms_of(**terms)), cancellation)

    def rollout(self, change: Change, *, cancellation: Cancellation | None = None, **terms: Any) -> Results:
        """Roll a change of your own out, in waves, and return each node's result.

        Args:
            change: see :class:`stentor.rollout.change.Change`.
            cancellation: by which another thread asks for the end.
            terms: ``canary``, ``waves``, ``gate``, ...; see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import results
        from stentor.api.operations import change_operation
        from stentor.api.terms import terms_of

        return results(change_operation(self, change, terms_of(**terms)), cancellation)

    def reboot(
        self,
        *,
        command: str = "",
        patience: float = 300.0,
        cancellation: Cancellation | None = None,
        **terms: Any,
    ) -> Results:
        """Reboot the nodes one after the other, each proved to be back, and return each node's result.

        Args:
            command: what reboots a node; empty for the policy's.
            patience: until a node must be back, seconds.
            cancellation: by which another thread asks for the end.
            terms: ``yes_really``, ...; see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import results
        from stentor.api.power import reboot_operation
        from stentor.api.terms import terms_of

        made = reboot_operation(self, terms_of(**terms), command=command, limit=patience)
        return results(made, cancellation)

    def shutdown(
        self, *, command: str = "", cancellation: Cancellation | None = None, **terms: Any
    ) -> Results:
        """Shut the nodes down, the gateway last, and return each node's result.

        Args:
            command: what shuts a node down; empty for the policy's.
            cancellation: by which another thread asks for the end.
            terms: ``yes_really``, ...; see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import results
        from stentor.api.power import shutdown_operation
        from stentor.api.terms import terms_of

        return results(shutdown_operation(self, terms_of(**terms), command=command), cancellation)

    def wake(
        self, *, via: str | None = None, cancellation: Cancellation | None = None, **terms: Any
    ) -> Results:
        """Wake the nodes by Wake-on-LAN and return whether the packets were sent.

        Args:
            via: the node that sends the packets; ``here`` for this machine; None to choose.
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import results
        from stentor.api.power import wake_operation
        from stentor.api.terms import terms_of

        return results(wake_operation(self, terms_of(**terms), via=via), cancellation)

    def ping(self, *, login: bool = False, connect_timeout: float = 5.0) -> tuple[Ping, ...]:
        """Return how far each node is reached.

        Args:
            login: log in, all the way up to a shell.
            connect_timeout: until a silent node is given up, seconds.
        """
        from stentor.api.inspect import logins, pings

        look = logins if login else pings
        return self._in_order(look(self, connect_timeout=connect_timeout))

    def status(
        self,
        *,
        timeout: float = 15.0,
        connect_timeout: float = 5.0,
        cancellation: Cancellation | None = None,
    ) -> tuple[Status, ...]:
        """Return what each node is and how it fares.

        Args:
            timeout: for the probe on each node, seconds.
            connect_timeout: until a silent node is given up, seconds.
            cancellation: by which another thread asks for the end.
        """
        from stentor.api.inspect import statuses
        from stentor.fanout.task import Settings

        settings = Settings(connect_timeout=connect_timeout, timeout=timeout)
        return self._in_order(statuses(self, settings, cancellation=cancellation))

    def doctor(self, *, connect_timeout: float = 5.0, shell_timeout: int = 8) -> tuple[Diagnosis, ...]:
        """Return what is wrong with each node, with its proof and the line that fixes it.

        Args:
            connect_timeout: until a silent node is given up, seconds.
            shell_timeout: until a shell that does not come up is said to hang, seconds.
        """
        from stentor.api.doctor import examine

        return self._in_order(examine(self, connect_timeout=connect_timeout, shell_timeout=shell_timeout))

    def fix(
        self,
        diagnoses: Iterable[Diagnosis],
        *,
        cancellation: Cancellation | None = None,
        **terms: Any,
    ) -> tuple[FixResult, ...]:
        """Do every safe fix that these diagnoses ask for and return what came of each.

        Args:
            diagnoses: from :meth:`doctor`.
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.doctor import fix

        return fix(self, diagnoses, cancellation, **terms)

    def facts(
        self, *, known: bool = False, cancellation: Cancellation | None = None, **terms: Any
    ) -> tuple[NodeFacts, ...]:
        """Return the hardware, system, tools and versions of each node, and remember them.

        Args:
            known: the last known facts; contact no node.
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import finished
        from stentor.api.facts import facts_found, facts_operation
        from stentor.api.terms import terms_of

        if known:
            return facts_found(self)
        return facts_found(self, finished(facts_operation(self, terms_of(**terms)), cancellation))

    def needs(self, *, cancellation: Cancellation | None = None, **terms: Any) -> tuple[NodeNeeds, ...]:
        """Return what each node has and lacks of what the fleet requires of it.

        Args:
            cancellation: by which another thread asks for the end.
            terms: see :func:`stentor.api.terms.terms_of`.
        """
        from stentor.api.carry_out import finished
        from stentor.api.facts import needs_found, needs_operation
        from stentor.api.terms import terms_of

        return needs_found(self, finished(needs_operation(self, terms_of(**terms)), cancellation))

    def trust(
        self, *, via: str = "", fingerprint: str = "", yes: bool = False, yes_really: str = ""
    ) -> tuple[Verdict, ...]:
        """Return what host keys each node shows beside what is known of them; pin those that are asked for.

        Args:
            via: a selector of nodes from which they are looked at as well.
            fingerprint: pin the key of the one node that has this fingerprint.
            yes: pin what your own known_hosts vouches for.
            yes_really: with ``fingerprint``, for a changed key: the node's name.
        """
        from stentor.api.trust import trust

        return trust(self, via=via, fingerprint=fingerprint, yes=yes, yes_really=yes_really)

    def export(self, form: Literal["ansible", "tmux"]) -> str:
        """Return these nodes as the text of another tool's file.

        Args:
            form: ``ansible`` for an inventory, ``tmux`` for a snippet of tmux.conf.
        """
        from stentor.api.export import ansible_inventory, tmux_snippet

        return ansible_inventory(self) if form == "ansible" else tmux_snippet(self)

    def _in_order(self, found: Iterable[Any]) -> tuple[Any, ...]:
        """What was found of each node, in the order of the selection; notices are left out."""
        by_alias = {one.outcome.node: one for one in found if hasattr(one, "outcome")}
        return tuple(by_alias[node.alias] for node in self.nodes if node.alias in by_alias)
