from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from reliability.checks.leakage import (
    future_rows,
    identifier_auc,
    near_overlap,
    shared_entities,
    single_feature_auc,
    training_overlap,
)
from reliability.checks.sampled import auc_counts
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence import near_digests
from reliability.evidence.entity_digests import EntityDigests
from reliability.evidence.hashing import splitmix64
from reliability.evidence.near_digests import NearDigests
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.sample import Sample
from reliability.evidence.time_histogram import TimeHistogram
from reliability.intervals.ranks import auc_interval
from reliability.records import canonical_json
from tests.builders import block


def digests(y, x):
    return RowDigests.of(block(y, columns={"x": x}))


def entities(*given):
    return EntityDigests.of(block([0] * len(given), entity=given or None))


def sampled(y, columns, **roles):
    return Sample.of(block(y, columns=columns, **roles), seed=0, size=20_000)


def area(y, x, **roles):
    return single_feature_auc(sampled(y, {"x": x}, **roles)).value


def refused(check, *evidence):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence)
    return refusal.value.code


def test_training_overlap_is_the_share_of_rows_found_in_training():
    measured = training_overlap(digests([1, 0, 1, 0], [1, 2, 3, 4]), digests([1, 0, 1], [1, 2, 9]))

    assert (measured.value, measured.n) == (0.5, 4)
    assert measured.details == {
        "rows_found": 2, "found_share": 0.5, "training_twin_share": 0.0, "training_n": 3, "positions": [0, 1],
    }  # fmt: skip
    assert (measured.low, measured.high, measured.reason.code) == (None, None, "whole_file")


def test_training_overlap_takes_off_what_repeats_in_training_anyway():
    measured = training_overlap(digests([1, 1, 1, 1], [1, 1, 2, 3]), digests([1, 1, 1, 1], [1, 1, 7, 8]))

    assert measured.value == 0.0
    assert (measured.details["found_share"], measured.details["training_twin_share"]) == (0.5, 0.5)


def test_training_overlap_is_never_below_zero():
    assert training_overlap(digests([1], [5]), digests([1, 1], [1, 1])).value == 0.0


def test_training_overlap_is_one_for_the_training_rows_themselves():
    rows = digests([1, 0, 1], [1, 2, 3])

    assert training_overlap(rows, rows).value == 1.0


def test_training_overlap_needs_the_target_to_agree():
    assert training_overlap(digests([1], [5]), digests([0], [5])).value == 0.0


def test_training_overlap_is_small_where_coarse_rows_come_from_one_population():
    draws = np.random.default_rng(0)
    here, there = (digests(draws.integers(0, 2, n), draws.integers(0, 500, n)) for n in (500, 500))

    assert training_overlap(here, there).details["found_share"] > 0.3
    assert training_overlap(here, there).value < 0.06


def test_training_overlap_ignores_the_order_of_rows():
    y, x = [1, 0, 1, 0], [1, 2, 3, 4]
    there = digests([1, 0], [1, 2])

    assert training_overlap(digests(y[::-1], x[::-1]), there).value == training_overlap(digests(y, x), there).value


def test_training_overlap_refuses_without_rows_or_features():
    some, none = digests([1], [1]), digests([], [])

    assert refused(training_overlap, none, some) == "no_rows"
    assert refused(training_overlap, some, none) == "no_training_data"
    assert refused(training_overlap, RowDigests.of(block([1])), some) == "no_features"


def test_shared_entities_counts_entities_of_both_files():
    measured = shared_entities(entities(1, 2, 2, 3), entities(2, 3, 4))

    assert (measured.value, measured.n, measured.unit) == (2, 3, "entities")
    assert measured.details == {"training_n": 3, "shared_share": 2 / 3}
    assert measured.reason.code == "whole_file"


def test_shared_entities_is_zero_where_files_share_none():
    assert shared_entities(entities(1), entities(2)).value == 0


def test_shared_entities_ignores_how_often_an_entity_occurs():
    assert shared_entities(entities(1, 1, 1), entities(1, 2)).value == 1


@pytest.mark.parametrize(("here", "there"), [((), (1,)), ((1,), ())])
def test_shared_entities_refuses_files_that_name_none(here, there):
    assert refused(shared_entities, entities(*here), entities(*there)) == "no_entity"


