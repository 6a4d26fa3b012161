"""Everything that the command line can do, for scripts.

    from stentor import Fleet

    results = Fleet.open().select("@gpu").run("nvidia-smi", timeout=10)
    for result in results:
        print(result.node, result.kind, result.text)
    results.raise_on_error()

The same with await is in :mod:`stentor.async_api`.
"""

from __future__ import annotations

from stentor.api.fleet import Fleet, Selection

__all__ = ["Fleet", "Selection"]
