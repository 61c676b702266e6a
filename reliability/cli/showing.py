"""What assess, demo, doctor, init and inspect show."""

import shlex
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click

from reliability import demo, doctor
from reliability.cli.clock import now
from reliability.cli.following import Next
from reliability.cli.particulars import ask_particulars
from reliability.cli.running import assessed
from reliability.cli.saving import write_whole
from reliability.cli.saying import print_json, tell
from reliability.cli.screen import console, may_ask, plain, progress
from reliability.cli.terminal import annotate_findings, show_assessment
from reliability.cli.troubles import sheet_troubles, trouble_lines
from reliability.errors import UsageError, WorkerError
from reliability.records import Assessment, Reason
from reliability.reports.document import document_from_issuer
from reliability.reports.render import render
from reliability.reports.statements import reasons
from reliability.submission.guesses import Guesses, guess
from reliability.submission.init import Particulars, model_of, reason, refuse_existing, text_of, write_manifest
from reliability.submission.inspect import describe
from reliability.words.text import Words
from reliability.worker.handing_in import Files, handed_in

KINDS: tuple[Literal["consulting", "summary", "test"], ...] = ("consulting", "summary", "test")
LANGUAGES: tuple[Literal["ko", "en"], ...] = ("ko", "en")
FORMATS: tuple[Literal["pdf", "html"], ...] = ("pdf", "html")


def show_case(assessment: Assessment, said: Words, following: Next, *, as_json: bool) -> None:
    """The record or its summary, and the next commands."""
    if as_json:
        print_json(assessment)
    else:
        show_assessment(assessment, said, following)
    annotate_findings(assessment, said)
    tell(said.text("cli.next_report", case=shlex.quote(str(following.case))))
    for lacking in assessment.not_tested:
        if lacking.code in ("screening_missing", "screening_stale"):
            tell(said.text(f"cli.{lacking.code}", submission=shlex.quote(str(following.submission))))


def show_demo(out: Path, said: Words, *, as_json: bool) -> None:
    """Prepare, assess, write every report; an earlier demo at `out` makes room."""
    demo.clear(out)
    out.mkdir(parents=True)
    (out / demo.MARK).touch()
    tell(said.text("cli.demo.prepare"))
    try:
        assessment = _demo_assessed(out, said, hand_in_predictions=False)
    except WorkerError:
        # The worker's own probe decides, not whether bubblewrap is installed.
        tell(said.text("cli.demo.no_confinement"))
        shutil.rmtree(out / "submission")
        assessment = _demo_assessed(out, said, hand_in_predictions=True)
    tell(said.text("cli.demo.report"))
    for path in _reports(assessment, out):
        tell(f"  {path}")
    if as_json:
        print_json(assessment)
    else:
        show_assessment(assessment, said, Next(submission=out / "submission", case=out / "case"))
    tell(said.text("cli.demo.sex"))
    tell(said.text("cli.demo.done", path=out / f"consulting.{said.lang}.pdf"))


def _demo_assessed(out: Path, said: Words, *, hand_in_predictions: bool) -> Assessment:
    manifest = demo.prepare(out / "submission", hand_in_predictions=hand_in_predictions)
    tell(said.text("cli.demo.assess"))
    return assessed(manifest, "trustworthy-ai", out / "case", now(), said)


def _reports(assessment: Assessment, out: Path) -> list[Path]:
    written = []
    with progress() as bars:
        task = bars.add_task("", total=len(KINDS) * len(LANGUAGES) * len(FORMATS))
        for kind in KINDS:
            document = document_from_issuer(None, kind=kind)
            for lang in LANGUAGES:
                for form in FORMATS:
                    path = out / f"{kind}.{lang}.{form}"
                    write_whole(path, render(assessment, document, kind=kind, lang=lang, format=form))
                    written.append(path)
                    bars.advance(task)
    return written


def show_doctor(said: Words, *, as_json: bool) -> int:
    """What is here and what is missing, with the lines that get it; 2 where something is missing."""
    looked = doctor.examine()
    missing_one = any(one.level == "missing" for one in looked)
    if as_json:
        print_json([asdict(one) for one in looked])
        return 2 if missing_one else 0
    marks = {"ok": "●", "slow": "◇", "missing": "✗"}
    for one in looked:
        words = said.text(f"doctor.{one.code}.{one.level}", what=one.what, found=one.found)
        console().print(f"{marks[one.level]} {words}", soft_wrap=True)
    if all(one.level == "ok" for one in looked):
        click.echo(said.text("cli.doctor.ok"))
        return 0
    lines = doctor.remedies(looked)
    if lines:
        click.echo("\n".join([said.text("doctor.type"), *(f"  {line}" for line in lines)]))
    return 2 if missing_one else 0


