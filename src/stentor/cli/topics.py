"""What is not about one command: ``stentor help TOPIC``."""

# docs/selectors.md and docs/exit-codes.md say the same at length; tests compare them.
TOPICS: dict[str, tuple[str, str]] = {
    "selectors": (
        "how nodes are named",
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

stentor run --max-rc has the largest exit code of any node, as clush has.
""",
    ),
    "output": (
        "where what is said goes, and in which form",
        """\
Results go to stdout, all else to stderr. Not to a terminal, output is plain.

  --json     JSON Lines, on all that reports; stentor schema and docs/json.md
  NO_COLOR   set: no colours
  COLUMNS    the width of tables and of help
  STENTOR_PLAIN=1   for screen readers: no colours, no rules between nodes, no
             line that is drawn again; so it is with TERM=dumb
""",
    ),
    "files": (
        "what stentor reads and keeps",
        """\
  ssot/nodes.yaml           the nodes: in the directory of --fleet or
                            $STENTOR_FLEET, else found upward from here
  ssot/policy.yaml          defaults, rollouts, hooks, the journal's length
  ~/.local/state/stentor    the journal, and practice fleets ($XDG_STATE_HOME)
  ~/.cache/stentor          compiled fleets; may be removed at any time
  $XDG_RUNTIME_DIR/stentor  sockets of the warm connections

On nodes: ~/.local/state/stentor, for locks and changes that can be reverted.
""",
    ),
    "safety": (
        "what is asked, tried first, and taken back",
        """\
  guard       lines that can destroy are questioned before they are sent
  --dry-run   shows what would be done, and touches nothing
  --canary    one node first; --waves 1,5,25% the others, more at a time
  --gate      a command that must succeed on a wave before the next begins
  confirm     dotfiles are reverted by the node unless a new login confirms them
  rerun       stentor rerun ID --unfinished goes on where something stopped
""",
    ),
}
