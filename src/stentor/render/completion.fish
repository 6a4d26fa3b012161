# stentor's completion for fish. To use it: stentor completion fish | source
# or keep it: stentor completion fish >~/.config/fish/completions/stentor.fish

function __stentor_table  # prints kind, name, summary of what can be typed at the place $argv[1]
  switch $argv[1]
@TABLE@
  end
end

function __stentor_names  # kind, fleet: what the fleet has of that kind, asked anew after ten seconds
  set -l now (date +%s)
  set -l key "$PWD|$STENTOR_FLEET|$argv"
  if test "$key" != "$__stentor_key"; or test (math $now - $__stentor_when) -gt 10
    set -l fleet
    test -n "$argv[2]"; and set fleet --fleet $argv[2]
    set -g __stentor_kept (command stentor $fleet completion --words $argv[1] 2>/dev/null)
    set -g __stentor_key $key
    set -g __stentor_when $now
  end
  string join \n -- $__stentor_kept
end

function __stentor_offer  # kind, what is typed so far, the fleet, what stands before it
  set -l kind (string replace -r '\*$' '' -- $argv[1])
  switch $kind
    case 'words:*'
      string split , -- (string replace words: '' -- $kind) | string replace -r '^' -- $argv[4]
    case nodes services names
      set -l head (string replace -r '[^,!&^]*$' '' -- $argv[2])
      set -l there (string split , -- (string replace -r -a '[!&^]' , -- $head))
      for name in (__stentor_names $kind $argv[3])
        contains -- (string split -m 1 \t -- $name)[1] $there; and continue
        echo $argv[4]$head$name
      end
    case files
      __fish_complete_path $argv[4]$argv[2]
    case dirs
      __fish_complete_directories $argv[4]$argv[2]
    case command
      __fish_complete_command
  end
end

function __stentor_complete
  set -l cur (commandline -ct)
  set -l place ''
  set -l fleet ''
  set -l value ''
  set -l only_operands ''
  set -l count 0
  set -l table (__stentor_table '')
  for word in (commandline -opc)[2..-1]
    if test -n "$value"
      test "$value" = fleet; and set fleet $word
      set value ''
    else if test -n "$only_operands"
      set count (math $count + 1)
    else if test "$word" = --
      set only_operands yes
    else if string match -q -- '-*=*' $word
      string match -q -- '--fleet=*' $word; and set fleet (string replace -- --fleet= '' $word)
    else if string match -q -- '-*' $word
      set value (string match -r -g -- "^value\t$word\t(.*)" $table)[1]
      test -z "$place"; and contains -- $word -f --fleet; and set value fleet
    else if string match -q -r -- '^word\t' $table
      string match -q -r -- "^word\t$word\t" $table; or return
      set place (string trim -- "$place $word")
      set table (__stentor_table $place)
    else
      set count (math $count + 1)
      set -l passed (string match -r -g -- '^operand\t(.*)' $table)
      test $count -le (count $passed); and string match -q -- 'command*' $passed[$count]
      and set only_operands yes
    end
  end
  set -l operands (string match -r -g -- '^operand\t(.*)' $table)
  if test "$value" = fleet
    __stentor_offer dirs "$cur" "$fleet" ''
  else if test -n "$value"
    __stentor_offer $value "$cur" "$fleet" ''
  else if test -z "$only_operands"; and string match -q -- '--*=*' $cur
    set -l name (string replace -r '=.*' '' -- $cur)
    set value (string match -r -g -- "^value\t$name\t(.*)" $table)[1]
    test -n "$value"; and __stentor_offer $value (string replace -r '^[^=]*=' '' -- $cur) "$fleet" $name=
  else if test -z "$only_operands"; and string match -q -- '-*' $cur
    string match -r -g -- '^option\t(.*)' $table
  else if string match -q -r -- '^word\t' $table
    string match -r -g -- '^word\t(.*)' $table
  else if test $count -lt (count $operands)
    __stentor_offer $operands[(math $count + 1)] "$cur" "$fleet" ''
  else if string match -q -- 'command*' "$operands[-1]"
    __stentor_offer files "$cur" "$fleet" ''
  else if string match -q -- '*\*' "$operands[-1]"
    __stentor_offer $operands[-1] "$cur" "$fleet" ''
  end
end

complete -c stentor -e
complete -c stentor -f -a '(__stentor_complete)'
