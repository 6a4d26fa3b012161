"""What a node is made of, from what ``sh/inventory.sh`` printed on it; and what differs from before.

As with the facts of ``status``, every line can be missing or odd; nothing that a node says is an error.
The result is plain data (it is kept in the journal, printed as JSON, looked up by selectors), with only
what stays the same from one moment to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stentor import shells
from stentor.digits import whole
from stentor.probe.facts import first, read_said, release_of

BEGIN, END = "stentor_inventory=1", "stentor_inventory_end=1"
TOOLS = sorted((
    "ansible", "chezmoi", "curl", "docker", "git", "go", "kubectl", "make", "mosh", "nvim", "podman",
    "python3", "rsync", "ssh", "tmux", "vim", *shells.WITH_INIT,
))  # fmt: skip
PACKAGES = ("git", "openssh-server", "sudo", "tmux")
PSEUDO = ("lo", "docker", "veth", "br-", "virbr", "ifb", "cni", "flannel", "dummy")

_SAID = re.compile(r"^([a-z_]+|tool_[A-Za-z0-9_.+-]+)=(.*)$")
_VERSION = re.compile(r"\d+(?:\.\d+)+[\w.+~:-]*|\d+[a-z]?\b")

Facts = dict[str, Any]


def parse(output: bytes) -> Facts:
    """Read the lines of ``sh/inventory.sh``; an empty dictionary if it did not begin.

    The keys: ``os`` (``debian12``), ``system`` (for people), ``codename``, ``kernel``, ``arch``,
    ``hostname``, ``machine``, ``virtual``, ``cpu``, ``cores``, ``memory`` (bytes), ``gpus``, ``disks``,
    ``addresses``, ``macs``, ``shell``, ``shells``, ``tools`` and ``packages`` (name to version),
    ``complete``. What is not known is not there.
    """
    said = {
        key: [text[:500].strip() for text in texts] for key, texts in read_said(output, BEGIN, _SAID).items()
    }
    if not said:
        return {}
    uname = first(said, "uname").split()
    found: Facts = {
        **_system(said, uname[0] if uname else ""),
        "kernel": uname[1] if len(uname) > 2 else None,
        "arch": uname[-1] if len(uname) > 2 else None,
        "hostname": first(said, "hostname"),
        "machine": _machine(said),
        "virtual": first(said, "virtual").removesuffix("none"),
        "cpu": _cpu(said),
        "cores": whole(first(said, "cores")),
        "memory": _memory(said),
        "gpus": _gpus(said),
        "disks": _disks(said),
        "addresses": _addresses(said),
        "macs": _macs(said),
        "shell": first(said, "shell"),
        "shells": sorted({line for line in said.get("shells", []) if line.startswith("/bin/")})
        or sorted(set(said.get("shells", []))),
        "tools": _tools(said),
        "packages": _packages(said),
    }
    kept = {key: value for key, value in found.items() if value not in (None, "")}
    return {**kept, "complete": END.partition("=")[0] in said}


def _system(said: Mapping[str, Sequence[str]], kernel: str) -> Facts:
    release = release_of(said)
    if "ProductVersion" in release:
        version = release["ProductVersion"]
        return {"os": f"macos{version.partition('.')[0]}", "system": f"macOS {version}"}
    identity = release.get("ID") or kernel.lower()
    point = first(said, "debian_version") if identity == "debian" else ""
    name = re.sub(r"( GNU)?/?\s?Linux$", "", release.get("NAME", "")).strip() or release.get("PRETTY_NAME")
    version = point if point[:1].isdecimal() else release.get("VERSION_ID", "")
    return {
        "os": f"{identity}{release.get('VERSION_ID', '')}",
        "system": f"{name or kernel} {version}".strip(),
        "codename": release.get("VERSION_CODENAME"),
    }


def _machine(said: Mapping[str, Sequence[str]]) -> str:
    vendor, product = first(said, "vendor"), first(said, "product")
    return product if product.startswith(vendor) else f"{vendor} {product}".strip()


def _cpu(said: Mapping[str, Sequence[str]]) -> str:
    for line in said.get("cpuinfo", []):
        value = " ".join(line.partition(":")[2].split())
        if value:
            return value
    return ""


def _memory(said: Mapping[str, Sequence[str]]) -> int | None:
    kilobytes = whole(first(said, "meminfo").removeprefix("MemTotal:").removesuffix("kB"))
    return kilobytes * 1024 if kilobytes is not None else whole(first(said, "memory_bytes"))


def _gpus(said: Mapping[str, Sequence[str]]) -> list[Facts]:
    found: list[Facts] = []
    for line in said.get("gpu", []):
        name, memory, driver = ([*(part.strip() for part in line.split(",")), "", ""])[:3]
        megabytes = whole(memory)
        if megabytes is not None:  # else it is nvidia-smi's complaint
            found.append({"name": name, "memory": megabytes * 1024 * 1024, "driver": driver})
    for line in said.get("lspci", []):
        match = re.search(r"(?:VGA compatible|3D|Display) controller: (.+)", line)
        if match:
            found.append({"name": match[1]})
    return found


def _disks(said: Mapping[str, Sequence[str]]) -> list[Facts]:
    found = []
    for line in said.get("disk", []):
        name, sectors, spins, model = ([*line.split(None, 3), "", "", "", ""])[:4]
        size = whole(sectors)
        if name and size:  # sectors of 512 bytes, whatever the disk's own are (sysfs)
            disk = {"name": name, "size": size * 512, "kind": "disk" if spins == "1" else "flash"}
            found.append({**disk, **({"model": model} if model else {})})
    return found


def _addresses(said: Mapping[str, Sequence[str]]) -> list[Facts]:
    found = []
    for line in said.get("address", []):
        words = line.split()
        if len(words) > 3 and words[2] in ("inet", "inet6") and "link" not in words and not _pseudo(words[1]):
            if "temporary" in words or "deprecated" in words:
                continue  # privacy addresses come and go
            found.append({"interface": words[1], "address": words[3].partition("/")[0]})
    return sorted(found, key=lambda one: (one["interface"], ":" in one["address"], one["address"]))


def _macs(said: Mapping[str, Sequence[str]]) -> Facts:
    pairs = (line.split() for line in said.get("mac", []))
    return {words[0]: words[1] for words in sorted(pairs) if len(words) == 2 and not _pseudo(words[0])}


def _pseudo(interface: str) -> bool:
    return interface.startswith(PSEUDO)


def _tools(said: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each tool that is there, with its version; empty where it does not say one."""
    found = {}
    for name in sorted(said.get("has", [])):
        versions = (_VERSION.search(line.removeprefix(name)) for line in said.get(f"tool_{name}", []))
        found[name] = next((match[0].rstrip(".,") for match in versions if match), "")
    return found


