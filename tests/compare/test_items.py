from dataclasses import replace

import pytest

from reliability.compare.cases import Case
from reliability.compare.items import answer_changes, common_items, only_in, verdict_changes
from reliability.records import Answer, EvidenceFile
from tests.reports.sample import assessment


def changed(item, **changes):
    """The sample's case with something else in one finding."""
    whole = assessment()
    findings = tuple(one.model_copy(update=changes) if one.item == item else one for one in whole.findings)
    return Case(assessment=whole.model_copy(update={"findings": findings}))


SAMPLE = Case(assessment=assessment())


def without(case, item):
    findings = tuple(one for one in case.assessment.findings if one.item != item)
    return replace(case, assessment=case.assessment.model_copy(update={"findings": findings}))


def test_nothing_changed_between_a_case_and_itself():
    assert list(verdict_changes(SAMPLE, SAMPLE)) == []
    assert list(answer_changes(SAMPLE, SAMPLE)) == []


def test_another_verdict_is_told_with_what_it_was():
    (one,) = verdict_changes(SAMPLE, changed("FAI-02", verdict="pass"))

    assert (one.item, one.before, one.after) == ("FAI-02", "fail", "pass")


def test_another_severity_is_a_change_too():
    (one,) = verdict_changes(SAMPLE, changed("FAI-02", severity="major"))

    assert (one.before, one.after) == ("fail", "fail")
    assert (one.severity_before, one.severity_after) == ("critical", "major")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(answer="met"),
        Answer(answer="partly", by="김평가"),
        Answer(answer="partly", evidence=(EvidenceFile(path="a.pdf", sha256="00"),)),
        None,
    ],
)
def test_an_answer_is_told_whatever_of_it_changed(answer):
    (one,) = answer_changes(SAMPLE, changed("GOV-02", answer=answer))

    assert one.item == "GOV-02"
    assert one.before == SAMPLE.findings["GOV-02"].answer
    assert one.after == answer


def test_items_of_one_checklist_only_are_not_compared():
    other = without(changed("FAI-02", verdict="pass"), "FAI-02")

    assert "FAI-02" not in common_items(SAMPLE, other)
    assert only_in(SAMPLE, other) == ("FAI-02",)
    assert only_in(other, SAMPLE) == ()
    assert list(verdict_changes(SAMPLE, other)) == []


def test_common_items_stand_in_the_order_of_the_second():
    turned = SAMPLE.assessment.model_copy(update={"findings": SAMPLE.assessment.findings[::-1]})

    assert common_items(SAMPLE, Case(assessment=turned)) == tuple(one.item for one in turned.findings)
