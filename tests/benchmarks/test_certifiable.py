"""The submission made to conform: the same bytes for the same seed, other rows upon change, every question answered."""

from datetime import timedelta
from pathlib import Path

import pyarrow.parquet
import pytest

from benchmarks.certifiable import CHECKLIST, FEATURES, ON, ROWS, applications, odds, write
from reliability.checklist.read import read_checklist
from reliability.questionnaire.questions import questionnaire
from reliability.screening.used import used_screening
from reliability.submission.read import read_submission


def content(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small submission, the same again, and one with other evaluation rows."""
    folder = tmp_path_factory.mktemp("certifiable")
    for name in ("one", "again"):
        write(folder / name, rows=400)
    write(folder / "changed", rows=400, changed=True)
    write(folder / "other", rows=400, seed=1)
    return folder


def test_a_seed_gives_the_same_bytes(made):
    assert content(made / "one") == content(made / "again")


def test_a_change_is_of_the_evaluation_rows_alone_and_the_model_is_the_same(made):
    before, after = content(made / "one"), content(made / "changed")

    assert {name for name in before if before[name] != after.get(name)} == {"evaluation.parquet"}
    assert before.keys() == after.keys()


def test_another_seed_draws_other_rows_and_fits_another_model(made):
    before, after = content(made / "one"), content(made / "other")

    assert {name for name in before if before[name] != after[name]} == {
        "evaluation.parquet", "training.parquet", "model.skops",
    }  # fmt: skip


def test_every_question_is_met_with_evidence_that_somebody_else_checked(made):
    submission = read_submission(made / "one")
    asked = questionnaire(submission, read_checklist(CHECKLIST), on=ON + timedelta(days=1))

    assert set(asked.states.values()) == {"answered"}
    assert asked.troubles == {}
    assert {one.answer for one in asked.answers.values()} == {"met"}
    assert all(one.evidence and one.checked_by and one.checked_by != one.by for one in asked.answers.values())


def test_the_screening_can_be_relied_on(made):
    used = used_screening(read_submission(made / "one"))

    assert used.reason is None
    assert used.record is not None


def test_files_hold_as_many_rows_as_were_asked_for(made):
    assert ROWS >= 20_000
    for name in ("evaluation", "training"):
        assert pyarrow.parquet.read_metadata(made / "one" / f"{name}.parquet").num_rows == 400


def test_the_outcome_depends_on_what_decides_and_on_nobodys_person():
    table = applications(2_000, (5, 5))
    turned = table.assign(sex=table["sex"].to_numpy()[::-1], age=20, branch="Iksan", application=0)

    assert (odds(turned) == odds(table)).all()
    for feature in FEATURES:
        assert not (odds(table.assign(**{feature: table[feature] * 2 + 1})) == odds(table)).all(), feature
