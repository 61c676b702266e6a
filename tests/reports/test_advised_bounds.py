"""What advice and people's entries add to a report stays within its bounds, whatever they hold."""

import pytest

from reliability.reports import heights
from reliability.reports.advised_bounds import CELL, FIELD, GROUP, MOST_UNTRIED, NAME, RISKS_ROOM, SENTENCE
from reliability.reports.bounds import FINDINGS_ROOM, bounded
from reliability.reports.document import DocumentRecord
from reliability.reports.view import report_view
from reliability.reports.widths import half_widths
from reliability.words.text import words
from tests.reports.advised import advice
from tests.reports.consulted import GIVEN
from tests.reports.sample import assessment
from tests.reports.worst import worst
from tests.reports.worst_advised import worst_given


def cut(record, given):
    said = words("en")
    view = report_view(record, DocumentRecord(kind="consulting"), kind="consulting", words=said, given=given)
    return view, *bounded(view, record, said)


@pytest.fixture(scope="module")
def worst_cut():
    record = worst()
    return cut(record, worst_given(record))


@pytest.fixture(scope="module")
def at_length(worst_cut):
    return [one for tier in worst_cut[1].conclusion.tiers for one in tier.findings]


def test_advice_within_bounds_stays_as_it_is_and_needs_no_file():
    whole, told, files = cut(assessment(), GIVEN)

    assert told.plan == whole.plan
    assert told.register == whole.register
    assert [one.name for one in files] == []


def test_findings_with_advice_keep_to_the_room_of_findings(worst_cut, at_length):
    most = max(map(heights.of_finding, at_length))

    assert at_length
    assert sum(map(heights.of_finding, at_length)) <= FINDINGS_ROOM + most * len(worst_cut[1].conclusion.tiers)


def test_a_finding_with_advice_stands_higher_than_without():
    whole, *_ = cut(assessment(), GIVEN)
    finding = whole.conclusion.tiers[0].findings[0]

    assert finding.mending is not None
    assert heights.of_mending(finding.mending) > 200


def test_texts_of_remedies_are_cut(at_length):
    mending = at_length[0].mending

    assert len(mending.untried) == MOST_UNTRIED
    assert all(half_widths(row.text) <= SENTENCE for row in mending.untried)
    assert all(half_widths(one.name) <= NAME for one in mending.remedies)
    assert all(half_widths(row.name) <= GROUP for row in mending.switched.rows)


def test_what_people_wrote_is_cut_to_its_fields(worst_cut):
    for one in (*worst_cut[1].register.risks, *worst_cut[1].plan.first, *worst_cut[1].todo):
        assert half_widths(one.entry.owner) <= FIELD
        assert half_widths(one.entry.treatment) <= CELL


def test_risks_past_the_page_are_counted_and_stand_in_the_file(worst_cut):
    whole, told, files = worst_cut
    left = len(whole.register.risks) - len(told.register.risks)
    (file,) = (one for one in files if one.name == "risks.csv")

    assert 5 < len(told.register.risks) < 60
    assert sum(map(heights.of_risk, told.register.risks)) <= RISKS_ROOM
    assert f"{left} risks are left out" in told.left.risks
    assert file.rows == len(whole.register.risks)


def test_remedies_that_were_cut_stand_whole_in_their_file(worst_cut):
    whole, _, files = worst_cut
    (file,) = (one for one in files if one.name == "remedies.csv")
    told = [one.mending for section in whole.conclusion.sections for one in section.findings if one.mending]

    assert file.rows == sum(len(one.remedies) + len(one.untried) for one in told)
    assert file.text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}Item,Rank,Remedy")


def test_the_file_of_remedies_tells_before_and_after():
    many = advice().findings[1]
    untried = advice().remedies[4]
    more = tuple(
        untried.model_copy(update={"id": f"F{n}", "why": untried.why.model_copy(update={"code": f"code_{n}"})})
        for n in range(MOST_UNTRIED + 1)
    )
    given = advice(
        remedies=(*advice().remedies, *more),
        findings=(many.model_copy(update={"applicable": tuple(one.id for one in more)}),),
    )
    *_, files = cut(assessment(), type(GIVEN)(advice=given))
    (file,) = (one for one in files if one.name == "remedies.csv")

    assert "FAI-02,1,R2,A threshold for every group" in file.text
    assert "0.68 [0.55 – 0.82],0.91 [0.83 – 0.99],'+0.23 [+0.11 – +0.35],Pass" in file.text
