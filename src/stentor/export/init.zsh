
# Nodes and groups complete by asking stentor, when Tab is pressed and not before.
function _stentor_init_complete {
  local -a names
  names=(${(f)"$(stentor completion --words 2>/dev/null)"})
  names=(${names/$'\t'/:})
  _describe node names
}
if typeset -f compdef >/dev/null; then
  compdef _stentor_init_complete tn tnm cluster-ping cping cluster-status cstatus cluster-tmux-list
fi
