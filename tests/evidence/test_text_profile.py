import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column
from reliability.evidence.text_profile import BLANKS, LISTED_LEVELS, WORDS, LevelTable, TextSummary, folded
from tests.builders import column


def summed(values):
    made = column(values)
    return TextSummary.of(made, np.arange(len(made)))


def test_text_summary_counts_what_cells_read_as():
    summary = summed(["1", "a", "?", "none", None, "b\u200b", "2.5", "?"])

    assert (summary.n, summary.missing, summary.present) == (8, 1, 7)
    assert (summary.numbers.n, summary.numbers.positions) == (2, (0, 6))
    assert (summary.others.n, summary.others.positions) == (2, (1, 5))
    assert (summary.blanks.n, summary.blanks.positions, summary.words.n) == (2, (2, 7), 1)
    assert (len(summary.spellings), summary.damaged.positions) == (2, (5,))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("ab1? ", max_size=2)), min_size=1, max_size=60))
def test_every_cell_present_reads_as_one_thing(values):
    summary = summed([*values, "x"])
    kinds = (summary.numbers, summary.others, summary.blanks, summary.words)

    assert sum(kind.n for kind in kinds) == summary.present
    assert int(summary.table.counts.sum()) == summary.present


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1, max_size=90))
def test_level_table_names_the_first_twenty_rows_of_every_level(values):
    table = LevelTable.of(column([*values, "z"]), np.arange(len(values) + 1))

    for index, level in enumerate(table.levels):
        rows = [row for row, value in enumerate([*values, "z"]) if value == level]
        chosen = np.arange(len(table.levels)) == index
        assert table.counts[index] == len(rows)
        assert table.rows_of(chosen).positions == tuple(rows[:20])


def test_level_table_is_given_up_beyond_a_thousand_levels():
    many = [f"l{i:04}" for i in range(LISTED_LEVELS)]
    full = LevelTable.of(column(many), np.arange(LISTED_LEVELS))

    assert len(full.levels) == LISTED_LEVELS
    assert full + LevelTable.of(column(["one more"]), np.array([5_000])) is None
    assert LevelTable.of(column([*many, "one more"]), np.arange(LISTED_LEVELS + 1)) is None
    assert (summed([*many, "one more"]) + summed(["a"])).table is None


def test_level_table_takes_two_codes_of_one_level_for_one():
    twice = Column(kind="utf8", values=np.array([0, 1, 1], np.int32), missing=np.zeros(3, bool), levels=("a", "a"))

    assert LevelTable.of(twice, np.arange(3)).counts.tolist() == [3]


def test_levels_that_do_not_occur_say_nothing():
    unused = Column(kind="utf8", values=np.zeros(2, np.int32), missing=np.zeros(2, bool), levels=("a", "?", "1"))
    summary = TextSummary.of(unused, np.arange(2))

    assert (summary.blanks.n, summary.numbers.n, summary.spellings) == (0, 0, frozenset())


def test_cells_that_are_missing_say_nothing_whatever_their_code():
    gone = Column(kind="utf8", values=np.zeros(2, np.int32), missing=np.array([True, False]), levels=("?",))

    assert TextSummary.of(gone, np.arange(2)).blanks.positions == (1,)


@pytest.mark.parametrize("spelling", sorted(BLANKS | WORDS))
def test_spellings_of_nothing_are_kept_folded(spelling):
    assert folded(spelling) == spelling


def test_folded_takes_case_width_and_spaces_away():
    assert folded("  Ｎ／Ａ \t x ") == "n/a x"
