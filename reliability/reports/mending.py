"""What was tried for a finding, and what it does: before and after, on rows that neither taught nor chose it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from reliability.advice import (
    Advice,
    ColumnToRepair,
    Confirmed,
    Decisions,
    Effect,
    FindingAdvice,
    NumberChange,
    RemedyTried,
    RowsNeeded,
)
from reliability.records import WORST_FIRST, Criterion, Finding, Measurement, Verdict
from reliability.reports import figures, remedies
from reliability.reports.advice import MOST_FACTOR, wanted
from reliability.reports.file_rows import rests_on_training
from reliability.reports.groups import group_label
from reliability.reports.risk_entries import NOBODY, Entry
from reliability.reports.rows import Row
from reliability.reports.statements import check_title
from reliability.reports.switched import SwitchedTable, switched
from reliability.reports.trade_off import TradeOff, trade_off
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

MOST_REMEDIES, MOST_EFFECTS, MOST_OTHERS, MOST_COLUMNS = 5, 5, 3, 3


@dataclass(frozen=True, kw_only=True)
class Change:
    """A number before and after."""

    name: str
    before: str
    before_interval: str
    after: str
    after_interval: str
    gain: str
    gain_interval: str


@dataclass(frozen=True, kw_only=True)
class SideEffect:
    """Another item that a remedy makes better or worse."""

    item: str
    before: Verdict
    after: Verdict
    before_word: str
    after_word: str
    better: bool


@dataclass(frozen=True, kw_only=True)
class RemedyView:
    """A remedy that was confirmed for a finding."""

    rank: int
    id: str
    name: str
    effort: str
    own: Change | None
    others: tuple[str, ...]  # the finding's other numbers
    shown: bool  # whether more than chance is gained
    passes: bool
    verdict: Verdict
    verdict_word: str
    effects: tuple[SideEffect, ...]
    more_effects: str
    moved: str  # items whose numbers moved and whose verdict stays
    decisions: str
    not_measured: str
    cautions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Mending:
    """Everything that advice says of one finding."""

    number: str  # what the remedies are to mend
    assessed: str
    remedies: tuple[RemedyView, ...]
    statement: str
    less: str  # how many more were tried and did less
    rows: tuple[str, ...]
    repairs: tuple[str, ...]
    untried: tuple[Row, ...]
    biased: str
    drawing: TradeOff | None
    switched: SwitchedTable | None
    times: tuple[Fraction | None, ...] = ()  # of each of the rows: times those that there are; None where none decide
    entry: Entry = NOBODY  # what people wrote about it


class Teller:
    """Words the advice on an assessment, finding by finding."""

    def __init__(self, advice: Advice, withheld: Withheld, words: Words) -> None:
        self.advice = advice
        self.withheld = withheld
        self.words = words
        self.known: Mapping[str, RemedyTried] = {one.id: one for one in advice.remedies}

    def mending(self, found: Finding, told: FindingAdvice) -> Mending:
        """What was tried for a finding."""
        leading = self._leading(told)
        drawn = [one for one in told.confirmed if one.remedy in self.known][:MOST_REMEDIES]
        of = None if leading is None else leading.before
        return Mending(
            number=self.name(of) if of else "",
            assessed=self._assessed(leading),
            remedies=tuple(self._remedy(one, found, told) for one in drawn),
            statement=statement(told, self.withheld, self.words),
            less=self._less(told),
            rows=tuple(rows_needed(told, self.words, self.advice.splits.of)),
            times=tuple(map(times_needed, told.rows_needed)),
            repairs=tuple(self._repair(one, of) for one in told.columns[:MOST_COLUMNS]),
            untried=tuple(remedies.untried(self._applicable(told), self.known, self.words)),
            biased=self.words.text("mending.biased_labels") if told.labels_may_be_biased else "",
            drawing=trade_off(told, criterion_of(found, told), self.withheld, self.words),
            switched=switched(drawn, self.withheld, self.words),
        )

    def name(self, one: Measurement) -> str:
        """A number by its check and whom it is about."""
        where = " × ".join(one.by)
        if one.slice:
            where = group_label(one.slice, one.by, self.words, self.withheld.bands)
        return " · ".join(part for part in (check_title(one.check, self.words), where) if part)

    def value(self, one: Measurement) -> tuple[str, str]:
        """A value and its interval; dashes where they may not be told."""
        if one.value is None:
            return self.words.text("report.not_measured"), ""
        if (one.slice and self.withheld.hides(one.slice)) or self.withheld.hides_value(one):
            return "–", ""
        lang = self.words.lang
        return figures.number(one.value, one.unit, lang), figures.interval(one, lang)

    def change(self, number: NumberChange) -> Change:
        """A number before and after, ready to print."""
        (before, before_interval), (after, after_interval) = self.value(number.before), self.value(number.after)
        gain, unit, lang = number.gain, number.after.unit, self.words.lang
        told = gain is not None and "–" not in (before, after)
        ends = [end for end in (gain.low, gain.high) if end is not None] if told and gain is not None else []
        return Change(
            name=self.name(number.before), before=before, before_interval=before_interval, after=after,
            after_interval=after_interval,
            gain=figures.signed(gain.value, unit, lang) if told and gain is not None else "",
            gain_interval=" – ".join(figures.signed(end, unit, lang) for end in ends),
        )  # fmt: skip

    def _leading(self, told: FindingAdvice) -> NumberChange | None:
        """The finding's own number, as its best remedy has it."""
        numbers = (own_number(one, told) for one in told.confirmed)
        return next((one for one in numbers if one is not None), None)

    def _assessed(self, leading: NumberChange | None) -> str:
        if leading is None or leading.assessed is None:
            return ""
        value, interval = self.value(leading.assessed)
        return f"{value} [{interval}]" if interval else value

    def _remedy(self, one: Confirmed, found: Finding, told: FindingAdvice) -> RemedyView:
        remedy, words = self.known[one.remedy], self.words
        own = own_number(one, told)
        changed = [effect for effect in one.effects if effect.before != effect.after]
        moved = [effect.item for effect in one.effects if effect.before == effect.after]
        return RemedyView(
            rank=one.rank, id=remedy.id, name=remedies.remedy_name(remedy, self.known, words),
            effort=remedies.effort_text(remedy, words), own=None if own is None else self.change(own),
            others=tuple(self._other(number) for number in one.numbers if number is not own)[:MOST_OTHERS],
            shown=own is not None and is_shown(own, found), passes=remedy.id in told.passing,
            verdict=one.verdict_after, verdict_word=words.text(f"verdict.{one.verdict_after}"),
            effects=tuple(self._effect(effect) for effect in changed[:MOST_EFFECTS]),
            more_effects=figures.counted(words, "mending.more_effects", len(changed) - MOST_EFFECTS)
            if len(changed) > MOST_EFFECTS else "",
            moved=words.text("mending.moved", items=", ".join(moved)) if moved else "",
            decisions=decisions_text(one.decisions, words),
            not_measured=words.text("mending.not_measured", checks=", ".join(self._titles(one.not_measured)))
            if one.not_measured else "",
            cautions=remedies.cautions(remedy, words),
        )  # fmt: skip

    def _titles(self, checks: tuple[str, ...]) -> Iterator[str]:
        return (check_title(check, self.words) for check in checks[:MOST_OTHERS])

    def _other(self, number: NumberChange) -> str:
        change = self.change(number)
        after = f"{change.after} [{change.after_interval}]" if change.after_interval else change.after
        return f"{change.name}: {change.before} → {after}"

    def _effect(self, one: Effect) -> SideEffect:
        return SideEffect(
            item=one.item, before=one.before, after=one.after, before_word=self.words.text(f"verdict.{one.before}"),
            after_word=self.words.text(f"verdict.{one.after}"), better=place(one.after) > place(one.before),
        )  # fmt: skip

    def _applicable(self, told: FindingAdvice) -> list[RemedyTried]:
        return [self.known[id_] for id_ in told.applicable if id_ in self.known]

    def _less(self, told: FindingAdvice) -> str:
        n = sum(one.state != "not_tried" for one in self._applicable(told)) - len(told.confirmed)
        return figures.counted(self.words, "mending.less", n) if n > 0 and told.confirmed else ""

    def _repair(self, one: ColumnToRepair, number: Measurement | None) -> str:
        words, lang = self.words, self.words.lang
        told = [words.text("mending.repair", column=one.column, cells=figures.count(one.cells))]
        if one.value is not None and number is not None:
            told.append(words.text("mending.repaired", value=figures.number(one.value, number.unit, lang)))
        if one.error_affected is not None and one.error_others is not None:
            shares = (figures.number(share, "share", lang) for share in (one.error_affected, one.error_others))
            told.append(words.text("mending.errors", **dict(zip(("affected", "others"), shares, strict=True))))
        return " ".join(told)


