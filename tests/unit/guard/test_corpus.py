"""The guard's figures: harmful lines that it misses, harmless ones that it questions.

``pytest -s tests/unit/guard/test_corpus.py`` prints them.
"""

from collections.abc import Iterator
from pathlib import Path

from stentor.guard import examine

HERE = Path(__file__).parent
KNOWN_FALSE_ALARMS: set[str] = set()
"""Harmless lines that are questioned all the same, because the line alone does not show that they are."""


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
