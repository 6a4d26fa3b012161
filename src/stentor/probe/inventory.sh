#!/bin/sh
# What this machine is made of, as key=value lines; read by inventory.py beside this file.
# It is sent to `sh -s -- TOOL... -- PACKAGE...`, so it must do for dash, bash, busybox and the sh of
# macOS and the BSDs. It writes nothing to any disk. What may hang runs beside the rest and is ended.

PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:$HOME/.local/bin:$HOME/bin
LC_ALL=C
export PATH LC_ALL

say() { printf '%s=%s\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }

# guarded KEY COMMAND...: each line of the command's output as KEY=line. The command's own pipe keeps
# a process that cannot be killed away from our standard output, for which the caller would wait.
guarded() {
  key=$1
  shift
  # shellcheck disable=SC2016  # $$ is for the inner sh
  sh -c 'echo "$$"; exec "$@"' sh "$@" </dev/null 2>&1 | {
    read -r child
    trap 'kill -9 "$child" 2>/dev/null; exit 0' TERM
    while IFS= read -r line; do say "$key" "$line"; done
  } &
  guards="$guards $!"
}

finish() {
  turns=0
  while [ "$turns" -lt 50 ]; do
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

# first KEY FILE: the file's first line, if there is one.
first() {
  if [ -r "$2" ] && IFS= read -r line <"$2"; then say "$1" "$line"; fi
}

# those KEY PREFIX... <FILE: the lines which begin with one of these.
those() {
  key=$1
  shift
  while IFS= read -r line; do
    for prefix in "$@"; do
      case $line in "$prefix"*) say "$key" "$line" ;; esac
    done
  done
}

linux() {
  for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] || continue
    those os_release ID= NAME= VERSION_ID= VERSION_CODENAME= PRETTY_NAME= <"$file"
    break
  done
  first debian_version /etc/debian_version
  [ -r /proc/meminfo ] && those meminfo MemTotal: </proc/meminfo
  [ -r /proc/cpuinfo ] && those cpuinfo 'model name' Model Hardware </proc/cpuinfo | sort -u
  say cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null)"
  first vendor /sys/class/dmi/id/sys_vendor
  first product /sys/class/dmi/id/product_name
  if has systemd-detect-virt; then guarded virtual systemd-detect-virt; fi
  for disk in /sys/block/*; do
    case ${disk##*/} in loop* | ram* | zram* | dm-* | md* | sr* | fd* | nbd* | '*') continue ;; esac
    size='' model='' spins=''
    [ -r "$disk/size" ] && read -r size <"$disk/size"
    [ -r "$disk/device/model" ] && read -r model <"$disk/device/model"
    [ -r "$disk/queue/rotational" ] && read -r spins <"$disk/queue/rotational"
    say disk "${disk##*/} ${size:-0} ${spins:-0} $model"
  done
  for interface in /sys/class/net/*; do
    [ -r "$interface/address" ] && read -r line <"$interface/address" && say mac "${interface##*/} $line"
  done
  if has ip; then guarded address ip -o addr show; fi
}

macos_or_bsd() {
  if has sw_vers; then guarded sw_vers sw_vers; fi
  say memory_bytes "$(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
  say cpuinfo "model name: $(sysctl -n machdep.cpu.brand_string 2>/dev/null || sysctl -n hw.model 2>/dev/null)"
  say cores "$(sysctl -n hw.ncpu 2>/dev/null)"
}

# The version of one tool: most say it with --version, a few with -V or version.
version() {
  case $1 in
    tmux | ssh) guarded "tool_$1" "$1" -V ;;
    go | kubectl) guarded "tool_$1" "$1" version ;;
    *) guarded "tool_$1" "$1" --version ;;
  esac
}

package_versions() {
  [ "$#" -gt 0 ] || return 0
  # shellcheck disable=SC2016  # the ${} are dpkg-query's own
  if has dpkg-query; then
    guarded package dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' "$@"
  elif has rpm; then
    guarded package rpm -q --qf 'installed %{NAME} %{VERSION}-%{RELEASE}\n' "$@"
  elif has apk; then
    guarded apk apk info -v
  elif has pacman; then
    guarded pacman pacman -Q "$@"
  fi
}

main() {
  guards=
  say stentor_inventory 1
  say uname "$(uname -srm)"
  say hostname "$(hostname 2>/dev/null || uname -n)"
  say shell "${SHELL:-}"
  if [ -r /proc/meminfo ]; then linux; else macos_or_bsd; fi
  if [ -r /etc/shells ]; then
    while IFS= read -r line; do
      case $line in /*) [ -x "$line" ] && say shells "$line" ;; esac
    done </etc/shells
  fi
  if has nvidia-smi; then
    guarded gpu nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits
  elif has lspci; then
    guarded lspci lspci
  fi
  while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
    if has "$1"; then
      say has "$1"
      version "$1"
    fi
    shift
  done
  [ "$#" -gt 0 ] && shift
  package_versions "$@"
  finish
  say stentor_inventory_end 1
}

main "$@"
