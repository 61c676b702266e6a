import base64
import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from reliability.errors import RecordError, SignerError, UsageError
from reliability.signing import authority, dsse, key_files
from reliability.signing.trust import PREDICATE, Trust, make_trust, read_trust
from tests.signing import stamping
from tests.signing.people import HUB, NOW, PASSPHRASE, a_root, certified, key_in
from tests.signing.sealed import a_hub, chain_in

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return a_hub(tmp_path_factory.mktemp("hub"))


def refused(trust, chain, *, kind="seal", at=NOW):
    with pytest.raises(SignerError) as raised:
        trust.path(chain, kind=kind, at=at)
    assert raised.value.exit_status == 4
    return raised.value.code


def with_lists(hub, *folders):
    lists = [x509.load_pem_x509_crl((folder / authority.REVOKED).read_bytes()) for folder in folders]
    return Trust(roots=hub.trust.roots, revocations=tuple(lists))


def foreign(subject, key, issuer, above, **options):
    """A certificate that carries none of our purposes, on an EC key."""
    return stamping.certificate(subject, key, issuer, above, **options)


# The path


@pytest.mark.parametrize("kind", ["seal", "person", "register"])
def test_a_signer_of_the_hub_is_led_to_its_root(hub, kind):
    chain = hub.chain(kind)

    assert hub.trust.path(chain[:2], kind=kind, at=NOW) == chain
    assert hub.trust.path(chain, kind=kind, at=NOW) == chain


@pytest.mark.parametrize(("has", "asked"), [("person", "seal"), ("seal", "person"), ("register", "seal")])
def test_a_certificate_for_something_else_does_not_do(hub, has, asked):
    assert refused(hub.trust, hub.chain(has), kind=asked) == "signer_purpose"


def test_an_authority_signs_nothing_but_certificates(hub):
    root = hub.trust.roots[0]

    assert refused(hub.trust, (hub.issuing.certificate, root)) == "signer_purpose"


def test_a_signer_under_another_root_is_outside_the_trust(hub, tmp_path):
    other = a_hub(tmp_path)  # a hub of the same names

    assert refused(hub.trust, other.chain("seal")) == "signer_outside_trust"
    assert refused(hub.trust, other.chain("seal")[:2]) == "signer_outside_trust"
    assert refused(Trust(roots=()), hub.chain("seal")) == "signer_outside_trust"


def test_a_chain_that_names_another_root_than_the_trusted_one_is_outside_it(hub, tmp_path):
    forged = (*hub.chain("seal")[:2], a_root(tmp_path).certificate)

    assert refused(hub.trust, forged) == "signer_outside_trust"


@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, 1), slice(1, 3), slice(None, None, -1), slice(None, None, 2)])
def test_half_a_chain_is_not_completed(hub, cut):
    assert refused(hub.trust, hub.chain("seal")[cut]) in ("signer_chain", "signer_purpose")


def test_a_chain_of_two_that_do_not_belong_together_is_none(hub, tmp_path):
    other = a_hub(tmp_path)

    assert refused(hub.trust, (hub.chain("seal")[0], other.chain("seal")[1])) == "signer_chain"


def test_a_person_certifies_nobody(hub):
    """A certificate signed with a person's key, with that person's name as its issuer."""
    person, key = hub.chain("person")[0], key_files.new_key()
    builder = authority._builder(
        authority.Holder(name="forged", organisation=HUB).subject, key.public_key(), "seal", NOW, NOW + DAY
    )
    forged = authority._signed(builder.issuer_name(person.subject), person.public_key(), hub.key("person"))

    assert refused(hub.trust, (forged, person)) == "signer_outside_trust"
    assert refused(hub.trust, (forged, person, hub.issuing.certificate)) == "signer_outside_trust"


@pytest.mark.parametrize("off", [-DAY, timedelta(days=authority.DAYS["seal"]) + DAY, timedelta(days=9000)])
def test_a_signature_outside_the_certificate_s_time_does_not_count(hub, off):
    assert refused(hub.trust, hub.chain("seal"), at=NOW + off) == "signer_expired"


@pytest.mark.parametrize("off", [timedelta(0), timedelta(days=authority.DAYS["seal"])])
def test_the_first_and_the_last_moment_count(hub, off):
    assert hub.trust.path(hub.chain("seal"), kind="seal", at=NOW + off)


def test_an_issuing_authority_must_have_been_valid_as_well(tmp_path):
    hub = a_hub(tmp_path, now=NOW)
    early = certified(tmp_path, hub.issuing, "seal", "early", days=30)
    trust = Trust(roots=hub.trust.roots)

    assert trust.path(chain_in(early), kind="seal", at=NOW + 30 * DAY)
    assert refused(trust, chain_in(early), at=NOW + 31 * DAY) == "signer_expired"


