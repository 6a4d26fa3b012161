# Names of the fleet for a DNS server on this node: a file of dnsmasq's, our part of a hosts file, or Pi-hole's list.
# Given: kept (a folder), number; payload_N and files_N of the item; dns_rows (lines ADDRESS NAME...), dns_ours and
# dns_none (the lines which begin and end our part of a hosts file).
# uses: base services/settings services/files

# dns_restart COMMAND: by systemd where it runs dnsmasq, else by the command of the fleet file.
dns_restart() {
  if [ -n "$1" ]; then
    _said=$(sh -c "$1" 2>&1 </dev/null) && return
    say "'$1' failed: $(say "$_said" | tail -n 1)" >&2
    return 1
  fi
  systemctl restart dnsmasq.service >&2 || dns_why
}

dns_why() {
  _said=$(journalctl -q -u dnsmasq -n 5 -o cat --no-pager 2>/dev/null | grep -v '^$' | tail -n 1)
  say "dnsmasq.service was not restarted${_said:+: $_said}" >&2
  return 1
}

# dnsmasq_require FILE COMMAND
dnsmasq_require() {
  has dnsmasq || { say "dnsmasq is not installed there: apt-get install dnsmasq"; return 1; }
  [ -d "${1%/*}" ] || { say "there is no ${1%/*}; 'gateway: {dns_file: ...}' names another file"; return 1; }
  [ -w "${1%/*}" ] || { say "${1%/*} cannot be written there (sudo -n is refused)"; return 1; }
  [ -n "$2" ] || { [ -d /run/systemd/system ] && has systemctl; } || {
    say "dnsmasq is no unit of systemd there: 'gateway: {dns_restart: COMMAND}' says how it is restarted"
    return 1
  }
}

# dnsmasq_keep FILE: whether dnsmasq takes the new text; nothing is replaced yet.
dnsmasq_keep() {
  "files_$number" differs >/dev/null || return 0
  dns_new=$kept/new
  "payload_$number" dns_stage || { say "nothing can be written to $kept" >&2; return 1; }
  dnsmasq --test -C "$dns_new" >"$kept/tested" 2>&1
  _code=$?
  [ $_code -eq 0 ] || say "dnsmasq refuses it: $(last_line "$kept/tested" | sed "s|$dns_new|$1|g")" >&2
  rm -f "$dns_new" "$kept/tested"
  return $_code
}

dns_stage() { printf '%s' "$6" | base64 -d >"$dns_new"; }

# dnsmasq_apply COMMAND: dnsmasq reads such files only when it starts. All of its files together must be good first.
dnsmasq_apply() {
  if [ -z "$1" ] && ! _said=$(dnsmasq --test 2>&1); then
    say "dnsmasq refuses its files: $(say "$_said" | tail -n 1)" >&2
    return 1
  fi
  : >"$kept/restarted" && dns_restart "$1"
}

# dnsmasq_undo COMMAND: one that was not restarted runs as before; with files that it refuses it would not come back.
dnsmasq_undo() {
  [ -f "$kept/restarted" ] || return 0
  dns_restart "$1" || return 1
  [ -z "$1" ] || return 0
  sleep 1 # one that finds its port taken may end after it was started
  [ "$(systemctl is-active dnsmasq.service)" = active ] || dns_why
}

# hosts_require FILE
hosts_require() {
  if [ -e "$1" ]; then [ -f "$1" ] && [ -w "$1" ]; else [ -w "${1%/*}" ]; fi || {
    say "$1 cannot be written there (sudo -n is refused)"
    return 1
  }
  case $(hosts_marks "$1") in
    0,0 | 1,1) ;;
    *) say "$1: its lines '$dns_ours' and '$dns_none' are no pair"; return 1 ;;
  esac
}

# hosts_marks FILE: how many lines begin and end our part.
hosts_marks() {
  [ -f "$1" ] || { say 0,0; return; }
  say "$(grep -cxF -e "$dns_ours" "$1"),$(grep -cxF -e "$dns_none" "$1")"
}

# hosts_part FILE: the rows of our part, as they are.
hosts_part() {
  [ ! -f "$1" ] ||
    awk -v ours="$dns_ours" -v none="$dns_none" '$0 == none { within = 0 } within; $0 == ours { within = 1 }' "$1"
}

