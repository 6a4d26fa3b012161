#!/bin/sh
# What this machine is and how it fares, as key=value lines; read by facts.py beside this file.
# It is sent to `sh -s`, so it must do for dash, bash, busybox and the sh of macOS and the BSDs.
# It writes nothing to any disk. Whatever may hang (a dead network disk, a stopped tmux server)
# runs beside the rest and is ended after a few seconds.

PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:$HOME/.local/bin:$HOME/bin
LC_ALL=C
export PATH LC_ALL

say() { printf '%s=%s\n' "$1" "$2"; }

# guarded KEY COMMAND...: each line of the command's output as KEY=line, then KEY_done=1.
# The command's own pipe keeps a process that cannot be killed away from our standard output,
# for which the caller would wait. The pid is said by a sh that then becomes the command.
guarded() {
  key=$1
  shift
  # shellcheck disable=SC2016  # $$ is for the inner sh
  sh -c 'echo "$$"; exec "$@"' sh "$@" </dev/null 2>/dev/null | {
    read -r child
    trap 'kill -9 "$child" 2>/dev/null; exit 0' TERM
    while IFS= read -r line; do say "$key" "$line"; done
    say "${key}_done" 1
  } &
  guards="$guards $!"
}

has() { command -v "$1" 2>/dev/null; }

# Wait for the guarded commands, at most about three seconds. `sleep` is also what makes a plain
# sh notice that a child has ended, and a sleep that takes no fraction says so at once.
finish() {
  turns=0
  while [ "$turns" -lt 30 ]; do
    left=
    for guard in $guards; do
      if kill -0 "$guard" 2>/dev/null; then left="$left $guard"; fi
    done
    [ -n "$left" ] || return 0
    guards=$left
    if [ "$turns" = 0 ]; then
      sleep 0.01 2>/dev/null || true
    else
      sleep 0.1 2>/dev/null || { sleep 1; turns=$((turns + 9)); }
    fi
    turns=$((turns + 1))
  done
  for guard in $guards; do kill "$guard" 2>/dev/null; done
  sleep 0.1 2>/dev/null || sleep 1
  for guard in $guards; do kill -9 "$guard" 2>/dev/null; done
}

linux() {
  for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] || continue
    while IFS= read -r line; do
      case $line in
        ID=* | NAME=* | VERSION_ID=* | PRETTY_NAME=*) say os_release "$line" ;;
      esac
    done <"$file"
    break
  done
  [ -r /etc/debian_version ] && read -r line </etc/debian_version && say debian_version "$line"
  [ -r /proc/uptime ] && read -r line </proc/uptime && say uptime "$line"
  [ -r /proc/loadavg ] && read -r line </proc/loadavg && say load "$line"
  if [ -r /proc/meminfo ]; then
    while IFS= read -r line; do
      case $line in
        MemTotal:* | MemFree:* | MemAvailable:* | Buffers:* | Cached:*) say meminfo "$line" ;;
      esac
    done </proc/meminfo
  fi
  # Those which are ours to use, if we are held to some of them; else those which are there.
  say cores "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
}

macos_or_bsd() {
  if has sw_vers >/dev/null; then guarded sw_vers sw_vers; fi
  say boottime "$(sysctl -n kern.boottime 2>/dev/null)"
  say load "$(sysctl -n vm.loadavg 2>/dev/null)"
  say cores "$(sysctl -n hw.ncpu 2>/dev/null)"
  say memory_bytes "$(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
  if has vm_stat >/dev/null; then guarded vm_stat vm_stat; fi
}

main() {
  guards=
  say stentor_probe 1
  say now "$(date +%s)"
  guarded disk_root df -P -k /
  guarded disk_home df -P -k "${HOME:-/}"
  # shellcheck disable=SC2016  # $1 is for the inner sh
  guarded home_writable sh -c '[ -w "$1" ] && echo yes || echo no' sh "${HOME:-/}"
  if has who >/dev/null; then guarded who who; fi
  program=$(has chezmoi) && say chezmoi "$program" && guarded chezmoi_version "$program" --version
  program=$(has tmux) && say tmux "$program" && guarded tmux_session "$program" list-sessions -F '#S'
  if [ -n "$STENTOR_PROBE_GPUS" ] && has nvidia-smi >/dev/null; then
    guarded gpu nvidia-smi --query-gpu=utilization.gpu,memory.used,memory.total --format=csv,noheader,nounits
  fi
  say uname "$(uname -srm)"
  if [ -r /proc/meminfo ]; then linux; else macos_or_bsd; fi
  finish
  say stentor_probe_end 1
}

main
