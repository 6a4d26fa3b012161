"""``stentor serve``: the fleet as a web page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stentor import extras
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs
from stentor.errors import FleetError, Refused, UsageError, of_path

if TYPE_CHECKING:
    from stentor.web.settings import Settings

EXAMPLES = """
stentor serve                                  on 127.0.0.1, port 8440; only this machine can connect
stentor serve login                            a link that signs you in, once
stentor serve login --role viewer --name ann   for somebody who only reads
stentor serve doctor                           what is wrong with how it is served
stentor serve install                          as a service of yours (systemd)
stentor serve --listen 192.0.2.10:8440 --host fleet.lan --tls-cert fleet.pem --tls-key fleet.key
stentor serve --host fleet.lan --proxy 127.0.0.1   behind a proxy on this machine that does TLS
"""

_VERBS = {
    "login": "print a link that signs somebody in, once",
    "install": "serve it as a systemd user unit, from now on and at each boot",
    "doctor": "find out what is wrong with how the page is served",
}


def configure(parser: Parser) -> None:
    """Add the arguments."""
    _add_settings(parser, default=None)
    found = verbs(parser, _VERBS, required=False)
    login = found["login"]
    add = login.add_argument
    add("--role", choices=["operator", "viewer"], default="operator", help="operator (default) or viewer")
    add("--name", metavar="NAME", help="for the journal (default: your own)")
    add("--sign-out", action="store_true", help="end every session, and make every link useless")
    add("--remove-passkeys", metavar="NAME", help="remove all passkeys of NAME")
    installing = found["install"]
    _add_settings(installing, default=argparse.SUPPRESS)
    installing.add_argument("-n", "--dry-run", action="store_true", help="only print the unit")
    installing.add_argument("--remove", action="store_true", help="end and remove it")
    found["doctor"].add_argument("-j", "--json", action="store_true", help="JSON Lines")


def _add_settings(parser: Parser, *, default: Any) -> None:
    """Add the options that say where the page is served, and for whom."""
    add = parser.add_argument
    add("--listen", metavar="ADDRESS", default=default, help="default: 127.0.0.1:8440")
    add(
        "--host",
        dest="names",
        metavar="NAME",
        action="append",
        default=default,
        help="a further host name of the page, as browsers send it; the first is that of links",
    )
    add("--tls-cert", metavar="FILE", default=default, help="certificate chain for TLS (PEM)")
    add("--tls-key", metavar="FILE", default=default, help="its private key (PEM)")
    add(
        "--proxy",
        dest="proxies",
        metavar="ADDRESS",
        action="append",
        default=default,
        help="only a proxy at this address or network may connect, and does TLS",
    )
    add(
        "--proxy-header",
        metavar="NAME",
        default=default,
        help="the header in which it says https (default: X-Forwarded-Proto)",
    )
    add(
        "--tokens", metavar="FILE", default=default, help="who may sign in by a token: NAME ROLE TOKEN a line"
    )


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return what these options say.

    Raises:
        UsageError: one makes no sense, or a file cannot be read.
        Refused: it would be served beyond this machine without TLS.
    """
    import os

    from stentor.web import settings, tokens

    address, port = settings.listen(arguments.listen or f"127.0.0.1:{settings.PORT}")
    made = settings.Settings(
        address,
        port,
        tuple(name.lower().removesuffix(".") for name in arguments.names or ()),
        os.path.abspath(arguments.tls_cert) if arguments.tls_cert else "",
        os.path.abspath(arguments.tls_key) if arguments.tls_key else "",
        settings.networks(arguments.proxies or ()),
        arguments.proxy_header or settings.Settings().proxy_header,
        os.path.abspath(arguments.tokens) if arguments.tokens else "",
    )
    settings.check(made)
    if made.tokens:
        tokens.read(made.tokens)
    if made.certificate:
        _check_certificate(made)
    return made