def show_inspection(path: Path, said: Words, *, as_json: bool) -> None:
    """What a submission holds, as words or as JSON."""
    files = Files()
    submission = handed_in(path, files=files)
    described = describe(submission, head=files.head)
    if as_json:
        print_json(described)
        return
    screen = console()
    for key, value in _plain_lines(described, said):
        screen.print(plain(f"{key}: {value}"), soft_wrap=True)
    for line in trouble_lines(sheet_troubles(submission.answers, on=now().date()), said):
        screen.print(plain(f"{said.text('answers.trouble')}: {line}"), soft_wrap=True)
    for which in ("evaluation", "training"):
        if described["data"][which]:
            screen.print("", plain(f"{said.text(f'inspect.{which}')}: {described['data'][which]['path']}"), sep="\n")
            for column in described["data"][which]["columns"]:
                kind, role = (said.text(f"inspect.{part}.{column[part]}") for part in ("kind", "role"))
                screen.print(plain(f"  {column['name']}  {kind}  {role}"), soft_wrap=True)


def _plain_lines(described: dict[str, Any], said: Words) -> list[tuple[str, str]]:
    model, labels = described["model"], described["labels"]
    lines = [
        ("organisation", described["organisation"]["name"]),
        ("system", f"{described['system']['name']} {described['system']['version']}"),
        ("task", said.text(f"task.{described['task']}")),
        ("model", " ".join(str(one) for one in model.values() if one) if model else said.text("inspect.no_model")),
        *_file_line(described["model_file"]),
        ("classes", _listed(labels["classes"])),
        ("favourable", _listed(labels["favourable"])),
        *([] if labels["positive"] is None else [("positive", str(labels["positive"]))]),
        ("sensitive", _listed([one["column"] for one in described["sensitive"]])),
        ("segments", _listed(described["segments"])),
        *([("strata", _listed([one["column"] for one in described["strata"]]))] if described["strata"] else []),
        *([("incumbent", described["incumbent"])] if described["incumbent"] else []),
        ("features", _listed(described["features"])),
        ("answers", _answers_line(described["answers"], said)),
    ]  # fmt: skip
    for which in ("evaluation", "training"):
        data = described["data"][which]
        if data:
            rows = f"{data['path']}, {said.text('inspect.rows')} {data['rows']:,}, sha256 {data['sha256']}"
            lines.append((which, rows))
    notes = [*reasons((Reason.model_validate(note) for note in described["notes"]), said)]
    notes += [
        said.text("inspect.spelt_alike", column=one["column"], values=_listed([repr(value) for value in one["values"]]))
        for one in described["spelt_alike"]
    ]
    lines += [("notes", note) for note in notes]
    return [(said.text(f"inspect.{key}"), str(value)) for key, value in lines]


def _file_line(said_of_itself: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What the model's file says of itself, as it says it."""
    if not said_of_itself:
        return []
    told = (f"{name} {_listed(one) if isinstance(one, list) else one}" for name, one in said_of_itself.items())
    return [("model_file", "; ".join(told))]


def _listed(values: str | list[Any]) -> str:
    return values if isinstance(values, str) else ", ".join(map(str, values)) or "–"


def _answers_line(answers: dict[str, Any] | None, said: Words) -> str:
    if answers is None:
        return said.text("inspect.no_answers")
    return f"{answers['path']}, {answers['checklist']} {answers['version']}: {answers['answered']:,}"


def show_init(data: Path, said: Words, *, ask: bool, as_json: bool, **given: Any) -> None:
    """Guess, say why, confirm on a terminal, and write submission.yaml beside the data."""
    refuse_existing(data.parent)
    guesses = _guessed(data, **given)
    if not as_json:
        _show_guesses(guesses, said)
    told = Particulars()
    if ask and may_ask():
        told = ask_particulars(guesses, said)
        if not click.confirm(said.text("cli.init.write"), default=True, err=True):
            raise click.Abort
    place = write_manifest(data.parent, text_of(guesses, said.text, told))
    if as_json:
        print_json({"written": str(place), "guesses": _guess_records(guesses, said)})
    tell(said.text("cli.written", path=str(place)))
    if not guesses.has_answers:
        tell(said.text("init.comment.no_answers"))
    tell(said.text("cli.next_screen", submission=shlex.quote(str(place))))


def _guessed(data: Path, *, model: Path | None, target: str | None, sensitive: tuple[str, ...]) -> Guesses:
    if not data.exists():
        raise UsageError("init_data_missing", "{data}: no such file", data=str(data))
    told = None if model is None else model_of(model, data.parent)
    return guess(data, target=target, sensitive=sensitive, model=told, opened=Files().opened)


def _guess_records(guesses: Guesses, said: Words) -> list[dict[str, Any]]:
    return [
        {"part": one.part, "column": one.column, "reason": reason(one, said.text), "certain": one.certain}
        for one in guesses.guesses
    ]


def _show_guesses(guesses: Guesses, said: Words) -> None:
    for one in guesses.guesses:
        unsure = "" if one.certain else f" {said.text('init.unsure')}"
        line = f"{said.text(f'init.part.{one.part}')}: {one.column}  {reason(one, said.text)}{unsure}"
        console().print(plain(line), soft_wrap=True)
