#!/bin/sh
# `toml.dumps` of the library toml does not always write what it was given. A text with a control character in it, such
# as the escape character of a colour in a prompt, loses it: "n1 \x1b[1m>" is written as "n1 x1b[1m>". A text that holds
# a backslash and an x, such as a regular expression, is written with one backslash in place of two: then the file is
# no TOML, or holds another text, "A" for `\x41`. Where it is another text nothing is raised, neither here nor when the
# file is read. Other backslashes are right (`\d`, `C:\temp`), so that it is not seen at once. tomli-w and tomlkit
# write each of these so that it is read back. A program that changes one value of a person's file by toml, and
# writes all of it again, so changes others. Write with tomlkit or tomli-w, and read back what was written.
#
# Installs toml 0.10.2, tomlkit 0.13.2 and tomli-w 1.2.0 in a temporary folder. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  toml==0.10.2 tomlkit==0.13.2 tomli-w==1.2.0
cat >look.py <<'END'
r"""Print what tomllib, Python's own reader, makes of each text after it was written."""
import tomllib
from importlib.metadata import version
import toml, tomli_w, tomlkit
print(*(f"{name} {version(name)}" for name in ("toml", "tomlkit", "tomli-w")), sep=", ")
for text in (r"C:\temp", r"^\d+$", "n1 \x1b[1m>", r"\x41", r"^\x2f"):
    for name, writer in (("toml", toml.dumps), ("tomlkit", tomlkit.dumps), ("tomli-w", tomli_w.dumps)):
        written = writer({"key": text})
        try:
            back = repr(tomllib.loads(written)["key"])
        except tomllib.TOMLDecodeError:
            back = "no TOML"
        print(f"{text!r:16} {name:8} {back:16}", "same" if back == repr(text) else "other")
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 -W ignore look.py >seen
cat >expected <<'END'
toml 0.10.2, tomlkit 0.13.2, tomli-w 1.2.0
'C:\\temp'       toml     'C:\\temp'       same
'C:\\temp'       tomlkit  'C:\\temp'       same
'C:\\temp'       tomli-w  'C:\\temp'       same
'^\\d+$'         toml     '^\\d+$'         same
'^\\d+$'         tomlkit  '^\\d+$'         same
'^\\d+$'         tomli-w  '^\\d+$'         same
'n1 \x1b[1m>'    toml     'n1 x1b[1m>'     other
'n1 \x1b[1m>'    tomlkit  'n1 \x1b[1m>'    same
'n1 \x1b[1m>'    tomli-w  'n1 \x1b[1m>'    same
'\\x41'          toml     'A'              other
'\\x41'          tomlkit  '\\x41'          same
'\\x41'          tomli-w  '\\x41'          same
'^\\x2f'         toml     no TOML          other
'^\\x2f'         tomlkit  '^\\x2f'         same
'^\\x2f'         tomli-w  '^\\x2f'         same
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
