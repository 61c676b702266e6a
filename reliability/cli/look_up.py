"""The commands that answer questions: facts, checks, checklists, explain."""

from pathlib import Path

import click

from reliability.cli.main import PATH, Spoken

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("facts", cls=Spoken, epilog="Example: reliability facts --lang ko")
@JSON
def facts_command(as_json: bool, lang: str) -> None:
    """List the facts that a submission may state."""
    from reliability.cli.explaining import fact_records, fact_text
    from reliability.cli.showing import print_json
    from reliability.words.text import words

    records = fact_records(words(lang))
    if as_json:
        print_json(records)
    else:
        click.echo("\n".join(fact_text(one, words(lang)) for one in records))


@click.command("checks", cls=Spoken, epilog="Example: reliability checks fairness.selection_rate_ratio")
@click.argument("check", required=False)
@JSON
def checks_command(check: str | None, as_json: bool, lang: str) -> None:
    """List the checks, or describe one."""
    from reliability.checklist.catalogue import check_named, checks
    from reliability.cli.explaining import check_record, check_text
    from reliability.cli.showing import print_json
    from reliability.words.text import words

    chosen = [check_named(check, where="checks")] if check else list(checks().values())
    if as_json:
        print_json([check_record(one, words(lang)) for one in chosen])
    elif check:
        click.echo(check_text(chosen[0], words(lang)))
    else:
        click.echo("\n".join(f"{one.name:46} {words(lang).text(f'check.{one.name}')}" for one in chosen))


@click.command("checklists", cls=Spoken, epilog="Example: reliability checklists validate my-checklist.yaml")
@click.argument("name", required=False)
@click.argument("path", required=False)
@JSON
def checklists_command(name: str | None, path: str | None, as_json: bool, lang: str) -> None:
    """List, show or validate checklists.

    Without arguments the shipped ones; NAME shows one; `validate PATH` checks a file of your own.
    """
    from reliability.cli.showing import show_checklists, show_validation
    from reliability.words.text import words

    if path is not None and name != "validate":
        raise click.UsageError("checklists takes one NAME, or: checklists validate PATH")
    if name == "validate":
        if path is None:
            raise click.UsageError("checklists validate needs the PATH of a file")
        show_validation(Path(path), words(lang), as_json=as_json)
    else:
        show_checklists(name, words(lang), as_json=as_json)


@click.command("explain", cls=Spoken, epilog="Example: reliability explain FAI-02 submission/")
@click.argument("what")
@click.argument("submission", type=PATH, required=False)
@click.option(
    "--checklist", default="trustworthy-ai", show_default=True, help="Name of a shipped checklist, or a file."
)
@JSON
def explain_command(what: str, submission: Path | None, checklist: str, as_json: bool, lang: str) -> None:
    """Explain an item, a check, a fact, or a word of reports.

    With a SUBMISSION: how many rows an item needs before it can pass. No model is run.
    """
    from reliability.checklist.read import read_checklist
    from reliability.cli.explaining import explanation, with_rows_needed
    from reliability.cli.showing import print_json, say
    from reliability.words.text import words

    used, said = read_checklist(checklist), words(lang)
    told = {"what": what, "lang": lang, "text": explanation(what, used.content, said)}
    if submission is not None:
        told = with_rows_needed(told, used, submission, said)
    if as_json:
        print_json(told)
    else:
        say(told["text"])
