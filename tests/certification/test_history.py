"""What the events of a case say together, by cases written down by hand and by any that could be."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.certification.bodies import Closed, Nonconformity
from reliability.certification.history import History, histories
from reliability.certification.standing import status_on, steps_of
from reliability.errors import UsageError
from tests.certification import written as w

FAR = date(2028, 1, 1)  # before the certificate of `w.issued` expires
STATUS_STEPS = st.sampled_from(("suspended", "restored", "withdrawn", "cancelled"))


def nonconformity(number, severity="major"):
    return Nonconformity(id=f"NC-{number}", item="DAT-01", severity=severity, text="증거가 없다")


def closed(number):
    return w.Step(role="evaluator", body=Closed(nonconformity=f"NC-{number}", note="증거를 보았다"))


def status_after(*kinds):
    return w.case(*w.ISSUED, *map(w.changed, kinds)).status


def test_a_case_without_a_certificate_has_no_status():
    assert w.case(*w.GRANTED).status is None
    assert w.case(*w.GRANTED, w.changed("suspended")).status is None


@pytest.mark.parametrize(("kinds", "status"), [
    ((), "active"), (("suspended",), "suspended"), (("suspended", "restored"), "active"),
    (("suspended", "withdrawn"), "withdrawn"), (("cancelled",), "cancelled"), (("restored",), "active"),
    (("withdrawn", "cancelled"), "withdrawn"), (("cancelled", "withdrawn"), "cancelled"),
    (("suspended", "suspended", "restored"), "active"),
])  # fmt: skip
def test_the_status_is_where_the_changes_lead(kinds, status):
    assert status_after(*kinds) == status


def test_a_further_edition_ends_no_suspension_and_revives_nothing():
    renewal = (w.decided("renew"), w.issued(2))

    assert w.case(*w.ISSUED, w.changed("suspended"), *renewal).status == "suspended"
    assert w.case(*w.ISSUED, w.changed("withdrawn"), *renewal).status == "withdrawn"
    assert w.case(*w.ISSUED, *renewal).status == "active"


@given(kinds=st.lists(STATUS_STEPS, max_size=6))
def test_the_status_of_a_case_is_the_one_that_a_verifier_finds_in_its_steps(kinds):
    history = w.case(*w.ISSUED, *map(w.changed, kinds))

    assert status_on(steps_of(history), 1, FAR)[0] == history.status


@given(kinds=st.lists(STATUS_STEPS, max_size=6), end=st.sampled_from(("withdrawn", "cancelled")))
def test_nothing_changes_a_status_that_has_ended(kinds, end):
    assert status_after(end, *kinds) == end


@given(kinds=st.lists(STATUS_STEPS, max_size=5), cut=st.integers(0, 5))
def test_the_status_on_an_earlier_day_is_that_of_the_case_as_it_was_then(kinds, cut):
    later = [w.changed(kind).after(day) for day, kind in enumerate(kinds, start=1)]
    then = w.case(*w.ISSUED, *later[:cut])

    assert status_on(steps_of(w.case(*w.ISSUED, *later)), 1, w.DAY + timedelta(days=cut))[0] == then.status


def test_the_last_run_that_was_not_discarded_stands():
    runs = (w.ran(1), w.ran(2), w.ran(3))

    assert w.case(*w.BEFORE_THE_RUN).standing is None
    assert w.case(*w.BEFORE_THE_RUN, *runs).standing.body.run == 3
    assert w.case(*w.BEFORE_THE_RUN, *runs, w.discarded(3)).standing.body.run == 2
    assert w.case(*w.BEFORE_THE_RUN, *runs, w.discarded(2)).standing.body.run == 3
    assert w.case(*w.BEFORE_THE_RUN, *runs, *map(w.discarded, (1, 2, 3))).standing is None


def test_a_run_that_is_not_there_is_refused_with_those_that_are():
    history = w.case(*w.BEFORE_THE_RUN, w.ran(1), w.ran(2))

    assert history.run(2).body.run == 2
    with pytest.raises(UsageError, match="no run 3; there is 1, 2"):
        history.run(3)
    with pytest.raises(UsageError, match="there is none"):
        w.case(*w.BEFORE_THE_RUN).run(1)


def test_the_plan_that_stands_is_the_last_one_sealed():
    first, second = w.planned(), w.planned("9" * 64, "데이터가 바뀌었다")

    assert w.case(w.opened()).plan is None
    assert w.case(w.opened(), first).plan.body.plan == w.PLAN
    assert w.case(w.opened(), first, second).plan.body.plan == "9" * 64


def test_nonconformities_are_open_until_they_are_closed_whatever_review_found_them():
    found = (w.reviewed(1, [nonconformity(1), nonconformity(2)]), w.reviewed(1, [nonconformity(3)]))

    def still_open(*steps):
        return [one.id for _, one in w.case(*w.BEFORE_THE_RUN, w.ran(), *found, *steps).open_nonconformities()]

    assert still_open() == ["NC-1", "NC-2", "NC-3"]
    assert still_open(closed(2)) == ["NC-1", "NC-3"]
    assert still_open(closed(3), closed(1), closed(2)) == []


@pytest.mark.parametrize(("steps", "decision"), [
    ((), None), ((w.decided("refuse"),), "refuse"), ((w.decided("return"), w.decided()), "grant"),
    ((w.decided("refuse"), w.appealed()), "refuse"),
    ((w.decided("refuse"), w.appealed(), w.heard(upheld=False)), "refuse"),
    ((w.decided("refuse"), w.appealed(), w.heard(upheld=True)), None),
    ((w.decided("refuse"), w.appealed(), w.heard(upheld=True), w.decided()), "grant"),
    # An appeal that was upheld against an earlier decision takes nothing from the later one.
    ((w.decided("return"), w.appealed(), w.decided("refuse")), "refuse"),
])  # fmt: skip
def test_a_decision_stands_unless_an_appeal_against_it_was_upheld(steps, decision):
    found = w.case(*w.UP_TO_THE_REVIEW, *steps).decision

    assert (found and found.body.decision) == decision


def test_only_the_decision_that_was_appealed_against_is_overturned():
    steps = (w.decided("refuse"), w.appealed(), w.heard(upheld=True), w.decided())
    first, second = (history := w.case(*w.UP_TO_THE_REVIEW, *steps)).of("decided")

    assert (history.overturned(first), history.overturned(second)) == (True, False)


def test_who_acted_is_told_by_what_was_done():
    history = w.case(*w.GRANTED)

    assert history.acted("tested") == {"lee"}
    assert history.acted("reviewed", "decided") == {"park", "choi"}
    assert history.acted("issued") == frozenset()
    assert (history.assigned("reviewer"), history.assigned("consultant")) == (("park",), ())


def test_events_are_told_by_kind_in_their_order():
    history = w.case(*w.ISSUED, w.changed("suspended"), w.changed("restored"))

    assert [one.kind for one in history.of("restored", "issued", "suspended")] == ["issued", "suspended", "restored"]
    assert history.latest("declared").body.role == "decider"
    assert history.latest("surveilled") is None


def test_what_comes_next_follows_the_last_event_and_the_first_follows_nothing():
    history = w.case(*w.GRANTED)

    assert History(case=w.CASE, events=()).last == ""
    assert history.last == history.of("decided")[0].row.event
    assert [one.event.previous for one in history.events[1:]] == [one.row.event for one in history.events[:-1]]


def test_cases_that_were_led_at_once_are_told_apart_in_the_order_in_which_they_were_opened():
    first, second = w.case(*w.GRANTED), w.case(*w.BEFORE_THE_RUN, number="JJ-2026-0002")
    mixed = [first.events[0], *second.events[:3], *first.events[1:], *second.events[3:]]

    assert list(histories(mixed)) == [first, second]
    assert list(histories([])) == []
