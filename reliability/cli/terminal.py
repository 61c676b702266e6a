"""What a person reads on the terminal: findings with interval and n, failures last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from reliability.checklist.judge import judge
from reliability.cli.following import Next
from reliability.cli.screen import annotate, console, one_line, plain
from reliability.records import (
    WORST_FIRST,
    Assessment,
    Criterion,
    CriterionResult,
    Finding,
    Measurement,
    Number,
    Verdict,
)
from reliability.reports.figures import FEWEST_SHOWN, interval, limit_text, limits, number, percent
from reliability.reports.file_rows import FileRows
from reliability.reports.findings import first_to_settle, settling
from reliability.reports.groups import group_label, slice_label
from reliability.reports.statements import beside, check_title, doubts, reasons, worst_result
from reliability.reports.units import group_unit
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

# Shape first, colour second, word always; the shapes are those of the reports.
MARKS: Mapping[Verdict, tuple[str, str]] = {
    "fail": ("◆", "bold red"), "error": ("!", "bold red"), "conditional_fail": ("△", "yellow"),
    "inconclusive": ("?", "yellow"), "not_assessed": ("○", "yellow"), "conditional_pass": ("◐", "green"),
    "pass": ("●", "green"), "reported": ("·", "dim"), "not_applicable": ("–", "dim"),
}  # fmt: skip
# Settled matters first, so that what needs attention stays on the screen.
SETTLED_FIRST: tuple[Verdict, ...] = tuple(reversed(list(MARKS)))
NEXT_STEP = frozenset({"fail", "error", "conditional_fail", "inconclusive", "not_assessed"})
ANNOTATED: Mapping[Verdict, str] = {
    "fail": "error", "error": "error", "conditional_fail": "warning", "inconclusive": "warning",
    "not_assessed": "warning",
}  # fmt: skip
NARROWEST = 40
MOST_UNANSWERED = 3


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What the terminal says of one finding."""

    verdict: Verdict
    mark: str
    item: str
    title: str
    lines: tuple[str, ...]
    explained_by: str = ""  # the command that tells more of it; empty where it stands for several items

    @property
    def style(self) -> str:
        return MARKS[self.verdict][1]

    @property
    def next(self) -> tuple[str, ...]:
        return (f"→ {self.explained_by}",) if self.explained_by and self.verdict in NEXT_STEP else ()


def show_assessment(assessment: Assessment, said: Words, following: Next | None = None) -> None:
    """Findings with what was measured, worst last; then how many of each, and the outcome.

    On a terminal a finding takes as many lines as it has to say; in a file or a pipe it takes one.
    """
    screen = console()
    system = assessment.subject.system
    title = assessment.checklist.content["title"][said.lang]
    heading = plain(f"{system['name']} {system['version']} · {title} {assessment.checklist.version}")
    screen.print(Text(heading, style="bold"), soft_wrap=True)
    rows, level = said.text("cli.rows", n=f"{assessment.data.evaluation.rows:,}"), level_text(_judged(assessment), said)
    screen.print(" · ".join(part for part in (rows, level) if part), "", sep="\n", soft_wrap=True)
    _show_findings(screen, _entries(assessment, said, following or Next.from_record(assessment)))
    screen.print("", counts_line(assessment, said), sep="\n", soft_wrap=True)
    screen.print(Text(f"{said.text('cli.outcome')}: {said.text(f'outcome.{assessment.outcome}')}", style="bold"))


def annotate_findings(assessment: Assessment, said: Words) -> None:
    """Tell GitHub of what is not settled, where GitHub runs us."""
    for entry in _entries(assessment, said, Next.from_record(assessment)):
        if entry.verdict in ANNOTATED:
            said_of_it = (f"{entry.title}: {said.text(f'verdict.{entry.verdict}')}", *entry.lines)
            annotate(ANNOTATED[entry.verdict], entry.item, said_of_it)


