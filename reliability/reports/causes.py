"""What the measurements show of the causes of a finding, and no more than that."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from reliability.records import Assessment, Criterion, Finding, Json, Measurement
from reliability.reports import figures, statements
from reliability.reports.groups import group_label
from reliability.reports.particulars import MOST_FEATURES
from reliability.reports.units import group_unit
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

By: TypeAlias = tuple[str, ...]
Proxies: TypeAlias = Mapping[By, Measurement]
_HOLDS = frozenset({"pass", "reported", "not_applicable"})


def proxies(assessment: Assessment) -> Proxies:
    """How far the features give each attribute away, where that was measured."""
    measured = (
        found for finding in assessment.findings for result in finding.criteria for found in result.measurements
    )
    return {found.by: found for found in measured if found.check == "fairness.proxy_auc" and found.value is not None}


def causes(found: Finding, known: Proxies, words: Words, withheld: Withheld) -> tuple[str, ...]:
    """Sentences on what lies behind a finding, as far as it was measured; each once."""
    missing = [
        measured
        for result in found.criteria
        if result.verdict not in _HOLDS
        for measured in result.measurements
        if misses(measured, result.criterion)
    ]
    told = [text for measured in missing for text in _told(measured, words, withheld)]
    told += [text for by in dict.fromkeys(_compared(missing)) for text in _proxy(by, known, words, withheld)]
    return tuple(dict.fromkeys(told))


def misses(found: Measurement, criterion: Criterion) -> bool:
    """Whether a measurement's estimate lies beyond its limit."""
    if found.value is None:
        return False
    low, high = criterion.between or (criterion.at_least, criterion.at_most)
    return (low is not None and found.value < low) or (high is not None and found.value > high)


def _told(found: Measurement, words: Words, withheld: Withheld) -> Iterator[str]:
    yield from _widest(found, words, withheld)
    yield from _worst_bin(found, words)
    yield from _changed(found, words)
    yield from _emptiest(found, words)


def _compared(missing: Iterable[Measurement]) -> Iterator[By]:
    """The single attributes whose groups a fairness check compared."""
    for found in missing:
        if found.check.startswith("fairness.") and len(found.by) == 1 and found.details.get("groups"):
            yield found.by


def _widest(found: Measurement, words: Words, withheld: Withheld) -> Iterator[str]:
    """The two groups that lie furthest apart, unless one of them may not be shown."""
    ends: list[dict[str, Json]] = found.details.get("worst") or []
    groups = {repr(group["slice"]): group for group in found.details.get("groups") or ()}
    pair = [groups[repr(end)] for end in ends if repr(end) in groups and not withheld.hides(end)]
    if len(pair) == 2 and pair[0] is not pair[1] and all(group["value"] is not None for group in pair):
        low, high = sorted(pair, key=lambda group: float(group["value"]))
        yield words.text(
            "cause.widest", check=statements.check_title(found.check, words), by=" × ".join(found.by),
            low=_group(low, found, words, withheld), high=_group(high, found, words, withheld),
        )  # fmt: skip


def _group(group: Mapping[str, Json], found: Measurement, words: Words, withheld: Withheld) -> str:
    value = figures.number(group["value"], group_unit(found), words.lang)
    label = group_label(group["slice"], found.by, words, withheld.bands)
    return words.text("cause.group", group=label, value=value, n=figures.count(group["n"]))


def _proxy(by: By, known: Proxies, words: Words, withheld: Withheld) -> Iterator[str]:
    measured = known.get(by)
    if measured is None or measured.value is None or withheld.hides_value(measured):
        return
    leading = (measured.details.get("features") or ())[:MOST_FEATURES]
    told = ", ".join(f"{one['column']} {figures.number(one['value'], 'auc', words.lang)}" for one in leading)
    value = figures.number(measured.value, "auc", words.lang)
    yield words.text("cause.proxy" if told else "cause.proxy.bare", by=by[0], value=value, features=told)


def _worst_bin(found: Measurement, words: Words) -> Iterator[str]:
    """Where predicted and observed shares lie furthest apart."""
    bins = [one for one in found.details.get("bins") or () if one["n"] >= figures.FEWEST_SHOWN]
    if bins and found.check.startswith("calibration."):
        worst = max(bins, key=lambda one: abs(one["observed"] - one["mean_score"]))
        score, seen = (figures.number(worst[name], "share", words.lang) for name in ("mean_score", "observed"))
        yield words.text("cause.bin", score=score, observed=seen, n=figures.count(worst["n"]))


def _changed(found: Measurement, words: Words) -> Iterator[str]:
    changed, of = found.details.get("changed"), found.details.get("of_n")
    if changed and of and found.check.startswith("robustness."):
        title = statements.check_title(found.check, words)
        yield words.text("cause.changed", check=title, changed=figures.count(changed), of=figures.count(of))


def _emptiest(found: Measurement, words: Words) -> Iterator[str]:
    if found.check == "data_quality.value_completeness":
        columns = [one for one in found.details.get("columns") or () if one.get("missing")]
        if columns:
            worst = max(columns, key=lambda one: int(one["missing"]))
            yield words.text("cause.column", column=worst["column"], n=figures.count(worst["missing"]))
