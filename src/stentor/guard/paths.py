"""What a path means to a machine: everything, the system, a home, a device, a file that logins need."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase

from stentor.guard.words import AMBIENT, GIVEN, LISTED, UNSAID
from stentor.shells import SHELLS

_SYSTEM = {
    "/": "everything",
    "/usr/bin": "the programs",
    "/usr/sbin": "the programs",
    "/usr/lib": "the libraries",
    "/usr/lib64": "the libraries",
    "/usr/share": "the system's files",
    "/usr/local": "the local programs",
    "/var/lib": "the data of every service",
    "/var/lib/dpkg": "the list of what is installed",
    "/var/lib/rpm": "the list of what is installed",
    "/var/lib/kubelet": "the data of a cluster",
    "/var/lib/docker": "every container and volume",
    "/var/lib/containers": "every container and volume",
    "/var/lib/libvirt": "every virtual machine",
    "/etc/ssh": "the ssh server's files",
    "/etc/systemd": "the system's units",
    "/etc/pam.d": "the rules of every login",
    "/etc/sudoers.d": "the rules of sudo",
    "/etc/security": "the rules of every login",
    "/etc/netplan": "the network's files",
    "/etc/network": "the network's files",
    "/etc/NetworkManager": "the network's files",
    "/lib/modules": "the kernel's modules",
    "/usr/lib/modules": "the kernel's modules",
    "/usr/libexec": "the system's files",
    "/usr/local/bin": "the local programs",
    "/usr/local/lib": "the local programs",
    "/var/lib/docker/volumes": "every volume",
    "/var/lib/libvirt/images": "the disks of every virtual machine",
    "/var/lib/lxc": "every container",
    "/var/lib/lxd": "every container and machine",
    "/var/lib/incus": "every container and machine",
    "/var/log": "every log",
    "/var/log/audit": "what was audited",
    "/var/log/journal": "the journal",
    "/sys/firmware/efi/efivars": "the firmware's variables",
    "/var/mail": "everybody's mail",
    "/var/spool": "mail, jobs and what waits for printers",
    "/var/spool/cron": "everybody's cron jobs",
    "/var/spool/mail": "everybody's mail",
}
# Where data lies that belongs to no program of the system: mount points and the level below them, what
# servers serve, the state of programs, any folder that somebody made at the top (hier(7), file-hierarchy(7)).
_DEEP = (
    r"mnt|media|gpfs\w*|lustre\w*|beegfs\w*|ceph\w*|exports?|nfs\w*|net"
    r"|volumes?|Volumes|backups?|nas|archive|tank"
)
_OF_SYSTEM = r"bin|boot|dev|etc|home|lib\w*|nix|opt|proc|root|run|sbin|snap|srv|sys|tmp|usr|var|Users|System"
_DATA = re.compile(
    rf"/({_DEEP})(/[^/]+){{0,2}}|/(?!({_OF_SYSTEM})(/|$))[^/]+(/[^/]+)?|/(srv|usr/local)/[^/]+|/opt(/[^/]+){{1,2}}|/run/media(/[^/]+){{0,3}}"
    r"|/var/(?!(adm|cache|crash|empty|games|local|lock|log|mail|run|spool|tmp)(/|$))[^/]+(/[^/]+)?|/var/spool/[^/]+|/home/[^/]+/\.snapshots"
    r"|(~[\w.-]*|/root|/home/[^/]+|/Users/[^/]+)/(Documents|Pictures|Photos|Music|Videos|Movies|Desktop|Mail|Maildir"
    r"|\.gnupg|\.password-store|\.mozilla|\.thunderbird|\.kube|\.aws|\.config|\.local(/share)?)"
    r"|.*/\.git"
)
_PASSING = re.compile(
    r"\.?(tmp|temp|caches?|build|builds|dist|out|output|target|obj|old|test\w*|node_modules|__pycache__|venv|lists"
    r"|lost\+found|\.Trash.*|job[\w.-]*\d|own)|.*[._-](old|bak|orig|tmp|temp|cache|test)"
    r"|(?!.*\.(com|org|net|de|io|eu)$)[^.*?\[][^*?\[]*\.[a-z][a-z0-9]{0,4}"
)
_DATABASE = re.compile(
    r"/var/lib/(mysql|mariadb|postgresql|pgsql|mongo(db)?|redis|valkey|etcd|elasticsearch|opensearch|influxdb|clickhouse"
    r"|cassandra|rabbitmq|ldap|rancher|ceph|vault|consul|sss|slurm\w*|gluster\w*|kubelet|containerd|pacemaker|samba|krb5kdc"
    r"|dirsrv|prometheus|jenkins|gitlab|tftpboot|xcat|warewulf|zookeeper|kafka|couchdb|neo4j|iscsi|nfs)(/[^/]+){0,2}"
)
_KEYS = re.compile(r"(~[\w.-]*|/root|/home/[^/]+|/Users/[^/]+)/\.ssh")
_NEEDED = re.compile(
    r"/|/etc|/etc/(ssh|pam\.d|sudoers\.d|security|systemd|systemd/system|network|netplan|NetworkManager)"
    r"|/usr|/(usr/)?(s?bin|lib\d*)|/lib/modules(/[^/]+)?|/boot(/.*)?|/dev|/proc|/sys"
)
_MOUNTED = frozenset((
    "/", "/usr", "/var", "/var/lib", "/var/log", "/home", "/boot", "/boot/efi", "/proc", "/sys",
    "/dev", "/run", "/etc", "/srv", "/opt", "/root",
))  # fmt: skip
_HARMLESS_TOP = "/tmp"  # noqa: S108 - its contents are meant to go
_ALL = re.compile(r"\*+|\.\*|\?\*|\*\.\*|\.\[\^?!?\.\]\*|\[!?\.?\]?\*|\.\?\*|\.\.\?\*")
_DEVICE = re.compile(
    r"/dev/(?!(null|zero|full|random|urandom|stdin|stdout|stderr|tty\w*|pts|fd|shm|console|ptmx|kmsg|log|watchdog\d*)(/|$)).+"
)
_LOGIN_FILES = re.compile(
    r"/etc/(passwd|shadow|group|gshadow|sudoers(\.d(/.*)?)?|fstab|crypttab|pam\.d/.*|nsswitch\.conf|shells|inittab"
    r"|ssh/(sshd_config(\.d/.*)?|ssh_host_.*)|network/interfaces|netplan/.*"
    r"|NetworkManager/system-connections/.*|systemd/network/.*|sysconfig/network-scripts/.*|wireguard/.*"
    r"|sssd/sssd\.conf|krb5\.keytab|ld\.so\.(preload|conf)|securetty)"
    rf"|/boot/.*|/(usr/)?s?bin/({'|'.join(sorted(SHELLS))}|sudo|su|login|init|systemctl|sshd?|env)"
    r"|/(usr/)?lib\S*/(ld-|libc\.so|libc-|libpam|libcrypt)\S*|/etc/security/access\.conf|/etc/ssh/authorized_keys\S*"
    r"|(~[\w.-]*|/root|/home/[^/]+)/\.ssh/(authorized_keys2?|id_[^/]*)"
    r"|/(usr/)?lib/systemd/systemd|/etc/(krb5\.conf|selinux/config|default/grub|munge/munge\.key|multipath\.conf)"
    r"|/etc/(resolv\.conf|sysconfig/network/(ifcfg|ifroute|routes).*|lvm/lvm\.conf|mdadm(/mdadm)?\.conf)"
    r"|/var/kerberos/krb5kdc/.*|/etc/(sssd/.*|nslcd\.conf|openldap/(ldap|slapd)\.conf|ldap\.conf|krb5\.conf\.d/.*)"
    r"|/etc/(munge|ipa)/.*|/var/lib/munge/.*"
)

# A few of these files, for what a pattern takes.
_KNOWN = """
    /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/sudoers /etc/fstab /etc/crypttab /etc/nsswitch.conf
    /etc/shells /etc/inittab /etc/ld.so.conf /etc/pam.d/sshd /etc/pam.d/common-auth /etc/pam.d/system-auth
    /etc/pam.d/sudo /etc/ssh/sshd_config /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ed25519_key
    /etc/ssh/ssh_host_ed25519_key.pub /etc/network/interfaces /bin/sh /bin/bash /usr/bin/sudo /usr/bin/su
    /usr/bin/env /usr/bin/bash /usr/bin/systemctl /usr/sbin/sshd /sbin/init /usr/lib/libc.so.6
    /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2 ~/.ssh/authorized_keys ~/.ssh/id_ed25519
    /root/.ssh/authorized_keys
