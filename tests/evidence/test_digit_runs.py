"""Numbers found in texts, against a regular expression that says what a number is."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.digit_runs import DigitRuns

GROUPS = [(13,), (6, 7), (3, 4, 4), (3, 2, 5), (4, 4, 4, 4), (2, 2, 6, 2), (1,), (2, 1)]


def found(texts, groups):
    """Text and digits of every number of these groups."""
    runs = DigitRuns.of(pa.array(texts, pa.string()))
    first = runs.written(groups)
    codes = runs.codes(first, groups)
    return [(int(owner), bytes(column).decode()) for owner, column in zip(runs.owners(first), codes.T, strict=True)]


def expected(texts, groups):
    written = "[-. )]".join(f"[0-9]{{{length}}}" for length in groups)
    # Looked for at every digit, as numbers may overlap: 1-2-3 holds 1-2 no more than 2-3.
    pattern = f"(?<![0-9A-Za-z])(?<![0-9][.-])(?=({written})(?![0-9A-Za-z]|[.-][0-9]))"
    return [
        (place, re.sub("[^0-9]", "", match[1]))
        for place, text in enumerate(texts)
        for match in re.finditer(pattern, text)
    ]


def test_a_number_is_found_with_and_without_separators():
    texts = ["900101-1234567", "9001011234567", "연락처 010-2345-6789.", "120 81 47521"]

    assert found(texts, (6, 7)) == [(0, "9001011234567")]
    assert found(texts, (13,)) == [(1, "9001011234567")]
    assert found(texts, (3, 4, 4)) == [(2, "01023456789")]
    assert found(texts, (3, 2, 5)) == [(3, "1208147521")]


@pytest.mark.parametrize(
    "text",
    [
        "A900101-1234567", "900101-1234567B", "1-900101-1234567", "900101-1234567-1", "0.900101-1234567",
        "900101--1234567", "900101_1234567", "1900101-1234567", "900101-12345678", "900101\n1234567", "900101",
        "", "-", "1234567-900101",
    ],
)  # fmt: skip
def test_what_belongs_to_more_is_no_number_of_its_own(text):
    assert found([text], (6, 7)) == []


@pytest.mark.parametrize(
    "text",
    [
        "가900101-1234567나", "(900101-1234567)", "900101-1234567.", " 900101-1234567 ", "1, 900101-1234567",
        "９００１０１－１２３４５６７", "900101–1234567",
    ],
)  # fmt: skip
def test_a_number_in_a_sentence_or_of_full_width_is_found(text):
    assert found([text], (6, 7)) == [(0, "9001011234567")]


def test_digits_of_two_texts_never_touch():
    assert found(["900101", "1234567"], (6, 7)) == found(["900101-", "1234567"], (6, 7)) == []
    assert found(["900101", "1234567"], (13,)) == []


def test_a_code_of_letters_and_digits_is_found_where_it_stands_alone():
    runs = DigitRuns.of(
        pa.array(["M123A4567", "XM123A4567", "M123A4567Z", "M123a4567", "M123A45678", "여권 S123B4567."])
    )

    assert runs.owners(runs.lettered((3, 4))).tolist() == [0, 5]


@pytest.mark.parametrize("texts", [[], [""], ["가나다"], ["", "", ""]])
def test_texts_without_digits_hold_no_runs(texts):
    runs = DigitRuns.of(pa.array(texts, pa.string()))

    assert (runs.most_digits(), len(runs.starts), found(texts, (3, 4, 4)), found(texts, (13,))) == (0, 0, [], [])
    assert runs.lettered((3, 4)).tolist() == []


def test_most_digits_are_those_of_one_text():
    assert DigitRuns.of(pa.array(["12-34", "", "가 1 2 3 4 5", "9"])).most_digits() == 5


def test_a_slice_of_an_array_is_read_from_where_it_begins():
    runs = DigitRuns.of(pa.array(["111-1", "900101-1234567", "222"]).slice(1, 1))

    assert runs.owners(runs.written((6, 7))).tolist() == [0]
    assert runs.most_digits() == 13


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("0129-. )aA가\n", max_size=24), max_size=6), st.sampled_from(GROUPS))
def test_numbers_are_those_of_the_pattern(texts, groups):
    assert found(texts, groups) == expected(texts, groups)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["900101-1234567", "010-2345-6789", "x1", "가", "4111 1111 1111 1111"]), max_size=8))
def test_a_text_is_read_alike_in_any_company(texts):
    for groups in GROUPS:
        alone = [(place, digits) for place, text in enumerate(texts) for _, digits in found([text], groups)]

        assert found(texts, groups) == alone


def test_offsets_beyond_the_first_text_count_octets_not_characters():
    texts = ["가나다라마바사" * 3, "가 900101-1234567", "é", "900101-7654321"]

    assert [owner for owner, _ in found(texts, (6, 7))] == [1, 3]
    assert np.diff(DigitRuns.of(pa.array(texts)).texts).tolist() == [len(text.encode()) + 1 for text in texts]
