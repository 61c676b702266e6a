from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Groups
from reliability.evidence.levels import added, level_codes, level_key, united
from tests.builders import block


def test_levels_stand_in_natural_order_with_the_unknown_group_last():
    values = ["10-20", None, "2-10", "65-"]

    levels, codes = level_codes(block([0] * 4, groups={"age": values}), ("age",))

    assert levels == (("2-10",), ("10-20",), ("65-",), (None,))
    assert codes.tolist() == [1, 3, 0, 2]


def test_levels_of_numbers_stand_by_value():
    levels, _ = level_codes(block([0] * 3, groups={"a": [10, 9, -1]}), ("a",))

    assert levels == ((-1,), (9,), (10,))


def test_levels_keep_a_declared_band_without_rows():
    bands = Groups(codes=np.array([0, 0], np.int32), levels=("0-30", "30-"))

    assert level_codes(block([0, 0], groups={"age": bands}), ("age",))[0] == (("0-30",), ("30-",))


def test_codes_follow_levels_that_were_not_in_order():
    groups = {
        "a": Groups(codes=np.array([2, 0, -1, 1], np.int32), levels=("b", "a10", "a2")),
        "b": Groups(codes=np.array([1, 0, 0, 0], np.int32), levels=("y", "x", "never")),
    }
    rows = block([0] * 4, groups=groups)
    single, pair = (level_codes(rows, attributes) for attributes in (("a",), ("a", "b")))

    assert single[0] == (("a2",), ("a10",), ("b",), (None,))
    assert single[1].tolist() == [0, 2, 3, 1]
    assert pair[0] == (("a2", "x"), ("a10", "y"), ("b", "y"), (None, "y"))
    assert pair[1].tolist() == [0, 2, 3, 1]


def test_levels_that_are_equal_keep_their_own_type():
    for levels in ((0, 1), (False, True), (0.0, 1.0)):
        rows = block([0, 0], groups={"a": Groups(codes=np.array([1, 0], np.int32), levels=levels)})

        assert [type(level) for (level,) in level_codes(rows, ("a",))[0]] == [type(levels[0])] * 2


def test_levels_of_a_combination_are_those_that_occur():
    rows = block([0] * 3, groups={"sex": ["F", "M", "M"], "race": ["x", "y", None]})

    levels, codes = level_codes(rows, ("sex", "race"))

    assert levels == (("F", "x"), ("M", "y"), ("M", None))
    assert codes.tolist() == [0, 1, 2]


def test_levels_of_many_cells_agree_with_those_of_few():
    codes = np.arange(700, dtype=np.int32)
    many = Groups(codes=codes, levels=tuple(range(700)))

    levels, places = level_codes(block([0] * 700, groups={"a": many, "b": many}), ("a", "b"))

    assert levels == tuple((value, value) for value in range(700))
    assert places.tolist() == codes.tolist()


def test_level_codes_of_no_rows_are_empty():
    levels, codes = level_codes(block([], groups={"a": [], "b": []}), ("a", "b"))

    assert (levels, codes.tolist()) == ((), [])


def test_level_key_reads_digits_that_are_not_ascii_as_text():
    assert sorted([("²",), ("1",)], key=level_key) == [("1",), ("²",)]


@settings(max_examples=30, deadline=None)
@given(st.sets(st.text(max_size=3)), st.sets(st.text(max_size=3)))
def test_united_levels_do_not_depend_on_the_order(first, second):
    a, b = (tuple(sorted(((value,) for value in values), key=level_key)) for values in (first, second))

    levels, places_a, places_b = united(a, b)

    assert levels == united(b, a)[0]
    assert tuple(levels[place] for place in places_a) == a
    assert tuple(levels[place] for place in places_b) == b


def test_added_tables_put_every_level_in_its_place():
    levels, first, second = united((("a",), ("c",)), (("b",), ("c",)))

    assert added(np.array([1, 2]), np.array([10, 20]), (first, second), len(levels)).tolist() == [1, 10, 22]


def test_level_key_takes_a_number_of_any_length():
    # int() refuses more than 4,300 digits.
    long, longer = "1" * 5_000, "1" * 5_001

    assert sorted([(longer,), ("2",), (long,)], key=level_key) == [("2",), (long,), (longer,)]


@pytest.mark.parametrize(
    "ordered",
    [
        ["2", "10", "100"],
        ["a2", "a10", "b1"],
        ["0-9", "10-19", "100-"],
        ["01", "1", "2"],
        ["0", "1", "a"],
        ["가1", "가2", "가10", "나1"],
        ["v1.2", "v1.10", "v2.0"],
        [1, 2, 10, "1", "a", None],
        [-3, 0, 2.5, 7],
        [False, True, None],
        ["", "1", "a"],
    ],
)
def test_level_key_orders_as_people_count(ordered):
    for moved in (ordered[::-1], ordered[1:] + ordered[:1]):
        assert [value for (value,) in sorted(((value,) for value in moved), key=level_key)] == ordered


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10**30), unique=True, max_size=8))
def test_level_key_orders_digits_by_their_number(numbers):
    texts = [(str(number),) for number in numbers]

    assert sorted(texts, key=level_key) == [(str(number),) for number in sorted(numbers)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([1, 2, None])), max_size=20))
def test_level_codes_name_the_group_of_every_row(pairs):
    made = block(
        [0] * len(pairs),
        groups={"first": [one for one, _ in pairs], "second": [two for _, two in pairs]},
    )
    levels, codes = level_codes(made, ("first", "second"))

    assert [levels[code] for code in codes] == pairs
    assert set(levels) == set(pairs)
    assert list(levels) == sorted(levels, key=level_key)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)),
)
def test_added_tables_agree_with_counters(first, second):
    one, two = (tuple((key,) for key in sorted(table)) for table in (first, second))
    levels, *places = united(one, two)
    counts = [np.array([table[key] for key in sorted(table)], np.int64) for table in (first, second)]
    total = added(counts[0], counts[1], (places[0], places[1]), len(levels))

    expected = Counter(first) + Counter(second)
    assert {level[0]: int(n) for level, n in zip(levels, total, strict=True) if n} == dict(expected)
