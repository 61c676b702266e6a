"""A QR code as a drawing: dark modules on white, with the quiet zone that a scanner needs."""

from dataclasses import dataclass
from itertools import groupby

import segno

QUIET_ZONE = 4  # modules on each side (ISO/IEC 18004)


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """The modules of a code as one path, in units of a module."""

    size: int  # with the quiet zone
    path: str
    text: str


def symbol(text: str) -> Symbol:
    """The QR code of a text, with error correction M."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    rows = list(code.matrix_iter(scale=1, border=QUIET_ZONE))
    path = "".join(_runs(bytes(row), y) for y, row in enumerate(rows))
    return Symbol(size=len(rows), path=path, text=text)


def _runs(row: bytes, y: int) -> str:
    """The dark modules of a row, each run of them as one rectangle."""
    drawn, x = [], 0
    for dark, modules in groupby(row):
        width = len(list(modules))
        if dark:
            drawn.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(drawn)
