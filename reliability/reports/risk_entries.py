"""What people wrote into a risk register, by item; their own risks beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What people decided about one risk."""

    treatment: str = ""
    owner: str = ""
    effort: str = ""
    due: str = ""
    residual: str = ""
    note: str = ""


NOBODY = Entry()


@dataclass(frozen=True, kw_only=True)
class OwnRisk:
    """A risk that people added, of no item of the checklist; its classes as codes."""

    item: str
    title: str
    hazard: str
    severity: str
    likelihood: str
    entry: Entry


@dataclass(frozen=True, kw_only=True)
class Entries:
    """Everything that people wrote into a register, and the digest of its file."""

    by_item: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    own: tuple[OwnRisk, ...] = ()
    name: str = ""
    sha256: str = ""

    def of(self, item: str) -> Entry:
        """What was written about an item."""
        return self.by_item.get(item, NOBODY)
