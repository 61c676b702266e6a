import numpy as np
import pandas as pd
import pytest

from reliability.checks.data_quality.completeness import feature_completeness, label_completeness, value_completeness
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.column_profile import ColumnProfile
from tests.builders import block
from tests.checks.data_quality.counting import exact, in_blocks, listed, refusal_of, rows_of


def emptiest(columns, **more):
    return feature_completeness(ColumnProfile.of(rows_of(columns, **more)))


def test_feature_completeness_is_that_of_the_emptiest_feature():
    measured = emptiest({"a": [1, 2, None, 4], "b": [None, None, None, "x"], "c": [1, 2, 3, 4]})

    assert (measured.value, measured.n, measured.unit) == (0.25, 4, "share")
    assert listed(measured, "column", "missing", "value") == [("b", 3, 0.25), ("a", 1, 0.75)]
    assert (measured.details["columns_read"], measured.details["iso_5259_2"]) == (3, ["Com-ML-3"])
    assert exact(measured)


def test_feature_completeness_of_full_columns_is_one():
    measured = emptiest({"a": [1, 2], "b": ["x", "y"]})

    assert (measured.value, measured.details["columns"]) == (1.0, [])


def test_feature_completeness_agrees_with_pandas_and_never_exceeds_the_whole():
    draws = np.random.default_rng(0)
    columns = {f"c{i}": [None if draws.random() < i / 10 else 1.0 for _ in range(40)] for i in range(5)}
    profile = ColumnProfile.of(rows_of(columns))

    assert feature_completeness(profile).value == pd.DataFrame(columns).notna().mean().min()
    assert feature_completeness(profile).value <= value_completeness(profile).value


def test_feature_completeness_refuses_no_rows_and_no_features():
    assert refusal_of(feature_completeness, ColumnProfile.of(rows_of({"x": []}))) == "no_rows"
    assert refusal_of(feature_completeness, ColumnProfile.of(rows_of({}, n=2))) == "no_features"


@pytest.mark.parametrize("cuts", [[1], [3]])
def test_feature_completeness_does_not_depend_on_blocks(cuts):
    rows = rows_of({"a": [None, 1, None, 4], "b": ["x", "y", None, "z"]})

    assert feature_completeness(in_blocks(ColumnProfile, rows, cuts)).value == 0.5


def test_label_completeness_is_one_where_every_row_has_a_label():
    measured = label_completeness(ColumnHistogram.of(block([0, 1, 1])))

    assert (measured.value, measured.n, measured.details["labels"]) == (1.0, 3, 3)
    assert measured.details["iso_5259_2"] == ["Com-ML-5"]
    assert exact(measured)


def test_label_completeness_refuses_no_rows():
    assert refusal_of(label_completeness, ColumnHistogram.of(block([]))) == "no_rows"
