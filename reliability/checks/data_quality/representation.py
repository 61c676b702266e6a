"""Whether classes and groups are there in the numbers that they should be."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from reliability.blocks import Floats, Ints
from reliability.checks.data_quality.files import ISO, WholeFile, listed_group, named
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.group_population import GroupPopulation
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.levels import Level
from reliability.evidence.score_keys import values_of_keys
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Measurement, Reason

_FEWEST_EXPECTED = 5
_UNKNOWN_SHARE = 0.05


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
        listed_group(attributes, level, int(size), judged=None not in level)
        for level, size in zip(group_sizes.levels, group_sizes.sizes, strict=True)
    ]
    known = [group for group in groups if group["judged"]]
    if not known:
        raise NotMeasurable("fewer_than_two_groups", by=list(attributes))
    smallest = min(known, key=lambda group: int(group["n"]))
    details = {"worst": [smallest["slice"]], "groups": groups}
    return WholeFile(value=smallest["n"], n=group_sizes.n, iso=("Rep-ML-1",), details=details, unit="rows").measured()


def smallest_class_size(column_histogram: ColumnHistogram) -> Measurement:
    """Rows of the smallest class.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        The target, counted.

    Returns
    -------
    Measurement
        Rows, from 0; more is better. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `needs_classification` or `no_rows`.

    Notes
    -----
    min over classes of their rows; a class that never occurs has 0. `details.classes` has every class.

    References
    ----------
    ISO/IEC 5259-2:2024, Bal-ML-3 (category size) and Div-ML-3 (category size below a threshold).
    """
    classes = _classes(column_histogram)
    smallest = min(classes, key=lambda one: int(one["n"]))
    details = {"class": smallest["class"], "classes": classes}
    return WholeFile(
        value=smallest["n"], n=column_histogram.n, iso=("Bal-ML-3", "Div-ML-3"), details=details, unit="rows"
    ).measured()


def smallest_class_share(column_histogram: ColumnHistogram) -> Measurement:
    """Share of rows that the smallest class has.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        The target, counted.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 / classes is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `needs_classification` or `no_rows`.

    Notes
    -----
    min over classes of rows of the class / rows. `details.classes` has every class.

    References
    ----------
    ISO/IEC 5259-2:2024, Bal-ML-7 (label proportion balance).
    """
    classes = _classes(column_histogram)
    smallest = min(classes, key=lambda one: int(one["n"]))
    details = {"class": smallest["class"], "classes": classes}
    return WholeFile(value=smallest["value"], n=column_histogram.n, iso=("Bal-ML-7",), details=details).measured()


def population_distance(group_population: GroupPopulation, *, confidence: float = 0.95) -> Measurement:
    """How far the groups' shares of the rows lie from their declared shares of the population.

    Parameters
    ----------
    group_population : GroupPopulation
        Rows of every group, and its declared share.
    confidence : float, default 0.95
        Coverage of the interval, and of the groups' intervals all at once, in (0, 1).

    Returns
    -------
    Measurement
        Total variation distance, in [0, 1]; 0 is best. `p_value` is that of the test that the rows were drawn from
        the declared population.

    Raises
    ------
    NotMeasurable
        `no_population` where no share of this attribute is declared, or `no_rows` where no row's group is known.

    Notes
    -----
    D = 1/2 sum over groups of |rows / n - declared share|, over rows of known groups; a group without a declared share
    has 0. Interval: D and the distance of what the rows were drawn from differ by at most the distance of the two,
    whose mean is at most sqrt((K - 1) / n) / 2 and which exceeds it by sqrt(log(2 / a) / 2n) with probability a / 2
    at most (McDiarmid): it covers at least as often as it says, for any number of groups. `details.groups` has each
    group's share with Clopper-Pearson limits at level a / K (Bonferroni) and its ratio to the declared share. Pearson's
    chi-squared statistic with K - 1 degrees of freedom; its p-value is left out where fewer than 5 rows are expected of
    a group, and is 0 where a group occurs that the population does not have. More than 5 % of rows in unknown groups,
    and clustered rows, are not judged.

    References
    ----------
    ISO/IEC 5259-2:2024, Rep-ML-1 (representativeness); Pearson, K. (1900), Philosophical Magazine 50, 157-175;
    McDiarmid, C. (1989), Surveys in Combinatorics, 148-188; Berend, D. and Kontorovich, A. (2013), Statistics and
    Probability Letters 83, 1254-1259 (mean of the distance).
    """
    shares = _declared(group_population)
    n = int(shares.rows.sum())
    observed = shares.rows / n
    distance = float(np.abs(observed - shares.declared).sum() / 2)
    outside = 1 - confidence
    slack = math.sqrt((len(observed) - 1) / n) / 2 + math.sqrt(math.log(2 / outside) / (2 * n))
    statistic, p_value = _chi_squared(shares.rows, shares.declared * n)
    reason = _not_of_the_population(group_population, n)
    details = {
        ISO: ["Rep-ML-1"],
        "groups": shares.listed(outside / len(observed)),
        "chi_squared": statistic,
        "degrees_of_freedom": len(observed) - 1,
    }
    return Measurement(
        value=distance,
        low=None if group_population.clustered else max(0.0, distance - slack),
        high=None if group_population.clustered else min(1.0, distance + slack),
        n=n, p_value=p_value, unit="difference", method="mcdiarmid", judged=reason is None, reason=reason,
        details=details,
    )  # fmt: skip


def population_share_ratio(group_population: GroupPopulation) -> Measurement:
    """How far the group that is furthest from its share of the population is from it, as a ratio.

    Parameters
    ----------
    group_population : GroupPopulation
        Rows of every group, and its declared share.

    Returns
    -------
    Measurement
        Ratio, in [0, 1]; 1 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_population` where no share of this attribute is declared, or `no_rows` where no row's group is known.

    Notes
    -----
    min over groups of min(s / d, d / s), s the group's share of the rows of known groups and d its declared share: at
    least 0.5 says that no group has less than half or more than twice its share.

    References
    ----------
    ISO/IEC 5259-2:2024, Rep-ML-1 (representativeness).
    """
    shares = _declared(group_population)
    n = int(shares.rows.sum())
    observed = shares.rows / n
    ratios = np.minimum(observed, shares.declared) / np.maximum(observed, shares.declared)
    worst = int(np.argmin(ratios))
    details = {"worst": [named(group_population.attributes, shares.levels[worst])], "groups": shares.listed(None)}
    return WholeFile(value=float(ratios[worst]), n=n, iso=("Rep-ML-1",), details=details, unit="ratio").measured()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shares:
    """Known groups with their rows and their declared shares, which add up to 1."""

    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    rows: Ints
    declared: Floats

    def listed(self, outside: float | None) -> list[dict[str, Any]]:
        """Every group, with limits at this level where they are wanted."""
        n = int(self.rows.sum())
        low: list[float | None] = [None] * len(self.rows)
        high = low
        if outside is not None:
            low, high = (end.tolist() for end in clopper_pearson(self.rows, n, confidence=1 - outside))
        return [
            {
                "slice": named(self.attributes, level), "value": rows / n, "low": below, "high": above, "n": rows,
                "declared": share, "ratio": rows / n / share if share else None, "judged": True,
            }
            for level, rows, share, below, above in zip(
                self.levels, self.rows.tolist(), self.declared.tolist(), low, high, strict=True
            )
        ]  # fmt: skip


def _declared(group_population: GroupPopulation) -> _Shares:
    if group_population.population is None:
        raise NotMeasurable("no_population", by=list(group_population.attributes))
    levels, rows, declared = group_population.known()
    if not rows.sum():
        raise NotMeasurable("no_rows")
    there = (rows > 0) | (declared > 0)
    kept = tuple(level for level, known in zip(levels, there.tolist(), strict=True) if known)
    return _Shares(attributes=group_population.attributes, levels=kept, rows=rows[there], declared=declared[there])


def _chi_squared(rows: Ints, expected: Floats) -> tuple[float | None, float | None]:
    """Pearson's statistic and its p-value, as far as there are any."""
    if (expected == 0).any():
        return None, 0.0
    if len(rows) < 2:
        return 0.0, 1.0
    statistic = float(((rows - expected) ** 2 / expected).sum())
    p_value = float(chdtrc(len(rows) - 1, statistic))
    return statistic, p_value if expected.min() >= _FEWEST_EXPECTED else None


def _not_of_the_population(group_population: GroupPopulation, n: int) -> Reason | None:
    """Why the rows do not tell what they were drawn from, if they do not."""
    if group_population.clustered:
        return Reason(code="clustered_rows")
    total = group_population.n
    left_out = (total - n) / total
    if left_out <= _UNKNOWN_SHARE:
        return None
    values = {"by": list(group_population.attributes), "share": left_out}
    return Reason.model_validate({"code": "small_groups", "with": values})


def _classes(column_histogram: ColumnHistogram) -> list[dict[str, Any]]:
    if column_histogram.roles.task == "regression":
        raise NotMeasurable("needs_classification")
    if not column_histogram.n:
        raise NotMeasurable("no_rows")
    target = column_histogram.target
    found = dict(zip(values_of_keys(target.keys).tolist(), target.counts.tolist(), strict=True))
    return [
        {"class": label, "n": found.get(index, 0), "value": found.get(index, 0) / column_histogram.n}
        for index, label in enumerate(column_histogram.roles.classes)
    ]
