"""Which groups' figures no document prints: one set for every table, scale and sentence of an attribute."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reliability.blocks import Label
from reliability.records import Json, Measurement
from reliability.reports import figures
from reliability.reports.levels import are_bands

Group: TypeAlias = frozenset[tuple[str, Label | None]]
Sizes: TypeAlias = dict[Group, int]


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """Groups whose figures are not printed, by their attributes, and what they are known from."""

    groups: Mapping[frozenset[str], frozenset[Group]] = field(default_factory=dict)
    people: Mapping[frozenset[str], Mapping[Group, int]] = field(default_factory=dict)
    bands: frozenset[str] = frozenset()  # attributes whose levels are bands of a quantity

    @classmethod
    def of(cls, measurements: Iterable[Measurement]) -> "Withheld":
        """The groups to withhold, from every group that some measurements name."""
        people: dict[frozenset[str], Sizes] = {}
        for found in measurements:
            for group, n in _named(found):
                sizes = people.setdefault(frozenset(name for name, _ in group), {})
                # A rate among actual positives counts some of the people only: the largest n is nearest to all of them.
                sizes[group] = max(sizes.get(group, 1), n)
        hidden = {by: _hidden(by, sizes) for by, sizes in people.items()}
        return cls(groups=hidden, people=people, bands=_bands(people))

    def hides(self, group: Mapping[str, Json]) -> bool:
        """Whether no figure of this group may be printed."""
        key = group_key(group)
        return key in self.groups.get(frozenset(group), frozenset())

    def hides_n(self, found: Measurement) -> bool:
        """Whether the rows of a comparison would tell, against all rows, how small the groups left out are."""
        left = [group["slice"] for group in found.details.get("groups") or () if not group.get("judged", True)]
        people = self.people.get(frozenset(found.by), {})
        return 0 < sum(people.get(group_key(group), 1) for group in left) < figures.FEWEST_SHOWN

    def hides_value(self, found: Measurement) -> bool:
        """Whether the value is itself the size of a group that is withheld."""
        return found.check == "data_quality.smallest_group_size" and any(
            self.hides(group["slice"])
            for group in found.details.get("groups") or ()
            if group.get("value") == found.value
        )


def suppressed(sizes: Sequence[int]) -> frozenset[int]:
    """Positions whose figures are not printed: groups under five, and the next smallest if that is just one.

    A single suppressed group could be worked out from the total.
    """
    small = {position for position, n in enumerate(sizes) if 0 < n < figures.FEWEST_SHOWN}
    others = [position for position, n in enumerate(sizes) if n >= figures.FEWEST_SHOWN]
    if len(small) == 1 and others:
        small.add(min(others, key=lambda position: (sizes[position], position)))
    return frozenset(small)


def group_key(group: Mapping[str, Json]) -> Group:
    """A group as a key: the order of its attributes says nothing."""
    return frozenset(group.items())


def _named(found: Measurement) -> Iterator[tuple[Group, int]]:
    if found.slice:
        yield group_key(found.slice), found.n
    # Of both rates of equalised odds, not of the worse one only: the rows of both are the people of a group.
    for part in (found.details, *(found.details.get("parts") or ())):
        for group in part.get("groups") or ():
            yield group_key(group["slice"]), group["n"]


def _bands(people: Mapping[frozenset[str], Sizes]) -> frozenset[str]:
    levels: dict[str, set[Label | None]] = {}
    for attribute, level in (part for groups in people.values() for group in groups for part in group):
        levels.setdefault(attribute, set()).add(level)
    return frozenset(attribute for attribute, found in levels.items() if are_bands(found))


def _hidden(by: frozenset[str], sizes: Sizes) -> frozenset[Group]:
    groups = list(sizes)
    hidden = {groups[position] for position in suppressed([sizes[group] for group in groups])}
    if len(by) < 2 or not hidden:
        return frozenset(hidden)
    # A pair's groups add up along either attribute: in no such line may one group alone be missing.
    lines = sorted({part for group in groups for part in group}, key=repr)
    grown = True
    while grown:
        grown = False
        for line in lines:
            here = [group for group in groups if line in group]
            shown = [group for group in here if group not in hidden]
            if len(shown) == len(here) - 1 and shown:
                hidden.add(min(shown, key=lambda group: sizes[group]))
                grown = True
    return frozenset(hidden)
