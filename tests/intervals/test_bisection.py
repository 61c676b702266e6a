"""Where a condition ends, and what a guess of it saves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.intervals.bisection import bisected


def counting(is_inside):
    """The condition, and the list of points that it was asked about."""
    asked = []

    def ask(point):
        asked.append(point)
        return is_inside(point)

    return ask, asked


@pytest.mark.parametrize(("inside", "outside"), [(0.0, 40.0), (40.0, 0.0), (-1e300, 1e300), (math.e, 3.0)])
def test_the_border_is_found_from_either_side(inside, outside):
    border = (inside + 2 * outside) / 3

    found = bisected(lambda x: (x < border) == (inside < outside), inside=inside, outside=outside)

    assert found == pytest.approx(border, rel=1e-15)


def test_points_that_touch_are_their_own_border():
    assert bisected(lambda _: True, inside=1.0, outside=1.0) == 1.0
    assert bisected(lambda _: False, inside=1.0, outside=1.0) == 1.0


@pytest.mark.parametrize("always", [True, False])
def test_a_condition_that_holds_nowhere_or_everywhere_ends_at_the_end(always):
    assert bisected(lambda _: always, inside=0.25, outside=1.0) == (1.0 if always else 0.25)


def test_nothing_is_asked_once_no_float_lies_between():
    ask, asked = counting(lambda x: x < 3.0)
    bisected(ask, inside=0.0, outside=40.0)

    assert len(asked) < 60
    assert len(set(asked)) == len(asked)


@given(border=st.floats(0.01, 39.99), off=st.floats(-1e-3, 1e-3), turned=st.booleans())
def test_a_guess_never_changes_the_answer(border, off, turned):
    ends = {"inside": 40.0, "outside": 0.0} if turned else {"inside": 0.0, "outside": 40.0}

    def is_inside(x):
        return (x < border) != turned

    plain = bisected(is_inside, **ends)

    assert bisected(is_inside, **ends, near=border + off) == plain
    assert bisected(is_inside, **ends, near=border + off * 1e-10) == plain
    assert bisected(is_inside, **ends, near=border) == plain


@pytest.mark.parametrize(("inside", "outside"), [(0.0, 40.0), (40.0, 0.0)])
def test_a_right_guess_asks_only_beside_the_border(inside, outside):
    ask, asked = counting(lambda x: (x < math.pi) == (inside < outside))
    bisected(ask, inside=inside, outside=outside, near=math.pi)

    assert len(asked) < 20
    assert max(abs(point - math.pi) for point in asked) < 2e-12


def test_a_guess_that_is_off_by_all_it_may_be_does_not_change_the_answer():
    near = -0.9e-12
    border = near + 1e-12
    # The first point to be halved at: below the border by less than rounding shows beside 1e-12.
    first = border - 4 * math.ulp(border)
    ends = {"inside": -first, "outside": 3 * first}

    def is_inside(x):
        return x < border

    assert (first < border, first - near) == (True, 1e-12)
    assert (ends["inside"] + ends["outside"]) / 2 == first
    assert bisected(is_inside, **ends, near=near) == bisected(is_inside, **ends) > first


def test_a_wrong_guess_asks_everywhere():
    ask, asked = counting(lambda x: x < math.pi)

    assert bisected(ask, inside=0.0, outside=40.0, near=math.e) == pytest.approx(math.pi, rel=1e-15)
    assert 20.0 in asked
