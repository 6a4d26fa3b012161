# The gateway: the fleet's web names in a file of their own, which the user's Caddyfile imports. Of that file nothing is
# changed. A new text is validated beside the old one, by Caddy itself, before anything is replaced.
# Given: kept (a folder), number; payload_N and files_N of the item.
# uses: base quoting services/settings services/files services/ports

# gateway_require CADDYFILE FILE: Caddy is there, and the Caddyfile imports the file.
gateway_require() {
  has caddy || { say "caddy is not installed there: apt-get install caddy"; return 1; }
  [ -f "$1" ] || { say "there is no $1: echo 'import ${2##*/}' >$1"; return 1; }
  [ -r "$1" ] || { say "$1 cannot be read there"; return 1; }
  [ -w "${2%/*}" ] || { say "${2%/*} cannot be written there (sudo -n is refused)"; return 1; }
  gateway_imports "$1" "$2" >/dev/null || {
    say "$1 does not import ${2##*/}: add the line 'import ${2##*/}' at its end"
    return 1
  }
}

# gateway_imports CADDYFILE FILE [OTHER]: the Caddyfile, with OTHER in the place of FILE; fails where it does not import
# FILE.
# shellcheck disable=SC2094  # it is only read
gateway_imports() {
  _found=1
  while IFS= read -r _line || [ -n "$_line" ]; do
    set -f
    # shellcheck disable=SC2086  # words are wanted
    set -- "$1" "$2" "${3-}" $_line
    set +f
    _pattern=${5-}
    _pattern=${_pattern#\"} _pattern=${_pattern%\"}
    case ${4-}:$_pattern in
      import:/*) ;;
      import:?*) _pattern=${1%/*}/$_pattern ;;
      *) _pattern='' ;;
    esac
    # A star of Caddy's matches no slash, but one of sh does.
    [ "${_pattern%/*}" = "${2%/*}" ] || _pattern=''
    # shellcheck disable=SC2254  # a pattern is wanted
    case $2 in
      ${_pattern:-/}) _found=0 ;;
      *)
        say "$_line"
        continue
        ;;
    esac
    say "import ${3:-$2}"
    # shellcheck disable=SC2086
    for _one in $_pattern; do
      case $_pattern in *\**) [ ! -f "$_one" ] || [ "$_one" = "$2" ] || say "import $_one" ;; esac
    done
  done <"$1"
  return $_found
}

# gateway_unit CADDYFILE: whether systemd runs Caddy with this file.
gateway_unit() {
  [ -d /run/systemd/system ] && has systemctl &&
    systemctl show -p ExecStart --value caddy.service 2>/dev/null | grep -qF -e "$1"
}

# gateway_caddy WORD...: Caddy as its service runs it: by its user, and with its environment, which a Caddyfile may use.
gateway_caddy() (
  _pid=''
  if [ -d /run/systemd/system ] && has systemctl; then
    _pid=$(systemctl show -p MainPID --value caddy.service 2>/dev/null)
  fi
  if [ "${_pid:-0}" != 0 ] && [ -r "/proc/$_pid/environ" ]; then
    while IFS= read -r _line; do
      case ${_line%%=*} in '' | *[!A-Za-z0-9_]* | [0-9]* | PATH | NOTIFY_SOCKET | INVOCATION_ID) continue ;; esac
      export "${_line?}"
    done <<END
$(tr '\0' '\n' <"/proc/$_pid/environ")
END
  fi
  if [ "$(id -u)" = 0 ] && id caddy >/dev/null 2>&1 && gateway_of_caddy; then
    _words=''
    for _word; do
      quoted "$_word"
      _words="$_words $quoted"
    done
    exec su -s /bin/sh caddy -c "exec caddy$_words"
  fi
  exec caddy "$@"
)

# gateway_of_caddy: whether the service runs as the user caddy.
gateway_of_caddy() {
  [ -d /run/systemd/system ] && has systemctl &&
    [ "$(systemctl show -p User --value caddy.service 2>/dev/null)" = caddy ]
}

# gateway_keep CADDYFILE FILE: whether Caddy takes the new text; nothing is replaced yet.
gateway_keep() {
  "files_$number" differs >/dev/null || return 0
  gateway_new=${2%/*}/.${2##*/}.stentor-new gateway_trial=$1.stentor-new
  "payload_$number" gateway_stage && gateway_imports "$1" "$2" "$gateway_new" >"$gateway_trial" &&
    chmod 644 "$gateway_new" "$gateway_trial" || {
    rm -f "$gateway_new" "$gateway_trial"
    say "nothing can be written to ${2%/*}" >&2
    return 1
  }
  gateway_caddy validate --adapter caddyfile --config "$gateway_trial" >"$kept/validated" 2>&1
  _code=$?
  [ $_code -eq 0 ] || gateway_reason "$kept/validated" | sed "s|$gateway_new|$2|g; s|$gateway_trial|$1|g" >&2
  rm -f "$gateway_new" "$gateway_trial" "$kept/validated"
  return $_code
}

gateway_stage() { printf '%s' "$6" | base64 -d >"$gateway_new"; }

# gateway_reason FILE: what Caddy says last, without what else it logs.
gateway_reason() {
  say "Caddy refuses it: $(gateway_words <"$1")"
}

