"""In which waves an operation goes: the fleet's policy, with what the caller asks for put in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stentor.errors import UsageError, filled
from stentor.typed import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from stentor.fleet.model import Fleet, Node
    from stentor.rollout.plan import Plan
    from stentor.rollout.policy import Policy


class RolloutOptions(NamedTuple):
    """How a change is rolled out, where that is not left to the policy; None leaves it."""

    canary: str | None = None  # a selector of the nodes that go first
    waves: str | None = None  # sizes of the waves: ``5``, ``25%``, ``1,5,25%``
    last: str | None = None  # a selector of the nodes that go after all others, one by one
    max_failures: str | None = None  # tolerate this many failed nodes: ``1``, ``10%``
    # Commands that must succeed on a wave's nodes before the next begins.
    gates: tuple[str, ...] | None = None
    pause: str | None = None  # time between waves: ``30s``
    unreachable: str | None = None  # whether a node that was not reached counts as failed: ``fail`` or ``ok``
    at_once: int | None = None  # so many nodes at once, whatever the policy's limit
    # ``revert`` takes back what is done when the rollout stops.
    on_failure: Literal["stop", "revert"] | None = None

    @property
    def asked(self) -> bool:
        """Whether any of them asks for waves."""
        return any(value is not None for value in self._replace(at_once=None, on_failure=None))

    @property
    def words(self) -> tuple[str, ...]:
        """The options as they are typed for other nodes, without those that name nodes."""
        given: dict[str, object] = {
            "--waves": self.waves,
            "--max-failures": self.max_failures,
            "--pause": self.pause,
            "--unreachable": self.unreachable,
            "--at-once": self.at_once,
            "--on-failure": self.on_failure,
        }
        pairs = [(name, str(value)) for name, value in given.items() if value is not None]
        pairs += [("--gate", gate) for gate in self.gates or ()]
        return tuple(word for pair in pairs for word in pair)


DEFAULT = RolloutOptions()


def plan_for(
    fleet: Fleet,
    nodes: Sequence[Node],
    options: RolloutOptions = DEFAULT,
    *,
    select: Callable[[str], Sequence[Node]],
    run: bool = False,
    can_lock_out: bool = False,
) -> Plan | None:
    """Return the waves of an operation; None if it goes to all nodes at once.

    Args:
        run: an ordinary command: it goes in waves only if the options or the policy ask for it.
        can_lock_out: a canary is required.

    Raises:
        Refused: the policy forbids so many at once.
        UsageError: an option is malformed.
        SelectorError: an option names nodes that do not exist.
    """
    asked = options.asked
    if run and not asked and not fleet.policy.rollout:
        return None
    from stentor.rollout.plan import plan
    from stentor.rollout.policy import policy_of

    names = [node.alias for node in nodes]
    # Whoever asks for waves gets the rest of the policy's caution with them.
    policy = policy_of(fleet, names, run=run and not asked)
    if policy.staged:
        # Who is last (the gateway) is so in every run that goes in waves, whatever group asks for them.
        policy = policy._replace(last=policy_of(fleet, names, run=False).last)
    policy = _with_options(policy, names, options, select)
    down = [node.alias for node in nodes if node.expected_down]
    made = plan(names, policy, expected_down=down, at_once=options.at_once, canary_required=can_lock_out)
    if options.on_failure:
        made = made._replace(on_failure=options.on_failure)
    return made if asked or policy.staged or not run else None


def _with_options(
    policy: Policy, names: list[str], options: RolloutOptions, select: Callable[[str], Sequence[Node]]
) -> Policy:
    from stentor import durations
    from stentor.fleet.policy.values import option, parse_share, parse_wave_sizes

    given = {"--canary": options.canary, "--waves": options.waves, "--last": options.last}
    for name, text in (*given.items(), *(("--gate", gate) for gate in options.gates or ())):
        if text is not None:
            filled(text, name)
    if options.canary is not None:
        policy = policy._replace(canary=_chosen(select, options.canary, names, "--canary"))
    if options.last is not None:
        policy = policy._replace(last=_chosen(select, options.last, names, "--last"))
    if options.waves is not None:
        policy = policy._replace(waves=option("--waves", parse_wave_sizes, options.waves))
    if options.max_failures is not None:
        policy = policy._replace(max_failures=option("--max-failures", parse_share, options.max_failures))
    if options.gates is not None:
        policy = policy._replace(gates=options.gates)
    if options.pause is not None:
        policy = policy._replace(pause=option("--pause", durations.parse, options.pause))
    if options.unreachable is not None:
        policy = policy._replace(count_unreachable=options.unreachable == "fail")
    return policy


def _chosen(
    select: Callable[[str], Sequence[Node]], text: str, names: list[str], option: str
) -> tuple[str, ...]:
    found = {node.alias for node in select(text)}
    chosen = tuple(name for name in names if name in found)
    if not chosen:
        raise UsageError(
            f"{option} {text}: not among the selected nodes", hint="name one of " + ", ".join(names[:8])
        )
    return chosen
