# What state the dotfiles are in.
# uses: base dotfiles/answer dotfiles/node dotfiles/revision dotfiles/look

report_pending() {
  [ -d "$P" ] || return 0
  for _state in armed rolling confirmed undone; do
    [ ! -f "$P/$_state" ] ||
      say "pending $(value "$P/op") $(value "$P/rev") $_state $(($(value "$P/until") - $(uptime_seconds)))"
  done
}

status() {
  _version=$(version)
  say "chezmoi $_version"
  report_pending
  say "applied $(value "$S/applied")"
  [ ! -s "$S/reverted" ] || lines tried <"$S/reverted"
  [ ! -f "$S/timer/last" ] || say "timer $(value "$S/timer/last")"
  [ -f "$S/timer/last" ] || [ ! -d "$S/timer" ] || say "timer installed"
  [ -n "$_version" ] || finish 0
  _clone=$(source_dir)
  if [ ! -e "$_clone/.git" ]; then
    say "source none"
    finish 0
  fi
  _head=$(git -C "$_clone" rev-parse -q --verify HEAD 2>/dev/null || echo empty)
  say "source $_head $(git -C "$_clone" symbolic-ref -q --short HEAD || echo detached) $_clone"
  if [ -n "$rev" ] && has_commit "$(git -C "$_clone" rev-parse --absolute-git-dir)" "$rev"; then
    say "distance $(git -C "$_clone" rev-list --left-right --count "HEAD...$rev" 2>/dev/null | tr '\t' ' ')"
  fi
  uncommitted "$_clone" | lines uncommitted
  new_enough "$_version" || finish 0
  cache=$S/cache config='' statefile=''
  scratch=$(mktemp -d) || fail "home no room for temporary files"
  [ -d "$S/cache" ] || cache=$scratch/cache
  put "$scratch/facts.json" "${STENTOR_FACTS:-{\}}"
  cz "$scratch/facts.json" "$_clone" status --exclude=scripts --refresh-externals=never \
    >"$scratch/status" 2>"$scratch/err" ||
    lines stderr <"$scratch/err"
  lines drift <"$scratch/status"
  cleanup
  finish 0
}
