"""``stentor serve`` as a systemd user unit: written, begun, and proved to answer."""

from __future__ import annotations

import os
import shutil
import ssl
import sys
import time
from collections.abc import Mapping, Sequence

from stentor import programs
from stentor.atomic_write import write_output
from stentor.errors import Refused, StentorError
from stentor.journal.file import user_directory
from stentor.opening import regular
from stentor.web.settings import Settings

UNIT = "stentor-serve.service"
FIRST = "# Written by 'stentor serve install'; it is replaced by the next one."
_SETTINGS = "~/.config/stentor/serve.env"
_PATIENCE = 20.0  # seconds until it answers
_KEPT = ("STENTOR_FLEET", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")


def unit_path(environ: Mapping[str, str]) -> str:
    """Return where the unit is (systemd.unit(5): user units)."""
    return os.path.join(user_directory(environ, "XDG_CONFIG_HOME"), "systemd", "user", UNIT)


def words_of(settings: Settings) -> list[str]:
    """Return the options that say the same as these settings."""
    address = f"[{settings.address}]" if ":" in settings.address else settings.address
    words = ["--listen", f"{address}:{settings.port}"]
    for option, values in (("--host", settings.names), ("--proxy", settings.proxies)):
        for value in values:
            words += [option, str(value)]
    if settings.proxies and settings.proxy_header != Settings().proxy_header:
        words += ["--proxy-header", settings.proxy_header]
    for option, path in (
        ("--tls-cert", settings.certificate),
        ("--tls-key", settings.key),
        ("--tokens", settings.tokens),
    ):
        if path:
            words += [option, path]
    return words


def unit(settings: Settings, fleet: str, environ: Mapping[str, str], program: Sequence[str] = ()) -> str:
    """Return the text of the unit.

    Args:
        fleet: the fleet directory.
        environ: of which the places of files and PATH are kept.
        program: how stentor is called; as it is called now by default.
    """
    program = program or _program(environ)
    command = " ".join(map(_quoted, [*program, "--fleet", fleet, "serve", *words_of(settings)]))
    kept = {name: environ[name] for name in ("PATH", *_KEPT) if environ.get(name) and name != "STENTOR_FLEET"}
    environment = [f"Environment={_quoted(f'{name}={value}', command=False)}" for name, value in kept.items()]
    return _text(FIRST, command, environment)


def packaged_unit(program: str) -> str:
    """Return the text of the unit in a package, which each user may enable.

    The fleet and options are in a file of the user's; without it, the fleet is found as it is elsewhere,
    from the home directory on. A unit of :func:`install` goes before it.

    Args:
        program: where the package has stentor.
    """
    first = (
        "# For each user: systemctl --user enable --now stentor-serve\n"
        f"# {_SETTINGS}: STENTOR_FLEET=/home/you/ssot, and OPTIONS=--host fleet.lan --proxy 127.0.0.1"
    )
    environment = ["WorkingDirectory=%h", f"EnvironmentFile=-%h/{_SETTINGS.removeprefix('~/')}"]
    return _text(first, f"{program} serve $OPTIONS", environment, documented=True)


def _text(first: str, command: str, environment: Sequence[str], *, documented: bool = False) -> str:
    lines = [
        first,
        "[Unit]",
        "Description=Stentor: the fleet as a web page",
        *(["Documentation=man:stentor-serve(1)"] if documented else []),
        "",
        "[Service]",
        "Type=notify",
        f"ExecStart={command}",
        *environment,
        "UMask=0077",
        "Restart=on-failure",
        "RestartSec=5",
        "# An operation that is under way is stopped or reverted first.",
        "KillMode=mixed",
        "TimeoutStopSec=180",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _quoted(word: str, *, command: bool = True) -> str:
    """Quote for systemd (systemd.service(5): quoting, specifiers, variables).

    Raises:
        Refused: it has a line break, which no unit can have.
    """
    if "\n" in word or "\r" in word:
        raise Refused("a path with a line break cannot be written into a unit", where=repr(word))
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if command:
        word = word.replace("$", "$$")
    plain = all(c.isalnum() or c in "/._-:=+,@%[]" for c in word)
    return word if plain and word else f'"{word}"'


def _program(environ: Mapping[str, str]) -> list[str]:
    """Return how stentor is called: the script of this environment, or this Python with the module."""
    beside = os.path.join(os.path.dirname(sys.executable), "stentor")
    for found in (beside, shutil.which("stentor", path=environ.get("PATH"))):
        if found and os.access(found, os.X_OK):
            return [os.path.abspath(found)]
    return [sys.executable, "-m", "stentor"]


def systemctl(environ: Mapping[str, str], *words: str) -> programs.Completed:
    """Run ``systemctl --user``.

    Raises:
        ProgramMissing: there is no systemd here.
    """
    return programs.run(["systemctl", "--user", *words], environ, timeout=60)


def require_manager(environ: Mapping[str, str]) -> None:
    """Make sure that a user manager answers.

    Raises:
        Refused: none does.
        ProgramMissing: there is no systemd here.
    """
    found = systemctl(environ, "show", "--property=Version")
    if found.code:
        why = found.error_text.strip().partition("\n")[0] or f"exit code {found.code}"
        raise Refused(
            f"systemd's user manager does not answer: {why}",
            hint="log in by ssh, not by su or sudo; or 'stentor serve install --dry-run' prints the unit",
        )


def install(settings: Settings, fleet: str, environ: Mapping[str, str]) -> str:
    """Write the unit, begin it now and at each boot, and prove that it answers; return its path.

    Raises:
        Refused: there is no user manager, or another unit of this name.
        StentorError: it did not begin, or does not answer; its last lines are in the hint.
    """
    require_manager(environ)
    path = unit_path(environ)
    write_output(path, unit(settings, fleet, environ), ours=FIRST, by="stentor serve install", folder=True)
    for words in (("daemon-reload",), ("enable", UNIT), ("restart", UNIT)):
        done = systemctl(environ, *words)
        if done.code:
            raise StentorError(
                f"systemctl --user {' '.join(words)}: {done.error_text.strip() or f'exit code {done.code}'}",
                hint=f"its words: journalctl --user -u {UNIT} -n 20",
            )
    end = time.monotonic() + _PATIENCE
    while problem := answers(settings):
        if time.monotonic() > end:
            raise StentorError(
                f"{UNIT} runs, and does not answer: {problem}", hint=f"journalctl --user -u {UNIT} -n 20"
            )
        time.sleep(0.2)
    return path


def remove(environ: Mapping[str, str]) -> str:
    """End the unit and remove it; return its path, or nothing where there is none.

    Raises:
        Refused: it was not written by ``stentor serve install``.
    """
    path = unit_path(environ)
    try:
        with open(path, encoding="utf-8", errors="replace", opener=regular) as file:
            ours = file.readline().rstrip("\n") == FIRST
    except FileNotFoundError:
        return ""
    if not ours:
        raise Refused("was not written by 'stentor serve install'; not removed", where=path)
    require_manager(environ)
    systemctl(environ, "disable", "--now", UNIT)
    os.unlink(path)
    systemctl(environ, "daemon-reload")
    return path


def answers(settings: Settings, timeout: float = 5.0) -> str:
    """Ask the page whether it is there; return why not, or nothing.

    Args:
        timeout: seconds for the answer.
    """
    import http.client

    address = settings.address
    if address in ("0.0.0.0", "::"):  # noqa: S104 - to ask, not to listen
        address = "127.0.0.1" if "." in address else "::1"
    connection: http.client.HTTPConnection
    if settings.certificate:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # whether it answers, not who
        connection = http.client.HTTPSConnection(address, settings.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(address, settings.port, timeout=timeout)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        return "" if answer.status == 200 and answer.read(8) == b"ok\n" else "another program answers there"
    except (OSError, http.client.HTTPException) as error:
        return str(error).lower() or type(error).__name__
    finally:
        connection.close()


def notify(environ: Mapping[str, str], text: str) -> None:
    """Tell systemd (sd_notify(3)); nothing where it did not start us."""
    import socket

    address = environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
        try:
            sending.connect("\0" + address[1:] if address[0] == "@" else address)
            sending.send(text.encode())
        except OSError:
            return  # systemd says then that it did not begin in time
