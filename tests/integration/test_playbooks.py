"""`stentor playbook` and `stentor ansible`: the real Ansible, over stentor's connections."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from stentor.lab import Lab
from tests.playbooks import Playbooks, command, play, wait

pytestmark = pytest.mark.integration

MOTD = {"name": "Write motd", "ansible.builtin.copy": {"content": "same\n", "dest": "~/motd", "mode": "0644"}}
TRUE = command("True", "true", changed_when=False)


def test_a_dry_run_shows_nodes_alike_together_and_changes_nothing(lab: Lab, playbooks: Playbooks) -> None:
    playbooks.write("site.yml", play("core", MOTD, command("Look", "echo hi")))
    before = {alias: sorted(lab.home(alias).rglob("*")) for alias in ("crtr", "prtr", "drtr")}
    done = playbooks.run("playbook", "site.yml", "prtr,drtr", "-n")
    assert done.code == 0, done
    assert done.stdout.splitlines()[0] == "prtr,drtr: 1 task would change something"
    assert "  not checked: Look (Command would have run if not in check mode)" in done.stdout
    assert "    +same" in done.stdout
    assert "play 'Play for core': prtr,drtr, 2 tasks" in done.stderr
    assert "cannot be reverted; a comment" in done.stderr
    after = {alias: sorted(lab.home(alias).rglob("*")) for alias in before}
    made = {path for alias in before for path in {*after[alias]} - {*before[alias]}}
    assert not {path.name for path in made} & {"motd"}
    assert not [path for path in made if path.is_file()], made
    assert "no operation" in playbooks.run("show").stderr


def test_it_changes_what_the_check_has_shown_and_is_in_the_journal(lab: Lab, playbooks: Playbooks) -> None:
    playbooks.write("site.yml", play("core", MOTD, TRUE))
    said = playbooks.play("site.yml", "-D")
    assert (said.code, said.kinds()) == (0, dict.fromkeys(("crtr", "prtr", "drtr"), "ok"))
    assert said.text("drtr").startswith("changed: Write motd\n")
    assert said.text("drtr").endswith("1 changed, 1 unchanged\n")
    assert (lab.home("drtr") / "motd").read_text() == "same\n"
    assert "playbook: site.yml" in playbooks.run("history").stdout
    assert playbooks.play("site.yml").text("crtr") == "2 unchanged\n"


def test_no_second_login_happens(lab: Lab, playbooks: Playbooks) -> None:
    """sshd tells each session its connection: Ansible's tasks come over the one that stentor has opened."""
    tell = command("Tell", "echo $SSH_CONNECTION > ~/connection")
    playbooks.write("site.yml", play("drtr", tell))
    ours = playbooks.run("run", "drtr", "echo $SSH_CONNECTION").stdout.strip()
    assert playbooks.play("site.yml").code == 0
    assert (lab.home("drtr") / "connection").read_text().strip() == ours != ""


def test_a_failed_task_is_named_and_the_node_alone_runs_again(lab: Lab, playbooks: Playbooks) -> None:
    fail = command("Look for it", "test -e ~/there || { echo lacking >&2; exit 3; }")
    playbooks.write("site.yml", play("prtr,drtr", MOTD, fail))
    (lab.home("prtr") / "there").touch()
    said = playbooks.play("site.yml")
    assert (said.code, said.kinds()) == (1, {"prtr": "ok", "drtr": "failed"})
    reason = said.finished()["drtr"]["reason"]
    assert reason.startswith("task 'Look for it' (site.yml:")
    assert "lacking" in said.text("drtr")
    (lab.home("drtr") / "there").touch()
    again = playbooks.run("rerun", "--failed")
    assert again.code == 0, again
    assert "prtr" not in again.stdout
    assert playbooks.run("rerun", "--failed").stderr.startswith("stentor: operation 1: playbook: site.yml")


def test_what_is_ignored_or_rescued_is_no_failure(playbooks: Playbooks) -> None:
    block = {"block": [command("Breaks", "false")], "rescue": [TRUE]}
    playbooks.write("site.yml", play("drtr", command("Ignored", "false", ignore_errors=True), block))
    said = playbooks.play("site.yml")
    assert (said.code, said.kinds()) == (0, {"drtr": "ok"})
    assert "failed, and ignored: Ignored" in said.text("drtr")


