"""Whether the evaluation rows were known in training, or a feature gives the target away."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from reliability.blocks import Bools, Column, Floats, Ints, Label
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.entity_digests import EntityDigests
from reliability.evidence.hashing import splitmix64
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.sample import Sample
from reliability.records import Measurement, Reason

_LISTED_FEATURES = 10
# Weight, in rows, of the overall rate in the rate of one level of a text feature.
_PRIOR_ROWS = 1.0


def training_overlap(row_digests: RowDigests, training_row_digests: RowDigests) -> Measurement:
    """Share of evaluation rows found in the training data, beyond what repeats there anyway.

    Parameters
    ----------
    row_digests : RowDigests
        Digests of the evaluation rows.
    training_row_digests : RowDigests
        Digests of the training rows, over the same features and target.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the files as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features`, `no_rows` or `no_training_data`.

    Notes
    -----
    max(0, share of evaluation rows found in training - share of training rows with a twin in training), equal in
    features and target. The second share is what coarse features give without any leak: rows drawn from the
    same population meet in training about as often as training rows meet each other.

    References
    ----------
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L1.4 (duplicates in training and test).
    """
    if not row_digests.roles.features:
        raise NotMeasurable("no_features")
    if not row_digests.n:
        raise NotMeasurable("no_rows")
    if not training_row_digests.n:
        raise NotMeasurable("no_training_data")
    found = row_digests.found_in(training_row_digests)
    share = Fraction(found.n, row_digests.n)
    twins = Fraction(training_row_digests.with_twin(), training_row_digests.n)
    details = {
        "rows_found": found.n,
        "found_share": float(share),
        "training_twin_share": float(twins),
        "training_n": training_row_digests.n,
        "positions": list(found.positions),
    }
    # Rounded once: 0.8 - 0.7 in floats would stand just beyond a limit of 0.1 that it meets.
    return _of_files(max(0.0, float(share - twins)), row_digests.n, "share", details)


def shared_entities(entity_digests: EntityDigests, training_entity_digests: EntityDigests) -> Measurement:
    """Entities that occur in both the evaluation and the training data.

    Parameters
    ----------
    entity_digests : EntityDigests
        Distinct entities of the evaluation rows.
    training_entity_digests : EntityDigests
        Distinct entities of the training rows.

    Returns
    -------
    Measurement
        Entities, from 0; 0 is best. Exact for the files as handed in: no interval. `n` counts the distinct
        entities of the evaluation rows.

    Raises
    ------
    NotMeasurable
        `no_entity` where no row of either file names an entity.

    Notes
    -----
    |E intersected with T| over keyed 64-bit digests of the entities.

    References
    ----------
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L3.2 (non-independence of training and test).
    """
    if not (entity_digests.n and training_entity_digests.n):
        raise NotMeasurable("no_entity")
    shared = entity_digests.shared_with(training_entity_digests)
    details = {
        "training_n": training_entity_digests.n,
        "shared_share": shared / entity_digests.n,
    }
    return _of_files(shared, entity_digests.n, "entities", details)


def single_feature_auc(sample: Sample, *, sample_size: AtLeastOne = 20_000, seed: int = 0) -> Measurement:
    """Largest area under the ROC curve that one feature alone reaches against the target.

    Parameters
    ----------
    sample : Sample
        Sampled rows with their features and true labels.
    sample_size : int, default 20000
        Most rows used.
    seed : int, default 0
        Key of the halves in which text is scored.

    Returns
    -------
    Measurement
        Area, in [0.5, 1]; near 1 a feature gives the target away. `details.column` names it, `of` the class for
        more than two classes. No interval: it is the largest of many.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_features`, `no_rows`, or `one_class` where every sampled row has one class.
    ChecklistError
        If `sample_size` is below 1.

    Notes
    -----
    A number is its own score; what is missing takes a place below all or above all, whichever separates better,
    and max(A, 1 - A) is taken. A text value is scored by the rate of the class among rows of the other half
    with that value, smoothed towards the overall rate by one row: a value that occurs once says nothing, so
    identifiers are not rewarded. With more than two classes: the largest over classes of one against the rest.

    References
    ----------
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L2 (illegitimate features);
    Micci-Barreca, D. (2001), SIGKDD Explorations 3, 27-32 (target-rate encoding).
    """
    if sample.roles.task == "regression":
        raise NotMeasurable("needs_classification")
    if not sample.columns:
        raise NotMeasurable("no_features")
    require_at_least("sample_size", sample_size, 1)
    rows = sample.smaller(sample_size)
    if not rows.n:
        raise NotMeasurable("no_rows")
    classes = list(_classes(rows))
    if not classes:
        raise NotMeasurable("one_class")
    half = (splitmix64(rows.positions.astype(np.uint64), key=seed) & np.uint64(1)).astype(np.bool_)
    features = [_best(name, column, classes, half) for name, column in rows.columns.items()]
    features.sort(key=lambda one: (-one["value"], one["column"]))
    best = features[0]
    return Measurement(
        value=best["value"],
        of=best["of"] if rows.roles.task == "multiclass" else None,
        n=rows.n,
        unit="auc",
        method="largest_of_features",
        reason=Reason(code="no_interval"),
        details={
            "column": best["column"],
            "of_n": rows.of_n,
            "features": features[:_LISTED_FEATURES],
        },
    )


def _of_files(value: float, n: int, unit: str, details: dict[str, Any]) -> Measurement:
    return Measurement(
        value=value,
        n=n,
        unit=unit,
        method="exact",
        reason=Reason(code="whole_file"),
        details=details,
    )


def _classes(sample: Sample) -> Iterator[tuple[Label, Bools]]:
    """Every class with the rows of it, where some rows are of it and some are not; binary: the positive one."""
    roles = sample.roles
    indices = [roles.positive] if roles.task == "binary" and roles.positive is not None else range(len(roles.classes))
    for index in indices:
        members = sample.y_true == index
        if members.any() and not members.all():
            yield roles.classes[index], members


def _best(name: str, column: Column, classes: list[tuple[Label, Bools]], half: Bools) -> dict[str, Any]:
    area, label = max(
        ((_area(column, members, half), label) for label, members in classes),
        key=lambda one: one[0],
    )
    return {"column": name, "value": area, "of": label}


def _area(column: Column, members: Bools, half: Bools) -> float:
    if column.kind == "utf8":
        return max(0.5, _auc(_rates(column, members, half), members))
    places = (-np.inf, np.inf) if column.missing.any() else (0.0,)
    areas = [_auc(np.where(column.missing, place, column.values), members) for place in places]
    return max(max(area, 1.0 - area) for area in areas)


def _auc(scores: Floats, members: Bools) -> float:
    # Imported here: it takes half a second, and most assessments hand in no training data.
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    inside = int(np.count_nonzero(members))
    pairs = inside * (len(members) - inside)
    return (float(ranks[members].sum()) - inside * (inside + 1) / 2) / pairs


def _rates(column: Column, members: Bools, half: Bools) -> Floats:
    """The class's rate among rows of the other half with the same value; missing is a value of its own."""
    codes: Ints = np.where(column.missing, len(column.levels), column.values).astype(np.int64)
    overall, rates = float(members.mean()), np.empty(len(codes))
    for side in (half, ~half):
        n = np.bincount(codes[~side], minlength=len(column.levels) + 1)
        inside = np.bincount(codes[~side & members], minlength=len(column.levels) + 1)
        rates[side] = ((inside + _PRIOR_ROWS * overall) / (n + _PRIOR_ROWS))[codes[side]]
    return rates
