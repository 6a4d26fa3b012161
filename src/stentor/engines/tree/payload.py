"""What is in a gateway's messages: bytes, and nothing else is made of it here.

ClusterShell packs it with pickle, which makes any object that a message names. A gateway is another machine,
and what it sends decides about nothing but its own nodes.
"""

from __future__ import annotations

import io
import pickle
from base64 import b64decode

from stentor.typed import Any


class _Plain(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        """Refuse what is no plain value."""
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, and only bytes are expected")


def bytes_of(data: bytes | None) -> bytes:
    """Return the bytes in a message.

    Args:
        data: pickled, in base64, as ClusterShell packs it.

    Raises:
        ValueError: it is something else.
    """
    try:
        found = _Plain(io.BytesIO(b64decode(data or b""))).load()
    except Exception as error:  # whatever is wrong with it
        raise ValueError(f"a message has no bytes in it: {error}") from None
    if not isinstance(found, bytes):
        raise ValueError("a message has no bytes in it")  # noqa: TRY004 - nobody here gave the wrong type
    return found
