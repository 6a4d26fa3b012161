"""The guard's figures: harmful lines that it misses, harmless ones that it questions.

``pytest -s tests/unit/guard/test_corpus.py`` prints them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.guard import examine

HERE = Path(__file__).parent
KNOWN_FALSE_ALARMS: set[str] = set()
"""Harmless lines that are questioned all the same, because the line alone does not show that they are."""
FRESH: dict[str, tuple[set[str], set[str]]] = {
    "fresh-1.txt": (set(), {"git clean -fdx"}),  # it runs in the login directory, which may be a repository
    "fresh-2.txt": ({"at -f /tmp/job.sh now + 5 minutes"}, set()),  # what is on the node already is not seen
    "fresh-3.txt": (set(), set()),
    "fresh-4.txt": (set(), set()),
    "fresh-5.txt": ({"make -f - <<'E'\\nall: ; rm -rf /etc\\nE"}, set()),  # a language of its own
    "fresh-6.txt": (  # of one user's files; in the login directory, which may be a repository
        {"find /var -user bob -delete"},
        {"git clean -fd", "cd ~/app; git clean -ffdx"},
    ),
    "fresh-7.txt": (set(), set()),
    "fresh-8.txt": (  # what is on the node, or in a folder, already is not seen
        {"npx https://x.io/a", "ansible-playbook destroy.yml -e confirm=yes", "packer build -force ."},
        set(),
    ),
    "fresh-9.txt": (
        {
            "rcnetwork restart",  # a restart is none of these
            "chown root:root /etc/munge/munge.key",
            "rm -rf /opt/apps/gcc/12.2",  # one release of a program
            "rm -rf /global/scratch/users/*",  # deeper than what is known of a file system
            "grub2-mkconfig -o /dev/null",
            "scancel {100..200}",
            "esxcli storage vmfs unmap -l ds1",
            "a2dissite '*' && systemctl stop apache2",
            "redis-cli config set requirepass x",
            "pf -d",
            "hostnamectl set-hostname ''",
            "flatpak uninstall --all -y",
        },
        set(),
    ),
    "fresh-10.txt": ({"ps -eo pid,user | awk '$2!=\"root\"{print $1}' | xargs kill -9"}, set()),
    "fresh-11.txt": (
        {
            "ansible all -b -m copy -a 'content=\"\" dest=/etc/sudoers'",
        },
        {"parallel --dry-run ssh {} reboot ::: n01 n02 n03"},
    ),
}
"""Of lines that were written without a look at the rules: those that are missed, and the false alarms."""
MOST = 0.03


def lines(name: str) -> Iterator[str]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not (line.startswith("# ")):
            yield line


def unfolded(line: str) -> str:
    """``\\n`` in a line stands for a new line, except inside quotes that a shell would hand to printf."""
    return line if "printf" in line else line.replace("\\n", "\n")


def test_figures() -> None:
    harmful = [line.split(" | ", 1) for line in lines("harmful.txt")]
    harmless = list(lines("harmless.txt"))
    misses, other_reason = [], []
    for rule, line in harmful:
        rules = {finding.rule for finding in examine(unfolded(line))}
        if not rules:
            misses.append(line)
        elif rule not in rules:
            other_reason.append(f"{line}: {', '.join(sorted(rules))} instead of {rule}")
    alarms = {line: examine(unfolded(line)) for line in harmless}
    false = {line: found for line, found in alarms.items() if found}
    print(
        f"\n{len(harmful)} harmful lines: {len(misses)} missed, {len(other_reason)} for another reason;"
        f" {len(harmless)} harmless lines: {len(false)} false alarms"
    )
    for line in misses:
        print("  missed:", line)
    for line in other_reason:
        print("  other reason:", line)
    for line, found in false.items():
        print("  false alarm:", line, *(f"\n      {one.rule}: {one.reason}" for one in found))
    assert len(harmful) + len(harmless) >= 150
    assert not misses
    assert not other_reason
    assert set(false) == KNOWN_FALSE_ALARMS


@pytest.mark.parametrize("name", FRESH)
def test_figures_of_lines_written_without_the_rules(name: str) -> None:
    told = [line.split(" | ", 1) for line in lines(name)]
    kinds = {kind: [line for one, line in told if one == kind] for kind in ("ask", "pass")}
    missed = {line for line in kinds["ask"] if not examine(unfolded(line))}
    false = {line for line in kinds["pass"] if examine(unfolded(line))}
    print(
        f"\n{name}: {len(missed)} of {len(kinds['ask'])} missed, {len(false)} of {len(kinds['pass'])} false"
    )
    assert len(told) >= 300
    assert (missed, false) == FRESH[name]
    assert len(missed) <= MOST * len(kinds["ask"])
    assert len(false) <= MOST * len(kinds["pass"])
