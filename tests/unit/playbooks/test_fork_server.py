"""The Python that stays on a node: a module must find what it would find in a Python of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure

from stentor.playbooks.inside import warm
from stentor.playbooks.inside.warm import BOOT, Server, over_ssh

Start = Callable[..., Server]
# The one of this environment, and the system's, on which Ansible's modules run on most nodes.
PYTHONS = [sys.executable, *(path for path in ("/usr/bin/python3",) if os.path.exists(path))]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


@pytest.fixture
def start(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server without ssh in between; a busy machine takes its time."""
    monkeypatch.setattr(warm, "_GREETING", 60.0)
    servers = []
    clean = ["env", "-i", *(f"{name}={value}" for name, value in environ.items())]

    def begin(*argv: str, python: str = sys.executable) -> Server:
        servers.append(Server([*clean, *argv, python, "-c", BOOT]))
        return servers[-1]

    yield begin
    for server in servers:
        with server.process:  # closes its pipes, at which it ends, and waits
            pass
        for descriptor in (server.free, server.give):
            os.close(descriptor)


def alone(text: str, environ: Mapping[str, str], python: str = sys.executable) -> tuple[int, bytes, bytes]:
    """What a Python of its own makes of a module, as Ansible starts it: by a shell, from standard input."""
    argv = ["/bin/sh", "-c", f"{python} && sleep 0"]
    done = subprocess.run(argv, input=text.encode(), capture_output=True, env=dict(environ), check=False)
    return done.returncode, done.stdout, done.stderr


SAME = {
    "output": "print('said')",
    "errors": "import sys; sys.stderr.write('x' * 200000)",
    "exit code": "import sys; print('no'); sys.exit(3)",
    "message": "raise SystemExit('no more')",
    "exit at once": "import os; os._exit(5)",
    "signal": "import os; os.kill(os.getpid(), 9)",
    "exception": "def f():\n    raise ValueError('no')\nf()\n",
    "syntax": "def",
    "standard input": "import sys, os; print(repr(sys.stdin.read()), os.read(0, 5))",
    "main": "import sys; print(__name__, sorted(vars(sys.modules['__main__'])), sys.argv, sys.path)",
    "environment": "import os; print(sorted({**os.environ, 'PWD': '', '_': '', 'SHLVL': ''}.items()))",
    "signals": "import signal; print([signal.getsignal(s) for s in sorted(signal.valid_signals())])",
    "exit functions": "import atexit\natexit.register(print, 'late')\nprint('early')",
    "place": "import os; print(os.getcwd(), oct(os.umask(0)))",
    "future": "def f(x: int): pass\nprint(f.__annotations__)",
}


@pytest.mark.parametrize("python", PYTHONS)
def test_modules_do_what_they_do_alone(python: str, start: Start, environ: dict[str, str]) -> None:
    server = start(python=python)
    for name, text in SAME.items():
        code, output, errors = alone(text, environ, python)
        # The shell says by itself that a signal ended it.
        wanted = (code, output, b"" if code > 128 else errors)
        assert (name, server.run(text.encode())) == (name, wanted)


def test_a_module_has_a_session_and_no_descriptor_of_the_servers(start: Start) -> None:
    text = (
        "import os, stat\n"
        "assert os.getsid(0) == os.getpid() == os.getpgid(0)\n"
        "kinds = [stat.S_ISFIFO(os.fstat(n).st_mode) for n in range(3)]\n"
        "print(kinds, sorted(os.listdir('/dev/fd'))[3:])\n"
    )
    said = [start().run(text.encode()), start().run(text.encode())]
    assert said[0] == said[1]
    assert said[0]
    # One more for listing, and one by which the server hears what was compiled.
    assert said[0][:2] == (0, b"[True, True, True] ['3', '4']\n") or len(said[0][1].split()) <= 5


def test_what_stays_in_the_background_is_not_waited_for(start: Start) -> None:
    server = start()
    text = "import os, time\nprint('done', flush=True)\nif os.fork() == 0: time.sleep(30); os._exit(0)\n"
    assert server.run(text.encode()) == (0, b"done\n", b"")
    assert server.run(b"print('next')") == (0, b"next\n", b"")


