"""How much of the data is there: cells, features, and the same by group."""

from fractions import Fraction
from typing import Any

import numpy as np

from reliability.checks.data_quality.files import WholeFile, listed_group, named, require_rows_and_features
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.group_missing import GroupMissing
from reliability.records import Measurement, Reason

# Share of rows in groups that are not judged, beyond which the comparison is not judged either.
_SMALL_GROUPS_SHARE = 0.05


def value_completeness(column_profile: ColumnProfile) -> Measurement:
    """Share of feature cells that hold a value.

    Parameters
    ----------
    column_profile : ColumnProfile
        Missing cells of every feature.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    1 - missing cells / (rows x features). `details.columns` has every feature, the emptiest first.

    References
    ----------
    ISO/IEC 5259-2:2024, Com-ML-1 (value completeness) and Com-ML-3 (feature completeness).
    """
    require_rows_and_features(column_profile.n, column_profile.roles.features)
    features = column_profile.features
    cells, missing = (
        column_profile.n * len(features),
        sum(column.missing for column in features.values()),
    )
    columns = _by_emptiness(column_profile)
    details = {"cells": cells, "missing": missing, "columns": columns}
    return WholeFile(
        value=(cells - missing) / cells, n=column_profile.n, iso=("Com-ML-1", "Com-ML-3"), details=details
    ).measured()


def feature_completeness(column_profile: ColumnProfile) -> Measurement:
    """Share of cells that hold a value in the emptiest feature.

    Parameters
    ----------
    column_profile : ColumnProfile
        Missing cells of every feature.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    min over features of (1 - missing cells / rows). `details.columns` has every feature with a missing cell, the
    emptiest first.

    References
    ----------
    ISO/IEC 5259-2:2024, Com-ML-3 (feature completeness).
    """
    require_rows_and_features(column_profile.n, column_profile.roles.features)
    columns = [one for one in _by_emptiness(column_profile) if one["missing"]]
    value = columns[0]["value"] if columns else 1.0
    details = {"columns_read": len(column_profile.features), "columns": columns}
    return WholeFile(value=value, n=column_profile.n, iso=("Com-ML-3",), details=details).measured()


def label_completeness(column_histogram: ColumnHistogram) -> Measurement:
    """Share of rows that have a label.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        The target, counted.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows`.

    Notes
    -----
    Labels / rows. It is 1 wherever it is measured: data with a missing label are refused when they are read, with the
    row and the number of such rows.

    References
    ----------
    ISO/IEC 5259-2:2024, Com-ML-5 (label completeness).
    """
    if not column_histogram.n:
        raise NotMeasurable("no_rows")
    labels = column_histogram.target.present
    details = {"labels": labels}
    return WholeFile(
        value=labels / column_histogram.n, n=column_histogram.n, iso=("Com-ML-5",), details=details
    ).measured()


def group_missing_gap(group_missing: GroupMissing, *, minimum_group_size: AtLeastOne = 30) -> Measurement:
    """Largest difference between groups in how often one feature is missing.

    Parameters
    ----------
    group_missing : GroupMissing
        Missing cells by group and feature.
    minimum_group_size : int, default 30
        Smaller groups are listed, not compared.

    Returns
    -------
    Measurement
        Difference of shares, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `fewer_than_two_groups`.

    Notes
    -----
    max over features of (max over groups - min over groups) of the share of missing cells. The unknown group is
    listed, not compared; where it and the small groups hold over 5 % of the rows the measurement is not judged.

    References
    ----------
    ISO/IEC 5259-2:2024, Com-ML-3 (feature completeness), taken by group as EU AI Act, Article 10(2)(f), asks.
    """
    require_at_least("minimum_group_size", minimum_group_size, 1)
    if not group_missing.features:
        raise NotMeasurable("no_features")
    sizes = group_missing.sizes
    known = np.array([None not in level for level in group_missing.levels], np.bool_)
    judged = known & (sizes >= minimum_group_size)
    if np.count_nonzero(judged) < 2:
        raise NotMeasurable("fewer_than_two_groups", by=list(group_missing.attributes))
    rates = group_missing.missing / np.maximum(sizes, 1)[:, np.newaxis]
    compared = np.flatnonzero(judged)
    gaps = np.ptp(rates[compared], axis=0)
    worst = int(np.argmax(gaps))
    most, least = (
        compared[np.argmax(rates[compared, worst])],
        compared[np.argmin(rates[compared, worst])],
    )
    attributes, levels = group_missing.attributes, group_missing.levels
    groups = [
        {
            **listed_group(attributes, level, int(size), judged=bool(counts)),
            "value": float(rate) if size else None,
        }
        for level, size, counts, rate in zip(levels, sizes, judged, rates[:, worst], strict=True)
    ]
    details = {
        "column": group_missing.features[worst],
        "worst": [named(attributes, levels[most]), named(attributes, levels[least])],
        "groups": groups,
    }
    n = int(sizes[judged].sum())
    high, low = (Fraction(int(group_missing.missing[end, worst]), int(sizes[end])) for end in (most, least))
    # Rounded once: 0.8 - 0.7 in floats would stand just beyond a limit of 0.1 that it meets.
    exact = WholeFile(value=float(high - low), n=n, iso=("Com-ML-3",), details=details, unit="difference").measured()
    left_out = int(sizes[~judged].sum()) / int(sizes.sum())
    if left_out <= _SMALL_GROUPS_SHARE:
        return exact
    small = Reason.model_validate({"code": "small_groups", "with": {"by": list(attributes), "share": left_out}})
    return exact.model_copy(update={"reason": small, "judged": False})


def _by_emptiness(column_profile: ColumnProfile) -> list[dict[str, Any]]:
    return [
        {"column": name, "missing": column.missing, "value": column.present / column.n}
        for name, column in sorted(column_profile.features.items(), key=lambda pair: (-pair[1].missing, pair[0]))
    ]
