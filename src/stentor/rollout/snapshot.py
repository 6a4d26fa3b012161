"""What named files of a node were before a change, kept there until it is undone. Pure: commands, answers.

A snapshot is a folder on the node, made by POSIX sh alone: no git, no tar, nothing installed. Of each file it
has what it was, and after the change what it became, so that going back never goes over what somebody has
done since. There are three kinds, by what the change does to the file:

* ``moved``: it goes away; the file itself is moved into the snapshot. A rename needs no room, so where the
  snapshot's folder cannot be made the file is renamed where it is.
* ``mode``: its mode becomes another; only that is kept, so that no private key is ever copied.
* ``contents``: it is written, or comes to be; a copy is kept, or that it was absent.

A snapshot that cannot be written means that nothing is changed. The last ``KEPT`` of them stay on a node.
"""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fanout.script import quote
from stentor.typed import NamedTuple

# Beside what the other parts keep on a node, and not by XDG_STATE_HOME: every kind of shell finds it alike.
PLACE = ".local/state/stentor/snapshots"
KEPT = 20
KINDS = ("moved", "mode", "contents")

_FUNCTIONS = r"""
umask 077
cd || exit 3
S=%(place)s N=%(name)s T=$(printf '\t')
mode_of() { stat -c %%a "$1" 2>/dev/null || stat -f %%Lp "$1" 2>/dev/null; }
now() { # KIND PATH: what it is
  if [ "$1" = mode ]; then mode_of "$2" || echo absent
  elif [ -h "$2" ]; then echo link
  elif [ -f "$2" ]; then echo "$(mode_of "$2") $(cksum <"$2")"
  elif [ -e "$2" ]; then echo other
  else echo absent
  fi
}
back() { # KIND WAS PATH COPY: as it was
  case $1:$2 in
    mode:*) chmod "$2" "$3" ;;
    contents:absent) rm -f "$3" ;;
    moved:*) [ ! -f "$4" ] || { [ ! -e "$3" ] && mv "$4" "$3"; } ;;
    *) cp -p "$4" "$3.part" && mv -f "$3.part" "$3" ;;
  esac
}
"""

_TAKE = r"""
refuse() { echo "snapshot refused $*"; rm -rf "$S/$N.part"; exit 3; }
beside= number=0
take() { # KIND PATH: what it was, on the disk
  was=$(now "$1" "$2")
  case $1:$was in
    mode:absent | moved:absent) refuse "$2 is not there any more" ;;
    *:link | *:other) refuse "$2 is no plain file" ;;
  esac
  [ -z "$beside" ] || return 0
  number=$((number + 1))
  case $1:$was in contents:absent | moved:* | mode:*) ;; *)
    cp -p "$2" "$S/$N.part/$number" 2>/dev/null && cmp -s "$2" "$S/$N.part/$number" ||
      refuse "there is no room for a copy of $2" ;;
  esac
  printf '%%s\t%%s\t%%s\n' "$1" "$was" "$2" >>"$S/$N.part/was" 2>/dev/null || refuse "there is no room in $S"
}
why=$({ mkdir -p "$S" && mkdir "$S/$N.part" && echo x >"$S/$N.part/try" && [ -s "$S/$N.part/try" ] &&
  rm -f "$S/$N.part/try"; } 2>&1) || {
  rm -rf "$S/$N.part"
  %(no_room)s
}
%(takes)s
[ -n "$beside" ] || mv "$S/$N.part" "$S/$N" || refuse "it could not be put in its place"
move() { # NUMBER PATH
  if [ -n "$beside" ]; then mv "$2" "$2.$N"; else mv "$2" "$S/$N/$1"; fi
}
go_back() { # what came of it so far is undone
  number=0
  [ -n "$beside" ] || while IFS=$T read -r kind was path; do
    number=$((number + 1))
    back "$kind" "$was" "$path" "$S/$N/$number" || {
      echo "snapshot left $path: it could not be put back"
      kept=yes
    }
  done <"$S/$N/was"
  [ -n "${kept-}$beside" ] || rm -rf "$S/$N"
  echo "snapshot failed $*"
  exit 1
}
%(change)s
[ -n "$beside" ] || while IFS=$T read -r kind was path; do
  printf '%%s\t%%s\t%%s\n' "$kind" "$(now "$kind" "$path")" "$path"
done <"$S/$N/was" >"$S/$N/became"
echo "snapshot taken $N"
[ -n "$beside" ] || ls -t "$S" | sed -n '%(kept)s,$p' | while IFS= read -r old; do rm -rf "$S/$old"; done
"""

