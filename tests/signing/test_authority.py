import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from reliability.errors import UsageError
from reliability.signing import authority, key_files
from reliability.signing.authority import DAYS, Holder, kind_of, open_authority, revoke, serial_of, sign_request
from tests.signing.people import HUB, NOW, PASSPHRASE, a_root, an_issuing, certified, key_in


def refusal(action):
    with pytest.raises(UsageError) as refused:
        action()
    return refused.value


def revoked_by(above):
    listed = x509.load_pem_x509_crl((above.folder / authority.REVOKED).read_bytes())
    assert listed.is_signature_valid(above.certificate.public_key())
    return {f"{one.serial_number:x}": one for one in listed}


def test_a_root_signs_itself_and_may_have_one_authority_below(tmp_path):
    root = a_root(tmp_path).certificate

    root.verify_directly_issued_by(root)
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.value.path_length, constraints.critical) == (True, 1, True)
    assert root.not_valid_before_utc == NOW
    assert root.not_valid_after_utc == NOW + timedelta(days=DAYS["root"])


def test_a_person_is_certified_through_the_whole_chain(tmp_path):
    issuing = an_issuing(tmp_path)
    person = certified(tmp_path, issuing, "person", "김평가")
    mine = key_files.read_certificate(person / authority.CERTIFICATE)
    above = authority.read_chain(person / authority.CHAIN)

    mine.verify_directly_issued_by(issuing.certificate)
    issuing.certificate.verify_directly_issued_by(above[1])
    assert [kind_of(one) for one in (mine, *above)] == ["person", "issuing", "root"]
    assert mine.public_key() == key_in(person).public_key()


@pytest.mark.parametrize(
    ("kind", "signs", "commits"), [("person", True, True), ("seal", True, True), ("register", True, False)]
)
def test_a_certificate_may_be_used_for_what_it_is_and_nothing_else(tmp_path, kind, signs, commits):
    folder = certified(tmp_path, an_issuing(tmp_path), kind, "one")
    usage = key_files.read_certificate(folder / "certificate.pem").extensions.get_extension_for_class(x509.KeyUsage)

    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (signs, commits)
    assert not usage.value.key_cert_sign
    assert not usage.value.crl_sign


@pytest.mark.parametrize("kind", ["root", "seal", "register", "person"])
def test_a_root_certifies_issuing_authorities_only(tmp_path, kind):
    root = a_root(tmp_path)
    request = authority.make_request(tmp_path / "one", Holder(name="one", organisation=HUB), PASSPHRASE)

    assert refusal(lambda: sign_request(root, request, kind, PASSPHRASE, now=NOW)).code == "authority_kind"


def test_an_issuing_authority_certifies_no_authority(tmp_path):
    issuing = an_issuing(tmp_path)
    request = authority.make_request(tmp_path / "one", Holder(name="one", organisation=HUB), PASSPHRASE)

    assert refusal(lambda: sign_request(issuing, request, "issuing", PASSPHRASE, now=NOW)).code == "authority_kind"


def test_a_person_is_no_authority(tmp_path):
    person = certified(tmp_path, an_issuing(tmp_path), "person", "김평가")

    assert refusal(lambda: open_authority(person)).code == "authority_missing"
    assert refusal(lambda: open_authority(tmp_path / "nowhere")).code == "authority_missing"


def test_extensions_of_a_request_are_not_taken_over(tmp_path):
    issuing, key = an_issuing(tmp_path), key_files.new_key()
    greedy = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(Holder(name="greedy", organisation=HUB).subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, *_ = sign_request(issuing, greedy, "person", PASSPHRASE, now=NOW)

    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_request_for_a_key_that_is_kept_elsewhere_is_like_any_other(tmp_path):
    key, holder = key_files.new_key(), Holder(name="직인", organisation=HUB)
    authority.make_request_for(tmp_path / "seal", holder, key)
    request = key_files.read_request(tmp_path / "seal" / authority.REQUEST)
    made = x509.CertificateSigningRequestBuilder().subject_name(holder.subject).sign(key, hashes.SHA256())

    assert request.is_signature_valid
    assert request.tbs_certrequest_bytes == made.tbs_certrequest_bytes
    assert [one.name for one in (tmp_path / "seal").iterdir()] == [authority.REQUEST]


def test_a_request_with_an_rsa_key_is_refused(tmp_path):
    issuing = an_issuing(tmp_path)
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(Holder(name="one", organisation=HUB).subject)
        .sign(rsa.generate_private_key(65537, 2048), hashes.SHA256())
    )

    assert refusal(lambda: sign_request(issuing, request, "person", PASSPHRASE, now=NOW)).code == "request_unusable"


