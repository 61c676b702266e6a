import json

import pytest

from reliability.errors import SubmissionError
from reliability.records import canonical_json
from reliability.screening.inputs import read_inputs
from reliability.screening.screen import screen
from reliability.screening.used import Used, used_screening, with_screening
from reliability.submission.read import read_submission
from tests.screening.credit import CREDIT
from tests.screening.sheets import sheet
from tests.small_case import assessed, checklist, handed_in

DAY = "2026-11-28"
SCREENED = "PER-01", {"PER_09": "check: performance.accuracy, at_least: 0.5, source: house default"}


def screened(folder, values=CREDIT, **replaced):
    """A whole submission with a sheet of answers and the record that follows from it."""
    handed_in(folder)
    (folder / "screening_answers.yaml").write_text(sheet({**values, **replaced}), encoding="utf-8")
    leave_record(folder)
    return read_submission(folder)


def leave_record(folder, **changes):
    record = screen(read_inputs(folder), date=DAY)
    content = canonical_json({**json.loads(canonical_json(record)), **changes})
    (folder / "screening.json").write_bytes(content)


def change(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return read_submission(folder)


def code(used):
    return None if used.reason is None else used.reason.code


def test_a_record_that_follows_from_the_answers_is_used(tmp_path):
    used = used_screening(screened(tmp_path))

    assert code(used) is None
    assert used.facts == {"kr_high_impact": True, "fully_automated_serious_effect": True, "hub_tier_T3": True}
    assert set(used.files) == {"screening_answers.yaml", "screening.json"}


def test_without_a_record_the_screening_is_missing(tmp_path):
    alone = used_screening(handed_in(tmp_path / "a"))
    screened(tmp_path / "b")
    (tmp_path / "b" / "screening.json").unlink()
    answered = used_screening(read_submission(tmp_path / "b"))

    assert (code(alone), alone.facts, alone.files) == ("screening_missing", {}, {})
    assert (code(answered), set(answered.files)) == ("screening_missing", {"screening_answers.yaml"})


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("screening_answers.yaml", "final_decision: {value: glance}", "final_decision: {value: automatic}"),
        ("screening_answers.yaml", "incidents: {value: false}", "incidents: {value: true}"),
        ("screening_answers.yaml", "국내에서만 쓴다", "국내 고객뿐이다"),
        ("submission.yaml", 'version: "1.0"', 'version: "1.1"'),
        ("submission.yaml", "affects_people: true", "affects_people: true\n  uses_third_party_ai: true"),
        ("submission.yaml", "승인 여부를 제안한다", "한도를 정한다"),
        ("submission.yaml", "채용에 쓰이지 않음", "대출 전용"),
    ],
)
def test_a_record_of_other_answers_facts_or_version_is_stale(tmp_path, name, old, new):
    screened(tmp_path)

    used = used_screening(change(tmp_path, name, old, new))

    assert (code(used), used.record, used.facts) == ("screening_stale", None, {})


def test_a_stale_record_is_used_again_after_a_new_screening(tmp_path):
    screened(tmp_path)
    submission = change(tmp_path, "submission.yaml", 'version: "1.0"', 'version: "1.1"')
    leave_record(tmp_path)

    assert code(used_screening(submission)) is None


def test_a_change_that_the_screening_does_not_rest_on_leaves_it_standing(tmp_path):
    screened(tmp_path)

    assert (
        code(used_screening(change(tmp_path, "submission.yaml", "include: [income, age]", "include: [income]"))) is None
    )
    assert code(used_screening(change(tmp_path, "screening_answers.yaml", "answers:", "# 설명\nanswers:"))) is None


def test_answers_that_were_taken_away_make_the_record_stale(tmp_path):
    submission = screened(tmp_path)
    (tmp_path / "screening_answers.yaml").unlink()

    assert code(used_screening(submission)) == "screening_stale"


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": {"kr_high_impact": False, "fully_automated_serious_effect": False, "hub_tier_T3": False}},
        {"duties": []},
        {"date": "2025-01-01"},  # before the duties were in force
        {"questions": {"version": "1.0.0", "dated": "2026-11-20", "sha256": "0" * 64}},
        {"surprise": 1},
    ],
)
def test_a_record_that_was_edited_is_stale_though_its_digest_fits(tmp_path, changes):
    submission = screened(tmp_path)
    leave_record(tmp_path, **changes)

    assert code(used_screening(submission)) == "screening_stale"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"screening": 2}', b"x" * 4_000_001])
def test_a_file_that_is_no_record_is_stale(tmp_path, content):
    submission = screened(tmp_path)
    (tmp_path / "screening.json").write_bytes(content)

    assert code(used_screening(submission)) == "screening_stale"


