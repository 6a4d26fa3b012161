"""``stentor hook``: trials and the list of what came."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Dotfiles
from stentor.fleet.policy.serving import Hook, Hooks
from tests.practice import FLEET, Practice


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """A fleet with one webhook."""
    secret = tmp_path / "secret"
    secret.write_text("a secret for tests\n")
    secret.chmod(0o600)
    hook = Hook(forge="forgejo", repository="you/dotfiles", selector=("crtr",), secret=str(secret))
    made = Practice(monkeypatch)
    remote = tmp_path / "remote"
    name = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main", remote], check=True)
    subprocess.run(["git", "-C", remote, *name, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    policy = Policy(dotfiles=Dotfiles(remote=str(remote)), hooks=Hooks(each={"dotfiles": hook}))
    made.fleet = FLEET._replace(policy=policy)
    yield made


def test_trials_are_shown_and_listed_afterwards(practice: Practice) -> None:
    ran = practice.run("hook", "test")
    assert ran.code == 0, ran
    assert [line.split()[:2] for line in ran.text.splitlines()[1:]] == [["dotfiles", "forgejo"]] * 4
    assert "the repository, from here          ok      main is at " in ran.text
    ran = practice.run("hook", "deliveries")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.text.splitlines()] == ["ID", "3", "2", "1"]
    assert "refused  the signature is wrong" in ran.text
    ran = practice.run("hook", "deliveries", "-n", "1", "--json")
    header, only = map(json.loads, ran.text.splitlines())
    assert header["type"] == "hook-deliveries"
    assert (only["id"], only["state"], only["hook"]) == (3, "refused", "dotfiles")


def test_a_trial_that_fails_is_the_exit_code(practice: Practice) -> None:
    ran = practice.run("hook", "test", "--url", "http://127.0.0.1:9", "--json")
    assert ran.code == 1
    found = [json.loads(line) for line in ran.text.splitlines()][1:]
    assert {(trial["ok"], trial["status"]) for trial in found} == {(False, 0)}


def test_looking_makes_no_file(practice: Practice) -> None:
    ran = practice.run("hook", "deliveries")
    assert (ran.code, ran.text) == (0, "")
    assert "no webhook has received anything" in ran.said
    assert not (Path(practice.state) / "stentor" / "serve.db").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("test", "other"), "the policy has no webhook 'other'"),
        (("test", "--url", "x"), "'x' is no address"),
        (("deliveries", "-n", "0"), "must be at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(practice: Practice, words: tuple[str, ...], said: str) -> None:
    ran = practice.run("hook", *words)
    assert ran.code == 2
    assert said in ran.said
