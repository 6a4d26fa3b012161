# Files in folders that others may write to. There a name may be taken, be a link, or be another file a moment later.
# So a folder is newly made, entered, and looked at from inside; what cannot be held fast is left alone.
# uses: base

# shape FILE [L]: set its_inode, its_mode (as ls writes it), its_links and its_owner; of a link its own, unless told L.
shape() {
  # shellcheck disable=SC2046  # words are wanted
  set -- $(LC_ALL=C ls -ldni"${2-}" "$1" 2>/dev/null)
  its_inode=${1-} its_mode=${2-} its_links=${3-} its_owner=${4-}
}

# find_pwd: set `stood` to where we stand. The system is asked, not the shell, which may remember how it came here; dash
# and busybox ask the system themselves, at a `cd -P`.
# shellcheck disable=SC3013  # both have -ef
if { [ "/proc/$$/exe" -ef /bin/dash ] || [ "/proc/$$/exe" -ef /bin/busybox ]; } 2>/dev/null; then
  find_pwd() { cd -P . && stood=$PWD; }
else
  find_pwd() { if [ -x /bin/pwd ]; then stood=$(/bin/pwd -P); else stood=$(env pwd -P); fi; }
fi

# stands_in FOLDER: whether the folder in which we stand has this path, without a link on the way.
stands_in() { find_pwd && [ "$stood" = "$1" ]; }

# private_here: whether the folder in which we stand is ours, and closed to everybody else.
private_here() {
  # shellcheck disable=SC3067  # POSIX has no -O, and every sh has it
  [ -O . ] || return 1
  shape .
  case $its_mode in drwx------*) ;; *) return 1 ;; esac
}

# empty_here: whether nothing is in the folder in which we stand.
empty_here() {
  for _entry in ./* ./.[!.]* ./..?*; do
    if [ -e "$_entry" ] || [ -h "$_entry" ]; then return 1; fi
  done
}

# private_folder PATH [LETTERS]: make the folder PATH.LETTERS, for us alone, and enter it; `private` is its path, which
# has other letters where that name is taken. The umask must be 077.
private_folder() {
  private=$1.${2-}
  { [ -n "${2-}" ] && mkdir -- "$private" 2>/dev/null; } ||
    private=$(mktemp -d "$1.XXXXXXXXXXXX" 2>/dev/null) || return 1
  cd -P "$private" 2>/dev/null && stands_in "$private" && private_here && empty_here
}

# steady NAME: whether nobody else can put something else in the place of NAME in the folder in which we stand.
steady() {
  shape .
  # shellcheck disable=SC3067  # as above
  if [ "$its_owner" != 0 ] && [ ! -O . ]; then return 1; fi
  case $its_mode in
    ?????w???[tT]* | ????????w[tT]*)
      _me=$(id -u)
      shape "./$1"
      [ "$its_owner" = "$_me" ]
      ;;
    ?????w* | ????????w*) return 1 ;;
  esac
}

# set_attributes MODE TIME NAME: of a file or folder in the folder in which we stand, never of what a link leads to. A
# name that is not steady is opened, and the open file compared with the name: it is this file, and has no other name.
set_attributes() {
  if steady "$3"; then
    [ ! -h "./$3" ] && chmod "$1" "./$3" && TZ=UTC0 touch -t "$2" "./$3"
    return
  fi
  shape "./$3"
  case $its_mode in [-d]*) ;; *) return 1 ;; esac
  _named=$its_inode:$its_mode:$its_owner
  {
    shape /proc/self/fd/3 L
    [ "$its_inode:$its_mode:$its_owner" = "$_named" ] || return 1
    case $its_mode:$its_links in d* | -*:1) ;; *) return 1 ;; esac
    chmod "$1" /proc/self/fd/3 && TZ=UTC0 touch -t "$2" /proc/self/fd/3
  } 2>/dev/null 3<"./$3"
}
