"""Guesses what part each column of a data file plays, each with its reason; asks nobody, writes nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np

from reliability.blocks import Kind, Label
from reliability.errors import UsageError
from reliability.submission import column_names
from reliability.submission.bands import bands_of
from reliability.submission.meaning import in_order, meaning
from reliability.submission.outcome import Matched, agreement
from reliability.submission.refusals import likeness, listed
from reliability.submission.scan import MAX_GROUPS
from reliability.submission.siblings import training_beside
from reliability.submission.source import open_source
from reliability.submission.tables import Opened, Table, open_table

ROWS_READ = 5_000
CLASSES = range(2, 11)
MAX_LEVELS = 30  # more groups than a reader compares
FEW_VALUES = 10  # of a quantity: more are put into bands
FEW_YEARS = 4
SMALL_GROUP = 10  # rows
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}.*")

GuessedPart = Literal["target", "favourable", "prediction", "score", "id", "time", "entity", "sensitive", "exclude"]


@dataclass(frozen=True, kw_only=True)
class Guess:
    """That a column plays a part, with the reason (words under `init.reason.CODE`) and whether to ask."""

    part: GuessedPart
    column: str
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)
    certain: bool = True


@dataclass(frozen=True, kw_only=True)
class Guesses:
    """Everything that was guessed of one data file."""

    data: str
    rows: int
    columns: tuple[tuple[str, Kind], ...]
    task: Literal["binary", "multiclass", "regression"]
    classes: tuple[Label, ...]
    favourable: Label | None
    guesses: tuple[Guess, ...]
    bands: Mapping[str, tuple[int, ...]]
    model: tuple[str, str] | None  # format and path
    training: str | None = None  # file beside the data

    def columns_of(self, part: GuessedPart) -> tuple[str, ...]:
        """Columns that were guessed to play a part."""
        return tuple(each.column for each in self.guesses if each.part == part)

    def column_of(self, part: GuessedPart) -> str | None:
        """The column that was guessed to play a part, if any."""
        return next(iter(self.columns_of(part)), None)

    @property
    def features(self) -> tuple[str, ...]:
        """Columns that play no other part: what the model is given."""
        parted = {each.column for each in self.guesses}
        return tuple(name for name, _ in self.columns if name not in parted)

    @property
    def has_answers(self) -> bool:
        """Whether the answers of the model are there: a column of predictions, or a model."""
        return self.model is not None or self.column_of("prediction") is not None


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One column: the first rows as values, and what occurs in all rows."""

    name: str
    kind: Kind
    first: tuple[Label | None, ...]
    distinct: tuple[Label, ...] | None  # None: more than MAX_GROUPS
    gaps: int
    lowest: float | None  # of the numbers in all rows

    @property
    def there(self) -> list[Label]:
        return [value for value in self.first if value is not None]

    @property
    def is_unique(self) -> bool:
        return len(self.there) == len(self.first) > 1 and len(set(self.there)) == len(self.there)

    @property
    def is_number(self) -> bool:
        return self.kind in ("i8", "f8")

    def could_be_target(self) -> bool:
        return not self.gaps and self.distinct is not None and len(self.distinct) in CLASSES


def guess(
    data: Path,
    *,
    target: str | None = None,
    sensitive: Iterable[str] = (),
    model: tuple[str, str] | None = None,
    opened: Opened = open_source,
) -> Guesses:
    """Guess the parts of a data file's columns; `opened` parses the file and those beside it.

    Raises
    ------
    SubmissionError
        If the file cannot be read.
    UsageError
        If the path is a folder, no column looks like a target, or a column that was named is not there.
    """
    if data.is_dir():
        raise UsageError("init_folder", "{data}: is a folder; give the data file", data=str(data))
    table = open_table(data, data.name, {}, opened=opened)
    sensitive = tuple(sensitive)
    for name in filter(None, (target, *sensitive)):
        if name not in table.names:
            raise _no_column(data.name, name, table.names)
        if name in table.unusable:
            raise table.unusable[name]
    guessed = _Guessing(table, _looks(table), target, sensitive, model).guesses()
    return replace(guessed, training=training_beside(data, table.names, opened=opened))


