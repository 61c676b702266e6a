"""A token in software (SoftHSM) with keys in it, for tests."""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MODULE = next((str(one) for one in Path("/usr/lib").glob("**/libsofthsm2.so") if one.is_file()), "")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token that holds one key, and those beside it."""

    module: str = MODULE
    label: str = "hub"
    pin: str = "hub-4711"


@contextmanager
def tokens(folder):
    """Four tokens: `hub` with one key, `several` with two, `other` with a key on another curve, `empty`."""
    if not MODULE:
        pytest.skip("needs softhsm2")
    pkcs11 = pytest.importorskip("pkcs11", reason="needs python-pkcs11")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    token = Token()
    for label in ("hub", "several", "other", "empty"):
        command = [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            label,
            "--pin",
            token.pin,
            "--so-pin",
            "so-4711",
        ]
        subprocess.run(command, check=True, capture_output=True)
    library = pkcs11.lib(MODULE)
    library.reinitialize()  # it may have been read with another folder
    for label, key, curve in (
        ("hub", "seal", "secp256r1"), ("several", "one", "secp256r1"), ("several", "two", "secp256r1"),
        ("other", "large", "secp384r1"),
    ):  # fmt: skip
        with library.get_token(token_label=label).open(user_pin=token.pin, rw=True) as session:
            _add_key(session, key, curve)
    try:
        yield token
    finally:
        del os.environ["SOFTHSM2_CONF"]


def _add_key(session, label, curve):
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    named = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
    parameters = session.create_domain_parameters(pkcs11.KeyType.EC, named, local=True)
    parameters.generate_keypair(store=True, label=label, id=label.encode())
