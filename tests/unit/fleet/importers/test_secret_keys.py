# ruff: noqa: E501, SIM905 - tables of keys
"""Secrets by the meaning of a key, at any depth."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.importers.found import settle
from stentor.fleet.importers.genders import read_genders
from stentor.fleet.importers.secret_keys import is_secret_key, without_secrets
from stentor.fleet.importers.write import text_of
from tests.importing import Files, ansible

SECRET = """
password passwd pwd pass db_password dbPassword DB_PASSWORD db-pass rootpw rootpass mysql_root_pwd ansible_become_pass
ansible_ssh_password ansible_vault_pass key_passphrase api_key apiKey APIKey apikey aws_secret_access_key secret
client_secret secrets token auth_token authtoken github_token tokens credentials db_creds private_key ssh_private_key
vault_db vault_root_pw snmp_community erlang_cookie wifi_psk encryption_key password2 admin.password hash_of_password
access_key_id ldap_bind_passwd rabbitmq_default_pass grafanaAdminPassword user_passwords keystore_password
bearer rabbitmq_cookie hmac_key preshared_key wireguard_privkey totp_seed
""".split()

HARMLESS = """
compass tokenizer bypass trespass passenger passive monkey keyboard key key_name ssh_key public_key authorized_keys
secretary tokenize password_file vault_password_file ansible_ssh_private_key_file token_ttl password_length
password_policy max_tokens passwordless secret_name passthrough_mode vault_addr vault_version keys sort_key primary_key
overpass pwdless passes_per_day community cookie string author authorise accessory
""".split()


@pytest.mark.parametrize("key", SECRET)
def test_keys_of_secrets(key: str) -> None:
    assert is_secret_key(key)


@pytest.mark.parametrize("key", HARMLESS)
def test_keys_which_only_look_like_it(key: str) -> None:
    assert not is_secret_key(key)


@pytest.mark.parametrize(
    ("value", "good", "lost"),
    [
        ({"user": "app", "password": "hunter2"}, {"user": "app"}, ["db.password"]),
        ([{"name": "a", "password": "x"}, {"name": "b"}], [{"name": "a"}, {"name": "b"}], ["db[0].password"]),
        ({"a": [{"b": {"token": 5}}]}, {"a": [{"b": {}}]}, ["db.a[0].b.token"]),
        ({"password": True, "token": None, "secret": ""}, {"password": True, "token": None, "secret": ""}, []),
        ({"secrets": {"a": "b"}, "vault": {"addr": "x", "token": "y"}}, {"vault": {"addr": "x"}}, ["db.secrets", "db.vault.token"]),
        ("postgres://app:hunter2@db/x", None, ["db"]),
        ("https://db/x", "https://db/x", []),
        (["$ANSIBLE_VAULT;1.1;AES256\n33"], [], ["db[0]"]),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nxx", None, ["db"]),
        (["DB_PASSWORD=x", "A=b", "PASSWORD_FILE=/x", "DB_PASSWORD={{ x }}"], ["A=b", "PASSWORD_FILE=/x", "DB_PASSWORD={{ x }}"], ["db[0]"]),
        ([{"name": "DB_PASSWORD", "value": "x"}, {"key": "a", "value": "b"}], [{"name": "DB_PASSWORD"}, {"key": "a", "value": "b"}], ["db[0].value"]),
        ({"shadow": "$6$salt$hash", "price": "$5"}, {"price": "$5"}, ["db.shadow"]),
        ("https://hooks.slack.com/services/T0/B0/x", None, ["db"]),
        ("-----BEGIN PUBLIC KEY-----\nxx", "-----BEGIN PUBLIC KEY-----\nxx", []),
    ],
)  # fmt: skip
def test_what_is_left_of_a_value(value: Any, good: Any, lost: list[str]) -> None:
    assert without_secrets("db", value) == (good, lost)


INVENTORY = """
all:
  hosts:
    h1:
      db: {user: app, password: hunter2}
      mysql_root_pwd: hunter2
      users: [{name: a, password: hunter2}]
      key_passphrase: hunter2
      api_key: hunter2
      ansible_become_password: hunter2
      ansible_ssh_common_args: -o ProxyCommand="sshpass -p hunter2 ssh -W %h:%p gate"
      compass: north
      tokenizer: bert
"""


def test_no_secret_of_an_inventory_is_written_anywhere() -> None:
    found = ansible(
        INVENTORY, "inv.yml", **{"group_vars/all.yml": "db_password: hunter2\nansible_password: hunter2\n"}
    )
    text = text_of(found, "a test")
    assert "hunter2" not in text
    assert "vars: {db: {user: app}, users: [{name: a}], compass: north, tokenizer: bert}" in text
    left = [
        line.partition(": ")[2].partition(" of h1: secrets")[0] for line in found.left if " secrets " in line
    ]
    assert sorted(left) == [
        "ansible_become_password", "ansible_password", "ansible_ssh_common_args", "api_key", "db.password", "key_passphrase",
        "mysql_root_pwd", "users[0].password",
    ]  # fmt: skip


def test_no_source_carries_secrets_over() -> None:
    found = settle(
        read_genders("/g", Files({"/g": "n1 rack=5,ipmi_password=hunter2,snmp_community=x\n"}).read)
    )
    assert found.nodes == {"n1": {"vars": {"rack": "5"}}}
    assert found.left == [
        "n1: ipmi_password: secrets do not belong into a fleet file",
        "n1: snmp_community: secrets do not belong into a fleet file",
    ]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "password", "compass"]), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def _secrets(value: Any) -> list[Any]:
    if isinstance(value, dict):
        held = [
            one
            for key, one in value.items()
            if key == "password" and not isinstance(one, bool) and one not in (None, "", [], {})
        ]
        return held + [one for inner in value.values() for one in _secrets(inner)]
    return [one for inner in value for one in _secrets(inner)] if isinstance(value, list) else []


@given(PLAIN)
def test_values_without_secrets_are_the_same_and_others_lose_them(value: Any) -> None:
    good, lost = without_secrets("x", value)
    assert not _secrets(good)
    assert bool(lost) == bool(_secrets(value))
    assert lost or good == value
    assert without_secrets("x", good) == (good, [])
