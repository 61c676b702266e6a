"""One reading of the columns that play a part: which labels, scores and groups occur."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations
from typing import Any, NoReturn

import numpy as np

from reliability.blocks import Column, Groups, Label
from reliability.errors import SubmissionError
from reliability.spelling import spelt_alike
from reliability.submission.arrays import Misfit
from reliability.submission.meaning import Meaning, distinct, meaning
from reliability.submission.parts import Attribute, Parts
from reliability.submission.refusals import printable
from reliability.submission.tables import Table
from reliability.yaml_lines import shown

MAX_CLASSES = 100
MAX_GROUPS = 1_000
# What four decimals, or float32, leave of a sum of 1; then what adding them up leaves.
_SUM_TOLERANCE = 1e-4 + 1e-9


@dataclass(kw_only=True)
class Seen:
    """The labels of one column: by meaning, as first spelt, with the row where each stands first."""

    column: str
    labels: dict[Meaning, tuple[Label, int]] = field(default_factory=dict)
    ambiguous: tuple[Label, Label, int] | None = None  # two spellings of one meaning, and the second's row

    def add(self, column: Column, start: int) -> None:
        """Look at the next rows."""
        for label, place in distinct(column).items():
            row = start + place + 1
            first, _ = self.labels.setdefault(meaning(label), (label, row))
            if first != label and self.ambiguous is None:
                self.ambiguous = (first, label, row)


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """What one reading found."""

    target: Seen
    prediction: Seen | None
    incumbent: Seen | None
    spelt_alike: tuple[tuple[str, tuple[str, ...]], ...] = ()  # columns whose groups are one but for their spelling
    off_sum: tuple[int, float] | None = None  # first row whose scores of all classes do not add up to 1, and their sum


def scan(table: Table, parts: Parts, *, classes: bool, limits: bool = True) -> Scanned:
    """Read the columns that play a part once, and refuse what cannot be counted; each refusal names its row."""
    target = Seen(column=parts.target)
    prediction = Seen(column=parts.prediction) if parts.prediction and classes else None
    incumbent = Seen(column=parts.incumbent) if parts.incumbent and classes else None
    groups, off_sum = _GroupCount(parts), None
    for start, columns in table.held_blocks(parts.used()):
        _refuse_missing(table, parts, columns, start)
        if classes:
            for seen in (target, prediction, incumbent):
                if seen is not None:
                    seen.add(columns[seen.column], start)
                    _refuse_many_labels(table, seen)
        for _, name in parts.scores:
            _refuse_no_probability(table, name, columns[name], start)
        off_sum = off_sum or _off_sum(parts, columns, start)
        if limits:
            groups.add(table, columns, start)
    alike = groups.spelt_alike()
    return Scanned(target=target, prediction=prediction, incumbent=incumbent, spelt_alike=alike, off_sum=off_sum)


def groups_of(attribute: Attribute, table: Table, column: Column, start: int) -> Groups:
    """The group of every row; a value below the first band is refused with its row."""
    try:
        return attribute.groups(column)
    except Misfit as misfit:
        edge = (attribute.edges or (0.0,))[0]
        _refuse(
            table,
            "below_first_band",
            "column {column!r} holds {value}, below the first band's edge {edge}; begin its bands lower",
            row=start + misfit.place + 1,
            column=attribute.name,
            value=misfit.value,
            edge=edge,
        )


def _refuse(table: Table, code: str, message: str, *, row: int, **values: Any) -> NoReturn:
    raise SubmissionError(code, "{where}: data row {row:,}: " + message, where=table.shown, row=row, **values)


def _refuse_missing(table: Table, parts: Parts, columns: Mapping[str, Column], start: int) -> None:
    needed = [("target", parts.target), ("prediction", parts.prediction), ("entity", parts.entity)]
    needed += [("incumbent", parts.incumbent)]
    needed += [("score", name) for _, name in parts.scores]
    for key, name in needed:
        if name is not None and columns[name].missing.any():
            _refuse_missing_in(table, name, part=key, row=start + int(np.argmax(columns[name].missing)) + 1)


def _refuse_missing_in(table: Table, name: str, *, part: str, row: int) -> NoReturn:
    """Refuse a column with missing values, and say how many: whether one row is wrong or all are is another mistake."""
    n = sum(int(np.count_nonzero(columns[name].missing)) for _, columns in table.blocks((name,)))
    if n == table.rows:
        raise SubmissionError(
            "column_all_missing",
            "{where}: column {column!r} (data.{part}) is missing in all {n:,} data rows (an empty field, NA, NaN and "
            "null are missing values); name another column, or fill it in",
            where=table.shown,
            column=name,
            part=part,
            n=n,
        )
    _refuse(
        table,
        "label_missing",
        "column {column!r} (data.{part}) is missing, in {n:,} of {rows:,} data rows (an empty field, NA, NaN and null "
        "are missing values); remove such rows or fill them in",
        row=row,
        column=name,
        part=part,
        n=n,
        rows=table.rows,
    )


def _refuse_many_labels(table: Table, seen: Seen) -> None:
    if len(seen.labels) <= MAX_CLASSES:
        return
    named = {"where": table.shown, "column": seen.column, "limit": MAX_CLASSES}
    if any(isinstance(label, str) for label, _ in seen.labels.values()):
        raise SubmissionError(
            "too_many_named_classes",
            "{where}: column {column!r} holds more than {limit} classes; put rare ones together, or name another "
            "column",
            **named,
        )
    raise SubmissionError(
        "too_many_classes",
        "{where}: column {column!r} holds more than {limit} values; is the task regression?",
        **named,
    )


def _refuse_no_probability(table: Table, name: str, column: Column, start: int) -> None:
    if column.kind not in ("f8", "i8"):
        place, value = 0, column.as_labels()[0]
    else:
        outside = np.flatnonzero((column.values < 0) | (column.values > 1))
        if not len(outside):
            return
        place, value = int(outside[0]), column.values[outside[0]].item()
    _refuse(
        table,
        "score_outside",
        "score {column!r} is {value}, no probability in [0, 1]; hand in probabilities",
        row=start + place + 1,
        column=name,
        value=shown(value),
    )


def _off_sum(parts: Parts, columns: Mapping[str, Column], start: int) -> tuple[int, float] | None:
    if len(parts.scores) < 2:
        return None
    sums = reduce(np.add, [columns[name].values for _, name in parts.scores])
    off = np.abs(sums - 1) > _SUM_TOLERANCE
    place = int(np.argmax(off))
    return (start + place + 1, float(sums[place])) if off.any() else None


class _GroupCount:
    """How many groups occur: over all attributes, the pairs of sensitive ones, and the strata together."""

    def __init__(self, parts: Parts) -> None:
        self.attributes = parts.attributes
        self.pairs = tuple(combinations([each.name for each in parts.sensitive], 2))
        self.levels: dict[str, dict[Label, int]] = {each.name: {} for each in parts.attributes}
        self.together: dict[tuple[str, str], set[tuple[int, int]]] = {pair: set() for pair in self.pairs}
        self.strata = tuple(each.name for each in parts.strata)
        self.stratified: set[bytes] = set()  # combinations of strata, where there are several

    def add(self, table: Table, columns: Mapping[str, Column], start: int) -> None:
        groups, numbers = {}, {}
        for attribute in self.attributes:
            name, known = attribute.name, self.levels[attribute.name]
            groups[name] = groups_of(attribute, table, columns[name], start)
            if len(groups[name].levels) > MAX_GROUPS:
                self._refuse(table, name, len(groups[name].levels))
            numbers[name] = [known.setdefault(level, len(known)) for level in groups[name].levels]
            if len(known) > MAX_GROUPS:
                self._refuse(table, name, len(known))
        for first, second in self.pairs:
            met = zip(*_met(groups[first], groups[second]), strict=True)
            self.together[first, second].update((numbers[first][i], numbers[second][j]) for i, j in met)
        if len(self.strata) > 1:
            codes = [np.array([*numbers[name], -1], dtype=np.int64)[groups[name].codes] for name in self.strata]
            self.stratified.update(row.tobytes() for row in np.unique(np.stack(codes, axis=1), axis=0))
        total = sum(map(len, self.levels.values())) + sum(map(len, self.together.values())) + len(self.stratified)
        if total > MAX_GROUPS:
            self._refuse(table, max(self.levels, key=lambda name: len(self.levels[name])), total)

    def spelt_alike(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every column of text with the spellings of one group, once a group that has several."""
        written = [each.name for each in self.attributes if each.edges is None]
        texts = {name: [level for level in self.levels[name] if isinstance(level, str)] for name in written}
        return tuple((name, spellings) for name in written for spellings in spelt_alike(texts[name]))

    def _refuse(self, table: Table, column: str, n: int) -> NoReturn:
        raise SubmissionError(
            "too_many_groups",
            "{where}: {n:,} groups or more over all attributes and pairs, most of them by column {column!r}; "
            "the limit is {limit:,}: declare bands, as in {{column: {column}, bands: [0, 30, 50]}}",
            where=table.shown,
            n=n,
            column=printable(column),
            limit=MAX_GROUPS,
        )


def _met(first: Groups, second: Groups) -> tuple[list[int], list[int]]:
    """Places of the levels that occur together in a row."""
    width = len(second.levels) + 1
    # The unknown group, -1, becomes the first row or column of the table.
    together = np.bincount((first.codes + 1) * width + second.codes + 1, minlength=(len(first.levels) + 1) * width)
    rows, columns = np.nonzero(together.reshape(-1, width)[1:, 1:])
    return rows.tolist(), columns.tolist()
