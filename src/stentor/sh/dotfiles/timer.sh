# The timer: the node pulls by itself. install, remove, tick.
# Given: S, T (its folder), TIMER (its name), the options of a change.
# uses: base user_manager dotfiles/answer dotfiles/node dotfiles/revision

timer_install() { # REQUIRED COMMANDS...
  need
  state
  mkdir -p "$T" && program >"$T/program.part" && mv "$T/program.part" "$T/program" || fail "home $T cannot be written"
  put "$T/options" \
    "branch=$branch remote=$remote window=$window limit=$limit signed=$signed seconds=$seconds jitter=$jitter"
  put "$T/requires" "$*"
  timer_off
  if user_manager && ! lingers; then loginctl enable-linger 2>/dev/null || :; fi
  if user_systemd; then
    _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
    mkdir -p "$_units" || fail "home $_units cannot be written"
    printf '%s\n' '[Unit]' 'Description=Pull the dotfiles' '[Service]' Type=oneshot \
      "ExecStart=/bin/sh $T/program tick jitter=0" >"$_units/$TIMER.service"
    printf '%s\n' '[Unit]' 'Description=Pull the dotfiles' '[Timer]' "OnActiveSec=$every" "OnUnitActiveSec=$every" \
      "RandomizedDelaySec=$jitter" AccuracySec=1s '[Install]' WantedBy=timers.target >"$_units/$TIMER.timer"
    systemctl --user daemon-reload && systemctl --user enable -q --now "$TIMER.timer" ||
      fail "timer systemd did not take it"
    say "timer systemd"
  elif command -v crontab >/dev/null 2>&1; then
    _minutes=$((every / 60))
    case $_minutes in [0-4]) _minutes=5 ;; esac
    _when="*/$_minutes * * * *"
    if [ $_minutes -ge 60 ]; then _when="0 */$((_minutes / 60 < 24 ? _minutes / 60 : 23)) * * *"; fi
    {
      crontab -l 2>/dev/null | grep -v "$TIMER"
      say "$_when /bin/sh $T/program tick jitter=$jitter # $TIMER"
    } | crontab - ||
      fail "timer cron did not take it"
    say "timer cron"
  else
    rm -rf "$T"
    ! user_manager || refuse "no-linger without a login nothing of this account runs here, and there is no cron;" \
      "paste there: sudo loginctl enable-linger $(id -un)"
    refuse "no-timer this node has neither a systemd user manager nor cron"
  fi
  put "$T/last" "installed"
  finish 0
}

timer_remove() {
  timer_off
  [ -d "$T" ] && _said=removed || _said=none
  rm -rf "$T"
  say "timer $_said"
  finish 0
}

timer_off() { # neither systemd nor cron starts it any more
  _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
  if [ -f "$_units/$TIMER.timer" ]; then
    systemctl --user disable -q --now "$TIMER.timer" 2>/dev/null || :
    rm -f "$_units/$TIMER.timer" "$_units/$TIMER.service"
    systemctl --user daemon-reload 2>/dev/null || :
  fi
  if command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -q "$TIMER"; then
    crontab -l 2>/dev/null | grep -v "$TIMER" | crontab -
  fi
}

# The same transaction as with a controller. The proof is this node's own: shells as fresh as a login's.
tick() {
  [ -d "$T" ] || finish 0
  # shellcheck disable=SC2013 # words are wanted
  for _option in $(cat "$T/options"); do
    case $_option in
      jitter=* | *=) ;;
      branch=* | remote=* | window=* | limit=* | signed=* | seconds=*) eval "${_option%%=*}=\${_option#*=}" ;;
    esac
  done
  [ "$jitter" -eq 0 ] ||
    sleep "$(awk -v most="$jitter" -v seed="$$" 'BEGIN { srand(seed + srand()); print int(rand() * most) }')"
  _clone=$(source_dir)
  [ -n "$remote" ] || remote=$(git -C "$_clone" remote get-url origin 2>/dev/null) || :
  split_remote "$T"
  rev=$(git_there ls-remote "$remote_plain" "refs/heads/$branch" 2>/dev/null | cut -f1)
  [ -n "$rev" ] || rest "the remote cannot be read"
  _applied=$(value "$S/applied")
  [ "${_applied%% *}" != "$rev" ] || rest "at $rev"
  [ "$(value "$S/last-state")" != reverted ] || rest "paused: the last change was reverted"
  as_at_login
  op=timer-$(date +%Y%m%dT%H%M%S)
  token=$op
  STENTOR_GIVEN_REMOTE=$remote sh "$T/program" begin "op=$op" "rev=$rev" "branch=$branch" "window=$window" \
    "limit=$limit" "signed=$signed" "token=$token" "seconds=$seconds" "requires=$(cat "$T/requires")" \
    </dev/null >"$T/log" 2>&1
  if ! grep -q '^begun ' "$T/log"; then
    if grep -q '^unchanged' "$T/log"; then rest "at $rev"; fi
    rest "did not: $(sed -n 's/^\(refused\|failed\|reverted\) //p' "$T/log" | head -n 1)"
  fi
  as_at_login # a script may have made the shell another
  sh "$T/program" prove "op=$op" "seconds=$seconds" "requires=$(cat "$T/requires")" </dev/null >>"$T/log" 2>&1
  _fault=$(grep -E '^(shell .* (hangs|breaks|speaks)|missing |check failed)' "$T/log" | head -n 1)
  grep -q '^proved' "$T/log" || _fault=${_fault:-the shells could not be tried}
  if [ -n "$_fault" ]; then
    sh "$T/program" revert "op=$op" "why=$_fault" </dev/null >>"$T/log" 2>&1
    rest "took $rev back: $_fault"
  fi
  sh "$T/program" confirm "op=$op" "token=$token" </dev/null >>"$T/log" 2>&1
  sh "$T/program" settle "op=$op" </dev/null >>"$T/log" 2>&1
  rest "at $rev"
}

as_at_login() { # cron says SHELL=/bin/sh whatever the account's own is, and that is the one which must come up
  account_shell
  SHELL=${_v:-${SHELL:-/bin/sh}}
  export SHELL
}

rest() { # TEXT: until the next time
  put "$T/last" "$1"
  say "timer $1"
  finish 0
}
