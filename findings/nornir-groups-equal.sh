#!/bin/sh
# `nr.filter(F(groups="database"))` reads as "the hosts in group database" and selects none: `groups` is a
# list, and a text is no list. What is meant is `F(groups__contains="database")` (or `has_parent_group`).
# There is no error and no warning of the filter, and a task that runs on no host has not failed
# (`result.failed` is False). Turned around it is worse: `~F(groups="database")`, "all but the databases", is
# every host. The same holds for each slip in a name: an operator that does not exist (`groups__contain`) and
# a key that no host has are just not equal. And a host without `rack` is in `~F(rack__lt=6)`, as if its rack
# were higher. Print `list(selected.inventory.hosts)` before acting on it, and stop if a filter without `~`
# selects none.
#
# Installs Nornir 3.5.0 in a temporary folder; runs on this machine only. Fails if Nornir behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" nornir==3.5.0
cat >"$folder/select_hosts.py" <<'EOF'
"""Make a fleet of three, filter it, run a task on what is left, and print both."""
import logging, sys
from nornir.core import Nornir
from nornir.core.filter import F
from nornir.core.inventory import Defaults, Group, Groups, Host, Hosts, Inventory, ParentGroups
from nornir.plugins.runners import SerialRunner
logging.disable()
groups = Groups({name: Group(name) for name in ("database", "web")})
hosts = Hosts()
for name, group, data in (("n1", "database", {"rack": 5}), ("n2", "web", {"rack": 6}), ("n3", "web", {})):
    hosts[name] = Host(name, groups=ParentGroups([groups[group]]), data=data)
fleet = Nornir(Inventory(hosts, groups, Defaults())).with_runner(SerialRunner())
selected = fleet.filter(eval(sys.argv[1]))
result = selected.run(task=lambda task: None, name="act")
print(*selected.inventory.hosts, "failed" if result.failed else "not failed")
EOF
echo 'Nornir 3.5.0; n1 is in group database and rack 5, n2 in web and rack 6, n3 in web and no rack'
result=ok
check() { # EXPECTED FILTER
  seen=$(PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 "$folder/select_hosts.py" "$2" 2>/dev/null)
  printf '%-34s %s\n' "$2" "$seen"
  [ "$seen" = "$1" ] || result=changed
}
check 'n1 not failed' 'F(groups__contains="database")'
check 'not failed' 'F(groups="database")'
check 'n1 n2 n3 not failed' '~F(groups="database")'
check 'n1 n2 n3 not failed' '~F(groups__contain="database")'
check 'n1 not failed' 'F(rack__lt=6)'
check 'n2 n3 not failed' '~F(rack__lt=6)'
echo "$result"
[ "$result" = ok ]
