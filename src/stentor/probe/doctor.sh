#!/bin/sh
# How this node's shells come up, and what else stands in the way of a command; read by observe.py.
# usage: sh -s -- SECONDS COMMAND...   (the limit for each shell; the commands which must be found)
#
# It is sent to `sh -s`, so it must do for dash, bash and busybox. All shells are started side by
# side, each in a session of its own, and ended when the limit is over; the traced ones at a lower
# priority, so that they do not falsify the times of the others. It answers in lines
# "KEY WORD... TEXT". What it writes is a scratch directory, in memory where there is one, which
# it removes again, and one empty file in the home, to see whether that is possible.

limit=${1:-8}
[ $# -eq 0 ] || shift
requires=$*
session_path=$PATH
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
unset ENV

say() { printf '%s\n' "$*"; }
has() { command -v "$1" 2>/dev/null; }

# Seconds since some moment, with fractions where the system offers them for nothing.
clock() {
  if [ -r /proc/uptime ]; then
    read -r _up _ </proc/uptime
    say "$_up"
  else
    date +%s
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

jobs=
end_all() {
  for job in $jobs; do
    [ -f "$D/$job.pid" ] || continue
    read -r pid <"$D/$job.pid"
    kill -9 "-$pid" 2>/dev/null
    kill -9 "$pid" 2>/dev/null
  done
}
leave() {
  end_all
  rm -rf "$D"
  exit 143
}

# inside WORD...: become this command, in the environment which the server gives to a shell.
inside() {
  count=$#
  while IFS= read -r pair; do
    case $pair in
      [A-Za-z_]*=*) set -- "$@" "$pair" ;;
    esac
  done <"$D/environ"
  while [ "$count" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    count=$((count - 1))
  done
  # shellcheck disable=SC2086  # the word is empty or one program
  exec "$ENV_PROGRAM" -i "$@"
}

# The environment of the login shell which started us, as the server made it; else something alike.
server_environment() {
  if [ -r "/proc/$PPID/environ" ] && tr '\0' '\n' <"/proc/$PPID/environ" >"$D/environ" &&
    grep -q '^HOME=' "$D/environ"; then
    say "environment exact"
  else
    printf '%s\n' "HOME=$HOME" "USER=${USER:-}" "LOGNAME=${LOGNAME:-}" "SHELL=${SHELL:-/bin/sh}" \
      "PATH=/usr/local/bin:/usr/bin:/bin:/usr/games" "SSH_CLIENT=${SSH_CLIENT:-}" >"$D/environ"
    say "environment assumed"
  fi
  while IFS= read -r pair; do
    case $pair in
      SHELL=*) login_shell=${pair#SHELL=} ;;
      PATH=*) say "start_path ${pair#PATH=}" ;;
    esac
  done <"$D/environ"
}

# What each shell runs, by a sh of its own: it says what it finds in its environment.
# shellcheck disable=SC2016
LOOK='{
[ -r /proc/uptime ] && { read -r up rest </proc/uptime; echo "up $up"; } || echo "up $(/bin/date +%s)"
echo "path $PATH"
echo "umask $(umask)"
echo "locale ${LC_ALL:-${LC_CTYPE:-${LANG:-}}}"
for name in $STENTOR_REQUIRES; do echo "command $name $(command -v -- "$name" || command -v "$name")"; done
PATH=$PATH:/usr/bin:/bin
locale charmap 2>&1 >/dev/null | grep -q "Cannot set" && echo "locale_missing yes"
echo "charmap $(locale charmap)"
echo "done yes"
} >"$STENTOR_OUT" 2>/dev/null'

# launch KIND WORD...: start it beside everything else; its end is a file with its exit code.
launch() {
  kind=$1
  shift
  jobs="$jobs $kind"
  (
    clock >"$D/$kind.begin"
    (
      cd "$HOME" 2>/dev/null || cd /
      # shellcheck disable=SC2086  # the words are empty or one program
      if [ "$kind" = cron ]; then
        exec $SETSID "$ENV_PROGRAM" -i "HOME=$HOME" "LOGNAME=${LOGNAME:-}" SHELL=/bin/sh PATH=/usr/bin:/bin \
          "STENTOR_OUT=$D/$kind.out" "STENTOR_REQUIRES=$requires" "$@"
      fi
      case $kind in service | do-*) exec $SETSID "$@" ;; esac
      # shellcheck disable=SC2086
      inside "STENTOR_OUT=$D/$kind.out" "STENTOR_REQUIRES=$requires" "STENTOR_LOOK=$LOOK" $SETSID "$@"
    ) </dev/null >"$D/$kind.stdout" 2>"$D/$kind.stderr" &
    child=$!
    say "$child" >"$D/$kind.pid"
    wait "$child"
    say $? >"$D/$kind.code"
  ) </dev/null >/dev/null 2>&1 &
}

