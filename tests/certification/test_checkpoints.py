"""Checkpoints: signed by the register's key, proven by somebody else's clock or signature."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from reliability.certification.checkpoints import checkpoint, claimed, countersigned, read_checkpoint
from reliability.errors import RecordError, SignerError, UsageError
from reliability.register.rows import Head
from reliability.signing import authority, dsse, key_files
from tests.certification import hub as made
from tests.certification.verified_hub import Clock
from tests.signing import stamping

HEAD = Head(size=3, hash="ab" * 32)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ID = "0" * 31 + "1"


def key_of(hub, name):
    folder = hub.folder / "keys" / name
    certificate = key_files.read_certificate(folder / "certificate.pem")
    return key_files.read_key(folder / "key.pem", made.SECRET), (
        certificate,
        *authority.read_chain(folder / "chain.pem"),
    )


def signed(hub, name="register", **more):
    key, chain = key_of(hub, name)
    return checkpoint(ID, HEAD, key, chain, now=NOW, **more)


def test_a_checkpoint_says_how_far_the_register_had_grown(hub):
    known = read_checkpoint(signed(hub), hub.desk().trust)

    assert (known.head, known.checkpoint.register_, known.checkpoint.as_of, known.proven) == (HEAD, ID, NOW, None)


def test_a_checkpoint_that_another_key_signed_is_refused(hub):
    with pytest.raises(SignerError) as caught:
        read_checkpoint(signed(hub, "seal"), hub.desk().trust)
    assert caught.value.code == "checkpoint_unsigned"


def test_a_countersignature_of_another_party_proves_its_moment(hub):
    key, chain = key_of(hub, "kim")
    made.write_trust(hub, countersigners=(chain[0],))

    assert read_checkpoint(signed(hub, countersigners=[key]), hub.desk().trust).proven == NOW
    assert read_checkpoint(signed(hub), hub.desk().trust).proven is None


def test_what_another_party_countersigns_later_says_the_same_and_is_proven(hub):
    key, chain = key_of(hub, "kim")
    made.write_trust(hub, countersigners=(chain[0],))
    trust, before = hub.desk().trust, signed(hub)
    after = countersigned(before, key, trust, now=NOW + timedelta(hours=3))

    assert read_checkpoint(after, trust).checkpoint == read_checkpoint(before, trust).checkpoint
    assert (read_checkpoint(after, trust).proven, read_checkpoint(before, trust).proven) == (NOW, None)


@pytest.mark.parametrize("hours", [-25, 25])
def test_nobody_vouches_for_a_moment_that_they_did_not_see(hub, hours):
    key, _ = key_of(hub, "kim")
    with pytest.raises(UsageError) as caught:
        countersigned(signed(hub), key, hub.desk().trust, now=NOW + timedelta(hours=hours))
    assert caught.value.code == "countersigned_late"


def test_nobody_countersigns_what_the_register_did_not_sign(hub):
    key, _ = key_of(hub, "kim")
    with pytest.raises(SignerError):
        countersigned(signed(hub, "seal"), key, hub.desk().trust, now=NOW)


def test_a_time_stamp_that_covers_the_signatures_is_not_broken_by_one_more(hub):
    key, _ = key_of(hub, "kim")
    stamped = json.loads(signed(hub)) | {"token": base64.b64encode(b"token").decode()}

    with pytest.raises(UsageError) as caught:
        countersigned(json.dumps(stamped).encode(), key, hub.desk().trust, now=NOW)
    assert caught.value.code == "countersigned_stamped"


def test_a_changed_checkpoint_is_refused(hub):
    said = json.loads(signed(hub))
    envelope = json.loads(base64.b64decode(said["envelope"]))
    envelope["payload"] = base64.b64encode(
        base64.b64decode(envelope["payload"]).replace(b'"size":3', b'"size":2')
    ).decode()
    said["envelope"] = base64.b64encode(json.dumps(envelope).encode()).decode()

    with pytest.raises(SignerError):
        read_checkpoint(json.dumps(said).encode(), hub.desk().trust)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"envelope": 1}', b'{"envelope": "!", "token": null}', b"\xff"]
)
def test_what_is_no_checkpoint_is_said(hub, content):
    with pytest.raises(RecordError) as caught:
        read_checkpoint(content, hub.desk().trust)
    assert caught.value.code in ("checkpoint_unreadable", "envelope_unreadable")


def test_a_token_that_stamps_something_else_is_refused(hub):
    said = json.loads(signed(hub))
    said["token"] = base64.b64encode(b"no token").decode()

    with pytest.raises(SignerError):
        read_checkpoint(json.dumps(said).encode(), hub.desk().trust)


def trusted(hub, **changes):
    made.write_trust(hub, **changes)
    return hub.desk().trust


def signatures(content):
    return len(json.loads(base64.b64decode(json.loads(content)["envelope"]))["signatures"])


def test_several_parties_sign_one_after_the_other_and_each_proves_it_alone(hub):
    (first, one), (second, two) = key_of(hub, "kim"), key_of(hub, "han")
    trust = trusted(hub, countersigners=(one[0], two[0]))
    content = countersigned(countersigned(signed(hub), first, trust, now=NOW), second, trust, now=NOW)

    assert signatures(content) == 3
    for known in (one[:1], two[:1]):
        assert read_checkpoint(content, trusted(hub, countersigners=known)).proven == NOW
    assert read_checkpoint(content, trusted(hub)).proven is None


def test_a_party_that_signs_twice_signs_once(hub):
    key, chain = key_of(hub, "kim")
    trust = trusted(hub, countersigners=chain[:1])
    once = countersigned(signed(hub), key, trust, now=NOW)

    assert read_checkpoint(countersigned(once, key, trust, now=NOW), trust) == read_checkpoint(once, trust)


@pytest.mark.parametrize("moment", [timedelta(hours=-24), timedelta(0), timedelta(hours=24)])
def test_whoever_saw_it_within_a_day_may_vouch_for_it(hub, moment):
    key, chain = key_of(hub, "kim")
    trust = trusted(hub, countersigners=chain[:1])

    assert read_checkpoint(countersigned(signed(hub), key, trust, now=NOW + moment), trust).proven == NOW


def test_the_registers_own_key_proves_no_moment(hub):
    key, _ = key_of(hub, "register")

    assert read_checkpoint(signed(hub, countersigners=[key]), trusted(hub)).proven is None


@pytest.mark.parametrize(("days", "proven"), [(-1, True), (1, False)])
def test_a_party_proves_only_what_it_signed_while_its_certificate_was_valid(hub, tmp_path, days, proven):
    issuing = authority.open_authority(hub.folder / "ca/issuing")
    request = authority.make_request(tmp_path / "other", authority.Holder(name="Other", organisation="O"), made.SECRET)
    chain = authority.sign_request(issuing, request, "person", made.SECRET, now=NOW + timedelta(days=days))
    key = key_files.read_key(tmp_path / "other/key.pem", made.SECRET)
    trust = trusted(hub, countersigners=chain[:1])

    assert read_checkpoint(signed(hub, countersigners=[key]), trust).proven == (NOW if proven else None)


@pytest.mark.parametrize(("roots", "proven"), [((stamping.ROOT,), True), ((), False)])
def test_a_stamp_proves_its_moment_where_the_trust_file_knows_the_service(hub, roots, proven):
    later = NOW + timedelta(minutes=5)
    known = read_checkpoint(signed(hub, stamper=Clock(later)), trusted(hub, timestamp_roots=roots))

    assert (known.checkpoint.as_of, known.proven) == (NOW, later if proven else None)


def test_a_stamp_of_the_hubs_own_clock_proves_nothing(hub):
    root = authority.open_authority(hub.folder / "ca/root").certificate
    trust = trusted(hub, roots=(root, stamping.ROOT), timestamp_roots=(stamping.ROOT,))

    assert read_checkpoint(signed(hub, stamper=Clock(NOW)), trust).proven is None


def test_a_countersignature_says_when_before_a_stamp_does(hub):
    key, chain = key_of(hub, "kim")
    trust = trusted(hub, countersigners=chain[:1], timestamp_roots=(stamping.ROOT,))
    both = signed(hub, countersigners=[key], stamper=Clock(NOW + timedelta(hours=1)))

    assert read_checkpoint(both, trust).proven == NOW


def test_a_register_key_that_the_trust_file_does_not_name_signs_nothing(hub):
    with pytest.raises(SignerError) as caught:
        read_checkpoint(signed(hub), trusted(hub, register_keys=()))
    assert caught.value.code == "checkpoint_unsigned"


@pytest.mark.parametrize("chain", [[], ["!"], ["AAAA"]])
def test_a_checkpoint_that_does_not_say_who_signed_it_is_refused(hub, chain):
    key, _ = key_of(hub, "register")
    said = {"register": ID, "size": 3, "head": HEAD.hash, "as_of": NOW.isoformat(), "chain": chain}
    envelope = dsse.sign(dsse.statement({"head": HEAD.hash}, dsse.predicate_type("checkpoint"), said), [key])
    content = json.dumps({"checkpoint": 1, "envelope": base64.b64encode(envelope).decode(), "token": None}).encode()

    assert claimed(content).head == HEAD
    with pytest.raises(SignerError) as caught:
        read_checkpoint(content, trusted(hub))
    assert caught.value.code == "checkpoint_unsigned"


@pytest.mark.parametrize("changes", [
    {"size": -1}, {"head": "AB" * 32}, {"as_of": "2026-11-20T12:00:00"}, {"register": None}, {"more": 1},
])  # fmt: skip
def test_a_checkpoint_of_another_shape_is_none(hub, changes):
    key, _ = key_of(hub, "register")
    said = {"register": ID, "size": 3, "head": HEAD.hash, "as_of": NOW.isoformat(), "chain": []} | changes
    envelope = dsse.sign(dsse.statement({"head": HEAD.hash}, dsse.predicate_type("checkpoint"), said), [key])
    content = json.dumps({"checkpoint": 1, "envelope": base64.b64encode(envelope).decode(), "token": None}).encode()

    with pytest.raises(RecordError) as caught:
        claimed(content)
    assert caught.value.code == "checkpoint_unreadable"


def test_a_statement_of_another_kind_is_no_checkpoint(hub):
    key, _ = key_of(hub, "register")
    said = {"register": ID, "size": 3, "head": HEAD.hash, "as_of": NOW.isoformat(), "chain": []}
    envelope = dsse.sign(dsse.statement({"head": HEAD.hash}, dsse.predicate_type("status"), said), [key])

    with pytest.raises(RecordError):
        claimed(json.dumps({"envelope": base64.b64encode(envelope).decode(), "token": None}).encode())
