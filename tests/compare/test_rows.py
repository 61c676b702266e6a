from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reliability.case import digest
from reliability.compare.rows import paired_rows
from reliability.errors import RecordError
from tests.compare.two_cases import ROWS, two


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    return two(tmp_path_factory.mktemp("cases"), range(80), range(8))


def recorded(case, **changes):
    """The case with other things in its record."""
    return replace(case, assessment=case.assessment.model_copy(update=changes))


def written(case, path, table):
    """The case with this table for rows, its digest in the record."""
    pq.write_table(table, path)
    rows = {"path": "rows.parquet", "sha256": digest(path), "n": table.num_rows, "of": table.num_rows}
    data = case.assessment.data
    evaluation = data.evaluation.model_copy(update={"rows": table.num_rows})
    changed = recorded(case, rows=rows, data=data.model_copy(update={"evaluation": evaluation}))
    return replace(changed, rows=path)


def table(true, predicted, score=None, *, classes=("no", "yes"), position=None):
    """Rows as a case keeps them."""
    columns = {
        "position": np.arange(len(true)) if position is None else position,
        "true": encoded(true, classes),
        "predicted": encoded(predicted, classes),
    }
    return pa.table(columns if score is None else columns | {"score": score})


def encoded(names, classes):
    codes = pa.array([classes.index(name) for name in names], pa.int32())
    return pa.DictionaryArray.from_arrays(codes, pa.array(classes))


def why(before, after):
    compared, rows = paired_rows(before, after)
    assert rows is None
    assert not compared.paired
    return compared.reason


def test_rows_of_the_same_data_are_paired(cases):
    compared, rows = paired_rows(*cases)

    assert (compared.paired, compared.n, compared.reason) == (True, ROWS, None)
    assert (rows.before.predicted != rows.y_true).sum() == 80
    assert (rows.after.predicted != rows.y_true).sum() == 8
    assert rows.after.score.shape == (ROWS,)


def test_rows_of_other_data_are_not_paired(cases):
    before, after = cases
    data = after.assessment.data
    other = data.evaluation.model_copy(update={"sha256": "00" * 32})

    assert why(before, recorded(after, data=data.model_copy(update={"evaluation": other}))) == "other_rows"


def test_a_case_without_its_rows_is_compared_by_its_record(cases):
    before, after = cases

    assert why(before, replace(after, rows=None)) == "no_rows"
    assert why(replace(before, rows=None), after) == "no_rows"


def test_a_case_whose_record_names_no_rows_is_not_paired(cases):
    before, after = cases

    assert why(before, recorded(after, rows={"path": "rows.parquet", "sha256": None, "n": 0, "of": 5})) == "no_rows"


def test_rows_that_were_kept_in_part_are_not_paired(cases):
    before, after = cases

    assert why(before, recorded(after, rows=after.assessment.rows | {"n": ROWS - 1})) == "rows_cut"


def test_clustered_rows_are_not_paired(cases):
    before, after = cases
    data = after.assessment.data
    columns = (*data.evaluation.columns, {"name": "household", "kind": "utf8", "role": "entity"})
    evaluation = data.evaluation.model_copy(update={"columns": columns})

    assert why(before, recorded(after, data=data.model_copy(update={"evaluation": evaluation}))) == "clustered_rows"


def test_rows_with_other_truths_are_not_paired(cases, tmp_path):
    before = written(cases[0], tmp_path / "a.parquet", table(["no", "yes"], ["no", "no"]))
    after = written(cases[1], tmp_path / "b.parquet", table(["yes", "yes"], ["no", "no"]))

    assert why(before, after) == "rows_differ"


def test_rows_in_another_order_are_not_paired(cases, tmp_path):
    before = written(cases[0], tmp_path / "a.parquet", table(["no", "no"], ["no", "no"]))
    after = written(cases[1], tmp_path / "b.parquet", table(["no", "no"], ["no", "no"], position=[1, 0]))

    assert why(before, after) == "rows_differ"


def test_rows_without_answers_are_not_paired(cases, tmp_path):
    bare = table(["no", "yes"], ["no", "no"]).drop_columns("predicted")
    before = written(cases[0], tmp_path / "a.parquet", table(["no", "yes"], ["no", "no"]))

    assert why(before, written(cases[1], tmp_path / "b.parquet", bare)) == "no_predictions"


def test_classes_are_told_apart_by_name_whatever_their_order(cases, tmp_path):
    names, answers = ["no", "yes", "yes"], ["no", "yes", "no"]
    before = written(cases[0], tmp_path / "a.parquet", table(names, answers))
    after = written(cases[1], tmp_path / "b.parquet", table(names, answers, classes=("yes", "no")))

    _, rows = paired_rows(before, after)

    assert rows.classes == ("no", "yes")
    assert rows.before.predicted.tolist() == rows.after.predicted.tolist() == [0, 1, 0]


def test_scores_of_several_classes_follow_the_names_of_the_classes(cases, tmp_path):
    first = table(["a", "b"], ["a", "b"], pa.array([[0.7, 0.3], [0.2, 0.8]]), classes=("a", "b"))
    second = table(["a", "b"], ["a", "b"], pa.array([[0.3, 0.7], [0.8, 0.2]]), classes=("b", "a"))
    cases = (written(cases[0], tmp_path / "a.parquet", first), written(cases[1], tmp_path / "b.parquet", second))

    _, rows = paired_rows(*cases)

    assert rows.before.score.tolist() == rows.after.score.tolist() == [[0.7, 0.3], [0.2, 0.8]]


def test_values_of_a_regression_are_taken_as_they_are(cases, tmp_path):
    numbers = pa.table({"position": [0, 1], "true": [1.5, 2.5], "predicted": [1.0, 3.0]})
    cases = [written(case, tmp_path / f"{place}.parquet", numbers) for place, case in enumerate(cases)]

    _, rows = paired_rows(*cases)

    assert rows.classes == ()
    assert rows.before.predicted.tolist() == [1.0, 3.0]
    assert rows.before.score is None


def test_rows_that_were_changed_are_refused_by_name(cases, tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(table(["no"], ["no"]), path)

    with pytest.raises(RecordError, match="not the rows of this case") as caught:
        paired_rows(cases[0], replace(cases[1], rows=path))

    assert str(path) in str(caught.value)


def test_a_file_that_is_no_table_is_refused(cases, tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"nothing")
    changed = recorded(cases[1], rows=cases[1].assessment.rows | {"sha256": digest(path)})

    with pytest.raises(RecordError, match="not the rows"):
        paired_rows(cases[0], replace(changed, rows=path))
