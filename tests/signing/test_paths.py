from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from reliability.signing import cms_profile, der, key_files, paths
from tests.signing import stamping
from tests.signing.people import NOW
from tests.signing.sealed import hub

DAY = timedelta(days=1)
SEAL, ISSUING, ROOT = hub().chain("seal")
STAMPS = ExtendedKeyUsageOID.TIME_STAMPING


def with_serial(certificate, number):
    """The certificate's bytes with another serial number of the same length."""
    content = cms_profile.der_of(certificate)
    old = der.integer(certificate.serial_number)
    return content.replace(old, old[:2] + number.to_bytes(len(old) - 2, "big", signed=True), 1)


def leaf(key=None, *, critical=None, usage=True):
    """A certificate with a usage for signatures, and what else is asked for."""
    key = key or key_files.new_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "leaf")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + DAY)
    if usage:
        builder = builder.add_extension(SEAL.extensions.get_extension_for_class(x509.KeyUsage).value, critical=True)
    if critical:
        builder = builder.add_extension(critical, critical=True)
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize("certificate", [SEAL, ISSUING, ROOT, stamping.SERVICE, stamping.ROOT])
def test_a_certificate_is_read_as_it_is(certificate):
    assert paths.loaded(cms_profile.der_of(certificate)) == certificate


@pytest.mark.parametrize("number", [-1, 0, -(1 << 100)])
def test_a_serial_number_below_one_is_refused_without_a_word(number):
    with pytest.raises(paths.BROKEN):
        paths.loaded(with_serial(SEAL, number))


def test_bits_left_over_in_the_signature_are_refused():
    """Found by the sweep: a signature that ends in a zero bit still holds if that bit is called left over."""
    content = cms_profile.der_of(stamping.BETWEEN)
    head = der.element(content).inside(der.SEQUENCE, der.SEQUENCE, der.BITS)[2].body
    at = content.rindex(head)
    with pytest.raises(ValueError, match="certificate"):
        paths.loaded(content[:at] + b"\x01" + content[at + 1 :])


def test_another_algorithm_outside_than_inside_is_refused():
    content = cms_profile.der_of(SEAL)
    sha256, sha384 = (der.identifier(f"1.2.840.10045.4.3.{n}") for n in (2, 3))
    at = content.rindex(sha256)
    with pytest.raises(ValueError, match="certificate"):
        paths.loaded(content[:at] + sha384 + content[at + len(sha384) :])


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"-----BEGIN CERTIFICATE-----", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_certificate_is_refused(content):
    with pytest.raises(paths.BROKEN):
        paths.loaded(content)


def test_a_certificate_is_issued_by_the_one_that_signed_it_only():
    assert paths.issued_by(SEAL, ISSUING)
    assert paths.issued_by(ROOT, ROOT)
    assert not paths.issued_by(SEAL, ROOT)
    assert not paths.issued_by(ISSUING, SEAL)
    assert not paths.issued_by(SEAL, stamping.ROOT)


def test_a_digest_that_can_be_forged_vouches_for_nothing():
    key = key_files.new_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "old")])
    old = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + DAY).sign(key, hashes.SHA224())

    assert not paths.issued_by(old, old)


@pytest.mark.parametrize(("certificate", "above", "may"), [
    (ROOT, 0, True), (ROOT, 1, True), (ROOT, 2, False), (ISSUING, 0, True), (ISSUING, 1, False), (SEAL, 0, False),
    (stamping.BETWEEN, 7, True), (stamping.SERVICE, 0, False), (leaf(), 0, False),
])  # fmt: skip
def test_an_authority_certifies_as_deep_as_it_may(certificate, above, may):
    assert paths.certifies(certificate, above=above) == may


@pytest.mark.parametrize(("certificate", "may"), [
    (SEAL, True), (ISSUING, False), (ROOT, False), (leaf(), True), (leaf(usage=False), False),
    (leaf(rsa.generate_private_key(65537, 2048)), False), (leaf(ec.generate_private_key(ec.SECP384R1())), False),
    (leaf(critical=x509.InhibitAnyPolicy(0)), False), (leaf(critical=x509.ExtendedKeyUsage([STAMPS])), True),
])  # fmt: skip
def test_a_signer_has_a_key_of_ours_and_a_usage_for_signatures(certificate, may):
    assert paths.signs(certificate) == may


@pytest.mark.parametrize(("certificate", "may"), [
    (stamping.SERVICE, True), (stamping.service(critical=False), False), (stamping.service(purposes=None), False),
    (stamping.service(purposes=[STAMPS, ExtendedKeyUsageOID.CODE_SIGNING]), False),
    (stamping.service(purposes=[ExtendedKeyUsageOID.CODE_SIGNING]), False), (SEAL, False),
])  # fmt: skip
def test_a_time_stamp_service_does_nothing_else(certificate, may):
    assert paths.stamps_time(certificate) == may


@pytest.mark.parametrize(("off", "valid"), [(-1, False), (0, True), (86_400, True), (86_401, False)])
def test_a_certificate_is_valid_from_its_first_to_its_last_second(off, valid):
    assert paths.valid_at(leaf(), NOW + timedelta(seconds=off)) == valid
