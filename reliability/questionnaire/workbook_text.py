"""Text as a cell of a workbook holds it, and back: every character that XML can hold survives."""

import re

from reliability.questionnaire.workbook_archive import cell_text
from reliability.submission.answers import LONGEST_TEXT

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a spreadsheet reads as the number of a character: text that only looks so has its underscore written as one.
# A carriage return behind it counts: its own number opens with an underscore.
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}[_\r])")


_ESCAPED_ALREADY_OR_NOT = re.compile("(_x005F_x[0-9A-Fa-f]{4}_)|(_x[0-9A-Fa-f]{4}_)")
_MOST_SAVINGS = 4


def length(text: str) -> int:
    """How long a spreadsheet takes the text to be: it counts in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def fitting(text: str) -> str:
    """A text that stands in a cell to be read only: what XML cannot hold is shown as missing, what is long is cut."""
    shown = _NOT_IN_XML.sub("�", text)
    return shown if length(shown) <= LONGEST_TEXT else f"{shown[: LONGEST_TEXT // 2]}…"


def written(text: str) -> str:
    """The text as it stands in the XML of a cell; `cell_text` is the inverse.

    Notes
    -----
    A carriage return is written by its number: an XML parser would hand it over as a line feed.
    """
    return _LIKE_AN_ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


def saved_forms(text: str) -> frozenset[str]:
    """What may be left of a text after programs have saved it a few times; of most texts, the text alone.

    Notes
    -----
    Seen in LibreOffice 7.4: it makes one line feed of a carriage return and a line feed beside each other, later of
    a carriage return alone too; leaves tabs out by way of .ods; takes `_x005F_x000D_` as text for escaped already,
    and the second of two overlapping escapes for none. openpyxl, by which scripts edit what others have saved,
    leaves `x005F_` out. A text that may lose something so is kept whole beside the cells (`row_mark`).
    """
    forms = latest = frozenset({text})
    for _ in range(_MOST_SAVINGS):
        latest = frozenset(saved(form) for form in latest for saved in _SAVED) - forms
        forms |= latest
    return forms


def _without_pairs(text: str) -> str:
    return re.sub("\r\n|\n\r", "\n", text)


def _without_returns(text: str) -> str:
    return re.sub("\r\n|\n\r|\r", "\n", text)


def _without_tabs(text: str) -> str:
    return text.replace("\t", "")


def _escaped_otherwise(text: str) -> str:
    return cell_text(_by_libreoffice(text))


def _unescaped_by_openpyxl(text: str) -> str:
    return cell_text(_by_libreoffice(text).replace("x005F_", ""))


def _by_libreoffice(text: str) -> str:
    return _ESCAPED_ALREADY_OR_NOT.sub(lambda met: met[1] or f"_x005F{met[2]}", text)


_SAVED = (_without_pairs, _without_returns, _without_tabs, _escaped_otherwise, _unescaped_by_openpyxl)
