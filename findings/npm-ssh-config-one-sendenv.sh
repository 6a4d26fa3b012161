#!/bin/sh
# `compute(host)` of ssh-config, the JavaScript library that editors and extensions read ssh_config by, gives
# the options of a host as OpenSSH would take them, by "first obtained value wins", and makes lists of those
# that may be there several times: IdentityFile, CertificateFile, LocalForward. SendEnv it leaves out of
# these: of three lines, two for the host and one for all hosts, it answers the first alone, where `ssh -G`
# sends all. A program that connects by what it says leaves variables behind that the user's own ssh takes
# along (a locale, a proxy, a token's name). Ask `ssh -G` for the result.
#
# Installs ssh-config 5.3.0 from the registry of npm (needs node and npm), and openssh-client 9.2p1 of Debian
# 12, in a temporary folder; nothing connects. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client
dpkg-deb -x ./openssh-client*.deb "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" ssh-config@5.3.0 >/dev/null
cat >config <<'END'
Host n1
  SendEnv A
  SendEnv B
  LocalForward 1001 a:1
  LocalForward 1002 a:2
Host *
  SendEnv C
END
"$folder/usr/bin/ssh" -V
ssh=$("$folder/usr/bin/ssh" -F config -G n1 | sed -n 's/^sendenv //p' | tr '\n' ' ')
npm=$(node -e '
const { default: SSHConfig } = require("ssh-config");
const text = require("fs").readFileSync("config", "utf8");
const found = SSHConfig.parse(text).compute("n1");
console.log(JSON.stringify([found.SendEnv, found.LocalForward]));
')
echo "ssh -G: $ssh"
echo "ssh-config: $npm"
case "$ssh|$npm" in
  'A B C |["A",["1001 a:1","1002 a:2"]]') echo ok ;;
  *) echo changed; exit 1 ;;
esac