def test_single_feature_auc_names_the_feature_that_gives_the_target_away():
    y = [0, 1] * 50
    measured = single_feature_auc(sampled(y, {"noise": [1, 1, 2, 2] * 25, "leak": y}))

    assert (measured.value, measured.n, measured.unit) == (1.0, 100, "auc")
    assert measured.details["column"] == "leak"
    noise = measured.details["features"][1]
    assert (noise["column"], noise["value"], noise["low"], noise["of"]) == ("noise", 0.5, 0.5, 1)
    assert (measured.high, measured.of, measured.reason) == (1.0, None, None)


def test_single_feature_auc_of_one_number_has_the_interval_of_its_area():
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 200)
    x = draws.normal(size=200) + y

    measured, turned = (single_feature_auc(sampled(y, {"x": sign * x})) for sign in (1, -1))

    assert (measured.low, measured.high) == pytest.approx(auc_interval(auc_counts(x, y == 1), confidence=0.95))
    assert (turned.low, turned.high) == pytest.approx((measured.low, measured.high), abs=1e-9)


def test_single_feature_auc_holds_the_largest_area_of_the_population_in_95_of_100_draws():
    draws = np.random.default_rng(0)
    ahead = np.array([0.2, 0.9, 1.0, 1.0, 0.0])
    largest = NormalDist().cdf(1.0 / np.sqrt(2))

    held = 0
    for _ in range(200):
        y = draws.integers(0, 2, 150)
        x = draws.normal(size=(150, 5)) + np.outer(y, ahead)
        measured = single_feature_auc(sampled(y, {f"c{place}": x[:, place] for place in range(5)}))
        held += measured.low <= largest <= measured.high

    assert held >= 190


def test_single_feature_auc_holds_a_texts_area_too():
    draws = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        y = draws.integers(0, 2, 300)
        told = np.where(draws.random(300) < 0.8, y, 1 - y)
        measured = single_feature_auc(sampled(y, {"x": np.where(told == 1, "yes", "no")}))
        held += measured.low <= 0.8 <= measured.high

    assert held >= 190


def test_single_feature_auc_is_not_judged_where_a_class_has_one_row_or_rows_belong_together():
    single = single_feature_auc(sampled([0, 1, 1], {"x": [1.0, 2.0, 3.0]}))
    y = [0, 1] * 20
    clustered = single_feature_auc(
        Sample.of(block(y, columns={"x": y}, entity=list(range(40)), clustered=True), seed=0, size=20_000)
    )

    assert (single.value, single.judged, single.low, single.reason.code) == (1.0, False, None, "too_few_for_interval")
    assert (clustered.value, clustered.judged, clustered.low, clustered.reason.code) == (
        1.0, False, None, "clustered_rows",
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=1, max_size=30))
def test_single_feature_auc_agrees_with_scikit_learn_on_numbers(rows):
    y, x = [0, 1, *(y for y, _ in rows)], [3, 3, *(x for _, x in rows)]
    expected = roc_auc_score(y, x)

    assert area(y, x) == pytest.approx(max(expected, 1 - expected), abs=1e-12)


def test_single_feature_auc_ignores_the_direction_of_a_number():
    y, x = [0, 1, 0, 1, 1], [1.0, 2.0, 3.0, 4.0, 5.0]

    assert area(y, x) == area(y, [-value for value in x])


def test_single_feature_auc_takes_a_missing_number_for_a_value_of_its_own():
    assert area([1, 1, 0, 0], [None, None, 1.0, 2.0]) == 1.0
    assert area([1, 1, 0, 0], [None, 9.0, 1.0, 2.0]) == 1.0


def test_single_feature_auc_does_not_reward_identifiers():
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 400)

    assert area(y, [f"id-{index}" for index in range(400)]) == 0.5
    assert area(y, [f"pair-{index // 2}" for index in range(400)]) < 0.6


def test_single_feature_auc_finds_text_that_gives_the_target_away():
    y = np.array([0, 1, 1, 0] * 50)

    assert area(y, ["yes" if label else "no" for label in y]) == 1.0
    assert area(y, [None if label else "no" for label in y]) == 1.0


def test_single_feature_auc_of_text_without_bearing_is_next_to_a_half():
    draws = np.random.default_rng(0)

    assert area(draws.integers(0, 2, 4_000), draws.choice(["a", "b", "c"], 4_000)) < 0.53


