"""Findings as rows for templates: plain values and sentences, in one language."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reliability.checklist.judge import judge
from reliability.records import Assessment, Criterion, CriterionResult, Finding, Json, Measurement, Reason
from reliability.reports import advice, figures, statements
from reliability.reports.causes import Proxies, causes, proxies
from reliability.reports.citations import cited
from reliability.reports.file_rows import FileRows
from reliability.reports.finding_view import AnswerView, CriterionView, FindingView, MeasurementView, ResultLine, Tier
from reliability.reports.groups import HELD_ALONE, compared, group_label, sliced
from reliability.reports.particulars import PARTS, particulars, worse_rate
from reliability.reports.scale import GroupPlot, group_plot, scale
from reliability.reports.statements import first_sentence
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

LONG = 900  # characters
_UNSETTLED = frozenset({"error", "conditional_fail", "inconclusive", "not_assessed"})
_CLOSED = frozenset({"pass", "reported", "not_applicable"})
_SETTLED = _CLOSED | {"fail"}


def bilingual(entry: Mapping[str, Json], key: str, lang: str) -> str:
    """The text of a checklist entry in one language, in the other where it has only that."""
    text = entry.get(key) or {}
    if isinstance(text, str):
        return text
    return str(text.get(lang) or text.get("ko") or text.get("en") or "")


def tier(finding: Finding, bar: str, *, minors_decide: bool) -> Tier | None:
    """What an item does to the outcome: decides it, leaves it open, or adds a condition."""
    if finding.verdict in _CLOSED:
        return None
    if finding.severity == "minor":
        return "decides" if finding.verdict == "fail" and minors_decide else "condition"
    if finding.verdict == "fail":
        return "decides"
    barred = finding.verdict == "conditional_pass" and bar == "pass"
    return "open" if finding.verdict in _UNSETTLED or barred else "condition"


def finding_views(assessment: Assessment, words: Words) -> Iterator[FindingView]:
    """Every finding of an assessment, in the order of its checklist."""
    content = assessment.checklist.content
    bars: dict[str, Json] = content.get("outcome") or {}
    minors = sum(found.severity == "minor" and found.verdict == "fail" for found in assessment.findings)
    withheld = Withheld.of(
        measured for found in assessment.findings for one in found.criteria for measured in one.measurements
    )
    known, files = proxies(assessment), FileRows.of(assessment)
    places = {item["id"]: (section["id"], item) for section in content["sections"] for item in section["items"]}
    for found in map(_without_repeats, assessment.findings):
        section, item = places[found.item]
        bar = str(item.get("bar") or bars.get(found.severity, ""))
        rank = tier(found, bar, minors_decide=minors > bars.get("open_minor", 0))
        view = _finding(found, section, item, rank, words, withheld, known)
        told = settling(found, words, withheld, files)
        yield replace(view, decides=texts(told), settling=first_to_settle(found, told, words))


def _without_repeats(found: Finding) -> Finding:
    """A finding without the criteria that only report what another of its criteria judges."""
    judged = [_measured_how(result.criterion) for result in found.criteria if not result.criterion.report]
    kept = (
        result
        for result in found.criteria
        if not (result.criterion.report and _measured_how(result.criterion) in judged)
    )
    return found.model_copy(update={"criteria": tuple(kept)})


def _measured_how(criterion: Criterion) -> tuple[object, ...]:
    return criterion.check, criterion.with_, criterion.by


def _finding(
    found: Finding,
    section: str,
    item: Mapping[str, Json],
    rank: Tier | None,
    words: Words,
    withheld: Withheld,
    known: Proxies,
) -> FindingView:
    lang = words.lang
    requirement = bilingual(item, "requirement", lang)
    criteria = tuple(criterion_view(result, words, withheld) for result in found.criteria)
    answer, remedy = _answer(found, words), bilingual(item, "remedy", lang)
    texts = (requirement, remedy, *((answer.note, *(f"{path:<80}" for path, _ in answer.evidence)) if answer else ()))
    return FindingView(
        item=found.item,
        section=section,
        requirement=requirement,
        title=bilingual(item, "title", lang) or requirement,
        headline=statements.headline(found, bilingual(item, "title", lang), requirement, words),
        severity=found.severity,
        severity_word=words.text(f"severity.{found.severity}"),
        verdict=found.verdict,
        tier=rank,
        criteria=criteria,
        lines=_with_doubt(tuple(_lines(found, criteria, words)), found, words),
        answer=answer,
        asked=not found.criteria,
        declared=bool(answer) and not found.criteria,
        long=sum(map(len, texts)) > LONG,
        evidence_wanted=bilingual(item, "evidence", lang),
        reasons=statements.reasons(_reasons(found), words),
        causes=causes(found, known, words, withheld) if rank else (),
        remedy=remedy,
        references=cited(item.get("references") or (), words),
    )


def _lines(found: Finding, criteria: tuple[CriterionView, ...], words: Words) -> Iterator[ResultLine]:
    """An item's lines: one a measurement; one for an item that is asked, or has nothing measured."""
    for result, one in zip(found.criteria, criteria, strict=True):
        reported = one.verdict == "reported"
        for place, (measured, told) in enumerate(zip(result.measurements, one.measurements, strict=True)):
            why = statements.beside(measured, words) if told.verdict == "pass" and not reported else ()
            parts = (one.title, told.label, told.rows and f"({told.rows})", *(text.rstrip(".") for text in why))
            yield ResultLine(
                name=" · ".join(part for part in parts if part),
                value=told.value,
                interval=told.interval,
                limit=one.limit,
                n=told.n,
                verdict=told.verdict or (None if place else one.verdict),
                note=words.text("report.worst_judged") if told.slice and not reported else "",
                judged=not reported,
            )
        if not one.measurements:
            yield ResultLine(name=one.title, value="", interval="", limit=one.limit, n="", verdict=one.verdict,
                             judged=not reported)  # fmt: skip
    if not criteria:
        why = statements.reasons(found.reasons, words)
        given = _answer(found, words)
        said = (words.text("report.answered", answer=given.word), given.unverified) if given else why
        name = (" · " if given else " ").join(part for part in said if part)
        yield ResultLine(name=name, value="", interval="", limit="", n="", verdict=found.verdict)


