import pytest

from reliability.reports.groups import group_label, slice_label
from reliability.reports.levels import are_bands, level_text, named
from reliability.reports.withheld import Withheld
from reliability.words.text import words
from tests.reports.sample import AGE, SEX, compared


@pytest.mark.parametrize(
    "levels",
    [
        ["0-30", "30-65", "65-"],
        ["65-", "0-30", "30-65"],
        ["30-65", "65-", None],
        ["0-0.5", "0.5-1"],
    ],
)
def test_levels_that_follow_on_one_another_are_bands(levels):
    assert are_bands(levels)


@pytest.mark.parametrize(
    "levels",
    [
        [],
        [None],
        ["65-"],
        ["10-19", "20-29"],
        ["0-30", "30-65", "unknown"],
        ["0-30", "20-65"],
        ["30-0", "0-"],
        ["1", "2"],
        [1, 2],
        ["65-", "70-"],
    ],
)
def test_other_levels_are_no_bands(levels):
    assert not are_bands(levels)


@pytest.mark.parametrize(
    ("level", "ko", "en"),
    [
        ("65-", "65 이상", "65 and over"),
        ("0-30", "0 이상 30 미만", "0 to under 30"),
        ("0.5-1", "0.5 이상 1 미만", "0.5 to under 1"),
        (None, "미상", "unknown"),
    ],
)
def test_band_is_told_in_words(level, ko, en):
    assert level_text(level, words("ko"), band=True) == ko
    assert level_text(level, words("en"), band=True) == en


@pytest.mark.parametrize("level", ["65-", "0-30", "여", 3])
def test_level_of_no_bands_stays_as_it_is(level):
    assert level_text(level, words("ko"), band=False) == str(level)


@pytest.mark.parametrize(
    ("level", "text"), [(1, "sex = 1"), ("2", "sex = 2"), (-1.5, "sex = -1.5"), (True, "sex = True"), ("여", "여")]
)
def test_bare_number_is_told_with_its_attribute(level, text):
    assert named(["sex"], [level], [str(level)]) == text


def test_group_of_two_attributes_names_the_one_that_is_a_number():
    label = group_label({"age": "65-", "sex": 1}, ("sex", "age"), words("ko"), {"age"})

    assert label == "sex = 1 × 65 이상"


def test_group_beside_its_attributes_repeats_none_of_them():
    assert slice_label({"age": "65-", "sex": 1}, ("sex", "age"), words("en"), {"age"}) == "1 × 65 and over"


def test_bands_are_known_from_every_group_of_an_assessment():
    found = [
        compared("a.b", "age", (0.5, 0.1, 0.9), AGE[:2], "ratio"),
        compared("a.b", "age", (0.5, 0.1, 0.9), AGE[2:], "ratio"),
        compared("a.b", "sex", (0.5, 0.1, 0.9), SEX, "ratio"),
    ]

    assert Withheld.of(found).bands == {"age"}
