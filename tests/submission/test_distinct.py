import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.submission.distinct import distinct_values, first_places


@given(st.lists(st.integers(-70_000, 70_000)), st.sampled_from([np.int64, np.int32]))
def test_distinct_values_are_those_of_numpy_unique(values, kind):
    given_values = np.array(values, dtype=kind)

    unique, codes = distinct_values(given_values)

    expected, inverse = np.unique(given_values, return_inverse=True)
    assert unique.tolist() == expected.tolist()
    assert codes.tolist() == inverse.tolist()
    assert unique.dtype == given_values.dtype


@pytest.mark.parametrize("values", [[0.5, -1.0, 0.5], [True, False, True], []])
def test_distinct_values_sorts_what_is_no_integer(values):
    unique, codes = distinct_values(np.array(values))

    assert unique.tolist() == sorted(set(values))
    assert unique[codes].tolist() == values


def test_distinct_values_far_apart_do_not_take_memory():
    unique, codes = distinct_values(np.array([-(2**62), 2**62, -(2**62)]))

    assert unique.tolist() == [-(2**62), 2**62]
    assert codes.tolist() == [0, 1, 0]


@given(st.lists(st.integers(-70_000, 70_000)), st.sampled_from([np.int64, np.int32]))
def test_first_places_are_those_of_numpy_unique(values, kind):
    given_values = np.array(values, dtype=kind)

    unique, first = first_places(given_values)

    expected, places = np.unique(given_values, return_index=True)
    assert unique.tolist() == expected.tolist()
    assert first.tolist() == places.tolist()


@pytest.mark.parametrize("values", [[0.5, -1.0, 0.5], [0.0, -0.0], [True, False, True], []])
def test_first_places_of_what_is_no_integer(values):
    unique, first = first_places(np.array(values))

    assert [str(value) for value in unique] == [str(np.array(values)[place]) for place in first]
    assert first.tolist() == [values.index(value) for value in unique.tolist()]


@pytest.mark.parametrize("values", [[3, 4, 5, 4], [3, 5, 5, 3]])
def test_distinct_values_with_and_without_gaps(values):
    unique, codes = distinct_values(np.array(values))

    assert unique[codes].tolist() == values
    assert codes.max() == len(unique) - 1
