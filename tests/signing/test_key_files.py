import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from reliability.errors import UsageError
from reliability.signing import key_files
from reliability.signing.key_files import new_key, pem_of_key, pkcs12_of, read_key, write_new
from tests.signing.people import NOW, PASSPHRASE, a_root


def test_a_key_comes_back_from_its_file(tmp_path):
    key = new_key()
    write_new(tmp_path / "key.pem", pem_of_key(key, PASSPHRASE), secret=True)

    assert read_key(tmp_path / "key.pem", PASSPHRASE).private_numbers() == key.private_numbers()


def test_a_key_is_never_written_in_the_clear():
    pem = pem_of_key(new_key(), PASSPHRASE)

    assert b"BEGIN ENCRYPTED PRIVATE KEY" in pem
    with pytest.raises(TypeError):
        serialization.load_pem_private_key(pem, None)


@pytest.mark.parametrize("short", ["", "eleven char"])
def test_a_pass_phrase_that_can_be_guessed_is_refused(short):
    with pytest.raises(UsageError) as refused:
        pem_of_key(new_key(), short)

    assert refused.value.code == "passphrase_short"
    assert short not in str(refused.value) or not short


def test_the_wrong_pass_phrase_is_told_from_a_file_without_a_key(tmp_path):
    write_new(tmp_path / "key.pem", pem_of_key(new_key(), PASSPHRASE))
    (tmp_path / "note.txt").write_text("dear colleague", encoding="utf-8")

    with pytest.raises(UsageError) as wrong:
        read_key(tmp_path / "key.pem", "another pass phrase")
    with pytest.raises(UsageError) as none:
        read_key(tmp_path / "note.txt", PASSPHRASE)

    assert (wrong.value.code, none.value.code) == ("passphrase_wrong", "key_unreadable")


def test_an_error_never_says_the_pass_phrase(tmp_path):
    write_new(tmp_path / "key.pem", pem_of_key(new_key(), PASSPHRASE))

    with pytest.raises(UsageError) as wrong:
        read_key(tmp_path / "key.pem", "open sesame, please")

    assert "sesame" not in str(wrong.value)
    assert "sesame" not in repr(wrong.value.values)


def test_a_damaged_key_is_refused(tmp_path):
    pem = pem_of_key(new_key(), PASSPHRASE).decode().splitlines()
    (tmp_path / "key.pem").write_text("\n".join([pem[0], pem[2], pem[1], *pem[3:]]), encoding="utf-8")

    with pytest.raises(UsageError):
        read_key(tmp_path / "key.pem", PASSPHRASE)


@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())], ids=["RSA", "P-384"]
)
def test_another_kind_of_key_is_refused(tmp_path, key):
    encryption = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    (tmp_path / "key.pem").write_bytes(pem)

    with pytest.raises(UsageError) as refused:
        read_key(tmp_path / "key.pem", PASSPHRASE)

    assert refused.value.code == "key_unreadable"


def test_a_key_in_the_clear_is_refused(tmp_path):
    plain = new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(plain)

    with pytest.raises(UsageError) as refused:
        read_key(tmp_path / "key.pem", PASSPHRASE)

    assert refused.value.code == "key_unreadable"


def test_a_pkcs12_file_holds_key_certificate_and_chain(tmp_path):
    root = a_root(tmp_path)
    key = read_key(tmp_path / "root" / "key.pem", PASSPHRASE)
    content = pkcs12_of(key, root.certificate, [root.certificate], PASSPHRASE)
    (tmp_path / "key.p12").write_bytes(content)

    found, certificate, chain = pkcs12.load_key_and_certificates(content, PASSPHRASE.encode())

    assert found.private_numbers() == key.private_numbers()
    assert certificate == root.certificate
    assert chain == [root.certificate]
    assert read_key(tmp_path / "key.p12", PASSPHRASE).private_numbers() == key.private_numbers()


def test_the_wrong_pass_phrase_of_a_pkcs12_file(tmp_path):
    root = a_root(tmp_path)
    key = read_key(tmp_path / "root" / "key.pem", PASSPHRASE)
    (tmp_path / "key.p12").write_bytes(pkcs12_of(key, root.certificate, [], PASSPHRASE))

    with pytest.raises(UsageError) as wrong:
        read_key(tmp_path / "key.p12", "another pass phrase")

    assert wrong.value.code == "passphrase_wrong"


def test_a_secret_file_is_its_owners_alone(tmp_path):
    write_new(tmp_path / "key.pem", b"x", secret=True)
    write_new(tmp_path / "certificate.pem", b"x")

    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("key.pem", "certificate.pem")]
    assert modes == [0o600, 0o644]


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    write_new(tmp_path / "key.pem", b"first")

    with pytest.raises(UsageError) as refused:
        write_new(tmp_path / "key.pem", b"second")

    assert refused.value.code == "key_file_exists"
    assert (tmp_path / "key.pem").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["key.pem"]


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (lambda path: read_key(path, PASSPHRASE), "key_file_missing"),
        (key_files.read_certificate, "key_file_missing"),
        (key_files.read_request, "key_file_missing"),
    ],
)
def test_a_file_that_is_not_there(tmp_path, read, code):
    with pytest.raises(UsageError) as refused:
        read(tmp_path / "nowhere.pem")

    assert refused.value.code == code


def test_a_file_far_too_large_for_a_key(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"0" * ((1 << 20) + 1))

    with pytest.raises(UsageError) as refused:
        read_key(tmp_path / "model.bin", PASSPHRASE)

    assert refused.value.code == "key_file_large"


def test_two_certificates_are_not_one(tmp_path):
    pem = key_files.pem_of(a_root(tmp_path).certificate)
    (tmp_path / "two.pem").write_bytes(pem * 2)
    (tmp_path / "none.pem").write_text("-----BEGIN CERTIFICATE-----\nxx\n", encoding="utf-8")

    for name in ("two.pem", "none.pem"):
        with pytest.raises(UsageError) as refused:
            key_files.read_certificate(tmp_path / name)
        assert refused.value.code == "certificate_unreadable"


def test_a_certificate_is_named_by_its_common_name(tmp_path):
    assert key_files.name_of(a_root(tmp_path, now=NOW).certificate) == "허브 최상위 인증서"
