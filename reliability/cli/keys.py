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


def _secret(command: Callable[..., Any]) -> Callable[..., Any]:
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
    root offline: it is needed for a new issuing authority only.
    """


@keys_command.command(
    "root", cls=Spoken, epilog="Example: reliability keys root --name 'Hub root' --organisation Hub --out ca/root"
)
@NAME
@ORGANISATION
@OUT
@_secret
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
@_secret
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
@_secret
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
@_secret
@JSON
def revoke_command(**given: Any) -> None:
    """Take a certificate back, and write the list of all that were."""
    from reliability.cli.certifying import revoke

    revoke(**given)


@keys_command.command("renew-list", cls=Spoken, epilog="Example: reliability keys renew-list --ca ca/issuing")
@CA
@_secret
@JSON
def renew_list_command(**given: Any) -> None:
    """Sign the list of revoked certificates anew; it is good for 30 days."""
    from reliability.cli.certifying import renew_list

    renew_list(**given)


@keys_command.command("export", cls=Spoken, epilog="Example: reliability keys export keys/kim -o kim.p12")
@click.argument("folder", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="PKCS#12 file to write.")
@_secret
@JSON
def export_command(**given: Any) -> None:
    """Write key and certificates as one PKCS#12 file, under the same pass phrase."""
    from reliability.cli.certifying import export

    export(**given)
