"""Registers that were shortened, rearranged or rewritten; statuses as they change; published sites."""

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import pytest

from reliability.certification.at_hand import Broken, Site, Status, Whole, in_folder
from reliability.certification.changing import change
from reliability.certification.events import entry
from reliability.errors import RecordError, UsageError
from reliability.register.database import SQLITE
from reliability.register.rows import EMPTY, row_after
from reliability.signing import dsse
from tests.certification import hub as made
from tests.certification.publishing_case import published
from tests.certification.verified_hub import DAY, Clock, issuer, key_of, paper, states, verified, wrong

EVENTS = "events.jsonl"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the register with its checkpoint, which a stranger stamped."""
    return issuer().exported(tmp_path_factory.mktemp("copy") / "it", stamper=Clock(issuer().hub.now))


@pytest.fixture
def mine(copy, tmp_path):
    """A copy of one's own, to change."""
    return shutil.copytree(copy, tmp_path / "copy")


def lines(copy):
    return (copy / EVENTS).read_bytes().splitlines(keepends=True)


def rewrite(copy, rows):
    (copy / EVENTS).write_bytes(b"".join(rows))


def checked(copy, content=None, **changes):
    """What becomes of the certificate by a copy, and of the copy itself."""
    found = in_folder(copy)
    grounds = issuer().grounds(at_hand=found, **changes)
    return verified(content or issuer().certificate, grounds), verified(found, replace(grounds, at_hand=None))


def test_a_whole_copy_is_genuine_and_so_is_what_it_holds(copy):
    certificate, register = checked(copy)

    assert (certificate.verdict, certificate.exit, register.verdict, register.exit) == ("in_force", 0, "whole", 0)
    assert {state for state, _ in states(register).values()} == {"held"}


def without(rows, place):
    return rows[:place] + rows[place + 1 :]


def swapped(rows, place):
    return [*rows[:place], rows[place + 1], rows[place], *rows[place + 2 :]]


