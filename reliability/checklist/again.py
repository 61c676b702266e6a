"""Judges a record again: its verdicts and its outcome must follow from its own measurements."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reliability.checklist.judge import judge, worst
from reliability.checklist.outcome import outcome_of
from reliability.checklist.written import Bars
from reliability.errors import RecordError
from reliability.records import Assessment, CriterionResult, Finding


def refuse_contradiction(assessment: Assessment, *, path: str) -> None:
    """Refuse a record that says something else than its measurements do.

    Raises
    ------
    RecordError
        If an item is missing, unknown or there twice, or a verdict or the outcome does not follow.
    """
    content = assessment.checklist.content
    items = {item["id"]: item for section in content["sections"] for item in section["items"]}
    for place in _contradictions(assessment, items):
        raise RecordError(
            "record_contradicts",
            "{path}: {place} does not follow from the rest of the record; it was changed after the assessment: "
            "ask for the original",
            path=path,
            place=place,
        )


def _contradictions(assessment: Assessment, items: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    counts = Counter(finding.item for finding in assessment.findings)
    yield from (f"finding {item}" for item in sorted({*items, *counts}) if counts[item] != 1 or item not in items)
    for finding in assessment.findings:
        yield from (f"verdict of {finding.item}" for result in finding.criteria if not _follows(result))
        if finding.criteria and finding.verdict != worst(result.verdict for result in finding.criteria):
            yield f"verdict of {finding.item}"
        if not finding.criteria and not _answered(finding, items[finding.item]):
            yield f"verdict of {finding.item}"
    bars = Bars.model_validate(assessment.checklist.content["outcome"])
    own = {item: given["bar"] for item, given in items.items() if given.get("bar")}
    if assessment.outcome != outcome_of(assessment.findings, bars, own):
        yield "outcome"


def _follows(result: CriterionResult) -> bool:
    if not result.measurements:
        return result.verdict == judge(result.criterion, (), lacking=next(iter(result.reasons), None)).verdict
    return result.verdict == judge(result.criterion, result.measurements).verdict


def _answered(finding: Finding, item: Mapping[str, Any]) -> bool:
    """Whether an answer, or its want, allows this verdict; only a condition or an answer makes not applicable."""
    allowed = {None: {"not_assessed"}, "met": {"pass"}, "partly": {"conditional_fail"}, "not_met": {"fail"}}
    given = None if finding.answer is None else finding.answer.answer
    if finding.verdict == "not_applicable":
        return given == "not_applicable" or "when" in item
    return "ask" in item and finding.verdict in {"not_assessed", *allowed.get(given, set())}
