"""A line of a table of names and texts."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """A name and what stands against it; `code` is what is set in the fixed-width face, on a line of its own."""

    name: str
    text: str
    code: str = ""
