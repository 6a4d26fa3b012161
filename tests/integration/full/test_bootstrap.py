"""Bare Debians 12 and 13, with root and a password only, become members; and what can go wrong on the way."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.api.bootstrap import member_of
from stentor.api.fleet import Fleet
from stentor.bootstrap.program import compose, steps
from stentor.lab import programs
from stentor.lab.backends.full import CLEAN
from tests.ansible import Ansible
from tests.bare import PASSWORD, Bare, Served
from tests.hostile import make_hostile
from tests.integration.dotfiles import practice
from tests.integration.test_login import Terminal
from tests.support import need, need_root
from tests.terminal import wait

pytestmark = [pytest.mark.root, pytest.mark.timeout(900)]

PLAN = """\
ssh: {{config: {ssh_config}}}
nodes:
  trixie: {{address: {trixie}, user: admin, requires: [git, tmux]}}
  bookworm: {{address: {bookworm}, user: admin}}
groups: {{web: bookworm}}
bootstrap:
  keys: [{key}.pub]
  shell: zsh
  timezone: Europe/Vienna
  account_groups: [sudo]
  chezmoi_url: {url}/chezmoi-{{arch}}
  chezmoi_sha256: {{{arch}: {digest}}}
  groups:
    web: {{shell: bash, account_groups: [users], dotfiles: false, root_login: "no", password_login: "no"}}
dotfiles: {{source: {clone}, via: push}}
needs: {{rules: [{{on: trixie, mounts: [/data]}}]}}
"""
MOUNT = "echo 'tmpfs /data tmpfs size=1m 0 0' >>/etc/fstab"


@pytest.fixture(scope="module")
def machines(playground: Path) -> Iterator[Bare]:
    need_root()
    need("mmdebstrap", "systemd-nspawn", "ip", "nsenter", "openssl")
    made = Bare(playground / "bare", {"trixie": "trixie", "bookworm": "bookworm"})
    try:
        yield made
    finally:
        made.stop()


class Place:
    """The operator's side: a fleet, a key, a clone of dotfiles, and what serves chezmoi."""

    def __init__(
        self, machines: Bare, stentor: Any, environ: dict[str, str], served: Served, www: Path
    ) -> None:
        self.machines, self._stentor, self.environ = machines, stentor, environ
        home = Path(environ["HOME"])
        self.fleet = home / "fleet"
        self.fleet.mkdir()
        self.key = home / "key"
        self.ssh_config = home / "ssh_config"
        environ["STENTOR_FLEET"] = str(self.fleet)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        self.ssh_config.write_text(f"IdentityFile {self.key}\nUserKnownHostsFile {home}/known_hosts\n")
        chezmoi = practice.newest_chezmoi()
        arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
        shutil.copy(chezmoi, www / f"chezmoi-{arch}")
        clone = home / "dots"
        clone.mkdir()
        (clone / "dot_practice").write_text("applied\n")
        git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
            subprocess.run([*git, *words], check=True)
        self.write(
            PLAN.format(
                ssh_config=self.ssh_config, key=self.key, url=served.url, arch=arch, clone=clone,
                digest=hashlib.sha256(Path(chezmoi).read_bytes()).hexdigest(), **machines.addresses,
            )
        )  # fmt: skip

    def write(self, text: str) -> None:
        self.text = text
        (self.fleet / "nodes.yaml").write_text(text)

    def replace(self, old: str, new: str) -> None:
        assert old in self.text
        self.write(self.text.replace(old, new))

    def __call__(self, alias: str, *words: str, password: str = PASSWORD, verified: bool = True) -> Any:
        more = ["--fingerprint", self.machines.fingerprint(alias)] if verified else []
        argv = ["bootstrap", alias, "--yes", "--password-stdin", *more, *words]
        return self._stentor(*argv, input=f"{password}\n", timeout=600)

    def start(self, alias: str) -> subprocess.Popen[str]:
        """The same, to be interrupted."""
        words = ["bootstrap", alias, "--yes", "--password-stdin"]
        words += ["--fingerprint", self.machines.fingerprint(alias)]
        process = subprocess.Popen(
            [sys.executable, "-m", "stentor", *words],
            env=self.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(f"{PASSWORD}\n")
        process.stdin.flush()
        return process

    def fresh(self, alias: str, user: str, *words: str) -> int:
        """A login of its own by the key; its exit code."""
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "BatchMode=yes", "-o", "ControlPath=none"]
        argv += ["-o", f"GlobalKnownHostsFile={self.fleet}/known_hosts"]
        return programs.run([*argv, f"{user}@{self.machines.addresses[alias]}", *words], timeout=60).code

    def by_password(self, alias: str) -> bool:
        """Whether root still logs in by the password."""
        fleet = Fleet.open(str(self.fleet), environ=self.environ)
        from stentor.ssh.askpass import PasswordLogin
        from stentor.ssh.target import login_argv

        login = PasswordLogin(fleet.data, self.environ, "root", lambda: PASSWORD)
        node = fleet.data.nodes[alias]
        return login(node, [*login_argv(fleet.data, node, user="root", fresh=True), "true"]) == 0


