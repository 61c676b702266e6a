# ruff: noqa: E501  (a row of a table reads better whole)
import gzip
import hashlib
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliability.blocks import BLOCK_ROWS
from reliability.errors import SubmissionError
from reliability.submission.inspect import describe
from reliability.submission.read import read_submission

SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of an empty file


def only_block(submission, **kept):
    (block,) = submission.evaluation.blocks(**kept)
    return block


def plain(block):
    """A block as values that can be compared."""
    return {
        "y": (block.y_true.tolist(), None if block.y_pred is None else block.y_pred.tolist()),
        "score": None if block.y_score is None else block.y_score.tolist(),
        "columns": {name: (column.kind, column.as_labels()) for name, column in block.columns.items()},
        "groups": {
            name: [None if code < 0 else groups.levels[code] for code in groups.codes]
            for name, groups in block.groups.items()
        },
        "entity": None if block.entity is None else block.entity.tolist(),
    }


def test_labels_answers_and_groups_are_worked_out_when_read(read):
    block = only_block(read())

    assert block.y_true.tolist() == [1, 0, 1, 0]
    assert block.y_pred.tolist() == [1, 0, 0, 1]
    assert block.y_score.tolist() == [0.9, 0.2, 0.4, 0.6]
    assert plain(block)["groups"] == {"sex": ["F", "M", "F", "M"], "age": ["0-30", "30-65", "30-65", "65-"]}
    assert plain(block)["columns"] == {"income": ("f8", [10.5, 11.5, 12.5, None])}


def test_roles_are_settled_when_read(read):
    roles = read().roles

    assert (roles.classes, roles.positive, roles.favourable) == ((0, 1), 1, (1,))
    assert (roles.features, roles.sensitive, roles.has_predictions, roles.has_scores) == (
        ("income",),
        ("sex", "age"),
        True,
        True,
    )


def test_columns_carry_name_kind_and_role(read):
    assert [(each["name"], each["kind"], each["role"]) for each in read().evaluation.columns] == [
        ("id", "utf8", "id"),
        ("sex", "utf8", "sensitive"),
        ("age", "i8", "sensitive"),
        ("income", "f8", "feature"),
        ("approved", "i8", "target"),
        ("y_pred", "i8", "prediction"),
        ("y_score", "f8", "score"),
    ]


def test_features_are_left_out_when_nobody_needs_them(read):
    assert only_block(read(), features=False).columns == {}


def test_sensitive_column_reaches_the_model_only_if_included(read):
    submission = read(("  id: id", "  features: {include: [income, age]}"))

    assert submission.roles.features == ("income", "age")
    assert submission.evaluation.columns[2]["role"] == "sensitive_feature"


def test_score_of_the_other_class_is_turned_round(read):
    block = only_block(read(("score: y_score", "score: {column: y_score, of: 0}")))

    assert block.y_score == pytest.approx([0.1, 0.8, 0.6, 0.4])


def test_positive_may_differ_from_favourable(read):
    submission = read(("favourable: 1", "favourable: 1\n  positive: 0"))

    assert submission.roles.positive == 0
    assert only_block(submission).y_score.tolist() == [0.9, 0.2, 0.4, 0.6]  # `score: NAME` means P(positive)


@pytest.mark.parametrize("spelt", ["1", "1.0", '"1"', "true", '"1.0"'])
@pytest.mark.parametrize("written", [("1", "0"), ("1.0", "0.0"), ("true", "false"), ("True", "False")])
def test_values_match_by_meaning_however_they_are_spelt(read, spelt, written):
    yes, no = written
    rows = f"sex,approved,y_pred\nF,{yes},{no}\nM,{no},{yes}\n"
    submission = read(
        ("favourable: 1", f"favourable: {spelt}"),
        ("  score: y_score\n  id: id\n", ""),
        ("[sex, {column: age, bands: [0, 30, 65]}]", "[sex]"),
        rows=rows,
    )

    assert submission.roles.favourable == (1,)
    assert only_block(submission).y_true.tolist() == [1, 0]