def test_single_feature_auc_says_which_class_a_feature_gives_away():
    y = ["a", "b", "c"] * 20
    measured = single_feature_auc(
        sampled(y, {"x": [label == "b" for label in y]}, classes=("a", "b", "c"), positive=None, task="multiclass")
    )

    assert (measured.value, measured.of) == (1.0, "b")


def test_single_feature_auc_lists_ten_features():
    columns = {f"c{index}": [index, 1, 2, 3] for index in range(12)}

    assert len(single_feature_auc(sampled([0, 1, 0, 1], columns)).details["features"]) == 10


def test_single_feature_auc_uses_no_more_rows_than_it_may():
    measured = single_feature_auc(sampled([0, 1] * 100, {"x": [0, 1] * 100}), sample_size=40)

    assert (measured.n, measured.details["of_n"]) == (40, 200)


def test_single_feature_auc_of_a_column_that_is_all_missing_is_a_half():
    assert area([0, 1, 1], [None, None, None]) == 0.5


def test_single_feature_auc_refuses_one_class_and_one_row():
    assert refused(single_feature_auc, sampled([1, 1], {"x": [1, 2]})) == "one_class"
    assert refused(single_feature_auc, sampled([1], {"x": [1]})) == "one_class"


def test_single_feature_auc_refuses_what_it_cannot_measure():
    assert refused(single_feature_auc, sampled([1.0], {"x": [1]}, task="regression")) == "needs_classification"
    assert refused(single_feature_auc, sampled([], {"x": []})) == "no_rows"
    assert refused(single_feature_auc, sampled([0, 1], {})) == "no_features"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=30),
)
def test_training_overlap_agrees_with_sets_of_rows(here, there):
    found = sum(row in set(there) for row in here) / len(here)
    twins = sum(there.count(row) > 1 for row in there) / len(there)

    measured = training_overlap(digests(*zip(*here, strict=True)), digests(*zip(*there, strict=True)))

    assert measured.value == pytest.approx(max(0.0, found - twins), abs=1e-15)
    assert (measured.details["found_share"], measured.details["training_twin_share"]) == (found, twins)


def test_training_overlap_ignores_kinds_and_codes():
    here = RowDigests.of(block([1, 0], columns={"x": [1, 2], "w": ["나", "가"]}))
    there = RowDigests.of(block([0, 1], columns={"x": [2.0, 1.0], "w": ["가", "나"]}))

    assert training_overlap(here, there).value == 1.0


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_training_overlap_does_not_depend_on_how_rows_were_cut_into_blocks(cut):
    rows = block([1, 0, 1, 0, 1, 1], columns={"x": [1, 2, 3, 4, 5, 6]})
    there = digests([1, 0, 1], [1, 2, 6])
    parts = RowDigests.of(rows.where(np.arange(cut))) + RowDigests.of(rows.where(np.arange(cut, 6)))

    assert training_overlap(parts, there) == training_overlap(RowDigests.of(rows), there)


def test_training_overlap_of_unrelated_rows_is_zero():
    assert training_overlap(digests([1, 0], [1, 2]), digests([1, 0], [3, 4])).value == 0.0


def test_training_overlap_lists_twenty_positions_and_counts_all():
    x = list(range(50))
    measured = training_overlap(digests([1] * 50, x), digests([1] * 50, x))

    assert measured.details["positions"] == list(range(20))
    assert measured.details["rows_found"] == 50


def test_training_overlap_finds_a_planted_leak_among_coarse_rows():
    draws = np.random.default_rng(1)
    y, x = draws.integers(0, 2, 400), draws.integers(0, 100_000, 400)
    clean_y, clean_x = draws.integers(0, 2, 300), draws.integers(100_000, 200_000, 300)

    measured = training_overlap(digests([*clean_y, *y[:100]], [*clean_x, *x[:100]]), digests(y, x))

    assert measured.value == pytest.approx(0.25, abs=0.01)
    assert measured.details["positions"] == list(range(300, 320))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_shared_entities_agrees_with_sets(here, there):
    measured = shared_entities(entities(*here), entities(*there))

    assert measured.value == len(set(here) & set(there))
    assert measured.n == len(set(here))


def test_shared_entities_is_the_same_from_either_side():
    here, there = entities(1, 2, 3), entities(3, 4)

    assert shared_entities(here, there).value == shared_entities(there, here).value


