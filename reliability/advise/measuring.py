"""What the checklist's own checks say of rows that are answered otherwise."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from reliability.advise.remedies import Ask, Changed, Tried
from reliability.bench import FEATURE_KINDS, OTHER_KINDS
from reliability.blocks import Block, Column
from reliability.checklist.catalogue import check_named
from reliability.checklist.judge import judge, worst
from reliability.engine import KINDS, TRAINING, Call, Counted, Measuring, Predictor, Request, count, requests_of
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers
from reliability.plan import Available, Planned, planned
from reliability.records import Criterion, CriterionResult, Finding, Measurement, Verdict
from reliability.worker.failures import REFUSALS

Measured: TypeAlias = Mapping[Call, tuple[Measurement, ...]]


class Asking:
    """A way to ask as a predictor; what answers is ended by whoever opened it."""

    def __init__(self, ask: Ask) -> None:
        self.answer = self.attempt = ask

    def close(self) -> None:
        """Nothing to end."""


class Reopening:
    """The model of today: asked again after it failed, by a worker that outlives refusals."""

    def __init__(self, opened: Callable[[], Predictor]) -> None:
        self._opened = opened
        self._model: Predictor | None = None

    def ask(self, columns: Mapping[str, Column]) -> Answers:
        """The answers to these rows."""
        if self._model is None:
            self._model = self._opened()
        try:
            return self._model.attempt(columns)
        except WorkerError as failed:
            if failed.code not in REFUSALS:
                self.close()
            raise

    def close(self) -> None:
        """End the worker."""
        if self._model is not None:
            self._model.close()
            self._model = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A finding with its criteria as planned: what is measured again."""

    finding: Finding
    planned: tuple[Planned, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call of its judged criteria."""
        return tuple(call for one in self.planned if not one.criterion.report for call in one.calls)

    def results(self, measured: Measured) -> tuple[CriterionResult, ...]:
        """Its criteria judged on these measurements; a criterion of which nothing was measured says no rows."""
        return tuple(
            judge(one.criterion, tuple(m for call in one.calls for m in measured.get(call, ())), lacking=one.lacking)
            for one in self.planned
        )

    def verdict(self, measured: Measured) -> Verdict:
        """Its verdict on these measurements."""
        return worst(result.verdict for result in self.results(measured))


def items(findings: Iterable[Finding], available: Available, *, confidence: float) -> tuple[Item, ...]:
    """Findings that are measured, with the calls that measure them again."""
    return tuple(
        Item(finding=finding, planned=tuple(_planned(one.criterion, available, confidence) for one in finding.criteria))
        for finding in findings
        if finding.criteria
    )


def _planned(criterion: Criterion, available: Available, confidence: float) -> Planned:
    if criterion.check is not None:
        # As a checklist gives them: the record has lists where a check takes tuples.
        options = check_named(criterion.check, where="assessment.json").settings(criterion.with_, where=criterion.check)
        criterion = criterion.model_copy(update={"with_": options})
    return planned(criterion, available, declared=None, confidence=confidence)


def at_confidence(calls: Iterable[Call], confidence: float) -> tuple[Call, ...]:
    """The same calls at another confidence."""
    return tuple(replace(call, confidence=confidence) for call in calls)


def answered(rows: Block, changed: Changed, tried: Tried) -> Block:
    """The rows as the remedy answers them: those that it hands to people are left out."""
    features = rows.roles.features if tried.features is None else tried.features
    roles = replace(rows.roles, features=features, has_predictions=True, has_scores=changed.scores is not None)
    again = replace(
        rows, roles=roles, columns={name: rows.columns[name] for name in features}, y_pred=changed.predicted,
        y_score=changed.scores,
    )  # fmt: skip
    return again if changed.abstained is None else again.where(changed.decided)


def measure(
    calls: Sequence[Call], evaluation: Block, training: Block | None, *, ask: Ask | None, seed: int
) -> dict[Call, tuple[Measurement, ...]]:
    """Every call measured on these rows; those whose evidence is not there are left out."""
    asked = [call for call in calls if _possible(call, training, ask)]
    requests = requests_of(asked)
    learnt = tuple(one for one in requests if one.from_training)
    evidence = count([evaluation], tuple(one for one in requests if not one.from_training), seed=seed)
    if learnt and training is not None:
        evidence |= count([training], learnt, seed=seed)
    measuring = Measuring(
        counted=Counted(evidence=evidence), seed=seed, open_model=None if ask is None else lambda: Asking(ask)
    )
    return {call: measuring.measure(call) for call in asked}


def _possible(call: Call, training: Block | None, ask: Ask | None) -> bool:
    if call.check.asks_the_model and ask is None:
        return False
    requests = call.requests()
    if any(_plain(one) in OTHER_KINDS for one in requests):
        return False  # of columns that are no features: nothing here changes them
    return training is not None or not any(one.from_training for one in requests)


def affected(call: Call, tried: Tried) -> bool:
    """Whether the remedy may change what the call measures."""
    requests = call.requests()
    if call.check.asks_the_model or any(_rests_on_answers(one) for one in requests):
        return True
    if tried.training is not None and any(one.from_training for one in requests):
        return True
    return tried.features is not None and any(_plain(one) in FEATURE_KINDS for one in requests)


def counted_from_answers(call: Call) -> bool:
    """Whether a call measures nothing but counted answers: quickly done."""
    return all(not one.from_training and KINDS[_plain(one)].needs_predictions for one in call.requests())


def _rests_on_answers(request: Request) -> bool:
    kind = KINDS[_plain(request)]
    # A sample carries the answers along, where a check looks at them.
    return not request.from_training and bool(kind.needs_predictions or request.kind == "sample")


def _plain(request: Request) -> str:
    return request.kind.removeprefix(TRAINING)


def same(one: Measurement, other: Measurement) -> bool:
    """Whether two measurements are of the same thing."""
    return (one.check, one.by, one.slice, one.of) == (other.check, other.by, other.slice, other.of)


def matching(one: Measurement, among: Iterable[Measurement]) -> Measurement | None:
    """The measurement of the same thing."""
    return next((other for other in among if same(one, other)), None)


def groups_lost(before: Measurement, after: Measurement) -> bool:
    """Whether a group that was compared before has too few rows left: the gap of the others is another number."""
    return not _compared(before) <= _compared(after)


def parts(one: Measurement) -> tuple[Sequence[Mapping[str, Any]], ...]:
    """The groups that a number counts; of one that is the worst of several, those of each."""
    every = one.details.get("parts") or (one.details,)
    return tuple(part.get("groups") or () for part in every)


def _compared(one: Measurement) -> set[tuple[int, str]]:
    return {
        (place, str(dict(group["slice"])))
        for place, part in enumerate(parts(one))
        for group in part
        if group.get("judged", True)
    }


def without_details(one: Measurement) -> Measurement:
    """The number alone."""
    return one.model_copy(update={"details": {}})


def plain(value: Any) -> Any:
    """A value of numpy as Python's own."""
    return value.tolist() if hasattr(value, "tolist") else value
