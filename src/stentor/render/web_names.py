"""Web names for people and as records: whether each answers, and what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stentor.render.names import together
from stentor.render.style import printable
from stentor.render.table import Cell, Column, table
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape
    from stentor.services.proof.judge import SiteProof


def records(found: Iterable[SiteProof]) -> Iterator[Shape]:
    """Return the records of ``services status``: one for each web name."""
    from stentor.render.json_services import WebName

    for one in found:
        fields = {"name": one.fqdn, "handed_on": one.kind, "good": one.ok, "notes": list(one.notes)}
        yield WebName.of(one, **fields, addresses=list(one.addresses or ()), code=one.code or 0)


def lines(found: Iterable[SiteProof], width: int | None, *, colour: bool) -> list[str]:
    """Return the table in so many columns, and below it what is wrong and what else should be known.

    Args:
        found: in the file's order; nothing is returned for none.
        width: columns to draw in; None for as many as it takes.
    """
    rows = list(found)
    if not rows:
        return []
    columns = [Column("WEB NAME", shrink=True, least=12), Column("KIND"), Column("ANSWER", right=True)]
    columns += [Column("TIME", right=True), Column("CERTIFICATE UNTIL"), Column("RESOLVES HERE")]
    drawn = table(columns, [_cells(one) for one in rows], width=width, colour=colour)
    wrong = ((one.fqdn, f"{one.said} ({one.hint})" if one.hint else one.said) for one in rows if not one.ok)
    drawn += map(printable, together(wrong))
    notes: dict[str, list[str]] = {}
    for one in rows:
        for note in one.notes:
            notes.setdefault(note, []).append(one.fqdn)
    for note, names in notes.items():
        listed = names[0] if len(names) == 1 else f"{len(names)} names"
        drawn.append(printable(f"{listed}: {note}"))
    return drawn


def _cells(one: SiteProof) -> list[str | Cell]:
    answer = Cell(str(one.code or "none"), "good" if one.ok else "bad")
    seconds = f"{one.seconds * 1000:.0f} ms" if one.code else ""
    here = "" if one.addresses is None else ", ".join(one.addresses) or "no"
    return [one.fqdn, one.kind, answer, seconds, one.certificate_until, here]
