"""What is said where a library of an extra is missing."""

from importlib.metadata import requires

import pytest

from stentor import extras

WANTED = ["textual>=1.0"]


@pytest.mark.parametrize(
    ("prefix", "has_pip", "said"),
    [
        ("/home/ann/.local/share/stentor/venv", True, "/usr/bin/python3 -m pip install 'textual>=1.0'"),
        ("/home/ann/.local/share/pipx/venvs/stentor", True, "pipx inject stentor 'textual>=1.0'"),
        (
            "/home/ann/.local/share/uv/tools/stentor",
            False,
            "uv pip install --python /usr/bin/python3 'textual>=1.0'",
        ),
    ],
)
def test_the_command_fits_the_installation(prefix: str, has_pip: bool, said: str) -> None:
    assert extras.command(WANTED, prefix, "/usr/bin/python3", has_pip=has_pip) == said


@pytest.mark.parametrize(
    ("extra", "library"),
    [
        ("ansible", "ansible"),
        ("secrets", "detect"),
        ("services", "jinja2"),
        ("shell", "prompt"),
        ("top", "textual"),
        ("tree", "clustershell"),
        ("passkeys", "webauthn"),
        ("web", "jinja2"),
    ],
)
def test_each_extra_that_is_asked_for_names_its_library(extra: str, library: str) -> None:
    error = extras.lacking("stentor x", extra)
    assert error.message.startswith(f"stentor x needs {library}")
    assert library in error.hint


def test_all_has_every_other_extra() -> None:
    named = {
        line.rpartition("extra == ")[2].strip("\"'") for line in requires("stentor") or () if "extra" in line
    }
    assert named - {"all"} == {"ansible", "passkeys", "secrets", "services", "shell", "top", "tree", "web"}
