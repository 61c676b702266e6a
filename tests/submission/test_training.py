"""Training data: the evaluation data's columns and kinds, whatever else it has or lacks."""
# ruff: noqa: E501  (a row of a table reads better whole)

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

CHANGE = ("  id: id", "  id: id\n  training: training.csv")
CLASSES = "class_unknown"


@pytest.mark.parametrize(
    ("training", "groups"),
    [
        ("approved,income\n1,5\n0,6\n", set()),
        ("approved,income,sex\n1,5,F\n0,6,M\n", {"sex"}),
        ("approved,income,sex,age\n1,5,F,20\n0,6,M,40\n", {"sex", "age"}),
        ("y_score,y_pred,approved,income,id,extra\n0.5,1,1,5,a,x\n0.5,0,0,6,b,y\n", set()),
    ],
)
def test_training_needs_features_and_target_only(read, training, groups):
    submission = read(CHANGE, training__csv=training)
    (block,) = submission.training.blocks()

    assert (block.y_true.tolist(), block.columns["income"].as_labels()) == ([1, 0], [5.0, 6.0])
    assert (block.y_pred, block.y_score, set(block.groups)) == (None, None, groups)
    assert submission.training.roles.classes == submission.roles.classes
    assert submission.training.roles.all_columns == tuple(training.splitlines()[0].split(","))


@pytest.mark.parametrize(
    ("income", "kind", "labels"),
    [
        ("5 6", "f8", [5.0, 6.0]),
        ("5.5 6", "f8", [5.5, 6.0]),
        ("NA 6", "f8", [None, 6.0]),
        ("NA NA", "f8", [None, None]),
    ],
)
def test_numbers_are_read_as_the_evaluation_has_them(read, income, kind, labels):
    first, second = income.split()
    (block,) = read(CHANGE, training__csv=f"approved,income\n1,{first}\n0,{second}\n").training.blocks()

    assert (block.columns["income"].kind, block.columns["income"].as_labels()) == (kind, labels)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_training_column_without_a_value_takes_the_evaluations_kind(read, submit, suffix):
    folder = submit()
    if suffix == "parquet":
        pq.write_table(
            pa.table({"approved": [1, 0], "income": [1.0, 2.0], "sex": pa.nulls(2)}), folder / "training.parquet"
        )
    kept = {"training__csv": "approved,income,sex\n1,1,\n0,2,\n"} if suffix == "csv" else {}
    submission = read(("  id: id", f"  id: id\n  training: training.{suffix}"), **kept)

    assert submission.training.table.kinds["sex"] == "utf8"
    assert next(iter(submission.training.blocks())).groups["sex"].codes.tolist() == [-1, -1]


def test_training_needs_no_strata_and_no_incumbent(read):
    strata = (
        "favourable: 1",
        "favourable: 1\n  features: {include: [income]}\n  strata: [sex]\n  incumbent: {prediction: age}",
    )
    rows = "id,sex,age,income,approved,y_pred,y_score\na,F,1,2,1,1,0.5\nb,M,0,1,0,1,0.5\n"
    submission = read(
        CHANGE,
        strata,
        ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"),
        rows=rows,
        training__csv="approved,income\n1,5\n0,6\n",
    )
    (block,) = submission.training.blocks()

    assert (block.y_incumbent, block.groups, block.roles.strata, block.roles.incumbent) == (None, {}, (), False)
    assert (submission.roles.strata, submission.roles.incumbent) == (("sex",), True)


def test_reals_among_the_trainings_integers_stay_reals(read):
    changes = [CHANGE, ("[sex, {column: age, bands: [0, 30, 65]}]", "[]")]
    training = read(*changes, training__csv="approved,income,age,sex\n1,1,20.5,F\n0,2,30,M\n").training

    assert training.table.kinds["age"] == "f8"


def test_one_class_of_training_data_is_enough(read):
    assert read(CHANGE, training__csv="approved,income\n1,5\n1,6\n").training.rows == 2


def test_training_groups_have_no_limit(read):
    rows = "approved,income,sex\n" + "".join(f"{row % 2},1,g{row}\n" for row in range(1_200))

    assert read(CHANGE, training__csv=rows).training.rows == 1_200


@pytest.mark.parametrize(
    ("training", "code", "line"),
    [
        ("income\n5\n", "training_column_unlike", "training.csv: no column 'approved', which the evaluation data has; the columns here are: income"),
        ("approved,Income\n1,5\n0,6\n", "training_column_missing", "training.csv: no column 'income', which the evaluation data has; did you mean Income?"),
        ("approved,income\n1,많음\n0,적음\n", "training_kind", "training.csv: column 'income' is utf8 here and f8 in data.csv; mend one file, or declare data.schema.income {type: text}"),
        ("approved,income\n1,true\n0,false\n", "training_kind", "training.csv: column 'income' is bool here and f8 in data.csv"),
        ("approved,income,sex\n1,5,1\n0,6,2\n", "training_kind", "training.csv: column 'sex' is i8 here and utf8 in data.csv"),
        ("approved,income\n1,5\n2,6\n", CLASSES, "training.csv: data row 2: column 'approved' holds 2, which is none of the classes 0, 1"),
        ("approved,income\n1,5\nNA,6\n", "label_missing", "training.csv: data row 2: column 'approved' (data.target) is missing"),
        ("approved,income,age\n1,5,20\n0,6,-1\n", "below_first_band", "training.csv: data row 2: column 'age' holds -1, below the first band's edge 0"),
        ("approved,income\n" + "1,5\n" * 40 + "1,x\n", "column_mixed", "training.csv: data row 41: column 'income' holds 'x' where 40 of 41 values are numbers"),
        ("approved,income\n1\n", "ragged_row", "training.csv: data row 1 has 1 fields, the header has 2; mend that row"),
        ("", "data_empty", "training.csv: the file is empty"),
        ("approved,income\n", "data_no_rows", "training.csv: a header without rows"),
    ],
)  # fmt: skip
def test_training_is_refused_in_one_line_when(read, refusal, training, code, line):
    met, said = refusal(lambda: list(read(CHANGE, training__csv=training).training.blocks()))

    assert met == code
    assert said.startswith(line)


@pytest.mark.parametrize(
    ("name", "code"), [("gone.csv", "file_missing"), ("../t.csv", "path_outside"), ("submission.yaml", "data_format")]
)
def test_training_file_is_refused_when(refused, name, code):
    met, said = refused(("  id: id", f"  training: {name}"))

    assert met == code
    assert name in said


def test_a_mixed_training_column_that_plays_no_part_is_taken(read):
    training = "approved,income,note\n" + "1,5,1\n" * 40 + "0,5,x\n"

    assert read(CHANGE, training__csv=training).training.rows == 41
