"""Names as they are compared: whoever writes the same name in another way still means the same."""

import re
import unicodedata

# What kind of company it is; written before the name, behind it, or left out.
_LEGAL_FORM = re.compile(r"\((?:주|유|사|재)\)|(?:주식|유한)\s*회사|(?:사단|재단)\s*법인|\bco\.?,? ?ltd\b|\binc\b")


def compared(name: str) -> str:
    """A name without hyphens, spaces, capitals, and in one form of its letters (Hangul has two)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def compared_organisation(name: str) -> str:
    """The same for an organisation, whose legal form does not make it another."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = _LEGAL_FORM.sub(" ", folded)
    return compared(bare if bare.strip() else folded)
