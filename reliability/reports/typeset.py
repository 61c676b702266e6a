"""Korean typography for print: lines break between words, never inside them."""

import re

WORD_JOINER = "\N{WORD JOINER}"

# WeasyPrint has no `word-break: keep-all`; joiners between the syllables of a word do the same.
_INSIDE_WORD = re.compile(r"(?<=[가-힣])(?=[가-힣(,.)%·’”])|(?<=[0-9A-Za-z%)’”])(?=[가-힣])")
_MARKUP = re.compile(
    r"(<(?:svg|style|title|pre|code)\b.*?</(?:svg|style|title|pre|code)>|<[^>]*>|&[#0-9A-Za-z]+;)", re.DOTALL
)


def keep_words_whole(html: str) -> str:
    """The page with a word joiner inside every Korean word of its text; tags, drawings and code stay as they are."""
    pieces = _MARKUP.split(html)
    pieces[::2] = [_INSIDE_WORD.sub(WORD_JOINER, text) for text in pieces[::2]]
    return "".join(pieces)