def korean(write):
    table = pd.DataFrame(
        {"성별": ["여", "남", None, "남"], "소득": [1.5, None, 3.0, 4.0], "승인": ["승인", "거절", "승인", "거절"]}
    )
    table["예측"] = ["승인", "승인", "거절", "거절"]
    table["가구"] = [1, 1, 2, 3]
    buffer = io.StringIO()
    table.to_csv(buffer, index=False)
    return write(table, buffer.getvalue())


KOREAN = """\
submission: 1
organisation: {{name: 온고을신용}}
system: {{name: 심사, version: "1", purpose: 심사}}
task: binary
data: {{evaluation: {name}, target: 승인, favourable: 승인, prediction: 예측, entity: 가구, sensitive: [성별]}}
"""


@pytest.mark.parametrize("name", ["a.csv", "bom.csv", "cp949.csv", "a.csv.gz", "a.parquet"])
def test_every_file_format_gives_the_same_blocks_and_roles(tmp_path, name):
    def write(table, text):
        if name == "a.parquet":
            table.to_parquet(tmp_path / name)
        elif name.endswith(".gz"):
            (tmp_path / name).write_bytes(gzip.compress(text.encode()))
        else:
            encoding = {"bom.csv": "utf-8-sig", "cp949.csv": "cp949"}.get(name, "utf-8")
            (tmp_path / name).write_bytes(text.encode(encoding))

    korean(write)
    (tmp_path / "submission.yaml").write_text(KOREAN.format(name=name), encoding="utf-8")
    submission = read_submission(tmp_path)
    block = only_block(submission)

    assert submission.roles.classes == ("거절", "승인")
    assert plain(block)["groups"] == {"성별": ["여", "남", None, "남"]}
    assert plain(block)["columns"] == {"소득": ("f8", [1.5, None, 3.0, 4.0])}
    assert block.entity[0] == block.entity[1] != block.entity[2]
    assert [column["kind"] for column in submission.evaluation.columns] == ["utf8", "f8", "utf8", "utf8", "i8"]


def test_entity_digest_is_the_same_for_every_spelling_and_run(read):
    spelt = ["1,1,0\n2,0,1\n", "1.0,1,0\n2.5,0,1\n", "1,1,0\nx,0,1\n"]
    changes = [
        ("  score: y_score\n  id: id\n", "  entity: id\n"),
        ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"),
    ]

    first = {int(only_block(read(*changes, rows="id,approved,y_pred\n" + rows)).entity[0]) for rows in spelt}

    expected = hashlib.blake2b(b"n1", digest_size=8, key=b"reliability.entity.1").digest()
    assert first == {int.from_bytes(expected, "little")}


def test_blocks_have_a_fixed_number_of_rows_however_the_file_is_cut(submit):
    n = 2 * BLOCK_ROWS + 7
    table = pa.table({"x": np.arange(n), "approved": np.arange(n) % 2, "y_pred": np.zeros(n, dtype=int)})
    folder = submit(
        ("data.csv", "data.parquet"), ("  score: y_score\n  id: id\n", ""),
        ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"), rows=None,
    )  # fmt: skip
    pq.write_table(table, folder / "data.parquet", row_group_size=50_000)

    blocks = list(read_submission(folder).evaluation.blocks())

    assert [(block.start, block.n) for block in blocks] == [
        (0, BLOCK_ROWS),
        (BLOCK_ROWS, BLOCK_ROWS),
        (2 * BLOCK_ROWS, 7),
    ]
    assert np.concatenate([block.columns["x"].values for block in blocks]).tolist() == list(range(n))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False) | st.none(),
            st.integers(-(2**53), 2**53),
            st.text(st.characters(codec="cp949", exclude_categories=["Cc", "Cs"]), max_size=6),
        ),
        min_size=2,
        max_size=12,
    )
)
def test_csv_and_parquet_of_the_same_rows_give_the_same_blocks(submit, values):
    table = pd.DataFrame(values, columns=["real", "whole", "text"]).astype({"real": "float64", "text": "str"})
    table["text"] = "t" + table["text"]
    table["approved"] = table["y_pred"] = np.arange(len(table)) % 2
    read = []
    for name in ("data.csv", "data.parquet"):
        folder = submit(
            ("data.csv", name), ("  score: y_score\n  id: id\n", ""),
            ("[sex, {column: age, bands: [0, 30, 65]}]", "[text]\n  features: {include: [real, whole, text]}"), rows=None,
        )  # fmt: skip
        table.to_csv(folder / name, index=False) if name == "data.csv" else table.to_parquet(folder / name)
        read.append(plain(only_block(read_submission(folder))))

    assert read[0] == read[1]


