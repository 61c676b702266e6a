"""What the commands of keys do: read, call the authority, say what there is now."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from reliability.cli.passphrases import passphrase
from reliability.cli.saying import print_json, say
from reliability.errors import UsageError
from reliability.signing import authority, key_files, key_folders
from reliability.signing.authority import Holder, Kind, Reason
from reliability.signing.key_folders import TokenPlace
from reliability.signing.tokens import open_token_key
from reliability.words.text import Words, words


def make_root(
    name: str, organisation: str, out: Path, passphrase_fd: int | None, passphrase_env: str | None, *,
    as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A new root in a folder."""
    said = words(lang)
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env, new=True)
    made = authority.make_root(out, Holder(name=name, organisation=organisation), secret, now=_now())
    _told("cli.keys.root_made", _described(made.certificate) | {"folder": str(out)}, said, as_json=as_json)


def make_request(
    name: str, organisation: str, out: Path, pkcs11: Path | None, token: str | None, token_key: str | None,
    passphrase_fd: int | None, passphrase_env: str | None, *, as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A key and a request in a folder; a request alone, where the key is in a token."""
    said, holder = words(lang), Holder(name=name, organisation=organisation)
    if (pkcs11 is None) != (token is None) or (token_key and token is None):
        raise UsageError("token_half_named", "give --pkcs11 and --token together: the token's library, and its name")
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env, new=token is None)
    if pkcs11 is None or token is None:
        authority.make_request(out, holder, secret)
    else:
        with open_token_key(str(pkcs11), token, secret, key_label=token_key) as key:
            authority.make_request_for(out, holder, key)
        key_folders.note_token(out, TokenPlace(module=str(pkcs11), token=token, key=token_key))
    _told("cli.keys.request_made", {"name": name, "request": str(out / authority.REQUEST)}, said, as_json=as_json)


def sign_request(
    request: Path, ca: Path, kind: Kind, days: int | None, output: Path, passphrase_fd: int | None,
    passphrase_env: str | None, *, as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A certificate, with the chain above it, in one file."""
    said = words(lang)
    signer, asked = authority.open_authority(ca), key_files.read_request(request)
    if output.exists():
        key_files.write_new(output, b"")  # refuses, before anything is signed
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    chain = authority.sign_request(signer, asked, kind, secret, now=_now(), days=days)
    key_files.write_new(output, b"".join(map(key_files.pem_of, chain)))
    _told("cli.keys.signed", _described(chain[0]) | {"file": str(output)}, said, as_json=as_json)


def install(certificate: Path, out: Path, *, as_json: bool, lang: str) -> None:
    """A certificate beside its key."""
    made = authority.install(out, authority.read_chain(certificate))
    _told("cli.keys.installed", _described(made) | {"folder": str(out)}, words(lang), as_json=as_json)


def show_issued(ca: Path, *, as_json: bool, lang: str) -> None:
    """A line for every certificate."""
    said, ledger = words(lang), authority.open_authority(ca).ledger()
    back = {one["serial"]: one for one in ledger if one["event"] == "revoked"}
    issued = [one for one in ledger if one["event"] == "issued"]
    if as_json:
        print_json([{**one, "revoked": back.get(one["serial"])} for one in issued])
        return
    if not issued:
        say(said.text("cli.keys.none_issued"))
    for one in issued:
        status = "revoked" if one["serial"] in back else "issued"
        named = said.text(f"cli.keys.status.{status}")
        kind = said.text(f"cli.keys.kind.{one['kind']}")
        click.echo(f"{one['serial']}  {named}  {one['until'][:10]}  {kind}  {one['name']}")


def revoke(
    serial: str, ca: Path, reason: Reason, passphrase_fd: int | None, passphrase_env: str | None, *,
    as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A certificate taken back, and the list written."""
    said, signer = words(lang), authority.open_authority(ca)
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    authority.revoke(signer, serial, reason, secret, now=_now())
    told = {"serial": serial, "file": str(ca / authority.REVOKED)}
    _told("cli.keys.revoked", told, said, as_json=as_json)


def renew_list(ca: Path, passphrase_fd: int | None, passphrase_env: str | None, *, as_json: bool, lang: str) -> None:
    """The list of revoked certificates, signed anew."""
    said, signer = words(lang), authority.open_authority(ca)
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    key = key_files.read_key(ca / authority.KEY, secret)
    path = authority.write_revoked(signer, key, now=_now())
    _told("cli.keys.list_renewed", {"file": str(path), "days": authority.LIST_DAYS}, said, as_json=as_json)


def export(
    folder: Path, output: Path, passphrase_fd: int | None, passphrase_env: str | None, *, as_json: bool, lang: str
) -> None:
    """Key and certificates as PKCS#12."""
    said = words(lang)
    certificate, *chain = key_folders.chain_in(folder)
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    key = key_files.read_key(folder / authority.KEY, secret)
    key_files.write_new(output, key_files.pkcs12_of(key, certificate, chain, secret), secret=True)
    _told("cli.keys.exported", {"name": key_files.name_of(certificate), "file": str(output)}, said, as_json=as_json)


def _described(certificate: Any) -> dict[str, str]:
    return {
        "name": key_files.name_of(certificate),
        "kind": authority.kind_of(certificate),
        "serial": authority.serial_of(certificate),
        "until": certificate.not_valid_after_utc.date().isoformat(),
    }


def _told(key: str, values: dict[str, Any], said: Words, *, as_json: bool) -> None:
    if as_json:
        print_json(values)
        return
    kind = {"kind": said.text(f"cli.keys.kind.{values['kind']}")} if "kind" in values else {}
    say(said.text(key, **{**values, **kind}))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
