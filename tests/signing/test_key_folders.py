"""A key's folder: the key in it, or the token that it names."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from reliability.errors import UsageError
from reliability.signing import authority
from reliability.signing.authority import Holder
from reliability.signing.key_folders import TOKEN, TokenPlace, chain_in, key_in, note_token
from reliability.signing.tokens import open_token_key
from tests.signing.tokens import tokens

NOW = datetime(2026, 11, 2, tzinfo=UTC)
SECRET = "four words of ours"
SHA256 = ec.ECDSA(hashes.SHA256())


@pytest.fixture
def root(tmp_path):
    return authority.make_root(tmp_path / "root", Holder(name="Hub root", organisation="Hub"), SECRET, now=NOW)


def test_a_key_and_its_certificates_are_read_from_its_folder(root):
    (certificate,) = chain_in(root.folder)

    assert key_in(root.folder, SECRET).public_key() == certificate.public_key()
    with pytest.raises(UsageError):
        key_in(root.folder, "other words than ours")


def test_a_folder_without_certificate_is_said(tmp_path):
    with pytest.raises(UsageError):
        chain_in(tmp_path)


def test_a_key_that_stays_in_a_token_signs_from_its_folder(root, tmp_path):
    folder = tmp_path / "seal"
    with tokens(tmp_path) as token:
        with open_token_key(token.module, token.label, token.pin) as key:
            request = authority.make_request_for(folder, Holder(name="Seal", organisation="Hub"), key)
        note_token(folder, TokenPlace(module=token.module, token=token.label))
        authority.install(folder, authority.sign_request(root, request, "issuing", SECRET, now=NOW))
        key = key_in(folder, token.pin)
        signature = key.sign(b"payload", SHA256)
        key.close()

    chain_in(folder)[0].public_key().verify(signature, b"payload", SHA256)
    assert not (folder / authority.KEY).exists()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"module": "a"}', b'{"module": "a", "token": "b", "pin": "c"}'])
def test_a_token_file_that_says_nothing_useful_is_refused(tmp_path, content):
    (tmp_path / TOKEN).write_bytes(content)

    with pytest.raises(UsageError) as caught:
        key_in(tmp_path, SECRET)
    assert caught.value.code == "token_file"
