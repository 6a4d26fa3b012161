"""The unit of ``stentor serve install``, and what the doctor of the page says."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from stentor.errors import Refused
from stentor.web import install
from stentor.web.checks import checks
from stentor.web.settings import Settings, networks
from stentor.web.state import alone, begin, directory_of, end, serving
from tests.support import need

PROGRAM = ("/opt/stentor/bin/stentor",)


def test_unit_says_where_it_is_served() -> None:
    made = Settings("::", 8441, ("fleet.lan",), proxies=networks(["10.0.0.0/8"]), proxy_header="X-Proto")
    text = install.unit(made, "/srv/fleet", {"PATH": "/usr/bin:/bin", "USER": "ann"}, PROGRAM)
    command = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert command == (
        "ExecStart=/opt/stentor/bin/stentor --fleet /srv/fleet serve --listen [::]:8441 --host fleet.lan"
        " --proxy 10.0.0.0/8 --proxy-header X-Proto"
    )
    assert "Environment=PATH=/usr/bin:/bin\n" in text
    assert "ann" not in text


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    need("systemd-analyze")
    program = tmp_path / "st en tor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    fleet = r"/srv/50% of $HOME\fleet"
    text = install.unit(Settings(), fleet, {"PATH": "/a b:/c"}, [str(program)])
    (tmp_path / "one.service").write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / "one.service")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "one.service" not in done.stderr, done.stderr


def test_systemd_reads_the_unit_of_the_package(tmp_path: Path) -> None:
    need("systemd-analyze")
    program = tmp_path / "stentor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / install.UNIT).write_text(install.packaged_unit(str(program)))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", str(tmp_path / install.UNIT)],
        env={"PATH": os.defpath, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert install.UNIT not in done.stderr, done.stderr


def test_a_line_break_is_refused() -> None:
    with pytest.raises(Refused, match="line break"):
        install.unit(Settings(), "/srv/fl\neet", {}, PROGRAM)


def test_removing_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    assert install.remove(environ) == ""
    path = Path(install.unit_path(environ))
    path.parent.mkdir(parents=True)
    path.write_text("[Unit]\n")
    with pytest.raises(Refused, match="not written by"):
        install.remove(environ)
    assert path.exists()


def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        path = f"/tmp/stentor-notify-{os.getpid()}"
        listening.bind(path)
        try:
            install.notify({"NOTIFY_SOCKET": path}, "READY=1")
            assert listening.recv(100) == b"READY=1"
        finally:
            os.unlink(path)
    install.notify({"NOTIFY_SOCKET": path}, "READY=1")  # nobody listens
    install.notify({}, "READY=1")


def test_doctor_of_a_page_that_is_not_served(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    found = [one for one in checks(environ, None) if one.severity == "bad"]
    assert [one.what for one in found] == ["no page is served"]


def test_doctor_finds_what_is_wrong(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "PATH": os.environ["PATH"]}
    directory = directory_of(environ)
    os.makedirs(directory, mode=0o755)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        begin(directory, Settings(port=port, tokens=str(tmp_path / "none")), "/srv/other")
        found = {one.what for one in checks(environ, "/srv/fleet") if one.severity in ("bad", "warning")}
    assert any("does not answer" in what for what in found)
    assert any("others may read" in what for what in found)
    assert any("nobody comes in by a token" in what for what in found)
    assert any("another fleet is served: /srv/other" in what for what in found)
    end(directory)
    assert serving(directory) is None


def test_doctor_looks_at_the_webhooks(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "PATH": os.environ["PATH"]}
    secret = tmp_path / "secret"
    secret.write_text("a secret for tests\n")
    hook = {"forge": "gitea", "repository": "you/fleet", "action": "services", "selector": "a"}
    hooks = {"fleet": {**hook, "secret": "../secret"}, "other": {**hook, "secret": "../none"}}
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    (fleet / "nodes.yaml").write_text("nodes: {a: {address: a}}\n")
    (fleet / "policy.yaml").write_text(json.dumps({"hooks": hooks}))

    def found() -> list[tuple[str, str]]:
        return [(one.severity, one.what) for one in checks(environ, str(fleet)) if "webhook" in one.what]

    secret.chmod(0o644)
    assert "others can read" in found()[0][1]
    secret.chmod(0o600)
    assert ("bad", f"webhook fleet: {fleet}: the fleet directory is no git clone") in found()
    (fleet / "policy.yaml").write_text("hooks: {x: }")
    assert any(one.severity == "bad" and "policy.yaml:1:" in one.what for one in checks(environ, str(fleet)))


def test_another_program_at_the_address_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.recv(1000)
                taken.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        assert install.answers(Settings(port=listening.getsockname()[1])) == "another program answers there"
        thread.join()


def test_two_pages_are_not_served_at_once(tmp_path: Path) -> None:
    directory = str(tmp_path / "serve")
    with alone(directory):
        begin(directory, Settings(), "/srv/fleet")
        with (
            pytest.raises(Refused, match=f"process {os.getpid()} serves /srv/fleet on http"),
            alone(directory),
        ):
            pass
    with alone(directory):
        pass
