import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reliability.signing import authority, key_files
from reliability.signing.authority import Holder
from reliability.signing.tokens import open_token_key
from reliability.signing.trust import read_trust
from reliability.words.text import words
from tests.signing import stamping
from tests.signing.people import PASSPHRASE
from tests.signing.tokens import tokens

HUB = ("--organisation", "Hub")
OPEN = ("--passphrase-env", "PHRASE")


@pytest.fixture
def token(tmp_path_factory):
    """A token that holds a key."""
    with tokens(tmp_path_factory.mktemp("tokens")) as token:
        yield token


@pytest.fixture
def keys(run, tmp_path, monkeypatch):
    """Run `reliability keys ...` in a folder of its own, and stop where it fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHRASE", PASSPHRASE)

    def command(*arguments, lang="en"):
        ran = run("keys", *arguments, lang=lang)
        assert (ran.status, ran.err) == (0, "")
        return ran.out

    return command


def certified(keys, name, kind, ca, folder=None):
    folder = folder or name
    keys("request", "--name", name, *HUB, "--out", folder, *OPEN)
    keys("sign", f"{folder}/request.pem", "--ca", ca, "--kind", kind, "-o", f"{folder}.pem", *OPEN)
    keys("install", f"{folder}.pem", "--out", folder)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """A root, an issuing authority, a seal and a register; and a stranger's time-stamp root."""
    folder, now = tmp_path_factory.mktemp("hub"), datetime.now(UTC).replace(microsecond=0)
    authority.make_root(folder / "root", Holder(name="Root", organisation="Hub"), PASSPHRASE, now=now)
    for name, above in (("issuing", "root"), ("seal", "issuing"), ("register", "issuing")):
        request = authority.make_request(folder / name, Holder(name=name, organisation="Hub"), PASSPHRASE)
        signed = authority.sign_request(authority.open_authority(folder / above), request, name, PASSPHRASE, now=now)
        authority.install(folder / name, signed)
        (folder / f"{name}.pem").write_bytes(b"".join(map(key_files.pem_of, signed)))
    (folder / "time.pem").write_bytes(key_files.pem_of(stamping.ROOT))
    return folder


@pytest.fixture
def hub(made_once, tmp_path):
    """A copy of that, to be changed."""
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def chain(folder):
    return (key_files.read_certificate(folder / "certificate.pem"), *authority.read_chain(folder / "chain.pem"))


def trusting(keys, *more, output="trust.json", lang="en"):
    return keys("trust", "--root-ca", "root", *more, "-o", output, *OPEN, lang=lang)


def test_a_trust_file_names_what_was_given(keys, hub):
    trusting(keys, "--timestamp-root", "time.pem", "--register-key", "register.pem", "--countersigner", "seal.pem")
    found = read_trust((hub / "trust.json").read_bytes())

    assert found.roots == (key_files.read_certificate(hub / "root" / "certificate.pem"),)
    assert found.timestamp_roots == (stamping.ROOT,)
    assert found.register_keys == chain(hub / "register")[:1]
    assert found.countersigners == chain(hub / "seal")[:1]
    assert (found.seals, found.revocations, found.archived) == ((), (), None)
    assert found.path(chain(hub / "seal"), kind="seal", at=found.made)


def test_a_trust_file_says_the_fingerprint_by_which_it_is_known(keys, hub):
    told = json.loads(trusting(keys, "--json"))
    shown = keys("show", "root/certificate.pem")

    assert told["root"] in shown
    assert told["root"] in trusting(keys, output="again.json")


def test_a_key_is_replaced_and_the_trust_file_knows(keys, hub):
    """The whole way: request anew, install, take the old one back, name the new list."""
    certified(keys, "seal", "seal", "issuing", folder="seal-2")
    old, new = chain(hub / "seal"), chain(hub / "seal-2")
    keys("revoke", authority.serial_of(old[0]), "--ca", "issuing", "--reason", "superseded", *OPEN)
    trusting(keys, "--revoked", "issuing/revoked.pem")
    found = read_trust((hub / "trust.json").read_bytes())
    (listed,) = found.revocations

    assert listed.get_revoked_certificate_by_serial_number(old[0].serial_number)
    assert found.path(new, kind="seal", at=found.made)
    assert old[0].public_key() != new[0].public_key()


def test_the_root_s_own_list_is_taken_along(keys, hub):
    serial = authority.serial_of(chain(hub / "issuing")[0])
    keys("revoke", serial, "--ca", "root", "--reason", "cessation_of_operation", *OPEN)
    told = json.loads(trusting(keys, "--revoked", "root/revoked.pem", "--json"))

    assert told["lists"] == 1
    assert len(read_trust((hub / "trust.json").read_bytes()).revocations) == 1


def test_an_archived_trust_file_says_since_when(keys, hub):
    trusting(keys, "--archived")
    found = read_trust((hub / "trust.json").read_bytes())

    assert found.archived == found.made
    assert "archived" in keys("show", "trust.json")


def test_a_trust_file_is_made_anew_over_the_last_one(keys, hub):
    trusting(keys)
    trusting(keys, "--register-key", "register.pem")

    assert len(read_trust((hub / "trust.json").read_bytes()).register_keys) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--root-ca", "nowhere"), "nowhere"),
        (("--root-ca", "issuing"), "issuing"),
        (("--root-ca", "root", "--register-key", "seal.pem"), "seal.pem"),
        (("--root-ca", "root", "--register-key", "time.pem"), "time.pem"),
        (("--root-ca", "root", "--revoked", "seal.pem"), "seal.pem"),
        (("--root-ca", "root", "--seal", "nothing.pem"), "nothing.pem"),
    ],
)
def test_a_mistake_writes_no_trust_file(run, keys, hub, arguments, told):
    ran = run("keys", "trust", *arguments, "-o", "trust.json", *OPEN)

    assert ran.status == 2
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (hub / "trust.json").exists()