def test_no_certificate_outlives_its_authority(tmp_path):
    issuing = an_issuing(tmp_path)
    late = issuing.certificate.not_valid_after_utc - timedelta(days=10)
    folder = certified(tmp_path, issuing, "person", "late", now=late)

    ends = key_files.read_certificate(folder / "certificate.pem").not_valid_after_utc
    assert ends == issuing.certificate.not_valid_after_utc


@pytest.mark.parametrize("off", [timedelta(seconds=-1), timedelta(days=3650)])
def test_an_authority_signs_only_while_it_is_valid(tmp_path, off):
    issuing = an_issuing(tmp_path)
    request = authority.make_request(tmp_path / "one", Holder(name="one", organisation=HUB), PASSPHRASE)
    found = refusal(lambda: sign_request(issuing, request, "person", PASSPHRASE, now=NOW + off))

    assert found.code == "authority_expired"
    assert not (issuing.folder / authority.ISSUED).exists()


def test_the_ledger_says_what_was_issued(tmp_path):
    issuing = an_issuing(tmp_path)
    person = certified(tmp_path, issuing, "person", "김평가", days=30)
    certificate = key_files.read_certificate(person / "certificate.pem")

    assert issuing.ledger() == [{
        "event": "issued", "at": "2026-11-28T09:00:00+00:00", "serial": serial_of(certificate), "name": "김평가",
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(), "kind": "person",
        "until": "2026-12-28T09:00:00+00:00",
    }]  # fmt: skip
    assert key_files.read_certificate(issuing.folder / "issued" / f"{serial_of(certificate)}.pem") == certificate


def test_an_authority_holds_no_private_key_but_its_own(tmp_path):
    issuing = an_issuing(tmp_path)
    certified(tmp_path, issuing, "person", "김평가")
    files = [path for path in issuing.folder.rglob("*") if path.is_file()]

    assert [path.name for path in files if b"PRIVATE KEY" in path.read_bytes()] == ["key.pem"]


def test_a_certificate_of_another_key_is_not_installed(tmp_path):
    issuing = an_issuing(tmp_path)
    one, other = (
        authority.make_request(tmp_path / name, Holder(name=name, organisation=HUB), PASSPHRASE)
        for name in ("one", "other")
    )
    chain = sign_request(issuing, one, "person", PASSPHRASE, now=NOW)

    assert one.public_key() != other.public_key()
    assert refusal(lambda: authority.install(tmp_path / "other", chain)).code == "certificate_of_other_key"
    assert not (tmp_path / "other" / "certificate.pem").exists()


@pytest.mark.parametrize("cut", [slice(0, 1), slice(0, 2)], ids=["alone", "without the root"])
def test_half_a_chain_is_not_installed(tmp_path, cut):
    issuing = an_issuing(tmp_path)
    request = authority.make_request(tmp_path / "one", Holder(name="one", organisation=HUB), PASSPHRASE)
    chain = sign_request(issuing, request, "person", PASSPHRASE, now=NOW)

    assert refusal(lambda: authority.install(tmp_path / "one", chain[cut])).code == "chain_broken"


def test_another_root_does_not_complete_a_chain(tmp_path):
    issuing = an_issuing(tmp_path)
    request = authority.make_request(tmp_path / "one", Holder(name="one", organisation=HUB), PASSPHRASE)
    chain = sign_request(issuing, request, "person", PASSPHRASE, now=NOW)
    forged = (*chain[:2], a_root(tmp_path / "elsewhere").certificate)

    assert refusal(lambda: authority.install(tmp_path / "one", forged)).code == "chain_broken"


def test_a_revoked_certificate_is_on_the_signed_list(tmp_path):
    issuing = an_issuing(tmp_path)
    kept, gone = (certified(tmp_path, issuing, "person", name) for name in ("kept", "gone"))
    serial = serial_of(key_files.read_certificate(gone / "certificate.pem"))
    later = NOW + timedelta(days=3)
    revoke(issuing, serial, "key_compromise", PASSPHRASE, now=later)

    listed = revoked_by(issuing)
    assert set(listed) == {serial}
    assert listed[serial].revocation_date_utc == later
    assert listed[serial].extensions.get_extension_for_class(x509.CRLReason).value.reason.name == "key_compromise"
    assert serial_of(key_files.read_certificate(kept / "certificate.pem")) not in listed