# hosts_new FILE: the file as it is to be.
hosts_new() {
  if [ "$(hosts_marks "$1")" = 1,1 ]; then
    awk -v ours="$dns_ours" '$0 == ours { exit } { print }' "$1"
    printf '%s\n%s%s\n' "$dns_ours" "${dns_rows:+$dns_rows
}" "$dns_none"
    awk -v none="$dns_none" 'after; $0 == none { after = 1 }' "$1"
    return
  fi
  if [ -s "$1" ]; then
    cat "$1"
    [ -z "$(tail -c 1 "$1")" ] || say ''
  fi
  printf '%s\n%s%s\n' "$dns_ours" "${dns_rows:+$dns_rows
}" "$dns_none"
}

hosts_current() { dns_difference "$(hosts_part "$1")" "$1"; }

# dns_difference THERE PLACE: say which rows would come and go; fail if there are any.
dns_difference() {
  [ "$1" != "$dns_rows" ] || return 0
  {
    say "$1" | awk 'NF { print "1 " $0 }'
    say "$dns_rows" | awk 'NF { print "2 " $0 }'
  } | awk -v place="$2" '
    { row = substr($0, 3) }
    $1 == 1 { had[row] = 1; order[++count] = row; next }
    { wants[row] = 1; if (!(row in had)) added[++more] = row }
    END {
      for (i = 1; i <= count; i++) if (!(order[i] in wants)) { print place ": - " order[i]; some = 1 }
      for (i = 1; i <= more; i++) { print place ": + " added[i]; some = 1 }
      if (!some) print place ": the same rows in another order"
    }'
  return 1
}

hosts_keep() {
  if [ -f "$1" ]; then cp -p "$1" "$kept/hosts" && cmp -s "$1" "$kept/hosts"; fi ||
    { say "no space to keep a copy of $1" >&2; return 1; }
}

# hosts_replace FILE: by the one that is written beside it, in one step; a file that is mounted cannot be replaced.
hosts_replace() {
  mv -f "$1.stentor-part" "$1" 2>/dev/null || { cat "$1.stentor-part" >"$1" && rm -f "$1.stentor-part"; }
}

# hosts_apply FILE COMMAND: who reads the file is told.
hosts_apply() { hosts_write "$1" hosts_new && hosts_reread "$2"; }

# hosts_write FILE FUNCTION: by what a function prints of it.
hosts_write() {
  _new=$1.stentor-part
  { [ ! -f "$1" ] || cp -p "$1" "$_new"; } && "$2" "$1" >"$_new" && chmod 644 "$_new" &&
    hosts_replace "$1" || {
    rm -f "$_new"
    say "$1 cannot be written" >&2
    return 1
  }
}

# hosts_reread COMMAND: dnsmasq reads hosts files anew at SIGHUP.
hosts_reread() {
  if [ -n "$1" ]; then dns_restart "$1"
  elif [ -d /run/systemd/system ] && has systemctl && [ "$(systemctl is-active dnsmasq.service)" = active ]; then
    systemctl kill -s HUP dnsmasq.service
  fi
}

hosts_prove() {
  [ "$(hosts_part "$1")" = "$dns_rows" ] || { say "$1 does not have the names" >&2; return 1; }
}

# hosts_undo FILE COMMAND: our part is as before; what others have written since stays.
hosts_undo() {
  if hosts_new "$kept/hosts" | cmp -s - "$1"; then
    if [ -f "$kept/hosts" ]; then cp -p "$kept/hosts" "$1.stentor-part" && hosts_replace "$1"; else rm -f "$1"; fi
  elif [ -f "$1" ]; then
    case $(hosts_marks "$1") in
      0,0 | 1,1) hosts_write "$1" hosts_before ;;
      *) say "$1: its lines '$dns_ours' and '$dns_none' are no pair" >&2; return 1 ;;
    esac
  fi && hosts_reread "$2"
}

# hosts_before FILE: it, with our part as it was kept, or without one.
hosts_before() {
  if [ "$(hosts_marks "$kept/hosts")" = 1,1 ]; then
    dns_rows=$(hosts_part "$kept/hosts")
    hosts_new "$1"
  else
    awk -v ours="$dns_ours" -v none="$dns_none" '
      $0 == ours { within = 1 } !within { print } $0 == none { within = 0 }' "$1"
  fi
}

