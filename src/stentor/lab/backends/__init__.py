"""The ways of keeping practice nodes apart, in the order in which ``lab up`` tries them."""

from stentor.lab.backends.backend import Backend
from stentor.lab.backends.full import Full
from stentor.lab.backends.loopback import Bubblewrap, Plain, Unshare

BACKENDS: dict[str, type[Backend]] = {kind.name: kind for kind in (Bubblewrap, Unshare, Plain, Full)}
AUTOMATIC = tuple(name for name, kind in BACKENDS.items() if kind.automatic)

__all__ = ["AUTOMATIC", "BACKENDS", "Backend"]
