"""Which node lacks what of what the fleet requires: the command that looks, and the tasks that fix it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.digits import whole
from stentor.fleet.needs import Need
from stentor.sh.quoting import quote_any


def words(wanted: Sequence[Need]) -> str:
    """Return the command that reads the program from its standard input and looks for all of it."""
    return " ".join(["sh -s --", *(f"{need.kind} {quote_any(need.name)}" for need in wanted)])


def parse(said: str, wanted: Sequence[Need]) -> dict[Need, str]:
    """Read what the program printed: each need with ``yes``, ``no`` or (without an answer) ``unknown``."""
    found = dict.fromkeys(wanted, "unknown")
    for line in said.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "need" and words[2] in ("yes", "no"):
            number = whole(words[1])
            if number is not None and number < len(wanted):
                found[wanted[number]] = words[2]
    return found


def as_ansible(lacking: Mapping[str, Sequence[Need]]) -> str:
    """Return a playbook which would fix it; nodes that lack the same are one play."""
    alike: dict[tuple[Need, ...], list[str]] = {}
    for alias, missing in lacking.items():
        if missing:
            alike.setdefault(tuple(missing), []).append(alias)
    if not alike:
        return "[]\n"
    lines = ["---"]
    for missing, aliases in alike.items():
        lines += [f"- hosts: {_text(','.join(aliases))}", "  become: true", "  tasks:"]
        packages = [need.package or need.name for need in missing if need.kind in ("package", "command")]
        if packages:
            lines += ["    - name: packages", "      ansible.builtin.package:"]
            lines += ["        state: present", "        name:"]
            lines += [f"          - {_text(name)}" for name in dict.fromkeys(packages)]
        for need in missing:
            if need.kind == "service":
                lines += [f"    - name: {_text('service ' + need.name)}", "      ansible.builtin.service:"]
                lines += [
                    f"        name: {_text(need.name)}",
                    "        state: started",
                    "        enabled: true",
                ]
            elif need.kind == "mount":
                # A question first, which a check asks too, so that what is mounted is left alone.
                lines += [f"    - name: {_text('is mounted ' + need.name)}", "      ansible.builtin.command:"]
                lines += [f"        argv: [mountpoint, -q, {_text(need.name)}]"]
                lines += ["      register: mounted", "      changed_when: false"]
                lines += ["      failed_when: false", "      check_mode: false"]
                lines += [f"    - name: {_text('mount ' + need.name)}", "      ansible.builtin.command:"]
                lines += [f"        argv: [mount, {_text(need.name)}]  # by its line of /etc/fstab"]
                lines += ["      when: mounted.rc != 0"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    import json

    # JSON's strings are YAML's, so that no name can be more than a name.
    return json.dumps(text, ensure_ascii=False)
