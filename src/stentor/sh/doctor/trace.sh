# The start-up files which a shell reads, and where PATH becomes another in them.
# uses: base doctor/jobs

# A traced shell writes file, line and PATH before each command; `traced` keeps what matters of it.
# shellcheck disable=SC2016
BASH_PS4='+@|@${BASH_SOURCE-}@|@${LINENO}@|@${PATH-}@|@ '
# shellcheck disable=SC2016
ZSH_PS4='+@|@%x@|@%I@|@${PATH-}@|@ '
# shellcheck disable=SC2016
SH_PS4='+@|@${STENTOR_FILE-}@|@${LINENO-}@|@${PATH-}@|@ '
# shellcheck disable=SC2016
SH_SOURCE='for STENTOR_FILE in $STENTOR_FILES; do
[ -r "$STENTOR_FILE" ] || continue
set -x; . "$STENTOR_FILE"; { set +x; } 2>/dev/null
done
STENTOR_FILE=; set -x; :'
# shellcheck disable=SC2016
FISH_SOURCE='function _stentor_at; printf "+@|@%s@|@@|@%s@|@\n" $argv[1] (string join : $PATH) >&2; end
for _stentor_file in (string split : $STENTOR_FILES)
test -r $_stentor_file; or continue
_stentor_at $_stentor_file
source $_stentor_file
_stentor_at $_stentor_file
end
_stentor_at ""'

traced_kinds=''

trace_all() {
  early=''
  [ -z "$traced_kinds" ] && [ "$family" != other ] || return 0
  trace ssh "" ""
  trace login -l ""
  trace interactive "" -i
  trace both -l -i
  clock
  say "traced $up"
}

# trace KIND LOGIN INTERACTIVE: the last two are its options, or nothing. A family's own way is trace_FAMILY.
trace() {
  name=trace-$1
  traced_kinds="$traced_kinds $1"
  flags="$2 $3"
  "trace_$family" "$@"
}

trace_bash() {
  if [ "$uid" = 0 ]; then
    lead_bash "$@"
  else
    # shellcheck disable=SC2086
    launch "$name" "$ENV_PROGRAM" "PS4=$BASH_PS4" $NICE "$login_shell" -x $flags -c :
  fi
}

trace_zsh() {
  # shellcheck disable=SC2086
  launch "$name" "$ENV_PROGRAM" "PS4=$ZSH_PS4" $NICE "$login_shell" -x -o promptsubst $flags -c :
}

trace_sh() {
  files=''
  [ -z "$2" ] || files="/etc/profile $HOME/.profile"
  [ -z "$3" ] || files="$files $start_env"
  # shellcheck disable=SC2086
  launch "$name" "$ENV_PROGRAM" "ENV=" "PS4=$SH_PS4" "STENTOR_FILES=$files" $NICE "$login_shell" $3 -c "$SH_SOURCE"
}

trace_fish() {
  config=${XDG_CONFIG_HOME:-$HOME/.config}/fish
  files=''
  for file in /usr/share/fish/vendor_conf.d/*.fish /etc/fish/conf.d/*.fish "$config"/conf.d/*.fish \
    /etc/fish/config.fish "$config/config.fish"; do
    [ -r "$file" ] && files=${files:+$files:}$file
  done
  # shellcheck disable=SC2086
  launch "$name" "$ENV_PROGRAM" "STENTOR_FILES=$files" $NICE "$login_shell" --no-config $flags -c "$FISH_SOURCE"
}

# A bash of root takes no PS4 from its environment. So it is led through its files, in the order in which
# it reads them. Whether this bash reads one for an ssh command differs by distribution: it is asked.
lead_bash() { # KIND LOGIN INTERACTIVE
  if [ -n "$2" ]; then
    files=/etc/profile
    for file in "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile"; do
      [ -r "$file" ] && files="$files $file" && break
    done
  else
    files="/etc/bash.bashrc $HOME/.bashrc"
    [ -n "$3" ] ||
      launch "do-asked" "$ENV_PROGRAM" "SSH_CLIENT=${SSH_CLIENT:-x}" "HOME=$HOME" SHLVL=0 "$login_shell" -x -c :
  fi
  # shellcheck disable=SC2086
  launch "$name" "$ENV_PROGRAM" "STENTOR_FILES=$files" $NICE "$login_shell" --norc --noprofile $flags \
    -c "PS4='$BASH_PS4'; $SH_SOURCE"
}

# From the traces: the files in the order in which they are read, the last line reached in each, and
# where PATH became another. bash and zsh write before they act, the plain shells after it.
traced() {
  [ -n "$traced_kinds" ] || return 0
  set --
  for kind in $traced_kinds; do
    if [ "$kind" = ssh ] && [ -f "$D/do-asked.stderr" ]; then
      said=$(grep -c -v '^+ :$' "$D/do-asked.stderr")
      [ "$said" -gt 0 ] || continue
    fi
    set -- "$@" "$D/trace-$kind.stderr"
  done
  awk -F'@[|]@' -v after="$family" '
    function told(  i, file) {
      for (i = 1; i <= count && i <= 100; i++) print "read " kind " " left[order[i]]+0 "|" order[i]
      print "stopped " kind " " before_line+0 "|" before_file
      for (file in seen) { delete seen[file]; delete left[file] }
      count = lines = changes = 0; last = before_file = before_line = ""
    }
    FILENAME != name {
      if (name != "") told()
      name = kind = FILENAME; sub(/.*trace-/, "", kind); sub(/[.]stderr$/, "", kind)
    }
    !/^[+]*@[|]@/ { next }
    { file = $2; line = $3; path = $4 }
    file == "zsh" || file ~ /^\(eval\)/ { file = "" }
    file != "" && !(file in seen) { seen[file] = 1; order[++count] = file }
    ++lines > 1 && path != last && changes++ < 200 {
      if (after == "sh") print "change " kind " " line+0 "|" file "|" path
      else print "change " kind " " before_line+0 "|" before_file "|" path
    }
    { last = path; before_file = file; before_line = line; if (file != "") left[file] = line }
    END { if (name != "") told() }' "$@" /dev/null
}
