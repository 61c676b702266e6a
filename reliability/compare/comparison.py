"""Compares two cases: what changed, and what of it is more than chance."""

from collections.abc import Iterable
from importlib import metadata

from reliability.changes import AnswerChange, Comparison, MeasurementChange, OnlyIn, Titles, VerdictChange
from reliability.compare.cases import Case
from reliability.compare.inputs import checklist_changes, input_changes
from reliability.compare.items import answer_changes, only_in, verdict_changes
from reliability.compare.measurements import measurement_changes
from reliability.compare.rows import paired_rows
from reliability.records import Assessment


def compare(before: Case, after: Case) -> Comparison:
    """Two cases side by side.

    Parameters
    ----------
    before, after : Case
        Assessments that follow from their measurements, with their rows where these are there.

    Returns
    -------
    Comparison
        The same record for the same cases, whenever it is made.

    Raises
    ------
    RecordError
        If a file of rows is not the one that its record names.
    """
    compared, rows = paired_rows(before, after)
    confidence = max(_confidence(before), _confidence(after))
    measured = measurement_changes(before, after, rows, confidence)
    verdicts, answers = tuple(verdict_changes(before, after)), tuple(answer_changes(before, after))
    only_before = OnlyIn(items=only_in(before, after), measurements=measured.only_before)
    only_after = OnlyIn(items=only_in(after, before), measurements=measured.only_after)
    named = _named(verdicts, answers, measured.changes, (*only_before.items, *only_after.items))
    checklist = checklist_changes(before, after)
    return Comparison(
        software=metadata.version("reliability-workbench"),
        before=before.identity(),
        after=after.identity(),
        identical=_undated(before.assessment) == _undated(after.assessment),
        confidence=confidence,
        tested=measured.tested,
        rows=compared,
        titles=_titles((before, after), {*named, *(str(one.item) for one in checklist if one.item)}),
        inputs=input_changes(before, after),
        checklist=checklist,
        verdicts=verdicts,
        answers=answers,
        measurements=measured.changes,
        only_before=only_before,
        only_after=only_after,
    )


def _confidence(case: Case) -> float:
    return float(case.checklist.decision.confidence)


def _undated(assessment: Assessment) -> Assessment:
    return assessment.model_copy(update={"dates": None})


def _named(
    verdicts: Iterable[VerdictChange],
    answers: Iterable[AnswerChange],
    measured: Iterable[MeasurementChange],
    only: Iterable[str],
) -> set[str]:
    """Items that the comparison speaks of."""
    measuring = (item for one in measured for item in one.items)
    return {*(one.item for one in verdicts), *(one.item for one in answers), *measuring, *only}


def _titles(cases: tuple[Case, Case], named: set[str]) -> dict[str, Titles]:
    """Short titles of the items named, as the later checklist has them."""
    titles: dict[str, Titles] = {}
    for case in cases:
        titles |= {item.id: dict(item.title or item.requirement) for item in case.checklist.items if item.id in named}
    return titles
