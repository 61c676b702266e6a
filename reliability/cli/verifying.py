"""The command that tells whether a document is genuine and in force."""

from datetime import UTC, datetime
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command(
    "verify", cls=Spoken,
    epilog="Example: reliability verify cert.pdf --trust trust.json --register site",
)  # fmt: skip
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--trust", type=PATH, help="Trust file, received from the issuing hub itself; without it nobody is "
                                         "known.")  # fmt: skip
@click.option("--register", metavar="FILE|FOLDER|URL", help="Register, copy or published site (folder or address), "
                                                            "or the published status of one certificate.")  # fmt: skip
@click.option("--checkpoint", type=PATH, help="A checkpoint from elsewhere, which the register has to lead past.")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Day on which it is to be in force; default: today.")
@click.option("--model", type=PATH, help="File or folder: is this the certified model?")
@click.option("--rerun", type=PATH, help="Submission to measure again by the sealed plan, and to compare.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(files: tuple[str, ...], at: datetime | None, as_json: bool, lang: str, **asked: Any) -> None:
    """Check whether a document is genuine, and whether it is in force.

    FILE is a signed certificate or test report (PDF), a signed statement, a case folder, the folder of a register
    or of a copy of one, or the folder or address of a published register. Several are also checked against one
    another. Nothing is fetched unless an address is given.

    Exit status: 0 genuine and in force, 1 genuine but not in force, 2 unreadable, 3 not known (signing time not
    proven, issuer not known, status not known), 4 not genuine.
    """
    from reliability.cli.verification import show_verification, verified
    from reliability.records import canonical_json
    from reliability.words.text import words

    found = verified(files, on=(at or datetime.now(UTC)).date(), lang=lang, **asked)
    if as_json:
        click.echo(canonical_json(found))
    else:
        show_verification(found, words(lang))
    click.get_current_context().exit(found.exit)
