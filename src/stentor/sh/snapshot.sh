# What files of the home directory were before a change, kept until it is undone.
# Given: name (of the snapshot). Works in the home directory.
# uses: base state

umask 077
cd || exit 3
state_directory snapshots
S=${state#"$HOME"/} T=$(printf '\t')

mode_of() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1" 2>/dev/null; }

# now KIND PATH: what it is.
now() {
  if [ "$1" = mode ]; then mode_of "$2" || echo absent
  elif [ -h "$2" ]; then echo link
  elif [ -f "$2" ]; then echo "$(mode_of "$2") $(cksum <"$2")"
  elif [ -e "$2" ]; then echo other
  else echo absent
  fi
}

# back KIND WAS PATH COPY: make it what it was.
back() {
  case $1:$2 in
    mode:*) chmod "$2" "$3" ;;
    contents:absent) rm -f "$3" ;;
    moved:*) [ ! -f "$4" ] || { [ ! -e "$3" ] && mv "$4" "$3"; } ;;
    *) cp -p "$4" "$3.part" && mv -f "$3.part" "$3" ;;
  esac
}
