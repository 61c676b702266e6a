"""One value, however it is spelt."""

import hashlib
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.submission.meaning import digests, distinct, in_order, indices, meaning
from tests.builders import column


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (1, 1),
        (1.0, 1),
        (True, 1),
        ("1", 1),
        ("1.0", 1),
        (" 1 ", 1),
        ("+1", 1),
        ("true", 1),
        ("True", 1),
        ("TRUE", 1),
        ("1e0", 1),
        (0, 0),
        (-0.0, 0),
        (False, 0),
        ("false", 0),
        ("-0", 0),
        ("0.0", 0),
        (2.5, 2.5),
        ("2.50", 2.5),
        ("-3", -3),
        (".5", 0.5),
        ("1e3", 1000),
        ("01", "01"),
        ("007", "007"),
        ("0x1", "0x1"),
        ("00.5", "00.5"),
        ("1234567890123456789", "1234567890123456789"),
        ("123456789012345678", 123456789012345678),
        ("yes", "yes"),
        ("Y", "Y"),
        ("inf", "inf"),
        ("1,000", "1,000"),
        ("", ""),
        (" 승인 ", "승인"),
        (unicodedata.normalize("NFD", "승인"), "승인"),
        (10**30, 10**30),
        (10**400, 10**400),
    ],
)
def test_meaning_of_every_spelling(value, meant):
    met = meaning(value)

    assert met == meant
    assert isinstance(met, str) == isinstance(meant, str)


@given(st.integers(-(10**17), 10**17))
def test_an_integer_means_itself_as_number_and_as_text(number):
    assert meaning(number) == meaning(str(number)) == meaning(f" {number} ") == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_real_means_itself_unless_its_spelling_is_a_code(number):
    assert meaning(number) == number


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        (["b", "a"], ("a", "b")),
        ([1, 0], (0, 1)),
        ([True, False], (False, True)),
        (["10", "9"], ("9", "10")),
        (["b", 2, "a", 1.5], (1.5, 2, "a", "b")),
        (["거절", "승인"], ("거절", "승인")),
        (["승인", "거절"], ("거절", "승인")),
        ([], ()),
    ],
)
def test_values_are_ordered_by_meaning(values, ordered):
    assert in_order(values) == ordered


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([3, 1, 3], {3: 0, 1: 1}),
        ([None, "b", "a", "b"], {"b": 1, "a": 2}),
        ([None, 1.5, None, 1.5], {1.5: 1}),
        ([True, True, False], {True: 0, False: 2}),
        ([None, None], {}),
        ([], {}),
    ],
)
def test_distinct_values_know_their_first_row(values, found):
    assert distinct(column(values)) == found


@pytest.mark.parametrize(
    ("values", "labels", "expected"),
    [
        ([0, 1, 1], (0, 1), [0, 1, 1]),
        ([0, 1, 1], (1, 0), [1, 0, 0]),
        ([0.0, 1.0], (0, 1), [0, 1]),
        (["0", "1.0"], (0, 1), [0, 1]),
        ([False, True], ("0", "1"), [0, 1]),
        (["승인", None, "거절"], ("거절", "승인"), [1, -1, 0]),
        (["승인", "보류"], ("거절", "승인"), [1, -2]),
        ([None, None], (0, 1), [-1, -1]),
        ([], (0, 1), []),
    ],
)
def test_class_index_of_every_row(values, labels, expected):
    index = {meaning(label): place for place, label in enumerate(labels)}

    assert indices(column(values), index).tolist() == expected


@pytest.mark.parametrize("spelt", [[1, 2, 1], [1.0, 2.0, 1.0], ["1", "2", "1"], ["1.0", "2", " 1"]])
def test_digests_depend_on_meaning_only(spelt):
    assert digests(column(spelt)).tolist() == digests(column([1, 2, 1])).tolist()


def test_digest_is_the_keyed_hash_of_the_format():
    text, number = (
        int.from_bytes(hashlib.blake2b(spelt, digest_size=8, key=b"reliability.entity.1").digest(), "little")
        for spelt in ("t홍길동".encode(), b"n7")
    )

    assert digests(column(["홍길동"])).tolist() == [text]
    assert digests(column([7])).tolist() == [number]


def test_digests_tell_entities_apart_when_many():
    found = digests(column(list(range(20_000))))

    assert found.dtype == np.uint64
    assert len(set(found.tolist())) == 20_000
    assert np.bincount((found % 128).astype(int)).min() > 100  # 156 expected in every bucket


def test_the_number_and_the_word_that_spells_nothing_are_two_entities():
    assert digests(column([1])).tolist() != digests(column(["01"])).tolist()
