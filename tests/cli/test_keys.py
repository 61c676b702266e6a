import json
import os

import click
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from reliability.cli.keys import keys_command
from reliability.signing import authority, key_files
from reliability.words.text import words
from tests.signing.people import PASSPHRASE

HUB = ("--organisation", "Hub")
OPEN = ("--passphrase-env", "PHRASE")


@pytest.fixture(autouse=True)
def phrase(monkeypatch):
    monkeypatch.setenv("PHRASE", PASSPHRASE)


@pytest.fixture
def keys(run, tmp_path, monkeypatch):
    """Run `reliability keys ...` in a folder of its own, and stop where it fails."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments, lang="en"):
        ran = run("keys", *arguments, lang=lang)
        assert (ran.status, ran.err) == (0, "")
        return ran.out

    return command


@pytest.fixture
def issuing(keys):
    """A root and an issuing authority in ca/."""
    keys("root", "--name", "Root", *HUB, "--out", "ca/root", *OPEN)
    keys("request", "--name", "Issuing", *HUB, "--out", "ca/issuing", *OPEN)
    keys("sign", "ca/issuing/request.pem", "--ca", "ca/root", "--kind", "issuing", "-o", "issuing.pem", *OPEN)
    keys("install", "issuing.pem", "--out", "ca/issuing")
    return "ca/issuing"


def person(keys, issuing, name="Kim"):
    keys("request", "--name", name, *HUB, "--out", name, *OPEN)
    said = keys(
        "sign", f"{name}/request.pem", "--ca", issuing, "--kind", "person", "-o", f"{name}.pem", *OPEN, "--json"
    )
    keys("install", f"{name}.pem", "--out", name)
    return json.loads(said)


def test_the_whole_way_from_a_root_to_a_person(keys, issuing, tmp_path):
    made = person(keys, issuing)
    certificate = key_files.read_certificate(tmp_path / "Kim" / "certificate.pem")

    assert (made["name"], made["kind"], made["serial"]) == ("Kim", "person", authority.serial_of(certificate))
    assert len(authority.read_chain(tmp_path / "Kim.pem")) == 3
    assert key_files.read_key(tmp_path / "Kim" / "key.pem", PASSPHRASE).public_key() == certificate.public_key()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_list_says_what_is_valid_and_what_was_taken_back(keys, issuing, lang):
    kept, gone = (person(keys, issuing, name)["serial"] for name in ("Kim", "Lee"))
    keys("revoke", gone, "--ca", issuing, "--reason", "key_compromise", *OPEN)
    lines = {line.split()[0]: line for line in keys("list", "--ca", issuing, lang=lang).splitlines()}
    said = words(lang)

    assert said.text("cli.keys.status.issued").strip() in lines[kept]
    assert said.text("cli.keys.status.revoked") in lines[gone]
    assert said.text("cli.keys.kind.person") in lines[kept]
    assert "Lee" in lines[gone]


def test_the_list_for_machines(keys, issuing):
    serial = person(keys, issuing)["serial"]
    keys("revoke", serial, "--ca", issuing, "--reason", "superseded", *OPEN)
    (listed,) = json.loads(keys("list", "--ca", issuing, "--json"))

    assert (listed["serial"], listed["revoked"]["reason"]) == (serial, "superseded")


def test_an_authority_that_issued_nothing_says_so(keys, issuing):
    assert keys("list", "--ca", issuing, lang="en") == words("en").text("cli.keys.none_issued") + "\n"


def test_the_list_of_revoked_certificates_is_renewed(keys, issuing, tmp_path):
    told = json.loads(keys("renew-list", "--ca", issuing, *OPEN, "--json"))

    assert told["days"] == 30
    assert (tmp_path / told["file"]).read_bytes().startswith(b"-----BEGIN X509 CRL")


def test_a_key_is_exported_with_its_chain(keys, issuing, tmp_path):
    person(keys, issuing)
    keys("export", "Kim", "-o", "kim.p12", *OPEN)
    _, certificate, chain = pkcs12.load_key_and_certificates((tmp_path / "kim.p12").read_bytes(), PASSPHRASE.encode())

    assert key_files.name_of(certificate) == "Kim"
    assert [key_files.name_of(one) for one in chain] == ["Issuing", "Root"]
    assert (tmp_path / "kim.p12").stat().st_mode & 0o077 == 0


def test_a_pass_phrase_is_read_from_a_descriptor(keys, tmp_path):
    reader, writer = os.pipe()
    os.write(writer, PASSPHRASE.encode() + b"\n")
    os.close(writer)
    try:
        keys("root", "--name", "Root", *HUB, "--out", "root", "--passphrase-fd", str(reader))
    finally:
        os.close(reader)

    assert key_files.read_key(tmp_path / "root" / "key.pem", PASSPHRASE)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "--passphrase-fd"),
        (("--passphrase-env", "NOT_SET"), "NOT_SET"),
        (("--passphrase-fd", "987"), "987"),
        (("--passphrase-fd", "0", "--passphrase-env", "PHRASE"), "not both"),
    ],
)
def test_without_a_pass_phrase_nothing_is_made(run, tmp_path, given, told):
    ran = run("keys", "root", "--name", "Root", *HUB, "--out", tmp_path / "root", *given)

    assert ran.status == 2
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "root").exists()


def test_a_short_pass_phrase_is_refused_without_being_said(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PHRASE", "hunter2")
    ran = run("keys", "request", "--name", "Kim", *HUB, "--out", tmp_path / "kim", *OPEN)

    assert ran.status == 2
    assert "hunter2" not in ran.err
    assert not (tmp_path / "kim").exists()


def test_a_file_that_is_there_is_not_signed_over(run, keys, issuing, tmp_path):
    keys("request", "--name", "Kim", *HUB, "--out", "Kim", *OPEN)
    (tmp_path / "kim.pem").write_text("mine", encoding="utf-8")
    ran = run("keys", "sign", "Kim/request.pem", "--ca", issuing, "--kind", "person", "-o", "kim.pem", *OPEN)

    assert ran.status == 2
    assert (tmp_path / "kim.pem").read_text(encoding="utf-8") == "mine"
    assert keys("list", "--ca", issuing) == words("en").text("cli.keys.none_issued") + "\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sing",), "keys sing"),
        (("list", "--ca", "nowhere"), "nowhere"),
        (("install", "nothing.pem", "--out", "nowhere"), "nothing.pem"),
        (("export", "nowhere", "-o", "x.p12", *OPEN), "certificate.pem"),
    ],
)
def test_mistakes_end_in_one_line(run, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    ran = run("keys", *arguments)

    assert ran.status == 2
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", list(keys_command.commands))
def test_every_command_of_keys_has_help_in_both_languages(run, name, lang):
    ran = run("keys", name, "--help", lang=lang)
    korean = any("가" <= letter <= "힣" for letter in ran.out)

    assert ran.status == 0
    assert f"reliability keys {name}" in ran.out
    assert korean is (lang == "ko")


@pytest.mark.parametrize("name", list(keys_command.commands))
def test_every_option_of_keys_has_korean_help(name):
    options = [one.name for one in keys_command.commands[name].params if isinstance(one, click.Option)]
    said = words("ko")

    missing = [one for one in options if not said.first(f"cli.keys_{name}.option.{one}", f"cli.option.{one}")]
    assert missing == []


def test_no_command_of_keys_takes_a_pass_phrase_as_an_argument():
    options = {option for one in keys_command.commands.values() for param in one.params for option in param.opts}

    assert {option for option in options if "phrase" in option or "pass" in option} == {
        "--passphrase-fd", "--passphrase-env"
    }  # fmt: skip
