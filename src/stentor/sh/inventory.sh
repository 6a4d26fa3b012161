# What this machine is made of, as key=value lines; read by probe/inventory.py.
# It is sent to `sh -s -- TOOL... -- PACKAGE...`, so it must do for dash, bash, busybox and the sh of
# macOS and the BSDs. It writes nothing to any disk.
# uses: base tools jobs

# first KEY FILE: the file's first line, if there is one.
first() {
  if [ -r "$2" ] && IFS= read -r line <"$2"; then pair "$1" "$line"; fi
}

# those KEY PREFIX... <FILE: the lines which begin with one of these.
those() {
  key=$1
  shift
  while IFS= read -r line; do
    for prefix in "$@"; do
      case $line in "$prefix"*) pair "$key" "$line" ;; esac
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
  pair cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null)"
  first vendor /sys/class/dmi/id/sys_vendor
  first product /sys/class/dmi/id/product_name
  if has systemd-detect-virt; then guarded virtual systemd-detect-virt; fi
  for disk in /sys/block/*; do
    case ${disk##*/} in loop* | ram* | zram* | dm-* | md* | sr* | fd* | nbd* | '*') continue ;; esac
    size='' model='' spins=''
    [ -r "$disk/size" ] && read -r size <"$disk/size"
    [ -r "$disk/device/model" ] && read -r model <"$disk/device/model"
    [ -r "$disk/queue/rotational" ] && read -r spins <"$disk/queue/rotational"
    pair disk "${disk##*/} ${size:-0} ${spins:-0} $model"
  done
  for interface in /sys/class/net/*; do
    [ -r "$interface/address" ] && read -r line <"$interface/address" && pair mac "${interface##*/} $line"
  done
  if has ip; then guarded address ip -o addr show; fi
}

macos_or_bsd() {
  if has sw_vers; then guarded sw_vers sw_vers; fi
  pair memory_bytes "$(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
  pair cpuinfo "model name: $(sysctl -n machdep.cpu.brand_string 2>/dev/null || sysctl -n hw.model 2>/dev/null)"
  pair cores "$(sysctl -n hw.ncpu 2>/dev/null)"
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

# inventory TOOL... -- PACKAGE...
inventory() {
  with_errors=yes
  pair stentor_inventory 1
  pair uname "$(uname -srm)"
  pair hostname "$(hostname 2>/dev/null || uname -n)"
  pair shell "${SHELL:-}"
  if [ -r /proc/meminfo ]; then linux; else macos_or_bsd; fi
  if [ -r /etc/shells ]; then
    while IFS= read -r line; do
      case $line in /*) [ -x "$line" ] && pair shells "$line" ;; esac
    done </etc/shells
  fi
  if has nvidia-smi; then
    guarded gpu nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits
  elif has lspci; then
    guarded lspci lspci
  fi
  while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
    if has "$1"; then
      pair has "$1"
      version "$1"
    fi
    shift
  done
  [ "$#" -gt 0 ] && shift
  package_versions "$@"
  finish_jobs 50
  pair stentor_inventory_end 1
}
