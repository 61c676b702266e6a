"""Remedies on inputs: answers smoothed over small shifts, values held to their ranges, rows outside them refused."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from reliability.advise.aims import Aim
from reliability.advise.mapping import positive_index
from reliability.advise.remedies import Ask, Changed, Ground, NotTried, Remedy, Rows, Tried
from reliability.blocks import Block, Bools, Column, ColumnRule, Floats
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers

Columns: TypeAlias = Mapping[str, Column]
SHIFTS = 16  # copies of a row that are asked about
STRENGTH = 0.1  # of a column's standard deviation
_SMOOTHED = ("robustness.",)
_GUARDED = ("robustness.invalid_input_handling", "robustness.unit_slip_consistency", "robustness.accuracy_drop")


def input_remedies(aim: Aim) -> tuple[Remedy, ...]:
    """Remedies on inputs that may mend what the aim is about."""
    if not aim.check.startswith(_SMOOTHED):
        return ()
    options = {"copies": SHIFTS, "strength": STRENGTH}
    found = [Remedy(name="smoothing", acts_on="inputs", mends=_SMOOTHED, options=options, learn=_smoothing)]
    if aim.check.startswith(_GUARDED):
        found += [
            Remedy(name="clipping", acts_on="inputs", mends=_GUARDED, learn=_clipping),
            Remedy(name="refusal", acts_on="inputs", mends=_GUARDED, cautions=("work_of_people",), learn=_refusal),
        ]
    return tuple(found)


def _smoothing(ground: Ground) -> Tried | NotTried:
    if ground.ask is None or ground.answered is None:
        return NotTried(code="no_model")
    if ground.roles.task == "multiclass":
        return NotTried(code="needs_binary")
    spreads = _spreads(ground.answered)
    if not spreads:
        return NotTried(code="no_numeric_features")
    # The same shifts for every row: a row is answered alike whenever it is asked.
    draws = np.random.default_rng(ground.seed).normal(size=(SHIFTS // 2, len(spreads)))
    shifts = [dict(zip(spreads, row, strict=True)) for row in np.vstack([draws, -draws])]
    ask, today = ground.ask, ground

    def smoothed(columns: Columns) -> Answers:
        answers = [ask({name: _shifted(column, one.get(name, 0.0) * spreads.get(name, 0.0))
                        for name, column in columns.items()}) for one in shifts]  # fmt: skip
        return _mean(answers, today)

    return _asked(smoothed, {"columns": list(spreads)})


def _spreads(rows: Block) -> dict[str, float]:
    found = {}
    for name in rows.roles.features:
        column = rows.columns[name]
        if column.kind == "f8":
            values = column.as_floats()
            values = values[np.isfinite(values)]
            if len(values) > 1 and float(values.std()) > 0:
                found[name] = STRENGTH * float(values.std())
    return found


def _shifted(column: Column, by: float) -> Column:
    # A question of a robustness check may hold text where there were numbers.
    return replace(column, values=column.values + by) if by and column.kind == "f8" else column


def _mean(answers: list[Answers], ground: Ground) -> Answers:
    """Mean of values or scores; the label that most copies were given."""
    if ground.roles.task == "regression":
        return Answers(labels=np.mean([one.labels for one in answers], axis=0))
    positive = positive_index(ground.roles)
    share = np.mean([one.labels == positive for one in answers], axis=0)
    scores = [one.scores for one in answers if one.scores is not None]
    return Answers(
        labels=np.where(share >= 0.5, positive, 1 - positive).astype(np.int64),
        scores=np.mean(scores, axis=0) if len(scores) == len(answers) else None,
    )


def _asked(ask: Ask, details: Mapping[str, object]) -> Tried:
    def changed(rows: Rows) -> Changed:
        answers = ask(rows.columns)
        return Changed(predicted=answers.labels, scores=answers.scores)

    return Tried(changed=changed, ask=ask, details=dict(details))


def _ruled(ground: Ground) -> dict[str, ColumnRule]:
    numeric = {"f8", "i8"}
    columns = {} if ground.answered is None else ground.answered.columns
    return {
        name: rule
        for name, rule in ground.roles.rules.items()
        if name in ground.roles.features
        and (rule.values is not None or (columns[name].kind in numeric and _ends(rule) != (-np.inf, np.inf)))
    }


def _ends(rule: ColumnRule) -> tuple[float, float]:
    return (-np.inf if rule.minimum is None else rule.minimum), (np.inf if rule.maximum is None else rule.maximum)


def _clipping(ground: Ground) -> Tried | NotTried:
    rules = {name: rule for name, rule in _ruled(ground).items() if _ends(rule) != (-np.inf, np.inf)}
    if ground.ask is None:
        return NotTried(code="no_model")
    if not rules:
        return NotTried(code="no_declared_ranges")
    ask = ground.ask

    def clipped(columns: Columns) -> Answers:
        return ask({name: _clipped(column, rules.get(name)) for name, column in columns.items()})

    return _asked(clipped, {"columns": list(rules)})


def _clipped(column: Column, rule: ColumnRule | None) -> Column:
    if rule is None or column.kind not in ("f8", "i8"):
        return column
    low, high = _ends(rule)
    if column.kind == "i8":
        ends = (np.iinfo(np.int64).min if low == -np.inf else int(np.ceil(low)),
                np.iinfo(np.int64).max if high == np.inf else int(np.floor(high)))  # fmt: skip
        return replace(column, values=np.clip(column.values, *ends))
    values: Floats = np.clip(column.values, low, high)
    return replace(column, values=values)


def _refusal(ground: Ground) -> Tried | NotTried:
    rules = _ruled(ground)
    if ground.ask is None:
        return NotTried(code="no_model")
    if not rules:
        return NotTried(code="no_declared_ranges")
    ask, outside = ground.ask, _outside(rules)

    def changed(rows: Rows) -> Changed:
        return Changed(predicted=rows.predicted, scores=rows.scores, abstained=outside(rows.columns))

    def guarded(columns: Columns) -> Answers:
        if outside(columns).any():
            raise WorkerError(
                "model_raised", "the model raised {type}: {message}", type="ValueError", message="outside its domain"
            )
        return ask(columns)

    return Tried(changed=changed, ask=guarded, details={"columns": list(rules)})


def _outside(rules: Mapping[str, ColumnRule]) -> Callable[[Columns], Bools]:
    def outside(columns: Columns) -> Bools:
        found = np.zeros(len(next(iter(columns.values()))), np.bool_)
        for name, rule in rules.items():
            found |= breaks(columns[name], rule)
        return found

    return outside


def breaks(column: Column, rule: ColumnRule) -> Bools:
    """Cells that are against what the data dictionary says."""
    if rule.values is not None:
        known = {*rule.values, *map(str, rule.values)}
        return np.array([label is not None and label not in known for label in column.as_labels()], np.bool_)
    low, high = _ends(rule)
    if column.kind == "utf8":
        return np.ones(len(column), np.bool_)  # text where a number is declared
    values = column.as_floats()
    broken: Bools = ~column.missing & ~((values >= low) & (values <= high))
    return broken
