"""Runs an assessment or a measurement with its progress on the terminal."""

from datetime import datetime
from pathlib import Path
from typing import Any

from reliability.assess import assess, measure
from reliability.bench import Settings
from reliability.blocks import Roles
from reliability.checklist.catalogue import check_named
from reliability.checklist.read import read_checklist
from reliability.cli.clock import now
from reliability.cli.screen import progress
from reliability.errors import UsageError
from reliability.records import Assessment, Criterion, Measurement
from reliability.words.text import Words
from reliability.worker.containers import strong
from reliability.worker.handing_in import handed_in
from reliability.yaml_lines import parse_yaml


def assessed(
    path: Path,
    checklist: str,
    out: Path,
    received: datetime,
    said: Words,
    *,
    seed: int = 0,
    jobs: int = 1,
    timeout: float = 600.0,
    private_endpoint: bool = False,
    isolation: str | None = None,
) -> Assessment:
    """Read, measure and judge; bars on a terminal, nothing elsewhere."""
    with progress() as bars:
        rows = bars.add_task(said.text("cli.progress.rows"), total=None)
        checks = bars.add_task(said.text("cli.progress.checks"), total=None, visible=False)
        chosen = read_checklist(checklist)  # first: it is quickly refused, a large file is slowly read
        submission = handed_in(path, level=strong(isolation))
        bars.update(rows, total=submission.evaluation.rows)
        settings = Settings(
            seed=seed,
            jobs=jobs,
            timeout_s=timeout,
            private_endpoint=private_endpoint,
            isolation=isolation,
            rows_done=lambda n: bars.advance(rows, n),
            check_done=lambda _: bars.update(checks, visible=True, advance=1),
        )
        return assess(submission, chosen, out=out, received=received, clock=now, settings=settings)


def measured(
    path: Path,
    check: str,
    options: tuple[str, ...],
    by: tuple[str, ...],
    said: Words,
    *,
    confidence: float,
    seed: int,
    jobs: int,
    timeout: float,
    private_endpoint: bool = False,
    isolation: str | None = None,
) -> tuple[Measurement, ...]:
    """Measure one check of the catalogue."""
    name = check_named(check, where="measure").name
    given = {"check": name, "with": _settings(name, options), "by": by or None, "report": True}
    criterion = Criterion.model_validate(given)
    with progress() as bars:
        rows = bars.add_task(said.text("cli.progress.rows"), total=None)
        submission = handed_in(path, level=strong(isolation))
        _refuse_unknown(by, submission.roles)
        bars.update(rows, total=submission.evaluation.rows)
        settings = Settings(
            seed=seed, jobs=jobs, timeout_s=timeout, private_endpoint=private_endpoint, isolation=isolation,
            rows_done=lambda n: bars.advance(rows, n),
        )  # fmt: skip
        return measure(submission, criterion, confidence=confidence, settings=settings)


def _settings(check: str, options: tuple[str, ...]) -> dict[str, Any]:
    pairs = [option.partition("=") for option in options]
    for name, sign, _ in pairs:
        if not sign:
            raise UsageError("option_not_a_pair", "--with {option!r}: write KEY=VALUE", option=name)
    names = [name for name, _, _ in pairs]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise UsageError(
                "named_twice",
                "{where}: {key} names {value!r} twice; name it once",
                where="measure",
                key="--with",
                value=name,
            )
    given = {name: parse_yaml(value.encode(), error=UsageError, name=f"--with {name}").data for name, _, value in pairs}
    return check_named(check, where="measure").settings(given, where="--with")


def _refuse_unknown(by: tuple[str, ...], roles: Roles) -> None:
    known = (*roles.sensitive, *roles.segments)
    for place, column in enumerate(by):
        if column in by[:place]:
            raise UsageError(
                "by_twice", "{where}: 'by' names {column} twice; name it once", where="--by", column=repr(column)
            )
        if column not in known:
            raise UsageError(
                "by_not_declared",
                "--by {column!r}: not declared under data.sensitive or data.segments; declared: {known}",
                column=column,
                known=", ".join(known) or "-",
            )
