import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import RecordError
from reliability.signing import dsse
from reliability.signing.key_files import new_key

KEY, OTHER = new_key(), new_key()
SAID = dsse.statement(
    {"model.skops": "ab" * 32, "data.csv": "cd" * 32}, "https://example.org/result", {"outcome": "ok"}
)
SIGNED = dsse.sign(SAID, [KEY])


def edited(**changes):
    return json.dumps({**json.loads(SIGNED), **changes}).encode()


def test_pre_authentication_is_that_of_the_specification():
    # The example of the DSSE protocol, v1.0.
    assert dsse.pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_statement_names_its_subjects_in_order():
    assert [one["name"] for one in SAID["subject"]] == ["data.csv", "model.skops"]
    assert SAID["_type"] == "https://in-toto.io/Statement/v1"


def test_what_was_signed_is_read_back():
    envelope = dsse.read(SIGNED)

    assert envelope.signed_by(KEY.public_key())
    assert dsse.statement_in(envelope) == SAID


def test_another_key_did_not_sign():
    assert not dsse.read(SIGNED).signed_by(OTHER.public_key())


def test_every_signer_is_known():
    envelope = dsse.read(dsse.sign(SAID, [KEY, OTHER]))

    assert envelope.signed_by(KEY.public_key())
    assert envelope.signed_by(OTHER.public_key())
    assert [name for name, _ in envelope.signatures] == [dsse.key_id(KEY.public_key()), dsse.key_id(OTHER.public_key())]


def test_a_countersignature_leaves_payload_and_signatures_as_they_are():
    before, after = dsse.read(SIGNED), dsse.read(dsse.countersign(SIGNED, OTHER))

    assert (after.payload, after.signatures[:1]) == (before.payload, before.signatures)
    assert after.signed_by(KEY.public_key())
    assert after.signed_by(OTHER.public_key())


def test_another_kind_of_payload_is_not_countersigned():
    with pytest.raises(RecordError):
        dsse.countersign(edited(payloadType="text/plain"), OTHER)


def test_a_signature_is_plain_ecdsa_over_the_encoding():
    envelope = dsse.read(SIGNED)
    message = dsse.pre_authentication(envelope.payload_type, envelope.payload)

    KEY.public_key().verify(envelope.signatures[0][1], message, ec.ECDSA(hashes.SHA256()))


def test_an_edited_payload_is_not_signed():
    payload = base64.b64encode(json.dumps({**SAID, "predicate": {"outcome": "better"}}).encode()).decode()

    assert not dsse.read(edited(payload=payload)).signed_by(KEY.public_key())


def test_another_type_is_not_signed():
    assert not dsse.read(edited(payloadType="text/plain")).signed_by(KEY.public_key())


def test_a_key_identifier_is_not_believed():
    envelope = dsse.read(dsse.sign(SAID, [OTHER]).replace(
        dsse.key_id(OTHER.public_key()).encode(), dsse.key_id(KEY.public_key()).encode()
    ))  # fmt: skip

    assert not envelope.signed_by(KEY.public_key())


def test_the_alphabet_for_addresses_is_read_too():
    signature = json.loads(SIGNED)["signatures"][0]
    url_safe = {**signature, "sig": signature["sig"].replace("+", "-").replace("/", "_")}

    assert dsse.read(edited(signatures=[url_safe])).signed_by(KEY.public_key())


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"payloadType": 1}', edited(signatures=[]),
        edited(signatures={}), edited(signatures=[1]), edited(signatures=[{"sig": 1}]), edited(payload="!!"),
        edited(payload=None), edited(signatures=[{"sig": "é"}]),
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(content):
    with pytest.raises(RecordError) as refused:
        dsse.read(content)

    assert refused.value.code == "envelope_unreadable"


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{}", b'{"_type": "x"}', b'{"_type": "https://in-toto.io/Statement/v1"}']
)
def test_what_is_no_statement_is_refused(payload):
    envelope = dsse.Envelope(payload_type=dsse.PAYLOAD_TYPE, payload=payload, signatures=(("", b""),))

    with pytest.raises(RecordError):
        dsse.statement_in(envelope)


def test_another_payload_type_is_no_statement():
    envelope = dsse.Envelope(payload_type="text/plain", payload=json.dumps(SAID).encode(), signatures=(("", b""),))

    with pytest.raises(RecordError):
        dsse.statement_in(envelope)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_flipped_byte_leaves_a_signature_over_something_else(place, by):
    flipped = bytearray(SIGNED)
    flipped[place] ^= by
    try:
        envelope = dsse.read(bytes(flipped))
    except RecordError:
        return

    assert not envelope.signed_by(KEY.public_key()) or envelope.payload == dsse.read(SIGNED).payload


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(content):
    with pytest.raises(RecordError):
        dsse.read(content)


@pytest.mark.parametrize("text", [b'"\\ud800"', b'"\\uDFFF"', b'"\xed\xa0\x80"', '"x"'.encode("utf-16")])
def test_a_statement_with_half_a_letter_is_none(text):
    """It could be read, but neither shown nor written down."""
    payload = b'{"_type":"%s","subject":[],"predicateType":"x","predicate":{"number":%s}}'
    envelope = dsse.Envelope(
        payload_type=dsse.PAYLOAD_TYPE, payload=payload % (dsse.STATEMENT_TYPE.encode(), text), signatures=(("", b""),)
    )  # fmt: skip

    with pytest.raises(RecordError) as refused:
        dsse.statement_in(envelope)
    assert refused.value.code == "envelope_unreadable"


def test_a_letter_written_as_two_halves_is_whole():
    payload = b'{"_type":"%s","subject":[],"predicate":"\\ud83d\\ude00"}' % dsse.STATEMENT_TYPE.encode()
    envelope = dsse.Envelope(payload_type=dsse.PAYLOAD_TYPE, payload=payload, signatures=(("", b""),))

    assert dsse.statement_in(envelope)["predicate"] == "😀"
