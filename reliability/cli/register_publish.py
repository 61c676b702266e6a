"""The command that publishes the register as a static site."""

from typing import Any

import click

from reliability.cli.certify import KEY, REGISTER, STAMP
from reliability.cli.keys import JSON, with_passphrase
from reliability.cli.main import PATH, Spoken


@click.command(
    "publish", cls=Spoken, epilog="Example: reliability register publish --key keys/register --out site"
)  # fmt: skip
@REGISTER
@KEY
@click.option("--out", type=PATH, required=True, help="Folder of the site; published again, only what changed.")
@STAMP
@click.option("--jobs", type=click.IntRange(1, 64), help="Workers side by side; as many as cores if there is much.")
@with_passphrase
@JSON
def publish_command(**given: Any) -> None:
    """Publish the register as a static site, in Korean and English.

    Every event is believed first, then pages and signed files are written beside and moved into place. Put the folder
    where QR codes lead: a certificate stands at SITE/NUMBER. Names of people are published with their consent only.
    """
    from reliability.cli.registering_site import publish

    publish(**given)
