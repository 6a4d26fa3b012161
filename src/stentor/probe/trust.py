"""Whether a node is who it says it is: what it shows, beside what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stentor.fleet.model import Fleet, Node
from stentor.outcome import Kind, Outcome
from stentor.sh.quoting import quoted
from stentor.ssh import hostkey_texts
from stentor.ssh.hostkeys import Key, Pin

Keys = Mapping[str, Key]
"""Kind of key (``ssh-ed25519``) to the key of that kind which a server showed."""

GOOD = ("certified", "yours", "pinned")
SHOW_KEYS = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"


class Certificate(NamedTuple):
    """A host certificate, as ``ssh-keygen -L`` reads it."""

    authority: str  # the fingerprint of the key that signed it
    principals: tuple[str, ...] = ()  # the names it is for; none: every name
    valid: str = ""  # its time, in ssh-keygen's words


class Seen(NamedTuple):
    """What a node showed."""

    keys: Keys  # that it shows
    paths: Sequence[tuple[str, Keys]] = ()  # other ways to it, in words, with what was shown there
    certificates: Sequence[Certificate] = ()  # those that it showed
    dns: str = ""  # of ``sshfp.read``; empty where DNS was not asked
    dns_signed: bool = False  # whether that is validated by DNSSEC
    silence: str = ""  # why there are no keys
    kind: Kind = "unreachable"  # the outcome's kind for that


class Verdict(NamedTuple):
    """What a node is to us."""

    node: Node  # the node
    hosts: tuple[str, ...]  # the names under which ssh looks it up; a pin is written under all of them
    # ``revoked``, ``changed``, ``unknown``, ``silent`` or one of ``GOOD``. ``yours``: your own known_hosts
    # knows it, the fleet does not.
    state: str
    keys: tuple[Key, ...] = ()  # what it shows now
    before: tuple[Pin, ...] = ()  # the lines by which it was known: of the fleet's file, else of yours
    notes: tuple[str, ...] = ()  # what else is to be said, a line each
    seen: Seen = Seen({})

    @property
    def outcome(self) -> Outcome:
        """The verdict as one of the kinds that every command knows."""
        alias = self.node.alias
        if self.state in GOOD:
            return Outcome(alias, "ok")
        if self.state == "silent":
            expected = self.node.expected_down and self.seen.kind not in ("host-key-unknown", "cancelled")
            reason = f"expected {self.node.state}: {self.seen.silence}" if expected else self.seen.silence
            return Outcome(alias, "skipped" if expected else self.seen.kind, reason=reason)
        kind: Kind = "host-key-unknown" if self.state == "unknown" else "host-key-changed"
        reason = hostkey_texts.REVOKED if self.state == "revoked" else hostkey_texts.REASONS[kind]
        return Outcome(alias, kind, reason=reason, hint=f"on its own console: {SHOW_KEYS}")


def namesakes(fleet: Fleet, node: Node) -> frozenset[str]:
    """Return the aliases of other machines with an address of this node, reached by another way.

    ssh looks the keys of all of them up under one name; whose a pin is, its comment says.
    """
    mine = {address.lower() for address in node.addresses}
    return frozenset(
        other.alias
        for other in fleet.nodes.values()
        if mine and other.jump != node.jump and not mine.isdisjoint(map(str.lower, other.addresses))
    )


def pinned_for(pin: Pin) -> str:
    """Return the alias for which a line of the fleet's file was written; empty where it does not say."""
    return pin.comment.split(" ", 1)[0] if " pinned " in pin.comment else ""


def judge(
    node: Node, hosts: Sequence[str], seen: Seen, fleet_pins: Sequence[Pin], own_pins: Sequence[Pin]
) -> Verdict:
    """Compare what a node shows with what is known.

    Args:
        hosts: the names under which ssh looks it up.
        fleet_pins: the fleet's known_hosts.
        own_pins: the user's, and the system's.
    """
    keys = tuple(seen.keys.values())
    pins, own = _about(fleet_pins, hosts), _about(own_pins, hosts)

    def verdict(state: str, before: Iterable[Pin] = (), *notes: str) -> Verdict:
        return Verdict(node, tuple(hosts), state, keys, tuple(before), notes, seen)

    revoked = {pin.key for pin in (*pins, *own) if pin.marker == "@revoked"}
    if any(key in revoked for key in keys):
        return verdict("revoked")
    known, yours = ([pin for pin in some if not pin.marker] for some in (pins, own))
    if not keys and not seen.certificates:
        return verdict("silent", known or yours)
    authority = _authority([pin for pin in (*pins, *own) if pin.marker == "@cert-authority"], hosts, seen)
    if known:
        if not matching(keys, known):
            return verdict("certified", (), authority) if authority else verdict("changed", known)
        return verdict("pinned", known, *_stale(keys, yours, hosts))
    if authority:
        return verdict("certified", (), authority)
    if yours:
        return verdict("yours" if matching(keys, yours) else "changed", yours)
    return verdict("unknown")


def _stale(keys: Sequence[Key], yours: Sequence[Pin], hosts: Sequence[str]) -> list[str]:
    """Say which known_hosts files other than the fleet's have another key, and what removes it there."""
    notes = []
    for file in dict.fromkeys(pin.file for pin in yours):
        lines = [pin for pin in yours if pin.file == file]
        if matching(keys, lines):
            continue
        names = [host for host in hosts if any(pin.matches(host) for pin in lines)]
        if file:
            removal = "; ".join(quoted(["ssh-keygen", "-R", name, "-f", file]) for name in names)
            notes.append(f"{file} has another key for it: {removal}")
        else:
            notes.append("your KnownHostsCommand names another key for it")
    return notes


