import numpy as np
import pytest

from reliability.checks.robustness.invalid import invalid_inputs
from reliability.evidence.column_profile import ColumnProfile
from tests.builders import block, column

COLUMNS = {
    "x": [1.5, 2.5, None, 9.0], "signed": [-1.0, 1.0, 2.0, 3.0], "i": [1, None, 3, 4],
    "yes": [True, False, None, True], "w": ["가", "나", None, "가"],
}  # fmt: skip


def spoilt(columns, seen=None, *, rows_each=1):
    """What is sent, by kind and column; the rows seen are those given unless said otherwise."""
    seen = columns if seen is None else seen
    n = len(next(iter(seen.values())))
    made = {name: column(values) for name, values in columns.items()}
    every = invalid_inputs(made, ColumnProfile.of(block([0] * n, columns=seen)), rows_each=rows_each)
    return {(one.kind, one.column): one.rows for one in every}


def kinds_of(values, seen=None):
    return {kind: rows["x"].as_labels()[0] for (kind, name), rows in spoilt({"x": values}, seen).items() if name}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 3.0], {"far_above_range": 23.0, "negative": -3.0}),
        ([0.0, 0.5], {"far_above_range": 10.5, "negative": -1.0}),
        ([0.0, 0.0], {"far_above_range": 10.0, "negative": -1.0}),
        ([-2.0, 3.0], {"far_above_range": 53.0}),
        ([-1.7e308, 1.7e308], {}),
        ([1e308, 1.7e308], {"negative": -1.7e308}),
        ([0.0, float("inf")], {}),
        ([None, None], {}),
    ],
)
def test_floats_are_sent_as_infinite_as_huge_and_out_of_the_range_seen(values, expected):
    sent = kinds_of(column(values), {"x": column(values)})
    always = {"missing": None, "infinite": np.inf, "infinite_negative": -np.inf, "huge": 1e300}

    assert sent == always | expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 3], {"far_above_range": 23, "negative": -3}),
        ([-4, 3], {"far_above_range": 73}),
        ([0, 2**62], {"far_above_range": 2**63 - 1, "negative": -(2**62)}),
    ],
)
def test_integers_are_sent_as_the_ends_of_their_kind_and_out_of_the_range_seen(values, expected):
    sent = kinds_of(values)

    assert sent == {"missing": None, "largest_integer": 2**63 - 1, "smallest_integer": -(2**63)} | expected
    assert spoilt({"x": values})["far_above_range", "x"]["x"].values.dtype == np.int64


def test_texts_are_sent_empty_long_odd_and_as_a_word_that_no_row_seen_has():
    sent = kinds_of(["unseen", "b"], {"x": ["unseen", "b", "unseen_", "c"]})

    assert sent["unseen_category"] == "unseen__"
    assert (sent["missing"], sent["empty_text"], sent["long_text"]) == (None, "", "가" * 20_000)
    assert {"\0", "\u202e", "'", "<"} <= set(sent["odd_characters"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("all_missing", {"x": None, "signed": None, "i": None, "yes": None, "w": None}),
        ("fraction_for_integer", {"i": 1.5}),
        ("number_for_flag", {"yes": 2}),
        ("number_for_text", {"w": 0}),
        ("text_for_flag", {"yes": "n/a"}),
        ("text_for_number", {"x": "n/a", "signed": "n/a", "i": "n/a"}),
    ],
)
def test_columns_of_a_kind_are_sent_as_another_all_at_once(kind, expected):
    rows = spoilt(COLUMNS)[kind, ""]
    first = {name: values[0] for name, values in COLUMNS.items()}

    assert {name: one.as_labels()[0] for name, one in rows.items()} == first | expected


def test_columns_sent_as_another_kind_have_its_type_and_no_gaps():
    every = spoilt(COLUMNS, rows_each=4)
    fractions, flags, texts = (
        every[kind, ""][name]
        for kind, name in (("fraction_for_integer", "i"), ("number_for_flag", "yes"), ("number_for_text", "w"))
    )

    # Where a number is missing it counts as nought.
    assert (fractions.kind, fractions.values.dtype, fractions.as_labels()) == ("f8", np.float64, [1.5, 0.5, 3.5, 4.5])
    assert (flags.kind, flags.values.dtype, flags.as_labels()) == ("i8", np.int64, [2] * 4)
    assert (texts.kind, texts.values.dtype, texts.as_labels()) == ("i8", np.int64, [0] * 4)


def test_with_every_round_of_the_rows_later_columns_are_taken_from_further_on():
    columns = {name: [1.0, 2.0, 3.0] for name in "abc"}
    rows = spoilt(columns, rows_each=9)["text_for_number", ""]
    sent = spoilt({**columns, "yes": [True] * 3}, rows_each=9)["number_for_flag", ""]

    assert len(rows["a"]) == 9
    assert {name: sent[name].as_labels() for name in "abc"} == {
        "a": [1, 2, 3, 1, 2, 3, 1, 2, 3],
        "b": [1, 2, 3, 2, 3, 1, 3, 1, 2],
        "c": [1, 2, 3, 3, 1, 2, 2, 3, 1],
    }