# shellcheck disable=SC2016
look='/bin/sh -c "$STENTOR_LOOK"'

# A traced shell writes file, line and PATH before each command; `reduced` keeps what matters of it.
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

trace() { # KIND LOGIN INTERACTIVE
  name=trace-$1
  flags="$2 $3"
  # shellcheck disable=SC2086
  case $family in
    bash)
      # A bash of root takes no PS4 from its environment, so its files are not traced.
      [ "$(id -u)" = 0 ] || launch "$name" "$ENV_PROGRAM" "PS4=$BASH_PS4" $NICE "$login_shell" -x $flags -c : ;;
    zsh) launch "$name" "$ENV_PROGRAM" "PS4=$ZSH_PS4" $NICE "$login_shell" -x -o promptsubst $flags -c : ;;
    sh)
      files=
      [ -z "$2" ] || files="/etc/profile $HOME/.profile"
      [ -z "$3" ] || files="$files ${start_env:-}"
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

# From a trace: the files in the order in which they are read, the last line reached in each, and
# where PATH became another. bash and zsh write before they act, the plain shells after it.
reduced() {
  grep -a '^+*@|@' "$D/trace-$1.stderr" 2>/dev/null | awk -F'@[|]@' -v kind="$1" -v after="$family" '
    { file = $2; line = $3; path = $4 }
    file == "zsh" || file ~ /^\(eval\)/ { file = "" }
    file != "" && !(file in seen) { seen[file] = 1; order[++count] = file }
    NR > 1 && path != last && changes++ < 200 {
      if (after == "sh") print "change " kind " " line+0 "|" file "|" path
      else print "change " kind " " before_line+0 "|" before_file "|" path
    }
    { last = path; before_file = file; before_line = line; if (file != "") left[file] = line }
    END {
      for (i = 1; i <= count && i <= 100; i++) print "read " kind " " left[order[i]]+0 "|" order[i]
      print "stopped " kind " " before_line+0 "|" before_file
    }'
}

shells() {
  case ${login_shell##*/} in
    bash) family=bash ;;
    zsh) family=zsh ;;
    fish) family=fish ;;
    sh | dash | ash | busybox | ksh | ksh93 | mksh | yash | posh) family="sh" ;;
    *) family=other ;;
  esac
  say "login_shell $login_shell"
  start_env=$(sed -n 's/^ENV=//p' "$D/environ")
  launch ssh "$login_shell" -c "$look"
  launch cron /bin/sh -c "$LOOK"
  user_service
  [ "$family" != other ] || return 0
  launch login "$login_shell" -l -c "$look"
  launch interactive "$login_shell" -i -c "$look"
  launch both "$login_shell" -l -i -c "$look"
  trace ssh "" ""
  trace login -l ""
  trace interactive "" -i
  trace both -l -i
}

user_service() {
  has systemd-run >/dev/null || return 0
  runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  [ -S "$runtime/systemd/private" ] || [ -S "$runtime/bus" ] || return 0
  XDG_RUNTIME_DIR=$runtime
  export XDG_RUNTIME_DIR
  launch service systemd-run --user --quiet --wait --collect --pipe \
    "--setenv=STENTOR_OUT=$D/service.out" "--setenv=STENTOR_REQUIRES=$requires" \
    /bin/sh -c "$LOOK"
}

# await SECONDS JOB...: wait until each has ended, or the time is over; the rest is in `left`.
await() {
  patience=$1
  shift
  began=$(clock)
  turns=0
  while :; do
    left=
    for job in "$@"; do [ -s "$D/$job.code" ] || left="$left $job"; done
    [ -n "$left" ] || break
    now=$(clock)
    [ "$((${now%.*} - ${began%.*}))" -lt "$patience" ] || break
    if [ "$turns" -lt 20 ]; then sleep 0.02 2>/dev/null || sleep 1; else sleep 0.1 2>/dev/null || sleep 1; fi
    turns=$((turns + 1))
  done
}

