"""What Ansible's modules amount to as command lines, for the guard to look at."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from stentor.sh.quoting import quoted
from stentor.typed import Any

# names | with which arguments | the command line, with arguments in braces (``/``: the first that is given)
# | source. ``a=x,y`` is one of these values, ``!a`` not given or no.
ROWS = """
reboot | | reboot | ansible.builtin.reboot
file | state=absent | rm -rf {path/dest/name} | ansible.builtin.file
file | mode recurse | chmod -R {mode} {path/dest/name} | ansible.builtin.file
file | mode !recurse !state=absent | chmod {mode} {path/dest/name} | ansible.builtin.file
file | owner recurse | chown -R {owner} {path/dest/name} | ansible.builtin.file
file | owner !recurse | chown {owner} {path/dest/name} | ansible.builtin.file
file | state=link,hard | ln -f {src} {path/dest/name} | ansible.builtin.file
copy template | !validate | cp {src} {dest} | ansible.builtin.copy, ansible.builtin.template
copy | content !validate | cp content {dest} | ansible.builtin.copy
get_url assemble | !validate | cp {src/url} {dest} | ansible.builtin.get_url, ansible.builtin.assemble
lineinfile blockinfile replace ini_file | !validate | sed -i x {path/dest/name} | ansible.builtin.lineinfile
unarchive | | tar -xf {src} -C {dest} | ansible.builtin.unarchive
synchronize | delete | rsync -a --delete {src} {dest} | ansible.posix.synchronize
service systemd systemd_service sysvinit | state=stopped | systemctl stop {name/service/unit} |
  ansible.builtin.service, ansible.builtin.systemd_service
service systemd systemd_service sysvinit | enabled=no | systemctl disable {name/service/unit} |
  ansible.builtin.service, ansible.builtin.systemd_service
systemd systemd_service | masked | systemctl mask {name/service/unit} | ansible.builtin.systemd_service
user | state=absent | userdel {name/user} | ansible.builtin.user
user | password_lock | usermod -L {name/user} | ansible.builtin.user
user | shell | usermod -s {shell} {name/user} | ansible.builtin.user
group | state=absent | groupdel {name} | ansible.builtin.group
apt package dnf dnf5 yum pacman zypper apk opkg | state=absent,removed | apt-get remove {name/pkg/package} |
  ansible.builtin.package and its like
mount | state=absent,unmounted,ephemeral | umount {path/name} | ansible.posix.mount
filesystem | force | mkfs {dev/device} | community.general.filesystem
filesystem | state=absent | wipefs -a {dev/device} | community.general.filesystem
parted | state=absent | parted {device} rm {number} | community.general.parted
parted | label | parted {device} mklabel {label} | community.general.parted
lvol | state=absent | lvremove {vg}/{lv} | community.general.lvol
lvg | state=absent | vgremove {vg} | community.general.lvg
zfs | state=absent | zfs destroy {name} | community.general.zfs
cron | job !state=absent | {job} | ansible.builtin.cron
at | command | {command} | ansible.posix.at
iptables | flush | iptables -F | ansible.builtin.iptables
iptables | policy | iptables -P {chain} {policy} | ansible.builtin.iptables
iptables | jump=DROP,REJECT | iptables -A {chain} -p {protocol} --dport {destination_port} -j {jump} |
  ansible.builtin.iptables
ufw | state=enabled,reset | ufw {state} | community.general.ufw
ufw | policy/default=deny,reject | ufw default {policy/default} | community.general.ufw
ufw | rule=deny,reject | ufw {rule} {port/to_port/name} | community.general.ufw
firewalld | state=disabled service | firewall-cmd --remove-service={service} | ansible.posix.firewalld
firewalld | state=disabled port | firewall-cmd --remove-port={port} | ansible.posix.firewalld
authorized_key | exclusive | cp keys ~{user}/.ssh/authorized_keys | ansible.posix.authorized_key
sysctl | value | sysctl -w {name/key}={value} | ansible.posix.sysctl
modprobe | state=absent | modprobe -r {name} | community.general.modprobe
docker_volume | state=absent | docker volume rm {volume_name/name} | community.docker.docker_volume
docker_prune | volumes | docker system prune -f --volumes | community.docker.docker_prune
docker_compose_v2 | state=absent remove_volumes | docker compose down -v | community.docker.docker_compose_v2
docker_swarm | state=absent | docker swarm leave --force | community.docker.docker_swarm
mysql_db | state=absent | mysqladmin drop {name/db} | community.mysql.mysql_db
postgresql_db | state=absent | dropdb {name/db} | community.postgresql.postgresql_db
k8s | state=absent | kubectl delete {kind} {name} | kubernetes.core.k8s
ec2_instance | state=terminated,absent,stopped,restarted | aws ec2 terminate-instances |
  amazon.aws.ec2_instance
