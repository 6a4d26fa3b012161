# Temporary folders of this program on a node. The name holds the process that made it, so that the next one can tell
# which were left by programs that were killed.
# uses: base private

# scratch_folder [PARENT]: make a new one, for us alone; `made` is its path.
scratch_folder() {
  _parent=${1:-${TMPDIR:-/tmp}}
  drop_abandoned "$_parent"
  made=$(umask 077 && mktemp -d "$_parent/stentor.$$.XXXXXX" 2>/dev/null)
}

# drop_abandoned PARENT: ours, whose process lives no more. A process of another container is not seen from here, and
# may share the folder: none that is younger than an hour is touched.
drop_abandoned() {
  set -- "$1"/stentor.[0-9]*.??????
  for _old in "$@"; do
    shift
    [ -d "$_old" ] && [ ! -h "$_old" ] || continue
    _process=${_old##*/stentor.}
    _process=${_process%.*}
    case $_process in *[!0-9]*) continue ;; esac
    kill -0 "$_process" 2>/dev/null || set -- "$@" "$_old"
  done
  [ $# -gt 0 ] || return 0
  find "$@" -prune -mmin +60 2>/dev/null | while IFS= read -r _old; do
    # We stand in it, so that it is this folder that is emptied whatever becomes of its name.
    (cd -P "$_old" 2>/dev/null && stands_in "$_old" && private_here && rm -rf ./* ./.[!.]* ./..?*)
    rmdir "$_old" 2>/dev/null
  done
}
