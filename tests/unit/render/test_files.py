from __future__ import annotations

import os
from pathlib import Path

import pytest

from stentor.errors import Refused
from stentor.fanout.events import Finished, Output
from stentor.outcome import Kind, Outcome, Report
from stentor.render.files import MOST_OPEN, Files


def finished(node: str, kind: Kind = "ok", started: bool = True) -> Finished:
    return Finished(node, Outcome(node, kind, started=started))


def test_a_file_for_each_node_and_stream(tmp_path: Path) -> None:
    (tmp_path / "zrtr.out").write_text("of an earlier run")
    view = Files(str(tmp_path), ["crtr", "prtr", "zrtr"])
    view.show(Output("crtr", "stdout", b"\xff\x00"))
    assert not (tmp_path / "crtr.out").exists()
    view.show(Output("crtr", "stdout", b"more"))
    view.show(Output("crtr", "stderr", b"oh\n"))
    view.show(finished("crtr"))
    view.show(finished("prtr"))
    view.show(finished("zrtr", "unreachable", started=False))
    view.end(Report([]))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "crtr.out": b"\xff\x00more",
        "crtr.err": b"oh\n",
        "prtr.out": b"",
        "prtr.err": b"",
    }


def test_more_nodes_than_files_are_kept_open(tmp_path: Path) -> None:
    nodes = [f"node{n}" for n in range(MOST_OPEN * 3)]
    view = Files(str(tmp_path / "made" / "here"), nodes)
    for turn in range(3):
        for node in nodes:
            view.show(Output(node, "stdout", f"{turn}\n".encode()))
    for node in nodes:
        view.show(finished(node))
    view.end(Report([]))
    assert {(tmp_path / "made" / "here" / f"{node}.out").read_text() for node in nodes} == {"0\n1\n2\n"}


def test_unfinished_output_keeps_its_partial_name(tmp_path: Path) -> None:
    view = Files(str(tmp_path), ["a"])
    view.show(Output("a", "stdout", b"half"))
    view.end(Report([]))
    assert [path.name for path in tmp_path.iterdir()] == [".a.out.part"]


def test_a_file_in_the_directorys_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot write output") as caught:
        Files(str(tmp_path / "file"), ["a"])
    assert "--output-dir" in caught.value.hint


def test_a_directory_without_rights_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root's tests can write anywhere but on a read-only mount, so the kernel's answer is given here."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK | os.X_OK)
    with pytest.raises(Refused, match="it cannot be written to"):
        Files(str(tmp_path), ["a"])


def test_what_others_put_in_the_place_of_a_file_is_not_written_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("ours\n")
    folder = tmp_path / "out"
    view = Files(str(folder), ["crtr", "prtr"])
    part = folder / ".crtr.out.part"
    part.symlink_to(victim)
    with pytest.raises(Refused, match="exists"):
        view.show(Output("crtr", "stdout", b"data"))
    view.show(Output("prtr", "stdout", b"data"))
    view.end(Report([]))  # closes it; what comes later opens it again
    (folder / ".prtr.out.part").unlink()
    for replaced in ("link", "file"):
        other = folder / ".prtr.out.part"
        if replaced == "link":
            other.symlink_to(victim)
        else:
            other.unlink()
            os.link(victim, other)
        with pytest.raises(Refused):
            view.show(Output("prtr", "stdout", b"more"))
    assert victim.read_text() == "ours\n"
