"""What is dangerous is confirmed before it is sent, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from stentor.errors import Refused, UsageError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Guard, GuardPart, GuardRule
from stentor.guard.calls import Finding
from stentor.operation.guarding import Confirm, Danger, confirm_power, guard_all, refuse, said_in_advance
from stentor.rollout.sent import Sent

FLEET = Fleet("/f", {n: Node(n, "") for n in "abc"}, {"all": ("a", "b", "c")})
DANGER = Danger(("a", "b"), (Finding("rm", "rm -rf /", "deletes everything"),))


def guard(fleet: Fleet, nodes: str, text: str, confirm: Confirm, stdin: str | None = None) -> Any:
    return guard_all(fleet, nodes, [Sent(text, stdin)], confirm)


def test_harmless_lines_are_not_questioned() -> None:
    assert guard(FLEET, "abc", "uptime", refuse) == ()


def test_one_node_is_never_questioned() -> None:
    assert guard(FLEET, "a", "rm -rf /", refuse) == ()
    confirm_power("a", "reboot", refuse)


def test_dangerous_lines_are_sent_only_when_confirmed() -> None:
    asked: list[Danger] = []

    def yes(danger: Danger) -> bool:
        asked.append(danger)
        return True

    found = guard(FLEET, "abc", "rm -rf /", yes)
    assert asked == [Danger(("a", "b", "c"), found)]
    with pytest.raises(Refused, match="not confirmed; nothing was sent"):
        guard(FLEET, "abc", "rm -rf /", lambda _: False)


def test_standard_input_of_a_shell_is_read_too() -> None:
    with pytest.raises(Refused):
        guard(FLEET, "abc", "sh", refuse, stdin="rm -rf /\n")


def test_refusal_says_how_many_nodes_and_how_to_confirm() -> None:
    with pytest.raises(Refused, match=r"dangerous on 2 nodes: rm -rf /: deletes everything") as caught:
        refuse(DANGER)
    assert caught.value.hint == "to confirm without a question: --yes-really 2"


def test_refusal_counts_further_findings() -> None:
    with pytest.raises(Refused, match=r"\(and 1 more\)"):
        refuse(DANGER._replace(findings=DANGER.findings * 2))


@pytest.mark.parametrize("number", [2, "2", " 2 "])
def test_number_said_in_advance_confirms(number: int | str) -> None:
    assert said_in_advance(number)(DANGER)


def test_wrong_number_said_in_advance_is_an_error() -> None:
    with pytest.raises(UsageError, match="3 nodes were confirmed, but 2 are selected"):
        said_in_advance(3)(DANGER)


def test_power_of_several_nodes_is_confirmed() -> None:
    with pytest.raises(Refused):
        confirm_power("ab", "reboot", refuse)
    confirm_power("ab", "reboot", said_in_advance(2))


def test_two_nodes_are_questioned() -> None:
    with pytest.raises(Refused):
        guard(FLEET, "ab", "rm -rf /", refuse)


def test_rules_of_the_fleet_are_about_harmless_lines_too() -> None:
    rule = GuardRule(name="ours", pattern="uptime", reason="a rule of ours")
    fleet = FLEET._replace(policy=Policy(guard=Guard(rules=(rule,))))
    with pytest.raises(Refused, match="a rule of ours"):
        guard(fleet, "ab", "uptime", refuse)


def test_power_is_confirmed_as_what_is_done() -> None:
    asked: list[Danger] = []
    confirm_power("ab", "reboot", lambda danger: not asked.append(danger))  # type: ignore[func-returns-value]
    assert asked == [Danger(("a", "b"), (Finding("power", "reboot", ""),))]


def test_refusal_names_the_first_finding() -> None:
    other = Finding("dd", "dd of=/dev/sda", "")
    with pytest.raises(Refused) as caught:
        refuse(DANGER._replace(findings=(other, *DANGER.findings)))
    assert caught.value.message == "dangerous on 2 nodes: dd of=/dev/sda: dd (and 1 more)"
    with pytest.raises(Refused) as caught:
        refuse(DANGER)
    assert caught.value.message == "dangerous on 2 nodes: rm -rf /: deletes everything"


def asked(sent: Sent) -> list[Finding]:
    found: list[Finding] = []
    guard_all(FLEET, "ab", [sent], lambda danger: not found.extend(danger.findings))  # type: ignore[func-returns-value]
    return found


def test_question_has_the_name_that_was_given_in_place_of_the_line() -> None:
    assert [finding.command for finding in asked(Sent("rm -rf /", shown="the clean-up"))] == ["the clean-up"]


def test_what_the_command_is_for_is_not_asked_and_the_rest_is() -> None:
    assert asked(Sent("reboot", meant=("power",))) == []
    assert [finding.rule for finding in asked(Sent("reboot; rm -rf /", meant=("power",)))] == ["remove-tree"]


def test_what_is_too_long_to_be_read_is_asked_by_its_first_line() -> None:
    line = "x" * 120
    assert asked(Sent(f"{line}\nuptime", whole=False)) == [
        Finding("unreadable", line[:100], "it is longer than the guard reads")
    ]
    assert asked(Sent("uptime\ndate", whole=False))[0].command == "uptime"


def test_wrong_number_is_told_with_the_first_twelve_nodes() -> None:
    many = [f"n{number}" for number in range(13)]
    with pytest.raises(UsageError) as caught:
        said_in_advance(3)(DANGER._replace(nodes=tuple(many)))
    assert caught.value.hint == ", ".join(many[:12])


def test_files_that_logins_need_are_asked_and_others_beside_them_are_not() -> None:
    assert [finding.command for finding in asked(Sent(files=["notes", "/etc/passwd"]))] == ["/etc/passwd"]
    assert asked(Sent(files=["notes", "/etc/motd"])) == []


def test_what_a_command_reads_and_is_given_is_asked_about() -> None:
    assert asked(Sent("sh", "uptime")) == []
    assert [finding.command for finding in asked(Sent("date; reboot"))] == ["reboot"]
    assert [finding.rule for finding in asked(Sent("sudo sh -s", "reboot"))] == ["power"]
    assert [finding.rule for finding in asked(Sent('rm -rf "$1"', variables={"1": "/etc"}))] == [
        "remove-tree"
    ]
    assert asked(Sent('rm -rf "$1"', variables={"1": "/tmp/a"})) == []


def test_rules_of_a_group_are_asked_of_its_nodes_alone() -> None:
    rule = GuardRule(name="ours", pattern="uptime", reason="a rule of ours")
    part = GuardPart(rules=(rule,), silence=("login-file",))
    policy = Policy(guard=Guard(groups={"gpu": part}))
    fleet = FLEET._replace(policy=policy, groups={**FLEET.groups, "gpu": ("a", "b")})
    with pytest.raises(Refused, match="a rule of ours"):
        guard(fleet, "ac", "uptime", refuse)
    quiet = [Sent(files=["/etc/passwd"])]
    assert guard_all(fleet, "ab", quiet, refuse) == ()
    with pytest.raises(Refused):
        guard_all(fleet, "ac", quiet, refuse)
    others = FLEET._replace(policy=policy, groups={**FLEET.groups, "gpu": ("a",)})
    assert guard_all(others, "bc", [Sent("uptime")], refuse) == ()
