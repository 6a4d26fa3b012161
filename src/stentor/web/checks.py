"""``stentor serve doctor``: what is wrong with how the page is served."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Literal, NamedTuple

from stentor import extras, journal, programs
from stentor.api.fleet import Fleet
from stentor.api.hook_receiver import Receiver
from stentor.api.hook_worker import source_of
from stentor.errors import ProgramMissing, StentorError
from stentor.hooks.secret import secret_of
from stentor.web import install, tokens
from stentor.web.settings import Settings
from stentor.web.state import Serving, directory_of, serving

Severity = Literal["bad", "warning", "note", "ok"]
_SOON = 14 * 86400  # seconds for which a certificate should still be good


class Check(NamedTuple):
    """Something that was looked at."""

    severity: Severity  # how bad it is
    what: str  # was found
    hint: str = ""  # what to do next; or empty


def checks(environ: Mapping[str, str], fleet: str | None) -> Iterator[Check]:
    """Yield what was found.

    Args:
        fleet: the fleet directory that is asked for; None if it cannot be read.
    """
    yield _libraries()
    directory = directory_of(environ)
    found = serving(directory)
    yield from _served(found, fleet)
    yield from _state(directory)
    yield _journal(environ)
    if found is not None:
        yield from _files(found.settings, environ)
    yield from _unit(environ, found)
    if root := found.fleet if found else fleet:
        yield from _webhooks(root, environ)


def _webhooks(root: str, environ: Mapping[str, str]) -> Iterator[Check]:
    """Whether the webhooks of the policy can be used: their secrets, and the repositories of their pushes."""
    try:
        fleet = Fleet.open(root, environ=environ)
    except StentorError as error:
        yield Check("bad", str(error), error.hint)
        return
    hooks = Receiver(lambda: fleet, environ)
    for name, hook in fleet.data.policy.hooks.each.items():
        try:
            secret_of(hook, root, environ)
            yield Check("ok", f"webhook {name}: {source_of(name, fleet, hook, hooks)}")
        except StentorError as error:
            yield Check("bad", f"webhook {name}: {error}", error.hint)


def _libraries() -> Check:
    missing = [name for name in ("jinja2", "starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        error = extras.lacking("stentor serve", "web")
        return Check("bad", error.message, error.hint)
    return Check("ok", "the libraries are installed")


def _served(found: Serving | None, fleet: str | None) -> Iterator[Check]:
    if found is None:
        yield Check("bad", "no page is served", "stentor serve, or as a service: stentor serve install")
        return
    problem = install.answers(found.settings)
    if problem:
        yield Check(
            "bad", f"process {found.pid} serves {found.url}, and does not answer: {problem}", "restart it"
        )
    else:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.since))
        yield Check("ok", f"{_asked(found.settings)} answers (process {found.pid}, since {since})")
    if fleet is not None and os.path.realpath(fleet) != os.path.realpath(found.fleet):
        yield Check(
            "warning", f"another fleet is served: {found.fleet}", f"stentor --fleet {found.fleet} ..."
        )
    if found.settings.loopback and not found.settings.proxies:
        yield Check(
            "note", "only this machine can connect", "from elsewhere: ssh -L 8440:localhost:8440 GATEWAY"
        )
    if not found.settings.tokens:
        yield Check("note", "nobody signs in by a token; Prometheus needs one", "stentor serve --tokens FILE")


def _asked(settings: Settings) -> str:
    """What was asked: behind a proxy our own port, which says nothing of the proxy."""
    if not settings.proxies:
        return settings.url
    address = f"[{settings.address}]" if ":" in settings.address else settings.address
    return f"{address}:{settings.port}, behind the proxy of {settings.url},"


def _state(directory: str) -> Iterator[Check]:
    try:
        mode = os.stat(directory)
    except FileNotFoundError:
        return
    if mode.st_uid != os.geteuid():
        yield Check("bad", f"{directory} belongs to another user", f"chown -R $(id -un) {directory}")
    elif stat.S_IMODE(mode.st_mode) & 0o077:
        yield Check("bad", f"others may read {directory}", f"chmod -R go= {directory}")
    else:
        yield Check("ok", f"the state is only this user's: {directory}")


def _journal(environ: Mapping[str, str]) -> Check:
    book = journal.read(environ)
    try:
        if not book.on:
            return Check("bad", f"the journal cannot be read: {book.problem}")
        writable = not os.path.exists(book.path) or os.access(book.path, os.W_OK)
        if not writable:
            return Check("bad", f"the journal cannot be written: {book.path}", f"chmod u+w {book.path}")
        return Check("ok", f"the journal can be read and written: {book.path}")
    finally:
        book.close()


def _files(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    if settings.tokens:
        try:
            count = len(tokens.read(settings.tokens))
            yield Check("ok", f"{settings.tokens} has {count} {'token' if count == 1 else 'tokens'}")
        except StentorError as error:
            yield Check("bad", f"nobody comes in by a token: {error}", error.hint)
    if settings.certificate:
        yield _certificate(settings.certificate, environ)


def _certificate(path: str, environ: Mapping[str, str]) -> Check:
    words = ["openssl", "x509", "-noout", "-enddate", "-checkend", str(_SOON), "-in", path]
    try:
        done = programs.run(words, environ, timeout=10)
    except ProgramMissing:
        return Check("note", "how long the certificate is good is not known", "install openssl")
    end = next((line[9:] for line in done.text.splitlines() if line.startswith("notAfter=")), "")
    if not end:
        return Check("bad", f"{path} is no certificate", done.error_text.strip().partition("\n")[0])
    if done.code:
        return Check("bad", f"the certificate ends on {end}: {path}", "renew it, and restart the service")
    return Check("ok", f"the certificate is good until {end}")


def _unit(environ: Mapping[str, str], found: Serving | None) -> Iterator[Check]:
    if not os.path.exists(install.unit_path(environ)):
        yield (
            Check("note", "it is no service: it ends with its terminal", "stentor serve install")
            if found
            else Check("note", "no service is installed", "stentor serve install")
        )
        return
    try:
        active = install.systemctl(environ, "is-active", install.UNIT).text.strip()
        enabled = install.systemctl(environ, "is-enabled", install.UNIT).text.strip()
        linger = programs.run(
            ["loginctl", "show-user", "--property=Linger", "--value", str(os.geteuid())], environ, timeout=10
        ).text.strip()
    except ProgramMissing:
        yield Check("warning", "a unit is installed, and there is no systemd here")
        return
    if active != "active":
        yield Check(
            "bad", f"{install.UNIT} is {active or 'unknown'}", f"journalctl --user -u {install.UNIT} -n 20"
        )
    else:
        yield Check("ok", f"{install.UNIT} is active")
    if enabled != "enabled":
        yield Check("warning", f"{install.UNIT} does not begin by itself", "stentor serve install")
    if linger != "yes":
        yield Check(
            "warning", "it ends when you log out, and does not begin at boot", "loginctl enable-linger"
        )
