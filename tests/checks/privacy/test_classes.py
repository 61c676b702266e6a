"""k-anonymity and l-diversity, against pandas and by hand."""

from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.checks.privacy.classes import k_anonymity, l_diversity, rows_below_k, training_k_anonymity
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.quasi_classes import QuasiClasses
from tests.builders import block

EVERY = (k_anonymity, training_k_anonymity, rows_below_k, l_diversity)
ROWS = st.lists(
    st.tuples(st.sampled_from([None, 20, 30]), st.sampled_from(["F", "M"]), st.integers(0, 2)), min_size=1, max_size=40
)


def counted(y, roles=None, **columns):
    rows = block(y, columns=columns, classes=(0, 1, 2), quasi_identifiers=tuple(columns), **(roles or {}))
    return QuasiClasses.of(rows)


# Ages and sexes of six people: two classes of two, and two people who are alone.
SIX = counted([0, 1, 1, 1, 0, 2], age=[20, 20, 30, 30, 40, 50], sex=["F", "F", "M", "M", "F", "M"])


def refused(check, evidence, **options):
    with pytest.raises(NotMeasurable) as refusal:
        check(evidence, **options)
    return refusal.value.code


@pytest.mark.parametrize("check", [k_anonymity, training_k_anonymity])
def test_k_is_the_size_of_the_smallest_class(check):
    measured = check(SIX)

    assert (measured.value, measured.n, measured.unit, measured.method) == (1, 6, "rows", "exact")
    assert (measured.low, measured.high, measured.reason.code) == (None, None, "whole_file")
    assert measured.details == {"quasi_identifiers": ["age", "sex"], "classes": 4, "rows_alone": 2}


def test_k_is_all_rows_where_nothing_tells_them_apart():
    measured = k_anonymity(counted([0, 1, 2], sex=["F", "F", "F"]))

    assert (measured.value, measured.details["classes"], measured.details["rows_alone"]) == (3, 1, 0)


@pytest.mark.parametrize(("k", "found"), [(1, 0), (2, 2), (3, 6), (100, 6)])
def test_rows_below_k_are_those_of_smaller_classes(k, found):
    measured = rows_below_k(SIX, k=k)

    assert (measured.value, measured.n, measured.unit) == (found / 6, 6, "share")
    assert measured.details == {"quasi_identifiers": ["age", "sex"], "classes": 4, "k": k, "rows_found": found}
    assert (measured.method, measured.reason.code) == ("exact", "whole_file")


def test_five_rows_are_wanted_of_a_class_unless_said_otherwise():
    assert rows_below_k(counted([0] * 9, x=[1] * 5 + [2] * 4)).details["rows_found"] == 4


def test_l_is_the_fewest_targets_of_a_class():
    measured = l_diversity(SIX)

    assert (measured.value, measured.n, measured.unit, measured.method) == (1, 6, "count", "exact")
    assert measured.details == {"quasi_identifiers": ["age", "sex"], "classes": 4, "rows_found": 4}
    assert l_diversity(counted([0, 1, 2, 0], x=[1, 1, 2, 2])).value == 2


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(1, 6))
def test_all_of_it_agrees_with_pandas(rows, k):
    frame = pd.DataFrame(rows, columns=["age", "sex", "y"], dtype=object)
    grouped = frame.groupby(["age", "sex"], dropna=False)["y"]
    sizes, targets = grouped.transform("size"), grouped.nunique()
    evidence = counted([row[2] for row in rows], age=[row[0] for row in rows], sex=[row[1] for row in rows])

    assert k_anonymity(evidence).value == sizes.min()
    assert k_anonymity(evidence).details["classes"] == len(targets)
    assert rows_below_k(evidence, k=k).details["rows_found"] == (sizes < k).sum()
    assert rows_below_k(evidence, k=k).value == (sizes < k).mean()
    assert l_diversity(evidence).value == targets.min()


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms())
def test_order_and_blocks_of_rows_change_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    whole, parts = (
        [counted([row[2] for row in some], age=[row[0] for row in some], sex=[row[1] for row in some]) for some in cut]
        for cut in ([rows], [[row] for row in shuffled])
    )

    for check in EVERY:
        assert check(reduce(add, parts)) == check(whole[0])


@settings(max_examples=30, deadline=None)
@given(ROWS, st.integers(2, 4))
def test_repeating_every_row_multiplies_k_and_leaves_l(rows, times):
    once, often = (
        counted([row[2] for row in some], age=[row[0] for row in some], sex=[row[1] for row in some])
        for some in (rows, rows * times)
    )

    assert k_anonymity(often).value == times * k_anonymity(once).value
    assert l_diversity(often).value == l_diversity(once).value


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_another_quasi_identifier_never_helps(rows):
    y, age, sex = ([row[place] for row in rows] for place in (2, 0, 1))
    fewer, more = counted(y, age=age), counted(y, age=age, sex=sex)

    assert k_anonymity(more).value <= k_anonymity(fewer).value
    assert l_diversity(more).value <= l_diversity(fewer).value
    assert rows_below_k(more).value >= rows_below_k(fewer).value


def test_missing_values_are_a_class_of_their_own():
    assert k_anonymity(counted([0] * 5, age=[None, None, 20, 20, 20])).value == 2


def test_one_row_is_alone_and_has_one_target():
    one = counted([0], x=[1])

    assert (k_anonymity(one).value, rows_below_k(one).value, l_diversity(one).value) == (1, 1.0, 1)


def test_targets_of_regression_count_as_they_are():
    rows = block([1.5, 2.5, 2.5], columns={"x": [1, 1, 1]}, task="regression", quasi_identifiers=("x",))

    assert l_diversity(QuasiClasses.of(rows)).value == 2


@pytest.mark.parametrize("check", EVERY)
def test_classes_need_quasi_identifiers_and_rows(check):
    assert refused(check, QuasiClasses.of(block([0], columns={"x": [1]}))) == "no_quasi_identifiers"
    assert refused(check, counted([], x=[])) == "no_rows"


@pytest.mark.parametrize("k", [0, -1])
def test_k_is_at_least_one(k):
    with pytest.raises(ChecklistError, match=f"'k' must be at least 1, not {k}"):
        rows_below_k(SIX, k=k)


def test_no_value_of_a_row_stands_in_the_record():
    secret = counted([0, 1], zip=["04523", "06000"], born=[19800101, 19900101])

    for check in EVERY:
        told = check(secret).model_dump_json()
        assert not any(value in told for value in ("04523", "06000", "19800101", "19900101"))


def test_a_hundred_thousand_people_with_fine_postcodes_are_mostly_alone():
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"zip": draws.integers(0, 30_000, 50_000), "age": draws.integers(18, 90, 50_000)})
    evidence = counted(np.zeros(50_000, int), zip=frame.zip, age=frame.age)

    sizes = frame.groupby(["zip", "age"]).size()
    assert rows_below_k(evidence, k=2).details["rows_found"] == (sizes == 1).sum()
    assert k_anonymity(evidence).details["classes"] == len(sizes)
