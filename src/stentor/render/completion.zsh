#compdef stentor
# stentor's completion for zsh. To use it: stentor completion zsh >~/.zfunc/_stentor  (a folder of $fpath)
# or, after compinit: source <(stentor completion zsh)

_stentor_table() {  # sets options, valued, operands, words for the place $1
  options=() valued=() operands=() words_here=()
  case $1 in
@TABLE@
  esac
}

_stentor_names() {  # sets names: what the fleet has of the kind $1, asked anew after ten seconds
  local key="$PWD|${STENTOR_FLEET-}|$fleet|$1"
  if [[ $key != "$_stentor_key" ]] || ((SECONDS - _stentor_when > 10)); then
    typeset -g _stentor_key=$key _stentor_when=$SECONDS
    typeset -ga _stentor_kept
    local -a chosen
    [[ -n $fleet ]] && chosen=(--fleet $fleet)
    _stentor_kept=(${(f)"$(command stentor $chosen completion --words $1 2>/dev/null)"})
  fi
  names=(${_stentor_kept//$'\t'/:})
}

_stentor_offer() {
  local kind=${1%\*}
  case $kind in
    words:*) compadd -- ${(s:,:)kind#words:} ;;
    nodes|services|names)
      local -a names
      local there
      compset -P '*[,!&^]'
      _stentor_names $kind
      for there in ${(s:,:)${${IPREFIX##*=}//[,!&^]/,}}; do names=(${names:#${(b)there}:*}); done
      _describe -t names name names -S '' ;;
    files) _files ;;
    dirs) _files -/ ;;
    command) _command_names -e ;;
    any) _message value ;;
  esac
}

_stentor() {
  local place='' fleet='' value='' word only_operands=''
  local -i count=0
  local -a options operands words_here
  local -A valued
  _stentor_table ''
  for word in "${(@)words[2,CURRENT-1]}"; do
    if [[ -n $value ]]; then
      [[ $value == fleet ]] && fleet=${(Q)word}
      value=''
    elif [[ -n $only_operands ]]; then
      count+=1
    elif [[ $word == -- ]]; then
      only_operands=yes
    elif [[ $word == -*=* ]]; then
      [[ $word == --fleet=* ]] && fleet=${(Q)word#--fleet=}
    elif [[ $word == -* ]]; then
      [[ -n ${valued[$word]} ]] && value=${valued[$word]}
      [[ -z $place && ($word == -f || $word == --fleet) ]] && value=fleet
    elif (( $#words_here )); then
      (( ${words_here[(I)$word:*]} )) || return 1
      place=${place:+$place }$word
      _stentor_table "$place"
    else
      count+=1
      [[ ${operands[count]-} == command* ]] && only_operands=yes
    fi
  done
  if [[ $value == fleet ]]; then
    _stentor_offer dirs
  elif [[ -n $value ]]; then
    _stentor_offer $value
  elif [[ -z $only_operands && $PREFIX == --*=* ]]; then
    value=${valued[${PREFIX%%=*}]}
    compset -P '*='
    _stentor_offer $value
  elif [[ -z $only_operands && $PREFIX == -* ]]; then
    _describe -t options option options
  elif (( $#words_here )); then
    _describe -t commands command words_here
  elif (( count < $#operands )); then
    _stentor_offer ${operands[count + 1]}
  elif [[ ${operands[-1]-} == command\* ]]; then
    _files
  elif [[ ${operands[-1]-} == *\* ]]; then
    _stentor_offer ${operands[-1]}
  fi
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
  _stentor "$@"
else
  compdef _stentor stentor
fi
