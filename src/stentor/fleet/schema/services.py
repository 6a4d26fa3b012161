"""What runs where, and by which web name it answers: what may stand in ``services.yaml``."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from stentor.fleet.schema.kinds import ONE_OR_MORE, Duration, Line, Port, Selector, ServiceAddress, Word

_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"  # RFC 1035, 2.3.4: 63 bytes at most

WebName = Annotated[
    str,
    Meta(
        pattern=rf"^(\*\.)?{_LABEL}(\.{_LABEL})*$",
        max_length=253,
        description="A web name, such as chat.home.example.",
        extra={"what": "is no web name", "hint": "letters, digits and '-', at most 63 between two dots"},
    ),
]
Backend = Annotated[
    str,
    Meta(
        pattern=r"^(https?://)?([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$",
        description="Where the service answers, seen from the gateway: [https://]HOST:PORT.",
        extra={"what": "is no backend", "hint": "it looks like localhost:8080, https://[fd00::1]:9090"},
    ),
]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s\"'`{}\\]+$",
        extra={"what": "is no URL", "hint": "it begins with http:// or https:// and has no braces"},
    ),
]
WebPath = Annotated[
    str,
    Meta(
        pattern=r"^/[^\s\"'`{}\\]*$",
        description="What is asked for when the name is proved; / by default.",
        extra={"what": "is no path of a URL", "hint": "it begins with / and has no spaces"},
    ),
]
Code = Annotated[
    int,
    Meta(ge=100, le=599, extra={"what": "is no HTTP status code", "hint": "a number from 100 to 599"}),
]
Kind = Literal["standard", "https_backend", "websocket", "sse", "redirect"]
ServiceName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@-]*$",
        max_length=100,
        extra={
            "what": "is no name of a service",
            "hint": "names have letters, digits, '.', '_', '@' and '-'",
        },
    ),
]
NodePath = Annotated[
    str,
    Meta(
        pattern=r"^/[^\x00-\x1f\x7f]*$",
        max_length=1024,
        description="An absolute path on the node.",
        extra={"what": "is no absolute path", "hint": "a path on the node begins with /"},
    ),
]
FleetPath = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]+$",
        max_length=1024,
        description="A file below the fleet directory; or 'secret:NAME', for one that is not kept in git.",
        extra={"what": "is no path"},
    ),
]
Mode = Annotated[
    str,
    Meta(
        pattern=r"^[0-7]{3,4}$",
        description="Permissions: '0640'. Put it in quotes: YAML takes it for a number.",
        extra={"what": "is not a mode", "hint": "three or four octal digits, in quotes: '0640'"},
    ),
]
Owner = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$",
        description="USER or USER:GROUP; root by default.",
        extra={"what": "is no owner", "hint": "USER or USER:GROUP"},
    ),
]
Image = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$",
        max_length=500,
        description="What 'docker pull' takes: NAME[:TAG] or NAME@sha256:DIGEST.",
        extra={"what": "is no image", "hint": "NAME[:TAG] or NAME@sha256:DIGEST"},
    ),
]
ContainerName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]+$",
        max_length=128,
        extra={"what": "is no name of a container", "hint": "two or more letters, digits, '_', '.' and '-'"},
    ),
]
UnitName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*$",
        max_length=255,
        extra={"what": "is no name of a unit", "hint": "it looks like caddy.service"},
    ),
]


class Domain(msgspec.Struct, forbid_unknown_fields=True):
    """A web name of a service, below the service."""

    name: WebName
    kind: Kind | None = None
    to: Url | None = None
    tls_skip_verify: bool | None = None
    http_version: Literal["1.1", "2", "3"] | None = None
    local_ip: ServiceAddress | None = None
    external_dns: bool | None = None
    path: WebPath | None = None
    code: Code | None = None
    notes: str | None = None
    vars: dict[str, Any] | None = None


class DomainEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A web name, at the top of the file."""

    fqdn: WebName
    service: Word | None = None
    backend: Backend | None = None
    type: Annotated[Kind | None, Meta(description="How the gateway hands on; standard by default.")] = None
    to: Annotated[Url | None, Meta(description="Of a redirect: where it leads.")] = None
    tls_skip_verify: bool | None = None
    http_version: Literal["1.1", "2", "3"] | None = None
    local_ip: Annotated[
        ServiceAddress | None, Meta(description="The address in the local DNS, not the gateway's.")
    ] = None
    external_dns: bool | None = None
    path: WebPath | None = None
    code: Annotated[Code | None, Meta(description="The answer expected of it; 200 by default.")] = None
    notes: str | None = None


