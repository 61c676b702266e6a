from dataclasses import replace

import pytest

from reliability.compare.cases import Case
from reliability.compare.inputs import checklist_changes, input_changes
from reliability.records import ArchiveIdentity, Intake, ModelIdentity, NotTested
from tests import small_case
from tests.compare.two_cases import CRITERIA, assessed, rows_file
from tests.reports.sample import assessment, data, subject


def case(**changes):
    return Case(assessment=assessment(**changes))


def told(**changes):
    """What differs from the sample, as (what, name, before, after)."""
    return [(one.what, one.name, one.before, one.after) for one in input_changes(case(), case(**changes))]


def with_data(**changes):
    sets = assessment().data
    return sets.model_copy(update={"evaluation": sets.evaluation.model_copy(update=changes)})


def with_subject(**changes):
    return subject().model_copy(update=changes)


def test_the_same_inputs_differ_in_nothing():
    assert told() == []


def test_another_seed_platform_and_library_are_told_by_name():
    software = assessment().software | {"numpy": "9.9"}

    assert told(seed=7, platform="linux-arm64", software=software) == [
        ("software", "numpy", assessment().software.get("numpy"), "9.9"),
        ("platform", "", assessment().platform, "linux-arm64"),
        ("seed", "", 0, 7),
    ]


def test_data_are_told_by_digest_rows_and_origin():
    changed = with_data(sha256="77" * 32, rows=9, origin="witnessed")

    assert told(data=changed) == [
        ("evaluation", "sha256", "34" * 32, "77" * 32),
        ("evaluation", "rows", 2412, 9),
        ("evaluation", "origin", "applicant_supplied", "witnessed"),
    ]


def test_columns_are_told_one_by_one_new_gone_and_changed():
    columns = ({"name": "소득", "kind": "i8", "role": "feature"}, {"name": "age", "kind": "i8", "role": "sensitive"})

    assert told(data=with_data(columns=columns)) == [
        ("evaluation_column", "소득", {"kind": "f8", "role": "feature"}, {"kind": "i8", "role": "feature"}),
        ("evaluation_column", "sex", {"kind": "utf8", "role": "sensitive"}, None),
        ("evaluation_column", "age", None, {"kind": "i8", "role": "sensitive"}),
    ]


def test_training_data_that_are_new_are_told_by_what_they_are_not_by_column():
    sets = assessment().data.model_copy(update={"training": data("training.parquet", 10)})

    assert [(what, name) for what, name, _, _ in told(data=sets)] == [
        ("training", "path"), ("training", "sha256"), ("training", "rows"), ("training", "origin"),
    ]  # fmt: skip


def test_a_fact_is_told_with_what_it_was_and_is():
    facts = {"decides_about_people": {"value": False, "origin": "stated", "because": "제안만 한다"}}

    assert told(subject=with_subject(facts=facts)) == [
        ("fact", "decides_about_people", {"value": True, "origin": "stated"}, facts["decides_about_people"])
    ]


def test_another_model_is_told_by_its_digest_and_its_isolation_part_by_part():
    model = assessment().subject.model
    isolation = {**model.isolation, "level": "none", "libraries": {"python": "3.12.0", "skops": "0.16.0"}}
    other = ModelIdentity(format="skops", sha256="99" * 32, isolation=isolation)

    assert told(subject=with_subject(model=other)) == [
        ("model", "sha256", "56" * 32, "99" * 32),
        ("isolation", "level", "bubblewrap", "none"),
        ("isolation", "libraries.python", "3.11.2", "3.12.0"),
    ]


def test_files_taken_in_otherwise_are_told_by_level_and_archive():
    archive = ArchiveIdentity(path="s.zip", sha256="ab" * 32)

    assert told(intake=Intake(isolation={"level": "process"}, archive=archive)) == [
        ("isolation", "intake", "bubblewrap", "process"),
        ("manifest", "archive", None, "ab" * 32),
    ]
    assert told(intake=None) == [("isolation", "intake", "bubblewrap", None)]


def test_predictions_handed_in_instead_of_a_model_are_told():
    found = told(subject=with_subject(model=None))

    assert ("model", "format", "skops", None) in found
    assert {what for what, *_ in found} == {"model", "isolation"}


def test_organisation_system_and_task_are_told():
    changed = with_subject(
        organisation={"name": "다른 회사"}, system=subject().system | {"version": "2.4.0"}, task="multiclass"
    )
    found = told(subject=changed)

    assert ("organisation", "name", "온고을신용 주식회사", "다른 회사") in found
    assert ("system", "version", "2.3.1", "2.4.0") in found
    assert ("task", "", "binary", "multiclass") in found


def test_manifest_answers_and_what_was_not_tested_are_told():
    manifest = {
        "path": "submission.yaml",
        "sha256": "aa" * 32,
        "answers": {"path": "answers.yaml", "sha256": "bb" * 32},
    }
    missing = (*assessment().not_tested, NotTested(what="ROB-01", code="no_model"))

    assert told(manifest=manifest, not_tested=missing) == [
        ("manifest", "sha256", "cd" * 32, "aa" * 32),
        ("answers", "path", None, "answers.yaml"),
        ("answers", "sha256", None, "bb" * 32),
        ("not_tested", "ROB-01", None, "no_model"),
    ]


def test_another_population_is_told():
    manifest = {"path": "submission.yaml", "sha256": "cd" * 32, "population": {"path": "p.csv", "sha256": "aa" * 32}}

    assert told(manifest=manifest) == [
        ("manifest", "population.path", None, "p.csv"), ("manifest", "population.sha256", None, "aa" * 32),
    ]  # fmt: skip


@pytest.fixture
def two_checklists(tmp_path):
    """One submission under a checklist and under one with another limit, without an item and with a new one."""
    rows_file(tmp_path / "in", range(80), range(80))
    criteria = {"PER_01": CRITERIA["PER_01"], "PER_02": CRITERIA["PER_02"]}
    changed = {
        "PER_01": CRITERIA["PER_01"].replace("0.5", "0.9"),
        "FAI_01": CRITERIA["FAI_01"],
    }
    used = [small_case.checklist(tmp_path / name, **one) for name, one in (("a", criteria), ("b", changed))]
    return tuple(assessed(tmp_path, 1, one, out=f"case-{place}") for place, one in enumerate(used))


def test_a_changed_limit_is_told_with_its_item_and_which_way(two_checklists):
    limit = next(one for one in checklist_changes(*two_checklists) if one.code == "limit")

    assert (limit.item, limit.way) == ("PER-01", "tighter")
    assert (limit.old, limit.new) == ({"at_least": 0.5}, {"at_least": 0.9})
    assert limit.about["check"] == "performance.accuracy"


def test_items_that_only_one_checklist_has_are_told(two_checklists):
    found = {(one.code, one.item) for one in checklist_changes(*two_checklists)}

    assert {("added", "FAI-01"), ("dropped", "PER-02")} <= found


def test_one_checklist_asks_what_it_asked(two_checklists):
    before, _ = two_checklists

    assert checklist_changes(before, replace(before)) == ()
