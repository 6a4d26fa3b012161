# Where a copy goes, and how what is there is read.
# Given: into (the destination), single (the name of the one file that is copied, or nothing), make_it (a word if the
# destination may be made).
# uses: base

LC_ALL=C
export LC_ALL
unset CDPATH

# where: set base (the folder written to), make (a word if it may be made), one (a single file's name there).
where() {
  if [ -z "$single" ]; then
    base=$into make=yes one=''
  elif [ -d "$into" ] || [ -n "$make_it" ]; then
    base=$into make=$make_it one=$single
  else
    case $into in */*) base=${into%/*} ;; *) base=. ;; esac
    base=${base:-/} make='' one=${into##*/}
  fi
}

# find_sum_program: set `tool`. openssl is several times faster where the others are built without it.
find_sum_program() {
  for tool in openssl sha256sum shasum cksum; do has $tool && return; done
  tool=''
}

# sum_words: set `words` to the checksum program and its options.
sum_words() {
  case $tool in
    shasum) words='shasum -a 256' ;;
    openssl) words='openssl dgst -sha256 -r' ;;
    *) words=$tool ;;
  esac
}

# sums FILE...: their checksums, a line each; without a file that of standard input.
sums() {
  sum_words
  # shellcheck disable=SC2086  # words are wanted
  $words "$@" | sums_alone
}

sums_alone() { sed 's/^[\\]//; s/[ *].*//'; }

# unescape: what a line cannot hold is escaped in `line`.
unescape() {
  case $line in
    *\\*)
      line=$(printf '%bx' "$line")
      line=${line%x}
      ;;
  esac
}

# there: set `target` to the place of the name in `line`.
there() {
  unescape
  target=$base/${one:-$line}
}
