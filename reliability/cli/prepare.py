"""The commands before an assessment: init and inspect."""

from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command("init", cls=Spoken, epilog="Example: reliability init data.csv --target 승인 --sensitive 성별 --yes")
@click.argument("data", type=PATH)
@click.option("--model", type=PATH, help="Model file to hand in.")
@click.option("--target", help="Column with the true outcome.")
@click.option("--sensitive", multiple=True, metavar="COLUMN", help="Column of a sensitive attribute; repeatable.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the guesses.")
@click.option("--json", "as_json", is_flag=True, help="Print the guesses as JSON.")
def init_command(data: Path, yes: bool, as_json: bool, lang: str, **given: Any) -> None:
    """Write a commented submission.yaml from guesses.

    Guesses the roles of DATA's columns, says why, and writes the file beside the data.
    """
    from reliability.cli.showing import show_init
    from reliability.words.text import words

    show_init(data, words(lang), ask=not yes, as_json=as_json, **given)


@click.command("inspect", cls=Spoken, epilog="Example: reliability inspect submission/")
@click.argument("submission", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the description as JSON.")
def inspect_command(submission: Path, as_json: bool, lang: str) -> None:
    """Say what a submission holds; runs nothing."""
    from reliability.cli.showing import show_inspection
    from reliability.words.text import words

    show_inspection(submission, words(lang), as_json=as_json)
