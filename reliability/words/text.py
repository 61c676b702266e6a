"""The words of documents and of the terminal, by key, in Korean and English."""

import gettext
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Language: TypeAlias = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one language."""

    lang: Language
    catalogue: gettext.GNUTranslations

    def __contains__(self, key: str) -> bool:
        return self.catalogue.gettext(key) != key

    def text(self, key: str, /, **values: object) -> str:
        """The words of a key, with its values filled in; an unknown key is a programming mistake."""
        words = self.catalogue.gettext(key)
        if words == key:
            raise KeyError(f"no {self.lang} words for {key!r}")
        return words.format(**values) if values else words

    def first(self, *keys: str, **values: object) -> str:
        """The words of the first of the keys that there is; empty if there is none."""
        found = next((key for key in keys if key in self), None)
        return self.text(found, **values) if found else ""


@lru_cache(maxsize=len(LANGUAGES))
def words(lang: str) -> Words:
    """The words of a language ("ko" or "en")."""
    if lang not in LANGUAGES:
        raise ValueError(f"no words in {lang!r}; there are: {', '.join(LANGUAGES)}")
    return Words(lang=lang, catalogue=gettext.GNUTranslations(io.BytesIO(_catalogue(_FOLDER, lang))))


def _catalogue(folder: Path, lang: str) -> bytes:
    compiled, source = folder / f"{lang}.mo", folder / f"{lang}.po"
    if compiled.is_file() and (not source.is_file() or compiled.stat().st_mtime >= source.stat().st_mtime):
        return compiled.read_bytes()
    return compile_words(source)


def compile_words(source: Path) -> bytes:
    """A .po file as the bytes of a .mo file."""
    # Imported here: an installed package carries the compiled words and never needs Babel for them.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as lines:
        entries = read_po(lines, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, entries)
    return compiled.getvalue()
