# The files of a change: what they are, what they shall be, and back.
# Given: P (the change's folder). A file is named PATH MODE OWNER SECRET SHA256, an empty sum for one that shall go.
# uses: base services/settings

file_mode() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1"; }
file_owner() { stat -c %U:%G "$1" 2>/dev/null || stat -f %Su:%Sg "$1"; }
file_sum() { { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d' ' -f1; }

# wanted_owner OWNER: in full; nothing where nobody is named.
wanted_owner() {
  case $1 in
    '' | *:*) printf '%s' "$1" ;;
    *) printf '%s:%s' "$1" "$(id -gn "$1" 2>/dev/null)" ;;
  esac
}

# differs PATH MODE OWNER SECRET SUM: say how a file is not as it shall be; fail if it is.
differs() {
  if [ -z "$5" ]; then
    [ -e "$1" ] || [ -h "$1" ] || return 1
    say remove
  elif [ -h "$1" ]; then say link
  elif [ ! -e "$1" ]; then say new
  elif [ ! -f "$1" ]; then say other
  elif [ ! -r "$1" ]; then say unreadable
  elif [ "$(file_sum "$1")" != "$5" ]; then say changed
  elif [ "$(file_mode "$1")" != "$2" ]; then say "mode $(file_mode "$1")"
  elif [ -n "$3" ] && [ "$(file_owner "$1")" != "$(wanted_owner "$3")" ]; then say "owner $(file_owner "$1")"
  else return 1
  fi
}

# look_at PATH MODE OWNER SECRET SUM: say how it differs, with the contents there are.
look_at() {
  _how=$(differs "$@") || return 0
  say "file $number ${_how%% *} $1"
  case $_how in
    mode\ * | owner\ *) say "was $number $_how" ;;
    changed | remove)
      if [ "$4" = no ] && [ -f "$1" ] && [ "$(wc -c <"$1")" -le 262144 ]; then
        say "there $number $(base64 <"$1" | tr -d '\n') $1"
      fi
      ;;
  esac
}

# keep_file PATH ...: note what a file is, with a copy.
keep_file() {
  differs "$@" >/dev/null || return 0
  count=$((count + 1))
  if [ -h "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
    refused="$1 is no plain file on the node"
    return 1
  fi
  if [ -f "$1" ]; then
    cp -p "$1" "$P/old/$count" && cmp -s "$1" "$P/old/$count" || {
      refused="no space to keep a copy of $1"
      return 1
    }
    printf 'was\t%s\t%s\t%s\n' "$number" "$count" "$1" >>"$P/files"
  else
    printf 'absent\t%s\t%s\t%s\n' "$number" "$count" "$1" >>"$P/files"
  fi
}

# write_file PATH MODE OWNER SECRET SUM CONTENTS: in one step.
write_file() {
  differs "$@" >/dev/null || return 0
  true >"$P/$number/begun" || { said="no space in $S"; return 1; }
  changed="${changed:+$changed
}$1"
  if [ -z "$5" ]; then
    rm -f "$1"
    return
  fi
  part_of "$1"
  # What is there by that name (a link even, in a folder of another user's) is not written to.
  { mkdir -p "${1%/*}/" && rm -f "$_part" &&
    (umask 077 && set -C && printf '%s' "$6" | base64 -d >"$_part") && chmod "$2" "$_part" &&
    { [ -z "$3" ] || chown "$(wanted_owner "$3")" "$_part"; } && [ "$(file_sum "$_part")" = "$5" ]; } \
    2>"$P/said" || {
    rm -f "$_part"
    said="$1 cannot be written: $(last_line "$P/said")"
    return 1
  }
  mv -f "$_part" "$1" 2>"$P/said" || {
    rm -f "$_part"
    said="$1 cannot be written: $(last_line "$P/said")"
    return 1
  }
}

# part_of PATH: set _part, by which a file is written. A power cut may leave it, and what reads all files of a folder
# (dnsmasq, cron, an import of Caddy's) passes hidden ones over.
part_of() { _part=${1%/*}/.${1##*/}.stentor-part; }

# new_text PATH: whether a file is sent along that differs from the one there; sets _new, in base64.
new_text() {
  _new='' _wanted=$1
  "payload_$number" find_text 2>/dev/null
  [ -n "$_new" ]
}

find_text() {
  [ "$1" = "$_wanted" ] && differs "$@" >/dev/null || return 0
  _new=$6
}

# restore_files FOLDER: as they were before the change which is kept there.
restore_files() {
  left=''
  [ -f "$1/files" ] || return 0
  while IFS=$(printf '\t') read -r _kind _number _count _path; do
    part_of "$_path"
    rm -f "$_part"
    if [ "$_kind" = absent ]; then
      rm -f "$_path" || left="$left $_path"
    else
      { cp -p "$1/old/$_count" "$_part" && mv -f "$_part" "$_path"; } 2>/dev/null ||
        cp -p "$1/old/$_count" "$_path" 2>/dev/null # on a full disk only in its place
      rm -f "$_part"
      cmp -s "$1/old/$_count" "$_path" || left="$left $_path"
    fi
  done <"$1/files"
}

# make_folder PATH MODE OWNER: a data folder; one that is there keeps what it is.
make_folder() {
  [ ! -d "$1" ] || return 0
  { mkdir -p "$1" && { [ -z "$2" ] || chmod "$2" "$1"; } && { [ -z "$3" ] || chown "$(wanted_owner "$3")" "$1"; }; } \
    2>"$P/said" || {
    said="$1 cannot be made: $(last_line "$P/said")"
    return 1
  }
}

look_at_folder() { [ -d "$1" ] || say "folder $number $1"; }
