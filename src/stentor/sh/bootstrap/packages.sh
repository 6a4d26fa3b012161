# Packages, and commands that must be found, by apt; and services. Given: packages (names), services (names), commands
# (COMMAND:PACKAGE, each).
# uses: base package

# command_here NAME: whether the account finds it.
command_here() {
  has "$1" && return
  for _folder in .local/bin bin; do
    [ ! -x "$home/$_folder/$1" ] || return 0
  done
  return 1
}

check_packages() {
  detail=''
  for _name in $packages; do
    package "$_name" || detail="$detail $_name"
  done
  for _pair in $commands; do
    command_here "${_pair%%:*}" && continue
    case " $detail " in *" ${_pair#*:} "*) ;; *) detail="$detail ${_pair#*:}" ;; esac
  done
  detail=${detail# }
  _half=$(dpkg --audit)
  [ -z "$_half" ] || detail="$detail (and what dpkg has left half done)"
  [ -z "$detail" ]
}

do_packages() {
  # What an interrupted run has left half done; apt itself refuses to go on from there.
  if [ -n "$(dpkg --audit)" ]; then
    dpkg --force-confold --configure -a || apt_get --fix-broken install
  fi
  check_packages && return
  detail=${detail%% (*}
  # shellcheck disable=SC2086  # words are wanted
  apt_install $detail && return
  for _name in $detail; do
    apt-cache show "$_name" >/dev/null 2>&1 || why="there is no package '$_name': see needs: packages_of"
  done
}

# apt_install PACKAGE...: the lists of packages are fetched only where it does not go without.
apt_install() { apt_get install "$@" || { apt_get update && apt_get install "$@"; }; }

apt_get() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold --no-install-recommends "$@"
}

check_services() {
  detail=''
  for _name in $services; do
    systemctl is-active --quiet "$_name" || detail="$detail $_name"
  done
  detail=${detail# }
  [ -z "$detail" ]
}

do_services() {
  for _name in $services; do
    systemctl enable --now "$_name"
  done
}
