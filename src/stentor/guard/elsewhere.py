"""Programs that hand words or text to a shell elsewhere: on other machines, in containers, panes, jobs.

A row of :data:`ROWS`: names | the words which say so, in this order (``a,b``: one of them) | source. What
stands behind them, and behind ``--`` where that is given, is read: each word that is a command's name may be
where one begins, and each text may be a line, typed keys, the value of an option or a text in JSON.
"""

from __future__ import annotations

import re

from stentor.guard.calls import Call, Inner, name_of
from stentor.guard.find import as_find, roots_of, takes_all
from stentor.guard.lists import handed
from stentor.guard.options import Options, after_options
from stentor.guard.quick import CLIENTS, NAMES
from stentor.guard.rules_code import output
from stentor.guard.table_code import LANGUAGES
from stentor.guard.tools import read_line, rows
from stentor.guard.words import AMBIENT, COMPUTED, unknown


def xargs(call: Call) -> list[Inner]:
    """Return what ``xargs`` runs: its words with each thing that is handed to it."""
    options = Options(
        "IndPLaEs",
        "0rtpxo",
        ("replace", "max-args", "delimiter", "max-procs", "max-lines", "arg-file", "max-chars"),
    )
    replaced = [call.words[i + 1] for i, word in enumerate(call.words[:-1]) if word == "-I"]
    replaced += [word[2:] for word in call.words if word.startswith("-I") and len(word) > 2]
    replaced += ["{}"] if any(word == "-i" or word.startswith("--replace") for word in call.words) else []
    named = any(word.startswith(("-a", "--arg-file")) for word in call.words[1:])
    source = () if named else call.fed_by
    items = dict.fromkeys(handed(source, stdin=None if named else call.stdin, listed=named or call.listed))
    found = []
    for rest in after_options(call.words, options):
        for item in items:
            if replaced:
                found.append(Inner(tuple(word.replace(replaced[0], item) for word in rest)))
            else:
                found.append(Inner((*rest, item)))
    return found


def substituted(call: Call) -> list[Inner]:
    """Return the command with what a ``find`` or ``ls`` prints in place of its ``$(…)``."""
    if not call.substitutes:
        return []
    last = call.substitutes[-1]
    items = [item for item in handed((*last.fed_by, last)) if item not in (COMPUTED, AMBIENT)]
    words = [tuple(item if word == COMPUTED else word for word in call.words) for item in items]
    return [Inner(given) for given in words if given != call.words]


_ON_TREES = {"rm": "-r", "chmod": "-R", "chown": "-R", "chgrp": "-R"}


def find(call: Call) -> list[Inner]:
    """Return what ``find -exec`` and its like run, for each place where it begins."""
    words = as_find(call.words)
    found: list[Inner] = []
    for index, word in enumerate(words):
        if word not in ("-exec", "-execdir", "-ok", "-okdir"):
            continue
        ends = [at for at, other in enumerate(words) if at > index and other in (";", "+")]
        rest = words[index + 1 : ends[0] if ends else len(words)]
        for root in roots_of(words[1:]) or ["."]:
            found += _for_each(rest, root, root in takes_all(words))
    return found


def _for_each(rest: tuple[str, ...], root: str, every: bool) -> list[Inner]:
    """What ``-exec`` runs: on all below a root it is what ``-R`` would do to the root."""
    if not rest:
        return []
    option = _ON_TREES.get(name_of(rest), "")
    if option and every:
        return [Inner((rest[0], option, *(word.replace("{}", root) for word in rest[1:])))]
    one = f"{root.rstrip('/')}/{'*' if every else 'x'}"
    return [Inner(tuple(word.replace("{}", one) for word in rest))]


