# The host name, the time zone, the clock, mounts. Given: hostname, fqdn, timezone, mounts (mount points).
# uses: base bootstrap/packages

check_hostname() {
  detail="now $(uname -n)"
  [ "$(value /etc/hostname)" = "$hostname" ] && [ "$(uname -n)" = "$hostname" ] && in_hosts
}

# in_hosts: whether /etc/hosts has the name, or sudo and mail would ask DNS for it.
in_hosts() {
  awk -v name="$hostname" '
    { sub(/#.*/, ""); for (i = 2; i <= NF; i++) if ($i == name) found = 1 }
    END { exit !found }
  ' /etc/hosts
}

do_hostname() {
  put /etc/hostname "$hostname" && chmod 644 /etc/hostname
  hostname "$hostname"
  in_hosts && return
  # A line 127.0.1.1 is Debian's own, for the name that it had.
  { grep -v '^127\.0\.1\.1[[:space:]]' /etc/hosts; say "127.0.1.1 ${fqdn:+$fqdn }$hostname"; } >/etc/hosts.part
  chmod 644 /etc/hosts.part && mv -f /etc/hosts.part /etc/hosts
}

check_timezone() {
  detail="now $(readlink -f /etc/localtime | sed 's|.*/zoneinfo/||')"
  [ "$(readlink -f /etc/localtime)" = "$(readlink -f "/usr/share/zoneinfo/$timezone")" ] &&
    [ "$(value /etc/timezone)" = "$timezone" ]
}

do_timezone() {
  if [ ! -f "/usr/share/zoneinfo/$timezone" ]; then
    why="unknown time zone '$timezone'"
    return
  fi
  ln -sfn "/usr/share/zoneinfo/$timezone" /etc/localtime
  put /etc/timezone "$timezone" && chmod 644 /etc/timezone
}

# check_clock: whether any program that sets the clock is started at boot.
check_clock() {
  for _unit in systemd-timesyncd chrony ntpsec ntp openntpd; do
    if systemctl is-enabled --quiet "$_unit" 2>/dev/null; then return 0; fi
  done
  return 1
}

do_clock() {
  package systemd-timesyncd || apt_install systemd-timesyncd
  systemctl enable --now systemd-timesyncd
}

check_mounts() {
  detail=''
  for _name in $mounts; do
    mountpoint -q -- "$_name" || detail="$detail $_name"
  done
  detail=${detail# }
  [ -z "$detail" ]
}

do_mounts() {
  for _name in $mounts; do
    mountpoint -q -- "$_name" && continue
    if ! findmnt --fstab --mountpoint "$_name" >/dev/null; then
      why="$_name has no line in /etc/fstab: write one there, then run this again"
      return
    fi
    mkdir -p -- "$_name"
    mount -- "$_name"
  done
}
