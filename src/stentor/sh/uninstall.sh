# What stentor keeps for this account on this node: listed, or removed. Lines:
#   held TOKEN SINCE WHO WHAT   somebody changes this node just now; nothing was removed
#   pending OPERATION           a change that nobody has confirmed, or a pull under way; nothing was removed
#   timer KIND | boot           by which this node acts by itself
#   copy KILOBYTES FOLDER       of a copy that was broken off
#   state KILOBYTES FOLDER      in the state directory
#   other PATH                  in the state directory, and not known as ours
# uses: base portable state lock copy/partial dotfiles/settings dotfiles/deadline dotfiles/timer

KEPT='dotfiles snapshots copies services gateway'

# uninstall look: list it. uninstall remove [TOKEN]: remove it, and list what is left; TOKEN is of a lock whose
# operation was killed.
uninstall() {
  set +u
  lock_mine=${2:-uninstall.$$} lock_limit=600 lock_words="$(date +%s) $(id -un)@$(uname -n) uninstall"
  case $1 in
    look) ! lock_held || say "held $lock_token $lock_said" ;;
    remove) remove_kept || return 0 ;;
  esac
  list_kept
  say listed
}

remove_kept() {
  [ -d "$lock_in" ] || return 0
  lock_take || { say "held $lock_token $lock_said"; return 1; }
  if undecided; then
    lock_give
    return 1
  fi
  timer_off
  disarm "$P"
  partial remove >/dev/null
  for _name in $KEPT; do rm -rf "${lock_in:?}/$_name" 2>/dev/null; done
  rm -rf "$lock".stale.*
  lock_give
  rmdir "$lock_in" 2>/dev/null || :
}

# undecided: whether a change waits to be confirmed, or a pull by the timer goes on; and say so.
undecided() {
  if [ -d "$P" ] && [ ! -f "$P/confirmed" ]; then
    say "pending $(value "$P/op")"
    return 0
  fi
  if [ -d "$lock_in/services/pending" ]; then
    say "pending services"
    return 0
  fi
  [ -f "$S/lock" ] || return 1
  command exec 9>>"$S/lock" && lock_number 9 && return 1
  say "pending timer"
}

list_kept() {
  undecided || :
  _units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
  if [ -f "$_units/$TIMER.timer" ]; then say "timer systemd"; fi
  if has crontab; then
    crontab -l 2>/dev/null | grep -q "$TIMER" && say "timer cron"
    crontab -l 2>/dev/null | grep -q stentor-dotfiles-undo && say "boot cron"
  fi
  if [ -f "$_units/$BOOT_UNIT" ]; then say "boot systemd"; fi
  partial | while read -r _size _path; do say "copy $_size $_path"; done
  for _path in "$lock_in"/*; do
    case " $KEPT fleet-lock " in
      *" ${_path##*/} "*)
        say "state $(du -sk "$_path" 2>/dev/null | cut -f1) $_path"
        ;;
      *) case $_path in "$lock".stale.* | "$lock_in/*") ;; *) say "other $_path" ;; esac ;;
    esac
  done
}
