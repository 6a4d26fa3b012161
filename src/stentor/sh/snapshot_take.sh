# Take a snapshot, make the change, and undo what came of it if a part fails:
#   snapshot_begin; take KIND PATH ...; snapshot_end; CHANGE || go_back REASON ...; snapshot_seal KEPT
# Given besides: rename_only (the change only moves one file: where no folder can be made, it is renamed in place).
# uses: snapshot

beside='' number=0

refuse() {
  say "snapshot refused $*"
  rm -rf "$S/$name.part"
  exit 3
}

snapshot_begin() {
  why=$({ mkdir -p "$S" && mkdir "$S/$name.part" && echo x >"$S/$name.part/try" && [ -s "$S/$name.part/try" ] &&
    rm -f "$S/$name.part/try"; } 2>&1) && return
  rm -rf "$S/$name.part"
  [ -n "$rename_only" ] || refuse "nothing can be written to $S: $why"
  beside=yes
}

# take KIND PATH: note what it is, with a copy where the change writes it.
take() {
  was=$(now "$1" "$2")
  case $1:$was in
    mode:absent | moved:absent) refuse "$2 is not there any more" ;;
    *:link | *:other) refuse "$2 is no plain file" ;;
  esac
  [ -z "$beside" ] || return 0
  number=$((number + 1))
  case $1:$was in
    contents:absent | moved:* | mode:*) ;;
    *)
      cp -p "$2" "$S/$name.part/$number" 2>/dev/null && cmp -s "$2" "$S/$name.part/$number" ||
        refuse "there is no space for a copy of $2"
      ;;
  esac
  printf '%s\t%s\t%s\n' "$1" "$was" "$2" >>"$S/$name.part/was" 2>/dev/null || refuse "there is no space in $S"
}

snapshot_end() {
  [ -n "$beside" ] || mv "$S/$name.part" "$S/$name" || refuse "it could not be put in its place"
}

# move NUMBER PATH: into the snapshot.
move() {
  if [ -n "$beside" ]; then mv "$2" "$2.$name"; else mv "$2" "$S/$name/$1"; fi
}

# go_back REASON: undo what came of the change so far.
go_back() {
  number=0
  [ -n "$beside" ] || while IFS=$T read -r kind was path; do
    number=$((number + 1))
    back "$kind" "$was" "$path" "$S/$name/$number" || {
      say "snapshot left $path: it could not be put back"
      kept=yes
    }
  done <"$S/$name/was"
  [ -n "${kept-}$beside" ] || rm -rf "${S:?}/$name"
  say "snapshot failed $*"
  exit 1
}

# snapshot_seal NUMBER: note what the files are now; of all snapshots the oldest go, from that number on.
snapshot_seal() {
  [ -n "$beside" ] || while IFS=$T read -r kind was path; do
    printf '%s\t%s\t%s\n' "$kind" "$(now "$kind" "$path")" "$path"
  done <"$S/$name/was" >"$S/$name/became"
  say "snapshot taken $name"
  # shellcheck disable=SC2012  # names are ours: no blanks in them
  [ -n "$beside" ] || ls -t "$S" | sed -n "$1,\$p" | while IFS= read -r old; do rm -rf "${S:?}/$old"; done
}
