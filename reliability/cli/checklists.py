"""What `checklists` shows of checklists themselves: the shipped ones, one of them, whether one can be used."""

from pathlib import Path

import click

from reliability.checklist.read import names, read_checklist, validate
from reliability.checklist.references import references
from reliability.cli.explaining import checklist_text
from reliability.cli.saying import print_json, say, tell
from reliability.words.text import Words


def show_checklists(name: str | None, said: Words, *, as_json: bool) -> None:
    """The shipped checklists, a line each; or all items of the one that is named."""
    chosen = [read_checklist(one) for one in ([name] if name else names())]
    if as_json:
        print_json([dict(one.content) for one in chosen])
    elif name:
        say(checklist_text(chosen[0], said))
    else:
        for one in chosen:
            click.echo(f"{one.id:24} {one.version:8} {one.content['title'][said.lang]}")


def show_validation(path: Path, said: Words, *, as_json: bool) -> None:
    """That a checklist can be used; what is wrong with it is raised with line and column."""
    checklist = validate(path)
    unknown = references().unknown(key for item in checklist.items for key in item.references)
    if as_json:
        print_json({
            "path": str(path), "checklist": checklist.id, "version": checklist.version, "valid": True,
            "unknown_references": list(unknown),
        })  # fmt: skip
        return
    say(said.text("cli.checklist_valid", path=path))
    if unknown:
        tell(said.text("references.unknown", keys=", ".join(unknown)))