def test_a_node_that_goes_down_in_the_middle_is_lost_and_hides_no_other(
    lab: Lab, playbooks: Playbooks
) -> None:
    waits = command("Wait", "touch ~/waits; until [ -e ~/go ]; do sleep 0.1; done")
    playbooks.write("site.yml", play("prtr,drtr", TRUE, waits, TRUE, MOTD))
    process = playbooks.start("site.yml")
    wait(lambda: all((lab.home(a) / "waits").exists() for a in ("prtr", "drtr")), "both wait")
    lab.break_("drtr", "down")
    (lab.home("prtr") / "go").touch()
    said = playbooks.end(process)
    assert said.kinds() == {"prtr": "ok", "drtr": "lost"}, said
    assert said.code == 1
    assert said.finished()["drtr"]["reason"].startswith("task 'Wait' (site.yml:")
    assert (lab.home("prtr") / "motd").exists()


def test_a_node_that_is_down_is_counted_before_and_hides_no_other(lab: Lab, playbooks: Playbooks) -> None:
    lab.break_("drtr", "down")
    playbooks.write("site.yml", play("prtr,drtr", MOTD))
    said = playbooks.play("site.yml", "--connect-timeout", "1")
    assert said.kinds()["prtr"] == "ok"
    assert said.kinds()["drtr"] in ("unreachable", "refused")
    assert said.code == 4
    first = playbooks.play("site.yml", "--connect-timeout", "1", "--canary", "drtr")
    assert first.kinds()["prtr"] == "cancelled", "an unreachable canary stops the rollout"


def test_ctrl_c_in_a_task_ends_it_on_the_node(lab: Lab, playbooks: Playbooks) -> None:
    sleep = command("Sleep", "touch ~/begun; exec sleep 4321")
    playbooks.write("site.yml", play("drtr", sleep, MOTD))
    process = playbooks.start("site.yml")
    wait((lab.home("drtr") / "begun").exists, "it sleeps")
    process.send_signal(signal.SIGINT)
    said = playbooks.end(process)
    assert said.code == 130, said
    outcome = said.finished()["drtr"]
    assert (outcome["kind"], outcome["reason"]) == ("cancelled", "Ctrl-C in task 'Sleep'")
    assert outcome["remote"] == "ended by TERM"
    assert "sleep 4321" not in lab.run("drtr", "ps ax -o args=").stdout
    assert not (lab.home("drtr") / "motd").exists()
    rest = next(one for one in said.records if one["type"] == "not_begun")
    assert rest["command"] == "stentor rerun 1 --unfinished"


def test_plays_of_nobody_are_errors_before_anything_is_run(lab: Lab, playbooks: Playbooks) -> None:
    playbooks.write("nobody.yml", play("crtr", MOTD), play("nowhere", MOTD))
    done = playbooks.run("playbook", "nobody.yml", "@all", "--yes")
    assert done.code == 2
    assert "play 'Play for nowhere' matches no node (hosts: nowhere)" in done.stderr
    playbooks.write("local.yml", play("localhost", MOTD))
    assert "which is no node of the fleet" in playbooks.run("playbook", "local.yml", "@all", "--yes").stderr
    playbooks.write("gpu.yml", play("gpu", MOTD))
    done = playbooks.run("playbook", "gpu.yml", "crtr", "--yes")
    assert (done.code, done.stderr) == (
        2,
        "stentor: gpu.yml: no play of it is for crtr; its plays are for prtr, drtr\n",
    )
    assert not (lab.home("crtr") / "motd").exists()
    some = playbooks.play("gpu.yml", "crtr,prtr")
    assert some.kinds() == {"crtr": "skipped", "prtr": "ok"}


def test_what_ansible_cannot_read_is_said_with_its_place(playbooks: Playbooks) -> None:
    (playbooks.folder / "bad.yml").write_text("- hosts: core\n  tasks:\n    - name: X\n      nosuchmodule:\n")
    done = playbooks.run("playbook", "bad.yml", "@all", "--yes")
    assert done.code == 2
    assert done.stderr.startswith(
        f"stentor: {playbooks.folder}/bad.yml:3:7: Ansible: couldn't resolve module"
    )
    (playbooks.folder / "yaml.yml").write_text("- hosts: core\n  tasks\n   - a")
    assert f"{playbooks.folder}/yaml.yml:3:" in playbooks.run("playbook", "yaml.yml", "@all", "--yes").stderr
    none = playbooks.run("playbook", "none.yml", "@all", "--yes")
    assert (none.code, "none.yml: there is no playbook of this name" in none.stderr) == (2, True)
    playbooks.write("site.yml", play("crtr", TRUE))
    assert playbooks.run("playbook", "site.yml", "@all", "--yes", "--start-at-task", "No such").code == 0


