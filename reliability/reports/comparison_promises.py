"""Promises of the advice that was followed, as lines of a comparison: what was promised, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from reliability.changes import Comparison, Promise
from reliability.records import Measurement
from reliability.reports import figures
from reliability.reports.groups import group_label
from reliability.reports.statements import check_title
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

WORDS = {True: "kept", False: "broken", None: "unknown"}


@dataclass(frozen=True, kw_only=True)
class PromiseLine:
    """A number that was promised, and what the new version came to."""

    item: str
    name: str
    kept: bool | None
    word: str
    promised: str
    found: str
    range: str  # where it may lie if the promise is true


@dataclass(frozen=True, kw_only=True)
class PromisesView:
    """All promises of one remedy."""

    lines: tuple[PromiseLine, ...]
    sum: str


def promises_view(comparison: Comparison, words: Words) -> PromisesView | None:
    """The promises of a comparison; None where no advice was given."""
    if not comparison.promises:
        return None
    sides = (side for one in comparison.measurements for side in (one.before, one.after))
    withheld = Withheld.of([*sides, *(one.found for one in comparison.promises if one.found is not None)])
    kept = sum(one.kept is True for one in comparison.promises)
    n = len(comparison.promises)
    return PromisesView(
        lines=tuple(_lines(comparison, withheld, words)),
        sum=figures.counted(words, "compare.promise.sum", n, kept=kept),
    )


def _lines(comparison: Comparison, withheld: Withheld, words: Words) -> Iterator[PromiseLine]:
    for one in comparison.promises:
        told = one.promised
        where = group_label(told.slice, told.by, words, withheld.bands) if told.slice else " × ".join(told.by)
        hidden = bool(told.slice) and withheld.hides(told.slice)
        yield PromiseLine(
            item=one.item, name=" · ".join(part for part in (check_title(told.check, words), where) if part),
            kept=one.kept, word=words.text(f"compare.promise.{WORDS[one.kept]}"),
            promised="–" if hidden else _value(told, words), found="–" if hidden else _value(one.found, words),
            range="" if hidden else _range(one, words),
        )  # fmt: skip


def _value(one: Measurement | None, words: Words) -> str:
    if one is None or one.value is None:
        return words.text("report.not_measured")
    ends = figures.interval(one, words.lang)
    return figures.number(one.value, one.unit, words.lang) + (f" [{ends}]" if ends else "")


def _range(one: Promise, words: Words) -> str:
    """The prediction interval."""
    if one.low is None or one.high is None:
        return ""
    return " – ".join(figures.number(end, one.promised.unit, words.lang) for end in (one.low, one.high))
