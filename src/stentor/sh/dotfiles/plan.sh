# What a change or a rollback would bring. Nothing of the user's is changed.
# uses: base dotfiles/answer dotfiles/node dotfiles/revision dotfiles/look dotfiles/rollback dotfiles/status

plan() {
  need
  scratch=$(mktemp -d) || fail "home no room for temporary files"
  trap cleanup EXIT
  trap 'cleanup; exit 130' HUP INT TERM
  cache=$scratch/cache
  [ ! -d "$S/cache" ] || cp -R "$S/cache" "$cache"
  report_pending
  say "applied $(value "$S/applied")"
  git init -q --bare "$scratch/repo.git" || fail "fetch git init failed"
  [ ! -d "$R/objects" ] || say "$R/objects" >>"$scratch/repo.git/objects/info/alternates"
  fetch "$scratch/repo.git"
  check_out "$scratch/repo.git" "$scratch/tree"
  put "$scratch/facts.json" "${STENTOR_FACTS:-{\}}"
  look "$scratch/facts.json" "$scratch/tree" never
  report_look
  if grep -q "^$rev " "$S/reverted" 2>/dev/null; then
    say "tried $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f2-)"
  fi
  [ ! -s "$scratch/status" ] ||
    cz "$scratch/facts.json" "$scratch/tree" diff --use-builtin-diff --refresh-externals=never 2>/dev/null |
    lines diff
  if grep -rqE '\.chezmoi\.(sourceDir|sourceFile|workingTree)' "$scratch/tree" 2>/dev/null; then
    say "warning a template uses chezmoi's source path, which differs while a change is pending"
  fi
  finish 0
}

preview_rollback() { # what a rollback would bring: the files of the snapshots, beside those of now
  need
  scratch=$(mktemp -d) || fail "home no room for temporary files"
  trap cleanup EXIT
  trap 'cleanup; exit 130' HUP INT TERM
  N=$scratch
  report_pending
  say "applied $(value "$S/applied")"
  collect_history "$S/history"
  put "$N/facts.json" "$(cat "$S/facts.json" 2>/dev/null || echo '{}')"
  cat "$N"/restore/*/targets 2>/dev/null | sort -u >"$N/managed"
  edited
  sed 's/^/conflict edited /' "$N/edited"
  mkdir "$N/before" "$N/now"
  for _dir in "$N"/restore/*; do
    [ ! -f "$_dir/present" ] || unpack "$_dir" || fail "home no room for temporary files"
  done
  while IFS= read -r _path; do
    if [ ! -h "$HOME/$_path" ] && [ ! -f "$HOME/$_path" ]; then continue; fi
    case $_path in */*) mkdir -p "$N/now/${_path%/*}" ;; esac
    cp -pP "$HOME/$_path" "$N/now/$_path" || fail "home no room for temporary files"
  done <"$N/managed"
  # git's words for it, as chezmoi's: the second column is what would be done.
  differ --name-status | sed -e 's|^\(.\)[^/]*/| \1 |' -e 's/^ T/ M/' >"$N/status"
  lines change <"$N/status"
  sed -n 's/^ D /delete /p' "$N/status"
  differ | sed -e 's|^diff --git a/[a-z]*/\(.*\) b/[a-z]*/|diff --git a/\1 b/|' -e 's|^--- a/now/|--- a/|' \
    -e 's|^+++ b/before/|+++ b/|' | lines diff
  finish 0
}

unpack() { # SNAPSHOT: over those newer than it; an older one knows better what was there before
  while IFS= read -r _path; do rm -rf "${N:?}/before/$_path"; done <"$1/absent"
  while IFS= read -r _line; do
    _path=$N/before/${_line#??}
    case $_line in
      d*) [ -d "$_path" ] || rm -f "$_path" ;;
      *) [ ! -d "$_path" ] || rm -rf "$_path" ;;
    esac
  done <"$1/present"
  for _tar in snapshot whole; do
    [ ! -f "$1/$_tar.tar" ] || (cd "$N/before" && tar -xpf "$1/$_tar.tar") || return 1
  done
}

differ() { # OPTION: between what is and what was
  (
    cd "$N" && GIT_CONFIG_GLOBAL=/dev/null git -c core.quotePath=false diff --no-index --no-renames --no-color \
      "$@" now before
  )
}
