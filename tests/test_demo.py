import pandas as pd
import pytest

from reliability.checklist.read import read_checklist
from reliability.demo import FEATURES, MARK, clear, prepare
from reliability.errors import UsageError
from reliability.submission.read import read_submission


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """The demo's submission with predictions instead of the model."""
    return prepare(tmp_path_factory.mktemp("demo") / "submission", hand_in_predictions=True)


def test_submission_with_predictions_is_accepted(handed_in):
    submission = read_submission(handed_in)

    assert (submission.model, submission.evaluation.rows, submission.training.rows) == (None, 221, 221)
    assert (submission.roles.has_predictions, submission.roles.has_scores) == (True, True)
    assert (submission.roles.sensitive, submission.roles.features) == (("sex", "age"), FEATURES)
    assert submission.notes == ()


def test_submission_with_a_model_is_accepted_and_holds_no_predictions(tmp_path):
    submission = read_submission(prepare(tmp_path / "submission"))

    assert (submission.model.format, submission.roles.has_predictions) == ("skops", False)
    assert not {"predicted", "score"} & set(pd.read_parquet(tmp_path / "submission" / "evaluation.parquet").columns)


def test_patients_are_those_of_the_study_split_in_two(handed_in):
    evaluation, training = (
        pd.read_parquet(handed_in.parent / f"{name}.parquet") for name in ("evaluation", "training")
    )

    assert len(evaluation) + len(training) == 442
    both = pd.concat([evaluation, training])
    assert abs(both["fast_progression"].mean() - 0.5) < 0.01
    assert set(both["sex"]) == {"1", "2"}  # the study does not say which is which


def test_predictions_follow_from_the_scores(handed_in):
    rows = pd.read_parquet(handed_in.parent / "evaluation.parquet")

    assert ((rows["score"] >= 0.5) == (rows["predicted"] == 1)).all()
    assert rows["predicted"].nunique() == 2


def test_same_files_when_prepared_twice(handed_in, tmp_path):
    again = prepare(tmp_path / "again", hand_in_predictions=True)

    for path in handed_in.parent.iterdir():
        assert (again.parent / path.name).read_bytes() == path.read_bytes(), path.name


def test_answers_speak_of_the_checklist_and_leave_two_honest_gaps(handed_in):
    sheet, used = read_submission(handed_in).answers, read_checklist("trustworthy-ai")
    asked = {item.id for item in used.items if item.ask is not None}

    assert (sheet.checklist, sheet.version) == (used.id, used.version)
    assert set(sheet.items) <= asked
    gaps = [item for item, answer in sheet.items.items() if answer.answer in {"partly", "not_met"}]
    assert len(gaps) >= 2, gaps


def test_clear_removes_what_an_earlier_demo_left(tmp_path):
    out = tmp_path / "demo"
    clear(out)  # nothing there yet
    out.mkdir()
    (out / MARK).touch()

    clear(out)

    assert not out.exists()


@pytest.mark.parametrize("kind", ["folder", "file", "link", "dangling"])
def test_clear_refuses_what_no_demo_left(tmp_path, kind):
    out, other = tmp_path / "demo", tmp_path / "other"
    other.mkdir()
    (other / MARK).touch()
    made = {"folder": out.mkdir, "file": out.touch, "link": lambda: out.symlink_to(other)}
    made.get(kind, lambda: out.symlink_to(tmp_path / "nowhere"))()

    with pytest.raises(UsageError) as caught:
        clear(out)

    assert (caught.value.code, (other / MARK).exists()) == ("demo_out_exists", True)
