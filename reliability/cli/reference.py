"""References in words: a clause with its title, the work it stands in, and how it is known."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.cells import cell_len, set_cell_size

from reliability.checklist.references import references
from reliability.reports.citations import UNCONFIRMED, marked
from reliability.words.text import Words


def cited(keys: Iterable[str], said: Words) -> list[str]:
    """A line each: the key, and the title where the key is in the list; unconfirmed ones marked and said so."""
    entries = references().entries
    keys = list(keys)
    widest = max(cell_len(marked(key)) for key in keys)
    lines = [
        f"{set_cell_size(marked(key), widest)}  {entries[key].title[said.lang]}" if key in entries else key
        for key in keys
    ]
    if any(references().unconfirmed(key) for key in keys):
        lines.append(f"{UNCONFIRMED} {said.text('references.unconfirmed')}")
    return lines


def reference_text(what: str, content: Mapping[str, Any], said: Words) -> str | None:
    """A clause in words, with the items of a checklist that cite it; None if there is no such key."""
    one = {key.casefold(): entry for key, entry in references().entries.items()}.get(what.strip().casefold())
    if one is None:
        return None
    items = [item for section in content["sections"] for item in section["items"]]
    citing = [item["id"] for item in items if one.id in item.get("references", ())]
    lines = [
        f"{one.id}: {one.title[said.lang]}",
        f"{one.work[said.lang]}, {one.edition[said.lang]}, {one.issuer[said.lang]}",
        said.text(f"references.basis.{one.basis}", date=one.checked),
        said.text("references.own_words"),
    ]
    if citing:
        lines.append(f"{said.text('references.cited_by')}: {', '.join(citing)}")
    return "\n".join(lines)
