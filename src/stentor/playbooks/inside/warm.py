"""Has modules run by a Python that stays on each node, in place of an ``ssh`` and a Python for each task.

Ansible forks a worker for each task of each host, and they inherit the pipes that are opened here. All else
is as Ansible does it: whatever is no plain module over a connection of stentor's goes to its own ``ssh``, and
so does everything once a server is busy, broken or refuses.
"""

from __future__ import annotations

import os
import select
import shlex
import struct
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT = "import sys;exec(eval(sys.stdin.readline()))"
HELLO = b"\nstentor: fork server\n"

_FRESH, _READY = b"f", b"r"
_GREETING = 10.0  # seconds; a node that takes longer is spoken with as Ansible does
_FRAME = 1 << 20  # bytes; a server sends 64 KB at a time


def install(ways, environment):
    """Start a server on each node, and have Ansible's ``ssh`` use it.

    ``ways`` has the path of a connection that is open, to the node's name and the path of its Python.
    """
    import ansible.plugins.connection.ssh as plugin

    servers = {control: over_ssh(control, **way, environment=environment) for control, way in ways.items()}
    plain, plain_reset = plugin.Connection.exec_command, plugin.Connection.reset

    def exec_command(self, cmd, in_data=None, sudoable=True):
        server = servers.get(control_of(self)) if in_data else None
        if server is not None and cmd in server.commands:
            found = server.run(in_data)
            if found is not None:
                return found
        return plain(self, cmd, in_data=in_data, sudoable=sudoable)

    def reset(self):
        server = servers.get(control_of(self))
        if server is not None:
            server.take()
        plain_reset(self)

    plugin.Connection.exec_command = exec_command
    plugin.Connection.reset = reset


def control_of(connection):
    """Return the path of the connection that Ansible's ``ssh`` would use; empty if none is named."""
    for word in shlex.split(connection.get_option("ssh_args") or ""):
        name, _, value = word.partition("=")
        if name == "ControlPath":
            return value
    return ""


def over_ssh(control: str, node: str, python: str, environment: dict[str, str]) -> Server:
    """Return a server over a connection that is open; never over another."""
    # What Ansible's plugins make of a module without `become` and without an environment of its own; 2.20 has
    # no sleep any more.
    words = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    commands = in_shell(*words, python), in_shell(*words, python, "&& sleep 0")
    start = in_shell(*words, shlex.quote(python), "-c", f'"{BOOT}"')
    options = ("BatchMode=yes", "ControlMaster=no", f"ControlPath={control}", "ProxyCommand=false")
    return Server(["ssh", "-T", *(word for one in options for word in ("-o", one)), node, start], commands)


def in_shell(*words: str) -> str:
    """Return a command for any login shell."""
    return f"/bin/sh -c {shlex.quote(' '.join(words))}"


def lost(when: str) -> Exception:
    """Return what Ansible counts as unreachable; a module that may have begun is not run once more."""
    from ansible.errors import AnsibleConnectionFailure

    return AnsibleConnectionFailure(f"the connection was lost {when}")


class Server:
    """A Python on a node, and the one token that gives the right to speak with it.

    A worker which ends in the middle has not given the token back, so nobody else reads what is left.
    """

    def __init__(self, argv: list[str], commands: tuple[str, ...] = ()) -> None:
        self.commands = commands
        self.free, self.give = os.pipe()
        os.set_blocking(self.free, False)
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        with open(os.path.join(HERE, "fork_server.py")) as file:
            program = file.read()
        try:
            self.process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=nowhere, bufsize=0)
            self.send(f"{program!r}\n".encode())
        except OSError:
            return  # it has ended, or never began: no token, so it is not used
        os.write(self.give, _FRESH)

    def take(self) -> bytes:
        """Take the token; empty where another has it."""
        try:
            return os.read(self.free, 1)
        except BlockingIOError:
            return b""

    def run(self, module: bytes) -> tuple[int, bytes, bytes] | None:
        """Run a module; return exit code, output and errors, or None if nothing was run."""
        token = self.take()
        try:
            if not token or (token == _FRESH and not self.greeted()):
                return None
            self.send(b"%d\n%s" % (len(module), module))
        except OSError:
            return None
        letter = self.frame()[0]
        if letter == b"n":
            return None
        if letter != b"b":
            raise lost("before it was known whether the module had begun")
        said: dict[bytes, list[bytes]] = {b"o": [], b"e": []}
        while True:
            letter, data = self.frame()
            if letter in said:
                said[letter].append(data)
            elif letter == b"x":
                os.write(self.give, _READY)
                return struct.unpack(">i", data)[0], b"".join(said[b"o"]), b"".join(said[b"e"])
            else:
                raise lost("while the module ran")

    def greeted(self) -> bool:
        """Skip what the login says, up to the server's first words."""
        said, end, ready = b"", time.monotonic() + _GREETING, select.poll()
        ready.register(self.process.stdout, select.POLLIN)
        while not said.endswith(HELLO):
            left = end - time.monotonic()
            part = self.process.stdout.read(1) if left > 0 and ready.poll(left * 1000) else b""
            if not part:
                return False
            said = (said + part)[-len(HELLO) :]
        return True

    def send(self, data: bytes) -> None:
        """Write all of it."""
        while data:
            data = data[self.process.stdin.write(data) :]

    def frame(self) -> tuple[bytes, bytes]:
        """Read a frame; an empty letter at the end."""
        head = self.exactly(5)
        if len(head) < 5:
            return b"", b""
        length = struct.unpack(">I", head[1:])[0]
        if length > _FRAME:
            return b"", b""
        data = self.exactly(length)
        return (head[:1], data) if len(data) == length else (b"", b"")

    def exactly(self, length: int) -> bytes:
        """Read so many bytes, less only at the end."""
        parts = []
        while length:
            part = self.process.stdout.read(min(length, 1 << 20))
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
