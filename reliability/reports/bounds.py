"""Keeps a report to some sixty pages: what takes more room is cut, and stands whole in files that it carries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from reliability.records import Assessment
from reliability.reports import heights
from reliability.reports import identification as known
from reliability.reports.advised_bounds import (
    MOST_UNTRIED,
    bounded_entry,
    bounded_mending,
    bounded_plan,
    bounded_register,
)
from reliability.reports.annex import Annex, Holding, Whole, annexes
from reliability.reports.figures import counted
from reliability.reports.finding_view import AnswerView, CriterionView, FindingView, ResultLine, Tier
from reliability.reports.left_out import AnnexLine, LeftOut
from reliability.reports.mending import Mending
from reliability.reports.open_parts import judged_lines
from reliability.reports.priorities import Todo
from reliability.reports.rows import Row
from reliability.reports.scale import GroupPlot
from reliability.reports.view import Laboratory, ReportView, SectionView, TierView
from reliability.reports.widths import shortened
from reliability.words.text import Words

T = TypeVar("T")
Untested = Sequence[tuple[Row, int]]

# How much of the findings' room each tier may take; what one leaves goes to the next.
SHARES: dict[Tier, float] = {"decides": 0.6, "open": 0.25, "condition": 0.15}
FINDINGS_ROOM, RESULTS_ROOM, ASKED_ROOM = 22 * heights.PAGE, 9 * heights.PAGE, 5 * heights.PAGE
MOST_LINES, MOST_PLAN, MOST_INPUTS, MOST_NOT_TESTED = 12, 60, 40, 30
MOST_SENTENCES, MOST_FILES, MOST_MEASURED = 5, 5, 12
# In half-widths.
NAME, LINE, SENTENCE, PARAGRAPH, NOTE = 160, 88, 400, 600, 900


@dataclass(kw_only=True)
class Cutting:
    """Cuts, and remembers what has to stand whole in which file."""

    words: Words
    wanted: set[Holding] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def text(self, text: str, most: int, holds: Holding = "findings") -> str:
        """A text that takes no more half-widths than these."""
        short = shortened(text, most)
        if short != text:
            self.texts.add(text)
            self.wanted.add(holds)
        return short

    def some(self, whole: Sequence[T], most: int, holds: Holding) -> tuple[T, ...]:
        """The first of these."""
        if len(whole) > most:
            self.wanted.add(holds)
        return tuple(whole[:most])

    def said(self, key: str, n: int, holds: Holding) -> str:
        """How many were left out, and where they stand; empty where none were."""
        if n <= 0:
            return ""
        self.wanted.add(holds)
        return counted(self.words, f"left.{key}", n, file=f"{holds}.csv")


def bounded(view: ReportView, assessment: Assessment, words: Words) -> tuple[ReportView, tuple[Annex, ...]]:
    """A report within its bounds, and the files that hold what it left out; a summary is cut by itself."""
    if view.kind == "summary":
        return view, ()
    views = [one for section in view.conclusion.sections for one in section.findings]
    cutting = Cutting(words=words)
    untested = tuple(known.by_reason(view.not_tested))
    conclusion, results = view.conclusion, _Results(cutting, advice=view.kind == "consulting")
    told = replace(
        view,
        conclusion=replace(
            conclusion,
            sections=tuple(results.section(section) for section in conclusion.sections),
            tiers=tuple(_tiers(conclusion.tiers, cutting)),
        ),
        todo=tuple(_todo(one, cutting) for one in view.todo[:MOST_PLAN]),
        scope=_rows(view.scope, cutting),
        not_tested=_rows((row for row, _ in untested[:MOST_NOT_TESTED]), cutting),
        laboratory=_laboratory(view.laboratory, cutting),
        digests=_rows(cutting.some(view.digests, MOST_INPUTS, "inputs"), cutting),
        conditions=_rows(view.conditions, cutting),
        isolation=_rows(view.isolation, cutting),
        works=_rows(view.works, cutting),
        plan=bounded_plan(view.plan, cutting) if view.plan is not None else None,
        register=bounded_register(view.register, cutting) if view.register is not None else None,
    )
    whole = Whole(
        assessment=assessment, views=views, opinions=view.kind != "test", words=words, register=view.register
    )  # fmt: skip
    return _with_files(told, view, untested, results, whole, cutting)


def _with_files(
    told: ReportView, view: ReportView, untested: Untested, results: "_Results", whole: Whole, cutting: Cutting
) -> tuple[ReportView, tuple[Annex, ...]]:
    left = LeftOut(
        results=cutting.said("results", results.lines, "results"),
        shown_only=cutting.said("shown_only", results.shown_only, "results"),
        items=cutting.said("items", results.items, "findings"),
        plan=cutting.said("plan", len(view.todo) - MOST_PLAN, "findings"),
        risks=cutting.said("risks", _risks(view) - _risks(told), "risks"),
        inputs=cutting.said("inputs", len(view.digests) - MOST_INPUTS, "inputs"),
        not_tested=cutting.said("not_tested", sum(n for _, n in untested[MOST_NOT_TESTED:]), "inputs"),
        texts=counted(cutting.words, "left.texts", len(cutting.texts)) if cutting.texts else "",
    )
    files = annexes(whole, cutting.wanted)
    lines = tuple(AnnexLine(name=one.name, text=_held(one, cutting.words)) for one in files)
    return replace(told, left=replace(left, files=lines)), files


def _risks(view: ReportView) -> int:
    return len(view.register.risks) if view.register is not None else 0


def _held(one: Annex, words: Words) -> str:
    return f"{one.told} · {counted(words, 'left.rows', one.rows)}"


def offered(view: ReportView, files: Iterable[Annex], words: Words, *, room: int) -> ReportView:
    """A report whose page offers the files themselves, the smallest first, as far as the room in bytes goes."""
    links: dict[str, str] = {}
    for one in sorted(files, key=lambda file: len(file.link)):
        room -= len(one.link)
        if room >= 0:
            links[one.name] = one.link
    absent = words.text("left.in_pdf")
    lines = tuple(
        replace(line, link=links[line.name]) if line.name in links else replace(line, where=absent)
        for line in view.left.files
    )
    return replace(view, left=replace(view.left, files=lines))


class _Results:
    """The table of all results, within its room: items past it stand there by name and verdict only."""

    def __init__(self, cutting: Cutting, *, advice: bool) -> None:
        self.cutting, self.advice = cutting, advice
        self.room = {True: ASKED_ROOM, False: RESULTS_ROOM}  # of items that are asked, and of measured ones
        self.lines = self.items = self.shown_only = 0

    def section(self, section: SectionView) -> SectionView:
        """A section with as much of each item as there is room for."""
        findings = tuple(self._item(_finding(one, self.cutting), one) for one in section.findings)
        return replace(section, title=self.cutting.text(section.title, NAME), findings=findings)

    def _item(self, short: FindingView, whole: FindingView) -> FindingView:
        self.room[short.asked] -= heights.of_results(short)
        if self.room[short.asked] >= 0:
            self.lines += len(whole.lines) - len(short.lines)
            return self._judged(short) if self.advice else short
        self.items += 1
        self.lines += 0 if short.asked else len(whole.lines)
        title = shortened(short.title, LINE)
        return replace(short, title=title, requirement=title, lines=(), long=False)

    def _judged(self, short: FindingView) -> FindingView:
        told = judged_lines(short)
        self.shown_only += len(short.lines) - len(told.lines)
        return told


def _tiers(tiers: Iterable[TierView], cutting: Cutting) -> Iterator[TierView]:
    """Each tier with as many of its findings at length as there is room for."""
    room = 0.0
    for tier in tiers:
        room += SHARES[tier.name] * FINDINGS_ROOM
        kept: list[FindingView] = []
        for one in (_finding(each, cutting) for each in tier.findings):
            if kept and heights.of_finding(one) > room:
                break
            room -= heights.of_finding(one)
            kept.append(one)
        more = cutting.said("findings", len(tier.findings) - len(kept), "findings")
        yield replace(tier, findings=tuple(kept), more=more)


def _finding(one: FindingView, cutting: Cutting) -> FindingView:
    """A finding whose texts are no longer than a page can take."""
    cut = cutting.text
    if any(plot.more for each in one.criteria for plot in _plots(each)):
        cutting.wanted.add("groups")
    return replace(
        one,
        title=cut(one.title, NAME),
        requirement=cut(one.requirement, PARAGRAPH),
        headline=cut(one.headline, SENTENCE),
        lines=tuple(_line(line, cutting) for line in cutting.some(one.lines, MOST_LINES, "results")),
        criteria=tuple(_criterion(each, cutting) for each in one.criteria),
        answer=_answer(one.answer, cutting) if one.answer else None,
        evidence_wanted=cut(one.evidence_wanted, PARAGRAPH),
        reasons=_sentences(one.reasons, cutting),
        causes=_sentences(one.causes, cutting),
        decides=_sentences(one.decides, cutting),
        remedy=cut(one.remedy, PARAGRAPH),
        references=cut(one.references, SENTENCE),
        mending=_mending(one, cutting),
    )


def _mending(one: FindingView, cutting: Cutting) -> Mending | None:
    if one.mending is None:
        return None
    if len(one.mending.untried) > MOST_UNTRIED:
        cutting.wanted.add("remedies")
    return bounded_mending(one.mending, cutting)


def _plots(one: CriterionView) -> Iterator[GroupPlot]:
    yield from one.plots
    yield from (found.plot for found in one.measurements if found.plot)


def _sentences(texts: Sequence[str], cutting: Cutting) -> tuple[str, ...]:
    return tuple(cutting.text(text, SENTENCE) for text in cutting.some(texts, MOST_SENTENCES, "findings"))


def _line(line: ResultLine, cutting: Cutting) -> ResultLine:
    return replace(line, name=cutting.text(line.name, NAME, "results"))


def _criterion(one: CriterionView, cutting: Cutting) -> CriterionView:
    """A criterion with no more measurements and notes than a page can take."""
    more = len(one.alone) - MOST_MEASURED
    shown = one.alone[:MOST_MEASURED]
    kept = tuple(found for found in one.measurements if found not in one.alone or found in shown)
    return replace(
        one,
        title=cutting.text(one.title, NAME),
        about=cutting.text(one.about, NAME, "results"),
        basis=cutting.text(one.basis, SENTENCE, "results"),
        measurements=tuple(replace(found, label=cutting.text(found.label, NAME, "results")) for found in kept),
        plots=tuple(replace(plot, title=cutting.text(plot.title, NAME, "groups")) for plot in one.plots),
        notes=(*_sentences(one.notes, cutting), *([cutting.said("measured", more, "results")] if more > 0 else [])),
    )


def _answer(given: AnswerView, cutting: Cutting) -> AnswerView:
    """An answer with no more words and files than a page can take."""
    files = cutting.some(given.evidence, MOST_FILES, "evidence")
    return replace(
        given,
        by=cutting.text(given.by, NAME, "answers"),
        note=cutting.text(given.note, NOTE, "answers"),
        checked_by=cutting.text(given.checked_by, NAME, "answers"),
        evidence=tuple((cutting.text(path, NAME, "evidence"), digest) for path, digest in files),
        more=cutting.said("evidence", len(given.evidence) - len(files), "evidence"),
    )


def _todo(one: Todo, cutting: Cutting) -> Todo:
    return replace(
        one,
        title=shortened(one.title, NAME),
        headline=shortened(one.headline, SENTENCE),
        figure=shortened(one.figure, SENTENCE),
        action=cutting.text(one.action, SENTENCE),
        entry=bounded_entry(one.entry, cutting),
    )


def _rows(rows: Iterable[Row], cutting: Cutting) -> tuple[Row, ...]:
    return tuple(
        replace(row, name=cutting.text(row.name, NAME, "inputs"), text=cutting.text(row.text, NOTE, "inputs"))
        for row in rows
    )


def _laboratory(told: Laboratory, cutting: Cutting) -> Laboratory:
    return replace(told, items=_rows(told.items, cutting), parties=_rows(told.parties, cutting))
