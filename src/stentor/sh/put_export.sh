# A file on a node that `stentor export --all` keeps: our part of it between two markers.
# Given: first (a line that comes first in a new file, or nothing), part (from marker to marker; the whole
# file where the format has no comments), begin and end (the markers, or nothing), mode (of a new file, or nothing),
# program (True or False where the format has both kinds, or nothing).
# uses: base tools

# put_export write|check FILE: exit code 1 where check found a difference, 6 where the file is not ours.
put_export() {
  case $2 in
    [~]/*) _file=$HOME/${2#??} ;;
    /*) _file=$2 ;;
    *) _file=$HOME/$2 ;;
  esac
  if [ -L "$_file" ]; then _file=$(readlink -f "$_file"); fi
  if [ -d "$_file" ]; then
    say "$_file: is a directory; name a file" >&2
    return 6
  fi
  if [ "$1" = write ]; then
    mkdir -p "$(dirname "$_file")" || return 70
    _new=$_file.$$.new
    if ! (: >"$_new") 2>/dev/null; then
      say "$_file: cannot be written: its folder is not writable, or the disk is full" >&2
      return 70
    fi
  else
    _new=$(mktemp) || return 70
  fi
  if [ -f "$_file" ] && [ "$1" = write ]; then cp -p "$_file" "$_new" || return 70; fi
  put_export_new >"$_new"
  _code=$?
  if [ "$_code" = 0 ]; then
    if cmp -s "$_file" "$_new"; then
      say "$2 is up to date"
    elif [ "$1" = check ]; then
      say "$2 is stale"
      if [ -f "$_file" ]; then diff -u "$_file" "$_new" | tail -n +3; else diff -u /dev/null "$_new" | tail -n +3; fi
      _code=1
    else
      if [ -n "$mode" ] && [ ! -e "$_file" ]; then chmod "$mode" "$_new"; fi
      mv -f "$_new" "$_file" && say "$2 was written" || _code=70
    fi
  fi
  rm -f "$_new"
  return "$_code"
}

# put_export_new: the file as it is to be, on standard output; 6 where it is not ours.
put_export_new() {
  if [ ! -s "$_file" ]; then
    printf '%s%s' "$first" "$part"
    return 0
  fi
  if [ -z "$begin" ]; then
    IFS= read -r _old <"$_file"
    _ours=$(printf '%s' "$part" | sed -n 1p)
    if [ "$_old" = "$_ours" ]; then printf '%s' "$part"; else put_export_foreign; fi
    return
  fi
  _begin=$(tr -d '\r' <"$_file" | grep -nxF -e "$begin" | cut -d: -f1)
  _end=$(tr -d '\r' <"$_file" | grep -nxF -e "$end" | cut -d: -f1)
  case $_begin,$_end in
    ,) put_export_foreign; return ;;
    *[!0-9,]* | ,* | *,) put_export_foreign "its markers are no pair"; return ;;
  esac
  if [ "$_begin" -gt "$_end" ]; then put_export_foreign "its markers are no pair"; return; fi
  IFS= read -r _old <"$_file"
  case $program,$_old in
    False,'#!'*) put_export_foreign "is a program, and is to be read"; return ;;
    True,'#!'*) ;;
    True,*) put_export_foreign "is read, and is to be a program"; return ;;
  esac
  if [ "$_begin" -gt 1 ]; then sed -n "1,$((_begin - 1))p" "$_file"; fi
  printf '%s' "$part"
  sed -n "$((_end + 1)),\$p" "$_file"
}

put_export_foreign() {
  say "$_file: ${1:-exists and was not written by stentor}; not overwritten" >&2
  return 6
}
