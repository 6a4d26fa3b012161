# stentor's completion for bash. To use it: eval "$(stentor completion bash)"

_stentor_table() {  # sets options, valued, operands, words for the place $1
  options='' valued='' operands='' words=''
  case $1 in
@TABLE@
  esac
}

_stentor_names() {  # sets names: what the fleet has of the kind $1, asked anew after ten seconds
  local key="$PWD|${STENTOR_FLEET-}|$fleet|$1"
  if [[ $key != "${_stentor_key-}" ]] || ((SECONDS - ${_stentor_when:-0} > 10)); then
    _stentor_kept=$(command stentor ${fleet:+--fleet "$fleet"} completion --words "$1" 2>/dev/null | cut -f1)
    _stentor_key=$key _stentor_when=$SECONDS
  fi
  names=$_stentor_kept
}

_stentor_offer() {  # candidates of the kind $1, which begin with $cur
  local kind=${1%\*} head='' names
  case $kind in
    words:*) _stentor_add "$head" "$cur" "${kind#words:}" , ;;
    nodes | services | names)
      # Of a selector only the last name is being typed: a,b  @all!@gpu  @core&@gpu
      head=${cur%"${cur##*[,!&^]}"}
      _stentor_names "$kind"
      compopt -o nospace 2>/dev/null
      _stentor_add "$head" "${cur#"$head"}" "$names" $'\n' ;;
    files) compopt -o filenames 2>/dev/null; _stentor_compgen -f ;;
    dirs) compopt -o filenames 2>/dev/null; _stentor_compgen -d ;;
    command) _stentor_compgen -c ;;
  esac
}

_stentor_compgen() {
  local found
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen "$1" -- "$cur")
}

_stentor_add() {  # head, beginning, candidates, what separates them
  local candidate strip=${cur%"$typed"} IFS=$4
  for candidate in $3; do
    [[ $candidate == "$2"* ]] || continue
    [[ ,$1 == *[,!\&^]"$candidate"[,!\&^]* ]] && continue  # it is there already
    candidate=$1$candidate
    # Readline replaces only what follows its last word break (@ = :).
    COMPREPLY+=("${candidate#"$strip"}")
  done
}

_stentor() {
  local typed=$2 line=${COMP_LINE:0:COMP_POINT} cur word place='' fleet='' value='' count=0 only_operands=''
  local options valued operands words
  local -a typed_words kinds
  COMPREPLY=()
  set -f  # a selector's brackets are no pattern
  read -ra typed_words <<<"$line"
  [[ $line == *[[:space:]] ]] && typed_words+=('')
  set +f
  cur=${typed_words[${#typed_words[@]} - 1]}
  cur=${cur#[\"\']}
  _stentor_table ''
  for word in "${typed_words[@]:1:${#typed_words[@]}-2}"; do
    if [[ -n $value ]]; then
      [[ $value == fleet ]] && fleet=$word
      value=''
    elif [[ -n $only_operands ]]; then
      ((count++))
    elif [[ $word == -- ]]; then
      only_operands=yes
    elif [[ $word == -*=* ]]; then
      [[ $word == --fleet=* ]] && fleet=${word#--fleet=}
    elif [[ $word == -* ]]; then
      case " $valued " in *" $word="*) value=yes ;; esac
      [[ -z $place && ($word == -f || $word == --fleet) ]] && value=fleet
    elif [[ -n $words ]]; then
      case "|$words" in *"|$word|"*) ;; *) return ;; esac
      place=${place:+$place }$word
      _stentor_table "$place"
    else
      ((count++))
      # What follows a command is the command's own.
      read -ra kinds <<<"$operands"
      [[ ${kinds[count - 1]-} == command* ]] && only_operands=yes
    fi
  done
  if [[ -n $value ]]; then
    word=${typed_words[${#typed_words[@]} - 2]}
    value=${valued##*" $word="}
    _stentor_offer "${value%% *}"
  elif [[ -z $only_operands && $cur == --*=* ]]; then
    word=${cur%%=*} cur=${cur#*=}
    case " $valued " in *" $word="*) value=${valued##*" $word="}; _stentor_offer "${value%% *}" ;; esac
  elif [[ -z $only_operands && $cur == -* ]]; then
    _stentor_add '' "$cur" "$options" ' '
  elif [[ -n $words ]]; then
    _stentor_add '' "$cur" "$words" '|'
  else
    read -ra kinds <<<"$operands"
    if ((count < ${#kinds[@]})); then
      _stentor_offer "${kinds[count]}"
    elif [[ $operands == *command\* ]]; then
      _stentor_offer files
    elif [[ $operands == *\* ]]; then
      _stentor_offer "${kinds[${#kinds[@]} - 1]}"
    fi
  fi
}

complete -F _stentor stentor
