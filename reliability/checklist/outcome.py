"""What the findings together say."""

from collections.abc import Mapping, Sequence

from reliability.checklist.read import Checklist
from reliability.checklist.written import Bars
from reliability.records import Finding, Outcome

_UNDECIDED = frozenset({"error", "conditional_fail", "inconclusive", "not_assessed"})
_CLOSED = frozenset({"pass", "conditional_pass", "reported", "not_applicable"})


def outcome(findings: Sequence[Finding], checklist: Checklist) -> Outcome:
    """The outcome of an assessment: the first of the four that holds.

    Raises
    ------
    ValueError
        If the findings are not one for every item: a missing one must not help.
    """
    if sorted(finding.item for finding in findings) != sorted(item.id for item in checklist.items):
        raise ValueError("an outcome needs one finding for every item of the checklist")
    own = {item.id: item.bar for item in checklist.items if item.bar}
    return outcome_of(findings, checklist.outcome, own)


def outcome_of(findings: Sequence[Finding], bars: Bars, own: Mapping[str, str]) -> Outcome:
    """The outcome by the bars of the severities, and by the bars that items have of their own."""
    minors = [finding for finding in findings if finding.severity == "minor"]
    weighty = [finding for finding in findings if finding.severity != "minor"]
    failed_minors = sum(finding.verdict == "fail" for finding in minors)
    if any(finding.verdict == "fail" for finding in weighty) or failed_minors > bars.open_minor:
        return "does_not_conform"
    if any(_undecided(finding, bars, own) for finding in weighty):
        return "undetermined"
    if any(finding.verdict == "conditional_pass" for finding in findings):
        return "conforms_with_conditions"
    if any(finding.verdict not in _CLOSED for finding in minors):
        return "conforms_with_conditions"
    return "conforms"


def _undecided(finding: Finding, bars: Bars, own: Mapping[str, str]) -> bool:
    """Whether a critical or major finding leaves the outcome open, its bar considered."""
    bar = own.get(finding.item) or {"critical": bars.critical, "major": bars.major}[finding.severity]
    return finding.verdict in _UNDECIDED or (finding.verdict == "conditional_pass" and bar == "pass")
