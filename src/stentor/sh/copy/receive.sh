# Take what is sent from standard input, and put it in place when it has arrived whole.
# Given besides: key, size, offset (bytes which are here already), expected (the checksum), tool, mac and mac_key (a
# quicker checksum and its key, or nothing), reads (a line which is said before it is read from standard input), name,
# mode, modified, seconds (the same since 1970).
# uses: copy/where copy/work

lock_take() { :; } # both are replaced where the lock is asked for
lock_give() { [ $# -eq 0 ] || rm -rf -- "$@"; }

fail() {
  printf 'stentor: %s\n' "$*" >&2
  exit 74
}

take_lock() {
  lock_take && return
  printf 'stentor: held %s\n' "$lock_token $lock_said" >&2
  exit 75
}

# Since `work` is set we stand in it. What is not needed any more goes with the lock, by one program.
tidy() {
  if [ -n "$work" ]; then
    note_of "$work"
    if [ -e ./tree ]; then set -- ./tree "./$key" "$note"
    elif empty_here; then set -- "$note"
    fi
  fi
  lock_give "$@"
  [ $# -gt 0 ] && [ -d "$work" ] || return 0
  cd .. 2>/dev/null || cd /
  rmdir "$work" "$notes" 2>/dev/null
  [ ! -d "$work" ] || { { [ -d "$notes" ] || mkdir -m 700 "$notes"; } && say "$work" >"$note"; } 2>/dev/null
}

receive() {
  where
  take_lock
  work=''
  trap tidy EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  enter_base
  last=${one:-$name}
  [ -z "$last" ] || [ ! -d "./$last" ] || fail "${into%/}/$last is a directory"
  [ -n "$name" ] || before=$(umask)
  umask 077
  make_work || fail "nothing can be written to $base/"
  clean_work "$key" "$offset"
  clean_noted
  [ "$offset" -eq 0 ] || [ -n "$ready" ] || fail "what had arrived is gone; copy again"
  store
  case $? in
    0) ;;
    100) exit 0 ;;
    *)
      rm -f "$key"
      fail "it cannot be stored (is the disk full?)"
      ;;
  esac
  check_sum
  if [ -n "$name" ]; then place_file; else place_tree; fi
}

# store: standard input, to the file. From 2 MB on by Perl, which has Linux keep 1 MB of it for us instead of 64 KB and
# says so: what does not fit, sshd keeps in a buffer which grows by a packet at a time, and is copied each time. Where
# `mac` is right, it puts a single file in place as place_file does, without five programs, and exits with 100.
store() {
  if [ "$size" -lt 2000000 ] || ! has perl; then
    [ -z "$reads" ] || say "$reads"
    cat >>"$key"
    return
  fi
  # shellcheck disable=SC2016 # perl has these variables
  perl -e '
    my ($file, $reads, $mac, $mac_key, $mode, $seconds, $place, $work, $note) = @ARGV;
    my $wide = fcntl STDIN, 1031, 1048576; # F_SETPIPE_SZ
    syswrite STDOUT, $reads . ($wide ? " wide\n" : "\n") if $reads;
    open my $to, ">>", $file or exit 1;
    my $data;
    while (my $length = sysread STDIN, $data, 131072) {
      for (my $done = 0; $done < $length;) {
        $done += syswrite($to, $data, $length - $done, $done) || exit 1;
      }
    }
    close $to or exit 1;
    exit 0 unless $mac && $place;
    open STDERR, ">", "/dev/null";
    open my $sum, "-|", "openssl", "mac", "-in", $file, "-macopt", "hexkey:$mac_key", "POLY1305" or exit 0;
    exit 0 unless <$sum> eq "$mac\n";
    exit 0 unless chmod(oct $mode, $file) && utime($seconds, $seconds, $file) && rename $file, "../$place";
    chdir ".." && rmdir $work && unlink($note) && $note =~ s{/[^/]*$}{} && rmdir $note;
    exit 100;
    ' -- "$key" "$reads" "$mac" "$mac_key" "$mode" "$seconds" "${name:+$last}" "$work" "$note"
}

