import pytest

from reliability.records import Criterion, Measurement
from reliability.reports import figures


@pytest.mark.parametrize(
    ("value", "unit", "lang", "text"),
    [
        (0.7412, "share", "ko", "74.1%"),
        (0.118, "difference", "ko", "11.8%p"),
        (0.118, "difference", "en", "11.8 pp"),
        (0.674, "ratio", "ko", "0.67"),
        (-0.031, "score", "en", "−0.03"),
        (0.0, "share", "en", "0.0%"),
        (1.0, "share", "en", "100.0%"),
        (12345, "rows", "ko", "12,345"),
        (300, "days", "en", "300"),
        (-7, "days", "ko", "−7"),
        (0, "days", "ko", "0"),
        (48231.4, "target", "ko", "48,231.4"),
    ],
)
def test_number_is_printed_by_its_unit(value, unit, lang, text):
    assert figures.number(value, unit, lang) == text


def test_number_is_not_rounded_onto_its_limit_when_it_misses_it():
    assert figures.number(0.7996, "ratio", "ko", beside=[0.8]) == "0.7996"


def test_number_is_not_rounded_to_all_when_something_is_missing():
    assert figures.number(0.99996, "share", "en") == "99.996%"


@pytest.mark.parametrize(("value", "text"), [(1 - 1e-10, "100.0%"), (1e-10, "0.0%"), (1 - 1e-7, "99.99999%")])
def test_number_that_no_digits_tell_from_an_end_stays_short(value, text):
    assert figures.number(value, "share", "en") == text


def test_number_on_its_limit_stays_short():
    assert figures.number(0.8, "ratio", "ko", beside=[0.8]) == "0.80"


def test_minus_sign_is_dropped_from_a_rounded_nought():
    assert figures.number(-1e-12, "score", "en") == "0.00"


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"at_least": 0.8}, "≥ 0.80"),
        ({"at_most": 0.1}, "≤ 0.10"),
        ({"equals": 1}, "= 1"),
        ({"between": (0.5, 0.75)}, "0.50 – 0.75"),
    ],
)
def test_limit_is_printed_as_it_was_set(limit, text):
    assert figures.limit_text(Criterion(**limit), "ratio", "ko") == text


def test_limit_is_empty_when_only_reported():
    assert figures.limit_text(Criterion(report=True), "ratio", "ko") == ""


def test_interval_is_empty_without_bounds():
    counted = Measurement(value=0.1, n=3, unit="share", reason={"code": "whole_file"})

    assert figures.interval(counted, "ko") == ""


def test_interval_shows_on_which_side_of_the_limit_it_ends():
    found = Measurement(value=0.85, low=0.7999, high=0.9, n=9, unit="ratio")

    assert figures.interval(found, "en", beside=[0.8]) == "0.7999 – 0.90"
