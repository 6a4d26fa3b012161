"""Which parts of a compose project use files that compose itself does not look at.

``up`` recreates a container if its configuration or a value of its env_file has changed. The contents of
``configs:`` and ``secrets:``, and those of files that are mounted, are not among that, so a container would
go on with the earlier text: it is recreated by force.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

# A service with 'extends' has what another service has, perhaps one of another file.
_BY_FILE = ("configs", "secrets", "extends")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def forced(text: bytes | None, parts: Sequence[str], folder: str, paths: Sequence[str]) -> list[str]:
    """Return the services of a compose file that are recreated whenever a file of the project changes.

    Args:
        text: the compose file; None where it is the node's own, and nothing is known.
        parts: the services that are wanted; empty for all.
        folder: of the project, on the node.
        paths: files that are put on the node, besides the compose file.
    """
    data = _read(text) if text else None
    services = data.get("services") if data is not None else None
    if not isinstance(services, Mapping):
        return []
    named = data.get("volumes") if data is not None else None
    devices = {name: _device(one) for name, one in named.items()} if isinstance(named, Mapping) else {}
    names = [
        str(name)
        for name, one in services.items()
        if isinstance(one, Mapping)
        and (any(one.get(key) for key in _BY_FILE) or _mounts(one, devices, folder, paths))
    ]
    return [name for name in names if not parts or name in parts]


def texts(text: bytes | None, parts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Say which texts of the compose file itself (``configs: NAME: content:``) its services have within.

    Compose puts them into a container when it makes it, and not again. Those with variables are left out:
    what they become only compose knows.

    Args:
        text: the compose file; None where it is the node's own.
        parts: the services that are wanted; empty for all.

    Yields:
        The service, the path within its containers, and the SHA-256 of the text.
    """
    data = _read(text) or {} if text else {}
    configs, services = data.get("configs"), data.get("services")
    if not isinstance(configs, Mapping) or not isinstance(services, Mapping):
        return
    for name, one in services.items():
        used = one.get("configs") if isinstance(one, Mapping) and (not parts or name in parts) else None
        for entry in used if isinstance(used, list) else ():
            said = entry if isinstance(entry, Mapping) else {"source": entry}
            source = str(said.get("source", ""))
            config = configs.get(source)
            content = config.get("content") if isinstance(config, Mapping) else None
            if isinstance(content, str) and "$" not in content.replace("$$", ""):
                plain = content.replace("$$", "$").encode()
                yield str(name), str(said.get("target") or f"/{source}"), sha256(plain).hexdigest()


def images(text: bytes | None, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the image of each service, and its ``platform`` or nothing; those with variables are left out.

    Args:
        text: the compose file; None where it is the node's own.
        parts: the services that are wanted; empty for all.
    """
    services = (_read(text) or {}).get("services") if text else None
    for name, one in services.items() if isinstance(services, Mapping) else ():
        if isinstance(one, Mapping) and (not parts or name in parts):
            image, platform = str(one.get("image") or ""), str(one.get("platform") or "")
            if image and "$" not in image + platform:
                yield image, platform


def _read(text: bytes) -> Mapping[str, Any] | None:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Takes what has a tag of compose's own (``!override``) as if it had none."""

    def untagged(loader: Any, _tag: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", untagged)
    try:
        data = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return None  # compose itself says what is wrong with it
    return data if isinstance(data, Mapping) else None


def _device(volume: Any) -> str:
    """The folder of the node that a named volume is; empty where it is none."""
    options = volume.get("driver_opts") if isinstance(volume, Mapping) else None
    return str(options.get("device") or "") if isinstance(options, Mapping) else ""


def _mounts(
    service: Mapping[str, Any], devices: Mapping[str, str], folder: str, paths: Sequence[str]
) -> bool:
    """Whether one of the paths is mounted, by itself or in a folder above it."""
    volumes = service.get("volumes")
    if not isinstance(volumes, list):
        return False
    for volume in volumes:
        source = volume.get("source") if isinstance(volume, Mapping) else _source(str(volume))
        source = devices.get(str(source)) or source
        if not isinstance(source, str) or not source.startswith(("/", "~", "$", ".")):
            continue  # a volume by its name
        if source.startswith("~") or "$" in source:
            return bool(paths)  # only compose knows
        whole = posixpath.normpath(posixpath.join(folder, source))
        if any(path == whole or path.startswith(f"{whole}/") for path in paths):
            return True
    return False


def _source(volume: str) -> str:
    """What stands before the first colon of ``SOURCE:TARGET`` that is in no variable (``${DIR:-./conf}``)."""
    return _VARIABLE.sub("$", volume).split(":", 1)[0]
