"""Texts that are signed and printed: something is said, not too much of it, and nothing that would turn it around."""

import unicodedata
from typing import Any

import click

from reliability.errors import UsageError

LONGEST = 4000
# Marks that change the direction of writing make a text read otherwise than it was signed; the last are half letters.
_STEERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_UNSEEN = frozenset({"Cc", "Cs"})


class SaidText(click.ParamType):  # type: ignore[type-arg]  # older releases of click take none
    """A text of somebody's own."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002  (click's signature)
        """The text without the blanks around it; UsageError where it cannot be signed."""
        text = str(value).strip()
        option = param.opts[-1] if param is not None else "-"
        if not 1 <= len(text) <= LONGEST:
            raise UsageError(
                "text_length", "{option}: {n} characters; write 1 to {most}", option=option, n=len(text), most=LONGEST
            )
        if any(_steers(one) for one in text):
            raise UsageError(
                "text_characters", "{option}: has characters that do not show or turn the text around; write it anew",
                option=option,
            )  # fmt: skip
        return text


def _steers(letter: str) -> bool:
    unseen = unicodedata.category(letter) in _UNSEEN and letter not in "\n\t"
    return unseen or unicodedata.bidirectional(letter) in _STEERING


SAID = SaidText()
