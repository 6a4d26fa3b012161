# What is known of each shell, and whether anything of it is odd.
# uses: base

# Is anything odd about the shells, so that it is worth knowing which files they read?
odd() {
  [ ! -s "$D/ssh.stdout" ] || return 0
  for kind in ssh login interactive both; do [ -s "$D/$kind.out" ] || return 0; done
  read -r start <"$D/ssh.begin"
  awk -v start="$start" '
    BEGIN {
      split("/usr/local/bin /usr/bin /bin /usr/local/sbin /usr/sbin /sbin " \
        "/usr/games /usr/local/games /snap/bin", all, " ")
      for (i in all) system_[all[i]] = 1 }
    FNR == 1 { kinds++ }
    $1 == "up" { took = $2 - start; if (took > 1.5) late = 1 }
    # What it waited for a processor is not its own; see Shell.waited.
    $1 == "cpu" && $6 > 0 {
      worked = ($2 + $3 + $4 + $5) / 100; if (worked < $6 / 1e9) worked = $6 / 1e9
      if (took - worked * $7 / $6 <= 1.5) late = 0
    }
    $1 == "path" && late { odd = 1 }
    $1 == "command" && NF < 3 { odd = 1 }
    $1 == "done" { ready++ }
    $1 == "path" {
      count = split(substr($0, 6), entries, ":"); own = ""
      for (i = 1; i <= count; i++) if (!(entries[i] in system_)) own = own ":" entries[i]
      if (kinds > 1 && own != first) odd = 1
      first = own
      if (index(":" $2 ":", ":/usr/bin:") + index(":" $2 ":", ":/bin:") == 0) odd = 1
      local = index(":" $2 ":", ":/usr/local/bin:")
      if (kinds == 1) ssh_has_local = local
      else if (ssh_has_local && !local) odd = 1
    }
    END { exit !(odd || ready < 4) }
  ' "$D/ssh.out" "$D/login.out" "$D/interactive.out" "$D/both.out"
}

# What is known of each shell.
tell_shells() {
  set --
  for kind in $jobs; do
    case $kind in do-* | trace-*) continue ;; esac
    [ ! -s "$D/$kind.stdout" ] || set -- "$@" "$D/$kind.stdout"
  done
  [ $# -eq 0 ] || wc -c "$@" >"$D/lengths" 2>/dev/null
  # shellcheck disable=SC2016
  awk -v dir="$D" -v jobs="$jobs" -v limit="$limit" '
    function first(file, skip,   line, lines) {
      while (lines++ < 40 && (getline line < file) > 0)
        if (line != "" && !(skip && line ~ no_terminal)) {
          close(file); return substr(line, 1, 120)
        }
      close(file)
      return ""
    }
    function tell(kind,   file, line) {
      file = dir "/" kind
      line = ""
      if (there(file ".hung")) print "shell " kind " hung " limit
      else { getline line < (file ".code"); print "shell " kind " code " line }
      while ((getline line < (file ".out")) > 0) print "shell " kind " " line
      line = ""; getline line < (file ".begin"); print "shell " kind " begin " line
      print "shell " kind " stdout_bytes " bytes[kind] + 0
      print "shell " kind " stdout " first(file ".stdout", 0)
      print "shell " kind " stderr " first(file ".stderr", 1)
    }
    function there(file,   line, found) { found = (getline line < file) >= 0; close(file); return found }
    BEGIN {
      no_terminal = "cannot set terminal process group|no job control in this shell|can.t access tty|" \
        "Could not set up terminal|TERM environment variable"
      while ((getline line < (dir "/lengths")) > 0) {
        split(line, words, " "); sub(/.*\//, "", words[2]); sub(/[.]stdout$/, "", words[2]); bytes[words[2]] = words[1]
      }
      count = split(jobs, job, " ")
      for (i = 1; i <= count; i++) if (job[i] !~ /^(do|trace)-/) tell(job[i])
    }
    FILENAME == ARGV[2] && FNR == 2 && NF > 5 { print "home_mount " $NF }
    FNR > 1 && NF > 5 && /%/ { used = $(NF - 1); sub("%", "", used)
      if ($(NF - 4) > 0 && !seen[$NF]++) print "disk " used " " $(NF - 2) " " $(NF - 4) " " $NF }
  ' "$D/do-disks.stdout" "$D/do-home-disk.stdout"
  character_sets
}

# The character set which comes of each kind of locale that a shell has, and whether the node has it.
character_sets() {
  has locale || return 0
  seen='|'
  for file in "$D"/*.out; do
    [ -f "$file" ] || continue
    while IFS= read -r line; do
      case $line in 'words'*) break ;; esac
    done <"$file"
    case "$line:$seen" in
      words*:*"|$line|"*) continue ;;
      words*) seen="$seen$line|" ;;
      *) continue ;;
    esac
    # shellcheck disable=SC2086
    "$ENV_PROGRAM" -i "PATH=$PATH" ${line#words} locale charmap >"$D/charmap" 2>&1
    missing=no charmap=
    while IFS= read -r text; do
      case $text in *'Cannot set'*) missing=yes ;; *:*) ;; *) charmap=$text ;; esac
    done <"$D/charmap"
    say "charmap $missing $charmap|${line#words}"
  done
}
