"""Dotfiles on practice nodes with zsh, bash and dash: real ssh, git, chezmoi and shells.

After each fault: every node is either wholly on the new revision and confirmed, or byte for byte
as before with chezmoi's status clean, and can be logged into.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from stentor.dotfiles import program, source
from tests.integration.dotfiles.conftest import FIRST, Dotfiles

pytestmark = pytest.mark.integration


@pytest.fixture
def policy(dotfiles: Dotfiles):  # type: ignore[no-untyped-def]
    path = dotfiles.lab.fleet_dir / "policy.yaml"
    before = path.read_text() if path.exists() else None
    yield lambda text: path.write_text(text)
    if before is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(before)


def test_a_good_change(dotfiles: Dotfiles) -> None:
    rev = dotfiles.start()
    for alias in dotfiles.lab.nodes:
        assert dotfiles.read(alias, ".zshrc") == "export GOOD=1\n"
        assert dotfiles.read(alias, ".config/who") == f"{alias} {dotfiles.lab.nodes[alias].role} {alias}\n"
        assert dotfiles.clean(alias)
    said = dotfiles("status", "--json")
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    assert {
        row["node"]: row["applied"].split()[0] for row in rows if row["type"] == "dotfiles"
    } == dict.fromkeys(dotfiles.lab.nodes, rev)
    assert ": no file would change" in dotfiles("apply", "@all", "--yes").stdout


def test_what_a_node_told_of_itself_reaches_its_templates(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    dotfiles.commit(
        {"dot_os.tmpl": 'is {{ with .stentor.facts }}{{ get . "os" }} {{ get . "cores" }}{{ end }}\n'}
    )
    assert dotfiles("apply", "drtr", "--yes").code == 0
    assert dotfiles.read("drtr", ".os") == "is \n", "nobody has asked it yet"
    said = dotfiles.stentor("facts", "--json", "drtr")
    (told,) = [line["facts"] for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "facts"]
    assert dotfiles("apply", "drtr", "--yes").code == 0
    assert dotfiles.read("drtr", ".os") == f"is {told['os']} {told['cores']}\n"


def traces(home: Path) -> dict[str, tuple[int, int, int, str]]:
    """Everything in a home folder: mode, size, when it was changed last, and where a link leads."""
    found = {}
    for path in sorted(home.rglob("*")):
        status = path.lstat()
        link = os.readlink(path) if path.is_symlink() else ""
        # Looking at a folder's clock is enough to see that a file in it came and went.
        found[str(path.relative_to(home))] = (status.st_mode, status.st_size, status.st_mtime_ns, link)
    return found


def test_looking_writes_nothing_anywhere(dotfiles: Dotfiles) -> None:
    """Not on the nodes and not here: files, folders, clones, chezmoi's state and the journal."""
    dotfiles.start()
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n", "dot_new": "new\n"})
    (dotfiles.lab.home("crtr") / ".zshrc").write_text("mine\n")
    here = Path(dotfiles.environ["HOME"])
    dotfiles("status")
    homes = {alias: dotfiles.lab.home(alias) for alias in dotfiles.lab.nodes}
    before = {alias: traces(home) for alias, home in homes.items()}
    ours = traces(here)
    for verb in ("plan", "status", "plan", "apply"):
        words = ["--dry-run"] if verb == "apply" else []
        assert dotfiles(verb, *words).code == 0
        for alias, home in homes.items():
            assert traces(home) == before[alias], (verb, alias)
        after = traces(here)
        changed = {path for path in {*ours, *after} if ours.get(path) != after.get(path)}
        # Temporary folders, warm connections and what SQLite makes beside a journal that is read come and go.
        left = {path for path in changed - {"tmp", "state/stentor"} if path.split("/")[0] != "run"}
        assert not left, (verb, left)


def test_plan_writes_nothing(dotfiles: Dotfiles) -> None:
    dotfiles.commit(FIRST)
    before = {alias: dotfiles.manifest(alias) for alias in dotfiles.lab.nodes}
    said = dotfiles("plan")
    assert said.code == 0
    assert "conflict  .zshrc: existed before chezmoi managed it" in said.stdout
    assert "+crtr gateway crtr" in said.stdout
    for alias in dotfiles.lab.nodes:
        assert dotfiles.manifest(alias) == before[alias]
        assert not (dotfiles.lab.home(alias) / ".local/state").exists()


