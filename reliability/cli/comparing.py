"""The command that puts two cases side by side."""

from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command("compare", cls=Spoken, epilog="Example: reliability compare case-1 case-2 -o comparison.pdf")
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("-o", "--output", "output", type=PATH, help="Also write it to this file, .html or .pdf.")
@click.option("--format", "form", type=click.Choice(["pdf", "html"]), help="Default: by the ending of the file.")
@click.option("--advice", type=PATH, help="Advice on the first case: tells which of its promises were kept.")
@click.option("--applied", help="The remedy of the advice that was applied, R2 for instance.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def compare_command(
    before: Path, after: Path, output: Path | None, form: Any, as_json: bool, lang: str, **promised: Any
) -> None:
    """Compare two cases, before and after.

    Tells what changed: verdicts, measurements (with intervals, and whether by more than chance), answers, inputs.
    """
    from reliability.cli.comparison import compared, show_comparison, write_comparison
    from reliability.cli.saying import print_json
    from reliability.words.text import words

    comparison = compared(before, after, output=output, form=form, **promised)
    if as_json:
        print_json(comparison)
    else:
        show_comparison(comparison, words(lang))
    if output is not None:
        write_comparison(comparison, output, words(lang), form=form)
