"""The results of a screening, law by law, and the tier: what was found, in one sentence each, and what it brings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reliability.reports.screening_wording import Wording
from reliability.screening.record import Screening
from reliability.words.text import Words

MOST_POINTS = 2  # on the page for the decider; the steps tell them all

# The shape beside a result: never that of a pass, for a screening finds nothing conforming.
SHAPES: Mapping[str, str] = {
    "prohibited": "fail", "T4": "fail",
    "likely": "conditional_fail", "high": "conditional_fail", "T3": "conditional_fail",
    "candidate": "inconclusive",
    "transparency": "reported", "T2": "reported",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """The result of one law, or the tier of the hub."""

    law: str
    shape: str
    status: str
    told: str
    points: tuple[str, ...]
    more: str


def statement(screening: Screening, words: Words) -> str:
    """The result in one sentence: that of the hub where it refuses, else that of Korean law."""
    if screening.hub.served is False:
        return words.text("report.screening.statement.refused")
    return words.text(f"report.screening.statement.{screening.kr.status or 'open'}")


def results(screening: Screening, wording: Wording) -> Iterator[ResultView]:
    """Korean law, the EU regulation, the hub."""
    kr, eu, hub = screening.kr, screening.eu, screening.hub
    words = wording.words
    for law, status, possible, points in (
        ("kr", kr.status, kr.possible, kr.points),
        ("eu", eu.status, eu.possible, eu.points),
    ):
        said = [wording.text("points", name) for name, truth in wording.in_order(points) if truth]
        yield _result(law, status, possible, said, wording)
    names = ", ".join(words.first(f"report.screening.checklist.{one}") or one for one in hub.checklists)
    recommended = [words.text("report.screening.recommended", names=names)] if names else []
    second = [words.text("report.screening.second_reviewer")] if hub.second_reviewer else []
    yield _result("tier", hub.tier, hub.possible, [*recommended, *second], wording)


def _result(
    law: str, status: str | None, possible: Sequence[str], points: Sequence[str], wording: Wording
) -> ResultView:
    words = wording.words
    shape, named, told = _told(law, status, possible, wording)
    more = len(points) - MOST_POINTS
    return ResultView(
        law=words.text(f"report.screening.result.{law}"),
        shape=shape,
        status=named,
        told=told,
        points=tuple(points[:MOST_POINTS]),
        more=words.text("report.screening.more", n=more) if more > 0 else "",
    )


def _told(law: str, status: str | None, possible: Sequence[str], wording: Wording) -> tuple[str, str, str]:
    """Shape, name and sentence of a result."""
    words = wording.words
    if status is not None:
        told = words.first(f"report.screening.told.{law}.{status}")
        return SHAPES.get(status, "not_applicable"), wording.text(law, status), told
    if not possible:
        return "not_applicable", words.text("report.screening.none"), words.text("report.screening.told.tier.none")
    return "inconclusive", words.text("report.screening.unsettled"), wording.status(law, None, possible)
