"""How high the parts of a report stand on its pages, roughly: enough to keep a body within its bounds."""

import math

from reliability.reports.finding_view import CriterionView, FindingView, MeasurementView
from reliability.reports.mending import Mending, RemedyView
from reliability.reports.risks import Risk
from reliability.reports.scale import GroupPlot
from reliability.reports.widths import half_widths

# In points; letters in half-widths.
PAGE = 720.0
LINE, WIDE, CELL, COLUMN, LISTED = 12.5, 105, 42, 96, 116
HEAD, CRITERION, READING, POINT, DRAWING, NAMED, RISK_LINE = 66.0, 34.0, 64.0, 0.75, 180.0, 46, 11.0


def of_finding(one: FindingView) -> float:
    """A finding told at length."""
    texts = [one.headline, one.requirement, one.remedy, one.references, one.evidence_wanted]
    texts += [*one.reasons, *one.causes, *one.decides]
    if one.answer:
        texts += [one.answer.note, one.answer.by, one.answer.checked_by, *(path for path, _ in one.answer.evidence)]
    mending = of_mending(one.mending) if one.mending is not None else 0.0
    return HEAD + _lines(texts, WIDE) * LINE + sum(map(_of_criterion, one.criteria)) + mending


def of_mending(told: Mending) -> float:
    """What was tried for a finding, below it."""
    texts = [told.statement, told.biased, told.less, *told.repairs, *(f"{row.name} {row.text}" for row in told.untried)]
    drawing = DRAWING if told.drawing is not None else 0.0
    switched = LINE * (4 + len(told.switched.rows)) if told.switched is not None else 0.0
    return HEAD + _lines(texts, WIDE) * LINE + sum(map(_of_remedy, told.remedies)) + drawing + switched


def _of_remedy(one: RemedyView) -> float:
    named = _lines([one.name], NAMED) + 1 + sum(_lines([text], NAMED) for text in one.cautions)
    beside = 3 + _lines(one.others, NAMED)
    below = [
        one.moved,
        one.decisions,
        one.not_measured,
        *(f"{each.item} {each.after_word * 3}" for each in one.effects),
    ]
    return LINE * (max(named, beside) + _lines([" ".join(below)], WIDE) + 1)


def of_risk(one: Risk) -> float:
    """A row of the risk register."""
    entry = one.entry
    treated = [entry.treatment or one.proposed, entry.note]
    columns = [
        _lines([one.hazard], 20), 1 + _lines([one.basis], 32), 3 + _lines(treated, 27),
        _lines([entry.residual, one.expected], 13),
    ]  # fmt: skip
    return 5 + RISK_LINE * max(columns)


def of_results(one: FindingView) -> float:
    """A finding in the table of all results; one that is asked has the width of a page to itself."""
    if one.asked:
        told = [one.requirement, *(line.name for line in one.lines)]
        return 3 + 10.8 * _lines([" ".join(told)], LISTED)
    return 3 + 11.4 * (_lines([one.requirement], COLUMN) + _lines([line.name for line in one.lines], CELL))


def _of_criterion(one: CriterionView) -> float:
    notes = _lines(one.notes, WIDE) * LINE
    return CRITERION + notes + sum(map(_of_measurement, one.alone)) + sum(map(_of_plot, one.plots))


def _of_measurement(found: MeasurementView) -> float:
    beside = _of_plot(found.plot) if found.plot else 0.0
    return READING + beside if found.plot and found.plot.wide else max(READING, beside)


def _of_plot(plot: GroupPlot) -> float:
    return plot.height * POINT + (2 * LINE if plot.wide else LINE)


def _lines(texts: "list[str] | tuple[str, ...]", width: int) -> int:
    return sum(math.ceil(half_widths(text) / width) for text in texts if text)
