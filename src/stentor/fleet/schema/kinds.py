"""Kinds of single values, such as a name or a port: how each must look, and what is said if it does not.

``Meta(extra=...)`` may say ``what`` and ``hint`` for a fault in the user's words, and
``{"selector": True}`` has the text evaluated against the fleet, ``{"group": True}`` a group of this name
looked for in it; ``{"parse": function}`` makes the
value of a text that has this form, or raises ValueError with a message for people.

Where one or several may be written, annotate the list with ``ONE_OR_MORE``; the checked data is then
always a list. Do not write such a union by hand: msgspec 0.19 and 0.22 do not bear every form of it.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from msgspec import Meta

from stentor import durations
from stentor.fleet.openssh import REFUSED
from stentor.fleet.policy import values

ONE_OR_MORE = Meta(extra={"one": True}, extra_json_schema={"one": True})

WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"

AliasPattern = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_\[][A-Za-z0-9_.,/\[\]-]*$",
        max_length=253,
        description="The short name by which everything calls the node; with ranges where its name has.",
        examples=["crtr", "n[1-40]"],
        extra={"what": "is no name for a node", "hint": "names have letters, digits, '.', '_' and '-'"},
    ),
]
Address = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_:.\[][A-Za-z0-9_:.%\[\],/-]*$",
        max_length=253,
        description="A host name or an IP address.",
        examples=["192.168.254.10", "crtr.home.example", "fe80::1%eth0"],
        extra={"what": "is no address", "hint": "write a host name or an IP address, without user or port"},
    ),
]


def _service_address(text: str) -> str:
    """Return a name as it is, and an IP address in the form in which it is compared: without brackets.

    Raises:
        ValueError: it has the form of an IP address and is none.
    """
    if ":" not in text and text.strip("0123456789."):
        return text
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise ValueError(
            f"'{text}' is no address: write a host name or an IP address, without a port"
        ) from None


ServiceAddress = Annotated[Address, Meta(extra={"parse": _service_address})]
"""An address at which a service listens or answers: one, without ranges."""
User = Annotated[
    str,
    Meta(
        pattern=rf"^[^-\s{REFUSED}][^\s{REFUSED}]*$",
        max_length=128,
        description="Login name; without it ssh_config decides.",
        extra={"what": "is no login name"},
    ),
]
Port = Annotated[
    int,
    Meta(
        ge=1,
        le=65535,
        description="A TCP port. That of a node is sshd's; without it ssh_config decides.",
        extra={"what": "is no port", "hint": "a port is a number from 1 to 65535"},
    ),
]
Jump = Annotated[
    str,
    Meta(
        pattern=r"^[^-\s'\"`$;&<>|(){}][^\s'\"`$;&<>|(){}]*$",
        max_length=512,
        description="The way through: a node's alias, or what 'ssh -J' takes ([user@]host[:port], ...).",
        extra={"what": "is no jump host", "hint": "write a node's alias, or what 'ssh -J' takes"},
    ),
]
Word = Annotated[
    str, Meta(pattern=r"^\S+$", max_length=128, extra={"what": "is not one word", "hint": "leave out spaces"})
]
Mac = Annotated[
    str,
    Meta(
        pattern=r"^[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(\1[0-9A-Fa-f]{2}){4}$",
        description="Hardware address, for Wake-on-LAN.",
        examples=["52:54:00:12:34:56"],
        extra={"what": "is no hardware address", "hint": "it looks like 52:54:00:12:34:56"},
    ),
]
Phase = Annotated[int, Meta(ge=0, description="The phase of the migration to which the node belongs.")]
State = Annotated[
    Literal["up", "down", "migrating", "retired"],
    Meta(description="What is expected of it; silence of a node that is down or retired is no surprise."),
]
GroupName = Annotated[
    str,
    Meta(
        pattern=rf"^{WORD}$",
        max_length=128,
        extra={"what": "is no name for a group", "hint": "names have letters, digits, '.', '_' and '-'"},
    ),
]
KnownGroup = Annotated[GroupName, Meta(extra={"group": True})]
"""A group that the fleet must have."""
HookName = Annotated[
    str,
    Meta(
        pattern=rf"^{WORD}$",
        max_length=64,
        description="The name of a webhook, the last part of its address.",
        extra={"what": "is no name for a webhook", "hint": "names have letters, digits, '.', '_' and '-'"},
    ),
]
Repository = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_.~-]+(/[A-Za-z0-9_.~-]+)+$",
        max_length=256,
        description="A repository as its forge names it.",
        examples=["you/dotfiles"],
        extra={"what": "is no repository", "hint": "write OWNER/NAME, as its page is called"},
    ),
]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s/]+\S*$",
        max_length=2048,
        extra={"what": "is no address", "hint": "it begins with https:// or http://"},
    ),
]
MailAddress = Annotated[
    str,
    Meta(
        pattern=r"^[^\s@,;<>-][^\s@,;<>]*@[^\s@,;<>]+$|^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
        max_length=254,
        extra={"what": "is no e-mail address", "hint": "write NAME@HOST, or an account of this machine"},
    ),
]
ClockTime = Annotated[
    str,
    Meta(
        pattern=r"^(([01]?[0-9]|2[0-3]):[0-5][0-9])?$",
        examples=["03:00"],
        extra={"what": "is not a time of day", "hint": "write it as '03:00', in quotes"},
    ),
]
ClockTimes = Annotated[
    str,
    Meta(
        pattern=r"^(([01]?[0-9]|2[0-3]):[0-5][0-9]\s*-\s*([01]?[0-9]|2[0-3]):[0-5][0-9])?$",
        examples=["22:00-07:00"],
        extra={"what": "is not a span of a day", "hint": "write it as 22:00-07:00"},
    ),
]
AccountGroup = Annotated[
    str,
    Meta(
        pattern=r"^[a-z_][a-z0-9_-]{0,31}$",
        extra={"what": "is no group of a system", "hint": "lower-case letters, digits, - and _"},
    ),
]
Digest = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{64}$", extra={"what": "is no SHA-256", "hint": "64 hexadecimal digits"})
]
TimeZone = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$",
        extra={"what": "is not a time zone", "hint": "as in /usr/share/zoneinfo: Europe/Vienna"},
    ),
]
Command = Annotated[
    str, Meta(pattern=r"^[^\s-]\S*$", extra={"what": "is no name of a command", "hint": "one word each"})
]
Program = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+:@-]*$",
        max_length=128,
        extra={"what": "is no name of a program", "hint": "one word of letters, digits and . _ + : @ -"},
    ),
]
Selector = Annotated[
    str,
    Meta(
        min_length=1,
        description="A selector: crtr, @gpu, @all!@pseudo, node[1-40], %role=gpu.",
        extra={"selector": True, "what": "is no selector", "hint": "write a node, '@group' or '@all'"},
    ),
]
Share = Annotated[
    str,
    Meta(
        pattern=r"^\s*([0-9]+|([0-9]|[1-9][0-9]|100)\s*%)\s*$",
        description="A number of nodes, or a share of them such as 25%.",
        extra={
            "what": "is neither a number of nodes nor a share of them",
            "hint": values.SHARE_HINT,
            "parse": values.parse_share,
        },
    ),
]
Waves = Annotated[
    str,
    Meta(
        pattern=r"^\s*([1-9][0-9]*|([1-9]|[1-9][0-9]|100)\s*%)(\s*,\s*([1-9][0-9]*|([1-9]|[1-9][0-9]|100)\s*%))*\s*$",
        extra={
            "what": "is not a size of a wave",
            "hint": values.SIZES_HINT,
            "parse": values.parse_wave_sizes,
        },
    ),
]
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1, extra={"what": "is too small", "hint": "at least 1"})]
Duration = Annotated[
    str,
    Meta(
        pattern=durations.PATTERN,
        description="A duration: 30s, 5m, 1h, 2d; a number without a unit is seconds.",
        extra={"what": "is not a duration", "hint": durations.HINT, "parse": durations.parse},
    ),
]
Size = Annotated[
    str,
    Meta(
        pattern=r"^\s*[0-9]+\s*([kKmMgG][iI]?)?[bB]?\s*$",
        extra={"what": "is not a size", "hint": values.BYTES_HINT, "parse": values.parse_size},
    ),
]
Keep = Annotated[
    str,
    Meta(
        pattern=r"^\s*(forever|all|[1-9][0-9]*\s*(d|days?)?)\s*$",
        extra={"what": "is not a time to keep", "hint": values.KEEP_HINT, "parse": values.parse_keep},
    ),
]
Line = Annotated[str, Meta(min_length=1, description="A command line.", extra={"what": "is no command"})]
