"""What is not about one command: ``stentor help TOPIC``."""

# docs/selectors.md and docs/exit-codes.md say the same at length; tests compare them.
TOPICS: dict[str, tuple[str, str]] = {
    "selectors": (
        "how to name nodes",
        """\
  crtr,prtr           these nodes, by alias or full name
  @gpu                a group; @all is every node
  '@all!@pseudo'      the first without the second
  '@core&@gpu'        those in both; ^ is those in one, but not in both
  'node[1-40]'        a range; 'node*' and '?rtr' are wildcards
  %role=gpu           by an attribute: role, arch, phase, state, address, vars
  @self               this machine
  @failed, @ok, @unreachable, @missing, @last
                      by the last operation; @failed:12 by operation 12
  @up, @down          by a ping now

Operators are applied from left to right. Quote what your shell would expand.
See what a selector names: stentor nodes -1 SELECTOR
""",
    ),
    "exit-codes": (
        "what scripts can rely on",
        """\
  0    every node is ok, or was skipped because it is expected to be down
  1    on at least one node the command failed, was killed, or ran out of time
  2    the command line asks for something that does not exist
  3    the fleet's files cannot be found or read, or have faults
  4    no command failed, but at least one node was not reached
  6    stentor refused; the hint says what would change that
  69   a program that stentor starts (ssh, tmux, git, ...) is not installed
  70   something failed on this machine (the disk, the output, a program), as
       the message says; "internal error" is a fault of stentor: report it
  130  you stopped it, and nothing worse happened
  141  the reader of the output (head, less) has gone

'stentor run --max-rc' exits with the largest code of any node, as clush does.
""",
    ),
    "output": (
        "stdout and stderr, JSON, colours and width",
        """\
Results are written to stdout, everything else to stderr. If the output is not
a terminal, it is plain.

  --json     JSON Lines: 'stentor schema json' and docs/json.md
  NO_COLOR   set: no colours
  COLUMNS    the width of tables and of help
  STENTOR_PLAIN=1   for screen readers: no colours, no rules between nodes, no
             line that is drawn again; TERM=dumb does the same
""",
    ),
    "files": (
        "what stentor reads and keeps",
        """\
  ssot/nodes.yaml           the nodes: in the directory of --fleet or
                            $STENTOR_FLEET, else found upward from here, else
                            in ~/.config/stentor
  ssot/policy.yaml          settings: rollout, guard, dotfiles, journal, ...
  ssot/services.yaml        services and web names
  ssot/known_hosts          host keys that the fleet has accepted
  ~/.local/state/stentor    the journal, and practice fleets ($XDG_STATE_HOME)
  ~/.cache/stentor          compiled fleets; may be removed at any time
  $XDG_RUNTIME_DIR/stentor  sockets of the warm connections

On nodes: ~/.local/state/stentor, for locks and changes that can be reverted.
""",
    ),
    "safety": (
        "guard, canary, waves, gates and reverting",
        """\
  guard       asks before a dangerous line is sent to several nodes
  --dry-run   shows what would be done, and touches nothing
  --canary    one node first; --waves 1,5,25% the others, more at a time
  --gate      a command that must succeed on a wave before the next begins
  confirm     dotfiles are reverted by the node unless a new login confirms them
  rerun       'stentor rerun ID --unfinished' finishes what was interrupted
""",
    ),
}
