"""Our part of a file, between two markers: found, replaced, and everything outside of it kept.

A file that has no markers was not made by stentor, and is never written over. A format without comments
has no markers: its file is ours where it begins as we begin it.
"""

from __future__ import annotations

from stentor.errors import Refused
from stentor.export.formats import FORMATS, Format
from stentor.export.view import Made

_PROGRAM_OR_NOT = ("ansible",)  # formats of which one variant is a program, and another is not

# What files of releases before 0.3 begin with; all of such a file is ours.
_OLDER = "# Made by 'stentor export {name}'; what is written here by hand is lost at the next export."


def whole(name: str, made: Made) -> str:
    """Return a new file: what must come first, and our part between its markers."""
    form = FORMATS[name]
    if not form.comment[0]:
        return made.text
    begin, end = _markers(name, form)
    note = _comment(form, "Made by stentor; what is changed between these lines is lost at the next export.")
    first = f"{made.first}\n" if made.first else ""
    text = made.text if made.text.endswith("\n") or not made.text else f"{made.text}\n"
    return f"{first}{begin}\n{note}\n{text}{end}\n"


def merged(name: str, made: Made, old: str | None, where: str) -> str:
    """Return the file with our part in it.

    Args:
        made: what is to stand between the markers.
        old: the file's contents; None for a new one.
        where: its path, for messages.

    Raises:
        Refused: the file was not made by stentor, or its markers are not a pair.
    """
    new = whole(name, made)
    if not old:
        return new
    form = FORMATS[name]
    lines = old.splitlines(keepends=True)
    if not form.comment[0]:
        if lines[0].rstrip("\r\n") == made.text.partition("\n")[0]:
            return new
        raise _foreign(name, where, "give another name, or move it away")
    begin, end = _markers(name, form)
    begins, ends = _places(lines, begin), _places(lines, end)
    if not begins and not ends:
        if lines[0].rstrip("\r\n") == _OLDER.format(name=name):
            _refuse_other_kind(name, made, lines[0], where)
            return new
        hint = f"give another name, or add these two lines where our part is to go: '{begin}' and '{end}'"
        raise _foreign(name, where, hint)
    if len(begins) != 1 or len(ends) != 1 or begins > ends:
        number = (begins + ends)[0] + 1
        what = f"needs one line '{begin}' and one '{end}' after it; it has {len(begins)} and {len(ends)}"
        raise Refused(what, where=f"{where}:{number}", hint="remove the lines that are too many, or both")
    _refuse_other_kind(name, made, lines[0], where)
    ours = new.splitlines(keepends=True)
    start = _places(ours, begin)[0]
    return "".join([*lines[: begins[0]], *ours[start:], *lines[ends[0] + 1 :]])


def _refuse_other_kind(name: str, made: Made, first: str, where: str) -> None:
    """Ansible runs an inventory that is a program, and reads any other: our part changes no kind."""
    was, program = first.startswith("#!"), made.first.startswith("#!")
    if name in _PROGRAM_OR_NOT and was != program:
        kinds = ("is a program, and is to be read", "is read, and is to be a program")
        raise Refused(kinds[program], where=where, hint="remove it, or give another name")


def parts(name: str, made: Made) -> dict[str, str]:
    """Return what a node needs to do the same as :func:`merged`, for ``put_export.sh``."""
    form = FORMATS[name]
    begin, end = _markers(name, form) if form.comment[0] else ("", "")
    new = whole(name, made)
    first = f"{made.first}\n" if made.first and begin else ""
    mode = f"{made.mode:o}" if made.mode else ""
    program = str(made.first.startswith("#!")) if name in _PROGRAM_OR_NOT else ""
    part = new.removeprefix(first)
    return {"first": first, "part": part, "begin": begin, "end": end, "mode": mode, "program": program}


def only_ours(name: str, text: str) -> bool:
    """Whether a file has our part and nothing else."""
    begin, end = _markers(name, FORMATS[name])
    lines = text.splitlines()
    return len(lines) > 1 and lines[0].strip() == begin and _places(lines, end) == [len(lines) - 1]


def _places(lines: list[str], marker: str) -> list[int]:
    return [number for number, line in enumerate(lines) if line.strip() == marker]


def _markers(name: str, form: Format) -> tuple[str, str]:
    return _comment(form, f"BEGIN stentor export {name}"), _comment(form, f"END stentor export {name}")


def _comment(form: Format, text: str) -> str:
    return f"{form.comment[0]}{text}{form.comment[1]}"


def _foreign(name: str, where: str, hint: str) -> Refused:
    return Refused(
        f"exists and was not written by 'stentor export {name}'; not overwritten", where=where, hint=hint
    )
