"""What every kind of evidence promises: sums that neither order nor block size can change."""

import dataclasses
import operator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import ColumnRule, Dependency
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.dependency_pairs import DependencyPairs
from reliability.evidence.distinct_values import DistinctValues
from reliability.evidence.entity_digests import EntityDigests
from reliability.evidence.group_counts import GroupCounts
from reliability.evidence.group_histogram import GroupHistogram
from reliability.evidence.group_missing import GroupMissing
from reliability.evidence.group_moments import GroupMoments
from reliability.evidence.group_population import GroupPopulation
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.group_strata import GroupStrata
from reliability.evidence.log_moments import LogMoments
from reliability.evidence.marked_cells import MarkedCells
from reliability.evidence.moments import Moments
from reliability.evidence.near_digests import NearDigests
from reliability.evidence.personal_identifiers import PersonalIdentifiers
from reliability.evidence.quasi_classes import QuasiClasses
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.row_times import RowTimes
from reliability.evidence.sample import Sample
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.evidence.text_profile import TextProfile
from tests.builders import block

N = 60
ADDED = {
    "column_histogram": ColumnHistogram.of,
    "column_profile": ColumnProfile.of,
    "confusion_matrix": ConfusionMatrix.of,
    "dependency_pairs": DependencyPairs.of,
    "distinct_values": DistinctValues.of,
    "entity_digests": EntityDigests.of,
    "group_counts": lambda rows: GroupCounts.of(rows, ("sex",)),
    "group_counts_of_a_pair": lambda rows: GroupCounts.of(rows, ("sex", "age")),
    "group_histogram": lambda rows: GroupHistogram.of(rows, ("sex",)),
    "group_missing": lambda rows: GroupMissing.of(rows, ("sex",)),
    "group_moments": lambda rows: GroupMoments.of(rows, ("sex",)),
    "group_moments_of_a_pair": lambda rows: GroupMoments.of(rows, ("sex", "age")),
    "group_population": lambda rows: GroupPopulation.of(rows, ("sex",)),
    "group_sizes": lambda rows: GroupSizes.of(rows, ("sex", "age")),
    "group_strata": lambda rows: GroupStrata.of(rows, ("sex",)),
    "log_moments": LogMoments.of,
    "marked_cells": MarkedCells.of,
    "moments": Moments.of,
    "near_digests": NearDigests.of,
    "personal_identifiers": PersonalIdentifiers.of,
    "quasi_classes": QuasiClasses.of,
    "row_digests": RowDigests.of,
    "row_times": RowTimes.of,
    "sample": lambda rows: Sample.of(rows, seed=0, size=13),
    "score_histogram": ScoreHistogram.of,
    "text_profile": TextProfile.of,
}

NEED_PREDICTIONS = {
    "confusion_matrix", "group_counts", "group_histogram", "group_moments", "group_strata", "log_moments", "moments",
    "score_histogram",
}  # fmt: skip


def rows(*, clustered=True):
    draws = np.random.default_rng(0)
    columns = {
        "x": [None if draws.random() < 0.2 else float(value) for value in draws.normal(size=N)],
        "i": draws.integers(-3, 3, N),
        "w": [None if draws.random() < 0.2 else str(value) for value in draws.choice(["가", "b", "C"], N)],
        "d": draws.integers(20240101, 20240129, N),
    }
    columns["p"] = [f"010-2{place % 7}00-{place % 5}000" if place % 3 else "가" for place in range(N)]
    groups = {
        "sex": [None if draws.random() < 0.1 else str(value) for value in draws.choice(["F", "M"], N)],
        "age": [int(value) for value in draws.integers(1, 12, N)],
    }
    y, score = draws.integers(0, 2, N), draws.random(N)
    entity = draws.integers(0, 2**63, N, np.uint64) if clustered else None
    rules = {"i": ColumnRule(minimum=-1)}
    declared = {"dependencies": (Dependency(given=("i",), fixes="w"),), "time": "d", "population": {"sex": {"F": 1.0}}}
    return block(
        y, (score > 0.5).astype(int), score, columns=columns, groups=groups, entity=entity, rules=rules,
        strata=("age",), quasi_identifiers=("i", "w"), **declared,
    )  # fmt: skip


def told(value):
    """Everything a piece of evidence says, as plain values that compare."""
    if isinstance(value, RowDigests):
        return value.n, value.duplicates(), value.contradictions(), value.with_twin()
    if isinstance(value, RowTimes):
        return value.n, value.unread, value.oldest, value.newest, value.out_of_order()
    if isinstance(value, QuasiClasses):
        return (
            value.columns,
            value.n,
            sorted(rows for part in value.classes() for rows in np.stack(part, axis=1).tolist()),
        )
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tolist()
    if isinstance(value, dict):
        return [(key, told(one)) for key, one in value.items()]
    if isinstance(value, tuple):
        return [told(one) for one in value]
    if dataclasses.is_dataclass(value):
        return [(field.name, told(getattr(value, field.name))) for field in dataclasses.fields(value)]
    return value


def shuffled_sum(parts, random):
    parts = list(parts)
    while len(parts) > 1:
        random.shuffle(parts)
        parts.append(parts.pop() + parts.pop())
    return parts[0]


@pytest.mark.parametrize("kind", ADDED)
@settings(max_examples=8, deadline=None)
@given(cuts=st.sets(st.integers(1, N - 1), max_size=8), random=st.randoms())
def test_evidence_adds_to_the_same_bits_in_any_order_and_tree(kind, cuts, random):
    whole = rows()
    parts = [ADDED[kind](whole.where(part)) for part in np.split(np.arange(N), sorted(cuts))]

    assert told(shuffled_sum(parts, random)) == told(ADDED[kind](whole))


@pytest.mark.parametrize("kind", ADDED)
def test_evidence_of_no_rows_adds_nothing(kind):
    some = ADDED[kind](rows())
    none = ADDED[kind](rows().where(np.zeros(0, np.int64)))

    assert told(some + none) == told(none + some) == told(some)


@pytest.mark.parametrize("kind", ADDED)
def test_evidence_adds_row_by_row(kind):
    whole = rows(clustered=False)
    parts = [ADDED[kind](whole.where(np.array([index]))) for index in range(N)]

    assert told(reduce(operator.add, parts)) == told(ADDED[kind](whole))


@pytest.mark.parametrize("kind", ADDED)
def test_evidence_is_frozen_and_left_alone_by_adding(kind):
    part = ADDED[kind](rows())
    before = told(part)
    _ = part + part

    assert told(part) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        part.roles = None


@pytest.mark.parametrize("kind", ADDED)
def test_evidence_says_whether_it_needs_predictions(kind):
    without = dataclasses.replace(rows(), y_pred=None, y_score=None)
    needs = type(ADDED[kind](rows())).needs_predictions

    assert needs is (kind.removesuffix("_of_a_pair") in NEED_PREDICTIONS)
    assert needs or ADDED[kind](without) is not None