def test_leakage_can_be_written_down():
    rows, people = digests([1, 0], [1, 2]), entities(1, 2)
    sample = sampled([0, 1, 1], {"x": [1, 2, 3], "w": ["a", None, "b"], "yes": [True, None, False]})
    measured = [training_overlap(rows, rows), shared_entities(people, people), single_feature_auc(sample)]

    assert all(canonical_json(one).startswith(b"{") for one in measured)
    assert [type(one.value) for one in measured] == [float, int, float]


@pytest.mark.parametrize("transform", [np.exp, lambda x: x**3, lambda x: -x, lambda x: 1e9 + 5 * x])
def test_single_feature_auc_ignores_monotone_transforms(transform):
    draws = np.random.default_rng(0)
    y, x = draws.integers(0, 2, 100), draws.normal(size=100)

    assert area(y, transform(x)) == pytest.approx(area(y, x), abs=1e-12)


def test_single_feature_auc_ignores_which_class_is_positive():
    y, x = [0, 1, 0, 1, 1], [1.0, 2.0, 5.0, 4.0, 7.0]

    assert area(y, x, positive=0) == pytest.approx(area(y, x, positive=1), abs=1e-15)


def test_single_feature_auc_ignores_duplication():
    y, x = [0, 1, 0, 1, 1], [1.0, 2.0, 5.0, 4.0, None]

    assert area(y * 2, x * 2) == area(y, x)


def test_single_feature_auc_ignores_the_order_of_numbers_in_the_file():
    y, x = [0, 1, 0, 1, 1], [1.0, 2.0, 5.0, 4.0, 7.0]

    assert area(y[::-1], x[::-1]) == area(y, x)


@pytest.mark.parametrize(
    ("x", "expected"), [([True, True, False, False], 1.0), ([1, 1, 1, 1], 0.5), ([2, 1, 1, 0], 0.875)]
)
def test_single_feature_auc_takes_yes_and_no_and_ties_for_numbers(x, expected):
    assert area([1, 1, 0, 0], x) == expected


def test_single_feature_auc_of_many_classes_is_the_largest_of_one_against_the_rest():
    draws = np.random.default_rng(0)
    y, x = draws.integers(0, 3, 200), draws.normal(size=200)
    expected = [roc_auc_score(y == label, x) for label in range(3)]

    measured = single_feature_auc(sampled(y, {"x": x}, classes=(0, 1, 2), positive=None, task="multiclass"))

    assert measured.value == pytest.approx(max(max(a, 1 - a) for a in expected), abs=1e-12)


def test_single_feature_auc_passes_over_a_class_without_rows():
    measured = single_feature_auc(
        sampled([0, 1, 0], {"x": [1, 2, 1]}, classes=(0, 1, 2), positive=None, task="multiclass")
    )

    assert measured.value == 1.0


def test_single_feature_auc_orders_features_by_area_and_then_by_name():
    y = [0, 1] * 10
    measured = single_feature_auc(sampled(y, {"b": y, "a": y, "c": [1] * 20}))

    assert [one["column"] for one in measured.details["features"]] == ["a", "b", "c"]
    assert measured.details["column"] == "a"


def test_single_feature_auc_of_text_rests_on_the_seed_alone():
    draws = np.random.default_rng(0)
    sample = sampled(draws.integers(0, 2, 200), {"w": draws.choice([*"abcdefghij"], 200)})
    first, again = (single_feature_auc(sample, seed=3) for _ in range(2))

    assert first == again
    assert 0.5 <= first.value <= 1.0


def test_single_feature_auc_of_text_comes_close_to_the_true_rates():
    draws = np.random.default_rng(0)
    levels = draws.choice(["low", "mid", "high"], 6_000)
    rates = np.select([levels == "low", levels == "mid"], [0.1, 0.5], 0.9)
    y = (draws.random(6_000) < rates).astype(int)

    assert area(y, levels) == pytest.approx(roc_auc_score(y, rates), abs=0.01)


