"""The summary: what a manager decides by, cut so that it fills two pages whatever the record holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reliability.records import Verdict
from reliability.reports import priorities
from reliability.reports.figures import count, counted
from reliability.reports.finding_view import FindingView
from reliability.reports.priorities import Matrix, Todo
from reliability.reports.rows import Row
from reliability.reports.scale import Scale
from reliability.reports.widths import shortened
from reliability.words.text import Words

MOST_FIGURES = 4
MOST_SECTIONS = 11
MOST_NOT_TESTED = 3
MOST_SIGNATORIES = 3
MOST_IN_CELL = 2
# In half-widths: what a place on the page holds.
TITLE, NAME, LINE, SENTENCE, PARAGRAPH = 38, 60, 90, 260, 400


@dataclass(frozen=True, kw_only=True)
class SectionRow:
    """A section of the checklist in numbers: how many items do what to the outcome."""

    title: str
    decides: str
    open: str
    condition: str
    passed: str
    other: str


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """One judged measurement: the number, its interval and its limit."""

    item: str
    name: str
    value: str
    interval: str
    limit: str
    n: str
    verdict: Verdict
    verdict_word: str
    scale: Scale | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the two pages print besides the outcome."""

    first: tuple[Todo, ...]
    more: str
    scope: tuple[Row, ...]
    lead: str
    sections: tuple[SectionRow, ...]
    matrix: Matrix
    figures: tuple[KeyFigure, ...]
    not_tested: tuple[Row, ...]
    more_not_tested: str
    signatories: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The parts of a full report that a summary is cut from."""

    ordered: tuple[FindingView, ...]
    sections: tuple[tuple[str, tuple[FindingView, ...]], ...]
    todo: tuple[Todo, ...]
    scope: tuple[Row, ...]
    lead: str
    not_tested: tuple[Row, ...]
    signatories: tuple[tuple[str, str], ...]


def summary(whole: Whole, words: Words) -> Summary:
    """A report cut to two pages."""
    views = [view for _, here in whole.sections for view in here]
    left = len(whole.todo) - priorities.FIRST
    return Summary(
        first=tuple(_cut(one) for one in whole.todo[: priorities.FIRST]),
        more=counted(words, "summary.more", left) if left > 0 else "",
        scope=tuple(replace(row, text=shortened(row.text, _room(row, words))) for row in whole.scope),
        lead=shortened(whole.lead, PARAGRAPH),
        sections=tuple(_sections(whole.sections, words)),
        matrix=_matrix(priorities.matrix(views, words)),
        figures=tuple(_figures([*whole.ordered, *views], words)),
        not_tested=tuple(
            Row(name=shortened(row.name, TITLE - 4), text=shortened(row.text, 4 * TITLE))
            for row in whole.not_tested[:MOST_NOT_TESTED]
        ),
        more_not_tested=_more(len(whole.not_tested) - MOST_NOT_TESTED, words),
        signatories=tuple(
            (shortened(name, NAME // 2), shortened(role, NAME // 2))
            for name, role in whole.signatories[:MOST_SIGNATORIES]
        ),
    )


def _room(row: Row, words: Words) -> int:
    """What is left for a row of the scope: the purpose has two lines."""
    return 2 * LINE if row.name == words.text("row.purpose") else LINE


def _more(left: int, words: Words) -> str:
    return counted(words, "summary.more_not_tested", left) if left > 0 else ""


def _cut(one: Todo) -> Todo:
    return replace(
        one,
        headline=shortened(one.headline, LINE),
        figure=shortened(one.figure, LINE),
        action=shortened(one.action, SENTENCE),
    )


def _matrix(whole: Matrix) -> Matrix:
    rows = tuple(
        replace(
            row,
            cells=tuple(
                replace(cell, items=cell.items[:MOST_IN_CELL], more=cell.more + max(len(cell.items) - MOST_IN_CELL, 0))
                for cell in row.cells
            ),
        )
        for row in whole.rows
    )
    return replace(whole, rows=rows)


def _sections(sections: Sequence[tuple[str, Sequence[FindingView]]], words: Words) -> Iterator[SectionRow]:
    """Each section on a line; of very many the last line sums the rest up."""
    shown = sections if len(sections) <= MOST_SECTIONS else sections[: MOST_SECTIONS - 1]
    for title, here in shown:
        yield _section(shortened(title, TITLE), here)
    rest = sections[len(shown) :]
    if rest:
        yield _section(counted(words, "summary.more_sections", len(rest)), [view for _, here in rest for view in here])


def _section(title: str, here: Sequence[FindingView]) -> SectionRow:
    def told(n: int) -> str:
        return count(n) if n else "–"

    passed = sum(view.verdict == "pass" for view in here)
    tiers = {name: sum(view.tier == name for view in here) for name in ("decides", "open", "condition")}
    return SectionRow(
        title=title,
        decides=told(tiers["decides"]),
        open=told(tiers["open"]),
        condition=told(tiers["condition"]),
        passed=told(passed),
        other=told(len(here) - passed - sum(tiers.values())),
    )


def _figures(views: Sequence[FindingView], words: Words) -> Iterator[KeyFigure]:
    """The measurements that tell most: those of open findings first, then one of each passing one."""
    told: list[KeyFigure] = []
    for view in dict.fromkeys(view.item for view in views):
        one = next(each for each in views if each.item == view)
        told += [figure for figure in [_figure(one, words)] if figure]
    yield from told[:MOST_FIGURES]


def _figure(view: FindingView, words: Words) -> KeyFigure | None:
    """The worst judged measurement of an item."""
    chosen = priorities.telling(view)
    if chosen is None:
        return None
    criterion, found = chosen
    verdict = found.verdict or criterion.verdict
    return KeyFigure(
        item=view.item,
        name=shortened(" · ".join(part for part in (criterion.title, found.label) if part), NAME),
        value=found.value,
        interval=found.interval,
        limit=criterion.limit,
        n=found.n,
        verdict=verdict,
        verdict_word=words.text(f"verdict.{verdict}"),
        scale=found.scale,
    )
