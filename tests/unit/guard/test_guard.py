"""Properties of the guard: what no line may do to it, and no wrapper hide from it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet.policy.sections import Guard, GuardPart, GuardRule
from stentor.guard import examine, plainly_harmless
from stentor.guard import wrappers as wrapping
from stentor.guard.full import examine as in_full
from stentor.guard.quick import NAMES, PLAIN, RESERVED
from stentor.guard.rules import NAMES as RULE_NAMES
from stentor.guard.rules import RULES


def rules(line: str, **more: Any) -> set[str]:
    return {finding.rule for finding in examine(line, **more)}


def test_quick_filter_has_the_names_of_all_rules() -> None:
    assert set(RULES) | wrapping.names() <= NAMES | RESERVED


words = st.one_of(
    st.sampled_from(sorted(NAMES)),
    st.sampled_from(
        ["-rf", "/", "-c", "now", "/bin/rm", "mkfs.ext4", "if", "/etc/init.d/ssh", "stop", "A=b", "--", "x"]
    ),
    st.text(alphabet=sorted(PLAIN - {" "}), min_size=1, max_size=8),
)


@given(st.lists(words, max_size=5).map(" ".join))
def test_quick_filter_never_passes_a_dangerous_line(line: str) -> None:
    if plainly_harmless(line):
        found = {finding.rule for finding in in_full(line)}
        # For a shell these are words. Where the grammar fails ("1@ x"), later ones are taken for commands.
        assert not found or "unreadable" in found


tokens = st.sampled_from(
    [
        "rm",
        "-rf",
        "/",
        "$X",
        "${X:-/}",
        "$(",
        ")",
        "`",
        "'",
        '"',
        ";",
        "|",
        "&",
        "&&",
        "||",
        ">",
        ">>",
        "<",
        "<<",
        "EOF",
        "\n",
        "{",
        "}",
        "(",
        ")",
        "[[",
        "]]",
        "if",
        "then",
        "fi",
        "for",
        "in",
        "do",
        "done",
        "case",
        "esac",
        "sudo",
        "xargs",
        "sh",
        "-c",
        "find",
        "-exec",
        "{}",
        "\\",
        "eval",
        "*",
        "~",
        "#",
        "!",
        "=",
        ":",
        "function",
        "$'\\x41'",
        "<(",
        "<<<",
        "$((1))",
        "é",
        "\x00",
        "\ue000",
    ]
)


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(tokens, max_size=25).map(" ".join),
        st.lists(tokens, max_size=25).map("".join),
    )
)
def test_no_line_raises(line: str) -> None:
    for finding in examine(line):
        assert finding.rule in RULE_NAMES
        assert finding.reason


WRAPS = [
    "sudo {}",
    "sudo -u root -- {}",
    "env -i A=b {}",
    "nohup nice -n 5 {} &",
    "timeout -s KILL 5 {}",
    "true && {}",
    "( {} )",
    "if true; then {}; fi",
    "f() {{ {}; }}; f",
    "echo $({})",
    "while :; do {}; done",
    "flock /tmp/x {}",
    "env A=b {}",
    "xargs -0 {} < /dev/null",
    "command {}",
    "ssh prtr {}",
]


@given(
    st.lists(st.sampled_from(WRAPS), max_size=4),
    st.sampled_from(["rm -rf /", "reboot", "mkfs.ext4 /dev/sda"]),
)
def test_no_nesting_of_wrappers_hides_a_command(wraps: list[str], line: str) -> None:
    for wrap in wraps:
        line = f"sh -c '{line}'" if "'" not in line and "{} &" not in wrap else line
        line = wrap.format(line)
    assert rules(line), line


def test_stdin_is_read_where_it_is_known() -> None:
    assert rules("sh", stdin="rm -rf /") == {"remove-tree"}
    assert rules("sudo bash -s", stdin="reboot\n") == {"power"}
    assert rules("cat", stdin="reboot\n") == set()


def test_a_reason_says_what_would_happen() -> None:
    (finding,) = examine('sudo rm -rf "$DIR"/*')
    assert finding.reason == "removes everything (/*), if the variable is empty"
    assert finding.command == 'sudo rm -rf "$DIR"/*'


@pytest.mark.timeout(60)
def test_a_long_script_is_read_in_time() -> None:
    script = "set -e\n" + 'if [ -d /x ]; then echo "$(hostname)" | grep -q y && cp a b; fi\n' * 1000
    assert rules(script) == set()
    assert rules(script + "reboot\n") == {"power"}


def test_functions_that_call_each_other_many_times_are_read_once_for_each_way() -> None:
    script = "f0() { true; }\n"
    for number in range(1, 9):
        calls = "; ".join(f"f{number - 1} {word}" for word in "abcdef")
        script += f"f{number}() {{ {calls}; }}\n"
    assert rules(script + "f8 x") == set()
    assert rules(script + "f8 x; reboot") == {"power"}


def test_too_many_ways_through_functions_are_not_taken_for_safe() -> None:
    calls = "; ".join(f"f {number}" for number in range(1001))
    assert rules("f() { true; }; " + calls) == {"unreadable"}


def test_deep_nesting_is_not_taken_for_safe() -> None:
    assert "unreadable" in rules("$(" * 300 + "true" + ")" * 300)
    line = "true"
    for _ in range(20):
        line = "eval eval " + line
    assert "unreadable" in rules(line)


def test_too_many_readings_are_not_taken_for_safe() -> None:
    assert rules("echo " + "{a,b}" * 12) == {"unreadable"}


GROUPS = {"all": ("a", "b"), "gpu": ("a",)}


def test_the_policy_silences_for_nodes_whose_groups_all_say_so() -> None:
    section = Guard(groups={"gpu": GuardPart(silence=("power",))})
    assert rules("reboot", section=section, groups=GROUPS, nodes=["a"]) == set()
    assert rules("reboot", section=section, groups=GROUPS, nodes=["a", "b"]) == {"power"}
    assert rules("reboot", section=Guard(silence=("power",)), groups=GROUPS, nodes=["b"]) == set()


def test_the_policy_adds_rules() -> None:
    own = GuardRule(name="no-upkeep", pattern=r"^upkeep .*on", reason="jobs are running")
    section = Guard(groups={"gpu": GuardPart(rules=(own,))})
    found = examine("sudo upkeep gpu on", section=section, groups=GROUPS, nodes=["a", "b"])
    assert [(finding.rule, finding.reason) for finding in found] == [("no-upkeep", "jobs are running")]
    assert examine("upkeep on", section=section, groups=GROUPS, nodes=["b"]) == ()
    assert examine("uptime", section=section, groups=GROUPS, nodes=["a"]) == ()


def test_silencing_an_unknown_rule_is_an_error_that_names_its_place() -> None:
    with pytest.raises(FleetError) as caught:
        examine("uptime", section=Guard(silence=("powr",)), groups=GROUPS, nodes=["a"])
    assert caught.value.where == "guard.silence"
    assert caught.value.hint == "did you mean 'power'?"


def test_an_unknown_rule_of_a_group_is_an_error_there_that_lists_the_rules() -> None:
    section = Guard(groups={"gpu": GuardPart(silence=("zzzzzz",))})
    with pytest.raises(FleetError) as caught:
        examine("uptime", section=section, groups=GROUPS, nodes=["b"])
    assert caught.value.where == "guard.groups.gpu.silence"
    assert caught.value.hint == "the rules are: " + ", ".join(RULE_NAMES)


def test_a_rule_of_the_fleets_own_can_be_silenced_for_a_group() -> None:
    own = GuardRule(name="ours", pattern="uptime", reason="ours")
    section = Guard(groups={"gpu": GuardPart(rules=(own,), silence=("ours",))})
    assert rules("uptime", section=section, groups=GROUPS, nodes=["a"]) == set()
    assert rules("uptime", section=section, groups=GROUPS, nodes=["a", "b"]) == {"ours"}


def test_without_nodes_no_group_silences() -> None:
    section = Guard(groups={"gpu": GuardPart(silence=("power",))})
    assert rules("reboot", section=section, groups=GROUPS) == {"power"}
