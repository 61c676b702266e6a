import json
from datetime import timedelta

import jsonschema
import pytest

from reliability import resources
from reliability.assess import fingerprint, measure, settled_facts, software
from reliability.bench import Bench, Settings
from reliability.case import digest
from reliability.certifiable import obstacles
from reliability.errors import ChecklistError, SubmissionError
from reliability.facts import FACTS
from reliability.records import Criterion, canonical_json
from tests.small_case import (
    RECEIVED,
    assessed,
    by_item,
    checklist,
    codes,
    handed_in,
    use_fake,
    with_model,
)

LEVEL = "performance: {check: performance.accuracy, at_least: 0.6}\n"
ANSWERS = """\
answers: 1
checklist: small
version: 1.0.0
items:
  GOV-01: {answer: met, by: 김, date: 2026-01-02, evidence: [{path: PATH, sha256: "SHA"}]}
"""


@pytest.fixture
def case(tmp_path):
    """A submission with predictions and a declared level, assessed by the whole small checklist."""
    return assessed(handed_in(tmp_path / "s", extra=LEVEL), checklist(tmp_path), tmp_path / "case")


def facts_of(submission):
    return {
        name: fact["value"]
        for name, fact in settled_facts(submission, Bench(submission=submission, settings=Settings())).items()
    }


def answered(folder, path, sha="0" * 64):
    """A submission with one answer that points to a file."""
    handed_in(folder)
    (folder / "answers.yaml").write_text(ANSWERS.replace("PATH", path).replace("SHA", sha), encoding="utf-8")
    return handed_in(folder, text="answers: answers.yaml\n")


def undated(assessment):
    return canonical_json({**assessment.model_dump(mode="json"), "dates": None})


def test_every_item_has_its_verdict(case):
    assert {item: finding.verdict for item, finding in by_item(case).items()} == {
        "PER-01": "pass", "PER-02": "pass", "PER-03": "pass", "PER-04": "pass", "FAI-01": "pass",
        "FAI-02": "inconclusive", "DAT-01": "pass", "DAT-02": "pass", "LEA-01": "inconclusive",
        "ROB-01": "inconclusive", "GOV-01": "not_assessed", "GOV-02": "not_applicable",
    }  # fmt: skip
    assert case.outcome == "undetermined"


def test_what_was_not_tested_is_listed_with_its_reason(case):
    assert [(one.what, one.code) for one in case.not_tested] == [
        ("FAI-02", "no_pairs"),
        ("LEA-01", "no_training_data"),
        ("ROB-01", "no_model"),
        ("GOV-01", "answer_missing"),
    ]


def test_what_a_failed_model_left_open_is_listed_as_not_tested(tmp_path, monkeypatch):
    use_fake(monkeypatch, fails={1})

    record = assessed(with_model(tmp_path / "s"), checklist(tmp_path, "PER-01", "DAT-01", asked=""), tmp_path / "case")

    assert [(one.what, one.code) for one in record.not_tested] == [("PER-01", "model_raised")]
    assert record.outcome == "undetermined"


def test_dates_come_from_the_clock_that_was_handed_in(case):
    assert case.dates.received == RECEIVED
    assert case.dates.started - RECEIVED == timedelta(minutes=1)
    assert case.dates.finished - RECEIVED == timedelta(minutes=2)


def test_record_says_how_the_files_were_taken_in_also_where_nothing_confined_them(case):
    assert case.intake.model_dump() == {"isolation": {"level": "none"}}
    assert [one.code for one in obstacles(case)] == ["predictions_handed_in", "intake_weak"]


def test_facts_are_stated_derived_or_unknown(case):
    facts = case.subject.facts

    assert set(facts) == set(FACTS)
    assert facts["affects_people"] == {"value": True, "origin": "stated", "because": None}
    assert facts["hiring"] == {"value": False, "origin": "stated", "because": "채용에 쓰이지 않음"}
    assert (facts["generative"]["value"], facts["kr_high_impact"]["value"]) == (None, None)


