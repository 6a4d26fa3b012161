# Where commands and entries of PATH are, beside what the shells find.
# uses: base user_manager

# Where the commands are, if no shell finds them; and which entries of PATH lead somewhere.
places() {
  for name in $requires; do
    for place in "$HOME/.local/bin" "$HOME/bin" "$HOME/.cargo/bin" "$HOME/go/bin" /usr/local/bin /opt/*/bin \
      "$HOME/.local/share/mise/shims" "$HOME"/.*/bin /snap/bin /usr/local/sbin /usr/sbin /sbin; do
      if [ -x "$place/$name" ] && [ ! -d "$place/$name" ]; then
        say "elsewhere $name $place/$name"
        break
      fi
    done
  done
  seen=':'
  for file in "$D"/*.out; do
    [ -f "$file" ] || continue
    while IFS= read -r line; do
      case $line in 'path '*) break ;; esac
    done <"$file"
    case $line in 'path '*) line=${line#path }: ;; *) continue ;; esac
    while [ -n "$line" ]; do
      entry=${line%%:*} line=${line#*:}
      case $entry:$seen in
        [!/]* | :* | *:"$entry":*) continue ;;
      esac
      seen="$seen$entry:"
      for program in "$entry"/*; do
        if [ -f "$program" ] && [ -x "$program" ]; then
          say "useful $entry"
          break
        fi
      done
    done
  done
}

# Lines of the files which speak of PATH, for the shells whose trace has no line numbers.
path_lines() {
  case $family:$traced_kinds in sh:?* | fish:?*) ;; *) return 0 ;; esac
  config=${XDG_CONFIG_HOME:-$HOME/.config}/fish
  grep -an -e PATH -e fish_add_path -e fish_user_paths /dev/null /etc/profile "$HOME/.profile" \
    "${start_env:-/dev/null}" /etc/fish/config.fish "$config"/conf.d/*.fish "$config/config.fish" \
    "$config/fish_variables" 2>/dev/null |
    sed -n '1,200s/^\([^:]*\):/path_line \1|/p'
}

# Where a user service has its PATH from: no start-up file of a shell, but these.
service_lines() {
  user_manager_socket || return 0
  set --
  for file in "${XDG_CONFIG_HOME:-$HOME/.config}"/environment.d/*.conf /etc/environment.d/*.conf /etc/environment; do
    [ ! -r "$file" ] || set -- "$@" "$file"
  done
  [ $# -eq 0 ] || grep -an '^[[:space:]]*PATH=' /dev/null "$@" 2>/dev/null |
    sed -n '1,100s/^\([^:]*\):/service_line \1|/p'
}
