# Whether a package is installed, by dpkg, rpm, apk or pacman; 2 where there is none of them.
# uses: base

package() {
  if has dpkg-query; then
    # shellcheck disable=SC2016  # the ${} is dpkg-query's own
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -q '^installed$'
  elif has rpm; then
    rpm -q "$1" >/dev/null 2>&1 || return 1
  elif has apk; then
    apk info -e "$1" >/dev/null 2>&1 || return 1
  elif has pacman; then
    pacman -Q "$1" >/dev/null 2>&1 || return 1
  else
    return 2
  fi
}
