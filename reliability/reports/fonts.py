"""The two typefaces of a printed document: the Korean one, by what is installed here, and one that helps it out."""

import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import escape

from reliability.errors import EnvironmentLacksError

Ask: TypeAlias = Callable[[Sequence[str]], "str | None"]

# The best looking first. NanumSquare is none of them: it says that it has Hanja, and draws blanks.
FAMILIES = ("Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "NanumBarunGothic", "NanumGothic")
FALLBACK = "DejaVu Sans"
APT_LINE = "apt-get install -y --no-install-recommends fontconfig fonts-nanum fonts-dejavu-core"
REGULAR, BOLD = 80, 200  # as fontconfig counts
WIDEST_APART = 25  # of a weight from the one asked for
MOST_NAMED = 40
TIMEOUT_S = 10
_FORMAT = "%{file}\t%{family}\t%{weight}\t%{variable}\t%{fontversion}\t%{charset}\n"
_CACHES = (Path("/var/cache/fontconfig"), Path("~/.cache/fontconfig"))
# Spaces, and what is never drawn, so no typeface has to hold it: joiners, marks of direction, selectors, tags.
_UNSEEN = frozenset(
    number
    for first, last in (
        *((0x09, 0x0A), (0x20, 0x20), (0xA0, 0xA0), (0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C), (0x180B, 0x180E)),
        *((0x2000, 0x200F), (0x202A, 0x202F), (0x205F, 0x206F), (0x3000, 0x3000), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
        *((0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
    )
    for number in range(first, last + 1)
)
_ANNOTATIONS = frozenset({0xFFF9, 0xFFFA, 0xFFFB})  # fonts claim them, and draw the sign for a missing character


@dataclass(frozen=True, kw_only=True)
class Face:
    """A typeface as installed: its files, its version, and the characters that both of its weights draw."""

    family: str
    version: str
    regular: Path
    bold: Path
    characters: frozenset[int]

    @property
    def named(self) -> str:
        """Its name and version."""
        return f"{self.family} {self.version}"


@dataclass(frozen=True, kw_only=True)
class Typefaces:
    """All that a document is set in; nothing else is embedded."""

    chosen: Face
    fallback: Face | None

    @property
    def faces(self) -> tuple[Face, ...]:
        """The one or the two of them."""
        return (self.chosen,) if self.fallback is None else (self.chosen, self.fallback)

    @property
    def named(self) -> str:
        """Their names and versions."""
        return ", ".join(face.named for face in self.faces)

    def undrawn(self, text: str) -> tuple[str, ...]:
        """The characters of a text that neither typeface draws, in the order of their numbers."""
        drawn = frozenset[int]().union(*(face.characters for face in self.faces))
        return tuple(sorted(letter for letter in set(text) if not _is_drawn(letter, drawn)))

    def configuration(self) -> str:
        """A fontconfig file that knows these typefaces only: no other font of this machine can get into a document."""
        files = [file for face in self.faces for file in (face.regular, face.bold)]
        folders = dict.fromkeys(file.parent for file in files)
        lines = (
            *_elements("dir", folders),
            *_elements("cachedir", (folder.expanduser() for folder in _CACHES)),
            "<selectfont><rejectfont><glob>*</glob></rejectfont><acceptfont>",
            *_elements("glob", files),
            "</acceptfont></selectfont>",
            # Whatever family a style asks for: first the chosen face, then the fallback.
            '<match target="pattern"><edit name="family" mode="append_last" binding="strong">',
            *_elements("string", (face.family for face in self.faces)),
            "</edit></match>",
        )
        return '<?xml version="1.0"?>\n<fontconfig>\n' + "\n".join(lines) + "\n</fontconfig>\n"


def _elements(name: str, texts: Iterable[object]) -> Iterator[str]:
    return (f"<{name}>{escape(str(text))}</{name}>" for text in texts)


def _is_drawn(letter: str, drawn: frozenset[int]) -> bool:
    number = ord(letter)
    # What a private character means is between its font and its author; no standard lets one stand as text.
    meaningless = unicodedata.category(letter) == "Co" or number in _ANNOTATIONS
    return number in _UNSEEN or (number in drawn and not meaningless)


def by_number(text: str, undrawn: Iterable[str]) -> str:
    """The text with each of these characters as its number: [U+1F600]."""
    return text.translate({ord(letter): f"[U+{ord(letter):04X}]" for letter in undrawn})


def listed(undrawn: Sequence[str]) -> str:
    """Characters by number and name; of very many the first ones."""
    named = (f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip() for letter in undrawn[:MOST_NAMED])
    return ", ".join(named) + (f" … (+{len(undrawn) - MOST_NAMED})" if len(undrawn) > MOST_NAMED else "")


@cache
def typefaces() -> tuple[Typefaces, ...]:
    """What this machine offers to set a document in, the best first; looked for once.

    Raises
    ------
    EnvironmentLacksError
        If no font here holds Hangul.
    """
    return find_typefaces(told_by)


def find_typefaces(ask: Ask) -> tuple[Typefaces, ...]:
    """The families that are installed, else any that hold Hangul; beside each the fallback."""
    chosen = tuple(_found(FAMILIES, ask)) or tuple(_found(_korean_families(ask), ask))
    if not chosen:
        raise EnvironmentLacksError("korean_font_missing", "no font here holds Hangul; {line}", line=APT_LINE)
    fallback = next(_found((FALLBACK,), ask), None)
    return tuple(Typefaces(chosen=face, fallback=fallback) for face in chosen)


def fittest(offered: Sequence[Typefaces], text: str) -> Typefaces:
    """The typefaces that leave the fewest characters of a text undrawn: the best looking ones lack Hanja."""
    return min(offered, key=lambda one: len(one.undrawn(text)))


def told_by(command: Sequence[str]) -> str | None:
    """What a command printed; None if it is not there, failed or did not end."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603  (our own words, no shell)
            [program, *command[1:]], capture_output=True, encoding="utf-8", errors="replace", timeout=TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _korean_families(ask: Ask) -> list[str]:
    told = ask(("fc-list", ":lang=ko:slant=0:width=100", "--format", "%{family}\n")) or ""
    return sorted({line.split(",")[0] for line in told.splitlines() if line})


def _found(families: Iterable[str], ask: Ask) -> Iterator[Face]:
    for family in families:
        told = ask(("fc-list", f"{family}:slant=0:width=100", "--format", _FORMAT)) or ""
        # A variable font is made static for each document anew, which takes seconds.
        cuts = [line.split("\t") for line in sorted(told.splitlines()) if line.count("\t") == _FORMAT.count("\t")]
        regular, bold = (_nearest(weight, cuts) for weight in (REGULAR, BOLD))
        if regular and bold:
            drawn = _characters(regular[-1]) & _characters(bold[-1])
            files = {"regular": Path(regular[0]), "bold": Path(bold[0])}
            yield Face(family=family, version=_version(regular[4]), characters=drawn, **files)


def _version(fixed: str) -> str:
    """A version as fontconfig counts it, in 65536ths."""
    whole, _, rest = f"{int(fixed) / 65536:.3f}".partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}"


def _nearest(weight: int, cuts: Sequence[Sequence[str]]) -> Sequence[str] | None:
    near = [cut for cut in cuts if cut[3] == "False" and abs(float(cut[2]) - weight) <= WIDEST_APART]
    return min(near, key=lambda cut: abs(float(cut[2]) - weight), default=None)


def _characters(ranges: str) -> frozenset[int]:
    """The characters of fontconfig's list of ranges: "20-7e a0 ac00-d7a3"."""
    ends = (part.partition("-") for part in ranges.split())
    return frozenset(number for first, _, last in ends for number in range(int(first, 16), int(last or first, 16) + 1))