def test_a_required_command_that_a_shell_loses(dotfiles: Dotfiles, policy) -> None:  # type: ignore[no-untyped-def]
    policy("dotfiles: {requires: [git], checks: ['test \"$GOOD\" != 2']}\n")
    dotfiles.start()
    dotfiles.commit({"dot_zshrc": "PATH=/nowhere\n"})
    said = dotfiles("apply", "crtr", "--yes")
    assert "git is not found in: interactive, login-interactive shell" in said.stdout
    dotfiles.commit({"dot_zshrc": "export GOOD=1\n", "dot_zshenv": "export GOOD=2\n"})
    said = dotfiles("apply", "crtr", "--yes")
    assert 'check failed: test "$GOOD" != 2' in said.stdout
    assert dotfiles.clean("crtr")


def test_a_command_that_a_shell_finds_by_its_own_file(dotfiles: Dotfiles, policy) -> None:  # type: ignore[no-untyped-def]
    """bash reads .bashrc for one command when sshd has started it, and .profile when it is a login."""
    policy("dotfiles: {requires: [mine]}\n")
    tool = dotfiles.lab.home("prtr") / "opt/bin/mine"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    line = "PATH=$HOME/opt/bin:$PATH\n"
    dotfiles.commit({"dot_bashrc": line, "dot_profile": line})
    said = dotfiles("apply", "prtr", "--yes", "--overwrite", "existing")
    assert said.code == 0, said
    dotfiles.commit({"dot_profile": "true\n"})
    said = dotfiles("apply", "prtr", "--yes")
    assert "reverted: mine is not found in: login, login-interactive shell" in said.stdout
    assert dotfiles.clean("prtr")


