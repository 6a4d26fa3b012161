# Stentor's dotfiles, the node's side: one change of the dotfiles as a transaction that ends
# confirmed, or with everything as it was. Needs POSIX sh, git, chezmoi, tar, and what portable.sh can replace.
#
# It arrives on standard input (sh -c 'p=$(cat); eval "$p"' stentor VERB key=value ...), stays in
# memory, and answers in lines "KEY TEXT" between "stentor-dotfiles 1 VERB" and "end CODE".
#
#   begin: keep the clone -> arm the deadline -> publish "pending" -> move the clone -> look -> snapshot -> apply
#   -> wait to be confirmed
#
# uses: dotfiles/settings dotfiles/options dotfiles/change dotfiles/decision dotfiles/rollback dotfiles/plan
# uses: dotfiles/status dotfiles/shells dotfiles/timer dotfiles/adopt

main() {
  verb=${1-status}
  [ $# -eq 0 ] || shift
  take_options "$@"
  shift "$taken"
  case $verb in expire | boot) exec >/dev/null 2>&1 ;; *) say "stentor-dotfiles 1 $verb" ;; esac
  case $verb in
    begin) begin ;;
    rollback) rollback ;;
    confirm) confirm ;;
    keep) keep ;;
    plan) plan ;;
    rehearse) rehearsed ;;
    move)
      move_there
      exit
      ;;
    adopt) adopt_edit "$@" ;;
    preview_rollback) preview_rollback ;;
    status) status ;;
    prove) prove ;;
    terminal) prove_terminal ;;
    timer-install) timer_install "$@" ;;
    timer-remove) timer_remove ;;
    tick) tick ;;
    expire) [ "$(value "$P/op")" != "$op" ] || undo "nobody confirmed it in time" ;;
    boot) boot ;;
    revert)
      state
      [ -d "$P" ] || { say_state; finish 4; }
      [ -z "$op" ] || [ "$(value "$P/op")" = "$op" ] ||
        refuse "stranger another change is pending: $(value "$P/op")"
      [ ! -f "$P/confirmed" ] || { say "state confirmed"; finish 4; }
      undo "${why:-asked for}"
      say_state
      ;;
    settle)
      state
      lock
      settle
      say_state
      report_pending
      ;;
    *) fail "usage there is no verb $verb" ;;
  esac
  finish 0
}
