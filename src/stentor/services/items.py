"""Services as items: which files, and which commands of ``sh/services`` bring them into effect."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from stentor.fleet.service import ABSENT, COMPOSE, CONTAINER, RUNNING, SYSTEMD, UNITS, Put, Service
from stentor.services.compose_file import forced, texts
from stentor.services.item import Effect, Item, NodeFile, Text
from stentor.sh import assign
from stentor.sh.quoting import quote, quoted

Contents = Mapping[str, bytes]
"""Absolute path on the node to what is to be there, for one node."""


def item_of(service: Service, contents: Contents) -> Item:
    """Return the item of a service on one node.

    Args:
        service: of a kind that is managed.
        contents: of all its files, templates filled in.
    """
    files = tuple(_file(service, put, contents) for put in service.files)
    folders = (
        tuple((one.path, one.mode, one.owner) for one in service.data) if service.state != ABSENT else ()
    )
    make = {SYSTEMD: _unit, COMPOSE: _compose, CONTAINER: _container}[service.kind]
    item = make(service, files)._replace(
        folders=folders, settle=service.settle, stays=service.state != ABSENT
    )
    if service.check and service.state == RUNNING:
        # The user's own line, in a shell of its own: it may exit.
        item = item._replace(prove=f"{item.prove} && sh -c {quote(service.check)}")
    return item


def _file(service: Service, put: Put, contents: Contents) -> NodeFile:
    data = None if service.state == ABSENT else contents[put.path]
    return NodeFile(put.path, data, put.mode, put.owner, put.secret)


def _unit(service: Service, files: Sequence[NodeFile]) -> Item:
    unit, ports = quote(service.unit), quote(_words(service.ports))
    reload = "yes" if service.reload else "no"
    paths = [file.path for file in files]
    template = re.sub(r"@.*\.", "@.", service.unit)
    owned = any(posixpath.basename(path) in (service.unit, template) for path in paths)
    verified = [
        quote(file.path) for file in files if file.data is not None and file.path == f"{UNITS}/{service.unit}"
    ]
    return Item(
        service.name,
        SYSTEMD,
        files,
        unit=service.unit,
        effects=_effects(_RESTART[reload].format(service.unit), paths, service.state),
        require=f"unit_require {unit} {service.state}{' own' if owned else ''}",
        validate=f"unit_verify {' '.join(verified)}" if verified else "",
        keep=f"unit_keep {unit}",
        apply=f"unit_apply {unit} {service.state} {reload}",
        current=f"unit_want {unit} {service.state}",
        prove=f"unit_prove {unit} {service.state} {ports}",
        undo=f"unit_undo {unit}",
    )


def _compose(service: Service, files: Sequence[NodeFile]) -> Item:
    about = quoted((service.project, service.compose_file, service.env_file, _words(service.parts)))
    about = f"compose_of {about}"
    data = next((file.data for file in files if file.path == service.compose_file), None)
    others = [file.path for file in files if file.path != service.compose_file]
    parts = _words(forced(data, service.parts, posixpath.dirname(service.compose_file), others))
    mounted = [path for path in others if path != service.env_file] if parts else []
    recreated = f"recreate the containers of {parts}: files that they use have changed"
    within = texts(data, service.parts) if service.state == RUNNING else ()
    again = quote(parts)
    theirs = data is None and service.state == RUNNING
    return Item(
        service.name,
        COMPOSE,
        files,
        texts=[Text(service.project, *text) for text in within],
        effects=[
            *_effects(_ENV, [service.env_file], service.state),
            *_effects(recreated, mounted, service.state),
        ],
        require=f"compose_require {quote(service.compose_file)}" if theirs else "compose_require",
        validate=f"{about} && compose config --quiet" if service.state != ABSENT else "",
        keep=f"{about} && compose_keep",
        apply=f"{about} && compose_apply {service.state} {again}",
        current=f"{about} && compose_want {service.state}",
        fits=f"{about} && compose_fits" if service.state == RUNNING else "",
        prove=f"{about} && compose_prove {service.state} {quote(_words(service.ports))}",
        undo=f"{about} && compose_undo {again}",
    )


_RESTART = {"yes": "reload or restart {}", "no": "restart {}"}
_ENV = "recreate the containers that read this env_file"


def _effects(text: str, paths: Sequence[str], state: str) -> tuple[Effect, ...]:
    return (Effect(frozenset(paths), text),) if state == RUNNING else ()


def _container(service: Service, files: Sequence[NodeFile]) -> Item:
    words = arguments(service)
    environment = "\n".join(f"{key}={value}" for key, value in service.environment.items())
    mixed = [*words, environment, *(file.digest for file in files)]
    digest = sha256("\0".join(mixed).encode()).hexdigest()[:32]
    labelled = [*words[:2], "--label", f"stentor.config={digest}", *words[2:]]
    about = quoted((service.container, service.state, service.image, digest))
    name = quote(service.container)
    return Item(
        service.name,
        CONTAINER,
        files,
        image=service.image,
        require="docker_require",
        keep=f"container_keep {name}",
        apply=f"{assign(container_env=environment)}container_apply {about} {quoted(labelled)}",
        current=f"container_want {about}",
        fits=f"image_fits {quote(service.image)}" if service.state == RUNNING else "",
        prove=f"container_prove {quoted((service.container, service.state, _words(service.ports)))}",
        undo=f"container_undo {name}",
        drop=f"container_drop {name}",
    )


def arguments(service: Service) -> list[str]:
    """Return what ``docker create`` gets for a container, without the label of its own."""
    words = ["--name", service.container, "--label", f"stentor.service={service.name}"]
    words += ["--restart", service.restart or "unless-stopped"]
    if service.network:
        words += ["--network", service.network]
    for port in service.ports if service.network != "host" else ():
        address = f"[{service.bind}]" if ":" in service.bind else service.bind
        words += ["--publish", f"{address}:{port}:{port}" if address else f"{port}:{port}"]
    for volume in service.volumes:
        words += ["--volume", volume]
    if service.env_file:
        words += ["--env-file", service.env_file]
    if service.environment:
        words += ["--env-file", "/dev/stdin"]  # what stands among the arguments, any account there can read
    return [*words, service.image, *service.command]


def _words(values: Sequence[object]) -> str:
    return " ".join(map(str, values))