"""
KNOWN = tuple(_KNOWN.split())
_PARTS = {"/etc": "the settings"}
_PART = re.compile(
    r"(/etc|(?:/usr)?/lib\d*|/usr/share|/usr/include|/var/kerberos)/(?:modules/)?(?:(?:systemd|modules|firmware|kubernetes|cni|rancher|ceph|slurm|ssl|pki|containerd|letsencrypt|openldap|sssd|munge|nginx|apache2|httpd|haproxy)/)?([^/*?]+)"
)
_NO_LOGIN = re.compile(r"/etc/nologin|(/var)?/run/nologin|/etc/hosts\.deny")
_STOPS = re.compile(r"/proc/sysrq-trigger|/sys/power/(state|disk)|/dev/watchdog\d*")
_DETACHES = re.compile(
    r"/sys/class/net/(bonding_masters|[^/]+/bonding/slaves)|/sys/(bus|block|class|devices)/.*/(unbind|remove|delete|reset|state|carrier)"
)
_STRICT = re.compile(
    r"/etc/(sudoers(\.d/.*)?|pam\.d/.*|ssh/sshd_config(\.d/.*)?|ld\.so\.preload|security/access\.conf)"
)
# Files without which a service, a cluster or an account in a cloud is lost; to change them is everyday work.
_KEPT = re.compile(
    r"/etc/(exports|hosts|hostname|machine-id|(slurm|ceph|corosync|kubernetes|rancher/\w+|iscsi|yum\.repos\.d|zypp/repos\.d)/[^/]+"
    r"|security/limits\.conf|yum\.conf|dnf/dnf\.conf|exports\.d/.*)|(~[\w.-]*|/root|/home/[^/]+)/"
    r"(\.aws/credentials|\.kube/config|\.netrc|\.pgpass|\.gnupg/.*|\.vault-token|\.ssh/config)|.*/terraform\.tfstate"
    r"|.*/slurm(dbd)?\.conf|/opt/[^/]+/etc/[^/]+"
)
_EVERY_JOB = "/etc/cron.d/*"
_RECORDS = re.compile(
    r"/var/log/(wtmp|btmp|lastlog|secure|auth\.log|messages|syslog|sudo\.log|audit/audit\.log)"
)
_STARTED = re.compile(
    r"(~[\w.-]*|/root|/home/[^/]+)/(\.\w*profile|\.\w*login|\.\w*rc|\.\w*env|\.bash_logout)"
    r"|/etc/(profile(\.d/.*)?|bash\.bashrc|bashrc|zshenv|rc\.local|cron\.(hourly|daily|weekly|monthly)/.*)"
)
_UNITS = re.compile(r"(/etc|/run|/(usr/)?lib|~/\.config)/systemd/(system|user)/.*")
_JOBS = re.compile(r"/etc/(crontab|cron\.d/.*)|/var/spool/cron/.*")


def concrete(path: str) -> list[str]:
    """Files which a pattern takes, as far as they are known by name; what is no pattern is itself."""
    if not re.search(r"[*?[]", path):
        return [path]
    folder = posixpath.dirname(path)
    return [one for one in KNOWN if posixpath.dirname(one) == folder and fnmatchcase(one, path)] or [path]


def no_login(path: str) -> str:
    """Say which file this is that keeps people out while it exists (nologin(5), hosts_access(5))."""
    return path if _NO_LOGIN.fullmatch(path) else ""


def stops(path: str) -> str:
    """Say which file this is by which the kernel stops or sleeps (proc(5); Linux: power, watchdog)."""
    return path if _STOPS.fullmatch(path) else ""


def detaches(path: str) -> str:
    """Say which file this is by which the kernel lets a disk or a network card go (Linux: sysfs)."""
    return path if _DETACHES.fullmatch(path) else ""


def kept(path: str) -> str:
    """Say which file this is whose loss stops a service, or hides what was logged; empty if it is none."""
    if posixpath.basename(path) == "*":
        return path if path == _EVERY_JOB else ""
    whole = _KEPT.fullmatch(path) or _RECORDS.fullmatch(path) or _DATABASE.fullmatch(path)
    return path if whole else ""


def replaced(path: str) -> str:
    """Say which file of :func:`kept` this is that nobody writes anew every day; empty if it is none."""
    return path if _RECORDS.fullmatch(path) or path in ("/etc/hosts", "/etc/exports") else ""


def strict(path: str) -> str:
    """Say which file this is where one line that is wrong keeps everybody out; empty if it is none."""
    return path if _STRICT.fullmatch(path) else ""


def started(path: str) -> str:
    """Say what reads this file later: ``sh``, ``cron``, or systemd a ``unit``; empty if nothing runs it."""
    if _UNITS.fullmatch(path):
        return "unit"
    return "cron" if _JOBS.fullmatch(path) else "sh" if _STARTED.fullmatch(path) else ""


def readings(text: str, cwd: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the absolute paths a word can mean, each with the condition on which it does.

    ``~`` stands for the login directory. A word that is wholly up to the node's environment
    can be anything: its path is empty.
    """
    if text in (AMBIENT, f"{AMBIENT}/"):
        return [("", "what it is, the line does not say")]
    if text == LISTED:
        return [("", "a list says what, which the line does not show")]
    known = text.replace(GIVEN, "x")
    found: list[tuple[str, str]] = []
    condition = ""
    if _unsaid(known):
        whole = re.sub(f"[{UNSAID}]", "x", known)
        found += [(path, "") for path in _absolute(whole, cwd)]
        known = re.sub(f"[{UNSAID}]", "", known)
        condition = "if the variable is empty"
        if not known:
            return found
    found += [(path, condition) for path in _absolute(known, cwd)]
    return found


