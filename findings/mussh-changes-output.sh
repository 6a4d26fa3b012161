#!/bin/sh
# mussh runs commands on several machines by ssh and puts each one's name in front of its lines. The lines are not
# those that the machine wrote: backslashes are gone, and so are blanks at the start, empty lines, a line that echo
# takes for an option, and the last line if it has no end. A list that was told apart by its indentation, a path of
# Windows or a pattern reads otherwise. And `-c`, which "may be used more than once" by its manual, sends all commands
# as the standard input of one shell: the first of them that reads its own input takes the rest for it, and they never
# run. The exit code is 0 all the same, as it is for each command that failed. Its manual says nothing of these. Give
# a command that reads its input `</dev/null`, and take another program where the output is compared or kept.
#
# Installs mussh 1.0-1.1 of Debian 12 in a temporary folder; "ssh" is a stand-in there that runs the shell on this
# machine. Needs bash. Fails if mussh behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download mussh=1.0-1.1
dpkg-deb -x ./*.deb "$folder"
mkdir programs
cat >programs/ssh <<'END'
#!/bin/sh
# The last word is the shell to run.
for word; do :; done
exec "$word"
END
chmod +x programs/ssh
cat >print <<'END'
printf '%s\n' 'C:\new' '' '  - two' '-n'
printf last
END
mussh() { PATH="$folder/programs:$PATH" bash usr/bin/mussh -A "$@"; }
{
  bash usr/bin/mussh -V | sed -n 1p
  echo 'the commands print:'
  bash print
  printf '\nmussh shows:\n'
  mussh -h n1 -C print && echo "exit code $?"
  echo 'two commands, the first reads its input:'
  mussh -h n1 -c 'cat >/dev/null' -c 'echo second' && echo "exit code $?"
  echo 'the same, and it reads no input:'
  mussh -h n1 -c 'cat >/dev/null </dev/null' -c 'echo second' && echo "exit code $?"
  echo 'a command that fails:'
  mussh -h n1 -c 'exit 3' && echo "exit code $?"
} >seen </dev/null
cat >expected <<'END'
Version: 1.0
the commands print:
C:\new

  - two
-n
last
mussh shows:
n1: C:new
n1: - two
exit code 0
two commands, the first reads its input:
exit code 0
the same, and it reads no input:
n1: second
exit code 0
a command that fails:
exit code 0
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