pihole_require() {
  has pihole-FTL || { say "pihole-FTL is not there: Pi-hole 6 is needed"; return 1; }
  pihole_rows >/dev/null || { say "'pihole-FTL --config dns.hosts' gives no list: Pi-hole 6 is needed"; return 1; }
}

# pihole_rows: its list, a row a line. It prints "[ 10.0.0.1 a b, 10.0.0.2 c ]".
pihole_rows() {
  _list=$(pihole-FTL --config dns.hosts 2>/dev/null) || return 1
  case $_list in
    '[]' | '[ ]') ;;
    '['*']') say "$_list" | sed 's/^\[ *//; s/ *\]$//; s/, */,/g' | tr ',' '\n' ;;
    *) return 1 ;;
  esac
}

# pihole_wanted: the rows of others, and ours behind them. A row is ours if we wrote it, or it has a name of ours.
pihole_wanted() {
  {
    [ ! -f "$S/dns-rows" ] || awk 'NF { print "0 " $0 }' "$S/dns-rows"
    say "$dns_rows" | awk 'NF { print "1 " $0 }'
    pihole_rows | awk 'NF { print "2 " $0 }'
  } | awk '
    { row = substr($0, 3) }
    $1 == 0 { ours[row] = 1; next }
    $1 == 1 { rows[++count] = row; for (i = 3; i <= NF; i++) name[$i] = 1; next }
    { for (i = 3; i <= NF; i++) if ($i in name) next; if (!(row in ours)) print row }
    END { for (i = 1; i <= count; i++) print rows[i] }'
}

pihole_current() {
  _there=$(pihole_rows) _rows=$dns_rows
  dns_rows=$(pihole_wanted)
  dns_difference "$_there" "Pi-hole"
  _code=$?
  dns_rows=$_rows
  return $_code
}

pihole_keep() {
  pihole_rows >"$kept/rows" || { say "Pi-hole's list cannot be kept" >&2; return 1; }
  [ ! -f "$S/dns-rows" ] || cp "$S/dns-rows" "$kept/ours"
}

# pihole_set FILE: the rows of a file as its list.
pihole_set() {
  _list=$(awk 'NF { printf "%s\"%s\"", comma, $0; comma = ", " }' "$1")
  _said=$(pihole-FTL --config dns.hosts "[$_list]" 2>&1) || {
    say "Pi-hole refuses the list: $(say "$_said" | tail -n 1)" >&2
    return 1
  }
  [ "$(pihole_rows)" = "$(awk NF "$1")" ] || { say "Pi-hole has another list than it was given" >&2; return 1; }
}

pihole_apply() {
  pihole_wanted >"$kept/wanted" && pihole_set "$kept/wanted" || return 1
  put "$S/dns-rows" "$dns_rows"
}

pihole_prove() {
  [ "$(pihole_rows)" = "$(cat "$kept/wanted")" ] || { say "Pi-hole does not have the names any more" >&2; return 1; }
}

# pihole_undo: our change of its list the other way round; rows that others have added since stay.
pihole_undo() {
  if [ -f "$kept/ours" ]; then cp "$kept/ours" "$S/dns-rows"; else rm -f "$S/dns-rows"; fi
  [ -f "$kept/wanted" ] || return 0
  pihole_rows >"$kept/now" || { say "'pihole-FTL --config dns.hosts' gives no list" >&2; return 1; }
  if ! cmp -s "$kept/now" "$kept/wanted"; then
    pihole_before >"$kept/before" && pihole_set "$kept/before"
    return
  fi
  pihole_set "$kept/rows"
}

pihole_before() {
  { sed 's/^/0 /' "$kept/rows"; sed 's/^/1 /' "$kept/wanted"; sed 's/^/2 /' "$kept/now"; } | awk '
    { row = substr($0, 3) }
    row == "" { next }
    $1 == 0 { had[row] = 1; order[++count] = row; next }
    $1 == 1 { made[row] = 1; next }
    { there[row] = 1; if ((row in had) || !(row in made)) print row }
    END { for (i = 1; i <= count; i++) if (!(order[i] in made) && !(order[i] in there)) print order[i] }'
}
