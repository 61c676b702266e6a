"""The results as JUnit XML, which build servers read: one test case an item, one test suite a section."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reliability.checklist.judge import judge
from reliability.records import WORST_FIRST, Assessment, Criterion, CriterionResult, Finding, Measurement, Verdict
from reliability.reports.finding_view import FindingView
from reliability.reports.findings import finding_views
from reliability.reports.public import PublicFinding, PublicMeasurement
from reliability.reports.tables import Cell, Results, ends, one_line
from reliability.words.text import Words

# What each verdict is to a build server; what is not named here has passed.
KINDS: Mapping[Verdict, str] = {
    "fail": "failure", "conditional_fail": "failure", "error": "error",
    "inconclusive": "skipped", "not_assessed": "skipped", "not_applicable": "skipped",
}  # fmt: skip
FIGURES = ("value", "low", "high")


def junit_of(assessment: Assessment, words: Words) -> bytes:
    """The results as JUnit XML; the same record gives the same bytes."""
    results = Results(assessment, words)
    root = Element("testsuites", {"name": _suites_name(assessment)})
    views = finding_views(assessment, words)
    together = zip(assessment.findings, results.record.findings, views, strict=True)
    finished = assessment.dates.finished.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for section, here in groupby(together, key=lambda one: results.section(one[0].item)):
        suite = SubElement(root, "testsuite", {"name": section})
        suite.append(_properties(_of_record(results)))
        suite.extend(_case(results, section, *one) for one in here)
        _count(suite, {"timestamp": finished})
    _count(root, {})
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suites_name(assessment: Assessment) -> str:
    system, checklist = assessment.subject.system, assessment.checklist
    name = f"{checklist.id} {checklist.version} · {system.get('name', '')} {system.get('version', '')}"
    return one_line(name)


def _of_record(results: Results) -> Iterator[tuple[str, Cell]]:
    record = results.record
    yield "outcome", record.outcome
    yield "checklist", f"{record.checklist.id} {record.checklist.version}"
    yield "checklist_sha256", record.checklist.sha256
    yield "assessment_sha256", record.assessment
    yield "model_sha256", record.subject.model.sha256 if record.subject.model else None
    yield "data_sha256", record.evaluation.sha256
    yield "seed", record.seed


def _case(results: Results, section: str, found: Finding, public: PublicFinding, view: FindingView) -> Element:
    case = Element(
        "testcase", {"classname": section, "name": f"{one_line(found.item)} {results.title(found.item)}", "time": "0"}
    )
    case.append(_properties(_of_finding(found, public)))
    kind = KINDS.get(found.verdict)
    if kind:
        why = _why(results, public)
        said = SubElement(case, kind, {"message": one_line(view.headline) if kind == "failure" else why})
        if kind != "skipped":  # whose text no schema but ours allows
            said.set("type", found.verdict)
            said.text = "\n".join(_told(view, why, said.get("message", "")))
    SubElement(case, "system-out").text = "\n".join(_lines(view, results.words))
    return case


def _of_finding(found: Finding, public: PublicFinding) -> Iterator[tuple[str, Cell]]:
    yield "verdict", found.verdict
    yield "severity", found.severity
    if found.answer:
        yield "answer", found.answer.answer
    place = next((place for place, one in enumerate(found.criteria) if one.verdict == found.verdict), 0)
    if not found.criteria:
        return
    result = found.criteria[place]
    yield "check", result.criterion.check
    yield "threshold", _threshold(result.criterion)
    yield "rule", result.criterion.rule
    if result.measurements:
        yield from _of_measurement(public.criteria[place].measurements[_deciding(result)])


def _of_measurement(found: PublicMeasurement) -> Iterator[tuple[str, Cell]]:
    yield from ((name, getattr(found, name)) for name in (*FIGURES, "n"))
    yield "confidence", None if found.low is None else found.confidence
    yield "unit", found.unit
    yield "by", " × ".join(found.by) or None
    yield "slice", ", ".join(f"{name}={level}" for name, level in sorted(found.slice.items())) or None
    yield "suppressed", "true" if found.suppressed else None


def _deciding(result: CriterionResult) -> int:
    """The place of the measurement whose own verdict is the worst; of equals, the first."""

    def rank(found: Measurement) -> int:
        own = judge(result.criterion, (found,)).verdict
        return WORST_FIRST.index(own) if own in WORST_FIRST else len(WORST_FIRST)

    return min(range(len(result.measurements)), key=lambda place: rank(result.measurements[place]))


def _threshold(criterion: Criterion) -> str | None:
    if criterion.equals is not None:
        return f"= {one_line(criterion.equals)}"
    at_least, at_most = ends(criterion)
    parts = [f"{sign} {one_line(end)}" for sign, end in ((">=", at_least), ("<=", at_most)) if end is not None]
    return " and ".join(parts) or None


def _why(results: Results, found: PublicFinding) -> str:
    """Why an item has no plain verdict; its verdict where nothing says why."""
    every = [
        *found.reasons,
        *(reason for one in found.criteria if one.verdict == found.verdict for reason in one.reasons),
        *(
            measured.reason
            for one in found.criteria
            if one.verdict == found.verdict
            for measured in one.measurements
            if measured.reason
        ),
    ]
    return results.reasons(every) or results.words.text(f"verdict.{found.verdict}")


def _told(view: FindingView, why: str, message: str) -> Iterator[str]:
    """What a failure says beyond its message: the requirement, the reasons, what would decide it or mend it."""
    texts = map(one_line, (view.requirement, why, *view.decides, view.remedy))
    yield from (text for text in dict.fromkeys(texts) if text and text != message)


def _lines(view: FindingView, words: Words) -> Iterator[str]:
    """Every measurement of an item on a line of its own, as the documents print it."""
    for line in view.lines:
        parts = (
            line.name,
            line.value,
            f"[{line.interval}]" if line.interval else "",
            f"{words.text('report.limit')} {line.limit}" if line.limit else "",
            f"n {line.n}" if line.n else "",
            words.text(f"verdict.{line.verdict}") if line.verdict else "",
        )
        yield one_line(" · ".join(part for part in parts if part))


def _properties(told: Iterable[tuple[str, Cell]]) -> Element:
    properties = Element("properties")
    for name, value in told:
        if value is not None:
            SubElement(properties, "property", {"name": name, "value": one_line(value)})
    return properties


def _count(suite: Element, more: Mapping[str, str]) -> None:
    """How many cases came out how, as attributes of a suite."""
    named = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: str(sum(1 for _ in suite.iter(tag))) for name, tag in named.items()}
    suite.attrib.update({**counts, "time": "0", **more})
