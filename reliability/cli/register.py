"""The commands that read the register, make it, copy it and mend it; its certificates change by signed events."""

from pathlib import Path
from typing import Any

import click

from reliability.cli.certify import REGISTER
from reliability.cli.groups import family
from reliability.cli.keys import JSON
from reliability.cli.main import PATH, Spoken
from reliability.cli.register_changes import COMMANDS
from reliability.cli.register_publish import publish_command

STATUSES = ("active", "suspended", "expired", "withdrawn", "cancelled")
STATUS = click.option("--status", type=click.Choice(STATUSES), help="Only certificates of this status.")
AT = click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="The day to ask about; today if not given.")


@family("register", "reliability register list --due 60")
def register_command() -> None:
    """Look certificates up in the register, and keep the register safe.

    A register is a folder: an unbroken chain of signed events, the files they speak of, and an index to search by.
    """


@register_command.command("create", cls=Spoken, epilog="Example: reliability register create register --prefix JJ")
@click.argument("folder", type=PATH)
@click.option("--prefix", help="What every number begins with: capital letters and digits.")
@click.option("--url", metavar="URL", help="PostgreSQL database for several officers: postgresql://NAME@HOST/DATABASE.")
@click.option("--from", "copy", type=PATH, help="A backup to make the register of; it has its prefix.")
@JSON
def register_create_command(**given: Any) -> None:
    """Make a register in a new folder."""
    from reliability.cli.registering import make

    make(**given)


@register_command.command("list", cls=Spoken, epilog="Example: reliability register list --due 60")
@REGISTER
@STATUS
@click.option("--due", "days", type=click.IntRange(0), metavar="DAYS", help="What comes due within so many days.")
@AT
@JSON
def register_list_command(**given: Any) -> None:
    """List certificates, or what is due: surveillance, conditions, expiry."""
    from reliability.cli.registering import list_certificates

    list_certificates(**given)


@register_command.command("surveillance", cls=Spoken, epilog="Example: reliability register surveillance --days 90")
@REGISTER
@click.option("--days", type=click.IntRange(0), default=90, show_default=True, help="How far to look ahead.")
@AT
@JSON
def register_surveillance_command(**given: Any) -> None:
    """List what is due: surveillance, conditions and expiry, and what is overdue."""
    from reliability.cli.registering import list_certificates

    list_certificates(status=None, **given)


@register_command.command("show", cls=Spoken, epilog="Example: reliability register show JJ-C-2026-0001")
@click.argument("number")
@REGISTER
@AT
@JSON
def register_show_command(**given: Any) -> None:
    """Show a certificate or a case, and what was done about it."""
    from reliability.cli.registering import show

    show(**given)


@register_command.command("search", cls=Spoken, epilog="Example: reliability register search 신용 --status active")
@click.argument("text", default="")
@REGISTER
@click.option("--organisation", default="", help="Part of the holder's name.")
@click.option("--system", default="", help="Part of the system's name.")
@click.option("--digest", default="", metavar="SHA256", help="Of model, certificate or statement, or its beginning.")
@click.option("--file", type=PATH, help="A certificate, a statement or a model file, to be found by its digest.")
@STATUS
@AT
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many are shown.")
@JSON
def register_search_command(**given: Any) -> None:
    """Find certificates by a part of number, holder or system."""
    from reliability.cli.registering import find

    find(**given)


@register_command.command("recover", cls=Spoken, epilog="Example: reliability register recover")
@REGISTER
@JSON
def register_recover_command(register: Path, as_json: bool, lang: str) -> None:
    """Finish what a crash left open, and look whether the chain and all files are whole."""
    from reliability.cli.registering import recover

    recover(register, as_json=as_json, lang=lang)


@register_command.command("backup", cls=Spoken, epilog="Example: reliability register backup -o backup/register")
@REGISTER
@click.option("-o", "--output", type=PATH, required=True, help="Folder to write; an older backup there is replaced.")
@JSON
def register_backup_command(register: Path, output: Path, as_json: bool, lang: str) -> None:
    """Write a whole copy of the register, with its newest checkpoint."""
    from reliability.cli.registering import back_up

    back_up(register, output, as_json=as_json, lang=lang)


for command in (*COMMANDS, publish_command):
    register_command.add_command(command)
