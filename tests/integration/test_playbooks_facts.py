"""Facts of an earlier run: taken while stentor knows of no change, and never silently."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.playbooks import Playbooks, command, play

pytestmark = pytest.mark.integration

FACT = '#!/bin/sh\necho gathered >>~/gathered\necho \'{"word": "own"}\'\n'


@pytest.fixture
def policy(lab: Lab) -> Iterator[Path]:
    """The policy of the practice fleet, which other tests find as it was."""
    path = lab.fleet_dir / "policy.yaml"
    assert not path.exists()
    path.write_text("playbooks: {facts_age: 1h}\n")
    yield path
    path.unlink(missing_ok=True)


def test_facts_are_taken_again_while_nothing_has_changed(
    lab: Lab, playbooks: Playbooks, environ: dict[str, str], policy: Path
) -> None:
    home = lab.home("drtr")
    (home / "facts").mkdir()
    fact = home / "facts" / "own.fact"
    fact.write_text(FACT)
    fact.chmod(fact.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def gathered() -> int:
        return (home / "gathered").read_text().count("\n")

    right = "ansible_local.own.word == 'own' and ansible_env.STENTOR_RUN == now.stdout"
    tasks = [
        command("Now", 'printf %s "$STENTOR_RUN"', changed_when=False, register="now"),
        {"name": "Right", "ansible.builtin.assert": {"that": right}},
        command("Change", "true", when="change is defined"),
    ]
    facts = {"gather_facts": True, "fact_path": "~/facts"}
    playbooks.write("site.yml", play("drtr", *tasks, **facts), play("drtr", name="Again", **facts))
    playbooks.write("more.yml", play("drtr", *tasks[:2], **facts))

    said = playbooks.play("site.yml")
    assert (said.code, gathered()) == (0, 1), "for both of its plays"
    said = playbooks.play("site.yml")
    assert (said.code, gathered()) == (0, 1)
    assert "facts of 0 min ago (playbooks: facts_age)" in said.text("drtr")
    (kept,) = Path(environ["XDG_CACHE_HOME"], "stentor").glob("*.facts/*")
    assert (kept.name, stat.S_IMODE(kept.stat().st_mode)) == ("drtr.json", 0o600)

    said = playbooks.play("site.yml", "-e", "change=yes")
    assert (said.code, gathered()) == (0, 2), "a task has changed something before the second play"
    assert playbooks.play("more.yml", "--flush-cache").code == 0
    assert gathered() == 3
    assert playbooks.run("run", "drtr", "true").code == 0
    said = playbooks.play("more.yml")
    assert (said.code, gathered()) == (0, 4), "another operation was there"
    assert "facts of" not in said.text("drtr")

    old = json.loads(kept.read_text())
    kept.write_text(json.dumps({**old, "at": old["at"] - 3601}))
    assert playbooks.play("more.yml").code == 0
    assert gathered() == 5
    playbooks.write("bad.yml", play("drtr", command("Bad", "false", changed_when=False), **facts))
    assert playbooks.play("bad.yml").code == 1
    assert not kept.exists(), "a task failed, which may have changed something"
    policy.unlink()
    assert playbooks.play("more.yml").code == 0
    assert gathered() == 6
    assert not kept.exists()
