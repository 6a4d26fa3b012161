"""What is said of a node that was entered by another way than a command."""

from __future__ import annotations

from stentor.outcome import Outcome
from stentor.probe.doctor import Diagnosis, with_entrance
from stentor.probe.finding import Finding
from stentor.probe.inside import Entrance, hangs

ENDED = Outcome("crtr", "shell-broken", 9, reason="the login shell ended with code 9")
HUNG = Outcome("crtr", "shell-broken", None, reason="not there in 8 s", remote="may still run")
WAY = Finding("way-failed", "bad", "a login does not complete", "", "", "")
SFTP = ["-F", "'a b'", "--", "crtr"]


def entered(outcome: Outcome, entrance: Entrance) -> Diagnosis:
    return with_entrance(Diagnosis(outcome, findings=(WAY,)), entrance, [], SFTP)


def test_the_line_is_named_and_the_fix_needs_no_shell() -> None:
    files = {"/home/me/.bashrc": "a\nexit 9\n"}
    (found,) = entered(ENDED, Entrance("sftp", home="/home/me", shell="/bin/bash", files=files)).findings
    assert found.key == "shell-exits"
    assert "likely ~/.bashrc:2 `exit 9`" in found.evidence
    assert "sftp -q -F 'a b' -- crtr:.bashrc $f" in found.fix
    assert "sed -i '2s/^/#/' $f" in found.fix
    assert found.fix.endswith("echo \"put $f .bashrc\" | sftp -q -b - -F 'a b' -- crtr")


def test_a_file_of_the_system_is_for_its_administrator() -> None:
    files = {"/etc/zsh/zshenv": "sleep 99\n", "/home/me/.zshenv": ""}
    (found,) = entered(HUNG, Entrance("sftp", home="/home/me", shell="/bin/zsh", files=files)).findings
    assert (found.key, hangs(HUNG), hangs(ENDED)) == ("shell-hangs", True, False)
    assert "what holds it up is likely /etc/zsh/zshenv:1" in found.evidence
    assert found.fix == "as root on its console: sed -i '1s/^/#/' /etc/zsh/zshenv"


def test_files_in_which_nothing_is_to_be_seen() -> None:
    entrance = Entrance("sftp", home="/home/me", shell="/bin/bash", files={"/home/me/.bashrc": "a=1\n"})
    (found,) = entered(ENDED, entrance).findings
    assert "no line of them says why it ends" in found.evidence


def test_no_way_at_all() -> None:
    found = entered(ENDED, Entrance(tried=("sftp ends with it",))).findings
    assert [finding.key for finding in found] == ["no-way-in"]
    assert "sftp ends with it" in found[0].evidence


def test_what_the_script_saw_through_a_terminal() -> None:
    said = b"stentor_doctor 1\nhome /h\nlogin_shell /bin/zsh\nshell ssh hung 8\nstopped ssh 1|/h/.zshenv\n"
    diagnosis = entered(
        HUNG, Entrance("terminal", b"prompt\r\n" + said + b"stentor_doctor_end 1\n", interrupted=True)
    )
    assert {finding.key for finding in diagnosis.findings} == {"shell-hangs", "way-in"}
    assert "~/.zshenv:1" in diagnosis.findings[0].evidence
    assert (diagnosis.entered, diagnosis.seen is not None) == ("terminal", True)