def _no_column(where: str, name: str, names: Iterable[str]) -> UsageError:
    close = likeness(name, names)
    if close is not None:
        return UsageError(
            "init_column_missing",
            "{where}: no column {column!r}; did you mean {near}?",
            where=where,
            column=name,
            near=close,
        )
    return UsageError(
        "init_column_unlike",
        "{where}: no column {column!r}; the columns are: {names}",
        where=where,
        column=name,
        names=listed(names),
    )


class _Guessing:
    """The guesses while they are made: a column plays one part, the first that fits."""

    def __init__(
        self,
        table: Table,
        looks: dict[str, _Look],
        target: str | None,
        sensitive: tuple[str, ...],
        model: tuple[str, str] | None,
    ) -> None:
        self.table = table
        self.free = dict(looks)
        self.found: list[Guess] = []
        self.bands: dict[str, tuple[int, ...]] = {}
        self.model = model
        self.wanted = sensitive
        self.target = self._target(target)
        self.task, self.classes = self._task()
        self.favourable = self._favourable() if self.task == "binary" else None

    def guesses(self) -> Guesses:
        if self.model is None:
            self._answers()
        self._other_answers()
        self._personal()
        self._sensitive()
        self._id_time_entity()
        self._unusable()
        return Guesses(
            data=self.table.shown,
            rows=self.table.rows,
            columns=tuple((name, self.table.kinds[name]) for name in self.table.names),
            task=self.task,
            classes=self.classes,
            favourable=self.favourable,
            guesses=tuple(self.found),
            bands=self.bands,
            model=self.model,
        )

    def _take(self, part: GuessedPart, column: str, reason: str, *, certain: bool = True, **values: Any) -> None:
        self.found.append(Guess(part=part, column=column, reason=reason, values=values, certain=certain))
        self.free.pop(column, None)

    def _target(self, named: str | None) -> _Look:
        if named is not None:
            look = self.free[named]
            self._take("target", named, "as_asked")
            return look
        fitting = [
            look
            for look in self.free.values()
            if look.could_be_target() and look.name not in self.wanted and not _is_answer(look.name)
        ]
        matched = self._matched(fitting)
        if matched is not None:
            return matched
        fitting = [look for look in fitting if column_names.ground_of(look.name) is None]
        if not fitting:
            raise UsageError(
                "init_no_target",
                "{where}: no column looks like an outcome (2 to 10 values, none missing); name it with --target",
                where=self.table.shown,
            )
        by_name = [look for look in fitting if column_names.suggests("target", look.name)]
        chosen = (by_name or fitting)[-1]
        reason = "target_name" if by_name else "target_last"
        self._take("target", chosen.name, reason, certain=len(by_name) == 1, n=len(chosen.distinct or ()))
        return chosen

    def _matched(self, fitting: list[_Look]) -> _Look | None:
        """The column that a column of predictions predicts, told by their values."""
        found: list[tuple[Matched, _Look, str]] = []
        for prediction in self.free.values():
            if not column_names.suggests("prediction", prediction.name) or not prediction.distinct:
                continue
            for look in fitting:
                match = agreement(look.distinct or (), look.first, prediction.distinct, prediction.first)
                if match is not None:
                    found.append((match, look, prediction.name))
        # What a person is comes last: a model may well agree with it, but it is seldom what is predicted.
        found = [each for each in found if column_names.ground_of(each[1].name) is None] or found
        if not found:
            return None
        # The later column of two that agree alike: outcomes stand last.
        match, look, name = max(reversed(found), key=lambda each: each[0])
        sole = len({other.name for _, other, _ in found}) == 1
        certain = (sole or column_names.suggests("target", look.name)) and match.equal
        share = round(100 * match.share)
        self._take("target", look.name, "target_prediction", certain=certain, prediction=name, share=share)
        return look

    def _task(self) -> tuple[Literal["binary", "multiclass", "regression"], tuple[Label, ...]]:
        values = self.target.distinct
        if self.target.is_number and (values is None or len(values) not in CLASSES):
            return "regression", ()
        return ("binary" if len(values or ()) == 2 else "multiclass"), in_order(values or ())

    def _favourable(self) -> Label:
        told = column_names.favourable(self.target.name, self.classes)
        if told is None:
            yes = column_names.affirmative(self.classes)
            told = (self.classes[-1] if yes is None else yes), "favourable_unclear"
        value, reason = told
        certain = reason != "favourable_unclear"
        self._take("favourable", self.target.name, reason, certain=certain, value=str(value))
        return value

    def _answers(self) -> None:
        known = {meaning(label) for label in self.classes}
        for look in tuple(self.free.values()):
            if not _is_answer(look.name) or look.gaps or look.name in self.wanted:
                continue
            labels = {meaning(value) for value in look.distinct or ()}
            regression = self.task == "regression" and look.is_number
            if not self._has("prediction") and (regression or (labels and labels <= known)):
                self._take("prediction", look.name, "prediction_name")
            elif self.task == "binary" and not self._has("score") and _is_probability(look, self.table):
                self._take("score", look.name, "score_name")
        if self._has("score") and not self._has("prediction"):
            # A score alone cannot be handed in; as a feature it would give the answer away.
            score = next(each for each in self.found if each.part == "score")
            self.found.remove(score)
            self._take("exclude", score.column, "score_without_prediction", certain=False)

    def _other_answers(self) -> None:
        """Keep what else looks like an answer from the model: it would be judged on copying it."""
        looks = [look for look in self.free.values() if look.name not in self.wanted]
        predictions = [look for look in looks if column_names.suggests("prediction", look.name)]
        answered = self._has("prediction") or bool(predictions)
        for look in looks:
            if look in predictions and look.gaps and self.model is None:
                self._take("exclude", look.name, "prediction_blank", n=look.gaps)
            elif look in predictions or (answered and column_names.suggests("score", look.name)):
                self._take("exclude", look.name, "answer_left_out", certain=False)

    def _has(self, part: GuessedPart) -> bool:
        return any(each.part == part for each in self.found)

    def _personal(self) -> None:
        for look in tuple(self.free.values()):
            if look.name in self.wanted:
                continue
            kind = column_names.personal(look.there)
            if kind is not None:
                self._take("exclude", look.name, "personal_values", kind=kind)
            elif column_names.suggests("person", look.name) and look.kind == "utf8":
                self._take("exclude", look.name, "personal_name")

    def _sensitive(self) -> None:
        sizes: list[int] = []
        taken: set[str] = set()
        for look, ground in self._grounded():
            asked = look.name in self.wanted
            if not asked and ground is not None and ground.name in taken:
                self._take(
                    "exclude", look.name, "sensitive_name", certain=False, ground=ground.name, source=ground.source
                )
                continue
            bands, n = _groups(look, quantity=asked or ground is None or ground.name == "age")
            if n is None or _total([*sizes, n]) > MAX_GROUPS * 0.8:  # not all values may be known yet
                self._take("exclude", look.name, "too_many_values", certain=False)
                continue
            sizes.append(n)
            if bands is not None:
                self.bands[look.name] = bands
            if asked:
                self._take("sensitive", look.name, "as_asked")
            elif ground is not None:
                taken.add(ground.name)
                self._take("sensitive", look.name, "sensitive_name", ground=ground.name, source=ground.source)

    def _grounded(self) -> list[tuple[_Look, column_names.Ground | None]]:
        """Columns that were asked for or speak of a ground, those asked for first, then in the grounds' order."""
        found = [(look, column_names.ground_of(look.name)) for look in self.free.values()]
        order = {ground: place for place, ground in enumerate(column_names.GROUNDS)}
        chosen = [(look, ground) for look, ground in found if ground is not None or look.name in self.wanted]
        return sorted(chosen, key=lambda each: -1 if each[0].name in self.wanted or each[1] is None else order[each[1]])

    def _id_time_entity(self) -> None:
        for look in tuple(self.free.values()):
            dated = look.kind == "utf8" and look.there and all(_DATE.fullmatch(str(value)) for value in look.there)
            if dated and not self._has("time"):
                self._take("time", look.name, "time_values")
            elif look.is_unique and not self._has("id") and _is_id(look):
                self._take("id", look.name, "id_unique")
            elif (
                column_names.suggests("entity", look.name)
                and column_names.suggests("id", look.name)
                and not (self._has("entity") or look.gaps)
            ):
                self._take("entity", look.name, "entity_name", certain=False)

    def _unusable(self) -> None:
        for name in self.table.unusable:
            self._take("exclude", name, "unusable", certain=False)


