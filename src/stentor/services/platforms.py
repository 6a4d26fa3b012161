"""For which machines an image is, as far as the fleet's own files say; no registry is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stentor.fleet.service import CONTAINER, RUNNING, Service
from stentor.services.compose_file import images
from stentor.typed import NamedTuple

_HINT = "it starts only if {} emulates {}: name an image for {}"
_RUNS = {"amd64": ("amd64", "386"), "arm64": ("arm64", "arm")}  # besides its own
# What uname, Debian, docker and the namespaces of Docker Hub call a machine.
_NAMES = {"x86_64": "amd64", "aarch64": "arm64", "arm64v8": "arm64", "i386": "386", "i686": "386"}
_NAMES |= dict.fromkeys(("armhf", "armv6l", "armv7l", "arm32v5", "arm32v6", "arm32v7"), "arm")
_NAMES |= {name: name for name in ("amd64", "arm64", "386", "arm", "ppc64le", "riscv64", "s390x", "mips64le")}


class Unfit(NamedTuple):
    """An image that is for another machine than the node: the alias, what is wrong, what to do."""

    node: str
    what: str
    hint: str


def unfit(
    services: Mapping[str, Service], machines: Mapping[str, str], compose_files: Mapping[str, bytes]
) -> Iterator[Unfit]:
    """Find images that no node of their service runs by itself.

    Args:
        machines: alias to its architecture, as uname or the fleet file says it; what is unknown is left out.
        compose_files: source below the fleet directory to its text.
    """
    for service in services.values():
        if service.state != RUNNING:
            continue
        for image, platform in _images(service, compose_files):
            wanted = _of(platform) or _of_name(image)
            for node in service.nodes if wanted else ():
                there = _NAMES.get(machines.get(node, "").lower(), "")
                if there and wanted not in _RUNS.get(there, (there,)):
                    what = f"{service.name}: the image {image} is for {wanted}, and {node} is {there}"
                    yield Unfit(node, what, _HINT.format(node, wanted, there))


def _images(service: Service, compose_files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Each image, and the platform that is said for it, or nothing."""
    if service.kind == CONTAINER:
        yield service.image, ""
    for put in service.files:
        if put.label == "compose" and not put.template:
            yield from images(compose_files.get(put.source), service.parts)


def _of(platform: str) -> str:
    words = platform.lower().split("/")
    return _NAMES.get(words[1] if len(words) > 1 else words[0], "")


def _of_name(image: str) -> str:
    """The official images for one kind of machine alone are each below its name (``arm64v8/nginx``)."""
    found = re.match(r"(?:docker\.io/)?([a-z0-9]+)/[^/]+\Z", image)
    return _NAMES.get(found[1], "") if found else ""
