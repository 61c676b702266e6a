"""Measurements before and after as lines of a comparison, by what can be claimed of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reliability.changes import Claim, Comparison, Difference, MeasurementChange
from reliability.records import Measurement
from reliability.reports import figures
from reliability.reports.comparison_scale import PairScale, pair_scale
from reliability.reports.groups import group_label
from reliability.reports.statements import check_title, reason_text
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

# By claim, and how many lines of each a page lists; the record has all of them.
MOST_LINES: dict[Claim, int] = {"worse": 60, "better": 60, "moved": 60, "not_shown": 40, "untested": 20}
CLAIMS = tuple(MOST_LINES)
SIZE = "data_quality.smallest_group_size"


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
class ClaimGroup:
    """Measurements of which the same can be said."""

    claim: Claim
    heading: str
    why: str  # nothing is claimed; empty where it was tested
    lines: tuple[MeasurementLine, ...]
    more: str  # that are not listed


def measured_groups(comparison: Comparison, words: Words) -> Iterator[ClaimGroup]:
    """Measurements that differ, by what can be claimed of them."""
    first, second = _sides(comparison.measurements)
    hidden = Withheld.of(first), Withheld.of(second)
    same_data = comparison.before.evaluation_sha256 == comparison.after.evaluation_sha256
    for claim in CLAIMS:
        here = [one for one in comparison.measurements if one.claim == claim]
        for reason in dict.fromkeys(one.reason for one in here):
            alike = [one for one in here if one.reason == reason]
            left = len(alike) - MOST_LINES[claim]
            yield ClaimGroup(
                claim=claim,
                heading=figures.counted(words, f"compare.heading.{claim}", len(alike)),
                why=words.text(f"compare.untested.{reason}") if reason else "",
                lines=tuple(_line(one, hidden, words, same_data=same_data) for one in alike[: MOST_LINES[claim]]),
                more=figures.counted(words, "compare.more", left) if left > 0 else "",
            )


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
    told = not any(_is_size(side, withheld) for side, withheld in zip(_both(one), hidden, strict=True))
    texts = [_value(side, withheld, bounds, words) for side, withheld in zip(_both(one), hidden, strict=True)]
    difference = one.difference if told else None
    return MeasurementLine(
        claim=one.claim, word=word, items=items, name=name,
        limit=figures.limit_text(one.criterion, one.after.unit, lang),
        before=texts[0], before_interval=figures.interval(one.before, lang, beside=bounds),
        after=texts[1], after_interval=figures.interval(one.after, lang, beside=bounds),
        difference=figures.signed(difference.value, one.after.unit, words.lang) if difference else "",
        of=words.text(f"compare.column.{_difference_of(difference)}"),
        interval=_interval(difference, one.after, words) if difference else "",
        p_value=_p_value(difference, words) if difference else "",
        n=_n(one, hidden, words),
        notes=tuple(_notes(one, hidden, words, same_data=same_data)),
        scale=pair_scale(one, words.text("compare.scale_title", name=name), words) if told else None,
    )  # fmt: skip


def _both(one: MeasurementChange) -> tuple[Measurement, Measurement]:
    return one.before, one.after


def _name(one: MeasurementChange, hidden: Withheld, words: Words) -> str:
    """The measure, of which class, among whom."""
    after = one.after
    of = words.text("report.of_class", of=after.of) if after.of is not None else ""
    where = group_label(after.slice, after.by, words, hidden.bands) if after.slice else " × ".join(after.by)
    return " · ".join(part for part in (check_title(after.check, words), where, of) if part)


def _is_size(one: Measurement, hidden: Withheld) -> bool:
    """Whether the value is itself the size of a group that is not told; a difference or a drawing would tell it."""
    small = one.check == SIZE and one.value is not None and one.value < figures.FEWEST_SHOWN
    return small or hidden.hides_value(one)


def _value(one: Measurement, hidden: Withheld, bounds: tuple[float, ...], words: Words) -> str:
    if one.value is None:
        return words.text("report.not_measured")
    if one.check == SIZE and one.value < figures.FEWEST_SHOWN:
        return words.text("report.under_five")
    return "–" if hidden.hides_value(one) else figures.number(one.value, one.unit, words.lang, beside=bounds)


def _difference_of(difference: Difference | None) -> str:
    """Which difference it is: of the values, or of the pair that was worst before."""
    pair = difference is not None and difference.method.startswith("fixed_")
    return difference.method.removeprefix("fixed_") if pair and difference else "difference"


def _interval(difference: Difference, one: Measurement, words: Words) -> str:
    if difference.low is None or difference.high is None:
        return ""
    return " – ".join(figures.signed(end, one.unit, words.lang) for end in (difference.low, difference.high))


def _n(one: MeasurementChange, hidden: tuple[Withheld, Withheld], words: Words) -> str:
    """The rows before and after, where they would not tell the size of a small group."""
    if any(withheld.hides_n(side) for side, withheld in zip(_both(one), hidden, strict=True)):
        return words.text("report.n_withheld")
    return f"n = {' → '.join(dict.fromkeys(figures.count(side.n) for side in _both(one)))}"


def _p_value(difference: Difference, words: Words) -> str:
    if difference.adjusted is None:
        return ""
    return words.text("compare.adjusted", p=figures.p_value(float(difference.adjusted)))


def _notes(
    one: MeasurementChange, hidden: tuple[Withheld, Withheld], words: Words, *, same_data: bool
) -> Iterator[str]:
    """How it was compared, or why there is no value."""
    for side, name in zip(_both(one), ("before", "after"), strict=True):
        if side.value is None and side.reason is not None:
            why = reason_text(side.reason.code, side.reason.with_, words)
            yield f"{words.text(f'compare.{name}')}: {why}"
    difference = one.difference
    if difference is None:
        return
    if difference.pair and not any(each.hides(group.slice) for each in hidden for group in difference.pair):
        yield _pair(one, difference, hidden[1], words)
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


def unchanged(comparison: Comparison, words: Words) -> str:
    """How many measurements are as before; empty where none is."""
    n = sum(one.claim == "same" for one in comparison.measurements)
    key = "compare.unchanged" if n < len(comparison.measurements) else "compare.all_unchanged"
    return figures.counted(words, key, n) if n else ""
