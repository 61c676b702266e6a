"""Events: believed only as their actor signed them, in their place, by somebody who may."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from reliability.certification.bodies import SIGNED_BY, Accepted, Declared, Discarded, Reviewed
from reliability.certification.desk import ROSTER
from reliability.certification.events import TYPE, believed, digest, entry, refuse_broken_case
from reliability.certification.history import History, histories
from reliability.errors import RecordError, ReliabilityError, UsageError
from reliability.register.rows import EMPTY, Head, row_after, verify_rows
from reliability.signing import dsse
from tests.certification import hub as made

ASSESSMENT = made.conforming()


def rows_of(hub, case):
    return tuple(hub.desk().register.rows(case=case))


def believe(hub, rows):
    desk = hub.desk()
    return believed(rows, desk.trust, register=desk.register.register_id, file=desk.register.file)


def refused(hub, rows):
    with pytest.raises(ReliabilityError) as caught:
        believe(hub, rows)
    return caught.value.values.get("why", caught.value.code)


def resigned(row, change, key):
    """The row with its event changed and signed again with a key."""
    statement = json.loads(dsse.read(row.entry.envelope).payload)
    change(statement["predicate"])
    envelope = dsse.sign(statement, [key])
    made_entry = replace(row.entry, envelope=envelope)
    return row_after(Head(size=row.sequence - 1, hash=row.before), made_entry)


def test_events_are_what_their_actors_signed(hub, case):
    kept = believe(hub, rows_of(hub, case))

    assert [one.kind for one in kept] == ["opened", "declared", "declared", "declared", "accepted", "planned"]
    assert [one.event.actor.role for one in kept] == [
        "registrar", "evaluator", "reviewer", "decider", "applicant", "evaluator",
    ]  # fmt: skip


def test_every_kind_of_event_is_signed_by_somebody():
    from typing import get_args

    from reliability.certification.bodies import Body

    kinds = {kind for body in get_args(get_args(Body)[0]) for kind in get_args(body.model_fields["kind"].annotation)}
    assert set(SIGNED_BY) == kinds


def test_a_changed_byte_of_an_envelope_is_seen(hub, case):
    row = rows_of(hub, case)[0]
    envelope = json.loads(row.entry.envelope)
    payload = base64.b64decode(envelope["payload"]).replace(b'"people"', b'"peopIe"', 1)
    envelope["payload"] = base64.b64encode(payload).decode()
    changed = replace(row, entry=replace(row.entry, envelope=json.dumps(envelope).encode()))

    assert refused(hub, [changed]) == "shape"


def test_an_event_signed_again_by_another_key_is_seen(hub, case):
    row = rows_of(hub, case)[0]

    assert refused(hub, [resigned(row, lambda event: None, hub.signer("park").key)]) == "signature"


def test_an_event_whose_actor_borrows_a_role_is_seen(hub, case):
    row = rows_of(hub, case)[0]

    def change(event):
        event["actor"]["role"] = "decider"

    assert refused(hub, [resigned(row, change, hub.signer("jung").key)]) == "role"


def test_an_event_whose_actor_says_to_be_somebody_else_is_seen(hub, case):
    row = rows_of(hub, case)[0]

    def change(event):
        event["actor"] |= {"person": "choi", "name": "최민준"}

    assert refused(hub, [resigned(row, change, hub.signer("jung").key)]) == "roster"


def test_an_event_whose_actor_shows_another_certificate_is_seen(hub, case):
    row, other = rows_of(hub, case)[0], hub.signer("park").acting_as("registrar")

    def change(event):
        event["actor"]["chain"] = list(other.chain)

    assert refused(hub, [resigned(row, change, hub.signer("jung").key)]) == "certificate"


@pytest.mark.parametrize("what", ["case", "at", "previous", "register"])
def test_an_event_that_says_another_thing_than_its_row_is_seen(hub, case, what):
    row = rows_of(hub, case)[1]
    other = {"case": "JJ-2026-0009", "at": "2026-11-02T10:00:00Z", "previous": "0" * 64, "register": "1" * 32}

    def change(event):
        event[what] = other[what]

    assert refused(hub, [resigned(row, change, hub.signer("lee").key)]) == "row"


def test_a_row_that_names_another_actor_is_seen(hub, case):
    row = rows_of(hub, case)[0]

    assert refused(hub, [replace(row, entry=replace(row.entry, actor="0" * 64))]) == "row"


def test_a_stranger_with_a_certificate_of_another_root_is_seen(hub, case, tmp_path):
    stranger = made.make_hub(tmp_path / "stranger")
    history = hub.history(case)
    desk = hub.desk()
    made_entry = entry(
        stranger.signer("lee"), "evaluator", Discarded(run=1, why="x"), register=desk.register.register_id, case=case,
        previous=history.last, at=desk.now, subjects={"x": "0" * 64},
    )  # fmt: skip

    assert refused(hub, [row_after(EMPTY, made_entry)]) == "signer_outside_trust"


def test_a_case_with_a_row_removed_is_seen(hub, case):
    rows = rows_of(hub, case)

    with pytest.raises(RecordError):
        refuse_broken_case((*rows[:1], *rows[2:]))
    refuse_broken_case(rows)


def test_a_case_with_a_row_edited_is_seen(hub, case):
    row = rows_of(hub, case)[0]

    with pytest.raises(RecordError):
        refuse_broken_case([replace(row, hash="0" * 64)])


def test_somebody_whose_time_in_the_roster_is_over_signs_nothing(hub, case):
    made.write_roster(hub, lee=", to: '2026-11-01'")

    with pytest.raises(UsageError) as caught:
        hub.desk().signer(hub.folder / "keys/lee", made.SECRET)
    assert caught.value.code == "not_in_roster"
    assert believe(hub, rows_of(hub, case))  # what was signed before stands, by the roster of its time


def test_the_rows_of_all_cases_are_one_chain(hub, case):
    other = made.opened(hub, ASSESSMENT)

    rows = tuple(hub.desk().register.rows())

    assert verify_rows(rows).size == len(rows) == 11
    assert [one.case for one in histories(hub.desk().events)] == [case, other]


def test_a_step_taken_on_a_stale_case_is_refused(hub, case):
    stale = hub.history(case)
    made.ran(hub, case, ASSESSMENT)

    with pytest.raises(UsageError) as caught:
        hub.desk().record(hub.signer("lee"), "evaluator", Discarded(run=1, why="x"), stale, subjects={})
    assert caught.value.code == "case_moved"


def test_a_clock_that_runs_behind_is_refused(hub, case):
    history = hub.history(case)
    hub.now = made.START

    with pytest.raises(UsageError) as caught:
        hub.desk().record(hub.signer("kim"), "applicant", Accepted(agreement="0" * 64), history, subjects={})
    assert caught.value.code == "clock_behind"


def test_nobody_judges_before_they_have_declared(hub):
    from reliability.certification import opening

    case = opening.open_case(hub.desk(), hub.signer("jung"), made.draft_of(ASSESSMENT), hub.rules, made.NAMED)

    with pytest.raises(UsageError) as caught:
        hub.desk().record(hub.signer("lee"), "evaluator", Discarded(run=1, why="x"), hub.history(case), subjects={})
    assert caught.value.code == "not_declared"
    declared = Declared(role="evaluator", statement="없습니다.")
    assert hub.desk().record(hub.signer("lee"), "evaluator", declared, hub.history(case), subjects={})


def test_an_unknown_case_is_said(hub):
    with pytest.raises(UsageError) as caught:
        hub.history("JJ-2026-0404")
    assert caught.value.code == "case_unknown"


def test_a_desk_without_roster_or_trust_file_says_how_to_make_it(hub):
    for name in ("roster.json", "trust.json"):
        (hub.register / name).unlink()
        with pytest.raises(UsageError, match=name) as caught:
            hub.desk()
        assert caught.value.code == "desk_incomplete"


def test_statements_of_events_are_in_toto(hub, case):
    statement = dsse.statement_in(dsse.read(rows_of(hub, case)[0].entry.envelope))

    assert statement["predicateType"] == TYPE
    assert statement["subject"]
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert History(case=case, events=()).last == ""


def test_an_event_before_the_last_one_of_its_case_is_not_believed(hub, case):
    rows = rows_of(hub, case)
    early = rows[1].entry.at - timedelta(minutes=2)

    def back(event):
        event["at"] = early.isoformat().replace("+00:00", "Z")

    changed = resigned(rows[1], back, hub.signer("lee").key)
    changed = row_after(rows[0].head, replace(changed.entry, at=early))
    assert refused(hub, [rows[0], changed]) == "time"


def test_a_roster_that_a_case_has_left_behind_is_not_gone_back_to(hub, case):
    """Whoever lost a part could otherwise put the roster back in which they had it."""
    first, old = hub.desk(), (hub.register / ROSTER).read_bytes()
    made.write_roster(hub, {name: one for name, one in made.PEOPLE.items() if name != "han"})
    renewed = replace(hub, _signers={})
    made.ran(renewed, case, ASSESSMENT)
    (hub.register / ROSTER).write_bytes(old)
    hub.now = renewed.now
    history = hub.history(case)

    with pytest.raises(UsageError) as caught:
        made.reviewed(hub, case)
    assert caught.value.code == "roster_older"
    by_the_old = entry(
        hub.signer("park"), "reviewer", Reviewed(run=1, recommends="grant", note="확인"), case=case,
        register=first.register.register_id, previous=history.last, at=hub.desk().now, subjects={"x": "a" * 64},
    )  # fmt: skip
    rows = rows_of(hub, case)
    assert refused(hub, [*rows, row_after(rows[-1].head, by_the_old)]) == "older roster"
