"""The protocol of the node's program, as text in and values out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stentor.dotfiles.answer import Conflict, node_plan, node_state, parse, proof_faults

PLAN = b"""Welcome to the node!
stentor-dotfiles 1 plan
chezmoi 2.71.1
applied 1111 op1
conflict edited .zshrc
change MM .zshrc
change  R setup.sh
script setup.sh
external .oh-my-zsh
external .oh-my-zsh/lib
diff --- a/.zshrc
diff
end 0
rubbish after the end
"""


def test_a_plan() -> None:
    answer = parse(PLAN)
    assert answer is not None
    assert (answer.verb, answer.code, answer.noise) == ("plan", 0, "Welcome to the node!")
    seen = node_plan(answer)
    assert seen.conflicts == (Conflict("edited", ".zshrc"),)
    assert seen.changes == ("MM .zshrc", " R setup.sh")
    assert seen.externals == (".oh-my-zsh",)
    assert seen.diff == ("--- a/.zshrc", "")
    assert seen.applied == "1111"


def test_no_header_is_no_answer() -> None:
    assert parse(b"") is None
    assert parse(b"zsh: command not found: sh\n") is None


def test_an_answer_that_ends_in_the_middle() -> None:
    answer = parse(b"stentor-dotfiles 1 begin\nstep armed\nste")
    assert answer is not None
    assert answer.code is None


def test_trouble_of_another_program_has_what_that_one_said() -> None:
    said = "refused render cannot render\nstderr age: error: no key\nstderr age: report it\n"
    said += "stderr chezmoi: .a: exit status 1\n"
    answer = parse(f"stentor-dotfiles 1 plan\n{said}end 6\n".encode())
    assert answer
    assert answer.trouble == "cannot render: age: error: no key (chezmoi: .a: exit status 1)"


def test_trouble_has_the_last_complaint() -> None:
    answer = parse(b"stentor-dotfiles 1 plan\nstderr one\nstderr two\nrefused render cannot render\nend 3\n")
    assert answer is not None
    assert (answer.kind, answer.trouble) == ("render", "cannot render: two")


def test_trouble_with_a_remote_has_the_cause_and_not_the_advice_of_git() -> None:
    said = "refused unread this node cannot read h:x\n"
    said += "stderr ssh: connect to host h port 22: Connection refused\n"
    said += "stderr fatal: Could not read from remote repository.\nstderr \n"
    said += "stderr Please make sure you have the correct access rights\nstderr and the repository exists.\n"
    answer = parse(f"stentor-dotfiles 1 plan\n{said}end 3\n".encode())
    assert answer is not None
    assert answer.trouble == ("this node cannot read h:x: ssh: connect to host h port 22: Connection refused")


def test_a_state() -> None:
    answer = parse(
        b"stentor-dotfiles 1 status\nchezmoi 2.71.1\napplied abc op\nsource def main /home/x/y z\n"
        b"distance 2 3\ndrift MM .zshrc\ndrift  M .bashrc\nuncommitted ?? x\n"
        b"pending op2 abc armed 55\nend 0\n"
    )
    assert answer is not None
    seen = node_state(answer)
    assert (seen.head, seen.branch, seen.ahead, seen.behind) == ("def", "main", 2, 3)
    assert seen.drift == (".zshrc",)
    assert seen.differs == (".zshrc", ".bashrc")
    assert seen.pending == "op2 abc armed 55"


def test_faults_of_shells() -> None:
    answer = parse(
        b"stentor-dotfiles 1 shells\nshell plain ok\nshell login hangs: no answer in 2 s\n"
        b"missing plain git\nmissing login git\ncheck failed true\ncheck ok false\nend 0\n"
    )
    assert answer is not None
    assert proof_faults(answer) == [
        "the login shell hangs: no answer in 2 s",
        "git is not found in: plain, login shell",
        "check failed: true",
    ]


@given(st.binary())
def test_never_fails_on_rubbish(data: bytes) -> None:
    for text in (data, b"stentor-dotfiles 1 x\n" + data):
        answer = parse(text)
        if answer is not None:
            node_plan(answer)
            node_state(answer)
            proof_faults(answer)
            assert isinstance(answer.trouble, str)


LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))


@given(st.lists(st.tuples(st.sampled_from(["change", "diff", "conflict"]), LINES)), LINES)
def test_round_trip(pairs: list[tuple[str, str]], noise: str) -> None:
    text = "".join(f"{key} {rest}\n" for key, rest in pairs)
    answer = parse(f"{noise}x\nstentor-dotfiles 1 plan\n{text}end 0\n".encode())
    if not noise.startswith("stentor-dotfiles 1 "):
        assert answer is not None
        assert list(answer.pairs) == pairs
        assert answer.code == 0
