# What is there: units, containers, ports and files, as the programs of the node say it.
# Given: units (names), status_files (names of functions that give files), with_docker.
# uses: base services/settings services/files services/container services/ports

STATUS_UNIT=Id,LoadState,ActiveState,SubState,Result,UnitFileState,NRestarts,ActiveEnterTimestamp,InactiveEnterTimestamp
STATUS_UNIT=$STATUS_UNIT,Names,MainPID,ExecMainStatus,ExecMainStartTimestampMonotonic,Type,NeedDaemonReload
STATUS_UNIT=$STATUS_UNIT,RemainAfterExit

status() {
  mounts='' parts_read=''
  say "now $(date +%s)"
  if [ -n "${units-}" ]; then
    if has systemctl && [ -d /run/systemd/system ]; then
      # shellcheck disable=SC2086  # names of units have no blanks; before systemd 248 times are dates
      { systemctl show --timestamp=unix -p $STATUS_UNIT -- $units 2>/dev/null ||
        systemctl show -p $STATUS_UNIT -- $units 2>/dev/null; } | lines unit
      say "unit "
    else say "no-systemd"
    fi
  fi
  [ -z "${with_docker-}" ] || status_docker
  status_ports
  for number in $items; do
    "files_$number" status_file
    _inside=$(stale)
    [ -z "$_inside" ] || say "$_inside" | lines "inside $number"
  done
  [ ! -d "$P" ] || say "pending $(value "$P/op")"
  strays
}

status_docker() {
  docker_once=yes
  if ! docker_require >/dev/null; then say "no-docker $(docker_require)"; return; fi
  [ -n "$boxes" ] || return 0
  say "$boxes" | lines container
  mounts=$(say "$box_rows" | sed -n 's/^m//p') parts_read=$(say "$box_rows" | sed -n 's/^p//p')
}

# status_ports: "listen PORT ADDRESS PID OWNER NAME".
status_ports() {
  has ss || return 0
  say 'ports '
  _all=$(listeners)
  [ -n "$_all" ] || return 0
  say "$_all" | sort -k3,3 | while read -r _port _address _pid; do
    if [ -z "$_pid" ]; then say "listen $_port $_address - unknown -"
    else
      [ "$_pid" = "${_last-}" ] || owner_of "$_pid"
      _last=$_pid
      say "listen $_port $_address $_pid $_owner"
    fi
  done
}

# status_file PATH ...: how it differs.
status_file() {
  if _how=$(differs "$@"); then say "file $number ${_how%% *} $1"; fi
}