def _packages(said: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found = {}
    for line in said.get("package", []):
        words = line.split()
        if len(words) == 3 and words[0] == "installed":
            found[words[1]] = words[2]
    for line in said.get("pacman", []):
        words = line.split()
        if len(words) == 2:
            found[words[0]] = words[1]
    for line in said.get("apk", []):
        match = re.fullmatch(r"(.+)-(\d[^-]*-r\d+)", line.strip())
        if match:
            found[match[1]] = match[2]
    return dict(sorted(found.items()))


def words(tools: Sequence[str], packages: Sequence[str]) -> str:
    """Return the command that reads the program from its standard input."""
    return " ".join(["sh -s --", *tools, "--", *packages])


# ---- what differs ----


def flat(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every single value with its path: ``tools.git``, ``disks[sda].size``."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, (list, tuple)):
        for index, value in enumerate(data):
            name = value.get("name") or value.get("address") if isinstance(value, Mapping) else value
            inner = {k: v for k, v in value.items() if v != name} if isinstance(value, Mapping) else ""
            yield f"{path}[{name}]", ""
            if inner:
                yield from flat(inner, f"{path}[{name}]" if name else f"{path}[{index}]")
    else:
        yield path, str(data)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in a line each what differs: ``tools.git: 2.39.2 -> 2.39.5``, ``gpus[…]: new``, ``…: gone``."""
    old, new = dict(flat(before)), dict(flat(now))
    lines = []
    for path in dict.fromkeys([*old, *new]):
        if path == "complete" or old.get(path) == new.get(path):
            continue
        if path not in new:
            lines.append(f"{path}: gone" + (f" (was {old[path]})" if old[path] else ""))
        elif path not in old:
            lines.append(f"{path}: new" + (f" ({new[path]})" if new[path] else ""))
        else:
            lines.append(f"{path}: {old[path] or '-'} -> {new[path] or '-'}")
    return lines
