# A layer over the home: what is written there is seen by what writes it alone, and goes with it.
# uses: base

# own_ids: the numbers of this account, into `_uid` and `_gid`; that is "-" for root.
own_ids() {
  [ -z "${own_uid-}" ] || { _uid=$own_uid _gid=$own_gid; return; }
  _uid='' _gid=''
  { while read -r _word _number _; do
    case $_word in Uid:) _uid=$_number ;; Gid:) _gid=$_number && break ;; esac
  done </proc/self/status; } 2>/dev/null
  if [ -z "$_uid$_gid" ]; then
    _gid=$(id)
    _uid=${_gid#uid=} _gid=${_gid#* gid=}
    _uid=${_uid%%[!0-9]*} _gid=${_gid%%[!0-9]*}
  fi
  [ "$_uid" != 0 ] || _gid=-
  own_uid=$_uid own_gid=$_gid
}

# write_cover FOLDER: the program `cover`, started in a mount namespace of its own, with a folder FOLDER/layer there:
# sh cover UID GID TOP GIT_DIR COMMON_DIR COMMAND..., "-" for what there is not. It puts layers over the home and these
# folders, and becomes the command, as the account with these numbers. What is mounted here is seen by nobody else and
# goes with this process. Given `covered`, it notes its process and that it came so far in the files of that name.
# shellcheck disable=SC2016 # that program has the variables
write_cover() {
  say 'here=${0%/*} uid=$1 gid=$2 top=$3 git_dir=$4 common_dir=$5 layers=0
shift 5
mounts_below() { # FOLDER
  [ -r /proc/self/mountinfo ] || return 1
  folder=$1 awk "index(\$5, ENVIRON[\"folder\"] \"/\") == 1 { found = 1 } END { exit !found }" /proc/self/mountinfo
}
cover_one() { # FOLDER, or the nearest one above it which is there
  one=$1
  until [ -d "$one" ]; do one=${one%/*}; done
  layers=$((layers + 1))
  layer=$here/layer/$layers
  mkdir "$layer" "$layer/up" "$layer/work" &&
    cd "$one" && {
      mount -t overlay -o "lowerdir=.,upperdir=$layer/up,workdir=$layer/work,userxattr" stentor "$PWD" ||
        mount -t overlay -o "lowerdir=.,upperdir=$layer/up,workdir=$layer/work" stentor "$PWD"
    } 2>>"$here/unshare.err"
}
mount -t tmpfs -o mode=700 stentor "$here/layer" || exit 1
cd -P "$HOME" || exit 1
home=$PWD
if mounts_below "$home"; then
  [ "$top" != - ] || { echo "file systems are mounted below the home" >>"$here/unshare.err"; exit 1; }
  for dir in "$top" "$git_dir" "$common_dir"; do [ "$dir" = - ] || cover_one "$dir" || exit 1; done
else
  cover_one "$HOME" || exit 1
  for dir in "$top" "$git_dir" "$common_dir"; do
    case $dir/ in
      -/ | "$HOME"/* | "$home"/*) ;;
      *) cover_one "$dir" || exit 1 ;;
    esac
  done
fi
[ "$uid" = 0 ] || set -- unshare -U --map-user="$uid" --map-group="$gid" "$@"
# Where we stood is below the layer.
cd || exit 1
if [ -n "${covered-}" ]; then
  echo $$ >"$covered.pid" && echo >"$covered.covered"
fi
exec "$@"' >"$1/cover"
}
