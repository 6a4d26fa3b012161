"""Other tools' files for tests of the importers, in memory and on disk."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from fnmatch import fnmatch
from io import StringIO
from pathlib import Path

from ClusterShell import NodeSet
from ClusterShell.CLI import Nodeset

from stentor.fleet.check import Source, check
from stentor.fleet.importers.ansible import read_ansible
from stentor.fleet.importers.found import Found, settle
from stentor.fleet.importers.open import import_all
from stentor.fleet.importers.write import text_of
from stentor.fleet.model import Fleet


def nodeset(conf: Path, *words: str) -> tuple[int, str]:
    """Run ClusterShell's program ``nodeset``; return its exit code, and what it wrote.

    In this process: to start Python and to import ClusterShell takes ten times as long as its work.
    """
    out, err = StringIO(), StringIO()
    before, code = sys.argv, 0
    sys.argv = ["nodeset", "--groupsconf", str(conf), *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            Nodeset.main()
    except SystemExit as end:
        code = int(end.code or 0)
    except Exception:
        code, _ = 1, err.write(traceback.format_exc())
    finally:
        sys.argv = before
        NodeSet.set_std_group_resolver(None)
    return code, out.getvalue().strip() or err.getvalue().strip()


class Files(dict[str, str]):
    """Files in memory."""

    def read(self, path: str) -> str:
        """The text of one."""
        if path not in self:
            raise FileNotFoundError(2, "No such file", path)
        return self[path]

    def listed(self, pattern: str) -> list[str]:
        """Those which a pattern matches; folders where it ends in a slash."""
        paths = set(self)
        if pattern.endswith("/"):
            paths = {
                path[: at + 1]
                for path in self
                for at, character in enumerate(path)
                if character == "/" and at
            }
        return sorted(
            path for path in paths if fnmatch(path, pattern) and path.count("/") == pattern.count("/")
        )


def fleet_of(found: Found) -> Fleet:
    """The fleet which the written text makes; it must be without faults."""
    text = text_of(found, "a test")
    result = check([Source("nodes", "nodes.yaml", text.encode("utf-8", "replace"))], "/fleet")
    assert result.faults == (), text
    assert result.fleet is not None
    return result.fleet


def ansible(text: str, name: str = "inventory", **beside: str) -> Found:
    """What comes of an inventory of one file, with files beside it."""
    files = Files({f"/a/{name}": text, **{f"/a/{path}": other for path, other in beside.items()}})
    return settle(read_ansible(f"/a/{name}", files.read, files.listed, is_folder=False))


def import_from(source: str, path: str, environ: Mapping[str, str]) -> Found:
    """What one source says."""
    return import_all([(source, path)], environ)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