def test_the_list_keeps_earlier_revocations_with_their_dates(tmp_path):
    issuing = an_issuing(tmp_path)
    serials = [
        serial_of(key_files.read_certificate(certified(tmp_path, issuing, "person", name) / "certificate.pem"))
        for name in ("first", "second")
    ]
    for days, serial in enumerate(serials, start=1):
        revoke(issuing, serial, "superseded", PASSPHRASE, now=NOW + timedelta(days=days))

    dates = {serial: one.revocation_date_utc for serial, one in revoked_by(issuing).items()}
    assert dates == {serial: NOW + timedelta(days=days) for days, serial in enumerate(serials, start=1)}


def test_the_numbers_of_lists_grow(tmp_path):
    issuing = an_issuing(tmp_path)
    numbers = []
    for name in ("first", "second"):
        serial = serial_of(key_files.read_certificate(certified(tmp_path, issuing, "person", name) / "certificate.pem"))
        revoke(issuing, serial, "superseded", PASSPHRASE, now=NOW)
        listed = x509.load_pem_x509_crl((issuing.folder / authority.REVOKED).read_bytes())
        numbers.append(listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)

    assert numbers[0] < numbers[1]


def test_what_was_not_issued_or_is_revoked_cannot_be_revoked(tmp_path):
    issuing = an_issuing(tmp_path)
    serial = serial_of(key_files.read_certificate(certified(tmp_path, issuing, "person", "one") / "certificate.pem"))

    assert refusal(lambda: revoke(issuing, "abc", "superseded", PASSPHRASE, now=NOW)).code == "serial_unknown"
    revoke(issuing, serial, "superseded", PASSPHRASE, now=NOW)
    assert refusal(lambda: revoke(issuing, serial, "superseded", PASSPHRASE, now=NOW)).code == "serial_revoked"


def test_with_the_wrong_pass_phrase_nothing_is_issued_or_revoked(tmp_path):
    issuing = an_issuing(tmp_path)
    serial = serial_of(key_files.read_certificate(certified(tmp_path, issuing, "person", "one") / "certificate.pem"))
    request = authority.make_request(tmp_path / "two", Holder(name="two", organisation=HUB), PASSPHRASE)
    before = (issuing.folder / authority.LEDGER).read_bytes()

    for action in (
        lambda: sign_request(issuing, request, "person", "not the pass phrase", now=NOW),
        lambda: revoke(issuing, serial, "superseded", "not the pass phrase", now=NOW),
    ):
        assert refusal(action).code == "passphrase_wrong"
    assert (issuing.folder / authority.LEDGER).read_bytes() == before
    assert len(list((issuing.folder / "issued").iterdir())) == 1


def test_a_key_that_was_swapped_signs_nothing(tmp_path):
    issuing = an_issuing(tmp_path)
    other = key_files.pem_of_key(key_files.new_key(), PASSPHRASE)
    (issuing.folder / authority.KEY).write_bytes(other)
    request = authority.make_request(tmp_path / "two", Holder(name="two", organisation=HUB), PASSPHRASE)
    found = refusal(lambda: sign_request(issuing, request, "person", PASSPHRASE, now=NOW))

    assert found.code == "key_of_other_certificate"


@pytest.mark.parametrize("name", ["", " ", "a" * 65, "line\nbreak"])
def test_a_holder_needs_a_name_that_can_be_printed(tmp_path, name):
    assert refusal(lambda: Holder(name=name, organisation=HUB).subject).code == "holder_unusable"
    assert refusal(lambda: Holder(name="one", organisation=name).subject).code == "holder_unusable"


def test_a_second_root_in_a_folder_is_refused_and_the_first_stays(tmp_path):
    root = a_root(tmp_path)
    key = (tmp_path / "root" / "key.pem").read_bytes()

    assert refusal(lambda: a_root(tmp_path)).code == "key_file_exists"
    assert (tmp_path / "root" / "key.pem").read_bytes() == key
    assert open_authority(tmp_path / "root").certificate == root.certificate


def test_a_certificate_that_is_not_ours_has_no_kind(tmp_path):
    key, subject = key_files.new_key(), Holder(name="stranger", organisation="elsewhere").subject
    stranger = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip

    assert refusal(lambda: kind_of(stranger)).code == "certificate_foreign"


def test_the_ledger_is_json_lines(tmp_path):
    issuing = an_issuing(tmp_path)
    certified(tmp_path, issuing, "seal", "직인")
    lines = (issuing.folder / authority.LEDGER).read_text(encoding="utf-8").splitlines()

    assert [json.loads(line)["kind"] for line in lines] == ["seal"]
    assert "직인" in lines[0]
