#!/bin/sh
# Invoke runs commands, and Fabric by it on nodes. `prefix("COMMAND")` and `cd("FOLDER")` are put in front of each
# `run` and `sudo` of their block, with `&&`, as the docs say. Put together this is one line for the shell, and
# neither of the two holds for the whole of it. `with c.prefix("test -d /srv/app"): c.sudo("id")` becomes `sudo ...
# test -d /srv/app && id`: root runs the test, and what was to run as root runs as the caller. With `cd` it fails
# ("cd: command not found"), which is known; here nothing fails. And `with c.cd("/srv/app"): c.run("make stop; rm -rf
# cache")` becomes `cd /srv/app && make stop; rm -rf cache`: where the folder does not exist, the part behind the
# semicolon runs in the home folder, and its exit code is the one that counts. Write `sudo sh -c '...'` and `cd FOLDER
# || exit` in the command itself.
#
# Installs Invoke 3.0.3 in a temporary folder; "sudo" is a stand-in there that notes for whom a command runs. Fails if
# Invoke behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" invoke==3.0.3
mkdir programs app
cat >programs/sudo <<'END'
#!/bin/sh
# Invoke calls it as: sudo -S -p PROMPT COMMAND...
shift 3
ACCOUNT=root exec "$@"
END
# shellcheck disable=SC2016 # a variable of that program
printf '#!/bin/sh\necho "${ACCOUNT:-caller}"\n' >programs/account
chmod +x programs/sudo programs/account
cat >look.py <<'END'
"""Run commands in blocks of Invoke; print the line that the shell got, and what came of it."""
from importlib.metadata import version
from invoke import Context
c = Context()
def show(ran):
    print(f"  {ran.command}\n    {' '.join(ran.stdout.split())}, exit code {ran.exited}")
print("Invoke", version("invoke"))
show(c.sudo("account", hide=True, in_stream=False))
with c.prefix("test -d app"):
    show(c.sudo("account", hide=True, in_stream=False))
with c.cd("app"):
    show(c.run("true; basename $PWD", hide=True, in_stream=False))
with c.cd("missing"):
    show(c.run("true; test -d app && echo 'not there'", hide=True, in_stream=False))
END
PATH="$folder/programs:$PATH" PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
Invoke 3.0.3
  sudo -S -p '[sudo] password: ' account
    root, exit code 0
  sudo -S -p '[sudo] password: ' test -d app && account
    caller, exit code 0
  cd app && true; basename $PWD
    app, exit code 0
  cd missing && true; test -d app && echo 'not there'
    not there, exit code 0
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
