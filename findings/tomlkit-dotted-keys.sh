#!/bin/sh
# TOML has dotted keys, with which a file of nodes is a line for each setting: `n1.port = 22`. tomlkit is the library
# that changes such a file and keeps the rest of it as it was written. A plain value is added well. A mapping (here
# the variables of n1) is written as a table with a header, in the midst of the lines, and a header holds for all
# lines behind it: the rest of n1, and every node that comes after it, are then settings below those variables. The
# header is wrong, too: `[n1.env]` for `[nodes.n1.env]`. In memory the document is right, nothing is raised, and the
# file is valid TOML. So n2 is not in the inventory any more, and a program that reads it finds one node with half of
# its settings. Add an inline table (`tomlkit.inline_table()`), and read the file back with tomllib and compare before
# it takes its place.
#
# Installs tomlkit 0.15.2 in a temporary folder. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  tomlkit==0.15.2
cat >nodes.toml <<'END'
[nodes]
n1.user = "ops"
n1.port = 22
n2.user = "ops"
n2.port = 2222
END
cat >look.py <<'END'
"""Add variables to n1 in two ways; print the file, and the nodes in memory and in the file."""
from importlib.metadata import version
import tomllib
import tomlkit
print("tomlkit", version("tomlkit"))
inline = tomlkit.inline_table()
inline["RUN"] = "7"
for name, value in (("a mapping", {"RUN": "7"}), ("an inline table", inline)):
    document = tomlkit.parse(open("nodes.toml").read())
    document["nodes"]["n1"]["env"] = value
    text = tomlkit.dumps(document)
    print(f"{name}:\n{text}in memory  {document.unwrap()['nodes']}\nin the file {tomllib.loads(text)['nodes']}")
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
tomlkit 0.15.2
a mapping:
[nodes]
n1.user = "ops"

[n1.env]
RUN = "7"
n1.port = 22
n2.user = "ops"
n2.port = 2222
in memory  {'n1': {'user': 'ops', 'env': {'RUN': '7'}, 'port': 22}, 'n2': {'user': 'ops', 'port': 2222}}
in the file {'n1': {'user': 'ops'}}
an inline table:
[nodes]
n1.user = "ops"
n1.env = {RUN = "7"}
n1.port = 22
n2.user = "ops"
n2.port = 2222
in memory  {'n1': {'user': 'ops', 'env': {'RUN': '7'}, 'port': 22}, 'n2': {'user': 'ops', 'port': 2222}}
in the file {'n1': {'user': 'ops', 'env': {'RUN': '7'}, 'port': 22}, 'n2': {'user': 'ops', 'port': 2222}}
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
