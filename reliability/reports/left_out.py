"""What a document's pages left out, in sentences that say how much it is and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AnnexLine:
    """A file that a document carries: its name, what it holds, and the file itself where the page can offer it."""

    name: str
    text: str
    link: str = ""
    where: str = ""  # that the page cannot offer it


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Each a sentence; empty where nothing was left out."""

    results: str = ""
    shown_only: str = ""
    items: str = ""
    plan: str = ""
    risks: str = ""
    inputs: str = ""
    not_tested: str = ""
    texts: str = ""
    files: tuple[AnnexLine, ...] = ()