def _looks(table: Table) -> dict[str, _Look]:
    first: dict[str, tuple[Label | None, ...]] = {}
    found: dict[str, set[Label] | None] = {name: set() for name in table.names if name not in table.unusable}
    gaps: Counter[str] = Counter()
    lowest: dict[str, float] = {}
    for start, columns in table.blocks(tuple(found)):
        for name, column in columns.items():
            if start == 0:
                first[name] = tuple(column.take(np.arange(min(ROWS_READ, len(column)))).as_labels())
            gaps[name] += int(np.count_nonzero(column.missing))
            there = np.unique(column.values[~column.missing])
            if len(there) and column.kind in ("i8", "f8"):
                lowest[name] = min(lowest.get(name, np.inf), float(there[0]))
            seen = found[name]
            if seen is not None:
                seen.update([column.levels[code] for code in there] if column.kind == "utf8" else there.tolist())
                found[name] = seen if len(seen) <= MAX_GROUPS else None
    return {
        name: _Look(
            name=name,
            kind=table.kinds[name],
            first=first[name],
            distinct=None if seen is None else in_order(seen),
            gaps=gaps[name],
            lowest=lowest.get(name),
        )
        for name, seen in found.items()
    }


def _is_answer(name: str) -> bool:
    return column_names.suggests("prediction", name) or column_names.suggests("score", name)


