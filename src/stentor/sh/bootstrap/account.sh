# The account that logs in. Given: user, shell (a path, or nothing), groups, keys (public ones, a line each), sudoers (a
# line). What lies in its home directory is written as the account itself: it may hold links to anywhere.
# uses: base

check_account() { id -u "$user" && [ -n "$home" ] && [ -d "$home" ]; }

do_account() {
  if ! id -u "$user"; then
    if getent group "$user"; then _group=$user; else _group=''; fi
    _shell=/bin/bash
    [ ! -x "$shell" ] || _shell=$shell
    useradd --create-home --shell "$_shell" ${_group:+-g "$_group"} "$user" || return
    # No password, and unlike "!" no lock of the account.
    usermod --password '*' "$user"
  fi
  home=$(home_of)
  if [ ! -d "$home" ]; then
    cp -R /etc/skel "$home.part" && chown -R "$user:" "$home.part" && mv "$home.part" "$home"
  fi
}

check_shell() {
  _now=$(getent passwd "$user" | cut -d: -f7)
  detail=${_now:+now $_now}
  [ "${_now#/usr}" = "${shell#/usr}" ] && [ -x "$shell" ]
}

do_shell() {
  # sshd lets nobody in whose shell is not there.
  if [ ! -x "$shell" ]; then
    why="there is no shell $shell"
    return 1
  fi
  usermod --shell "$shell" "$user"
}

check_groups() {
  detail=''
  for _name in $groups; do
    case " $(id -nG "$user") " in *" $_name "*) ;; *) detail="$detail $_name" ;; esac
  done
  detail=${detail# }
  [ -z "$detail" ]
}

do_groups() {
  for _name in $groups; do
    getent group "$_name" || groupadd "$_name"
    usermod --append --groups "$_name" "$user"
  done
}

# A key is there if its kind and its text are, whatever stands around them.
# shellcheck disable=SC2016  # for the other shell
_keys='
  umask 077
  file=.ssh/authorized_keys
  if [ "$1" = write ]; then
    mkdir -p .ssh && touch "$file" && chmod 700 .ssh && chmod 600 "$file" || exit 1
    if [ -n "$(tail -c 1 "$file")" ]; then echo >>"$file"; fi
  fi
  [ -f "$file" ] || exit 1
  while IFS= read -r line; do
    set -- "$1" $line
    if grep -v "^[[:space:]]*#" "$file" | grep -qF -- "$2 $3"; then continue; fi
    [ "$1" = write ] || exit 1
    printf "%s\n" "$line" >>"$file" || exit 1
  done
  case $(stat -c %a .ssh) in *[2367]? | *[2367]) exit 1 ;; esac
  case $(stat -c %a "$file") in *[2367]? | *[2367]) exit 1 ;; esac
'

check_keys() { printf '%s\n' "$keys" | as_user sh -fc "$_keys" sh look; }

do_keys() { printf '%s\n' "$keys" | as_user sh -fc "$_keys" sh write; }

_sudoers=/etc/sudoers.d/90-stentor

check_sudo() { [ "$(cat "$_sudoers")" = "$sudoers" ] && [ "$(stat -c '%u %a' "$_sudoers")" = '0 440' ]; }

do_sudo() {
  # sudo reads no file with a dot in its name.
  _new=$_sudoers.new
  rm -f "$_new"
  (umask 337 && say "$sudoers" >"$_new") && visudo -cf "$_new" && mv -f "$_new" "$_sudoers"
}

check_linger() { [ -e "/var/lib/systemd/linger/$user" ]; }

do_linger() { loginctl enable-linger "$user"; }
