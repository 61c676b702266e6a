"""A file that a document carries inside it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """The data that a document's text rests on, as a file inside the PDF."""

    name: str
    description: str
    text: str
    date: str  # ISO 8601, with its zone
