"""Where the fleet files say what an export left out or refused."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.export.view import Left
    from stentor.fleet.check import Checked


class Places:
    """Reads the files of a fleet again, once, when the first place is asked for."""

    def __init__(self, fleet: BaseFleet) -> None:
        self.fleet = fleet

    @cached_property
    def _checked(self) -> Checked:
        from stentor.fleet.load import find_and_check

        return find_and_check(self.fleet.data.root, environ=self.fleet.environ, cwd=os.getcwd())[1]

    @property
    def origins(self) -> Mapping[tuple[str, str], str]:
        """(alias, field) to the place; see :class:`stentor.fleet.check.Checked`."""
        return self._checked.origins

    @cached_property
    def _sites(self) -> dict[str, str]:
        services = self._checked.services
        return {site.fqdn: site.place for site in services.sites} if services else {}

    @cached_property
    def _group_of(self) -> dict[str, str]:
        groups = self.fleet.data.groups.items()
        return {alias: name for name, members in groups if name != "all" for alias in members}

    def added(self, left: Sequence[Left]) -> list[Left]:
        """Return what was left out, each with its place."""
        return [one._replace(where=self._of(one)) for one in left]

    def _of(self, one: Left) -> str:
        if one.field == "fqdn":
            return self._sites.get(one.what, "")
        keys = [(one.node, f"{one.field}.{one.what}"), (one.node, one.field)]
        if one.field == "groups":
            keys.append((f"@{one.what or self._group_of.get(one.node)}", "group"))
        return next((self.origins[key] for key in [*keys, (one.node, "name")] if key in self.origins), "")
