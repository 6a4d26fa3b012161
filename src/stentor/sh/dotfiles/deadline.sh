# A process of its own which undoes the change when its time is up, and a check at boot.
# Given: S, P (the pending change), N (the one in preparation), op.
# uses: base portable user_manager dotfiles/answer

# It says that it lives, sleeps, and becomes the program. When the node goes down everything gets a signal, `sleep`
# maybe first: that is not the deadline. One that has ended by itself has slept so long, whatever a clock says that was
# set meanwhile.
# shellcheck disable=SC2016 # that program has the variables
SLEEPER='echo $$ >"$4" || exit 1
now() { if [ -r /proc/uptime ]; then read -r up _ </proc/uptime; up=${up%%.*}; else up=$(date +%s); fi; }
now
end=$((up + $3))
while [ "$up" -lt $end ]; do sleep $((end - up)) && break; now; done
rm -f "$4"
exec sh "$0" expire "$2"'

arm() { # SECONDS: after them, a process of its own undoes the change
  # Unless told otherwise, systemd lets timers come up to a minute late.
  if user_systemd && systemd-run --user --quiet --collect --on-active="$1" --timer-property=AccuracySec=100ms \
    --unit="stentor-dotfiles-$op-$1" \
    /bin/sh "$P/program" expire "op=$op" >/dev/null 2>&1 9>&-; then
    armed_by=systemd
  else
    armed_by=process
    own_session sh -c "$SLEEPER" "$P/program" wait "op=$op" "$1" "$S/sleeper.$op.$1" </dev/null >/dev/null 2>&1 9>&- &
  fi
}

arms() { # SECONDS: whether that process is seen to live, as it must before anything is changed
  _tries=0
  until [ "$armed_by" = systemd ] || [ -s "$S/sleeper.$op.$1" ]; do
    _tries=$((_tries + 1))
    [ $_tries -lt 110 ] || return 1
    if [ $_tries -lt 10 ]; then nap 0.01; else nap 0.05; fi
  done
  say "deadline $1 $armed_by"
}

# A change that is pending when the node goes down is undone when it comes up: by the user's systemd if it
# lingers, else by cron. Where neither can, that systemd starts with the next login, and does it before
# the login's shell starts: that waits for basic.target.
arm_boot() { # DIRECTORY
  _boot=none
  _check="for d in $P $N; do [ ! -f \$d/program ] || exec /bin/sh \$d/program boot; done"
  if user_manager; then
    _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
    put "$1/units" "$_units"
    mkdir -p "$_units/basic.target.wants" &&
      printf '%s\n' '[Unit]' 'Description=Undo a change of the dotfiles that nobody confirmed' \
        DefaultDependencies=no Before=basic.target '[Service]' Type=oneshot TimeoutStartSec=60 \
        "ExecStart=/bin/sh -c \"$(say "$_check" | sed 's/\$/$$/g')\"" >"$_units/$BOOT_UNIT" &&
      ln -sf "../$BOOT_UNIT" "$_units/basic.target.wants/$BOOT_UNIT" && _boot=login
    if [ $_boot = login ] && lingers; then _boot=systemd; fi
  fi
  if [ $_boot != systemd ] && command -v crontab >/dev/null 2>&1; then
    { crontab -l 2>/dev/null | grep -v stentor-dotfiles-undo; say "@reboot $_check # stentor-dotfiles-undo"; } |
      crontab - 2>/dev/null && _boot=cron
  fi
  say "boot $_boot"
}

disarm() { # DIRECTORY: idempotent
  read_value "$1/op"
  _armed=$_v
  for _file in "$S/sleeper.$_armed."*; do
    [ -f "$_file" ] || continue
    read_value "$_file"
    # Never ourselves: an undo is often run by the very process that waited.
    [ "$_v" != $$ ] && runs "$_v" wait "op=$_armed" || continue
    kill -KILL "-$_v" || :
  done 2>/dev/null
  rm -f "$S/sleeper.$_armed."*
  if [ -f "$1/units" ]; then
    _units=$(value "$1/units")
    rm -f "$_units/basic.target.wants/$BOOT_UNIT" "$_units/$BOOT_UNIT"
    rmdir "$_units/basic.target.wants" "$_units" "${_units%/user}" 2>/dev/null || :
    systemctl --user stop "stentor-dotfiles-$_armed-*.timer" >/dev/null 2>&1 || :
  fi
  if command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -q stentor-dotfiles-undo; then
    crontab -l 2>/dev/null | grep -v stentor-dotfiles-undo | crontab - 2>/dev/null || :
  fi
}