def test_facts_of_the_data_are_derived(tmp_path):
    known = facts_of(handed_in(tmp_path))

    assert {name: known[name] for name, fact in FACTS.items() if fact.origin == "data"} == {
        "labels_available": True, "outputs_probability": True, "two_or_more_sensitive": False,
        "training_members_available": False, "classification": True, "regression": False,
        "monotone_declared": False, "population_declared": False, "time_declared": False,
        "dependencies_declared": False,
        "periods_declared": False,
    }  # fmt: skip


def test_two_sensitive_attributes_make_a_fact(tmp_path):
    submission = handed_in(tmp_path)
    path = tmp_path / "submission.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[sex]", "[sex, {column: age, bands: [0, 40]}]"), encoding="utf-8"
    )

    from reliability.submission.read import read_submission

    assert facts_of(submission)["two_or_more_sensitive"] is False
    assert facts_of(read_submission(tmp_path))["two_or_more_sensitive"] is True


def test_probability_is_unknown_when_the_model_failed_to_load(tmp_path):
    submission = with_model(tmp_path)
    bench = Bench(submission=submission, settings=Settings(), failure=object())

    assert settled_facts(submission, bench)["outputs_probability"]["value"] is None


def test_level_that_is_not_declared_is_not_assessed(tmp_path):
    found = by_item(assessed(handed_in(tmp_path / "s"), checklist(tmp_path, "PER-04"), tmp_path / "case"))

    assert (found["PER-04"].verdict, codes(found["PER-04"])) == ("not_assessed", ["declared_nothing"])


def test_level_that_names_no_check_ends_the_work_and_leaves_no_case(tmp_path):
    submission = handed_in(tmp_path / "s", extra=LEVEL.replace("accuracy", "acuracy"))

    with pytest.raises(ChecklistError, match=r"performance\.accuracy"):
        assessed(submission, checklist(tmp_path, "PER-04"), tmp_path / "case")
    assert not (tmp_path / "case").exists()


def test_same_bytes_twice_apart_from_dates(tmp_path):
    used = checklist(tmp_path)

    first, second = (assessed(handed_in(tmp_path / "s", extra=LEVEL), used, tmp_path / name) for name in "ab")

    assert undated(first) == undated(second)
    assert first.rows["sha256"] == second.rows["sha256"]


def test_same_bytes_when_one_or_two_jobs_run(tmp_path, monkeypatch):
    use_fake(monkeypatch)
    submission, used = with_model(tmp_path / "s"), checklist(tmp_path)

    one, two = (assessed(submission, used, tmp_path / str(jobs), jobs=jobs) for jobs in (1, 2))

    assert undated(one) == undated(two)


def test_csv_and_parquet_of_the_same_rows_give_equal_findings(tmp_path):
    used = checklist(tmp_path)

    csv, parquet = (
        assessed(handed_in(tmp_path / f"s{kind}", parquet=kind, extra=LEVEL), used, tmp_path / f"c{kind}").model_dump(
            mode="json"
        )
        for kind in (False, True)
    )

    for part in ("findings", "outcome", "not_tested"):
        assert canonical_json({"": csv[part]}) == canonical_json({"": parquet[part]})


def test_adding_an_item_moves_no_other_measurement(tmp_path, monkeypatch):
    use_fake(monkeypatch)
    submission = with_model(tmp_path / "s")
    noise = "check: robustness.noise_consistency, report: true"

    few = assessed(submission, checklist(tmp_path / "a", ROB_02=noise), tmp_path / "few")
    many = assessed(submission, checklist(tmp_path / "b", "PER-01", "ROB-01", ROB_02=noise), tmp_path / "many")

    assert by_item(few)["ROB-02"] == by_item(many)["ROB-02"]


