# Shells of this account, started as fresh as a login's and all at once; those of a person on a terminal of their own.
# Nothing is ever typed: a shell has come up when it runs the text that it was started with. One that becomes another
# program (exec zsh, exec tmux) is followed into that. Of tmux, screen and zellij only servers of ours are found.
# Given: seconds (for all), D (a new folder, with a short path), cover_trials (yes: what they write in the home is
# thrown away, where the system lets us; if not, `uncovered` says why).
# uses: base process scratch dotfiles/cover

MULTIPLEXERS='tmux byobu screen zellij script'
INNER_SHELLS='bash zsh fish tcsh csh dash ash ksh ksh93 mksh yash posh sh elvish xonsh nu'

# trial_folder: `made` is a new one; the first is in the program's temporary folder, where it has one, and goes with it.
trial_folder() {
  if [ -n "${scratch-}" ] && [ ${#scratch} -lt 80 ] && [ -d "$scratch/trial" ] && [ ! -e "$scratch/trial/run" ]; then
    made=$scratch/trial
    return
  fi
  _base=${TMPDIR:-/tmp}
  [ ${#_base} -lt 60 ] || _base=/tmp # a socket's path may have some hundred letters
  scratch_folder "$_base"
}

begin_trials() { # NAMES of the first ones
  read_uptime
  trials='' trial_jobs='' _clock='' trial_begin=$_up trial_end=$((_up + seconds + 1))
  trial_mark=stentor-trial-$$-$trial_end
  export D trial_mark login_shell login_name login_lang # for what writes itself in their place
  # Each has servers of its own: two that start one at once would see one another's.
  for _name in "$@"; do
    set -- "$@" "$D/mux/$_name"
    shift
  done
  trial_cover='' uncovered='' twins=unknown
  [ "${cover_trials-}" != yes ] || find_cover
  mkdir -m 700 "$D/kept" "$D/mux" ${trial_cover:+"$D/layer"} "$@" || return 1
  write_runner
  keep_traces
  # The keyboard of the terminals: open, and nobody types. And the bell which each trial rings when it has ended.
  mkfifo "$D/silence" "$D/bell" && exec 7<>"$D/silence" 6<>"$D/bell"
  find_terminals
}

find_cover() { # as root, or as an account that is root in a namespace of its own for that
  has unshare || { uncovered="there is no unshare"; return; }
  write_cover "$D"
  own_ids
  trial_way=-Urm trial_cover="$_uid $_gid"
  [ "$_uid" != 0 ] || trial_way=-m
  export trial_way trial_cover
}

# What runs in a trial's place: it notes its process, and becomes the shell.
# shellcheck disable=SC2016 # that program has the variables
write_runner() {
  say 'n=$trial_name t="" stat=""
{ read -r stat </proc/self/stat; } 2>/dev/null || stat=""
if [ -t 0 ]; then
  # Field 7 is the terminal: 136 in the second byte, and its number in the others.
  set -- ${stat##*) }
  t=/dev/pts/$((${5:-0} / 4096 / 256 * 256 + ${5:-0} % 256))
  [ $((${5:-0} / 256 % 4096)) = 136 ] && [ "$t" -ef /proc/self/fd/0 ] || t=$(tty 2>/dev/null) || t=""
  [ -z "$t" ] || stty rows 24 cols 80 2>/dev/null || t=""
fi
read -r shell <"$D/$n.shell"
read -r flags <"$D/$n.flags"
read -r more <"$D/$n.more"
IFS= read -r ask <"$D/$n.ask"
cd || exit
set -- "STENTOR_TRIAL=$trial_mark" "STENTOR_OUT=$D/$n.out" ${t:+"SSH_TTY=$t"} $more
if [ -s "$D/$n.environ" ]; then
  {
    cat "$D/$n.environ"
    # By its name: tmux takes no /dev/tty.
    printf "%s\\0" "$@" sh -c "echo \$\$ >\"\$0\"; t=\$1; shift; exec \"\$@\" <\"\$t\"" "$D/$n.pid" \
      "${t:-/dev/null}" \
      "$shell" $flags -c "$ask"
  } | if [ -z "$trial_cover" ] || [ -f "$D/uncovered" ]; then
    xargs -0 env -i
  else
    xargs -0 unshare $trial_way sh "$D/cover" $trial_cover - - - env -i
  fi
else
  set -- "$@" ${XDG_RUNTIME_DIR:+"XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR"} ${login_lang:+"LANG=$login_lang"}
  set -- env -i "HOME=$HOME" "USER=$login_name" "LOGNAME=$login_name" \
    "SHELL=$login_shell" "TERM=$login_term" PATH=/usr/local/bin:/usr/bin:/bin "SSH_CLIENT=127.0.0.1 0 22" \
    "SSH_CONNECTION=127.0.0.1 0 127.0.0.1 22" "TMUX_TMPDIR=$D/mux/$n" "SCREENDIR=$D/mux/$n" \
    "ZELLIJ_SOCKET_DIR=$D/mux/$n" "HISTFILE=$D/history" XONSH_HISTORY_BACKEND=dummy \
    "$@" "$shell" $flags -c "$ask"
  if [ -n "$trial_cover" ]; then
    covered=$D/$n unshare $trial_way sh "$D/cover" $trial_cover - - - "$@" 2>>"$D/unshare.err"
    code=$?
    [ ! -f "$D/$n.covered" ] || exit $code
    echo >"$D/uncovered"
  fi
  # We are in a subshell: its own process is what the system says, and not $$.
  case $stat in
    [0-9]*) echo "${stat%% *}" >"$D/$n.pid" ;;
    *) set -- sh -c "echo \$\$ >\"\$0\"; exec \"\$@\"" "$D/$n.pid" "$@" ;;
  esac
  exec "$@"
fi' >"$D/run"
}

# Terminals: by `script` of util-linux or busybox, by that of BSD, or none. Their options differ: those of Linux are
# taken in the trial itself, which goes on without where they make no terminal; elsewhere they are tried beforehand.
# shellcheck disable=SC2016 # the shell in there has the variables
find_terminals() {
  [ -z "${terminals-}" ] || return 0
  terminals=none
  has script || return 0
  if [ -r /proc/sys/kernel/osrelease ]; then
    terminals=linux
    return
  fi
  SHELL=/bin/sh script -q -c '! [ -t 0 ] || echo >"$D/tty"' /dev/null <"$D/silence" >/dev/null 2>&1 7>&- 6>&-
  if [ -s "$D/tty" ]; then
    terminals=linux
  else
    script -q /dev/null sh -c '! [ -t 0 ] || echo >"$D/tty"' <"$D/silence" >/dev/null 2>&1 7>&- 6>&-
    [ ! -s "$D/tty" ] || terminals=bsd
  fi
}

# trial NAME SHELL FLAGS TEXT PLACE [VARIABLES]: PLACE is "terminal", "none" or, where its exit code counts, "check".
trial() {
  trials="$trials $1"
  _end="; printf end >\"\$STENTOR_OUT\".end" login_term=dumb
  case $5 in
    check) _end='' ;;
    terminal)
      true >"$D/$1.terminal"
      [ "$terminals" = none ] || login_term=xterm-256color
      case $1 in *+) ;; *) twin_sessions "$D/mux/$1" ;; esac
      ;;
  esac
  say "$2" >"$D/$1.shell" && say "$3" >"$D/$1.flags" && say "${6-}" >"$D/$1.more" && say "$4" >"$D/$1.text" &&
    say ": $trial_mark; $4$_end" >"$D/$1.ask" && true >"$D/$1.out" || return 1
  case $2 in *elvish | *xonsh | nu | */nu) # they read another language, and call sh
    mv "$D/$1.ask" "$D/$1.asked" && say "sh '$D/$1.asked' $trial_mark" >"$D/$1.ask" || return 1
    ;;
  esac
  trial_name=$1
  export login_term trial_name
  # shellcheck disable=SC2016 # the shell in there has them
  _run='echo >"$D/$trial_name.began"; (. "$D/run"); echo $? >"$D/$trial_name.code"
    [ ! -p "$D/bell" ] || echo 1<>"$D/bell"'
  _run=": $trial_mark; $_run"
  case $5:$terminals in
    terminal:linux)
      {
        STENTOR_TRIAL=$trial_mark SHELL=/bin/sh script -q -c "$_run" /dev/null <"$D/silence"
        [ -f "$D/$1.began" ] || { login_term=dumb && true >"$D/no-terminal" && eval "$_run" </dev/null; }
      } >/dev/null 2>&1 7>&- 6>&- 9>&- &
      ;;
    terminal:bsd)
      STENTOR_TRIAL=$trial_mark script -q /dev/null sh -c "$_run" <"$D/silence" >/dev/null 2>&1 7>&- 6>&- 9>&- &
      ;;
    terminal:own) eval "$_run" 0<>"$own_terminal" 1>&0 2>&0 7>&- 6>&- 9>&- & ;;
    *) eval "$_run" </dev/null >"$D/$1.said" 2>/dev/null 7>&- 6>&- 9>&- & ;;
  esac
  trial_jobs="$trial_jobs $1:$!"
}

