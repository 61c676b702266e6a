"""What to do first, second and third: open findings in their order, each by what was measured to help it most."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from reliability.advice import Advice, FindingAdvice, RemedyTried
from reliability.records import Verdict
from reliability.reports import figures, priorities, remedies
from reliability.reports.advice import MOST_FACTOR, wanted
from reliability.reports.finding_view import FindingView
from reliability.reports.mending import Mending, RemedyView
from reliability.reports.risk_entries import NOBODY, Entries, Entry
from reliability.reports.statements import first_sentence
from reliability.reports.widths import half_widths, shortened
from reliability.words.text import Words

FIRST, MOST_MORE, MOST_LINES = 3, 6, 4
HEADLINE, LINE, BRIEF = 136, 150, 84  # half-widths: two lines of a page, two beside a name, one
FULL, WHOLE, BOTH = 272, 320, 234  # the same where the page has room: four lines, four, three
# Of the page that is left for the first steps, in points; and the width of their lines.
ROOM, BARE, TITLE_LINE, TEXT_LINE, TITLE_WIDTH, TEXT_WIDTH, IN_A_LINE = 510.0, 34.0, 16.0, 12.6, 68, 80, 3
ROOMY, MORE_BARE, MORE_LINE = 585.0, 3.4, 12.0  # the same with the next steps, where these take up to three lines each
MOST_FOUND = 2  # findings of a step whose number is told
Kind: TypeAlias = Literal["remedy", "rows", "answers", "item"]
Key: TypeAlias = tuple[Kind, str]


@dataclass(frozen=True, kw_only=True)
class StepItem:
    """A finding that a step is for."""

    item: str
    verdict: Verdict
    verdict_word: str
    severity_word: str
    todo: str  # the step, as far as it is about this finding


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do: for which findings, what it brings and costs, whose work it is."""

    n: int
    kind: Kind
    headline: str
    items: tuple[StepItem, ...]
    found: tuple[str, ...]
    brings: tuple[str, ...]
    costs: tuple[str, ...]
    who: str
    effort: str
    remedy: str = ""  # its id
    besides: tuple[str, ...] = ()  # what was measured, to stand beside a headline
    entry: Entry = NOBODY

    @property
    def named(self) -> str:
        """The findings by their ids."""
        return ", ".join(one.item for one in self.items)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The plan on one page."""

    first: tuple[Step, ...]
    more: tuple[Step, ...]
    left: str
    basis: str
    biased: str
    roomy: bool = False  # whether the texts of the first steps stand uncut


@dataclass(frozen=True, kw_only=True)
class Known:
    """What steps are made of: the advice, and what people wrote into the risk register."""

    advice: Advice | None
    rows: int  # of the evaluation
    entries: Entries = field(default_factory=Entries)

    def told(self, item: str) -> FindingAdvice | None:
        """The advice on a finding."""
        found = self.advice.findings if self.advice is not None else ()
        return next((one for one in found if one.item == item), None)


def steps(ordered: Sequence[FindingView], known: Known, words: Words) -> tuple[Step, ...]:
    """Every step, in the order of the findings it is for; findings that the same step mends share it."""
    together: dict[Key, list[FindingView]] = {}
    for view in ordered:
        together.setdefault(_key(view, known), []).append(view)
    return tuple(
        _step(n, key, views, known, words) for n, (key, views) in enumerate(together.items(), start=1)
    )  # fmt: skip


def plan(every: Sequence[Step], advice: Advice, words: Words) -> Plan:
    """The first three steps at length, and the next by their headlines."""
    left = len(every) - FIRST - MOST_MORE
    biased = any(one.labels_may_be_biased for one in advice.findings)
    more = every[FIRST : FIRST + MOST_MORE]
    whole = tuple(_cut(one, MOST_LINES, words, headline=FULL, line=WHOLE) for one in every[:FIRST])
    beside = tuple(replace(one, headline=shortened(_beside(one), BOTH)) for one in more)
    roomy = sum(map(_height, whole)) <= ROOM
    spare = roomy and sum(map(_height, whole)) + sum(map(_height_of_next, beside)) <= ROOMY
    return Plan(
        first=whole if roomy else _fitted(every[:FIRST], words),
        more=beside if spare else tuple(replace(one, headline=shortened(one.headline, BRIEF)) for one in more),
        roomy=roomy,
        left=figures.counted(words, "step.left", left) if left > 0 else "",
        basis=words.text("step.basis", n=figures.count(advice.splits.confirm), of=figures.count(advice.splits.of)),
        biased=words.text("mending.biased_labels") if biased else "",
    )


def _fitted(first: Sequence[Step], words: Words) -> tuple[Step, ...]:
    """The first steps with as many lines each as one page has room for."""
    for most in (MOST_LINES, 3, 2, 1):
        cut = tuple(_cut(one, most, words) for one in first)
        if sum(map(_height, cut)) <= ROOM:
            break
    return cut


def _cut(one: Step, most: int, words: Words, *, headline: int = HEADLINE, line: int = LINE) -> Step:
    found, brings, costs = (
        tuple(shortened(text, line) for text in told)
        for told in (one.found if most > 1 else (), _lines(one.brings, words, most), _lines(one.costs, words, most))
    )
    return replace(one, headline=shortened(one.headline, headline), found=found, brings=brings, costs=costs)


def _beside(one: Step) -> str:
    """A headline and what was measured of it, on one line."""
    return (" " if one.headline.endswith(".") else " · ").join((one.headline, *one.besides))


def _height(one: Step) -> float:
    told = sum(math.ceil(half_widths(text) / TEXT_WIDTH) for text in (*one.found, *one.brings, *one.costs))
    title = math.ceil(half_widths(one.headline) / TITLE_WIDTH) * TITLE_LINE
    return BARE + title + (math.ceil(len(one.items) / IN_A_LINE) + told) * TEXT_LINE


def _height_of_next(one: Step) -> float:
    return MORE_BARE + math.ceil(half_widths(one.headline) / TEXT_WIDTH) * MORE_LINE


def by_item(every: Sequence[Step]) -> Mapping[str, Step]:
    """The step of every finding."""
    return {one.item: step for step in every for one in step.items}


def _key(view: FindingView, known: Known) -> Key:
    best = _best(view.mending)
    if best is not None:
        return "remedy", best.id
    if view.verdict != "fail" and _rows(view.mending, known.rows) is not None:
        return "rows", ""
    if view.asked and view.answer is None:
        return "answers", ""
    return "item", view.item


def _best(mending: Mending | None) -> RemedyView | None:
    """The first remedy after which a finding passes, else the first that gains more than chance; None without."""
    tried = mending.remedies if mending is not None else ()
    passing = (one for one in tried if one.passes)
    return next(passing, None) or next((one for one in tried if one.shown), None)


def _rows(mending: Mending | None, rows: int) -> float | None:
    """The evaluation rows that would decide a finding; None where no number of them does, or far too many would."""
    times = mending.times if mending is not None else ()
    kept = [one for one in times if one is not None and one <= MOST_FACTOR]
    return float(max(kept) * rows) if kept and len(kept) == len(times) else None


def _step(n: int, key: Key, views: Sequence[FindingView], known: Known, words: Words) -> Step:
    kind, name = key
    tried = next((one for one in known.advice.remedies if one.id == name), None) if known.advice is not None else None
    filled = (known.entries.of(view.item) for view in views)
    return Step(
        n=n, kind=kind, headline=_headline(key, views, known, words),
        items=tuple(
            StepItem(item=view.item, verdict=view.verdict, verdict_word=words.text(f"verdict.{view.verdict}"),
                     severity_word=view.severity_word, todo=_headline(key, [view], known, words))
            for view in views
        ),
        found=_whole(_found(kind, views[:MOST_FOUND], words)),
        brings=_whole(_brings(kind, views, known, words)),
        costs=_whole(_costs(kind, views, words)),
        besides=_whole(_besides(kind, views, known, words)),
        who=remedies.who_text(tried.acts_on if tried is not None else kind, words),
        remedy=name if kind == "remedy" else "",
        effort=_effort(kind, tried, words),
        entry=next((one for one in filled if one is not NOBODY), NOBODY),
    )  # fmt: skip


def _whole(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for text in dict.fromkeys(texts) if text)


def _found(kind: Kind, views: Sequence[FindingView], words: Words) -> Iterator[str]:
    """What was measured, and of a finding that people are to look into what goes with it."""
    for view in views:
        yield priorities.figure(view, words, interval=True)
        if kind == "item":
            yield from view.causes[:1]


def _lines(told: Sequence[str], words: Words, most: int) -> tuple[str, ...]:
    left = len(told) - most
    more = [figures.counted(words, "step.more_lines", left)] if left > 0 else []
    return (*told[:most], *more)


def _headline(key: Key, views: Sequence[FindingView], known: Known, words: Words) -> str:
    kind, name = key
    if kind == "remedy":
        best = _best(views[0].mending)
        return words.text("step.remedy", id=name, name=best.name if best is not None else name)
    if kind == "rows":
        needed = max(_rows(view.mending, known.rows) or 0.0 for view in views)
        return words.text("step.rows", n=wanted(needed, known.rows), now=figures.count(known.rows))
    return words.text("step.answers") if kind == "answers" else _action(views[0], words)


def _action(view: FindingView, words: Words) -> str:
    """What to do where nothing was measured to help: more rows, if any would do, are another step."""
    told = view.mending is not None and view.mending.rows and view.remedy
    return first_sentence(view.remedy) if told else priorities.action(view, words)


def _brings(kind: Kind, views: Sequence[FindingView], known: Known, words: Words) -> Iterator[str]:
    if kind == "rows":
        needed = ((view.item, _rows(view.mending, known.rows) or 0.0) for view in views)
        yield words.text("step.decided", items=" · ".join(f"{item} {wanted(n, known.rows)}" for item, n in needed))
        tried = [view.item for view in views if _in_vain(known.told(view.item))]
        yield figures.counted(words, "step.none_passes", len(tried), items=", ".join(tried)) if tried else ""
        return
    for view in views:
        if kind == "remedy":
            yield _gain(view, words)
        elif kind == "answers":
            yield words.text("step.answered", item=view.item, title=view.title)
        else:
            yield (view.mending.statement if view.mending is not None else "") or words.text("step.unmeasured")


def _in_vain(told: FindingAdvice | None) -> bool:
    """Whether remedies were tried for a finding and none makes it pass."""
    if told is None or told.passing:
        return False
    return bool(told.confirmed) or told.unmeasured == "none_helps"


def _besides(kind: Kind, views: Sequence[FindingView], known: Known, words: Words) -> Iterator[str]:
    if kind == "remedy":
        yield from (_gain(view, words) for view in views)
        yield from _broken(views, words)
    elif kind == "item" and _in_vain(known.told(views[0].item)) and views[0].mending is not None:
        yield views[0].mending.statement


def _gain(view: FindingView, words: Words) -> str:
    best = _best(view.mending)
    if best is None or best.own is None:
        return words.text("step.unmeasured")
    own = best.own
    after = f"{own.after} [{own.after_interval}]" if own.after_interval else own.after
    verdict = best.verdict_word if best.shown else f"{best.verdict_word} ({words.text('step.gain_chance')})"
    return words.text("step.gain", item=view.item, name=own.name, before=own.before, after=after, verdict=verdict)


def _broken(views: Sequence[FindingView], words: Words) -> Iterator[str]:
    best = _best(views[0].mending)
    for one in best.effects if best is not None else ():
        if not one.better:
            yield words.text("step.breaks", item=one.item, before=one.before_word, after=one.after_word)


def _costs(kind: Kind, views: Sequence[FindingView], words: Words) -> Iterator[str]:
    best = _best(views[0].mending) if kind == "remedy" else None
    if best is None:
        return
    yield from _broken(views, words)
    if best.decisions:
        yield best.decisions
    yield from best.cautions


def _effort(kind: Kind, tried: RemedyTried | None, words: Words) -> str:
    effort, acts_on = (4, "process") if kind == "rows" else (tried.effort, tried.acts_on) if tried else (0, "")
    return f"{effort} · {words.text(f'effort.of.{acts_on}')}" if effort else ""
