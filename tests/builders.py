"""Small blocks from literal lists, for the tests of everything that is counted from blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reliability.blocks import Block, Column, Groups, Label, Roles


def block(
    y_true: Sequence[Any],
    y_pred: Sequence[Any] | None = None,
    y_score: Any = None,
    *,
    groups: Mapping[str, Sequence[Label | None] | Groups] | None = None,
    columns: Mapping[str, Sequence[Any] | Column] | None = None,
    classes: tuple[Label, ...] = (0, 1),
    positive: Label | None = 1,
    favourable: tuple[Label, ...] | None = None,
    task: str = "binary",
    entity: Sequence[int] | None = None,
    start: int = 0,
    **roles: Any,
) -> Block:
    """Rows with labels written as in `classes` (numbers for regression); None in a list is missing.

    `favourable` is the positive class unless said otherwise; more roles (`rules`, `segments`, ...) go by name.
    """
    regression = task == "regression"
    known = () if regression else tuple(classes)
    has_positive = task == "binary" and positive is not None
    good = ((positive,) if has_positive else ()) if favourable is None else favourable
    made = {name: made_groups(values) for name, values in (groups or {}).items()}
    filled = {name: column(values) for name, values in (columns or {}).items()}
    settled = {
        "task": task,
        "classes": known,
        "positive": known.index(positive) if has_positive else None,
        "favourable": () if regression else tuple(known.index(label) for label in good),
        "favourable_direction": "higher" if regression else None,
        "features": tuple(filled),
        "target": "y",
        "sensitive": tuple(made),
        "has_predictions": y_pred is not None,
        "has_scores": y_score is not None,
        "clustered": entity is not None,
    }
    return Block(
        start=start,
        roles=Roles(**(settled | roles)),
        columns=filled,
        y_true=indices(y_true, known),
        y_pred=None if y_pred is None else indices(y_pred, known),
        y_score=None if y_score is None else np.asarray(y_score, np.float64),
        groups=made,
        entity=None if entity is None else np.asarray(entity, np.uint64),
    )


def column(values: Sequence[Any] | Column) -> Column:
    """A column of the kind that its values have; None is missing."""
    if isinstance(values, Column):
        return values
    items = values.tolist() if isinstance(values, np.ndarray) else list(values)
    missing = np.array([item is None for item in items], np.bool_)
    present = [item for item in items if item is not None]
    if any(isinstance(item, str) for item in present):
        levels = tuple(dict.fromkeys(present))
        codes = np.array([0 if item is None else levels.index(item) for item in items], np.int32)
        return Column(kind="utf8", values=codes, missing=missing, levels=levels)
    dtype, kind = _number_kind(present)
    return Column(kind=kind, values=np.array([item or 0 for item in items], dtype), missing=missing)


def made_groups(values: Sequence[Label | None] | Groups) -> Groups:
    """Groups with levels in order of first appearance; None is the unknown group."""
    if isinstance(values, Groups):
        return values
    items = values.tolist() if isinstance(values, np.ndarray) else list(values)
    levels = tuple(dict.fromkeys(item for item in items if item is not None))
    place = {level: code for code, level in enumerate(levels)} | {None: -1}
    return Groups(codes=np.array([place[item] for item in items], np.int32), levels=levels)


def indices(labels: Sequence[Any], classes: tuple[Label, ...]) -> Any:
    """Class indices of labels; floats where there are no classes."""
    if not classes:
        return np.asarray(labels, np.float64)
    items = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    return np.array([classes.index(item) for item in items], np.int64)


def _number_kind(present: Sequence[Any]) -> tuple[Any, Any]:
    if present and all(isinstance(item, bool) for item in present):
        return np.bool_, "bool"
    if present and all(isinstance(item, int) for item in present):
        return np.int64, "i8"
    return np.float64, "f8"