# Taken back


@pytest.fixture
def revoking(tmp_path):
    """A hub whose seal is taken back three days after it was made, for the reason given."""

    def revoked(reason, name="seal"):
        hub = a_hub(tmp_path)
        serial = authority.serial_of(hub.chain(name)[0])
        authority.revoke(hub.issuing, serial, reason, PASSPHRASE, now=NOW + 3 * DAY)
        return hub, with_lists(hub, hub.issuing.folder)

    return revoked


def test_what_was_signed_after_a_revocation_does_not_count(revoking):
    hub, trust = revoking("superseded")

    assert refused(trust, hub.chain("seal"), at=NOW + 3 * DAY) == "signer_revoked"
    assert refused(trust, hub.chain("seal"), at=NOW + 9 * DAY) == "signer_revoked"


def test_what_was_signed_before_a_key_was_replaced_counts(revoking):
    hub, trust = revoking("superseded")

    assert trust.path(hub.chain("seal"), kind="seal", at=NOW + 2 * DAY)


def test_nothing_that_a_compromised_key_signed_counts(revoking):
    hub, trust = revoking("key_compromise")

    assert refused(trust, hub.chain("seal"), at=NOW) == "signer_revoked"
    assert trust.path(hub.chain("person"), kind="person", at=NOW)


def test_the_issuing_authority_may_be_taken_back_too(tmp_path):
    hub = a_hub(tmp_path)
    root = authority.open_authority(tmp_path / "root")
    authority.revoke(root, authority.serial_of(hub.issuing.certificate), "key_compromise", PASSPHRASE, now=NOW + DAY)

    assert refused(with_lists(hub, root.folder), hub.chain("seal"), at=NOW) == "signer_revoked"


def test_a_list_that_another_authority_signed_in_the_name_of_ours_takes_nothing_back(tmp_path):
    hub, other = a_hub(tmp_path / "hub"), a_hub(tmp_path / "other")
    serial = hub.chain("seal")[0].serial_number
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW).build()
    forged = (
        x509.CertificateRevocationListBuilder().issuer_name(hub.issuing.certificate.subject)
        .last_update(NOW).next_update(NOW + DAY).add_revoked_certificate(entry)
        .sign(key_in(other.issuing.folder), hashes.SHA256())
    )  # fmt: skip

    trust = Trust(roots=hub.trust.roots, revocations=(forged,))
    assert trust.path(hub.chain("seal"), kind="seal", at=NOW + DAY)


def test_a_key_is_replaced_by_asking_anew_and_taking_the_old_one_back(tmp_path):
    hub = a_hub(tmp_path)
    later = NOW + 100 * DAY
    renewed = certified(tmp_path, hub.issuing, "seal", "seal-2", now=later)
    authority.revoke(hub.issuing, authority.serial_of(hub.chain("seal")[0]), "superseded", PASSPHRASE, now=later)
    trust = with_lists(hub, hub.issuing.folder)

    assert trust.path(hub.chain("seal"), kind="seal", at=later - DAY)
    assert refused(trust, hub.chain("seal"), at=later) == "signer_revoked"
    assert trust.path(chain_in(renewed), kind="seal", at=later)


# A seal of somebody else's authority


@pytest.fixture(scope="module")
def strangers():
    """Root, issuing authority, and two seals of an authority that serves everybody."""
    keys = [key_files.new_key() for _ in range(4)]
    root = foreign("Public root", keys[0], "Public root", keys[0], authority=True)
    issuing = foreign("Public CA", keys[1], "Public root", keys[0], authority=True)
    return root, issuing, [foreign(f"Seal {n}", keys[n], "Public CA", keys[1]) for n in (2, 3)]


def test_a_seal_of_another_authority_counts_if_the_trust_file_names_it(strangers):
    root, issuing, (ours, _) = strangers
    trust = Trust(roots=(root,), seals=(ours,))

    assert trust.path((ours, issuing), kind="seal", at=NOW) == (ours, issuing, root)


def test_nobody_else_whom_that_authority_certifies_counts(strangers):
    root, issuing, (ours, theirs) = strangers
    trust = Trust(roots=(root,), seals=(ours,))

    assert refused(trust, (theirs, issuing)) == "signer_purpose"
    assert refused(trust, (ours, issuing), kind="person") == "signer_purpose"
    assert refused(Trust(roots=(root,)), (ours, issuing)) == "signer_purpose"


def test_a_seal_that_is_named_needs_a_root_that_is(strangers, hub):
    _, issuing, (ours, _) = strangers

    assert refused(Trust(roots=hub.trust.roots, seals=(ours,)), (ours, issuing)) == "signer_outside_trust"


