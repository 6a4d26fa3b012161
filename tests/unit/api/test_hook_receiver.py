"""Webhooks as a server calls them: what is answered, and what is on the disk by then."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from stentor.api.fleet import Fleet
from stentor.api.hook_action import unconfirmed
from stentor.api.hook_receiver import Receiver
from stentor.api.hook_trial import FORGED, SOURCE, trials
from stentor.errors import FleetError, Refused, UsageError
from stentor.fleet.model import Fleet as Data
from stentor.fleet.model import Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.serving import Hook, Keeping, Tell
from stentor.fleet.policy.serving import Hooks as Section
from stentor.guard.calls import Finding
from stentor.hooks.samples import Moved, sample
from stentor.journal import file
from stentor.operation.guarding import Danger

SECRET = b"a secret for tests"
PUSH = Moved("main", "a" * 40, "b" * 40)


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    """A webhook with a good secret."""
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(0o600)
    return Hook(forge="github", repository="you/dotfiles", selector=("a",), secret=str(path))


@pytest.fixture
def hooks(tmp_path: Path, hook: Hook) -> Receiver:
    """The webhooks of a fleet."""
    return made(tmp_path, hook)


def made(folder: Path, hook: Hook, tell: Tell = Tell()) -> Receiver:  # noqa: B008 - immutable
    """The webhooks of a fleet with one."""
    environ = {"XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
    policy = Policy(hooks=Section(each={"dotfiles": hook}), keep=Keeping(tell=tell))
    fleet = Fleet(Data("/fleet", {"a": Node("a", "a")}, {"all": ("a",)}, policy=policy), environ=environ)
    return Receiver(lambda: fleet, environ)


def test_a_push_is_on_the_disk_when_it_is_answered(hooks: Receiver, hook: Hook) -> None:
    sent = sample(hook, SECRET, PUSH, "d1", time.time())
    assert hooks.receive("dotfiles", sent.headers, sent.body) == (202, "accepted as delivery 1")
    assert hooks.came.is_set()
    (kept,) = hooks.queue().deliveries(100)
    assert (kept.state, kept.delivery, kept.after) == ("queued", "d1", PUSH.after)
    assert hooks.receive("dotfiles", sent.headers, sent.body) == (200, "received before, as delivery 1")


def test_a_refused_delivery_is_listed_with_its_reason(hooks: Receiver, hook: Hook) -> None:
    forged = sample(hook, b"guessed", PUSH, "d1", time.time())
    assert hooks.receive("dotfiles", forged.headers, forged.body) == (401, "the signature is wrong")
    (kept,) = hooks.queue().deliveries(100)
    assert (kept.state, kept.delivery, kept.reason) == ("refused", "d1", "the signature is wrong")
    assert not hooks.came.is_set()


def test_an_unknown_webhook_is_not_there(hooks: Receiver) -> None:
    assert not hooks.known("other")
    assert hooks.known("dotfiles")
    assert hooks.receive("other", {}, b"").status == 404
    assert hooks.queue().deliveries(100) == []


def test_what_is_wrong_here_is_told_here_and_not_the_sender(hooks: Receiver, hook: Hook) -> None:
    Path(hook.secret).chmod(0o644)
    answer = hooks.receive("dotfiles", {}, b"")
    assert answer.status == 503
    assert hook.secret not in answer.text
    assert "others can read" in hooks.queue().deliveries(100)[0].reason


def test_a_full_disk_is_no_acceptance(hooks: Receiver, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sample(hook, SECRET, PUSH, "d1", time.time())

    class Full:
        def execute(self, *_: object) -> None:
            raise file.Error("database or disk is full")

        in_transaction = False

    monkeypatch.setattr(hooks.database(), "_connection", Full())
    assert hooks.receive("dotfiles", sent.headers, sent.body).status == 503


def test_faults_in_the_files_leave_the_last_good_fleet(tmp_path: Path, hook: Hook) -> None:
    good = made(tmp_path, hook).fleet()
    now, faulty = 0.0, False

    def opened() -> Fleet:
        if faulty:
            raise FleetError("a fault")
        return good

    hooks = Receiver(opened, good.environ, clock=lambda: now)
    assert hooks.known("dotfiles")
    faulty, now = True, 100.0
    assert hooks.known("dotfiles")
    never = Receiver(opened, good.environ)
    assert not never.known("dotfiles")
    assert never.receive("dotfiles", {}, b"").status == 503


def test_the_webhook_says_who_is_told_and_else_the_policy(tmp_path: Path, hook: Hook) -> None:
    told = tmp_path / "told"
    general, own = (Tell(command=f'echo "{who}: $STENTOR_RESULT" >> {told}') for who in ("general", "own"))
    for tell, who in ((Tell(), "general"), (own, "own")):
        policy = Hook(**{**hook.__dict__, "tell": tell})
        hooks = made(tmp_path, policy, tell=general)
        logged: list[str] = []
        hooks.log = logged.append
        hooks.tell("dotfiles", "failed", "no such commit")
        assert logged == ["webhook dotfiles: failed: no such commit"]
        assert hooks.messages().send() == []
        assert told.read_text() == f"{who}: no such commit\n"
        told.unlink()


def test_trials_roll_nothing_out(hooks: Receiver) -> None:
    source, *found = trials(hooks)
    assert (source.what, source.ok) == (SOURCE, False)
    assert source.text == (
        "the dotfiles have no remote to fetch a push from; set dotfiles: remote: in the policy"
    )
    assert [(trial.ok, trial.status) for trial in found] == [(True, 200), (True, 200), (True, 401)]
    assert found[-1].what == FORGED
    assert {one.state for one in hooks.queue().deliveries(100)} == {"ignored", "refused"}


@pytest.mark.parametrize("forge", ["gitea", "forgejo", "gitlab", "bitbucket", "sourcehut", "plain"])
def test_trials_know_every_forge(tmp_path: Path, hook: Hook, forge: str) -> None:
    policy = Hook(**{**hook.__dict__, "forge": forge, "secret": "" if forge == "sourcehut" else hook.secret})
    _, *found = trials(made(tmp_path, policy))
    assert found
    assert all(trial.ok for trial in found), found


def test_trials_of_what_is_not_there(hooks: Receiver, hook: Hook) -> None:
    with pytest.raises(UsageError, match="no webhook 'x'"):
        list(trials(hooks, ["x"]))
    with pytest.raises(UsageError, match="is no address"):
        list(trials(hooks, url="fleet.example"))
    (answer, *_) = trials(hooks, url="http://127.0.0.1:9")
    assert answer.status == 0
    assert "stentor serve" in answer.text
    Path(hook.secret).unlink()
    _, answer = trials(hooks)
    assert not answer.ok
    assert "cannot be read" in answer.text


def test_the_guards_question_is_left_to_a_person() -> None:
    found = Finding("shutdown", "poweroff", "the node stops")
    with pytest.raises(Refused, match="dangerous on 2 nodes: poweroff: the node stops") as raised:
        unconfirmed("stentor services deploy @all")(Danger(("a", "b"), (found,)))
    assert raised.value.hint == "no webhook confirms that; at a terminal: stentor services deploy @all"
