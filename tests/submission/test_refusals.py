"""Every bad input that concerns a submission: code, and a line with file, line, value and next step."""
# ruff: noqa: E501  (a row of a table reads better whole)

import numpy as np
import pytest

from reliability.errors import SubmissionError
from reliability.submission.read import read_submission
from reliability.submission.tables import open_table
from reliability.words.text import words

HEADER = "id,sex,age,income,approved,y_pred,y_score\n"


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("  target: approved\n", "", "key_missing", "submission.yaml:5: data needs target; add it"),
        ("target:", "targt:", "key_unknown", "submission.yaml:7: data.targt is no key here; did you mean target?"),
        ("bands:", "bnads:", "key_unknown", "submission.yaml:12: data.sensitive.1.bnads is no key here; did you mean bands?"),
        ("task: binary", "task: binray", "value_not_allowed", "submission.yaml:4: task is 'binray'; write one of: binary, multiclass, regression"),
        ('"1.0"', "1.0", "value_not_text", "submission.yaml:3: system.version must be text; put it in quotes, not 1.0"),
        ("submission: 1", "submission: 2", "value_not_allowed", "submission.yaml:1: submission is 2; write one of: 1"),
        ("  favourable: 1\n", "", "key_missing", "submission.yaml:5: data needs favourable; add it"),
        ("favourable: 1", "favourable: [[1]]", "value_not_plain", "submission.yaml:8: data.favourable.0 must be a word, a number, true or false, not [1]"),
        ("[0, 30, 65]", "[30, 0]", "bands_not_rising", "submission.yaml:12: data.sensitive.1.bands must rise"),
        ("[0, 30, 65]", "[a]", "value_not_number", "submission.yaml:12: data.sensitive.1.bands.0 must be a number"),
        ("sensitive: [sex,", "sensitive: [age,", "named_twice", "submission.yaml:12: data.sensitive names age twice"),
        ("  id: id", "  threshold: 0.5", "threshold_with_prediction", "submission.yaml:11: data.threshold has no meaning"),
        ("  prediction: y_pred\n  score: y_score\n", "", "no_model_no_prediction", "submission.yaml:5: data names no prediction, and there is no model"),
        ("task:", "model: {format: skops, path: m}\ntask:", "model_and_prediction", "submission.yaml:10: data.prediction stands beside model"),
        ("task:", "model: {format: skops}\ntask:", "key_missing", "submission.yaml:4: model needs path; add it"),
        ("task:", "facts: {generative: false}\ntask:", "fact_without_reason", "submission.yaml:4: facts.generative is false without a reason; write {is: false, because: …}"),
        ("task:", "facts: {generativ: true}\ntask:", "fact_unknown", "submission.yaml:4: facts.generativ is no fact; did you mean generative?"),
        ("task:", "facts: {regression: true}\ntask:", "fact_derived", "submission.yaml:4: facts.regression is worked out"),
        ("data:\n", "facts: {rows_share_entities: {is: false, because: x}}\ndata:\n  entity: sex\n", "entity_contradicted", "submission.yaml:5: facts.rows_share_entities is false, yet"),
        ("  id: id", "  features: {include: [income], exclude: [id]}", "include_or_exclude", "submission.yaml:11: data.features takes include or exclude"),
        ("  id: id", "  schema: {age: {minimum: 9, maximum: 1}}", "minimum_over_maximum", "submission.yaml:11: data.schema.age has a minimum above"),
        ("task:", "performance: {check: a.b}\ntask:", "one_limit", "submission.yaml:4: performance takes one of at_least"),
        ("score: y_score", "score: {columns: {1: y_score}}", "score_shape", "submission.yaml:10: data.score takes"),
        ("task: binary", "task: regression", "favourable_direction", "submission.yaml:8: data.favourable must be higher or lower"),
        ("{name: 온고을신용}", "온고을신용", "value_not_mapping", "submission.yaml:2: organisation must be a mapping"),
        ("target: approved", "target: aproved", "column_missing", "submission.yaml:7: data.target: data.csv has no column 'aproved'; did you mean approved?"),
        ("target: approved", "target: 승인", "column_unlike", "submission.yaml:7: data.target: data.csv has no column '승인'; the columns are: id, sex, age"),
        ("sensitive: [sex,", "sensitive: [sx,", "column_missing", "submission.yaml:12: data.sensitive.0: data.csv has no column 'sx'; did you mean sex?"),
        ("  id: id", "  strata: [inc]", "column_missing", "submission.yaml:11: data.strata.0: data.csv has no column 'inc'"),
        ("favourable: 1", "favourable: 2", "class_never_occurs", "submission.yaml:8: data.favourable: 2 never occurs in 'approved'; the values there are 0 / 1"),
        ("favourable: 1", "favourable: [0, 1]", "all_favourable", "submission.yaml:8: data.favourable names every class"),
        ("  id: id", "  positive: yes", "class_never_occurs", "submission.yaml:11: data.positive: 'yes' never occurs"),
        ("prediction: y_pred", "prediction: approved", "column_two_parts", "column 'approved' is data.prediction and data.target"),
        ("sensitive: [sex,", "sensitive: [approved,", "column_two_parts", "submission.yaml:12: column 'approved' is data.target and data.sensitive"),
        ("[sex, {column: age,", "[{column: sex,", "bands_on_text", "submission.yaml:12: data.sensitive: column 'sex' holds text, bands need numbers"),
        ("bands: [0,", "bands: [25,", "below_first_band", "data.csv: data row 1: column 'age' holds 23, below the first band's edge 25"),
        ("evaluation: data.csv", "evaluation: dat.csv", "file_missing", "submission.yaml:6: data.evaluation: no file 'dat.csv'"),
        ("evaluation: data.csv", "evaluation: ../data.csv", "path_outside", "submission.yaml:6: data.evaluation: '../data.csv' leaves the submission's folder"),
        ("evaluation: data.csv", "evaluation: /etc/passwd", "path_outside", "submission.yaml:6: data.evaluation: '/etc/passwd' leaves"),
        ("evaluation: data.csv", "evaluation: submission.yaml", "data_format", "submission.yaml: not a data file; write one of .csv, .csv.gz, .parquet"),
        ("task:", "answers: ../a.yaml\ntask:", "path_outside", "submission.yaml:4: answers: '../a.yaml' leaves"),
        ("  id: id", "  population: gone.csv", "file_missing", "submission.yaml:11: data.population: no file 'gone.csv'"),
    ],
)  # fmt: skip
def test_manifest_is_refused_in_one_line_when(refused, old, new, code, line):
    met, said = refused((old, new))

    assert met == code
    assert line in said


