import numpy as np
import pytest

from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.period_histograms import MOST_PERIODS, PeriodHistograms
from tests.builders import block


def rows(values, **more):
    n = len(values)
    return block([0, 1] * (n // 2) + [0] * (n % 2), columns={"x": list(range(n))}, groups={"q": values}, **more)


def counted(values):
    return PeriodHistograms.of(rows(values, periods="q"))


def test_rows_are_counted_by_period_in_natural_order():
    found = counted(["2025-10", "2025-2", "2025-10", None])

    assert [(period, one.n) for period, one in found.in_order()] == [("2025-2", 1), ("2025-10", 2)]
    assert found.unknown == 1


def test_every_period_has_the_histogram_of_its_rows():
    whole = rows(["a", "b", "a", "b", "a"], periods="q")
    expected = ColumnHistogram.of(whole.where(np.array([0, 2, 4])))

    found = PeriodHistograms.of(whole).found["a"]

    assert found.n == expected.n
    assert found.columns["x"].keys.tolist() == expected.columns["x"].keys.tolist()
    assert found.target.counts.tolist() == expected.target.counts.tolist()


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_it_does_not_depend_on_how_rows_were_cut_into_blocks(cut):
    whole = rows(["a", "b", None, "b", "c", "a"], periods="q")
    parts = [PeriodHistograms.of(whole.where(part)) for part in (np.arange(cut), np.arange(cut, 6))]
    together, at_once = parts[0] + parts[1], PeriodHistograms.of(whole)

    assert together.unknown == at_once.unknown == 1
    for (period, one), (other, expected) in zip(together.in_order(), at_once.in_order(), strict=True):
        assert (period, one.n) == (other, expected.n)
        assert one.columns["x"].counts.tolist() == expected.columns["x"].counts.tolist()


def test_more_than_sixty_periods_are_not_kept():
    few, many = (counted([f"p{at}" for at in range(n)]) for n in (MOST_PERIODS, MOST_PERIODS + 1))
    others = counted([f"q{at}" for at in range(2)])

    assert (few.crowded, len(few.found)) == (False, MOST_PERIODS)
    assert (many.crowded, many.found) == (True, {})
    assert ((few + others).crowded, (few + others).found) == (True, {})
    assert ((many + others).crowded, (others + many).crowded) == (True, True)


def test_nothing_is_counted_where_no_column_names_periods():
    found = PeriodHistograms.of(rows(["a", "b"]))

    assert (found.found, found.roles.periods) == ({}, None)