def test_parquet_types_make_the_four_kinds(submit):
    table = pa.table(
        {
            "day": pa.array([1, 2], pa.date32()),
            "money": pa.array([1, 2], pa.int64()).cast(pa.decimal128(21, 2)),
            "colour": pa.array(["r", None]).dictionary_encode(),
            "flag": [True, None],
            "real": [float("nan"), 2.0],
            "list": [[1], [2]],
            "approved": [1, 0],
            "y_pred": [1, 0],
        }
    )
    folder = submit(
        ("data.csv", "data.parquet"), ("  score: y_score\n  id: id\n", "  features: {exclude: [list]}\n"),
        ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"), rows=None,
    )  # fmt: skip
    pq.write_table(table, folder / "data.parquet")

    columns = plain(only_block(read_submission(folder)))["columns"]

    assert columns == {
        "day": ("utf8", ["1970-01-02", "1970-01-03"]),
        "money": ("f8", [1.0, 2.0]),
        "colour": ("utf8", ["r", None]),
        "flag": ("bool", [True, None]),
        "real": ("f8", [None, 2.0]),
    }


@pytest.mark.parametrize(("column", "code"), [([[1], [2]], "column_nested"), ([float("inf"), 1.0], "value_unfit")])
def test_parquet_column_that_cannot_be_used_is_refused_by_name(submit, column, code):
    folder = submit(
        ("data.csv", "data.parquet"), ("  score: y_score\n  id: id\n", ""),
        ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"), rows=None,
    )  # fmt: skip
    pq.write_table(pa.table({"x": column, "approved": [1, 0], "y_pred": [1, 0]}), folder / "data.parquet")

    with pytest.raises(SubmissionError, match=r"data\.parquet: .*column 'x'") as caught:
        only_block(read_submission(folder))

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", ""], "i8"),
        (["1", "2.5", "NA"], "f8"),
        (["true", "False", "NULL"], "bool"),
        (["01234", "6164"], "utf8"),
        (["9007199254740993123", "12345678901234567890"], "utf8"),
        (["", "nan"], "f8"),
        (["1", "inf"], "utf8"),
        (["a", "1"], "utf8"),
        ([" 1", "2 "], "i8"),
        (["-1", "0"], "i8"),
        (["1e3", "2"], "f8"),
        (["2026-01-31", "2026-02-01"], "utf8"),
    ],
)
def test_csv_kinds_are_settled_by_all_values(read, values, kind):
    rows = "x,approved,y_pred\n" + "".join(f"{value},{place % 2},1\n" for place, value in enumerate(values))
    submission = read(
        ("  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"), rows=rows
    )

    assert submission.evaluation.columns[0]["kind"] == kind
    assert only_block(submission).columns["x"].kind == kind


REGRESSION = [
    ("task: binary", "task: regression"), ("favourable: 1", "favourable: higher"), ("target: approved", "target: income"),
    ("prediction: y_pred", "prediction: y_score"), ("  score: y_score\n", ""),
]  # fmt: skip


