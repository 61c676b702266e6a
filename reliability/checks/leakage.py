"""Whether the evaluation rows were known in training, or a feature gives the target away."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from reliability.blocks import Bools, Column, Floats, Ints, Label
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.checks.sampled import area, auc_counts, parts_of
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import Beside
from reliability.evidence.entity_digests import EntityDigests
from reliability.evidence.hashing import splitmix64
from reliability.evidence.levels import level_key
from reliability.evidence.near_digests import ROUNDED, KeptDigests, NearDigests
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.sample import Sample
from reliability.evidence.time_histogram import TimeHistogram
from reliability.intervals.differences import difference_interval
from reliability.intervals.proportions import exact_limits
from reliability.intervals.ranks import FEWEST_OF_A_CLASS, auc_interval
from reliability.records import Measurement, Reason

_LISTED_FEATURES = 10
_LISTED_POSITIONS = 20
# Of the cells present: a column with fewer distinct values groups rows rather than naming them.
_NEARLY_UNIQUE = 0.95
_STRETCHES = 50
# A share of training rows with a twin, from which on the rows that have none are too few kinds to tell anything.
_MOSTLY_TWINS = 0.9
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


def single_feature_auc(
    sample: Sample, *, sample_size: AtLeastOne = 20_000, confidence: float = 0.95, seed: int = 0
) -> Measurement:
    """Largest area under the ROC curve that one feature alone reaches against the target.

    Parameters
    ----------
    sample : Sample
        Sampled rows with their features and true labels.
    sample_size : int, default 20000
        Most rows used.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the halves in which text is scored.

    Returns
    -------
    Measurement
        Area, in [0.5, 1]; near 1 a feature gives the target away. `details.column` names it, `of` the class for
        more than two classes. Not judged where a class has a single row, or where rows belong together.

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
    Interval: the larger ends of `auc_interval` over features, classes and places, at a level that Bonferroni's
    inequality sets for all of them. A text's comes from one half of the rows alone, scored by what the other taught:
    scores of both halves depend on each other.

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
    reason = _why_no_interval(rows, classes, half)
    ways = sum(len(_places(column)) for column in rows.columns.values()) * len(classes)
    mass = None if reason else (1 - confidence) / ways
    features = [_best(name, column, classes, half, mass) for name, column in rows.columns.items()]
    features.sort(key=lambda one: (-one["value"], one["column"]))
    best = features[0]
    return Measurement(
        value=best["value"],
        low=None if reason else max(one["low"] for one in features),
        high=None if reason else max(one["high"] for one in features),
        of=best["of"] if rows.roles.task == "multiclass" else None,
        n=rows.n,
        unit="auc",
        method="newcombe_delong",
        judged=reason is None,
        reason=reason,
        details={
            "column": best["column"],
            "of_n": rows.of_n,
            "features": features[:_LISTED_FEATURES],
        },
    )


