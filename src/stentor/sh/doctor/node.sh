# What else is wrong with the node: commands beside the shells, none of which may hold us up.
# uses: base user_manager doctor/jobs

more() {
  for name in / /var /boot /home /srv /opt /tmp; do [ -d "$name" ] && set -- "$@" "$name"; done
  launch do-disks df -P -k "$@"
  launch do-home-disk df -P -k "$HOME"
  launch do-home-write write_home
  if [ -d "${STENTOR_SYSTEMD:-/run/systemd/system}" ]; then
    ! has systemctl || launch do-units systemctl list-units --failed --no-legend --plain --no-pager
    ! has timedatectl || launch do-clock timedatectl show -p NTP -p NTPSynchronized
  fi
  if has systemctl && user_manager_socket; then
    launch do-user-units systemctl --user list-units --failed --no-legend --plain --no-pager
  fi
  [ -f "$HOME/.ssh/rc" ] && launch_rc rc
  mounts
}

write_home() {
  file=$HOME/.stentor-doctor.$$
  echo x >"$file" && [ -s "$file" ] && echo yes
  rm -f "$file"
}

# The rc as sshd's sh would run it; what it leaves in its own environment is said at its end.
launch_rc() {
  # shellcheck disable=SC2016
  launch "do-$1" "$ENV_PROGRAM" /bin/sh -c '
    set --
    while IFS= read -r pair; do
      case $pair in [A-Za-z_]*=*) set -- "$@" "$pair" ;; esac
    done <"$0"
    exec env -i "$@" /bin/sh -c "trap env EXIT; . \"\$HOME/.ssh/rc\" >\"${0%/*}/rc.prints\" 2>/dev/null"' "$D/environ"
}

mounts() {
  [ -r "${STENTOR_MOUNTS:-/proc/mounts}" ] || return 0
  count=0
  while read -r source target type rest; do
    case $type in
      fuse.lxcfs | fuse.gvfsd-fuse | fuse.portal) continue ;;
      nfs* | cifs | smb* | fuse | fuse.* | 9p | ceph | glusterfs | lustre | beegfs) ;;
      *) continue ;;
    esac
    count=$((count + 1))
    target=$(say "$target" | sed 's/\\040/ /g')
    say "$type $source $target" >"$D/mount-$count"
    launch "do-mount-$count" df -P -k "$target"
    [ "$count" -lt 40 ] || break
  done <"${STENTOR_MOUNTS:-/proc/mounts}"
}

tell_more() {
  case " $hung " in
    *" do-home-disk "* | *" do-home-write "*) say "home_write hangs" ;;
    *)
      wrote='' complaint=''
      [ ! -s "$D/do-home-write.stdout" ] || read -r wrote <"$D/do-home-write.stdout"
      [ ! -s "$D/do-home-write.stderr" ] || read -r complaint <"$D/do-home-write.stderr"
      say "home_write $wrote $complaint"
      ;;
  esac
  [ -r /proc/loadavg ] && read -r load _ </proc/loadavg && say "load $load"
  cores
  for list in units user-units; do
    [ -s "$D/do-$list.stdout" ] || continue
    count=0
    while read -r unit _ && [ "$count" -lt 30 ]; do
      say "failed_$list $unit"
      count=$((count + 1))
    done <"$D/do-$list.stdout"
  done
  [ ! -s "$D/do-clock.stdout" ] || while IFS= read -r line; do say "timedate $line"; done <"$D/do-clock.stdout"
  for job in $hung; do
    case $job in do-mount-*) read -r line <"$D/${job#do-}" && say "mount_hangs $line" ;; esac
  done
  say "uid $uid"
  modes
  leftovers
}

# The load counts for all processors which the machine has, be they ours or not: `0-3,6`.
cores() {
  count=0 line=''
  [ ! -r /sys/devices/system/cpu/online ] || read -r line </sys/devices/system/cpu/online
  while [ -n "$line" ]; do
    range=${line%%,*}
    case $line in *,*) line=${line#*,} ;; *) line='' ;; esac
    count=$((count + ${range#*-} - ${range%-*} + 1))
  done
  [ "$count" -gt 0 ] || count=$(getconf _NPROCESSORS_ONLN 2>/dev/null)
  say "cores $count"
}

modes() {
  set --
  for file in "$HOME" "$HOME/.ssh" "$HOME/.ssh/authorized_keys" "$HOME/.ssh/config" "$HOME"/.ssh/id_*; do
    case $file in *.pub) continue ;; esac
    [ -e "$file" ] && set -- "$@" "$file"
  done
  [ $# -gt 0 ] || return 0
  stat -c 'mode %a %u %n' "$@" 2>/dev/null || stat -f 'mode %Lp %u %N' "$@"
}

leftovers() {
  if [ -f "$HOME/.ssh/rc" ]; then
    say "rc $(($(wc -c <"$HOME/.ssh/rc")))"
    grep -aq xauth "$HOME/.ssh/rc" && say "rc_xauth yes"
    # What it writes there is written again at each login: moved away alone, the file is back at once.
    grep -av '^[[:space:]]*#' "$HOME/.ssh/rc" | grep -aq -e '>.*\.ssh/environment' -e 'tee .*\.ssh/environment' &&
      say "rc_writes_environment yes"
    case " $hung " in *" do-rc "*) say "rc_hangs $limit" ;; esac
    grep -axvFf "$D/environ" "$D/do-rc.stdout" 2>/dev/null | grep -a '^[A-Za-z_][A-Za-z0-9_]*=' |
      grep -av -e '^_=' -e '^PWD=' -e '^OLDPWD=' -e '^SHLVL=' | cut -c 1-400 | head -n 30 |
      while IFS= read -r line; do say "rc_sets $line"; done
    IFS= read -r line 2>/dev/null <"$D/rc.prints" && say "rc_prints $line"
  fi
  if [ -f "$HOME/.ssh/environment" ]; then
    # The rc of another login (ours from outside is one) may be writing it anew at this very moment: between
    # `>` and what it writes the file is empty, for long on a busy machine. So it is looked at again.
    try=0
    while cp "$HOME/.ssh/environment" "$D/environment-file" 2>/dev/null; do
      [ ! -s "$D/environment-file" ] && [ "$try" -lt 20 ] || break
      try=$((try + 1))
      nap 0.1
    done
    say "environment_file $(($(wc -c <"$D/environment-file")))"
    grep -a '^[A-Za-z_][A-Za-z0-9_]*=' "$D/environment-file" | head -n 40 | while IFS= read -r line; do
      if grep -qaxF -e "$line" "$D/environ"; then
        say "environment_reaches $line"
      else
        say "environment_lost $line"
      fi
    done
  fi
  set --
  for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
    [ -e "$file" ] || continue
    if [ -r "$file" ]; then set -- "$@" "$file"; else say "sshd_unreadable $file"; fi
  done
  [ $# -eq 0 ] || grep -ain '^[[:space:]]*PermitUserEnvironment' /dev/null "$@" 2>/dev/null | sed 's/^/permit /'
}
