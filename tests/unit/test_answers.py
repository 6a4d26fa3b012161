"""Every parser of what a node says: whatever comes, the node has an outcome and nothing else happens."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stentor.dotfiles import answer, visit
from stentor.errors import StentorError
from stentor.fanout.collect import Result, parsed
from stentor.fanout.prelude import Verdicts
from stentor.fanout.spool import Spool
from stentor.fleet.needs import Need
from stentor.outcome import Outcome
from stentor.probe import doctor, facts, gpus, inventory, migration, needs, observe, status, trust
from stentor.probe.session import Session
from stentor.removal import nodes as removal
from stentor.render.visible import visible
from stentor.rollout import lock, snapshot
from stentor.ssh import hostkeys
from stentor.ssh.banner import NoBannerError, read_banner
from stentor.ssh.marker import Scanner
from stentor.tmux import listing, state
from stentor.transfer import arriving, fetching, plan, remote

OK = Outcome("crtr", "ok", 0)
NEED = Need("command", "git")
WORD = "stentor-0011223344556677"


def text(parser: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda said: parser(said.decode("utf-8", "replace"))


def unpacked(said: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        arrival = arriving.Arrival(folder, arriving.Limits())
        with contextlib.closing(arrival):
            arrival.take(said)
            return fetching.Fetching(folder)._keep(arrival, OK)


def scanned(said: bytes) -> Any:
    scanner = Scanner(WORD)
    return scanner.feed(said) + scanner.rest()


def banner(said: bytes) -> Any:
    try:
        return read_banner(said, ended=True)
    except NoBannerError as error:
        return str(error)


def sudo(said: bytes) -> Any:
    verdicts = Verdicts(WORD)
    return verdicts.stderr("crtr", said) + verdicts.rest("crtr"), verdicts.outcome(OK)


PARSERS: dict[str, Callable[[bytes], Any]] = {
    "copy: what is there": lambda said: plan.parse_look(said.decode("utf-8", "surrogateescape")),
    "fetch: how much": remote.measured,
    "fetch: the archive": unpacked,
    "lock": lock.parse,
    "snapshot": text(snapshot.answer),
    "status": lambda said: status.judge(OK, said, 1.0, 2.0),
    "status: facts": facts.parse,
    "status: gpus": gpus.parse,
    "facts": inventory.parse,
    "needs": text(lambda said: needs.parse(said, [NEED])),
    "migrate": lambda said: migration.held_in(["true"], said),
    "doctor": lambda said: doctor.diagnose(Session(OK, said, 1.0, 2.0), ["git"]),
    "doctor: what was seen": observe.parse,
    "dotfiles": lambda said: visit._judge(OK, said, said),
    "dotfiles: answer": answer.parse,
    "tmux list": listing.parse,
    "tmux close": lambda said: state.remote_work("crtr", said),
    "uninstall": lambda said: removal.parse("drtr", said),
    "trust: keys": text(hostkeys.parse_scan),
    "trust: certificates": text(trust.parse_certificates),
    "the marker": scanned,
    "the banner": banner,
    "sudo": sudo,
    "a terminal": lambda said: b"".join(visible([said])),
}

# What nodes say, for changes of it.
SAID = [
    b"base yes\nsums sha256sum\ntool tar\npart k 5\nl 0 x\nd 1\nf 2\ns 5 10 644\nheld a 1700000000 me y\n",
    b"held a/b 1700000000 me@there dotfiles apply\n",
    b"snapshot taken x\nsnapshot left .ssh: it was changed\nneed 0 yes\ncheck 0 1\n3 400\n",
    (
        b"stentor_probe=1\nnow=1700000000\ngpu=1, 2, 3\ndisk_root=/dev/a 1 2 3 4% /\nmeminfo=MemTotal: 5 kB\n"
        b"uptime=5.1 4\nload=0.1 0.2 0.3 1/2 3\ncores=4\nuname=Linux 6.1 x86_64\nstentor_probe_end=1\n"
    ),
    (
        b"stentor_inventory=1\ncores=4\ndisk=sda 100 1 x\ngpu=A, 5, 6\naddress=2: e inet 1.2.3.4/8 scope\n"
        b"package=installed git 1:2\ntool_git=git version 2.4\nhas=git\nmac=e 0\nstentor_inventory_end=1\n"
    ),
    (
        b"stentor_doctor 1\nnow 1700000000\nhome /h\nshell ssh done 1\nshell ssh umask 0022\npath /bin\n"
        b"stentor_doctor_end 1\n"
    ),
    b"stentor-dotfiles 1 status\nchezmoi 2.71.0\npending a b armed 5\napplied c d\ndistance 1 2\nend 0\n",
    b"1700000000\t2\t1\tvim\tname\nstentor-fg pts/1 vim\n",
    b"host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC8hftunlAyZBZXedMYs3sLe\nSSH-2.0-OpenSSH_9.2\n",
    f"noise {WORD} 4711 /bin/sh\n{WORD} wrong\n".encode(),
]
ODD = ["²", "٣", "99999999999999999999", "-1", "1e9", "", "\udcff", "\x1b[2J", "\0", "x" * 5000, "\n", " "]


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A good answer with words replaced, lines cut, doubled and mixed."""
    words = draw(st.sampled_from(SAID)).decode().replace("=", " = ").replace("\n", " \n ").split(" ")
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(st.sampled_from([*ODD, *words]))
    said = " ".join(words).replace(" = ", "=").replace(" \n ", "\n").encode("utf-8", "surrogateescape")
    return said[: draw(st.integers(0, len(said)))] if draw(st.booleans()) else said


