"""Columns that are no features, read where evidence asks for them."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reliability.errors import SubmissionError
from reliability.submission.read import read_submission

MANIFEST = """submission: 1
organisation: {{name: a}}
system: {{name: a, version: "1", purpose: b}}
task: binary
data:
  evaluation: {file}
  target: y
  favourable: 1
  prediction: p
  features: {{include: [x]}}
  sensitive: [sex]
  id: id
{extra}"""
COLUMNS = {
    "id": ["01", "02", "03", "04"], "x": [1, 2, 3, 4], "memo": ["가", "5", "6", "7"], "sex": ["F", "M", "F", "M"],
    "y": [0, 1, 0, 1], "p": [0, 1, 1, 1], "age": [20, 30, 20, 30],
}  # fmt: skip


def handed_in(folder, columns=COLUMNS, *, file="d.csv", extra=""):
    if file.endswith(".csv"):
        rows = zip(*columns.values(), strict=True)
        text = "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)])
        (folder / file).write_text(text + "\n", encoding="utf-8")
    else:
        pq.write_table(pa.table(columns), folder / file)
    (folder / "submission.yaml").write_text(MANIFEST.format(file=file, extra=extra), encoding="utf-8")
    return read_submission(folder)


def others(submission):
    (block,) = submission.evaluation.blocks(others=True)
    return block.others


@pytest.mark.parametrize("file", ["d.csv", "d.parquet"])
def test_others_are_neither_features_nor_outcomes_in_the_order_of_the_file(tmp_path, file):
    found = others(handed_in(tmp_path, file=file))

    assert list(found) == ["id", "memo", "sex", "age"]
    assert [column.as_labels() for column in found.values()] == [COLUMNS[name] for name in found]


def test_others_are_left_out_where_nobody_asks_for_them(tmp_path):
    submission = handed_in(tmp_path, extra="  quasi_identifiers: [age]\n")

    assert [block.others for block in submission.evaluation.blocks()] == [{}]
    assert [list(block.columns) for block in submission.evaluation.blocks(others=True)] == [["x"]]


def test_a_column_of_numbers_and_text_is_read_as_text(tmp_path):
    # Taken for numbers with one mistake among them: refused, if it played a part.
    memo = ["010-2345-6789", *map(str, range(39))]
    columns = {name: values * 10 for name, values in COLUMNS.items()}
    found = others(handed_in(tmp_path, {**columns, "memo": memo}))["memo"]

    assert (found.kind, found.as_labels()) == ("utf8", memo)


def test_a_value_that_no_feature_may_have_is_read_as_text(tmp_path):
    found = others(handed_in(tmp_path, {**COLUMNS, "memo": [1.5, float("inf"), 2.0, 3.0]}, file="d.parquet"))["memo"]

    assert (found.kind, len(found)) == ("utf8", 4)


def test_a_nested_column_is_not_read_at_all(tmp_path):
    found = others(handed_in(tmp_path, {**COLUMNS, "memo": [[1], [2], [3], [4]]}, file="d.parquet"))

    assert list(found) == ["id", "sex", "age"]


def test_quasi_identifiers_stand_in_the_roles_and_have_one(tmp_path):
    submission = handed_in(tmp_path, extra="  quasi_identifiers: [age, sex, x]\n")
    roles = {column["name"]: column["role"] for column in submission.evaluation.columns}

    assert submission.roles.quasi_identifiers == ("age", "sex", "x")
    assert (roles["age"], roles["sex"], roles["x"], roles["memo"]) == (
        "quasi_identifier", "sensitive", "feature", "unused",
    )  # fmt: skip
    assert others(submission)["age"].kind == "i8"
    assert submission.notes == ()


def test_a_quasi_identifier_that_nothing_can_be_read_from_is_refused(tmp_path):
    nested = {**COLUMNS, "memo": [[1], [2], [3], [4]]}

    with pytest.raises(SubmissionError, match="column 'memo' has type"):
        handed_in(tmp_path, nested, file="d.parquet", extra="  quasi_identifiers: [memo]\n")


def test_training_data_have_the_quasi_identifiers_that_are_there(tmp_path):
    pq.write_table(pa.table({"x": [1, 2], "y": [0, 1], "age": [20, 30]}), tmp_path / "t.parquet")
    submission = handed_in(tmp_path, extra="  quasi_identifiers: [age, memo]\n  training: t.parquet\n")

    assert submission.training.roles.quasi_identifiers == ("age",)
    (block,) = submission.training.blocks(others=True)
    assert list(block.others) == ["age"]
