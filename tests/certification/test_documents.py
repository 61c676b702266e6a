"""What a test report and a certificate say of their case, by cases written down by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reliability.certification.bodies import Condition, Engagement
from reliability.certification.documents import (
    Edition,
    certificate_record,
    decision_number,
    open_conditions,
    report_record,
    terms,
)
from reliability.certification.roster import Person
from reliability.certification.schemes import read_scheme, rules_of
from reliability.errors import RecordError
from tests.certification import written as w
from tests.certification.hub import ISSUER, SITE

RULES = read_scheme("verification")
EDITION = Edition(
    number=w.NUMBER, report="JJ-R-2026-0001", revision=1, granted=w.DAY, issued=w.DAY, expires=date(2028, 11, 1),
    next_surveillance=date(2027, 11, 2), head="66" * 32, site=SITE, signature="B-B", sealing_proven=True,
)  # fmt: skip
FIRST = Condition(item="PER-01", text="성능을 높인다", due=date(2027, 1, 31))
SECOND = Condition(item="GOV-01", text="지침을 승인받는다", due=date(2027, 3, 31))


def person(key, **more):
    given = {"person": key, "name": "-", "employer": "-", "roles": (), "certificate": "1", "from": w.DAY}
    return Person.model_validate(given | more)


def certificate(history, *, rules=RULES, edition=EDITION, lang="ko", scope="소액대출 승인 제안", people=None):
    made = certificate_record(history, rules, edition, ISSUER, people or {}, lang=lang, scope=scope)
    return made.certificate


def report(*steps, run=1, lang="en", **changes):
    return report_record(w.case(*steps), run, replace(EDITION, **changes), ISSUER, lang=lang).deviations


def test_a_certificate_says_its_days_scope_decision_and_where_it_is_registered():
    made = certificate(w.case(*w.GRANTED))

    assert (made.granted, made.expires, made.next_surveillance) == (w.DAY, date(2028, 11, 1), date(2027, 11, 2))
    assert (made.scope, made.test_report, made.chain_head) == ("소액대출 승인 제안", "JJ-R-2026-0001", "66" * 32)
    assert (made.decision.number, made.decision.date) == ("JJ-2026-0001-D1", w.DAY)
    assert made.register_url == f"{SITE}/{w.NUMBER}"
    assert (made.revision, made.revisions, made.conditions, made.consultancy) == (0, (), (), False)


@pytest.mark.parametrize(("lang", "said"), [
    ("ko", "법적 적합성의 보증"), ("en", "Any assurance of legal compliance"),
])  # fmt: skip
def test_what_it_leaves_out_is_said_in_its_language(lang, said):
    made = certificate(w.case(*w.GRANTED), lang=lang)

    assert made.exclusions == tuple(getattr(one, lang) for one in RULES.text.exclusions)
    assert said in made.exclusions


def test_a_scheme_is_named_in_both_languages_whichever_the_document_speaks():
    ko, en = (certificate(w.case(*w.GRANTED), lang=lang).scheme for lang in ("ko", "en"))

    assert ko == en
    assert (ko.name.ko, ko.name.en) == (RULES.text.name.ko, RULES.text.name.en)
    assert (ko.title.ko, ko.accreditation) == ("검증 결과서", None)


def test_a_scheme_without_a_title_gives_its_documents_none():
    bare = rules_of(RULES.text.model_copy(update={"title": None, "exclusions": []}))
    made = certificate(w.case(*w.GRANTED), rules=bare)

    assert (made.scheme.title, made.exclusions) == (None, ())


def test_everybody_who_took_a_part_is_named_once_with_the_registrar_last():
    made = certificate(w.case(*w.GRANTED[:-1], w.reviewed(), w.decided()))

    assert [(one.role, one.name) for one in made.roles] == [
        ("evaluator", "이도현"), ("decider", "최민준"), ("reviewer", "박서연"), ("registrar", "정유진"),
    ]  # fmt: skip


def test_one_person_in_two_parts_is_named_in_both():
    made = certificate(w.case(*w.UP_TO_THE_REVIEW, w.decided().by("park")))

    assert [one.role for one in made.roles if one.name == "박서연"] == ["decider", "reviewer"]


def test_only_who_reviewed_the_run_that_was_decided_on_is_its_reviewer():
    earlier = w.reviewed(1).by("han")
    made = certificate(w.case(*w.BEFORE_THE_RUN, w.ran(), earlier, w.ran(2), w.reviewed(2), w.decided(run=2)))

    assert [one.name for one in made.roles if one.role == "reviewer"] == ["박서연"]


def test_a_position_is_that_of_the_roster_and_the_name_that_of_the_event():
    people = {"choi": person("choi", name="다른 이름", position="인증위원장")}
    made = certificate(w.case(*w.GRANTED), people=people)

    assert [(one.name, one.position) for one in made.roles if one.role == "decider"] == [("최민준", "인증위원장")]
    assert {one.position for one in made.roles if one.role != "decider"} == {None}


def test_conditions_stand_there_until_they_are_closed():
    conditional = (*w.UP_TO_THE_REVIEW, w.decided("conditional", conditions=[FIRST, SECOND]))

    def items(*later):
        history = w.case(*conditional, *later)
        printed = [one.item for one in certificate(history).conditions]
        assert printed == [one.item for one in open_conditions(history)]
        return printed

    assert items() == ["PER-01", "GOV-01"]
    assert items(w.condition_met("PER-01")) == ["GOV-01"]
    assert items(w.condition_met("PER-01"), w.condition_met("GOV-01")) == []


def test_conditions_are_those_of_the_decision_that_stands():
    history = w.case(
        *w.UP_TO_THE_REVIEW, w.decided("conditional", conditions=[FIRST]), w.appealed(), w.heard(upheld=True),
        w.decided("conditional", conditions=[SECOND]),
    )  # fmt: skip

    assert open_conditions(history) == (SECOND,)
    assert certificate(history).decision.number == "JJ-2026-0001-D2"


def test_a_condition_that_a_later_decision_sets_again_is_open_again():
    conditional = w.decided("conditional", conditions=[FIRST])
    met = (*w.UP_TO_THE_REVIEW, conditional, w.condition_met("PER-01"))

    assert open_conditions(w.case(*met)) == ()
    assert open_conditions(w.case(*met, w.decided("renew", conditions=[FIRST]))) == (FIRST,)


def test_decisions_are_numbered_through_the_case():
    returned = (*w.UP_TO_THE_REVIEW, w.decided("return"), w.decided("return"))

    assert decision_number(w.case(*returned)) == "JJ-2026-0001-D2"
    assert decision_number(w.case(*returned, w.decided())) == "JJ-2026-0001-D3"


def test_every_later_edition_is_listed_with_its_day_and_reason():
    renewal = (
        w.decided("renew").after(364),
        w.issued(2, reason="첫 사후관리").after(365),
        w.decided("renew").after(700),
    )
    edition = replace(EDITION, revision=3, issued=w.DAY + timedelta(days=701), reason="둘째 사후관리")
    made = certificate(w.case(*w.ISSUED, *renewal), edition=edition)

    assert made.revision == 2
    assert [(one.revision, one.date, one.reason) for one in made.revisions] == [
        (1, w.DAY + timedelta(days=365), "첫 사후관리"), (2, w.DAY + timedelta(days=701), "둘째 사후관리"),
    ]  # fmt: skip


def test_an_edition_whose_reason_nobody_gave_is_listed_all_the_same():
    history = w.case(*w.ISSUED, w.decided("renew"))

    assert certificate(history, edition=replace(EDITION, revision=2)).revisions[0].reason == "-"


def test_advice_by_the_same_body_is_said():
    advice = Engagement(organisation="온고을신용", system="소액대출 심사 모델", person="x", date=w.DAY, kind="자문")

    assert certificate(w.case(w.opened(engagements=(advice,)), *w.GRANTED[1:])).consultancy


@pytest.mark.parametrize("decision", [(), (w.decided(), w.appealed(), w.heard(upheld=True))])
def test_nothing_is_said_where_no_decision_stands(decision):
    with pytest.raises(RecordError) as caught:
        certificate(w.case(*w.UP_TO_THE_REVIEW, *decision))
    assert (caught.value.code, caught.value.values["case"]) == ("decision_none", w.CASE)


@pytest.mark.parametrize(("changes", "field"), [
    ({"scope": "KOLAS 공인 시험"}, "scope"),
    ({"scope": ""}, "scope"),
    ({"edition": replace(EDITION, site="register.example.kr")}, "register_url"),
    ({"edition": replace(EDITION, head="6")}, "chain_head"),
    ({"edition": replace(EDITION, expires=w.DAY)}, "-"),
    ({"edition": replace(EDITION, granted=w.DAY - timedelta(days=1))}, "-"),
], ids=["claim", "nothing", "address", "head", "term", "granted before decided"])  # fmt: skip
def test_what_no_certificate_may_say_is_refused_by_its_field(changes, field):
    with pytest.raises(RecordError) as caught:
        certificate(w.case(*w.GRANTED), **changes)
    assert (caught.value.code, caught.value.values["field"]) == ("certificate_unsayable", field)


def test_a_claim_in_a_condition_is_refused_too():
    claim = FIRST.model_copy(update={"text": "ISO 42001 인증을 취득한다"})

    with pytest.raises(RecordError, match="claim that may stand in no document"):
        certificate(w.case(*w.UP_TO_THE_REVIEW, w.decided("conditional", conditions=[claim])))


def test_a_report_says_which_run_it_was_and_by_which_plan():
    (said,) = report(*w.UP_TO_THE_REVIEW)

    assert "run 1 of 1" in said
    assert w.PLAN in said


def test_a_report_lists_every_deviation_with_its_day_and_every_discarded_run_with_its_reason():
    steps = (*w.BEFORE_THE_RUN, w.ran(), w.discarded(1, "disk full"), w.planned("9" * 64, "column renamed").after(2))
    deviation, lost, run = report(*steps, w.ran(2, plan="9" * 64).after(3), run=2)

    assert ("2026-11-04" in deviation, "column renamed" in deviation) == (True, True)
    assert ("1" in lost, "disk full" in lost) == (True, True)
    assert ("run 2 of 2" in run, "9" * 64 in run) == (True, True)


def test_a_report_says_that_its_sealing_is_not_proven_only_where_it_is_not():
    steps = w.UP_TO_THE_REVIEW

    assert len(report(*steps, sealing_proven=False)) == len(report(*steps)) + 1
    assert report(*steps, sealing_proven=False)[:-1] == report(*steps)
    assert "not independently proven" in report(*steps, sealing_proven=False)[-1]


def test_a_report_speaks_its_language_and_leaves_reasons_as_they_were_given():
    steps = (*w.BEFORE_THE_RUN, w.ran(), w.discarded(1, "디스크가 찼다"), w.ran(2))
    ko, en = report(*steps, run=2, lang="ko"), report(*steps, run=2, lang="en")

    assert len(ko) == len(en) == 2
    assert all("디스크가 찼다" in lines[0] for lines in (ko, en))
    assert not set(ko) & set(en)


@pytest.mark.parametrize(("granted", "validity", "surveillance", "expires", "looked_at"), [
    (date(2026, 11, 2), 24, 12, date(2028, 11, 1), date(2027, 11, 2)),
    (date(2024, 2, 29), 12, 6, date(2025, 2, 27), date(2024, 8, 29)),
    (date(2026, 8, 31), 6, 1, date(2027, 2, 27), date(2026, 9, 30)),
    (date(2026, 1, 1), 12, None, date(2026, 12, 31), None),
    (date(2027, 2, 28), 12, 12, date(2028, 2, 27), date(2028, 2, 28)),
])  # fmt: skip
def test_terms_by_hand(granted, validity, surveillance, expires, looked_at):
    changes = {"validity_months": validity, "surveillance_months": surveillance}

    assert terms(rules_of(RULES.text.model_copy(update=changes)), granted) == (expires, looked_at)
