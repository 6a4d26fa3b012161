"""What is sent to a node behind gateways, and how its lines are read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.engines.tree.leaf import Answer, Login, by_ssh, command, endings
from tests.unit.sh.practice import SHELLS, every_sh

WORD = "stentor-0123456789abcdef"
ODD = "a\\rb\\r\\r\\n\\0\\377 no end"


def answer_of(done: subprocess.CompletedProcess[bytes]) -> tuple[Answer, dict[str, bytes]]:
    answer = Answer(WORD)
    found = {"stdout": answer.read("stdout", done.stdout), "stderr": answer.read("stderr", done.stderr)}
    assert answer.rest() == []
    return answer, found


@every_sh
def test_program_says_the_beginning_every_byte_and_the_end(shell: str) -> None:
    sent = command(WORD, f"printf '{ODD}'; printf 'e\\r' >&2; echo \"$MARK\"; exit 7", {"MARK": "it's"})
    environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}
    done = subprocess.run([*SHELLS[shell], "-c", sent], env=environ, capture_output=True, check=False)
    answer, found = answer_of(done)
    assert found == {"stdout": b"a\rb\r\r\n\0\xff no endit's\n", "stderr": b"e\r"}
    assert (answer.code, answer.place) == (7, "10.0.0.2:22")
    assert answer.pid > 0


def test_command_is_left_as_it_would_be_at_a_login(tmp_path: Path) -> None:
    """Environment, standard input, descriptors and signals are those of a login; a signal is told."""
    environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "LC_ALL": "xx_XX.UTF-8"}
    line = "env | sort >env; ls -l /proc/self/fd | wc -l >files; cat >input; kill -TERM $$; echo no"
    done = subprocess.run(
        ["/bin/sh", "-c", command(WORD, line, {})],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    answer, found = answer_of(done)
    assert (answer.code, found, answer.said) == (143, {"stdout": b"", "stderr": b""}, "")
    seen = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {name: text for name, text in seen.items() if name not in ("PWD", "OLDPWD", "_")} == environ
    plain = subprocess.run(
        ["sh", "-c", "ls -l /proc/self/fd | wc -l"], capture_output=True, stdin=subprocess.DEVNULL
    )
    assert (tmp_path / "files").read_text().strip() == plain.stdout.decode().strip()
    assert (tmp_path / "input").read_bytes() == b""


@pytest.mark.parametrize("size", [0, 1, 2, 3, 44, 45, 46, 100_001])
def test_bytes_of_any_number_are_kept(tmp_path: Path, size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    (tmp_path / "data").write_bytes(data)
    environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh"}
    sent = command(WORD, "cat data; cat data >&2", {})
    done = subprocess.run(
        ["/bin/sh", "-c", sent], env=environ, cwd=tmp_path, capture_output=True, check=False
    )
    answer, found = answer_of(done)
    assert (answer.code, found) == (0, {"stdout": data, "stderr": data})


def test_pieces_come_while_the_command_runs() -> None:
    sent = command(WORD, "echo first; exec sleep 60", {})
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ["/bin/sh", "-c", sent], stdout=pipe, stderr=pipe, start_new_session=True
    ) as process:
        assert process.stdout
        answer = Answer(WORD)
        lines = [process.stdout.readline() for _ in range(2)]
        assert [answer.read("stdout", line) for line in lines] == [b"", b"first\n"]
        ending = endings({":": (answer.pid, "")}, 2.0)
        said = subprocess.run(["/bin/sh", "-c", ending], capture_output=True, text=True, check=True)
        assert said.stdout == "term\n"
        assert answer.read("stdout", process.stdout.readline()) == b""
        assert answer.code == 143


def test_what_is_not_the_commands_is_no_output_and_the_end_of_stderr_is_kept() -> None:
    answer = Answer(WORD)
    assert answer.read("stdout", b"noise of a start-up file\n") == b""
    refused = "ssh: connect to host 10.0.0.2 port 22: Connection refused\n"
    assert answer.read("stderr", refused.encode()) == b""
    assert (answer.said, answer.pid, answer.code) == (refused, 0, None)
    assert answer.read("stdout", b"half a line\x1e%s b 12 10.0.0.2:22\n" % WORD.encode()) == b""
    assert (answer.pid, answer.place) == (12, "10.0.0.2:22")
    assert answer.read("stderr", b"noise\n\x1e%s b\nmine\n" % WORD.encode()) == b"mine\n"
    assert (answer.pid, answer.place) == (12, "10.0.0.2:22")


def test_bytes_are_kept_wherever_pieces_are_cut() -> None:
    mark = b"\x1e" + WORD.encode()
    whole = (
        b"noise"
        + mark
        + b" b 12 x:22\nmine \x1e"
        + WORD[:9].encode()
        + b"\n\x1e"
        + mark
        + b" x 3\nlate\x1esten"
    )
    for at in range(len(whole) + 1):
        answer = Answer(WORD)
        found = answer.read("stdout", whole[:at]) + answer.read("stdout", whole[at:])
        assert found == b"mine \x1estentor-0\n\x1elate", at
        assert answer.rest() == [("stdout", b"\x1esten")]
        assert (answer.pid, answer.code) == (12, 3)
    assert Answer(WORD).read("stdout", mark + b" b 7 x:22\nname? ") == b"name? ", (
        "a question is not held back"
    )


def test_gateways_line_names_the_host_last_and_protects_percent_signs() -> None:
    line = by_ssh("date +%s; echo 'x'", Login("me", 2222, "/etc/leaf config"), 4.6)
    assert line.startswith("exec ssh -T -F '/etc/leaf config' -oBatchMode=yes ")
    assert " -oConnectTimeout=5 " in line
    assert line.endswith(" -oUser=me -oPort=2222 -- %{h} 'date +%%s; echo '\\''x'\\''' </dev/null")
