#!/bin/sh
# The first process of a practice node: keeps its sshd as the lab asks.
# usage: node_init.sh MARKER SSHD CONFIG RUN
# One request a line comes by the FIFO RUN/control, as "NUMBER VERB"; RUN/done holds the last number served.
sshd=$2 config=$3 run=$4 pid=

start() {
    "$sshd" -D -f "$config" -E "$run/sshd.log" 3>&- &
    pid=$!
}

stop() {
    kill -KILL "$pid"
    wait "$pid"
    pid=
} 2>/dev/null

cd / || exit
exec 3<>"$run/control" </dev/null
start
while read -r number verb <&3; do
    case $verb in
    start) [ -n "$pid" ] || start ;;
    stop) [ -z "$pid" ] || stop ;;
    restart)
        [ -z "$pid" ] || stop
        start
        ;;
    hang) kill -STOP "$pid" ;;
    resume) kill -CONT "$pid" ;;
    esac
    echo "$number" >"$run/done"
done
