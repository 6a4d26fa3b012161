"""Login names that ssh would take."""

from __future__ import annotations

import pytest

from stentor.api.bootstrap import prepare
from stentor.api.fleet import Fleet
from stentor.bootstrap.ways import First
from stentor.errors import UsageError
from stentor.fanout.task import Settings
from stentor.fleet.openssh import login_name
from tests.unit.fleet.test_member import fleet


@pytest.mark.parametrize("name", ["root", "a.b_c-d", "DOMAIN\\me", "é", "me@example.org"])
def test_names_that_ssh_takes(name: str) -> None:
    assert login_name(name) == name


@pytest.mark.parametrize("name", ["", "x y", "-x", "a\tb", "a\n", "a$b", "a'b", 'a"b', "a;b", "a\x7f"])
def test_no_login_name_reaches_ssh(name: str) -> None:
    opened = Fleet(fleet(""))
    selection = opened.select("a")
    with pytest.raises(UsageError, match="is no login name"):
        opened.reach(Settings(user=name))
    with pytest.raises(UsageError, match="is no login name"):
        selection.login(user=name)
    with pytest.raises(UsageError, match="is no login name"):
        prepare(selection, First(name))
