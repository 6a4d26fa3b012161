"""What a look for secrets finds, and what it must let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.dotfiles import secrets

SHA1 = "da4b9237bacccdf19c0760cab7aec4a8359010b0"
SHA256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
SRI = "sha512-oGB+UxlgWcgQkgwo8GcEGwemoTFt3FIO9ababBmaGwXIoBKZ+GTy0pP185beGg7Llih/NSHSV2XAs1lnznocSg=="
AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
SOPS = "ENC[AES256_GCM,data:LXEWQrcmsEQBYnyp+6wy,iv:S0fozGAOxNma/pWDUuk1iEaYw0wlba0VOLHjPxIok2k=,type:str]"
SSH = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

PUBLIC = {
    "dot_config/nvim/lazy-lock.json": f'{{\n"a.nvim": {{"branch":"main","commit":"{SHA1}"}}\n}}\n',
    "nvim-pack-lock.json": f'{{"plugins": {{"a.nvim": "{SHA1}"}}}}\n',
    ".chezmoiexternal.toml": f'["bin/x"]\n  url = "https://example.org/x"\n  checksum.sha256 = "{SHA256}"\n',
    ".chezmoiexternal.yaml": f'bin/y:\n  checksum:\n    sha256: "{SHA256}"\n',
    "package-lock.json": f'{{"packages":{{"x":{{"integrity":"{SRI}"}}}}}}\n',
    "flake.lock": f'{{"narHash":"sha256-oGJ1J1J3u1kC3j5w3Jk3bJ5q3kqjHc8cQ5v5J1J3u1k=","rev":"{SHA1}"}}\n',
    "Cargo.lock": f'[[package]]\nchecksum = "{SHA256}"\n',
    "uv.lock": f'sdist = {{ url = "https://example.org", hash = "sha256:{SHA256}", size = 1 }}\n',
    "poetry.lock": f'files = [\n  {{file = "x.whl", hash = "sha256:{SHA256}"}},\n]\n',
    "SHA256SUMS": f'"{SHA256}"  x.tar.gz\n',
    "plug.vim": f"let g:plugs['x'].commit = '{SHA1}'\n",
    "dot_gitconfig": f"[user]\n\tsigningkey = {SHA1.upper()}\n",
    "chezmoi.toml": f'[age]\n  recipient = "{AGE}"\n  recipients = ["{AGE}"]\n',
    "dot_ssh/authorized_keys": f"ssh-ed25519 {SSH} me@example.org\n",
    "allowed.nix": f'{{ key = "{SSH}"; }}\n',
    "PKGBUILD": f"sha256sums=('{SHA256}'\n  '{SHA256[::-1]}')\nvalidpgpkeys=('{SHA1.upper()}')\n",
    "tool.rb": f'  sha256 cellar: :any, arm64_sonoma: "{SHA256}"\n  revision "{SHA1}"\n',
    "verification-metadata.xml": f'<sha256 value="{SHA256}" origin="Generated"/>\n<pgp value="{SHA1}"/>\n',
    "Cartfile.resolved": f'github "x/y" "{SHA1}"\n',
    "devbox.lock": '{\n"path": "/nix/store/0jzmp3b8j4v0ycg6mxqg5cq8dx8jr9g9-a-1"\n}\n',
    "x.sources": f"Signed-By: {SHA1.upper()}\n",
    ".chezmoiexternal.yaml.tmpl": f'{{{{ $c := dict "linux" "{SHA256}" "darwin" "{SHA256[::-1]}" }}}}\n',
    ".sops.yaml": f"key_groups:\n- pgp:\n  - {SHA1.upper()}\n  age: {AGE}\n",
    "sops.yaml": f"password: {SOPS}\nsops:\n  mac: {SOPS}\n  pgp:\n  - fp: {SHA1.upper()}\n",
    "sops.json": f'{{"api_key": "{SOPS}", "sops": {{"mac": "{SOPS}"}}}}\n',
    "vars.yml": f"password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {SHA256}\n  {SHA256[::-1]}\n",
}

SECRET = {
    "chezmoi.toml": (f'[age]\n  recipient = "{AGE}"\n  password = "hunter2hunter2"\n', 3),
    "lazy-lock.json": (
        '{\n"a.nvim": {"commit":"x", "token": "ghp_1234567890abcdefghijklmnopqrstuvwxyzAB"}\n}\n',
        2,
    ),
    "package-lock.json": (f'{{"api_key": "{SHA1}"}}\n', 1),
    "uv.lock": (f'auth = "{SHA1}"\n', 1),
    ".chezmoiexternal.toml": (f'checksum.sha256 = "{SHA256}"\nheader = "{SHA1}"\n', 2),
    "dot_env": (f"API_TOKEN='{SHA256}'\n", 1),
    "key.txt": ("AGE-SECRET-KEY-1QQPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGQQQQQQQQ\n", 1),
    "dot_zshrc": (f"alias l='ls -l'\nif true; then :; fi\nexport GITHUB_TOKEN={SHA1}\n", 3),
    "config.fish": ("if true\nend\nset -gx PASSWORD hunter2hunter2\n", 3),
    "SHA256SUMS": (f"{SHA256}  x.tar.gz\npassword: hunter2hunter2\n", 2),
    "hub": (f"github.com:\n- user: x\n  oauth_token: {SHA1}\n", 3),
    "sops.yaml": (f"password: {SOPS}\ntoken: ghp_1234567890abcdefghijklmnopqrstuvwxyzAB\n", 2),
    "vars.yml": (f"a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {SHA256}\ntoken: {SHA1}\n", 4),
    "PKGBUILD": (f"sha256sums=('{SHA256}')\n_api_key='{SHA1}'\n", 2),
    "dot_netrc": ("machine example.org login me password hunter2hunter\n", 1),
    "password_hash.toml": (f'password_hash = "{SHA256}"\n', 1),
}


def scan(folder: Path, name: str, text: str) -> list[secrets.Finding]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return secrets.scan(str(folder), [name])


@pytest.mark.parametrize("name", PUBLIC)
def test_digests_commits_and_public_keys_are_no_secrets(tmp_path: Path, name: str) -> None:
    assert scan(tmp_path, name, PUBLIC[name]) == []


@pytest.mark.parametrize("name", SECRET)
def test_real_secrets_are_found_in_the_same_files(tmp_path: Path, name: str) -> None:
    text, line = SECRET[name]
    found = scan(tmp_path, name, text)
    assert found
    assert {finding.line for finding in found} == {line}


def test_binary_file_is_left_out(tmp_path: Path) -> None:
    assert scan(tmp_path, "picture.png", f"\0{SECRET['dot_env'][0]}") == []


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = '# \xe9\nkey = "ghp_1234567890abcdefghijklmnopqrstuvwxyzAB"\n'
    (tmp_path / "dot_profile").write_bytes(text.encode(encoding))
    assert {finding.line for finding in secrets.scan(str(tmp_path), ["dot_profile"])} == {2}


@pytest.mark.parametrize(
    "line",
    [
        "PASSWORD_STORE_DIR=~/.local/store2",
        "token=$TOKEN_2",
        "KEYTIMEOUT=1",
    ],
)
def test_a_path_and_a_variable_are_no_secrets(tmp_path: Path, line: str) -> None:
    assert scan(tmp_path, "dot_zshrc", f"if true; then :; fi\n{line}\n") == []


@pytest.mark.parametrize("part", ["A1b2", "a.", "key1=a "])
def test_a_line_of_many_letters_is_read(tmp_path: Path, part: str) -> None:
    key = 'key = "ghp_1234567890abcdefghijklmnopqrstuvwxyzAB"'
    found = scan(tmp_path, "bundle.js", f"{part * (100_000 // len(part))}\n{key}\n")
    assert {finding.line for finding in found} == {2}


def test_marked_line_and_allowed_finding_pass(tmp_path: Path) -> None:
    text, _ = SECRET["key.txt"]
    assert scan(tmp_path, "marked", f"{text.strip()} # pragma: allowlist secret\n") == []
    found = scan(tmp_path, "key.txt", text)
    assert secrets.standing(found, [found[0].key]) == []