def _is_probability(look: _Look, table: Table) -> bool:
    if look.kind != "f8" or not column_names.suggests("score", look.name):
        return False
    parts = (columns[look.name].values for _, columns in table.blocks((look.name,)))
    return all(bool(((values >= 0) & (values <= 1)).all()) for values in parts)


def _is_id(look: _Look) -> bool:
    if column_names.suggests("id", look.name):
        return look.kind in ("i8", "utf8")
    numbers = [value for value in look.there if isinstance(value, int)]
    counted = len(numbers) == len(look.first) and all(b - a == 1 for a, b in pairwise(numbers))
    return counted or (look.kind == "utf8" and len(look.first) >= 20)


def _groups(look: _Look, *, quantity: bool) -> tuple[tuple[int, ...] | None, int | None]:
    """Bands, where the column is a quantity, and the number of groups; None where there are too many."""
    if quantity and look.is_number and look.lowest is not None and _is_fine(look):
        bands = bands_of([float(value) for value in look.there], lowest=look.lowest)
        return bands, None if bands is None else len(bands)
    n = None if look.distinct is None or len(look.distinct) > MAX_LEVELS else len(look.distinct)
    return None, n


def _is_fine(look: _Look) -> bool:
    """Whether a quantity has more values than a reader compares, or years that only a few rows share."""
    if look.distinct is None or len(look.distinct) > FEW_VALUES:
        return True
    rows = Counter(look.there)
    years = max((float(value) for value in look.distinct), default=0) > FEW_VALUES
    return years and len(rows) > FEW_YEARS and min(rows.values()) < SMALL_GROUP


def _total(sizes: list[int]) -> int:
    return sum(sizes) + sum(prod(pair) for pair in combinations(sizes, 2))
