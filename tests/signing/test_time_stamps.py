import hashlib
import random
import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from reliability.errors import EnvironmentLacksError, SignerError, UsageError
from reliability.signing import der, key_files
from reliability.signing.time_stamps import Stamper, time_of
from reliability.signing.time_tokens import canonical
from reliability.signing.trust import Trust
from tests.signing import stamping
from tests.signing.sealed import hub
from tests.signing.stamping import KEYS, LATER, ROOT, STAMPED, listening

DIGEST, OTHER = hashlib.sha256(b"signature").digest(), hashlib.sha256(b"another").digest()
TRUST = Trust(roots=(), timestamp_roots=(ROOT,))
RAW = stamping.token(DIGEST)
TOKEN = canonical(RAW).whole
MILLISECONDS = datetime(2026, 11, 28, 9, 0, 5, 250_000, tzinfo=UTC)


def refused(token, digest=DIGEST, trust=TRUST):
    with pytest.raises(SignerError) as raised:
        time_of(token, digest, trust)
    assert raised.value.exit_status == 4
    return raised.value.code


def lacking(action):
    with pytest.raises(EnvironmentLacksError) as raised:
        action()
    return raised.value.code


def status(number):
    """An answer with a status and nothing else."""
    return der.encoded(der.SEQUENCE, der.encoded(der.SEQUENCE, der.integer(number)))


def one_form(**changes):
    return canonical(stamping.token(DIGEST, **changes)).whole


# Judged


def test_a_token_says_when_and_who():
    found = time_of(TOKEN, DIGEST, TRUST)

    assert (found.at, found.name, found.independent) == (STAMPED, "Time service", True)


def test_a_service_of_the_hub_s_own_is_not_independent():
    assert not time_of(TOKEN, DIGEST, Trust(roots=(ROOT,), timestamp_roots=(ROOT,))).independent


def test_parts_of_a_second_are_kept():
    assert time_of(one_form(at=MILLISECONDS), DIGEST, TRUST).at == MILLISECONDS


def test_a_token_is_over_one_digest_only():
    assert refused(TOKEN, OTHER) == "time_stamp_broken"


def test_a_service_that_nobody_named_proves_nothing():
    for trust in (Trust(roots=()), Trust(roots=(ROOT,)), Trust(roots=(), timestamp_roots=hub().trust.roots)):
        assert refused(TOKEN, trust=trust) == "time_stamp_outside_trust"


def test_a_token_is_judged_at_its_own_time_however_long_ago_that_was():
    """The service's certificate ends ten years after the first signature; nothing here asks what day it is."""
    assert time_of(TOKEN, DIGEST, TRUST).at < stamping.END < STAMPED + LATER
    assert refused(one_form(at=stamping.END + timedelta(seconds=1))) == "time_stamp_outside_trust"
    assert refused(one_form(at=stamping.START - timedelta(seconds=1))) == "time_stamp_outside_trust"


@pytest.mark.parametrize(
    "options",
    [
        {"purposes": None}, {"critical": False},
        {"purposes": [ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION]},
    ],
)  # fmt: skip
def test_a_certificate_for_something_else_stamps_no_time(options):
    assert refused(one_form(stamped_by=stamping.service(**options))) == "time_stamp_outside_trust"


def test_a_certificate_in_between_must_be_an_authority_s():
    between = stamping.certificate("Time authority", KEYS[1], "Time root", KEYS[0])

    assert refused(one_form(others=(between,))) == "time_stamp_outside_trust"


def test_without_the_certificate_in_between_there_is_no_path():
    assert refused(one_form(others=())) == "time_stamp_outside_trust"


def test_a_service_that_was_taken_back_before_proves_nothing():
    entry = x509.RevokedCertificateBuilder().serial_number(stamping.SERVICE.serial_number).revocation_date(STAMPED)
    listed = (
        x509.CertificateRevocationListBuilder().issuer_name(stamping.BETWEEN.subject).last_update(STAMPED)
        .next_update(STAMPED + timedelta(days=1)).add_revoked_certificate(entry.build()).sign(KEYS[1], hashes.SHA256())
    )  # fmt: skip
    trust = Trust(roots=(), timestamp_roots=(ROOT,), revocations=(listed,))

    assert refused(TOKEN, trust=trust) == "time_stamp_outside_trust"
    assert time_of(one_form(at=STAMPED - timedelta(seconds=1)), DIGEST, trust)


