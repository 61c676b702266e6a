"""A whole report as plain rows for its templates, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reliability.records import WORST_FIRST, Assessment, Outcome, Verdict
from reliability.reports import declarations, methods, priorities
from reliability.reports import identification as known
from reliability.reports.citations import works
from reliability.reports.consultation import Consultation, drawn_up, provenance, with_advice
from reliability.reports.document import Colours, DocumentRecord
from reliability.reports.exhibits import Exhibits, exhibits
from reliability.reports.figures import counted
from reliability.reports.finding_view import FindingView, Tier
from reliability.reports.findings import bilingual, finding_views
from reliability.reports.left_out import LeftOut
from reliability.reports.methods import MethodView
from reliability.reports.next_steps import Plan
from reliability.reports.open_parts import open_parts
from reliability.reports.priorities import Matrix, Todo
from reliability.reports.risks import Register
from reliability.reports.rows import Row
from reliability.reports.summary import NAME, Summary, Whole, summary
from reliability.reports.widths import shortened
from reliability.words.text import Words

VERDICTS: tuple[Verdict, ...] = (*WORST_FIRST, "reported", "not_applicable")
TIERS: tuple[Tier, ...] = ("decides", "open", "condition")


@dataclass(frozen=True, kw_only=True)
class VerdictCount:
    """How many findings have a verdict."""

    verdict: Verdict
    word: str
    n: int
    share: float


@dataclass(frozen=True, kw_only=True)
class SectionView:
    """A section of the checklist with its findings."""

    id: str
    title: str
    findings: tuple[FindingView, ...]

    @property
    def measured(self) -> tuple[FindingView, ...]:
        """The findings that rest on measurements."""
        return tuple(one for one in self.findings if not one.asked)

    @property
    def asked(self) -> tuple[FindingView, ...]:
        """The findings that rest on an answer, or on none."""
        return tuple(one for one in self.findings if one.asked and one.verdict != "not_applicable")

    @property
    def not_applicable(self) -> tuple[FindingView, ...]:
        """The items that were asked of another kind of system."""
        return tuple(one for one in self.findings if one.asked and one.verdict == "not_applicable")


@dataclass(frozen=True, kw_only=True)
class TierView:
    """Findings that do the same to the outcome, worst first."""

    name: Tier
    heading: str
    label: str
    explain: str
    n: int
    findings: tuple[FindingView, ...]  # those that are told at length
    more: str = ""  # how many are not, and where they stand


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Who reports on what to whom, under which number."""

    title: str
    subtitle: str
    customer: str
    issuer: str
    issuer_lines: tuple[str, ...]
    logo: str
    colours: Colours
    number: str
    issued: str
    created: str
    performed: str
    checklist: str
    signatories: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """The outcome and what it rests on."""

    outcome: Outcome
    outcome_word: str
    statement: str
    lead: str
    counts: tuple[VerdictCount, ...]
    findings_total: str
    sections: tuple[SectionView, ...]
    tiers: tuple[TierView, ...]


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """What a test report has to state besides its results."""

    parties: tuple[Row, ...]
    items: tuple[Row, ...]
    dates: tuple[Row, ...]
    declared: tuple[Row, ...]
    sampling: tuple[Row, ...]
    external: tuple[Row, ...]
    uncertainty: tuple[Row, ...]
    supplied: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """Everything that a report prints besides its fixed headings."""

    kind: str
    lang: str
    cover: Cover
    conclusion: Conclusion
    todo: tuple[Todo, ...]
    matrix: Matrix
    exhibits: Exhibits
    summary: Summary
    scope: tuple[Row, ...]
    open_heading: str
    results_heading: str
    not_tested: tuple[Row, ...]
    not_tested_heading: str
    asked_not_tested: str
    methods: tuple[MethodView, ...]
    intervals: tuple[Row, ...]
    rules: tuple[Row, ...]
    works: tuple[Row, ...]
    laboratory: Laboratory
    digests: tuple[Row, ...]
    conditions: tuple[Row, ...]
    isolation: tuple[Row, ...]
    command: str
    amends: tuple[Row, ...]
    deviations: tuple[str, ...]
    opinions: tuple[str, ...]
    plan: Plan | None = None
    register: Register | None = None
    left: LeftOut = field(default_factory=LeftOut)