def _with_doubt(lines: tuple[ResultLine, ...], found: Finding, words: Words) -> tuple[ResultLine, ...]:
    """An item's lines, the first that is judged with why the item is applied where nobody knows whether it applies."""
    told = [text.rstrip(".") for text in statements.doubts(found, words)]
    first = next((place for place, line in enumerate(lines) if line.judged), None)
    if not told or first is None:
        return lines
    doubted = replace(lines[first], name=" · ".join((lines[first].name, *told)))
    return (*lines[:first], doubted, *lines[first + 1 :])


def _reasons(found: Finding) -> Iterator[Reason]:
    """What stands with the finding itself; the reasons of a criterion are printed with it."""
    told = {reason.code for result in found.criteria for reason in result.reasons}
    return (reason for reason in found.reasons if reason.code not in told)


def settling(found: Finding, words: Words, withheld: Withheld, files: FileRows) -> tuple[advice.Settling, ...]:
    """What would decide a finding, nothing where it is decided."""
    if found.verdict in _SETTLED:
        return ()
    told = [
        one
        for result in found.criteria
        if result.verdict not in _SETTLED
        for one in advice.settling(result, _title(result, words), words, withheld, files=files)
    ]
    own = (words.first(f"decide.{reason.code}") for reason in _reasons(found))
    return (*told, *(advice.Settling(text=text, verdict=found.verdict) for text in own if text))


def texts(told: Sequence[advice.Settling]) -> tuple[str, ...]:
    """What would decide a finding in sentences, each once."""
    return tuple(dict.fromkeys(one.text for one in told))