@pytest.mark.parametrize("cuts", [[1], [50], [10, 20, 99]])
def test_single_feature_auc_does_not_depend_on_how_rows_were_cut_into_blocks(cuts):
    draws = np.random.default_rng(0)
    rows = block(draws.integers(0, 2, 100), columns={"x": draws.normal(size=100), "w": draws.choice([*"ab"], 100)})
    parts = [Sample.of(rows.where(part), seed=0, size=60) for part in np.split(np.arange(100), cuts)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part

    assert single_feature_auc(total) == single_feature_auc(Sample.of(rows, seed=0, size=60))


def test_training_overlap_that_meets_a_limit_is_not_rounded_beyond_it():
    # 8 of 10 rows are found, 7 of 10 training rows have a twin: in floats 0.8 - 0.7 is above 0.1.
    here = digests([1] * 10, [1, 1, 1, 2, 2, 2, 2, 3, 90, 91])
    there = digests([1] * 10, [1, 1, 1, 2, 2, 2, 2, 3, 4, 5])
    measured = training_overlap(here, there)

    assert measured.value == 0.1
    assert (measured.details["found_share"], measured.details["training_twin_share"]) == (0.8, 0.7)


@pytest.mark.parametrize("size", [0, -1, -20_000])
def test_single_feature_auc_refuses_a_sample_of_no_rows(size):
    with pytest.raises(ChecklistError, match="'sample_size' must be at least 1"):
        single_feature_auc(sampled([0, 1, 0], {"x": [1, 2, 3]}), sample_size=size)


@pytest.mark.parametrize(
    ("y", "x", "expected"),
    [
        ([0, 1], [1, 2], 1.0),
        ([0, 1], [2, 1], 1.0),
        ([0, 1], [5, 5], 0.5),
        ([0, 0, 1, 1], [1, 2, 2, 3], 0.875),
        ([0, 0, 1, 1], [1, 4, 2, 3], 0.5),
        ([0, 1, 1, 1], [2, 1, 2, 3], 0.5),
        ([0, 0, 0, 1], [1, 2, 3, 4], 1.0),
        ([0, 1, 0, 1], [None, 1, None, 2], 1.0),
        ([0, 1, 0, 1], [None, None, 1, 2], 0.625),
        ([0, 1, 0, 1], [False, True, False, True], 1.0),
        ([0, 1, 0, 1], [True, True, False, None], 0.875),
        ([0, 1, 0, 1], [1e308, -1e308, 1e308, -1e308], 1.0),
    ],
)
def test_single_feature_auc_by_hand(y, x, expected):
    assert area(y, x) == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([None, 1, 2, 3])), min_size=2, max_size=30))
