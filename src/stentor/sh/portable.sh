# What not every system has: flock, timeout, setsid and /proc. macOS and the BSDs have perl in their place (git itself
# comes with it there), smaller Linuxes python3; the programs below do the same in both.
# uses: base

# lacks_tools: names, as one line, what of flock, timeout and setsid is missing and cannot be replaced here.
lacks_tools() {
  has perl || has python3 || for _tool in flock timeout setsid; do has "$_tool" || printf '%s ' "$_tool"; done
}

# own_session COMMAND...: the command takes the place of this shell, in a session of its own: only behind a "&", where
# $! is then its group too.
own_session() {
  if has setsid; then exec setsid "$@"; fi
  if has perl; then exec perl -MPOSIX -e 'POSIX::setsid(); exec { $ARGV[0] } @ARGV; exit 127' -- "$@"; fi
  exec python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

# limited SECONDS COMMAND...: its exit code, or 124 after that time; then its group has got TERM, and KILL five seconds
# later. As timeout of GNU does it.
limited() { (limited_as group "$@"); }

# limited_as group|session SECONDS COMMAND...: it takes the place of this shell, in a group or a session of its own.
limited_as() {
  if has timeout; then
    _way=$1
    shift
    [ "$_way" = group ] || own_session timeout -k 5 "$@"
    exec timeout -k 5 "$@"
  elif has perl; then
    # shellcheck disable=SC2016 # perl has these variables
    exec perl -MPOSIX -e '
      my ($way, $seconds) = splice @ARGV, 0, 2;
      if ($way eq "session") { POSIX::setsid() } else { POSIX::setpgid(0, 0) }
      defined(my $child = fork) or exit 125;
      if (!$child) { exec { $ARGV[0] } @ARGV; exit 127 }
      my $late = 0;
      $SIG{ALRM} = sub {
        if ($late++) { kill "KILL", -getpgrp() } else { $SIG{TERM} = "IGNORE"; kill "TERM", -getpgrp(); alarm 5 }
      };
      alarm $seconds;
      while (waitpid($child, 0) != $child) { last if $! == POSIX::ECHILD() }
      exit($late ? 124 : $? & 127 ? 128 + ($? & 127) : $? >> 8)' -- "$@"
  fi
  exec python3 -c '
import os, signal, sys
way, seconds, *command = sys.argv[1:]
os.setsid() if way == "session" else os.setpgid(0, 0)
child = os.fork()
if not child:
    try:
        os.execvp(command[0], command)
    finally:
        os._exit(127)
told = []
def late(*_):
    if told:
        os.killpg(0, signal.SIGKILL)
    told.append("late")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    signal.alarm(5)
signal.signal(signal.SIGALRM, late)
signal.alarm(int(seconds))
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(124 if told else 128 - code if code < 0 else code)' "$@"
}

# lock_number NUMBER [wait]: lock the file that is open there; fails if somebody else has it and we do not wait. The
# lock is the open file's, so that it is held as long as anybody has it open, whoever took it.
lock_number() {
  if has flock; then
    if [ "${2-}" = wait ]; then flock "$1"; else flock -n "$1"; fi
  elif has perl; then
    # shellcheck disable=SC2016 # perl has these variables
    perl -MFcntl=:flock -e '
      open(my $file, ">&=", $ARGV[0]) or exit 2;
      exit(flock($file, LOCK_EX | (@ARGV > 1 ? 0 : LOCK_NB)) ? 0 : 1)' -- "$@"
  else
    python3 -c '
import fcntl, sys
try:
    fcntl.flock(int(sys.argv[1]), fcntl.LOCK_EX | (0 if len(sys.argv) > 2 else fcntl.LOCK_NB))
except OSError:
    sys.exit(1)' "$@"
  fi
}

# words_of PROCESS: its command line, with blanks between the words; nothing if it does not live.
words_of() {
  if [ -r /proc/self/cmdline ]; then
    tr '\0' ' ' 2>/dev/null <"/proc/${1:-0}/cmdline"
  else
    ps -ww -o args= -p "${1:-0}" 2>/dev/null
  fi
}

# runs PROCESS WORD NEXT: whether its command line has these two. Most shells leave out the zeros between words, which
# saves a process; the others are asked again.
runs() {
  _words=''
  while IFS= read -r _line || [ -n "$_line" ]; do
    _words=$_words$_line # a word may have several lines
  done 2>/dev/null <"/proc/${1:-0}/cmdline"
  case $_words in *"$2$3"*) return 0 ;; esac
  case $(words_of "$1") in *"$2 $3"*) ;; *) return 1 ;; esac
}

# is_zombie PROCESS: whether it has ended, and nobody has asked for its exit code yet.
is_zombie() {
  if [ -r /proc/self/stat ]; then
    _state=$(sed 's/.*) //;s/ .*//' "/proc/$1/stat" 2>/dev/null)
  else
    _state=$(ps -o stat= -p "$1" 2>/dev/null)
  fi
  case $_state in Z*) ;; *) return 1 ;; esac
}

# unbase64: standard input, decoded. The letter is another one on older macOS.
unbase64() {
  if [ -r /proc/self/cmdline ] || [ "$(printf 'eA==' | base64 -d 2>/dev/null)" = x ]; then base64 -d; else base64 -D; fi
}
