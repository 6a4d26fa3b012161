# The proof of a change: what the shells of this account do before it and after it.
# Given: op, token, and what judge.sh needs.
# uses: base dotfiles/answer dotfiles/node dotfiles/judge dotfiles/decision

# Before a change: what does not work now is not the change's fault. The stand-in has tried the shells.
prove_before() { # DIRECTORY
  if [ -f "${standing:-}/before" ]; then
    if [ -s "$standing/before" ]; then mv "$standing/before" "$1/before"; else true >"$1/before"; fi
    [ "$terminals" = none ] || say "$terminals" >"$1/terminals" # the proof needs not try them again
  else
    try_shells && not_ok "$D/lines" >"$1/before" || true >"$1/before"
    drop_trials
  fi
}

# After it, in a login of its own: say what does not work, and wait for the decision of who asked, who may know more.
prove() {
  terminals=$(value "$P/terminals")
  try_shells || no_space
  blame "$D/lines"
  # A terminal that sshd makes is asked for where there is no other, and where its own settings may have changed.
  if [ "$terminals" = none ] || grep -qsF "$HOME/.ssh/" "$P/home/paths"; then say "terminal $terminals"; fi
  drop_trials
  say proved
  IFS= read -r _decision || _decision=''
  [ "$_decision" != confirm ] || confirm
  finish 0
}

# The same for the login shell alone, on the terminal which this login has.
prove_terminal() {
  terminals=own own_terminal=$(tty) || fail "no-terminal this login has no terminal"
  try_shells login-interactive || no_space
  blame "$D/lines"
  drop_trials
  finish 0
}

# What was so before the change is said, and no fault of it.
blame() { # FILE
  _before=$P/before
  if [ ! -s "$_before" ]; then
    while IFS= read -r _line; do say "$_line"; done <"$1"
    return
  fi
  awk '
    FILENAME == before {
      if ($1 == "shell") odd[$2] = 1; else was[$0] = 1
      next
    }
    $1 == "shell" && $3 == "ok" { print; next }
    $0 ~ /^check ok / { print; next }
    $1 == "shell" && odd[$2] || $1 == "missing" && odd[$2] || was[$0] { print "before " $0; next }
    { print }' before="$_before" "$_before" "$1"
}
