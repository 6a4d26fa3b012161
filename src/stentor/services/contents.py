"""What the files of services contain: read below the fleet directory, filled in, or from a secret store."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stentor import extras
from stentor.errors import FleetError, StentorError
from stentor.opening import regular
from stentor.programs import run

if TYPE_CHECKING:
    from stentor.fleet.model import Fleet, Node
    from stentor.fleet.service import Put, Service
    from stentor.fleet.services import Services

MOST_BYTES = 4 * 1024 * 1024
_REPORT = "report unexpected or unhelpful errors"  # age's last line, whatever has failed
_SECONDS = 60.0  # a secret store may wait for a touch of a key
_NODE = ("alias", "name", "addresses", "user", "role", "arch", "phase", "state")


class Reader:
    """Reads each file and each secret once."""

    def __init__(
        self,
        fleet: Fleet,
        services: Services,
        environ: Mapping[str, str],
        facts: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._fleet = fleet  # with the folder of the files
        self._services = services  # with what is said of secrets
        self._environ = environ  # of the programs that print secrets
        self._facts = facts  # what nodes told of themselves, by alias, for templates
        self._read: dict[tuple[bool, str], bytes] = {}

    def contents(self, service: Service, node: Node) -> dict[str, bytes]:
        """Return path to contents of a service's files on one node.

        Raises:
            FleetError: a file cannot be read or filled in, or a secret cannot be read.
        """
        return {put.path: self._of(put, service, node) for put in service.files}

    def _of(self, put: Put, service: Service, node: Node) -> bytes:
        key = (put.secret, put.source)
        if key not in self._read:
            self._read[key] = self._secret(put) if put.secret else self._plain(put)
        data = self._read[key]
        return self._filled(data, put, service, node) if put.template else data

    def _plain(self, put: Put) -> bytes:
        path = os.path.join(self._fleet.root, put.source)
        try:
            with open(path, "rb", opener=regular) as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise FleetError(f"{put.source} cannot be read: {error.strerror}", where=put.place) from None
        if len(data) > MOST_BYTES:
            raise FleetError(
                f"{put.source} has more than {MOST_BYTES >> 20} MB", where=put.place,
                hint="large data is copied by 'stentor copy'",
            )  # fmt: skip
        return data

    def _secret(self, put: Put) -> bytes:
        source = self._services.secrets
        if source.command:
            return self._printed(self._command(source.command, put), put)
        path = os.path.join(self._fleet.root, source.folder, put.source)
        if os.path.isfile(f"{path}.age"):
            words = ["age", "--decrypt"]
            if source.identity:
                home = self._environ.get("HOME", "")
                identity = (
                    source.identity.replace("~", home, 1) if source.identity[:2] == "~/" else source.identity
                )
                words += ["--identity", os.path.join(self._fleet.root, identity)]
            return self._printed([*words, f"{path}.age"], put)
        if os.path.isfile(path):
            return self._plain(put._replace(source=os.path.join(source.folder, put.source)))
        raise FleetError(
            f"there is no secret '{put.source}'", where=put.place,
            hint=f"write {path}.age, or say in {self._services.file}: "
            "secrets: {command: 'pass show {name}'}",
        )  # fmt: skip

    def _command(self, command: str, put: Put) -> list[str]:
        try:
            words = shlex.split(command.replace("{name}", shlex.quote(put.source)))
            why = "" if words else "it is empty"
        except ValueError as error:
            words, why = [], str(error)
        hint = f"correct secrets: {{command: ...}} in {self._services.file}"
        operator = _operator(command) if words else ""
        if operator:  # it would be an argument, and perhaps printed as the secret
            why = f"'{operator}' is for a shell, and it is run without one"
            hint = f"secrets: {{command: sh -c '...'}} in {self._services.file}, or a script"
        if why:
            raise FleetError(
                f"the secret '{put.source}' cannot be read: the command is not readable: {why}",
                where=put.place,
                hint=hint,
            )
        return words

    def _printed(self, words: list[str], put: Put) -> bytes:
        done = run(words, self._environ, cwd=self._fleet.root, timeout=_SECONDS, session=False)
        if done.code:
            said = [line for line in done.error_text.splitlines() if line.strip() and _REPORT not in line]
            why = f"it did not end within {_SECONDS:g} s" if done.timed_out else f"exit code {done.code}"
            why = said[-1].strip() if said and not done.timed_out else why
            raise FleetError(f"the secret '{put.source}' cannot be read: {words[0]}: {why}", where=put.place)
        if not done.stdout.strip():
            raise FleetError(
                f"the secret '{put.source}' is empty: {words[0]} printed nothing", where=put.place
            )
        return done.stdout

    def _filled(self, data: bytes, put: Put, service: Service, node: Node) -> bytes:
        try:
            import jinja2
        except ImportError:
            raise extras.lacking(f"the template {put.source}", "services") from None
        environment = jinja2.Environment(
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - configuration files, no HTML
            loader=jinja2.FileSystemLoader(self._fleet.root),
        )
        try:
            text = environment.from_string(data.decode()).render(self._data(service, node))
        except UnicodeDecodeError:
            raise FleetError(f"{put.source} is not text in UTF-8, so no template", where=put.place) from None
        except jinja2.TemplateError as error:
            line = getattr(error, "lineno", None) or _line_of(error)
            where = f"{put.source}:{line}" if line else put.source
            raise FleetError(f"for {node.alias}: {error.message or error}", where=where) from None
        except StentorError:
            raise
        except Exception as error:  # what a template computes may fail in any way
            raise FleetError(f"for {node.alias}: {error}", where=put.source) from None
        return text.encode()

    def _data(self, service: Service, node: Node) -> dict[str, Any]:
        nodes = {alias: self._node(one) for alias, one in self._fleet.nodes.items()}
        return {
            "node": nodes[node.alias],
            "nodes": nodes,
            "groups": dict(self._fleet.groups),
            "facts": self._facts.get(node.alias, {}),
            "service": service,
            "services": dict(self._services.services),
            "sites": list(self._services.sites),
        }

    def _node(self, node: Node) -> dict[str, Any]:
        return {**{key: getattr(node, key) for key in _NODE}, "vars": dict(node.variables)}


def _line_of(error: Exception) -> int:
    """The line of a template in which an error was raised: Jinja's frames carry it."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _operator(command: str) -> str:
    """Return the first word that only a shell would understand; quoted ones are arguments."""
    lexer = shlex.shlex(command, posix=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    return next(
        (
            word
            for word in lexer
            if not word.strip(";<>|&") or re.match(r"[0-9]*[<>]", word) or word.endswith(";")
        ),
        "",
    )
