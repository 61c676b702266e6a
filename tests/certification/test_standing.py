from datetime import UTC, date, datetime

import pytest

from reliability.certification.standing import (
    Entered,
    Step,
    age_point,
    is_step,
    newest,
    status_on,
    status_point,
    without_register,
)

ISSUED = Step(kind="issued", on=date(2026, 1, 10), reason=None, edition=1, expires=date(2027, 1, 9))
RENEWED = Step(kind="issued", on=date(2026, 12, 1), reason="갱신", edition=2, expires=date(2027, 11, 30))


def step(kind, on, reason="사유"):
    return Step(kind=kind, on=on, reason=reason)


SUSPENDED, RESTORED = step("suspended", date(2026, 3, 1)), step("restored", date(2026, 4, 1))
WITHDRAWN, CANCELLED = step("withdrawn", date(2026, 6, 1)), step("cancelled", date(2026, 6, 1))


@pytest.mark.parametrize(("steps", "edition", "on", "status"), [
    ([ISSUED], 1, date(2026, 1, 9), "not_yet"),
    ([ISSUED], 1, date(2026, 1, 10), "active"),
    ([ISSUED], 1, date(2027, 1, 9), "active"),
    ([ISSUED], 1, date(2027, 1, 10), "expired"),
    ([ISSUED, SUSPENDED], 1, date(2026, 2, 28), "active"),
    ([ISSUED, SUSPENDED], 1, date(2026, 3, 1), "suspended"),
    ([ISSUED, SUSPENDED], 1, date(2027, 1, 10), "expired"),
    ([ISSUED, SUSPENDED, RESTORED], 1, date(2026, 4, 1), "active"),
    ([ISSUED, SUSPENDED, RESTORED, WITHDRAWN], 1, date(2026, 6, 1), "withdrawn"),
    ([ISSUED, WITHDRAWN], 1, date(2028, 6, 1), "withdrawn"),
    ([ISSUED, CANCELLED], 1, date(2026, 7, 1), "cancelled"),
    ([ISSUED, WITHDRAWN, step("restored", date(2026, 7, 1))], 1, date(2026, 7, 1), "withdrawn"),
    ([ISSUED, CANCELLED, RENEWED], 2, date(2026, 12, 1), "cancelled"),
    ([ISSUED, SUSPENDED, RENEWED], 2, date(2026, 12, 1), "suspended"),
    ([ISSUED, RENEWED], 1, date(2026, 11, 30), "active"),
    ([ISSUED, RENEWED], 1, date(2026, 12, 1), "replaced"),
    ([ISSUED, RENEWED], 1, date(2028, 12, 1), "replaced"),
    ([ISSUED, RENEWED], 2, date(2026, 11, 30), "not_yet"),
    ([ISSUED, RENEWED], 2, date(2027, 1, 10), "active"),
    ([ISSUED, RENEWED], 2, date(2027, 12, 1), "expired"),
])  # fmt: skip
def test_the_status_on_a_day_follows_from_the_steps_up_to_it(steps, edition, on, status):
    assert status_on(steps, edition, on)[0] == status


def entered(*steps, edition=1):
    return Entered(
        number="JJ-C-2026-0001", edition=edition, case="JJ-2026-0001", sequence=9, head="a" * 64,
        at=datetime(2026, 1, 10, tzinfo=UTC), granted=date(2026, 1, 10), expires=date(2027, 1, 9),
        papers=frozenset(), statement="b" * 64, public="c" * 64, steps=steps, most_days=30,
    )  # fmt: skip


def test_a_status_is_told_with_its_day_and_reason():
    point, told = status_point(entered(ISSUED, SUSPENDED), date(2026, 3, 5), datetime(2026, 3, 4, tzinfo=UTC))

    assert (point.state, point.code) == ("not_held", "status_suspended")
    assert (point.with_["since"], point.with_["reason"]) == ("2026-03-01", "사유")
    assert (told.status, told.since, told.reason, told.edition) == ("suspended", date(2026, 3, 1), "사유", 1)


def test_what_is_in_force_holds_only_if_it_is_known_when():
    point, _ = status_point(entered(ISSUED), date(2026, 3, 5), None)

    assert (point.state, point.code) == ("not_checked", "status_undated")


@pytest.mark.parametrize(("as_of", "state"), [
    (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), "held"), (datetime(2026, 2, 28, tzinfo=UTC), "not_checked"),
    (datetime(2026, 9, 1, tzinfo=UTC), "held"),
])  # fmt: skip
def test_what_is_known_is_new_enough_up_to_the_most_days(as_of, state):
    assert age_point("status", date(2026, 3, 31), as_of, 30).state == state


@pytest.mark.parametrize(("on", "state", "code"), [
    (date(2026, 1, 9), "not_held", "status_not_yet"), (date(2026, 1, 10), "not_checked", "register_missing"),
    (date(2027, 1, 9), "not_checked", "register_missing"), (date(2027, 1, 10), "not_held", "status_expired"),
])  # fmt: skip
def test_without_a_register_only_the_days_of_the_file_speak(on, state, code):
    point = without_register(date(2026, 1, 10), date(2027, 1, 9), on)

    assert (point.state, point.code) == (state, code)
    assert without_register(None, None, on).code == "register_missing"


def test_the_newest_moment_is_found_among_those_that_there_are():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

    assert (newest([None, late, early]), newest([None]), newest([])) == (late, None, None)


def test_surveillance_and_conditions_change_no_status():
    assert [is_step(kind) for kind in ("issued", "withdrawn", "surveilled", "condition_met", "opened")] == [
        True, True, False, False, False,
    ]  # fmt: skip
