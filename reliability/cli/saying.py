"""What every command prints with: words on the screen, and values for machines."""

from typing import Any

import click
from pydantic import BaseModel

from reliability.cli.screen import plain
from reliability.records import canonical_json


def print_json(value: BaseModel | dict[str, Any] | list[Any]) -> None:
    """A value on stdout as canonical JSON."""
    click.echo(canonical_json(value))


def say(text: str) -> None:
    """Words that are the result: on stdout, with nothing in them that would steer a terminal."""
    click.echo("\n".join(plain(line) for line in text.split("\n")))


def tell(text: str) -> None:
    """Words beside the result: on stderr."""
    click.echo("\n".join(plain(line) for line in text.split("\n")), err=True)
