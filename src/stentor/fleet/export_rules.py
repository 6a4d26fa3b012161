"""What the schema cannot say about ``exports:``: which keys belong to which format."""

from __future__ import annotations

from stentor.fleet.document import Value
from stentor.fleet.shape import Shape

_VARIANT_OF = {"script": "ansible", "plugin": "ansible", "live": "clustershell"}


def check_exports(section: Value, shape: Shape) -> None:
    """Note each file that could not be written as it is listed.

    Args:
        section: the value of ``exports:``, which has the schema's form.
        shape: is told the faults.
    """
    files = section.data.get("files")
    for file in files.data if files and isinstance(files.data, list) else ():
        said = {key: value.data for key, value in file.data.items()} if isinstance(file.data, dict) else {}
        form, variant = said.get("format"), said.get("variant", "file")
        if variant in _VARIANT_OF and _VARIANT_OF[variant] != form:
            shape.fault(
                file.keys["variant"],
                f"{form} has no variant '{variant}'",
                f"it is one of {_VARIANT_OF[variant]}",
            )
        if "port" in said and form != "prometheus":
            shape.fault(file.keys["port"], f"{form} has no port", "the port is for prometheus")
        if "on" in said and str(said.get("path")).endswith("/"):
            shape.fault(
                file.keys["path"],
                f"'{said['path']}' is a folder, and on nodes a file is kept",
                "name the file, or leave out 'on' for a folder on this machine",
            )