# Wait until each trial has ended or has become another; those left over hang. The bell wakes us when one has ended. A
# clock rings it, too: then those which have their answer and do not end are waited for no longer.
await_trials() {
  _rang=''
  trial_clock </dev/null >&6 2>/dev/null 7>&- 9>&- &
  _clock=$!
  while :; do
    _waiting=''
    for _name in $trials; do
      ! tries_again "$_name" || { _waiting="$_waiting $_name"; continue; }
      [ -f "$D/$_name.code" ] || [ -f "$D/$_name.became" ] ||
        { [ "$_rang" = clock ] && [ -f "$D/$_name.out.end" ]; } || _waiting="$_waiting $_name"
    done
    [ -n "$_waiting" ] || break
    read_uptime
    [ "$_up" -lt "$trial_end" ] || break
    IFS= read -r _rang <&6
    if [ "$_rang" = clock ]; then follow_trials; fi
  done
  kill "$_clock" 2>/dev/null || :
  _clock=''
  [ ! -f "$D/no-terminal" ] || terminals=none
  if [ -f "$D/uncovered" ]; then uncovered=$(tail -n 1 "$D/unshare.err"); uncovered=${uncovered:-refused}; fi
}

# tries_again NAME: begin it once more, at most three times, if a person's shell has ended in which tmux was called, and
# half the time is left. A server of tmux without a session ends, and what asks it for one just then (tmux attach ||
# tmux new) is told that it "exited unexpectedly": once in some ten logins, whatever the start files are, and oftener
# where much else runs. So it then gets a server that stays (by an option of tmux 2.7).
tries_again() {
  [ -f "$D/$1.code" ] && [ -f "$D/$1.terminal" ] && [ ! -f "$D/$1.out.end" ] && [ ! -f "$D/$1.became" ] &&
    [ $((trial_end - _up)) -gt $((_up - trial_begin)) ] || return 1
  set -- "$1" "$D/mux/$1"/tmux-*
  [ -d "$2" ] || return 1
  _try=1
  while [ -f "$D/$1.code.$_try" ]; do _try=$((_try + 1)); done
  [ $_try -le 3 ] && mv "$D/$1.code" "$D/$1.code.$_try" && rm -f "$D/$1.pid" "$D/$1.seen" || return 1
  for _look in 1 2 3; do
    ! TMUX='' TMUX_TMPDIR="$D/mux/$1" STENTOR_TRIAL="$trial_mark" tmux -f /dev/null start-server \; \
      set-option -s exit-empty off </dev/null >/dev/null 2>&1 7>&- 6>&- 9>&- || break
  done
  trial "$1" "$login_shell" "$(value "$D/$1.flags")" "$(value "$D/$1.text")" terminal
}