# A link of the user's own is followed, or the system's; one that somebody else made in a folder open to all is not.
enter_base() {
  if [ -h "$base" ]; then
    shape "$base"
    case $its_mode:$its_owner in
      [!l]* | l*:0 | l*:"$(id -u)") ;;
      *) fail "$base is a link that another user made" ;;
    esac
  fi
  [ -d "$base" ] || [ -z "$make" ] || mkdir -p "$base"
  [ -d "$base" ] || [ ! -e "$base" ] || fail "$base is a file, and no directory"
  [ -d "$base" ] || fail "there is no directory $base"
  cd -P "$base" || exit 74
  find_pwd
  base=${stood%/}
}

check_sum() {
  if [ -n "$mac" ] && [ "$(openssl mac -in "$key" -macopt "hexkey:$mac_key" POLY1305 2>/dev/null)" = "$mac" ]; then
    return
  fi
  sum_words
  # shellcheck disable=SC2086  # words are wanted
  sum=$($words <"$key")
  [ "${sum%%[ *]*}" != "$expected" ] || return 0
  have=$(($(wc -c <"$key")))
  if [ $have -eq 0 ]; then
    rm -f "$key"
    fail "nothing of $size bytes came; does a start-up file of the login shell read them (see .bashrc)?"
  fi
  [ $have -ge "$size" ] || fail "only $have of $size bytes came; the next copy goes on from there"
  rm -f "$key"
  fail "the checksum is wrong; what arrived was not put in place"
}

place_file() {
  chmod "$mode" "$key" && TZ=UTC0 touch -t "$modified" "$key" || fail "its mode and time cannot be set"
  # Where mv has no -T, a directory that came to be since we looked would take the file in.
  mv -fT "$key" "../$last" 2>/dev/null || { [ ! -d "../$last" ] && mv -f "$key" "../$last"; } ||
    fail "$base/$last cannot be put in place"
}

# What is done elsewhere is done by a shell of its own: this one stays in the work folder.
place_tree() {
  umask "$before" && tar -xpof "$key" || {
    rm -f "$key"
    fail "it cannot be unpacked (is the disk full?)"
  }
  (
    place "$work/tree/files" "$base" ||
      fail "not everything can be put into $base; is it a folder that nodes share?"
  ) || exit
  [ ! -s tree/after ] || (set_all <tree/after) || fail "modes and times cannot be set"
}

# place FROM TO: each entry by renaming, folders which are there already entry by entry; `from` is FROM then. TO is
# entered, and must be where its name says: no link on the way is followed.
place() {
  for file in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -h "$2/${file##*/}" ] && [ -d "$file" ] && [ ! -h "$file" ]; then
      fail "$2/${file##*/} is a link, and no directory"
    elif [ -d "$file" ] && [ ! -L "$file" ] && [ -d "$2/${file##*/}" ]; then
      place "$file" "$2/${file##*/}" && rmdir "$from" || return 1
    elif [ -d "$2/${file##*/}" ] && [ ! -L "$2/${file##*/}" ] && { [ -e "$file" ] || [ -L "$file" ]; }; then
      fail "$2/${file##*/} is a directory"
    fi
  done
  from=$1
  cd -P "${2:-/}" && stands_in "${2:-/}" || return 1
  set --
  for file in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    [ -e "$file" ] || [ -L "$file" ] || continue
    set -- "$@" "$file"
    [ $# -lt 100 ] || { mv -f "$@" ./ || return 1; set --; }
  done
  [ $# -eq 0 ] || mv -f "$@" ./
}

# set_all: modes and times, from lines "MODE TIME NAME/" on standard input; names are escaped as `there` reads them.
set_all() {
  stands=''
  while read -r bits when line; do
    line=${line%/}
    unescape
    case $line in */*) folder=$base/${line%/*} ;; *) folder=${base:-/} ;; esac
    if [ "$stands" != "$folder" ]; then
      cd -P "$folder" && stands_in "$folder" || return 1
      stands=$folder
    fi
    set_attributes "$bits" "$when" "${line##*/}" || return 1
  done
}

# set_only: nothing is sent; the one file gets its mode and time.
set_only() {
  where
  take_lock
  trap lock_give EXIT
  cd -P "$base" && set_attributes "$mode" "$modified" "$one" && exit 0
  printf 'stentor: its mode and time cannot be set\n' >&2
  exit 74
}
