import hashlib

import pytest
from asn1crypto import cms, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import NotGenuineError
from reliability.signing import cms_profile, der, key_files
from reliability.signing.cms_profile import ORDER, content_info, read, signed
from tests.signing import stamping
from tests.signing.people import NOW
from tests.signing.sealed import hub

DIGEST, OTHER = hashlib.sha256(b"file").digest(), hashlib.sha256(b"other").digest()
CHAIN, KEY = hub().chain("seal")[:2], hub().key("seal")
SIGNATURE = signed(DIGEST, CHAIN, KEY)
TOKEN = stamping.token(hashlib.sha256(SIGNATURE).digest())
PLAIN, STAMPED = (content_info(DIGEST, CHAIN, SIGNATURE, token) for token in (None, TOKEN))


class Holding:
    """A key that gives the signature it was told to."""

    def __init__(self, r, s):
        self.made = encode_dss_signature(r, s)

    def sign(self, data, algorithm):
        return self.made


def refused(content, digest=DIGEST):
    with pytest.raises(NotGenuineError) as raised:
        read(content, digest)
    return raised.value.code


def under(key):
    """A chain whose signer has another kind of key."""
    subject = CHAIN[0].subject
    builder = certificates.CertificateBuilder(
        CHAIN[1].subject, subject, key.public_key(), 7, NOW, CHAIN[0].not_valid_after_utc
    )
    return builder.sign(hub_key(), hashes.SHA256()), CHAIN[1]


def hub_key():
    return hub().key("issuing")


@pytest.mark.parametrize(("content", "token"), [(PLAIN, None), (STAMPED, TOKEN)])
def test_a_signature_is_read_as_it_was_made(content, token):
    found = read(content, DIGEST)

    assert (found.chain, found.signature, found.token) == (CHAIN, SIGNATURE, token)


def test_another_program_reads_it_and_finds_nothing_amiss():
    data = cms.ContentInfo.load(STAMPED, strict=True)["content"]
    (signer,) = data["signer_infos"]
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    message = cms.CMSAttributes(signer["signed_attrs"]).untag().dump()

    KEY.public_key().verify(signer["signature"].native, message, ec.ECDSA(hashes.SHA256()))
    assert attributes["message_digest"].native == DIGEST
    assert attributes["content_type"].native == "data"
    assert data["encap_content_info"]["content"].native is None
    assert signer["sid"].chosen["serial_number"].native == CHAIN[0].serial_number
    assert signer["unsigned_attrs"][0]["type"].native == "signature_time_stamp_token"


def test_every_certificate_is_pinned_by_the_signature():
    """So that even a certificate's own signature can be of no other bytes."""
    data = cms.ContentInfo.load(PLAIN)["content"]
    attributes = {one["type"].native: one["values"][0] for one in data["signer_infos"][0]["signed_attrs"]}
    pinned = [one["cert_hash"].native for one in attributes["signing_certificate_v2"]["certs"]]

    assert pinned == [one.fingerprint(hashes.SHA256()) for one in CHAIN]


def test_the_certificates_stand_in_one_order_whatever_their_bytes():
    for _ in range(4):  # by chance the signer's comes first or second
        key = key_files.new_key()
        chain = under(key)
        found = read(content_info(DIGEST, chain, signed(DIGEST, chain, key), None), DIGEST)
        assert found.chain == chain


def test_of_the_two_signatures_that_hold_one_is_made():
    r, s = decode_dss_signature(SIGNATURE)

    assert s <= ORDER // 2
    assert signed(DIGEST, CHAIN, Holding(r, ORDER - s)) == signed(DIGEST, CHAIN, Holding(r, s)) == SIGNATURE


def test_the_other_one_is_not_taken():
    r, s = decode_dss_signature(SIGNATURE)
    twin = encode_dss_signature(r, ORDER - s)
    KEY.public_key().verify(twin, cms_profile._attributes(DIGEST, CHAIN), ec.ECDSA(hashes.SHA256()))

    assert refused(content_info(DIGEST, CHAIN, twin, None)) == "signature_form"


def test_the_order_is_that_of_the_curve():
    private = ec.derive_private_key(ORDER - 1, ec.SECP256R1()).public_key().public_numbers()
    base = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers()

    assert private.x == base.x  # n - 1 times the base point mirrors it
    assert private.y != base.y


def test_a_file_that_was_changed_is_told_from_a_signature_that_is_false():
    assert refused(PLAIN, OTHER) == "file_changed"
    assert refused(content_info(DIGEST, CHAIN, signed(OTHER, CHAIN, KEY), None)) == "signature_false"
    assert refused(content_info(DIGEST, CHAIN, signed(DIGEST, CHAIN, key_files.new_key()), None)) == "signature_false"


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)])
def test_a_signer_with_another_kind_of_key_is_not_of_our_form(key):
    assert refused(content_info(DIGEST, under(key), SIGNATURE, None)) == "signature_form"


@pytest.mark.parametrize(
    "signature", [b"", b"\x30\x00", SIGNATURE + b"\0", encode_dss_signature(1, 0), b"\x00" * 64],
    ids=["empty", "no numbers", "more", "zero", "zeros"],
)  # fmt: skip
def test_what_is_no_signature_is_not_of_our_form(signature):
    assert refused(content_info(DIGEST, CHAIN, signature, None)) == "signature_form"


@pytest.mark.parametrize("token", [b"", b"\x05\x00\x05\x00", b"\x30"])
def test_a_token_that_is_not_one_value_is_not_of_our_form(token):
    assert refused(content_info(DIGEST, CHAIN, SIGNATURE, token)) == "signature_form"


def test_a_token_is_one_value_and_what_it_says_is_not_looked_at_here():
    assert read(content_info(DIGEST, CHAIN, SIGNATURE, der.encoded(der.NULL)), DIGEST).token == b"\x05\x00"


def test_the_issuer_and_number_of_a_signer_are_written_as_others_write_them():
    other = cms.IssuerAndSerialNumber({
        "issuer": x509.Certificate.load(cms_profile.der_of(CHAIN[0])).issuer, "serial_number": CHAIN[0].serial_number,
    })  # fmt: skip

    assert cms_profile.signer_of(CHAIN[0]) == other.dump()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.integers(1, 255))
def test_no_byte_can_be_another(place, by):
    changed = PLAIN[:place] + bytes((PLAIN[place] ^ by,)) + PLAIN[place + 1 :]

    assert refused(changed) in ("signature_form", "file_changed", "signature_false")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN)), st.binary(max_size=40))
def test_no_part_can_be_taken_out_or_put_in(start, end, more):
    changed = PLAIN[:start] + more + PLAIN[max(start, end) :]
    if changed != PLAIN:
        assert refused(changed) in ("signature_form", "file_changed", "signature_false")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(content):
    assert refused(content) == "signature_form"
