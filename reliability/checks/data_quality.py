"""What is wrong with the rows themselves, whatever the model makes of them."""

from fractions import Fraction
from typing import Any

import numpy as np

from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile, ColumnSummary
from reliability.evidence.group_missing import GroupMissing
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.levels import Level
from reliability.evidence.row_digests import Repeats, RowDigests
from reliability.records import Measurement, Reason

_WHOLE_FILE = Reason(code="whole_file")
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
    _some_rows_and_features(column_profile.n, column_profile.roles.features)
    features = column_profile.features
    cells, missing = (
        column_profile.n * len(features),
        sum(column.missing for column in features.values()),
    )
    columns = [
        {"column": name, "missing": column.missing, "value": column.present / column.n}
        for name, column in sorted(features.items(), key=lambda pair: (-pair[1].missing, pair[0]))
    ]
    details = {"cells": cells, "missing": missing, "columns": columns}
    return _exact((cells - missing) / cells, column_profile.n, details)


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
            **_listed(attributes, level, int(size), bool(counts)),
            "value": float(rate) if size else None,
        }
        for level, size, counts, rate in zip(levels, sizes, judged, rates[:, worst], strict=True)
    ]
    details = {
        "column": group_missing.features[worst],
        "worst": [_slice(attributes, levels[most]), _slice(attributes, levels[least])],
        "groups": groups,
    }
    n = int(sizes[judged].sum())
    high, low = (Fraction(int(group_missing.missing[end, worst]), int(sizes[end])) for end in (most, least))
    # Rounded once: 0.8 - 0.7 in floats would stand just beyond a limit of 0.1 that it meets.
    exact = _exact(float(high - low), n, details, unit="difference")
    left_out = int(sizes[~judged].sum()) / int(sizes.sum())
    if left_out <= _SMALL_GROUPS_SHARE:
        return exact
    small = Reason.model_validate({"code": "small_groups", "with": {"by": list(attributes), "share": left_out}})
    return exact.model_copy(update={"reason": small, "judged": False})


def duplicate_rows(row_digests: RowDigests) -> Measurement:
    """Share of rows that repeat an earlier row.

    Parameters
    ----------
    row_digests : RowDigests
        Digests of every row's features and target.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    Rows with the features and target of a row before them / rows; row ids, times and sensitive columns that are
    no features do not count. `details.positions` has the first 20.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-1 (data record consistency).
    """
    _some_rows_and_features(row_digests.n, row_digests.roles.features)
    return _share_of_rows(row_digests.duplicates(), row_digests.n)


def contradictory_labels(row_digests: RowDigests) -> Measurement:
    """Share of rows whose features equal another row's while the target differs.

    Parameters
    ----------
    row_digests : RowDigests
        Digests of every row's features, with and without the target.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    Rows in sets of equal features that hold more than one target / rows. `details.positions` has the first 20.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-2 (data label consistency).
    """
    _some_rows_and_features(row_digests.n, row_digests.roles.features)
    return _share_of_rows(row_digests.contradictions(), row_digests.n)


def smallest_group_size(group_sizes: GroupSizes) -> Measurement:
    """Rows in the smallest group.

    Parameters
    ----------
    group_sizes : GroupSizes
        Rows of every group.

    Returns
    -------
    Measurement
        Rows, from 0; more is better. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_rows`, or `fewer_than_two_groups` where no row's group is known.

    Notes
    -----
    The unknown group is listed, not counted. A declared band without rows counts as 0; a combination of
    attributes counts only where it occurs.

    References
    ----------
    ISO/IEC 5259-2:2024, Rep-ML-1 (representativeness).
    """
    if not group_sizes.n:
        raise NotMeasurable("no_rows")
    attributes = group_sizes.attributes
    groups = [
        _listed(attributes, level, int(size), None not in level)
        for level, size in zip(group_sizes.levels, group_sizes.sizes, strict=True)
    ]
    known = [group for group in groups if group["judged"]]
    if not known:
        raise NotMeasurable("fewer_than_two_groups", by=list(attributes))
    smallest = min(known, key=lambda group: int(group["n"]))
    details = {"worst": [smallest["slice"]], "groups": groups}
    return _exact(smallest["n"], group_sizes.n, details, unit="rows")


def schema_violations(column_profile: ColumnProfile) -> Measurement:
    """Share of cells that break the data dictionary.

    Parameters
    ----------
    column_profile : ColumnProfile
        Cells of every column that break its rule.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_schema` where no column read has a rule, `no_rows` where none of their cells holds a value.

    Notes
    -----
    Cells outside the declared range or list / cells present in columns with a rule. What is missing breaks no
    rule: completeness counts it. `details.columns` has the columns that break theirs, with the first 20 positions.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-3 (data format consistency) and Acc-ML-6 (data value range).
    """
    ruled = {name: column for name, column in column_profile.columns.items() if name in column_profile.roles.rules}
    if not ruled:
        raise NotMeasurable("no_schema")
    cells = sum(column.present for column in ruled.values())
    if not cells:
        raise NotMeasurable("no_rows")
    broken = sum(column.violations for column in ruled.values())
    details = {"cells": cells, "violations": broken, "columns": _offenders(ruled)}
    return _exact(broken / cells, column_profile.n, details)


def _some_rows_and_features(n: int, features: tuple[str, ...]) -> None:
    if not features:
        raise NotMeasurable("no_features")
    if not n:
        raise NotMeasurable("no_rows")


def _exact(value: float, n: int, details: dict[str, Any], *, unit: str = "share") -> Measurement:
    return Measurement(value=value, n=n, unit=unit, method="exact", reason=_WHOLE_FILE, details=details)


def _share_of_rows(repeats: Repeats, n: int) -> Measurement:
    return _exact(
        repeats.n / n,
        n,
        {"rows_found": repeats.n, "positions": list(repeats.positions)},
    )


def _slice(attributes: tuple[str, ...], level: Level) -> dict[str, Any]:
    return dict(zip(attributes, level, strict=True))


def _listed(attributes: tuple[str, ...], level: Level, size: int, judged: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "slice": _slice(attributes, level),
        "value": size,
        "low": None,
        "high": None,
        "n": size,
        "judged": judged,
    }


def _offenders(columns: dict[str, ColumnSummary]) -> list[dict[str, Any]]:
    broken = [(name, column) for name, column in columns.items() if column.violations]
    return [
        {
            "column": name,
            "violations": column.violations,
            "value": column.violations / column.present,
            "positions": list(column.violation_positions),
        }
        for name, column in sorted(broken, key=lambda pair: (-pair[1].violations, pair[0]))
    ]
