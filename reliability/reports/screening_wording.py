"""What the ids of a screening are called: its questions, answers and consequences in the words of their file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from reliability.records import Json
from reliability.screening.questions import UNKNOWN, Question, Questions
from reliability.screening.record import Becomes, Law, Screening, Truth, Value
from reliability.words.text import Words


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The words of one file of questions in one language; what it does not know is called by its id."""

    questions: Questions
    words: Words

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[str, str]]:
        text = self.questions.text
        parts = ("branches", "duties", "confirm", "actions", "triggers", "cautions")
        return {part: {one.id: self._told(one.text) for one in getattr(text, part)} for part in parts} | {
            "questions": {one.id: self._told(one.ask) for one in text.questions},
            "points": {one.name: self._told(one.text) for one in text.branches},
            "kr": {one.status: self._told(one.text) for one in text.results.kr},
            "eu": {one.status: self._told(one.text) for one in text.results.eu},
            "tier": {one.status: self._told(one.text) for one in text.results.tier},
        }

    def _told(self, text: object) -> str:
        return str(getattr(text, self.words.lang))

    def text(self, part: str, name: str) -> str:
        """The words of one id of a part of the file."""
        return self._texts[part].get(name, name)

    def status(self, law: str, status: str | None, possible: Iterable[str] = ()) -> str:
        """A result in words; an open one with all that it may still be; of a system without any, that it has none."""
        if status is not None:
            return self.text(law, status)
        may_be = " / ".join(self.text(law, one) for one in possible)
        return self.words.text("report.screening.open", may_be=may_be) if may_be else self.unknown

    @property
    def unknown(self) -> str:
        """The word for what is open."""
        return self.words.text("report.screening.unknown")

    def law(self, law: Law) -> str:
        """Whose rule it is."""
        return self.words.text(f"report.screening.law.{law}")

    def branch_of(self, point: str) -> str | None:
        """The id of the branch that goes by this name in conditions."""
        return next((one.id for one in self.questions.text.branches if one.name == point), None)

    def in_order(self, points: Mapping[str, Truth]) -> Iterator[tuple[str, Truth]]:
        """Single questions of law in the order of the file: a record read back has them by name."""
        known = [branch.name for branch in self.questions.text.branches]
        names = sorted(points, key=lambda name: (known.index(name) if name in known else len(known), name))
        yield from ((name, points[name]) for name in names)

    def answer(self, question: str, value: Value) -> str:
        """An answer in words."""
        if value == UNKNOWN:
            return self.unknown
        if isinstance(value, bool):
            return self.words.text("report.screening.yes" if value else "report.screening.no")
        asked = self.questions.by_id.get(question)
        if isinstance(value, int | float):
            return f"{value:,.15g}{self._unit(asked)}"
        chosen = [value] if isinstance(value, str) else list(value)
        return " · ".join(self._choice(asked, one) for one in chosen) or self.unknown

    def _unit(self, asked: Question | None) -> str:
        if asked is None or asked.unit is None:
            return ""
        joined = "" if self.words.lang == "ko" and not self._told(asked.unit).isascii() else " "
        return joined + self._told(asked.unit)

    def _choice(self, asked: Question | None, chosen: str) -> str:
        known = {one.id: self._told(one.text) for one in asked.choices} if asked else {}
        return known.get(chosen, chosen)

    def instead(self, question: str, value: Value, other: Value) -> str:
        """Another answer in words: of a list, the choice that it has more or less."""
        if not isinstance(other, tuple) or not isinstance(value, tuple) or set(other) & set(value) == set():
            return self.answer(question, other)
        more, less = set(other) - set(value), set(value) - set(other)
        if len(more) + len(less) != 1:
            return self.answer(question, other)
        key = "report.screening.added" if more else "report.screening.removed"
        return self.words.text(key, choice=self.answer(question, tuple(more or less)))

    def becomes(self, now: Screening, then: Becomes) -> tuple[str, ...]:
        """What would be otherwise, a line each."""
        pairs = (
            ("kr", now.kr.status, then.kr),
            ("eu", now.eu.status, then.eu),
            ("tier", now.hub.tier, then.tier),
        )
        lines = [
            f"{self.words.text(f'report.screening.result.{law}')}: {self._after(law, after, then)}"
            for law, before, after in pairs
            if before != after
        ]
        lines += self._points(then.points)
        return tuple(lines) or tuple(self._facts(now, then))

    def _after(self, law: str, status: str | None, then: Becomes) -> str:
        """A result as it would be; of a system outside the law, that there is no tier."""
        outside = law == "tier" and status is None and then.kr == "out_of_scope"
        return self.words.text("report.screening.none") if outside else self.status(law, status)

    def _points(self, points: Mapping[str, Truth]) -> Iterable[str]:
        """Single questions of law that would come out otherwise, a line for each way."""
        for truth, key in ((True, "holds"), (False, "falls"), (None, "opens")):
            told = "; ".join(self.text("points", name) for name, after in self.in_order(points) if after is truth)
            if told:
                yield self.words.text(f"report.screening.point.{key}", points=told)

    def _facts(self, now: Screening, then: Becomes) -> Iterable[str]:
        for name in ("kr_high_impact", "fully_automated_serious_effect"):
            before, after = getattr(now.facts, name), getattr(then, name)
            if before is not after:
                told: Json = self.unknown if after is None else self.answer("", after)
                yield f"{self.words.text(f'report.screening.fact.{name}')}: {told}"
