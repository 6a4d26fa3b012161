"""Completion scripts for bash, zsh and fish, from a table of what can be typed. Pure.

Each script is a small fixed engine and the table as a ``case`` of its shell. The engine walks the words
before the cursor as the program's own parser would: command, verb, options with their values, operands.
Names of nodes and groups come from ``stentor completion --words``, asked at most once in ten seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Option(NamedTuple):
    """One option.

    Attributes:
        names: every spelling, ``("-w", "--window")``.
        summary: one line of help.
        value: what follows it: ``""`` (nothing), ``any``, ``nodes``, ``files``, ``dirs``, ``command``,
            or ``words:`` and the words, separated by commas.
    """

    names: tuple[str, ...]
    summary: str = ""
    value: str = ""


class Place(NamedTuple):
    """What can be typed after certain words.

    Attributes:
        options: known here.
        operands: kinds of the operands in their order (as ``Option.value``); the last is repeated where it
            ends with ``*``.
        words: commands or verbs which lead to another place, each with its summary.
    """

    options: Sequence[Option] = ()
    operands: Sequence[str] = ()
    words: Mapping[str, str] = {}


# From "" (the program), "run" (a command), "lab up" (a verb) to what can be typed there.
Table = Mapping[str, Place]

BASH = r"""# stentor's completion for bash. To use it: eval "$(stentor completion bash)"

_stentor_table() {  # sets options, valued, operands, words for the place $1
  options='' valued='' operands='' words=''
  case $1 in
@TABLE@
  esac
}

_stentor_names() {  # sets names: the fleet's nodes and groups, asked anew after ten seconds
  local key="$PWD|${STENTOR_FLEET-}|$fleet"
  if [[ $key != "${_stentor_key-}" ]] || ((SECONDS - ${_stentor_when:-0} > 10)); then
    _stentor_kept=$(command stentor ${fleet:+--fleet "$fleet"} completion --words 2>/dev/null | cut -f1)
    _stentor_key=$key _stentor_when=$SECONDS
  fi
  names=$_stentor_kept
}

_stentor_offer() {  # candidates of the kind $1, which begin with $cur
  local kind=${1%\*} head='' names
  case $kind in
    words:*) _stentor_add "$head" "$cur" "${kind#words:}" , ;;
    nodes)
      # Of a selector only the last name is being typed: a,b  @all!@gpu  @core&@gpu
      head=${cur%"${cur##*[,!&^]}"}
      _stentor_names
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
"""

ZSH = r"""#compdef stentor
# stentor's completion for zsh. To use it: stentor completion zsh >~/.zfunc/_stentor  (a folder of $fpath)
# or, after compinit: source <(stentor completion zsh)

_stentor_table() {  # sets options, valued, operands, words for the place $1
  options=() valued=() operands=() words_here=()
  case $1 in
@TABLE@
  esac
}