def test_a_broken_template(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    dotfiles.commit({"dot_config/who.tmpl": "{{ .stentor.nothing.here }}\n"})
    said = dotfiles("apply", "crtr", "--yes")
    assert said.code == 1
    assert "cannot render" in said.stdout
    assert "who.tmpl" in said.stdout
    assert dotfiles.manifest("crtr") == before


def test_a_script_that_fails(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n", "run_after_fail.sh": "#!/bin/sh\nexit 3\n"})
    planned = dotfiles("plan", "crtr")
    assert "script    fail.sh (its effects cannot be reverted)" in planned.stdout
    said = dotfiles("apply", "crtr", "--yes")
    assert said.code == 1
    assert "apply failed: chezmoi: fail.sh: exit status 3" in said.stdout
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")


def test_an_external_that_cannot_be_fetched(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    external = '[".tool"]\ntype = "file"\nurl = "http://127.0.0.1:9/tool"\n'
    dotfiles.commit({".chezmoiexternal.toml": external})
    said = dotfiles("apply", "crtr", "--yes")
    assert said.code == 1
    assert "127.0.0.1:9" in said.stdout
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")


def test_conflicts_of_each_kind(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n", "dot_new": "new\n"})
    home = dotfiles.lab.home("crtr")
    (home / ".zshrc").write_text("mine\n")
    (home / ".new").write_text("mine too\n")
    (home / ".local/share/chezmoi/stray").write_text("uncommitted\n")
    before = dotfiles.manifest("crtr")
    said = dotfiles("plan", "crtr", "--json")
    (row,) = (json.loads(line) for line in said.stdout.splitlines() if '"planned"' in line[:20])
    assert row["conflicts"] == [
        {"category": "source", "path": "stray"},
        {"category": "existing", "path": ".new"},
        {"category": "edited", "path": ".zshrc"},
    ]
    refused = dotfiles("apply", "crtr", "--yes")
    assert refused.code == 6
    assert dotfiles.manifest("crtr") == before
    words = [word for kind in ("existing", "edited", "source") for word in ("--overwrite", kind)]
    assert dotfiles("apply", "crtr", "--yes", *words).code == 0
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
    assert dotfiles.read("crtr", ".local/share/chezmoi/stray") == "uncommitted\n"
    done = dotfiles.manifest("crtr")
    shown = dotfiles("rollback", "crtr", "--dry-run")
    assert shown.code == 0, shown
    assert "  modify    .new\n  modify    .zshrc\n" in shown.stdout
    assert "--- a/.zshrc\n    +++ b/.zshrc\n" in shown.stdout
    assert "    -export GOOD=2\n    +mine\n" in shown.stdout
    assert dotfiles.manifest("crtr") == done
    back = dotfiles("rollback", "crtr", "--yes", "--overwrite", "edited")
    assert back.code == 0, back
    assert dotfiles.manifest("crtr") == before


def test_a_rollback_shows_what_it_would_take_away(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    dotfiles.commit({"dot_new": "new\n", "dot_config/some/x": "x\n"})
    assert dotfiles("apply", "crtr", "--yes").code == 0
    done = dotfiles.manifest("crtr")
    said = dotfiles("rollback", "crtr", "-n", "--json")
    (row,) = (json.loads(line) for line in said.stdout.splitlines() if '"planned"' in line[:20])
    assert row["deletes"] == [".config/some/x", ".new"]
    assert row["changes"] == [" D .config/some/x", " D .new"]
    assert "--- a/.new\n+++ /dev/null\n@@ -1 +0,0 @@\n-new" in row["diff"]
    dotfiles.lab.break_("prtr", "power-cut")
    beside = dotfiles("rollback", "prtr,crtr", "--yes")
    assert (beside.code, "crtr: ok" in beside.stdout) == (4, True), beside
    assert not (dotfiles.lab.home("crtr") / ".new").exists()
    assert dotfiles("apply", "crtr", "--yes", "--again").code == 0
    done = dotfiles.manifest("crtr")
    refused = dotfiles("rollback", "crtr", "-n", "--to", "nobody")
    assert refused.code == 1, refused
    assert "nobody is not among the snapshots" in refused.stdout + refused.stderr
    assert dotfiles.manifest("crtr") == done


def test_back_to_a_revision_which_is_shortened(dotfiles: Dotfiles) -> None:
    first = dotfiles.start("crtr")
    for number in (2, 3):
        dotfiles.commit({"dot_zshrc": f"export GOOD={number}\n"})
        assert dotfiles("apply", "crtr", "--yes", "--short").code == 0
    refused = dotfiles("rollback", "crtr", "--yes", "--to", "abcdef")
    assert refused.code == 1, refused
    assert f" from {first[:10]}" in refused.stdout, "what the node has kept is said"
    back = dotfiles("rollback", "crtr", "--yes", "--short", "--to", first[:10])
    assert back.code == 0, back
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=1\n"
    assert f" {first[:10]} " in dotfiles("status", "crtr").stdout
    assert dotfiles.clean("crtr")


def test_back_to_before_an_operation_by_its_number(dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr")
    numbers = []
    for number in (2, 3):
        dotfiles.commit({"dot_zshrc": f"export GOOD={number}\n"})
        assert dotfiles("apply", "crtr", "--yes", "--short").code == 0
        numbers.append(json.loads(dotfiles.stentor("show", "--json").stdout.splitlines()[1])["id"])
    assert dotfiles.stentor("run", "crtr", "true").code == 0
    other, unknown = (dotfiles("rollback", "crtr", "-n", "--to", f"{numbers[1] + more}") for more in (1, 2))
    assert (other.code, unknown.code) == (2, 2), (other, unknown)
    assert f"operation {numbers[1] + 1} is no change of dotfiles: true" in other.stderr
    back = dotfiles("rollback", "crtr", "--yes", "--short", "--to", str(numbers[0]))
    assert back.code == 0, back
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=1\n"


def test_on_failure_revert_reverts_the_canary_too(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = {name: dotfiles.manifest(name) for name in dotfiles.lab.nodes}
    dotfiles.commit({"dot_profile.tmpl": "[ {{ .stentor.alias }} != prtr ] || exit 1\n"})
    words = ["--overwrite", "existing", "--on-failure", "revert", "--canary", "crtr", "--waves", "1"]
    said = dotfiles("apply", "crtr,prtr,drtr", "--yes", *words)
    assert said.code == 1, said
    assert "crtr: failed: reverted, because another node failed" in said.stdout
    assert "not finished: drtr" in said.stderr
    assert "to finish" not in said.stderr, "no command brings a revision that failed to more nodes"
    for name in ("crtr", "prtr", "drtr"):
        assert dotfiles.manifest(name) == before[name], name
        assert dotfiles.clean(name)


def test_a_reboot_in_the_middle_is_survived(dotfiles: Dotfiles) -> None:
    """The node goes down while its change waits; nobody confirms it afterwards."""
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    begin_by_hand(dotfiles, "crtr", rev)
    assert dotfiles.manifest("crtr") != before
    dotfiles.lab.reboot("crtr")
    said = dotfiles("apply", "crtr", "--yes")
    assert said.code == 6, said
    assert "crtr: by-hand was not confirmed in time and is reverted: the node went down" in said.stderr
    assert "reverted here before" in said.stderr
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")


def sent(dotfiles: Dotfiles, alias: str, rev: str) -> str:
    """The program as it is sent to a node."""
    found = source.Source(str(dotfiles.clone), "", "main")
    bundle = Path(tempfile.mkdtemp(dir=dotfiles.environ["TMPDIR"])) / "bundle"
    bundle.write_bytes(source.bundle(found, rev, dotfiles.environ))
    facts = dotfiles.read(alias, ".local/state/stentor/dotfiles/facts.json").strip()
    return program.compose(facts=facts, bundle=str(bundle))


def begin_by_hand(dotfiles: Dotfiles, alias: str, rev: str, **options: str) -> None:
    (dotfiles.lab.home(alias) / "program").write_text(sent(dotfiles, alias, rev))
    command = program.command("begin", op="by-hand", rev=rev, token="t", **options)
    said = dotfiles.lab.run(alias, f"{command} <~/program; rm ~/program")
    assert "begun by-hand" in said.stdout, said


def test_the_deadline_comes_without_anybody(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    begin_by_hand(dotfiles, "crtr", dotfiles.commit({"dot_zshrc": "exit 1\n"}), window="1", limit="5")
    deadline = time.monotonic() + 60
    while dotfiles.manifest("crtr") != before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")


def test_decided_by_hand(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    begin_by_hand(dotfiles, "crtr", rev)
    assert "waits to be confirmed for " in dotfiles("status", "crtr").stdout
    assert dotfiles("apply", "crtr", "--yes").code == 6  # two operators at once
    assert dotfiles("revert", "crtr").stdout == "crtr: reverted\n"
    assert dotfiles.manifest("crtr") == before
    assert dotfiles("confirm", "crtr").code == 6
    begin_by_hand(dotfiles, "crtr", rev, again="yes")
    assert dotfiles("confirm", "crtr").stdout == "crtr: confirmed\n"
    assert dotfiles.clean("crtr")


def test_two_operators_at_once(dotfiles: Dotfiles) -> None:
    from concurrent.futures import ThreadPoolExecutor

    dotfiles.start()
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(said.code for said in pool.map(lambda _: dotfiles("apply", "crtr", "--yes"), range(2)))
    assert codes[0] == 0
    assert codes[1] in (0, 1, 6)
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
    assert dotfiles.clean("crtr")


@pytest.mark.parametrize("fault", ["full-disk", "read-only-home"])
def test_a_home_that_cannot_be_written(dotfiles: Dotfiles, fault: str) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    dotfiles.lab.break_("crtr", fault)
    said = dotfiles("apply", "crtr", "--yes")
    assert said.code == 1, said
    dotfiles.lab.heal("crtr")
    assert dotfiles.manifest("crtr") == before
    assert dotfiles("apply", "crtr", "--yes").code == 0


def test_a_clock_that_is_wrong(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    dotfiles.lab.break_("crtr", "clock-skew")
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    assert dotfiles("apply", "crtr", "--yes").code == 0
    assert dotfiles.clean("crtr")


PYTHON = """
import sys
from stentor import Fleet

core = Fleet.open().select("crtr,drtr").dotfiles
options = {"source": sys.argv[1], "via": "push"}
print({node: preview.changes for node, preview in core.plan(**options).previews().items()})
print([(result.node, result.kind) for result in core.apply(canary="drtr", **options)])
status = core.status(**options)
print([status[node].state.applied.split()[0] == status[node].wanted for node in ("crtr", "drtr")])
print([(result.node, result.kind) for result in core.rollback()], core.catch_up(**options), core.timer())
"""


def test_everything_can_be_called_from_python(dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr", "drtr")
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    words = [sys.executable, "-c", PYTHON, str(dotfiles.clone)]
    done = subprocess.run(words, env=dotfiles.environ, capture_output=True, text=True)
    planned, applied, status, back = done.stdout.splitlines()
    assert planned == "{'crtr': (' M .zshrc',), 'drtr': (' M .zshrc',)}"
    assert applied == "[('crtr', 'ok'), ('drtr', 'ok')]"
    assert status == "[True, True]"
    assert back.startswith("[('crtr', 'ok'), ('drtr', 'ok')] [] {'crtr': TimerStatus(")
    assert done.stderr == ""
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=1\n"
    rows = [json.loads(line) for line in dotfiles.stentor("history", "--json").stdout.splitlines()]
    assert [row["subcommand"] for row in rows[1:3]] == ["dotfiles rollback", "dotfiles apply"]
