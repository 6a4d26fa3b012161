"""``stentor services logs``, ``exec``, ``backup`` and ``restore``: a command on the nodes of a service."""

from __future__ import annotations

import argparse

from stentor.api import services as api
from stentor.api.fleet import Fleet
from stentor.api.operations import Terms
from stentor.api.run import RunRequest
from stentor.cli.context import Context
from stentor.cli.guarding import confirm_by
from stentor.cli.run_display import RunView, run_and_show, screen_for
from stentor.cli.secrets import Secrecy
from stentor.errors import UsageError
from stentor.fanout.task import STREAMED
from stentor.fleet.model import Node
from stentor.fleet.service import Service
from stentor.render.views import ViewRequest
from stentor.services import remote


def logs(arguments: argparse.Namespace, context: Context) -> int:
    """Show a service's log, of all its nodes."""
    fleet, service = _service(arguments, context)
    since = str(round(arguments.since)) if arguments.since is not None else ""
    sent = remote.logs(service, follow=arguments.follow, since=since, lines=max(0, arguments.lines))
    wanted = RunRequest(f"services logs {service.name}", sent=sent)
    return _run(fleet, service, wanted, arguments, context)


def execute(arguments: argparse.Namespace, context: Context) -> int:
    """Run a command within a service."""
    words = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not words:
        raise UsageError("no command", hint=f"stentor services exec {arguments.words[0]} COMMAND")
    fleet, service = _service(arguments, context)
    command = " ".join(words)
    wanted = RunRequest(command, sent=remote.inside(service, command, arguments.part or ""))
    return _run(fleet, service, wanted, arguments, context)


def backup(arguments: argparse.Namespace, context: Context) -> int:
    """Write what a service's backup command prints into a file."""
    from stentor.outcome import Outcome, exit_code
    from stentor.services.backup import backup as write

    fleet, service = _service(arguments, context)
    node = _one(fleet, service, arguments.on)
    if not service.backup:
        raise UsageError(
            f"'{service.name}' has no 'backup:' in services.yaml", hint="a command that prints it"
        )
    size = 0
    for said in write(fleet.reach(), node, service, arguments.output, most_bytes=arguments.max_size):
        if isinstance(said, Outcome):
            line = f"{size} bytes in {arguments.output}" if said.ok else f"{said.kind}: {said.reason}"
            context.screen().say(f"{node.alias}: {line}")
            if not said.ok and size >= arguments.max_size:
                context.screen().say("hint: --max-size allows more")
            return exit_code([said])
        size = said
    return 1


def restore(arguments: argparse.Namespace, context: Context) -> int:
    """Give a file to a service's restore command."""
    import os

    fleet, service = _service(arguments, context)
    node = _one(fleet, service, arguments.on)
    if not service.restore:
        raise UsageError(
            f"'{service.name}' has no 'restore:' in services.yaml", hint="a command that reads it"
        )
    if not os.path.isfile(arguments.file):
        raise UsageError("no such file", where=arguments.file)
    if not arguments.yes:
        question = f"replace the data of {service.name} on {node.alias} by {arguments.file}?"
        context.require_yes(question, hint="use --yes")
    wanted = RunRequest(
        service.restore, os.path.abspath(arguments.file), sent=remote.as_root(service.restore)
    )
    arguments.on = node.alias
    code = _run(fleet, service, wanted, arguments, context)
    if code == 0:
        context.screen().say(f"{node.alias}: {service.name} has read {arguments.file}")
    return code


def _one(fleet: Fleet, service: Service, on: str | None) -> Node:
    """The node whose data it is about."""
    nodes = [node for node in fleet.nodes(on or ",".join(service.nodes)) if node.alias in service.nodes]
    if len(nodes) != 1:
        raise UsageError(
            f"'{service.name}' is on {', '.join(service.nodes)}", hint="name one of them: --on NODE"
        )
    return nodes[0]


def _service(arguments: argparse.Namespace, context: Context) -> tuple[Fleet, Service]:
    fleet = context.fleet(arguments.fleet)
    services = api.read(fleet).services
    (name,) = arguments.words
    if name not in services:
        from stentor.fleet.suggest import did_you_mean

        listed = "services: " + ", ".join(services)
        raise UsageError(f"there is no service '{name}'", hint=did_you_mean(name, services, otherwise=listed))
    if not services[name].kind:
        raise UsageError(f"'{name}' is not managed", hint="give it a type in services.yaml")
    return fleet, services[name]


def _run(
    fleet: Fleet, service: Service, wanted: RunRequest, arguments: argparse.Namespace, context: Context
) -> int:
    nodes = set(service.nodes)
    if arguments.on:
        nodes &= {node.alias for node in fleet.nodes(arguments.on)}
    if not nodes:
        raise UsageError(
            f"'{service.name}' is on none of these nodes", hint=f"it is on {', '.join(service.nodes)}"
        )
    selector = ",".join(alias for alias in fleet.data.nodes if alias in nodes)
    confirm = confirm_by(context, vars(arguments).get("yes_really"), fleet.groups)
    terms = Terms(STREAMED, confirm=confirm, guarded=arguments.verb != "logs")
    name = "raw" if len(nodes) == 1 else "stream"
    view = RunView(ViewRequest(name))
    return run_and_show(fleet.select(selector), wanted, terms, view, context, screen_for(context), Secrecy())