@pytest.fixture
def place(machines: Bare, stentor: Any, environ: dict[str, str], tmp_path: Path) -> Iterator[Place]:
    served = Served(tmp_path, f"{machines.network}.1")
    yield Place(machines, stentor, environ, served, tmp_path)
    served.close()


@pytest.fixture
def bare(machines: Bare) -> Callable[[str], str]:
    """A machine as it was at first."""

    def renewed(alias: str) -> str:
        if "admin" in machines.enter(alias, "cut -d: -f1 /etc/passwd"):
            machines.renew(alias)
        return alias

    return renewed


class Watch(threading.Thread):
    """Looks for a text in the command lines and environments of all processes, those of machines too."""

    def __init__(self, text: str) -> None:
        super().__init__(daemon=True)
        self.found: set[str] = set()
        self.looks = 0
        self._text, self._over = text.encode(), threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.05):
            self.looks += 1
            for entry in os.scandir("/proc"):
                for name in ("cmdline", "environ") if entry.name.isdigit() else ():
                    try:
                        with open(f"{entry.path}/{name}", "rb") as file:
                            if self._text in file.read():
                                self.found.add(f"{entry.name} {name}")
                    except OSError:
                        continue

    def end(self) -> None:
        self._over.set()
        self.join()
        assert self.looks > 3
        assert not self.found


