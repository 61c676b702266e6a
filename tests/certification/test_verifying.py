"""Documents, statements and cases against everything that a reader may have at hand."""

import base64
import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from reliability.certification.at_hand import digest_of
from reliability.certification.verifying import Asked
from reliability.errors import UsageError
from reliability.records import canonical_json
from reliability.signing import authority, dsse
from reliability.signing.pades import sign_pdf
from reliability.signing.trust import Trust
from tests.certification import hub as made
from tests.certification.verified_hub import (
    DAY,
    Clock,
    issuer,
    key_of,
    paper,
    states,
    verified,
    wrong,
)
from tests.signing import stamping, tampered

EXPIRES = date(2028, 11, 1)


def test_a_certificate_with_everything_at_hand_is_genuine_and_in_force():
    found = verified(issuer().certificate, issuer().grounds())

    assert (found.verdict, found.exit) == ("in_force", 0)
    assert {check for check, (state, _) in states(found).items() if state != "held"} == {"checkpoint"}
    assert (found.certificate.number, found.certificate.status) == (issuer().number, "active")
    assert (found.signature.name, found.signature.level, found.signature.by) == ("Hub seal", "B-T", "Time service")


def test_a_test_report_is_as_good_as_its_certificate():
    found = verified(paper(issuer().papers, "test-report"), issuer().grounds())

    assert (found.exit, found.certificate.number, found.kind) == (0, issuer().number, "report")
    assert verified(issuer().certificate, issuer().grounds()).kind == "pdf"


def test_who_has_no_trust_file_knows_no_issuer():
    found = verified(issuer().certificate, issuer().grounds(trust=None))

    assert (found.verdict, found.exit) == ("issuer_unknown", 3)
    assert states(found)["signer"] == ("not_checked", "trust_missing")
    assert states(found)["entered"][0] == "held"


def test_who_knows_no_issuer_is_not_told_that_it_has_run_out():
    found = verified(issuer().certificate, issuer().grounds(trust=None, at_hand=None, on=EXPIRES + timedelta(days=1)))

    assert (found.verdict, found.exit, wrong(found)) == ("issuer_unknown", 3, [("status", "status_expired")])


def test_who_has_no_register_does_not_know_whether_it_is_in_force():
    found = verified(issuer().certificate, issuer().grounds(at_hand=None))

    assert (found.verdict, found.exit) == ("status_unknown", 3)
    assert states(found)["record"] == ("not_checked", "digests_missing")
    assert found.certificate.expires == EXPIRES


def test_a_statement_beside_a_document_vouches_for_the_record_inside():
    found = verified(issuer().certificate, issuer().grounds(at_hand=None), issuer().statement)

    assert states(found)["record"][0] == states(found)["statement"][0] == "held"


def test_a_certificate_tells_by_itself_that_it_has_run_out():
    last, after = (verified(issuer().certificate, issuer().grounds(at_hand=None, on=day))
                   for day in (EXPIRES, EXPIRES + timedelta(days=1)))  # fmt: skip

    assert (last.verdict, after.verdict, after.exit) == ("status_unknown", "not_in_force", 1)
    assert after.certificate.status == "expired"


