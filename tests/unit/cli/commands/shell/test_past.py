"""The lines of earlier shells."""

import os
from pathlib import Path

from stentor.cli.commands.shell import past


def test_lines_are_kept_in_a_private_file_and_come_back_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "state" / "shell-history"
    book = past.Past(str(path))
    for line in ("uptime", " export SECRET=1", "   ", "df -h"):
        book.append_string(line)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(past.Past(str(path)).load_history_strings()) == ["df -h", "uptime"]


def test_a_place_that_cannot_be_written_is_no_reason_not_to_work() -> None:
    book = past.Past("/dev/null/history")
    book.append_string("uptime")
    assert list(book.load_history_strings()) == []
    assert book.get_strings() == ["uptime"]


def test_a_file_that_grows_long_is_shortened(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f"line {number}\n" for number in range(300_000)))
    assert next(iter(past.Past(str(path)).load_history_strings())) == "line 299999"
    assert path.stat().st_size <= past.MOST_BYTES
    assert next(iter(past.Past(str(path)).load_history_strings())) == "line 299999"
    assert os.listdir(tmp_path) == ["history"]
