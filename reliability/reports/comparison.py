"""A comparison of two cases as plain rows for its pages and for the terminal, in one language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reliability.changes import AnswerChange, CaseIdentity, Claim, Comparison, Difference, MeasurementChange
from reliability.records import Answer, Measurement, Outcome, Severity, Verdict
from reliability.reports import figures
from reliability.reports.comparison_inputs import ChangeGroup, checklist_group, input_groups
from reliability.reports.comparison_scale import PairScale, pair_scale
from reliability.reports.document import Colours
from reliability.reports.findings import bilingual
from reliability.reports.groups import group_label
from reliability.reports.rows import Row
from reliability.reports.statements import check_title, reason_text
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

CLAIMS: tuple[Claim, ...] = ("worse", "better", "moved", "not_shown", "untested")
_SHOWN: tuple[Claim, ...] = ("worse", "better", "moved")
# Differences of shares are points, whatever the measure itself is called.
_POINTS = {"share": "difference"}
_SIGNED = frozenset({"+", "−"})


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands on every page."""

    title: str
    subtitle: str
    issuer: str
    created: str
    number: str
    colours: Colours


@dataclass(frozen=True, kw_only=True)
class SideView:
    """One of the two cases."""

    name: str  # before or after
    system: str
    outcome: Outcome
    outcome_word: str
    facts: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class VerdictLine:
    """An item with another verdict than before."""

    item: str
    title: str
    before: Verdict
    after: Verdict
    before_word: str
    after_word: str
    severity: str


@dataclass(frozen=True, kw_only=True)
class MeasurementLine:
    """A measurement before and after, and what can be claimed of it."""

    claim: Claim
    word: str
    items: str
    name: str
    limit: str
    before: str
    before_interval: str
    after: str
    after_interval: str
    difference: str
    of: str  # what the difference is of
    interval: str
    p_value: str
    n: str
    notes: tuple[str, ...]
    scale: PairScale | None


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """An answer that is not as before."""

    item: str
    title: str
    before: str
    after: str
    details: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClaimGroup:
    """Measurements of which the same can be said."""

    claim: Claim
    heading: str
    why: str  # nothing is claimed; empty where it was tested
    lines: tuple[MeasurementLine, ...]


@dataclass(frozen=True, kw_only=True)
class ComparisonView:
    """Everything that a comparison prints besides its fixed headings."""

    kind: str
    lang: str
    cover: Sheet
    before: SideView
    after: SideView
    statement: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    verdicts: tuple[VerdictLine, ...]
    measured: tuple[ClaimGroup, ...]
    unchanged: str
    answers: tuple[AnswerLine, ...]
    inputs: tuple[ChangeGroup, ...]
    only: tuple[Row, ...]
    methods: tuple[Row, ...]
    digests: tuple[Row, ...]
    command: str


def comparison_view(comparison: Comparison, words: Words) -> ComparisonView:
    """The rows of a comparison."""
    return ComparisonView(
        kind="comparison",
        lang=words.lang,
        cover=_sheet(comparison, words),
        before=_side(comparison.before, "before", words),
        after=_side(comparison.after, "after", words),
        statement=_statement(comparison, words),
        sentences=tuple(_sentences(comparison, words)),
        warnings=tuple(_warnings(comparison, words)),
        verdicts=tuple(_verdicts(comparison, words)),
        measured=tuple(_measured(comparison, words)),
        unchanged=_unchanged(comparison, words),
        answers=tuple(_answer(one, comparison, words) for one in comparison.answers),
        inputs=(*input_groups(comparison, words), *checklist_group(comparison, words)),
        only=tuple(_only(comparison, words)),
        methods=tuple(_methods(comparison, words)),
        digests=tuple(_digests(comparison, words)),
        command=f"reliability compare A B --lang {words.lang}",
    )


def _sheet(comparison: Comparison, words: Words) -> Sheet:
    return Sheet(
        title=words.text("report.comparison.title"),
        subtitle=f"{_system(comparison.before)} → {_system(comparison.after)}",
        issuer=words.text("report.not_issued"),
        created=max(comparison.before.finished, comparison.after.finished).isoformat(),
        number=words.text("report.not_issued"),
        colours=Colours(),
    )


def _system(one: CaseIdentity) -> str:
    return f"{one.system} {one.version}".strip()


