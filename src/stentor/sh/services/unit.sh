# A unit of systemd: its state, a change of it, and back.
# Given: kept (a folder), changed (the paths that were changed), number.
# uses: base services/settings services/ports

# unit_require UNIT STATE [own]: "own" where its file is one of the fleet's.
unit_require() {
  has systemctl && [ -d /run/systemd/system ] || {
    say "this node has no systemd: name other nodes, or make it a container (type: docker)"
    return 1
  }
  uid=${uid-$(id -u)}
  [ "$uid" = 0 ] || { say "only root may change units there (sudo -n is refused)"; return 1; }
  [ "$2" = running ] || return 0
  unit_read "$1"
  [ "$_load" != masked ] || {
    say "$1 is masked there: systemctl unmask $1"
    return 1
  }
  [ -n "${3-}" ] || [ "$_load" != not-found ] || {
    say "the unit $1 is not installed there: install its package, or name its unit by 'unit:'$(unit_similar "$1")"
    return 1
  }
}

# unit_similar UNIT: installed units whose names have its name in them.
unit_similar() {
  _stem=${1%.*}
  systemctl list-unit-files --no-legend --no-pager -- "*$_stem*.service" "*$_stem*.socket" 2>/dev/null |
    awk '{ names = names ", " $1 } END { if (names) print " (there:" substr(names, 2) ")" }'
}

# unit_show UNIT PROPERTY: its value.
unit_show() { systemctl show --value -p "$2" -- "$1" 2>/dev/null; }

# unit_enabled UNIT: enabled, disabled, static, ...; nothing of a unit that is not there.
unit_enabled() { systemctl is-enabled -- "$1" 2>/dev/null | sed -n 1p; }

# unit_verify FILE...: what systemd says of them; of a missing program too.
unit_verify() {
  has systemd-analyze || return 0
  _said=$(systemd-analyze verify -- "$@" 2>&1) && return 0
  say "$_said" | sed -n 1p >&2
  return 1
}

unit_keep() {
  unit_named "$1"
  set -- "$_unit"
  unit_show "$1" ActiveState >"$kept/active"
  unit_enabled "$1" >"$kept/enabled"
  unit_show "$1" InvocationID >"$kept/invocation"
}

UNIT_ROW=Names,LoadState,ActiveState,UnitFileState,NeedDaemonReload,Type,Result,ExecMainStartTimestampMonotonic
UNIT_ROW=$UNIT_ROW,RemainAfterExit,Id

# unit_rows UNIT...: what systemd says of them, a row for each of their names, values apart by '|'.
unit_rows() {
  systemctl show -p "$UNIT_ROW" -- "$@" 2>/dev/null | awk '
    function row(i, count, names, keys, line) {
      count = split("LoadState ActiveState UnitFileState NeedDaemonReload Type Result " \
        "ExecMainStartTimestampMonotonic RemainAfterExit", keys, " ")
      line = said["Id"]
      for (i = 1; i <= count; i++) line = line "|" said[keys[i]]
      count = split(said["Names"], names, " ")
      for (i = 1; i <= count; i++) print names[i] "|" line
      split("", said)
    }
    { at = index($0, "="); said[substr($0, 1, at - 1)] = substr($0, at + 1) }
    /^$/ { row() }
    END { row() }'
}

# unit_read UNIT: set _unit (its own name: it may be called by another), _load, _active, _enabled, _reload, _type,
# _result, _begun and _stays. Given: unit_table (rows of unit_rows), where nothing is changed meanwhile.
unit_read() {
  while IFS='|' read -r _name _unit _load _active _enabled _reload _type _result _begun _stays; do
    [ "$_name" != "$1" ] || return 0
  done <<END
${unit_table:-$(unit_rows "$1")}
END
  _unit=$1
}

# unit_named UNIT: set _unit to its own name, which its processes have, and which can be enabled.
unit_named() {
  _unit=$(unit_show "$1" Id)
  _unit=${_unit:-$1}
}

# unit_want UNIT STATE: say what would be done to it, a line each; fail if that is something.
unit_want() {
  unit_read "$1"
  _none=yes
  case $2 in
    running)
      if [ "$_load" = not-found ]; then
        say "enable and start $1"
        return 1
      fi
      case $_enabled in disabled) say "enable $1"; _none='' ;; esac
      case $_active in
        active | reloading | activating) ;;
        *) unit_done "$1" || { say "start $1"; _none=''; } ;;
      esac
      [ "$_reload" != yes ] || { say "reload systemd and restart $1"; _none=''; }
      ;;
    *)
      case $_enabled in enabled | enabled-runtime) say "disable $1"; _none='' ;; esac
      case $_active in inactive | failed | '') ;; *) say "stop $1"; _none='' ;; esac
      ;;
  esac
  [ -n "$_none" ]
}

# unit_done UNIT: whether it is one that runs once, and has done so well. One that stays active was stopped since.
unit_done() {
  unit_read "$1"
  [ "$_type" = oneshot ] && [ "$_stays" != yes ] && [ "$_result" = success ] && [ "$_begun" != 0 ]
}

# unit_apply UNIT STATE RELOAD: RELOAD is "yes" where changed files need no restart.
unit_apply() {
  systemctl daemon-reload || return 1
  unit_named "$1"
  set -- "$_unit" "$2" "$3"
  case $2 in
    running) unit_up "$1" "$3" ;;
    *)
      case $(unit_enabled "$1") in enabled | enabled-runtime) systemctl --quiet disable -- "$1" || return 1 ;; esac
      case $(unit_show "$1" ActiveState) in
        inactive | failed | '') ;;
        *) systemctl stop -- "$1" || unit_why "$1" || return 1 ;;
      esac
      unit_gone "$1"
      ;;
  esac
}

