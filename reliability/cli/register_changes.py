"""The commands that change a certificate's status, renew it, and sign how far the register has grown."""

from typing import Any

import click

from reliability.cli.certify import CASE, KEY, REGISTER, STAMP, sealing, step
from reliability.cli.keys import JSON, with_passphrase
from reliability.cli.main import PATH, Spoken
from reliability.cli.texts import SAID

WHY = click.option("--reason", required=True, type=SAID, help="Why; the register publishes it.")


@click.command("suspend", cls=Spoken, epilog="Example: reliability register suspend JJ-C-2026-0001 --reason 'drift'")
@CASE
@WHY
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day by which it is decided what follows.")
@step
def suspend_command(until: Any, **given: Any) -> None:
    """Suspend a certificate: not in force until it is restored."""
    from reliability.cli.certify_changes import change

    change(what="suspended", until=until.date() if until else None, **given)


@click.command("restore", cls=Spoken, epilog="Example: reliability register restore JJ-C-2026-0001 --reason 'mended'")
@CASE
@WHY
@step
def restore_command(**given: Any) -> None:
    """Put a suspended certificate in force again."""
    from reliability.cli.certify_changes import change

    change(what="restored", **given)


@click.command("withdraw", cls=Spoken, epilog="Example: reliability register withdraw JJ-C-2026-0001 --reason 'misuse'")
@CASE
@WHY
@step
def withdraw_command(**given: Any) -> None:
    """Withdraw a certificate for good."""
    from reliability.cli.certify_changes import change

    change(what="withdrawn", **given)


@click.command("cancel", cls=Spoken, epilog="Example: reliability register cancel JJ-C-2026-0001 --reason 'retired'")
@CASE
@WHY
@step
def cancel_command(**given: Any) -> None:
    """End a certificate at its holder's wish; the applicant may do so as well."""
    from reliability.cli.certify_changes import change

    change(what="cancelled", **given)


@click.command(
    "renew", cls=Spoken,
    epilog="Example: reliability register renew JJ-C-2026-0001 --reason 'surveillance 2027' --key keys/jung "
           "--seal keys/seal --issuer issuer.yaml --site https://register.example.kr --out papers",
)  # fmt: skip
@CASE
@WHY
@sealing
@step
def renew_command(**given: Any) -> None:
    """Issue a further edition, after surveillance and the decision to renew."""
    from reliability.cli.certify_papers import renew

    renew(**given)


@click.command("checkpoint", cls=Spoken, epilog="Example: reliability register checkpoint --key keys/register")
@REGISTER
@KEY
@STAMP
@click.option("-o", "--output", type=PATH, help="File to write besides the one in the register's folder.")
@with_passphrase
@JSON
def checkpoint_command(**given: Any) -> None:
    """Check the whole register, and sign with its key how far it has grown."""
    from reliability.cli.certify_changes import checkpoint

    checkpoint(**given)


@click.command(
    "countersign", cls=Spoken,
    epilog="Example: reliability register countersign point.json --trust trust.json --key keys/partner -o point-2.json",
)  # fmt: skip
@click.argument("checkpoint", type=PATH)
@click.option("--trust", type=PATH, required=True, help="The hub's trust file, which has to name you.")
@KEY
@click.option("-o", "--output", type=PATH, required=True, help="File to write; give it back to the hub.")
@with_passphrase
@JSON
def countersign_command(**given: Any) -> None:
    """Vouch, as a party outside the hub, for the moment of a checkpoint.

    Without a time-stamp service it is this that proves when a certificate was signed. Keep a copy: rows removed from
    the register later show.
    """
    from reliability.cli.certify_changes import countersign

    countersign(**given)


COMMANDS = (
    suspend_command, restore_command, withdraw_command, cancel_command, renew_command, checkpoint_command,
    countersign_command,
)  # fmt: skip
