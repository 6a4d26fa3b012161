"""What runs on the nodes, in POSIX sh with stat, tar and a checksum program; busybox has them all.

What is sent is kept in ``.stentor-copy`` beside the destination, so on the same file system, in a file
named after its contents and the process that writes it: ``KEY.PID``. When that process is gone, the next
copy of the same contents takes the file over and goes on at its end. Only what has arrived whole, with the
right checksum, is moved into place, by renaming: a name is the old file or the whole new one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

WORK = ".stentor-copy"

# What every login shell (sh, fish, csh) takes as it is between single quotes.
_PLAIN = frozenset(chr(code) for code in range(32, 127)) - frozenset("'\\!")


class Target(NamedTuple):
    """Where to.

    Attributes:
        path: as it was typed; a leading ``~`` is the node's.
        single: the name of the one file that is copied, which may get a new name; else empty.
    """

    path: str
    single: str = ""


class Parcel(NamedTuple):
    """What is sent, and how it is known to be whole.

    Attributes:
        key: names it by its contents.
        size: bytes.
        sums: checksum by the program that computes it.
        name: of the one file which is sent as it is; empty for an archive.
        mode: of the one file.
        modified: of the one file, as ``touch -t`` takes it.
    """

    key: str
    size: int
    sums: dict[str, str]
    name: str = ""
    mode: int = 0
    modified: str = ""


def quote(text: str) -> str:
    """Quote for sh."""
    return "'" + text.replace("'", "'\\''") + "'"


def command(script: str) -> str:
    r"""Return a script as one line for any login shell: what it might not pass on is written ``\0ooo``."""
    data = script.encode("utf-8", "surrogateescape").decode("latin-1")
    coded = "".join(char if char in _PLAIN else f"\\0{ord(char):03o}" for char in data)
    return f"""exec sh -c 'eval "$(printf %b "$1")"' sh '{coded}'"""


def place(path: str) -> str:
    """Quote a path so that a leading ``~`` or ``~user`` still is a home, and no path is an option."""
    head, slash, rest = path.partition("/")
    if head == "~":
        return '"$HOME"' + (quote("/" + rest) if slash else "")
    name = head[1:]
    if (
        head.startswith("~")
        and name.replace("-", "").replace("_", "").replace(".", "").isalnum()
        and name.isascii()
    ):
        return head + (quote("/" + rest) if slash else "")
    return quote(f"./{path}" if path.startswith("-") else path)


def lines(names: Iterable[str]) -> bytes:
    """Names as the scripts read them, a line each; what a line cannot hold is escaped."""
    text = "".join(name.replace("\\", "\\\\").replace("\n", "\\n") + "\n" for name in names)
    return text.encode("utf-8", "surrogateescape")


def look(target: Target, lock: str = "") -> str:
    """Return the command which says what is there; names come by standard input (:func:`lines`).

    Args:
        target: where to.
        lock: functions of :mod:`stentor.rollout.lock`, to say who has it; empty for no lock.
    """
    held = 'lock_held && echo "held $lock_token $lock_said"\n' if lock else ""
    return command(lock + held + _where(target) + _TOOLS + _LOOK)


def digests(target: Target) -> str:
    """Return the command which says the checksum of each name from standard input."""
    return command(_where(target) + _TOOLS + _DIGESTS)


def receive(target: Target, parcel: Parcel, tool: str, offset: int = 0, lock: str = "") -> str:
    """Return the command which takes a parcel from its standard input and puts it in place.

    Args:
        target: where to.
        parcel: what comes.
        tool: what computes checksums there.
        offset: bytes which the node has already; those do not come.
        lock: functions of :mod:`stentor.rollout.lock`; it is held while this runs. Empty for no lock.
    """
    words = {
        "key": parcel.key,
        "size": str(parcel.size),
        "offset": str(offset),
        "expected": parcel.sums.get(tool, ""),
        "tool": tool,
        "mode": f"{parcel.mode:o}",
        "name": parcel.name,
        "modified": parcel.modified,
    }
    settings = "".join(f"{name}={quote(value)}\n" for name, value in words.items())
    held = lock + _HOLD if lock else _FREE
    return command(settings + _where(target) + held + _RECEIVE + (_ONE if parcel.name else _MANY))


def mend(target: Target, mode: int, modified: str, lock: str = "") -> str:
    """Return the command which only sets mode and time of the one file.

    Args:
        target: where it is.
        mode: permission bits.
        modified: as ``touch -t`` takes it.
        lock: as of :func:`receive`.
    """
    held = lock + _HOLD if lock else _FREE
    script = f"""{held}trap lock_give EXIT