def test_a_list_that_nobody_who_is_named_signed_is_refused(run, keys, hub):
    """A reader would pass it over in silence."""
    keys("root", "--name", "Root", *HUB, "--out", "other", *OPEN)
    keys("renew-list", "--ca", "other", *OPEN)
    ran = run("keys", "trust", "--root-ca", "root", "--revoked", "other/revoked.pem", "-o", "trust.json", *OPEN)
    said = trusting(keys, "--root", "other/certificate.pem", "--revoked", "other/revoked.pem", "--json")

    assert (ran.status, "other/revoked.pem" in ran.err) == (2, True)
    assert json.loads(said)["lists"] == 1


def test_with_the_wrong_pass_phrase_no_trust_file_is_made(run, keys, hub, monkeypatch):
    monkeypatch.setenv("PHRASE", "another pass phrase")
    ran = run("keys", "trust", "--root-ca", "root", "-o", "trust.json", *OPEN)

    assert ran.status == 2
    assert not (hub / "trust.json").exists()


# What stands in a file


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_chain_is_shown_certificate_by_certificate(keys, hub, lang):
    said = keys("show", "seal.pem", lang=lang)

    assert [line for line in said.splitlines() if not line.startswith(" ")] == [
        "seal (Hub)",
        "issuing (Hub)",
        "Root (Hub)",
    ]
    assert words(lang).text("cli.keys.kind.seal") in said
    assert next(line.split()[-1] for line in said.splitlines() if "SHA-256" in line) in keys(
        "show", "seal.pem", "--json"
    )


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_trust_file_is_shown_group_by_group(keys, hub, lang):
    keys("revoke", authority.serial_of(chain(hub / "seal")[0]), "--ca", "issuing", "--reason", "superseded", *OPEN)
    trusting(keys, "--timestamp-root", "time.pem", "--register-key", "register.pem", "--seal", "time.pem", "--revoked",
             "issuing/revoked.pem")  # fmt: skip
    said = keys("show", "trust.json", lang=lang)

    for group in ("roots", "timestamp_roots", "register_keys", "seals", "revocations"):
        assert words(lang).text(f"cli.keys.trust_group.{group}") in said.splitlines()
    assert words(lang).text("cli.keys.trust_group.countersigners") not in said
    assert words(lang).text("cli.keys.kind.foreign") in said
    assert "Time root (-)" in said


def test_a_trust_file_is_shown_for_machines(keys, hub):
    keys("renew-list", "--ca", "issuing", *OPEN)
    trusting(keys, "--register-key", "register.pem", "--revoked", "issuing/revoked.pem")
    shown = json.loads(keys("show", "trust.json", "--json"))

    assert [one["name"] for one in shown["roots"]] == ["Root"]
    assert [one["kind"] for one in shown["register_keys"]] == ["register"]
    assert [(one["issuer"], one["n"]) for one in shown["revocations"]] == [("issuing", 0)]
    assert (shown["archived"], shown["seals"]) == (None, [])


def test_a_revocation_list_is_shown(keys, hub):
    serial = authority.serial_of(chain(hub / "seal")[0])
    keys("revoke", serial, "--ca", "issuing", "--reason", "superseded", *OPEN)

    assert "issuing: 1 " in keys("show", "issuing/revoked.pem")
    assert [one["serial"] for one in json.loads(keys("show", "issuing/revoked.pem", "--json"))["revoked"]] == [serial]


@pytest.mark.parametrize("content", [b"{}", b"", b"nothing", b"-----BEGIN X509 CRL-----"])
def test_what_is_no_file_of_keys_is_refused(run, keys, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    ran = run("keys", "show", "file")

    assert ran.status == 2
    assert len(ran.err.splitlines()) == 1


def test_a_trust_file_that_was_edited_is_not_shown(run, keys, hub):
    trusting(keys)
    envelope = json.loads((hub / "trust.json").read_text())
    envelope["signatures"][0]["sig"] = "AAAA" + envelope["signatures"][0]["sig"][4:]
    (hub / "trust.json").write_text(json.dumps(envelope))
    ran = run("keys", "show", "trust.json")

    assert (ran.status, ran.out) == (2, "")


# A key in a token


@pytest.mark.parametrize("given", [("--token", "hub"), ("--pkcs11", "library.so"), ("--token-key", "seal")])
def test_a_token_is_named_with_its_library(run, keys, tmp_path, given):
    ran = run("keys", "request", "--name", "Seal", *HUB, "--out", "seal", *given, *OPEN)

    assert (ran.status, "--pkcs11" in ran.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_request_for_a_key_in_a_token_is_certified_and_installed(keys, hub, token, monkeypatch):
    monkeypatch.setenv("PIN", token.pin)
    keys("request", "--name", "Seal", *HUB, "--out", "held", "--pkcs11", token.module, "--token", token.label,
         "--passphrase-env", "PIN")  # fmt: skip
    keys("sign", "held/request.pem", "--ca", "issuing", "--kind", "seal", "-o", "held.pem", *OPEN)
    keys("install", "held.pem", "--out", "held")
    with open_token_key(token.module, token.label, token.pin) as key:
        assert chain(hub / "held")[0].public_key() == key.public_key()

    names = sorted(one.name for one in Path("held").iterdir())
    assert names == ["certificate.pem", "chain.pem", "request.pem", "token.json"]