@pytest.mark.parametrize("name", ["screening.json", "screening_answers.yaml"])
def test_files_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    submission = screened(tmp_path / "s")
    (tmp_path / "s" / name).rename(tmp_path / "elsewhere")
    (tmp_path / "s" / name).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SubmissionError, match="leaves the submission's folder"):
        used_screening(submission)


def test_an_answer_that_contradicts_a_fact_is_refused_by_an_assessment_too(tmp_path):
    screened(tmp_path / "s")
    submission = change(tmp_path / "s", "screening_answers.yaml", "supports: {value: [credit]}",
                        "supports: {value: [hiring]}")  # fmt: skip

    with pytest.raises(SubmissionError) as refused:
        assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert refused.value.code == "screening_contradicts"
    assert "submission.yaml:6 states hiring: false" in str(refused.value)
    assert not (tmp_path / "case").exists()


def test_facts_of_a_screening_are_put_among_the_others():
    known = {"kr_high_impact": {"value": None, "origin": "screening", "because": None},
             "hiring": {"value": True, "origin": "stated", "because": None}}  # fmt: skip

    assert with_screening(known, Used(record=None, reason=None, files={})) == known


@pytest.mark.parametrize(
    ("named", "matters"),
    [(["hiring"], False), ([], False), (["hiring", "kr_high_impact"], True), (["hub_tier_T3"], True)],
)
def test_a_missing_screening_matters_where_a_checklist_speaks_of_its_facts(tmp_path, named, matters):
    assert used_screening(handed_in(tmp_path / "a")).matters(named) is matters
    assert used_screening(screened(tmp_path / "b")).matters(named) is False


ESCALATED = """\
      - id: GOV-03
        requirement: {ko: 책임자가 있다., en: There is somebody in charge.}
        ask: {ko: 책임자가 있습니까?, en: Is there somebody in charge?}
        evidence: {ko: 임명장, en: the appointment}
        severity: minor
        escalate: {critical: kr_high_impact}
      - id: GOV-04
        requirement: {ko: 설명한다., en: It is explained.}
        ask: {ko: 설명합니까?, en: Is it explained?}
        evidence: {ko: 설명서, en: the explanation}
        severity: major
        when: fully_automated_serious_effect
"""


def assessment(tmp_path, submission):
    return assessed(submission, checklist(tmp_path, "PER-01", asked=ESCALATED), tmp_path / "case")


def test_an_assessment_reads_the_facts_and_carries_the_record(tmp_path):
    found = assessment(tmp_path, screened(tmp_path / "s"))
    severity = {one.item: one.severity for one in found.findings}

    assert found.subject.facts["kr_high_impact"] == {"value": True, "origin": "screening", "because": None}
    assert found.subject.screening["kr"]["status"] == "likely"
    assert severity["GOV-03"] == "critical"
    assert "screening" not in [one.what for one in found.not_tested]


def test_an_assessment_by_a_candidate_leaves_the_severity_open(tmp_path):
    found = assessment(tmp_path, screened(tmp_path / "s", final_decision="human", override_log=True))
    by_item = {one.item: one for one in found.findings}

    assert found.subject.facts["kr_high_impact"]["value"] is None
    assert "escalation_unknown" in [reason.code for reason in by_item["GOV-03"].reasons]
    assert by_item["GOV-04"].verdict == "not_applicable"


@pytest.mark.parametrize("how", ["screening_missing", "screening_stale"])
def test_an_assessment_without_a_screening_to_rely_on_says_so_and_knows_nothing(tmp_path, how):
    submission = screened(tmp_path / "s") if how == "screening_stale" else handed_in(tmp_path / "s")
    if how == "screening_stale":
        submission = change(tmp_path / "s", "submission.yaml", 'version: "1.0"', 'version: "2.0"')

    found = assessment(tmp_path, submission)

    assert ("screening", how) in [(one.what, one.code) for one in found.not_tested]
    assert found.subject.screening is None
    assert found.subject.facts["hub_tier_T3"]["value"] is None
    assert {one.item: one.verdict for one in found.findings}["GOV-04"] == "not_assessed"


def test_an_assessment_that_needs_no_screening_does_not_miss_it(tmp_path):
    found = assessed(handed_in(tmp_path / "s"), checklist(tmp_path, "PER-01", asked=""), tmp_path / "case")

    assert found.not_tested == ()


def test_the_case_keeps_the_screening_with_its_digests(tmp_path):
    found = assessment(tmp_path, screened(tmp_path / "s"))
    kept = {one["path"]: one["sha256"] for one in found.manifest["screening"]}

    assert set(kept) == {"screening_answers.yaml", "screening.json"}
    for name in kept:
        original, copy = (folder / name for folder in (tmp_path / "s", tmp_path / "case" / "submission"))
        assert original.read_bytes() == copy.read_bytes()
