"""Levels of an attribute as documents name them: bands of a quantity in words, bare numbers with their attribute."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from reliability.blocks import Label
from reliability.words.text import Words

_BAND = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def are_bands(levels: Iterable[Label | None]) -> bool:
    """Whether levels are bands from a number to under the next.

    Only bands that follow on one another are: of "10-19" and "20-29" the ends belong to them.
    """
    found = [_BAND.fullmatch(str(level)) for level in levels if level is not None]
    if len(found) < 2 or None in found:
        return False
    bands = sorted((float(one[1]), float(one[2] or "inf")) for one in found if one)
    return all(low < high for low, high in bands) and all(band[1] == after[0] for band, after in pairwise(bands))


def level_text(level: Label | None, words: Words, *, band: bool) -> str:
    """The name of one level."""
    if level is None:
        return words.text("report.unknown_group")
    matched = _BAND.fullmatch(str(level)) if band else None
    if matched is None:
        return str(level)
    low, high = matched.groups()
    return words.text("report.band", low=low, high=high) if high else words.text("report.band_open", low=low)


def named(attributes: Sequence[str], levels: Sequence[Label | None], texts: Sequence[str]) -> str:
    """Levels as one name; one that is a bare number or truth value says of which attribute."""
    return " × ".join(
        f"{attribute} = {text}" if isinstance(level, bool) or _NUMBER.fullmatch(str(level)) else text
        for attribute, level, text in zip(attributes, levels, texts, strict=True)
    )
