# Other ways in (root, passwords) are closed in sshd's configuration, and opened again after a while unless a new login
# has been proved. Given: sshd (lines of sshd_config), wait (seconds), user.
# uses: base

# The first value of an option holds for sshd, and Debian's own file includes the folder at its top.
_dropin=/etc/ssh/sshd_config.d/00-stentor.conf
closing=/run/stentor-closing

# check_entrance: whether sshd has these values, and nothing that waits for a proof opens it again.
check_entrance() { [ ! -e "$closing" ] && sshd_has_them; }

# sshd_has_them: whoever has set them.
sshd_has_them() {
  _values=$(sshd -T -C user=root,host=localhost,addr=127.0.0.1) || return 1
  _values=$(say "$_values" | sed 's/ prohibit-password$/ without-password/')
  while read -r _option _wanted; do
    _wanted=$(say "$_wanted" | sed 's/^prohibit-password$/without-password/')
    say "$_values" | grep -qix "$_option $_wanted" || return 1
  done <<END
$sshd
END
}

# root_is_left: whether anybody becomes root where root itself logs in no more. Whoever has become root for this program
# by sudo does; else the account must, without a password, or with one that it has.
root_is_left() {
  case $sshd in *'PermitRootLogin no'*) ;; *) return 0 ;; esac
  [ "${SUDO_USER:-root}" = root ] || return 0
  runuser -u "$user" -- sudo -n true >/dev/null 2>&1 && return
  case $(getent shadow "$user" | cut -d: -f2) in '' | '*'* | '!'*) return 1 ;; esac
  sudo -n -l -U "$user" /bin/sh >/dev/null 2>&1
}

close_others() {
  if check_entrance >/dev/null 2>&1; then
    say 'have entrance'
    return
  fi
  root_is_left ||
    leave entrance "nobody could become root any more: $user has no password for sudo; set one, or root_login: keys"
  # First that which opens it again: it must not depend on us, nor on the connection. That of an earlier run, which had
  # no proof, finds another number and does nothing.
  say "$$" >"$closing"
  # shellcheck disable=SC2016  # for the other shell
  setsid sh -c 'sleep "$1"; [ "$(cat "$2")" != "$4" ] || { rm -f "$3" "$2"; systemctl reload ssh; }' \
    sh "$wait" "$closing" "$_dropin" "$$" </dev/null >/dev/null 2>&1 &
  mkdir -p /etc/ssh/sshd_config.d
  put "$_dropin" "$sshd" && chmod 644 "$_dropin"
  if ! _said=$(sshd -t 2>&1) || ! sshd_has_them >/dev/null 2>&1; then
    reopen
    leave entrance "sshd does not take it: ${_said:-another file sets these options}"
  fi
  reload_sshd
  say 'did entrance'
}

# keep_closed: a new login is proved; too late if it was opened again meanwhile.
keep_closed() {
  rm -f "$closing"
  check_entrance || leave entrance 'the proof came too late: they were opened again'
}

reopen() {
  rm -f "$_dropin" "$closing"
  reload_sshd
}

# reload_sshd: where it is started anew for each connection, nothing is to be done.
reload_sshd() { if systemctl is-active --quiet ssh; then systemctl reload ssh; fi; }
