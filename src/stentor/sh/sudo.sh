# Run a command by sudo with a password from standard input.
# uses: arrived
# Given: sudo_user, sudo_keep (an option, or nothing), sudo_word (random letters: separates the password from the
# command's input, whether sudo reads the password or not), sudo_command, sudo_watched (the text of watched.sh).

# tell REASON: end with it.
tell() {
  echo "$sudo_word $1" >&2
  exit 77
}

# why SAID: tell what sudo's words, which are in English, mean.
why() {
  case $1 in
    *"password is required"* | *"authentication is required"*) tell unasked ;;
    *"not in the sudoers"* | *"not allowed"* | *"may not run"*) tell forbidden ;;
    *"must have a tty"* | *"no tty present"*) tell tty ;;
    *"unknown user"*) tell nobody ;;
    *"incorrect password"* | *"Sorry, try again"* | *"no password was provided"*) tell wrong ;;
    *)
      echo "$1" >&2
      tell other
      ;;
  esac
}

by_sudo() {
  IFS= read -r stentor_password || lost
  command -v sudo >/dev/null 2>&1 || tell missing
  # In English while it is tried: nothing depends on the node's language.
  # shellcheck disable=SC2086  # the option may be empty
  if said=$(LC_ALL=C sudo -n -u "$sudo_user" $sudo_keep sh -c : 2>&1); then
    unset stentor_password said
    sudo -n -u "$sudo_user" $sudo_keep -- sh -c "$sudo_watched" $$ "$sudo_command"
    exit
  fi
  # An empty one would count as a failed login, which locks accounts.
  [ -n "$stentor_password" ] || why "$said"
  # shellcheck disable=SC2086
  said=$(printf '%s\n' "$stentor_password" | LC_ALL=C sudo -S -k -p '' -u "$sudo_user" $sudo_keep true 2>&1) ||
    why "$said"
  # What the inner shell does first: everything up to the separator was for sudo.
  skip="while IFS= read -r line && [ \"\$line\" != $sudo_word ]; do :; done; unset line"
  # shellcheck disable=SC2086
  {
    printf '%s\n%s\n' "$stentor_password" "$sudo_word"
    exec cat
  } | sudo -S -k -p '' -u "$sudo_user" $sudo_keep -- sh -c "$skip
$sudo_watched" $$ "$sudo_command"
}
