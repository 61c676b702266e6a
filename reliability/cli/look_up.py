"""The commands that answer questions: facts, checks, checklists, explain."""

from pathlib import Path

import click

from reliability.cli.main import PATH, Spoken
from reliability.errors import UsageError

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("facts", cls=Spoken, epilog="Example: reliability facts --lang ko")
@JSON
def facts_command(as_json: bool, lang: str) -> None:
    """List the facts that a submission may state."""
    from reliability.cli.explaining import fact_records, fact_text
    from reliability.cli.saying import print_json
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
    from reliability.cli.saying import print_json
    from reliability.words.text import words

    chosen = [check_named(check, where="checks")] if check else list(checks().values())
    if as_json:
        print_json([check_record(one, words(lang)) for one in chosen])
    elif check:
        click.echo(check_text(chosen[0], words(lang)))
    else:
        click.echo("\n".join(f"{one.name:46} {words(lang).text(f'check.{one.name}')}" for one in chosen))


# Each form of `checklists` beside NAME: what follows it.
FORMS = {"validate": ("PATH",), "coverage": ("NAME",), "diff": ("OLD", "NEW")}


@click.command(
    "checklists", cls=Spoken, epilog="Example: reliability checklists coverage trustworthy-ai --framework TTA"
)
@click.argument("form", nargs=-1, metavar="[NAME | validate PATH | coverage NAME | diff OLD NEW]")
@click.option("--framework", help="With coverage: TTA, KR-34, EU, ISO-42001 or RMF; without it, all of them.")
@JSON
def checklists_command(form: tuple[str, ...], framework: str | None, as_json: bool, lang: str) -> None:
    """List, show, validate or compare checklists.

    Without arguments the shipped ones; NAME shows one. `validate PATH` checks a file of your own.
    `coverage NAME` says which items address each requirement of standards and laws, and which none does.
    `diff OLD NEW` says what changed, for the people who answered OLD.
    """
    from reliability.cli.checklists import show_checklists, show_validation
    from reliability.cli.coverage import show_coverage
    from reliability.cli.difference import show_difference
    from reliability.words.text import words

    verb, *names = form or ("",)
    _refuse_other_form(verb, names, framework)
    if verb == "validate":
        show_validation(Path(names[0]), words(lang), as_json=as_json)
    elif verb == "coverage":
        show_coverage(names[0], framework, words(lang), as_json=as_json)
    elif verb == "diff":
        show_difference(names[0], names[1], words(lang), as_json=as_json)
    else:
        show_checklists(verb or None, words(lang), as_json=as_json)


def _refuse_other_form(verb: str, names: list[str], framework: str | None) -> None:
    """Refuse what is none of the forms of the command."""
    forms = {name: " ".join([name, *wanted]) for name, wanted in FORMS.items()}
    if verb in FORMS and len(names) != len(FORMS[verb]):
        raise UsageError(
            "checklists_form", "checklists {verb} needs the {wanted}; write: reliability checklists {form}",
            verb=verb, wanted=" and ".join(FORMS[verb]), form=forms[verb],
        )  # fmt: skip
    if verb not in FORMS and names:
        raise UsageError(
            "checklists_forms", "checklists takes one NAME, or one of: {forms}", forms=", ".join(forms.values())
        )
    if framework is not None and verb != "coverage":
        raise UsageError("framework_without_coverage", "--framework belongs to: reliability checklists coverage NAME")


@click.command("explain", cls=Spoken, epilog="Example: reliability explain FAI-02 case-1")
@click.argument("what")
@click.argument("path", metavar="[SUBMISSION | CASE]", type=PATH, required=False)
@click.option(
    "--checklist",
    show_default="trustworthy-ai",
    help="Name of a shipped checklist, or a file; a case brings its own.",
)
@JSON
def explain_command(what: str, path: Path | None, checklist: str | None, as_json: bool, lang: str) -> None:
    """Explain an item, a check, what checks name, a clause that items cite, a fact, or a word of reports.

    With a SUBMISSION: how many rows an item needs before it can pass; no model is run.
    With a CASE left by 'assess': what was measured for the item, what keeps it open, and the rows that would decide it.
    """
    from reliability.cli.measured import told_of
    from reliability.cli.saying import print_json, say
    from reliability.words.text import words

    told = told_of(what, path, checklist, words(lang))
    if as_json:
        print_json(told)
    else:
        say(told["text"])