def first_to_settle(found: Finding, told: Sequence[advice.Settling], words: Words) -> str:
    """What would decide a finding in a sentence or two: what gave the verdict is handed in, else rows for all of it."""
    counted = sorted((one for one in told if one.times is not None), key=lambda one: -(one.times or 0))
    handed_in = [one for one in told if one.times is None]
    leading = [one for one in handed_in if one.verdict == found.verdict] or (handed_in if not counted else [])
    if leading or not counted:
        return first_sentence(leading[0].text) if leading else ""
    text, most = first_sentence(counted[0].text), counted[0].times or math.inf
    return f"{text} {words.text('decide.others')}" if len(counted) > 1 and most <= advice.MOST_FACTOR else text


def _answer(found: Finding, words: Words) -> AnswerView | None:
    if found.answer is None:
        return None
    given = found.answer
    return AnswerView(
        word=words.text(f"answer.{given.answer}"),
        by=" · ".join(part for part in (given.by, given.date) if part),
        note=given.note or "",
        evidence=tuple((file.path, file.sha256) for file in given.evidence),
        checked_by=given.checked_by or "",
        unverified="" if given.evidence or given.checked_by else words.text("report.unverified"),
    )


def criterion_view(result: CriterionResult, words: Words, withheld: Withheld | None = None) -> CriterionView:
    """A criterion with its measurements; slices stand in the plots."""
    criterion = result.criterion
    withheld = withheld or Withheld.of(result.measurements)
    unit = figures.unit_of(criterion.check, result.measurements)
    title = _title(result, words)
    attributes = {found.by for found in result.measurements}
    return CriterionView(
        check=criterion.check or "",
        title=title,
        about=" × ".join(attributes.pop()) if len(attributes) == 1 else "",
        limit=figures.limit_text(criterion, unit, words.lang),
        basis=_basis(result, words),
        verdict=result.verdict,
        measurements=tuple(measurement_view(found, result, title, words, withheld) for found in result.measurements),
        plots=_plots(result, words, withheld),
        notes=tuple(_notes(result, words)),
    )


def _title(result: CriterionResult, words: Words) -> str:
    check = result.criterion.check
    return statements.check_title(check, words) if check else words.text("report.declared_level")


def _basis(result: CriterionResult, words: Words) -> str:
    """By which rule, against a limit from where, with which options."""
    criterion = result.criterion
    source = statements.source_text(criterion, words)
    parts = (
        words.text("verdict.reported") if criterion.report else "",
        words.text(f"rule.{criterion.rule}") if criterion.rule else "",
        f"{words.text('report.limit_source')}: {source}" if source else "",
        ", ".join(_option(name, value, words) for name, value in sorted(criterion.with_.items())),
    )
    return " · ".join(part for part in parts if part)


def _option(name: str, value: Json, words: Words) -> str:
    value = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return words.first(f"option.{name}.{value}", f"option.{name}", value=value) or f"{name} = {value}"


def _notes(result: CriterionResult, words: Words) -> Iterator[str]:
    """The reasons of a criterion, what it found and how to read it; reasons of a measurement stand with its row."""
    rows = {found.reason.code for found in result.measurements if found.reason}
    yield from statements.reasons((reason for reason in result.reasons if reason.code not in rows), words)
    yield from particulars(result, words)
    yield from statements.readings(result, words)