unit_up() {
  if [ "$(unit_show "$1" LoadState)" != loaded ]; then
    say "the unit $1 cannot be loaded ($(unit_show "$1" LoadState))" >&2
    return 1
  fi
  case $(unit_enabled "$1") in disabled) systemctl --quiet enable -- "$1" || return 1 ;; esac
  systemctl reset-failed -- "$1" 2>/dev/null
  _verb=start
  [ -z "$changed" ] || _verb=restart
  if [ -n "$changed" ] && [ "$3$2" = yes ]; then
    case $changed in */systemd/system/*) ;; *) _verb=reload-or-restart ;; esac
  fi
  systemctl "$_verb" -- "$1" || unit_why "$1"
}

# unit_why UNIT: the reason that its journal has, of the program itself or of systemd; fails.
unit_why() {
  [ "$(unit_show "$1" LoadState)" != not-found ] || { say "the unit $1 is not installed there" >&2; return 1; }
  _said=$(journalctl -q -u "$1" -n 20 -o cat --no-pager 2>/dev/null |
    awk 'NF && !/^(Start|Stopp|Schedul)/ && !/: (Failed with result|Main process exited|Consumed|Scheduled)/ {
      line = $0 } END { print line }')
  say "$1 is $(unit_show "$1" ActiveState) ($(unit_show "$1" Result))${_said:+: $_said}" >&2
  return 1
}

# unit_boots UNIT yes|no: whether it starts at boot, or does not.
unit_boots() {
  unit_named "$1"
  set -- "$_unit" "$2"
  case $2:$(unit_enabled "$1") in
    yes:disabled | yes:masked | yes:) ;;
    no:enabled | no:enabled-runtime) ;;
    *) return 0 ;;
  esac
  say "$1 is $(unit_enabled "$1")" >&2
  return 1
}

# unit_prove UNIT STATE PORTS: it is as it shall be, and the ports are its own.
unit_prove() {
  unit_named "$1"
  set -- "$_unit" "$2" "$3"
  _active=$(unit_show "$1" ActiveState)
  if [ "$2" != running ]; then
    case $_active in inactive | failed | '') return 0 ;; *) unit_why "$1" ;; esac
    return
  fi
  if [ "$_active" = inactive ] && unit_done "$1"; then return 0; fi
  _tries=0
  while [ "$_active" = activating ] && [ "$(unit_show "$1" SubState)" != auto-restart ] && [ $_tries -lt 30 ]; do
    sleep 1
    _tries=$((_tries + 1)) _active=$(unit_show "$1" ActiveState)
  done
  [ "$_active" = active ] || { unit_why "$1"; return 1; }
  # What was restarted by hand begins at none.
  _restarts=$(unit_show "$1" NRestarts)
  case $_restarts in '' | 0) ;; *)
    say "$1 was restarted $_restarts times since the change" >&2
    unit_why "$1"
    return 1
    ;;
  esac
  ports_prove unit "$1" "$3"
}

unit_undo() {
  systemctl daemon-reload
  unit_named "$1"
  set -- "$_unit"
  _was=$(value "$kept/active") _had=$(value "$kept/enabled")
  systemctl reset-failed -- "$1" 2>/dev/null
  case $_had:$(unit_enabled "$1") in
    enabled:enabled | disabled:disabled) ;;
    enabled:*) systemctl --quiet enable -- "$1" ;;
    disabled:enabled) systemctl --quiet disable -- "$1" ;;
    :enabled) systemctl --quiet disable -- "$1" ;;
  esac
  case $_was in
    active | reloading | activating)
      # One that was not restarted runs with what it was then.
      if [ "$(unit_show "$1" InvocationID)" != "$(value "$kept/invocation")" ]; then
        systemctl restart -- "$1" && sleep 1 # one that finds its port taken may end after it was started
      elif [ -f "$kept/tried" ]; then systemctl try-reload-or-restart -- "$1"
      fi
      ;;
    *) [ "$(unit_show "$1" ActiveState)" = inactive ] || systemctl stop -- "$1" || { unit_why "$1"; return; } ;;
  esac
  unit_gone "$1"
  unit_as_before "$1"
}

# unit_as_before UNIT: whether it runs and is enabled as it was kept.
unit_as_before() {
  _active=$(unit_show "$1" ActiveState) _enabled=$(unit_enabled "$1")
  case $_was:$_active in
    active:active | active:reloading | active:activating) ;;
    active:inactive) unit_done "$1" || { unit_why "$1"; return; } ;;
    active:*) unit_why "$1"; return ;;
  esac
  case $_had:$_enabled in
    enabled:disabled | disabled:enabled) say "$1 is $_enabled, and was $_had" >&2; return 1 ;;
  esac
}

# unit_gone UNIT: the links and the state of a unit whose file is not there any more go too.
unit_gone() {
  [ "$(unit_show "$1" LoadState)" = not-found ] || return 0
  find /etc/systemd/system -type l -name "$1" -exec rm -f {} + 2>/dev/null
  systemctl daemon-reload
  systemctl reset-failed -- "$1" 2>/dev/null
  return 0
}
