"""The node's program as it is sent: the items in front, ``sh/services`` behind."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from stentor import sh
from stentor.services.item import Item, NodeFile
from stentor.sh.quoting import quote, quote_any

_INNER = 'p=$(cat); eval "$p"'
# Root's home is another one: what is kept lies in the account's.
_OUTER = (
    'if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; '
    'then exec sudo -n env STENTOR_HOME="$HOME" sh -c "$0" stentor "$@"; fi; exec sh -c "$0" stentor "$@"'
)


def command(verb: str, **options: str) -> str:
    """Return the command line for a node's login shell; the program is its standard input.

    It becomes root by sudo where that asks for no password.

    Args:
        verb: of ``sh/services/main.sh``.
        options: ``key=value`` words; empty values are left out.
    """
    pairs = [quote_any(f"{name}={value}") for name, value in options.items() if value]
    return " ".join(["exec sh -c", quote_any(_OUTER), quote_any(_INNER), verb, *pairs])


def compose(items: Sequence[Item], *, payload: bool = False, front: str = "") -> str:
    """Return the program for one node.

    Args:
        items: what is to hold there, in the order in which it is brought into effect.
        payload: with the contents of files, which only a change needs.
        front: variables that are given besides.
    """
    numbers = " ".join(str(number) for number in range(1, len(items) + 1))
    parts = ["#!/bin/sh\n", front, sh.assign(items=numbers)]
    parts += [_functions(number, item) for number, item in enumerate(items, 1)]
    parts.append(sh.join("services/main"))
    if payload:
        parts.append("# payload\n")
        parts += [_payload(number, item.files) for number, item in enumerate(items, 1)]
        parts.append("# end of payload\n")
    return "".join([*parts, 'services_main "$@"\n'])


def _functions(number: int, item: Item) -> str:
    files = [f'"$@" {_file(file)}' for file in item.files]
    folders = [f'"$@" {" ".join(map(quote, folder))}' for folder in item.folders]
    texts = [f'"$@" {" ".join(map(quote, text))}' for text in item.texts]
    bodies = {
        "name": f"say {quote(item.name)}",
        "files": _chain(files),
        "folders": _chain(folders),
        "texts": _chain(texts),
        "stays": f"say {'yes' if item.stays else 'no'}",
        "settle": f"say {max(0, round(item.settle))}",
        **{key: getattr(item, key) for key in _COMMANDS},
    }
    return "".join(f"{key}_{number}() {{\n{body or ':'}\n}}\n" for key, body in bodies.items())


_COMMANDS = ("require", "validate", "keep", "apply", "current", "fits", "prove", "undo", "drop")


def _payload(number: int, files: Sequence[NodeFile]) -> str:
    lines = [f'"$@" {_file(file)} {quote(base64.b64encode(file.data or b"").decode())}' for file in files]
    return f"payload_{number}() {{\n{_chain(lines) or ':'}\n}}\n"


def _chain(lines: Sequence[str]) -> str:
    return "\n".join(f"{line} || return 1" for line in lines)


def _file(file: NodeFile) -> str:
    secret = "yes" if file.secret else "no"
    return " ".join(map(quote, (file.path, file.mode, file.owner, secret, file.digest)))