def test_single_feature_auc_puts_what_is_missing_at_the_better_end(rows):
    y, x = [0, 1, *(row[0] for row in rows)], [1, 2, *(row[1] for row in rows)]
    ends = [roc_auc_score(y, [end if value is None else value for value in x]) for end in (0, 4)]

    assert area(y, x) == pytest.approx(max(max(one, 1 - one) for one in ends), abs=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_single_feature_auc_of_text_without_bearing_does_not_reward_rare_values(seed):
    draws = np.random.default_rng(seed)
    y = draws.integers(0, 2, 600)
    rare = [f"v{value}" for value in draws.integers(0, 200, 600)]

    assert area(y, rare) < 0.6


def test_single_feature_auc_ignores_how_text_is_spelt():
    y, words = [0, 1, 1, 0, 1, 0, 1, 1] * 5, ["a", "b", "b", "a", "c", "c", "b", "a"] * 5
    korean = {"a": "가", "b": "나", "c": "다"}

    assert area(y, words) == area(y, [korean[word] for word in words])


def test_single_feature_auc_says_how_many_rows_it_saw_and_of_how_many():
    measured = single_feature_auc(sampled([0, 1] * 20, {"x": list(range(40))}), sample_size=10)

    assert (measured.n, measured.details["of_n"]) == (10, 40)
    assert (measured.unit, measured.method) == ("auc", "newcombe_delong")
    assert measured.reason is None


@pytest.mark.parametrize("n", [1, 128, 129, 1000])
def test_shared_entities_counts_every_entity_whatever_its_bucket(n):
    here, there = entities(*range(1, n + 1)), entities(*range(n, 3 * n))

    measured = shared_entities(here, there)
    assert (measured.value, measured.n) == (1, n)
    assert measured.details == {"training_n": 2 * n, "shared_share": 1 / n}


def test_shared_entities_does_not_depend_on_how_rows_were_cut_into_blocks():
    whole, there = entities(5, 1, 5, 9, 2), entities(2, 5, 7)

    assert shared_entities(entities(9, 2) + entities(5) + entities(5, 1), there) == shared_entities(whole, there)


@pytest.mark.parametrize("times", [2, 5])
def test_training_overlap_of_evaluation_rows_repeated_is_the_same(times):
    there = digests([1, 0, 1], [1, 2, 9])
    once, more = (digests([1, 0, 1, 0] * n, [1, 2, 3, 4] * n) for n in (1, times))

    assert training_overlap(more, there).value == training_overlap(once, there).value
    assert training_overlap(more, there).n == 4 * times


def test_training_overlap_takes_missing_cells_for_equal_and_apart_from_zero():
    assert training_overlap(digests([1, 1], [None, 5]), digests([1], [None])).value == 0.5
    assert training_overlap(digests([1], [None]), digests([1, 1], [0, 3])).value == 0.0


def test_training_overlap_compares_values_of_a_regression():
    here = RowDigests.of(block([1.5, 2.5], columns={"x": [1, 1]}, task="regression"))
    there = RowDigests.of(block([1.5, 9.0], columns={"x": [1, 1]}, task="regression"))

    assert training_overlap(here, there).value == 0.5


def area_of_text_by_hand(y, x, seed):
    """The notes of `single_feature_auc` on text, row by row."""
    counters = np.arange(len(y), dtype=np.uint64)
    half = (splitmix64(counters, key=seed) & np.uint64(1)).astype(bool)
    rates = []
    for row, word in enumerate(x):
        others = [y[one] for one in range(len(y)) if half[one] != half[row] and x[one] == word]
        rates.append((sum(others) + np.mean(y)) / (len(others) + 1))
    return max(0.5, roc_auc_score(y, rates))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("levels", ["ab", "abcde", "abcdefghijklmnopqrst"])
def test_single_feature_auc_of_text_is_that_of_rates_in_the_other_half(seed, levels):
    draws = np.random.default_rng(seed)
    x = [None if one == "a" else one for one in draws.choice(list(levels), 80)]
    y = [int(draws.random() < (0.8 if word in (None, "b", "e") else 0.4)) for word in x]
    measured = single_feature_auc(sampled(y, {"w": x}), seed=seed)

    assert measured.value == pytest.approx(area_of_text_by_hand(y, x, seed), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_single_feature_auc_of_text_smooths_rare_values_towards_the_overall_rate(seed):
    # Few rows a value and an overall rate far from a half: how rates are smoothed decides their order.
    draws = np.random.default_rng(seed + 50)
    x = draws.choice([f"v{index}" for index in range(30)], 90).tolist()
    y = [int(draws.random() < (0.5 if int(word[1:]) % 3 else 0.9)) for word in x]

    assert single_feature_auc(sampled(y, {"w": x}), seed=seed).value == pytest.approx(
        area_of_text_by_hand(y, x, seed), abs=1e-12
    )


def test_training_overlap_and_shared_entities_are_exact_and_say_so():
    overlap = training_overlap(digests([1, 0], [1, 2]), digests([1, 0], [1, 9]))
    shared = shared_entities(entities(1, 2), entities(2))

    assert (overlap.unit, overlap.method, shared.unit, shared.method) == ("share", "exact", "entities", "exact")
    assert (overlap.judged, shared.judged) == (True, True)


def test_single_feature_auc_uses_twenty_thousand_rows_and_the_seed_nought_unless_told_otherwise():
    draws = np.random.default_rng(0)
    y, words = draws.integers(0, 2, 20_010), draws.choice([*"abcdefgh"], 20_010)
    sample = Sample.of(block(y, columns={"w": words}), seed=0, size=30_000)
    measured = single_feature_auc(sample)

    assert (measured.n, measured.details["of_n"]) == (20_000, 20_010)
    assert measured == single_feature_auc(sample, sample_size=20_000, seed=0)
    assert measured != single_feature_auc(sample, sample_size=20_000, seed=1)


@pytest.mark.parametrize("size", [1, 2])
def test_single_feature_auc_takes_the_least_sample_there_is(size):
    sample = sampled([0, 1], {"x": [1, 2]})

    if size == 1:
        assert refused(lambda: single_feature_auc(sample, sample_size=1)) == "one_class"
    else:
        assert single_feature_auc(sample, sample_size=2).value == 1.0


@pytest.mark.parametrize(("y", "of"), [(["a", "b", "c", "c"], "c"), (["a", "a", "b", "c"], "a")])
def test_single_feature_auc_of_two_classes_alike_names_the_first(y, of):
    x = [1.0 if label == of else 0.0 for label in y]
    measured = single_feature_auc(sampled(y, {"x": x}, classes=("a", "b", "c"), positive=None, task="multiclass"))

    assert (measured.value, measured.of) == (1.0, of)
    assert measured.details["features"] == [{"column": "x", "value": 1.0, "of": of}]


def test_single_feature_auc_of_a_binary_target_without_a_positive_class_takes_either():
    y, x = [0, 1, 0, 1, 1], [1.0, 2.0, 5.0, 4.0, 7.0]

    assert area(y, x, positive=None) == pytest.approx(area(y, x), abs=1e-15)
    assert single_feature_auc(sampled(y, {"x": x}, positive=None)).of is None


def test_single_feature_auc_takes_integers_beyond_the_digits_of_a_float_for_ties():
    big = 2**60

    assert area([0, 1, 0, 1], [big, big + 1, big, big + 1]) == 0.5
    assert area([0, 1, 0, 1], [big, big + 4096, big, big + 4096]) == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([None, "a", "b", "c"])), min_size=1, max_size=40))
