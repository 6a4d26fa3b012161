#!/bin/sh
# ruamel.yaml has two parsers, and they do not read the same files. `YAML(typ="safe")`, which Nornir reads its
# inventory by, takes the one in C if the wheel ruamel.yaml.clib is there, which pip adds on common machines;
# `typ="rt"`, the one that keeps comments, is always in Python. In a flow mapping or list the one in C refuses
# a plain text with a colon inside, such as an address with its port, a URL or a hardware address: "found
# unexpected ':'". YAML 1.1 and 1.2 both allow it, and the parser in Python, PyYAML and PyYAML's own C parser
# read it. So `rt` writes back what `safe` cannot read, and the same program fails or works by whether a wheel
# exists for its machine. Write `YAML(typ="safe", pure=True)`.
#
# Installs ruamel.yaml 0.18.16, ruamel.yaml.clib 0.2.15 and PyYAML 6.0.3 in a temporary folder. Fails if they
# behave differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ruamel.yaml==0.18.16 ruamel.yaml.clib==0.2.15 PyYAML==6.0.3
cat >"$folder/look.py" <<'EOF'
"""Give each parser four lines; fail unless only the C parser of ruamel.yaml refuses three of them."""
import sys
from importlib.metadata import version
import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
parsers = {
    "ruamel safe (C)": YAML(typ="safe").load,
    "ruamel safe (pure)": YAML(typ="safe", pure=True).load,
    "ruamel rt": YAML(typ="rt").load,
    "PyYAML": yaml.safe_load,
    "PyYAML (C)": lambda text: yaml.load(text, yaml.CSafeLoader),
}
lines = ["mac: 52:54:00:9a:34:56", "{mac: 52:54:00:9a:34:56}", "[n1:2222]", "[http://n1:8080]"]
refused = set()
print(*(f"{name} {version(name)}" for name in ("ruamel.yaml", "ruamel.yaml.clib", "PyYAML")))
for line in lines:
    for name, load in parsers.items():
        try:
            seen = load(line)
        except YAMLError as error:
            seen = f"refused: {error.problem}"
            refused.add((name, line))
        print(f"{line:26} {name:18} {seen}")
if refused != {("ruamel safe (C)", line) for line in lines[1:]}:
    sys.exit("changed")
print("ok")
EOF
PYTHONPATH="$folder" python3 "$folder/look.py"
