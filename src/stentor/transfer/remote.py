"""What runs on the node, in POSIX sh. Pure: text only.

The stream is unpacked beside the destination, checked there, and moved into place name by name:
a name is either the old file or the whole new one. What was unpacked stays after a broken
connection, under a name that depends on the contents, so that the next try needs only the rest.
"""

from __future__ import annotations

from stentor.fanout.script import quote
from stentor.transfer.plan import SUMS

_STAGE = ".stentor-copy-"
STAGED = "staged:"


def destination(path: str) -> str:
    """Quote a destination so that a leading ``~`` still is the home."""
    if path == "~" or path.startswith("~/"):
        return '"$HOME"' + (f"/{quote(path[2:])}" if len(path) > 2 else "")
    return quote(path)


def look(path: str, names: tuple[str, ...], key: str, *, single: bool) -> str:
    """Return the command which says what the node has: ``sha256sum`` lines, staged files too.

    Args:
        path: the destination.
        names: files of the source, relative.
        key: names the stage.
        single: the destination may be the file itself.
    """
    listed = " ".join(quote(name) for name in names)
    script = f"""into={destination(path)}
sums() {{ sha256sum -- "$@" 2>/dev/null || shasum -a 256 -- "$@" 2>/dev/null; }}
d=$into
if [ {int(single)} = 1 ] && [ ! -d "$into" ]; then
  d=$(dirname -- "$into")
  [ -f "$into" ] && set -- $(sums "$into") && printf '%s  %s\\n' "$1" {listed}
elif cd -- "$into" 2>/dev/null; then
  sums {listed}
  cd - >/dev/null
fi
cd -- "$d/{_STAGE}{key}" 2>/dev/null && sums {listed} | sed 's|^\\([0-9a-f]*\\)  |\\1  {STAGED}|'
exit 0"""
    return "exec sh -c " + quote(script)


def receive(path: str, key: str, *, single: str = "") -> str:
    """Return the command which takes the stream from its standard input and puts it in place.

    Args:
        path: the destination directory, or the file itself.
        key: names the stage.
        single: the one file's name in the stream, when the destination may be the file itself.
    """
    script = f"""set -e
fail() {{ echo "stentor: $*" >&2; exit 74; }}
into={destination(path)}
one={quote(single) if single else "''"}
[ -n "$one" ] && [ -d "$into" ] && one=
d=$into
[ -n "$one" ] && d=$(dirname -- "$into")
mkdir -p -- "$d"
d=$(cd -- "$d" && pwd)
stage="$d/{_STAGE}{key}"
mkdir -p -- "$stage"
tar -xpof - -C "$stage" || fail "the stream could not be unpacked (is the disk full?)"
cd -- "$stage"
if [ -s {SUMS} ]; then
  sha256sum -c {SUMS} >/dev/null 2>&1 || shasum -a 256 -c {SUMS} >/dev/null 2>&1 ||
    fail "a checksum is wrong; what arrived was not put in place"
fi
rm -f -- {SUMS}
if [ -n "$one" ]; then
  mv -f -- "$one" "$d/$(basename -- "$into")"
else
  find . -type d | while IFS= read -r folder; do mkdir -p -- "$d/$folder"; done
  find . ! -type d | while IFS= read -r name; do mv -f -- "$name" "$d/$name" || exit 1; done ||
    fail "a file could not be put in place"
  # Modes and times of folders last, since moving into them changes these.
  find . -depth -type d ! -name . | while IFS= read -r folder; do
    touch -r "$folder" -- "$d/$folder" 2>/dev/null || true
    chmod "$(stat -c %a "$folder" 2>/dev/null || stat -f %Lp "$folder")" "$d/$folder" || true
  done
fi
cd /
rm -rf -- "$stage"
"""
    return "exec sh -c " + quote(script)


def send(path: str) -> str:
    """Return the command which packs a path of the node to its standard output."""
    source = destination(path)
    script = f"""set -e
p={source}
[ -e "$p" ] || [ -L "$p" ] || {{ echo "stentor: there is no $p here" >&2; exit 66; }}
cd -- "$(dirname -- "$p")"
exec tar -cf - -- "$(basename -- "$p")"
"""
    return "exec sh -c " + quote(script)