def _about(pins: Iterable[Pin], hosts: Sequence[str]) -> list[Pin]:
    return [pin for pin in pins if any(pin.matches(host) for host in hosts)]


def matching(keys: Iterable[Key], pins: Iterable[Pin]) -> list[Key]:
    """Return the keys that are among the pins; none if only one of a known kind is another.

    A server which shows the right key of one kind and a wrong one of another is not the one we
    know: ssh would take either.
    """
    known: dict[str, set[Key]] = {}
    for pin in pins:
        known.setdefault(pin.key.kind, set()).add(pin.key)
    same = [key for key in keys if key in known.get(key.kind, ())]
    wrong = [key for key in keys if key.kind in known and key not in known[key.kind]]
    return [] if wrong else same


def _authority(authorities: Sequence[Pin], hosts: Sequence[str], seen: Seen) -> str:
    """Say by which authority the node is certified; empty if it is not."""
    trusted = {pin.key.fingerprint for pin in authorities}
    bare = {host[1:].partition("]")[0] if host.startswith("[") else host for host in hosts}
    for certificate in seen.certificates:
        if certificate.authority in trusted and (
            not certificate.principals or bare & set(certificate.principals)
        ):
            return f"its certificate is signed by {certificate.authority}, valid {certificate.valid}"
    return ""


def parse_certificates(text: str) -> list[Certificate]:
    """Read what ``ssh-keygen -L`` printed of some certificates."""
    found: list[Certificate] = []
    authority, valid, principals, listing = "", "", list[str](), False
    for line in [*text.splitlines(), "(stdin):"]:
        word = line.strip()
        if word.endswith(":") and not line.startswith(" ") and authority:
            found.append(Certificate(authority, tuple(principals), valid))
            authority, valid, principals = "", "", []
        elif word.startswith("Signing CA:"):
            authority = next((part for part in word.split() if part.startswith("SHA256:")), "")
        elif word.startswith("Valid:"):
            valid = word.removeprefix("Valid:").strip()
        elif word == "Principals:":
            listing = True
            continue
        elif listing and word and not word.endswith(":") and not word.startswith("Critical Options"):
            principals += [] if word == "(none)" else [word]
            continue
        listing = False
    return found


def since(pin: Pin) -> str:
    """Return the day on which a pin was made, as its comment says; empty where it says nothing."""
    words = pin.comment.split()
    if "pinned" in words[:-1]:
        return words[words.index("pinned") + 1]
    return ""


def explain(verdict: Verdict) -> list[str]:
    """Say what a key that is not the known one can mean, from what can be seen. A line each."""
    node, lines = verdict.node, []
    known = {pin.key.kind: pin.key for pin in verdict.before}
    shown = {key.kind: key for key in verdict.keys}
    if verdict.state == "changed" and not known.keys() & shown.keys():
        had = ", ".join(sorted(key.name for key in known.values()))
        lines.append(
            f"it shows no key of the kind we know it by ({had}): a server set up anew, or somebody"
            " who has not its key and offers another kind"
        )
    for where, keys in verdict.seen.paths:
        lines.append(f"{where}: {_compared(keys, shown, known)}")
    if verdict.seen.dns:
        lines.append(_dns(verdict.seen.dns, signed=verdict.seen.dns_signed))
    if verdict.state == "changed":
        lines.append(_expected(node))
    return lines


def _dns(dns: str, *, signed: bool) -> str:
    said = {"agrees": "DNS (SSHFP) names this key", "differs": "DNS (SSHFP) names another key"}
    if dns not in said:
        return "DNS (SSHFP) has no record of it"
    if signed:
        return f"{said[dns]}, and your resolver has validated the answer by DNSSEC"
    return f"{said[dns]}, without DNSSEC, so the answer may be forged"


def _compared(keys: Keys, shown: Keys, known: Keys) -> str:
    if not keys:
        return "no key was seen there"
    if any(keys.get(kind) == key for kind, key in shown.items()):
        return "the same key as here"
    if any(keys.get(kind) == key for kind, key in known.items()):
        return "the key that we know! So somebody stands between this machine and the node: do not trust it"
    return "yet another key: not every way leads to the same machine"


def _expected(node: Node) -> str:
    alias = node.alias
    if node.state == "migrating" or (node.phase is not None and not node.migrated):
        phase = f" in phase {node.phase}" if node.phase is not None else ""
        return (
            f"nodes.yaml has {alias}{phase} of a migration: reinstalled, it has new keys. Compare them still"
        )
    if node.state in ("down", "retired"):
        return f"nodes.yaml says that {alias} is {node.state}: has its address gone to another machine?"
    return f"nodes.yaml knows of no work on {alias}: ask who reinstalled it. If nobody did, it is an attack"


def choose(verdict: Verdict, fingerprint: str) -> tuple[Key, ...]:
    """Return the keys with this fingerprint; it confirms none of the node's others."""
    wanted = fingerprint.strip().removeprefix("SHA256:").rstrip("=")
    return tuple(key for key in verdict.keys if key.fingerprint == f"SHA256:{wanted}")


def beside(left: Sequence[str], right: Sequence[str], gap: int = 4) -> list[str]:
    """Put two blocks of lines side by side."""
    width = max((len(line) for line in left), default=0) + gap
    count = max(len(left), len(right))
    rows = zip([*left, *[""] * (count - len(left))], [*right, *[""] * (count - len(right))], strict=True)
    return [f"{a:<{width}}{b}".rstrip() for a, b in rows]
