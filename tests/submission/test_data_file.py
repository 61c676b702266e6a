"""A data file in blocks: labels, scores, groups and entities as the roles have them; and the file that changed."""
# ruff: noqa: E501  (a row of a table reads better whole)

import shutil

import numpy as np
import pytest

from reliability.blocks import BLOCK_ROWS

BARE = [("  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[]")]
ENTITY = [("  score: y_score\n  id: id\n", "  entity: h\n  training: training.csv\n"), BARE[1]]


def whole(file):
    return list(file.blocks())


def test_rows_and_digest_are_those_of_the_file(read):
    file = read().evaluation

    assert (file.rows, len(file.sha256), file.path, file.origin) == (4, 64, "data.csv", "applicant_supplied")
    assert file.table.sha256 == file.sha256


def test_origin_is_as_stated(read):
    assert read(("  id: id", "  origin: evaluator_held")).evaluation.origin == "evaluator_held"


@pytest.mark.parametrize("rows", [1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_blocks_follow_each_other_without_a_gap(read, rows):
    # A first row of the other class, so that there are two.
    text = "approved,y_pred\n0,0\n" + "1,1\n" * rows
    blocks = whole(read(*BARE, rows=text).evaluation)

    assert [block.start for block in blocks] == list(range(0, rows + 1, BLOCK_ROWS))
    assert sum(block.n for block in blocks) == rows + 1
    assert all(block.n == BLOCK_ROWS for block in blocks[:-1])


def test_a_file_can_be_read_again_and_gives_the_same(read):
    file = read().evaluation
    first, again = whole(file)[0], whole(file)[0]

    assert first.y_true.tolist() == again.y_true.tolist()
    assert first.columns["income"].as_labels() == again.columns["income"].as_labels()


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("score: y_score", [0.9, 0.2, 0.4, 0.6]),
        ("score: {column: y_score}", [0.9, 0.2, 0.4, 0.6]),
        ("score: {column: y_score, of: 1}", [0.9, 0.2, 0.4, 0.6]),
        ("score: {column: y_score, of: '1.0'}", [0.9, 0.2, 0.4, 0.6]),
        ("score: {column: y_score, of: 0}", [0.1, 0.8, 0.6, 0.4]),
        ("positive: 0\n  score: y_score", [0.9, 0.2, 0.4, 0.6]),
        ("positive: 0\n  score: {column: y_score, of: 1}", [0.1, 0.8, 0.6, 0.4]),
    ],
)
def test_score_is_the_probability_of_the_positive_class(read, score, expected):
    (block,) = read(("score: y_score", score)).evaluation.blocks()

    assert block.y_score == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("order", ["{a: p1, b: p2, c: p3}", "{c: p3, a: p1, b: p2}"])
def test_scores_of_many_classes_stand_in_class_order(read, order):
    rows = "approved,y_pred,p1,p2,p3\nc,a,.1,.2,.7\na,b,.6,.3,.1\nb,b,.2,.5,.3\n"
    changes = [("task: binary", "task: multiclass"), ("  id: id\n", ""), BARE[1], ("favourable: 1", "favourable: a")]
    (block,) = read(*changes, ("score: y_score", f"score: {{columns: {order}}}"), rows=rows).evaluation.blocks()

    assert block.y_score.tolist() == [[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.2, 0.5, 0.3]]


def test_groups_are_banded_and_unknown_ones_marked(read):
    rows = "id,sex,age,income,approved,y_pred,y_score\na,,29,1,1,1,.5\nb,M,,1,0,0,.5\nc,F,65,1,0,0,.5\n"
    (block,) = read(rows=rows).evaluation.blocks()
    sex, age = block.groups["sex"], block.groups["age"]

    assert (sex.codes.tolist(), [sex.levels[code] for code in sex.codes[1:]]) == (
        [-1, *sex.codes[1:].tolist()],
        ["M", "F"],
    )
    assert (age.codes.tolist(), age.levels) == ([0, -1, 2], ("0-30", "30-65", "65-"))


@pytest.mark.parametrize("spelt", ["1\n2\n1", "1.0\n2.0\n1.0", "x1\nx2\nx1"])
def test_entities_have_the_same_digest_in_evaluation_and_training(read, spelt):
    first, second, third = spelt.split("\n")
    submission = read(
        *ENTITY,
        rows=f"h,x,approved,y_pred\n{first},1,1,1\n{second},2,0,1\n{third},3,1,1\n",
        training__csv=f"approved,h,x\n1,{second},1\n0,{first},2\n",
    )
    (mine,), (theirs,) = whole(submission.evaluation), whole(submission.training)

    assert mine.entity[0] == mine.entity[2] == theirs.entity[1]
    assert mine.entity[1] == theirs.entity[0] != mine.entity[0]


def test_training_data_without_the_entity_has_no_digests(read):
    submission = read(*ENTITY, rows="h,x,approved,y_pred\n1,1,1,1\n2,2,0,1\n", training__csv="approved,x\n1,1\n0,2\n")

    assert (submission.roles.clustered, submission.training.roles.clustered) == (True, False)
    assert whole(submission.training)[0].entity is None


def test_an_unchanged_file_passes_the_second_look(read):
    file = read().evaluation
    whole(file)

    assert file.verify() is None


@pytest.mark.parametrize("change", ["edit", "append", "remove", "folder"])
def test_a_changed_file_fails_the_second_look(read, refusal, change):
    submission = read()
    path = submission.folder / "data.csv"
    if change == "edit":
        path.write_text(path.read_text().replace("10.5", "10.6"))
    elif change == "append":
        path.write_text(path.read_text() + "e,F,1,1,1,1,0.5\n")
    else:
        path.unlink()
    if change == "folder":
        path.mkdir()
    code, said = refusal(submission.evaluation.verify)

    assert code == "data_changed"
    assert said.startswith("data.csv: changed while it was read (sha256 ")
    assert said.endswith(f"{submission.evaluation.sha256[:12]} before); start again on a copy")


def test_a_file_copied_back_is_the_same_file(read):
    submission = read()
    path = submission.folder / "data.csv"
    shutil.copy(path, path.with_suffix(".bak"))
    path.write_text("x")
    shutil.move(path.with_suffix(".bak"), path)

    assert submission.evaluation.verify() is None


def test_a_label_that_came_in_later_is_a_change(read, refusal):
    submission = read()
    path = submission.folder / "data.csv"
    path.write_text(path.read_text().replace("a,F,23,10.5,1,1", "a,F,23,10.5,7,1"))

    assert refusal(whole, submission.evaluation)[0] == "data_changed"


def test_regression_gives_values_and_missing_features_as_such(read):
    submission = read(
        ("task: binary", "task: regression"), ("  favourable: 1\n", ""), ("target: approved", "target: age"),
        ("prediction: y_pred", "prediction: y_score"), ("  score: y_score\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[sex]"),
    )  # fmt: skip
    (block,) = whole(submission.evaluation)

    assert (block.y_true.dtype, block.y_true.tolist()) == (np.float64, [23.0, 37.0, 64.0, 70.0])
    assert block.y_pred.tolist() == [0.9, 0.2, 0.4, 0.6]
    assert block.columns["income"].as_labels() == [10.5, 11.5, 12.5, None]
    assert submission.roles.favourable_direction is None
