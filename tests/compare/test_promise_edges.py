"""A promise is kept up to the very edge of where a true one puts the new number, and broken beyond it."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.advice import Confirmed, NumberChange
from reliability.compare.promises import TOLERANCE, prediction, promises
from reliability.errors import UsageError
from reliability.records import Criterion, CriterionResult, Finding, Measurement, Reason

SHARE = st.floats(0, 1)


def number(value, half=0.0, **more):
    told = {"check": "a.b", "value": value, "n": 100, "unit": "share", "low": None, "high": None}
    if value is not None and half is not None:
        told |= {"low": value - half, "high": value + half}
    if value is None:
        told["reason"] = Reason(code="no_rows")
    return Measurement(**told | more)


def advice(*promised, remedy="R1", case="c" * 64):
    """As much of an advice as is read: one finding, one remedy."""
    numbers = tuple(NumberChange(criterion=0, assessed=None, before=number(0.5), after=one) for one in promised)
    confirmed = Confirmed(
        remedy=remedy, rank=1, confidence=0.95, verdict_before="fail", verdict_after="pass", numbers=numbers
    )
    return SimpleNamespace(
        case=SimpleNamespace(sha256=case), findings=(SimpleNamespace(item="A", confirmed=(confirmed,)),)
    )


def cases(*found):
    """The case before, and one that found these numbers."""
    results = (CriterionResult(criterion=Criterion(check="a.b", at_least=0.8), verdict="pass", measurements=found),)
    finding = Finding(item="A", severity="major", verdict="pass", criteria=results)
    before = SimpleNamespace(identity=lambda: SimpleNamespace(sha256="c" * 64))
    return before, SimpleNamespace(findings={"A": finding})


def told(promised, found):
    (one,) = promises(advice(promised), "R1", *cases(found))
    return one


@pytest.mark.parametrize("way", [-1, 1])
def test_the_edge_itself_keeps_the_promise(way):
    promised = number(0.8, 0.03)
    edge = 0.8 + way * math.hypot(0.03, 0.04)

    assert told(promised, number(edge, 0.04)).kept


@pytest.mark.parametrize("way", [-1, 1])
@pytest.mark.parametrize(("beyond", "kept"), [(0.5 * TOLERANCE, True), (1e-6, False), (0.2, False)])
def test_beyond_the_edge_it_is_broken_but_for_rounding(way, beyond, kept):
    promised = number(0.7, 0.03)
    found = number(0.7 + way * (math.hypot(0.03, 0.04) + beyond), 0.04)

    assert told(promised, found).kept is kept


@given(value=SHARE, half=st.floats(0, 0.5), other=st.floats(0, 0.5))
def test_the_same_number_keeps_any_promise(value, half, other):
    assert told(number(value, half), number(value, other)).kept


@given(value=SHARE, found=SHARE, half=st.floats(0, 0.2), other=st.floats(0, 0.2), more=st.floats(0, 0.3))
def test_less_sure_numbers_never_break_what_surer_ones_keep(value, found, half, other, more):
    sure, unsure = (told(number(value, half + wider), number(found, other)) for wider in (0.0, more))

    assert unsure.kept or not sure.kept
    assert unsure.low <= sure.low + TOLERANCE
    assert unsure.high >= sure.high - TOLERANCE


@given(value=SHARE, found=SHARE, half=st.floats(0, 0.2), other=st.floats(0, 0.2))
def test_a_promise_is_kept_exactly_where_its_number_lies_within(value, found, half, other):
    one = told(number(value, half), number(found, other))
    low, high = prediction(number(value, half), number(found, other))

    assert (one.low, one.high) == (low, high)
    assert one.kept == (low - TOLERANCE <= found <= high + TOLERANCE)


@given(value=SHARE, found=SHARE, half=st.floats(0, 0.2), other=st.floats(0, 0.2))
def test_mirrored_numbers_have_mirrored_edges(value, found, half, other):
    low, high = prediction(number(value, half), number(found, other))
    mirrored = prediction(number(1 - value, half), number(1 - found, other))

    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_without_intervals_only_the_same_number_keeps_it():
    def bare(value):
        return number(value, None, reason=Reason(code="no_interval"))

    assert told(bare(0.8), bare(0.8)).kept
    assert not told(bare(0.8), bare(0.801)).kept


@pytest.mark.parametrize("found", [number(None), None])
def test_a_number_that_was_not_measured_neither_keeps_nor_breaks(found):
    (one,) = promises(advice(number(0.8)), "R1", *cases(*([] if found is None else [found])))

    assert (one.kept, one.found, one.low, one.high) == (None, None, None, None)


def test_what_was_not_measured_after_the_remedy_was_never_promised():
    with pytest.raises(UsageError, match="no such remedy; there are: R1"):
        promises(advice(number(None)), "R1", *cases(number(0.5)))


@pytest.mark.parametrize(
    "other", [{"check": "a.c"}, {"by": ("sex",)}, {"slice": {"sex": "F"}, "by": ("sex",)}, {"of": "precision"}]
)
def test_another_number_is_not_the_one_that_was_promised(other):
    assert told(number(0.8, 0.1), number(0.8, 0.1, **other)).found is None


def test_every_number_that_was_promised_is_looked_up():
    women, men, fewer = (
        number(value, 0.01, by=("sex",), slice={"sex": sex}) for value, sex in ((0.7, "F"), (0.8, "M"), (0.5, "F"))
    )
    found = promises(advice(women, men), "R1", *cases(men, fewer))

    assert [(one.promised.slice["sex"], one.kept) for one in found] == [("F", False), ("M", True)]


def test_details_are_left_out_of_what_was_promised_and_found():
    one = told(number(0.8, 0.1, details={"groups": [1]}), number(0.8, 0.1, details={"groups": [2]}))

    assert (one.promised.details, one.found.details) == ({}, {})


def test_advice_without_anything_confirmed_names_nothing():
    nothing = SimpleNamespace(case=SimpleNamespace(sha256="c" * 64), findings=())

    with pytest.raises(UsageError, match="there are: -"):
        promises(nothing, "R1", *cases())


def test_the_case_of_the_advice_is_named_by_the_beginning_of_its_digest():
    with pytest.raises(UsageError, match=f"{'d' * 12}, not {'c' * 12}"):
        promises(advice(number(0.8), case="d" * 64), "R1", *cases(number(0.8)))
