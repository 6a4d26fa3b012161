"""Words for shells: :func:`quote` for sh, :func:`quote_any` for a login shell of any kind."""

from __future__ import annotations

from collections.abc import Iterable

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:@%+")
# Safe without quotes in sh; fish and csh give "=" and a leading "%" a meaning.
_PLAIN = _LETTERS | {"="}


def quote(word: str) -> str:
    """Quote a word for POSIX sh, bash and zsh, which is also how tmux reads the lines of its commands."""
    if word and _PLAIN.issuperset(word) and word[0] not in "=%":
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def quoted(words: Iterable[str]) -> str:
    """Return a line of sh with these words."""
    return " ".join(map(quote, words))


def quote_any(word: str) -> str:
    r"""Quote a word without line breaks so that sh, fish and csh all read it as it is.

    They agree on what is between single quotes but for backslashes (fish) and exclamation marks
    (csh), and on a backslash before a single character outside of quotes. So those two and the
    single quote itself are taken out of the quotes: ``it's`` becomes ``'it'\''s'``.
    """
    if word and _LETTERS.issuperset(word) and word[0] != "%":
        return word
    parts: list[str] = []
    plain = ""
    for character in word:
        if character in "'\\!":
            parts += [f"'{plain}'", "\\" + character] if plain else ["\\" + character]
            plain = ""
        else:
            plain += character
    return "".join(parts) + (f"'{plain}'" if plain or not word else "")
