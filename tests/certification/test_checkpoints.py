"""Checkpoints: signed by the register's key, proven by somebody else's clock or signature."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from reliability.certification.checkpoints import checkpoint, countersigned, read_checkpoint
from reliability.errors import RecordError, SignerError, UsageError
from reliability.register.rows import Head
from reliability.signing import authority, key_files
from tests.certification import hub as made

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
