"""The screening at the command line: questions asked or written down, the record left, the result shown."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from reliability.cli.questioning import today
from reliability.cli.saving import write_whole
from reliability.cli.saying import print_json, tell
from reliability.cli.screen import console, may_ask, plain
from reliability.cli.screening_interview import Interview
from reliability.cli.screening_sheet import Sheet
from reliability.records import canonical_json
from reliability.reports.screening_wording import Wording
from reliability.screening.conclusions import conclude
from reliability.screening.inputs import Inputs, read_inputs
from reliability.screening.record import RECORD, Screening
from reliability.screening.screen import screen
from reliability.submission.answers import refuse_unstorable
from reliability.submission.places import inside
from reliability.words.text import Words

FIRST_STEPS = 3
MOST_OPEN = 8


def show_screening(
    submission: Path, said: Words, *, by: str | None, everything: bool, no_ask: bool, as_json: bool
) -> None:
    """Ask or write down what is open, leave the record, and show what follows."""
    refuse_unstorable(by or "", where="screen", key="--by")
    inputs, day = read_inputs(submission), today().isoformat()
    record_file = inside(inputs.folder, RECORD, where=RECORD, key="file").resolve()
    sheet = Sheet(folder=inputs.folder, questions=inputs.questions, said=said, write=write_whole)
    if may_ask() and not (no_ask or as_json):
        interview = Interview(inputs=inputs, sheet=sheet, said=said, today=day, by=by)
        inputs = interview.run(everything=everything)
    else:
        inputs = _written_down(inputs, sheet, said)
    record = screen(inputs, date=day)
    write_whole(record_file, canonical_json(record))
    if as_json:
        print_json(record)
    else:
        _show(record, Wording(questions=inputs.questions, words=said))
    tell(said.text("cli.written", path=str(record_file)))
    tell(said.text("screening.next", submission=shlex.quote(str(submission))))


def _written_down(inputs: Inputs, sheet: Sheet, said: Words) -> Inputs:
    """The sheet with every question that may be asked; how many are new is told."""
    found = conclude(inputs.questions, inputs.answers.values, inputs.stated)
    new = sheet.add([name for name, asked in found.asked.items() if asked is not False])
    if new:
        tell(said.text("screening.to_fill_in", n=new, path=str(sheet.place)))
    return replace(inputs, answers=sheet.read())


def _show(record: Screening, wording: Wording) -> None:
    said, screen = wording.words, console()
    heading = f"{record.system['name']} {record.system['version']} · {said.text('screening.title')}"
    screen.print(Text(plain(f"{heading} {record.questions.version} ({record.date})"), style="bold"), soft_wrap=True)
    screen.print("")
    for line in _lines(record, wording):
        screen.print(plain(line), soft_wrap=True)
    screen.print(Text(f"\n{said.text('screening.advice')}", style="dim"), soft_wrap=True)


def _lines(record: Screening, wording: Wording) -> Iterator[str]:
    """Results of both laws, the tier, what to do first, what is open."""
    said = wording.words
    for law, result in (("kr", record.kr), ("eu", record.eu)):
        yield f"{said.text(f'screening.law.{law}')}: {wording.status(law, result.status, result.possible)}"
        yield from _because(record, result.because, wording) if result.status else ()
        yield from (f"    · {wording.text('points', name)}" for name, met in result.points.items() if met)
    tier = wording.status("tier", record.hub.tier, record.hub.possible)
    tier = tier if record.hub.possible else said.text("screening.no_tier")
    yield f"{said.text('screening.tier')}: {tier}{_hub(record, said)}"
    yield from ("", said.text("screening.first_steps"))
    for number, action in enumerate(record.actions[:FIRST_STEPS], 1):
        yield f"  {number}. {wording.text('actions', action)}"
    yield ""
    if record.open:
        deciding = [one.question for one in record.open if one.decides]
        yield said.text("screening.open", n=len(record.open), deciding=len(deciding))
        yield from (f"    ? {wording.text('questions', one)}" for one in deciding[:MOST_OPEN])
        yield from ([said.text("screening.open_more", n=len(deciding) - MOST_OPEN)] if deciding[MOST_OPEN:] else [])
    yield said.text("screening.counts", duties=len(record.duties), confirm=len(record.confirm))


def _because(record: Screening, branches: Iterable[str], wording: Wording) -> Iterator[str]:
    """What a result rests on, with the answers: met, not met, or open."""
    given = {one.question: one.value for one in record.answers}
    for step in record.steps:
        if step.branch in branches:
            told = " · ".join(wording.answer(one, given[one]) for one in step.answers if one in given)
            behind = f" — {told}" if told else ""
            met = wording.words.text(f"screening.met.{str(step.met).lower()}")
            yield f"    {met}  {wording.text('branches', step.branch)}{behind}"


def _hub(record: Screening, said: Words) -> str:
    """What the hub recommends, behind the tier."""
    if record.hub.served is False:
        return f" — {said.text('screening.not_served')}"
    told = [said.text("screening.checklists", names=", ".join(record.hub.checklists))] if record.hub.checklists else []
    told += [said.text("screening.second_reviewer")] if record.hub.second_reviewer else []
    return "".join(f" · {one}" for one in told)
