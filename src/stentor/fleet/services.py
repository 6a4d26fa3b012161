"""``services.yaml``: the services and the web names, each with the place where it answers for the gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stentor.fleet.loopback import is_loopback
from stentor.fleet.model import Fleet, Node
from stentor.fleet.service import Service, ServiceReader
from stentor.fleet.service_rules import EVERYWHERE, check_services
from stentor.fleet.suggest import did_you_mean
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # the reader of YAML is slow to import
    from stentor.fleet.document import Fault, Value


class Site(NamedTuple):
    """A web name."""

    fqdn: str  # in small letters
    kind: str  # ``standard``, ``https_backend``, ``websocket``, ``sse`` or ``redirect``
    backend: str = ""  # ``HOST:PORT``, or ``https://HOST:PORT``; empty for a redirect
    to: str = ""  # where a redirect leads
    address: str = ""  # its own address in the local DNS; empty for the gateway's
    skip_verify: bool = False  # whether the backend's certificate is not checked
    http_version: str = ""  # of the backend; empty for the default
    place: str = ""  # where it stands, ``file:line:column``
    service: str = ""  # by name; empty for a backend that is no service of the file
    path: str = "/"  # what is asked for when the name is proved
    code: int = 200  # the status that is expected then

    @property
    def keeps_path(self) -> bool:
        """Whether a redirect leads to the path that was asked for: nothing follows the host in its target."""
        return not set("/?#") & set(self.to.partition("://")[2])


class SecretSource(NamedTuple):
    """Where files come from that are not kept in git."""

    folder: str = "secrets"  # below the fleet directory, with ``NAME.age`` or ``NAME``
    command: str = ""  # prints the secret; ``{name}`` stands for its name. Empty to look into ``folder``
    identity: str = ""  # the file for ``age --identity``; empty for none


class Services(NamedTuple):
    """All of it."""

    sites: tuple[Site, ...] = ()  # the web names, in the file's order
    gateway: str = ""  # the address under which the gateway is found; empty if the file names none
    services: Mapping[str, Service] = {}  # by name, in the file's order
    gateway_nodes: tuple[str, ...] = ()  # aliases of what serves the web names
    dns: str = ""  # ``pihole``, ``dnsmasq``, ``hosts``, or empty where no DNS is written
    dns_nodes: tuple[str, ...] = ()  # aliases of what answers DNS; the gateway's where the file names none
    caddyfile: str = "/etc/caddy/Caddyfile"  # the gateway's, an absolute path on its node
    dns_file: str = ""  # what is written for ``dns``, an absolute path; empty for the usual one
    dns_port: int = 53  # where DNS is answered
    dns_restart: str = ""  # a command that restarts dnsmasq where systemd does not; empty for none
    secrets: SecretSource = SecretSource()  # where they come from
    file: str = "services.yaml"  # the name of ``services.yaml``, as it is shown


def read_services(
    tree: Value, data: Mapping[str, Any], file: str, fleet: Fleet
) -> tuple[Services, list[Fault]]:
    """Make web names of a checked file.

    Args:
        tree: the file with its positions.
        data: the same as plain data, selectors replaced by aliases.
        file: its name as it should be shown.
    """
    reader = _Reader(tree, data, file, fleet)
    made = reader.made()
    sites = tuple(site for site in reader.sites() if site is not None)
    gateway, secrets = data.get("gateway") or {}, data.get("secrets") or {}
    nodes = tuple(gateway.get("node") or ())
    services = Services(
        sites,
        reader.gateway,
        made,
        nodes,
        gateway.get("dns") or "",
        tuple(gateway.get("dns_node") or nodes),
        gateway.get("caddyfile") or "/etc/caddy/Caddyfile",
        gateway.get("dns_file") or "",
        gateway.get("dns_port") or 53,
        gateway.get("dns_restart") or "",
        SecretSource(
            secrets.get("folder") or "secrets", secrets.get("command") or "", secrets.get("identity") or ""
        ),
        file,
    )
    return services, reader.faults


class _Reader:
    def __init__(self, tree: Value, data: Mapping[str, Any], file: str, fleet: Fleet) -> None:
        self.tree = tree
        self.services: Mapping[str, Any] = data.get("services") or {}
        self.domains = data.get("domains") or []
        self.file = file
        self.fleet = fleet
        self.faults: list[Fault] = []
        gateway = data.get("gateway") or {}
        self.gateway_nodes = set(gateway.get("node") or ())
        self.gateway = gateway.get("ip") or next(
            (node.addresses[0] for node in self._nodes(gateway.get("node")) if node.addresses), ""
        )

    def made(self) -> dict[str, Service]:
        """The services, each by itself and then against the others."""
        trees = self.tree.data["services"].data if self.services else {}
        reader = ServiceReader(self.file, self._fault)
        found = {name: reader.read(name, trees[name], self.services[name]) for name in self.services}

        def complain(name: str, key: str, what: str, hint: str) -> None:
            spelt = {"dependencies": "needs", "port": "ports"}.get(key, key)
            tree = trees[name]
            self._fault(tree.data.get(key) or tree.data.get(spelt) or tree, what, hint)

        check_services(found, complain)
        return found

    def sites(self) -> Iterator[Site | None]:
        seen: dict[str, str] = {}
        for place, entry in self._entries():
            fqdn = entry["fqdn"].lower()
            where = f"{self.file}:{place.line}:{place.column}"
            if fqdn in seen:
                self._fault(place, f"'{fqdn}' is already a web name, {seen[fqdn]}", "name it once")
                continue
            seen[fqdn] = where
            yield self._site(place, where, fqdn, entry)

    def _entries(self) -> Iterator[tuple[Value, dict[str, Any]]]:
        """The web names of both places: below a service, and at the top of the file."""
        for name, service in self.services.items():
            for number, domain in enumerate((service or {}).get("domains") or ()):
                place = self.tree.data["services"].data[name].data["domains"].data[number]
                yield place, {**domain, "fqdn": domain["name"], "service": name}
        for number, domain in enumerate(self.domains):
            if "fqdn" in domain:
                yield (
                    self.tree.data["domains"].data[number].data["fqdn"],
                    {**domain, "kind": domain.get("type")},
                )

    def _site(self, place: Value, where: str, fqdn: str, entry: Mapping[str, Any]) -> Site | None:
        kind, to, service = entry.get("kind") or "standard", entry.get("to") or "", entry.get("service")
        if (kind == "redirect") != bool(to):
            hint = "a redirect has 'to: URL', and nothing else has it"
            self._fault(
                place, f"'{fqdn}' is {'a redirect without' if not to else 'no redirect, but has'} 'to'", hint
            )
            return None
        if service and service not in self.services:
            hint = did_you_mean(service, self.services, otherwise="it is not under 'services'")
            self._fault(place, f"'{fqdn}': there is no service '{service}'", hint)
            return None
        backend = "" if to else entry.get("backend") or self._backend_of(service)
        if not to and not backend:
            hint = "write 'backend: HOST:PORT', or a service with a node and a port"
            self._fault(place, f"'{fqdn}': it is not said where it answers", hint)
            return None
        if wrong := self._disagrees(service, entry.get("backend") or ""):
            self._fault(place, f"'{fqdn}': {wrong[0]}", wrong[1])
            return None
        if self._elsewhere(service, backend):
            hint = "seen from the gateway it is the other node's address; without 'backend' it is found"
            self._fault(place, f"'{fqdn}': '{service}' is not on the gateway, so not on {backend}", hint)
            return None
        if kind == "https_backend" and "://" not in backend:
            backend = f"https://{backend}"
        port = backend.rpartition(":")[2]
        if backend and not 1 <= int(port) <= 65535:
            self._fault(place, f"'{fqdn}': '{port}' is no port", "a port is a number from 1 to 65535")
            return None
        if entry.get("http_version") == "3" and not to and not backend.startswith("https://"):
            hint = "write 'backend: https://HOST:PORT', or leave out 'http_version'"
            self._fault(place, f"'{fqdn}': HTTP/3 is never without TLS", hint)
            return None
        return Site(
            fqdn,
            kind,
            backend.removeprefix("http://"),
            to,
            entry.get("local_ip") or "",
            bool(entry.get("tls_skip_verify")),
            entry.get("http_version") or "",
            where,
            service or "",
            entry.get("path") or "/",
            entry.get("code") or 200,
        )

    def _disagrees(self, service: str | None, backend: str) -> tuple[str, str] | None:
        """What of a backend cannot be, given what is said of its service; with a hint."""
        said = self.services.get(service or "") or {}
        ports = [*([said["port"]] if said.get("port") else []), *(said.get("ports") or [])]
        port = backend.rpartition(":")[2]
        if backend and ports and port.isdecimal() and int(port) not in ports:
            listed = ", ".join(map(str, ports))
            return f"'{service}' does not listen on {port}", f"it has {listed}: correct one of the two"
        nodes, bind = set(said.get("node") or ()), said.get("bind") or ""
        if is_loopback(bind) and self.gateway_nodes and nodes and not nodes & self.gateway_nodes:
            hint = "bind it to an address of its node, or serve the name there"
            return f"'{service}' is bound to {bind} and not on the gateway, so nothing reaches it", hint
        return None

    def _backend_of(self, service: str | None) -> str:
        """Where a service answers, seen from the gateway."""
        said = self.services.get(service or "") or {}
        ports = [said["port"]] if said.get("port") else said.get("ports") or []
        nodes = self._nodes(said.get("node"))
        if not ports or not nodes:
            return ""
        bind = said.get("bind") or ""
        if bind not in EVERYWHERE and not is_loopback(bind):
            address = bind  # there and nowhere else
        elif self.gateway_nodes & {node.alias for node in nodes}:
            address = bind if is_loopback(bind) and bind != "127.0.0.1" else "localhost"
        else:
            address = nodes[0].addresses[0] if nodes[0].addresses else nodes[0].alias
        return f"[{address}]:{ports[0]}" if ":" in address else f"{address}:{ports[0]}"

    def _elsewhere(self, service: str | None, backend: str) -> bool:
        """Whether the backend is on the gateway itself, and the service is not."""
        host = backend.partition("://")[2] or backend
        nodes = set((self.services.get(service or "") or {}).get("node") or ())
        here = is_loopback(host.rpartition(":")[0])
        return here and bool(nodes and self.gateway_nodes) and not nodes & self.gateway_nodes

    def _nodes(self, aliases: Any) -> list[Node]:
        return [self.fleet.nodes[alias] for alias in aliases or () if alias in self.fleet.nodes]

    def _fault(self, place: Value, what: str, hint: str) -> None:
        from stentor.fleet.document import Fault

        self.faults.append(Fault(self.file, place.line, place.column, what, hint))