def report_view(
    assessment: Assessment, document: DocumentRecord, *, kind: str, words: Words, given: Consultation | None = None
) -> ReportView:
    """The rows of a report; a consulting report tells of advice and risks too."""
    given = (given if kind == "consulting" else None) or Consultation()
    views = with_advice(tuple(finding_views(assessment, words)), assessment, given, words)
    conclusion = _conclusion(assessment, views, words)
    front = _cover(assessment, document, words.text(f"report.{kind}.title"), words)
    open_ones = tuple(view for tier in conclusion.tiers for view in tier.findings)
    todo = priorities.todo(open_ones, words, given.entries)
    scope, not_tested = tuple(known.scope(assessment, words)), tuple(known.not_tested(assessment, words))
    explained = methods.explained(assessment, views if kind == "test" else open_ones)
    told = ReportView(
        kind=kind,
        lang=words.lang,
        cover=_bounded(front) if kind == "summary" else front,
        conclusion=conclusion,
        todo=todo,
        matrix=priorities.matrix(views, words),
        exhibits=exhibits(assessment, words),
        summary=summary(_whole(conclusion, open_ones, todo, scope, not_tested, front), words),
        scope=scope,
        open_heading=_open_heading(views, kind, words),
        results_heading=counted(words, "heading.results", len(views)),
        not_tested=not_tested,
        not_tested_heading=_not_tested_heading(assessment, words),
        asked_not_tested=_asked_not_tested(views, words),
        methods=tuple(methods.methods(assessment, explained, words)),
        intervals=tuple(methods.intervals(assessment, explained, words)),
        rules=tuple(methods.rules(assessment, words)),
        works=tuple(works(assessment, words)),
        laboratory=_laboratory(assessment, document, views, words),
        digests=tuple(known.digests(assessment, words)),
        conditions=tuple(known.conditions(assessment, words)),
        isolation=tuple(known.isolation(assessment, words)),
        command=known.command(assessment),
        amends=tuple(known.amends(document, words)),
        deviations=document.deviations,
        opinions=document.opinions,
    )
    return _advising(told, open_ones, views, assessment, given, words) if kind == "consulting" else told


def _advising(
    told: ReportView,
    open_ones: tuple[FindingView, ...],
    views: tuple[FindingView, ...],
    assessment: Assessment,
    given: Consultation,
    words: Words,
) -> ReportView:
    """A report with what a consulting report has besides: customer, plan, risks, and what was handed in with it."""
    page, risks = drawn_up(open_ones, views, assessment, given, words)
    return replace(
        told,
        scope=(*told.scope, known.customer(assessment, words)),
        digests=(*told.digests, *provenance(given, words)),
        plan=page,
        register=risks,
    )


def _whole(
    conclusion: Conclusion,
    ordered: tuple[FindingView, ...],
    todo: tuple[Todo, ...],
    scope: tuple[Row, ...],
    not_tested: tuple[Row, ...],
    front: Cover,
) -> Whole:
    sections = tuple((section.title, section.findings) for section in conclusion.sections)
    return Whole(
        ordered=ordered,
        sections=sections,
        todo=todo,
        scope=scope,
        lead=conclusion.lead,
        not_tested=not_tested,
        signatories=front.signatories,
    )


def _laboratory(
    assessment: Assessment, document: DocumentRecord, views: tuple[FindingView, ...], words: Words
) -> Laboratory:
    return Laboratory(
        parties=tuple(known.parties(assessment, words)),
        items=(
            *known.items(assessment, words),
            *declarations.condition(words),
            *declarations.method(assessment, words),
        ),
        dates=tuple(known.dates(assessment, document, words)),
        declared=tuple(declarations.statement(assessment, views, words)),
        sampling=tuple(known.sampling(assessment, words)),
        external=tuple(known.external(words)),
        uncertainty=tuple(declarations.uncertainty(assessment, words)),
        supplied=tuple(declarations.supplied(assessment, views, words)),
    )