def near_overlap(
    near_digests: NearDigests, training_near_digests: NearDigests, *, confidence: float = 0.95
) -> Measurement:
    """Share of evaluation rows that training holds up to one column or to rounding, beyond what is alike there anyway.

    Parameters
    ----------
    near_digests : NearDigests
        Digests of the evaluation rows, with one column left out in turn, or rounded.
    training_near_digests : NearDigests
        The same of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all ways of looking at once, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. `details.columns` has every column left out, `details.column` the one without
        which most rows are found (none where it is rounding, or where the rows are wholly equal), `details.positions`
        rows found.

    Raises
    ------
    NotMeasurable
        `no_features`, `no_rows` or `no_training_data`.

    Notes
    -----
    For every column, and for numbers rounded to the 64th part of their power of two: max(0, share of evaluation rows
    found in training - share of training rows with a twin in training), the largest of them. The second share is what
    coarse columns give without any leak, as for `training_overlap`; rows that are wholly equal count too. Up to
    16,384 distinct rows all are looked at, beyond that a sample drawn by digest, the same in both data sets.
    Interval: square-and-add on Clopper-Pearson limits, the training rows worth half (a twin comes with its twin), at a
    level that Bonferroni's inequality sets for all columns; low is the largest lower limit, high the largest upper one.
    Where more than nine in ten training rows have a twin the lower limit is 0: which few kinds of rows training lacks
    is then chance, which these limits do not hold.

    References
    ----------
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L1.4 (duplicates in training and test);
    Barz, B. and Denzler, J. (2020), Journal of Imaging 6, 41 (near-duplicates of test rows in training).
    """
    if not near_digests.roles.features:
        raise NotMeasurable("no_features")
    if not near_digests.n:
        raise NotMeasurable("no_rows")
    if not training_near_digests.n:
        raise NotMeasurable("no_training_data")
    mass = (1 - confidence) / len(near_digests.kept)
    found = [_near(name, one, training_near_digests.kept[name], mass) for name, one in near_digests.kept.items()]
    found.sort(key=lambda one: (-one["value"], one["column"] == ROUNDED, one["column"]))
    clustered = near_digests.roles.clustered or training_near_digests.roles.clustered
    positions, left_out = found[0].pop("positions"), found[0]["column"]
    # Rows that are wholly equal are found whatever is left out: then no column is to be named.
    more = found[0]["found_share"] > min(one["found_share"] for one in found)
    nearly = more and found[0]["value"] > found[-1]["value"]
    named = {"column": left_out} if nearly and left_out != ROUNDED else {}
    return Measurement(
        value=found[0]["value"],
        low=None if clustered else max(one["low"] for one in found),
        high=None if clustered else max(one["high"] for one in found),
        n=found[0]["n"],
        unit="share",
        method="square_and_add_clopper_pearson",
        judged=not clustered,
        reason=Reason(code="clustered_rows") if clustered else None,
        details={
            **named,
            "of_n": near_digests.n,
            "training_n": training_near_digests.n,
            "rounded": nearly and left_out == ROUNDED,
            "columns": [_told(one, clustered=clustered) for one in found],
            "positions": positions if found[0]["value"] > 0 else [],
        },
    )


def future_rows(time_histogram: TimeHistogram, training_time_histogram: TimeHistogram) -> Measurement:
    """Share of evaluation rows that are older than the newest training row.

    Parameters
    ----------
    time_histogram : TimeHistogram
        Times of the evaluation rows, as `data.time` names them.
    training_time_histogram : TimeHistogram
        Times of the training rows.

    Returns
    -------
    Measurement
        Share of the evaluation rows that have a time, in [0, 1]; 0 is best: training ended before evaluation began.
        Exact for the files as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_time` where no column is declared, or no row of either file has a time that can be read.

    Notes
    -----
    Rows with t < max of the training times / rows with a time: for these the model was taught from their future. Times
    are compared in UTC, which one without an offset stands for. Up to 8,192 distinct times every one is compared;
    beyond, `details.undecided` counts the rows in the cell of the newest training row, which are not counted as older.

    References
    ----------
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L3.1 (temporal leakage).
    """
    training, evaluation = training_time_histogram.days, time_histogram.days
    if not (training.present and evaluation.present):
        raise NotMeasurable("no_time")
    both = Beside.of(training, evaluation)
    newest = int(np.flatnonzero(both.counts[:, 0])[-1])
    older = int(both.counts[:newest, 1].sum())
    details = {
        "rows_found": older,
        "undecided": int(both.counts[newest, 1]) if both.shift else 0,
        "unread": evaluation.missing,
        "training_unread": training.missing,
        "training_n": training_time_histogram.n,
    }
    return _of_files(older / evaluation.present, evaluation.present, "share", details)