def test_what_ansible_meets_in_the_middle_is_the_failure_of_the_nodes(lab: Lab, playbooks: Playbooks) -> None:
    roles = playbooks.folder / "roles/late/tasks"
    roles.mkdir(parents=True)
    (roles / "main.yml").write_text("- include_tasks: broken.yml\n")
    (roles / "broken.yml").write_text("- nosuchmodule:\n")
    playbooks.write("site.yml", play("drtr", MOTD), play("drtr", roles=["late"]))
    said = playbooks.play("site.yml")
    assert (said.code, said.kinds()) == (1, {"drtr": "failed"}), said
    assert "nosuchmodule" in said.finished()["drtr"]["reason"]
    assert (lab.home("drtr") / "motd").exists()


def test_a_half_read_inventory_is_never_run(lab: Lab, playbooks: Playbooks) -> None:
    """A host that Ansible cannot read is only a warning to it; groups behind it do not exist then."""
    (playbooks.folder / "more.yaml").write_text("all:\n  hosts:\n    '[2001:db8::2]':\n    drtr:\n")
    playbooks.write("site.yml", play("crtr", MOTD))
    done = playbooks.run("playbook", "site.yml", "@all", "-i", "more.yaml", "--yes")
    assert done.code != 0, done
    assert not (lab.home("crtr") / "motd").exists()
    done = playbooks.run("playbook", "site.yml", "@all", "-i", "none.yaml", "--yes")
    assert done.code != 0, done
    assert not (lab.home("crtr") / "motd").exists()


def test_groups_and_variables_beside_the_users_inventory_hold(lab: Lab, playbooks: Playbooks) -> None:
    """ansible.cfg is found from the playbook, and what lies beside its inventory is read, from anywhere."""
    folder = playbooks.folder / "ansible"
    (folder / "playbooks").mkdir(parents=True)
    (folder / "group_vars").mkdir()
    (folder / "ansible.cfg").write_text("[defaults]\ninventory = inventory.yml\n")
    (folder / "inventory.yml").write_text("all:\n  children:\n    gpu:\n      hosts:\n        drtr:\n")
    (folder / "group_vars/gpu.yml").write_text("word: of the group\n")
    write = {"name": "W", "ansible.builtin.copy": {"content": "{{ word }}", "dest": "~/word", "mode": "0644"}}
    playbooks.write("ansible/playbooks/site.yml", play("gpu", write))
    said = playbooks.play("ansible/playbooks/site.yml", "drtr")
    assert said.code == 0, said
    assert (lab.home("drtr") / "word").read_text() == "of the group"


def test_a_python_that_is_missing_or_too_old_is_that_nodes_failure(lab: Lab, playbooks: Playbooks) -> None:
    old = lab.home("drtr") / "python-of-old"
    old.write_text("#!/bin/sh\necho 2.7.18\n")
    old.chmod(0o755)
    playbooks.write("site.yml", play("prtr,drtr", MOTD))
    for path, words in (
        (f"/home/drtr/{old.name}", "is Python 2.7.18; Ansible 2."),
        ("/nowhere/python3", "there is no Python; Ansible 2."),
    ):
        (playbooks.folder / "own.yaml").write_text(
            f"all: {{hosts: {{drtr: {{ansible_python_interpreter: {path}}}}}}}"
        )
        looked = playbooks.run("playbook", "site.yml", "@all", "-i", "own.yaml", "-n")
        assert words in looked.stdout + looked.stderr, looked
        said = playbooks.play("site.yml", "-i", "own.yaml")
        assert (said.code, said.kinds()) == (1, {"prtr": "ok", "drtr": "failed"}), said
        end = said.finished()["drtr"]
        assert end["reason"].startswith(words if "there is" in words else f"{path} {words}")
        assert end["hint"].startswith("install")
    assert (lab.home("prtr") / "motd").read_text() == "same\n"
    assert not (lab.home("drtr") / "motd").exists()


