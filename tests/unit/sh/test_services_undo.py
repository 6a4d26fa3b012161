"""What services put back on a node, and what they look at; the programs of the node are answers of a test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.sh.practice import every_sh, run

SYSTEMCTL = """
op=1 verb=undo number=1 changed='' S=$1 kept=$1 _log=$1/log
has() { [ "$1" != journalctl ]; }
systemctl() {
  printf '%s\\n' "$*" >>"$_log"
  case "$*" in
    *"-p ActiveState"*) value "$kept/is" ;;
    *"-p LoadState"*) echo loaded ;;
    *"-p Result"*) echo exit-code ;;
    is-enabled*) value "$kept/boots" ;;
    restart*) return "$(value "$kept/code")" ;;
  esac
}
journalctl() { echo 'no such port'; }
"""
DOCKER = """
op=1 kept=$1 _log=$1/log
docker() {
  printf '%s\\n' "$*" >>"$_log"
  case "$*" in
    "ps -aq "*before-1*) value "$kept/before" ;;
    "ps -aq "*) [ ! -s "$kept/is" ] || echo id ;;
    "container inspect -f {{.State.Running}} -- id") value "$kept/is" ;;
    "container inspect -f $CONTAINER_WANTED -- id") echo "id $(value "$kept/is") id img -" ;;
    "container inspect -f $CONTAINER_RESTART -- id") value "$kept/policy" ;;
    "container inspect -f $CONTAINER_RESTART -- before") value "$kept/policy" ;;
  esac
}
"""


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n" if text else "")


@every_sh
@pytest.mark.parametrize(
    ("now", "boots", "said"),
    [
        ("active", "enabled", "0"),
        ("failed", "enabled", "web.service is failed (exit-code): no such port\n1"),
        ("active", "disabled", "web.service is disabled, and was enabled\n1"),
    ],
)
def test_a_unit_that_does_not_run_as_before_is_not_put_back(
    shell: str, tmp_path: Path, now: str, boots: str, said: str
) -> None:
    write(tmp_path, active="active", enabled="enabled", invocation="7", code="0", boots=boots)
    write(tmp_path, **{"is": now})
    call = f"{SYSTEMCTL} unit_undo web.service 2>&1; echo $?"
    assert run(shell, "services/unit", call, str(tmp_path)) == f"{said}\n"


@every_sh
@pytest.mark.parametrize(
    ("verb", "boots", "code"), [("yes", "disabled", 1), ("no", "enabled", 1), ("yes", "static", 0)]
)
def test_enable_and_disable_are_looked_at(
    shell: str, tmp_path: Path, verb: str, boots: str, code: int
) -> None:
    write(tmp_path, boots=boots)
    call = f"{SYSTEMCTL} unit_boots web.service {verb} 2>/dev/null; echo $?"
    assert run(shell, "services/unit", call, str(tmp_path)) == f"{code}\n"


@every_sh
def test_an_earlier_container_gets_its_own_restart_policy_again(shell: str, tmp_path: Path) -> None:
    write(tmp_path, policy="on-failure:5", before="before", **{"is": "true"})
    call = f"{DOCKER} container_keep web && container_undo web"
    run(shell, "services/container", call, str(tmp_path))
    assert "update --restart=on-failure:5 -- before" in (tmp_path / "log").read_text().splitlines()


@every_sh
@pytest.mark.parametrize(
    "call",
    [
        "container_keep web",
        "container_apply web off image digest",
        "container_prove web off ''",
        "container_undo web",
        "compose_of web file '' '' && compose_keep",
        "compose_of web file '' '' && compose_apply off",
        "compose_of web file '' '' && compose_prove absent ''",
        "compose_of web file '' '' && compose_undo ''",
    ],
)
def test_an_engine_that_does_not_answer_is_not_one_without_containers(
    shell: str, tmp_path: Path, call: str
) -> None:
    away = "docker() { echo 'Cannot connect to the Docker daemon' >&2; return 1; }; sleep() { :; }"
    said = run(
        shell, "services/compose", f"op=1 verb=undo kept=$1; {away}; {call} 2>&1; echo $?", str(tmp_path)
    )
    assert said.splitlines()[-1] == "1"
    assert "Cannot connect to the Docker daemon" in said


@every_sh
def test_what_needs_a_port_that_another_one_frees_is_put_back_after_it(shell: str, tmp_path: Path) -> None:
    """The last comes first; the server of DNS cannot start again while a new container has its port."""
    for number in ("1", "2"):
        (tmp_path / "pending" / number).mkdir(parents=True)
        (tmp_path / "pending" / number / "begun").touch()
    call = """
    S=$1 P=$1/pending op=1 left='' items='1 2'
    name_1() { say web; }; undo_1() { : >"$S/free"; }
    name_2() { say dns; }; undo_2() { [ -e "$S/free" ] || { say 'port taken' >&2; return 1; }; }
    restore_files() { :; }; disarm() { :; }
    undo "$P"; say "left:$left"
    """
    assert run(shell, "services/change", call, str(tmp_path)) == "left:\n"
    assert not (tmp_path / "pending").exists()


@every_sh
def test_a_unit_that_ends_after_it_was_started_again_is_not_put_back(shell: str, tmp_path: Path) -> None:
    write(tmp_path, active="active", enabled="enabled", invocation="7", code="0", boots="enabled")
    write(tmp_path, **{"is": "active"})
    call = f'{SYSTEMCTL} sleep() {{ echo failed >"$kept/is"; }}; unit_undo web.service 2>/dev/null; echo $?'
    assert run(shell, "services/unit", call, str(tmp_path)) == "1\n"


@every_sh
def test_a_container_that_is_not_there_is_off(shell: str, tmp_path: Path) -> None:
    write(tmp_path, **{"is": ""})
    call = f"{DOCKER} container_apply web off image digest; echo $?"
    assert run(shell, "services/container", call, str(tmp_path)) == "0\n"


@every_sh
def test_a_container_that_still_runs_is_not_off(shell: str, tmp_path: Path) -> None:
    write(tmp_path, **{"is": "true"})
    call = f"{DOCKER} container_prove web off '' 2>/dev/null; echo $?"
    assert run(shell, "services/container", call, str(tmp_path)) == "1\n"


@every_sh
def test_a_service_that_a_project_did_not_have_goes_again(shell: str, tmp_path: Path) -> None:
    """'up' with the earlier file leaves its container running."""
    write(tmp_path, ids="1", running="1", images="", parts="db", file="services: {}")
    call = """
    kept=$1 _log=$1/log verb=undo
    docker() {
      printf '%s\\n' "$*" >>"$_log"
      case "$*" in
        ps*) printf '%s\\n' 1 2 ;;
        "container inspect"*1) echo db ;;
        "container inspect"*2) echo worker ;;
      esac
    }
    compose_of web "$1/file" '' '' && compose_undo ''
    """
    run(shell, "services/compose", call, str(tmp_path))
    removed = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("rm")]
    assert removed == ["rm -f -- 2"]


HOSTS = """
dns_ours='# ours' dns_none='# end' dns_rows='10.0.0.1 new' kept=$1 number=1
hosts_reread() { :; }
"""


@every_sh
@pytest.mark.parametrize(
    ("before", "since", "after"),
    [
        (
            "127.0.0.1 localhost\n# ours\n10.0.0.1 old\n# end",
            "",
            "127.0.0.1 localhost\n# ours\n10.0.0.1 old\n# end",
        ),
        (
            "127.0.0.1 localhost\n# ours\n10.0.0.1 old\n# end\n",
            "10.1.1.1 mine\n",
            "127.0.0.1 localhost\n# ours\n10.0.0.1 old\n# end\n10.1.1.1 mine\n",
        ),
        ("127.0.0.1 localhost\n", "10.1.1.1 mine\n", "127.0.0.1 localhost\n10.1.1.1 mine\n"),
        (None, "", None),
        (None, "10.1.1.1 mine\n", "10.1.1.1 mine\n"),
    ],
)
def test_a_hosts_file_keeps_what_was_written_to_it_since(
    shell: str, tmp_path: Path, before: str | None, since: str, after: str | None
) -> None:
    hosts = tmp_path / "etc-hosts"
    if before is not None:
        hosts.write_text(before)
    run(shell, "services/dns", f'{HOSTS} hosts_keep "$2" && hosts_apply "$2" ""', str(tmp_path), str(hosts))
    assert "# ours\n10.0.0.1 new\n# end\n" in hosts.read_text()
    hosts.write_text(hosts.read_text() + since)
    said = run(shell, "services/dns", f'{HOSTS} hosts_undo "$2" ""; echo $?', str(tmp_path), str(hosts))
    assert said == "0\n"
    assert (hosts.read_text() if hosts.exists() else None) == after


PIHOLE = """#!/bin/sh
# As Pi-hole 6 prints and takes its list.
if [ $# -ne 3 ]; then exec cat "$0.list"; fi
printf '%s\\n' "$3" | sed 's/"//g; s/^\\[/[ /; s/]$/ ]/' >"$0.list"
"""


@every_sh
@pytest.mark.parametrize(
    ("since", "after"),
    [
        ("", "[ 10.1.1.1 mine, 10.0.0.9 a ]\n"),
        (", 10.2.2.2 later", "[ 10.1.1.1 mine, 10.2.2.2 later, 10.0.0.9 a ]\n"),
    ],
)
def test_piholes_list_keeps_what_was_added_to_it_since(
    shell: str, tmp_path: Path, since: str, after: str
) -> None:
    program, rows = tmp_path / "pihole-FTL", tmp_path / "pihole-FTL.list"
    program.write_text(PIHOLE)
    program.chmod(0o755)
    rows.write_text("[ 10.1.1.1 mine, 10.0.0.9 a ]\n")
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    front = "kept=$1 S=$1 dns_rows='10.0.0.1 a'"
    run(shell, "services/dns", f"{front}; pihole_keep && pihole_apply", str(tmp_path), environ=environ)
    assert rows.read_text() == "[ 10.1.1.1 mine, 10.0.0.1 a ]\n"
    rows.write_text(rows.read_text().replace(" ]", f"{since} ]"))
    assert (
        run(shell, "services/dns", f"{front}; pihole_undo; echo $?", str(tmp_path), environ=environ) == "0\n"
    )
    assert rows.read_text() == after


@every_sh
def test_folders_that_root_makes_in_a_home_are_the_accounts(shell: str, tmp_path: Path) -> None:
    owner = f"{tmp_path.stat().st_uid}:{tmp_path.stat().st_gid}"
    call = 'id() { echo 0; }; chown() { printf "%s\\n" "$@"; }; settings; locked'
    said = run(shell, "services/settings", call, environ={"HOME": str(tmp_path)}).splitlines()
    made = [tmp_path / ".local", tmp_path / ".local/state", tmp_path / ".local/state/stentor"]
    assert said == [word for folder in made for word in (owner, str(folder))]
    assert (made[-1] / "services").stat().st_mode & 0o777 == 0o700


@every_sh
@pytest.mark.parametrize(
    ("restarts", "said"),
    [("3", "0\n"), ("4", "the container web is running (exit code 0, restarted 4 times): bye\n1\n")],
)
def test_only_restarts_since_the_change_are_counted(
    shell: str, tmp_path: Path, restarts: str, said: str
) -> None:
    """A container of a project that a change leaves alone may have been restarted last month."""
    call = """
    kept=$1
    docker() {
      case "$*" in
        *"{{.ID}} {{.RestartCount}}"*) echo abc 3 ;;
        "container inspect -f $CONTAINER_IS"*) echo "running $restarts none 0 always." ;;
        logs*) echo bye ;;
      esac
    }
    keep_restarts abc
    container_good abc web "$(kept_restarts abc)" 2>&1; echo $?
    """
    assert run(shell, "services/container", call, str(tmp_path), restarts=restarts) == said


@every_sh
def test_what_was_undone_to_nothing_is_no_service_that_the_file_lacks(shell: str, tmp_path: Path) -> None:
    write(tmp_path, deployed="web\nold")
    call = "S=$1 known='web mail'; strays"
    assert run(shell, "services/change", call, str(tmp_path)) == "stray old\n"
    run(shell, "services/change", 'put "$1/deployed" ""', str(tmp_path))
    assert run(shell, "services/change", call, str(tmp_path)) == ""
