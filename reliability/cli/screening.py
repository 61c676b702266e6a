"""The command that says what applies to a system: screen."""

from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command("screen", cls=Spoken, epilog="Example: reliability screen submission/ --by 김하늘")
@click.argument("submission", type=PATH)
@click.option("--by", metavar="NAME", help="Who answers; asked for on a terminal.")
@click.option("--all", "everything", is_flag=True, help="Go through the questions that are answered, too.")
@click.option("--no-ask", is_flag=True, help="Ask nothing; write the questions into the file.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON; asks nothing.")
def screen_command(submission: Path, lang: str, **asked: Any) -> None:
    """Say what applies to a system, and why.

    Asks for facts on a terminal, or writes them into screening_answers.yaml to fill in; leaves screening.json,
    which 'assess' reads. No data is opened and no model run. This is not legal advice.
    """
    from reliability.cli.screening_result import show_screening
    from reliability.words.text import words

    show_screening(submission, words(lang), **asked)
