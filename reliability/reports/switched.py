"""Decisions that remedies change, by group and direction, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from reliability.advice import Confirmed, Decisions, GroupDecisions
from reliability.reports import figures
from reliability.reports.groups import group_label
from reliability.reports.withheld import Withheld, suppressed
from reliability.words.text import Words

MOST_GROUPS = 12


@dataclass(frozen=True, kw_only=True)
class SwitchedRow:
    """A group, its rows, and a cell a remedy; no figure where it is too small."""

    name: str
    n: str
    cells: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class SwitchedTable:
    """Decisions that change, a column a remedy."""

    heads: tuple[str, ...]
    rows: tuple[SwitchedRow, ...]
    more: str


def switched(confirmed: Sequence[Confirmed], withheld: Withheld, words: Words) -> SwitchedTable | None:
    """The decisions that remedies change; None where none of them changes decisions."""
    told = [(one, one.decisions) for one in confirmed if one.decisions is not None]
    if not any(decisions.changed or decisions.handed_over for _, decisions in told):
        return None
    decided = [decisions for _, decisions in told]
    groups = decided[0].groups
    hidden = _hidden(groups, withheld)
    rows = [_whole(decided, words)]
    rows += [_row(place, group, decided, words, withheld, hidden=place in hidden) for place, group in enumerate(groups)]
    left = len(rows) - 1 - MOST_GROUPS
    return SwitchedTable(
        heads=tuple(f"{one.rank} ({one.remedy})" for one, _ in told),
        rows=tuple(rows[: MOST_GROUPS + 1]),
        more=figures.counted(words, "mending.more_groups", left) if left > 0 else "",
    )


def _hidden(groups: Sequence[GroupDecisions], withheld: Withheld) -> frozenset[int]:
    """Places of groups without figures: never one alone of an attribute, which the total would tell."""
    found: set[int] = set()
    for by in dict.fromkeys(group.by for group in groups):
        here = [place for place, group in enumerate(groups) if group.by == by]
        sizes = [1 if withheld.hides(groups[place].slice) else groups[place].n for place in here]
        found |= {here[place] for place in suppressed(sizes)}
    return frozenset(found)


def _whole(decided: Sequence[Decisions], words: Words) -> SwitchedRow:
    cells = tuple(_cell(one, words) for one in decided)
    return SwitchedRow(name=words.text("mending.all_rows"), n=figures.count(decided[0].n), cells=cells)


def _row(
    place: int, group: GroupDecisions, decided: Sequence[Decisions], words: Words, withheld: Withheld, *, hidden: bool
) -> SwitchedRow:
    name = group_label(group.slice, group.by, words, withheld.bands)
    if hidden:
        dashes = tuple("–" for _ in decided)
        return SwitchedRow(name=name, n="–", cells=dashes, why=words.text("report.suppressed"))
    cells = tuple(_cell(one.groups[place], words) if place < len(one.groups) else "–" for one in decided)
    return SwitchedRow(name=name, n=figures.count(group.n), cells=cells)


def _cell(one: Decisions | GroupDecisions, words: Words) -> str:
    told = f"+{figures.count(one.to_favourable)} −{figures.count(one.from_favourable)}"
    return f"{told} {words.text('mending.handed', n=figures.count(one.handed_over))}" if one.handed_over else told
