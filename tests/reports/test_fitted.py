import pytest

from reliability.reports.fitted import fitted, width


@pytest.mark.parametrize(
    ("text", "taken"),
    [("가" * 80, 160), ("", 0), ("a" * 10, 11), ("A" * 10, 14), ("W" * 10, 18), ("漢字", 4), ("é", 2), ("🙂", 11)],
)
def test_width_is_guessed_rather_too_large(text, taken):
    assert width(text) == taken


def test_control_characters_count_as_they_print():
    assert width("\u202e") == width("⟨U+202E⟩")
    assert width("\x00") > 8


@pytest.mark.parametrize("text", ["가" * 5, "a" * 9, "", "가 나"])
def test_text_that_fits_stays_as_it_is(text):
    assert fitted(text, 10) == text


@pytest.mark.parametrize(
    ("text", "cut"), [("가" * 6, "가가가가…"), ("가나다라 마바", "가나다라…"), ("🙂가", "…"), ("a" * 10, "aaaaaaaa…")]
)
def test_text_that_does_not_fit_ends_in_three_dots(text, cut):
    assert fitted(text, 10) == cut


def test_nothing_fits_into_no_room():
    assert fitted("가", 0) == "…"


@pytest.mark.parametrize("text", ["가나다" * 100, "W" * 300, "🙂" * 300, "\u202e" * 300, "mixed 가 🙂 " * 50])
@pytest.mark.parametrize("most", [4, 36, 160])
def test_cut_text_takes_no_more_than_it_may(text, most):
    assert width(fitted(text, most).removesuffix("…")) <= most
