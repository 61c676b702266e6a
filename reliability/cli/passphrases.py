"""Where a pass phrase comes from: a file descriptor, the environment or a prompt; never an argument, never a log."""

import os
import sys

import click

from reliability.errors import UsageError
from reliability.words.text import Words

_LONGEST = 1024  # bytes


def passphrase(said: Words, *, descriptor: int | None, variable: str | None, new: bool = False) -> str:
    """The pass phrase; asked for at a terminal where neither a descriptor nor a variable is named.

    A new one is asked for twice. Raises UsageError `passphrase_missing` or `passphrase_source`.
    """
    if descriptor is not None and variable is not None:
        raise UsageError("passphrase_source", "give one of --passphrase-fd and --passphrase-env, not both")
    if descriptor is not None:
        return _from_descriptor(descriptor)
    if variable is not None:
        return _from_environment(variable)
    if not sys.stdin.isatty():
        raise UsageError(
            "passphrase_missing",
            "no terminal to ask for the pass phrase; give --passphrase-fd NUMBER or --passphrase-env NAME",
        )
    found: str = click.prompt(
        said.text("cli.passphrase.prompt"), hide_input=True, err=True,
        confirmation_prompt=said.text("cli.passphrase.again") if new else False,
    )  # fmt: skip
    return found


def _from_descriptor(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.readline(_LONGEST)
        return content.rstrip(b"\r\n").decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "passphrase_fd", "file descriptor {number}: no pass phrase can be read from it", number=descriptor
        ) from error


def _from_environment(variable: str) -> str:
    found = os.environ.get(variable)
    if not found:
        raise UsageError(
            "passphrase_env", "environment variable {name} is not set or empty; it should hold the pass phrase",
            name=variable,
        )  # fmt: skip
    return found
