#!/usr/bin/env bash
# Usage: scripts/packages.sh install|deb|demo|test
# Installs the packages that the task needs and this machine lacks, and says which. Where that is not allowed, says all of
# them in one line to paste and exits with 1. No service of such a package is started or left enabled.
# TASK names what make was asked for, where it is another word than the argument.
set -euo pipefail

# The programs of each task, by the package which has them (Debian's and Ubuntu's names).
INSTALL=(python3 python3-venv openssh-client:ssh)
DEB=("${INSTALL[@]}" binutils:strip)
DEMO=("${INSTALL[@]}" openssh-server:sshd bubblewrap:bwrap)
TEST=(
  "${DEMO[@]}"
  # the fleet's own programs, and what asks a web server on a node
  tmux git mosh rsync curl less
  # what clones of dotfiles are made of, and what start files lead to
  git-crypt git-lfs screen
  # shells in which completion and probes are tried
  bash zsh fish tcsh ksh busybox-static:busybox dash elvish xonsh
  # the tar of macOS and the BSDs
  libarchive-tools:bsdtar
  # what tests compare with, or break nodes with
  fping pdsh dsh prometheus:promtool iproute2:ip libfaketime:- nftables:nft procps:ps psmisc:fuser util-linux:setsid
  # a browser for the page, and what drives it
  chromium chromium-driver:chromedriver openssl
  # with which a node wakes another
  perl wakeonlan socat
  # full Debian nodes with systemd
  mmdebstrap debian-archive-keyring:- systemd-container:systemd-nspawn
  # what serves web names and answers DNS
  caddy dnsmasq-base:dnsmasq
  # services: an engine of the tests' own; compose v2 is fetched from Debian 13 where it is not here
  docker.io:dockerd docker-cli:docker age
  # reads user-data
  cloud-init
  # building and checking
  make shellcheck lintian sudo jq ca-certificates:-
)

# here PACKAGE PROGRAM: is it installed? Python is the one that is asked for; without dpkg it goes by the programs.
here() {
  case $1 in
    python3) command -v "${PYTHON:-python3}" >/dev/null ;;
    python3-venv) "${PYTHON:-python3}" -c 'import venv, ensurepip' 2>/dev/null ;;
    docker-cli) command -v docker >/dev/null || with_engine ;;
    *)
      if command -v dpkg-query >/dev/null; then
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
      else
        [[ $2 == - ]] || PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$2" >/dev/null
      fi
      ;;
  esac
}

# with_engine: is docker's client in docker.io, too? Debian 13 has made it a package of its own.
with_engine() {
  local release
  # shellcheck disable=SC1091 # the system's
  release=$(. /etc/os-release 2>/dev/null && echo "${ID-} ${VERSION_ID-}")
  case $release in 'debian 12' | 'ubuntu 22.'* | 'ubuntu 24.'*) return 0 ;; *) return 1 ;; esac
}

# missing PACKAGE[:PROGRAM]...: the packages that are not here, one a line.
missing() {
  local entry
  for entry; do
    here "${entry%%:*}" "${entry##*:}" || printf '%s\n' "${entry%%:*}"
  done
}

# become: how this user becomes root, as words before a command; fails where he cannot.
become() {
  ((EUID)) || return 0
  command -v sudo >/dev/null || return 1
  if sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; then
    echo sudo
  else
    return 1
  fi
}

# patiently COMMAND...: apt's own lock timeout covers the packages but not the lists, and mirrors have bad minutes.
patiently() {
  local attempt
  for attempt in 1 2 3 4 5 6; do
    "$@" && return 0
    echo "attempt $attempt failed: $*" >&2
    sleep $((attempt * 5))
  done
  return 1
}

# only_offered: keep in `lacking` what this system's repositories have, and name the rest (Ubuntu has chromium as a snap alone).
# Where their lists are not here yet, everything stays.
only_offered() {
  compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null || return 0
  local package
  local -a offered=() rest=()
  for package in "${lacking[@]}"; do
    if [[ $(apt-cache policy "$package") == *'Candidate: '[^\(]* ]]; then offered+=("$package"); else rest+=("$package"); fi
  done
  ((${#rest[@]} == 0)) ||
    printf 'Not in the repositories of this system; tests that need them are skipped: %s\n' "${rest[*]}" >&2
  lacking=(${offered[@]+"${offered[@]}"})
}

# install: what is in `lacking`, without starting a service, and with those disabled that a package enables (an sshd, above all).
install() {
  local policy=/usr/sbin/policy-rc.d package unit
  local -a root=() units=()
  read -ra root < <(become) || true
  if [[ ! -e $policy ]]; then
    # shellcheck disable=SC2064 # as it is now
    trap "${root[*]} rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" sh -c "cat >$policy && chmod 755 $policy"
  fi
  patiently "${root[@]}" apt-get -qq update
  only_offered
  ((${#lacking[@]})) || return 0
  patiently "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${lacking[@]}" >/dev/null
  command -v systemctl >/dev/null || return 0
  for package in "${lacking[@]}"; do
    while IFS= read -r unit; do
      units+=("${unit##*/}")
    done < <(dpkg-query --listfiles "$package" | grep -E '/systemd/system/[^/@]+\.(service|socket|timer)$')
  done
  ((${#units[@]} == 0)) || "${root[@]}" systemctl --quiet disable "${units[@]}" 2>/dev/null || true
}

# Names of packages have no blanks, and macOS's bash no mapfile.
# shellcheck disable=SC2207
case ${1-} in
  install) lacking=($(missing "${INSTALL[@]}")) ;;
  deb) lacking=($(missing "${DEB[@]}")) ;;
  demo) lacking=($(missing "${DEMO[@]}")) ;;
  test) lacking=($(missing "${TEST[@]}")) ;;
  *)
    echo "usage: scripts/packages.sh install|deb|demo|test" >&2
    exit 2
    ;;
esac
# Practice nodes do without bubblewrap, if need be.
if ((${#lacking[@]} == 0)) || [[ $1 == demo && ${lacking[*]} == bubblewrap ]]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  printf 'Not installed here, and needed (Debian names of the packages):\n\n  %s\n\n' "${lacking[*]}" >&2
elif become >/dev/null; then
  printf 'Installing with apt-get: %s\n' "${lacking[*]}"
  install
  exit 0
else
  only_offered
  ((${#lacking[@]})) || exit 0
  line="apt-get update && apt-get install -y --no-install-recommends ${lacking[*]}"
  printf "Only root can install what is missing. Paste this line, then go on with: make %s\n\n  %s '%s'\n\n" \
    "${TASK:-$1}" "$(command -v sudo >/dev/null && echo 'sudo sh -c' || echo 'su -c')" "$line" >&2
  case " ${lacking[*]} " in *" openssh-server "*)
    printf 'Debian then starts an sshd of this machine. If you want none: systemctl disable --now ssh\n\n' >&2 ;;
  esac
fi
[[ $1 != test ]] || printf 'To run only what can be run without: make test MISSING=skip\n' >&2
exit 1