def _check_certificate(made: Settings) -> None:
    import os
    import ssl

    from stentor.opening import regular

    try:
        for path in (made.certificate, made.key):
            os.close(regular(path))
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key, "")
    except ssl.SSLError as error:
        raise UsageError(
            f"this is no certificate with its key: {error.reason or error}",
            where=f"{made.certificate}, {made.key}",
            hint="both are PEM files, and the key has no password",
        ) from None
    except OSError as error:
        raise of_path(
            error, "the certificate or its key cannot be read", error.filename or made.certificate
        ) from None


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Serve, or do what the verb says."""
    verb = {"login": _login, "install": _install, "doctor": _doctor}.get(arguments.verb, _serve)
    return verb(arguments, context)


def _require_libraries() -> None:
    from importlib.util import find_spec

    if not all(map(find_spec, ("jinja2", "starlette", "uvicorn"))):
        raise extras.lacking("stentor serve", "web")


def _install(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.web import install

    if arguments.remove:
        path = install.remove(context.environ)
        context.stderr.write(f"stentor: removed {path}\n" if path else "stentor: no unit is installed\n")
        return 0
    _require_libraries()
    settings = settings_of(arguments)
    fleet = context.fleet(arguments.fleet).data.root
    if arguments.dry_run:
        context.stdout.write(install.unit(settings, fleet, context.environ))
        return 0
    path = install.install(settings, fleet, context.environ)
    context.stderr.write(f"stentor: {path} is active, and {settings.url} answers\n")
    context.stderr.write("stentor: to keep it when you log out: loginctl enable-linger\n")
    return 0


def _doctor(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.web.checks import Check, checks

    found: list[Check] = []
    root = None
    try:
        root = context.fleet_root(arguments.fleet)
    except FleetError as error:
        found.append(Check("bad", str(error), error.hint))
    found += checks(context.environ, root)
    screen = context.screen()
    if arguments.json:
        from stentor.render.json_lines import JsonLines
        from stentor.render.json_serve import ServeCheck, ServeDoctor

        JsonLines(screen, ServeDoctor()).write(*(ServeCheck.of(one) for one in found))
    else:
        from stentor.render.serve import show_checks

        show_checks(screen, found)
    return 1 if any(one.severity == "bad" for one in found) else 0


def _serve(arguments: argparse.Namespace, context: Context) -> int:
    _require_libraries()
    from stentor.web.server import serve
    from stentor.web.service import Service

    settings = settings_of(arguments)
    fleet = context.fleet(arguments.fleet)
    service = Service(fleet, settings)

    def ready(url: str) -> None:
        context.stderr.write(f"stentor: serving {fleet.data.root} on {url}; Ctrl-C ends it\n")
        context.stderr.write("stentor: 'stentor serve login' prints a link to sign in\n")
        context.stderr.flush()

    return serve(service, ready)


def _login(arguments: argparse.Namespace, context: Context) -> int:
    import time

    from stentor.journal.owner import origin
    from stentor.web.gate import LINK_SECONDS, stores
    from stentor.web.state import directory_of, serving
    from stentor.web.store import Grant

    directory = directory_of(context.environ)
    links, sessions = stores(directory)
    if arguments.sign_out:
        now = time.time()
        count = sessions.sweep(now, every=True)
        links.sweep(now, every=True)
        context.stderr.write(f"stentor: {count} {'session' if count == 1 else 'sessions'} ended\n")
        return 0
    if arguments.remove_passkeys:
        from stentor.web.passkeys import Passkeys

        count = Passkeys(directory, time.time).remove(arguments.remove_passkeys)
        context.stderr.write(f"stentor: {count} {'passkey' if count == 1 else 'passkeys'} removed\n")
        return 0
    found = serving(directory)
    if found is None:
        raise Refused("no page is served here", hint="in another terminal: stentor serve")
    user = arguments.name or origin(context.environ)[0]
    if not user.isprintable() or not user.strip() or len(user) > 64:
        raise UsageError(f"--name {user!r} is no name", hint="up to 64 characters that can be printed")
    ticket = links.add(Grant(user, arguments.role, time.time() + LINK_SECONDS))
    context.stdout.write(f"{found.url}/login?key={ticket.secret}\n")
    context.stderr.write(
        f"stentor: signs {user} in as {arguments.role}; once, within {LINK_SECONDS / 60:.0f} minutes\n"
    )
    return 0