def test_a_service_may_be_named_itself():
    own = stamping.certificate(
        "Own service", KEYS[2], "Own service", KEYS[2], purposes=[ExtendedKeyUsageOID.TIME_STAMPING]
    )
    token = one_form(stamped_by=own, others=())

    assert time_of(token, DIGEST, Trust(roots=(), timestamp_roots=(own,))).name == "Own service"
    assert refused(token) == "time_stamp_outside_trust"


# The one form


def test_the_one_form_of_a_token_is_its_own():
    assert canonical(TOKEN).whole == TOKEN


def test_a_token_in_another_form_is_not_read_but_can_be_put_into_its_one_form():
    """pyHanko's service names the algorithms with parameters."""
    assert RAW != TOKEN
    assert refused(RAW) == "time_stamp_broken"


def test_certificates_that_lead_nowhere_are_left_out():
    more = (stamping.BETWEEN, ROOT, hub().trust.roots[0], stamping.service())

    assert len(stamping.token(DIGEST, others=more)) > len(RAW) + 1000
    assert [len(one_form(others=more))] == [len(TOKEN)]
    assert canonical(stamping.token(DIGEST, others=more)).chain == (stamping.SERVICE, stamping.BETWEEN)


def test_unsigned_attributes_and_lists_are_left_out():
    info = cms.ContentInfo.load(RAW)
    signer = info["content"]["signer_infos"][0]
    signer["unsigned_attrs"] = [cms.CMSAttribute({"type": "1.2.3.4", "values": [core.Any(core.Null())]})]
    more = info.dump(force=True)

    assert len(more) > len(RAW)
    assert canonical(more).whole == TOKEN


def test_another_program_reads_the_one_form():
    data = cms.ContentInfo.load(TOKEN, strict=True)["content"]

    assert data["encap_content_info"]["content"].parsed["gen_time"].native == STAMPED
    assert data["encap_content_info"]["content_type"].native == "tst_info"


@pytest.mark.parametrize("by", [1, 16, 128])
def test_no_byte_of_a_token_is_free(by):
    drawn = random.Random(by).sample(range(len(TOKEN)), 400)
    flipped = (TOKEN[:at] + bytes((TOKEN[at] ^ by,)) + TOKEN[at + 1 :] for at in drawn)

    assert {refused(token) for token in flipped} <= {"time_stamp_broken", "time_stamp_outside_trust"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", TOKEN[:-1], TOKEN + b"\0", b"\x30\x00", TOKEN[: len(TOKEN) // 2], b"a" * 70_000,
     der.encoded(der.SEQUENCE), cms.ContentInfo({"content_type": "data", "content": b"a"}).dump()],
)  # fmt: skip
def test_what_is_no_token_is_refused(content):
    assert refused(content) == "time_stamp_broken"


@pytest.mark.parametrize("signing", ["sha384", "sha512"])
def test_a_service_may_sign_with_a_longer_digest(signing):
    assert time_of(one_form(signing=signing), DIGEST, TRUST).at == STAMPED


def test_a_service_may_not_sign_with_a_digest_that_can_be_forged():
    assert refused(stamping.token(DIGEST, signing="sha1")) == "time_stamp_broken"


# A second program's tokens


