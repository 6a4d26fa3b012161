"""Differences are alike on nodes where the same changes."""

from __future__ import annotations

from stentor.playbooks.hosts import lines


def test_the_file_of_one_run_has_the_name_of_the_target() -> None:
    diff = {
        "before": "a\n",
        "after": "b\n",
        "before_header": "/home/x/f",
        "after_header": "/home/x/.ansible/tmp/ansible-local-1234/tmpabc",
    }
    assert [*lines([diff], "/home/x")] == ["--- before: ~/f", "+++ after: ~/f", "@@ -1 +1 @@", "-a", "+b"]


def test_lines_that_were_prepared_stay() -> None:
    assert [*lines([{"prepared": "+one\n-two\n"}, {"dst_binary": 1}])] == ["+one", "-two"]


def test_only_what_is_below_the_home_is_shortened() -> None:
    assert [*lines([{"before": "", "after": "b", "after_header": "/home/xy"}], "/home/x")][
        1
    ] == "+++ after: /home/xy"
