# The program chezmoi, where the account finds none, and whether its dotfiles were ever applied. Given: chezmoi_url,
# chezmoi_sha256 (ARCHITECTURE:DIGEST, each).
# uses: base bootstrap/packages

check_chezmoi() { command_here chezmoi; }

do_chezmoi() {
  _arch=$(dpkg --print-architecture)
  _wanted=''
  for _pair in $chezmoi_sha256; do
    [ "${_pair%%:*}" != "$_arch" ] || _wanted=${_pair#*:}
  done
  if [ -z "$_wanted" ]; then
    why="bootstrap: chezmoi_sha256: has no line for $_arch"
    return
  fi
  _url=$(say "$chezmoi_url" | sed "s/{arch}/$_arch/g")
  _new=/usr/local/bin/.chezmoi.part
  if ! curl -fsSL --retry 2 --max-time 300 -o "$_new" "$_url"; then
    why="chezmoi was not fetched: $(tail -n 1 "$log")"
  elif [ "$(sha256sum <"$_new" | cut -d' ' -f1)" != "$_wanted" ]; then
    why="what $_url gives is not the chezmoi of chezmoi_sha256"
  else
    chmod 755 "$_new" && mv -f "$_new" /usr/local/bin/chezmoi
  fi
  rm -f "$_new"
}

check_dotfiles() { [ -e "$home/.local/share/chezmoi/.git" ]; }
