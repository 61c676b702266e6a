import pytest

from reliability.errors import UsageError
from reliability.reports.consultation import Consultation, drawn_up, provenance, refuse_other, risk_register
from reliability.reports.document import DocumentRecord
from reliability.reports.risk_entries import Entries, Entry
from reliability.reports.view import report_view
from reliability.words.text import words
from tests.reports.advised import advice
from tests.reports.sample import assessment

GIVEN = Consultation(advice=advice(), entries=Entries(by_item={"FAI-02": Entry(owner="박")}, name="r.csv", sha256="ab"))


def view(given=None, kind="consulting"):
    return report_view(assessment(), DocumentRecord(kind=kind), kind=kind, words=words("en"), given=given)


def test_advice_on_this_case_is_taken_and_on_another_refused():
    refuse_other(advice(), assessment())

    with pytest.raises(UsageError, match="advice is on another case"):
        refuse_other(advice(), assessment(seed=7))


def test_documents_are_told_apart_by_what_was_handed_in():
    assert Consultation().identity == ""
    assert len({Consultation().identity, Consultation(advice=advice()).identity, GIVEN.identity,
                Consultation(advice=advice(seed=1)).identity}) == 4  # fmt: skip


def test_files_that_were_handed_in_stand_in_the_provenance_by_their_digests():
    rows = {row.name: row for row in provenance(GIVEN, words("en"))}

    assert set(rows) == {"advice.json", "r.csv"}
    assert len(rows["advice.json"].code) == 64
    assert "advised by 김자문" in rows["advice.json"].text
    assert set(rows.values()) <= set(view(GIVEN).digests)
    assert list(provenance(Consultation(), words("en"))) == []


def test_a_plan_is_drawn_up_only_with_advice_and_a_register_always():
    assert view().plan is None
    assert view().register is not None
    assert view(GIVEN).plan.first[0].remedy == "R2"


def test_nothing_open_needs_no_plan():
    plan, register = drawn_up((), (), assessment(findings=()), GIVEN, words("en"))

    assert plan is None
    assert register.risks == ()


@pytest.mark.parametrize("kind", ["summary", "test"])
def test_other_documents_tell_nothing_of_advice_and_risks(kind):
    told = view(GIVEN, kind)

    assert (told.plan, told.register) == (None, None)
    assert told == view(None, kind)


def test_people_and_dates_stand_in_the_plan_of_actions_and_with_the_finding():
    told = view(GIVEN)
    todo = next(one for one in told.todo if one.item == "FAI-02")
    finding = next(one for tier in told.conclusion.tiers for one in tier.findings if one.item == "FAI-02")

    assert todo.entry.owner == finding.mending.entry.owner == told.plan.first[0].entry.owner == "박"


def test_the_register_by_itself_is_the_one_of_the_report():
    assert risk_register(assessment(), GIVEN, words("en")) == view(GIVEN).register
