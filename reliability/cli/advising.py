"""The command that advises: what would mend the findings of a case, measured."""

from pathlib import Path
from typing import Any

import click

from reliability.cli.assess import AS_JSON, PRIVATE, SEED, TIMEOUT, Finite
from reliability.cli.main import PATH, Spoken


class Effort(click.ParamType[tuple[str, int]]):
    """A kind of remedy and its class of effort, as in model=1."""

    name = "effort"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Refuse kinds and classes that there are none of."""
        from reliability.advise.remedies import EFFORTS

        kind, _, effort = str(value).partition("=")
        if kind not in EFFORTS or effort not in map(str, EFFORTS.values()):
            self.fail(f"{value!r}: write KIND=CLASS; kinds: {', '.join(EFFORTS)}; classes: 1 to 4", param, ctx)
        return kind, int(effort)


@click.command("advise", cls=Spoken, epilog="Example: reliability advise case-1 --submission submission/ --by Kim")
@click.argument("case", type=PATH)
@click.option("--submission", type=PATH, required=True, help="The submission that was assessed.")
@click.option("--by", help="Who advises; kept in the engagements, so that they take no part in a certification.")
@click.option(
    "--engagements", type=PATH, default=Path("engagements.jsonl"), show_default=True,
    help="File that --by appends a line to.",
)  # fmt: skip
@click.option("--budget", type=Finite(min=1.0), help="Seconds that it may take; what is not tried is listed.")
@click.option(
    "--effort",
    "efforts",
    type=Effort(),
    multiple=True,
    metavar="KIND=CLASS",
    help="Effort of a kind of remedy, 1 to 4, where it is not the house's; repeatable.",
)
@SEED
@click.option("--out", type=PATH, help="Folder to leave advice.json in; must not exist. Default: CASE-advice.")
@TIMEOUT
@PRIVATE
@AS_JSON
def advise_command(case: Path, submission: Path, out: Path | None, as_json: bool, lang: str, **run: Any) -> None:
    """Try what would mend the findings of a case, and measure it.

    Remedies are chosen and confirmed on different rows; Ctrl-C keeps what is measured.
    """
    from reliability.cli.advice import advised, place_of, show_advice
    from reliability.cli.saying import print_json, tell
    from reliability.words.text import words

    out = place_of(case) if out is None else out
    advice = advised(case, submission, out, words(lang), **run)
    if as_json:
        print_json(advice)
    else:
        show_advice(advice, words(lang))
    tell(words(lang).text("cli.written", path=str(out / "advice.json")))
