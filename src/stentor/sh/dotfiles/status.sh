# What state the dotfiles are in.
# uses: base scratch dotfiles/answer dotfiles/node dotfiles/revision dotfiles/clone

report_pending() {
  [ -d "$P" ] || return 0
  read_uptime
  read_value "$P/until"
  _left=$((_v - _up))
  booted_since || _left=-1 # what was to revert it went down with the node
  for _state in armed rolling confirmed undone; do
    [ ! -f "$P/$_state" ] ||
      say "pending $(value "$P/op") $(value "$P/rev") $_state $_left"
  done
}

# stands CLONE: where it stands; what is edited there, into `_edits`.
stands() {
  _head=empty _branch=detached _edits=''
  while IFS= read -r _line; do
    case $_line in
      '# branch.oid (initial)' | '# branch.head (detached)') ;;
      '# branch.oid '*) _head=${_line#\# branch.oid } ;;
      '# branch.head '*) _branch=${_line#\# branch.head } ;;
      '#'* | '') ;;
      *)
        _edits=$(uncommitted "$1") || :
        break
        ;;
    esac
  done <<EOF
$(of_dotfiles "$1" status --porcelain=v2 --branch --untracked-files=normal)
EOF
  if [ -s "$scratch/git.err" ] && [ "$_head" = empty ]; then
    _head=$(git -C "$1" rev-parse -q --verify HEAD 2>/dev/null) || _head=empty
    lines stderr <"$scratch/git.err"
  fi
  say "source $_head $_branch $1"
}

status() {
  version
  say "chezmoi $_version"
  report_pending
  read_value "$S/applied"
  say "applied $_v"
  [ ! -s "$S/reverted" ] || lines tried <"$S/reverted"
  [ ! -f "$S/timer/last" ] || say "timer $(value "$S/timer/last")"
  [ -f "$S/timer/last" ] || [ ! -d "$S/timer" ] || say "timer installed"
  [ -n "$_version" ] || finish 0
  scratch_outside
  stand_in
  know_chezmoi
  _clone=$own_clone
  if [ ! -e "$_clone/.git" ]; then
    say "source none"
    finish 0
  fi
  stands "$_clone"
  if [ "$_head" = "$rev" ]; then
    say distance 0 0
  elif [ -n "$rev" ] && _apart=$(git -C "$_clone" rev-list --left-right --count "HEAD...$rev" 2>/dev/null); then
    # shellcheck disable=SC2086 # words are wanted
    say distance $_apart
  fi
  [ -z "$_edits" ] || printf '%s\n' "$_edits" | lines uncommitted
  config='' statefile=''
  cache=$scratch/cache
  printf '%s\n' "${STENTOR_FACTS:-{\}}" >"$scratch/facts.json"
  cz "$scratch/facts.json" status --exclude=scripts --refresh-externals=never \
    >"$scratch/status" 2>"$scratch/err" || {
    lacking "$scratch/err"
    if [ -n "$text" ]; then say "stderr $_version $text"; else lines stderr <"$scratch/err"; fi
  }
  [ ! -s "$scratch/status" ] || lines drift <"$scratch/status"
  finish 0
}