def _unsaid(text: str) -> bool:
    return any(mark in text for mark in UNSAID)


def _absolute(text: str, cwd: tuple[str, ...]) -> list[str]:
    if text.startswith(("/", "~")):
        return [_normal(text)]
    found = []
    for here in cwd:
        base = here
        if _unsaid(here):
            # cd to an empty variable leads home, or nowhere.
            stripped = re.sub(f"[{UNSAID}]", "", here)
            found.append(_normal(f"{stripped or '~'}/{text}"))
            base = re.sub(f"[{UNSAID}]", "x", here)
        base = base.replace(GIVEN, "x")
        found.append(_normal(f"{base if base.startswith(('/', '~')) else '~/' + base}/{text}"))
    return list(dict.fromkeys(found))


def _normal(path: str) -> str:
    home, _, rest = path.partition("/") if path.startswith("~") else ("", "", "")
    if not home:
        return posixpath.normpath("/" + path.lstrip("/"))
    inside = posixpath.normpath(rest.lstrip("/"))
    if inside.startswith(".."):
        return posixpath.normpath("/home/" + inside.removeprefix(".."))
    return home if inside == "." else f"{home}/{inside}"


def _folder(path: str) -> str:
    """The folder of which a pattern means all; a path that ends in none is itself."""
    while _ALL.fullmatch(posixpath.basename(path)):
        path = posixpath.dirname(path)
    return path


