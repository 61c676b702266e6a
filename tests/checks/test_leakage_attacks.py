"""Leakage checks against row-by-row recomputations, over many tables."""

import math
from collections import Counter
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from reliability.checks.leakage import (
    near_overlap,
    training_overlap,
)
from reliability.evidence.near_digests import NearDigests
from reliability.evidence.row_digests import RowDigests
from tests.builders import block

NAMES = ("x", "z", "w")
BIG = 2**60
# Target, whole number, real number, text: few values each, so that rows meet.
ROW = st.tuples(
    st.integers(0, 1),
    st.sampled_from([None, 1, 2, BIG, BIG + 1]),
    st.sampled_from([None, 0.0, -1.5, 1.5, 1.51, 100.25]),
    st.sampled_from([None, "a", "1"]),
)
TABLE = st.lists(ROW, min_size=1, max_size=25)


def rows_of(table, **roles):
    return block(
        [row[0] for row in table], columns={n: [row[p] for row in table] for p, n in enumerate(NAMES, 1)}, **roles
    )


def in_blocks(evidence, rows, cuts):
    return reduce(add, [evidence.of(rows.where(part)) for part in np.array_split(np.arange(rows.n), cuts)])


def coarse(value):
    """A number to the 64th part of its power of two; anything else as it is."""
    if value is None or isinstance(value, str | bool):
        return value
    fraction, exponent = math.frexp(float(value))
    return math.trunc(fraction * 128), exponent


def shares(here, there):
    """Share of keys found there, share of keys there that have a twin."""
    counted = Counter(there)
    return sum(key in counted for key in here) / len(here), sum(counted[key] > 1 for key in there) / len(there)


def ways(table):
    """The keys of every row, by what is left out."""
    left_out = {name: [row[:p] + row[p + 1 :] for row in table] for p, name in enumerate(("y", *NAMES))}
    return left_out | {"": [tuple(map(coarse, row)) for row in table]}


def limits(successes, n, mass):
    low = beta.ppf(mass / 2, successes, n - successes + 1) if successes > 0 else 0.0
    high = beta.isf(mass / 2, successes + 1, n - successes) if successes < n else 1.0
    return low, high


def gap_limits(found, n, twins, m, mass):
    """Square-and-add, training rows worth half."""
    (low, high), (least, most) = limits(found, n, mass), limits(twins / 2, m / 2, mass)
    first, second = found / n, twins / m
    return first - second - math.hypot(first - low, most - second), first - second + math.hypot(
        high - first, second - least
    )


@settings(max_examples=60, deadline=None)
@given(TABLE, TABLE)
def test_near_overlap_is_that_of_rows_compared_one_by_one(here, there):
    measured = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))
    mine, theirs = ways(here), ways(there)
    expected = {name: shares(mine[name], theirs[name]) for name in mine}
    told = {one["column"]: one for one in measured.details["columns"]}

    assert set(told) == set(expected)
    for name, (found, twins) in expected.items():
        assert told[name]["found_share"] == pytest.approx(found, abs=1e-15), name
        assert told[name]["training_twin_share"] == pytest.approx(twins, abs=1e-15), name
        assert told[name]["value"] == pytest.approx(max(0.0, found - twins), abs=1e-15), name
    values = {name: max(0.0, found - twins) for name, (found, twins) in expected.items()}
    assert measured.value == pytest.approx(max(values.values()), abs=1e-15)
    assert (measured.n, measured.details["of_n"], measured.details["training_n"]) == (len(here), len(here), len(there))


@settings(max_examples=40, deadline=None)
@given(TABLE, TABLE)
def test_near_overlap_has_the_limits_of_square_and_add_at_bonferronis_level(here, there):
    measured = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)), confidence=0.9)
    mine, theirs, found = ways(here), ways(there), {}
    for name in mine:
        share, twins = shares(mine[name], theirs[name])
        found[name] = gap_limits(round(share * len(here)), len(here), round(twins * len(there)), len(there), 0.1 / 5)
    told = {one["column"]: (one["low"], one["high"]) for one in measured.details["columns"]}

    for name, (low, high) in found.items():
        assert told[name] == pytest.approx((max(0.0, low), min(1.0, max(0.0, high))), abs=1e-9), name
    assert measured.low == max(low for low, _ in told.values())
    assert measured.high == max(high for _, high in told.values())
    assert 0 <= measured.low <= measured.value <= measured.high <= 1


@settings(max_examples=40, deadline=None)
@given(TABLE, TABLE)
def test_near_overlap_lists_the_first_row_of_every_key_that_is_found(here, there):
    measured = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))
    name = measured.details["columns"][0]["column"]
    mine, theirs = ways(here)[name], set(ways(there)[name])
    first = sorted(mine.index(key) for key in set(mine) & theirs)

    assert measured.details["positions"] == (first[:20] if measured.value > 0 else [])


@settings(max_examples=30, deadline=None)
@given(TABLE, TABLE, st.randoms(), st.integers(1, 5))
def test_overlap_ignores_order_of_rows_and_columns_and_blocks(here, there, random, cuts):
    shuffled = rows_of(random.sample(here, len(here)))
    turned = {name: [row[p] for row in there] for p, name in ((3, "w"), (1, "x"), (2, "z"))}
    theirs = block([row[0] for row in there], columns=turned)

    once = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))
    again = near_overlap(in_blocks(NearDigests, shuffled, cuts), in_blocks(NearDigests, theirs, cuts))
    assert (once.value, once.low, once.high, once.details["columns"]) == (
        again.value, again.low, again.high, again.details["columns"],
    )  # fmt: skip
    exact = [
        training_overlap(in_blocks(RowDigests, rows_of(rows), cuts), RowDigests.of(rows_of(others)))
        for rows, others in ((here, there), (random.sample(here, len(here)), random.sample(there, len(there))))
    ]
    assert exact[0].value == exact[1].value
    assert exact[0].details["rows_found"] == exact[1].details["rows_found"]
