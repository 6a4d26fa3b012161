#!/bin/sh
# ssh_config of Kevin Burke is the reader of ssh_config for programs in Go. Since 1.6.0 it knows `Match host`, and
# refuses other criteria ("unsupported Match criterion"), but only where they come first: each word behind `host`
# is one more pattern to it. `Match host n1 user bob`, which is for bob on n1, so holds for n1 whoever logs in, and
# for hosts named "user" and "bob". `Match host n1,n2`, which is how ssh_config(5) lists names, is one pattern, and
# holds for neither. And it compares the name that was typed, where OpenSSH compares what `HostName` made of it.
# All of it without an error: another port, user or key than ssh takes. Ask `ssh -G` for the result, or give such
# programs a file without Match.
#
# Needs Go (1.21 or later); fetches github.com/kevinburke/ssh_config 1.6.0, and openssh-client 9.2p1 of Debian 12,
# into a temporary folder; nothing connects. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
printf 'module example\ngo 1.21\nrequire github.com/kevinburke/ssh_config v1.6.0\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/kevinburke/ssh_config"
)

func main() {
	file, _ := os.Open("config")
	config, err := ssh_config.Decode(file)
	if err != nil {
		fmt.Println("refused")
		return
	}
	port, _ := config.Get(os.Args[1], "Port")
	fmt.Println(port)
}
GO
export GOFLAGS=-mod=mod GOPATH="$folder/go" GOCACHE="$folder/cache"
go build -o reader . 2>/dev/null
"$folder/usr/bin/ssh" -V
echo "ssh_config $(go list -m -f '{{.Version}}' github.com/kevinburke/ssh_config)"
result=ok
check() { # TEXT HOST OPENSSH GO
  printf '%b\n' "$1" >config
  openssh=$("$folder/usr/bin/ssh" -F config -G "$2" 2>/dev/null | sed -n 's/^port //p')
  go=$(./reader "$2")
  printf '%-58s %-4s OpenSSH: %-4s Go: %s\n' "$1" "$2" "$openssh" "${go:-22}"
  [ "$openssh ${go:-22}" = "$3 $4" ] || result=changed
}
check 'Match host n1\n Port 99' n1 99 99
check 'Match user bob host n1\n Port 99' n1 22 refused
check 'Match host n1 user bob\n Port 99' n1 22 99
check 'Match host n1 user bob\n Port 99' bob 22 99
check 'Match host n1,n2\n Port 99' n2 99 22
check 'Host n1\n HostName n1.lan\nMatch host n1.lan\n Port 99' n1 99 22
echo "$result"
[ "$result" = ok ]
