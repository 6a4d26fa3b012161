"""What is wrong with a fleet's files and with what ssh reads, and what should be known besides."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from stentor.api.base import BaseFleet
from stentor.errors import FleetError
from stentor.fleet.document import Fault
from stentor.fleet.service import CONTAINER
from stentor.guard.policy import policy_for
from stentor.opening import regular
from stentor.probe.advice import Advice, advice, rejected
from stentor.services.platforms import unfit

if TYPE_CHECKING:
    from stentor.fleet.check import Checked
    from stentor.fleet.model import Fleet


class Findings(NamedTuple):
    """What was found."""

    of_files: tuple[Fault, ...]  # faults of the fleet's files, and of the guard's rules in them
    of_ssh: tuple[Fault, ...]  # what ssh rejects in its own configuration
    advice: tuple[Advice, ...]  # what is no fault

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong."""
        return self.of_files + self.of_ssh


def findings(checked: Checked, environ: Mapping[str, str]) -> Findings:
    """Return what is wrong, and what should be known; no node is asked.

    Args:
        checked: the fleet's files, from :func:`stentor.fleet.load.find_and_check`.
        environ: the environment in which ssh is asked.
    """
    fleet = checked.fleet
    if fleet is None:
        return Findings(checked.faults, (), ())
    if of_guard := _of_guard(fleet):
        return Findings(of_guard, (), ())
    of_ssh = rejected(fleet, environ)
    told = [] if of_ssh else advice(fleet, fleet.nodes.values(), environ)
    return Findings(checked.faults, tuple(of_ssh), (*told, *_of_images(checked, environ)))


def _of_guard(fleet: Fleet) -> tuple[Fault, ...]:
    """What every command for several nodes would refuse: a rule to silence that does not exist."""
    try:
        policy_for(fleet.policy.guard, fleet.groups, ())
    except FleetError as error:
        return (Fault(error.where or "guard", 0, 0, error.message, error.hint or ""),)
    return ()


def _of_images(checked: Checked, environ: Mapping[str, str]) -> list[Advice]:
    """Images that are for other machines than their nodes; facts of an earlier time will do."""
    fleet, services = checked.fleet, checked.services.services if checked.services else {}
    files = [put for service in services.values() for put in service.files if put.label == "compose"]
    if not fleet or not (files or any(service.kind == CONTAINER for service in services.values())):
        return []
    known = BaseFleet(fleet, environ=environ).facts()
    machines = {
        alias: node.arch or str(known.get(alias, {}).get("arch") or "") for alias, node in fleet.nodes.items()
    }
    texts = {}
    for put in files:
        with suppress(OSError), open(os.path.join(fleet.root, put.source), "rb", opener=regular) as file:
            texts[put.source] = file.read()
    return [Advice(*one) for one in unfit(services, machines, texts)]
