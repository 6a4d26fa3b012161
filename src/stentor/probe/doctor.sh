#!/bin/sh
# How this node's shells come up, and what else stands in the way of a command; read by observe.py.
# usage: sh -s -- SECONDS needed|always login|TOKEN COMMAND...
# SECONDS: the limit for each shell. Then whether shells are traced, or only where something is odd;
# whether this is an ordinary session, or we came by another way since the shells of the ordinary ones,
# which have TOKEN in their command lines, hang; the commands which must be found.
#
# It is sent to `sh -s`, so it must do for dash, bash and busybox. Each kind of shell is started once, all
# side by side, in sessions of their own, and ended when the limit is over. Those which are followed through
# their files are started as soon as one is late, beside it: the whole takes as long as the slowest shell. It
# answers in lines "KEY WORD... TEXT". What it writes is a scratch directory, in memory where there is one,
# which it removes again, and one empty file in the home, to see whether that is possible. On small machines a
# process is what costs most here, so shell builtins and one awk over many files do what pipes would.

limit=${1:-8} traces=${2:-needed} session=${3:-login}
[ $# -lt 3 ] || shift 3
requires=$*
session_path=$PATH
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
unset ENV

say() { printf '%s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

# find_program NAME: its place in `found`, or nothing.
find_program() {
  for found in /usr/bin /bin /usr/local/bin /usr/sbin /sbin; do
    found=$found/$1
    [ ! -x "$found" ] || return 0
  done
  found=$(command -v "$1" 2>/dev/null)
}

# Sets `up`, seconds since some moment with fractions where the system offers them for nothing, and `now`, the
# same in hundredths.
clock() {
  if [ -r /proc/uptime ]; then
    read -r up _ </proc/uptime
    now=${up%.*}${up#*.}
  else
    up=$(date +%s)
    now=${up}00
  fi
}

scratch_directory() {
  for base in "${XDG_RUNTIME_DIR:-/none}" /dev/shm "${TMPDIR:-/none}" /tmp /var/tmp "$HOME"; do
    [ -d "$base" ] && [ -w "$base" ] || continue
    D=$(mktemp -d "$base/stentor-doctor.XXXXXX" 2>/dev/null) || continue
    { say written >"$D/try"; } 2>/dev/null && [ -s "$D/try" ] && return 0
    rm -rf "$D"
  done
  return 1
}

# Jobs: everything that may hang is one. What it wrote and its exit code are files of its name. Those which
# have not been waited for are in `pending`, as NAME:PROCESS:UNTIL.

jobs='' pending='' metronome='' beats=0

# launch NAME WORD...: start it beside everything else; its end is a file with its exit code.
launch() {
  kind=$1
  shift
  jobs="$jobs $kind"
  clock
  say "$up" >"$D/$kind.begin"
  (
    cd "$HOME" 2>/dev/null || cd /
    ulimit -f 131072 2>/dev/null # a start-up file that prints for ever must not fill the memory
    # shellcheck disable=SC2086  # the words are empty or one program
    case $kind in
      cron)
        exec "$ENV_PROGRAM" -i "HOME=$HOME" "LOGNAME=${LOGNAME:-}" SHELL=/bin/sh PATH=/usr/bin:/bin \
          "STENTOR_OUT=$D/$kind.out" "STENTOR_REQUIRES=$requires" $SETSID "$@"
        ;;
      service | do-rc*) exec $SETSID "$@" ;;
      do-home-write) "$@" ;;
      do-*) exec "$@" ;;
      *)
        eval 'exec "$ENV_PROGRAM" -i '"$environ"' \
          "STENTOR_OUT=$D/$kind.out" "STENTOR_REQUIRES=$requires" "STENTOR_LOOK=$LOOK" $SETSID "$@"'
        ;;
    esac
  ) </dev/null >"$D/$kind.stdout" 2>"$D/$kind.stderr" &
  pending="$pending $kind:$!:$((now + ${within:-$limit} * 100))"
}

# Wakes us twice a second out of whatever we wait for, since a sh has no wait with a limit.
start_metronome() {
  trap 'beaten=yes' ALRM
  (
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    while :; do
      sleep 0.5 2>/dev/null &
      nap=$!
      wait "$nap" || sleep 1
      kill -ALRM $$ 2>/dev/null || exit 0
    done
  ) </dev/null >/dev/null 2>&1 &
  metronome=$!
}