def show_measurements(measurements: Sequence[Measurement], said: Words) -> None:
    """Measurements, a line each, with every group beneath; of a few people no figures."""
    screen, withheld = console(), Withheld.of(measurements)
    for one in measurements:
        screen.print(measured_text(one, None, said, withheld), soft_wrap=True)
        for group in one.details.get("groups", ()):
            screen.print(f"    {_group_text(group, one, said, withheld)}", soft_wrap=True)
    level = level_text(measurements, said)
    if level:
        screen.print(level, soft_wrap=True)


def level_text(measurements: Iterable[Measurement], said: Words) -> str:
    """At which confidence the intervals hold that stand in brackets; empty where there are none."""
    levels = {one.confidence for one in measurements if one.low is not None and one.confidence is not None}
    return said.text("cli.level", level=", ".join(map(percent, sorted(levels)))) if levels else ""


def _judged(assessment: Assessment) -> Iterator[Measurement]:
    for finding in assessment.findings:
        for result in finding.criteria:
            if result.verdict != "reported":
                yield from result.measurements


def counts_line(assessment: Assessment, said: Words) -> str:
    """How many findings there are of each verdict, worst first."""
    verdicts = [finding.verdict for finding in assessment.findings]
    return " · ".join(f"{said.text(f'verdict.{one}')} {verdicts.count(one)}" for one in MARKS if one in verdicts)


def item_titles(content: Mapping[str, Any], said: Words) -> dict[str, str]:
    """Short title of every item, in the language of the words."""
    return {
        item["id"]: (item.get("title") or item["requirement"])[said.lang]
        for section in content["sections"]
        for item in section["items"]
    }


def _entries(assessment: Assessment, said: Words, following: Next) -> list[_Entry]:
    titles = item_titles(assessment.checklist.content, said)
    withheld = Withheld.of(
        found for one in assessment.findings for result in one.criteria for found in result.measurements
    )
    ordered = sorted(assessment.findings, key=lambda one: SETTLED_FIRST.index(one.verdict))
    unanswered = [one.item for one in ordered if _only_unanswered(one)]
    together = len(unanswered) > MOST_UNANSWERED
    entries = [_unanswered_entry(unanswered, said, following)] if together else []
    files = FileRows.of(assessment)
    return entries + [
        _Entry(
            verdict=one.verdict,
            mark=f"{MARKS[one.verdict][0]} {said.text(f'verdict.{one.verdict}')}",
            item=one.item,
            title=plain(f"[{said.text(f'severity.{one.severity}')}] {titles.get(one.item, '')}"),
            lines=tuple(map(plain, (*_lines(one, said, withheld), *_rows_text(one, said, withheld, files)))),
            explained_by=following.explain(one.item),
        )
        for one in ordered
        if not (together and one.item in unanswered)
    ]


def _only_unanswered(finding: Finding) -> bool:
    return finding.verdict == "not_assessed" and not finding.criteria and finding.answer is None


def _unanswered_entry(items: Sequence[str], said: Words, following: Next) -> _Entry:
    """Questions that nobody has answered, together: a line each would drown what was measured."""
    return _Entry(
        verdict="not_assessed",
        mark=f"{MARKS['not_assessed'][0]} {said.text('verdict.not_assessed')}",
        item=f"×{len(items)}",
        title=said.text("cli.unanswered", n=len(items), command=following.answers),
        lines=(", ".join(items),),
    )


def _show_findings(screen: Console, entries: Sequence[_Entry]) -> None:
    widest = max(cell_len(entry.mark) for entry in entries)
    longest = max(cell_len(entry.item) for entry in entries)
    for entry in entries:
        head = Text.assemble((set_cell_size(entry.mark, widest), entry.style), "  ", set_cell_size(entry.item, longest))
        if screen.is_terminal:
            _show_lines(screen, entry, head)
        else:
            said = "; ".join(line.strip().rstrip(".") for line in (entry.title, *entry.lines))
            screen.print(Text("  ").join([head, Text(said), *map(Text, entry.next)]), soft_wrap=True)


