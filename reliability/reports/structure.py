"""Mends the structure that WeasyPrint gives a tagged PDF, and takes out what says nothing."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import pydyf  # type: ignore[import-untyped]  # it ships no types

Element: TypeAlias = "dict[str, Any]"  # a structure element: S its kind, K what is in it, P what it is in

# What may hold text itself, so that a box around a piece of its text need not be told.
_HOLD_TEXT = frozenset(
    f"/{kind}" for kind in ("P", "H1", "H2", "H3", "H4", "H5", "H6", "TD", "TH", "LBody", "Lbl", "Caption", "Link")
)
_SAY_NOTHING = frozenset({"/Span", "/NonStruct"})
_NEVER_AGAIN = 65_535  # generation of a number that is not given to another object
_PLAIN = frozenset({"Type", "S", "K", "Pg", "P"})


def mend(pdf: pydyf.PDF) -> None:
    """Mend and thin the structure of a PDF."""
    elements = [one for one in pdf.objects if isinstance(one, pydyf.Dictionary) and one.get("Type") == "/StructElem"]
    for element in elements:
        if element.get("S") == "/L":
            _mend_list(element, pdf)
        elif any(kid.get("Type") == "/OBJR" for kid in _kids(element, pdf)):
            # A box inside a link is a link of its own to WeasyPrint, by another name.
            element["S"] = "/Link" if element["S"] in _SAY_NOTHING else element["S"]
    moved: dict[bytes, bytes] = {}
    for element in elements:
        if element.get("S") in _HOLD_TEXT:
            element["K"] = pydyf.Array(_thinned(element, element.reference, pdf, moved))
    _tell_where_text_went(pdf, moved)


def _mend_list(element: Element, pdf: pydyf.PDF) -> None:
    """HTML lets a list of terms keep each pair in a <div>; in PDF that is the list's item, with label and body."""
    for pair in _kids(element, pdf):
        if pair["S"] != "/Div":
            continue
        items = _kids(pair, pdf)
        bodies = [body for item in items for body in _kids(item, pdf)]
        for item in items:
            _discard(item)
        pair["S"] = "/LI"
        pair["K"] = pydyf.Array(body.reference for body in bodies)
        for position, body in enumerate(bodies):
            body["S"] = "/Lbl" if position == 0 and len(bodies) > 1 else "/LBody"
            body["P"] = pair.reference


def _thinned(element: Element, holder: bytes, pdf: pydyf.PDF, moved: dict[bytes, bytes]) -> Iterator[Any]:
    """What is in an element, without the boxes in between that say nothing."""
    for kid in element["K"]:
        inner = _object(pdf, kid) if isinstance(kid, bytes) else None
        if inner is None or inner.get("S") not in _SAY_NOTHING or not _PLAIN.issuperset(inner):
            if inner is not None and "P" in inner:
                inner["P"] = holder
            yield kid
            continue
        yield from list(_thinned(inner, holder, pdf, moved))
        moved[kid] = holder
        _discard(inner)


def _tell_where_text_went(pdf: pydyf.PDF, moved: dict[bytes, bytes]) -> None:
    """The table that leads from a piece of text on a page back to its element."""
    table = _object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
    for entry in table:
        if isinstance(entry, list):
            entry[:] = [moved.get(reference, reference) for reference in entry]


def _discard(element: Any) -> None:
    """Leave an object out of the file: its number becomes a free one, as the table of objects tells these."""
    element.clear()
    element.number, element.generation, element.free = 0, _NEVER_AGAIN, "f"


def _kids(element: Element, pdf: pydyf.PDF) -> list[Any]:
    return [_object(pdf, kid) for kid in element.get("K", ()) if isinstance(kid, bytes)]


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
