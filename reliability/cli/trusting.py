"""What `keys trust` and `keys show` do: name whose signatures count, and say what stands in a file of keys."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from reliability.cli.passphrases import passphrase
from reliability.cli.saving import write_whole
from reliability.cli.saying import print_json, say
from reliability.errors import UsageError
from reliability.signing import authority, key_files, paths
from reliability.signing.trust import Trust, make_trust, read_trust
from reliability.words.text import Words, words

_GROUPS = ("roots", "timestamp_roots", "register_keys", "countersigners", "seals")


def trust(
    root_ca: Path, root: tuple[Path, ...], timestamp_root: tuple[Path, ...], register_key: tuple[Path, ...],
    countersigner: tuple[Path, ...], seal: tuple[Path, ...], revoked: tuple[Path, ...], output: Path,
    passphrase_fd: int | None, passphrase_env: str | None, *, archived: bool, as_json: bool, lang: str,
) -> None:  # fmt: skip
    """A trust file, signed by the root."""
    said, now = words(lang), datetime.now(UTC).replace(microsecond=0)
    signer = authority.open_authority(root_ca)
    for path in register_key:
        _refuse_other_kind(path)
    named = Trust(
        roots=(signer.certificate, *map(_first, root)), timestamp_roots=tuple(map(_first, timestamp_root)),
        register_keys=tuple(map(_first, register_key)), countersigners=tuple(map(_first, countersigner)),
        seals=tuple(map(_first, seal)), archived=now if archived else None,
        revocations=_lists(signer, revoked, (*root, *timestamp_root, *seal)),
    )  # fmt: skip
    secret = passphrase(said, descriptor=passphrase_fd, variable=passphrase_env)
    key = key_files.read_key(root_ca / authority.KEY, secret)
    write_whole(output, make_trust(named, key, signer.certificate, now=now))
    told = {"file": str(output), "root": fingerprint(signer.certificate), "lists": len(named.revocations)}
    if as_json:
        print_json(told)
    else:
        say(said.text("cli.keys.trust_made", **told))


def show(file: Path, *, as_json: bool, lang: str) -> None:
    """What a certificate, a chain, a revocation list or a trust file says."""
    said, content = words(lang), key_files.contents(file)
    if content.lstrip().startswith(b"{"):
        found = read_trust(content)
        shown: Any = described_trust(found)
        text = _trust_text(shown, said)
    elif b"BEGIN X509 CRL" in content:
        shown = described_list(_list(file))
        text = said.text("cli.keys.list_shown", **shown)
    else:
        shown = [described(one) for one in _chain(file)]
        text = "\n".join(_text(one, said) for one in shown)
    if as_json:
        print_json(shown)
    else:
        say(text)


def described(certificate: x509.Certificate) -> dict[str, str]:
    """A certificate as JSON: whose, for what, from when to when."""
    return {
        "name": key_files.name_of(certificate), "organisation": _part(certificate.subject), "kind": _kind(certificate),
        "serial": authority.serial_of(certificate), "from": certificate.not_valid_before_utc.isoformat(),
        "until": certificate.not_valid_after_utc.isoformat(), "issuer": _named(certificate.issuer),
        "sha256": fingerprint(certificate),
    }  # fmt: skip


def described_list(one: x509.CertificateRevocationList) -> dict[str, Any]:
    """A revocation list as JSON."""
    return {
        "issuer": _named(one.issuer), "as_of": one.last_update_utc.isoformat(), "n": len(one),
        "revoked": [
            {"serial": f"{entry.serial_number:x}", "at": entry.revocation_date_utc.isoformat()} for entry in one
        ],
    }  # fmt: skip


def described_trust(found: Trust) -> dict[str, Any]:
    """A trust file as JSON."""
    return {
        "made": found.made.isoformat() if found.made else None,
        "archived": found.archived.isoformat() if found.archived else None,
        **{group: [described(one) for one in getattr(found, group)] for group in _GROUPS},
        "revocations": [described_list(one) for one in found.revocations],
    }


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _trust_text(shown: dict[str, Any], said: Words) -> str:
    ends = "archived" if shown["archived"] else "open"
    lines = [said.text(f"cli.keys.trust_shown.{ends}", made=shown["made"], archived=shown["archived"])]
    for group in _GROUPS:
        if shown[group]:
            lines += ["", said.text(f"cli.keys.trust_group.{group}"), *(_text(one, said) for one in shown[group])]
    lists = [said.text("cli.keys.list_shown", **one) for one in shown["revocations"]]
    return "\n".join([*lines, *(["", said.text("cli.keys.trust_group.revocations"), *lists] if lists else [])])


def _text(one: dict[str, str], said: Words) -> str:
    dates = {"start": one["from"][:10], "until": one["until"][:10]}
    return said.text("cli.keys.shown", **{**one, **dates, "kind": said.text(f"cli.keys.kind.{one['kind']}")})


def _lists(
    signer: authority.Authority, given: Iterable[Path], known: Iterable[Path]
) -> tuple[x509.CertificateRevocationList, ...]:  # fmt: skip
    """The root's own list and those given; one that nobody signed who is known here would be passed over by readers."""
    own = signer.folder / authority.REVOKED
    copies = sorted((signer.folder / authority.ISSUED).glob("*.pem"))
    above = [signer.certificate, *(one for path in (*copies, *known) for one in _chain(path))]
    found = []
    for path in dict.fromkeys([*([own] if own.is_file() else []), *given]):
        one = _list(path)
        if not any(paths.lists_for(one, issuer) for issuer in above):
            raise UsageError(
                "revocation_list_foreign", "{path}: none of the authorities given signed this revocation list; give "
                "the folder of the root that stands above it", path=path,
            )  # fmt: skip
        found.append(one)
    return tuple(found)


def _list(path: Path) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(key_files.contents(path))
    except ValueError as error:
        raise UsageError(
            "revocation_list_unreadable",
            "{path}: no revocation list (PEM) is in it; 'reliability keys renew-list' writes one", path=path,
        ) from error  # fmt: skip


def _first(path: Path) -> x509.Certificate:
    return _chain(path)[0]


def _chain(path: Path) -> Sequence[x509.Certificate]:
    return authority.read_chain(path)


def _refuse_other_kind(path: Path) -> None:
    kind = _kind(_first(path))
    if kind != "register":
        raise UsageError(
            "register_key_kind", "{path}: not the certificate of a register; 'keys sign --kind register' makes one",
            path=path,
        )  # fmt: skip


def _kind(certificate: x509.Certificate) -> str:
    try:
        return authority.kind_of(certificate)
    except UsageError:
        return "foreign"


def _named(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _part(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else "-"
