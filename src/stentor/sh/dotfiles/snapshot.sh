# Snapshots: what a change is going to touch, kept so that restore.sh can put back what it did touch, and no more.
# uses: base dotfiles/answer dotfiles/signature

# A snapshot is a folder with
#   paths   the paths which the change may touch (each "./..." from /), whether they are there or not
#   whole   "all FOLDER" or "repo FOLDER": with everything in it; of a repository without git's objects
#   made    folders which were absent and come as a whole: a clone, an external
#   before  what all of it was (signature.sh); N.tar and N.names: files and links, some hundred each
#   after   what all of it was when the change was made; absent if nobody came so far
# and what it cannot keep in `unkept`, a line each.

# take_snapshot FOLDER: from paths, whole and made to the rest.
take_snapshot() {
  true >"$1/unkept" && true >"$1/files" || return 1
  if [ -s "$1/whole" ]; then expand "$1" | LC_ALL=C sort -u "$1/paths" -; else LC_ALL=C sort -u "$1/paths"; fi \
    >"$1/list" && sign "$1/list" "$1/before" "$1" || return 1
  [ ! -s "$1/whole" ] || while IFS= read -r _line; do
    case $_line in
      all\ *) [ -z "$(cd "/${_line#all }" && find . -name "*$line_break*" | head -n 1)" ] || say "${_line#all }" ;;
    esac
  done <"$1/whole" >>"$1/unkept" 2>/dev/null
  [ ! -s "$1/unkept" ] || return 1
  _keep=$1 _count=0
  tar_way
  in_batches pack <"$1/files"
}

tar_way() { # a second and more digits of the clock, attributes and access lists where tar knows them
  [ -z "${tar_create+known}" ] || return 0
  tar_create='' tar_extract=''
  case $(tar --version 2>/dev/null) in
    *GNU*) tar_create='--no-unquote --format=posix --xattrs --acls' tar_extract='--no-unquote --xattrs --acls' ;;
  esac
}

pack() { # NAMES...
  _count=$((_count + 1))
  printf '%s\n' "$@" >"$_keep/$_count.names" || return 1
  # shellcheck disable=SC2086 # words are wanted
  (cd / && tar -c -f "$_keep/$_count.tar" $tar_create "$@") </dev/null 2>>"$_keep/tar.err" 9>&-
}

# expand FOLDER [SIGNATURE]: what belongs to a snapshot as things are now, besides the paths in its list; and what has a
# line in that signature.
expand() {
  [ -s "$1/whole" ] || [ $# -gt 1 ] || return 0
  while IFS= read -r _line; do
    _path=${_line#* }
    [ ! -h "/$_path" ] && [ -d "/$_path" ] || continue
    say "//$_path" # two of them are in no path that find prints
    if [ "${_line%% *}" = repo ]; then inside_repo "/$_path"; else (cd "/$_path" && find .); fi
  done <"$1/whole" |
    awk 'step == 2 { sub(/^[^\t]*\t/, ""); print; next }
      /^\/\// { front = substr($0, 3); next }
      { print front substr($0, 2) }' step=1 - step=2 "${2-/dev/null}"
}

inside_repo() { # FOLDER: the objects only grow, and have what was there before
  (
    cd "$1" && find . \( -path ./objects -o -path ./.git/objects -o -path '*/modules/*/objects' \
      -o -path ./lfs -o -path ./.git/lfs \) -prune -o -print
  )
}

# kept_after FOLDER: note what the change has made of it.
kept_after() {
  # The list of `before` is still there, unless it was killed and is done again.
  if [ -s "$1/whole" ] || [ ! -f "$1/list" ]; then
    expand "$1" "$1/before" | LC_ALL=C sort -u "$1/paths" - >"$1/list" || return 1
  fi
  sign "$1/list" "$1/after"
}

# slim FOLDER: what was confirmed needs no more than what it changed. Of a small one nothing is worth the time.
slim() {
  [ -f "$1/after" ] || return 0
  read_value "$1/kib"
  [ -f "$1/changed" ] || [ "${_v:-$SMALL}" -ge $SMALL ] || return 0
  # Noted in one step: once one of the lists is shortened, the two tell no more what was changed.
  [ -f "$1/changed" ] || { touched "$1" >"$1/changed.part" && mv -f "$1/changed.part" "$1/changed"; } || return 0
  true >"$1/before.part" && true >"$1/after.part" || return 0
  _slim=$1
  set -- "$1"/*.names
  [ -f "$1" ] || shift
  _useless=$(awk '
    step == 1 { on[$0]; next }
    step == 2 { p = $0; sub(/^[^\t]*\t/, "", p); if (p in on) print >(FILENAME ".part"); next }
    { all[FILENAME]; if ($0 in on) used[FILENAME] }
    END { for (name in all) if (!(name in used)) print name }' \
    step=1 "$_slim/changed" step=2 "$_slim/before" "$_slim/after" step=3 "$@") || return 0
  mv -f "$_slim/before.part" "$_slim/before" && mv -f "$_slim/after.part" "$_slim/after" || return 0
  set -- "$_slim/whole" "$_slim/reserve"
  while IFS= read -r _names; do
    [ -z "$_names" ] || set -- "$@" "$_names" "${_names%.names}.tar"
  done <<EOF
$_useless
EOF
  rm -f "$@" && true >"$_slim/paths" && rm -f "$_slim/changed"
}

SMALL=512 # KiB of a snapshot

# touched FOLDER: the paths which the change made another.
touched() {
  awk "$THROUGH"'
    { p = $0; sub(/^[^\t]*\t/, "", p); if (/^l/) links = 1 }
    step == 1 { was[p] = $0; next }
    { is[p] = $0 }
    END {
      for (p in is) if (!(p in was) || was[p] != is[p] || links && through(p, is, was)) print p
      for (p in was) if (!(p in is)) print p
    }' step=1 "$1/before" step=2 "$1/after"
}

# What stands behind a link is that of another place: through(P, ONE, OTHER) tells whether a folder above the path is a
# link in the one signature, and none in the other.
THROUGH='
  function through(p, one, other) {
    while (match(p, /\/[^\/]*$/)) {
      p = substr(p, 1, RSTART - 1)
      if (p in one && one[p] ~ /^l/ && !(p in other && other[p] ~ /^l/)) return 1
    }
    return 0
  }'

# Room that is ours even when the disk fills up: a revert needs as much as the snapshot.
reserve() { # FOLDER
  read_value "$1/kib"
  if [ "$_v" -lt $SMALL ]; then
    printf "%$(((_v + 64) * 1024))s" '' 2>/dev/null >"$1/reserve"
  else
    dd if=/dev/zero of="$1/reserve" bs=1024 count=$((_v + 64)) 2>/dev/null
  fi
}
