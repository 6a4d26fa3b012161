"""The command that finishes an operation, as it is told when that is stopped."""

from __future__ import annotations

from pathlib import Path

from stentor.api.dotfiles_acting import rollback_operation
from stentor.api.fleet import Fleet, Selection
from stentor.api.transfer import fetch_operation
from stentor.dotfiles.inspect import Inspection
from stentor.dotfiles.request import ChangeRequest


def nodes(place: Path) -> Selection:
    (place / "nodes.yaml").write_text("nodes:\n  crtr: {address: 10.0.0.1}\n")
    return Fleet.open(str(place), environ={"HOME": str(place)}).select("crtr")


def test_names_that_look_like_options_stay_names(tmp_path: Path) -> None:
    into = str(tmp_path / "into")
    told = {
        name: fetch_operation(nodes(tmp_path), [name], into, max_size=5).request.rest(["crtr"], 1)
        for name in ("a b", "-x")
    }
    assert told["a b"] == f"stentor fetch --max-size 5 crtr 'a b' {into}"
    assert told["-x"] == f"stentor fetch --max-size 5 crtr -- -x {into}"


def test_a_rollback_goes_on_with_what_may_be_overwritten(tmp_path: Path) -> None:
    request = ChangeRequest("op", "token", to="9", overwrite=("edited", "existing"))
    made = rollback_operation(nodes(tmp_path), Inspection(request, {}, {}))
    said = "stentor dotfiles rollback crtr --to 9 --overwrite edited --overwrite existing"
    assert made.request.rest(["crtr"], 1) == said
