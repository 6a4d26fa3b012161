# Take what is sent from standard input, and put it in place when it has arrived whole.
# Given besides: key, size, offset (bytes which are here already), expected (the checksum), tool, name, mode, modified.
# uses: copy/where

lock_take() { :; } # both are replaced where the lock is asked for
lock_give() { :; }

fail() {
  printf 'stentor: %s\n' "$*" >&2
  exit 74
}

take_lock() {
  lock_take && return
  printf 'stentor: held %s\n' "$lock_token $lock_said" >&2
  exit 75
}

tidy() {
  [ -z "$tree" ] || [ ! -d "$tree" ] || rm -rf "$tree"
  [ -z "$work" ] || rmdir "$work" 2>/dev/null
  lock_give
}

receive() {
  where
  take_lock
  unset CDPATH
  work='' tree=''
  trap tidy EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  enter_base
  target=$base/${one:-$name}
  [ -z "$one$name" ] || [ ! -d "$target" ] || fail "$target is a directory"
  work=$base/.stentor-copy
  part=$work/$key.$$
  [ -n "$name" ] || tree=$work/tree.$$
  before=$(umask)
  umask 077
  make_work
  clean_work
  [ "$offset" -eq 0 ] || [ -n "$ready" ] || fail "what had arrived is gone; copy again"
  cat >>"$part" || fail "it cannot be stored (is the disk full?)"
  umask "$before"
  check_sum
  if [ -n "$name" ]; then place_file; else place_tree; fi
}

enter_base() {
  [ -d "$base" ] || [ -z "$make" ] || mkdir -p "$base"
  [ -d "$base" ] || fail "there is no directory $base"
  cd "$base" || exit 74
  base=$PWD
  case $base in /) base='' ;; esac
}

# Another copy which ends just now may remove the work folder before ours is in it.
make_work() {
  tries=0
  until { [ -d "$work" ] || mkdir "$work"; } 2>/dev/null &&
    { if [ -n "$tree" ]; then mkdir "$tree"; else printf '' >>"$part"; fi; } 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || fail "nothing can be written to $base/"
  done
}

# What processes that are gone left: ours goes on, set in `ready`; the rest is removed, parts after a week.
clean_work() {
  ready=''
  for old in "$work"/*; do
    [ -e "$old" ] || continue
    kill -0 "${old##*.}" 2>/dev/null && continue
    case $old in
      "$work/$key".*)
        if [ "$offset" -gt 0 ] && [ -z "$ready" ] && [ $(($(wc -c <"$old"))) -eq "$offset" ]; then
          mv -f "$old" "$part" && ready=yes
        else
          rm -f "$old"
        fi
        ;;
      "$work"/tree.*) rm -rf "$old" ;;
      *) [ -z "$(find "$old" -mtime +6)" ] || rm -f "$old" ;;
    esac
  done
}

check_sum() {
  [ "$(sums <"$part")" != "$expected" ] || return 0
  have=$(($(wc -c <"$part")))
  [ $have -ge "$size" ] || fail "only $have of $size bytes came; the next copy goes on from there"
  rm -f "$part"
  fail "the checksum is wrong; what arrived was not put in place"
}

place_file() {
  chmod "$mode" "$part" && TZ=UTC0 touch -t "$modified" "$part" || fail "its mode and time cannot be set"
  mv -f "$part" "$target" || fail "$target cannot be put in place"
}

place_tree() {
  tar -xpof "$part" -C "$tree" || fail "it cannot be unpacked (is the disk full?)"
  rm -f "$part"
  place "$tree/files" "${base:-/}" || fail "not everything can be put in place"
  # shellcheck disable=SC1091  # comes with what was sent
  cd "${base:-/}" && . "$tree/after" || fail "modes and times cannot be set"
}

# place FROM TO: each entry by renaming, folders which are there already entry by entry.
place() {
  for file in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -d "$file" ] && [ ! -L "$file" ] && [ -d "$2/${file##*/}" ]; then
      place "$file" "$2/${file##*/}" || return 1
    elif [ -d "$2/${file##*/}" ] && [ ! -L "$2/${file##*/}" ] && { [ -e "$file" ] || [ -L "$file" ]; }; then
      fail "$2/${file##*/} is a directory"
    fi
  done
  from=$1 to=$2
  set --
  for file in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    [ -e "$file" ] || [ -L "$file" ] || continue
    set -- "$@" "$file"
    [ $# -lt 100 ] || { mv -f "$@" "$to/" || return 1; set --; }
  done
  [ $# -eq 0 ] || mv -f "$@" "$to/" || return 1
  rmdir "$from"
}

# set_only: nothing is sent; the one file gets its mode and time.
set_only() {
  where
  take_lock
  trap lock_give EXIT
  cd "$base" && chmod "$mode" "./$one" && TZ=UTC0 touch -t "$modified" "./$one" && exit 0
  printf 'stentor: its mode and time cannot be set\n' >&2
  exit 74
}
