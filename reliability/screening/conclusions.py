"""What follows from the answers: every name with its truth, and the results of each law and of the hub."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from reliability.facts import deciding, evaluate
from reliability.screening.questions import TIERS, Branch, FactRule, Question, Questions
from reliability.screening.record import EuStatus, KrStatus, Tier, Truth, Value

MOST_BELOW = 3

Status = TypeVar("Status", bound=str, covariant=True)


class _Outcome(Protocol[Status]):
    @property
    def status(self) -> Status: ...

    @property
    def when(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Found(Generic[Status]):
    """A status, None where it is open; and all that it may still be, heaviest first."""

    status: Status | None
    possible: tuple[Status, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Conclusions:
    """Truths of all names, which questions are asked, and the results."""

    questions: Questions
    values: Mapping[str, Value]
    asked: Mapping[str, Truth]
    world: Mapping[str, Truth]
    kr: Found[KrStatus]
    eu: Found[EuStatus]
    tier: Found[Tier]
    facts: Mapping[str, Truth]

    def truth(self, expression: str) -> Truth:
        """Value of a condition."""
        return evaluate(expression, self.world, names=self.questions.names)

    def names_behind(self, expression: str) -> tuple[str, ...]:
        """Names that make a condition what it is."""
        return deciding(expression, self.world, names=self.questions.names)

    def answers_behind(self, names: Iterable[str]) -> tuple[str, ...]:
        """Questions whose answers stand behind names; of a question that is not asked, those that leave it out."""
        found = dict.fromkeys(one for name in names for one in self._behind(name))
        return tuple(question.id for question in self.questions.text.questions if question.id in found)

    def all_behind(self, expression: str) -> tuple[str, ...]:
        """Questions whose answers stand behind a condition, through all branches that it rests on."""
        return self.answers_behind(self._unfolded(self.names_behind(expression)))

    def reasons(self, outcomes: Sequence[_Outcome[Any]], found: Found[Any]) -> tuple[str, ...]:
        """Ids of the branches that a result rests on: why it holds, and why nothing heavier does."""
        branches = {branch.name: branch for branch in self.questions.text.branches}
        looked_at = [one for one in outcomes if one.status in found.possible or self.truth(one.when) is False]
        last = max((place for place, one in enumerate(looked_at) if one.status in found.possible), default=-1)
        names = (name for one in looked_at[: last + 1] for name in self._fewest_behind(one.when))
        leaves = dict.fromkeys(leaf for name in names if name in branches for leaf in self._leaves(name, branches))
        return tuple(branch.id for branch in self.questions.text.branches if branch.name in leaves)

    def _leaves(self, name: str, branches: Mapping[str, Branch]) -> Iterator[str]:
        """The branches below one, down to those that rest on answers; one that rests on many stands for them."""
        below = self._fewest_behind(branches[name].is_)
        if len(below) > MOST_BELOW or not all(one in branches for one in below):
            yield name
        else:
            for one in below:
                yield from self._leaves(one, branches)

    def points(self, law: str) -> dict[str, Truth]:
        """Truths of the single questions of one law."""
        branches = (branch for branch in self.questions.text.branches if branch.point and branch.law == law)
        return {branch.name: self.world[branch.name] for branch in branches}

    def _fewest_behind(self, expression: str) -> tuple[str, ...]:
        """Names that alone make a condition what it is, as few of them as do; the first named are kept."""
        value, kept = self.truth(expression), list(self.names_behind(expression))
        for name in reversed(kept[:] if value is not None else []):
            fewer = {one: self.world[one] for one in kept if one != name}
            if evaluate(expression, fewer, names=self.questions.names) is value:
                kept.remove(name)
        return tuple(kept)

    def _behind(self, name: str) -> Iterator[str]:
        question = self.questions.question_of(name)
        if question is None:
            return
        when = self.questions.by_id[question].when
        ruled_out = self.asked[question] is None and question in self.values and self.world[name] is False
        if when is None or ruled_out or self.asked[question]:
            yield question
        else:
            yield from self.answers_behind(self.names_behind(when))

    def _unfolded(self, names: Iterable[str]) -> Iterator[str]:
        branches = {branch.name: branch.is_ for branch in self.questions.text.branches}
        for name in names:
            if name in branches:
                yield from self._unfolded(self.names_behind(branches[name]))
            else:
                yield name


def conclude(questions: Questions, values: Mapping[str, Value], stated: Mapping[str, Truth]) -> Conclusions:
    """What follows from the answers that count and from the facts that the submission states."""
    text, names = questions.text, questions.names
    world: dict[str, Truth] = {f"fact.{name}": value for name, value in stated.items()}
    asked: dict[str, Truth] = {}
    for question in text.questions:
        asked[question.id] = question.when is None or evaluate(question.when, world, names=names)
        world.update(_truths(question, values.get(question.id), asked[question.id]))
    for branch in text.branches:
        world[branch.name] = evaluate(branch.is_, world, names=names)
    kr, eu, tier = (_first(of, world, names) for of in (text.results.kr, text.results.eu, text.results.tier))
    for one in TIERS:
        world[f"tier.{one}"] = True if tier.status == one else None if one in tier.possible else False
    found: dict[str, Truth] = {name: _fact(rule, world, names) for name, rule in text.facts.items()}
    return Conclusions(
        questions=questions, values=values, asked=asked, world=world, kr=kr, eu=eu, tier=tier, facts=found
    )


def _fact(rule: FactRule, world: Mapping[str, Truth], names: frozenset[str]) -> Truth:
    if evaluate(rule.yes, world, names=names):
        return True
    return False if evaluate(rule.no, world, names=names) else None


def _truths(question: Question, value: Value | None, asked: Truth) -> dict[str, Truth]:
    """Truths of the names that a question gives: that it is asked, and that its answer is this."""
    if asked is False:
        return dict.fromkeys(question.names, False)
    if value is None:
        return dict.fromkeys(question.names)
    return {name: asked if _holds(question, name.partition(".")[2], value) else False for name in question.names}


def _holds(question: Question, part: str, value: Any) -> bool:
    match question.kind:
        case "yes_no":
            return bool(value)
        case "choice":
            return bool(value == part)
        case "list":
            return part in value
        case "number":
            return bool(value >= question.at_least[part])


def _first(outcomes: Sequence[_Outcome[Any]], world: Mapping[str, Truth], names: frozenset[str]) -> Found[Any]:
    """The first outcome that holds; while one before it is open, the result is too."""
    possible = []
    for outcome in outcomes:
        value = evaluate(outcome.when, world, names=names)
        if value is not False:
            possible.append(outcome.status)
        if value:
            return Found(status=possible[0] if len(possible) == 1 else None, possible=tuple(possible))
    return Found(status=None, possible=tuple(possible))
