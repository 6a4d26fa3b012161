"""The records which each command writes with ``--json``, and their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Union

import msgspec

from stentor.render import json_bootstrap as bootstrap
from stentor.render import json_doctor as doctor
from stentor.render import json_dotfiles as dotfiles
from stentor.render import json_export as export
from stentor.render import json_fleet as fleet
from stentor.render import json_history as history
from stentor.render import json_hooks as hooks
from stentor.render import json_operation as operation
from stentor.render import json_playbooks as playbooks
from stentor.render import json_probe as probe
from stentor.render import json_serve as serve
from stentor.render import json_services as services
from stentor.render import uninstall as uninstall
from stentor.render.json_fields import Shape

_FOUND = (operation.Operation, operation.Notice, operation.Report)
_DONE = (
    *_FOUND,
    operation.Began,
    operation.Started,
    operation.Finished,
    operation.Stopping,
    operation.NotBegun,
    operation.Missed,
    operation.Problem,
)
_RUN = (*_DONE, operation.Output)
_ROLLOUT = (
    operation.Wave,
    operation.WaveEnded,
    operation.Gate,
    operation.Paused,
    operation.Reverting,
    operation.Reverted,
    operation.StepLine,
)

GROUPS: Mapping[str, tuple[type[Shape], ...]] = {
    "an operation": _DONE,
    "a survey": _FOUND,
    "a rollout": _ROLLOUT,
}
"""Records that several commands have in common, by the name that the documentation gives them."""

RECORDS: Mapping[str, tuple[type[Shape], ...]] = {
    "check": (fleet.Check, fleet.Fault, fleet.Advice, operation.Report),
    "nodes": (fleet.Nodes, fleet.NodeEntry),
    "ping": (*_FOUND, probe.Ping),
    "status": (*_FOUND, probe.Status),
    "facts": (*_DONE, probe.Inventory),
    "needs": (*_DONE, probe.Needs),
    "trust": (*_DONE, probe.Trust),
    "doctor": (*_DONE, doctor.Doctor, doctor.Fix, doctor.Undone),
    "run": (*_RUN, *_ROLLOUT),
    "run --dry-run": (history.Plan, history.Target),
    "rerun": (*_RUN, *_ROLLOUT),
    "copy": (*_DONE, *_ROLLOUT, history.Copy),
    "fetch": _DONE,
    "fetch --dry-run": (history.Fetch, history.Measured, operation.Report),
    "dotfiles": (
        *_DONE,
        *_ROLLOUT,
        dotfiles.Dotfiles,
        dotfiles.Planned,
        dotfiles.Working,
        dotfiles.Secret,
        dotfiles.Timer,
    ),
    "services": (
        *_DONE,
        *_ROLLOUT,
        services.ServiceLine,
        services.NodeLine,
        services.WebName,
        services.PortLine,
        services.PlanLine,
    ),
    "bootstrap": (*_RUN, *_ROLLOUT, bootstrap.BootstrapPlan),
    "playbook": (*_RUN, *_ROLLOUT),
    "playbook --dry-run": (*_FOUND, playbooks.Play, playbooks.Checked),
    "ansible": (*_RUN, *_ROLLOUT),
    "ansible --dry-run": (history.Plan, history.Target),
    "reboot": (*_DONE, *_ROLLOUT),
    "shutdown": (*_DONE, *_ROLLOUT),
    "gateway check": (*_FOUND, probe.Gateway),
    "gateway install": _RUN,
    "wake": _RUN,
    "uninstall": (*_DONE, uninstall.Keeps, uninstall.Here),
    "migrate": (fleet.Migration, fleet.Phase),
    "migrate check": (fleet.MigrationCheck, fleet.PhaseChecks, operation.Report),
    "history": (history.History, history.Record),
    "show": (history.Show, history.Record, operation.StepLine),
    "diff": (history.Diff, history.Compared),
    "export": (export.Exports, export.Export, operation.Report),
    "hook test": (hooks.HookTests, hooks.HookTrial),
    "hook deliveries": (hooks.HookDeliveries, hooks.HookDelivery),
    "masters": (fleet.Masters, fleet.Master),
    "tmux list": (fleet.TmuxSessions, fleet.TmuxNode, fleet.Session, operation.Report),
    "tmux sync": (fleet.TmuxSync, fleet.Window),
    "tmux capture": (fleet.TmuxCapture, fleet.Pane),
    "serve doctor": (serve.ServeDoctor, serve.ServeCheck),
    "lab status": (fleet.Lab, fleet.LabNode),
}
"""The records of each command."""

_ANY: Any = Union[tuple(dict.fromkeys(record for records in RECORDS.values() for record in records))]  # noqa: UP007


def tag(record: type[Shape]) -> str:
    """Return the ``type`` of a record's lines."""
    return str(record.__struct_config__.tag)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of one line."""
    made = msgspec.json.schema(_ANY)
    for shape in made["$defs"].values():
        if "description" in shape:  # a docstring, which Python has indented until 3.12
            shape["description"] = cleandoc(shape["description"])
        if "stentor" in shape["properties"]:
            del shape["properties"]["stentor"]["default"]
            shape["required"].insert(1, "stentor")
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "A line of `--json`, by all commands that docs/json.md names"
    return made


def decode(line: bytes | str) -> Shape:
    """Read one line, strictly.

    Raises:
        msgspec.ValidationError: it is not of a shape of this version.
    """
    read: Shape = msgspec.json.decode(line, type=_ANY)
    return read