_stentor_names() {  # sets names: the fleet's nodes and groups, asked anew after ten seconds
  local key="$PWD|${STENTOR_FLEET-}|$fleet"
  if [[ $key != "$_stentor_key" ]] || ((SECONDS - _stentor_when > 10)); then
    typeset -g _stentor_key=$key _stentor_when=$SECONDS
    typeset -ga _stentor_kept
    local -a chosen
    [[ -n $fleet ]] && chosen=(--fleet $fleet)
    _stentor_kept=(${(f)"$(command stentor $chosen completion --words 2>/dev/null)"})
  fi
  names=(${_stentor_kept//$'\t'/:})
}

_stentor_offer() {
  local kind=${1%\*}
  case $kind in
    words:*) compadd -- ${(s:,:)kind#words:} ;;
    nodes)
      local -a names
      compset -P '*[,!&^]'
      _stentor_names
      _describe -t nodes 'node or group' names -S '' ;;
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
"""

FISH = r"""# stentor's completion for fish. To use it: stentor completion fish | source
# or keep it: stentor completion fish >~/.config/fish/completions/stentor.fish

function __stentor_table  # prints kind, name, summary of what can be typed at the place $argv[1]
  switch $argv[1]
@TABLE@
  end
end

function __stentor_names  # the fleet's nodes and groups, asked anew after ten seconds
  set -l now (date +%s)
  set -l key "$PWD|$STENTOR_FLEET|$argv"
  if test "$key" != "$__stentor_key"; or test (math $now - $__stentor_when) -gt 10
    set -l fleet
    test -n "$argv[1]"; and set fleet --fleet $argv[1]
    set -g __stentor_kept (command stentor $fleet completion --words 2>/dev/null)
    set -g __stentor_key $key
    set -g __stentor_when $now
  end
  string join \n -- $__stentor_kept
end

function __stentor_offer  # kind, what is typed so far, the fleet, what stands before it
  set -l kind (string replace -r '\*$' '' -- $argv[1])
  switch $kind
    case 'words:*'
      string split , -- (string replace words: '' -- $kind) | string replace -r '^' -- $argv[4]
    case nodes
      set -l head (string replace -r '[^,!&^]*$' '' -- $argv[2])
      for name in (__stentor_names $argv[3])
        echo $argv[4]$head$name
      end
    case files
      __fish_complete_path $argv[4]$argv[2]
    case dirs
      __fish_complete_directories $argv[4]$argv[2]
    case command
      __fish_complete_command
  end
end

function __stentor_complete
  set -l cur (commandline -ct)
  set -l place ''
  set -l fleet ''
  set -l value ''
  set -l only_operands ''
  set -l count 0
  set -l table (__stentor_table '')
  for word in (commandline -opc)[2..-1]
    if test -n "$value"
      test "$value" = fleet; and set fleet $word
      set value ''
    else if test -n "$only_operands"
      set count (math $count + 1)
    else if test "$word" = --
      set only_operands yes
    else if string match -q -- '-*=*' $word
      string match -q -- '--fleet=*' $word; and set fleet (string replace -- --fleet= '' $word)
    else if string match -q -- '-*' $word
      set value (string match -r -g -- "^value\t$word\t(.*)" $table)[1]
      test -z "$place"; and contains -- $word -f --fleet; and set value fleet
    else if string match -q -r -- '^word\t' $table
      string match -q -r -- "^word\t$word\t" $table; or return
      set place (string trim -- "$place $word")
      set table (__stentor_table $place)
    else
      set count (math $count + 1)
      set -l passed (string match -r -g -- '^operand\t(.*)' $table)
      test $count -le (count $passed); and string match -q -- 'command*' $passed[$count]
      and set only_operands yes
    end
  end
  set -l operands (string match -r -g -- '^operand\t(.*)' $table)
  if test "$value" = fleet
    __stentor_offer dirs "$cur" "$fleet" ''
  else if test -n "$value"
    __stentor_offer $value "$cur" "$fleet" ''
  else if test -z "$only_operands"; and string match -q -- '--*=*' $cur
    set -l name (string replace -r '=.*' '' -- $cur)
    set value (string match -r -g -- "^value\t$name\t(.*)" $table)[1]
    test -n "$value"; and __stentor_offer $value (string replace -r '^[^=]*=' '' -- $cur) "$fleet" $name=
  else if test -z "$only_operands"; and string match -q -- '-*' $cur
    string match -r -g -- '^option\t(.*)' $table
  else if string match -q -r -- '^word\t' $table
    string match -r -g -- '^word\t(.*)' $table
  else if test $count -lt (count $operands)
    __stentor_offer $operands[(math $count + 1)] "$cur" "$fleet" ''
  else if string match -q -- 'command*' "$operands[-1]"
    __stentor_offer files "$cur" "$fleet" ''
  else if string match -q -- '*\*' "$operands[-1]"
    __stentor_offer $operands[-1] "$cur" "$fleet" ''
  end
end

complete -c stentor -e
complete -c stentor -f -a '(__stentor_complete)'
"""


def script(shell: str, table: Table) -> str:
    """The completion script.

    Args:
        shell: ``bash``, ``zsh`` or ``fish``.
        table: what can be typed where.
    """
    text, case = _SHELLS[shell]
    return text.replace("@TABLE@", "\n".join(case(path, place) for path, place in table.items()))


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _valued(place: Place) -> list[tuple[str, str]]:
    return [(name, option.value) for option in place.options if option.value for name in option.names]


def _bash_case(path: str, place: Place) -> str:
    names = " ".join(name for option in place.options for name in option.names)
    valued = "".join(f" {name}={value}" for name, value in _valued(place))
    words = "".join(word + "|" for word in place.words)
    return (
        f"    {_quote(path)}) options={_quote(names)} valued={_quote(valued)} "
        f"operands={_quote(' '.join(place.operands))} words={_quote(words)} ;;"
    )


def _zsh_case(path: str, place: Place) -> str:
    def pair(name: str, summary: str) -> str:
        return _quote(name.replace(":", "\\:") + ":" + summary)

    options = " ".join(pair(name, option.summary) for option in place.options for name in option.names)
    valued = " ".join(f"{name} {_quote(value)}" for name, value in _valued(place))
    words = " ".join(pair(word, summary) for word, summary in place.words.items())
    operands = " ".join(_quote(operand) for operand in place.operands)
    return (
        f"    {_quote(path)})\n      options=({options})\n      valued=({valued})\n"
        f"      operands=({operands})\n      words_here=({words}) ;;"
    )


def _fish_case(path: str, place: Place) -> str:
    rows = [("word", word, summary) for word, summary in place.words.items()]
    rows += [("option", name, option.summary) for option in place.options for name in option.names]
    rows += [("value", name, value) for name, value in _valued(place)]
    lines = ["\t".join(row) for row in rows] + [f"operand\t{operand}" for operand in place.operands]
    quoted = " ".join("'" + line.replace("\\", "\\\\").replace("'", "\\'") + "'" for line in lines)
    return f"    case {_quote(path)}\n      string join \\n -- {quoted}"


_SHELLS: dict[str, tuple[str, Callable[[str, Place], str]]] = {
    "bash": (BASH, _bash_case),
    "zsh": (ZSH, _zsh_case),
    "fish": (FISH, _fish_case),
}
