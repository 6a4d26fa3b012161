# What this machine is and how it fares, as key=value lines; read by probe/facts.py.
# It is sent to `sh -s`, so it must do for dash, bash, busybox and the sh of macOS and the BSDs.
# It writes nothing to any disk. Given: STENTOR_PROBE_GPUS (a word if the GPUs are asked for).
# uses: base tools jobs

linux() {
  for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] || continue
    while IFS= read -r line; do
      case $line in
        ID=* | NAME=* | VERSION_ID=* | PRETTY_NAME=*) pair os_release "$line" ;;
      esac
    done <"$file"
    break
  done
  [ -r /etc/debian_version ] && read -r line </etc/debian_version && pair debian_version "$line"
  [ -r /proc/uptime ] && read -r line </proc/uptime && pair uptime "$line"
  [ -r /proc/loadavg ] && read -r line </proc/loadavg && pair load "$line"
  if [ -r /proc/meminfo ]; then
    while IFS= read -r line; do
      case $line in
        MemTotal:* | MemFree:* | MemAvailable:* | Buffers:* | Cached:*) pair meminfo "$line" ;;
      esac
    done </proc/meminfo
  fi
  # Those which are ours to use, if we are held to some of them; else those which are there.
  pair cores "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
}

macos_or_bsd() {
  if has sw_vers; then guarded sw_vers sw_vers; fi
  pair boottime "$(sysctl -n kern.boottime 2>/dev/null)"
  pair load "$(sysctl -n vm.loadavg 2>/dev/null)"
  pair cores "$(sysctl -n hw.ncpu 2>/dev/null)"
  pair memory_bytes "$(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
  if has vm_stat; then guarded vm_stat vm_stat; fi
}

probe() {
  tell_done=yes
  pair stentor_probe 1
  pair now "$(date +%s)"
  guarded disk_root df -P -k /
  guarded disk_home df -P -k "${HOME:-/}"
  # shellcheck disable=SC2016  # $1 is for the inner sh
  guarded home_writable sh -c '[ -w "$1" ] && echo yes || echo no' sh "${HOME:-/}"
  if has who; then guarded who who; fi
  program=$(command -v chezmoi) && pair chezmoi "$program" && guarded chezmoi_version "$program" --version
  program=$(command -v tmux) && pair tmux "$program" && guarded tmux_session "$program" list-sessions -F '#S'
  if [ -n "$STENTOR_PROBE_GPUS" ] && has nvidia-smi; then
    guarded gpu nvidia-smi --query-gpu=utilization.gpu,memory.used,memory.total --format=csv,noheader,nounits
  fi
  pair uname "$(uname -srm)"
  if [ -r /proc/meminfo ]; then linux; else macos_or_bsd; fi
  finish_jobs 30
  pair stentor_probe_end 1
}
