"""Bands for ages and years of birth."""

import numpy as np
import pytest

from reliability.submission.bands import bands_of

# Ages of the 395 students of the UCI student performance data (mathematics).
STUDENTS = np.repeat([15, 16, 17, 18, 19, 20, 21, 22], [82, 104, 98, 82, 24, 3, 1, 1])


def bands(values):
    return bands_of(list(map(float, values)), lowest=float(min(values)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(20, 80), (0, 30, 50, 65)),
        (range(1940, 2000), (1900, 1960, 1980)),  # nobody of 2000 and later: no such band
        (range(30, 80), (0, 50, 65)),
        ([*[20] * 9, 40], (0, 30)),  # 90 % in one band is not more than that
        (STUDENTS, (15, 16, 17, 18)),
        (range(31, 49), (30, 35, 40, 45)),
        (range(66, 106), (60, 80, 90, 100)),
        (range(2001, 2009), (2000, 2002, 2004, 2006)),
    ],
)
def test_bands_are_the_usual_ones_unless_one_holds_nearly_all(values, expected):
    assert bands(values) == expected


@pytest.mark.parametrize("values", [range(-5, 50), range(0, 60_000, 1_000), [131.0], [2101.0]])
def test_there_are_no_bands_when_the_values_are_no_years(values):
    assert bands(values) is None


@pytest.mark.parametrize("seed", range(20))
def test_bands_rise_from_the_least_value_when_ages_lie_close(seed):
    values = np.random.default_rng(seed).integers(14, 14 + 2 + seed, 300)
    found = bands(values)

    assert found[0] <= min(values)
    assert list(found) == sorted(set(found))
    assert 2 <= len(found) <= 4


def test_the_first_band_takes_in_a_value_beyond_the_first_rows():
    assert bands_of([16.0, 17.0, 18.0, 19.0], lowest=11.5)[0] <= 11.5


@pytest.mark.parametrize(("value", "expected"), [(20.0, (20, 21)), (20.5, (20, 21))])
def test_one_value_has_a_second_edge_above_it(value, expected):
    assert bands([value]) == expected


def test_bands_do_not_depend_on_the_order_of_rows():
    assert bands(STUDENTS[::-1]) == bands(STUDENTS)
