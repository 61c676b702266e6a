"""What of a text surely fits into a place on a page, whatever its letters: the widest guess at each of them counts."""

import itertools

from reliability.reports.visible import visible

# Twentieths of the size of the type.
SYLLABLE, WIDE, CAPITAL, LETTER = 20, 18, 14, 11
BY_NUMBER = 110  # a character that no typeface here may draw prints as [U+1F600]
HALF_WIDTH = 10
_WIDE = frozenset("MWmw@%&")


def width(text: str) -> int:
    """The width of a text in half-widths, rather too large than too small."""
    return sum(map(_width, str(visible(text)))) // HALF_WIDTH


def fitted(text: str, most: int) -> str:
    """A text that takes no more half-widths than these; a longer one ends in three dots."""
    shown = str(visible(text))
    widths = list(itertools.accumulate(map(_width, shown)))
    fitting = sum(taken <= most * HALF_WIDTH for taken in widths)
    return shown if fitting == len(shown) else shown[: max(fitting - 1, 0)].rstrip() + "…"


def _width(letter: str) -> int:
    if letter.isascii():
        return WIDE if letter in _WIDE else CAPITAL if letter.isupper() else LETTER
    try:
        letter.encode("cp949")  # what every Korean typeface draws
    except UnicodeEncodeError:
        return SYLLABLE if letter.isprintable() and ord(letter) < 0x0250 else BY_NUMBER
    return SYLLABLE