def result(said: bytes) -> Result:
    piece = Spool().piece()
    piece.append(said)
    return Result(OK, piece, None)


@pytest.mark.parametrize("name", PARSERS)
@given(st.one_of(changed(), st.binary(max_size=600)))
@example("need ² yes\ncheck ² ²\npart k ²\nheld x ² y z\n".encode())
@example(b"")
def test_whatever_a_node_says_is_its_own_affair(name: str, said: bytes) -> None:
    outcome, _ = result(said).read(PARSERS[name], None)
    assert outcome.kind in ("ok", "failed")
    if name != "lock":  # that one must not take half a lock for none
        PARSERS[name](said)


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError(0), RecursionError(), UnicodeError("y"), OSError(5, "z")]
)
def test_an_exception_is_the_nodes_outcome(error: Exception) -> None:
    def fails(_: bytes) -> str:
        raise error

    outcome, answer_ = result(b"\x1b[2Jodd").read(fails, "nothing")
    assert (outcome.kind, answer_) == ("failed", "nothing")
    assert outcome.reason.startswith("unexpected answer: ")
    assert '(it said "?[2Jodd")' in outcome.reason


def test_an_error_of_our_own_is_raised() -> None:
    def fails(_: bytes) -> str:
        raise StentorError("ours")

    with pytest.raises(StentorError, match="ours"):
        parsed(fails, (b"",), str, OK, b"")


def test_the_answer_of_a_node_that_failed_is_not_read() -> None:
    failed = Result(OK._replace(kind="failed", code=3), None, None)
    assert failed.read(lambda _: pytest.fail("it was read"), 7) == (failed.outcome, 7)


# Files that take output as it is: what they call raises nothing (above), or a ``GatherChange`` is around it.
AS_IT_IS = {
    "probe/fixing.py": "snapshot.answer",
    "probe/gathering.py": "a GatherChange",
    "api/exports.py": "our own node or another: lines that are shown",
    "api/reap.py": "the last word, looked up in a table",
    "api/trust.py": "hostkeys.parse_scan",
    "api/__init__.py": "an example in a docstring",
    "cli/commands/shell/complete.py": "lines that can be printed",
}


def test_no_command_reads_an_answer_by_itself() -> None:
    """Output goes through ``Result.read``, but for the files that are named."""
    import stentor

    root = os.path.dirname(stentor.__file__)
    found = set()
    for place, _, files in os.walk(root):
        for file in (name for name in files if name.endswith(".py")):
            path = os.path.join(place, file)
            with open(path, encoding="utf-8") as source:
                if re.search(r"\bresult\.(text|stdout)\b", source.read()):
                    found.add(os.path.relpath(path, root))
    assert found == set(AS_IT_IS)
