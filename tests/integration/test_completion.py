"""Nodes and groups are completed from the fleet at hand, by the real program in a real shell."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from stentor.cli.commands.lab import VERBS
from stentor.lab import Lab
from tests.integration.conftest import Stentor
from tests.support import need

pytestmark = pytest.mark.integration


def test_words_of_the_fleet(lab: Lab, stentor: Stentor) -> None:
    said = stentor("completion", "--words")
    words = [line.split("\t")[0] for line in said.stdout.splitlines()]
    assert words == ["@all", "@core", "@gpu", "@pseudo", "crtr", "prtr", "drtr", "trtr", "zrtr"]
    assert (said.code, said.stderr) == (0, "")


def test_no_fleet_is_no_complaint(stentor: Stentor) -> None:
    said = stentor("completion", "--words", fleet="/nowhere")
    assert (said.code, said.stdout, said.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_read_by_their_shells(shell: str, stentor: Stentor) -> None:
    need(shell)
    said = stentor("completion", shell)
    assert said.code == 0
    check = "--no-execute" if shell == "fish" else "-n"
    subprocess.run([shell, check], input=said.stdout, text=True, check=True)


def test_fish_completes_nodes(lab: Lab, environ: Mapping[str, str]) -> None:
    need("fish")
    asked = ("stentor ping d", "stentor lab hea", "stentor lab break drtr refu")
    line = "stentor completion fish | source" + "".join(f"; complete -C '{words}'" for words in asked)
    done = subprocess.run(
        ["fish", "--no-config", "-c", line], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["drtr\tdirector gpu", f"heal\t{VERBS['heal']}", "refuse"]


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("fish", "stentor completion fish | source; complete -C 'stentor services logs gra'"),
        (
            "bash",
            '''eval "$(stentor completion bash)"; COMP_LINE="stentor services logs gra" COMP_POINT=25
            _stentor stentor gra logs; printf "%s\\n" "${COMPREPLY[@]}"''',
        ),
    ],
)
def test_services_are_completed(shell: str, line: str, lab: Lab, environ: Mapping[str, str]) -> None:
    need(shell)
    Path(lab.fleet_dir, "services.yaml").write_text("services:\n  grafana: {node: drtr, type: systemd}\n")
    plain = "--no-config" if shell == "fish" else "--norc"
    done = subprocess.run([shell, plain, "-c", line], env=environ, capture_output=True, text=True, check=True)
    assert [found.split("\t")[0] for found in done.stdout.splitlines()] == ["grafana"]


def test_which_shell(stentor: Stentor) -> None:
    said = stentor("completion")
    assert said.code == 2
    assert "no shell is named" in said.stderr