# Until all that was launched has ended; what has not when its time is over is ended, and is in `hung`.
await() {
  while [ -n "$pending" ]; do
    # shellcheck disable=SC2086
    set -- $pending
    entry=$1
    shift
    job=${entry%%:*} entry=${entry#*:}
    beaten=''
    wait "${entry%:*}" 2>/dev/null
    code=$?
    if [ -n "$beaten" ] && [ "$code" -gt 128 ]; then
      pending="$* $job:$entry"
      beat
    else
      pending="$*"
      say "$code" >"$D/$job.code"
      clock
      [ "$code" != 137 ] || [ "$now" -lt "${entry#*:}" ] || hang "$job"
    fi
  done
}

hang() {
  case " $hung " in *" $1 "*) ;; *) hung="$hung $1" ;; esac
  : >"$D/$1.hung"
}

# Half a second has gone by.
beat() {
  clock
  beats=$((beats + 1))
  kept=''
  for entry in $pending; do
    job=${entry%%:*} entry=${entry#*:}
    late=$((now - ${entry#*:}))
    [ "$late" -lt 0 ] || end_process "${entry%:*}"
    # A process that waits for a dead disk cannot be ended; who waits for it can.
    if [ "$late" -lt 60 ]; then kept="$kept $job:$entry"; else hang "$job"; fi
  done
  pending=$kept
  case $early:$beats in yes:1 | yes:2 | yes:4 | yes:8) stalled && trace_all ;; esac
}

end_process() {
  kill -9 "-$1" 2>/dev/null
  kill -9 "$1" 2>/dev/null
}

# Whether a shell is late, for another reason than that the node has no processor for it.
stalled() {
  waiting=''
  for kind in ssh login interactive both; do
    [ ! -s "$D/$kind.out" ] || continue
    case $pending in
      *" $kind:"*)
        entry=${pending##*" $kind:"}
        waiting="$waiting ${entry%%:*}"
        ;;
      *) return 0 ;; # it has ended before it came up
    esac
  done
  [ -n "$waiting" ] || return 1
  starved=''
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$file" || continue
    # shellcheck disable=SC2086
    set -- ${line##*) } # state, parent, group, session
    case "$1:$waiting " in
      D:*" $4 "*) starved="$starved $4" ;;
      R:*" $4 "*)
        read -r ran waited _ 2>/dev/null <"${file%stat}schedstat" || continue
        [ "${waited:-0}" -le "${ran:-0}" ] || starved="$starved $4"
        ;;
    esac
  done 2>/dev/null
  for process in $waiting; do
    case " $starved " in *" $process "*) ;; *) return 0 ;; esac
  done
  return 1
}

# Sessions of ours whose shells hang: nobody else ends them.
end_stuck() {
  case $session in login) return 0 ;; esac
  # shellcheck disable=SC2013  # words without spaces
  for file in $(grep -lsa -e "$session" /proc/[0-9]*/cmdline); do
    pid=${file#/proc/}
    [ "${pid%/*}" = $$ ] || kill -9 "${pid%/*}" 2>/dev/null
  done
}

leave() {
  [ -z "$metronome" ] || kill "$metronome" 2>/dev/null
  for entry in $pending; do
    entry=${entry#*:}
    end_process "${entry%:*}"
  done
  rm -rf "$D"
  exit 143
}

# The environment of the login shell which started us, as the server made it; else something alike. It is
# the file `environ`, and the words of a command line in `environ`.
server_environment() {
  exact=''
  if [ -r "/proc/$PPID/environ" ] && tr '\0' '\n' <"/proc/$PPID/environ" >"$D/all"; then
    while IFS= read -r pair; do
      case $session:$pair in
        *:HOME=*) exact=yes ;;
        login:*) ;;
        *:TERM=* | *:SSH_TTY=*) continue ;;
      esac
      take "$pair"
    done <"$D/all" >"$D/environ"
  fi
  if [ -n "$exact" ]; then
    say "environment exact"
  else
    environ=''
    for pair in "HOME=$HOME" "USER=${USER:-}" "LOGNAME=${LOGNAME:-}" "SHELL=${SHELL:-/bin/sh}" \
      "PATH=/usr/local/bin:/usr/bin:/bin:/usr/games" "SSH_CLIENT=${SSH_CLIENT:-}"; do
      take "$pair"
    done >"$D/environ"
    say "environment assumed"
  fi
  say "start_path $start_path"
}

