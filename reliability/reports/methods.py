"""By what methods a report's numbers were found, and by what rules they were judged."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from reliability.records import Assessment, Json, Measurement
from reliability.reports import figures, statements
from reliability.reports.finding_view import FindingView
from reliability.reports.rows import Row
from reliability.words.text import Words


@dataclass(frozen=True, kw_only=True)
class MethodView:
    """A check as it was used."""

    check: str
    title: str
    explain: str
    interval: str  # numbers of the methods of its intervals


def _used_checks(assessment: Assessment) -> list[str]:
    """The checks in use, each once, in the order of the checklist."""
    results = [result for found in assessment.findings for result in found.criteria]
    return list(dict.fromkeys(result.criterion.check for result in results if result.criterion.check))


def methods(assessment: Assessment, told: Container[str], words: Words) -> Iterator[MethodView]:
    """These of the checks in use, with the numbers of the methods of their intervals."""
    used = _measurements(assessment)
    numbers = {row.name: place for place, row in enumerate(intervals(assessment, told, words), start=1)}
    for check in (each for each in _used_checks(assessment) if each in told):
        used_here = dict.fromkeys(one.method for one in used if one.check == check and one.method)
        yield MethodView(
            check=check,
            title=statements.check_title(check, words),
            explain=words.first(f"check.{check}.explain"),
            interval=", ".join(dict.fromkeys(_number(method, numbers, words) for method in used_here)),
        )


def explained(assessment: Assessment, views: tuple[FindingView, ...]) -> frozenset[str]:
    """The checks that a report explains: those behind these findings, or all where these rest on none."""
    used = frozenset(_used_checks(assessment))
    return used & {criterion.check for view in views for criterion in view.criteria} or used


def _measurements(assessment: Assessment) -> list[Measurement]:
    return [one for found in assessment.findings for result in found.criteria for one in result.measurements]


def _number(method: str, numbers: Mapping[str, int], words: Words) -> str:
    """The number of a method of intervals; its name where it has none."""
    known = statements.method_key(method, words)
    name = statements.method_name(known, words)
    told = str(numbers.get(name, name))
    return told if known == method else f"{told} ({words.text('report.effective_n')})"


def intervals(assessment: Assessment, told: Container[str], words: Words) -> Iterator[Row]:
    """The methods of these checks' intervals, in the order of their numbers."""
    used = [one for one in _measurements(assessment) if one.check in told]
    for method in dict.fromkeys(statements.method_key(one.method, words) for one in used if one.method):
        explain = words.first(f"method.{method}.explain")
        if explain:
            yield Row(name=statements.method_name(method, words), text=explain)


def rules(assessment: Assessment, words: Words) -> Iterator[Row]:
    """Every decision rule in use, and what it risks."""
    results = [result for found in assessment.findings for result in found.criteria]
    used = dict.fromkeys(result.criterion.rule for result in results if result.criterion.rule)
    decision: dict[str, Json] = assessment.checklist.content.get("decision") or {}
    risk = figures.percent((1 - decision.get("confidence", 0.95)) / 2)
    for rule in used:
        yield Row(name=words.text(f"rule.{rule}"), text=words.text(f"rule.{rule}.explain", risk=risk))
