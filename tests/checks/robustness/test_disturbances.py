from itertools import cycle

import numpy as np
import pytest

from reliability.checks.robustness.disturbances import (
    category_swap,
    missing_values,
    noise,
    rounding,
    scaled,
    spacing,
    typos,
    unseen_category,
    unseen_word,
)
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile
from tests.builders import block, column

N = 4_000
LARGEST = float(np.finfo(np.float64).max)
WORDS = ["a"] * 3_000 + ["b"] * 900 + ["c"] * 100


def draws(seed=0):
    return np.random.default_rng(seed)


def test_a_stronger_disturbance_holds_the_weaker_one():
    columns = {"x": column(np.arange(200.0)), "w": column(["a", "b"] * 100)}
    at = missing_values(columns, draws())
    weak, strong = at(0.1), at(0.4)

    for name in columns:
        assert (strong[name].missing >= weak[name].missing).all()
        assert strong[name].missing.sum() > weak[name].missing.sum()


def test_noise_of_twice_the_strength_goes_twice_as_far():
    columns = {"x": column(np.arange(50.0))}
    at = noise(columns, ColumnProfile.of(block([0] * 50, columns=columns)), draws())
    moved = [at(strength)["x"].values - columns["x"].values for strength in (0.1, 0.2)]

    assert moved[1] == pytest.approx(2 * moved[0])


def test_a_swapped_category_is_always_another_and_comes_as_often_as_it_occurs():
    columns = {"w": column(WORDS)}
    swapped = category_swap(columns, draws())(1.0)["w"]
    was, now = np.array(WORDS), np.array(swapped.as_labels())

    assert not (was == now).any()
    # Of the rows that have another word than b, 3,000 of 3,100 say a.
    assert np.mean(now[was == "b"] == "a") == pytest.approx(3_000 / 3_100, abs=0.03)
    assert np.mean(now[was == "a"] == "b") == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
def test_as_many_categories_are_swapped_as_said(share):
    columns = {"w": column(WORDS), "b": column([True, False] * 2_000), "x": column(np.arange(4_000.0))}
    at = category_swap(columns, draws())(share)

    assert set(at) == {"w", "b"}
    for name in at:
        moved = at[name].values != columns[name].values
        assert moved.mean() == pytest.approx(share, abs=0.03)


def test_swapping_leaves_gaps_and_columns_of_one_value_alone():
    columns = {"w": column(["a", None, "b", None]), "one": column(["z"] * 4)}
    at = category_swap(columns, draws())(1.0)

    assert at["w"].as_labels() == ["b", None, "a", None]
    assert set(at) == {"w"}


@pytest.mark.parametrize("columns", [{"x": [1.0, 2.0]}, {"w": ["a", "a"]}, {"w": ["a", None]}])
def test_swapping_refuses_rows_without_categories(columns):
    with pytest.raises(NotMeasurable, match="no_categories"):
        category_swap({name: column(values) for name, values in columns.items()}, draws())


def test_an_unseen_category_is_in_no_row():
    columns = {"w": column(["unseen", "b", None])}
    profile = ColumnProfile.of(block([0] * 4, columns={"w": ["unseen", "b", "unseen_", "c"]}))
    at = unseen_category(columns, profile, draws())(1.0)["w"]

    assert at.as_labels() == ["unseen__", "unseen__", None]
    assert unseen_word(column(["a"]), ()) == "unseen"


def test_unseen_categories_refuse_rows_without_text():
    with pytest.raises(NotMeasurable, match="no_categories"):
        unseen_category({"b": column([True, False])}, ColumnProfile.of(block([0])), draws())


@pytest.mark.parametrize(
    ("values", "digits", "expected"),
    [
        ([1234.5678, -0.00123456, 0.0], 3, [1230.0, -0.00123, 0.0]),
        ([9.996, 99_960.0, 1e300], 3, [10.0, 100_000.0, 1e300]),
        ([54_321, -1_999, 7], 2, [54_000, -2_000, 7]),
        ([2**62 + 1, 12_345, 0], 1, [2**62 + 1, 10_000, 0]),
        ([1.5, None, 2.26], 2, [1.5, None, 2.3]),
        ([float("inf"), 123.4, 1.0], 2, [float("inf"), 120.0, 1.0]),
        ([1.7e308, 1.4e308, -1.79e308], 1, [1.7e308, 1e308, -1.79e308]),
        ([1.7e308, -1.79e308], 2, [1.7e308, -1.79e308]),
    ],
)
def test_rounding_keeps_so_many_digits(values, digits, expected):
    with np.errstate(all="raise"):
        rounded = rounding({"x": column(values)})(digits)["x"]

    assert rounded.as_labels() == expected
    assert rounded.kind == column(values).kind