ROWS = """
# on many machines
clush pdsh dsh pssh parallel-ssh rsh mosh stentor xdsh psh mmdsh sdsh pexec onall rgang cexec gsh | |
  clush(1), pdsh(1), pssh(1); xCAT: xdsh(1); IBM Storage Scale: mmdsh
salt salt-call salt-ssh | | docs.saltproject.io: salt.modules.cmdmod
autossh plink dbclient gsissh et tsh winexe psexec lsh | | autossh(1), plink(1)
knife | ssh | docs.chef.io: knife ssh
bolt mco fab cap invoke | | Puppet Bolt: bolt command run; MCollective; fabfile.org
juju | run,ssh,exec | juju.is: commands
consul | exec | developer.hashicorp.com/consul/commands
wwctl | ssh | Warewulf: wwctl ssh
adb | shell | developer.android.com: adb
# in each submodule, for each revision
git | submodule foreach | git-submodule(1)
git | bisect run | git-bisect(1)
# as jobs
srun sbatch salloc mpirun mpiexec mpiexec.hydra aprun jsrun prun pbsdsh qrsh qsub bsub blaunch lsrun lsgrun
  orterun | | slurm: srun(1), sbatch(1); PBS, Grid Engine, LSF; Open MPI: mpirun(1)
flux | run,exec,submit,proxy,batch | flux(1)
# in containers and machines
kubectl oc | exec,debug,rsh,node-shell | kubernetes.io/docs/reference/kubectl; oc(1)
k3s rke2 microk8s k0s minikube | | docs.k3s.io: kubectl; microk8s.io: kubectl
docker podman nerdctl | compose exec,run | docs.docker.com: compose exec
podman | machine ssh | podman-machine-ssh(1)
docker-compose podman-compose | exec,run | docs.docker.com: compose exec
crictl | exec | cri-tools: crictl
ctr | task,tasks,t exec | containerd: ctr
lxc incus | exec | lxc(1), incus(1)
lxc-attach | | lxc-attach(1)
qm | guest exec | Proxmox VE: qm(1)
pct | exec | Proxmox VE: pct(1)
multipass | exec | multipass.run: exec
limactl lima | shell | lima-vm.io: limactl shell
colima minikube | ssh | colima; minikube.sigs.k8s.io: ssh
vagrant | ssh | developer.hashicorp.com/vagrant: ssh
VBoxManage vboxmanage | guestcontrol | VirtualBox manual: guestcontrol
virsh | qemu-agent-command | virsh(1)
nomad | alloc exec | developer.hashicorp.com/nomad/commands
ch-run enroot shifter | | Charliecloud: ch-run(1); NVIDIA: enroot
machinectl apptainer singularity toolbox distrobox arch-chroot schroot systemd-nspawn proot fakechroot bwrap |
  | machinectl(1), apptainer(1), toolbox(1), schroot(1), systemd-nspawn(1)
# in clouds
gcloud | ssh | cloud.google.com/sdk/gcloud/reference: compute ssh
az | run-command | learn.microsoft.com/cli/azure: vm run-command
aws | ssm send-command,start-session | docs.aws.amazon.com: ssm send-command
aws | ecs execute-command | docs.aws.amazon.com: ecs execute-command
doctl | ssh | docs.digitalocean.com: doctl compute ssh
hcloud | ssh | github.com/hetznercloud/cli
openstack | ssh | docs.openstack.org: server ssh
flyctl fly | ssh | fly.io/docs/flyctl: ssh console
heroku | run,ps:exec | devcenter.heroku.com: heroku run
tailscale | ssh | tailscale.com: ssh
# typed into a pane or a window
tmux screen zellij byobu dtach abduco wezterm kitty xdotool ydotool wtype dotool send | | tmux(1), screen(1),
  xdotool(1), expect(1)
# in a scope, with limits, again, later
sem setpriv firejail numactl cgexec schedtool cpulimit trickle valgrind perf hyperfine chronic tsp ts nq
  rlwrap run0 sudo-rs please dzdo pfexec sg softlimit envdir setuidgid tini dumb-init direnv poetry pipenv uv
  npx nix-shell nix conda mamba bundle dotenv aws-vault xvfb-run dbus-run-session dbus-launch entr socat
  systemd-inhibit systemd-cat lvm ssh-agent hwloc-bind likwid-pin | | each one's manual
"""
# Programs which read commands of their own, a line each, from standard input or from an option.
CONSOLES = {
    **dict.fromkeys(
        ["bconsole", "redis-cli", "valkey-cli", "keydb-cli", "virsh", "lctl", "targetcli", "lftp"], ""
    ),
    **dict.fromkeys(["zkCli.sh", "zkCli", "zookeeper-shell.sh", "ip"], ""),
    **dict.fromkeys(["qmgr", "cmsh"], "-c"),
    **dict.fromkeys(["kadmin", "kadmin.local"], "-q"),
    "multipathd": "-k",
}
_WAYS: dict[str, list[tuple[frozenset[str], ...]]] = {}
for _names, _words, _source in rows(ROWS):
    for _name in _names.split():
        _WAYS.setdefault(_name, []).append(tuple(frozenset(word.split(",")) for word in _words.split()))
