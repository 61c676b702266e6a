"""A key's folder, as `reliability keys` makes it: the key or the token that it is in, its certificate, those above."""

import json
from pathlib import Path

from cryptography import x509
from pydantic import BaseModel, ConfigDict, ValidationError

from reliability.errors import UsageError
from reliability.records import canonical_json
from reliability.signing import authority, key_files
from reliability.signing.key_files import SigningKey
from reliability.signing.tokens import open_token_key

TOKEN = "token.json"  # noqa: S105  (the name of a file)


class TokenPlace(BaseModel):
    """Where a key is that stays in a token: the token's library, its name, and the key's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    module: str
    token: str
    key: str | None = None


def note_token(folder: Path, place: TokenPlace) -> None:
    """Write down where the key of a folder is."""
    key_files.write_new(folder / TOKEN, canonical_json(place.model_dump()))


def key_in(folder: Path, passphrase: str) -> SigningKey:
    """The key of a folder, or the one in the token that the folder names, whose PIN is the pass phrase.

    Raises
    ------
    UsageError
        If there is none, or the pass phrase does not open it.
    EnvironmentLacksError
        If the token's library cannot be used.
    """
    path = folder / TOKEN
    if not path.is_file():
        return key_files.read_key(folder / authority.KEY, passphrase)
    try:
        place = TokenPlace.model_validate(json.loads(path.read_bytes()))
    except (ValueError, ValidationError) as error:
        raise UsageError(
            "token_file", "{path}: does not say where the key is; make the request again with --pkcs11", path=path
        ) from error
    return open_token_key(place.module, place.token, passphrase, key_label=place.key)


def chain_in(folder: Path) -> tuple[x509.Certificate, ...]:
    """The certificate of a folder's key, and those above it, the nearest first."""
    certificate = key_files.read_certificate(folder / authority.CERTIFICATE)
    above = folder / authority.CHAIN
    return (certificate, *(authority.read_chain(above) if above.is_file() else ()))