class Gateway(msgspec.Struct, forbid_unknown_fields=True):
    """What serves every web name."""

    node: Selector | None = None
    ip: Annotated[ServiceAddress | None, Meta(description="Its address in the local DNS.")] = None
    dns: Literal["pihole", "dnsmasq", "hosts"] | None = None
    dns_node: Annotated[Selector | None, Meta(description="What answers DNS; the gateway by default.")] = None
    external_target: str | None = None
    caddyfile: Annotated[
        NodePath | None, Meta(description="The gateway's Caddyfile; /etc/caddy/Caddyfile by default.")
    ] = None
    dns_file: Annotated[
        NodePath | None, Meta(description="The file of dnsmasq or hosts that is written.")
    ] = None
    dns_port: Annotated[Port | None, Meta(description="Where DNS is answered; 53 by default.")] = None
    dns_restart: Annotated[
        Line | None, Meta(description="Restarts dnsmasq where it is no unit of systemd.")
    ] = None


class Secrets(msgspec.Struct, forbid_unknown_fields=True):
    """Where files come from that are named 'secret:NAME' and are not kept in git."""

    folder: Annotated[
        FleetPath | None, Meta(description="With NAME.age, or NAME as it is; 'secrets' by default.")
    ] = None
    command: Annotated[
        Line | None,
        Meta(description="Prints the secret; {name} stands for its name: 'pass show fleet/{name}'."),
    ] = None
    identity: Annotated[str | None, Meta(description="The file for 'age --decrypt --identity'.")] = None


class FileEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A file that is put on the node."""

    source: FleetPath
    mode: Mode | None = None
    owner: Owner | None = None
    template: Annotated[
        bool | None, Meta(description="Filled in by Jinja2; so by default where the name ends in .j2.")
    ] = None


class FolderEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A data folder: made where it is missing, never removed."""

    path: NodePath
    mode: Mode | None = None
    owner: Owner | None = None


class ServiceEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A service. Keys of your own stand in ``vars``."""

    elsewhere: ClassVar[dict[str, str]] = {
        "host": "node", "hosts": "node", "nodes": "node", "dependson": "dependencies",
        "requires": "dependencies", "volume": "volumes", "env": "environment", "state": "status",
        "domain": "domains", "templates": "files", "description": "notes", "healthcheck": "check",
    }  # fmt: skip

    node: Selector | None = None
    kind: Word | None = None
    type: Word | None = None
    enabled: bool | None = None
    status: Word | None = None
    port: Port | None = None
    ports: Annotated[list[Port], ONE_OR_MORE] | None = None
    bind: ServiceAddress | None = None
    unit: UnitName | None = None
    unit_file: FleetPath | None = None
    drop_ins: (
        Annotated[list[FleetPath], ONE_OR_MORE, Meta(description="Files of the fleet, laid into UNIT.d.")]
        | None
    ) = None
    file: FleetPath | None = None
    compose_file: FleetPath | None = None
    project: Annotated[
        Word | None, Meta(description="The compose project; the service's name by default.")
    ] = None
    folder: Annotated[
        NodePath | None, Meta(description="Where its files lie on the node; /opt/NAME by default.")
    ] = None
    services: list[ServiceName] | None = None
    env_file: FleetPath | None = None
    binary: str | None = None
    config: str | None = None
    data: Annotated[list[NodePath | FolderEntry], ONE_OR_MORE] | None = None
    files: Annotated[
        dict[NodePath, FleetPath | FileEntry] | None,
        Meta(description="Path on the node to the file of the fleet that is put there."),
    ] = None
    image: Image | None = None
    container_name: ContainerName | None = None
    environment: dict[str, str | int | float | bool] | None = None
    volumes: list[str] | None = None
    network: Annotated[Word | None, Meta(description="Of a container: 'host', or a network of docker's.")] = (
        None
    )
    command: Annotated[list[str], ONE_OR_MORE] | None = None
    restart: Word | None = None
    reload: Annotated[
        bool | None, Meta(description="Changed files need a reload only ('systemctl reload'), no restart.")
    ] = None
    check: Annotated[
        Line | None, Meta(description="A command on the node that must succeed after a change.")
    ] = None
    settle: Annotated[
        Duration | None, Meta(description="How long it must have run before a change counts as good; 6s.")
    ] = None
    backup: Annotated[
        Line | None, Meta(description="A command on the node that prints a backup of the data folders.")
    ] = None
    restore: Annotated[Line | None, Meta(description="A command on the node that reads such a backup.")] = (
        None
    )
    needs: list[Word] | None = None
    dependencies: list[Word] | None = None
    domains: list[Domain] | None = None
    shares: dict[str, Any] | None = None
    notes: str | None = None
    vars: dict[str, Any] | None = None


Services = dict[ServiceName, ServiceEntry]