def module(path: Path, body: str) -> bytes:
    """The text of a module that imports from a zip, and says what the server did not know."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("inner.py", body)
    return (
        f"import sys, zipimport\nsys.path.insert(0, {str(path)!r})\nimport inner\n"
        "print(inner.said(), len(zipimport._compile_source.__self__.new))\ninner.fail()\n"
    ).encode()


def test_a_source_is_compiled_once_and_an_error_names_the_zip_at_hand(start: Start, tmp_path: Path) -> None:
    body = "def said():\n    return 'one'\n\ndef fail():\n    raise ValueError\n"
    server = start()
    for name, new in (("a.zip", 1), ("b.zip", 0)):
        found = server.run(module(tmp_path / name, body))
        assert found
        assert found[:2] == (1, f"one {new}\n".encode())
        assert f'{name}/inner.py", line 5, in fail'.encode() in found[2]
    changed = server.run(module(tmp_path / "b.zip", body.replace("one", "two")))
    assert changed
    assert changed[1] == b"two 1\n"


@pytest.mark.parametrize("name", [".bashrc", ".zshenv", ".ssh/environment"])
def test_nothing_is_run_once_a_new_login_would_be_another(
    name: str, start: Start, environ: dict[str, str]
) -> None:
    path = Path(environ["HOME"], name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    server = start()
    write = f"print('ran'); open({str(path)!r}, 'a').write('# more')".encode()
    assert server.run(write) == (0, b"ran\n", b"")
    assert server.run(write) is None
    assert server.run(write) is None
    assert path.read_text() == "# more"


def test_only_one_worker_speaks_with_it(start: Start) -> None:
    server = start()
    token = server.take()
    assert server.run(b"print()") is None, "a worker that was killed does not give it back"
    os.write(server.give, token)
    assert server.run(b"print()") == (0, b"\n", b"")


def test_what_the_login_says_is_skipped(start: Start) -> None:
    server = start("/bin/sh", "-c", 'echo welcome; echo more >&2; exec "$@"', "sh")
    assert server.run(b"print(1)") == (0, b"1\n", b"")


@pytest.mark.parametrize(
    "argv", [("false",), ("/no/such/program",), ("/bin/sh", "-c", "echo HELLO; sleep 0.1")]
)
def test_without_a_server_ansibles_own_way_is_left(argv: tuple[str, ...], start: Start) -> None:
    if argv[0].startswith("/no"):
        assert Server([*argv]).run(b"print()") is None
        return
    assert start(*argv).run(b"print()") is None


@pytest.mark.parametrize("line", ["sleep 60", "yes"])
def test_a_node_that_does_not_answer_as_a_server_is_given_up(
    line: str, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_GREETING", 0.3)
    server = start("timeout", "60", *line.split())
    assert server.run(b"print()") is None
    server.process.kill()


def test_a_frame_that_no_server_sends_is_not_collected() -> None:
    hello = (
        "printf '\\nstentor: fork server\\n'; printf 'b\\0\\0\\0\\0o\\377\\377\\377\\377'; exec cat /dev/zero"
    )
    server = Server(["timeout", "60", "sh", "-c", hello])
    with pytest.raises(AnsibleConnectionFailure, match="while the module ran"):
        server.run(b"print()")
    server.process.kill()
    with server.process:
        pass
    for descriptor in (server.free, server.give):
        os.close(descriptor)


def test_a_connection_that_ends_meanwhile_is_an_unreachable_node(start: Start) -> None:
    server = start()
    with pytest.raises(AnsibleConnectionFailure):
        server.run(b"import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(1)")
    assert server.run(b"print()") is None


def test_a_module_that_may_have_begun_is_not_run_once_more() -> None:
    """It was sent, and the server ended before it said anything of it."""
    server = Server(["sh", "-c", "printf '\\nstentor: fork server\\n'; sleep 0.3"])
    with pytest.raises(AnsibleConnectionFailure, match="before it was known whether the module had begun"):
        server.run(b"print('twice')")
    with server.process:
        pass
    for descriptor in (server.free, server.give):
        os.close(descriptor)


def test_no_connection_of_its_own_is_opened(tmp_path: Path) -> None:
    server = over_ssh(str(tmp_path / "none"), "127.0.0.1", "/usr/bin/python3", {"STENTOR_RUN": "abc"})
    assert server.run(b"print()") is None
    with server.process:
        assert server.commands[0] == "/bin/sh -c 'STENTOR_RUN=abc /usr/bin/python3'"
        assert server.commands[1] == "/bin/sh -c 'STENTOR_RUN=abc /usr/bin/python3 && sleep 0'"
    assert server.process.returncode == 255
