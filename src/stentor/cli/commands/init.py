"""``stentor init``: write a fleet file, a new one or from another tool's files."""

from __future__ import annotations

import argparse
import os

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import FleetError, Refused, UsageError

EXAMPLES = """
stentor init                                         a commented ssot/nodes.yaml
stentor init ~/fleet --from ssh-config ~/.ssh/config
stentor init --from ansible inventory.yml            YAML or INI, or a folder of them
stentor init --from hosts /etc/hosts
stentor init --from ssh-config ~/.ssh/config --from ansible hosts.ini       one fleet of both
stentor init --from clustershell /etc/clustershell
stentor init --from genders /etc/genders
stentor init --from ansible hosts.ini --print        print only
stentor init --ansible                               playbooks for the fleet that is here, into ansible/
stentor init --from services services.yaml --from services domains.yaml     write services.yaml
"""

SOURCES = ("ssh-config", "ansible", "hosts", "clustershell", "genders", "services")


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.instead = _instead
    parser.add_argument("directory", nargs="?", metavar="DIR", help="default: ssot; with --ansible: ansible")
    parser.add_argument(
        "--from",
        nargs=2,
        action="append",
        dest="sources",
        metavar=("TOOL", "PATH"),
        help=f"read {', '.join(SOURCES)}; what cannot be converted is listed; repeatable: the first decides",
    )
    parser.add_argument("-n", "--print", action="store_true", dest="only_print", help="write to stdout only")
    parser.add_argument("--force", action="store_true", help="replace existing files")
    parser.add_argument(
        "--ansible",
        action="store_true",
        help="a layout for Ansible: inventory of the fleet, playbooks, group_vars; yours from then on",
    )


def _instead(option: str, _: str) -> str:
    return f"--from TOOL PATH; TOOL is one of {', '.join(SOURCES)}" if option == "--from" else ""


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Write the file and its schema."""
    from stentor.fleet.load import shown as below

    if arguments.ansible:
        return _ansible(arguments, context)
    directory = os.path.abspath(arguments.directory or "ssot")
    if any(tool == "services" for tool, _ in arguments.sources or ()):
        return _services(arguments, context, directory)
    path = os.path.join(directory, "nodes.yaml")
    if not arguments.only_print and not arguments.force and os.path.lexists(path):
        raise Refused("exists already", where=path, hint="--force replaces it; --print writes nothing")
    text = _text(arguments, context, directory)
    if arguments.only_print:
        context.stdout.write(text)
        return 0
    _write(directory, path, text)
    shown = below(directory, os.getcwd())
    context.stderr.write(f"wrote {shown}/nodes.yaml, and nodes.schema.json for editors\n")
    found_by_itself = os.path.basename(directory) == "ssot" and os.path.dirname(directory) == os.getcwd()
    option = "" if found_by_itself else f" --fleet {shown}"
    context.stderr.write(f"next: stentor{option} check; stentor{option} nodes\n")
    return 0


def _text(arguments: argparse.Namespace, context: Context, directory: str) -> str:
    from stentor.fleet.check import Source, check
    from stentor.fleet.importers.write import empty, text_of
    from stentor.fleet.suggest import did_you_mean
    from stentor.render.fleet import say_not_converted

    if not arguments.sources:
        return empty(os.uname().nodename)
    for tool, _ in arguments.sources:
        if tool not in SOURCES:
            listed = "supported: " + ", ".join(SOURCES)
            raise UsageError(f"'{tool}' is not supported", hint=did_you_mean(tool, SOURCES, otherwise=listed))
    from stentor.fleet.importers.open import import_all

    sources = [(tool, os.path.expanduser(origin)) for tool, origin in arguments.sources]
    said = " and ".join(f"{tool} {origin}" for tool, origin in arguments.sources)
    found = import_all(sources, context.environ)
    if found.ssh_config:
        found.ssh_config = os.path.relpath(found.ssh_config, directory)
    text = text_of(found, said)
    faults = check([Source("nodes", "nodes.yaml", text.encode("utf-8", "replace"))], directory).faults
    if faults:
        first = faults[0]
        raise FleetError(f"the converted fleet has a fault: {first.what}", where=said)
    say_not_converted(context.screen(), found.left)
    context.stderr.write(f"nodes: {len(found.nodes)}, groups: {len(found.groups)}\n")
    return text


def _services(arguments: argparse.Namespace, context: Context, directory: str) -> int:
    """Write ``services.yaml`` beside the nodes, from files of an own making."""
    from stentor.fleet.importers.open import read_text
    from stentor.fleet.importers.services import read_services_files, text_of
    from stentor.fleet.load import load
    from stentor.fleet.load import shown as below
    from stentor.render.fleet import say_not_converted

    if any(tool != "services" for tool, _ in arguments.sources):
        raise UsageError(
            "nodes and services are taken over one after the other",
            hint="first '--from ssh-config' or the like, then '--from services'",
        )
    path = os.path.join(directory, "services.yaml")
    if not arguments.only_print and not arguments.force and os.path.lexists(path):
        raise Refused("exists already", where=path, hint="--force replaces it; --print writes nothing")
    fleet = load(directory, environ=context.environ, cwd=os.getcwd())
    paths = [os.path.expanduser(origin) for _, origin in arguments.sources]
    try:
        imported = read_services_files(paths, read_text, fleet.nodes.values())
    except UnicodeDecodeError:
        raise FleetError("it is not text in UTF-8", where=" ".join(paths)) from None
    except OSError as error:
        where = str(error.filename or " ".join(paths))
        raise FleetError(f"it cannot be read: {error.strerror or error}", where=where) from None
    if not imported.data:
        said = f" ({imported.left[0]})" if imported.left else ""
        raise FleetError(f"there are no services and no web names in it{said}", where=" and ".join(paths))
    text = text_of(imported, " and ".join(paths))
    if arguments.only_print:
        context.stdout.write(text)
        return 0
    say_not_converted(context.screen(), list(imported.left))
    _write(directory, path, text, "services")
    shown = below(directory, os.getcwd())
    context.stderr.write(f"wrote {shown}/services.yaml, and services.schema.json for editors\n")
    context.stderr.write(f"next: stentor --fleet {shown} check; stentor --fleet {shown} services plan\n")
    return 0


def _ansible(arguments: argparse.Namespace, context: Context) -> int:
    """Write the layout for Ansible."""
    from stentor.api.playbooks import scaffold
    from stentor.fleet.load import shown as below

    if arguments.sources or arguments.only_print:
        raise UsageError("--ansible goes with DIR and --force alone")
    fleet = context.fleet(arguments.fleet)
    directory = os.path.abspath(arguments.directory or "ansible")
    written = scaffold(fleet, directory, force=arguments.force)
    shown = below(directory, os.getcwd())
    for path in written:
        context.stderr.write(f"wrote {os.path.join(shown, path)}\n")
    context.stderr.write(f"next: stentor playbook {os.path.join(shown, 'playbooks/cluster.yml')} -n\n")
    return 0


def _write(directory: str, path: str, text: str, kind: str = "nodes") -> None:
    import json

    from stentor.atomic_write import write
    from stentor.fleet.schema import json_schema

    try:
        os.makedirs(directory, exist_ok=True)
        schema = json.dumps(json_schema(kind), indent=2) + "\n"
        write(os.path.join(directory, f"{kind}.schema.json"), schema)
        write(path, text, errors="replace")
    except OSError as error:
        raise FleetError(f"cannot be written: {error.strerror}", where=error.filename or path) from None