def test_schema_accepts_a_real_assessment(case):
    schema = json.loads((resources.schemas() / "assessment.schema.json").read_text(encoding="utf-8"))
    record = json.loads(canonical_json(case))

    jsonschema.Draft202012Validator(schema).validate(record)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**record, "outcome": "certified"}, schema)


def test_record_identifies_what_went_in(case, tmp_path):
    folder = tmp_path / "s"

    assert case.manifest == {"path": "submission.yaml", "sha256": digest(folder / "submission.yaml")}
    assert (case.data.evaluation.sha256, case.data.evaluation.rows) == (digest(folder / "data.csv"), 200)
    assert (case.data.training, case.subject.model) == (None, None)
    assert case.checklist.content["checklist"] == "small"


def test_case_keeps_manifest_answers_and_evidence(tmp_path):
    folder = tmp_path / "s"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "policy.pdf").write_bytes(b"policy")
    submission = answered(folder, "docs/policy.pdf", digest(folder / "docs" / "policy.pdf"))

    record = assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    kept = tmp_path / "case" / "submission"
    assert sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()) == [
        "answers.yaml", "docs/policy.pdf", "submission.yaml",
    ]  # fmt: skip
    assert record.manifest["answers"] == {"path": "answers.yaml", "sha256": digest(folder / "answers.yaml")}
    assert by_item(record)["GOV-01"].verdict == "pass"


def test_case_keeps_data_by_digest_even_when_an_answer_points_to_it(tmp_path):
    submission = answered(tmp_path / "s", "data.csv", "0" * 64)

    record = assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert not (tmp_path / "case" / "submission" / "data.csv").exists()
    assert codes(by_item(record)["GOV-01"]) == ["evidence_changed"]


