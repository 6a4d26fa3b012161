"""What the user may have meant."""

from __future__ import annotations

from collections.abc import Collection

# Beyond these a comparison would cost more than a hint is worth.
LONGEST = 80
MOST = 3000


def closest(word: str, known: Collection[str]) -> str | None:
    """Return the known word nearest to ``word``, or None when none is near. Letter case is no distance.

    Of several that are near, one with the same letters in another order is what was meant.
    """
    from difflib import get_close_matches

    if len(word) > LONGEST or len(known) > MOST:
        return None
    spelled = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(word.lower(), spelled, n=5, cutoff=0.6)
    swapped = [name for name in close if sorted(name) == sorted(word.lower())]
    return spelled[(swapped or close)[0]] if close else None


def did_you_mean(word: str, known: Collection[str], *, otherwise: str = "", prefix: str = "") -> str:
    """Return a hint that names the nearest known word, else ``otherwise``.

    Args:
        otherwise: the hint when nothing is near.
        prefix: put before the word that is named, such as ``@``.
    """
    close = closest(word, known)
    return f"did you mean '{prefix}{close}'?" if close else otherwise
