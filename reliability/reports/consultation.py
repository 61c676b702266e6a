"""What a consulting report tells besides its record: advice on the case, and what people wrote about its risks."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reliability.advice import RECORD, Advice
from reliability.errors import UsageError
from reliability.records import Assessment, canonical_json
from reliability.reports import figures
from reliability.reports.advice import Settling
from reliability.reports.file_rows import FileRows
from reliability.reports.finding_view import FindingView
from reliability.reports.findings import finding_views, first_to_settle, settling, texts
from reliability.reports.mending import Teller
from reliability.reports.next_steps import Known, Plan, by_item, plan, steps
from reliability.reports.open_parts import open_parts
from reliability.reports.priorities import in_order
from reliability.reports.risk_entries import Entries
from reliability.reports.risks import Register, register
from reliability.reports.rows import Row
from reliability.reports.withheld import Withheld
from reliability.words.text import Words


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """Advice on a case, and a risk register that was filled in; either may be missing."""

    advice: Advice | None = None
    entries: Entries = field(default_factory=Entries)

    @property
    def identity(self) -> str:
        """What tells documents of one record apart by what was handed in with it; empty where nothing was."""
        told = hashlib.sha256(canonical_json(self.advice)).hexdigest() if self.advice is not None else ""
        return f"{told} {self.entries.sha256}".strip()


def refuse_other(advice: Advice, assessment: Assessment) -> None:
    """Refuse advice on another case than the one that is reported on."""
    case = hashlib.sha256(canonical_json(assessment)).hexdigest()
    if advice.case.sha256 != case:
        raise UsageError(
            "advice_of_another_case",
            "the advice is on another case ({met}, not {expected}); name the advice on this one, or advise on it",
            met=advice.case.sha256[:12], expected=case[:12],
        )  # fmt: skip


def with_advice(
    views: tuple[FindingView, ...], assessment: Assessment, given: Consultation, words: Words
) -> tuple[FindingView, ...]:
    """Findings with what was tried for them; how many rows would decide one is told by the advice, where it tells."""
    advice = given.advice
    if advice is None:
        return views
    withheld = Withheld.of(
        one for found in assessment.findings for result in found.criteria for one in result.measurements
    )
    files = FileRows.of(assessment)
    teller, found = Teller(advice, withheld, words), {one.item: one for one in assessment.findings}
    told = {
        one.item: replace(teller.mending(found[one.item], one), entry=given.entries.of(one.item))
        for one in advice.findings
        if one.item in found
    }

    def mended(view: FindingView) -> FindingView:
        mending = told.get(view.item)
        if mending is None or not mending.rows:
            return replace(view, mending=mending)
        rest = [one for one in settling(found[view.item], words, withheld, files) if one.times is None]
        rows = [
            Settling(text=text, verdict=view.verdict, times=math.inf if times is None else float(times))
            for text, times in zip(mending.rows, mending.times, strict=True)
        ]
        first = first_to_settle(found[view.item], [*rows, *rest], words)
        return replace(view, mending=mending, decides=texts([*rows, *rest]), settling=first)

    return tuple(mended(view) for view in views)


def drawn_up(
    ordered: tuple[FindingView, ...],
    views: tuple[FindingView, ...],
    assessment: Assessment,
    given: Consultation,
    words: Words,
) -> tuple[Plan | None, Register]:
    """The plan on one page, where there is advice, and the risk register."""
    known = Known(advice=given.advice, rows=assessment.data.evaluation.rows, entries=given.entries)
    every = steps(ordered, known, words)
    page = plan(every, given.advice, words) if given.advice is not None and every else None
    return page, register(assessment, views, by_item(every), given.entries, words)


def risk_register(assessment: Assessment, given: Consultation, words: Words) -> Register:
    """The risk register of a case by itself."""
    views = with_advice(tuple(finding_views(assessment, words)), assessment, given, words)
    views = tuple(open_parts(view, words) for view in views)
    return drawn_up(in_order(views), views, assessment, given, words)[1]


def provenance(given: Consultation, words: Words) -> Iterator[Row]:
    """The files that were handed in with the record, by their digests."""
    if given.advice is not None:
        advice = given.advice
        told = words.text("report.advice_file", finished=figures.moment(advice.finished), seed=advice.seed)
        by = [words.text("report.advised_by", person=advice.by)] if advice.by else []
        yield Row(name=RECORD, text=" ".join([told, *by]),
                  code=hashlib.sha256(canonical_json(advice)).hexdigest())  # fmt: skip
    if given.entries.sha256:
        yield Row(name=given.entries.name, text=words.text("report.risks_file"), code=given.entries.sha256)
