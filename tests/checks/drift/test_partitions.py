import numpy as np
import pytest

from reliability.checks.drift.partitions import binned, is_category
from reliability.evidence.column_histogram import Beside, ColumnCounts
from tests.builders import column
from tests.checks.drift.two_sets import levels


def beside(training, evaluation):
    return Beside.of(*(ColumnCounts.of(column(values)) for values in (training, evaluation)))


def counts(training, evaluation):
    return sorted(binned(beside(training, evaluation)).tolist())


def test_quantities_are_cut_at_the_training_deciles():
    found = binned(beside(np.arange(100.0), np.repeat(np.arange(50.0), 2)))

    assert found.tolist() == [[10, 20]] * 5 + [[10, 0]] * 5


def test_one_training_row_cuts_at_itself():
    assert counts([0.0], [*-np.arange(1.0, 31.0), *np.arange(1.0, 41.0)]) == [[0, 40], [1, 30]]


@pytest.mark.parametrize("training", [np.arange(100.0), ["a", "b"] * 50])
def test_rows_are_counted_in_whole_numbers(training):
    assert binned(beside(training, training)).dtype == np.int64


def test_few_values_are_a_bin_each():
    assert counts([1, 2, 2, 3] * 10, [1, 1, 2, 3] * 10) == [[10, 10], [10, 20], [20, 10]]


@pytest.mark.parametrize(("distinct", "category"), [(20, True), (21, False)])
def test_numbers_of_few_values_are_categories(distinct, category):
    assert is_category(beside(np.arange(float(distinct)), [0.0])) is category


def test_text_and_yes_or_no_are_categories():
    assert is_category(beside([f"w{index}" for index in range(50)], ["a"]))
    assert is_category(beside([True, False], [True]))


def test_what_is_missing_has_its_bin():
    assert counts([1] * 20 + [None] * 20, [1] * 30 + [None] * 10) == [[20, 10], [20, 30]]


def test_rare_levels_are_one_bin():
    # Of 60 rows of both together a bin needs 10: five of the smaller half.
    assert counts(levels(20, 4, 3, 3), levels(20, 4, 3, 3)) == [[10, 10], [20, 20]]


def test_what_is_too_rare_for_a_bin_goes_to_the_smallest():
    assert counts(levels(20, 9, 1), levels(20, 9, 1)) == [[10, 10], [20, 20]]


def test_what_just_fills_a_bin_is_one():
    assert counts(levels(12, 13, 3, 2), levels(12, 13, 3, 2)) == [[5, 5], [12, 12], [13, 13]]


def test_what_is_too_rare_goes_to_the_smallest_of_many():
    assert counts(levels(20, 15, 9, 1), levels(20, 15, 9, 1)) == [[10, 10], [15, 15], [20, 20]]


def test_a_small_data_set_asks_for_larger_bins():
    assert len(counts(levels(250, 250, 250, 250), levels(5, 5, 5, 5))) == 4
    assert len(counts(levels(250, 250, 250, 250), levels(2, 2, 2, 2))) == 2


def test_a_level_new_in_evaluation_keeps_its_bin_where_it_has_rows():
    assert [0, 30] in counts(levels(100), ["level 0"] * 70 + ["new"] * 30)


def test_at_most_a_hundred_levels_have_their_own():
    text = [f"w{index}" for index in range(150)] * 20

    assert len(counts(text, text)) == 101


def test_of_levels_that_are_as_common_the_first_by_key_have_their_own():
    both = beside(levels(*[4, 6, 5, 7] * 38), levels(*[6, 4, 7, 5] * 38))
    rows = both.counts.tolist()
    # Python's sort leaves what is alike in its order.
    own = sorted(sorted(range(len(rows)), key=lambda place: -sum(rows[place]))[:100])
    rest = both.counts.sum(axis=0) - both.counts[own].sum(axis=0)

    assert binned(both).tolist() == [*(rows[place] for place in own), rest.tolist()]


@pytest.mark.parametrize("training", [[1.0] * 30, [None] * 30])
def test_one_value_is_one_bin(training):
    assert counts(training, training) == [[30, 30]]


def test_rows_are_neither_lost_nor_counted_twice():
    draws = np.random.default_rng(0)
    for n in (1, 5, 37, 400):
        found = binned(beside(draws.normal(size=n), draws.lognormal(size=2 * n)))

        assert found.sum(axis=0).tolist() == [n, 2 * n]