@pytest.fixture(scope="module")
def openssl(tmp_path_factory):
    """A function that has OpenSSL stamp a request: another program, an EC key, ESSCertIDv2, a longer digest."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("openssl")
    key = key_files.new_key()
    purposes = [ExtendedKeyUsageOID.TIME_STAMPING]
    own = stamping.certificate("OpenSSL", key, "Time authority", KEYS[1], purposes=purposes)
    (folder / "own.pem").write_bytes(key_files.pem_of(own))
    (folder / "above.pem").write_bytes(key_files.pem_of(stamping.BETWEEN) + key_files.pem_of(ROOT))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "serial").write_text("01\n")
    (folder / "settings.cnf").write_text(
        f"[tsa]\nserial = {folder}/serial\nsigner_cert = {folder}/own.pem\ncerts = {folder}/above.pem\n"
        f"signer_key = {folder}/key.pem\nsigner_digest = sha512\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n"
        "accuracy = secs:1\nordering = yes\ntsa_name = yes\ness_cert_id_chain = yes\ness_cert_id_alg = sha256\n"
    )

    def reply(request):
        (folder / "request").write_bytes(request)
        settings = ("-config", folder / "settings.cnf", "-section", "tsa")
        files = ("-queryfile", folder / "request", "-out", folder / "reply")
        subprocess.run(["openssl", "ts", "-reply", *settings, *files], check=True, capture_output=True)
        return 200, (folder / "reply").read_bytes()

    return reply


def test_a_token_of_openssl_is_taken_and_read(openssl):
    with listening(openssl) as url:
        token = Stamper(url=url).stamp(DIGEST)
    found = time_of(token, DIGEST, Trust(roots=(), timestamp_roots=(ROOT,)))

    assert found.name == "OpenSSL"
    assert canonical(token).chain[1:] == (stamping.BETWEEN,)
    assert b"sha512" not in token
    assert cms.ContentInfo.load(token)["content"]["signer_infos"][0]["digest_algorithm"]["algorithm"].native == "sha512"


def test_no_byte_of_a_token_of_openssl_is_free(openssl):
    with listening(openssl) as url:
        token = Stamper(url=url).stamp(DIGEST)

    for at in random.Random(8).sample(range(len(token)), 300):
        assert refused(token[:at] + bytes((token[at] ^ 1,)) + token[at + 1 :]).startswith("time_stamp_")


# Asked for


def test_a_service_is_asked_and_its_token_put_into_its_one_form():
    with listening(stamping.granting()) as url:
        token = Stamper(url=url).stamp(DIGEST)

    assert canonical(token).whole == token
    assert time_of(token, DIGEST, TRUST).at == STAMPED


def test_the_request_is_what_the_standard_says():
    asked = []

    def reply(request):
        asked.append(tsp.TimeStampReq.load(request, strict=True))
        return stamping.granting()(request)

    with listening(reply) as url:
        Stamper(url=url + "?policy=1").stamp(DIGEST)
        Stamper(url=url).stamp(DIGEST)
    one, other = asked

    assert one["message_imprint"].native == {
        "hash_algorithm": {"algorithm": "sha256", "parameters": None}, "hashed_message": DIGEST
    }  # fmt: skip
    assert (one["version"].native, one["cert_req"].native) == ("v1", True)
    assert one["nonce"].native != other["nonce"].native


def test_an_answer_to_another_question_is_refused():
    """A token from before, with its number used once, and one over another digest."""
    earlier = []

    def replay(request):
        earlier.append(stamping.answer(request))
        return 200, earlier[0]

    with listening(replay) as url:
        Stamper(url=url).stamp(DIGEST)
        assert lacking(lambda: Stamper(url=url).stamp(DIGEST)) == "time_stamp_answer"
        assert lacking(lambda: Stamper(url=url).stamp(OTHER)) == "time_stamp_answer"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, b""), "time_stamp_answer"), ((200, b"<html>"), "time_stamp_answer"),
        ((200, b"\0" * 70_000), "time_stamp_unreachable"),
        ((200, status(2)), "time_stamp_refused"), ((200, status(0)), "time_stamp_answer"),
        ((500, b""), "time_stamp_refused"), ((302, b""), "time_stamp_refused"),
    ],
    ids=["nothing", "a page", "too much", "rejected", "granted without a token", "an error", "sent elsewhere"],
)  # fmt: skip
def test_a_service_that_gives_no_token_is_named(answer, code):
    with listening(lambda _: answer) as url:
        assert lacking(lambda: Stamper(url=url).stamp(DIGEST)) == code


def test_a_service_that_is_not_there_or_says_nothing_is_named():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert lacking(lambda: Stamper(url=url, timeout_s=0.2).stamp(DIGEST)) == "time_stamp_unreachable"
    assert lacking(lambda: Stamper(url=url, timeout_s=0.2).stamp(DIGEST)) == "time_stamp_unreachable"


def test_a_service_whose_certificate_no_one_vouches_for_is_not_asked():
    with listening(stamping.granting()) as url:
        secure = url.replace("http:", "https:")
        assert lacking(lambda: Stamper(url=secure, timeout_s=1).stamp(DIGEST)) == "time_stamp_unreachable"


@pytest.mark.parametrize(
    "url", ["", "time.example.kr", "ftp://time.example.kr", "http://", "http://a:99999", "file:///a"]
)
def test_an_address_is_one_of_the_web(url):
    with pytest.raises(UsageError) as raised:
        Stamper(url=url)

    assert raised.value.code == "time_stamp_address"


def test_a_digest_of_another_length_is_a_mistake():
    with pytest.raises(ValueError, match="SHA-256"):
        Stamper(url="http://127.0.0.1/").stamp(b"short")
