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
    answer, found = Answer(WORD), {"stdout": b"", "stderr": b""}
    for stream, data in (("stdout", done.stdout), ("stderr", done.stderr)):
        for line in data.decode("latin-1").splitlines():
            kept, piece = answer.read(stream, line)
            found[kept] += piece
    return answer, found


WAYS = {"perl": {}, "sh": {"PERL_UNICODE": "SDA"}}
"""In one process where there is Perl, and in many otherwise; the variable would change what Perl writes."""
every_way = pytest.mark.parametrize("way", WAYS)


@every_way
@every_sh
def test_program_says_the_beginning_every_byte_and_the_end(shell: str, way: str) -> None:
    sent = command(WORD, f"printf '{ODD}'; printf 'e\\r' >&2; echo \"$MARK\"; exit 7", {"MARK": "it's"})
    environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}
    environ |= WAYS[way]
    done = subprocess.run([*SHELLS[shell], "-c", sent], env=environ, capture_output=True, check=False)
    answer, found = answer_of(done)
    assert found == {"stdout": b"a\rb\r\r\n\0\xff no endit's\n", "stderr": b"e\r"}
    assert (answer.code, answer.place) == (7, "10.0.0.2:22")
    assert answer.pid > 0


def test_node_without_base64_sends_digits(tmp_path: Path) -> None:
    for name in ("sh", "dd", "od", "tr"):
        (tmp_path / name).symlink_to(f"/bin/{name}")
    environ = {"PATH": str(tmp_path), "SHELL": "/bin/sh"}
    sent = command(WORD, f"printf '{ODD}'", {})
    done = subprocess.run(["/bin/sh", "-c", sent], env=environ, capture_output=True, check=False)
    answer, found = answer_of(done)
    assert (answer.code, found["stdout"]) == (0, b"a\rb\r\r\n\0\xff no end")


@every_way
def test_both_ways_leave_the_command_the_same(tmp_path: Path, way: str) -> None:
    """Environment, standard input, descriptors and signals are those of a login; a signal is told."""
    environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "LC_ALL": "xx_XX.UTF-8", **WAYS[way]}
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


@every_way
@pytest.mark.parametrize("size", [0, 1, 2, 3, 44, 45, 46, 100_001])
def test_bytes_of_any_number_are_kept(tmp_path: Path, size: int, way: str) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    (tmp_path / "data").write_bytes(data)
    environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", **WAYS[way]}
    sent = command(WORD, "cat data; cat data >&2", {})
    done = subprocess.run(
        ["/bin/sh", "-c", sent], env=environ, cwd=tmp_path, capture_output=True, check=False
    )
    answer, found = answer_of(done)
    assert (answer.code, found) == (0, {"stdout": data, "stderr": data})


@every_way
def test_pieces_come_while_the_command_runs(way: str) -> None:
    sent = command(WORD, "echo first; exec sleep 60", {})
    environ, pipe = {**os.environ, **WAYS[way]}, subprocess.PIPE
    with subprocess.Popen(
        ["/bin/sh", "-c", sent], env=environ, stdout=pipe, start_new_session=True
    ) as process:
        assert process.stdout
        answer = Answer(WORD)
        lines = [process.stdout.readline().decode().rstrip("\n") for _ in range(2)]
        assert [answer.read("stdout", line) for line in lines] == [("stdout", b""), ("stdout", b"first\n")]
        ending = endings({":": (answer.pid, "")}, 2.0)
        said = subprocess.run(["/bin/sh", "-c", ending], capture_output=True, text=True, check=True)
        assert said.stdout == "term\n"
        assert process.stdout.readline().startswith(f"{WORD} x ".encode())


def test_what_is_not_ours_is_no_output_and_the_end_of_stderr_is_kept() -> None:
    answer = Answer(WORD)
    assert answer.read("stdout", "noise of a start-up file") == ("stdout", b"")
    assert answer.read("stderr", "ssh: connect to host 10.0.0.2 port 22: Connection refused") == (
        "stderr",
        b"",
    )
    assert answer.said == "ssh: connect to host 10.0.0.2 port 22: Connection refused\n"
    assert (answer.pid, answer.code) == (0, None)
    assert answer.read("stdout", f"half a line{WORD} b 12 10.0.0.2:22") == ("stdout", b"")
    assert (answer.pid, answer.place) == (12, "10.0.0.2:22")


def test_gateways_line_names_the_host_last_and_protects_percent_signs() -> None:
    line = by_ssh("date +%s; echo 'x'", Login("me", 2222, "/etc/leaf config"), 4.6)
    assert line.startswith("exec ssh -T -F '/etc/leaf config' -oBatchMode=yes ")
    assert " -oConnectTimeout=5 " in line
    assert line.endswith(" -oUser=me -oPort=2222 -- %{h} 'date +%%s; echo '\\''x'\\''' </dev/null")