def test_regression_reads_values_and_direction(read):
    submission = read(*REGRESSION, rows="id,sex,age,income,y_score\na,F,1,10,9.5\nb,M,40,12,13\n")

    assert (submission.roles.classes, submission.roles.favourable_direction) == ((), "higher")
    assert only_block(submission).y_true.tolist() == [10.0, 12.0]
    assert only_block(submission).y_pred.tolist() == [9.5, 13.0]


def test_regression_refuses_text(refused):
    code, said = refused(*REGRESSION, rows="id,sex,age,income,y_score\na,F,1,low,9.5\nb,M,40,high,13\n")

    assert (code, "column 'income' holds no numbers" in said) == ("regression_on_text", True)


MULTICLASS = [
    ("task: binary", "task: multiclass"),
    ("  id: id\n", ""),
    ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"),
]


def test_multiclass_scores_stand_in_the_order_of_the_classes(read):
    rows = "approved,y_pred,p1,p2,p3\nc,a,.1,.2,.7\na,b,.6,.3,.1\nb,b,.2,.5,.3\n"
    submission = read(
        *MULTICLASS, ("favourable: 1", "favourable: [a, b]"),
        ("score: y_score", "score: {columns: {c: p3, a: p1, b: p2}}"), rows=rows,
    )  # fmt: skip

    assert (submission.roles.classes, submission.roles.favourable, submission.roles.positive) == (
        ("a", "b", "c"),
        (0, 1),
        None,
    )
    assert only_block(submission).y_score[0].tolist() == [0.1, 0.2, 0.7]


def test_multiclass_refuses_a_class_without_a_score(refused):
    rows = "approved,y_pred,p1,p2\nc,a,.1,.2\na,b,.6,.3\nb,b,.2,.5\n"
    code, said = refused(
        *MULTICLASS, ("  favourable: 1\n", ""), ("score: y_score", "score: {columns: {c: p1, a: p2}}"), rows=rows
    )

    assert code == "score_class_missing"
    assert "no column for class 'b'" in said


MODEL = [
    ("task:", "model: {format: skops, path: model.skops, classes: [1, 0], inputs: [income]}\ntask:"),
    ("  prediction: y_pred\n  score: y_score\n", ""), ("  id: id", "  features: {exclude: [y_pred, y_score, id]}"),
]  # fmt: skip


def test_model_is_digested_and_its_classes_keep_their_order(read):
    submission = read(*MODEL, model__skops="")

    assert (submission.model.format, submission.model.path, submission.model.sha256) == ("skops", "model.skops", SHA)
    assert submission.roles.classes == (1, 0)
    assert (submission.roles.positive, submission.roles.has_predictions) == (0, False)
    assert only_block(submission).y_pred is None
    assert submission.roles.features == ("income",)


@pytest.mark.parametrize("named", ["age", "approved", "y_pred", "nowhere"])
def test_model_input_that_is_no_feature_is_refused(refused, named):
    code, said = refused(*MODEL, ("inputs: [income]", f"inputs: [{named}]"), model__skops="")

    assert code == "input_no_feature"
    assert said.startswith(f"submission.yaml:4: model.inputs names {named!r}, which is no feature")


TRAINING = ("  id: id", "  id: id\n  training: training.csv")


def test_training_data_is_read_with_the_evaluation_types(read):
    training = read(TRAINING, training__csv="approved,income,sex\n1,5,F\n0,6,M\n").training
    (block,) = training.blocks()

    assert block.columns["income"].kind == "f8"
    assert (block.y_true.tolist(), block.y_pred, set(block.groups)) == ([1, 0], None, {"sex"})
    assert (training.roles.sensitive, training.roles.has_predictions, training.origin) == (
        ("sex",),
        False,
        "applicant_supplied",
    )