def _side(one: CaseIdentity, name: str, words: Words) -> SideView:
    checklist = bilingual({"title": one.checklist_title}, "title", words.lang)
    rows = {
        "system": _system(one),
        "organisation": one.organisation,
        "finished": figures.moment(one.finished),
        "checklist": f"{checklist} {one.checklist_version}",
        "rows": figures.counted(words, "report.n", one.rows),
    }
    return SideView(
        name=words.text(f"compare.{name}"),
        system=_system(one),
        outcome=one.outcome,
        outcome_word=words.text(f"outcome.{one.outcome}"),
        facts=tuple(Row(name=words.text(f"compare.side.{key}"), text=text) for key, text in rows.items()),
    )


def shown(comparison: Comparison) -> int:
    """Judged measurements whose change is more than chance."""
    return sum(one.claim in _SHOWN and one.basis != "whole_file" for one in comparison.measurements)


def _statement(comparison: Comparison, words: Words) -> str:
    """What the comparison says in one sentence."""
    before, after = (words.text(f"outcome.{one.outcome}") for one in (comparison.before, comparison.after))
    if comparison.identical:
        return words.text("compare.identical")
    if comparison.before.outcome != comparison.after.outcome:
        return words.text("compare.outcome_changed", before=before, after=after)
    return words.text("compare.outcome_same", after=after)


def _sentences(comparison: Comparison, words: Words) -> Iterator[str]:
    """The statement in numbers."""
    if comparison.identical:
        return
    changed = len(comparison.verdicts)
    key = "compare.verdicts_changed" if changed else "compare.verdicts_same"
    yield figures.counted(words, key, changed)
    if all(one.claim == "same" for one in comparison.measurements):
        return
    claimed = shown(comparison)
    if not comparison.tested:
        yield words.text("compare.nothing_tested")
    elif not claimed:
        yield figures.counted(words, "compare.no_change_shown", comparison.tested)
    else:
        counts = [
            words.text(f"compare.count.{claim}", n=n)
            for claim in _SHOWN
            if (n := sum(one.claim == claim and one.basis != "whole_file" for one in comparison.measurements))
        ]
        yield figures.counted(words, "compare.tested", comparison.tested, shown=claimed, counts=", ".join(counts))
    yield _how(comparison, words)


def _how(comparison: Comparison, words: Words) -> str:
    """Whether rows were compared one by one."""
    rows = comparison.rows
    if rows.paired:
        return figures.counted(words, "compare.rows.paired", rows.n)
    return words.text(f"compare.rows.{rows.reason}")


def _warnings(comparison: Comparison, words: Words) -> Iterator[str]:
    """What a reader should know before anything else."""
    before, after = comparison.before, comparison.after
    if before.finished > after.finished:
        yield words.text("compare.warn.order")
    if before.system != after.system or before.organisation != after.organisation:
        yield words.text("compare.warn.system")
    if before.checklist != after.checklist:
        yield words.text("compare.warn.checklist")
    elif comparison.checklist:
        yield words.text("compare.warn.checklist_changed")


def _verdicts(comparison: Comparison, words: Words) -> Iterator[VerdictLine]:
    for one in comparison.verdicts:
        severities: tuple[Severity, Severity] = (one.severity_before, one.severity_after)
        yield VerdictLine(
            item=one.item, title=_title(one.item, comparison, words), before=one.before, after=one.after,
            before_word=words.text(f"verdict.{one.before}"), after_word=words.text(f"verdict.{one.after}"),
            severity=" → ".join(dict.fromkeys(words.text(f"severity.{severity}") for severity in severities)),
        )  # fmt: skip


def _title(item: str, comparison: Comparison, words: Words) -> str:
    return bilingual({"title": comparison.titles.get(item)}, "title", words.lang)


def _measured(comparison: Comparison, words: Words) -> Iterator[ClaimGroup]:
    """Measurements that differ, by what can be claimed of them."""
    first, second = _sides(comparison.measurements)
    hidden = Withheld.of(first), Withheld.of(second)
    same_data = comparison.before.evaluation_sha256 == comparison.after.evaluation_sha256
    for claim in CLAIMS:
        here = [one for one in comparison.measurements if one.claim == claim]
        for reason in dict.fromkeys(one.reason for one in here):
            lines = tuple(_line(one, hidden, words, same_data=same_data) for one in here if one.reason == reason)
            heading = figures.counted(words, f"compare.heading.{claim}", len(lines))
            why = words.text(f"compare.untested.{reason}") if reason else ""
            yield ClaimGroup(claim=claim, heading=heading, why=why, lines=lines)


def _sides(changes: Iterable[MeasurementChange]) -> tuple[list[Measurement], list[Measurement]]:
    pairs = [(one.before, one.after) for one in changes]
    return [before for before, _ in pairs], [after for _, after in pairs]