def measurement_view(
    found: Measurement, result: CriterionResult, title: str, words: Words, withheld: Withheld
) -> MeasurementView:
    """A measurement, ready to print; of a group of fewer than five people no figure is."""
    limits = figures.limits(result.criterion)
    if found.slice and withheld.hides(found.slice):
        return _withheld(found, words, withheld)
    return MeasurementView(
        label=_label(found, words, withheld),
        slice=bool(found.slice),
        value=_value(found, limits, words, withheld),
        interval=figures.interval(found, words.lang, beside=limits),
        confidence=figures.percent(found.confidence) if found.confidence else "",
        n=_n(found, withheld),
        n_named=_n_named(found, words, withheld),
        rows=words.first(f"check.{found.check}.rows"),
        method=statements.method_name(found.method, words),
        scale=None
        if withheld.hides_value(found)
        else scale(found, result.criterion, words.text("report.scale_title", check=title), words),
        plot=_plot(found, result, words, withheld),
        reason=statements.reason_text(found.reason.code, found.reason.with_, words) if found.reason else "",
        verdict=None if found.slice else judge(result.criterion, (found,)).verdict,
    )


def _withheld(found: Measurement, words: Words, withheld: Withheld) -> MeasurementView:
    return MeasurementView(
        label=_label(found, words, withheld), slice=bool(found.slice), value="–", interval="", confidence="",
        n="", n_named="", rows="", method="", scale=None, plot=None, reason=words.text("report.suppressed"),
        verdict=None,
    )  # fmt: skip


def _n(found: Measurement, withheld: Withheld) -> str:
    """The rows of a measurement, unless they would tell the size of a small group."""
    if found.value is None:
        return ""
    return "–" if withheld.hides_n(found) else figures.count(found.n)


def _n_named(found: Measurement, words: Words, withheld: Withheld) -> str:
    if found.value is None:
        return ""
    if withheld.hides_n(found):
        return words.text("report.n_withheld")
    own = (f"check.{found.check}.n", f"report.n_{found.unit}")
    key = next((key for key in own if key in words), "report.n")
    return figures.counted(words, key, found.n)


def _value(found: Measurement, limits: tuple[float, ...], words: Words, withheld: Withheld) -> str:
    if found.value is None:
        return ""
    if found.check == "data_quality.smallest_group_size" and found.value < figures.FEWEST_SHOWN:
        return words.text("report.under_five")
    if withheld.hides_value(found):
        return "–"
    return figures.number(found.value, found.unit, words.lang, beside=limits)


def _label(found: Measurement, words: Words, withheld: Withheld) -> str:
    parts = [" × ".join(found.by)] if found.by and not found.slice else []
    parts += [group_label(found.slice, found.by, words, withheld.bands)] if found.slice else []
    parts += [words.text("report.of_class", of=found.of)] if found.of is not None else []
    return " · ".join(parts)


def _plot(found: Measurement, result: CriterionResult, words: Words, withheld: Withheld) -> GroupPlot | None:
    table = compared(found, result.criterion, words, withheld)
    if table is None:
        return None
    counts, by = PARTS.get(worse_rate(found), found.check), " × ".join(found.by)
    rows = words.first(f"check.{counts}.rows")
    title = words.text("report.rates_title_of" if rows else "report.rates_title", by=by, rows=rows)
    return group_plot(table, title, _reference(found, result.criterion, words), words)


def _plots(result: CriterionResult, words: Words, withheld: Withheld) -> tuple[GroupPlot, ...]:
    plots = []
    for table in sliced(result, words, withheld):
        limits = [figures.limit_number(end, table.unit, words.lang) for end in figures.limits(result.criterion)][:1]
        mark = words.text("report.limit_mark", limit=limits[0]) if limits else ""
        plots.append(group_plot(table, words.text("report.rates_title", by=" × ".join(table.by)), mark, words))
    return tuple(plot for plot in plots if plot)


def _reference(found: Measurement, criterion: Criterion, words: Words) -> str:
    lang = words.lang
    if found.check in HELD_ALONE and criterion.at_most is not None:
        return words.text("report.limit_mark", limit=figures.limit_number(criterion.at_most, found.unit, lang))
    if criterion.at_least is not None:
        return words.text("report.reference_ratio", share=figures.percent(criterion.at_least))
    if criterion.at_most is not None:
        return words.text(
            "report.reference_difference", difference=figures.limit_number(criterion.at_most, found.unit, lang)
        )
    return ""
