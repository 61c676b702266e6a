"""What the public may read of a certificate, and who signed it and when, by hand."""

import base64
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from reliability.certification.published import Published
from reliability.certification.signatures import seen_point, signer_point
from reliability.certification.stated import is_statement, read_stated
from reliability.errors import NotGenuineError, RecordError
from reliability.signing import authority, dsse
from reliability.signing.trust import Trust
from tests.certification import hub as made
from tests.certification import published_sample as sample
from tests.certification.verified_hub import issuer, key_of

EXPIRES = date(2028, 11, 1)
SIGNED = made.START + timedelta(hours=1)


@pytest.mark.parametrize(("status", "on_the_last", "after"), [
    ("active", "active", "expired"), ("suspended", "suspended", "expired"), ("withdrawn", "withdrawn", "withdrawn"),
    ("cancelled", "cancelled", "cancelled"),
])  # fmt: skip
def test_only_what_may_be_in_force_expires_after_its_last_day(status, on_the_last, after):
    one = sample.certificate(status=status)

    assert (one.status_on(EXPIRES), one.status_on(EXPIRES + timedelta(days=1))) == (on_the_last, after)


def further(one, **changes):
    """A certificate with a further edition."""
    edition = one.latest.model_copy(update={"revision": 2, "statement": "aa" * 32, "papers": ()} | changes)
    return one.model_copy(update={"editions": (*one.editions, edition)})


def test_the_latest_edition_counts():
    renewed = further(sample.certificate(), expires=date(2030, 11, 1))

    assert renewed.latest.revision == 2
    assert renewed.status_on(EXPIRES + timedelta(days=1)) == "active"
    assert renewed.status_on(date(2030, 11, 2)) == "expired"


def test_files_of_every_edition_have_names_of_their_own():
    paper = sample.certificate().latest.papers[0]
    report = paper.model_copy(update={"kind": "test", "number": "JJ-R-2026-0001", "sha256": "bb" * 32})
    renewed = further(sample.certificate(), papers=(paper, report))

    assert renewed.files == {
        "r1-certificate-JJ-C-2026-0001.ko.pdf": "77" * 32, "r1-certificate-JJ-C-2026-0001.en.pdf": "77" * 32,
        "r1-statement.dsse.json": "33" * 32, "certificate-JJ-C-2026-0001.ko.pdf": "77" * 32,
        "test-report-JJ-R-2026-0001.ko.pdf": "bb" * 32, "statement.dsse.json": "aa" * 32,
    }  # fmt: skip


def test_a_day_is_told_in_utc_as_it_stands_in_the_register():
    one = sample.certificate(status="suspended", reason="까닭")

    assert [happened.day for happened in one.history] == ["2026-11-02", "2026-12-01"]


def test_what_is_published_reads_back_as_it_was():
    one = sample.certificate(status="suspended", reason="까닭", then=("restored",), overdue=True)

    assert Published.model_validate_json(one.model_dump_json(by_alias=True)) == one


def seal():
    return key_of(issuer().hub, "seal")


def test_a_signer_is_vouched_for_as_a_seal_only():
    (_, chain), (_, person) = seal(), key_of(issuer().hub, "jung")
    trust = issuer().trust

    assert (signer_point(chain, None, at=SIGNED).state, signer_point(chain, None, at=SIGNED).code) == (
        "not_checked", "trust_missing",
    )  # fmt: skip
    assert signer_point(chain, trust, at=SIGNED).state == "held"
    assert signer_point(person, trust, at=SIGNED).state == "not_held"
    assert signer_point(chain, Trust(roots=()), at=SIGNED).state == "not_held"
    assert signer_point(chain, trust, at=chain[0].not_valid_before_utc - timedelta(seconds=1)).state == "not_held"


@pytest.mark.parametrize(("claimed", "seen", "state", "code"), [
    (0, 1, "held", "time_seen"), (0, 0, "held", "time_seen"), (1, 0, "not_held", "time_claimed_later"),
    (0, None, "not_held", "time_not_proven"), (0, 24 * 365 * 30, "not_held", "time_seen_late"),
])  # fmt: skip
def test_a_checkpoint_proves_a_time_if_it_saw_what_was_signed_while_the_seal_was_good(claimed, seen, state, code):
    at = None if seen is None else SIGNED + timedelta(hours=seen)
    point = seen_point(seal()[1], SIGNED + timedelta(hours=claimed), issuer().trust, seen=at,
                       otherwise="time_not_proven")  # fmt: skip

    assert (point.state, point.code) == (state, code)


def test_without_a_trust_file_no_time_is_looked_at():
    point = seen_point(seal()[1], SIGNED, None, seen=SIGNED, otherwise="time_not_proven")

    assert (point.state, point.code) == ("not_checked", "trust_missing")


def statement(**changes):
    """A statement about a certificate, signed with the seal, some of its predicate changed or (None) left out."""
    said = dsse.statement_in(dsse.read(issuer().statement))
    said["predicate"] = {key: value for key, value in (said["predicate"] | changes).items() if value is not None}
    return dsse.sign(said, [seal()[0]])


def test_a_statement_says_which_certificate_it_is_about():
    stated = read_stated(issuer().statement)

    assert (stated.number, stated.edition, stated.expires) == (issuer().number, 1, EXPIRES)
    assert authority.serial_of(stated.chain[0]) == authority.serial_of(seal()[1][0])
    assert is_statement(issuer().statement)


@pytest.mark.parametrize("changes", [
    {"number": None}, {"granted": "yesterday"}, {"revision": "one"}, {"at": "2026-11-02T09:00:00"},
    {"certificates": []}, {"certificates": ["!", "!"]}, {"certificates": None}, {"head": None},
])  # fmt: skip
def test_a_statement_that_leaves_out_what_it_is_about_is_none(changes):
    with pytest.raises(RecordError) as caught:
        read_stated(statement(**changes))
    assert caught.value.code == "statement_unreadable"


def test_a_statement_may_say_more_than_is_read_of_it():
    assert read_stated(statement(more={"a": 1})).number == issuer().number


def test_a_statement_that_shows_somebody_elses_certificates_is_not_genuine():
    ders = [one.public_bytes(serialization.Encoding.DER) for one in key_of(issuer().hub, "jung")[1][:2]]

    with pytest.raises(NotGenuineError) as caught:
        read_stated(statement(certificates=[base64.b64encode(der).decode() for der in ders]))
    assert caught.value.code == "signature_false"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"%PDF-1.7"])
def test_what_is_no_envelope_is_no_statement(content):
    assert not is_statement(content)
    with pytest.raises(RecordError):
        read_stated(content)