@pytest.mark.parametrize(("renew", "found"), [("2026-01-02", []), ("2026-01-01", ["evidence_expired"])])
def test_evidence_is_held_to_its_day_of_renewal_on_the_day_of_receipt(tmp_path, renew, found):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "policy.pdf").write_bytes(b"policy")
    submission = answered(folder, "policy.pdf", f'{digest(folder / "policy.pdf")}", renew: "{renew}')

    finding = by_item(assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case"))["GOV-01"]

    assert (codes(finding), finding.verdict) == (found, "not_assessed" if found else "pass")
    assert finding.answer.model_dump()["evidence"][0]["renew"] == renew


def test_case_keeps_no_evidence_of_a_kind_that_is_not_taken(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "tool.exe").write_bytes(b"MZ")

    record = assessed(answered(folder, "tool.exe"), checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert not (tmp_path / "case" / "submission" / "tool.exe").exists()
    assert codes(by_item(record)["GOV-01"]) == ["evidence_kind"]


def test_a_renewal_that_nobody_set_is_not_in_the_record(tmp_path):
    record = assessed(answered(tmp_path / "s", "data.csv"), checklist(tmp_path, "PER-01"), tmp_path / "case")

    (file,) = json.loads(canonical_json(by_item(record)["GOV-01"]))["answer"]["evidence"]
    assert file == {"path": "data.csv", "sha256": "0" * 64}


def test_an_answer_that_says_it_was_given_to_another_version_counts_as_none(tmp_path):
    submission = handed_in(tmp_path / "s")
    sheet = ANSWERS.replace("answer: met", 'answer: met, version: "0.9.0"').replace('{path: PATH, sha256: "SHA"}', "")
    (submission.folder / "answers.yaml").write_text(sheet, encoding="utf-8")
    submission = handed_in(submission.folder, text="answers: answers.yaml\n")

    record = assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert codes(by_item(record)["GOV-01"]) == ["question_changed"]


def test_evidence_named_by_a_way_out_and_back_stays_inside_the_case(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "policy.pdf").write_bytes(b"policy")

    assessed(answered(folder, "../s/policy.pdf"), checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert sorted(path.name for path in (tmp_path / "case").iterdir()) == [
        "assessment.json",
        "rows.parquet",
        "submission",
    ]


@pytest.mark.parametrize("name", ["submission.yaml", "answers.yaml"])
def test_paper_that_changes_after_reading_is_an_error_and_no_case(tmp_path, name):
    folder = tmp_path / "s"
    submission = answered(folder, "none.pdf")
    (folder / name).write_text("changed")

    with pytest.raises(SubmissionError) as caught:
        assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert (caught.value.code, (tmp_path / "case").exists()) == ("data_changed", False)


def test_answer_to_another_version_counts_as_not_answered(tmp_path):
    submission = answered(tmp_path / "s", "none.pdf")
    used = checklist(tmp_path, "PER-01")
    object.__setattr__(used, "version", "2.0.0")

    found = by_item(assessed(submission, used, tmp_path / "case"))

    assert (found["GOV-01"].verdict, codes(found["GOV-01"])) == ("not_assessed", ["question_changed"])


def test_regression_says_that_fairness_was_not_tested(tmp_path):
    manifest = (
        "task: regression\ndata:\n  evaluation: EVALUATION\n  target: income\n  favourable: higher\n  prediction: age\n"
    )
    submission = handed_in(tmp_path / "s")
    text = (tmp_path / "s" / "submission.yaml").read_text(encoding="utf-8").partition("task:")[0] + manifest
    (tmp_path / "s" / "submission.yaml").write_text(text.replace("EVALUATION", "data.csv"), encoding="utf-8")

    from reliability.submission.read import read_submission

    assert submission.roles.task == "binary"
    record = assessed(read_submission(tmp_path / "s"), checklist(tmp_path, "DAT-01", asked=""), tmp_path / "case")

    assert [(one.what, one.code) for one in record.not_tested] == [("fairness", "needs_classification")]
    assert record.subject.facts["regression"]["value"] is True


def test_column_that_nobody_declared_is_inconclusive(tmp_path):
    used = checklist(tmp_path, PER_09="check: performance.accuracy, at_least: 0.5, source: s, by: [region]")

    found = by_item(assessed(handed_in(tmp_path / "s"), used, tmp_path / "case"))

    assert (found["PER-09"].verdict, codes(found["PER-09"])) == ("inconclusive", ["no_segments"])


def test_measure_gives_one_check_and_leaves_nothing(tmp_path):
    criterion = Criterion(check="performance.accuracy", by=("sex",), report=True)

    got = measure(handed_in(tmp_path), criterion, confidence=0.9, settings=Settings())

    assert [(one.slice, one.value, one.confidence) for one in got] == [
        ({"sex": "F"}, 0.8, 0.9),
        ({"sex": "M"}, 1.0, 0.9),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "submission.yaml"]


def test_measure_gives_the_reason_when_something_is_lacking(tmp_path):
    criterion = Criterion(check="robustness.repeatability", report=True)

    (got,) = measure(handed_in(tmp_path), criterion, confidence=0.9, settings=Settings(seed=4))

    assert (got.check, got.value, got.judged, got.seed) == ("robustness.repeatability", None, False, 4)
    assert got.reason.code == "no_model"


def test_software_and_platform_are_named():
    assert {"python", "numpy", "reliability-workbench"} <= set(software())
    assert fingerprint().count("-") >= 2


def test_assess_refuses_an_answer_to_an_item_that_the_checklist_does_not_ask(tmp_path):
    used = checklist(tmp_path / "list", "PER-01")
    answers = f"answers: 1\nchecklist: {used.id}\nversion: {used.version}\nitems: {{GOV-1: {{answer: met}}}}\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "answers.yaml").write_text(answers, encoding="utf-8")
    submission = handed_in(tmp_path / "in", extra="", text="answers: answers.yaml\n")

    with pytest.raises(SubmissionError, match="asks no item 'GOV-1'; did you mean 'GOV-01'") as refused:
        assessed(submission, used, tmp_path / "case")

    assert refused.value.code == "answer_unknown"
    assert not (tmp_path / "case").exists()
