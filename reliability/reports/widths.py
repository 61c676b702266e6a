"""How wide a text prints, in half-widths, and what of it fits."""

import itertools
import unicodedata


def half_widths(text: str) -> int:
    """The width of a text: a Korean syllable takes two, a Latin letter one, a combining mark none."""
    return sum(map(_width, text))


def shortened(text: str, most: int) -> str:
    """A text that takes no more half-widths than these; a longer one ends in three dots."""
    widths = list(itertools.accumulate(map(_width, text)))
    fitting = sum(width <= most for width in widths)
    return text if fitting == len(text) else text[: max(fitting - 1, 0)].rstrip() + "…"


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