# The file


def made(hub, **changes):
    fields = {name: getattr(hub.trust, name) for name in ("roots", "timestamp_roots", "register_keys")} | changes
    return make_trust(Trust(**fields), hub.key("root"), hub.trust.roots[0], now=NOW)


def edited(content, key, **changes):
    """The file with another predicate, signed by a key."""
    said = dsse.statement_in(dsse.read(content))
    return dsse.sign({**said, "predicate": said["predicate"] | changes}, [key])


def test_a_trust_file_is_read_as_it_was_made(tmp_path):
    hub = a_hub(tmp_path)
    authority.revoke(hub.issuing, authority.serial_of(hub.chain("person")[0]), "superseded", PASSPHRASE, now=NOW)
    lists = with_lists(hub, hub.issuing.folder).revocations
    content = made(hub, countersigners=hub.chain("person")[:1], seals=hub.chain("seal")[:1], revocations=lists,
                   archived=NOW + DAY)  # fmt: skip

    found = read_trust(content)
    assert found == Trust(
        roots=hub.trust.roots, timestamp_roots=(stamping.ROOT,), register_keys=hub.chain("register")[:1],
        countersigners=hub.chain("person")[:1], seals=hub.chain("seal")[:1], revocations=lists, archived=NOW + DAY,
        made=NOW,
    )  # fmt: skip
    assert read_trust(made(hub)).archived is None


def test_a_trust_file_is_a_statement_about_its_roots(hub):
    said = dsse.statement_in(dsse.read(made(hub)))
    root = hub.trust.roots[0]

    assert said["predicateType"] == PREDICATE == "https://reliability-workbench.example/trust/v1"
    assert said["subject"] == [
        {"name": f"{authority.serial_of(root)}.pem", "digest": {"sha256": root.fingerprint(hashes.SHA256()).hex()}}
    ]


def test_a_trust_file_that_a_root_in_it_did_not_sign_is_not_believed(hub, tmp_path):
    other = a_hub(tmp_path)
    with pytest.raises(RecordError) as raised:
        read_trust(edited(made(hub), other.key("root")))

    assert raised.value.code == "trust_unsigned"


def test_a_root_that_was_smuggled_in_is_noticed(hub, tmp_path):
    envelope = json.loads(made(hub))
    said = json.loads(base64.b64decode(envelope["payload"]))
    other = made(a_hub(tmp_path))
    said["predicate"]["roots"] += json.loads(base64.b64decode(json.loads(other)["payload"]))["predicate"]["roots"]
    envelope["payload"] = base64.b64encode(json.dumps(said).encode()).decode()
    with pytest.raises(RecordError) as raised:
        read_trust(json.dumps(envelope).encode())

    assert raised.value.code == "trust_unsigned"


def test_only_a_root_in_the_file_signs_it(hub, tmp_path):
    other = a_root(tmp_path).certificate
    for trust, certificate, key, code in (
        (hub.trust, other, hub.key("root"), "trust_root"),
        (hub.trust, hub.chain("seal")[0], hub.key("seal"), "trust_root"),
        (Trust(roots=hub.chain("seal")[:1]), hub.chain("seal")[0], hub.key("seal"), "trust_root"),
        (hub.trust, hub.trust.roots[0], hub.key("seal"), "key_of_other_certificate"),
    ):
        with pytest.raises(UsageError) as raised:
            make_trust(trust, key, certificate, now=NOW)
        assert raised.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2}, {"roots": None}, {"roots": ["AAAA"]}, {"roots": ["é"]}, {"revocations": [1]}, {"made": None},
        {"made": "2026-11-28T09:00:00"}, {"archived": "yesterday"}, {"seals": 3},
        {"made": "0001-01-01T00:00:00+23:59"}, {"archived": "9999-12-31T23:59:59-23:59"},
    ],
)  # fmt: skip
def test_a_file_that_says_something_else_is_no_trust_file(hub, changes):
    with pytest.raises(RecordError) as raised:
        read_trust(edited(made(hub), hub.key("root"), **changes))

    assert raised.value.code == "trust_unreadable"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000, b"-----BEGIN CERTIFICATE-----"])
def test_anything_else_is_no_trust_file(content):
    with pytest.raises(RecordError) as raised:
        read_trust(content)

    assert raised.value.code == "trust_unreadable"


def test_a_statement_of_another_kind_is_no_trust_file(hub):
    said = dsse.statement_in(dsse.read(made(hub))) | {"predicateType": dsse.predicate_type("event")}
    with pytest.raises(RecordError) as raised:
        read_trust(dsse.sign(said, [hub.key("root")]))

    assert raised.value.code == "trust_unreadable"
