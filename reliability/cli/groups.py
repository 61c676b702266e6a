"""Commands that have commands of their own, in the language asked for."""

import sys
from collections.abc import Callable
from typing import Any

import click

from reliability.cli.main import in_words, language_on_the_way, translated
from reliability.errors import UsageError


class Family(click.Group):
    """A command such as `keys`, whose own commands are worded like the others: `cli.keys_sign.help`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Names in the order in which they are needed."""
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of its commands."""
        command = super().get_command(ctx, cmd_name)
        lang = language_on_the_way(sys.argv[1:])
        return command if lang == "en" or command is None else translated(command, lang, f"{self.name}_{cmd_name}")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; the near name where there is none."""
        if args[0] not in self.commands:
            from difflib import get_close_matches

            near = ", ".join(get_close_matches(args[0], self.commands, n=1)) or f"{self.name} --help"
            raise UsageError(
                "command_unknown", "{command!r}: no such command; did you mean: {near}?",
                command=f"{self.name} {args[0]}", near=near,
            )  # fmt: skip
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Help in the language on the command line."""
        return in_words(language_on_the_way(sys.argv[1:]), super().get_help(ctx))


def family(name: str, example: str) -> Callable[[Callable[..., Any]], Family]:
    """Make a function, of which only the docstring counts, a family of commands."""

    def made(function: Callable[..., Any]) -> Family:
        lang = click.Option(
            ["--lang"], type=click.Choice(("ko", "en")), expose_value=False, help="Language of the help."
        )
        group: Family = click.group(name, cls=Family, epilog=f"Example: {example}")(function)
        group.params.append(lang)
        return group

    return made
