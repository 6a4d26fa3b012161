# Words for `eval`.

# quoted WORD: set `quoted` to the word in quotes. Builtins only, since it is called for every variable.
quoted() {
  _rest=$1 quoted=''
  while :; do
    case $_rest in
      *"'"*)
        quoted="$quoted${_rest%%"'"*}'\\''"
        _rest=${_rest#*"'"}
        ;;
      *) break ;;
    esac
  done
  quoted="'$quoted$_rest'"
}
