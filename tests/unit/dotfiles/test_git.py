"""git: a remote's password, which nobody else sees, and what it lacks before a commit."""

from __future__ import annotations

import base64
import functools
import http.server
import itertools
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.dotfiles import push, source
from stentor.dotfiles.git import require_identity, words
from stentor.errors import Refused, StentorError, UsageError
from stentor.fleet.remote_address import Address, split
from tests.unit.dotfiles.clone import Clone, git
from tests.unit.sh.practice import every_sh, run

TOKEN = "t0ken!x"


@pytest.mark.parametrize(
    ("url", "plain", "login"),
    [
        (
            "https://me:s3cret@host.example/a/b.git",
            "https://host.example/a/b.git",
            "https://me:s3cret@host.example",
        ),
        ("http://me:s%40@host:8080/a@b", "http://host:8080/a@b", "http://me:s%40@host:8080"),
        ("https://:token@host/a", "https://host/a", "https://:token@host"),
        ("https://me@host/a", "https://me@host/a", ""),
        ("https://host/a:b@c", "https://host/a:b@c", ""),
        ("ssh://git@host/a", "ssh://git@host/a", ""),
        ("git@host:a/b", "git@host:a/b", ""),
        ("/home/me/a:b@c", "/home/me/a:b@c", ""),
        ("", "", ""),
    ],
)
def test_an_address_is_taken_apart(url: str, plain: str, login: str) -> None:
    assert split(url) == Address(plain, login)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files for those who know the password."""

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(f"me:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") == wanted:
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="dotfiles"')
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A repository behind a password; its address with it."""
    clone, bare = tmp_path / "clone", tmp_path / "www" / "dots.git"
    for argv in (
        ["init", "-q", "-b", "main", clone],
        [
            "-C",
            clone,
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@x",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "one",
        ],
        ["clone", "-q", "--bare", clone, bare],
        ["-C", bare, "update-server-info"],
    ):
        subprocess.run(["git", *map(str, argv)], check=True)
    handler = functools.partial(_Handler, directory=str(tmp_path / "www"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://me:{TOKEN.replace('!', '%21')}@127.0.0.1:{server.server_port}/dots.git"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def traced(tmp_path: Path) -> dict[str, str]:
    """An environment in which git writes down every command that it starts."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_TRACE_REDACT": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "TMPDIR": str(tmp_path),
    }


def secret_in(tmp_path: Path) -> bool:
    trace = (tmp_path / "trace").read_text()
    assert "remote-http" in trace
    return "t0ken" in trace


def test_here_git_finds_the_password_and_shows_it_to_nobody(served: str, tmp_path: Path) -> None:
    before = set(os.listdir(tmp_path))
    environ = traced(tmp_path)
    found = source.resolve(source.Source("", served, "main"), None, environ, via="remote")
    assert len(found) == 40
    assert not secret_in(tmp_path)
    assert set(os.listdir(tmp_path)) == before | {"trace"}
    with pytest.raises(StentorError, match="has no branch other") as refused:
        source.resolve(source.Source("", served, "other"), None, environ, via="remote")
    assert "t0ken" not in str(refused.value)
    wrong = served.replace("t0ken", "other")
    with pytest.raises(StentorError, match="git ls-remote: ") as refused:
        source.resolve(source.Source("", wrong, "main"), None, environ, via="remote")
    assert "other" not in str(refused.value)


def test_options_are_only_there_where_they_are_needed() -> None:
    with words("ssh://git@host/a") as (address, options):
        assert (address, options) == ("ssh://git@host/a", [])


@every_sh
def test_on_a_node_git_finds_it_likewise(shell: str, served: str, tmp_path: Path) -> None:
    call = 'split_remote "$1"; echo "$remote_plain"; git_there ls-remote "$remote_plain" refs/heads/main'
    said = run(shell, "dotfiles/revision", call, str(tmp_path), environ=traced(tmp_path), remote=served)
    plain, line = said.splitlines()
    assert plain == split(served).plain
    assert line.endswith("refs/heads/main")
    assert not secret_in(tmp_path)
    assert not (tmp_path / "login").exists()


@every_sh
def test_one_repository_is_known_whatever_way_leads_to_it(shell: str) -> None:
    same = (
        ("git@host:me/dots.git", "https://host/me/dots"),
        ("ssh://git@host:2222/me/dots", "host:me/dots/"),
        ("file:///srv/dots.git", "/srv/dots"),
    )
    other = (
        ("git@host:me/dots", "git@host:you/dots"),
        ("https://host/me/dots", "https://other/me/dots"),
        ("/srv/a:b@c", "/srv/a/b@c"),
        ("/srv/dots", "srv/dots"),
    )
    call = (
        'while [ $# -gt 0 ]; do if same_place "$1" "$2"; then echo same; else echo other; fi; shift 2; done'
    )
    said = run(shell, "dotfiles/move", call, *itertools.chain(*same, *other))
    assert said.split() == ["same"] * len(same) + ["other"] * len(other)


def test_clone_without_a_commit_is_named_and_not_gits_head(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main", "empty")
    empty = clone.source._replace(clone=str(tmp_path / "empty"))
    for asked in (
        lambda: push.inspect_clone(empty, clone.environ),
        lambda: source.resolve(empty, None, clone.environ, via="push"),
    ):
        with pytest.raises(UsageError, match="the clone has no commit yet") as caught:
            asked()
        assert caught.value.hint == f"make the first: cd {empty.clone} && git add . && git commit"


def test_commit_without_a_name_is_refused_with_the_two_settings(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    require_identity(str(clone.path), clone.environ)
    nobody = {name: value for name, value in clone.environ.items() if not name.endswith(("_NAME", "_EMAIL"))}
    # What keeps git from making an address of the account's and the machine's names.
    git(clone.path, "config", "user.useConfigOnly", "true")
    with pytest.raises(Refused, match="whose name a commit gets") as caught:
        require_identity(str(clone.path), nobody)
    for line in caught.value.hint.split("; "):
        subprocess.run(["sh", "-c", line.replace("--global", "--local")], cwd=clone.path, check=True)
    require_identity(str(clone.path), nobody)