_RESTORE = r"""
code=0
left() { echo "snapshot left $*"; code=1 whole=''; }
for folder in $(ls -r "$S" 2>/dev/null | grep -F "$N"); do
  case $folder in "$N" | "$N".*[0-9]) ;; *) continue ;; esac
  found=yes number=0 whole=yes sealed=/dev/null
  [ ! -f "$S/$folder/became" ] || sealed=$S/$folder/became
  exec 3<"$sealed"
  while IFS=$T read -r kind was path; do
    number=$((number + 1)) became=''
    IFS=$T read -r _ became _ <&3
    if [ -n "$became" ] && [ "$(now "$kind" "$path")" != "$became" ]; then
      left "$path: it was changed since"
    elif back "$kind" "$was" "$path" "$S/$folder/$number"; then
      echo "snapshot restored $path"
    else
      left "$path: it could not be put back"
    fi
  done <"$S/$folder/was"
  [ -z "$whole" ] || rm -rf "$S/$folder"
done
for path in %(beside)s; do
  for renamed in "$path.$N" "$path.$N".*[0-9]; do
    [ -f "$renamed" ] || continue
    found=yes
    if [ -e "$path" ]; then left "$path: it is there again"
    elif mv "$renamed" "$path"; then echo "snapshot restored $path"
    else left "$path: it could not be put back"
    fi
  done
done
[ -n "${found-}" ] || { echo "snapshot none $N"; code=1; }
exit $code
"""


class File(NamedTuple):
    """A file which a change is going to touch.

    Attributes:
        kind: one of ``KINDS``.
        path: from the home directory; empty for that itself, which has a mode.
    """

    kind: str
    path: str

    @property
    def word(self) -> str:
        """The path for a shell which stands in the home directory."""
        return quote(self.path or ".")


class Answer(NamedTuple):
    """What a node said of a snapshot.

    Attributes:
        taken: whether the change was done, with a snapshot behind it.
        refused: why there is no snapshot, and nothing was changed.
        failed: what of the change did not go, after which the rest was put back.
        restored: paths which are as they were.
        left: paths which were not put back, each with the reason.
        none: there is no such snapshot there.
    """

    taken: bool = False
    refused: str = ""
    failed: str = ""
    restored: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    none: bool = False


def guarded(name: str, files: Sequence[File], change: str = "") -> str:
    """Return the command which takes a snapshot and then makes the change, for any login shell.

    Args:
        name: of the snapshot: letters, digits, ``-`` and ``.``; new with each.
        files: what the change touches. Those of kind ``moved`` are moved by this; the others by ``change``.
        change: lines of sh, run in the home directory; each ends in ``|| go_back REASON``.
    """
    moves = [f"move {n} {f.word} || go_back {f.word}" for n, f in enumerate(files, 1) if f.kind == "moved"]
    rename = [file.kind for file in files] == ["moved"]
    no_room = "beside=yes" if rename else 'refuse "nothing can be written to $S: $why"'
    script = (_FUNCTIONS + _TAKE) % {
        "place": PLACE,
        "name": quote(name),
        "no_room": no_room,
        "takes": "\n".join(f"take {file.kind} {file.word}" for file in files),
        "change": "\n".join([*moves, change]),
        "kept": str(KEPT + 1),
    }
    return f"/bin/sh -c {quote(script)}"


def restore(name: str, beside: Sequence[str] = ()) -> str:
    """Return the command which puts back what a snapshot, or those of one operation, hold.

    Args:
        name: of the snapshot; those called ``NAME.1``, ``NAME.2`` are taken with it, the newest first.
        beside: paths which may have been renamed where they are.
    """
    script = (_FUNCTIONS + _RESTORE) % {
        "place": PLACE,
        "name": quote(name),
        "beside": " ".join(map(quote, beside)) or "''",
    }
    return f"/bin/sh -c {quote(script)}"


def answer(text: str) -> Answer:
    """Read what a node said to either of them."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        first, _, rest = line.partition(" ")
        if first == "snapshot":
            word, _, more = rest.partition(" ")
            found.setdefault(word, []).append(more)
    return Answer(
        "taken" in found,
        next(iter(found.get("refused", [])), ""),
        next(iter(found.get("failed", [])), ""),
        tuple(found.get("restored", ())),
        tuple(found.get("left", ())),
        "none" in found,
    )
