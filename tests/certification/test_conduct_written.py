"""How a case was led, rule by rule: the smallest case that breaks it, and the one beside it that does not."""

from datetime import date, timedelta

import pytest

from reliability.certification.bodies import Engagement
from reliability.certification.conduct import not_granted, not_in_terms, not_planned_first, not_separate
from tests.certification import written as w

OTHER_PLAN = "9" * 64


def codes(found):
    return [code for code, _ in found]


def separate(*steps, run=1):
    return list(not_separate(w.case(*steps), run))


def granted(*steps):
    """What is wrong with the last certificate issued."""
    history = w.case(*steps)
    return codes(not_granted(history, history.issued))


def swapped(steps, place, step):
    return (*steps[:place], step, *steps[place + 1 :])


def test_a_case_led_by_the_rules_has_nothing_wrong():
    history = w.case(*w.ISSUED)

    assert list(not_separate(history, 1)) == []
    assert list(not_planned_first(history, 1)) == []
    assert list(not_granted(history, history.issued)) == []
    assert list(not_in_terms(history, history.issued, date(2028, 11, 1))) == []


@pytest.mark.parametrize(("step", "role"), [(w.reviewed(), "reviewer"), (w.decided(), "decider")])
def test_whoever_measured_neither_reviews_nor_decides(step, role):
    found = separate(*w.BEFORE_THE_RUN, w.ran(), step.by("lee"))

    assert ("roles_not_separate", {"role": role}) in found


@pytest.mark.parametrize("role", ["reviewer", "decider"])
def test_who_was_given_two_parts_is_seen_before_anybody_took_them(role):
    people = dict(w.opened().body.people) | {role: ("lee",)}
    found = separate(w.opened(people=people), *w.BEFORE_THE_RUN[1:], w.ran())

    assert ("roles_not_separate", {"role": role}) in found


@pytest.mark.parametrize("step", [w.planned(OTHER_PLAN, "까닭"), w.discarded(2), w.ran(2)])
def test_who_planned_or_discarded_or_ran_once_has_measured(step):
    found = separate(*w.UP_TO_THE_REVIEW, step.by("park"))

    assert ("roles_not_separate", {"role": "reviewer"}) in found


@pytest.mark.parametrize("place", [1, 2, 3])
def test_each_who_judges_declares_first(place):
    role = w.BEFORE_THE_RUN[place].role
    found = separate(*(step for step in w.GRANTED if step is not w.GRANTED[place]))

    assert ("declaration_missing", {"role": role, "n": 1}) in found
    assert ("declared_late", {"role": role}) in found


def test_a_declaration_for_another_part_is_none_for_this_one():
    steps = swapped(w.GRANTED, 2, w.declared("evaluator").by("park"))

    assert ("declaration_missing", {"role": "reviewer", "n": 1}) in separate(*steps)


def test_a_declaration_counts_for_what_comes_after_it():
    late = (*w.UP_TO_THE_REVIEW[:3], *w.UP_TO_THE_REVIEW[4:], w.decided(), w.declared("decider"))

    assert separate(*late) == [("declared_late", {"role": "decider"})]


def test_a_part_that_was_not_given_is_seen():
    assert separate(*w.UP_TO_THE_REVIEW, w.decided().by("han")) == [("part_not_given", {"role": "decider"})]


def test_an_appeal_is_heard_by_somebody_who_had_no_part():
    assert separate(*w.GRANTED, w.appealed(), w.heard(upheld=False)) == []


@pytest.mark.parametrize("employer", ["전주 허브", "(주)전주허브", "주식회사 전주 허브", "전주허브"])
def test_nobody_of_the_applicant_takes_a_part_however_the_company_is_written(employer):
    steps = swapped(w.GRANTED, 0, w.opened(organisation={"name": employer}))

    assert ("applicant_took_part", {"role": "evaluator"}) in separate(*steps)


def test_the_applicant_takes_the_applicants_part():
    assert "applicant_took_part" not in codes(separate(*w.GRANTED))


@pytest.mark.parametrize(("person", "roles"), [
    ("lee", ["evaluator"]), ("이도현", ["evaluator"]), ("박 서연", ["reviewer"]), ("CHOI", ["decider"]), ("jung", []),
    ("somebody", []),
])  # fmt: skip
def test_who_advised_judges_nothing_but_may_keep_the_books(person, roles):
    advice = Engagement(organisation="온고을신용", system="소액대출 심사 모델", person=person, date=w.DAY, kind="자문")
    found = separate(*swapped(w.GRANTED, 0, w.opened(engagements=(advice,))))

    told = {with_["role"] for code, with_ in found if code == "consultant_took_part"}
    assert sorted(told) == roles


def test_a_plan_is_sealed_before_the_run():
    early = w.case(*w.BEFORE_THE_RUN, w.ran())
    late = w.case(*w.BEFORE_THE_RUN[:-1], w.ran(), w.planned())

    assert list(not_planned_first(early, 1)) == []
    assert list(not_planned_first(late, 1)) == [("plan_after_run", {"run": 1})]


def test_a_run_by_a_plan_that_nobody_sealed_has_none():
    unknown = w.case(*w.BEFORE_THE_RUN, w.ran(plan=OTHER_PLAN))

    assert codes(not_planned_first(unknown, 1)) == ["plan_after_run"]


def test_a_plan_that_says_it_is_later_than_its_run_was_not_first():
    # The rows stand in order, and the days that they tell do not.
    backwards = w.case(*w.BEFORE_THE_RUN[:-1], w.planned().after(3), w.ran())

    assert codes(not_planned_first(backwards, 1)) == ["plan_after_run"]