@pytest.mark.parametrize(
    ("rows", "code", "line"),
    [
        ("", "data_empty", "data.csv: the file is empty"),
        ("\n\n", "data_empty", "data.csv: the file is empty"),
        (HEADER, "data_no_rows", "data.csv: a header without rows"),
        (HEADER.replace("income", "age"), "column_duplicate", "data.csv:1: column 'age' stands twice in the header; rename one"),
        ("," + HEADER, "column_unnamed", "data.csv:1: column 1 has no name; name it"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0\n", "ragged_row", "data.csv: data row 2 has 5 fields, the header has 7; mend that row"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,,1,0.5\n", "label_missing", "data.csv: data row 2: column 'approved' (data.target) is missing, in 1 of 2 data rows (an empty"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,NaN,1,0.5\n", "label_missing", "data.csv: data row 2: column 'approved' (data.target) is missing"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0,,0.5\n", "label_missing", "data.csv: data row 2: column 'y_pred' (data.prediction) is missing"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0,1,\n", "label_missing", "data.csv: data row 2: column 'y_score' (data.score) is missing"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,1,0,0.5\n", "one_class", "data.csv: column 'approved' holds only 1; evaluation data needs rows of both"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0,1,1.5\n", "score_outside", "data.csv: data row 2: score 'y_score' is 1.5, no probability in [0, 1]"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0,1,-0.1\n", "score_outside", "data.csv: data row 2: score 'y_score' is -0.1"),
        (HEADER + "a,F,1,2,1,1,x\nb,M,1,2,0,1,y\n", "score_outside", "data.csv: data row 1: score 'y_score' is 'x'"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0,1,0.5\nc,M,1,2,2,1,0.5\n", "class_unknown", "data.csv: data row 3: column 'approved' holds 2, which is none of the classes 0, 1"),
        (HEADER + "a,F,1,2,1,1,0.5\nb,M,1,2,0,3,0.5\n", "class_unknown", "data.csv: data row 2: column 'y_pred' holds 3, which is none of"),
        (HEADER + "a,F,1,2,1 ,1,0.5\nb,M,1,2,x,1,0.5\nc,M,1,2,1,1,0.5\n", "label_ambiguous", "column 'approved' holds"),
        (b"\xff\xff\xfe,\x81\n", "data_encoding", "data.csv: neither UTF-8 nor CP949: line 1 is not UTF-8, line 1 is not CP949; save the file as UTF-8"),
    ],
)  # fmt: skip
def test_rows_are_refused_in_one_line_when(refused, rows, code, line):
    met, said = refused(rows=rows)

    assert met == code
    assert line in said


def test_a_type_that_changes_in_row_70_000_is_refused_with_its_row(refused):
    row = "x,F,30,1.5,{},1,0.5\n"
    rows = HEADER + "".join(row.format(place % 2) for place in range(70_000)) + "x,F,abc,1.5,1,1,0.5\n"

    code, said = refused(rows=rows)

    assert code == "column_mixed"
    assert said.startswith(
        "data.csv: data row 70,001: column 'age' holds 'abc' where 70,000 of 70,001 values are numbers; mend the file, "
        "or declare data.schema.age {missing: ['abc']} or {type: text}"
    )


def test_a_ragged_row_is_named_far_down_a_file_with_quoted_line_breaks(refused):
    row = 'x,"F\nG",30,1.5,{},1,0.5\n'
    rows = HEADER + "".join(row.format(place % 2) for place in range(200_000)) + "short,row\n"

    code, said = refused(rows=rows)

    assert code == "ragged_row"
    assert "row 200,001 has 2 fields" in said


@pytest.mark.parametrize("entry", ["{missing: [abc]}", "{type: text}"])
def test_a_mixed_column_is_taken_when_the_dictionary_declares_it(read, entry):
    rows = HEADER + "".join(f"x,F,30,1.5,{place % 2},1,0.5\n" for place in range(50)) + "x,F,abc,1.5,1,1,0.5\n"

    changed = ("sensitive: [sex, {column: age, bands: [0, 30, 65]}]", f"schema: {{age: {entry}}}")
    submission = read(changed, rows=rows)

    block = next(submission.evaluation.blocks())
    assert block.columns["age"].as_labels()[-1] == ("abc" if "type" in entry else None)


def test_a_mixed_column_is_taken_when_it_plays_no_part(read):
    rows = HEADER + "".join(f"x,F,30,1.5,{place % 2},1,0.5\n" for place in range(50)) + "x,F,30,abc,1,1,0.5\n"

    assert read(("  id: id", "  features: {exclude: [income]}"), rows=rows).roles.features == ("id",)


@pytest.mark.parametrize("name", ["one", "pair"])
def test_more_than_a_thousand_groups_are_refused_with_the_way_out(refused, name):
    n = 1_100
    one, two = np.arange(n) % (1_100 if name == "one" else 40), np.arange(n) % 41
    rows = "a,b,approved,y_pred\n" + "".join(f"g{a},h{b},{a % 2},1\n" for a, b in zip(one, two, strict=True))
    changes = [("  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[a, b]")]

    code, said = refused(*changes, rows=rows)

    assert code == "too_many_groups"
    assert "the limit is 1,000: declare bands" in said


def test_a_link_that_leads_outside_is_refused(submit, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "data.csv"
    outside.write_text("a\n1\n")
    folder = submit(rows=None)
    (folder / "data.csv").symlink_to(outside)

    with pytest.raises(SubmissionError) as caught:
        read_submission(folder)

    assert caught.value.code == "path_outside"


def test_a_folder_without_manifest_names_init(tmp_path):
    with pytest.raises(SubmissionError, match=r"no such file; write one with 'reliability init DATA'"):
        read_submission(tmp_path)


@pytest.mark.parametrize(("content", "code"), [(b"", "data_empty"), (b"no parquet", "data_not_parquet")])
def test_parquet_that_is_none_is_refused(tmp_path, content, code):
    (tmp_path / "x.parquet").write_bytes(content)

    with pytest.raises(SubmissionError) as caught:
        open_table(tmp_path / "x.parquet", "x.parquet", {})

    assert caught.value.code == code


def test_a_file_changed_after_reading_is_found_out(read):
    submission = read()
    path = submission.folder / "data.csv"
    path.write_text(path.read_text().replace("a,F", "z,F"))

    with pytest.raises(SubmissionError, match=r"data\.csv: changed while it was read"):
        submission.evaluation.verify()


ROW = "a,F,1,2,{},{},{}\n"


@pytest.mark.parametrize("blank", ["", "NA", "N/A", "nan", "NaN", "null", "NULL"])
@pytest.mark.parametrize(("part", "column"), [("target", "approved"), ("prediction", "y_pred"), ("score", "y_score")])
def test_a_column_without_a_value_is_refused_as_a_whole(refused, part, column, blank):
    values = [blank if each == part else 1 for each in ("target", "prediction", "score")]
    code, said = refused(rows=HEADER + ROW.format(*values) * 7)

    assert code == "column_all_missing"
    assert said.startswith(f"data.csv: column {column!r} (data.{part}) is missing in all 7 data rows (an empty field, ")
    assert said.endswith("; name another column, or fill it in")


@pytest.mark.parametrize(("n", "first"), [(1, 1), (2, 3), (70_000, 2)])
def test_missing_rows_are_counted_and_the_first_is_named(refused, n, first):
    rows = ROW.format(1, 1, 1) * (first - 1) + ROW.format("NA", 1, 1) * n + ROW.format(0, 1, 1)

    code, said = refused(rows=HEADER + rows)

    assert code == "label_missing"
    assert said.startswith(
        f"data.csv: data row {first}: column 'approved' (data.target) is missing, in {n:,} of {n + first:,} "
    )
    assert said.endswith(
        "data rows (an empty field, NA, NaN and null are missing values); remove such rows or fill them in"
    )


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("1: 2", "submission.yaml:4: 1 is no key here; did you mean "),
        ("2.5: 2", "submission.yaml:4: 2.5 is no key here; did you mean "),
        ("true: 2", "submission.yaml:4: True is no key here; did you mean "),
        ("~: 2", "submission.yaml:4:1: a key is empty; write a word before the colon"),
        (": 2", "submission.yaml:4:1: a key is empty; write a word before the colon"),
        ("facts: {1: true}", "submission.yaml:4: facts.1 is a key that must be text; put it in quotes"),
        ("facts: {~: true}", "submission.yaml:4:9: a key is empty; write a word before the colon"),
        ("facts: {generative: yes}", "submission.yaml:4: facts.generative must be true or false (yes is text in YAML 1.2), not 'yes'"),
        ("facts: {generative: 1}", "submission.yaml:4: facts.generative must be true or false (yes is text in YAML 1.2), not 1"),
        ("facts: {generative: [true]}", "submission.yaml:4: facts.generative must be true or false (yes is text in YAML 1.2), not [True]"),
        ("facts: {generative: {is: no, because: x}}", "submission.yaml:4: facts.generative.is must be true or false (yes is text in YAML 1.2), not 'no'"),
        ("performance: {check: a.b, at_least: 9007199254740992}", "submission.yaml:4: performance.at_least is 9007199254740992, and whole numbers end at 9,007,199,254,740,991"),
        ('performance: {check: " ", at_least: 1}', "submission.yaml:4: performance.check is empty; fill it in or leave the key out"),
    ],
)  # fmt: skip
def test_a_key_or_a_value_of_another_kind_is_refused_on_its_line(refused, written, line):
    _, said = refused(("task:", f"{written}\ntask:"))

    assert said.startswith(line)