def test_one_module_is_recorded_like_a_run(lab: Lab, playbooks: Playbooks) -> None:
    done = playbooks.run("ansible", "prtr,drtr", "-m", "ping")
    assert (done.code, done.stdout.count('"ping": "pong"')) == (0, 2), done
    done = playbooks.run("ansible", "drtr", "-m", "shell", "-a", "echo out; echo err >&2; exit 3")
    assert (done.code, done.stdout) == (1, "out\n")
    assert "exit 3" in done.stderr
    assert (
        playbooks.run("history", "-n", "1")
        .stdout.rstrip()
        .endswith("ansible: shell echo out; echo err >&2; exit 3")
    )
    none = playbooks.run("ansible", "drtr", "-m", "no_such_module")
    assert (none.code, "drtr: Task failed: Cannot resolve 'no_such_module'" in none.stderr) == (1, True), none
    assert playbooks.run("ansible", "prtr,drtr", "-m", "shell", "-a", "rm -rf / tmp").code == 6, "the guard"
    done = playbooks.run("ansible", "prtr,drtr", "-m", "file", "-a", "path=/etc/ssh state=absent")
    assert (done.code, "file: state=absent path=/etc/ssh: removes the ssh server's files" in done.stderr) == (
        6,
        True,
    )


def test_nobody_is_asked_without_a_terminal(lab: Lab, playbooks: Playbooks) -> None:
    playbooks.write("site.yml", play("crtr", MOTD))
    done = playbooks.run("playbook", "site.yml", "@all")
    assert (done.code, "then use --yes" in done.stderr) == (6, True)
    assert not (lab.home("crtr") / "motd").exists()


def test_a_missing_or_old_ansible_is_said_in_a_sentence(playbooks: Playbooks) -> None:
    folder = playbooks.folder / "bin"
    for version, words in (("", "needs ansible-core"), ("2.9.6", "is ansible-core 2.9.6; stentor needs 2.")):
        package = folder / f"lib{version}" / "ansible"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        if version:
            (package / "release.py").write_text(f"__version__ = {version!r}\n")
        python = folder / "python-without"
        python.write_text(f'#!/bin/sh\nPYTHONPATH={package.parent} exec /usr/bin/python3 "$@"\n')
        python.chmod(0o755)
        program = folder / "ansible-playbook"
        program.write_text(f"#!{python}\n")
        program.chmod(0o755)
        playbooks.write("site.yml", play("crtr", TRUE))
        path = f"{folder}:{playbooks.environ['PATH']}"
        done = playbooks.run("playbook", "site.yml", "@all", "--yes", env={"PATH": path})
        assert words in done.stderr, done
        assert "hint: " in done.stderr
        assert "Traceback" not in done.stderr


def test_users_callbacks_are_called(lab: Lab, playbooks: Playbooks) -> None:
    (playbooks.folder / "plugins").mkdir()
    told = playbooks.folder / "told"
    (playbooks.folder / "plugins/mine.py").write_text(
        "from ansible.plugins.callback import CallbackBase\n"
        "class CallbackModule(CallbackBase):\n"
        "    CALLBACK_TYPE = 'notification'\n    CALLBACK_NAME = 'mine'\n    CALLBACK_NEEDS_ENABLED = True\n"
        "    def v2_runner_on_ok(self, result):\n"
        f"        open({str(told)!r}, 'a').write(result._host.name + '\\n')\n"
    )
    cfg = "[defaults]\ncallback_plugins = plugins\ncallbacks_enabled = mine\n"
    (playbooks.folder / "ansible.cfg").write_text(cfg)
    playbooks.write("site.yml", play("drtr", TRUE))
    assert playbooks.play("site.yml").code == 0
    assert told.read_text() == "drtr\n"


def test_stentor_that_is_killed_leaves_no_ansible_behind(lab: Lab, playbooks: Playbooks) -> None:
    word = f"sleep 43{os.getpid()}"  # no two runs of this file have the same
    sleep = command("Sleep", f"touch ~/begun; exec {word}")
    playbooks.write("site.yml", play("drtr", sleep))
    process = playbooks.start("site.yml")
    wait((lab.home("drtr") / "begun").exists, "it sleeps")
    process.kill()
    process.communicate()

    def gone() -> bool:
        here = subprocess.run(["ps", "ax", "-o", "args="], capture_output=True, text=True).stdout
        return word not in here

    wait(gone, "the guardian has ended what was left")