def identifier_auc(sample: Sample, *, confidence: float = 0.95, seed: int = 0) -> Measurement:
    """Largest area under the ROC curve that the order of an identifier-like feature reaches against the target.

    Parameters
    ----------
    sample : Sample
        Sampled rows with their features and true labels.
    confidence : float, default 0.95
        Coverage of the interval for all features and classes at once, in (0, 1).
    seed : int, default 0
        Key of the halves.

    Returns
    -------
    Measurement
        Area, in [0, 1]; 0.5 or less is best: who a row is says nothing of its label. `details.column` names the
        feature; `details.row_order` is the area that the order of the rows in the file reaches. 0.5 with
        `no_identifiers` where no feature is like an identifier.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_features`, `no_rows`, `one_class`, or `too_few_for_interval` where a class has fewer
        than two rows on the half that measures.

    Notes
    -----
    Like an identifier is text or a whole number that has at least 95 % distinct values among the sampled rows that have
    one. Its order (text: digits as numbers; missing cells first, equal ones in one place) is cut into 50 stretches of
    about as many rows; on one half of the rows the class's rate in every stretch is learned, smoothed by one row
    towards the overall rate, and the other half is ranked by it. So blocks show as a rising order does, and numbers
    that were given out after the outcome was known. With more than two classes: the largest over classes of one against
    the rest. Interval: the larger ends of `auc_interval` at a level that Bonferroni's inequality sets for all. Entities
    in both files: see `shared_entities`.

    References
    ----------
    Kaufman, S. et al. (2012), ACM Transactions on Knowledge Discovery from Data 6(4), 15 (leakage by identifiers);
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L2 (illegitimate features).
    """
    if sample.roles.task == "regression":
        raise NotMeasurable("needs_classification")
    if not sample.columns:
        raise NotMeasurable("no_features")
    if not sample.n:
        raise NotMeasurable("no_rows")
    classes = list(_classes(sample))
    if not classes:
        raise NotMeasurable("one_class")
    learning = parts_of(sample, 2, seed=seed) == 0
    orders = {name: _order(column) for name, column in sample.columns.items() if _is_like_an_identifier(column)}
    mass = (1 - confidence) / max(1, len(orders) * len(classes))
    found = [{"column": name, **_by_stretches(order, classes, learning, mass)} for name, order in orders.items()]
    found.sort(key=lambda one: (-one["value"], one["column"]))
    rows = _by_stretches(np.arange(sample.n), classes, learning, mass)
    clustered = sample.roles.clustered
    listed = [one | {"low": None, "high": None} if clustered else one for one in found[:_LISTED_FEATURES]]
    details = {"of_n": sample.of_n, "row_order": rows["value"], "features": listed}
    n = int(np.count_nonzero(~learning))
    if not found:
        reason = Reason(code="no_identifiers")
        return Measurement(value=0.5, n=n, unit="auc", method="exact", reason=reason, details=details)
    return Measurement(
        value=found[0]["value"],
        low=None if clustered else max(one["low"] for one in found),
        high=None if clustered else max(one["high"] for one in found),
        of=found[0]["of"] if sample.roles.task == "multiclass" else None,
        n=n,
        unit="auc",
        method="newcombe_delong",
        judged=not clustered,
        reason=Reason(code="clustered_rows") if clustered else None,
        details={"column": found[0]["column"], **details},
    )


def _near(name: str, evaluation: KeptDigests, training: KeptDigests, mass: float) -> dict[str, Any]:
    """One way of looking: what is found in training, what is alike in training itself, and the difference."""
    reach = min(evaluation.reach, training.reach)
    here, there = evaluation.up_to(reach), training.up_to(reach)
    inside = np.isin(here.digests, there.digests, assume_unique=True)
    n, others = max(int(here.counts.sum()), 1), max(int(there.counts.sum()), 1)
    found, twins = int(here.counts[inside].sum()), int(there.counts[there.counts > 1].sum())
    share, base = Fraction(found, n), Fraction(twins, others)
    limits = [exact_limits(x, trials, mass=mass) for x, trials in ((found, n), (twins / 2, others / 2))]
    low, high = difference_interval(float(share), limits[0], float(base), limits[1])
    return {
        "column": name,
        "value": max(0.0, float(share - base)),
        "low": max(0.0, float(low)) if base <= _MOSTLY_TWINS else 0.0,
        "high": max(0.0, float(high)),
        "n": n,
        "found_share": float(share),
        "training_twin_share": float(base),
        "positions": np.sort(here.positions[inside])[:_LISTED_POSITIONS].tolist(),
    }


def _told(one: dict[str, Any], *, clustered: bool) -> dict[str, Any]:
    kept = {key: value for key, value in one.items() if key != "positions"}
    return kept | ({"low": None, "high": None} if clustered else {})


def _is_like_an_identifier(column: Column) -> bool:
    present = column.values[~column.missing]
    if column.kind not in ("utf8", "i8") or len(present) < 2:
        return False
    return len(np.unique(present)) >= _NEARLY_UNIQUE * len(present)


def _order(column: Column) -> Ints:
    """How many rows come before a row in the order of the values: alike of equal values, none before missing ones."""
    from scipy.stats import rankdata

    values, there = column.values, ~column.missing
    if column.kind == "utf8":
        ranked = sorted(range(len(column.levels)), key=lambda code: level_key((column.levels[code],)))
        values = np.argsort(ranked)[values]
    before = np.zeros(len(values), np.int64)
    before[there] = rankdata(values[there], "min") - 1 + np.count_nonzero(column.missing)
    return before


