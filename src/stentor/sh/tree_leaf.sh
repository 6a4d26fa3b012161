# Run a command on a node behind gateways: say when it begins and how it ends, and encode what it writes, since
# ClusterShell keeps neither carriage returns nor the end of a last line.

# tree_leaf WORD COMMAND: every line that is ours begins with the word. `b`: the command begins, with the process
# group and where the login came to; `o` and `e`: a piece of its stdout or stderr; `x`: its exit code.
tree_leaf() {
  word=$1 command=$2
  set -f
  # shellcheck disable=SC2086  # words are wanted
  set -- ${SSH_CONNECTION:-}
  place=${3:-}:${4:-}
  exec </dev/null
  outlive
  by_perl
  printf '%s b %s %s\n' "$word" "$$" "$place"
  exec 5>&1 6>&2
  find_coder
  code=$(
    {
      {
        {
          outlive
          begin 2>/dev/null
          printf '%s\n' "$?" >&3
        } | encode "$word o " >&5 3>&- 4>&-
      } 4>&1 | encode "$word e " >&6 3>&-
    } 3>&1
  )
  printf '%s x %s\n' "$word" "$code"
}

# by_perl: all of it in one process, where there is Perl, instead of some fifteen; returns where nothing was begun.
by_perl() {
  [ -z "${PERL5OPT+x}${PERL5DB+x}${PERL_UNICODE+x}" ] && command -v perl >/dev/null 2>&1 || return 0
  _lang=${PERL_BADLANG-} # without it Perl warns of locales that are not there
  PERL_BADLANG=0 perl -e "$_perl" "$word" "$$" "$place" "$command" "$_lang"
  case $? in 126 | 127) ;; *) exit ;; esac
}

# shellcheck disable=SC2016  # for Perl
_perl='
  ($word, $group, $place, $command, $lang) = @ARGV;
  @ends = qw(TERM HUP INT);
  $SIG{$_} = sub {} for @ends;
  sub put {
    my ($to, $line) = @_;
    while (length $line) {
      my $count = syswrite $to, $line;
      if (defined $count) { substr($line, 0, $count) = "" } elsif ($! != 4) { exit 1 }
    }
  }
  # What is packed by "u" is base64 with other letters, and a length in front of each line.
  sub coded {
    my $coded = pack "u", $_[0];
    $coded =~ s/^.//mg;
    $coded =~ tr(`!-_\n)(AB-Za-z0-9+/)d;
    my $rest = -length($_[0]) % 3;
    substr($coded, -$rest) = "=" x $rest if $rest;
    "$coded\n";
  }
  put *STDOUT, "$word b $group $place\n";
  pipe($out, $to_out) && pipe($err, $to_err) && defined($child = fork) or do {
    put *STDERR, "$word e " . coded("no process can be started: $!\n");
    put *STDOUT, "$word x 254\n";
    exit;
  };
  if (!$child) {
    $SIG{$_} = "DEFAULT" for @ends;
    open STDOUT, ">&", $to_out;
    open STDERR, ">&", $to_err;
    delete $ENV{SHLVL};
    $lang eq "" ? delete $ENV{PERL_BADLANG} : ($ENV{PERL_BADLANG} = $lang);
    $shell = $ENV{SHELL} || "/bin/sh";
    exec { $shell } $shell, "-c", $command;
    put *STDERR, "$shell: $!\n";
    exit($! == 2 ? 127 : 126);
  }
  close $to_out;
  close $to_err;
  %open = (fileno $out, [$out, *STDOUT, "o"], fileno $err, [$err, *STDERR, "e"]);
  while (%open) {
    $ready = "";
    vec($ready, $_, 1) = 1 for keys %open;
    next if select($ready, undef, undef, undef) < 1;
    for (grep { vec($ready, $_, 1) } keys %open) {
      ($from, $to, $tag) = @{$open{$_}};
      $count = sysread $from, $data, 32768;
      if ($count) { put $to, "$word $tag " . coded($data) }
      elsif (defined $count) { delete $open{$_} }
    }
  }
  1 while waitpid($child, 0) < 0 && $! == 4;
  put *STDOUT, "$word x " . ($? & 127 ? 128 + ($? & 127) : $? >> 8) . "\n";
'

# outlive: what ends the command does not end this program. A trap, unlike an ignored signal, is not inherited.
outlive() { trap : TERM HUP INT; }

# begin: by the login shell, which reads its files as at a login of its own. What this sh says of a command that was
# killed is not the command's, so stderr is the command's only in here.
begin() (
  exec 2>&4 3>&- 4>&- 5>&- 6>&-
  trap - TERM HUP INT
  unset SHLVL
  exec "${SHELL:-/bin/sh}" -c "$command"
)

# find_coder: base64 in one line, base64 in many, or digits.
find_coder() {
  coder='od'
  if base64 -w0 </dev/null >/dev/null 2>&1; then
    coder='base64 -w0'
  elif command -v base64 >/dev/null; then
    coder='base64'
  fi
}

# encode TAG: each piece as soon as it comes. Few processes: a command's whole answer is often one line.
encode() {
  trap '' TERM HUP INT
  while piece=$(dd bs=32768 count=1 2>/dev/null | coded) && [ -n "$piece" ]; do
    printf '%s%s\n' "$1" "$piece"
  done
}

coded() {
  case $coder in
    *-w0) exec base64 -w0 ;;
    base64) base64 | tr -d '\n' ;;
    od)
      piece=$(od -An -v -tx1 | tr -d ' \n')
      printf '%s' "${piece:+=$piece}"
      ;;
  esac
}