def test_a_second_plan_says_why_and_the_run_after_it_goes_by_it():
    run = w.ran(2, plan=OTHER_PLAN)
    said = w.case(*w.BEFORE_THE_RUN, w.ran(), w.planned(OTHER_PLAN, "데이터가 바뀌었다"), run)
    unsaid = w.case(*w.BEFORE_THE_RUN, w.ran(), w.planned(OTHER_PLAN), run)

    assert list(not_planned_first(said, 2)) == []
    assert codes(not_planned_first(unsaid, 2)) == ["deviation_unrecorded"]


def test_a_deviation_is_no_first_plan():
    # The first run was without a plan: that a later one was planned makes up for nothing.
    history = w.case(*w.BEFORE_THE_RUN[:-1], w.ran(), w.planned(OTHER_PLAN), w.ran(2, plan=OTHER_PLAN))

    assert codes(not_planned_first(history, 2)) == ["plan_after_run"]


@pytest.mark.parametrize(("decision", "outcome", "code"), [
    ("grant", "conforms", None), ("grant", "conforms_with_conditions", "outcome_unfit"),
    ("grant", "undetermined", "outcome_unfit"), ("grant", "does_not_conform", "outcome_unfit"),
    ("conditional", "conforms_with_conditions", None), ("conditional", "conforms", "outcome_unfit"),
    ("conditional", "does_not_conform", "outcome_unfit"), ("renew", "conforms", "edition_unfounded"),
    ("refuse", "conforms", "decision_missing_at_issue"), ("return", "conforms", "decision_missing_at_issue"),
])  # fmt: skip
def test_a_first_certificate_rests_on_a_grant_that_the_outcome_allows(decision, outcome, code):
    steps = (*w.BEFORE_THE_RUN, w.ran(outcome=outcome), w.reviewed(), w.decided(decision), w.issued())

    assert granted(*steps) == ([code] if code else [])


@pytest.mark.parametrize(("gone", "code"), [
    ("accepted", "agreement_missing_at_decision"), ("reviewed", "decision_missing_at_issue"),
    ("tested", "run_not_standing"),
])  # fmt: skip
def test_a_decision_comes_after_agreement_run_and_review(gone, code):
    left = tuple(step for step in w.ISSUED if callable(step.body) or step.body.kind != gone)

    assert granted(*left) == [code]


def test_a_review_after_the_decision_is_none_that_it_rests_on():
    steps = (*w.BEFORE_THE_RUN, w.ran(), w.decided(), w.reviewed(), w.issued())

    assert granted(*steps) == ["decision_missing_at_issue"]


def test_a_decision_on_a_run_that_was_discarded_or_followed_by_another_is_seen():
    assert granted(*w.BEFORE_THE_RUN, w.ran(), w.reviewed(), w.discarded(), w.decided(), w.issued()) == [
        "run_not_standing"
    ]
    assert granted(*w.UP_TO_THE_REVIEW, w.ran(2), w.decided(), w.issued()) == ["run_not_standing"]
    assert granted(*w.GRANTED, w.ran(2), w.issued()) == []


def test_a_grant_that_an_appeal_overturned_is_none():
    steps = (*w.GRANTED, w.appealed(), w.heard(upheld=True))

    assert granted(*steps, w.issued()) == ["decision_missing_at_issue"]
    assert granted(*steps, w.decided(), w.issued()) == []


def test_a_certificate_names_the_decision_and_the_run_that_stand():
    assert granted(*w.GRANTED, w.issued(decision="ab" * 32)) == ["decision_missing_at_issue"]
    assert granted(*w.GRANTED, w.issued(run=2)) == ["decision_missing_at_issue"]


def renewed(*between, run=2, **changes):
    """A certificate, surveillance, and a further edition of it."""
    again = (w.ran(run, surveillance=True), w.reviewed(run), w.decided("renew", run))
    return granted(*w.ISSUED, *between, *again, w.issued(**({"revision": 2} | changes)))


def test_a_further_edition_rests_on_a_decision_to_renew_what_is_in_force():
    assert renewed() == []
    assert renewed(w.changed("suspended"), w.changed("restored")) == []
    assert renewed(w.changed("suspended")) == ["edition_unfounded"]
    assert renewed(w.changed("withdrawn")) == ["edition_unfounded"]


def test_a_further_edition_is_the_next_one_of_the_same_certificate():
    assert renewed(revision=3) == ["edition_unfounded"]
    assert renewed(revision=1) == ["edition_unfounded"]
    assert renewed(number="JJ-C-2026-0002") == ["edition_unfounded"]


def test_one_decision_makes_one_edition():
    assert granted(*w.ISSUED, w.issued(2)) == ["edition_unfounded"]


def test_a_term_ends_with_its_scheme_and_a_renewal_keeps_the_first_day():
    last = date(2028, 11, 1)
    again = (w.decided("renew"), w.issued(2).after(400))

    def terms(*steps):
        history = w.case(*steps)
        return codes(not_in_terms(history, history.issued, last))

    assert terms(*w.GRANTED, w.issued(expires=last)) == []
    assert terms(*w.GRANTED, w.issued(expires=last + timedelta(days=1))) == ["term_other"]
    assert terms(*w.GRANTED, w.issued(granted=w.DAY - timedelta(days=1))) == ["term_other"]
    assert terms(*w.GRANTED, w.issued().after(1)) == ["term_other"]
    assert terms(*w.ISSUED, *again) == []
    assert terms(*w.ISSUED, again[0], w.issued(2, granted=w.DAY + timedelta(days=400)).after(400)) == ["term_other"]
