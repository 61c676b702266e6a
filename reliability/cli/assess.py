"""The commands that measure: assess and measure."""

import math
from pathlib import Path
from typing import Any

import click

from reliability.cli.main import PATH, Spoken

EXIT = {"conforms": 0, "conforms_with_conditions": 0, "does_not_conform": 1, "undetermined": 3}
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")


class Finite(click.FloatRange):
    """A number in a range: never infinite, and never `nan`, which no comparison catches."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is no finite number in the range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number", param, ctx)
        return number


SEED = click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of every random stream.")
JOBS = click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Workers side by side.")
TIMEOUT = click.option(
    "--timeout", default=600.0, show_default=True, type=Finite(min=0.1), help="Seconds a model may take."
)
PRIVATE = click.option("--private-endpoint", is_flag=True, help="Ask an endpoint in a private network too.")

ISOLATION = click.option(
    "--isolation",
    metavar="LEVEL",
    help="bubblewrap, landlock, docker:IMAGE@sha256:DIGEST or podman:IMAGE@sha256:DIGEST.",
)


@click.command("assess", cls=Spoken, epilog="Example: reliability assess submission/ --out case-1")
@click.argument("submission", type=PATH)
@click.option("--checklist", default="trustworthy-ai", show_default=True, help="A shipped checklist, or a file.")
@click.option("--out", type=PATH, required=True, help="Folder to leave the case in; must not exist.")
@SEED
@JOBS
@TIMEOUT
@PRIVATE
@ISOLATION
@AS_JSON
def assess_command(submission: Path, checklist: str, out: Path, as_json: bool, lang: str, **run: Any) -> None:
    """Measure a submission, judge it, leave a case.

    Exit status: 0 conforms, 1 does not conform, 3 undetermined, 2 could not be done.
    """
    from reliability.cli.clock import now
    from reliability.cli.following import Next
    from reliability.cli.running import assessed
    from reliability.cli.showing import show_case
    from reliability.words.text import words

    assessment = assessed(submission, checklist, out, now(), words(lang), **run)
    show_case(assessment, words(lang), Next(submission=submission, checklist=checklist, case=out), as_json=as_json)
    click.get_current_context().exit(EXIT[assessment.outcome])


@click.command("measure", cls=Spoken, epilog="Example: reliability measure submission/ performance.accuracy --by sex")
@click.argument("submission", type=PATH)
@click.argument("check")
@click.option("--with", "options", multiple=True, metavar="KEY=VALUE", help="An option of the check; repeatable.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Slice (or compare) by this column; repeatable.")
@click.option("--confidence", default=0.95, show_default=True, type=Finite(0.5, 0.9999), help="Two-sided.")
@SEED
@JOBS
@TIMEOUT
@PRIVATE
@ISOLATION
@AS_JSON
def measure_command(  # a parameter of click each
    submission: Path, check: str, options: tuple[str, ...], by: tuple[str, ...], as_json: bool, lang: str,
    **run: Any,
) -> None:  # fmt: skip
    """Measure one check; nothing is judged."""
    from reliability.cli.running import measured
    from reliability.cli.saying import print_json
    from reliability.cli.terminal import show_measurements
    from reliability.words.text import words

    measurements = measured(submission, check, options, by, words(lang), **run)
    if as_json:
        print_json([one.model_dump(mode="json", by_alias=True) for one in measurements])
    else:
        show_measurements(measurements, words(lang))