def place(verdict: Verdict) -> int:
    """How good a verdict is: the worst is 0."""
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else len(WORST_FIRST)


def own_number(one: Confirmed, told: FindingAdvice) -> NumberChange | None:
    """The number of a finding that a remedy was to mend."""
    leading = told.leading or {}
    return next(
        (
            number
            for number in one.numbers
            if leading.get("criterion") == number.criterion
            and (leading.get("check"), leading.get("of")) == (number.before.check, number.before.of)
            and list(leading.get("by") or ()) == list(number.before.by)
            and dict(leading.get("slice") or {}) == dict(number.before.slice)
        ),
        None,
    )


def criterion_of(found: Finding, told: FindingAdvice) -> Criterion | None:
    """The criterion of a finding's own number."""
    at = (told.leading or {}).get("criterion")
    return found.criteria[at].criterion if isinstance(at, int) and 0 <= at < len(found.criteria) else None


def is_shown(number: NumberChange, found: Finding) -> bool:
    """Whether a number has moved towards its limit, or on beyond it, by more than chance."""
    gain, before = number.gain, number.before.value
    if gain is None or gain.low is None or gain.high is None or before is None:
        return False
    if number.criterion >= len(found.criteria):
        return False
    way = _way(found.criteria[number.criterion].criterion, float(before))
    return (way > 0 and gain.low > 0) or (way < 0 and gain.high < 0)


