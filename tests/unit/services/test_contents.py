"""What the files of services contain."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stentor.errors import FleetError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.service import Put, Service
from stentor.fleet.services import SecretSource, Services
from stentor.services.contents import Reader
from tests.support import need

NODE = Node("crtr", "cooperator", ("10.0.0.1",), variables={"size": 3})


def reader(root: Path, secrets: SecretSource | None = None) -> Reader:
    fleet = Fleet(str(root), {"crtr": NODE}, {"all": ("crtr",), "core": ("crtr",)})
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(root)}
    return Reader(fleet, Services(secrets=secrets or SecretSource()), environ, {"crtr": {"cores": 4}})


def contents(made: Reader, put: Put) -> bytes:
    return made.contents(Service("web", files=(put,)), NODE)[put.path]


def test_a_template_is_filled_in_with_fleet_facts_and_service(tmp_path: Path) -> None:
    text = "{{ node.alias }} {{ node.vars.size }} {{ facts.cores }} {{ groups.core[0] }} {{ service.name }}\n"
    (tmp_path / "a.j2").write_text(text)
    assert contents(reader(tmp_path), Put("/etc/a", "a.j2", template=True)) == b"crtr 3 4 crtr web\n"
    assert contents(reader(tmp_path), Put("/etc/a", "a.j2")) == text.encode()


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("one\n{{ nod.alias }}\n", "a.j2:2", "'nod' is undefined"),
        ("one\n\n{% if %}\n", "a.j2:3", "Expected"),
        ("{{ 1 / 0 }}\n", "a.j2", "division by zero"),
    ],
)
def test_a_fault_in_a_template_has_its_place(tmp_path: Path, text: str, where: str, said: str) -> None:
    (tmp_path / "a.j2").write_text(text)
    with pytest.raises(FleetError) as raised:
        contents(reader(tmp_path), Put("/etc/a", "a.j2", template=True))
    assert raised.value.where == where
    assert said in raised.value.message


def test_a_secret_comes_from_a_command(tmp_path: Path) -> None:
    made = reader(tmp_path, SecretSource(command="printf %s-of-{name} secret"))
    assert contents(made, Put("/etc/a", "n8n.env", secret=True)) == b"secret-of-n8n.env"
    made = reader(tmp_path, SecretSource(command="sh -c 'echo locked >&2; exit 1'"))
    with pytest.raises(FleetError, match="the secret 'a' cannot be read: sh: locked"):
        contents(made, Put("/etc/a", "a", secret=True, place="services.yaml:1:2"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("echo {name}; exit 3", "the command is not readable: '{name};' is for a shell"),
        ("echo {name} | head -1", "'|' is for a shell, and it is run without one"),
        ("echo {name} 2>/dev/null", "'2>/dev/null' is for a shell"),
        ("echo '", "the command is not readable: No closing quotation"),
        ("true", "the secret 'a' is empty: true printed nothing"),
        ("sh -c 'echo age: error: no identity >&2; echo >&2; exit 1'", "sh: age: error: no identity"),
        (
            "sh -c 'echo no identity >&2; echo age: report unexpected or unhelpful errors at X >&2; exit 1'",
            "sh: no identity",
        ),
    ],
)
def test_a_command_that_prints_no_secret_is_said(tmp_path: Path, command: str, why: str) -> None:
    made = reader(tmp_path, SecretSource(command=command))
    with pytest.raises(FleetError) as raised:
        contents(made, Put("/etc/a", "a", secret=True))
    assert why in raised.value.message


def test_what_a_shell_would_understand_is_an_argument_in_quotes(tmp_path: Path) -> None:
    made = reader(tmp_path, SecretSource(command="printf '%s|' 'a > b;' x&y"))
    assert contents(made, Put("/etc/a", "a", secret=True)) == b"a > b;|x&y|"


def test_a_secret_lies_in_a_folder_that_git_ignores(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/a").write_text("hush")
    assert contents(reader(tmp_path), Put("/etc/a", "a", secret=True)) == b"hush"
    with pytest.raises(FleetError, match="there is no secret 'b'") as raised:
        contents(reader(tmp_path), Put("/etc/a", "b", secret=True, place="services.yaml:1:2"))
    assert raised.value.where == "services.yaml:1:2"


def test_a_secret_is_decrypted_by_age(tmp_path: Path) -> None:
    """A stand-in for age takes the same arguments; the real one is not on every machine."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "age"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/a.age").write_text("encrypted")
    made = reader(tmp_path, SecretSource(identity="~/key"))
    made._environ = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": "/home/me"}
    said = contents(made, Put("/etc/a", "a", secret=True)).decode().split()
    assert said == ["--decrypt", "--identity", "/home/me/key", f"{tmp_path}/secrets/a.age"]


def test_a_secret_is_decrypted_by_the_real_age(tmp_path: Path) -> None:
    need("age", "age-keygen")
    key = subprocess.run(
        ["age-keygen", "-o", str(tmp_path / "key")], capture_output=True, text=True, check=True
    )
    public = key.stderr.split()[-1]
    (tmp_path / "secrets").mkdir()
    words = ["age", "-r", public, "-o", str(tmp_path / "secrets/a.age")]
    subprocess.run(words, input=b"hush", check=True)
    made = reader(tmp_path, SecretSource(identity=str(tmp_path / "key")))
    assert contents(made, Put("/etc/a", "a", secret=True)) == b"hush"


@pytest.mark.parametrize(("command", "why"), [("pass 'show", "No closing quotation"), ("  ", "it is empty")])
def test_a_command_for_secrets_that_is_not_readable_is_a_fault(
    tmp_path: Path, command: str, why: str
) -> None:
    put = Put("/etc/a", "a", secret=True, place="services.yaml:1:2")
    with pytest.raises(FleetError, match=why) as raised:
        contents(reader(tmp_path, SecretSource(command=command)), put)
    assert raised.value.where == "services.yaml:1:2"
