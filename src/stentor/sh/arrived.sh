# Whether standard input arrives: a line that we know is sent in front of it, and what takes from it takes that first.
# `read` takes single bytes, so that what comes behind the line is still there for the command.

# arrived LINE: take the first line, which is this one, or end.
arrived() {
  IFS= read -r stentor_line && [ "$stentor_line" = "$1" ] || lost
  unset stentor_line
}

lost() {
  echo 'stentor: standard input did not arrive; a start-up file of the login shell reads it (see .bashrc)' >&2
  exit 74
}