take() { # PAIR
  say "$1"
  case $1 in
    SHELL=*) login_shell=${1#SHELL=} ;;
    PATH=*) start_path=${1#PATH=} ;;
    ENV=*) start_env=${1#ENV=} ;;
    [A-Za-z_]*=*) ;;
    *) return ;;
  esac
  rest=$1 word=''
  while :; do
    case $rest in
      *"'"*)
        word="$word${rest%%"'"*}'\\''"
        rest=${rest#*"'"}
        ;;
      *) break ;;
    esac
  done
  environ="$environ '$word$rest'"
}

# What each shell runs, by a sh of its own: it says what it finds in its environment. Builtins only.
# shellcheck disable=SC2016
LOOK='{
[ -r /proc/uptime ] && { read -r up rest </proc/uptime; echo "up $up"; } || echo "up $(/bin/date +%s)"
read -r stat </proc/self/stat && { set -- ${stat##*) }; shell=$$; [ "$4" = "$$" ] || shell=$PPID; }
[ "$shell" = "$$" ] || { read -r stat </proc/$shell/stat && set -- ${stat##*) }; }
[ $# -lt 20 ] || { shift 11; read -r ran waited rest </proc/$shell/schedstat && echo "cpu $1 $2 $3 $4 $ran $waited"; }
echo "path $PATH"
echo "umask $(umask)"
echo "locale ${LC_ALL:-${LC_CTYPE:-${LANG:-}}}"
words=
for name in LC_ALL LC_CTYPE LANG LC_COLLATE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME; do
eval "value=\${$name-}"; [ -z "$value" ] || words="$words $name=$value"
done
echo "words$words"
for name in $STENTOR_REQUIRES; do
place=; old=$IFS; IFS=:
for entry in $PATH; do [ -f "$entry/$name" ] && [ -x "$entry/$name" ] && { place=$entry/$name; break; }; done
IFS=$old; echo "command $name $place"
done
echo "done yes"
} >"$STENTOR_OUT" 2>/dev/null'

# shellcheck disable=SC2016
look='/bin/sh -c "$STENTOR_LOOK"'
# systemd fills in ${VARIABLES} of a service's command line itself; of its environment it does not.
# shellcheck disable=SC2016
run_look='eval "$STENTOR_LOOK"'

shells() {
  case ${login_shell##*/} in
    bash) family=bash ;;
    zsh) family=zsh ;;
    fish) family=fish ;;
    sh | dash | ash | busybox | ksh | ksh93 | mksh | yash | posh) family="sh" ;;
    *) family=other ;;
  esac
  say "login_shell $login_shell"
  launch ssh "$login_shell" -c "$look"
  launch cron /bin/sh -c "$LOOK"
  user_service
  [ "$family" != other ] || return 0
  launch login "$login_shell" -l -c "$look"
  launch interactive "$login_shell" -i -c "$look"
  launch both "$login_shell" -l -i -c "$look"
  early=yes
  [ "$traces" != always ] || trace_all
}

# Whether this user has a systemd of its own.
user_manager() {
  runtime=${XDG_RUNTIME_DIR:-/run/user/$uid}
  [ -S "$runtime/systemd/private" ] || [ -S "$runtime/bus" ] || return 1
  XDG_RUNTIME_DIR=$runtime
  export XDG_RUNTIME_DIR
}

user_service() {
  has systemd-run && user_manager || return 0
  launch service systemd-run --user --quiet --wait --collect --pipe \
    "--setenv=STENTOR_OUT=$D/service.out" "--setenv=STENTOR_REQUIRES=$requires" "--setenv=STENTOR_LOOK=$LOOK" \
    /bin/sh -c "$run_look"
}

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

traced_kinds=
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

