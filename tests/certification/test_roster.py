"""The roster: whose certificate is whose, as an authority signed it."""

import json
from datetime import date, timedelta

import pytest
from cryptography import x509

from reliability.certification.roster import read_roster, sign_roster
from reliability.errors import RecordError, SubmissionError, UsageError
from reliability.signing import authority, dsse, key_files
from tests.certification import hub as made

DAY = date(2026, 11, 2)


def certificate(hub, person):
    return key_files.read_certificate(hub.folder / "keys" / person / "certificate.pem")


def read(hub):
    return read_roster((hub.register / "roster.json").read_bytes(), hub.desk().trust)


def test_a_certificate_belongs_to_one_person(hub):
    roster = read(hub)

    assert roster.holder(certificate(hub, "park"), DAY).name == "박서연"
    assert roster.person("park", "reviewer", DAY).certificate == authority.serial_of(certificate(hub, "park"))


@pytest.mark.parametrize("days", [-400, 400])
def test_nobody_acts_outside_their_time(hub, days):
    made.write_roster(hub, park=", to: '2027-01-01'")

    for ask in (lambda on: read(hub).holder(certificate(hub, "park"), on),
                lambda on: read(hub).person("park", "reviewer", on)):  # fmt: skip
        with pytest.raises(UsageError):
            ask(DAY + timedelta(days=days))
        assert ask(DAY).person == "park"


def test_the_seal_is_nobodys(hub):
    with pytest.raises(UsageError) as caught:
        read(hub).holder(certificate(hub, "seal"), DAY)
    assert caught.value.code == "not_in_roster"


def test_a_roster_of_another_hub_is_refused(hub, tmp_path):
    other = made.make_hub(tmp_path / "other")

    with pytest.raises(RecordError) as caught:
        read_roster((other.register / "roster.json").read_bytes(), hub.desk().trust)
    assert caught.value.code == "roster_unreadable"


def test_a_roster_signed_by_a_person_is_refused(hub):
    chain = (certificate(hub, "jung"), *authority.read_chain(hub.folder / "keys/jung/chain.pem"))
    made_by = sign_roster(hub.folder / "roster.yaml", hub.signer("jung").key, chain, now=hub.now)

    with pytest.raises(RecordError):
        read_roster(made_by, hub.desk().trust)


def test_a_changed_roster_is_refused(hub):
    found = json.loads((hub.register / "roster.json").read_bytes())
    statement = dsse.statement_in(dsse.read(json.dumps(found).encode()))
    statement["predicate"]["people"][1]["roles"] = ["decider"]
    changed = dsse.sign(statement, [hub.signer("lee").key])

    with pytest.raises(RecordError, match="signature"):
        read_roster(changed, hub.desk().trust)


def test_a_roster_signed_by_a_revoked_authority_is_refused(hub):
    root = authority.open_authority(hub.folder / "ca/root")
    issuing = key_files.read_certificate(hub.folder / "ca/issuing/certificate.pem")
    authority.revoke(root, authority.serial_of(issuing), "key_compromise", made.SECRET, now=hub.now)
    lists = (x509.load_pem_x509_crl((root.folder / "revoked.pem").read_bytes()),)
    made.write_trust(hub, revocations=lists)

    with pytest.raises(RecordError, match="revoked"):
        hub.desk()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("roles: [reviewer]", "roles: [boss]", "Input should be"),
        ("person: park", "person: lee", "twice"),
        ("organisation: 전주 허브\n", "", "Field required"),
        ("people:", "folk:", "Field required"),
    ],
)
def test_a_broken_roster_says_what_and_where(hub, before, after, said):
    path = hub.folder / "roster.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    issuer = authority.open_authority(hub.folder / "ca/issuing")
    key = key_files.read_key(issuer.folder / "key.pem", made.SECRET)

    with pytest.raises(SubmissionError, match=rf"roster\.yaml.*{said}"):
        sign_roster(path, key, (issuer.certificate, *issuer.above), now=hub.now)


def test_a_roster_that_is_no_mapping_is_refused(hub):
    (hub.folder / "roster.yaml").write_text("- a\n", encoding="utf-8")
    issuer = authority.open_authority(hub.folder / "ca/issuing")
    key = key_files.read_key(issuer.folder / "key.pem", made.SECRET)

    with pytest.raises(SubmissionError):
        sign_roster(hub.folder / "roster.yaml", key, (issuer.certificate,), now=hub.now)