def _line(
    one: MeasurementChange, hidden: tuple[Withheld, Withheld], words: Words, *, same_data: bool
) -> MeasurementLine:
    name = _name(one, hidden[1], words)
    items, word = ", ".join(one.items), words.text(f"compare.claim.{one.claim}")
    if any(withheld.hides(side.slice) for withheld, side in zip(hidden, (one.before, one.after), strict=True)):
        return MeasurementLine(
            claim=one.claim, word=word, items=items, name=name, limit="", before="–", before_interval="", after="–",
            after_interval="", difference="", of="", interval="", p_value="", n="",
            notes=(words.text("report.suppressed"),), scale=None,
        )  # fmt: skip
    bounds, lang = figures.limits(one.criterion), words.lang
    texts = [_value(side, withheld, bounds, words) for side, withheld in zip(_both(one), hidden, strict=True)]
    difference = one.difference
    return MeasurementLine(
        claim=one.claim, word=word, items=items, name=name,
        limit=figures.limit_text(one.criterion, one.after.unit, lang),
        before=texts[0], before_interval=figures.interval(one.before, lang, beside=bounds),
        after=texts[1], after_interval=figures.interval(one.after, lang, beside=bounds),
        difference=_signed(difference.value, one.after, words) if difference else "",
        of=words.text(f"compare.column.{_difference_of(difference)}"),
        interval=_interval(difference, one.after, words) if difference else "",
        p_value=_p_value(difference, words) if difference else "",
        n=_n(one, hidden, words),
        notes=tuple(_notes(one, hidden[1], words, same_data=same_data)),
        scale=pair_scale(one, words.text("compare.scale_title", name=name), words),
    )  # fmt: skip


def _both(one: MeasurementChange) -> tuple[Measurement, Measurement]:
    return one.before, one.after


def _name(one: MeasurementChange, hidden: Withheld, words: Words) -> str:
    """The measure, of which class, among whom."""
    after = one.after
    of = words.text("report.of_class", of=after.of) if after.of is not None else ""
    where = group_label(after.slice, after.by, words, hidden.bands) if after.slice else " × ".join(after.by)
    return " · ".join(part for part in (check_title(after.check, words), where, of) if part)


def _value(one: Measurement, hidden: Withheld, bounds: tuple[float, ...], words: Words) -> str:
    if one.value is None:
        return words.text("report.not_measured")
    if one.check == "data_quality.smallest_group_size" and one.value < figures.FEWEST_SHOWN:
        return words.text("report.under_five")
    return "–" if hidden.hides_value(one) else figures.number(one.value, one.unit, words.lang, beside=bounds)


def _signed(value: float, one: Measurement, words: Words) -> str:
    """A difference with its sign, never rounded to nought."""
    text = figures.number(value, _POINTS.get(one.unit, one.unit), words.lang, beside=(0,))
    return f"+{text}" if value > 0 and text[0] not in _SIGNED else text


def _difference_of(difference: Difference | None) -> str:
    """Which difference it is: of the values, or of the pair that was worst before."""
    pair = difference is not None and difference.method.startswith("fixed_")
    return difference.method.removeprefix("fixed_") if pair and difference else "difference"


def _interval(difference: Difference, one: Measurement, words: Words) -> str:
    if difference.low is None or difference.high is None:
        return ""
    return " – ".join(_signed(end, one, words) for end in (difference.low, difference.high))


def _n(one: MeasurementChange, hidden: tuple[Withheld, Withheld], words: Words) -> str:
    """The rows before and after, where they would not tell the size of a small group."""
    if any(withheld.hides_n(side) for side, withheld in zip(_both(one), hidden, strict=True)):
        return words.text("report.n_withheld")
    return f"n = {' → '.join(dict.fromkeys(figures.count(side.n) for side in _both(one)))}"


def _p_value(difference: Difference, words: Words) -> str:
    if difference.adjusted is None:
        return ""
    return words.text("compare.adjusted", p=figures.p_value(float(difference.adjusted)))


def _notes(one: MeasurementChange, hidden: Withheld, words: Words, *, same_data: bool) -> Iterator[str]:
    """How it was compared, or why there is no value."""
    for side, name in zip(_both(one), ("before", "after"), strict=True):
        if side.value is None and side.reason is not None:
            why = reason_text(side.reason.code, side.reason.with_, words)
            yield f"{words.text(f'compare.{name}')}: {why}"
    difference = one.difference
    if difference is None:
        return
    if len(difference.pair) == 2 and not any(hidden.hides(group.slice) for group in difference.pair):
        yield _pair(one, difference, hidden, words)
    careful = same_data and one.basis in {"unpaired", "fixed_pair"}
    yield words.text(f"compare.basis.{one.basis}{'.careful' if careful else ''}")


