"""Groups as documents show them: which figures may be printed, in which order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from reliability.blocks import Label
from reliability.records import Criterion, CriterionResult, Json, Measurement, Number
from reliability.reports import figures
from reliability.reports.levels import level_text, named
from reliability.reports.units import Ends, ends, group_ends, group_unit
from reliability.reports.withheld import Withheld
from reliability.reports.withheld import suppressed as suppressed
from reliability.words.text import Words

MOST_ROWS = 12
# Each group is held to the limit itself, not to the best group.
HELD_ALONE = frozenset({"fairness.proxy_auc", "performance.segment_error_ratio"})


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """One group: its name and, unless suppressed, its figures."""

    label: str
    n: int
    value: Number | None
    low: Number | None
    high: Number | None
    judged: bool
    suppressed: bool = False

    @property
    def shown(self) -> bool:
        """Whether there is a figure to draw."""
        return self.value is not None and not self.suppressed


@dataclass(frozen=True, kw_only=True)
class GroupTable:
    """The groups of one attribute, or of one pair of attributes, under one criterion."""

    by: tuple[str, ...]
    unit: str
    ends: Ends  # between which its numbers lie
    rows: tuple[GroupRow, ...]
    left_out: int
    reference: Number | None  # where the best group puts the limit for all others


def slice_label(
    groups: Mapping[str, Label | None], by: Sequence[str], words: Words, bands: Collection[str] = ()
) -> str:
    """The name of a group: the values of its attributes, in the order in which these are named.

    A record read back has its keys sorted, so their own order says nothing.
    """
    return " × ".join(_level_texts(groups, by, words, bands))


def group_label(groups: Mapping[str, Label | None], by: Sequence[str], words: Words, bands: Collection[str]) -> str:
    """The name of a group where its attributes do not stand beside it."""
    order = _order(groups, by)
    return named(order, [groups[attribute] for attribute in order], _level_texts(groups, by, words, bands))


def _order(groups: Mapping[str, Label | None], by: Sequence[str]) -> Sequence[str]:
    return by if set(by) == set(groups) else sorted(groups)


def _level_texts(
    groups: Mapping[str, Label | None], by: Sequence[str], words: Words, bands: Collection[str]
) -> list[str]:
    return [level_text(groups[attribute], words, band=attribute in bands) for attribute in _order(groups, by)]


def compared(
    found: Measurement, criterion: Criterion, words: Words, withheld: Withheld | None = None
) -> GroupTable | None:
    """The groups that a comparison rests on; None for any other measurement."""
    groups: list[dict[str, Json]] = found.details.get("groups") or []
    if not groups:
        return None
    withheld = withheld or Withheld.of([found])
    names = [group_label(group["slice"], found.by, words, withheld.bands) for group in groups]
    rows = [_row(group, name, withheld.hides(group["slice"])) for group, name in zip(groups, names, strict=True)]
    return _table(found.by, group_unit(found), group_ends(found), rows, _reference(found, criterion, rows))


def sliced(result: CriterionResult, words: Words, withheld: Withheld | None = None) -> tuple[GroupTable, ...]:
    """Measurements taken slice by slice, as one table for each attribute or pair."""
    withheld = withheld or Withheld.of(result.measurements)
    families: dict[tuple[str, ...], list[Measurement]] = {}
    for found in result.measurements:
        if found.slice:
            families.setdefault(found.by or tuple(found.slice), []).append(found)
    return tuple(_of_slices(by, found, result.criterion, words, withheld) for by, found in families.items())


def _row(group: Mapping[str, Json], label: str, hide: bool) -> GroupRow:  # noqa: FBT001  (a plain value of the row)
    figures_of = {name: None if hide else group.get(name) for name in ("value", "low", "high")}
    return GroupRow(label=label, n=group["n"], judged=bool(group.get("judged", True)), suppressed=hide, **figures_of)


def _of_slices(
    by: tuple[str, ...], found: list[Measurement], criterion: Criterion, words: Words, withheld: Withheld
) -> GroupTable:
    rows = [
        _row(
            one.model_dump(include={"value", "low", "high", "n", "judged"}),
            _slice_of(one, words, withheld),
            withheld.hides(one.slice),
        )
        for one in found
    ]
    limits = figures.limits(criterion)
    return _table(by, found[0].unit, ends(found[0]), rows, limits[0] if limits else None)


def _slice_of(found: Measurement, words: Words, withheld: Withheld) -> str:
    label = group_label(found.slice, found.by, words, withheld.bands)
    return label if found.of is None else f"{label} · {found.of}"


def _table(by: tuple[str, ...], unit: str, ends_of: Ends, rows: list[GroupRow], reference: Number | None) -> GroupTable:
    """Lowest value first, groups without figures last; of very many groups the ends."""
    ordered = sorted(rows, key=lambda row: (not row.shown, row.value if row.shown and row.value is not None else 0))
    kept = ordered if len(ordered) <= MOST_ROWS else ordered[: MOST_ROWS // 2] + _last_shown(ordered)
    return GroupTable(
        by=by, unit=unit, ends=ends_of, rows=tuple(kept), left_out=len(ordered) - len(kept), reference=reference
    )


def _last_shown(ordered: list[GroupRow]) -> list[GroupRow]:
    rest = ordered[MOST_ROWS // 2 :]
    shown = [row for row in rest if row.shown]
    return shown[-(MOST_ROWS // 2) :]


def _reference(found: Measurement, criterion: Criterion, rows: list[GroupRow]) -> Number | None:
    judged = [row.value for row in rows if row.judged and row.shown and row.value is not None]
    if found.check in HELD_ALONE:
        return criterion.at_most
    if not judged or not found.check.startswith("fairness."):
        return None
    if found.unit == "ratio" and criterion.at_least is not None:
        return max(judged) * criterion.at_least
    if criterion.at_most is not None:
        return max(group_ends(found)[0], max(judged) - criterion.at_most)
    return None