def whole_tree(path: str, *, contents_only: bool = False) -> str:
    """Say what is lost with this path and all below it; empty if it is nothing out of the ordinary.

    Args:
        path: from :func:`readings`.
        contents_only: only a pattern that means all of a directory counts (``rm`` without ``-r``).
    """
    base = _folder(path)
    if contents_only and base == path:
        return ""
    if base != path and base == _HARMLESS_TOP:
        return ""
    if base in _SYSTEM:
        return _SYSTEM[base]
    if _DATABASE.fullmatch(base):
        return "the data of a service"
    if _KEYS.fullmatch(base):
        return "the keys of a login"
    if re.fullmatch(r"~[\w.-]*|/home/[^/]+|/root|/Users/[^/]+", base):
        return "a whole home directory" if base != "~" else "your home directory on the node"
    if base in ("/home", "/Users"):
        return "every home directory"
    if base.count("/") == 1 and base.startswith("/"):
        return f"all of {base}"
    return ""


def lost(path: str, *, contents_only: bool = False) -> str:
    """Say what is lost with this path: as :func:`whole_tree`, or data of no program of the system.

    Args:
        path: from :func:`readings`.
        contents_only: as of :func:`whole_tree`.
    """
    return whole_tree(path, contents_only=contents_only) or data(path, contents_only=contents_only)


def data(path: str, *, contents_only: bool = False) -> str:
    """Say whose data lie here: at a mount point, in a server's tree, below the top; empty if it is none.

    Args:
        path: from :func:`readings`.
        contents_only: as of :func:`whole_tree`.
    """
    base = _folder(path)
    if contents_only and base == path:
        return ""
    if any(map(_PASSING.fullmatch, base.split("/")[2:])) or not _DATA.fullmatch(base):
        return ""
    return f"the data in {base}"


def part_of_system(path: str) -> str:
    """Say which part of the system this folder is, which belongs to one program; empty if it is none."""
    base = path.removesuffix("/*")
    if lost(base):
        return ""
    return f"{_PARTS.get(found[1], 'the files')} of {found[2]}" if (found := _PART.fullmatch(base)) else ""


def device(path: str) -> str:
    """Say which device this path is; empty if it is none that loses data."""
    return path if _DEVICE.fullmatch(path) else ""


def login_file(path: str) -> str:
    """Say which file this is that a login or the next boot needs; empty if it is none."""
    return path if any(map(_LOGIN_FILES.fullmatch, concrete(path))) else ""


def needed(path: str) -> str:
    """Say which directory this is whose files logins or the next boot need; empty if it is none."""
    return path if _NEEDED.fullmatch(path) or _KEYS.fullmatch(path) else ""


def top(path: str) -> str:
    """Say which folder this is that somebody made at the top, and shares; empty if it is none."""
    return path if data(path) and path.count("/") == 1 and path not in ("/mnt", "/media") else ""


def mounted(path: str) -> str:
    """Say which part of the system is mounted here; empty if it is none."""
    return path if path in _MOUNTED else ""
