"""Runs: all kept, the discarded ones with their reason, those off plan discarded by themselves."""

import json
import subprocess

import pytest

from reliability.certification import testing
from reliability.errors import UsageError
from reliability.records import canonical_json
from tests.certification import hub as made

ASSESSMENT = made.conforming()


def folder_of(tmp_path, assessment):
    place = tmp_path / "case"
    place.mkdir()
    (place / "assessment.json").write_bytes(canonical_json(assessment))
    return place


def kept(hub, case, place, **more):
    return testing.keep_run(hub.desk(), hub.signer("lee"), hub.history(case), place, **more)


def test_a_run_is_kept_with_its_record(hub, case, tmp_path):
    body = kept(hub, case, folder_of(tmp_path, ASSESSMENT))

    history = hub.history(case)
    assert (body.run, history.standing.body.outcome, history.discarded) == (1, "conforms", frozenset())
    assert testing.run_record(hub.desk(), history, 1) == ASSESSMENT


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("seed", ASSESSMENT.model_copy(update={"seed": 7})),
        ("checklist", ASSESSMENT.model_copy(
            update={"checklist": ASSESSMENT.checklist.model_copy(update={"sha256": "0" * 64})})),
        ("evaluation", ASSESSMENT.model_copy(update={"data": ASSESSMENT.data.model_copy(
            update={"evaluation": ASSESSMENT.data.evaluation.model_copy(update={"sha256": "0" * 64})})})),
    ],
)  # fmt: skip
def test_a_run_off_plan_is_kept_and_discarded_by_the_same_step(hub, case, tmp_path, what, changed):
    kept(hub, case, folder_of(tmp_path, changed))

    history = hub.history(case)
    assert (len(history.of("tested")), history.standing, history.discarded) == (1, None, frozenset({1}))
    assert what in history.of("discarded")[0].body.why


def test_a_discarded_run_stays_on_record_and_the_next_counts(hub, case):
    made.ran(hub, case, ASSESSMENT)
    testing.discard(hub.desk(), hub.signer("lee"), hub.history(case), 1, "저장 장치가 가득 찼다")
    made.ran(hub, case, ASSESSMENT)

    history = hub.history(case)
    assert [one.body.run for one in history.of("tested")] == [1, 2]
    assert history.standing.body.run == 2


def test_a_run_is_discarded_once_and_never_after_its_review(hub, case):
    made.ran(hub, case, ASSESSMENT)
    made.ran(hub, case, ASSESSMENT)
    testing.discard(hub.desk(), hub.signer("lee"), hub.history(case), 1, "까닭")
    made.reviewed(hub, case, 2)

    for run, code in ((1, "run_discarded"), (2, "run_reviewed"), (3, "run_unknown")):
        with pytest.raises(UsageError) as caught:
            testing.discard(hub.desk(), hub.signer("lee"), hub.history(case), run, "까닭")
        assert caught.value.code == code


def test_the_run_itself_is_made_by_a_process_that_has_no_key(hub, case, tmp_path, monkeypatch):
    asked = []

    def run(command, **options):
        asked.append((command, options))
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "assessment.json").write_bytes(canonical_json(ASSESSMENT))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(testing.subprocess, "run", run)
    plan = testing.refuse_untestable(hub.desk(), hub.history(case), made.draft_of(ASSESSMENT))

    assert testing.assessed(plan, tmp_path, tmp_path / "out") == ASSESSMENT
    ((command, options),) = asked
    assert command[3:] == ["assess", str(tmp_path), "--checklist", "certification", "--seed", "0", "--out",
                           str(tmp_path / "out")]  # fmt: skip
    assert options["stdin"] == subprocess.DEVNULL


def test_a_run_that_could_not_be_made_is_no_run(hub, case, tmp_path):
    plan = testing.refuse_untestable(hub.desk(), hub.history(case), made.draft_of(ASSESSMENT))

    with pytest.raises(UsageError) as caught:
        testing.assessed(plan, tmp_path / "nothing", tmp_path / "out")
    assert (caught.value.code, caught.value.values["status"]) == ("run_not_done", 2)
    assert hub.history(case).of("tested") == ()


def test_surveillance_says_what_moved(hub, tmp_path):
    case, papers = made.led(hub, ASSESSMENT)
    first = ASSESSMENT.findings[0]
    worse = first.model_copy(update={"verdict": "fail"})
    after = ASSESSMENT.model_copy(update={"findings": (worse, *ASSESSMENT.findings[1:])})

    body = testing.surveil(hub.desk(), hub.signer("lee"), hub.history(case), folder_of(tmp_path, after),
                           number=papers.number)  # fmt: skip

    assert body.within_scope
    assert body.moved == ({"item": first.item, "before": first.verdict, "after": "fail"},)
    assert body.next_surveillance is not None


def test_another_model_is_outside_the_scope(hub, tmp_path):
    case, papers = made.led(hub, ASSESSMENT)
    model = ASSESSMENT.subject.model.model_copy(update={"sha256": "0" * 64})
    after = ASSESSMENT.model_copy(update={"subject": ASSESSMENT.subject.model_copy(update={"model": model})})

    body = testing.surveil(hub.desk(), hub.signer("lee"), hub.history(case), folder_of(tmp_path, after),
                           number=papers.number)  # fmt: skip

    assert (body.within_scope, body.next_surveillance) == (False, None)


def test_a_submission_is_described_by_another_process_whose_refusal_keeps_its_words(tmp_path):
    from reliability.certification.drafting import draft_of
    from reliability.errors import SubmissionError

    with pytest.raises(SubmissionError) as caught:
        draft_of(tmp_path / "nothing", "certification")
    assert "nothing" in str(caught.value)
    assert json.dumps(caught.value.code)