def test_what_is_not_verified_gets_no_password(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("trixie")
    place.replace(
        f"address: {machines.addresses[alias]}, ", f"address: {machines.addresses[alias]}, state: up, "
    )
    unknown = place(alias, verified=False)
    assert unknown.code == 4
    assert "its host key is not known yet" in unknown.stderr
    assert "--fingerprint" in unknown.stderr
    other = place(alias, "--fingerprint", "SHA256:" + "A" * 43, verified=False)
    assert other.code == 6
    assert "no key with this fingerprint" in other.stderr
    # Another machine's key is pinned for it.
    machines.enter("bookworm", "true")
    stranger = machines.enter("bookworm", "cat /etc/ssh/ssh_host_ed25519_key.pub").split()
    (place.fleet / "known_hosts").write_text(f"{machines.addresses[alias]} {stranger[0]} {stranger[1]}\n")
    changed = place(alias, verified=False)
    assert changed.code == 4
    assert "the host key changed" in changed.stderr
    assert "stentor trust trixie" in changed.stderr
    log = machines.enter(alias, "journalctl -u ssh --no-pager -o cat")
    assert "password" not in log


def test_a_wrong_password_changes_nothing(place: Place, machines: Bare, bare: Callable[[str], str]) -> None:
    alias = bare("trixie")
    said = place(alias, password="wrong")
    assert said.code == 4
    assert "root is let in neither by a key nor by the password" in said.stderr
    assert machines.enter(alias, "id admin", check=False) == ""
    assert "wrong" not in _journal(place)


def test_a_person_is_asked_for_the_fingerprint_the_password_and_a_yes(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("trixie")
    place.environ.pop("CI", None)
    person = Terminal(["bootstrap", alias], {**place.environ, "TERM": "xterm"})
    person.wait_for("the fingerprint that you read there", 90)
    person.type(f"{machines.fingerprint(alias)}\n")
    person.wait_for("password of root on the new machines: ", 90)
    person.type(f"{PASSWORD}\n")
    person.wait_for("do this on trixie? [y/N]", 90)
    person.type("n\n")
    assert person.end() == 6
    assert "hint: nothing was changed" in person.seen
    assert PASSWORD not in person.seen
    assert machines.enter(alias, "id admin", check=False) == ""


def test_a_preview_touches_nothing(place: Place, machines: Bare, bare: Callable[[str], str]) -> None:
    alias = bare("trixie")
    pins = place.fleet / "known_hosts"
    shown = place(alias, "--dry-run")
    assert "its host key is not known yet" in shown.stderr
    assert "  login shell of admin: /usr/bin/zsh" in shown.stdout
    assert not pins.exists()
    key = machines.enter(alias, "cat /etc/ssh/ssh_host_ed25519_key.pub").split()
    pins.write_text(f"{machines.addresses[alias]} {key[0]} {key[1]}\n")
    before = machines.enter(alias, "cat /etc/passwd; ls -lA /etc /run/lock /root; dpkg -l")
    shown = place(alias, "--dry-run", verified=False)
    assert shown.code == 0, shown
    assert "  host name: trixie (now debian)" in shown.stdout
    assert "packages:" in shown.stdout
    assert machines.enter(alias, "cat /etc/passwd; ls -lA /etc /run/lock /root; dpkg -l") == before


def test_a_bare_debian_13_becomes_a_member(place: Place, machines: Bare, bare: Callable[[str], str]) -> None:
    alias = bare("trixie")
    machines.enter(alias, MOUNT)
    watch = Watch(PASSWORD)
    watch.start()
    try:
        said = place(alias)
    finally:
        watch.end()
    assert said.code == 0, said
    assert "trixie: is a member" in said.stdout
    items = "packages account keys sudo hostname timezone clock linger mounts chezmoi"
    for item in items.split():
        assert f"trixie: {item}: done" in said.stderr
    _is_member(place, machines, alias, shell="/usr/bin/zsh", groups="sudo")
    assert machines.enter(alias, "cat ~admin/.practice") == "applied"
    assert machines.enter(alias, "findmnt -no FSTYPE /data") == "tmpfs"
    assert place.by_password(alias)  # nothing was said of closing it
    again = place._stentor("bootstrap", alias)  # and nobody is asked for a password
    assert (again.code, again.stdout) == (0, "trixie: nothing to do\n")
    assert "nothing to do" in again.stderr
    assert PASSWORD not in _journal(place)
    kinds = [
        line.split()[1]
        for line in re.findall(r"bootstrap: .*|dotfiles init: .*", place._stentor("history").stdout)
    ]
    assert len(kinds) == 2


def test_a_bare_debian_12_becomes_a_member_and_is_closed(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("bookworm")
    assert place.by_password(alias) is False  # its key is not known yet
    said = place(alias)
    assert said.code == 0, said
    _is_member(place, machines, alias, shell="/bin/bash", groups="users")
    assert "closed: PermitRootLogin no" in said.stderr
    assert place.by_password(alias) is False
    values = machines.enter(alias, "sshd -T")
    assert "permitrootlogin no" in values
    assert "passwordauthentication no" in values
    again = place._stentor("bootstrap", alias)
    assert (again.code, again.stdout) == (0, "bookworm: nothing to do\n")


def test_no_way_is_closed_before_a_new_login_works(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("bookworm")
    other = place.fleet / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    other.unlink()  # only its public half is here
    place.replace(f"keys: [{place.key}.pub]", f"keys: [{other}.pub]")
    said = place(alias)
    assert said.code == 1, said
    assert "a new login as admin does not work" in said.stdout
    assert "permitrootlogin yes" in machines.enter(alias, "sshd -T")
    assert place.by_password(alias)
    place.replace(f"keys: [{other}.pub]", f"keys: [{place.key}.pub]")
    assert place(alias).code == 0
    assert place.by_password(alias) is False


def test_what_was_closed_is_opened_again_without_a_confirmation(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("bookworm")
    member = member_of(Fleet.open(str(place.fleet), environ=place.environ), _node(place, alias))
    text = compose(member, ("entrance",)).replace("wait=120", "wait=20")
    assert "failed entrance nobody could become root any more" in _sent(machines, alias, text, "close")
    text = f"SUDO_USER=first\n{text}"  # an account there has become root for this

    def wait_for(value: str) -> None:
        until = time.monotonic() + 120
        while f"permitrootlogin {value}" not in machines.enter(alias, "sshd -T"):
            assert time.monotonic() < until
            time.sleep(0.5)

    assert "did entrance" in _sent(machines, alias, text, "close")
    assert "permitrootlogin no" in machines.enter(alias, "sshd -T")
    wait_for("yes")
    assert "did entrance" in _sent(machines, alias, text, "close")
    # Another run does not take what is not confirmed for closed, and its own time begins.
    assert "want entrance" in _sent(machines, alias, text, "look")
    text = text.replace("wait=20", "wait=60")
    assert "did entrance" in _sent(machines, alias, text, "close")
    assert "failed" not in _sent(machines, alias, text, "keep")
    assert "have entrance" in _sent(machines, alias, text, "look")
    until = time.monotonic() + 120
    while machines.enter(alias, "pgrep -f '^sh -c sleep'", check=False):
        assert time.monotonic() < until
        time.sleep(0.5)
    assert "permitrootlogin no" in machines.enter(alias, "sshd -T")
    _sent(machines, alias, text, "reopen")
    assert "permitrootlogin yes" in machines.enter(alias, "sshd -T")
    assert "failed entrance the proof came too late" in _sent(machines, alias, text, "keep")


def test_it_goes_on_after_an_interruption_at_each_step(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("trixie")
    machines.enter(alias, MOUNT)
    member = member_of(Fleet.open(str(place.fleet), environ=place.environ), _node(place, alias))
    names = [item.name for item in steps(member) if item.name not in ("dotfiles", "entrance")]
    text = compose(member)
    before, after = 'say "step $step"', "    home=$(home_of)\n    if"
    assert text.count(before) == 1
    assert text.count(after) == 1
    interrupted = []
    for name in names:
        if f"have {name}\n" in _sent(machines, alias, text, "look"):
            continue  # the shell comes with the account
        interrupted.append(name)
        killed = f'[ "$step" != {name} ] || kill -9 $$'
        said = _sent(machines, alias, text.replace(before, f"{before}\n{killed}"), "apply")
        assert said.splitlines()[-1] == f"step {name}"
        said = _sent(machines, alias, text.replace(after, f"{killed}\n{after}"), "apply")
        assert said.splitlines()[-1] == f"step {name}"
        assert f"have {name}" in _sent(machines, alias, text, "look")
    assert {*names} - {*interrupted} <= {"shell", "clock"}
    said = _sent(machines, alias, text, "apply")
    assert [line.split()[0] for line in said.splitlines()[1:-1]] == ["have"] * len(names)
    said = place(alias)
    assert said.code == 0, said
    _is_member(place, machines, alias, shell="/usr/bin/zsh", groups="sudo")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, "link"])
def test_it_goes_on_after_packages_were_interrupted(
    place: Place, machines: Bare, bare: Callable[[str], str], how: signal.Signals | str
) -> None:
    alias = bare("bookworm")
    process = place.start(alias)
    until = time.monotonic() + 120
    while "dpkg" not in machines.enter(alias, "ps -e -o comm="):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    link = ["nsenter", f"--net=/proc/{machines.hub}/ns/net", "ip", "link", "set"]
    port = f"to-{machines.addresses[alias].rpartition('.')[2]}"
    if isinstance(how, str):
        programs.run([*link, port, "down"])
        time.sleep(1)
        machines.enter(alias, "pkill -KILL -f sshd-session; pkill -KILL -f 'sshd: root'", check=False)
        process.send_signal(signal.SIGTERM)
    else:
        process.send_signal(how)
    process.communicate(timeout=120)
    programs.run([*link, port, "up"])
    assert process.returncode != 0
    # Where the link was cut the program goes on by itself: its lock says when it has ended.
    free = "flock -n /run/stentor-bootstrap.lock true && ! pgrep dpkg >/dev/null && echo free"
    wait(lambda: machines.enter(alias, free, check=False) == "free", "the program has ended there", 120)
    said = place(alias)
    assert said.code == 0, said
    _is_member(place, machines, alias, shell="/bin/bash", groups="users")
    assert machines.enter(alias, "dpkg --audit") == ""


def test_a_login_with_sudo_is_a_beginning_too(
    place: Place, machines: Bare, bare: Callable[[str], str]
) -> None:
    alias = bare("trixie")
    machines.enter(
        alias,
        "apt-get -qq -y --no-install-recommends install sudo >/dev/null 2>&1; useradd -m -G sudo first;"
        ' passwd -q -l root; hash=$(cut -d: -f2 /etc/shadow | head -n 1); usermod -p "${hash#!}" first;'
        " sed -i 's/yes/no/' /etc/ssh/sshd_config.d/root.conf; systemctl reload ssh",
    )
    said = place(alias, "--first-user", "first")
    assert said.code == 1, said
    assert "mounts: /data has no line in /etc/fstab" in said.stdout
    machines.enter(alias, MOUNT)
    place.replace("dotfiles: {source", "dotfiles: {limit: 5min, source")
    said = place(alias, "--first-user", "first")
    assert said.code == 0, said
    _is_member(place, machines, alias, shell="/usr/bin/zsh", groups="sudo")


def _node(place: Place, alias: str) -> Any:
    return Fleet.open(str(place.fleet), environ=place.environ).data.nodes[alias]


def _sent(machines: Bare, alias: str, text: str, verb: str) -> str:
    """Run the node's program there as root, without ssh; return what it said."""
    # In a service of its own: logind does not know what has only entered a machine's namespaces.
    service = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--property=KillMode=process"]
    words = ["nsenter", f"--target={machines.first_process(alias)}", "--all", *CLEAN, *service]
    words += ["sh", "-s", "--", verb]
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=600).stdout


def _is_member(place: Place, machines: Bare, alias: str, *, shell: str, groups: str) -> None:
    assert place.fresh(alias, "admin", "sudo -n true") == 0
    entry = machines.enter(alias, "getent passwd admin").split(":")
    assert (entry[5], entry[6]) == ("/home/admin", shell)
    assert groups in machines.enter(alias, "id -nG admin").split()
    assert machines.enter(alias, "stat -c '%U %a' /home/admin/.ssh /home/admin/.ssh/authorized_keys") == (
        "admin 700\nadmin 600"
    )
    assert machines.enter(alias, "hostname; cat /etc/hostname") == f"{alias}\n{alias}"
    assert alias in machines.enter(alias, "cat /etc/hosts")
    assert machines.enter(alias, "cat /etc/timezone; readlink -f /etc/localtime").splitlines() == [
        "Europe/Vienna",
        "/usr/share/zoneinfo/Europe/Vienna",
    ]
    assert machines.enter(alias, "ls /var/lib/systemd/linger") == "admin"
    assert machines.enter(alias, "systemctl is-enabled systemd-timesyncd") == "enabled"
    found = machines.enter(alias, "for name in python3 git curl chezmoi; do command -v $name; done")
    assert len(found.splitlines()) == 4


def _journal(place: Place) -> str:
    """All that stentor keeps here, as text."""
    found = ""
    for path in Path(place.environ["HOME"]).rglob("*"):
        if path.is_file() and "state" in str(path):
            found += path.read_bytes().decode("latin-1")
    assert found
    return found


def test_the_printed_playbook_makes_the_same_of_a_machine(
    place: Place, machines: Bare, bare: Callable[[str], str], tmp_path: Path
) -> None:
    alias = bare("bookworm")
    printed = place._stentor("bootstrap", alias, "--print")
    assert printed.code == 0, printed
    (tmp_path / "members.yml").write_text(printed.stdout)
    # root's key is what -k would be: Ansible takes a password from sshpass alone, which may not be here.
    public = place.key.with_suffix(".pub").read_text()
    machines.enter(alias, f"mkdir -p /root/.ssh && echo '{public}' >/root/.ssh/authorized_keys")
    # The lists in its cache are as old as the tree.
    machines.enter(alias, "touch /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp", check=False)
    host_key = machines.enter(alias, "cat /etc/ssh/ssh_host_ed25519_key.pub")
    hosts = place.key.with_name("known_hosts")
    hosts.write_text(f"{machines.addresses[alias]} {host_key}\n")
    options = f"-F {place.ssh_config}"
    (tmp_path / "inventory.yml").write_text(
        f"all: {{hosts: {{{alias}: {{ansible_host: {machines.addresses[alias]},"
        f" ansible_ssh_common_args: '{options}'}}}}}}\n"
    )
    ansible = Ansible(tmp_path, place.environ, timeout=600)
    ansible.run(
        "ansible-playbook",
        "--syntax-check",
        "-i",
        str(tmp_path / "inventory.yml"),
        str(tmp_path / "members.yml"),
    )
    first = ansible.play(tmp_path / "inventory.yml", tmp_path / "members.yml", "-u", "root")
    assert first[alias]["failed"] == 0
    _is_member(place, machines, alias, shell="/bin/bash", groups="users")
    assert "permitrootlogin no" in machines.enter(alias, "sshd -T")
    again = ansible.play(tmp_path / "inventory.yml", tmp_path / "members.yml", "-u", "admin", "-b")
    assert (again[alias]["failed"], again[alias]["changed"]) == (0, 0)
    assert place._stentor("bootstrap", alias).stdout == "bookworm: nothing to do\n"


# What a node may say in place of the program's answer, and of a new login's.
LIES = {
    "says nothing": "mark",
    "ends at once": "exit 3",
    "prints on and on": "mark; yes 'step packages' | head -c 100000000",
    "one line without end": "mark; tr '\\0' x </dev/zero | head -c 100000000",
    "odd words": "mark; printf 'stentor-bootstrap 1 x\nhave\nwant ² ²\nfailed\ndid \033[2J\nend ²\n'",
    "all is done": "mark; printf 'stentor-bootstrap 1 x\nwant keys y\nstep keys\ndid keys\nend 0\n'",
    "an odd marker": 'echo "$word ² /bin/sh" >&2; printf "stentor-bootstrap 1 x\nend 0\n"',
}


def test_machines_that_answer_anything_harm_no_other(
    place: Place, machines: Bare, bare: Callable[[str], str], make_lab: Any
) -> None:
    lab = make_lab(nodes=len(LIES))
    liars = dict(zip(lab.nodes, LIES.values(), strict=True))
    nodes = {alias: f"address: {machines.addresses[bare(alias)]}" for alias in ("trixie", "bookworm")}
    known = (lab.directory / "known_hosts").read_text()
    for alias in nodes:
        key = machines.enter(alias, "cat /etc/ssh/ssh_host_ed25519_key.pub").split()
        known += f"{machines.addresses[alias]} {key[0]} {key[1]}\n"
    for alias, said in liars.items():
        make_hostile(lab, alias, "", said=said)
        keys = lab.home(alias) / ".ssh" / "authorized_keys"
        keys.write_text(f'command="exec sh answers" {place.key.with_suffix(".pub").read_text()}')
        # root there is the account that the practice node has.
        accounts = lab.directory / "nodes" / alias / "etc" / "passwd"
        accounts.write_text(f"root:x:1000:1000::/home/{alias}:/bin/bash\n{accounts.read_text()}")
        nodes[alias] = f"address: {lab.nodes[alias].address}, port: {lab.nodes[alias].port}"
    (place.fleet / "known_hosts").write_text(known)
    text = "".join(f"  {alias}: {{{where}, user: admin}}\n" for alias, where in nodes.items())
    place.write(
        f"ssh: {{config: {place.ssh_config}}}\nnodes:\n{text}bootstrap: {{keys: [{place.key}.pub]}}\n"
    )
    done = place(",".join(nodes), "-j", verified=False)
    assert "Traceback" not in done.stderr, done.stderr
    ends = {
        one["node"]: one for one in map(json.loads, done.stdout.splitlines()) if one["type"] == "finished"
    }
    assert {ends[alias]["kind"] for alias in ("trixie", "bookworm")} == {"ok"}, ends
    assert not [alias for alias in liars if ends[alias]["kind"] == "ok"], ends
    for alias in ("trixie", "bookworm"):
        assert place.fresh(alias, "admin", "sudo -n true") == 0