s3_bucket rds_instance ec2_vol ec2_snapshot cloudformation | state=absent | aws {name} delete-it | amazon.aws
azure_rm_resourcegroup azure_rm_virtualmachine | state=absent | az group delete -n {name} | azure.azcollection
gcp_compute_instance gcp_container_cluster gcp_sql_instance | state=absent | gcloud instances delete {name} |
  google.cloud
proxmox proxmox_kvm | state=absent,stopped | qm destroy {vmid} | community.general.proxmox_kvm
virt | state=destroyed,shutdown | virsh destroy {name} | community.libvirt.virt
virt | command=destroy,undefine,shutdown | virsh destroy {name} | community.libvirt.virt
helm | release_state/state=absent | helm uninstall {release_name/name} | kubernetes.core.helm
"""
_COMMANDS = ("command", "shell", "raw", "expect")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_PLACE = re.compile(r"\{([\w/]+)\}")
_YES = ("yes", "true", "on", "1", "y", "t")
_NO = ("no", "false", "off", "0", "n", "f")


def amounts(module: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Return what a task amounts to, as command lines, each with the arguments by which it does.

    A line which is the task's own has None.

    Args:
        module: with or without its collection.
        arguments: as they stand in the playbook; templates are not filled in.
    """
    name = module.rpartition(".")[2]
    if name in _COMMANDS:
        if line := _command(arguments):
            yield line, None
        return
    for names, when, form, _source in _ROWS:
        if name in names.split() and all(_holds(test, arguments) for test in when.split()):
            used = re.findall(r"[A-Za-z_]\w*", when + " " + form)
            yield _filled(form, arguments), {one: _text(arguments, one) for one in used if one in arguments}


def arguments_of(module: str, words: str) -> dict[str, Any]:
    """Return the arguments of a module as ``ansible -a`` has them."""
    return read_command(words) if module.rpartition(".")[2] in _COMMANDS else read(words)


def read(words: str) -> dict[str, Any]:
    """Return the arguments of a module as ``-a`` has them: ``path=/x state=absent``."""
    try:
        split = shlex.split(words)
    except ValueError:
        split = words.split()
    return {name: value for word in split for name, equals, value in (word.partition("="),) if equals}


def read_command(words: str) -> dict[str, Any]:
    """Return the arguments of ``command`` and its like, whose line may stand alone, behind its options."""
    found: dict[str, Any] = {}
    rest = words
    option = re.compile(r"\s*(chdir|creates|removes|executable|stdin|cmd|argv)=(\"[^\"]*\"|'[^']*'|\S+)")
    while given := option.match(rest):
        found[given[1]] = given[2].strip("\"'") if given[2][:1] in "\"'" else given[2]
        rest = rest[given.end() :]
    return {**found, "_raw_params": rest.strip()} if rest.strip() else found


def _command(arguments: Mapping[str, Any]) -> str:
    line = arguments.get("_raw_params") or arguments.get("cmd") or arguments.get("command")
    if not line and isinstance(words := arguments.get("argv"), (list, tuple)):
        line = quoted([_TEMPLATE.sub("template", str(word)) for word in words])
    if not line:
        return ""
    folder = arguments.get("chdir")
    text = _TEMPLATE.sub("template", str(line))
    return f"cd {quoted([_text(arguments, 'chdir')])} && {text}" if folder else text


def _text(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _TEMPLATE.sub("template", "" if value is None else str(value))


def _holds(test: str, arguments: Mapping[str, Any]) -> bool:
    negative, test = test.startswith("!"), test.removeprefix("!")
    names, equals, values = test.partition("=")
    given = [_text(arguments, name) for name in names.split("/")]
    wanted = [_NO if value == "no" else (value,) for value in values.split(",")]
    if equals:
        return negative != any(value.lower() in map(str.lower, one) for value in given for one in wanted)
    return negative != any(value and value.lower() not in _NO for value in given)


def _filled(form: str, arguments: Mapping[str, Any]) -> str:
    def value(place: re.Match[str]) -> str:
        name = next((name for name in place[1].split("/") if arguments.get(name)), "")
        given = arguments.get(name)
        words: Sequence[Any] = given if isinstance(given, (list, tuple)) else [given] if given else []
        if form.startswith("{"):
            return " ".join(_TEMPLATE.sub("template", str(word)) for word in words)
        return quoted([_TEMPLATE.sub("template", str(word)) for word in words])

    return _PLACE.sub(value, form)


def _rows() -> list[list[str]]:
    lines = ROWS.replace("\n  ", " ").strip().splitlines()
    return [[column.strip() for column in line.split("|")] for line in lines]


_ROWS = _rows()