def _show_lines(screen: Console, entry: _Entry, head: Text) -> None:
    indent = head.cell_len + 2
    dim = "" if entry.verdict in NEXT_STEP else "dim"
    styled = [(entry.title, ""), *((line, dim) for line in entry.lines), *((line, "cyan") for line in entry.next)]
    before = head
    for text, style in styled:
        for line in Text(text, style=style).wrap(screen, max(NARROWEST, screen.width - indent)):
            line.rstrip()
            screen.print(Text("  ").join([before, line]), soft_wrap=True)
            before = Text(" " * head.cell_len)


def _lines(finding: Finding, said: Words, withheld: Withheld) -> Iterator[str]:
    """What was measured or answered, and why it is not settled."""
    open_yet = finding.verdict in NEXT_STEP
    if finding.verdict in {"not_applicable", "reported"}:
        return
    if not finding.criteria:
        yield from reasons((one for one in finding.reasons if open_yet or one.code != "escalation_unknown"), said)
        if open_yet and finding.answer is not None and finding.answer.note:
            yield one_line(finding.answer.note)
    for result in finding.criteria:
        if result.verdict != "reported":
            yield from _result_lines(result, finding.verdict, said, withheld)
    deciding = worst_result(finding)
    if deciding is not None and open_yet and deciding.measurements:
        told = [one.reason for one in deciding.measurements if not one.judged]
        yield from reasons((reason for reason in deciding.reasons if reason not in told), said)
    if finding.criteria:
        yield from doubts(finding, said)


class _Brief(Words):
    """Words with the short form of a key, `KEY.brief`, where there is one."""

    def text(self, key: str, /, **values: object) -> str:
        """The words of a key, in brief where they are written so too."""
        return super().text(f"{key}.brief" if f"{key}.brief" in self else key, **values)


def _rows_text(finding: Finding, said: Words, withheld: Withheld, files: FileRows) -> Iterator[str]:
    """How many rows would decide an undecided finding, or that rows alone do not, in brief."""
    brief = _Brief(lang=said.lang, catalogue=said.catalogue)
    counted = [one for one in settling(finding, brief, withheld, files) if one.times is not None]
    if counted:
        yield first_to_settle(finding, counted, brief)


def _result_lines(result: CriterionResult, of: Verdict, said: Words, withheld: Withheld) -> Iterator[str]:
    """What a criterion found: the measurement that decides it, then what else is open or not judged."""
    if not result.measurements:
        yield marked(result.verdict, of, unmeasured_text(result, said), said)
        return
    deciding, *others = parts_of(result)
    for one in (deciding, *(one for one in others if one.verdict != "pass" or not one.found.judged)):
        yield marked(one.verdict, of, part_text(one, result.criterion, said, withheld), said)
        if one.verdict in {"fail", "conditional_fail"}:
            yield from worst_groups(one.found, said, withheld)


def marked(verdict: Verdict, of: Verdict | None, text: str, said: Words) -> str:
    """A line with its mark; with the verdict's word too where it is not that of the finding, which stands above it."""
    word = "" if verdict == of else f" {said.text(f'verdict.{verdict}')}:"
    return f"{MARKS[verdict][0]}{word} {text}"


