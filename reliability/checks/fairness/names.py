"""What the name of a column speaks of: compared by its parts, in Korean and in English."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from reliability.errors import ChecklistError

Words: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]

_HANGUL = re.compile(r"[가-힣]")
_PART = re.compile(r"[가-힣]+|[^\W\d_가-힣]+")


def names_that_say(
    words: Sequence[str], names: Iterable[str], *, apart_from: Sequence[str] = (), check: str
) -> list[str]:
    """Names that speak of any of the words and of none of those apart, in order.

    Parameters
    ----------
    words : sequence of str
        What is looked for; spaces join parts.
    names : iterable of str
        Names of columns.
    apart_from : sequence of str, default ()
        What a name may say and mean something else.
    check : str
        The check that asks, for its refusal.

    Returns
    -------
    list of str
        The names found, sorted.

    Raises
    ------
    ChecklistError
        If there is no word, or one without a letter.
    """
    sought = _spelt(words, option="words", check=check)
    spared = _spelt(apart_from, option="apart_from", check=check) if apart_from else []
    return sorted(name for name in names if _says_any(name, sought) and not _says_any(name, spared))


def _spelt(words: Sequence[str], *, option: str, check: str) -> list[str]:
    spelt = ["".join(_parts(word)) for word in words]
    if not spelt or not all(spelt):
        raise ChecklistError(
            "words_empty",
            "option {option!r} of {check} has no word, or one without a letter; list the words to look for",
            option=option, check=check,
        )  # fmt: skip
    return spelt


def _parts(name: str) -> list[str]:
    """The parts of a name in small letters: Hangul and other letters apart, digits and separators left out."""
    plain = unicodedata.normalize("NFKC", name)
    plain = re.sub(r"(?<=[^\W_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return _PART.findall(plain.casefold())


def _says_any(name: str, words: Sequence[str]) -> bool:
    """Whether a name speaks of what any of the words, its parts joined, means."""
    parts = _parts(name)
    whole = "".join(parts)
    runs = {"".join(parts[first : last + 1]) for first in range(len(parts)) for last in range(first, len(parts))}
    return any(_in_hangul(word, parts, whole) if _HANGUL.search(word) else {word, f"{word}s"} & runs for word in words)


def _in_hangul(word: str, parts: Sequence[str], whole: str) -> bool:
    return word in parts if len(word) == 1 else word in whole
