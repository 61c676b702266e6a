"""Answers held to the question they were given to, to their evidence, and to the day."""

from datetime import date
from types import SimpleNamespace

import pytest

from reliability.checklist.answered import answered, answers_to, refuse_unknown_answers, troubles
from reliability.errors import SubmissionError
from reliability.records import Answer, EvidenceFile
from reliability.submission.answers import AnswerSheet

ON = date(2026, 7, 1)
FILE = EvidenceFile(path="a.pdf", sha256="0" * 64)
OLD = EvidenceFile(path="old.pdf", sha256="0" * 64, renew="2026-06-30")
CHECKLIST = SimpleNamespace(
    id="small",
    version="1.0.0",
    items=(
        SimpleNamespace(id="GOV-01", ask={"ko": "?", "en": "?"}),
        SimpleNamespace(id="GOV-02", ask={"ko": "?", "en": "?"}),
        SimpleNamespace(id="PER-01", ask=None),
    ),
)


def sheet(*items, checklist="small", version="1.0.0", evidence=(), questions=None, **faults):
    given = {
        item: Answer(answer="met", by="kim", evidence=evidence, checked_by=faults.pop("checked_by", None))
        for item in items
    }
    found = {name: dict.fromkeys(items, paths) for name, paths in faults.items()}
    return AnswerSheet(
        path="answers.yaml", sha256="0" * 64, checklist=checklist, version=version, items=given,
        **({"missing": {}, "changed": {}} | found), questions=questions or {},
    )  # fmt: skip


def codes(reasons):
    return [(reason.code, reason.with_.get("paths")) for reason in reasons]


def test_nobody_answered_without_a_sheet_or_an_entry():
    assert answered("GOV-01", CHECKLIST, None, on=ON) is None
    assert answered("GOV-02", CHECKLIST, sheet("GOV-01"), on=ON) is None


@pytest.mark.parametrize(
    ("keys", "other"),
    [
        ({}, False),
        ({"version": "0.9.0"}, True),
        ({"checklist": "credit"}, True),
        ({"questions": {"GOV-01": ("small", "0.9.0")}}, True),
        ({"version": "0.9.0", "questions": {"GOV-01": ("small", "1.0.0")}}, False),
    ],
)
def test_an_answer_belongs_to_the_question_it_names(keys, other):
    met = sheet("GOV-01", **keys)

    assert answers_to("GOV-01", CHECKLIST, met) is not other
    assert answered("GOV-01", CHECKLIST, met, on=ON).other_question is other


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("missing", "evidence_missing"),
        ("changed", "evidence_changed"),
        ("too_large", "evidence_too_large"),
        ("other_kind", "evidence_kind"),
    ],
)
def test_what_is_wrong_with_a_file_becomes_a_reason(fault, code):
    met = sheet("GOV-01", evidence=(FILE,), **{fault: ("a.pdf",)})

    assert codes(troubles(met, "GOV-01", on=ON)) == [(code, ["a.pdf"])]
    assert getattr(answered("GOV-01", CHECKLIST, met, on=ON), fault) == ("a.pdf",)


@pytest.mark.parametrize(("on", "expired"), [(date(2026, 6, 30), ()), (ON, ("old.pdf",))])
def test_the_day_decides_whether_evidence_expired(on, expired):
    met = sheet("GOV-01", evidence=(FILE, OLD))

    assert answered("GOV-01", CHECKLIST, met, on=on).expired == expired
    assert codes(troubles(met, "GOV-01", on=on)) == ([("evidence_expired", ["old.pdf"])] if expired else [])


@pytest.mark.parametrize(
    ("checked_by", "found"),
    [(None, []), ("lee", []), ("kim", ["not_checked_by_other"]), (" KIM ", ["not_checked_by_other"])],
)
def test_a_check_by_the_one_who_answered_is_said(checked_by, found):
    reasons = troubles(sheet("GOV-01", checked_by=checked_by), "GOV-01", on=ON)

    assert [reason.code for reason in reasons] == found


@pytest.mark.parametrize("item", ["GOV-1", "PER-01"])
def test_an_item_that_is_not_asked_is_refused_with_the_near_one(item):
    with pytest.raises(SubmissionError, match=rf"answers.yaml: checklist small asks no item '{item}'; did you") as met:
        refuse_unknown_answers(sheet("GOV-02", item), CHECKLIST)

    assert (met.value.code, met.value.values["near"]) == ("answer_unknown", "GOV-01")


@pytest.mark.parametrize(
    "met",
    [
        None,
        sheet("GOV-01", "GOV-02"),
        sheet("GOV-99", version="0.9.0"),
        sheet("GOV-99", checklist="credit"),
        sheet("GOV-99", questions={"GOV-99": ("small", "0.9.0")}),
    ],
)
def test_an_answer_to_another_question_is_left_alone(met):
    refuse_unknown_answers(met, CHECKLIST)
