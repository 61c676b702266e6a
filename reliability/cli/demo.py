"""The commands for a first look: demo and doctor."""

from pathlib import Path

import click

from reliability.cli.main import PATH, Spoken


@click.command("demo", cls=Spoken, epilog="Example: reliability demo --out demo --lang ko")
@click.option("--out", type=PATH, default=Path("demo"), show_default=True, help="Folder for case and reports.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def demo_command(out: Path, as_json: bool, lang: str) -> None:
    """Assess a real model and write every report.

    The model is fitted on half of a diabetes study that ships with scikit-learn and judged on the other
    half. Case and reports, Korean and English, PDF and HTML, are left in the folder.
    """
    from reliability.cli.showing import show_demo
    from reliability.words.text import words

    show_demo(out, words(lang), as_json=as_json)


@click.command("doctor", cls=Spoken, epilog="Example: reliability doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor_command(as_json: bool, lang: str) -> None:
    """Say what this machine lacks, and how to get it."""
    from reliability.cli.showing import show_doctor
    from reliability.words.text import words

    click.get_current_context().exit(show_doctor(words(lang), as_json=as_json))