@pytest.mark.parametrize("spelt", ["true", "1.0", "'1'", "2", "[1]", "~", "1e0"])
def test_format_1_is_the_number_1_alone(refused, spelt):
    code, said = refused(("submission: 1", f"submission: {spelt}"))

    assert code == "value_not_allowed"
    assert said.startswith("submission.yaml:1: submission is ")
    assert said.endswith("; write one of: 1")


@pytest.mark.parametrize("spelt", ["true", "1.0"])
def test_format_1_of_answers_is_the_number_1_alone(refused, spelt):
    sheet = f"answers: {spelt}\nchecklist: small\nversion: 1.0.0\n"

    code, said = refused(("task:", "answers: answers.yaml\ntask:"), answers__yaml=sheet)

    assert code == "value_not_allowed"
    assert "answers.yaml:1: answers is " in said


def test_a_column_is_named_in_the_escapes_of_json(read):
    rows = HEADER.replace("sex", "\U0001f600") + "a,F,1,2,1,1,1\nb,M,1,2,0,1,1\n"

    submission = read(("[sex,", '["\\ud83d\\ude00",'), rows=rows)

    assert submission.roles.sensitive[0] == "\U0001f600"


def test_half_a_character_in_a_column_name_is_refused(refused):
    code, said = refused(("[sex,", '["\\ud83d",'))

    assert code == "yaml_half_character"
    assert said == "submission.yaml:12:15: \\ud83d is half a character; write the character itself"


