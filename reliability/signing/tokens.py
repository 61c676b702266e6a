"""A private key in a token or a security module (PKCS#11), which signs without ever giving the key away."""

import hashlib
from types import TracebackType
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from reliability.errors import EnvironmentLacksError, UsageError

_EXTRA = "reliability-workbench[pkcs11]"


class TokenKey:
    """A key on NIST P-256 in an open token, to be closed after use.

    It is used like one of cryptography's own.
    """

    def __init__(self, session: Any, private: Any, public: ec.EllipticCurvePublicKey) -> None:
        self._session, self._private, self._public = session, private, public

    def sign(self, data: bytes, signature_algorithm: ec.ECDSA, /) -> bytes:
        """A signature over data, as DER; with SHA-256 and no other digest."""
        import pkcs11

        if getattr(signature_algorithm.algorithm, "name", None) != "sha256":
            raise ValueError("signed with SHA-256 only")
        # Not every token computes digests: it is given one.
        try:
            made = self._private.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        except pkcs11.PKCS11Error as error:
            raise _failed(error) from error
        half = len(made) // 2
        return encode_dss_signature(int.from_bytes(made[:half], "big"), int.from_bytes(made[half:], "big"))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public

    def close(self) -> None:
        """Log out; the key signs nothing after this."""
        self._session.close()

    def __enter__(self) -> "TokenKey":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_token_key(module: str, label: str, pin: str, *, key_label: str | None = None) -> TokenKey:
    """The EC P-256 key in a token.

    Parameters
    ----------
    module : str
        Path of the library (PKCS#11) that the token's maker provides.
    label : str
        What the token is called.
    pin : str
        Its user's PIN.
    key_label : str or None
        What the key is called, where the token holds several.

    Raises
    ------
    EnvironmentLacksError
        If python-pkcs11 is not installed, or the library or the token fails.
    UsageError
        `token_missing`, `token_pin_wrong`, `token_key_missing` or `token_key_several`.
    """
    try:
        import pkcs11
    except ImportError as error:
        raise EnvironmentLacksError(
            "pkcs11_missing", "keys in a token need python-pkcs11; pip install '{extra}'", extra=_EXTRA
        ) from error
    try:
        token = pkcs11.lib(module).get_token(token_label=label)
    except (pkcs11.NoSuchToken, pkcs11.MultipleTokensReturned) as error:
        raise UsageError(
            "token_missing", "{label}: the library {module} knows no token of this name, or several", label=label,
            module=module,
        ) from error  # fmt: skip
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise _failed(error) from error
    session = _opened(token, label, pin)
    try:
        private, public = _pair(session, key_label)
    except pkcs11.PKCS11Error as error:
        session.close()
        raise _failed(error) from error
    except UsageError:
        session.close()
        raise
    return TokenKey(session, private, public)


def _opened(token: Any, label: str, pin: str) -> Any:
    import pkcs11

    try:
        return token.open(user_pin=pin)
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked) as error:
        raise UsageError(
            "token_pin_wrong", "{label}: the token does not take this PIN, or is locked", label=label
        ) from error
    except pkcs11.PKCS11Error as error:
        raise _failed(error) from error


def _pair(session: Any, key_label: str | None) -> tuple[Any, ec.EllipticCurvePublicKey]:
    import pkcs11

    named = {} if key_label is None else {pkcs11.Attribute.LABEL: key_label}
    kind = {pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.EC}
    found = list(session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, **kind, **named}))
    if len(found) > 1:
        raise UsageError("token_key_several", "the token holds {n} keys; say which", n=len(found))
    for private in found:
        wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PUBLIC_KEY, **kind, pkcs11.Attribute.ID: private.id}
        for one in session.get_objects(wanted):
            public = _public(one)
            if public is not None:
                return private, public
    raise UsageError(
        "token_key_missing", "the token holds no key on NIST P-256 of this name with its public half beside it"
    )


def _public(found: Any) -> ec.EllipticCurvePublicKey | None:
    from pkcs11.util.ec import encode_ec_public_key

    try:
        key = serialization.load_der_public_key(encode_ec_public_key(found))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None


def _failed(error: Exception) -> EnvironmentLacksError:
    return EnvironmentLacksError("token_failed", "the token failed ({why})", why=type(error).__name__)
