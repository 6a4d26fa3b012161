"""Logins: the user's own ``ssh`` logs in, and stays as a master.

Their number is limited by gateway (a server drops logins at random once ten of them are under way:
MaxStartups) and in all, and two stentors which start at once do not start two masters for a node.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from stentor.fleet.model import Fleet, Node
from stentor.ssh.child import Child
from stentor.ssh.diagnose import Diagnosis, diagnose, hint_for, is_silent_about_the_way, no_room
from stentor.ssh.login_times import LoginTimes
from stentor.ssh.master import master_answers
from stentor.ssh.reactor import Owner, Reactor, Timer
from stentor.ssh.started import MARK, end_marked
from stentor.ssh.target import Target, first_hop, master_argv, question_argv
from stentor.typed import NamedTuple

# A server with the default MaxStartups 10:30:100 begins to drop logins at the eleventh.
LOGINS_AT_ONE_GATEWAY = 8
AT_ONCE = 64  # nodes beyond these are probed first, which costs each server one connection more
# Key exchange and authentication are work for both sides; after the connection stands they may
# take this much longer than the connection itself, seconds.
_LOGIN_PATIENCE = 20.0
_LOOK_AGAIN = 0.05
# A login that takes longer than this waits for a silent node or server, not for our processors: its
# place goes to the next, so that nodes which are down do not delay the others. Seconds.
_SLOW = 1.0
_AT_MOST = 256
# Of a login that failed: there was no server to log in to. One that takes no key does answer.
_SILENT = ("unresolved", "unreachable", "refused", "no-banner")
_DESCRIPTORS_EACH = 4  # the lock, the process, and for a moment a pipe or a question to the master


class LoginRequest(NamedTuple):
    """A node that needs a master."""

    node: Node  # the node
    target: Target  # what ssh makes of it
    address: str | None  # one of its addresses; None for the first
    done: Callable[[Diagnosis | None], None]  # told why the login failed; None when the master is there


class LoginQueue:
    """Starts logins, not too many at once.

    Args:
        environ: the environment of ssh (its agent, its home).
        connect_timeout: seconds.
        persist: seconds a master stays without a session.
        times: told what each login took.
        user: a login name in place of the fleet's.
        descriptors: how many files the logins may have open together.
        said: told a node's alias and what ``ssh -v`` said of its login; None for a silent ssh.
    """

    def __init__(
        self,
        reactor: Reactor,
        fleet: Fleet,
        environ: Mapping[str, str],
        *,
        connect_timeout: float,
        persist: int,
        times: LoginTimes,
        user: str | None = None,
        said: Callable[[str, str], None] | None = None,
        descriptors: int = 1000,
    ) -> None:
        self.reactor = reactor
        self.fleet = fleet
        self.environ = environ
        self.connect_timeout = connect_timeout
        self.persist = persist
        self.times = times
        self.user = user
        self.said = said
        self._waiting: deque[tuple[LoginRequest, Owner | None]] = deque()
        self._at_gateway: dict[str, int] = {}
        self._begun: set[_Login] = set()
        self.running: dict[str, Child] = {}
        self._word = os.urandom(8).hex()
        self._marks = 0
        self._given_up: set[str] = set()
        self._most = max(1, min(_AT_MOST, descriptors // _DESCRIPTORS_EACH))
        self.places = min(AT_ONCE, self._most)

    @property
    def free(self) -> int:
        """How many more logins would begin at once."""
        return max(0, self.places - len(self._waiting))

    def login(self, request: LoginRequest) -> None:
        """Start a master, now or when there is a slot; ``request.done`` is told what came of it."""
        self._waiting.append((request, self.reactor.owner))
        self._next()

    def stop(self) -> None:
        """End all logins under way, and what those that failed have left running.

        Nobody is told, and the next fan-out of this process may log in.
        """
        self._waiting.clear()
        running, self.running = self.running, {}
        for child in running.values():
            child.kill()
        for login in self._begun:
            login.release()
            login.given_up()
        self._begun.clear()
        if self._given_up:
            end_marked(self._given_up)
            self._given_up.clear()

    def new_mark(self) -> str:
        """Return a word for one login, by which all that it starts is found again."""
        self._marks += 1
        return f"{self._word}-{self._marks}"

    def given_up(self, mark: str) -> None:
        """Note a login that has failed: what it has left running is ended at the end of all."""
        self._given_up.add(mark)

    def _next(self) -> None:
        held: list[tuple[LoginRequest, Owner | None]] = []  # their gateway has no slot; they keep their place
        while self._waiting and self.places > 0 and len(self._begun) < self._most:
            request, owner = self._waiting.popleft()
            gateway = self._gateway(request)
            if self._at_gateway.get(gateway, 0) >= LOGINS_AT_ONE_GATEWAY:
                held.append((request, owner))
                continue
            self._at_gateway[gateway] = self._at_gateway.get(gateway, 0) + 1
            self.places -= 1
            login = _Login(self, request, owner)
            self._begun.add(login)
            self.reactor.on_behalf(login.broke, login.begin)
        self._waiting.extendleft(reversed(held))

    def _gateway(self, request: LoginRequest) -> str:
        return first_hop(self.fleet, request.node, request.target)

    def give_place(self) -> None:
        """Let one more login begin."""
        self.places += 1
        self._next()

    def finished(
        self, login: _Login, request: LoginRequest, owner: Owner | None, diagnosis: Diagnosis | None
    ) -> None:
        """Take the end of a login, and begin the next."""
        self._begun.discard(login)
        self.running.pop(request.node.alias, None)
        self._at_gateway[self._gateway(request)] -= 1
        if diagnosis is not None and diagnosis.kind in _SILENT:
            self.times.down(request.node.alias)
        elif login.since is not None:
            self.times.took(request.node.alias, self.reactor.now() - login.since)
        self.reactor.on_behalf(owner, request.done, diagnosis)
        self._next()


class _Login:
    """One login: take the lock, start ssh, read why it failed."""

    def __init__(self, queue: LoginQueue, request: LoginRequest, owner: Owner | None) -> None:
        self._queue = queue
        self._request = request
        self._owner = owner
        self._log = request.target.control + ".log"
        self._mark = queue.new_mark() if request.target.via else ""
        self._lock = -1
        self._timer: Timer | None = None
        self.since: float | None = None  # when ssh was started; None where another stentor logs in
        self._late = False
        self._asked_why = False
        self._patience = queue.connect_timeout + _LOGIN_PATIENCE
        self._give_up = queue.reactor.now() + self._patience
        self._over = False
        self._place = queue.reactor.after(_SLOW, queue.give_place)

    def begin(self) -> None:
        queue = self._queue
        self._lock = os.open(
            self._request.target.control + ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another stentor logs in to this node right now; its master serves us too.
            os.close(self._lock)
            self._lock = -1
            if queue.reactor.now() < self._give_up:
                queue.reactor.after(_LOOK_AGAIN, self.begin)
            else:
                self._end(Diagnosis("denied", "another stentor is stuck logging in to it", ""))
            return
        if os.path.exists(self._request.target.control) and master_answers(self._request.target.control):
            self._end(None)
            return
        argv = master_argv(
            queue.fleet,
            self._request.node,
            self._request.target,
            connect_timeout=queue.connect_timeout,
            persist=queue.persist,
            user=queue.user,
            address=self._request.address,
        )
        self.since = queue.reactor.now()
        child = self._talking([argv[0], "-v", *argv[1:]]) if self._verbose else self._child(argv)
        queue.running[self._request.node.alias] = child
        self._timer = queue.reactor.after(self._patience, self._too_late)

    def _child(self, argv: list[str]) -> Child:
        queue = self._queue
        environ = {**queue.environ, MARK: self._mark} if self._mark else queue.environ
        return Child(queue.reactor, argv, environ, self._done, log=self._log, ends_group=True)

    def given_up(self) -> None:
        """See that nothing stays of what a ProxyCommand or a jump host has started."""
        if self._mark:
            self._queue.given_up(self._mark)

    @property
    def _verbose(self) -> bool:
        return self._queue.said is not None and not self._request.target.via

    def _talking(self, argv: list[str]) -> Child:
        """Start a master which tells each step of its login.

        It writes to a pipe that is closed after the login: ssh goes on without it, and a file would grow for
        as long as the master stays.
        """
        said = bytearray()
        queue = self._queue

        def done(code: int) -> None:
            if queue.said:
                queue.said(self._request.node.alias, said.decode("utf-8", "replace"))
            with open(self._log, "wb") as file:
                file.writelines(line for line in said.splitlines(True) if not line.startswith(b"debug"))
            self._done(code)

        return Child(queue.reactor, argv, queue.environ, done, output=said.extend, stays=True)

    def broke(self, error: Exception) -> None:
        """An exception: this login has failed, the others go on."""
        self._kill()
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            self._end(no_room(os.path.dirname(self._log), os.strerror(error.errno)))
        else:
            self._end(Diagnosis("failed", f"unexpected answer: {type(error).__name__}: {error}", ""))

    def _too_late(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        child = self._queue.running.get(self._request.node.alias)
        if child:
            child.kill()

    def _done(self, code: int) -> None:
        if self._timer:
            self._timer.cancel()
        if self._request.node.alias not in self._queue.running:
            self.release()
            return  # stopped
        if code == 0 and not self._asked_why:
            self._end(None)
            return
        if code == 0:
            reason = f"behind {self._behind()}: closed before a login, and a moment later it worked"
            self._end(Diagnosis("no-banner", reason, "--retries tries again"))
            return
        login = readable_login(self._queue.fleet, self._request.node, self._queue.user)
        if self._late:
            reason = f"connected, but the login did not finish in {self._patience:g} s"
            self._end(Diagnosis("no-banner", reason, hint_for("denied", login, self._request.node.alias)))
            return
        with open(self._log, encoding="utf-8", errors="replace") as file:
            said = file.read()
        if self._request.target.via and not self._asked_why and is_silent_about_the_way(said):
            self._ask_why()
            return
        alias, seconds = self._request.node.alias, self._queue.connect_timeout
        self._end(diagnose(said, login=login, alias=alias, seconds=seconds, behind=self._behind()))

    def _behind(self) -> str:
        """What the node is reached through, as a person calls it."""
        via = self._request.target.via
        return self._request.node.jump or ("its ProxyCommand" if via == "proxy" else via)

    def _ask_why(self) -> None:
        """Log in once more without staying: only then ssh lets its proxy say what went wrong."""
        queue, request = self._queue, self._request
        self._asked_why = True
        limit, user = queue.connect_timeout, queue.user
        argv = question_argv(
            queue.fleet, request.node, connect_timeout=limit, user=user, address=request.address
        )
        queue.running[request.node.alias] = self._child(argv)
        self._timer = queue.reactor.after(limit + 1.0, self._too_late)

    def release(self) -> None:
        """Let others log in to the node."""
        if self._lock < 0:
            return
        for path in (self._log, self._request.target.control + ".lock"):
            with suppress(FileNotFoundError):
                os.unlink(path)
        os.close(self._lock)
        self._lock = -1

    def _end(self, diagnosis: Diagnosis | None) -> None:
        if self._over:
            return
        self._over = True
        self.release()
        if diagnosis is not None:
            self.given_up()
        if not self._place.cancelled and self._queue.reactor.now() < self._place.when:
            self._place.cancel()
            self._queue.places += 1
        self._queue.finished(self, self._request, self._owner, diagnosis)


def readable_login(fleet: Fleet, node: Node, user: str | None = None) -> str:
    """Return the line a person types to log in and see for themselves."""
    prefix = f"stentor --fleet {fleet.root} ssh" if fleet.ssh_config else "stentor ssh"
    return f"{prefix} {'--user ' + user + ' ' if user else ''}{node.alias}"
