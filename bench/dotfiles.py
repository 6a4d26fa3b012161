"""Dotfiles on practice nodes: stentor's plan and apply against playbooks which have chezmoi do the same.

Both bring the commit along as a bundle, and both show the difference of each node at that commit with the
node's own facts. Two playbooks: one as it would be written, task by task, with Ansible's modules; and the
shortest that we could think of, where one shell task does everything. Both with pipelining, over masters of
their own. Ansible's apply lacks what stentor's has besides (a look at conflicts, snapshot, deadline, proof by
new logins, a canary): there is no aim for that row.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import masters, peers
from bench.measure import LONG, Program, alternate, once, say
from bench.sections import World, ratio
from bench.table import Row
from stentor import lab as labs

PLAN_AIM = 1 / 5
NEW_LINE = "alias ll='ls -l'"
FILES = {
    "dot_bashrc": "PATH=~/.local/bin:$PATH\n",
    "dot_config/who.tmpl": "{{ .stentor.alias }} {{ .chezmoi.hostname }}\n",
    "dot_vimrc": "set number\n",
    "dot_zshrc": "PATH=~/.local/bin:$PATH\n",
}
HEAD = """\
- hosts: all
  gather_facts: false
  tasks:
    - copy: {{src: "{bundle}", dest: ~/.bundle}}
"""
SHORT = """\
    - shell: |
        cd ~/.local/share/chezmoi && git fetch -q ~/.bundle main && rm -rf ~/.tree && git worktree prune &&
        git worktree add -q --detach ~/.tree {rev} &&
        echo '{{{{ {{"stentor": {{"alias": inventory_hostname}}}} | to_json }}}}' >~/.facts.json &&
        {chezmoi} {what} </dev/null
      register: said
    - debug: {{msg: "{{{{ said.stdout }}}}"}}
"""
TASKS = """\
    - command: git -C ~/.local/share/chezmoi fetch -q ~/.bundle main
    - file: {{path: ~/.tree, state: absent}}
    - shell: cd ~/.local/share/chezmoi && git worktree prune && git worktree add -q --detach ~/.tree {rev}
    - copy:
        content: '{{{{ {{"stentor": {{"alias": inventory_hostname}}}} | to_json }}}}'
        dest: ~/.facts.json
    - command: git -C ~/.local/share/chezmoi status --porcelain
    - command: {chezmoi} status
      register: status
    - command: {chezmoi} {what}
      register: said
    - debug: {{msg: "{{{{ status.stdout }}}}\\n{{{{ said.stdout }}}}"}}
"""
ON_NODE = (
    "~/.local/bin/chezmoi --source ~/.tree --override-data-file ~/.facts.json --no-tty --no-pager --color=off"
)


class Clone(NamedTuple):
    """The operator's clone and the two revisions between which nodes go."""

    path: str
    first: str
    second: str


def find_chezmoi() -> str | None:
    """The newest of ``STENTOR_TEST_CHEZMOI``, or which ``make tools`` built; else the installed one."""
    folder = os.environ.get("STENTOR_TEST_CHEZMOI") or ".venv/tools"
    names = sorted(name for name in os.listdir(folder)) if os.path.isdir(folder) else []
    found = [os.path.abspath(os.path.join(folder, name)) for name in names if name.startswith("chezmoi-")]
    return found[-1] if found else shutil.which("chezmoi")


# Before the bench gives itself a HOME of its own.
CHEZMOI = find_chezmoi()


def plan(world: World, count: int) -> Iterator[Row]:
    """What would change on each node."""
    with practice(world, count) as (lab, clone, stentor):
        # Nodes whose difference is the same are shown together, so the new line is said once.
        argv = [*stentor, "plan", "--via", "push", "--source", clone.path, "--rev", clone.second]
        ours = Program("stentor plan", argv, answers=1, said=NEW_LINE)
        if "ansible" in world.absent:
            sample = alternate([ours], world.rounds, world.folder)[0]
            yield Row(f"dotfiles: plan of {count} nodes", 1000 * sample.wall, None, "ms")
            return
        diff = "diff --use-builtin-diff"
        tasks, short = (
            _ansible(
                world, lab, clone, name, text.format(rev=clone.second, what=diff, chezmoi=ON_NODE), count
            )
            for name, text in (("tasks", TASKS), ("short", SHORT))
        )
        a, b, c = alternate([ours, tasks, short], world.rounds, world.folder)
        what = f"dotfiles: plan of {count} nodes, wall time / Ansible's"
        yield ratio(f"{what}, task by task", a.wall, b.wall, PLAN_AIM)
        yield ratio(f"{what} in one shell task", a.wall, c.wall, None)