@pytest.mark.parametrize(
    ("changes", "kept", "shown"),
    [
        ([("bands: [0,", "bands: [a,")], {}, "현재 'a'"),
        ([("task:", "facts: {generative: yes}\ntask:")], {}, "현재 'yes'"),
        ([("submission: 1", "submission: 1.0")], {}, "1.0"),
        ([("  id: id", "  schema: {sex: {minimum: 3}}")], {}, "값이 3인데 열의 값은 text 형식입니다"),
        ([], {"rows": HEADER.replace(",", ";")}, "';'"),
        ([], {"rows": HEADER + ROW.format("NA", 1, 1) * 3}, "데이터 3행 모두"),
        ([], {"rows": HEADER + ROW.format("NA", 1, 1) + ROW.format(1, 1, 1)}, "1번째 데이터 행"),
        ([("data.csv", '"e\\0.csv"')], {}, r"'e\x00.csv'"),
        ([("task:", "1: 2\ntask:")], {}, "혹시 "),
        ([("task:", "facts: {1: true}\ntask:")], {}, "facts.1"),
    ],
)
def test_a_refusal_shows_in_korean_what_it_met(submit, changes, kept, shown):
    with pytest.raises(SubmissionError) as caught:
        read_submission(submit(*changes, **kept))

    assert shown in words("ko").text(f"error.{caught.value.code}", **caught.value.values)