@pytest.mark.parametrize(
    ("training", "code", "line"),
    [
        ("approved,incom\n1,5\n0,6\n", "training_column_missing", "training.csv: no column 'income', which the evaluation data has; did you mean incom?"),
        ("approved,income\n1,low\n0,high\n", "training_kind", "training.csv: column 'income' is utf8 here and f8 in data.csv"),
        ("approved,income\n1,5\n7,6\n", "class_unknown", "training.csv: data row 2: column 'approved' holds 7"),
        ("approved,income\n1,5\n,6\n", "label_missing", "training.csv: data row 2: column 'approved' (data.target) is missing"),
    ],
)  # fmt: skip
def test_training_data_is_refused_in_one_line_when(refused, training, code, line):
    met, said = refused(TRAINING, training__csv=training)

    assert met == code
    assert line in said


def test_keys_that_are_used_are_not_noted(read):
    submission = read(("  id: id", "  time: id\n  strata: [sex]\n  monotone: {income: increasing}"))

    assert [note.with_["key"] for note in submission.notes] == []
    assert submission.roles.monotone == {"income": "increasing"}


def test_entity_states_that_rows_share_entities(read):
    assert read(("  id: id", "  entity: id")).stated_facts == {"rows_share_entities": {"value": True, "because": None}}


def test_schema_rules_speak_in_the_kind_of_the_column(read):
    rules = read(
        ("  id: id", "  schema: {age: {minimum: 18}, sex: {values: [F, 1]}, approved: {values: ['1', true]}}")
    ).roles.rules

    assert (rules["age"].minimum, rules["sex"].values, rules["approved"].values) == (18, ("F", "1"), (1, 1))


ANSWERS = f"""\
answers: 1
checklist: trustworthy-ai
version: 1.0.0
items:
  GOV-01: {{answer: met, by: 김, date: 2026-01-31, evidence: [{{path: policy.txt, sha256: {SHA}}}]}}
  GOV-02: {{answer: partly, evidence: [{{path: policy.txt, sha256: {"a" * 64}}}, {{path: gone.txt, sha256: {SHA}}}]}}
"""
ANSWERED = ("task:", "answers: answers.yaml\ntask:")


def test_answers_tell_missing_and_changed_evidence(read):
    submission = read(ANSWERED, answers__yaml=ANSWERS, policy__txt="")
    sheet = submission.answers

    assert (sheet.checklist, sheet.version, sheet.items["GOV-01"].date) == ("trustworthy-ai", "1.0.0", "2026-01-31")
    assert (sheet.missing, sheet.changed) == ({"GOV-02": ("gone.txt",)}, {"GOV-02": ("policy.txt",)})
    assert submission.papers() == ("answers.yaml", "policy.txt")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("answer: met", "answer: yes", "answers.yaml:5: items.GOV-01.answer is 'yes'; write one of: met, partly"),
        (
            "answer: met",
            "answer: not_applicable",
            "answers.yaml:5: items.GOV-01 is not_applicable without a note; say why",
        ),
        ("2026-01-31", "31.1.2026", "answers.yaml:5: items.GOV-01.date must be a date, as in 2026-01-31"),
        ("path: gone.txt", "path: ../gone.txt", "answers.yaml:6: items.GOV-02.evidence.1.path: '../gone.txt' leaves"),
        ("by: 김", "bye: 김", "answers.yaml:5: items.GOV-01.bye is no key here; did you mean by?"),
    ],
)
def test_answers_are_refused_in_one_line_when(refused, old, new, line):
    assert line in refused(ANSWERED, answers__yaml=ANSWERS.replace(old, new), policy__txt="")[1]


def test_description_is_plain_and_runs_nothing(read):
    description = describe(read(TRAINING, ANSWERED, answers__yaml=ANSWERS, training__csv="approved,income\n1,5\n0,6\n"))

    assert json.loads(json.dumps(description)) == description
    assert description["labels"] == {"target": "approved", "classes": [0, 1], "positive": 1, "favourable": [1]}
    assert description["sensitive"] == [
        {"column": "sex", "bands": None},
        {"column": "age", "bands": ["0-30", "30-65", "65-"]},
    ]
    assert description["data"]["training"]["rows"] == 2