ANYWHERE = frozenset(name for name, ways in _WAYS.items() if () in ways)
# What these are told is no line for a shell; they are read by what they are.
_TOLD = ("-c", "-e", "-q", "-Q", "-r", "--eval", "--command", "--execute", "--query", "-E", "-i", "-F")
_TELLS = frozenset([*CLIENTS.split(), *LANGUAGES, "grep", "egrep", "redis-cli", "awk", "sed", "jq"])
_TYPED = re.compile(r"(\\[nr]|\\015|\^M|[\r\n])+$")


def names() -> set[str]:
    """Every program that hands something on."""
    return set(_WAYS)


def handed_on(call: Call) -> list[Inner]:
    """Return what a command hands to a shell elsewhere, as far as it does."""
    words, name = call.words, call.words[0].rpartition("/")[2]
    found: list[Inner] = []
    for way in _WAYS.get(name, ()):
        at = _behind(words, way)
        if at:
            rest = words[at:]
            if way and "--" in rest:
                run = rest[rest.index("--") + 1 :]
                found += [Inner(run), *(Inner(text=text) for word in run[:1] for text in _texts(word))]
            else:
                found += any_suffix((name, *rest))
    return found + consoles(call)


def consoles(call: Call) -> list[Inner]:
    """Return the commands of its own which a program is told, by its input or by an option's text."""
    name = call.words[0].rpartition("/")[2]
    if name not in CONSOLES:
        return []
    line = read_line(call.words)
    texts = line.values(CONSOLES[name]) if CONSOLES[name] else []
    texts += [word for word in line.operands[:1] if " " in word]
    if not line.operands and (said := _read(call)):
        texts.append(said)
    told = [one.split() for text in texts for one in re.split(r"[;\n]", text)]
    return [Inner((call.words[0], *words)) for words in told if words and words[0][:1] != "-"]


def _read(call: Call) -> str:
    """What a command reads, where the line itself holds it."""
    if call.stdin is not None:
        return call.stdin
    return (output(call.fed_by[-1]) if call.fed_by else None) or ""


def _behind(words: tuple[str, ...], way: tuple[frozenset[str], ...]) -> int:
    """Where that begins which is handed on; 0 if nothing is."""
    at = 1
    for wanted in way:
        at = next((i + 1 for i, word in enumerate(words[at:], at) if word in wanted), 0)
        if not at:
            return 0
    return at


def any_suffix(words: tuple[str, ...]) -> list[Inner]:
    """Return what each word may begin, with those behind it, and each text that may be a line."""
    found = [
        Inner(words[start:])
        for start in range(1, len(words))
        if words[start].rpartition("/")[2] in NAMES - ANYWHERE or words[start].startswith("mkfs.")
    ]
    for at, word in enumerate(words[1:], 1):
        if not (words[at - 1] in _TOLD and _TELLS.intersection(words[1:at])):
            found += [Inner(text=text) for text in dict.fromkeys(_texts(word))]
    return found


def _texts(word: str) -> list[str]:
    """The lines which a word holds: itself, keys that are typed, an option's value, texts in JSON."""
    option = re.match(r"--?[\w-]+=|[\w-]+=(?=[\[\"'])", word)
    said = word[option.end() :] if option else word
    line = _TYPED.sub("", said)
    texts = re.findall(r"\"((?:[^\"\\]|\\.)+)\"", said) if said[:1] in "[{" and '"' in said else []
    if not texts and (" " in line.strip() or line != said or (option and line in NAMES)):
        texts = [line]
    return [text for text in texts if text.strip()]


def ansible(call: Call) -> list[Inner]:
    """``ansible -m MODULE -a ARGUMENTS``: what the module amounts to (ansible(1))."""
    from stentor.guard.modules import amounts, arguments_of

    line = read_line(call.words)
    if line.changes_nothing:
        return []
    module = "".join(line.values("-m/--module-name")[-1:]) or "command"
    arguments = "".join(line.values("-a/--args")[-1:])
    if unknown(module):
        return [Inner(text=arguments)]
    return [Inner(text=text) for text, _ in amounts(module, arguments_of(module, arguments))]
