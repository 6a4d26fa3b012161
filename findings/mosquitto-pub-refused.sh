#!/bin/sh
# `mosquitto_pub` sends one message to a broker of MQTT, such as "off" to a power plug, and exits 0 also if the broker
# refused it. In MQTT 3.1.1, which it speaks by default, a broker with access rules (`acl_file`) acknowledges the
# message and throws it away: not even `-q 2`, "exactly once", shows anything. MQTT 5 has an answer for this, and with
# `-V 5 -q 1` mosquitto_pub prints "Not authorized" as a warning, and exits 0 all the same. (`-V 5` without -q asks for
# no answer.) A subscription that is refused just waits. So a script that switches nodes by their plugs takes a wrong
# topic, or a right that is missing, for success. Subscribe to the state that the plug reports, and wait for it; or
# use `-V 5 -q 1` and take any output on standard error for a failure.
#
# Installs mosquitto 2.0.11, its clients and libraries of Debian 12 in a temporary folder; listens on 127.0.0.1 only.
# Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
broker='' reader=''
# shellcheck disable=SC2086 # none or one process id each
trap 'kill $reader $broker 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download mosquitto=2.0.11-1.2+deb12u2 mosquitto-clients=2.0.11-1.2+deb12u2 \
  libmosquitto1=2.0.11-1.2+deb12u2 libcjson1 libwebsockets17 libdlt2 libev4 libuv1 libwrap0
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
LD_LIBRARY_PATH=$(find "$folder" -name '*.so*' -exec dirname {} + | sort -u | paste -s -d :)
export LD_LIBRARY_PATH
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'topic readwrite plug1/#\ntopic read plug2/#\n' >rights
cat >config <<EOT
listener $port 127.0.0.1
allow_anonymous true
acl_file $folder/rights
user $(id -un)
EOT
: >log
usr/sbin/mosquitto -c config >log 2>&1 & broker=$!
until grep -q running log; do sleep 0.3; done
usr/bin/mosquitto_sub -h 127.0.0.1 -p "$port" -t 'plug1/#' -t 'plug2/#' -F '%t %p' >arrived & reader=$!
number=0
until usr/bin/mosquitto_pub -h 127.0.0.1 -p "$port" -t plug1/ready -m yes && sleep 0.3 && [ -s arrived ]; do :; done
grep -m 1 -o 'mosquitto version [0-9.]*' log
send() { # TOPIC OPTION...
  topic=$1
  shift
  number=$((number + 1)) code=0
  usr/bin/mosquitto_pub -h 127.0.0.1 -p "$port" "$@" -t "$topic" -m "$number" 2>said || code=$?
  sleep 1
  came=lost
  ! grep -q "^$topic $number$" arrived || came=arrived
  echo "$topic $*: exit code $code, $came$(grep -o ': *Not authorized' said || :)"
}
{
  send plug1/power -q 2
  send plug2/power -q 2
  send plug1/power -V 5 -q 1
  send plug2/power -V 5 -q 1
  send plug2/power -V 5 -q 0
} >seen
cat >expected <<'EOT'
plug1/power -q 2: exit code 0, arrived
plug2/power -q 2: exit code 0, lost
plug1/power -V 5 -q 1: exit code 0, arrived
plug2/power -V 5 -q 1: exit code 0, lost: Not authorized
plug2/power -V 5 -q 0: exit code 0, lost
EOT
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
