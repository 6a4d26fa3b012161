# Secrets for a command, a line of standard input each. `read` takes single bytes, so that what comes behind them is
# still there for the command.
# uses: arrived

# secret NAME: read one line, as printf %b takes it, into an exported variable. One that is empty has not arrived.
secret() {
  IFS= read -r stentor_line && [ -n "$stentor_line" ] || lost
  eval "$1=\$(printf '%b.' \"\$stentor_line\"); $1=\${$1%.}; export $1"
  unset stentor_line
}
