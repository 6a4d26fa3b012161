#!/bin/sh
# pytest-testinfra runs tests on the hosts of an Ansible inventory: `--hosts=ansible://web`. If no host or group
# has that name (a slip, a group that was renamed), each test is "skipped", and pytest exits 0. Beside a group
# that exists (`ansible://web,ansible://wbe`) not even that is shown: all tests passed, on half of the hosts.
# Ansible's own warning that nothing matched is not passed on. So the check behind a rollout succeeds that has
# looked at nobody. pytest's setting `empty_parameter_set_mark=fail_at_collect` makes an error of the first
# case; for the second compare the hosts in the ids of the tests with those that were meant.
#
# Installs pytest-testinfra 10.2.2, pytest 8.4.2 and ansible-core 2.19.14 in a temporary folder; runs on this
# machine only. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  pytest-testinfra==10.2.2 pytest==8.4.2 ansible-core==2.19.14
cd "$folder"
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1 ANSIBLE_HOME="$folder" LC_ALL=C.UTF-8 PATH="$folder/bin:$PATH"
printf '[web]\nn1 ansible_connection=local\n' >inventory
printf 'def test_it_runs(host):\n    assert host.run("true").succeeded\n' >test_service.py

result=ok
check() { # EXPECTED HOSTS [OPTION]
  code=0
  python3 -m pytest -q -p no:cacheprovider --ansible-inventory=inventory --hosts="$2" ${3+"$3" "$4"} \
    >said 2>&1 || code=$?
  counts=$(grep -o -e '[0-9]* passed' -e '[0-9]* skipped' -e '[0-9]* error' said | sort -u | paste -s -d ,)
  seen="exit code $code, $counts"
  printf -- '--hosts=%-36s %s\n' "$2" "$seen"
  [ "$seen" = "$1" ] || result=changed
}
check 'exit code 0, 1 passed' ansible://web
check 'exit code 0, 1 skipped' ansible://wbe
check 'exit code 0, 1 passed' ansible://web,ansible://wbe
check 'exit code 2, 1 error' ansible://wbe -o empty_parameter_set_mark=fail_at_collect
echo "$result"
[ "$result" = ok ]
