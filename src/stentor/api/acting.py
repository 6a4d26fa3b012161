"""What changes nodes, or runs something on them: each method is an operation, from lock to journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stentor.api.results import Carrying
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.results import Results
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.fixing import FixResult
    from stentor.rollout.change import Change


class Acting(Carrying):
    """The part of ``Selection`` that acts.

    The named arguments ``terms`` say how an operation is guarded, locked, recorded and rolled out, and
    by which ``cancellation`` another thread ends it; see :func:`stentor.api.operations.terms_of`.
    """

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
            terms: how it is guarded, recorded and rolled out; see :func:`stentor.api.operations.terms_of`.

        Raises:
            Refused: the guard's question was not answered, or other nodes are being changed.
            StentorError: what was asked makes no sense. A node's failure is a result, not an error.
        """
        from stentor.api.run import RunRequest, run_operation
        from stentor.fanout.given import Given
        from stentor.fanout.task import Settings

        settings = Settings(
            window=window,
            connect_timeout=connect_timeout,
            timeout=timeout,
            retries=retries,
            fail_fast=fail_fast,
            user=user,
        )
        with Given() as given:
            wanted = RunRequest(command, given.path_of(stdin), environment or {})
            return self._results(run_operation, {"settings": settings, **terms}, wanted)

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
        **terms: Any,
    ) -> Results:
        """Copy files to every node, only what it lacks, and return each node's result.

        Args:
            sources: paths here.
            destination: on the nodes.
            checksum: compare contents even where size and time are the same.
        """
        from stentor.api.transfer import copy_operation
        from stentor.transfer import source

        paths = [sources] if isinstance(sources, str) else [*sources]
        words, found = (*paths, destination), source.find(paths)
        return self._results(copy_operation, terms, found, destination, words=words, checksum=checksum)

    def fetch(self, path: str | Sequence[str], folder: str, **terms: Any) -> Results:
        """Fetch files and directories of every node, a folder each, and return each node's result.

        Args:
            path: on the nodes, or several; patterns of their shells are allowed.
            folder: here.
        """
        from stentor.api.transfer import fetch_operation

        return self._results(fetch_operation, terms, [path] if isinstance(path, str) else path, folder)

    def playbook(self, file: str, *, extra_vars: Mapping[str, Any] | None = None, **options: Any) -> Results:
        """Run an Ansible playbook on the nodes and return each node's result.

        Args:
            extra_vars: variables for it; they are not kept in the journal.
            options: ``tags``, ``become``, ``forks``, ...: fields of
                :class:`stentor.playbooks.request.PlaybookRequest`; and those of
                :func:`stentor.api.operations.terms_of`.

        Raises:
            StentorError: Ansible is missing, or cannot read it; or it is for none of these nodes.
        """
        from stentor.api.playbooks import run_playbook

        return run_playbook(self, file, extra_vars or {}, options)

    def ansible(self, module: str, arguments: str = "", **options: Any) -> Results:
        """Run one module of Ansible's on the nodes and return each node's result.

        Args:
            module: its name.
            arguments: for it: ``name=htop state=present``, or JSON.
            options: as of :meth:`playbook`.
        """
        from stentor.api.playbooks import run_playbook

        return run_playbook(self, "", {}, {**options, "module": module, "arguments": arguments})

    def rollout(self, change: Change, **terms: Any) -> Results:
        """Roll a change of your own out, in waves, and return each node's result.

        Args:
            change: see :class:`stentor.rollout.change.Change`.
            terms: ``canary``, ``waves``, ``gate``, ...; see :func:`stentor.api.operations.terms_of`.
        """
        from stentor.api.operations import change_operation

        return self._results(change_operation, terms, change)

    def reboot(self, *, command: str = "", patience: float = 300.0, **terms: Any) -> Results:
        """Reboot the nodes one after the other, each proved to be back, and return each node's result.

        Args:
            command: what reboots a node; empty for the policy's.
            patience: until a node must be back, seconds.
            terms: ``yes_really``, ...; see :func:`stentor.api.operations.terms_of`.
        """
        from stentor.api.power import reboot_operation

        return self._results(reboot_operation, terms, command=command, limit=patience)

    def shutdown(self, *, command: str = "", **terms: Any) -> Results:
        """Shut the nodes down, the gateway last, and return each node's result.

        Args:
            command: what shuts a node down; empty for the policy's.
            terms: ``yes_really``, ...; see :func:`stentor.api.operations.terms_of`.
        """
        from stentor.api.power import shutdown_operation

        return self._results(shutdown_operation, terms, command=command)

    def bootstrap(
        self,
        password: str = "",
        *,
        first_user: str = "root",
        fingerprint: str = "",
        via: str = "",
        **terms: Any,
    ) -> Results:
        """Make members of the fleet of these machines and return each node's result.

        Args:
            password: of the login that a new machine has, and of sudo there; empty where a key is enough.
            first_user: the name of that login.
            fingerprint: of the one node's host key, where it is not known yet.
            via: a selector of nodes; a host key is the node's if each of them is shown the same one.

        Raises:
            FleetError: the fleet does not say as whom it logs in, or no public key is known.
        """
        from stentor.api.bootstrap import HostKeys, bootstrap
        from stentor.bootstrap.ways import First

        return bootstrap(self, First(first_user, lambda: password), HostKeys(fingerprint, via), terms)

    def wake(self, *, via: str | None = None, **terms: Any) -> Results:
        """Wake the nodes by Wake-on-LAN and return whether the packets were sent.

        Args:
            via: the node that sends the packets; ``here`` for this machine; None to choose.
        """
        from stentor.api.power import wake_operation

        return self._results(wake_operation, terms, via=via)

    def install_gateway(self, **terms: Any) -> Results:
        """Install on the nodes what a gateway of the tree needs, and return each node's result."""
        from stentor.api.gateways import install_operation

        return self._results(install_operation, terms)

    def fix(self, diagnoses: Iterable[Diagnosis], **terms: Any) -> tuple[FixResult, ...]:
        """Do every safe fix that these diagnoses ask for and return what came of each.

        Args:
            diagnoses: from :meth:`doctor`.
        """
        from stentor.api.doctor import fix

        return fix(self, diagnoses, **terms)