def _bounded(front: Cover) -> Cover:
    """The names of a document, cut where they would take the page from its content."""
    return replace(
        front,
        subtitle=shortened(front.subtitle, NAME),
        customer=shortened(front.customer, NAME),
        issuer=shortened(front.issuer, NAME),
        issuer_lines=tuple(shortened(line, NAME) for line in front.issuer_lines),
        number=shortened(front.number, NAME // 2),
        checklist=shortened(front.checklist, NAME),
    )


def _cover(assessment: Assessment, document: DocumentRecord, title: str, words: Words) -> Cover:
    system = assessment.subject.system
    return cover(
        document,
        words,
        title=title,
        subtitle=f"{system.get('name', '')} {system.get('version', '')}".strip(),
        customer=str(assessment.subject.organisation.get("name", "")),
        created=assessment.dates.finished.isoformat(),
        performed=known.period(assessment),
        checklist=known.checklist(assessment, words),
    )


def cover(
    document: DocumentRecord,
    words: Words,
    *,
    title: str,
    subtitle: str,
    customer: str,
    created: str,
    performed: str,
    checklist: str,
) -> Cover:
    """The cover of a document; a document that nobody issued says so, and bears the day of its record."""
    issuer, unissued = document.issuer, words.text("report.not_issued")
    return Cover(
        title=title,
        subtitle=subtitle,
        customer=customer,
        issuer=issuer.name if issuer else unissued,
        issuer_lines=tuple(line for line in (issuer.address, issuer.place) if line) if issuer else (),
        logo=(issuer.logo or "") if issuer else "",
        colours=issuer.colours if issuer else Colours(),
        number=document.number or unissued,
        issued=document.issued.isoformat() if document.issued else unissued,
        created=document.issued.isoformat() if document.issued else created,
        performed=performed,
        checklist=checklist,
        signatories=tuple((one.name, one.role) for one in issuer.signatories) if issuer else (),
    )


def _conclusion(assessment: Assessment, views: tuple[FindingView, ...], words: Words) -> Conclusion:
    return Conclusion(
        outcome=assessment.outcome,
        outcome_word=words.text(f"outcome.{assessment.outcome}"),
        statement=_statement(assessment, views, words),
        lead=_lead(views, words),
        counts=tuple(_counts(views, words)),
        findings_total=counted(words, "report.items", len(views)),
        sections=tuple(_sections(assessment, views, words)),
        tiers=tuple(_tiers(views, words)),
    )


def _statement(assessment: Assessment, views: tuple[FindingView, ...], words: Words) -> str:
    """The outcome in one sentence."""
    n = {name: sum(view.tier == name for view in views) for name in TIERS}
    telling: dict[Outcome, int] = {
        "does_not_conform": n["decides"],
        "undetermined": n["open"],
        "conforms_with_conditions": n["condition"],
        "conforms": len(views),
    }
    return counted(words, f"statement.{assessment.outcome}", telling[assessment.outcome])


def _lead(views: tuple[FindingView, ...], words: Words) -> str:
    """The outcome in numbers, by verdict as in the tally, and how to read them."""
    passed = [view for view in views if view.verdict == "pass"]
    declared = [view for view in passed if view.declared]
    unverified = sum(bool(view.answer and view.answer.unverified) for view in declared)
    told = [
        words.text("lead.full", total=len(views), measured=len(passed) - len(declared), declared=len(declared)),
        words.text("lead.unverified", n=unverified) if unverified else "",
        _rest(views, words),
        words.text("lead.limits"),
    ]
    return " ".join(text for text in told if text)


def _rest(views: tuple[FindingView, ...], words: Words) -> str:
    parts = [
        words.text("lead.part", verdict=count.word if words.lang == "ko" else count.word.lower(), n=count.n)
        for count in _counts(views, words)
        if count.verdict != "pass"
    ]
    return words.text("lead.rest", rest=", ".join(parts)) if parts else ""


def _counts(views: tuple[FindingView, ...], words: Words) -> Iterator[VerdictCount]:
    for verdict in VERDICTS:
        n = sum(view.verdict == verdict for view in views)
        if n:
            yield VerdictCount(
                verdict=verdict, word=words.text(f"verdict.{verdict}"), n=n, share=round(100 * n / len(views), 2)
            )


def _sections(assessment: Assessment, views: tuple[FindingView, ...], words: Words) -> Iterator[SectionView]:
    for section in assessment.checklist.content["sections"]:
        here = tuple(view for view in views if view.section == section["id"])
        if here:
            yield SectionView(id=section["id"], title=bilingual(section, "title", words.lang), findings=here)


def _tiers(views: tuple[FindingView, ...], words: Words) -> Iterator[TierView]:
    ordered = priorities.in_order(views)
    for name in TIERS:
        here = [view for view in ordered if view.tier == name]
        if here:
            heading = counted(words, f"tier.{name}", len(here))
            yield TierView(
                name=name,
                heading=heading,
                label=counted(words, f"tier.{name}.label", len(here)),
                explain=words.text(f"tier.{name}.explain"),
                n=len(here),
                findings=tuple(open_parts(view, words) for view in here),
            )


def _open_heading(views: tuple[FindingView, ...], kind: str, words: Words) -> str:
    """What is open; a test report says no more than that, for advice is an opinion (ISO/IEC 17025, 7.8.7)."""
    n = sum(view.tier is not None for view in views)
    suffix = "_test" if kind == "test" else ""
    return counted(words, f"heading.open{suffix}", n) if n else words.text(f"heading.nothing_open{suffix}")


def _asked_not_tested(views: tuple[FindingView, ...], words: Words) -> str:
    n = sum(view.declared for view in views)
    return counted(words, "report.asked_not_tested", n) if n else ""


def _not_tested_heading(assessment: Assessment, words: Words) -> str:
    n = len(assessment.not_tested)
    return counted(words, "heading.not_tested", n) if n else words.text("heading.all_tested")
