"""What is lost with a path, in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stentor.guard import examine
from stentor.guard.paths import (
    data,
    detaches,
    kept,
    login_file,
    mounted,
    needed,
    no_login,
    part_of_system,
    readings,
    replaced,
    started,
    stops,
    strict,
    top,
    whole_tree,
)
from stentor.guard.words import AMBIENT, COMPUTED, LISTED
from stentor.shells import SHELLS

SOMETHING = "something with all below it, and a list says what, which the line does not show"


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        ("/", "everything"),
        ("/*", "everything"),
        ("/var/lib/rpm", "the list of what is installed"),
        ("/var/lib/docker/*", "every container and volume"),
        ("/var/lib/lxd", "every container and machine"),
        ("/var/lib/incus", "every container and machine"),
        ("/var/spool/cron", "everybody's cron jobs"),
        ("/var/mail", "everybody's mail"),
        ("/var/spool/mail", "everybody's mail"),
        ("/var/spool/*", "mail, jobs and what waits for printers"),
        ("/var/log", "every log"),
        ("/var/log/audit", "what was audited"),
        ("/var/log/journal", "the journal"),
        ("/usr/bin", "the programs"),
        ("/usr/sbin", "the programs"),
        ("/usr/lib", "the libraries"),
        ("/usr/lib64", "the libraries"),
        ("/usr/share", "the system's files"),
        ("/usr/libexec", "the system's files"),
        ("/usr/local", "the local programs"),
        ("/usr/local/bin", "the local programs"),
        ("/usr/local/lib", "the local programs"),
        ("/lib/modules", "the kernel's modules"),
        ("/usr/lib/modules", "the kernel's modules"),
        ("/var/lib", "the data of every service"),
        ("/var/lib/dpkg", "the list of what is installed"),
        ("/var/lib/kubelet", "the data of a cluster"),
        ("/var/lib/containers", "every container and volume"),
        ("/var/lib/docker/volumes", "every volume"),
        ("/var/lib/lxc", "every container"),
        ("/var/lib/libvirt", "every virtual machine"),
        ("/var/lib/libvirt/images", "the disks of every virtual machine"),
        ("/var/lib/postgresql", "the data of a service"),
        ("/etc/ssh", "the ssh server's files"),
        ("/etc/systemd", "the system's units"),
        ("/etc/pam.d", "the rules of every login"),
        ("/etc/security", "the rules of every login"),
        ("/etc/sudoers.d", "the rules of sudo"),
        ("/etc/netplan", "the network's files"),
        ("/etc/network", "the network's files"),
        ("/etc/NetworkManager", "the network's files"),
        ("/sys/firmware/efi/efivars", "the firmware's variables"),
        ("~/.ssh", "the keys of a login"),
        ("~me/.ssh", "the keys of a login"),
        ("/home", "every home directory"),
        ("/Users", "every home directory"),
        ("/home/me", "a whole home directory"),
        ("/root", "a whole home directory"),
        ("~", "your home directory on the node"),
        ("~me", "a whole home directory"),
        ("/srv", "all of /srv"),
        ("/srv/www/old", ""),
        ("~/src", ""),
    ],
)
def test_what_is_lost_with_a_tree_is_said(path: str, lost: str) -> None:
    assert whole_tree(path) == lost


@pytest.mark.parametrize(("path", "lost"), [("/etc/ssh/*", "the ssh server's files"), ("/etc/ssh", "")])
def test_without_recursion_only_all_of_a_folder_counts(path: str, lost: str) -> None:
    assert whole_tree(path, contents_only=True) == lost


def test_below_a_folder_that_is_not_known_a_path_may_be_at_home() -> None:
    assert [path for path, _ in readings("a", (COMPUTED,))] == ["~/a", "~/x/a"]
    assert [path for path, _ in readings("../b", ("/srv/a", "~"))] == ["/srv/b", "/home/b"]


def test_what_a_word_says_nothing_of_can_be_anything() -> None:
    unsaid = [("", "what it is, the line does not say")]
    assert readings(AMBIENT, ("~",)) == readings(f"{AMBIENT}/", ("/srv",)) == unsaid
    assert readings(LISTED, ("~",)) == [("", "a list says what, which the line does not show")]
    assert readings(COMPUTED, ("~",)) == [("~/x", "")]
    assert readings("b", ("a",)) == [("~/a/b", "")]
    assert [readings(path, ("~",)) for path in ("//Xa", "~//Xa")] == [[("/Xa", "")], [("~/Xa", "")]]


def test_only_what_is_not_known_is_left_out_of_a_path() -> None:
    assert readings(f"/etc/{AMBIENT}", ("~",)) == [("/etc/x", ""), ("/etc", "if the variable is empty")]
    assert [path for path, _ in readings(f"/]X{AMBIENT}a", ("~",))] == ["/]Xxa", "/]Xa"]
    assert [path for path, _ in readings("a", (f"/]X{AMBIENT}",))] == ["/]X/a", "/]Xx/a"]


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (no_login, "/etc/nologin"),
        (stops, "/sys/power/state"),
        (detaches, "/sys/class/net/bonding_masters"),
        (kept, "/etc/exports"),
        (kept, "/var/log/secure"),
        (kept, "/var/lib/mysql"),
        (replaced, "/var/log/secure"),
        (strict, "/etc/sudoers"),
        (started, "/etc/crontab"),
        (started, "~/.bashrc"),
        (login_file, "/etc/shadow"),
        (needed, "/etc/ssh"),
        (needed, "~/.ssh"),
        (mounted, "/home"),
    ],
)
def test_a_file_is_known_by_its_whole_path(said: Callable[[str], str], path: str) -> None:
    assert said(path)
    assert [said(other) for other in (f"{path}.old", f"{path}.old/a", f"/srv{path.lstrip('~')}")] == [
        "",
        "",
        "",
    ]


def test_a_pattern_of_all_files_is_none_of_them() -> None:
    assert kept("/etc/slurm/slurm.conf")
    assert [kept(path) for path in ("/etc/slurm/*", "/var/lib/mysql/*")] == ["", ""]
    assert examine("rm /etc/cron.d/*") and not examine("rm /etc/cron.d/old")


def test_a_folder_is_known_by_its_whole_path() -> None:
    assert [whole_tree(path) for path in ("/var/lib/mysql-old", "~/.ssh.old", "/srv/*a", "/tmp/*")] == [
        ""
    ] * 4
    assert whole_tree("/tmp") == "all of /tmp"
    assert [data(path) for path in ("/scratch/tmp", "/scratch/a/b/c", "/srv/cache")] == ["", "", ""]
    assert data("/scratch/a") == "the data in /scratch/a"
    assert part_of_system("/etc/nginx/*") == part_of_system("/etc/nginx") == "the settings of nginx"
    assert [top(path) for path in ("/mnt", "/media", "/etc", "/scratch/a")] == [""] * 4
    assert top("/scratch") == "/scratch"


def test_only_the_file_itself_detaches() -> None:
    assert [detaches(f"/sys/bus/pci/devices/1/{name}") for name in ("remove", "removed")] == [
        "/sys/bus/pci/devices/1/remove",
        "",
    ]
    assert detaches("/sys/class/net/bonding_masters") and detaches("/sys/class/net/bond0/bonding/slaves")
    assert not detaches("/sys/class/net/bond0/bonding/mode")


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_every_shell_is_a_file_that_logins_need(shell: str) -> None:
    assert login_file(f"/bin/{shell}") == f"/bin/{shell}"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("../X", "/home/X"),
        ("..", "/home"),
        ("../../etc", "/etc"),
        ("a/../b", "~/b"),
        ("~you/../a", "/home/a"),
    ],
)
def test_above_the_login_directory_are_the_homes(text: str, path: str) -> None:
    assert readings(text, ("~",)) == [(path, "")]


@pytest.mark.parametrize("path", ["/*", "/*/*", "/**/.*", "~/*/*"])
def test_patterns_of_everything_mean_the_folder_in_which_they_begin(path: str) -> None:
    assert whole_tree(path) == whole_tree(path[0])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("rm -rf ~", "removes your home directory on the node (~, the login directory)"),
        ("cd $D; rm -rf *", "removes your home directory on the node (~/*)"),
        ("cd ~//; rm -rf *", "removes your home directory on the node (~/*)"),
        ("rm -rf /etc/nginx", "removes the settings of nginx (/etc/nginx)"),
        ("rm -rf /usr/lib/slurm", "removes the files of slurm (/usr/lib/slurm)"),
        ("rm ~/.ssh/a*", "removes ~/.ssh/a*, which a login or the next boot needs"),
        ("rm ~/.ssh/id_*", "removes ~/.ssh/id_*, which a login or the next boot needs"),
        ("rm /usr/bin/bas?", "removes /usr/bin/bas?, which a login or the next boot needs"),
        ("rm /bin/dash", "removes /bin/dash, which a login or the next boot needs"),
        ("rm /usr/bin/env", "removes /usr/bin/env, which a login or the next boot needs"),
        ("umount /run", "unmounts /run"),
        ("umount /proc", "unmounts /proc"),
        ("rm -rf /etc/ssh", "removes the ssh server's files (/etc/ssh)"),
        ("chown -R bob /usr/share", "changes owner or mode of the system's files (/usr/share)"),
        ("cat list | xargs chown -R bob", f"changes owner or mode of {SOMETHING}"),
        ("cp -t /etc/sudoers.d x", "overwrites /etc/sudoers.d/x, which a login or the next boot needs"),
        ("mv a /dev/null", "moves files to /dev/null, which destroys them or it"),
        ("> /etc/hosts", "overwrites /etc/hosts: what it says is lost"),
        ("> /etc/exports", "overwrites /etc/exports: what it says is lost"),
        ("> /etc/hostname", ""),
        ("rm /srv/www/*", "removes the data in /srv/www (/srv/www/*)"),
        ("cat list | xargs rm", "removes something, and a list says what, which the line does not show"),
        ("rm $X", ""),
        ("rm -rf /tmp/*", ""),
        ("rm -rf /dev/shm/*", ""),
        ("umount /var/lib", "unmounts /var/lib"),
        ("rm /etc/nologin.d", ""),
        ("rm ~/.ssh/known_hosts", ""),
        ("rm ~/.ssh/k*", ""),
        ("rm /etc/motd*", ""),
        ("rm -rf /etc/nginx/conf.d/old", ""),
        ("umount /run/user/0/gvfs", ""),
        ("cp a b ~/.ssh/", ""),
    ],
)
def test_a_line_is_asked_once_and_with_the_path_that_it_means(line: str, reason: str) -> None:
    assert [finding.reason for finding in examine(line)] == ([reason] if reason else [])


def test_each_folder_that_a_variable_may_lead_to_is_named() -> None:
    assert [finding.reason for finding in examine("cd /srv/$X; rm -rf *")] == [
        "removes all of /srv (/srv/*)",
        "removes the data in /srv/x (/srv/x/*)",
        "removes your home directory on the node (~/*)",
    ]


def test_each_part_of_the_system_that_may_be_a_mount_is_asked_about() -> None:
    mounts = "/ /usr /var /var/lib /var/log /home /boot /boot/efi /proc /sys /dev /run /etc /srv /opt /root"
    assert {mount: [found.rule for found in examine(f"umount {mount}")] for mount in mounts.split()} == {
        mount: ["unmount"] for mount in mounts.split()
    }


def test_no_folder_of_the_system_is_one_that_somebody_made_at_the_top() -> None:
    """hier(7), file-hierarchy(7), and macOS's own."""
    folders = "bin boot dev etc home lib lib64 nix proc root run sbin snap sys tmp usr Users System"
    assert [folder for folder in folders.split() if data(f"/{folder}") or data(f"/{folder}/a")] == []
    assert data("/scratch") == "the data in /scratch"
