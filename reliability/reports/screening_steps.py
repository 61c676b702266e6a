"""How a screening came to its results: every step with the facts that were asked, the answers, and what follows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from reliability.reports.clauses import Citations, Cited
from reliability.reports.screening_wording import Wording
from reliability.screening.record import AnswerGiven, Screening, Step, Tier, Truth

MARKS: Mapping[Truth, str] = {True: "holds", False: "falls", None: "open"}


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """A question that was asked, under its number, and what was answered by whom."""

    number: int
    ask: str
    brief: str
    answer: str
    because: str
    short: str
    by: str
    date: str
    open: str
    decides: bool
    long: bool


@dataclass(frozen=True, kw_only=True)
class StepView:
    """Steps that came out alike on the same answers: what was judged, on what, by which clauses."""

    mark: str
    word: str
    told: tuple[tuple[str, str], ...]
    answers: tuple[AnswerView, ...]
    rests_on: str
    articles: tuple[Cited, ...]


@dataclass(frozen=True, kw_only=True)
class StageView:
    """A stage of the logic with its steps."""

    id: str
    title: str
    steps: tuple[StepView, ...]


SHORT_TEXT, LONG_TEXT = 200, 700


def shortened(text: str, most: int) -> str:
    """A text that stands whole elsewhere, cut where it would push others off their page."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def answer_views(screening: Screening, wording: Wording) -> dict[str, AnswerView]:
    """Every question that was asked, in its order, by its id."""
    left_open = {one.question: one for one in screening.open}
    return {
        given.question: _answer(number, given, left_open, wording)
        for number, given in enumerate(screening.answers, start=1)
    }


def _answer(number: int, given: AnswerGiven, left_open: Mapping[str, object], wording: Wording) -> AnswerView:
    gap = left_open.get(given.question)
    return AnswerView(
        number=number,
        ask=wording.text("questions", given.question),
        brief=wording.words.first(f"report.screening.brief.{given.question}")
        or wording.text("questions", given.question),
        answer=wording.answer(given.question, given.value),
        because=given.because or "",
        short=shortened(given.because or "", SHORT_TEXT),
        by=given.by or "",
        date=given.date or "",
        open=wording.words.text(f"report.screening.gap.{getattr(gap, 'code', '')}") if gap else "",
        decides=bool(getattr(gap, "decides", False)),
        long=len(given.because or "") > LONG_TEXT,
    )


def stages(
    screening: Screening, wording: Wording, citations: Citations, answers: Mapping[str, AnswerView]
) -> Iterator[StageView]:
    """The steps by stage; those that do not hold are told together, they decide by their absence."""
    for stage, found in groupby(screening.steps, key=_stage):
        steps = list(found)
        standing = [step for step in steps if step.met is not False]
        fallen = [step for step in steps if step.met is False]
        groups = [
            list(alike) for _, alike in groupby(standing, key=lambda step: (step.met, step.answers, step.branches))
        ]
        views = [_view(group, wording, citations, answers) for group in [*groups, *([fallen] if fallen else [])]]
        title = wording.words.first(f"report.screening.stage.{stage}") or stage
        yield StageView(id=stage, title=title, steps=tuple(views))


def _stage(step: Step) -> str:
    """The first part of a branch's id; the tiers are one stage."""
    stage = step.branch.partition(".")[0]
    return "T" if stage in get_args(Tier) else stage


def _view(group: Sequence[Step], wording: Wording, citations: Citations, answers: Mapping[str, AnswerView]) -> StepView:
    mark = MARKS[group[0].met]
    here = {step.branch for step in group}
    earlier = [one for one in _once(step.branches for step in group) if one not in here]
    return StepView(
        mark=mark,
        word=wording.words.text(f"report.screening.step.{mark}"),
        told=tuple((step.branch, wording.text("branches", step.branch)) for step in group),
        answers=tuple(answers[one] for one in _once(step.answers for step in group) if one in answers),
        rests_on=wording.words.text("report.screening.rests_on", steps=", ".join(earlier)) if earlier else "",
        articles=citations.cited(_once(step.articles for step in group)),
    )


def _once(lists: Iterable[Iterable[str]]) -> Iterable[str]:
    return dict.fromkeys(one for listed in lists for one in listed)
