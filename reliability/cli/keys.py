"""The commands of keys and certificates; private keys stay where they were made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from reliability.cli.groups import family
from reliability.cli.main import PATH, Spoken

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
OUT = click.option("--out", type=PATH, required=True, help="Folder to make the key in; it stays there.")
NAME = click.option("--name", required=True, help="Name of the person, seal or authority.")
ORGANISATION = click.option("--organisation", required=True, help="Organisation that it belongs to.")
CA = click.option("--ca", type=PATH, required=True, help="Folder of the authority.")
KINDS = ("issuing", "seal", "register", "person")
REASONS = ("key_compromise", "affiliation_changed", "superseded", "cessation_of_operation")


def with_passphrase(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that say where a pass phrase comes from where nobody can be asked."""
    for option, kind, told in (
        ("--passphrase-env", str, "Environment variable that holds the pass phrase."),
        ("--passphrase-fd", int, "File descriptor to read the pass phrase from."),
    ):
        command = click.option(option, type=kind, help=told)(command)
    return command


@family("keys", "reliability keys root --name 'Hub root' --organisation Hub --out ca/root")
def keys_command() -> None:
    """Make keys, certify them, take certificates back.

    Every key is made on its holder's own machine and never leaves it; an authority signs requests. Keep the
    root offline: it is needed for a new issuing authority and for the trust file only.

    To replace a key: request a new one in another folder, have it signed and installed, and revoke the old one
    with --reason superseded. What the old one signed before stays good.
    """


@keys_command.command(
    "root", cls=Spoken, epilog="Example: reliability keys root --name 'Hub root' --organisation Hub --out ca/root"
)
@NAME
@ORGANISATION
@OUT
@with_passphrase
@JSON
def root_command(**given: Any) -> None:
    """Make a root authority."""
    from reliability.cli.certifying import make_root

    make_root(**given)


@keys_command.command(
    "request", cls=Spoken, epilog="Example: reliability keys request --name Kim --organisation Hub --out keys/kim"
)
@NAME
@ORGANISATION
@OUT
@click.option("--pkcs11", type=PATH, help="Library of a token that holds the key already; its PIN is the pass phrase.")
@click.option("--token", help="What that token is called.")
@click.option("--token-key", help="What the key is called, where the token holds several.")
@with_passphrase
@JSON
def request_command(**given: Any) -> None:
    """Make a key here, and a request to send to the authority."""
    from reliability.cli.certifying import make_request

    make_request(**given)


@keys_command.command(
    "sign",
    cls=Spoken,
    epilog="Example: reliability keys sign keys/kim/request.pem --ca ca/issuing --kind person -o kim.pem",
)
@click.argument("request", type=PATH)
@CA
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the certificate is for.")
@click.option("--days", type=click.IntRange(1, 7300), help="How long it is valid; by its kind if not given.")
@click.option("-o", "--output", type=PATH, required=True, help="File for certificate and chain.")
@with_passphrase
@JSON
def sign_command(**given: Any) -> None:
    """Certify what was requested."""
    from reliability.cli.certifying import sign_request

    sign_request(**given)


@keys_command.command("install", cls=Spoken, epilog="Example: reliability keys install kim.pem --out keys/kim")
@click.argument("certificate", type=PATH)
@click.option("--out", type=PATH, required=True, help="Folder where key and request were made.")
@JSON
def install_command(certificate: Path, out: Path, as_json: bool, lang: str) -> None:
    """Put a certificate beside the key it was requested for."""
    from reliability.cli.certifying import install

    install(certificate, out, as_json=as_json, lang=lang)


@keys_command.command("list", cls=Spoken, epilog="Example: reliability keys list --ca ca/issuing")
@CA
@JSON
def list_command(ca: Path, as_json: bool, lang: str) -> None:
    """List what an authority certified, and what it took back."""
    from reliability.cli.certifying import show_issued

    show_issued(ca, as_json=as_json, lang=lang)


@keys_command.command(
    "revoke", cls=Spoken, epilog="Example: reliability keys revoke 5f2a --ca ca/issuing --reason key_compromise"
)
@click.argument("serial")
@CA
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why it is taken back.")
@with_passphrase
@JSON
def revoke_command(**given: Any) -> None:
    """Take a certificate back, and write the list of all that were."""
    from reliability.cli.certifying import revoke

    revoke(**given)


@keys_command.command("renew-list", cls=Spoken, epilog="Example: reliability keys renew-list --ca ca/issuing")
@CA
@with_passphrase
@JSON
def renew_list_command(**given: Any) -> None:
    """Sign the list of revoked certificates anew; it is good for 30 days."""
    from reliability.cli.certifying import renew_list

    renew_list(**given)


@keys_command.command("export", cls=Spoken, epilog="Example: reliability keys export keys/kim -o kim.p12")
@click.argument("folder", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="PKCS#12 file to write.")
@with_passphrase
@JSON
def export_command(**given: Any) -> None:
    """Write key and certificates as one PKCS#12 file, under the same pass phrase."""
    from reliability.cli.certifying import export

    export(**given)


@keys_command.command(
    "trust",
    cls=Spoken,
    epilog="Example: reliability keys trust --root-ca ca/root --register-key register.pem "
    "--revoked ca/issuing/revoked.pem -o trust.json",
)
@click.option("--root-ca", type=PATH, required=True, help="Folder of the root, which signs the file.")
@click.option(
    "--root", type=PATH, multiple=True, help="Certificate of another root: a renewed one, or an external one."
)
@click.option("--timestamp-root", type=PATH, multiple=True, help="Certificate of a time-stamp service's root.")
@click.option("--register-key", type=PATH, multiple=True, help="Certificate of the register.")
@click.option("--countersigner", type=PATH, multiple=True, help="Certificate of another party that signs checkpoints.")
@click.option("--seal", type=PATH, multiple=True, help="Certificate of a seal that an external authority issued.")
@click.option("--revoked", type=PATH, multiple=True, help="List of revoked certificates of an authority.")
@click.option("--archived", is_flag=True, help="The lists are closed: no newer ones will follow.")
@click.option("-o", "--output", type=PATH, required=True, help="Trust file to write.")
@with_passphrase
@JSON
def trust_command(**given: Any) -> None:
    """Name whose signatures count, in a file that the root signs.

    Whoever checks a certificate needs this file, and must have it from you: publish the root's fingerprint,
    which 'keys show' prints. Make it anew after every revocation.
    """
    from reliability.cli.trusting import trust

    trust(**given)


@keys_command.command("show", cls=Spoken, epilog="Example: reliability keys show trust.json")
@click.argument("file", type=PATH)
@JSON
def show_command(file: Path, as_json: bool, lang: str) -> None:
    """Say what a certificate, a revocation list or a trust file says."""
    from reliability.cli.trusting import show

    show(file, as_json=as_json, lang=lang)
