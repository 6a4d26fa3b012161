
# Nodes and groups complete by asking stentor, when Tab is pressed and not before.
function _stentor_init_complete {
  local line=${COMP_LINE:0:COMP_POINT} word
  word=${line##*[[:space:]]}
  mapfile -t COMPREPLY < <(compgen -W "$(stentor completion --words 2>/dev/null | cut -f 1)" -- "$word")
  # bash breaks words at @, and puts what we say behind it
  if [[ $word == @* && $COMP_WORDBREAKS == *@* ]]; then COMPREPLY=("${COMPREPLY[@]#@}"); fi
}
complete -F _stentor_init_complete tn tnm cluster-ping cping cluster-status cstatus cluster-tmux-list
