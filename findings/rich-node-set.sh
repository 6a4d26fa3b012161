#!/bin/sh
# Rich (and so each program that prints by it) takes a word in square brackets for markup if it begins with a
# small letter, #, / or @. Node sets are such words now and then: `node[1-3]` is printed as it is, since it
# begins with a digit, and `rack[a-c]` is printed as "rack", without a warning, as no style is called "a-c".
# Tests with numbered nodes do not find it. The text is gone from tables, prompts and logs alike, so that an
# operator confirms a change of "rack" who meant three of its parts. Escape what comes from outside
# (`rich.markup.escape`), or give a `Text`.
#
# Installs Rich 14.2.0 in a temporary folder. Fails if Rich behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  rich==14.2.0
cat >"$folder/look.py" <<'EOF'
"""Print each node set by Rich, as markup and escaped."""
from importlib.metadata import version
from rich.console import Console
from rich.markup import escape
console = Console(width=80, color_system=None)
print("rich", version("rich"))
for text in ("node[1-3]", "rack[a-c]", "rack[A-C]", "n[1-3,db]", "[gpu]"):
    with console.capture() as plain:
        console.print(text)
    with console.capture() as escaped:
        console.print(escape(text))
    print(f"{text:10} printed: {plain.get().strip():10} escaped: {escaped.get().strip()}".rstrip())
EOF
PYTHONPATH="$folder" python3 "$folder/look.py" | tee "$folder/seen"
cat >"$folder/expected" <<'EOF'
rich 14.2.0
node[1-3]  printed: node[1-3]  escaped: node[1-3]
rack[a-c]  printed: rack       escaped: rack[a-c]
rack[A-C]  printed: rack[A-C]  escaped: rack[A-C]
n[1-3,db]  printed: n[1-3,db]  escaped: n[1-3,db]
[gpu]      printed:            escaped: [gpu]
EOF
diff "$folder/expected" "$folder/seen"
echo ok
