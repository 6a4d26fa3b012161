"""Which names fall into the same blocks of ssh_config."""

from __future__ import annotations

import pytest

from stentor.ssh.blocks import Blocks, read_blocks


def blocks(text: str, **files: str) -> Blocks:
    texts = {"/home/.ssh/config": text, **{f"/home/.ssh/{name}": inner for name, inner in files.items()}}

    def read(path: str) -> str:
        if path not in texts:
            raise FileNotFoundError(path)
        return texts[path]

    paths = [("/home/.ssh/config", "/home/.ssh"), ("/etc/ssh/ssh_config", "/etc/ssh")]
    return read_blocks(paths, read, lambda pattern: [path for path in texts if path == pattern], "/home")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Host *\n User me\n",
        "Host other *.lan\n",
        "Host !a * # c\nHost=b\n",
        "Match all\n User me\n",
        "Host A 1?.0.0.2\n",
    ],
)
def test_names_that_no_line_tells_apart_are_alike(text: str) -> None:
    assert blocks(text).alike("n", "10.0.0.1")


@pytest.mark.parametrize(
    "text",
    [
        "Host n\n",
        "host = n\n",
        'Host "n"\n',
        "Host 10.0.*\n",
        "Host * !n\n",
        "Match originalhost n\n",
        "Match host 10.0.0.1,x\n",
        "Match exec true\n",
        "Match host * user me\n",
        "Match final\n",
        "HostName %h.lan\n",
        "CanonicalizeHostname yes\n",
        "Include more\n",
        "Include ~/.ssh/more\n",
        "Include /x/%d\n",
    ],
)
def test_names_that_a_line_may_tell_apart_are_not(text: str) -> None:
    assert not blocks(text, more="Host n\n").alike("n", "10.0.0.1")


def test_files_that_include_each_other_end() -> None:
    assert not blocks("Include config\n").alike("n", "10.0.0.1")