trial_clock() { # what it sleeps by ends with it
  _nap=''
  trap '[ -z "$_nap" ] || kill "$_nap"; exit' TERM
  while [ -p "$D/bell" ] && kill -0 $$; do
    sleep 0.4 &
    _nap=$!
    wait "$_nap" || { sleep 1 & _nap=$!; wait "$_nap"; }
    say clock
  done
}

follow_trials() { # of those in $_waiting, with two looks in between since a program may be on its way out
  _looked=no
  for _name in $_waiting; do
    case $_name in *++++) continue ;; esac
    read_value "$D/$_name.pid"
    _pid=$_v
    [ -n "$_pid" ] && [ -f "$D/$_name.terminal" ] && [ ! -f "$D/$_name.out.end" ] || continue
    _seen=''
    if ! is_itself "$_pid"; then
      [ $_looked = yes ] || { ps -A -ww -o pid= -o ppid= -o args= || ps -o pid,ppid,args; } >"$D/ps" 2>/dev/null ||
        return 0
      _looked=yes
      _seen=$(became "$_pid")
    fi
    read_value "$D/$_name.seen"
    if [ -n "$_seen" ] && [ "$_seen" = "$_v" ]; then
      follow "$_name" "$_seen"
    else
      say "$_seen" >"$D/$_name.seen"
    fi
  done
}