def _pair(one: MeasurementChange, difference: Difference, hidden: Withheld, words: Words) -> str:
    """Which two groups were compared, and their shares before and after."""
    told = [
        "{} {} → {}".format(
            group_label(group.slice, one.after.by, words, hidden.bands),
            *(figures.number(share, "share", words.lang) for share in (group.before, group.after)),
        )
        for group in difference.pair
    ]
    return " / ".join(told)


def _unchanged(comparison: Comparison, words: Words) -> str:
    n = sum(one.claim == "same" for one in comparison.measurements)
    key = "compare.unchanged" if n < len(comparison.measurements) else "compare.all_unchanged"
    return figures.counted(words, key, n) if n else ""


def _answer(one: AnswerChange, comparison: Comparison, words: Words) -> AnswerLine:
    before, after = one.before, one.after
    return AnswerLine(
        item=one.item, title=_title(one.item, comparison, words), before=_answered(before, words),
        after=_answered(after, words), details=tuple(_answer_details(before, after, words)),
    )  # fmt: skip


def _answered(answer: Answer | None, words: Words) -> str:
    return words.text(f"answer.{answer.answer}") if answer else words.text("compare.no_answer")


def _answer_details(before: Answer | None, after: Answer | None, words: Words) -> Iterator[str]:
    """What else of an answer is new: who gave it, on what evidence, with which note."""
    told = {
        "note": [one.note if one else None for one in (before, after)],
        "by": [_by(one) for one in (before, after)],
        "checked_by": [one.checked_by if one else None for one in (before, after)],
    }
    for name, (old, new) in told.items():
        if old != new and new:
            yield words.text(f"compare.answer.{name}", text=new)
        elif old != new:
            yield words.text(f"compare.answer.{name}_gone")
    files: list[Mapping[str, str]] = [
        {file.path: file.sha256 for file in one.evidence} if one else {} for one in (before, after)
    ]
    changed = sorted(path for path in {*files[0], *files[1]} if files[0].get(path) != files[1].get(path))
    if changed:
        yield words.text("compare.answer.evidence", files=", ".join(changed))


def _by(answer: Answer | None) -> str | None:
    return " · ".join(part for part in (answer.by, answer.date) if part) if answer else None


def _only(comparison: Comparison, words: Words) -> Iterator[Row]:
    """Items that only one checklist has."""
    for name, only in (("before", comparison.only_before), ("after", comparison.only_after)):
        for item in only.items:
            yield Row(name=f"{words.text(f'compare.only_{name}')} · {item}", text=_title(item, comparison, words))
        measured = [one for one in only.measurements if not one["slice"]]
        for check in dict.fromkeys(str(one["check"]) for one in measured):
            by = [" × ".join(one["by"]) for one in measured if one["check"] == check and one["by"]]
            label = " · ".join([check_title(check, words), *([", ".join(dict.fromkeys(by))] if by else [])])
            yield Row(name=words.text(f"compare.only_{name}"), text=label)


def _methods(comparison: Comparison, words: Words) -> Iterator[Row]:
    """How changes were told from chance."""
    yield Row(name=words.text("compare.how.rows"), text=_how(comparison, words))
    level = figures.percent(comparison.confidence)
    family = figures.percent(round(1 - comparison.confidence, 6))
    yield Row(name=words.text("compare.how.claims"), text=words.text("compare.how.holm", level=level, family=family))
    used = [one.difference for one in comparison.measurements if one.claim != "same" and one.difference]
    for method in dict.fromkeys(one.method for one in used):
        yield Row(name=words.text(f"compare.method.{method}"), text=words.text(f"compare.method.{method}.explain"))


def _digests(comparison: Comparison, words: Words) -> Iterator[Row]:
    for name, side in (("before", comparison.before), ("after", comparison.after)):
        label = words.text(f"compare.{name}")
        yield Row(name=f"{label} · assessment.json", text="", code=f"sha256 {side.sha256}")
        yield Row(
            name=f"{label} · {words.text('row.evaluation_data')}", text="", code=f"sha256 {side.evaluation_sha256}"
        )
    yield Row(name=words.text("row.software"), text=f"reliability-workbench {comparison.software}")
