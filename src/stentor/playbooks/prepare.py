"""Have Ansible read the fleet and a playbook before anything is run, and find what is in the way."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor import scratch
from stentor.errors import UsageError, of_path
from stentor.fleet.importers.open import config_beside
from stentor.opening import regular
from stentor.playbooks.change import write
from stentor.playbooks.listing import Listing, Prompt, judge, prove
from stentor.playbooks.program import Run, failed
from stentor.playbooks.request import PlaybookRequest

_REVERT = re.compile(r"^\s*#\s*stentor:\s*revert=(\S+)\s*$")
_NOTHING = json.dumps([{"hosts": "all", "gather_facts": False, "tasks": []}])


class Read(NamedTuple):
    """A playbook that Ansible has read."""

    request: PlaybookRequest  # with the playbook
    listing: Listing  # what it is
    back: Read | None = None  # the playbook which takes it back; None without


def with_config(environ: Mapping[str, str], file: str) -> dict[str, str]:
    """Return the environment for Ansible: with the ``ansible.cfg`` beside the playbook, or one folder up.

    Ansible itself looks into the working directory only. One that is there, or that ``ANSIBLE_CONFIG`` names,
    holds. A folder that everybody may write to is passed over, as Ansible does.
    """
    if environ.get("ANSIBLE_CONFIG") or os.path.exists("ansible.cfg") or not file:
        return dict(environ)
    beside = config_beside(os.path.dirname(os.path.abspath(file)), 1)
    return {**environ, "ANSIBLE_CONFIG": beside} if beside else dict(environ)


def read(request: PlaybookRequest, inventory: str, environ: Mapping[str, str]) -> Listing:
    """Return what Ansible reads of a playbook with the fleet as its inventory; nothing is run.

    Args:
        inventory: the text of the fleet as an inventory.

    Raises:
        UsageError: Ansible cannot read it; with its words, and the place.
    """
    for path in request.files:
        _only_files(path)
    with scratch.folder() as folder:
        fleet = write(folder, "fleet.yaml", inventory)
        if request.module:
            empty = write(folder, "nothing.yaml", _NOTHING)
            request = request._replace(file=empty, module="", arguments="")
        argv = request.argv((*request.inventories, fleet))
        job = {
            "do": "list",
            "argv": ["--list-hosts", *argv],
            "configured": not request.inventories,
            "vault": dict(request.secrets.vault),
        }
        run = Run(job, environ)
        records = [record for record in run.records() if record["e"] == "listing"]
    if not records:
        raise failed(run)
    return Listing.of(records[0])


def _only_files(path: str) -> None:
    """Refuse a pipe and a device: Ansible reads a file several times. Of other faults it tells itself."""
    try:
        os.close(regular(path))
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise UsageError(
                f"it cannot be read: {error.strerror}",
                where=path,
                hint="Ansible reads it several times: write it to a file",
            ) from None


def read_whole(
    request: PlaybookRequest,
    inventory: str,
    environ: Mapping[str, str],
    groups: Mapping[str, Sequence[str]],
    nodes: Sequence[str],
    selected: Sequence[str],
    reverts: Mapping[str, str] = {},
) -> Read:
    """Return a playbook that Ansible has read, with the one that reverts it; each proved to be whole.

    Args:
        inventory: the text of the fleet as an inventory.
        nodes: the aliases of the fleet.
        selected: those selected; empty for all that the plays name.
        reverts: a playbook to the one that reverts it, as the policy says; what a playbook itself says holds.

    Raises:
        StentorError: it cannot be run like that.
    """
    listing = read(request, inventory, environ)
    prove(listing, nodes, groups)
    if request.module:
        return Read(request, listing._replace(plays=(), dynamic=True))
    judge(listing, request.file, nodes, selected)
    back = None
    if named := revert_file(request.file) or by_policy(request.file, reverts):
        plain = request._replace(file=named, tags=(), skip_tags=(), start_at="")
        back = Read(plain, read(plain, inventory, environ))
        judge(back.listing, named, nodes, ())
    return Read(request, listing, back)


def revert_file(file: str) -> str:
    """Return the playbook that a comment names: ``# stentor: revert=FILE``; empty without.

    Raises:
        UsageError: it is not there.
    """
    try:
        with open(file, encoding="utf-8", errors="replace", opener=regular) as text:
            lines = text.read().splitlines()
    except OSError as error:
        raise of_path(error, "the playbook cannot be read", file) from None
    for number, line in enumerate(lines, 1):
        if match := _REVERT.match(line):
            path = os.path.join(os.path.dirname(file), match[1])
            if not os.path.isfile(path):
                raise UsageError(
                    f"there is no playbook {match[1]} to take it back",
                    where=f"{file}:{number}:{match.start(1) + 1}",
                    hint="a path beside this playbook",
                )
            return path
    return ""


def by_policy(file: str, reverts: Mapping[str, str]) -> str:
    """Return the playbook that the policy names to revert one; empty without.

    Raises:
        UsageError: it is not there.
    """
    path = os.path.realpath(file)
    named = next((back for of, back in reverts.items() if os.path.realpath(of) == path), "")
    if named and not os.path.isfile(named):
        raise UsageError(
            f"there is no playbook {named} to take {file} back",
            hint="the key playbooks.revert of the policy names it; paths are from the fleet directory",
        )
    return os.path.relpath(named) if named else ""


def prompts_of(listing: Listing, request: PlaybookRequest) -> list[Prompt]:
    """Return what the plays ask for and the options do not say."""
    said = {text.partition("=")[0] for text in request.extra_vars} | {*request.secrets.answers}
    asked = {prompt.name: prompt for play in listing.plays for prompt in play.prompts}
    return [prompt for name, prompt in asked.items() if name not in said]
