"""Runs Ansible's modules on a node, each in a fork of one Python that stays for as long as the playbook runs.

Ansible starts a Python for each task, which then compiles the same forty files of ``module_utils`` out of the
module's zip. Here a fork has them compiled. Besides that a module finds what it would find: a session of its
own, an empty standard input, pipes for its output, the environment of the command.

It is sent as text; ``warm.py`` speaks with it. Standard input has requests: a line with the length, then the
module. Standard output has ``HELLO`` and then frames, each a letter, a length in four bytes, and data:

* ``n``: this Python is not what a new one would be any more; nothing was run.
* ``b``: the module has begun. ``o``, ``e``: what it writes. ``x``: its exit code, the last frame.
"""

import atexit
import builtins
import contextlib
import glob
import hashlib
import marshal
import os
import select
import signal
import struct
import sys
import traceback
import types
import zipimport

# What nearly every module imports; a fork has it already.
_IMPORTED = """base64 collections.abc configparser contextlib copy dataclasses datetime enum fcntl functools
glob grp hashlib io itertools json locale logging pathlib platform pwd random re runpy selectors shlex shutil
stat string subprocess syslog tempfile threading time typing urllib.parse uuid zipfile"""

HELLO = b"\nstentor: fork server\n"

# What decides about a new login's environment and limits, and about a new Python.
_HOME = ".bashrc .zshenv .cshrc .tcshrc .kshrc .ssh/environment .ssh/rc .config/fish .config/fish/config.fish"
_SYSTEM = """/etc/environment /etc/bash.bashrc /etc/bashrc /etc/zshenv /etc/zsh/zshenv /etc/csh.cshrc
/etc/fish /etc/fish/config.fish /etc/ssh/sshrc /etc/login.defs /etc/pam.d /etc/security
/etc/security/limits.conf /etc/security/limits.d /etc/security/pam_env.conf /etc/passwd /etc/group"""


def main():
    """Serve until standard input ends; in a fork, be the module."""
    for name in _IMPORTED.split():
        with contextlib.suppress(ImportError):
            __import__(name)
    server = Server()
    payload = server.serve()
    if payload is not None:
        execute(payload)


def execute(payload):
    """Run the text of a module as ``python3`` runs what comes on its standard input."""
    module = types.ModuleType("__main__")
    vars(module).update(__builtins__=builtins, __annotations__={}, __file__="<stdin>", __cached__=None)
    sys.modules["__main__"] = module
    sys.argv[:] = [""]
    try:
        exec(compile(payload, "<stdin>", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - as Python does
    except SystemExit:
        raise
    except BaseException as error:
        traceback.print_exception(type(error), error, error.__traceback__.tb_next)
        sys.exit(1)


class Server:
    """The Python that stays."""

    def __init__(self):
        self.codes = {}  # digest of a source to its compiled code
        self.watched = watched()
        self.state = state(self.watched)
        self.ended, self.wakeup = os.pipe()
        for descriptor in (self.ended, self.wakeup):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self.wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        write(1, HELLO)

    def serve(self):
        """Answer requests; return the module in a fork, None at the end."""
        while True:
            head = read_line(0)
            if not head:
                return None
            payload = read_exactly(0, int(head))
            if state(self.watched) != self.state:
                tell(b"n")
                continue
            ours, theirs = zip(*(os.pipe() for _ in range(3)))  # noqa: B905 - Python 3.8 has no strict
            tell(b"b")
            child = os.fork()
            if child == 0:
                self.become_module(ours, theirs)
                return payload
            for descriptor in theirs:
                os.close(descriptor)
            tell(b"x", struct.pack(">i", self.relay(child, ours)))

    def become_module(self, others, pipes):
        """Take a session, descriptors and signals as a new process has them."""
        for descriptor in others:
            os.close(descriptor)
        nothing, end = os.pipe()
        os.close(end)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate((nothing, *pipes[:2])):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(self.ended)
        os.close(self.wakeup)
        Compiler(self.codes, pipes[2])

    def relay(self, child, pipes):
        """Pass on what it writes until it ends; return its exit code as a shell says it.

        Whoever it has started in the background, and left its output to, is not waited for.
        """
        names = {pipes[0]: b"o", pipes[1]: b"e"}
        compiled, status, live = [], None, {*pipes}
        while status is None or live:
            ready, _, _ = select.select([*live, self.ended], (), (), 0 if status is not None else None)
            if status is not None and not ready:
                break
            if self.ended in ready:
                read(self.ended)
            for descriptor in live.intersection(ready):
                data = read(descriptor)
                if not data:
                    live.discard(descriptor)
                elif descriptor in names:
                    tell(names[descriptor], data)
                else:
                    compiled.append(data)
            if status is None:
                ended, found = os.waitpid(child, os.WNOHANG)
                status = found if ended else None
        for descriptor in pipes:
            os.close(descriptor)
        self.learn(b"".join(compiled))
        return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def learn(self, data):
        """Keep what a module has compiled; one that was killed may have said half."""
        with contextlib.suppress(EOFError, ValueError, TypeError):
            self.codes.update(marshal.loads(data))  # noqa: S302 - from our own fork


class Compiler:
    """Compiles what is imported from a zip, and keeps what is compiled."""

    def __init__(self, codes, descriptor):
        self.codes = codes
        self.descriptor = descriptor
        self.new = {}
        self.process = os.getpid()
        self.plain = getattr(zipimport, "_compile_source", None)
        if self.plain is not None:
            zipimport._compile_source = self.compile
        atexit.register(self.say)

    def compile(self, path, source):
        """Return the code of a source; it says by which path it was imported."""
        import _imp

        digest = hashlib.sha256(source).digest()
        code = self.codes.get(digest)
        if code is None:
            code = self.codes[digest] = self.new[digest] = self.plain(path, source)
        else:
            _imp._fix_co_filename(code, path)
        return code

    def say(self):
        """Tell the server what is new; not from a process that the module has forked."""
        if self.process == os.getpid():
            write(self.descriptor, marshal.dumps(self.new))


def watched():
    """Return the paths whose change makes a new Python, or a new login, another one."""
    home = os.path.expanduser("~")
    folders = [path for path in sys.path if os.path.isdir(path)]
    settings = [path for folder in folders for path in glob.glob(folder + "/*.pth")]
    paths = [sys.executable, os.path.realpath(sys.executable), os.__file__, *folders, *settings]
    return [*paths, *(os.path.join(home, name) for name in _HOME.split()), *_SYSTEM.split()]


def state(paths):
    """Return what tells whether one of them was changed."""
    found = []
    for path in paths:
        try:
            said = os.stat(path)
        except OSError:
            found.append(None)
        else:
            found.append((said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns))
    return found


def tell(letter, data=b""):
    """Write a frame."""
    write(1, letter + struct.pack(">I", len(data)) + data)


def write(descriptor, data):
    """Write all of it."""
    while data:
        data = data[os.write(descriptor, data) :]


def read(descriptor):
    """Read what is there."""
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return b""


def read_line(descriptor):
    """Read up to the end of the line; empty at the end."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(descriptor, 1)
        if not part:
            return b""
        line += part
    return line


def read_exactly(descriptor, length):
    """Read so many bytes."""
    parts = []
    while length:
        part = os.read(descriptor, min(length, 1 << 20))
        if not part:
            sys.exit(1)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
