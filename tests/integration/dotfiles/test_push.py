"""From an edit in the operator's clone to every node, through a real git remote over ssh."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.dotfiles.conftest import FIRST, Dotfiles

pytestmark = pytest.mark.integration


class Hosted(Dotfiles):
    """The same with a remote: a bare repository on crtr, to which every node has a key of its own."""

    def host(self) -> None:
        lab, home = self.lab, self.lab.home("crtr")
        made = lab.run(
            "crtr",
            "git init -q --bare -b main ~/dotfiles.git; mkdir -p ~/.ssh; chmod 700 ~/.ssh;"
            "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_test",
        )
        assert made.code == 0, made
        node = lab.nodes["crtr"]
        self.url = f"ssh://{node.user}@{node.address}:{node.port}/home/{node.user}/dotfiles.git"
        self._authorize((home / ".ssh/id_test.pub").read_text())
        for alias in lab.nodes:
            place = lab.home(alias) / ".ssh"
            place.mkdir(mode=0o700, exist_ok=True)
            key = (home / ".ssh/id_test").read_text()
            (place / "id_ed25519").write_text(key)
            (place / "id_ed25519").chmod(0o600)
            (place / "config").write_text(
                f"Host {node.address}\n  IdentityFile ~/.ssh/id_ed25519\n  StrictHostKeyChecking accept-new\n"
            )
        self.environ["GIT_SSH_COMMAND"] = f"ssh -F {lab.ssh_config}"
        self.environ["GIT_AUTHOR_NAME"] = self.environ["GIT_COMMITTER_NAME"] = "n"
        self.environ["GIT_AUTHOR_EMAIL"] = self.environ["GIT_COMMITTER_EMAIL"] = "n@example.org"
        self.url_here = f"ssh://crtr/home/{node.user}/dotfiles.git"
        self.git("remote", "add", "origin", self.url_here)

    def _authorize(self, key: str) -> None:
        for path in self.lab.paths("crtr").root.rglob("authorized_keys"):
            path.write_text(path.read_text() + key)
            return
        raise AssertionError("the lab has no authorized_keys")

    def say(self, verb: str, *words: str, **options: object):  # type: ignore[no-untyped-def]
        return self.stentor("dotfiles", verb, *words, **options)


@pytest.fixture
def hosted(dotfiles: Dotfiles) -> Iterator[Hosted]:
    dotfiles.__class__ = Hosted
    hosted = dotfiles
    assert isinstance(hosted, Hosted)
    keys = {p: p.read_text() for p in hosted.lab.paths("crtr").root.rglob("authorized_keys")}
    hosted.host()
    policy = hosted.lab.fleet_dir / "policy.yaml"
    before = policy.read_text() if policy.exists() else None
    policy.write_text(f"dotfiles: {{remote: '{hosted.url}', source: '{hosted.clone}'}}\n")
    yield hosted
    policy.unlink() if before is None else policy.write_text(before)
    for path, text in keys.items():
        path.write_text(text)


def edit(hosted: Hosted, name: str, text: str) -> None:
    path = hosted.clone / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_edit_push_apply(hosted: Hosted) -> None:
    hosted.commit(FIRST)
    hosted.git("push", "-q", "-u", "origin", "main")
    said = hosted.say("apply", "@all", "--yes", "--overwrite", "existing")
    assert said.code == 0, said
    edit(hosted, "dot_zshrc", "export GOOD=2\n")
    dry = hosted.say("push", "--dry-run")
    assert dry.code == 0, dry
    assert "+export GOOD=2" in dry.stdout
    assert "renders on crtr,prtr,drtr,trtr,zrtr" in dry.stderr
    assert hosted.git("status", "--porcelain") == "M dot_zshrc"
    refused = hosted.say("push", "@all", "--yes")
    assert (refused.code, "needs a message" in refused.stderr) == (2, True), refused
    said = hosted.say("push", "@all", "-m", "Two", "--yes")
    assert said.code == 0, said
    for alias in hosted.lab.nodes:
        assert hosted.read(alias, ".zshrc") == "export GOOD=2\n"
        assert hosted.clean(alias)
    assert hosted.git("log", "-1", "--format=%s", "origin/main") == "Two"


def test_what_is_refused(hosted: Hosted) -> None:
    hosted.commit(FIRST)
    hosted.git("push", "-q", "-u", "origin", "main")
    head = hosted.git("rev-parse", "HEAD")
    edit(hosted, "dot_token", "export TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a\n")
    said = hosted.say("push", "@all", "-m", "Token", "--yes")
    assert said.code == 6, said
    assert "dot_token:1: looks like a secret (GitHub Token)" in said.stderr
    assert "ghp_" not in said.stderr
    key = said.stderr.partition("--allow-secret ")[2].split()[0]
    dry = hosted.say("push", "-n", "--allow-secret", key)
    assert "looks like a secret (GitHub Token)" not in dry.stderr
    (hosted.clone / "dot_token").unlink()
    edit(hosted, "dot_bad.tmpl", '{{ if eq .stentor.alias "drtr" }}{{ .nothing.at.all }}{{ end }}')
    said = hosted.say("push", "@all", "-m", "Bad", "--yes")
    assert said.code == 6, said
    assert "does not render on 1 node; drtr:" in said.stderr
    assert hosted.git("rev-parse", "HEAD") == head


def test_a_node_decrypts_with_its_own_key(hosted: Hosted) -> None:
    """Only nodes have the key, so only they can say whether an encrypted file can be had."""
    keys = hosted.lab.run("crtr", "~/.local/bin/chezmoi age-keygen 2>/dev/null").stdout
    recipient = next(line.split()[-1] for line in keys.splitlines() if "public key" in line)
    for alias in hosted.lab.nodes:
        (hosted.lab.home(alias) / "key.txt").write_text(keys)
    config = f'encryption = "age"\n[age]\nidentity = "~/key.txt"\nrecipient = "{recipient}"\n'
    hosted.commit({**FIRST, ".chezmoi.toml.tmpl": config})
    hosted.git("push", "-q", "-u", "origin", "main")
    assert hosted.say("apply", "@all", "--yes", "--overwrite", "existing", "--reinit").code == 0
    secret = hosted.lab.run("crtr", "echo mine | ~/.local/bin/chezmoi encrypt").stdout
    edit(hosted, "encrypted_private_dot_own.age", secret)
    (hosted.lab.home("drtr") / "key.txt").unlink()
    said = hosted.say("push", "@all", "-m", "Own", "--yes")
    assert said.code == 6, said
    assert "does not render on 1 node; drtr:" in said.stderr
    assert "key.txt" in said.stderr
    (hosted.lab.home("drtr") / "key.txt").write_text(keys)
    hosted.lab.break_("trtr", "power-cut")
    said = hosted.say("push", "@all", "-m", "Own", "--yes")
    hosted.lab.heal("trtr")
    assert (
        "renders on crtr,prtr,drtr,zrtr\nrenders here for trtr (not reached), without encrypted files"
        in said.stderr
    )
    assert hosted.read("drtr", ".own") == "mine\n", said


def test_a_secret_that_was_committed_by_hand(hosted: Hosted) -> None:
    """It would leave with the push, even where a later commit takes it away again."""
    hosted.commit(FIRST)
    token = "export TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a\n"
    hosted.git("push", "-q", "-u", "origin", "main")
    hosted.commit({"dot_token": token})
    hosted.commit({"dot_token": None})
    said = hosted.say("push", "--yes", "drtr")
    assert said.code == 6, said
    assert "nothing is edited here; 2 commits to push" in said.stderr
    assert "dot_token:1: looks like a secret (GitHub Token)" in said.stderr
    key = said.stderr.partition("--allow-secret ")[2].split()[0]
    assert hosted.say("push", "-n", "drtr", "--allow-secret", key).code == 0


def test_behind_and_the_way_on(hosted: Hosted) -> None:
    hosted.commit(FIRST)
    hosted.git("push", "-q", "-u", "origin", "main")
    other = Path(hosted.environ["HOME"]) / "other"
    hosted.git("clone", "-q", hosted.url_here, str(other))
    (other / "dot_other").write_text("other\n")
    hosted.git("add", "-A", cwd=other)
    hosted.git("commit", "-q", "-m", "other", cwd=other)
    hosted.git("push", "-q", "origin", "main", cwd=other)
    hosted.lab.break_("drtr", "power-cut")
    planned = hosted.say("plan", "drtr")  # at a commit which the clone here has not fetched
    hosted.lab.heal("drtr")
    assert "assumed from the fleet's facts" in planned.stdout, planned
    assert "+other" in planned.stdout
    edit(hosted, "dot_mine", "mine\n")
    said = hosted.say("push", "-m", "Mine", "--yes", "crtr")
    assert said.code == 6, said
    assert "is behind the remote" in said.stderr
    assert "--rebase" in said.stderr
    said = hosted.say("push", "-m", "Mine", "--yes", "--rebase", "crtr", "--overwrite", "existing")
    assert said.code == 0, said
    assert hosted.read("crtr", ".other") == "other\n"
    assert hosted.read("crtr", ".mine") == "mine\n"
    assert hosted.git("log", "--format=%s", "origin/main").split("\n")[:2] == ["Mine", "other"]


def test_only_the_dotfiles_folder_is_taken(hosted: Hosted) -> None:
    (hosted.clone / "home").mkdir()
    hosted.commit({".chezmoiroot": "home\n", "home/dot_zshrc": "export GOOD=1\n", "notes.txt": "one\n"})
    hosted.git("push", "-q", "-u", "origin", "main")
    edit(hosted, "notes.txt", "two\n")
    edit(hosted, "home/dot_zshrc", "export GOOD=2\n")
    hosted.git("add", "notes.txt")
    said = hosted.say("push", "-m", "Dotfiles", "--yes", "drtr", "--overwrite", "existing")
    assert said.code == 0, said
    assert hosted.git("show", "--name-only", "--format=", "HEAD") == "home/dot_zshrc"
    assert hosted.git("status", "--porcelain") == "M  notes.txt".strip()
    assert hosted.read("drtr", ".zshrc") == "export GOOD=2\n"


def test_a_fresh_node(hosted: Hosted) -> None:
    rev = hosted.commit(FIRST)
    hosted.git("push", "-q", "-u", "origin", "main")
    said = hosted.say("init", "drtr", "--yes")
    assert said.code == 0, said
    assert hosted.clean("drtr")
    asked = hosted.lab.run(
        "drtr", "cd ~/.local/share/chezmoi && git rev-parse HEAD && git remote get-url origin"
    )
    assert asked.stdout.split() == [rev, hosted.url]
    back = hosted.say("rollback", "drtr", "--yes")
    assert back.code == 0, back
    assert "PS1" in hosted.read("drtr", ".bashrc")
    assert "  none  " in hosted.say("status", "drtr").stdout, "behind the first change there is no revision"


def test_a_node_pulls_by_itself(hosted: Hosted) -> None:
    """The tick that a timer or cron makes, without a controller."""
    hosted.commit(FIRST)
    hosted.git("push", "-q", "-u", "origin", "main")
    assert hosted.say("init", "drtr", "--yes").code == 0
    fake_cron(hosted, "drtr")
    said = hosted.say("timer", "install", "drtr")
    assert said.stdout == "drtr: cron\n", said
    table = (hosted.lab.home("drtr") / "crontab").read_text()
    assert "stentor-dotfiles-timer" in table
    tick = "sh ~/.local/state/stentor/dotfiles/timer/program tick jitter=0"
    assert "timer at " in hosted.lab.run("drtr", tick).stdout
    edit(hosted, "dot_zshrc", "export GOOD=2\n")
    hosted.commit({"dot_zshrc": "export GOOD=2\n"})
    hosted.git("push", "-q", "origin", "main")
    assert "timer at " in hosted.lab.run("drtr", tick).stdout
    assert hosted.read("drtr", ".zshrc") == "export GOOD=2\n"
    assert hosted.clean("drtr")
    before = hosted.manifest("drtr")
    hosted.commit({"dot_profile": "exit 3\n"})
    hosted.git("push", "-q", "origin", "main")
    (hosted.lab.home("drtr") / ".profile").unlink()
    before = hosted.manifest("drtr")
    assert "took " in hosted.lab.run("drtr", tick).stdout
    assert hosted.manifest("drtr") == before
    hosted.commit({"dot_profile": None, "dot_zshrc": "export GOOD=3\n"})
    hosted.git("push", "-q", "origin", "main")
    assert "paused" in hosted.lab.run("drtr", tick).stdout
    assert "paused" in hosted.say("timer", "status", "drtr").stdout
    told = [json.loads(line) for line in hosted.say("timer", "remove", "drtr", "--json").stdout.splitlines()]
    assert [(line["node"], line["timer"]) for line in told if line["type"] == "timer"] == [
        ("drtr", "removed")
    ]
    assert "stentor" not in (hosted.lab.home("drtr") / "crontab").read_text()


def fake_cron(hosted: Hosted, alias: str) -> None:
    """A crontab program which keeps its table in a file: practice nodes have no cron."""
    place = hosted.lab.home(alias) / ".local/bin/crontab"
    place.write_text(
        "#!/bin/sh\ncase $1 in -l) cat ~/crontab 2>/dev/null ;;\n"
        "*) cat >~/crontab.new && mv ~/crontab.new ~/crontab ;; esac\n"
    )
    place.chmod(0o755)


def test_who_says_no_to_the_plan_has_pushed_and_changed_no_node(hosted: Hosted) -> None:
    hosted.start("drtr")
    hosted.git("push", "-q", "origin", "main")
    before = hosted.git("rev-parse", "HEAD")
    (hosted.clone / "dot_zshrc").write_text("export GOOD=2\n")
    answers = iter([lambda: b"y\n", lambda: b"n\n"])
    code, said = hosted.asked("push", "drtr", "-m", "Two", answers=answers)
    assert code != 0
    first, _, second = said.partition("[y/N] ")
    assert first.endswith("commit and push? ")
    assert "bring drtr to" in second
    said = " ".join(second.split())
    assert "the commit is pushed, no node was changed; 'stentor dotfiles apply drtr' applies it" in said
    assert hosted.git("rev-parse", "origin/main") == hosted.git("rev-parse", "HEAD") != before
    assert hosted.read("drtr", ".zshrc") == FIRST["dot_zshrc"]
