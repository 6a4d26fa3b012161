#!/bin/sh
# `ssh -G` prints the settings that ssh takes for a host, one a line, in the form of ssh_config, and programs
# read them instead of the files. Quotes are not printed. A variable with a blank (`SetEnv "TITLE=a b"`) comes
# out as `setenv TITLE=a b`, which reads as the variable TITLE=a and a second one called "b". Given back to ssh
# as a file (`ssh -G n1 >saved; ssh -F saved n1`) the whole file is refused: "Invalid SetEnv". Two files of
# known hosts, /a and b, and one whose name is "/a b" are the same line as well, and no error tells the reader
# which of them it was. Without blanks the output can be read back. Take each `setenv` line for one variable,
# do not split it, and where names may have blanks read the files themselves.
#
# Installs openssh-client 9.2p1 of Debian 12 in a temporary folder; nothing connects. Fails if OpenSSH behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"

usr/bin/ssh -V 2>&1
result=ok
check() { # SETTING EXPECTED-LINE EXPECTED-RESULT-OF-READING-BACK
  printf 'Host n1\n  %s\n' "$1" >config
  usr/bin/ssh -F config -G n1 >saved 2>/dev/null
  line=$(grep -e '^setenv ' -e '^userknownhostsfile ' saved | grep -i "^${1%% *} ")
  code=0
  usr/bin/ssh -F saved -G n1 >/dev/null 2>said || code=$?
  code="$code $(grep -o 'Invalid SetEnv' said || :)"
  printf '%-30s is printed as: %-28s read back: %s\n' "$1" "$line" "$code"
  [ "$line $code" = "$2 $3" ] || result=changed
}
check 'SetEnv TITLE=a' 'setenv TITLE=a' '0 '
check 'SetEnv "TITLE=a b"' 'setenv TITLE=a b' '255 Invalid SetEnv'
check 'UserKnownHostsFile /a b' 'userknownhostsfile /a b' '0 '
check 'UserKnownHostsFile "/a b"' 'userknownhostsfile /a b' '0 '
echo "$result"
[ "$result" = ok ]
