# What state the dotfiles are in.
# uses: base scratch dotfiles/answer dotfiles/node dotfiles/revision dotfiles/clone

report_pending() {
  [ -d "$P" ] || return 0
  for _state in armed rolling confirmed undone; do
    [ ! -f "$P/$_state" ] ||
      say "pending $(value "$P/op") $(value "$P/rev") $_state $(($(value "$P/until") - $(uptime_seconds)))"
  done
}

status() {
  version
  say "chezmoi $_version"
  report_pending
  say "applied $(value "$S/applied")"
  [ ! -s "$S/reverted" ] || lines tried <"$S/reverted"
  [ ! -f "$S/timer/last" ] || say "timer $(value "$S/timer/last")"
  [ -f "$S/timer/last" ] || [ ! -d "$S/timer" ] || say "timer installed"
  [ -n "$_version" ] || finish 0
  scratch_outside
  stand_in
  _clone=$(source_dir)
  if [ ! -e "$_clone/.git" ]; then
    say "source none"
    finish 0
  fi
  _head=$(git -C "$_clone" rev-parse -q --verify HEAD 2>/dev/null || echo empty)
  say "source $_head $(git -C "$_clone" symbolic-ref -q --short HEAD || echo detached) $_clone"
  if [ -n "$rev" ] && _apart=$(git -C "$_clone" rev-list --left-right --count "HEAD...$rev" 2>/dev/null); then
    # shellcheck disable=SC2086 # words are wanted
    say distance $_apart
  fi
  _edits=$(uncommitted "$_clone")
  [ -z "$_edits" ] || printf '%s\n' "$_edits" | lines uncommitted
  new_enough "$_version" || finish 0
  config='' statefile=''
  cache=$scratch/cache
  printf '%s\n' "${STENTOR_FACTS:-{\}}" >"$scratch/facts.json"
  cz "$scratch/facts.json" status --exclude=scripts --refresh-externals=never \
    >"$scratch/status" 2>"$scratch/err" ||
    lines stderr <"$scratch/err"
  [ ! -s "$scratch/status" ] || lines drift <"$scratch/status"
  finish 0
}