# is_itself PROCESS: whether /proc says, which starts no process, that it is still the shell that was started, and has
# no child. Most shells leave out the zeros between the words of a command line. In fish another thread may start one.
is_itself() {
  case $login_shell in *fish) return 1 ;; esac
  _line=''
  { IFS= read -r _line <"/proc/$1/cmdline"; } 2>/dev/null || :
  case $_line in *"$trial_mark"*) ;; *) return 1 ;; esac
  _line=none
  { IFS= read -r _line <"/proc/$1/task/$1/children"; } 2>/dev/null || :
  [ -z "$_line" ]
}

# became PROCESS: "multiplexer NAME PROCESS" where it or what it started is one; "shell PATH PROCESS FLAGS" where it is
# another shell than the one that was started, or waits for one that a person types into; nothing where it is neither.
became() {
  awk -v root="$1" -v mark="$trial_mark" -v multiplexers=" $MULTIPLEXERS " -v shells=" $INNER_SHELLS " '
    { pid = $1; parent[pid] = $2; $1 = $2 = ""; sub(/^ *([^ ]*python[0-9.]* )?/, "") }
    /^([^ ]*\/)?busybox [^ ]/ { box[pid] = $1; sub(/^[^ ]* /, "") }
    { args[pid] = $0 }
    function name(text) { sub(/[ :].*/, "", text); sub(/.*\//, "", text); sub(/^-/, "", text); return text }
    function below(pid,  n) { for (n = 0; pid != root && n < 50; n++) pid = parent[pid]; return pid == root }
    END {
      for (pid in args) if (below(pid) && index(multiplexers, " " name(args[pid]) " ")) {
        print "multiplexer", name(args[pid]), pid
        exit
      }
      inner = root
      if ((root in args) && index(args[root], mark))
        for (pid in args) if (parent[pid] == root && args[pid] ~ /^[^ ]+( -[abd-z]+| --login)*$/) inner = pid
      if (!(inner in args) || index(args[inner], mark) || !index(shells, " " name(args[inner]) " ")) exit
      program = args[inner]; sub(/ .*/, "", program); login = program ~ /^-/; sub(/^-/, "", program)
      if (args[inner] ~ / (-[a-z]*l[a-z]*|--login)( |$)/) login = 1
      boxed = inner in box
      print "shell", boxed ? box[inner] : program, inner, boxed ? program : "", login ? "-l" : ""
    }' "$D/ps"
}

follow() { # NAME KIND PROGRAM PROCESS [APPLET] [FLAGS]
  _trial=$1
  # shellcheck disable=SC2086 # words are wanted
  set -- $2
  _inner=$_trial+
  cat "/proc/$3/environ" >"$D/$_inner.environ" 2>/dev/null || rm -f "$D/$_inner.environ"
  _text=$(value "$D/$_trial.text")
  case $1 in
    shell)
      _flags="${4-} ${5-} -i" _shell=$2 _more=''
      case $2 in
        *csh) # it has no "command", and takes -l alone only
          _flags=-i
          _text=$(printf '%s\n' "$_text" | sed 's/; command -v /; which /g')
          ;;
      esac
      ;;
    *)
      multiplexer_lives || return 0
      _flags='-l -i' _shell=$login_shell
      case $2 in
        tmux | byobu) _more="TERM=screen TMUX=${_socket:-none},$3,0 TMUX_PANE=%0" ;;
        screen) _more="TERM=screen STY=$3.stentor WINDOW=0" ;;
        script) _flags=-i _more='' ;;
        *) _more="ZELLIJ=0 ZELLIJ_PANE_ID=0 ZELLIJ_SESSION_NAME=stentor" ;;
      esac
      ;;
  esac
  trial "$_inner" "$_shell" "$_flags" "$_text" terminal "$_more"
  put "$D/$_trial.became" "$_inner"
  # Should it be a client of a server that is not ours, it is gone at once.
  kill -KILL "$3" 2>/dev/null || :
}

