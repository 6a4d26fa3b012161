"""What ``stentor trust`` says, to people and to programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stentor.render.style import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stentor.probe.trust import Verdict
    from stentor.render.json_fields import Shape
    from stentor.render.screen import Screen
    from stentor.ssh.hostkeys import Key

Art = Callable[["Sequence[Key]"], "list[list[str]]"]


class TrustPage:
    """A table of host keys, and below it what it has no room for."""

    def __init__(self, screen: Screen, art: Art) -> None:
        self.screen = screen
        self.art = art  # draws a picture of each key

    def show(self, found: Sequence[Verdict]) -> None:
        from stentor.probe.trust import since
        from stentor.render.table import Cell, columns

        titles = columns("NODE STATE KEY FINGERPRINT SINCE")
        styles = {"pinned": "good", "yours": "good", "certified": "good", "silent": "quiet"}
        rows: list[list[str | Cell]] = []
        for verdict in found:
            state = Cell(verdict.state, styles.get(verdict.state, "bad"))
            pinned = {pin.key: since(pin) for pin in verdict.before}
            keys = verdict.keys or (None,)
            for number, key in enumerate(keys):
                name, shown = (key.name, key.fingerprint) if key else ("", verdict.seen.silence)
                first: list[str | Cell] = [verdict.node.alias, state] if number == 0 else ["", ""]
                rows.append([*first, name, shown, pinned.get(key, "") if key else ""])
        self.screen.table(titles, rows)
        for verdict in found:
            self.screen.lines(self.detail(verdict))

    def detail(self, verdict: Verdict) -> list[str]:
        """What the table has no room for: pictures, other ways, what a change can mean."""
        from stentor.probe.trust import explain

        alias = verdict.node.alias
        lines = [f"{alias}: {printable(note)}" for note in verdict.notes]
        if verdict.state == "changed":
            lines += ["", f"{alias}: THE HOST KEY CHANGED", *self.side_by_side(verdict)]
        elif verdict.state == "revoked":
            lines += [
                "",
                f"{alias}: {printable(verdict.outcome.reason)}: do not trust anything at this address",
            ]
        elif verdict.state == "unknown":
            lines += ["", f"{alias}: nobody has confirmed this key yet", *self.pictures(verdict.keys)]
        before = "  " if lines else f"{alias}: "
        lines += [f"{before}{printable(line)}" for line in explain(verdict)]
        if verdict.state in ("changed", "unknown"):
            from stentor.probe.trust import SHOW_KEYS

            lines.append(f"  to compare, on the console of {alias}: {SHOW_KEYS}")
        return lines

    def side_by_side(self, verdict: Verdict) -> list[str]:
        """Old and new, with since when."""
        from stentor.probe.trust import beside, since

        shown = {key.kind: key for key in verdict.keys}
        known = {pin.key.kind: pin for pin in verdict.before}
        both = [kind for kind in known if kind in shown] or list(known)[:1]
        lines: list[str] = []
        for kind in both:
            pin, new = known[kind], shown.get(kind) or next(iter(shown.values()))
            art = self.art([pin.key, new])
            day = since(pin)
            old_lines = [f"known{' since ' + day if day else ''}", pin.key.fingerprint, *art[0]]
            lines += beside(old_lines, ["now", new.fingerprint, *art[1]])
        return [f"  {line}" for line in lines]

    def pictures(self, keys: Sequence[Key]) -> list[str]:
        """The first key as a picture."""
        return [f"  {line}" for line in (self.art(keys[:1]) or [[]])[0]]


def trust_record(verdict: Verdict) -> Shape:
    """Return one node's record."""
    from stentor.probe.trust import explain, since
    from stentor.render import json_probe as json

    def written(keys: Iterable[Key]) -> list[json.HostKey]:
        return [json.HostKey(key.kind, key.fingerprint) for key in keys]

    return json.Trust.of(
        verdict,
        verdict.outcome,
        keys=written(verdict.keys),
        known=[
            json.KnownKey(pin.key.kind, pin.key.fingerprint, since(pin) or None) for pin in verdict.before
        ],
        paths=[json.Path(way, written(keys.values())) for way, keys in verdict.seen.paths],
        dns=verdict.seen.dns or None,
        dnssec=verdict.seen.dns_signed,
        notes=[*verdict.notes, *explain(verdict)],
    )