def test_thirty_years_later_the_archived_trust_file_still_proves_it_genuine():
    archived = replace(issuer().trust, archived=datetime(2031, 1, 1, tzinfo=UTC))

    alone, registered = (
        verified(issuer().certificate, issuer().grounds(trust=archived, on=date(2056, 11, 20), **more))
        for more in ({"at_hand": None}, {})
    )

    assert (alone.verdict, alone.exit, registered.verdict, registered.exit) == ("not_in_force", 1, "not_in_force", 1)
    assert states(alone)["signer"][0] == states(alone)["time"][0] == "held"


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Pago_Pago", "Asia/Seoul"])
def test_it_is_as_genuine_in_another_time_zone(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert verified(issuer().certificate, issuer().grounds()).exit == 0
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_before_it_was_issued_it_was_not_in_force():
    found = verified(issuer().certificate, issuer().grounds(on=date(2026, 11, 1)))

    assert (found.exit, wrong(found)) == (1, [("status", "status_not_yet")])


def test_a_status_known_too_long_ago_is_none():
    soon, late = (verified(issuer().certificate, issuer().grounds(on=made.START.date() + timedelta(days=n)))
                  for n in (30, 31))  # fmt: skip

    assert (soon.exit, late.verdict, late.exit) == (0, "status_old", 3)


def test_without_time_stamp_and_independent_checkpoint_no_signing_time_is_proven():
    own = issuer().checkpoint()

    for checkpoint in (None, own):
        found = verified(issuer().bare, issuer().grounds(checkpoint=checkpoint))
        assert (found.verdict, found.exit, wrong(found)) == ("time_unproven", 3, [("time", "time_not_proven")])


def test_an_unproven_time_weighs_more_than_a_certificate_that_has_run_out():
    assert verified(issuer().bare, issuer().grounds(on=date(2029, 1, 1))).exit == 3


def test_a_checkpoint_that_somebody_else_stamped_proves_the_time():
    stamped = issuer().checkpoint(stamper=Clock(issuer().hub.now + timedelta(minutes=5)))

    found = verified(issuer().bare, issuer().grounds(checkpoint=stamped))

    assert (found.exit, states(found)["time"]) == (0, ("held", "time_seen"))
    assert found.signature.proven == issuer().hub.now + timedelta(minutes=5)
    assert states(found)["checkpoint"] == ("held", "checkpoint_independent")


def test_a_checkpoint_that_another_party_signed_too_proves_the_time():
    key, chain = key_of(issuer().hub, "kim")
    trust = replace(issuer().trust, countersigners=chain[:1])

    found = verified(issuer().bare, issuer().grounds(trust=trust, checkpoint=issuer().checkpoint(countersigners=[key])))

    assert (found.exit, states(found)["time"]) == (0, ("held", "time_seen"))


def test_a_checkpoint_before_the_issue_proves_nothing_of_it():
    early = issuer().checkpoint(size=len(issuer().whole().rows) - 1, stamper=Clock(issuer().hub.now))

    assert verified(issuer().bare, issuer().grounds(checkpoint=early)).verdict == "time_unproven"


def test_a_clock_of_the_hub_itself_proves_no_time():
    hubs = replace(issuer().trust, roots=(*issuer().trust.roots, stamping.ROOT))
    stamped = issuer().checkpoint(stamper=Clock(issuer().hub.now))

    found = verified(issuer().certificate, issuer().grounds(trust=hubs))
    bare = verified(issuer().bare, issuer().grounds(trust=hubs, checkpoint=stamped))

    assert wrong(found) == [("time", "time_stamp_own")]
    assert (found.exit, bare.exit, states(bare)["checkpoint"]) == (3, 3, ("held", "checkpoint_own"))


def test_a_service_that_the_trust_file_does_not_know_proves_no_time():
    found = verified(issuer().certificate, issuer().grounds(trust=replace(issuer().trust, timestamp_roots=())))

    assert (found.exit, wrong(found)) == (3, [("time", "time_stamp_outside_trust")])


@pytest.fixture
def taken_back(tmp_path):
    """The trust file after the seal was taken back, by reason and moment."""
    ca = shutil.copytree(issuer().hub.folder / "ca/issuing", tmp_path / "issuing")
    serial = authority.serial_of(key_of(issuer().hub, "seal")[1][0])

    def revoking(reason, at):
        authority.revoke(authority.open_authority(ca), serial, reason, made.SECRET, now=at)
        return replace(issuer().trust, revocations=tampered.revoked(authority.open_authority(ca)))

    return revoking


def test_a_seal_taken_back_because_of_its_key_makes_nothing_genuine(taken_back):
    trust = taken_back("key_compromise", made.START + timedelta(days=5))

    found = verified(issuer().certificate, issuer().grounds(trust=trust))

    assert (found.exit, ("signer", "signer_revoked") in wrong(found)) == (4, True)


def test_a_seal_replaced_later_takes_nothing_back_where_the_time_is_proven(taken_back):
    trust = taken_back("superseded", made.START + timedelta(days=5))
    late = issuer().checkpoint(stamper=Clock(made.START + timedelta(days=6)))

    assert verified(issuer().certificate, issuer().grounds(trust=trust)).exit == 0
    found = verified(issuer().bare, issuer().grounds(trust=trust, checkpoint=late))
    assert (found.exit, wrong(found)) == (3, [("time", "time_seen_late")])


def test_a_signer_outside_the_trust_file_is_not_genuine():
    other = Trust(roots=(stamping.BETWEEN,), timestamp_roots=(stamping.ROOT,))

    found = verified(issuer().certificate, issuer().grounds(trust=other, at_hand=None))

    assert (found.verdict, found.exit, wrong(found)) == ("not_genuine", 4, [("signer", "signer_outside_trust")])


def test_a_person_cannot_sign_as_the_seal():
    key, chain = key_of(issuer().hub, "jung")
    unsigned = _printed()
    signed = sign_pdf(unsigned, key, chain=chain[:2], box=None, name="Hub", at=issuer().hub.now)

    assert ("signer", "signer_purpose") in wrong(verified(signed, issuer().grounds(at_hand=None)))


def _printed():
    """The certificate before it was signed: its first revision."""
    content = issuer().bare
    return content[: content.index(b"%%EOF") + len(b"%%EOF\n")]


def test_a_document_that_the_seal_signed_but_nobody_entered_is_not_genuine():
    key, chain = key_of(issuer().hub, "seal")
    signed = sign_pdf(_printed(), key, chain=chain[:2], box=None, name="Hub", at=issuer().hub.now)

    entered = verified(signed, issuer().grounds())
    stated = verified(signed, issuer().grounds(at_hand=None), paper(issuer().unstamped, "statement"))

    assert (entered.exit, ("entered", "no_such_event") in wrong(entered)) == (4, True)
    assert (stated.exit, ("statement", "statement_other") in wrong(stated)) == (4, True)


def test_a_statement_by_itself_has_no_time_of_its_own():
    stamped = issuer().checkpoint(stamper=Clock(issuer().hub.now))

    alone = verified(issuer().statement, issuer().grounds())
    seen = verified(issuer().statement, issuer().grounds(checkpoint=stamped))

    assert (alone.kind, alone.verdict, alone.exit) == ("statement", "time_unproven", 3)
    assert (seen.verdict, seen.exit, states(seen)["record"][0]) == ("in_force", 0, "held")


def restated(key=None, chain=None, **changes):
    """The statement with something else in it, signed by the seal or by somebody else."""
    said = dsse.statement_in(dsse.read(issuer().statement))
    key, own = (key, chain) if key else key_of(issuer().hub, "seal")
    said["predicate"] |= changes
    if own:
        said["predicate"]["certificates"] = [base64.b64encode(authority_der(one)).decode() for one in own[:2]]
    return dsse.sign(said, [key])


def authority_der(certificate):
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def test_a_statement_changed_and_signed_by_another_key_is_not_genuine():
    stranger, chain = key_of(issuer().hub, "jung")

    under_its_name = verified(restated(stranger, None, expires="2099-01-01"), issuer().grounds())
    under_ones_own = verified(restated(stranger, chain, expires="2099-01-01"), issuer().grounds(at_hand=None))

    assert (under_its_name.exit, wrong(under_its_name)) == (4, [("file", "signature_false")])
    assert (under_ones_own.exit, ("signer", "signer_purpose") in wrong(under_ones_own)) == (4, True)


def test_a_statement_that_was_not_entered_is_not_genuine():
    made_up = restated(expires="2099-01-01")

    alone = verified(made_up, issuer().grounds())
    beside = verified(issuer().certificate, issuer().grounds(), made_up)

    assert ("entered", "no_such_event") in wrong(alone)
    assert wrong(beside) == [("record", "certificate_data_other"), ("statement", "statement_not_entered")]
    assert (alone.exit, beside.exit) == (4, 4)


def test_what_a_certificate_prints_of_itself_is_compared_without_a_register_too():
    found = verified(issuer().certificate, issuer().grounds(at_hand=None), restated(head="0" * 64))

    assert (found.exit, wrong(found)) == (4, [("record", "certificate_data_other")])


def test_the_statement_of_another_certificate_vouches_for_nothing():
    found = verified(issuer().certificate, issuer().grounds(at_hand=None), paper(issuer().unstamped, "statement"))

    assert (found.exit, wrong(found)) == (4, [("statement", "statement_other")])


@pytest.mark.parametrize("change", [
    {"predicate": None}, {"predicateType": "https://example.com/other"}, {"subject": [{"name": "model"}]},
])  # fmt: skip
def test_a_statement_that_says_nothing_of_a_certificate_is_unreadable(change):
    said = dsse.statement_in(dsse.read(issuer().statement)) | change

    found = verified(dsse.sign(said, [key_of(issuer().hub, "seal")[0]]), issuer().grounds())

    assert (found.verdict, found.exit) == ("unreadable", 2)


@pytest.mark.parametrize("content", [b"", b"plain text", b"{}", b"[]", b'{"findings": []}', b"%PDF-1.7\n%%EOF\n"])
def test_what_is_nothing_of_ours_is_unreadable(content):
    assert verified(content, issuer().grounds()).exit == 2


def test_the_record_of_a_case_is_held_against_its_statement():
    record = canonical_json(made.conforming())
    stamped = issuer().checkpoint(stamper=Clock(issuer().hub.now))

    found = verified(record, issuer().grounds(checkpoint=stamped), issuer().statement)
    changed = verified(record.replace(b'"pass"', b'"fail"', 1), issuer().grounds(), issuer().statement)

    assert (found.kind, found.verdict, found.exit) == ("case", "in_force", 0)
    assert states(found)["record"][0] == "held"
    assert (changed.exit, wrong(changed)) == (4, [("record", "record_other")])


def test_the_record_of_a_case_is_held_against_the_register_that_keeps_it():
    stamped = issuer().checkpoint(stamper=Clock(issuer().hub.now))

    found = verified(canonical_json(made.conforming()), issuer().grounds(checkpoint=stamped))
    other = verified(canonical_json(made.conforming(seed=99)), issuer().grounds())

    assert (found.exit, found.certificate.number) == (0, issuer().number)
    assert (other.exit, ("entered", "no_such_event") in wrong(other)) == (4, True)


def test_the_record_of_a_case_alone_is_compared_with_nothing():
    with pytest.raises(UsageError) as refused:
        verified(canonical_json(made.conforming()), issuer().grounds(at_hand=None))
    assert refused.value.code == "verify_alone"


def test_a_run_that_was_never_certified_belongs_to_no_certificate(tmp_path):
    hub = issuer().copied(tmp_path / "hub")
    record = made.conforming(seed=5)
    case = made.opened(hub.hub, record)
    made.sealed(hub.hub, case, record)
    made.ran(hub.hub, case, record)

    found = verified(canonical_json(record), hub.grounds())

    assert (found.exit, ("entered", "not_issued") in wrong(found)) == (4, True)


def test_the_certified_model_is_told_from_every_other():
    certified = made.conforming().subject.model.sha256
    same, other = (verified(issuer().certificate, issuer().grounds(), asked=Asked(model=one))
                   for one in (certified, "ab" * 32))  # fmt: skip

    assert (same.exit, states(same)["model"]) == (0, ("held", None))
    assert (other.verdict, other.exit, wrong(other)) == ("other_model", 4, [("model", "model_other")])


def test_the_certified_model_is_known_from_the_record_inside_alone():
    certified = made.conforming().subject.model.sha256

    found = verified(issuer().certificate, issuer().grounds(at_hand=None), asked=Asked(model=certified))

    assert states(found)["model"] == ("held", None)


def test_several_files_come_to_what_the_worst_of_them_comes_to():
    from reliability.certification.verifying_files import Given, verify

    good, broken = issuer().certificate, issuer().certificate[:-1] + b" "
    given = [Given(name="a", what=good), Given(name="b", what=broken)]

    found = verify(given, issuer().grounds())

    assert (found.exit, [one.exit for one in found.files]) == (4, [0, 4])
    assert json.loads(canonical_json(found))["on"] == DAY.isoformat()


def test_the_digest_that_is_looked_up_is_that_of_the_file():
    assert digest_of(issuer().certificate) in {
        one.sha256 for one in issuer().hub.history(issuer().number).issued.body.papers
    }
