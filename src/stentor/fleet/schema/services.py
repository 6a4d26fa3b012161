"""What runs where, as far as this program has to know."""

from __future__ import annotations

import msgspec

from stentor.fleet.schema.kinds import Port, Selector, Word


class Domain(msgspec.Struct):
    """A web name of a service."""

    name: str
    kind: str | None = None


class ServiceEntry(msgspec.Struct):
    """A service. Keys which are not known here are left to you."""

    node: Selector | None = None
    kind: Word | None = None
    ports: list[Port] | None = None
    needs: list[Word] | None = None
    domains: list[Domain] | None = None


Services = dict[str, ServiceEntry]
