"""What a test report says besides results: uncertainty, what the customer supplied, what its statement applies to."""

from collections.abc import Iterator, Sequence

from reliability.records import Assessment, Json
from reliability.reports import figures
from reliability.reports import identification as known
from reliability.reports.finding_view import FindingView
from reliability.reports.rows import Row
from reliability.words.text import Words

_NOT_COVERED = ("labels", "training", "population", "measurement")


def uncertainty(assessment: Assessment, words: Words) -> Iterator[Row]:
    """What the intervals cover, and each source of uncertainty that they do not (ISO/IEC 17025, 7.8.3.1 c)."""
    decision: dict[str, Json] = assessment.checklist.content.get("decision") or {}
    confidence = figures.percent(decision.get("confidence", 0.95))
    yield Row(
        name=words.text("uncertainty.covered"), text=words.text("uncertainty.covered.text", confidence=confidence)
    )
    for source in _NOT_COVERED:
        text = words.text(f"uncertainty.{source}")
        yield Row(name=words.text(f"uncertainty.{source}.name"), text=text)


def supplied(assessment: Assessment, views: Sequence[FindingView], words: Words) -> Iterator[Row]:
    """What the customer supplied, and that nobody here answers for it (7.8.2.2)."""
    answered = sum(view.answer is not None for view in views)
    origin = assessment.data.evaluation.origin
    yield Row(name=words.text("supplied.system"), text=words.text("supplied.system.text"))
    if origin == "applicant_supplied":
        yield Row(name=words.text("row.evaluation_data"), text=words.text("supplied.data.text"))
    if assessment.data.training:
        yield Row(name=words.text("row.training_data"), text=words.text("supplied.training.text"))
    if answered:
        yield Row(name=words.text("supplied.answers"), text=figures.counted(words, "supplied.answers.text", answered))
    yield Row(name=words.text("supplied.disclaimer"), text=words.text("supplied.disclaimer.text"))


def statement(assessment: Assessment, views: Sequence[FindingView], words: Words) -> Iterator[Row]:
    """To which results the statement of conformity applies, against what, by which rule (7.8.6.2)."""
    judged = [view for view in views if view.verdict not in {"reported", "not_applicable"}]
    missed = [view.item for view in judged if view.tier]
    rules = dict.fromkeys(
        result.criterion.rule for found in assessment.findings for result in found.criteria if result.criterion.rule
    )
    yield Row(name=words.text("declared.results"), text=figures.counted(words, "declared.results.text", len(judged)))
    yield Row(
        name=words.text("declared.specification"),
        text=known.checklist(assessment, words),
        code=f"sha256 {assessment.checklist.sha256}",
    )
    not_met = (
        words.text("declared.not_met.text", n=figures.count(len(missed))) if missed else words.text("declared.all_met")
    )
    yield Row(name=words.text("declared.not_met"), text=not_met)
    if rules:
        told = ", ".join(words.text(f"rule.{rule}") for rule in rules)
        yield Row(name=words.text("row.decision"), text=words.text("declared.rules", rules=told))


def method(assessment: Assessment, words: Words) -> Iterator[Row]:
    """By what it was tested: the checklist's measures, and the software with its version (7.8.2.1 f)."""
    version = assessment.software.get("reliability-workbench", "")
    yield Row(
        name=words.text("row.method"),
        text=words.text(
            "declared.method", checklist=known.checklist(assessment, words), version=version, seed=assessment.seed
        ),
    )


def condition(words: Words) -> Iterator[Row]:
    """In what condition the items arrived (7.8.2.1 g)."""
    yield Row(name=words.text("row.condition"), text=words.text("declared.condition"))