def test_single_feature_auc_of_any_text_stays_between_a_half_and_one(rows):
    y, x = [0, 1, *(row[0] for row in rows)], ["a", "b", *(row[1] for row in rows)]

    assert 0.5 <= area(y, x) <= 1.0
    assert area(y, x) == pytest.approx(area_of_text_by_hand(y, x, 0), abs=1e-12)


def test_single_feature_auc_of_classes_that_are_given_away_alike_names_the_first():
    roles = {"classes": ("a", "b", "c"), "positive": None, "task": "multiclass"}

    assert single_feature_auc(sampled(["b", "a", "b"], {"x": [1, 2, 1]}, **roles)).of == "a"
    assert single_feature_auc(sampled(["c", "b", "b"], {"x": [1, 2, 2]}, **roles)).of == "b"


def near(y, **columns):
    return NearDigests.of(block(y, columns=columns))


def drawn(seed, n):
    draws = np.random.default_rng(seed)
    return {"x": draws.normal(size=n), "z": draws.normal(size=n), "k": draws.integers(0, 10**9, n)}


def test_near_overlap_finds_rows_that_differ_in_one_column_and_names_it():
    training = drawn(0, 200)
    copied = {name: values[:100].copy() for name, values in training.items()}
    copied["k"] = copied["k"] + 1
    measured = near_overlap(near([0] * 100, **copied), near([0] * 200, **training))

    assert (measured.value, measured.details["column"], measured.details["rounded"]) == (1.0, "k", False)
    assert measured.details["positions"] == list(range(20))
    assert measured.low > 0.9
    assert len(measured.details["columns"]) == 5
    canonical_json(measured)


def test_near_overlap_finds_rows_that_were_rounded():
    training = drawn(0, 200)
    rounded = {name: np.round(values[:150], 6) for name, values in training.items()}
    measured = near_overlap(near([0] * 150, **rounded), near([0] * 200, **training))

    assert measured.value > 0.9
    assert measured.details["rounded"]
    assert "column" not in measured.details


def test_near_overlap_of_wholly_equal_rows_names_no_column():
    rows = near([0] * 50, **drawn(0, 50))
    measured = near_overlap(rows, rows)

    assert (measured.value, "column" in measured.details, measured.details["rounded"]) == (1.0, False, False)


def test_near_overlap_of_other_rows_is_nothing():
    measured = near_overlap(near([0] * 300, **drawn(0, 300)), near([0] * 300, **drawn(1, 300)))

    assert (measured.value, measured.low, measured.details["positions"]) == (0.0, 0.0, [])
    assert measured.high < 0.05


def test_near_overlap_takes_off_what_coarse_rows_have_in_common_anyway():
    draws = np.random.default_rng(0)
    here, there = (near([0] * 400, x=draws.integers(0, 200, 400), z=draws.integers(0, 2, 400)) for _ in range(2))
    measured = near_overlap(here, there)

    assert measured.details["columns"][0]["found_share"] > 0.5
    assert measured.low < 0.05


