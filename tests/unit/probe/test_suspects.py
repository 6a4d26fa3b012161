"""Which line of a start-up file ends a shell, judged by reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.probe.suspects import in_order, sourced, suspects

HOME = "/home/me"


def first(text: str, family: str = "bash", code: int | None = 9) -> tuple[int, str] | None:
    name = {"bash": ".bashrc", "zsh": ".zshenv", "fish": ".config/fish/config.fish"}[family]
    found = suspects({f"{HOME}/{name}": text}, family, HOME, code=code)
    return (found[0].place.line, found[0].text) if found else None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("PATH=x\nexit 9\n", 9, 2),
        ("exit 3\nexit 9\n", 9, 2),  # the one with its exit code
        ("exec >log\nexec /no/such\n", 127, 2),  # the first is a redirection
        ("set -u\nset -e\nfalse\n", 1, 2),
        ("if [ -f x ]; then\n  exit 9\nfi\nexit 1\n", 1, 4),  # what stands free is likelier
        ("# exit 9\n", 9, None),
        ("case $- in\n*i*) ;;\n*) return ;;\nesac\nexit 9\n", 9, None),  # no command comes so far
        ('[ -z "$PS1" ] && return\nexit 9\n', 9, None),
        ("f() {\n exit 1\n}\n[ -d /x ] || exit 1\n", 1, 4),
        ("while :; do\n:\ndone\n", None, 1),
        ("x=$(cat)\nsleep 5\n", None, 1),
        ("echo sleep\nsleep 5\n", None, 2),
    ],
)
def test_the_likeliest_line(text: str, code: int | None, line: int | None) -> None:
    found = first(text, code=code)
    assert (found[0] if found else None) == line


def test_zsh_and_fish() -> None:
    assert first("[[ -o login ]] || exec bash\n", "zsh", 127) == (1, "[[ -o login ]] || exec bash")
    assert first("status is-interactive; and exit\nexec false", "fish", 1) == (2, "exec false")


def test_files_in_the_order_in_which_they_are_read() -> None:
    files = {
        f"{HOME}/.bashrc": '. "$HOME/.cargo/env"\n[ -f ~/.aliases ] && source ~/.aliases\n. $X/y\n',
        f"{HOME}/.aliases": "exit 9\n",
        f"{HOME}/.cargo/env": "",
        f"{HOME}/.zshenv": "",
        "/etc/bash.bashrc": "",
    }
    order = in_order(files, "bash", HOME)
    assert order == ["/etc/bash.bashrc", f"{HOME}/.bashrc", f"{HOME}/.cargo/env", f"{HOME}/.aliases"]
    assert sourced(files[f"{HOME}/.bashrc"], HOME) == [f"{HOME}/.cargo/env", f"{HOME}/.aliases"]
    (found,) = suspects(files, "bash", HOME, code=9)
    assert (found.place.file, found.place.line) == (f"{HOME}/.aliases", 1)
    assert f"{HOME}/.zshenv" in in_order(files, "unheard-of", HOME)
    fish = {f"{HOME}/.config/fish/config.fish": "", f"{HOME}/.config/fish/conf.d/a.fish": ""}
    assert set(in_order(fish, "fish", HOME)) == set(fish)


@given(
    st.text(max_size=200), st.sampled_from(["bash", "zsh", "fish", "sh", ""]), st.sampled_from([None, 0, 9])
)
def test_whatever_stands_in_a_file(text: str, family: str, code: int | None) -> None:
    files = {f"{HOME}/.bashrc": text, f"{HOME}/.zshenv": f". ~/.bashrc\n{text}"}
    suspects(files, family, HOME, code=code)
