"""What checks on a bounded sample share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from reliability.blocks import ENTITY_BUCKETS
from reliability.checks.sampled import area, auc_counts, parts_of, share_interval, worth_of
from reliability.evidence.hashing import splitmix64
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson, effective_n
from tests.builders import block

BITS = st.lists(st.booleans(), min_size=1, max_size=60)


@given(BITS, st.sampled_from([0.9, 0.95, 0.99]))
@settings(max_examples=50, deadline=None)
def test_share_interval_is_scipys_exact_one_where_rows_are_independent(bits, confidence):
    (low, high), method = share_interval(np.array(bits), None, confidence=confidence)
    exact = binomtest(sum(bits), len(bits)).proportion_ci(confidence, "exact")

    assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert method == "clopper_pearson"


def test_share_interval_is_wider_where_rows_of_an_entity_agree():
    entity = np.repeat(np.arange(40, dtype=np.uint64), 10)
    kept = np.repeat(np.arange(40) % 4 > 0, 10)
    (low, high), method = share_interval(kept, entity, confidence=0.95)
    (alone_low, alone_high), _ = share_interval(kept, None, confidence=0.95)

    assert method == "clopper_pearson_effective_n"
    assert low < alone_low < 0.75 < alone_high < high
    assert worth_of(kept, entity, confidence=0.95) < 60 < worth_of(kept, None, confidence=0.95) == 400


@pytest.mark.parametrize("value", [True, False])
def test_rows_without_variety_are_worth_their_entities(value):
    entity = np.repeat(np.arange(5, dtype=np.uint64), 10)

    assert worth_of(np.full(50, value), entity, confidence=0.95) == 5


def test_parts_are_the_same_in_any_company_of_rows():
    whole = Sample.of(block([0] * 400, columns={"x": list(range(400))}), seed=1, size=400)
    some = whole.take(np.arange(0, 400, 3))

    assert parts_of(whole, 5, seed=2)[::3].tolist() == parts_of(some, 5, seed=2).tolist()
    assert sorted(set(parts_of(whole, 5, seed=2).tolist())) == [0, 1, 2, 3, 4]
    assert parts_of(whole, 5, seed=2).tolist() != parts_of(whole, 5, seed=3).tolist()


def test_rows_of_one_entity_fall_into_one_part():
    rows = block([0] * 300, columns={"x": list(range(300))}, entity=[row // 3 for row in range(300)])
    parts = parts_of(Sample.of(rows, seed=1, size=300), 2, seed=2).reshape(-1, 3)

    assert (parts == parts[:, :1]).all()
    assert 0 < parts.mean() < 1


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=50))
@settings(max_examples=80, deadline=None)
def test_area_is_sklearns_with_ties(rows):
    scores, members = np.array([score for score, _ in rows], np.float64), np.array([one for _, one in rows])
    if members.all() or not members.any():
        return

    assert area(auc_counts(scores, members)) == pytest.approx(roc_auc_score(members, scores), abs=1e-12)


def test_counts_are_of_distinct_scores_ascending():
    counts = auc_counts(np.array([0.5, -1.0, 0.5, 2.0]), np.array([True, False, False, True]))

    assert counts.tolist() == [[1, 0], [1, 1], [0, 1]]
    assert area(counts) == 3.5 / 4


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_rows_are_worth_what_their_buckets_of_entities_say(confidence):
    draws = np.random.default_rng(2)
    entity = draws.integers(0, 2**63, 60, np.uint64).repeat(5)
    kept = draws.random(60).repeat(5) < 0.4
    buckets = np.array([int(one) % ENTITY_BUCKETS for one in entity])
    counts = [[int((buckets[rows] == place).sum()) for place in range(ENTITY_BUCKETS)] for rows in (kept, kept | True)]
    expected = effective_n(*np.array(counts), confidence=confidence)

    assert worth_of(kept, entity, confidence=confidence) == float(expected)
    assert type(worth_of(kept, entity, confidence=confidence)) is float


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_share_interval_of_entities_is_that_of_so_many_rows(confidence):
    entity, kept = np.repeat(np.arange(40, dtype=np.uint64), 10), np.repeat(np.arange(40) % 4 > 0, 10)
    worth = worth_of(kept, entity, confidence=confidence)
    expected = clopper_pearson(0.75 * worth, worth, confidence=confidence)
    (low, high), method = share_interval(kept, entity, confidence=confidence)

    assert (low, high) == pytest.approx(expected, abs=1e-12)
    assert (type(low), type(high), method) == (float, float, "clopper_pearson_effective_n")


@pytest.mark.parametrize(("bits", "low", "high"), [([True], 0.025, 1.0), ([False], 0.0, 0.975)])
def test_share_interval_of_one_row(bits, low, high):
    assert share_interval(np.array(bits), None, confidence=0.95)[0] == pytest.approx((low, high))


def test_parts_are_the_keyed_hash_of_the_position():
    rows = Sample.of(block([0] * 50, columns={"x": list(range(50))}, start=7), seed=1, size=50)
    words = splitmix64(np.arange(7, 57, dtype=np.uint64), key=9)

    assert parts_of(rows, 3, seed=9).tolist() == [int(word) % 3 for word in words]
    assert parts_of(rows, 3, seed=9).dtype == np.int64
    assert parts_of(rows, 1, seed=9).tolist() == [0] * 50


def test_parts_of_entities_are_the_keyed_hash_of_their_digests():
    digests = np.random.default_rng(3).integers(0, 2**64, 40, np.uint64)
    rows = Sample.of(block([0] * 40, columns={"x": list(range(40))}, entity=digests), seed=1, size=40)

    assert parts_of(rows, 4, seed=5).tolist() == [int(word) % 4 for word in splitmix64(digests, key=5)]


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=50))
@settings(max_examples=50, deadline=None)
def test_counts_are_what_one_counts_by_hand(rows):
    scores, members = np.array([score for score, _ in rows], np.float64), np.array([one for _, one in rows])
    counts = auc_counts(scores, members)

    assert counts.dtype == np.int64
    assert counts.tolist() == [
        [sum(score == place and one is kind for score, one in rows) for kind in (False, True)]
        for place in sorted({score for score, _ in rows})
    ]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[1, 0], [0, 1]], 1.0),
        ([[0, 1], [1, 0]], 0.0),
        ([[3, 5]], 0.5),
        ([[2, 1], [1, 2]], 2 * 2 / 9 + (2 + 2) / 18),
        ([[10**6, 1], [1, 10**6]], (10**12 + 10**6) / (10**6 + 1) ** 2),
    ],
)
def test_area_by_hand(counts, expected):
    assert area(np.array(counts, np.int64)) == pytest.approx(expected, abs=1e-15)
    assert type(area(np.array(counts, np.int64))) is float