multiplexer_lives() { # a server of ours must have a window whose program runs; of another nothing can be asked
  _socket=''
  for _each in "$D/mux/${_trial%%+*}"/tmux-*/*; do
    [ -S "$_each" ] || continue
    _socket=$_each
    case $(tmux -S "$_each" list-panes -a -F '#{pane_dead}' 2>/dev/null) in *0*) return 0 ;; esac
  done
  [ -z "$_socket" ]
}

# Where the account has a tmux server, ours gets sessions of the same names: for what attaches to one of them.
twin_sessions() { # FOLDER
  [ "$twins" != unknown ] || find_twins
  [ -n "$twins" ] || return 0
  while IFS= read -r _session; do
    TMUX='' TMUX_TMPDIR="$1" STENTOR_TRIAL="$trial_mark" \
      tmux -f /dev/null new-session -d -s "$_session" 'sleep 600' </dev/null >/dev/null 2>&1 7>&- 6>&- 9>&-
  done <<EOF
$twins
EOF
}

find_twins() { # into `twins`, a name a line
  twins='' _server=''
  # shellcheck disable=SC3067 # POSIX has no -O, and every sh has it
  for _each in "${TMUX_TMPDIR:-/tmp}"/tmux-*/default; do
    if [ -S "$_each" ] && [ -O "$_each" ]; then _server=$_each; fi
  done
  if [ -n "$_server" ] && has tmux; then
    twins=$(tmux -S "$_server" list-sessions -F '#{session_name}' 2>/dev/null) || twins=''
  fi
}

# What shells write by themselves when they start or end: zsh's cache of completions, and empty files of history. The
# first fish of an account makes folders, and a file of variables; so do elvish, xonsh and nu.
TRACES='.bash_history .zsh_history .zhistory .histfile .sh_history .ksh_history .zcompdump .config/zsh/.zcompdump
  .config/zsh/.zsh_history .cache/zsh/zcompdump .cache/zcompdump .cache/prezto/zcompdump
  .local/share/fish/fish_history'

FISH='.config/fish/functions .config/fish/completions .config/fish/conf.d .config/fish/fish_variables
  .config/fish .local/share/fish .cache/fish .local/state/elvish .config/xonsh .local/share/xonsh
  .config/nushell/env.nu .config/nushell/config.nu .config/nushell/history.txt .config/nushell'

traces() { # each that is there
  for _trace in $TRACES; do
    [ ! -f "$HOME/$_trace" ] || say "$HOME/$_trace"
    case $_trace in
      # Until it is whole, zsh writes one with its host and process behind it.
      *zcompdump) for _each in "$HOME/$_trace"-* "$HOME/$_trace".*; do [ ! -f "$_each" ] || say "$_each"; done ;;
    esac
  done
}

keep_traces() {
  traces >"$D/traces"
  for _each in $FISH; do [ -e "$HOME/$_each" ] || say "$_each"; done >"$D/no-fish"
  _number=0
  while IFS= read -r _trace; do
    _number=$((_number + 1))
    case $_trace in *zcompdump*) cp -p "$_trace" "$D/kept/$_number" 2>/dev/null || : ;; esac
  done <"$D/traces"
}

