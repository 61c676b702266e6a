"""The questionnaire at the command line: file and manifest brought up to date, questions asked, standing shown."""

import shlex
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from reliability.checklist.read import read_checklist
from reliability.cli.interview import Interview
from reliability.cli.saving import write_whole
from reliability.cli.saying import print_json, say, tell
from reliability.cli.screen import may_ask, working
from reliability.cli.troubles import trouble_lines
from reliability.cli.workbooks import hand_over, read_in
from reliability.errors import UsageError
from reliability.questionnaire.comments import comments
from reliability.questionnaire.file import Answers, fill_in_digests, name_in_manifest, place_of
from reliability.questionnaire.questions import Questionnaire, State, truths
from reliability.submission.answers import refuse_unstorable
from reliability.words.text import Words
from reliability.worker.handing_in import handed_in


def today() -> date:
    """The day by the clock of the command line, where it stands."""
    return datetime.now().astimezone().date()


def show_answers(
    submission: Path,
    checklist: str,
    said: Words,
    *,
    xlsx: Path | None,
    by: str | None,
    everything: bool,
    no_ask: bool,
    as_json: bool,
) -> None:
    """Bring the answers file up to date, ask on a terminal, and show how the questions stand."""
    if by is not None:
        _refuse_no_name(by)
    answers = _answers(submission, checklist, said)
    reading = None if xlsx is None else read_in(answers, xlsx)  # refused, if at all, before anything is written
    _bring_up_to_date(answers, said)
    if xlsx is not None:
        hand_over(answers, xlsx, reading, said)
    elif may_ask() and not (no_ask or as_json):
        Interview(answers=answers, said=said, by=by).run(everything=everything)
    if as_json:
        print_json(as_record(answers.asked(), answers.place.path))
        return
    _show_standing(answers.asked(), said)
    tell(said.text("cli.next_assess", submission=" ".join(_named(submission, checklist))))


def _named(submission: Path, checklist: str) -> list[str]:
    """The submission as the next command is to name it, with the checklist where it is not the usual one."""
    usual = checklist == "trustworthy-ai"
    return [shlex.quote(str(submission)), *([] if usual else ["--checklist", shlex.quote(checklist)])]


def _answers(submission: Path, checklist: str, said: Words) -> Answers:
    """The answers file of a submission, with what decides which questions apply."""
    chosen = read_checklist(checklist)  # first: it is quickly refused, a large submission is slowly read
    place = place_of(submission)
    if fill_in_digests(place, write=write_whole):
        tell(said.text("answers.filled", path=place.path))
    with working(said.text("answers.reading")):
        known = truths(handed_in(submission))
    return Answers(place=place, checklist=chosen, known=known, today=today(), write=write_whole)


def _bring_up_to_date(answers: Answers, said: Words) -> None:
    """Write the questions that the file does not have yet, and name the file in the manifest."""
    place = answers.place
    if answers.merge(comments(answers.asked(), said)):
        tell(said.text("cli.written", path=str(place.folder / place.path)))
    if name_in_manifest(place, write=write_whole):
        tell(said.text("answers.named", manifest=str(place.manifest), path=place.path))


def as_record(asked: Questionnaire, path: str) -> dict[str, Any]:
    """The questionnaire's state as plain values that JSON can hold."""
    return {
        "checklist": asked.checklist,
        "version": asked.version,
        "path": path,
        "questions": [
            {
                "item": one.item,
                "section": one.section,
                "title": dict(one.title),
                "severity": one.severity,
                "state": asked.states[one.item],
                "applies": {"when": one.when, "facts": dict(one.facts)},
                "required": {"evidence": one.evidence_required, "checked_by": one.checked_by_required},
                **_given(asked, one.item),
            }
            for one in asked.questions
        ],
        "orphaned": [{"item": item, **_given(asked, item)} for item in asked.items("orphaned")],
        "counts": _counts(asked),
    }


def _given(asked: Questionnaire, item: str) -> dict[str, Any]:
    answer = asked.answers.get(item)
    return {
        "answer": None if answer is None else answer.model_dump(mode="json"),
        "troubles": [one.model_dump(mode="json", by_alias=True) for one in asked.troubles.get(item, ())],
    }


def _counts(asked: Questionnaire) -> dict[str, int]:
    return {"asked": len(asked.questions), **{state: len(asked.items(state)) for state in get_args(State)}}


def _show_standing(asked: Questionnaire, said: Words) -> None:
    """How many questions there are and how each stands; what needs somebody comes last."""
    counts: Mapping[str, object] = _counts(asked)
    say(f"{asked.title[said.lang]} {asked.version}")
    say(said.text("answers.counts", **counts))
    for state in get_args(State):
        if state != "answered" and (items := asked.items(state)):
            say(f"{said.text(f'answers.state.{state}')}: {', '.join(items)}")
    for line in trouble_lines(asked.troubles, said):
        say(line)


def _refuse_no_name(by: str) -> None:
    if not by.strip():
        raise UsageError("by_empty", "--by: no name; say who answers")
    refuse_unstorable(by, where="--by", key="by")
