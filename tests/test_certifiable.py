"""Why nothing can be certified: every reason alone, together, and none where nothing forbids it."""

import json

import pytest

from reliability.certifiable import OBSTACLES, STRONG_LEVELS, is_strong, obstacles
from reliability.records import REASONS, ArchiveIdentity, Assessment, Intake, canonical_json
from tests.reports.sample import assessment, subject

HELD = {"write_root": "refused", "read_home": "refused"}
STRONG = {"level": "bubblewrap", "probe": HELD}


def record(*, isolation=STRONG, file_format="skops", origin="evaluator_held", intake=STRONG, **changes):
    """An assessment with its model and files taken in so."""
    given = subject()
    model = given.model.model_copy(update={"isolation": isolation, "format": file_format})
    made = assessment(subject=given.model_copy(update={"model": model}))
    data = made.data.model_copy(update={"evaluation": made.data.evaluation.model_copy(update={"origin": origin})})
    taken = None if intake is None else Intake(isolation=intake)
    return made.model_copy(update={"data": data, "intake": taken, **changes})


def codes(made):
    return [reason.code for reason in obstacles(made)]


@pytest.mark.parametrize("level", sorted(STRONG_LEVELS))
def test_nothing_forbids_what_was_run_and_read_at_a_strong_level(level):
    isolation = {**STRONG, "level": level}

    assert codes(record(isolation=isolation, intake=isolation)) == []


@pytest.mark.parametrize(
    "isolation",
    [
        {"level": "process", "probe": HELD}, {"level": "none", "probe": HELD}, {"level": None, "probe": HELD},
        {"level": "BUBBLEWRAP", "probe": HELD}, {"level": "bubblewrap"}, {"level": "bubblewrap", "probe": {}},
        {"level": "bubblewrap", "probe": "refused"}, {"level": ["bubblewrap"], "probe": HELD},
        {"level": "landlock", "probe": {**HELD, "write_root": "succeeded"}},
    ],
)  # fmt: skip
def test_level_is_weak_where_it_is_no_strong_one_or_an_attempt_was_not_refused(isolation):
    assert not is_strong(isolation)
    assert codes(record(isolation=isolation)) == ["isolation_weak"]
    assert codes(record(intake=isolation)) == ["intake_weak"]


def test_model_that_was_never_asked_was_not_run():
    assert codes(record(isolation={})) == ["not_run_here"]
    assert codes(record(isolation={"exit": "model_timeout"})) == ["not_run_here"]


def test_predictions_handed_in_are_nobodys_model():
    made = record()
    without = made.model_copy(update={"subject": subject().model_copy(update={"model": None})})

    assert codes(without) == ["predictions_handed_in"]


@pytest.mark.parametrize(
    ("origin", "met"),
    [("witnessed", []), *((other, ["endpoint_not_witnessed"]) for other in ("evaluator_held", "applicant_supplied"))],
)
def test_endpoint_can_be_certified_only_on_a_witnessed_sampling(origin, met):
    assert codes(record(file_format="endpoint", origin=origin)) == met


def test_record_that_does_not_say_how_files_were_taken_in_is_no_ground():
    assert codes(record(intake=None)) == ["intake_unknown"]


def test_reasons_come_together_in_the_order_of_the_list():
    weak = {"level": "process", "probe": {"read_home": "succeeded"}}
    met = codes(record(file_format="endpoint", origin="pre_sealed", isolation=weak, intake=weak))

    assert met == ["endpoint_not_witnessed", "isolation_weak", "intake_weak"]
    assert met == sorted(met, key=OBSTACLES.index)
    assert set(OBSTACLES) <= REASONS


def test_old_record_keeps_its_bytes_and_a_new_one_says_how_it_was_taken_in():
    old = record(intake=None)
    archive = ArchiveIdentity(path="s.zip", sha256="ab" * 32)
    new = old.model_copy(update={"intake": Intake(isolation=STRONG, archive=archive)})

    assert "intake" not in json.loads(canonical_json(old))
    for made in (old, new):
        assert Assessment.model_validate_json(canonical_json(made)) == made
    assert json.loads(canonical_json(new))["intake"]["archive"] == {"path": "s.zip", "sha256": "ab" * 32}
