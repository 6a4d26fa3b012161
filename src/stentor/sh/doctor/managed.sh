# Which start-up files chezmoi manages here: by the names in its source, so nothing of it is run.
# uses: base

# source_directory: set `source`: the default one, or what chezmoi's configuration says.
source_directory() {
  source=${XDG_DATA_HOME:-$HOME/.local/share}/chezmoi
  for config in "${XDG_CONFIG_HOME:-$HOME/.config}"/chezmoi/chezmoi.*; do
    [ -f "$config" ] || continue
    told=$(sed -n \
      "s/^ *[\"']\\{0,1\\}sourceDir[\"']\\{0,1\\} *[=:] *[\"']\\{0,1\\}\\([^\"',]*\\).*/\\1/p" "$config" | sed -n 1p)
    case $told in [~]/*) told=$HOME/${told#??} ;; esac
    [ -z "$told" ] || source=$told
  done
  [ ! -f "$source/.chezmoiroot" ] || source=$source/$(value "$source/.chezmoiroot")
}

managed() {
  source_directory
  [ -d "$source" ] || return 0
  for name in .bashrc .bash_profile .bash_login .profile .zshenv .zshrc .zprofile .zlogin .login .cshrc .tcshrc .kshrc \
    .mkshrc .yashrc .yash_profile .ssh/rc .ssh/environment .ssh/authorized_keys .ssh/config .ssh \
    .config/environment.d/10-path.conf .config/fish/config.fish; do
    says "$source" "$name" && say "managed $name"
  done
  return 0
}

# says FOLDER NAME: whether the source has that name, whatever its attributes are (private_dot_bashrc.tmpl).
says() {
  case $2 in
    */*)
      for folder in "$1"/*"$(dotted "${2%%/*}")"; do
        [ -d "$folder" ] && says "$folder" "${2#*/}" && return
      done
      return 1
      ;;
  esac
  for file in "$1"/*"$(dotted "$2")" "$1"/*"$(dotted "$2")".tmpl "$1"/*"$(dotted "$2")".age; do
    [ -e "$file" ] || continue
    plain=${file##*/}
    plain=${plain%"$(dotted "$2")"*}
    case $plain in '' | *_) return 0 ;; esac
  done
  return 1
}

# dotted NAME: as the source calls it.
dotted() { case $1 in .*) printf '%s' "dot_${1#.}" ;; *) printf '%s' "$1" ;; esac; }
