"""Starting masters: the user's own ``ssh`` logs in, and stays.

Logins are paced by gateway (a server drops logins at random once ten of them are under way:
MaxStartups) and in all, and two stentors which start at once do not start two masters for a node.
"""

from __future__ import annotations

import fcntl
import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from stentor.fleet.model import Fleet, Node
from stentor.ssh.child import Child
from stentor.ssh.diagnose import Diagnosis, diagnose, hint_for, is_silent_about_the_way
from stentor.ssh.reactor import Reactor, Timer
from stentor.ssh.target import Target, first_hop, master_argv, question_argv
from stentor.typed import NamedTuple

# A server with the default MaxStartups 10:30:100 begins to drop logins at the eleventh.
LOGINS_AT_ONE_GATEWAY = 8
AT_ONCE = 32
# Key exchange and authentication are work for both sides; after the connection stands they may
# take this much longer than the connection itself, seconds.
_LOGIN_PATIENCE = 20.0
_LOOK_AGAIN = 0.05
# A login that takes longer than this waits for a silent node or server, not for our processors: it
# gives its place to the next, so that nodes which are down never hide the others. Seconds.
_SLOW = 1.0
_AT_MOST = 256


class Login(NamedTuple):
    """A wish for a master."""

    node: Node
    target: Target
    address: str | None
    done: Callable[[Diagnosis | None], None]


class Doorkeeper:
    """Lets logins through, not too many at once.

    Args:
        reactor: what waits for us.
        fleet: where the nodes are from.
        environ: the environment of ssh (its agent, its home).
        connect_timeout: seconds.
        persist: seconds a master stays without a session.
        user: a login name in place of the fleet's.
        said: told a node's alias and what ``ssh -v`` said of its login; None where nobody wants to know.
    """

    def __init__(
        self,
        reactor: Reactor,
        fleet: Fleet,
        environ: Mapping[str, str],
        *,
        connect_timeout: float,
        persist: int,
        user: str | None = None,
        said: Callable[[str, str], None] | None = None,
    ) -> None:
        self._reactor = reactor
        self._fleet = fleet
        self._environ = environ
        self._connect_timeout = connect_timeout
        self._persist = persist
        self._user = user
        self._said = said
        self._waiting: deque[Login] = deque()
        self._at_gateway: dict[str, int] = {}
        self._running: dict[str, Child] = {}
        self._places = AT_ONCE

    @property
    def room(self) -> int:
        """How many more logins would begin at once."""
        return max(0, self._places - len(self._waiting))

    def login(self, wish: Login) -> None:
        """Start a master, now or when there is room; ``wish.done`` is told what came of it."""
        self._waiting.append(wish)
        self._next()

    def stop(self) -> None:
        """End all logins under way; nobody is told."""
        self._waiting.clear()
        running, self._running = self._running, {}
        for child in running.values():
            child.kill()

    def _next(self) -> None:
        for _ in range(len(self._waiting)):
            if self._places <= 0 or len(self._running) >= _AT_MOST:
                return
            wish = self._waiting.popleft()
            gateway = self._gateway(wish)
            if self._at_gateway.get(gateway, 0) >= LOGINS_AT_ONE_GATEWAY:
                self._waiting.append(wish)
            else:
                self._at_gateway[gateway] = self._at_gateway.get(gateway, 0) + 1
                self._places -= 1
                _Starting(self, wish).begin()

    def _gateway(self, wish: Login) -> str:
        return first_hop(self._fleet, wish.node, wish.target)

    def _give_place(self) -> None:
        self._places += 1
        self._next()

    def _finished(self, wish: Login, diagnosis: Diagnosis | None) -> None:
        self._running.pop(wish.node.alias, None)
        self._at_gateway[self._gateway(wish)] -= 1
        wish.done(diagnosis)
        self._next()