cd "$base" && chmod {mode:o} "./$one" && TZ=UTC0 touch -t {modified} "./$one" && exit 0
echo 'stentor: its mode and time cannot be set' >&2
exit 74
"""
    return command(_where(target) + script)


def send(path: str) -> str:
    """Return the command which packs a path of the node to its standard output."""
    return command(_inside(path) + 'exec tar -cf - "$n"\n')


def measure(path: str) -> str:
    """Return the command which says how many files and kilobytes a path of the node has."""
    count = "printf '%s ' $(find \"$n\" -type f -exec printf x ';' | wc -c)\n"
    return command(_inside(path) + count + "du -sk \"$n\" | sed 's/[^0-9].*//;q'\n")


def _inside(path: str) -> str:
    """Go to the folder of a path, and set ``n`` to its name there."""
    whole = path.rstrip("/") or "/"
    if "/" not in whole and whole.startswith("~"):
        inside, name = place(whole), "."
    else:
        folder = posixpath.dirname(whole)
        inside, name = place(folder) if folder else ".", posixpath.basename(whole) or "."
    return f"""
cd {inside} || exit 66
n={quote(name if name == "." else f"./{name}")}
[ -e "$n" ] || [ -L "$n" ] || {{ printf 'stentor: there is no %s\\n' {quote(path)} >&2; exit 66; }}
"""


def _where(target: Target) -> str:
    """Set ``base`` (the folder written to), ``make`` (it may be made), ``one`` (a single file's name)."""
    slash = target.path.endswith("/")
    into = place(target.path.rstrip("/") or "/")
    if not target.single:
        return f"into={into}\nbase=$into make=yes one=\n"
    make = "yes" if slash else ""
    name = quote(target.single)
    return f"""into={into}
if [ -d "$into" ] || [ -n '{make}' ]; then base=$into make='{make}' one={name}
else
  case $into in */*) base=${{into%/*}} ;; *) base=. ;; esac
  base=${{base:-/}} make= one=${{into##*/}}
fi
"""


_TOOLS = """
LC_ALL=C export LC_ALL
tool=
# openssl is several times faster where the others are built without it.
for name in openssl sha256sum shasum cksum; do
  command -v $name >/dev/null 2>&1 && { tool=$name; break; }
done
there() {
  case $line in *\\\\*) line=$(printf '%bx' "$line"); line=${line%x} ;; esac
  t=$base/${one:-$line}
}
"""

_LOOK = """
if [ -d "$base" ]; then echo 'base yes'; fi
echo "sums $tool"
for name in rsync tar; do
  if command -v $name >/dev/null 2>&1; then echo "tool $name"; fi
done
for p in "$base"/.stentor-copy/*; do
  [ -f "$p" ] || continue
  kill -0 "${p##*.}" 2>/dev/null && continue
  key=${p##*/}
  echo "part ${key%.*} $(($(wc -c < "$p")))"
done
st() {
  if stat -c %s / >/dev/null 2>&1; then st() { stat -c 's %s %Y %a' "$@"; }
  else st() { stat -f 's %z %m %Lp' "$@"; }
  fi
  st "$@"
}
i=0
set --
while IFS= read -r line; do
  there
  if [ -L "$t" ]; then echo "l $i $(readlink "$t")"
  elif [ -d "$t" ]; then echo "d $i"; set -- "$@" "$t"
  elif [ -f "$t" ]; then echo "f $i"; set -- "$@" "$t"
  elif [ -e "$t" ]; then echo "o $i"
  else echo "- $i"
  fi
  [ $# -lt 100 ] || { st "$@"; set --; }
  i=$((i + 1))
done
[ $# -eq 0 ] || st "$@"
exit 0
"""

_DIGESTS = """
sums() {
  case $tool in
    sha256sum) sha256sum "$@" ;;
    shasum) shasum -a 256 "$@" ;;
    openssl) openssl dgst -sha256 -r "$@" ;;
    *) cksum "$@" ;;
  esac | sed 's/^[\\\\]//; s/[ *].*//'
}
set --
while IFS= read -r line; do
  there
  set -- "$@" "$t"
  [ $# -lt 100 ] || { sums "$@"; set --; }
done
[ $# -eq 0 ] || sums "$@"
exit 0
"""

_HOLD = """
lock_take || { printf 'stentor: held %s\\n' "$lock_token $lock_said" >&2; exit 75; }
"""
_FREE = """
lock_give() { :; }
"""

_RECEIVE = """
LC_ALL=C export LC_ALL
unset CDPATH
work=
tree=
tidy() {
  [ -z "$tree" ] || [ ! -d "$tree" ] || rm -rf "$tree"
  [ -z "$work" ] || rmdir "$work" 2>/dev/null
  lock_give
}
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
fail() { printf 'stentor: %s\\n' "$*" >&2; exit 74; }
[ -d "$base" ] || [ -z "$make" ] || mkdir -p "$base"
[ -d "$base" ] || fail "there is no directory $base"
cd "$base" || exit 74
base=$PWD
case $base in /) base= ;; esac
target=$base/${one:-$name}
[ -z "$one$name" ] || [ ! -d "$target" ] || fail "$target is a directory"
work=$base/.stentor-copy
me=$work/$key.$$
[ -n "$name" ] || tree=$work/tree.$$
before=$(umask)
umask 077
# Another copy which ends just now may remove the work folder before ours is in it.
tries=0
until { [ -d "$work" ] || mkdir "$work"; } 2>/dev/null &&
  { if [ -n "$tree" ]; then mkdir "$tree"; else printf '' >> "$me"; fi; } 2>/dev/null
do
  tries=$((tries + 1))
  [ $tries -lt 20 ] || fail "nothing can be written to $base/"
done
ready=
for p in "$work"/*; do
  [ -e "$p" ] || continue
  kill -0 "${p##*.}" 2>/dev/null && continue
  case $p in
    "$work/$key".*)
      if [ "$offset" -gt 0 ] && [ -z "$ready" ] && [ $(($(wc -c < "$p"))) -eq "$offset" ]
      then mv -f "$p" "$me" && ready=yes
      else rm -f "$p"
      fi ;;
    "$work"/tree.*) rm -rf "$p" ;;
    *) [ -z "$(find "$p" -mtime +6)" ] || rm -f "$p" ;;
  esac
done
[ "$offset" -eq 0 ] || [ -n "$ready" ] || fail "what had arrived is gone; copy again"
cat >> "$me" || fail "it cannot be stored (is the disk full?)"
umask "$before"
case $tool in
  sha256sum) got=$(sha256sum < "$me"); got=${got%% *} ;;
  shasum) got=$(shasum -a 256 < "$me"); got=${got%% *} ;;
  openssl) got=$(openssl dgst -sha256 < "$me"); got=${got##* } ;;
  *) got=$(cksum "$me"); got=${got%% *} ;;
esac
if [ "$got" != "$expected" ]; then
  have=$(($(wc -c < "$me")))
  [ $have -ge "$size" ] || fail "only $have of $size bytes came; the next copy goes on from there"
  rm -f "$me"
  fail "the checksum is wrong; what arrived was not put in place"
fi
"""

_ONE = """
chmod "$mode" "$me" && TZ=UTC0 touch -t "$modified" "$me" || fail "its mode and time cannot be set"
mv -f "$me" "$target" || fail "$target cannot be put in place"
"""

_MANY = """
tar -xpof "$me" -C "$tree" || fail "it cannot be unpacked (is the disk full?)"
rm -f "$me"
place() {
  for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -d "$f" ] && [ ! -L "$f" ] && [ -d "$2/${f##*/}" ]; then
      place "$f" "$2/${f##*/}" || return 1
    elif [ -d "$2/${f##*/}" ] && [ ! -L "$2/${f##*/}" ] && { [ -e "$f" ] || [ -L "$f" ]; }; then
      fail "$2/${f##*/} is a directory"
    fi
  done
  from=$1 to=$2
  set --
  for f in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    [ -e "$f" ] || [ -L "$f" ] || continue
    set -- "$@" "$f"
    [ $# -lt 100 ] || { mv -f "$@" "$to/" || return 1; set --; }
  done
  [ $# -eq 0 ] || mv -f "$@" "$to/" || return 1
  rmdir "$from"
}
place "$tree/files" "${base:-/}" || fail "not everything can be put in place"
cd "${base:-/}" && . "$tree/after" || fail "modes and times cannot be set"
"""