drop_traces() {
  while IFS= read -r _each; do
    [ -e "${HOME:?}/$_each" ] || continue
    rm -rf "${HOME:?}/$_each"
    _each=${_each%/*}
    while rmdir "$HOME/$_each" 2>/dev/null; do case $_each in */*) _each=${_each%/*} ;; *) break ;; esac; done
  done <"$D/no-fish"
  traces >"$D/traces.now"
  while IFS= read -r _trace; do
    grep -qxF -e "$_trace" "$D/traces" && continue
    # A line of history is a person's.
    case $_trace in *zcompdump*) rm -f "$_trace" ;; *) [ -s "$_trace" ] || rm -f "$_trace" ;; esac
  done <"$D/traces.now"
  _number=0
  while IFS= read -r _trace; do
    _number=$((_number + 1))
    [ -f "$D/kept/$_number" ] && ! cmp -s "$D/kept/$_number" "$_trace" || continue
    cp -p "$D/kept/$_number" "$_trace.stentor" && mv -f "$_trace.stentor" "$_trace"
  done <"$D/traces"
}

end_trials() { # all that they have left; shells by KILL, so that none saves its history
  # First what waits for them: it would note how they ended in a folder that goes, or try one without a terminal.
  [ -z "$_clock" ] || kill "$_clock" 2>/dev/null || :
  _cut=''
  for _each in $trial_jobs; do
    [ -f "$D/${_each%:*}.code" ] || { _cut=yes; kill -KILL "${_each##*:}" 2>/dev/null || :; }
  done
  trial_jobs=''
  for _name in $trials; do
    read_value "$D/$_name.pid"
    [ -z "$_v" ] || kill -KILL "$_v" 2>/dev/null || :
  done
  for _each in "$D"/mux/*/tmux-*/*; do
    [ -S "$_each" ] || continue
    # shellcheck disable=SC2046 # words are wanted
    kill -KILL $(tmux -S "$_each" list-panes -a -F '#{pane_pid}' 2>/dev/null) 2>/dev/null || :
    tmux -S "$_each" kill-server 2>/dev/null || :
  done
  for _signal in TERM KILL; do
    find_left
    [ $_signal = KILL ] || kill_runners
    [ -n "$_left$_cut" ] || break
    # shellcheck disable=SC2086 # words are wanted
    [ -z "$_left" ] || kill -$_signal $_left 2>/dev/null || :
    for _look in 1 2 3 4 5; do
      # shellcheck disable=SC2086 # words are wanted
      [ -n "$_left" ] && kill -0 $_left 2>/dev/null || break
      nap 0.02
    done
  done
  exec 7>&- 6>&- # not before: at the end of its input script goes on for a while
  [ -n "$trial_cover" ] && [ -z "$uncovered" ] || drop_traces
}

# kill_runners: of the processes in `_left` those in which a shell was started, told by their command line. Where all
# trials have ended these are about to end and start nothing more, so they are not waited for; nor are those that have.
# shellcheck disable=SC2016 # as it stands there
kill_runners() {
  [ -r /proc/self/environ ] || return 0
  _runners=$_left _left=''
  for _each in $_runners; do
    _line=''
    { IFS= read -r _line <"/proc/$_each/cmdline"; } 2>/dev/null || :
    case $_line in
      *"$trial_mark"'; echo >"$D/$trial_name.began"'*) kill -KILL "$_each" 2>/dev/null || : ;;
      ?*) _left="$_left $_each" ;;
      *)
        { IFS= read -r _line <"/proc/$_each/stat"; } 2>/dev/null || continue
        case $_line in *') Z '*) ;; *) _left="$_left $_each" ;; esac
        ;;
    esac
  done
}

drop_trials() { # their folder; what stood in a shell's place may just be noting how that one ended
  trials=''
  case $D in "${scratch:-none}"/*) ;; *) rm -rf "$D" 2>/dev/null || { nap 0.3; rm -rf "$D"; } ;; esac
}

find_left() { # into `_left` the processes of the trials that live
  _left=''
  if [ ! -r /proc/self/environ ]; then
    _left=$(ps -A -E -ww -o pid= -o command= 2>/dev/null |
      awk -v mark="STENTOR_TRIAL=$trial_mark" 'index($0, mark) { print $1 }')
    return
  fi
  newer_processes || _files='/proc/[0-9]*/environ'
  [ -n "$_files" ] || return 0
  # shellcheck disable=SC2046,SC2086 # words are wanted
  set -- $(grep -ls -e "STENTOR_TRIAL=$trial_mark" $_files)
  for _each in "$@"; do
    _each=${_each#/proc/}
    _left="$_left ${_each%%/*}"
  done
}

# newer_processes: into `_files` the environments of those that began after this one; fails where their numbers do not
# tell: they may have begun anew, which takes longer than a few seconds.
newer_processes() {
  _files='' _newest=0
  IFS='/ ' read -r _ _ _ _ _ _newest 2>/dev/null </proc/loadavg || return 1
  read_uptime
  [ "${_newest:-0}" -gt $$ ] && [ $((_up - trial_begin)) -lt 3 ] || return 1
  for _each in /proc/[0-9]*; do
    [ "${_each#/proc/}" -le $$ ] || _files="$_files $_each/environ"
  done
}