def edited(rows, place):
    told = json.loads(rows[place])
    told["actor"] = "ab" * 32
    line = json.dumps(told, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    return [*rows[:place], line, *rows[place + 1 :]]


def doubled(rows, place):
    return [*rows[:place], rows[place], *rows[place:]]


@pytest.mark.parametrize("change", [without, swapped, edited, doubled])
@pytest.mark.parametrize("place", [0, 4, 9])
def test_rows_removed_moved_edited_or_doubled_are_not_genuine(change, place, mine):
    rewrite(mine, change(lines(mine), place))

    certificate, register = checked(mine)

    assert isinstance(in_folder(mine), Broken)
    assert (certificate.exit, register.exit) == (4, 4)
    assert states(register)["chain"][0] == "not_held"


@pytest.mark.parametrize("size", [1, 10, 19])
def test_a_copy_cut_off_does_not_lead_to_its_own_checkpoint(size, mine):
    rewrite(mine, lines(mine)[:size])

    certificate, register = checked(mine)

    assert (certificate.exit, register.exit) == (4, 4)
    assert ("checkpoint", "chain_short") in wrong(register)


def test_a_copy_cut_off_does_not_lead_to_a_later_checkpoint(mine):
    (mine / "checkpoint.dsse.json").unlink()
    rewrite(mine, lines(mine)[:12])

    certificate, register = checked(mine, checkpoint=issuer().checkpoint())

    assert (certificate.exit, register.exit) == (4, 4)
    assert ("checkpoint", "chain_short") in wrong(certificate)


def test_an_older_whole_copy_is_good_as_long_as_the_scheme_lets_it_be(tmp_path):
    old = issuer().exported(tmp_path / "old")
    day = issuer().hub.now.date()

    soon, _ = checked(old, on=day + timedelta(days=30))
    late, register = checked(old, on=day + timedelta(days=31))

    assert (soon.exit, late.verdict, late.exit) == (0, "status_old", 3)
    assert states(register)["current"] == ("not_checked", "status_old")


def test_a_newer_checkpoint_makes_an_old_register_recent(tmp_path):
    day = issuer().hub.now + timedelta(days=60)
    fresh = issuer().exported(tmp_path / "fresh", now=day)

    certificate, _ = checked(fresh, on=day.date())

    assert (certificate.exit, certificate.certificate.as_of) == (0, day)


def test_another_chain_than_the_one_that_is_known_is_not_genuine(copy):
    whole = in_folder(copy)
    other = retold(lambda steps: steps)

    found = verified(issuer().certificate, issuer().grounds(at_hand=other, checkpoint=whole.checkpoint))

    assert (found.exit, ("checkpoint", "chain_short") in wrong(found)) == (4, True)
    early = issuer().checkpoint(size=5)
    found = verified(issuer().certificate, issuer().grounds(at_hand=other, checkpoint=early))
    assert (found.exit, ("checkpoint", "chain_head_other") in wrong(found)) == (4, True)


def test_a_checkpoint_of_another_key_is_not_genuine():
    by_seal = issuer().checkpoint(by="seal")

    found = verified(issuer().certificate, issuer().grounds(checkpoint=by_seal))

    assert (found.exit, wrong(found)) == (4, [("checkpoint", "checkpoint_unsigned")])


def test_a_checkpoint_of_another_register_is_not_genuine():
    other = replace(issuer().whole(), register="f" * 32)

    found = verified(issuer().certificate, issuer().grounds(at_hand=other, checkpoint=issuer().checkpoint()))

    assert ("checkpoint", "checkpoint_other") in wrong(found)


def test_what_is_given_as_a_checkpoint_and_is_none_cannot_be_read(copy, mine):
    with pytest.raises(RecordError) as refused:
        checked(copy, checkpoint=b"{}")
    (mine / "checkpoint.dsse.json").write_bytes(b"{}")

    certificate, _ = checked(mine)

    assert refused.value.code == "checkpoint_unreadable"
    assert (certificate.exit, wrong(certificate)) == (4, [("checkpoint", "checkpoint_unreadable")])


@pytest.mark.parametrize("statement", [
    "UPDATE events SET kind = 'opened' WHERE sequence = 6",
    "UPDATE events SET actor = 'x' WHERE sequence = 3",
    "UPDATE events SET at = '2026-11-01T09:00:00+00:00' WHERE sequence = 8",
    "UPDATE events SET envelope = X'7b7d' WHERE sequence = 8",
    "UPDATE events SET hash = substr(hash, 2) || '0' WHERE sequence = 20",
    "DELETE FROM events WHERE sequence = 5",
    "DELETE FROM events WHERE sequence > 15",
])  # fmt: skip
def test_a_register_edited_behind_the_tools_back_is_not_genuine(statement, tmp_path):
    hub = issuer().copied(tmp_path / "hub")
    (hub.hub.register / "checkpoint.dsse.json").write_bytes(hub.checkpoint())
    with sqlite3.connect(hub.hub.register / SQLITE) as database:
        assert database.execute(statement).rowcount
    database.close()

    certificate, register = checked(hub.hub.register)

    assert (certificate.exit, register.exit) == (4, 4)


def test_a_file_of_the_register_changed_behind_its_back_is_found(mine):
    issued = issuer().hub.history(issuer().number).issued.body
    (mine / "files" / issued.statement).write_bytes(b"{}")

    certificate, register = checked(mine)

    assert wrong(certificate) == [("statement", "register_file_changed")]
    assert wrong(register) == [("files", "register_file_changed")]
    assert (certificate.exit, register.exit) == (4, 4)


def test_an_empty_folder_is_no_register(tmp_path):
    assert in_folder(tmp_path) is None


def test_an_empty_register_is_known_as_of_no_time(tmp_path):
    from reliability.register.store import create

    create(tmp_path / "new", prefix="JJ", register_id="a" * 32).close()

    found = verified(in_folder(tmp_path / "new"), issuer().grounds(at_hand=None))

    assert (found.exit, states(found)["current"]) == (3, ("not_checked", "status_undated"))


def retold(changed, *, by=None):
    """A register in which the case went otherwise: steps as (person, role, body), each signed by its person."""
    hub, whole = issuer().hub, issuer().whole()
    steps = [(one.event.actor.person, one.event.actor.role, one.body) for one in hub.history(issuer().case).events]
    head, previous, decided, rows = EMPTY, "", "0" * 64, []
    for place, (person, role, body) in enumerate(changed(steps), start=1):
        if body.kind == "issued":
            body = body.model_copy(update={"head": head.hash, "decision": decided})
        signer = (by or {}).get(person) or hub.signer(person)
        made_up = entry(
            signer, role, body, register=whole.register, case=issuer().case, previous=previous,
            at=made.START + timedelta(minutes=place), subjects={"case": "a" * 64},
        )  # fmt: skip
        row = row_after(head, made_up)
        head, previous, decided = row.head, row.event, row.event if body.kind == "decided" else decided
        rows.append(row)
    return replace(whole, rows=tuple(rows), checkpoint=None)


def told(changed, **more):
    return states(verified(issuer().certificate, issuer().grounds(at_hand=retold(changed, **more))))


def kind_of(steps, kind):
    return next(place for place, (_, _, body) in enumerate(steps) if body.kind == kind)


def test_a_case_told_as_it_was_is_in_order():
    found = told(lambda steps: steps)

    assert {found[check][0] for check in ("events", "entered", "head", "decision", "planned_first", "roles")} == {
        "held"
    }


def test_a_plan_sealed_after_the_run_is_seen():
    def late(steps):
        plan = kind_of(steps, "planned")
        return [*steps[:plan], steps[plan + 1], steps[plan], *steps[plan + 2 :]]

    assert told(late)["planned_first"] == ("not_held", "plan_after_run")


def test_whoever_evaluated_and_decided_is_seen():
    def alone(steps):
        return [("han", role, body) if body.kind in ("decided", "tested") else (person, role, body)
                for person, role, body in steps]  # fmt: skip

    assert told(alone)["roles"] == ("not_held", "roles_not_separate")


def test_a_missing_declaration_is_seen():
    def silent(steps):
        return [one for one in steps if one[2].kind != "declared" or one[1] != "reviewer"]

    assert told(silent)["roles"] == ("not_held", "declaration_missing")


@pytest.mark.parametrize("gone", ["reviewed", "decided"])
def test_an_issue_without_review_or_decision_is_seen(gone):
    found = told(lambda steps: [one for one in steps if one[2].kind != gone])

    assert found["decision"] == ("not_held", "decision_missing_at_issue")


def test_an_issue_upon_a_refusal_is_seen():
    def refused(steps):
        return [(person, role, body.model_copy(update={"decision": "refuse"}) if body.kind == "decided" else body)
                for person, role, body in steps]  # fmt: skip

    assert told(refused)["decision"] == ("not_held", "decision_missing_at_issue")


def test_an_issue_without_a_run_is_seen():
    found = told(lambda steps: [one for one in steps if one[2].kind != "tested"])

    assert found["decision"] == ("not_held", "run_missing")


def test_a_case_that_nobody_applied_for_is_seen():
    found = told(lambda steps: steps[1:])

    assert found["events"] == ("not_held", "case_unopened")


def test_a_step_by_somebody_who_has_no_such_role_is_seen():
    def usurped(steps):
        return [("park" if body.kind == "decided" else person, role, body) for person, role, body in steps]

    assert told(usurped)["events"] == ("not_held", "event_not_genuine")


def test_a_step_by_a_stranger_with_a_key_of_ones_own_is_seen(tmp_path):
    stranger = made.make_hub(tmp_path / "stranger", people={"jung": made.PEOPLE["jung"]})

    by = {"jung": stranger.signer("jung")}

    assert told(lambda steps: steps, by=by)["events"] == ("not_held", "signer_outside_trust")
    without_trust = verified(
        issuer().certificate, issuer().grounds(trust=None, at_hand=retold(lambda steps: steps, by=by))
    )
    assert states(without_trust)["events"] == ("not_checked", "trust_missing")


def test_an_issue_that_names_a_head_that_never_was_is_seen():
    whole = issuer().whole()
    rows = list(whole.rows)
    issued = next(place for place, row in enumerate(rows) if row.entry.kind == "issued")
    body = issuer().hub.history(issuer().case).issued.body.model_copy(update={"head": "ab" * 32})
    forged = entry(
        issuer().hub.signer("jung"), "registrar", body, register=whole.register, case=issuer().case,
        previous=rows[issued].entry.previous, at=rows[issued].entry.at, subjects={"certificate": "a" * 64},
    )  # fmt: skip
    rows = [*rows[:issued], row_after(rows[issued - 1].head, forged)]

    found = verified(issuer().certificate, issuer().grounds(at_hand=replace(whole, rows=tuple(rows), checkpoint=None)))

    assert (found.exit, states(found)["head"]) == (4, ("not_held", "head_other"))


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """The hub after both certificates went their ways: one suspended and restored, the other withdrawn."""
    hub = issuer().copied(tmp_path_factory.mktemp("changed") / "hub")
    for what, number, days in (
        ("suspended", hub.number, 10), ("restored", hub.number, 20), ("suspended", hub.other, 25),
        ("withdrawn", hub.other, 30),
    ):  # fmt: skip
        hub.hub.now = made.START + timedelta(days=days)
        desk = hub.hub.desk()
        change(desk, hub.hub.signer("jung"), desk.history(number), what, f"{what} 사유")
    return hub


@pytest.mark.parametrize(("days", "verdict", "status"), [
    (9, "in_force", "active"), (10, "not_in_force", "suspended"), (19, "not_in_force", "suspended"),
    (20, "in_force", "active"),
])  # fmt: skip
def test_the_status_on_a_day_is_that_of_the_day(days, verdict, status, changed):
    found = verified(changed.certificate, changed.grounds(on=made.START.date() + timedelta(days=days)))

    assert (found.verdict, found.certificate.status) == (verdict, status)


def test_a_withdrawn_certificate_says_since_when_and_why(changed):
    stamped = changed.checkpoint(stamper=Clock(changed.hub.now))

    found = verified(changed.bare, changed.grounds(on=date(2027, 1, 1), checkpoint=stamped))

    assert (found.verdict, found.exit, found.certificate.status) == ("not_in_force", 1, "withdrawn")
    assert (found.certificate.since, found.certificate.reason) == (date(2026, 12, 2), "withdrawn 사유")


@pytest.fixture(scope="module")
def site(changed, tmp_path_factory):
    """What the hub publishes."""
    folder = tmp_path_factory.mktemp("site") / "it"
    published(changed.hub, folder, stamper=Clock(changed.hub.now))
    return folder


def on_site(site, changed, content, **more):
    return verified(content, changed.grounds(at_hand=in_folder(site), **({"on": date(2026, 12, 20)} | more)))


def test_a_published_site_tells_what_is_in_force(site, changed):
    active, withdrawn = (on_site(site, changed, one) for one in (changed.certificate, changed.bare))

    assert (active.verdict, active.exit, active.certificate.number) == ("in_force", 0, changed.number)
    assert (withdrawn.verdict, withdrawn.exit, withdrawn.certificate.status) == ("not_in_force", 1, "withdrawn")
    assert states(active)["head"] == ("held", None)
    assert states(active)["roles"] == ("not_checked", "events_not_published")


def test_a_published_statement_is_found_too(site, changed):
    found = on_site(site, changed, changed.statement)

    assert (found.exit, states(found)["record"][0]) == (0, "held")


def test_a_published_site_is_whole_by_itself(site, changed):
    found = verified(in_folder(site), changed.grounds(at_hand=None, on=date(2026, 12, 20)))

    assert (found.verdict, found.exit) == ("whole", 0)
    assert states(found)["entered"] == ("held", "statuses_published")


def test_a_site_that_was_not_published_again_is_old(site, changed):
    assert on_site(site, changed, changed.certificate, on=date(2027, 3, 1)).verdict == "status_old"


def test_a_document_that_no_site_publishes_is_not_genuine(site, changed):
    found = on_site(site, changed, changed.certificate + b"\n")

    assert found.exit == 4


@pytest.fixture
def own_site(site, tmp_path):
    return shutil.copytree(site, tmp_path / "site")


def status_file(site, number):
    return site / "certificates" / f"{number}.json"


def resigned(site, number, key, chain=None, **changes):
    """A status with something else in it, signed by this key."""
    said = dsse.statement_in(dsse.read(status_file(site, number).read_bytes()))
    said["predicate"] |= changes
    status_file(site, number).write_bytes(dsse.sign(said, [key]))


def test_a_status_signed_by_another_key_is_not_genuine(own_site, changed):
    resigned(own_site, changed.other, key_of(changed.hub, "seal")[0], status="active")

    found = on_site(own_site, changed, changed.bare)
    whole = verified(in_folder(own_site), changed.grounds(at_hand=None))

    assert (found.exit, ("entered", "checkpoint_unsigned") in wrong(found)) == (4, True)
    assert ("entered", "checkpoint_unsigned") in wrong(whole)


def test_an_old_status_beside_newer_rows_is_not_genuine(own_site, changed):
    said = dsse.statement_in(dsse.read(status_file(own_site, changed.other).read_bytes()))["predicate"]
    earlier = [one for one in said["history"] if one["kind"] != "withdrawn"]
    resigned(own_site, changed.other, key_of(changed.hub, "register")[0], history=earlier)

    found = on_site(own_site, changed, changed.bare)

    assert (found.exit, ("entered", "status_off_rows") in wrong(found)) == (4, True)


@pytest.mark.parametrize("cut", [1, 5])
def test_published_rows_cut_off_do_not_lead_to_the_checkpoint(cut, own_site, changed):
    rows = (own_site / "rows.jsonl").read_bytes().splitlines(keepends=True)
    (own_site / "rows.jsonl").write_bytes(b"".join(rows[:-cut]))

    found = on_site(own_site, changed, changed.certificate)

    assert (found.exit, ("checkpoint", "chain_short") in wrong(found)) == (4, True)


def test_published_rows_that_were_edited_are_not_genuine(own_site, changed):
    rows = own_site / "rows.jsonl"
    rows.write_bytes(rows.read_bytes().replace(b'"kind":"withdrawn"', b'"kind":"restored"'))

    assert on_site(own_site, changed, changed.bare).exit == 4


@pytest.mark.parametrize("name", ["register.json", "digests.json"])
def test_a_site_with_an_unreadable_file_is_no_site(name, own_site, changed):
    (own_site / name).write_bytes(b"[")

    with pytest.raises(RecordError) as refused:
        on_site(own_site, changed, changed.certificate)
    assert refused.value.code == "site_unreadable"


def test_a_status_that_is_named_by_a_path_is_not_looked_for(own_site, changed):
    digests = json.loads((own_site / "digests.json").read_bytes())
    (own_site / "digests.json").write_text(json.dumps(dict.fromkeys(digests, "../register")))

    assert on_site(own_site, changed, changed.certificate).exit == 4


def test_one_status_alone_tells_as_of_when_it_was_signed(site, changed):
    status = Status(content=status_file(site, changed.number).read_bytes())

    by_it = verified(changed.certificate, changed.grounds(at_hand=status, on=date(2026, 12, 20)))
    late = verified(changed.certificate, changed.grounds(at_hand=status, on=date(2027, 3, 1)))
    itself = verified(status.content, changed.grounds(at_hand=None, on=date(2026, 12, 20)))

    assert (by_it.exit, late.verdict) == (0, "status_old")
    assert states(by_it)["chain"] == ("not_checked", "rows_not_at_hand")
    assert (itself.kind, itself.exit, itself.certificate.number) == ("status", 0, changed.number)


def test_the_status_of_another_certificate_tells_nothing(site, changed):
    status = Status(content=status_file(site, changed.other).read_bytes())

    found = verified(changed.certificate, changed.grounds(at_hand=status))

    assert (found.exit, wrong(found)) == (4, [("entered", "no_such_event")])


def test_a_status_without_a_trust_file_or_signed_by_another_key(own_site, changed):
    unknown = verified(status_file(own_site, changed.number).read_bytes(), changed.grounds(trust=None, at_hand=None))
    resigned(own_site, changed.number, key_of(changed.hub, "seal")[0])
    false = status_file(own_site, changed.number).read_bytes()

    itself = verified(false, changed.grounds(at_hand=None))
    by_it = verified(changed.certificate, changed.grounds(at_hand=Status(content=false)))

    assert (unknown.verdict, itself.exit, by_it.exit) == ("issuer_unknown", 4, 4)


def test_the_register_whole_without_a_trust_file_names_nobody(copy):
    found = verified(in_folder(copy), issuer().grounds(trust=None, at_hand=None))

    assert (found.verdict, found.exit) == ("issuer_unknown", 3)
    assert states(found)["events"] == ("not_checked", "trust_missing")


def test_which_register_is_in_a_folder_is_told_by_what_lies_there(copy, site):
    assert isinstance(in_folder(copy), Whole)
    assert isinstance(in_folder(issuer().hub.register), Whole)
    assert isinstance(in_folder(site), Site)


def test_where_no_register_is_found_the_folder_is_named(tmp_path):
    from reliability.certification.at_hand import refuse_none

    with pytest.raises(UsageError) as refused:
        refuse_none(in_folder(tmp_path), tmp_path)
    assert refused.value.code == "register_none_at_hand"


def test_the_test_report_of_the_day_is_the_papers_own(changed):
    assert verified(paper(changed.papers, "test-report"), changed.grounds(on=DAY)).certificate.status == "suspended"
