"""A comparison of two cases as plain rows for its pages and for the terminal, in one language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reliability.changes import AnswerChange, CaseIdentity, Claim, Comparison
from reliability.records import Answer, Outcome, Severity, Verdict
from reliability.reports import figures
from reliability.reports.comparison_inputs import ChangeGroup, checklist_group, input_groups
from reliability.reports.comparison_measurements import ClaimGroup, measured_groups, unchanged
from reliability.reports.comparison_promises import PromisesView, promises_view
from reliability.reports.document import Colours
from reliability.reports.findings import bilingual
from reliability.reports.rows import Row
from reliability.reports.statements import check_title
from reliability.words.text import Words

LONGEST, LONGEST_TITLE = 240, 120  # characters of a note, and of what an item asks
MOST_ANSWERS = 60  # that a page lists; the record has all of them
_SHOWN: tuple[Claim, ...] = ("worse", "better", "moved")


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
class AnswerLine:
    """An answer that is not as before."""

    item: str
    title: str
    before: str
    after: str
    details: tuple[str, ...]


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
    promises: PromisesView | None
    measured: tuple[ClaimGroup, ...]
    unchanged: str
    answers: tuple[AnswerLine, ...]
    more_answers: str
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
        promises=promises_view(comparison, words),
        measured=tuple(measured_groups(comparison, words)),
        unchanged=unchanged(comparison, words),
        answers=tuple(_answer(one, comparison, words) for one in comparison.answers[:MOST_ANSWERS]),
        more_answers=_more(len(comparison.answers) - MOST_ANSWERS, words),
        inputs=(*input_groups(comparison, words), *checklist_group(comparison, words)),
        only=tuple(_only(comparison, words)),
        methods=tuple(_methods(comparison, words)),
        digests=tuple(_digests(comparison, words)),
        command=f"reliability compare A B --lang {words.lang}",
    )


def _more(left: int, words: Words) -> str:
    """How many more the record has; empty where all are listed."""
    return figures.counted(words, "compare.more", left) if left > 0 else ""


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
    return _in_brief(bilingual({"title": comparison.titles.get(item)}, "title", words.lang), LONGEST_TITLE)


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
            yield words.text(f"compare.answer.{name}", text=_in_brief(new))
        elif old != new:
            yield words.text(f"compare.answer.{name}_gone")
    files: list[Mapping[str, str]] = [
        {file.path: file.sha256 for file in one.evidence} if one else {} for one in (before, after)
    ]
    changed = sorted(path for path in {*files[0], *files[1]} if files[0].get(path) != files[1].get(path))
    if changed:
        yield words.text("compare.answer.evidence", files=_in_brief(", ".join(changed)))


def _in_brief(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


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
