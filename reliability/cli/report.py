"""The command that writes documents from a record."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command(
    "report", cls=Spoken,
    epilog="Example: reliability report case-1 --kind consulting --lang ko -o report.pdf",
)  # fmt: skip
@click.argument("case", type=PATH)
@click.option("--kind", type=click.Choice(["consulting", "test"]), default="consulting", show_default=True,
              help="Consulting report, or test report.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["pdf", "html"]), help="Default: by the ending of the file.")
@click.option("--issuer", type=PATH, help="YAML file that says who issues: name, address, logo, signatories.")
@click.option("--number", help="Number of the document.")
@click.option("--issued", type=click.DateTime(["%Y-%m-%d"]), help="Date of issue; default: today.")
@click.option("--amends", help="Number of the report that this one replaces.")
@click.option("--reason", help="Why it is replaced.")
@click.option("--document", type=PATH, help="document.json of an earlier report: renders the same bytes again.")
@click.option("-o", "--output", "output", type=PATH, required=True, help="File to write.")
@click.option("--json", "as_json", is_flag=True, help="Print path and digest as JSON.")
def report_command(case: Path, output: Path, as_json: bool, lang: Any, **asked: Any) -> None:
    """Write a report of a case, as PDF or HTML."""
    from reliability.case import digest
    from reliability.cli.screen import working
    from reliability.cli.showing import print_json, tell
    from reliability.cli.writing import write_report
    from reliability.words.text import words

    with working(words(lang).text("cli.demo.report")):
        written = write_report(case, output, lang=lang, today=date.today(), **asked)
    if as_json:
        print_json({"written": str(written), "sha256": digest(written)})
    tell(words(lang).text("cli.written", path=str(written)))
