"""The command that asks what no data can tell: answers."""

from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken


@click.command("answers", cls=Spoken, epilog="Example: reliability answers submission/ --by 김하늘")
@click.argument("submission", type=PATH)
@click.option("--checklist", default="trustworthy-ai", show_default=True, help="A shipped checklist, or a file.")
@click.option("--xlsx", type=PATH, help="Workbook to write; one that is there is read in.")
@click.option("--by", metavar="NAME", help="Who answers; asked for on a terminal.")
@click.option("--all", "everything", is_flag=True, help="Go through the questions that are answered, too.")
@click.option("--no-ask", is_flag=True, help="Ask nothing; write the questions into the file.")
@click.option("--json", "as_json", is_flag=True, help="Print the state of the questions as JSON; asks nothing.")
def answers_command(submission: Path, checklist: str, lang: str, **asked: Any) -> None:
    """Write or fill in the questionnaire.

    Writes the questions that apply into answers.yaml, keeps every answer that is there, and on a terminal asks
    them one by one. Stop at any time; the next call goes on.
    """
    from reliability.cli.questioning import show_answers
    from reliability.words.text import words

    show_answers(submission, checklist, words(lang), **asked)