def test_rounding_to_fifteen_digits_changes_nothing_that_was_written_with_fewer():
    values = np.round(np.random.default_rng(0).normal(size=500) * 1e4, 6)

    assert rounding({"x": column(values)})(15)["x"].values.tolist() == values.tolist()


def test_rounding_agrees_with_printing():
    values = np.random.default_rng(0).lognormal(0, 8, 500)
    expected = [float(f"{value:.2e}") for value in values]

    assert rounding({"x": column(values)})(3)["x"].values == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("disturb", [typos, spacing])
def test_edits_touch_the_share_of_texts_that_they_say_and_no_gap(disturb):
    columns = {"w": column(["서울 강남구", "busan", None, "대전시 유성구"] * 500)}
    at = disturb(columns, draws())
    edited = at(0.3)["w"]
    was, now = columns["w"].as_labels(), edited.as_labels()

    assert [one for one, gap in zip(now, was, strict=True) if gap is None] == [None] * 500
    assert np.mean([a != b for a, b in zip(was, now, strict=True) if a]) == pytest.approx(0.3, abs=0.04)
    assert at(0.0)["w"].as_labels() == was


@pytest.mark.parametrize("disturb", [typos, spacing])
@pytest.mark.parametrize("columns", [{"x": [1.0]}, {"w": column(["a", None]).take(np.array([1]))}])
def test_edits_refuse_rows_without_text(disturb, columns):
    with pytest.raises(NotMeasurable, match="no_text"):
        disturb({name: column(values) for name, values in columns.items()}, draws())


@pytest.mark.parametrize(
    ("values", "factor", "expected"),
    [
        ([1.5, None, -2.0], 10.0, [15.0, None, -20.0]),
        ([15, None, -26], 0.1, [2, None, -3]),
        ([2**61, 3], 1000.0, [2**61, 3_000]),
        ([1e308, 2.0], 100.0, [1e308, 200.0]),
        ([1e30, 2.0**62, -(2.0**70)], 2.0, [2e30, 2.0**63, -(2.0**71)]),
        ([LARGEST / 2, -LARGEST / 2], 2.0, [LARGEST, -LARGEST]),
        ([2**61, -(2**61), 2**60], 2.0, [2**61, -(2**61), 2**61]),
        ([0, 0], 100.0, [0, 0]),
    ],
)
def test_scaled_columns_keep_their_kind_and_what_would_leave_it(values, factor, expected):
    with np.errstate(all="raise"):
        assert scaled(column(values), factor).as_labels() == expected


class Drawn:
    """Draws known beforehand, in turn."""

    def __init__(self, *values):
        self.values = cycle(values)

    def random(self, shape):
        return np.full(shape, next(self.values))


@pytest.mark.parametrize(
    "make", [lambda c, d: unseen_category(c, ColumnProfile.of(block([0] * 4, columns=c)), d), missing_values, typos,
             spacing, category_swap]
)  # fmt: skip
def test_a_share_of_nought_disturbs_nothing_whatever_is_drawn(make):
    columns = {"w": column(["ab", "c d", None, "ab"])}
    at = make(columns, Drawn(0.0))

    assert at(0.0)["w"].as_labels() == columns["w"].as_labels()
    assert at(0.01)["w"].as_labels() != columns["w"].as_labels()


@pytest.mark.parametrize(
    ("place", "swapped"), [(0.0, "a"), (0.4, "a"), (0.5, "c"), (0.7, "c"), (0.8, "d"), (0.99, "d")]
)
def test_a_swap_is_by_place_among_the_others_in_order(place, swapped):
    # Of the four rows that are not b, two hold a.
    columns = {"w": column(["a", "b", "c", "a", "d", "b"])}

    assert category_swap(columns, Drawn(0.0, place))(1.0)["w"].as_labels()[1] == swapped


@pytest.mark.parametrize(
    "make", [lambda c, d: missing_values(c, d), lambda c, d: typos(c, d), lambda c, d: category_swap(c, d)]
)
def test_disturbances_rest_on_their_draws_alone(make):
    columns = {"w": column(["alpha", "beta"] * 100)}
    first, again, other = (make(columns, draws(seed))(0.3)["w"].as_labels() for seed in (1, 1, 2))

    assert first == again
    assert first != other