trace() { # KIND LOGIN INTERACTIVE
  name=trace-$1
  traced_kinds="$traced_kinds $1"
  flags="$2 $3"
  # shellcheck disable=SC2086
  case $family in
    bash)
      if [ "$uid" = 0 ]; then
        lead_bash "$@"
      else
        launch "$name" "$ENV_PROGRAM" "PS4=$BASH_PS4" $NICE "$login_shell" -x $flags -c :
      fi
      ;;
    zsh) launch "$name" "$ENV_PROGRAM" "PS4=$ZSH_PS4" $NICE "$login_shell" -x -o promptsubst $flags -c : ;;
    sh)
      files=
      [ -z "$2" ] || files="/etc/profile $HOME/.profile"
      [ -z "$3" ] || files="$files $start_env"
      launch "$name" "$ENV_PROGRAM" "ENV=" "PS4=$SH_PS4" "STENTOR_FILES=$files" $NICE "$login_shell" $3 -c "$SH_SOURCE" ;;
    fish)
      config=${XDG_CONFIG_HOME:-$HOME/.config}/fish
      files=
      for file in /usr/share/fish/vendor_conf.d/*.fish /etc/fish/conf.d/*.fish "$config"/conf.d/*.fish \
        /etc/fish/config.fish "$config/config.fish"; do
        [ -r "$file" ] && files=${files:+$files:}$file
      done
      launch "$name" "$ENV_PROGRAM" "STENTOR_FILES=$files" $NICE "$login_shell" --no-config $flags -c "$FISH_SOURCE" ;;
  esac
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
    [ -n "$3" ] || launch "do-asked" "$ENV_PROGRAM" "SSH_CLIENT=${SSH_CLIENT:-x}" "HOME=$HOME" SHLVL=0 "$login_shell" -x -c :
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
    FILENAME != name { if (name != "") told(); name = kind = FILENAME; sub(/.*trace-/, "", kind); sub(/[.]stderr$/, "", kind) }
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

# Is anything odd about the shells, so that it is worth knowing which files they read?
odd() {
  [ ! -s "$D/ssh.stdout" ] || return 0
  for kind in ssh login interactive both; do [ -s "$D/$kind.out" ] || return 0; done
  read -r start <"$D/ssh.begin"
  awk -v start="$start" '
    BEGIN { split("/usr/local/bin /usr/bin /bin /usr/local/sbin /usr/sbin /sbin /usr/games /usr/local/games /snap/bin", all, " ")
      for (i in all) system_[all[i]] = 1 }
    FNR == 1 { kinds++ }
    $1 == "up" { took = $2 - start; if (took > 1.5) late = 1 }
    # What it waited for a processor is not its own; see Shell.waited.
    $1 == "cpu" && $6 > 0 {
      worked = ($2 + $3 + $4 + $5) / 100; if (worked < $6 / 1e9) worked = $6 / 1e9
      if (took - worked * $7 / $6 <= 1.5) late = 0
    }
    $1 == "path" && late { odd = 1 }
    $1 == "command" && NF < 3 { odd = 1 }
    $1 == "done" { ready++ }
    $1 == "path" {
      count = split(substr($0, 6), entries, ":"); own = ""
      for (i = 1; i <= count; i++) if (!(entries[i] in system_)) own = own ":" entries[i]
      if (kinds > 1 && own != first) odd = 1
      first = own
      if (index(":" $2 ":", ":/usr/bin:") + index(":" $2 ":", ":/bin:") == 0) odd = 1
      local = index(":" $2 ":", ":/usr/local/bin:")
      if (kinds == 1) ssh_has_local = local
      else if (ssh_has_local && !local) odd = 1
    }
    END { exit !(odd || ready < 4) }
  ' "$D/ssh.out" "$D/login.out" "$D/interactive.out" "$D/both.out"
}

# What is known of each shell.
tell() {
  set --
  for kind in $jobs; do
    case $kind in do-* | trace-*) continue ;; esac
    [ ! -s "$D/$kind.stdout" ] || set -- "$@" "$D/$kind.stdout"
  done
  [ $# -eq 0 ] || wc -c "$@" >"$D/lengths" 2>/dev/null
  # shellcheck disable=SC2016
  awk -v dir="$D" -v jobs="$jobs" -v limit="$limit" '
    function first(file, skip,   line, lines) {
      while (lines++ < 40 && (getline line < file) > 0)
        if (line != "" && !(skip && line ~ /cannot set terminal process group|no job control in this shell|can.t access tty|Could not set up terminal|TERM environment variable/)) {
          close(file); return substr(line, 1, 120)
        }
      close(file)
      return ""
    }
    function tell(kind,   file, line) {
      file = dir "/" kind
      line = ""
      if (there(file ".hung")) print "shell " kind " hung " limit
      else { getline line < (file ".code"); print "shell " kind " code " line }
      while ((getline line < (file ".out")) > 0) print "shell " kind " " line
      line = ""; getline line < (file ".begin"); print "shell " kind " begin " line
      print "shell " kind " stdout_bytes " bytes[kind] + 0
      print "shell " kind " stdout " first(file ".stdout", 0)
      print "shell " kind " stderr " first(file ".stderr", 1)
    }
    function there(file,   line, found) { found = (getline line < file) >= 0; close(file); return found }
    BEGIN {
      while ((getline line < (dir "/lengths")) > 0) {
        split(line, words, " "); sub(/.*\//, "", words[2]); sub(/[.]stdout$/, "", words[2]); bytes[words[2]] = words[1]
      }
      count = split(jobs, job, " ")
      for (i = 1; i <= count; i++) if (job[i] !~ /^(do|trace)-/) tell(job[i])
    }
    FILENAME == ARGV[2] && FNR == 2 && NF > 5 { print "home_mount " $NF }
    FNR > 1 && NF > 5 && /%/ { used = $(NF - 1); sub("%", "", used)
      if ($(NF - 4) > 0 && !seen[$NF]++) print "disk " used " " $(NF - 2) " " $(NF - 4) " " $NF }
  ' "$D/do-disks.stdout" "$D/do-home-disk.stdout"
  character_sets
}

# The character set which comes of each kind of locale that a shell has, and whether the node has it.
character_sets() {
  has locale || return 0
  seen='|'
  for file in "$D"/*.out; do
    [ -f "$file" ] || continue
    while IFS= read -r line; do
      case $line in 'words'*) break ;; esac
    done <"$file"
    case "$line:$seen" in
      words*:*"|$line|"*) continue ;;
      words*) seen="$seen$line|" ;;
      *) continue ;;
    esac
    # shellcheck disable=SC2086
    "$ENV_PROGRAM" -i "PATH=$PATH" ${line#words} locale charmap >"$D/charmap" 2>&1
    missing=no charmap=
    while IFS= read -r text; do
      case $text in *'Cannot set'*) missing=yes ;; *:*) ;; *) charmap=$text ;; esac
    done <"$D/charmap"
    say "charmap $missing $charmap|${line#words}"
  done
}

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
    "${start_env:-/dev/null}" /etc/fish/config.fish "$config"/conf.d/*.fish "$config/config.fish" "$config/fish_variables" 2>/dev/null |
    sed -n '1,200s/^\([^:]*\):/path_line \1|/p'
}

# Where a user service has its PATH from: no start-up file of a shell, but these.
service_lines() {
  user_manager || return 0
  set --
  for file in "${XDG_CONFIG_HOME:-$HOME/.config}"/environment.d/*.conf /etc/environment.d/*.conf /etc/environment; do
    [ ! -r "$file" ] || set -- "$@" "$file"
  done
  [ $# -eq 0 ] || grep -an '^[[:space:]]*PATH=' /dev/null "$@" 2>/dev/null |
    sed -n '1,100s/^\([^:]*\):/service_line \1|/p'
}

# What else is wrong with the node: commands beside the shells, none of which may hold us up.

more() {
  for name in / /var /boot /home /srv /opt /tmp; do [ -d "$name" ] && set -- "$@" "$name"; done
  launch do-disks df -P -k "$@"
  launch do-home-disk df -P -k "$HOME"
  launch do-home-write write_home
  if [ -d "${STENTOR_SYSTEMD:-/run/systemd/system}" ]; then
    ! has systemctl || launch do-units systemctl list-units --failed --no-legend --plain --no-pager
    ! has timedatectl || launch do-clock timedatectl show -p NTP -p NTPSynchronized
  fi
  if has systemctl && user_manager; then
    launch do-user-units systemctl --user list-units --failed --no-legend --plain --no-pager
  fi
  [ -f "$HOME/.ssh/rc" ] && launch_rc rc
  mounts
}

write_home() {
  file=$HOME/.stentor-doctor.$$
  echo x >"$file" && [ -s "$file" ] && echo yes
  rm -f "$file"
}

# The rc as sshd's sh would run it; what it leaves in its own environment is said at its end.
launch_rc() {
  # shellcheck disable=SC2016
  launch "do-$1" "$ENV_PROGRAM" /bin/sh -c '
    set --
    while IFS= read -r pair; do
      case $pair in [A-Za-z_]*=*) set -- "$@" "$pair" ;; esac
    done <"$0"
    exec env -i "$@" /bin/sh -c "trap env EXIT; . \"\$HOME/.ssh/rc\" >\"${0%/*}/rc.prints\" 2>/dev/null"' "$D/environ"
}

mounts() {
  [ -r "${STENTOR_MOUNTS:-/proc/mounts}" ] || return 0
  count=0
  while read -r source target type rest; do
    case $type in
      fuse.lxcfs | fuse.gvfsd-fuse | fuse.portal) continue ;;
      nfs* | cifs | smb* | fuse | fuse.* | 9p | ceph | glusterfs | lustre | beegfs) ;;
      *) continue ;;
    esac
    count=$((count + 1))
    target=$(say "$target" | sed 's/\\040/ /g')
    say "$type $source $target" >"$D/mount-$count"
    launch "do-mount-$count" df -P -k "$target"
    [ "$count" -lt 40 ] || break
  done <"${STENTOR_MOUNTS:-/proc/mounts}"
}

tell_more() {
  case " $hung " in
    *" do-home-disk "* | *" do-home-write "*) say "home_write hangs" ;;
    *)
      wrote='' complaint=''
      [ ! -s "$D/do-home-write.stdout" ] || read -r wrote <"$D/do-home-write.stdout"
      [ ! -s "$D/do-home-write.stderr" ] || read -r complaint <"$D/do-home-write.stderr"
      say "home_write $wrote $complaint"
      ;;
  esac
  [ -r /proc/loadavg ] && read -r load _ </proc/loadavg && say "load $load"
  cores
  for list in units user-units; do
    [ -s "$D/do-$list.stdout" ] || continue
    count=0
    while read -r unit _ && [ "$count" -lt 30 ]; do
      say "failed_$list $unit"
      count=$((count + 1))
    done <"$D/do-$list.stdout"
  done
  [ ! -s "$D/do-clock.stdout" ] || while IFS= read -r line; do say "timedate $line"; done <"$D/do-clock.stdout"
  for job in $hung; do
    case $job in do-mount-*) read -r line <"$D/${job#do-}" && say "mount_hangs $line" ;; esac
  done
  say "uid $uid"
  modes
  left_overs
}

# The load counts for all processors which the machine has, be they ours or not: `0-3,6`.
cores() {
  count=0 line=''
  [ ! -r /sys/devices/system/cpu/online ] || read -r line </sys/devices/system/cpu/online
  while [ -n "$line" ]; do
    range=${line%%,*}
    case $line in *,*) line=${line#*,} ;; *) line='' ;; esac
    count=$((count + ${range#*-} - ${range%-*} + 1))
  done
  [ "$count" -gt 0 ] || count=$(getconf _NPROCESSORS_ONLN 2>/dev/null)
  say "cores $count"
}

modes() {
  set --
  for file in "$HOME" "$HOME/.ssh" "$HOME/.ssh/authorized_keys" "$HOME/.ssh/config" "$HOME"/.ssh/id_*; do
    case $file in *.pub) continue ;; esac
    [ -e "$file" ] && set -- "$@" "$file"
  done
  [ $# -gt 0 ] || return 0
  stat -c 'mode %a %u %n' "$@" 2>/dev/null || stat -f 'mode %Lp %u %N' "$@"
}

left_overs() {
  if [ -f "$HOME/.ssh/rc" ]; then
    say "rc $(($(wc -c <"$HOME/.ssh/rc")))"
    grep -aq xauth "$HOME/.ssh/rc" && say "rc_xauth yes"
    case " $hung " in *" do-rc "*) say "rc_hangs $limit" ;; esac
    grep -axvFf "$D/environ" "$D/do-rc.stdout" 2>/dev/null | grep -a '^[A-Za-z_][A-Za-z0-9_]*=' |
      grep -av -e '^_=' -e '^PWD=' -e '^OLDPWD=' -e '^SHLVL=' | cut -c 1-400 | head -n 30 |
      while IFS= read -r line; do say "rc_sets $line"; done
    IFS= read -r line 2>/dev/null <"$D/rc.prints" && say "rc_prints $line"
  fi
  if [ -f "$HOME/.ssh/environment" ]; then
    # The rc of another login (ours from outside is one) may be writing it anew at this very moment: between
    # `>` and what it writes the file is empty, for long on a busy machine. So it is looked at again.
    try=0
    while cp "$HOME/.ssh/environment" "$D/environment-file" 2>/dev/null; do
      [ ! -s "$D/environment-file" ] && [ "$try" -lt 20 ] || break
      try=$((try + 1))
      sleep 0.1 2>/dev/null || sleep 1
    done
    say "environment_file $(($(wc -c <"$D/environment-file")))"
    grep -a '^[A-Za-z_][A-Za-z0-9_]*=' "$D/environment-file" | head -n 40 | while IFS= read -r line; do
      if grep -qaxF -e "$line" "$D/environ"; then
        say "environment_reaches $line"
      else
        say "environment_lost $line"
      fi
    done
  fi
  set --
  for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
    [ -e "$file" ] || continue
    if [ -r "$file" ]; then set -- "$@" "$file"; else say "sshd_unreadable $file"; fi
  done
  [ $# -eq 0 ] || grep -ain '^[[:space:]]*PermitUserEnvironment' /dev/null "$@" 2>/dev/null | sed 's/^/permit /'
}

# Files that grow at each login: sizes around the shells above, then around more of them, and around
# a moment without any, so that what grows by itself is not blamed on the logins.

sizes() { # NAME: without `ls` where find tells the size itself
  within=2
  if [ -n "$prints" ]; then
    launch "do-sizes-$1" find "$HOME" -maxdepth 2 -type f ! -name '.stentor-doctor.*' -printf '- - - - %s - - - %p\n'
  else
    launch "do-sizes-$1" find "$HOME" -maxdepth 2 -type f ! -name '.stentor-doctor.*' -exec ls -ln {} +
  fi
  within=''
  await
}

growing() {
  [ -s "$D/do-sizes-before.stdout" ] && [ ! -f "$D/do-sizes-before.hung" ] || return 0
  sizes after
  changed before after >"$D/grown"
  [ -s "$D/grown" ] || return 0
  sleep 0.3 2>/dev/null || sleep 1
  # Another's login that ends just now, such as ours from outside, is not taken for unrest: wait for a quiet moment.
  quiet=0
  sizes still
  while [ -n "$(changed after still)" ] && [ $quiet -lt 3 ]; do
    quiet=$((quiet + 1))
    mv "$D/do-sizes-still.stdout" "$D/do-sizes-after.stdout"
    rm -f "$D/do-sizes-still.code"
    sleep 0.3 2>/dev/null || sleep 1
    sizes still
  done
  launch again "$login_shell" -l -i -c :
  [ ! -f "$HOME/.ssh/rc" ] || launch_rc rc-again
  await
  sizes end
  changed after still >"$D/restless"
  changed still end >"$D/grown-again"
  while IFS='|' read -r file size more; do
    if grep -qF "$file|" "$D/grown-again" && ! grep -qF "$file|" "$D/restless"; then
      say "grows $size $more $file"
    fi
  done <"$D/grown"
}

changed() { # BEFORE AFTER: file|old size|new size of each that has grown
  awk '
    { size = $5; name = $0; sub(/^([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ )/, "", name) }
    FILENAME == ARGV[1] { old[name] = size; next }
    name in old && size > old[name] && ++count <= 20 { print name "|" old[name] "|" size }
  ' "$D/do-sizes-$1.stdout" "$D/do-sizes-$2.stdout"
}

main() {
  say "stentor_doctor 1"
  say "now $(date +%s)"
  say "home $HOME"
  say "session_path $session_path"
  if ! scratch_directory; then
    say "no_scratch yes"
    say "stentor_doctor_end 1"
    return
  fi
  trap leave HUP INT TERM
  find_program env && ENV_PROGRAM=$found
  find_program setsid && SETSID=$found
  find_program nice && NICE="$found -n 19"
  uid=$(id -u)
  login_shell=${SHELL:-/bin/sh} start_path='' start_env='' family=other environ='' early='' hung='' prints=yes
  server_environment
  end_stuck
  start_metronome
  sizes before
  if [ ! -s "$D/do-sizes-before.stdout" ] && [ -z "$hung" ]; then
    prints=''
    sizes before
  fi
  beats=0
  shells
  more
  await
  early=''
  if [ "$traces" = needed ] && [ "$family" != other ] && odd; then
    trace_all
    await
  fi
  traced
  tell
  tell_more
  places
  path_lines
  service_lines
  growing
  kill "$metronome" 2>/dev/null
  wait "$metronome" 2>/dev/null
  say "stentor_doctor_end 1"
  rm -rf "$D"
}

main
