"""What is one text but for its spelling."""

import pytest

from reliability.spelling import as_group, folded, spelt_alike


@pytest.mark.parametrize(
    ("text", "plain"),
    [(" A  b ", "a b"), ("Ｆ", "f"), ("Orle\u0301ans", "orl\u00e9ans"), ("STRASSE", "strasse"), ("", "")],
)
def test_case_width_and_spaces_are_folded(text, plain):
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("level", "group"),
    [
        ("F.", "f"), ("'F'", "f"), ("Non-Binary", "nonbinary"), ("B-1", "b1"), ("1-b", "1b"), ("1-3", "1-3"),
        ("1 3", "1 3"), ("BBB-", "bbb-"), ("-1", "-1"), ("1.5", "1.5"), ("a - b", "ab"), ("...", "..."), ("a_b", "ab"),
    ],
)  # fmt: skip
def test_a_group_is_its_letters_and_digits_and_what_tells_them_apart(level, group):
    assert as_group(level) == group


def test_spellings_of_one_group_stand_together():
    assert spelt_alike(["M", "f", "F", "b", "B ", "F", "x"]) == [("B ", "b"), ("F", "f")]
    assert spelt_alike([]) == []