def unmeasured_text(result: CriterionResult, said: Words) -> str:
    """A criterion without any measurement, and why there is none."""
    check = result.criterion.check
    title = said.text("cli.declared") if check is None else check_title(check, said)
    why = "; ".join(reasons(result.reasons, said))
    return f"{title}: {why}" if why else title


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a criterion measured of one attribute, or of all slices by one: its verdict, and what decides it."""

    verdict: Verdict
    found: Measurement


def parts_of(result: CriterionResult) -> list[Part]:
    """The parts of what a criterion measured, the one that decides it first."""
    whole = [(one,) for one in result.measurements if not one.slice]
    slices = {one.by: tuple(each for each in result.measurements if each.slice and each.by == one.by)
              for one in result.measurements if one.slice}  # fmt: skip
    parts = [
        Part(verdict=judge(result.criterion, part).verdict, found=_worst(result, part))
        for part in (*whole, *slices.values())
    ]
    if len(parts) == 1:  # as the record has it
        return [replace(parts[0], verdict=result.verdict)]
    deciding = min((one for one in parts if one.found.judged), key=lambda one: _badness(result, one), default=parts[0])
    return [deciding, *(one for one in parts if one is not deciding)]


def part_text(part: Part, criterion: Criterion, said: Words, withheld: Withheld) -> str:
    """A measurement with its limit, and why it is not judged where it has a value all the same, or known exactly."""
    found = part.found
    why = reasons([found.reason] if found.reason and not found.judged and found.value is not None else [], said)
    return " — ".join((measured_text(found, criterion, said, withheld), *why, *beside(found, said)))


def worst_groups(one: Measurement, said: Words, withheld: Withheld | None = None) -> tuple[str, ...]:
    """The groups that a comparison rests on, with their values, on one line; none for any other measurement."""
    hidden = withheld or Withheld.of([one])
    worst = one.details.get("worst") or []
    named = [
        _group_text(group, one, said, hidden)
        for group in one.details.get("groups") or ()
        if group["slice"] in worst and not hidden.hides(group["slice"])
    ]
    return (" / ".join(named),) if named else ()


def _group_text(group: Mapping[str, Any], one: Measurement, said: Words, withheld: Withheld) -> str:
    label = group_label(group["slice"], one.by, said, withheld.bands)
    if withheld.hides(group["slice"]):
        return plain(f"{label} – ({said.text('report.suppressed')})")
    value = group.get("value")
    shown = "–" if value is None else number(value, group_unit(one), said.lang)
    return plain(f"{label} {shown} (n={group['n']:,})")


def _worst(result: CriterionResult, among: Sequence[Measurement]) -> Measurement:
    """The measurement that decides: the worst verdict of its own, then the value nearest to failing."""
    told = [Part(verdict=judge(result.criterion, (one,)).verdict, found=one) for one in among if one.judged]
    return min(told, key=lambda one: _badness(result, one)).found if told else among[0]


def _badness(result: CriterionResult, part: Part) -> tuple[int, float]:
    """How a part ranks, the worst lowest: by its verdict, then by its value."""
    upward, value = result.criterion.at_most is not None, part.found.value
    rank = WORST_FIRST.index(part.verdict) if part.verdict in WORST_FIRST else len(WORST_FIRST)
    return rank, 0.0 if value is None else -value if upward else value


def measured_text(one: Measurement, criterion: Criterion | None, said: Words, withheld: Withheld | None = None) -> str:
    """What was measured, by which groups, with interval, limit and n, in one line; no figures of a few people."""
    hidden = withheld or Withheld.of([one])
    where = slice_label(one.slice, one.by, said) if one.slice else " × ".join(one.by)
    of = "" if one.of is None else f" [{one.of}]"
    name = f"{check_title(one.check, said)}{of}{f' ({where})' if where else ''}"
    if one.slice and hidden.hides(one.slice):
        return plain(f"{name}: {said.text('report.suppressed')}")
    if one.value is None:
        return plain(f"{name}: {'; '.join(reasons([one.reason], said)) if one.reason else '–'}")
    beside = () if criterion is None else limits(criterion)
    between = interval(one, said.lang, beside=beside)
    text = f"{name} {_value_text(one, said, beside, hidden)}{f' [{between}]' if between else ''}"
    limit = "" if criterion is None else limit_text(criterion, one.unit, said.lang)
    guarded = f" ({said.text('rule.guarded')})" if criterion is not None and criterion.rule == "guarded" else ""
    judged_by = f"  {said.text('cli.limit')} {limit}{guarded}" if limit else ""
    return plain(f"{text}{judged_by}{'' if hidden.hides_n(one) else f'  n={one.n:,}'}")


def _value_text(one: Measurement, said: Words, beside: tuple[Number, ...], withheld: Withheld) -> str:
    """The value, unless it is itself the size of a group that is not to be told."""
    if one.check == "data_quality.smallest_group_size" and one.value is not None and one.value < FEWEST_SHOWN:
        return said.text("report.under_five")
    if one.value is None or withheld.hides_value(one):
        return "–"
    return number(one.value, one.unit, said.lang, beside=beside)
