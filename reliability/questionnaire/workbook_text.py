"""Text as a cell of a workbook holds it, and back: every character that XML can hold survives."""

import re

from openpyxl.utils.escape import unescape

from reliability.submission.answers import LONGEST_TEXT

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a spreadsheet reads as the number of a character: text that only looks so has its underscore written as one.
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


# Of `_x005F_x000D_` as text, LibreOffice writes what stands for `_x000D_`.
_ESCAPED_AGAIN = re.compile("_(x005F_)+(?=x[0-9A-Fa-f]{4}_)", re.IGNORECASE)
_LINE_END = re.compile("\r\n?")


def length(text: str) -> int:
    """How long a spreadsheet takes the text to be: it counts in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def fitting(text: str) -> str:
    """A text that stands in a cell to be read only: what XML cannot hold is shown as missing, what is long is cut."""
    shown = _NOT_IN_XML.sub("�", text)
    return shown if length(shown) <= LONGEST_TEXT else f"{shown[: LONGEST_TEXT // 2]}…"


def written(text: str) -> str:
    """The text as it stands in the XML of a cell.

    Notes
    -----
    A carriage return is written by its number: an XML parser would hand it over as a line feed.
    """
    return _LIKE_AN_ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


def read(text: str) -> str:
    """The text that the XML of a cell stands for; the inverse of `written`."""
    return str(unescape(text))


def bare(text: str) -> str:
    """What is left of a text in every program that may have saved it: texts that come down to the same are one.

    Notes
    -----
    LibreOffice makes line feeds of carriage returns, and by way of .ods leaves tabs out. So texts are known again
    by what is left, and one that would lose something is kept beside the cells (`row_mark`).
    """
    return _ESCAPED_AGAIN.sub("_", _LINE_END.sub("\n", text.replace("\t", "")))
