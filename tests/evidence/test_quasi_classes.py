"""Classes of equal quasi-identifiers, against pandas."""

from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Block
from reliability.evidence import quasi_classes
from reliability.evidence.quasi_classes import QuasiClasses
from tests.builders import block, column

ROWS = st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([None, "a", "b"]), st.integers(0, 1)))


def counted(frame, y, **roles):
    rows = block(y, columns=frame, **{"quasi_identifiers": tuple(frame), **roles})
    return QuasiClasses.of(rows)


def classes(evidence):
    """Rows and distinct targets of every class, in order of size."""
    parts = [np.stack(part, axis=1).tolist() for part in evidence.classes()]
    return sorted(tuple(one) for part in parts for one in part)


def by_pandas(frame, y):
    grouped = pd.DataFrame(frame, dtype=object).assign(target=y).groupby([*frame], dropna=False)["target"]
    return sorted(zip(grouped.size().tolist(), grouped.nunique().tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_classes_are_those_of_pandas(rows):
    rows = [(1, "a", 0), *rows]
    frame, y = {"x": [one[0] for one in rows], "w": [one[1] for one in rows]}, [one[2] for one in rows]

    assert classes(counted(frame, y)) == by_pandas(frame, y)


@pytest.mark.parametrize("most", [1, 40, 100, 500])
def test_classes_that_spill_to_a_file_are_the_same(monkeypatch, most):
    monkeypatch.setattr(quasi_classes, "PAIRS_IN_MEMORY", most)
    draws = np.random.default_rng(0)
    frame, y = {"x": draws.integers(0, 40, 400), "z": draws.integers(0, 5, 400)}, draws.integers(0, 2, 400)
    rows = block(y, columns=frame, quasi_identifiers=("x", "z"))
    parts = [QuasiClasses.of(rows.where(np.arange(start, start + 20))) for start in range(0, 400, 20)]
    evidence = reduce(add, parts)

    assert classes(evidence) == by_pandas(frame, y)
    assert sum(map(len, evidence.held)) <= max(most, 20)
    assert (evidence.n, bool(evidence.runs)) == (400, most < 500)
    assert classes(reduce(lambda first, second: second + first, parts)) == classes(evidence)


def test_memory_holds_one_pair_of_a_class_and_target_however_many_rows():
    frame, y = {"x": [1] * 1000}, [0, 1] * 500
    evidence = counted(frame, y)

    assert [part.shape for part in evidence.held] == [(2, 3)]
    assert classes(evidence) == [(1000, 2)]


def test_a_quasi_identifier_may_be_a_column_that_is_no_feature():
    rows = block([0, 1, 0], columns={"x": [1, 2, 3]}, quasi_identifiers=("zip",))
    evidence = QuasiClasses.of(Block(**{**vars(rows), "others": {"zip": column(["a", "a", "b"])}}))

    assert (evidence.columns, classes(evidence)) == (("zip",), [(1, 1), (2, 2)])


def test_columns_that_are_no_quasi_identifiers_do_not_tell_rows_apart():
    assert classes(counted({"x": [1, 1], "z": [1, 2]}, [0, 0], quasi_identifiers=("x",))) == [(2, 1)]


def test_which_column_holds_a_value_tells_rows_apart():
    assert classes(counted({"x": [1, 2], "z": [2, 1]}, [0, 0])) == [(1, 1), (1, 1)]


def test_targets_of_regression_are_told_apart_by_value_and_signs_of_zero_are_not():
    evidence = counted({"x": [1, 1, 1, 1]}, [0.0, -0.0, 1.5, 1.5], task="regression")

    assert classes(evidence) == [(4, 2)]


def test_without_quasi_identifiers_there_are_no_classes():
    evidence = counted({"x": [1]}, [0], quasi_identifiers=())

    assert (evidence.columns, evidence.n, classes(evidence)) == ((), 1, [])


def test_no_rows_have_no_classes():
    evidence = counted({"x": []}, [])

    assert (evidence.n, classes(evidence)) == (0, [])
    assert classes(evidence + counted({"x": [1]}, [0])) == [(1, 1)]


def test_a_large_class_and_many_small_ones_are_counted():
    frame = {"x": [*range(300_000), *[-1] * 5000]}

    evidence = counted(frame, [0] * 305_000)
    sizes = np.concatenate([rows for rows, _ in evidence.classes()])
    assert (len(sizes), sizes.max(), sizes.sum()) == (300_001, 5000, 305_000)
