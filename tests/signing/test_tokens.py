import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from reliability.errors import EnvironmentLacksError, UsageError
from reliability.signing import authority, dsse
from reliability.signing.authority import Holder
from reliability.signing.pades import sign_pdf
from reliability.signing.tokens import open_token_key
from tests.signing.people import HUB, NOW, PASSPHRASE
from tests.signing.sealed import hub, printed
from tests.signing.tampered import verdict
from tests.signing.tokens import Token, tokens

PIN, OTHER_PIN = Token().pin, "hub-4712"
SHA256 = ec.ECDSA(hashes.SHA256())


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    """The library of the tokens."""
    with tokens(tmp_path_factory.mktemp("tokens")) as token:
        yield token.module


def refused(action, kind=UsageError):
    with pytest.raises(kind) as raised:
        action()
    return raised.value.code


def test_a_key_in_a_token_signs_like_any_other(module):
    with open_token_key(module, "hub", PIN) as key:
        for _ in range(20):
            key.public_key().verify(key.sign(b"said", SHA256), b"said", SHA256)
        envelope = dsse.read(dsse.sign(dsse.statement({}, "type", {}), [key]))

    assert envelope.signed_by(key.public_key())


def test_a_seal_in_a_token_signs_a_certificate(module, tmp_path):
    with open_token_key(module, "hub", PIN) as key:
        request = authority.make_request_for(tmp_path / "seal", Holder(name="직인", organisation=HUB), key)
        chain = authority.sign_request(hub().issuing, request, "seal", PASSPHRASE, now=NOW)
        signed = sign_pdf(printed(), key, chain=chain, box=None, name=HUB, at=NOW)

    assert verdict(signed, hub().trust) == "accepted"
    assert authority.install(tmp_path / "seal", chain) == chain[0]
    assert not (tmp_path / "seal" / authority.KEY).exists()


def test_one_of_several_keys_is_named(module):
    assert refused(lambda: open_token_key(module, "several", PIN)) == "token_key_several"
    with open_token_key(module, "several", PIN, key_label="one") as one:
        mine = one.public_key()
    with open_token_key(module, "several", PIN, key_label="two") as two:
        assert two.public_key() != mine


def test_what_the_token_does_not_hold_is_said(module):
    assert refused(lambda: open_token_key(module, "nowhere", PIN)) == "token_missing"
    assert refused(lambda: open_token_key(module, "empty", PIN)) == "token_key_missing"
    assert refused(lambda: open_token_key(module, "other", PIN)) == "token_key_missing"
    assert refused(lambda: open_token_key(module, "hub", PIN, key_label="person")) == "token_key_missing"


@pytest.mark.parametrize("pin", [OTHER_PIN, "", "1" * 300])
def test_a_wrong_pin_opens_nothing_and_is_not_repeated(module, pin):
    with pytest.raises((UsageError, EnvironmentLacksError)) as raised:
        open_token_key(module, "hub", pin)

    assert raised.value.code == "token_pin_wrong"
    assert not pin or pin not in str(raised.value)


def test_a_closed_key_signs_nothing(module):
    key = open_token_key(module, "hub", PIN)
    key.close()

    assert refused(lambda: key.sign(b"said", SHA256), EnvironmentLacksError) == "token_failed"


def test_a_token_signs_with_the_digest_of_the_house_only(module):
    with open_token_key(module, "hub", PIN) as key, pytest.raises(ValueError, match="SHA-256"):
        key.sign(b"said", ec.ECDSA(hashes.SHA384()))


def test_a_library_that_is_none_is_said(tmp_path):
    pytest.importorskip("pkcs11", reason="needs python-pkcs11")
    (tmp_path / "library.so").write_bytes(b"no library")

    for path in (tmp_path / "library.so", tmp_path / "nowhere.so"):
        assert refused(lambda path=path: open_token_key(str(path), "hub", PIN), EnvironmentLacksError) == "token_failed"


def test_without_the_extra_its_name_is_given():
    """In a process of its own, in which the library cannot be imported."""
    asked = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from reliability.signing.tokens import open_token_key\n"
        "from reliability.errors import EnvironmentLacksError\n"
        "try: open_token_key('library.so', 'hub', '1234')\n"
        "except EnvironmentLacksError as error: print(error.code, error)"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True).stdout

    assert said.startswith("pkcs11_missing")
    assert "reliability-workbench[pkcs11]" in said
