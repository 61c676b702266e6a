"""The command that writes documents from a record."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command(
    "report", cls=Spoken,
    epilog="Example: reliability report case-1 --advice case-1-advice --lang ko -o consulting.pdf",
)  # fmt: skip
@click.argument("case", metavar="CASE|SUBMISSION", type=PATH)
@click.option("--kind", type=click.Choice(["consulting", "summary", "test", "screening", "certificate", "risks"]),
              show_default="consulting",
              help="Of a case: consulting (advice), summary (two pages), test (test report), certificate "
                   "(a specimen), risks (the risk register to fill in, .csv or .xlsx). Of a submission, or of a "
                   "case screened before: screening (its risk screening).")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["pdf", "html", "junit", "csv", "xlsx", "cyclonedx"]),
              help="Default: by the ending of the file (.pdf, .html, .xml, .csv, .xlsx, .cdx.json). pdf and html are "
                   "documents; the other four are results of a case for programs, without kind, issuer "
                   "or number.")  # fmt: skip
@click.option("--advice", type=PATH,
              help="Advice on the case: advice.json, or the folder that 'advise' left. Adds to the consulting report "
                   "what was tried, what it does, and a plan on one page.")  # fmt: skip
@click.option("--risks", type=PATH,
              help="Risk register as people filled it in, .csv or .xlsx; what they wrote stands in the report and in "
                   "the new register.")  # fmt: skip
@click.option("--issuer", type=PATH, help="YAML file that says who issues: name, address, logo, signatories.")
@click.option("--number", help="Number of the document.")
@click.option("--issued", type=click.DateTime(["%Y-%m-%d"]), help="Date of issue; default: today.")
@click.option("--amends", help="Number of the report that this one replaces.")
@click.option("--reason", help="Why it is replaced.")
@click.option("--document", type=PATH, help="document.json of an earlier report: renders the same bytes again.")
@click.option("-o", "--output", "output", type=PATH, required=True, help="File to write.")
@click.option("--json", "as_json", is_flag=True, help="Print path and digest as JSON.")
def report_command(case: Path, output: Path, as_json: bool, lang: Any, **asked: Any) -> None:
    """Write a report of a case or of a submission's risk screening, or the results of a case for programs."""
    from reliability.case import digest
    from reliability.cli.saying import print_json, tell
    from reliability.cli.screen import working
    from reliability.cli.writing import write_report
    from reliability.words.text import words

    with working(words(lang).text("cli.demo.report")):
        written = write_report(case, output, lang=lang, today=date.today(), **asked)
    if as_json:
        print_json({"written": str(written), "sha256": digest(written)})
    tell(words(lang).text("cli.written", path=str(written)))
