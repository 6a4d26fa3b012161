# The kinds of shell which this node starts: for an ssh command, a login, a person, cron, a user service.
# Given: known_shells (NAME=FAMILY of those which can be started as login and interactive shells for one command).
# uses: base user_manager doctor/jobs doctor/trace

# What each shell runs, by a sh of its own: it says what it finds in its environment. Builtins only.
# shellcheck disable=SC2016
LOOK='{
uptime=${STENTOR_UPTIME:-/proc/uptime}
[ -r $uptime ] && { read -r up rest <$uptime; echo "up $up"; } || echo "up $(/bin/date +%s)"
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
  family=other
  for pair in $known_shells; do
    [ "${pair%%=*}" != "${login_shell##*/}" ] || family=${pair#*=}
  done
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

user_service() {
  has systemd-run && user_manager_socket || return 0
  launch service systemd-run --user --quiet --wait --collect --pipe \
    "--setenv=STENTOR_OUT=$D/service.out" "--setenv=STENTOR_REQUIRES=$requires" "--setenv=STENTOR_LOOK=$LOOK" \
    /bin/sh -c "$run_look"
}