# gateway_words: the last words of Caddy's log, of which the end is an error: plain, or by newer ones as JSON.
gateway_words() {
  awk 'NF { line = $0 } END { print line }' |
    sed 's/^Error: //; s/^{.*"msg":"\(.*\)"}$/\1/; s/\\"/"/g' | tr -d '\r' | cut -c1-400
}

# gateway_apply CADDYFILE: Caddy reads its file anew. Where systemd runs it, by the unit, whose environment counts.
gateway_apply() {
  if gateway_unit "$1"; then
    if [ "$(systemctl show -p ActiveState --value caddy.service)" != active ]; then
      say "caddy.service is $(systemctl show -p ActiveState --value caddy.service)" >&2
      return 1
    fi
    systemctl reload caddy.service >&2 && return
    _said=$(journalctl -q -u caddy -n 20 -o cat --no-pager 2>/dev/null |
      grep -e '^Error: ' -e '"level":"error"' | gateway_words)
    say "caddy.service was not reloaded${_said:+: $_said}" >&2
    return 1
  fi
  _said=$(gateway_caddy reload --adapter caddyfile --config "$1" 2>&1) && return
  case $_said in
    *"connection refused"*) say "no Caddy runs there with $1" >&2 ;;
    *) say "Caddy does not take it: $(say "$_said" | gateway_words)" >&2 ;;
  esac
  return 1
}

# gateway_adapt CADDYFILE: what it says, as Caddy's JSON.
gateway_adapt() { gateway_caddy adapt --adapter caddyfile --config "$1" 2>/dev/null; }

# gateway_running: what the running Caddy has, as JSON; fails where nothing here can ask for it.
# Given: gateway_json (what the Caddyfile says).
gateway_running() {
  _listen=$(say "$gateway_json" | sed -n 's/^{"admin":{[^}]*"listen":"\([^"]*\)".*/\1/p')
  case $_listen in
    unix/*) has curl && curl -s -m 5 --unix-socket "${_listen#unix/}" http://localhost/config/ ;;
    *)
      _listen=${_listen:-localhost:2019}
      case $_listen in :*) _listen=localhost$_listen ;; esac
      if has curl; then curl -s -m 5 --noproxy '*' "http://$_listen/config/"
      elif has wget; then no_proxy='*' wget -q -T 5 -O - "http://$_listen/config/"
      else return 2
      fi
      ;;
  esac
}

# gateway_same CADDYFILE: whether the running Caddy has what its file says; 2 where that cannot be told. The two order
# their keys differently.
gateway_same() {
  gateway_json=$(gateway_adapt "$1")
  _has=$(gateway_running) || return 2
  [ "$(say "$_has" | gateway_tokens)" = "$(say "$gateway_json" | gateway_tokens)" ]
}

gateway_tokens() { gateway_split | LC_ALL=C sort | cksum; }

# shellcheck disable=SC2020  # one character for each
gateway_split() { tr ',{}[]' '\n\n\n\n\n' | sed '/^[[:space:]]*$/d'; }

# gateway_current CADDYFILE: whether the running Caddy has what its file says.
gateway_current() {
  gateway_same "$1"
  [ $? -ne 1 ] || { say "reload caddy: it runs with another configuration than $1 has"; return 1; }
}

# gateway_prove CADDYFILE: the running Caddy has what its file says, and is alone on its ports.
gateway_prove() {
  _tries=0
  while :; do
    gateway_same "$1"
    [ $? -eq 1 ] || break
    _tries=$((_tries + 1))
    if [ $_tries -ge 3 ]; then
      say "the Caddy that answers has another configuration than $1: does a second one run?" >&2
      return 1
    fi
    sleep 1
  done
  for _port in $(gateway_ports); do
    _who=$(listeners | awk -v port="$_port" '$1 == port && $3 { print $3 }' | sort -u)
    # shellcheck disable=SC2086  # words are wanted
    set -- "$1" $_who
    [ $# -le 2 ] || {
      say "port $_port is shared by $(gateway_names "$@"): each answers some of the requests; end the older" >&2
      return 1
    }
  done
}

# gateway_ports: the TCP ports on which its sites listen. Given: gateway_json.
gateway_ports() {
  say "$gateway_json" | gateway_split | sed -n 's/^"[^"]*:\([0-9][0-9]*\)"$/\1/p' | sort -un
}

# gateway_names CADDYFILE PID...: the processes, in words.
gateway_names() {
  shift
  _names=''
  for _pid; do _names="${_names:+$_names and }$(value "/proc/$_pid/comm") (pid $_pid)"; done
  say "$_names"
}

# gateway_undo CADDYFILE FILE: the file is as before; so shall the running Caddy be. It takes no import of a file that
# is not there, and an older one takes no empty file.
gateway_undo() {
  [ -e "$2" ] || say '# Made by stentor: no web names yet.' >"$2"
  _undone=$(gateway_apply "$1" 2>&1) && return
  case $_undone in "no Caddy runs"* | "caddy.service is "*) return 0 ;; esac # nor did one before
  say "$_undone" >&2
  return 1
}

# gateway_fronts CADDYFILE: its JSON, for whoever asks by name where it serves.
gateway_fronts() {
  kept=''
  if has caddy && [ -r "$1" ]; then gateway_adapt "$1"; fi
  return 0
}