first_line() { head -c 2000 "$1" 2>/dev/null | grep -a . | head -n 1 | cut -c 1-120; }

tell() { # KIND: what is known of one shell
  code=
  [ ! -s "$D/$1.code" ] || read -r code <"$D/$1.code"
  case " $hung " in
    *" $1 "*) say "shell $1 hung $limit" ;;
    *) say "shell $1 code $code" ;;
  esac
  if [ -s "$D/$1.out" ]; then
    while IFS= read -r line; do say "shell $1 $line"; done <"$D/$1.out"
  fi
  read -r begin <"$D/$1.begin"
  say "shell $1 begin $begin"
  say "shell $1 stdout_bytes $(($(wc -c <"$D/$1.stdout")))"
  say "shell $1 stdout $(first_line "$D/$1.stdout")"
  say "shell $1 stderr $(grep -av -e 'cannot set terminal process group' -e 'no job control in this shell' \
    -e "can't access tty" "$D/$1.stderr" 2>/dev/null | head -c 2000 | grep -a . | head -n 1 | cut -c 1-120)"
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
  sed -n 's/^path //p' "$D"/*.out 2>/dev/null | tr ':' '\n' | sort -u | while IFS= read -r entry; do
    case $entry in
      /*) ;;
      *) continue ;;
    esac
    for file in "$entry"/*; do
      if [ -f "$file" ] && [ -x "$file" ]; then
        say "useful $entry"
        break
      fi
    done
  done
}

# Lines of the files which speak of PATH, for the shells whose trace has no line numbers.
path_lines() {
  case $family in sh | fish) ;; *) return 0 ;; esac
  config=${XDG_CONFIG_HOME:-$HOME/.config}/fish
  for file in /etc/profile "$HOME/.profile" ${start_env:+"$start_env"} /etc/fish/config.fish \
    "$config"/conf.d/*.fish "$config/config.fish" "$config/fish_variables"; do
    [ -r "$file" ] || continue
    grep -an -e PATH -e fish_add_path -e fish_user_paths "$file" 2>/dev/null | head -n 20 |
      while IFS= read -r line; do say "path_line $file|$line"; done
  done
}

# What else is wrong with the node: commands beside the shells, none of which may hold us up.

more() {
  for name in / /var /boot /home /srv /opt /tmp; do [ -d "$name" ] && set -- "$@" "$name"; done
  launch do-disks df -P -k "$@"
  launch do-home-disk df -P -k "$HOME"
  # shellcheck disable=SC2016
  launch do-home-write /bin/sh -c 'file=$HOME/.stentor-doctor.$$; echo x >"$file" && [ -s "$file" ] && echo yes
    rm -f "$file"'
  if has systemctl >/dev/null; then
    launch do-units systemctl list-units --failed --no-legend --plain --no-pager
    launch do-user-units systemctl --user list-units --failed --no-legend --plain --no-pager
  fi
  if has timedatectl >/dev/null; then
    launch do-clock timedatectl show -p NTP -p NTPSynchronized
  fi
  [ -f "$HOME/.ssh/rc" ] && launch_rc rc
  mounts
}

# The rc as sshd's sh would run it; what it leaves in its own environment is said at its end.
launch_rc() {
  # shellcheck disable=SC2016
  launch "do-$1" "$ENV_PROGRAM" /bin/sh -c '
    set --
    while IFS= read -r pair; do
      case $pair in [A-Za-z_]*=*) set -- "$@" "$pair" ;; esac
    done <"$0"
    exec env -i "$@" /bin/sh -c "trap env EXIT; . \"\$HOME/.ssh/rc\" >/dev/null 2>&1"' "$D/environ"
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
  grep -h '%' "$D/do-disks.stdout" "$D/do-home-disk.stdout" 2>/dev/null | grep -v '^Filesystem' |
    awk '{ used = $(NF - 1); sub("%", "", used); if ($(NF - 4) > 0 && !seen[$NF]++) print "disk " used " " $(NF - 2) " " $(NF - 4) " " $NF }'
  awk 'NR == 1 && $5 ~ /%/ { exit } NR == 2 { print "home_mount " $NF }' "$D/do-home-disk.stdout" 2>/dev/null
  case " $hung " in
    *" do-home-disk "* | *" do-home-write "*) say "home_write hangs" ;;
    *) say "home_write $(head -n 1 "$D/do-home-write.stdout") $(first_line "$D/do-home-write.stderr")" ;;
  esac
  [ -r /proc/loadavg ] && read -r load _ </proc/loadavg && say "load $load"
  say "cores $(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)"
  for list in units user-units; do
    [ -s "$D/do-$list.stdout" ] || continue
    head -n 30 "$D/do-$list.stdout" | while read -r unit _; do say "failed_$list $unit"; done
  done
  [ ! -s "$D/do-clock.stdout" ] || while IFS= read -r line; do say "timedate $line"; done <"$D/do-clock.stdout"
  for job in $hung; do
    case $job in do-mount-*) read -r line <"$D/${job#do-}" && say "mount_hangs $line" ;; esac
  done
  say "uid $(id -u)"
  for file in "$HOME" "$HOME/.ssh" "$HOME/.ssh/authorized_keys" "$HOME/.ssh/config" "$HOME"/.ssh/id_*; do
    case $file in *.pub) continue ;; esac
    [ -e "$file" ] && say "mode $(stat -c '%a %u' "$file" 2>/dev/null || stat -f '%Lp %u' "$file") $file"
  done
  left_overs
}

left_overs() {
  if [ -f "$HOME/.ssh/rc" ]; then
    say "rc $(($(wc -c <"$HOME/.ssh/rc")))"
    grep -aq xauth "$HOME/.ssh/rc" && say "rc_xauth yes"
    case " $hung " in *" do-rc "*) say "rc_hangs $limit" ;; esac
    grep -axvFf "$D/environ" "$D/do-rc.stdout" 2>/dev/null | grep -a '^[A-Za-z_][A-Za-z0-9_]*=' |
      grep -av -e '^_=' -e '^PWD=' -e '^OLDPWD=' -e '^SHLVL=' | cut -c 1-400 | head -n 30 |
      while IFS= read -r line; do say "rc_sets $line"; done
  fi
  if [ -f "$HOME/.ssh/environment" ]; then
    # An rc may be writing it anew for another login at this very moment: empty, it is looked at again.
    for try in 1 2 3 4 5; do
      cp "$HOME/.ssh/environment" "$D/environment-file" 2>/dev/null
      [ -s "$D/environment-file" ] && break
      [ "$try" = 5 ] || sleep 0.1 2>/dev/null || sleep 1
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
  for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
    [ -e "$file" ] || continue
    [ -r "$file" ] || say "sshd_unreadable $file"
    grep -ain '^[[:space:]]*PermitUserEnvironment' "$file" 2>/dev/null |
      while IFS= read -r line; do say "permit $file:$line"; done
  done
}

# Files that grow at each login: sizes around the shells above, then around more of them, and around
# a moment without any, so that what grows by itself is not blamed on the logins.

sizes() { # NAME
  launch "do-sizes-$1" find "$HOME" -maxdepth 2 -type f ! -name '.stentor-doctor.*' -exec ls -ln {} +
  await 2 "do-sizes-$1"
}

growing() {
  [ -s "$D/do-sizes-before.code" ] || return 0
  sizes after
  changed before after >"$D/grown"
  [ -s "$D/grown" ] || return 0
  sleep 0.3 2>/dev/null || sleep 1
  sizes still
  again="again"
  launch again "$login_shell" -l -i -c :
  [ ! -f "$HOME/.ssh/rc" ] || { launch_rc rc-again && again="again do-rc-again"; }
  # shellcheck disable=SC2086
  await "$limit" $again
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
    name in old && size > old[name] { print name "|" old[name] "|" size }
  ' "$D/do-sizes-$1.stdout" "$D/do-sizes-$2.stdout" | head -n 20
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
  ENV_PROGRAM=$(has env)
  SETSID=$(has setsid)
  NICE=$(has nice)
  NICE=${NICE:+$NICE -n 19}
  login_shell=${SHELL:-/bin/sh}
  family=other
  server_environment
  sizes before
  shells
  more
  # shellcheck disable=SC2086
  await "$limit" $jobs
  hung=$left
  for job in $jobs; do
    case $job in
      do-*) ;;
      trace-*) reduced "${job#trace-}" ;;
      *) tell "$job" ;;
    esac
  done
  tell_more
  places
  path_lines
  growing
  end_all
  say "stentor_doctor_end 1"
  rm -rf "$D"
}

main
