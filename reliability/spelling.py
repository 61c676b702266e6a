"""What spelling adds to a text: two spellings of one thing are equal without it."""

import re
import unicodedata
from collections.abc import Iterable

_EDGES = " .,:;'\"`"
_JOINTS = re.compile(r"(?<=[^\W\d_])[\s\-_‐-―]+(?=[^\W_])|(?<=\d)[\s\-_‐-―]+(?=[^\W\d_])")


def folded(text: str) -> str:
    """Text without what spelling adds to it: case, width, spaces at its ends and repeated ones.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        NFKC, case folded, spaces single.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def as_group(level: str) -> str:
    """A group's name without what spelling adds to it, so that two spellings of one group are equal.

    Parameters
    ----------
    level : str
        The group as the file spells it.

    Returns
    -------
    str
        Folded, without points, commas, colons and quotation marks at its ends, and without what joins two letters, or a
        letter and a digit: spaces, hyphens, underscores. Between digits they stay (1-3 is not 13), as at the ends
        (BBB- is not BBB).
    """
    plain = folded(level).strip(_EDGES)
    return _JOINTS.sub("", plain) or level


def spelt_alike(levels: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups that are one but for their spelling.

    Parameters
    ----------
    levels : iterable of str
        Every group as the file spells it.

    Returns
    -------
    list of tuple of str
        The spellings of each group that has several, ascending.
    """
    found: dict[str, set[str]] = {}
    for level in levels:
        found.setdefault(as_group(level), set()).add(level)
    return sorted(tuple(sorted(one)) for one in found.values() if len(one) > 1)