def _by_stretches(places: Ints, classes: list[tuple[Label, Bools]], learning: Bools, mass: float) -> dict[str, Any]:
    stretches = places * _STRETCHES // len(places)
    found = []
    for label, members in classes:
        n = np.bincount(stretches[learning], minlength=_STRETCHES)
        inside = np.bincount(stretches[learning & members], minlength=_STRETCHES)
        rates = (inside + _PRIOR_ROWS * float(members.mean())) / (n + _PRIOR_ROWS)
        counts = auc_counts(rates[stretches[~learning]], members[~learning])
        # Before the area, which a class without rows has none of: this refuses.
        limits = auc_interval(counts, confidence=1 - mass)
        found.append((area(counts), label, limits))
    value, label, _ = max(found, key=lambda one: one[0])
    ends = [limits for _, _, limits in found]
    return {"value": value, "of": label, "low": max(low for low, _ in ends), "high": max(high for _, high in ends)}


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


def _why_no_interval(rows: Sample, classes: list[tuple[Label, Bools]], half: Bools) -> Reason | None:
    """What keeps the interval of an area from being known, if anything does."""
    if rows.roles.clustered:
        return Reason(code="clustered_rows")
    among = half | (not any(column.kind == "utf8" for column in rows.columns.values()))
    fewest = min(int(np.count_nonzero(among & side)) for _, members in classes for side in (members, ~members))
    if fewest < FEWEST_OF_A_CLASS:
        given = {"n": fewest, "needed": FEWEST_OF_A_CLASS}
        return Reason.model_validate({"code": "too_few_for_interval", "with": given})
    return None


def _best(
    name: str, column: Column, classes: list[tuple[Label, Bools]], half: Bools, mass: float | None
) -> dict[str, Any]:
    way = _of_text if column.kind == "utf8" else _of_number
    found = [
        (*way(scores, members, half, mass), label)
        for label, members in classes
        for scores in _scored(column, members, half)
    ]
    value, _, _, label = max(found, key=lambda one: one[0])
    ends = {} if mass is None else {"low": max(one[1] for one in found), "high": max(one[2] for one in found)}
    return {"column": name, "value": value, **ends, "of": label}


def _places(column: Column) -> tuple[float, ...]:
    """Where what is missing may stand in the order of a feature."""
    return (-np.inf, np.inf) if column.kind != "utf8" and column.missing.any() else (0.0,)


def _scored(column: Column, members: Bools, half: Bools) -> list[Floats]:
    if column.kind == "utf8":
        return [_rates(column, members, half)]
    return [np.where(column.missing, place, column.values) for place in _places(column)]


def _of_number(scores: Floats, members: Bools, _half: Bools, mass: float | None) -> tuple[float, float, float]:
    """The area and its limits in the better direction, none below a half."""
    counts = auc_counts(scores, members)
    value = area(counts)
    low, high = (value, value) if mass is None else map(float, auc_interval(counts, confidence=1 - mass))
    return max(value, 1 - value), max(0.5, low, 1 - high), max(high, 1 - low)


def _of_text(scores: Floats, members: Bools, half: Bools, mass: float | None) -> tuple[float, float, float]:
    """The area over all rows, and limits from one half, none below a half."""
    value = max(0.5, area(auc_counts(scores, members)))
    if mass is None:
        return value, value, value
    low, high = map(float, auc_interval(auc_counts(scores[half], members[half]), confidence=1 - mass))
    return value, max(0.5, min(low, value)), max(high, value)


def _rates(column: Column, members: Bools, half: Bools) -> Floats:
    """The class's rate among rows of the other half with the same value; missing is a value of its own."""
    codes: Ints = np.where(column.missing, len(column.levels), column.values).astype(np.int64)
    overall, rates = float(members.mean()), np.empty(len(codes))
    for side in (half, ~half):
        n = np.bincount(codes[~side], minlength=len(column.levels) + 1)
        inside = np.bincount(codes[~side & members], minlength=len(column.levels) + 1)
        rates[side] = ((inside + _PRIOR_ROWS * overall) / (n + _PRIOR_ROWS))[codes[side]]
    return rates