def apply(world: World, count: int) -> Iterator[Row]:
    """Turn by turn, from one revision to the other and back."""
    if "ansible" in world.absent:
        return
    with practice(world, count) as (lab, clone, stentor):
        options = ["@all", "--via", "push", "--source", clone.path, "--yes", "--waves", "100%"]
        texts = {"tasks": TASKS, "short": SHORT}
        times: dict[str, list[float]] = {"ours": [], **{name: [] for name in texts}}
        # Each one forth to the second revision and back to the first: all of them have the same to do.
        began = time.monotonic()
        for turn in range(world.rounds):
            if turn and time.monotonic() - began > 4 * LONG:
                break
            for name in times:
                for rev in (clone.second, clone.first):
                    argv = [*stentor, "apply", *options, "--rev", rev]
                    program = Program("stentor apply", argv, answers=count, said=": ok")
                    if name in texts:
                        what = "apply --force --verbose"
                        text = texts[name].format(rev=rev, what=what, chezmoi=ON_NODE)
                        program = _ansible(world, lab, clone, f"{name}-{turn}", text, count)
                    times[name].append(once(program, world.folder).wall)
        ours, tasks, short = (sorted(found)[len(found) // 2] for found in times.values())
        what = f"dotfiles: apply to {count} nodes with canary and proof / Ansible's without"
        yield ratio(f"{what}, task by task", ours, tasks, None)
        yield ratio(f"{what}, in one shell task", ours, short, None)


@contextmanager
def practice(world: World, count: int) -> Iterator[tuple[labs.Lab, Clone, list[str]]]:
    """Nodes at the first revision, the operator's clone, and how stentor is called."""
    if CHEZMOI is None:
        raise RuntimeError("no chezmoi here: 'make tools' builds one")
    lab = labs.up(f"{world.folder}/dotfiles", nodes=count, all_up=True)
    try:
        clone = _prepare(world, lab, CHEZMOI)
        stentor = f"{os.path.dirname(sys.executable)}/stentor"
        yield lab, clone, [stentor, "--fleet", str(lab.fleet_dir), "dotfiles"]
    finally:
        masters.end(f"{world.folder}/d")
        lab.down()


def _prepare(world: World, lab: labs.Lab, chezmoi: str) -> Clone:
    """A repository on the first node which all of them may read, chezmoi everywhere, and two revisions."""
    host = next(iter(lab.nodes.values()))
    folder = tempfile.mkdtemp(prefix="dotfiles-", dir=world.folder)
    key = f"{folder}/key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    lab.run(host.alias, "git init -q --bare -b main ~/dotfiles.git")
    with open(lab.home(host.alias) / ".ssh/authorized_keys", "a") as file:
        file.write(Path(f"{key}.pub").read_text())
    remote = f"ssh://{host.user}@{host.address}:{host.port}/~/dotfiles.git"
    for alias in lab.nodes:
        ssh, place = lab.home(alias) / ".ssh", lab.home(alias) / ".local/bin"
        place.mkdir(parents=True)
        shutil.copy(chezmoi, place / "chezmoi")
        shutil.copy(key, ssh / "id_ed25519")
        (ssh / "config").write_text("Host *\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n")
    clone = f"{folder}/clone"
    os.environ["GIT_SSH_COMMAND"] = f"ssh -F {lab.ssh_config} -i {key}"
    _git(".", "init", "-q", "-b", "main", clone)
    _git(clone, "remote", "add", "origin", f"ssh://{host.alias}/~/dotfiles.git")
    first = _commit(clone, FILES)
    _git(clone, "push", "-q", "-u", "origin", "main")
    facts = """echo '{"stentor": {"alias": "'$(id -un)'"}}' >~/.facts.json"""
    set_up = f"~/.local/bin/chezmoi init --apply --force --override-data-file ~/.facts.json {remote}"
    say(f"dotfiles: setting {len(lab.nodes)} nodes up")
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda alias: lab.run(alias, f"{facts} && {set_up}", timeout=60), lab.nodes))
    if bad := [ran for ran in said if ran.code]:
        raise RuntimeError(f"a node could not be set up: {bad[0].stderr}")
    second = _commit(clone, {"dot_bashrc": f"{FILES['dot_bashrc']}{NEW_LINE}\n", "dot_vimrc": "set list\n"})
    _git(clone, "push", "-q", "origin", "main")
    Path(f"{lab.fleet_dir}/policy.yaml").write_text(f"dotfiles: {{remote: '{remote}'}}\n")
    _git(clone, "bundle", "create", "-q", f"{clone}.bundle", "main")
    return Clone(clone, first, second)


def pushed(clone: Clone, number: int) -> str:
    """Push another commit; return its hash."""
    rev = _commit(clone.path, {"dot_vimrc": f'set list\n" {number}\n'})
    _git(clone.path, "push", "-q", "origin", "main")
    return rev


def _commit(clone: str, files: dict[str, str]) -> str:
    for name, text in files.items():
        place = Path(clone, name)
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    _git(clone, "add", "-A")
    _git(clone, "-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "-q", "-m", "change")
    return _git(clone, "rev-parse", "HEAD")


def _git(folder: str, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _ansible(world: World, lab: labs.Lab, clone: Clone, name: str, tasks: str, count: int) -> Program:
    base = f"{world.folder}/dotfiles-{name}"
    with open(f"{base}.yml", "w") as file:
        file.write(HEAD.format(bundle=f"{clone.path}.bundle") + tasks)
    with open(f"{base}.ini", "w") as file:
        file.write("".join(f"{alias}\n" for alias in lab.nodes))
    environment = {
        "ANSIBLE_HOME": f"{world.folder}/ansible",
        "ANSIBLE_LOCAL_TEMP": f"{world.folder}/ansible/tmp",
        "ANSIBLE_SSH_ARGS": f"-F {lab.ssh_config} -o ControlMaster=auto -o ControlPersist=600",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{world.folder}/d",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "LC_ALL": "C.UTF-8",
    }
    argv = [f"{peers.VENV}/bin/ansible-playbook", "-i", f"{base}.ini", "-f", str(world.window), f"{base}.yml"]
    return Program(f"ansible {name}", argv, environment, count, NEW_LINE)