class _Starting:
    """One login: take the lock, start ssh, read why it failed."""

    def __init__(self, keeper: Doorkeeper, wish: Login) -> None:
        self._keeper = keeper
        self._wish = wish
        self._log = wish.target.control + ".log"
        self._lock = -1
        self._timer: Timer | None = None
        self._late = False
        self._asked_why = False
        self._patience = keeper._connect_timeout + _LOGIN_PATIENCE
        self._give_up = keeper._reactor.now() + self._patience
        self._place = keeper._reactor.after(_SLOW, keeper._give_place)

    def begin(self) -> None:
        keeper = self._keeper
        self._lock = os.open(
            self._wish.target.control + ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another stentor logs in to this node right now; its master serves us too.
            os.close(self._lock)
            if keeper._reactor.now() < self._give_up:
                keeper._reactor.after(_LOOK_AGAIN, self.begin)
            else:
                self._end(Diagnosis("denied", "another stentor is stuck logging in to it", ""), locked=False)
            return
        if os.path.exists(self._wish.target.control) and master_answers(self._wish.target.control):
            self._end(None)
            return
        argv = master_argv(
            keeper._fleet,
            self._wish.node,
            self._wish.target,
            connect_timeout=keeper._connect_timeout,
            persist=keeper._persist,
            user=keeper._user,
            address=self._wish.address,
        )
        if self._verbose:
            child = self._talking([argv[0], "-v", *argv[1:]])
        else:
            child = Child(keeper._reactor, argv, keeper._environ, self._done, log=self._log)
        keeper._running[self._wish.node.alias] = child
        self._timer = keeper._reactor.after(self._patience, self._too_late)

    @property
    def _verbose(self) -> bool:
        return self._keeper._said is not None and not self._wish.target.via

    def _talking(self, argv: list[str]) -> Child:
        """Start a master which says each step, until it is logged in.

        It writes to a pipe which we leave then, so that it goes on talking to nobody: ssh bears that, and a
        file would grow for as long as the master stays.
        """
        said = bytearray()

        keeper = self._keeper

        def done(code: int) -> None:
            if keeper._said:
                keeper._said(self._wish.node.alias, said.decode("utf-8", "replace"))
            with open(self._log, "wb") as file:
                file.writelines(line for line in said.splitlines(True) if not line.startswith(b"debug"))
            self._done(code)

        return Child(keeper._reactor, argv, keeper._environ, done, output=said.extend, stays=True)

    def _too_late(self) -> None:
        self._late = True
        child = self._keeper._running.get(self._wish.node.alias)
        if child:
            child.kill()

    def _done(self, code: int) -> None:
        if self._timer:
            self._timer.cancel()
        if self._wish.node.alias not in self._keeper._running:
            self._release()
            return  # stopped: nobody waits for it any more
        if code == 0 and not self._asked_why:
            self._end(None)
            return
        if code == 0:
            reason = f"behind {self._behind()}: closed before a login, and a moment later it worked"
            self._end(Diagnosis("no-banner", reason, "--retries tries again"))
            return
        login = readable_login(self._keeper._fleet, self._wish.node, self._keeper._user)
        if self._late:
            reason = f"connected, but the login did not finish in {self._patience:g} s"
            self._end(Diagnosis("no-banner", reason, hint_for("denied", login, self._wish.node.alias)))
            return
        with open(self._log, encoding="utf-8", errors="replace") as file:
            said = file.read()
        if self._wish.target.via and not self._asked_why and is_silent_about_the_way(said):
            self._ask_why()
            return
        alias, seconds = self._wish.node.alias, self._keeper._connect_timeout
        self._end(diagnose(said, login=login, alias=alias, seconds=seconds, behind=self._behind()))

    def _behind(self) -> str:
        """What the node is reached through, as a person calls it."""
        via = self._wish.target.via
        return self._wish.node.jump or ("its ProxyCommand" if via == "proxy" else via)

    def _ask_why(self) -> None:
        """Log in once more without staying: only then ssh lets its proxy say what went wrong."""
        keeper, wish = self._keeper, self._wish
        self._asked_why = True
        limit, user = keeper._connect_timeout, keeper._user
        argv = question_argv(keeper._fleet, wish.node, connect_timeout=limit, user=user, address=wish.address)
        child = Child(keeper._reactor, argv, keeper._environ, self._done, log=self._log)
        keeper._running[wish.node.alias] = child
        self._timer = keeper._reactor.after(limit + 1.0, self._too_late)

    def _release(self) -> None:
        for path in (self._log, self._wish.target.control + ".lock"):
            with suppress(FileNotFoundError):
                os.unlink(path)
        os.close(self._lock)

    def _end(self, diagnosis: Diagnosis | None, *, locked: bool = True) -> None:
        if locked:
            self._release()
        if not self._place.cancelled and self._keeper._reactor.now() < self._place.when:
            self._place.cancel()
            self._keeper._places += 1
        self._keeper._finished(self._wish, diagnosis)


def readable_login(fleet: Fleet, node: Node, user: str | None = None) -> str:
    """Return the line a person types to log in and see for themselves."""
    prefix = f"stentor --fleet {fleet.root} ssh" if fleet.ssh_config else "stentor ssh"
    return f"{prefix} {'--user ' + user + ' ' if user else ''}{node.alias}"


def master_answers(path: str, timeout: float = 1.0) -> int:
    """Return the process id of the master at a control path, 0 if none answers in time (seconds)."""
    import socket

    from stentor.ssh import mux

    decoder = mux.Decoder()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(path)
            connection.sendall(mux.HELLO + mux.alive_check())
            while data := connection.recv(4096):
                for message in decoder.feed(data):
                    if isinstance(message, mux.Alive):
                        return message.pid
    except (OSError, mux.ProtocolError):
        pass
    return 0


def stop_master(path: str, timeout: float = 2.0) -> bool:
    """End a master and its sessions; whether nothing answers there any more.

    OpenSSH often ends the connection without the promised reply: that counts as success.
    """
    import socket

    from stentor.ssh import mux

    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(path)
            connection.sendall(mux.HELLO + mux.terminate())
            while connection.recv(4096):
                pass
    except FileNotFoundError:
        return True
    except OSError:
        pass
    if master_answers(path, timeout):
        return False
    with suppress(FileNotFoundError):
        os.unlink(path)
    return True
