"""Korean typography for print: lines break between words, never inside them."""

import re

WORD_JOINER = "\N{WORD JOINER}"
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
LONGEST_WHOLE = 30  # syllables and marks of a word that is kept whole; a longer one fits no line

# WeasyPrint has no `word-break: keep-all`; joiners between the syllables of a word do the same.
_INSIDE_WORD = re.compile(r"(?<=[가-힣])(?=[가-힣(,.)%·’”])|(?<=[0-9A-Za-z%)’”])(?=[가-힣])")
_WORD = re.compile(r"\S{2,}")
_MARKUP = re.compile(
    r"(<(?:svg|style|title|pre|code)\b.*?</(?:svg|style|title|pre|code)>|<[^>]*>|&[#0-9A-Za-z]+;)", re.DOTALL
)


def keep_words_whole(html: str) -> str:
    """The page with a word joiner inside every Korean word of its text; tags, drawings and code stay as they are."""
    # One soft hyphen has WeasyPrint try every hyphen of the text, from its end, for each line: minutes for a page.
    pieces = _MARKUP.split(html.replace(SOFT_HYPHEN, ""))
    pieces[::2] = [_WORD.sub(_joined, text) for text in pieces[::2]]
    return "".join(pieces)


def without_joiners(text: str) -> str:
    """The text as a reader or a program should get it."""
    return text.replace(WORD_JOINER, "")


def _joined(word: re.Match[str]) -> str:
    found = word.group()
    return found if len(found) > LONGEST_WHOLE else _INSIDE_WORD.sub(WORD_JOINER, found)
