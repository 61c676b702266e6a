import pytest

from reliability.reports.widths import half_widths, shortened


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("가나", 4), ("가a", 3), ("漢字", 4), ("e\u0301", 1)])
def test_a_syllable_takes_two_and_a_mark_none(text, width):
    assert half_widths(text) == width


def test_text_that_fits_stays_as_it_is():
    assert shortened("가나다", 6) == "가나다"


@pytest.mark.parametrize("text", ["가" * 50, "a" * 50, "가a" * 30, "a b " * 20])
def test_longer_text_ends_in_dots_and_fits(text):
    cut = shortened(text, 20)

    assert cut.endswith("…")
    assert half_widths(cut) <= 20
    assert text.startswith(cut[:-1])


def test_no_blank_stands_before_the_dots():
    assert shortened("abc defgh", 5) == "abc…"


def test_nothing_fits_in_no_width():
    assert shortened("abc", 0) == "…"
