# The options of the dotfiles' program, "key=value" words, and the programs that only look: they are asked more often
# than all else, and each process on the way copies the whole text of its program.
# uses: dotfiles/settings

take_options() { # WORDS...: `taken` is how many of them are options
  scratch='' config='' config_named='' statefile='' cache='' copied_source='' taken=0
  while [ $# -gt 0 ]; do
    case $1 in
      op=* | rev=* | remote=* | branch=* | window=* | limit=* | signed=* | take=* | again=* | token=* | to=* | why=* | \
        seconds=* | every=* | jitter=* | requires=* | reinit=* | exclude=*) eval "${1%%=*}=\${1#*=}" ;;
      *) break ;;
    esac
    shift
    taken=$((taken + 1))
  done
}

alone() { # VERB WORDS...
  verb=$1
  shift
  take_options "$@"
  say "stentor-dotfiles 1 $verb"
  if [ "$verb" = rehearse ]; then rehearsed; else "$verb"; fi
}