def _way(criterion: Criterion, value: float) -> int:
    """Which way a number has to go: 1 up, -1 down, 0 where neither is better."""
    low, high = criterion.between or (criterion.at_least, criterion.at_most)
    if criterion.equals is not None:
        low = high = criterion.equals
    if high is None:
        return 0 if low is None else 1
    if low is None:
        return -1
    return 1 if value < low else -1 if value > high else 0


def statement(told: FindingAdvice, withheld: Withheld, words: Words) -> str:
    """What the remedies come to for a finding, in one sentence."""
    if told.unmeasured is not None:
        where = (told.smallest_group or {}).get("slice")
        label = f": {group_label(where, (), words, withheld.bands)}" if where else ""
        return words.text(f"mending.unmeasured.{told.unmeasured}", group=label)
    if not told.confirmed:
        return ""
    if not told.passing:
        return words.text("mending.none_passes")
    return figures.counted(words, "mending.passing", len(told.passing), ids=", ".join(told.passing))


def times_needed(one: RowsNeeded) -> Fraction | None:
    """How many times the rows would decide a number; None where no number of them does."""
    return Fraction(one.needed, one.now) if one.needed is not None and one.now else None


def rows_needed(told: FindingAdvice, words: Words, rows: int) -> Iterator[str]:
    """How many of the evaluation rows would decide what is undecided, if the truth is what was estimated."""
    for one in told.rows_needed:
        where = " × ".join(one.by)
        check = f"{check_title(one.check, words)} ({where})" if where else check_title(one.check, words)
        factor = times_needed(one)
        key = ("needed" if factor <= MOST_FACTOR else "too_many") if factor is not None else one.why or "at_limit"
        # A few rows less than all would tell how many people are in a group that is withheld.
        part = words.text("decide.part", n=figures.count(one.now)) if rows - one.now >= figures.FEWEST_SHOWN else ""
        part += words.text("decide.training_alike") if rests_on_training(one.check) else ""
        # Multiplied as fractions: 455 / 221 * 221 is a hair below 455, and rounds the other way.
        n = wanted(float((factor or 0) * rows), rows)
        yield words.text(f"mending.rows_{key}", check=check, n=n, now=figures.count(rows), part=part)


def decisions_text(told: Decisions | None, words: Words) -> str:
    """How many decisions a remedy changes, and which way."""
    if told is None:
        return ""
    if not told.changed and not told.handed_over:
        return words.text("mending.no_decisions")
    parts = [
        words.text("mending.decisions", changed=figures.count(told.changed), n=figures.count(told.n),
                   to=figures.count(told.to_favourable), off=figures.count(told.from_favourable))
    ]  # fmt: skip
    if told.handed_over:
        inside, outside = (
            "–" if share is None else figures.number(share, "share", words.lang)
            for share in (told.error_inside, told.error_outside)
        )
        share = figures.number(1 - told.handed_over / told.n, "share", words.lang) if told.n else "–"
        parts.append(words.text("mending.handed_over", n=figures.count(told.handed_over), coverage=share,
                                inside=inside, outside=outside))  # fmt: skip
    return " ".join(parts)