def test_near_overlap_is_met_in_a_sample_of_many_rows(monkeypatch):
    monkeypatch.setattr(near_digests, "KEPT", 64)
    training = drawn(0, 2000)
    rest = drawn(1, 1000)
    mixed = {name: np.concatenate((training[name][:1000], rest[name])) for name in training}
    measured = near_overlap(near([1] * 2000, **mixed), near([0] * 2000, **training))

    assert measured.details["column"] == "y"
    assert measured.n < 200
    assert measured.low < 0.5 < measured.high


def test_near_overlap_refuses_without_rows_or_features():
    some, none = near([0], x=[1]), near([], x=[])

    assert refused(near_overlap, none, some) == "no_rows"
    assert refused(near_overlap, some, none) == "no_training_data"
    assert refused(near_overlap, near([0]), near([0])) == "no_features"


def test_near_overlap_of_clustered_rows_is_not_judged():
    rows = NearDigests.of(block([0, 1], columns={"x": [1, 2]}, entity=[1, 2]))
    measured = near_overlap(rows, rows)

    assert (measured.judged, measured.low, measured.details["columns"][0]["high"]) == (False, None, None)


def times(*values):
    return TimeHistogram.of(block([0] * len(values), columns={"at": list(values)}, time="at"))


def test_future_rows_are_those_older_than_the_newest_training_row():
    measured = future_rows(times("2024-01-01", "2024-02-01", "2024-03-01", None), times("2023-12-01", "2024-02-01"))

    assert (measured.value, measured.n, measured.reason.code) == (1 / 3, 3, "whole_file")
    assert (measured.details["rows_found"], measured.details["unread"], measured.details["undecided"]) == (1, 1, 0)


def test_future_rows_are_none_where_training_ended_before():
    assert future_rows(times("2024-02-01", "2024-02-02"), times("2024-02-01")).value == 0.0


def test_future_rows_compare_instants_and_not_clocks():
    measured = future_rows(times("2024-01-02T00:30:00+09:00"), times("2024-01-01T23:00:00+00:00"))

    assert (measured.value, measured.n) == (1.0, 1)


def test_future_rows_need_times_of_both():
    assert refused(future_rows, times("2024-01-01"), times(None)) == "no_time"
    assert refused(future_rows, times("soon"), times("2024-01-01")) == "no_time"


def numbered(y, **columns):
    return identifier_auc(sampled(y, columns))


def test_identifier_that_was_given_out_after_the_outcome_tells_it():
    y = np.array([0] * 300 + [1] * 300)
    order = np.random.default_rng(0).permutation(600)
    measured = numbered(y[order], id=np.arange(600)[order], noise=np.zeros(600))

    assert measured.value > 0.95
    assert measured.low > 0.85
    assert measured.details["column"] == "id"
    assert abs(measured.details["row_order"] - 0.5) < 0.15


def test_identifier_in_blocks_tells_and_so_does_text():
    y = np.repeat([0, 1, 0, 1, 0], 120)
    order = np.random.default_rng(0).permutation(600)
    measured = numbered(y[order], name=[f"case {index}" for index in order])

    assert measured.low > 0.8
    assert measured.details["column"] == "name"


def test_identifier_at_random_says_nothing():
    draws = np.random.default_rng(0)
    measured = numbered(draws.integers(0, 2, 800), id=draws.permutation(800))

    assert measured.low < 0.5 < measured.high


def test_no_identifier_is_no_leak():
    measured = numbered([0, 1] * 20, x=[1, 2] * 20, real=np.linspace(0, 1, 40))

    assert (measured.value, measured.reason.code, measured.judged) == (0.5, "no_identifiers", True)
    assert measured.details["features"] == []


def test_order_of_the_rows_is_told_beside():
    assert numbered([0] * 100 + [1] * 100, x=[1, 2] * 100).details["row_order"] > 0.95


def test_identifier_auc_refuses_what_it_cannot_rank():
    assert refused(identifier_auc, sampled([0.5], {"x": [1]}, task="regression")) == "needs_classification"
    assert refused(identifier_auc, sampled([0, 1], {})) == "no_features"
    assert refused(identifier_auc, sampled([1, 1], {"x": [1, 2]})) == "one_class"
    assert refused(identifier_auc, sampled([], {"x": []})) == "no_rows"
    assert refused(identifier_auc, sampled([0, 1, 0, 0], {"x": [1, 2, 3, 4]})) == "too_few_for_interval"
