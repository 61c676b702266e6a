"""The fewest rows at which a criterion can pass, worked out before any model is run.

Rows like the submission's own are made up with answers as good as they can be, and the check itself measures them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from reliability.blocks import Block, Bools, Groups, Ints, Roles
from reliability.checklist.criteria import declared_level
from reliability.checklist.judge import judge
from reliability.engine import KINDS, SAMPLE_ROWS, TRAINING, Call, Counted, Measuring, count
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.hashing import splitmix64
from reliability.evidence.probe import Answers
from reliability.plan import Available, planned
from reliability.records import Criterion, CriterionResult, Json, Number, Reason
from reliability.submission.read import Submission

MOST_ROWS = 1 << 20
WRONG_IN_EQUAL_GROUPS = 0.1
_FIRST_ROWS = 8
_FINENESS = 100  # the fewest rows are found to one part in so many
_SETTLING_ROWS, _SETTLING_STEPS = 1 << 14, 14  # how a rate of wrong answers is found
_ROUNDING = 1e-9
_SIZES = "group_sizes"
# Evidence of whose interval nothing is unknown before a run but rates.
_COUNTS = frozenset({"confusion_matrix", "group_counts", "score_histogram", "probe", "group_probe", "column_profile"})
# Why made-up answers, all of them right, leave an interval unknown.
_SPREADLESS = frozenset({"variance_not_estimable", "too_few_for_interval", "separated", "no_interval"})
# Units of rates and of what is made of them: those whose best value is 1, or 0 where less is better.
_RATES = frozenset({"share", "auc", "score", "dimensionless"})

Why: TypeAlias = Literal["", "lacking", "value_decides", "spread_unknown", "out_of_reach"]
Assumption: TypeAlias = Literal["", "equal_groups", "halfway"]


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The fewest rows for one criterion over one grouping.

    Attributes
    ----------
    criterion : Criterion
        With its check, limit and rule.
    by : tuple of str
        The attributes whose groups are compared or looked at one by one.
    n : int
        Rows that there are.
    smallest_group : mapping, or None
        `slice` and `n` of the known group with the fewest rows.
    best : int or None
        Fewest rows where every answer is right, or every group is treated alike.
    likely : int or None
        Fewest rows under the assumption; None too where they are more than `most`.
    assumption : str
        `equal_groups`: every group has the labels of the whole, one answer in ten is wrong, and as many rows of a
        group get a favourable answer as have a favourable label; `halfway`: the estimate is `assumed`; or empty.
    assumed : float or None
        The share of favourable labels in the data, or the estimate halfway between the limit and the best value.
    most : int
        Rows beyond which no more were tried.
    enough, enough_as_assumed : bool or None
        Whether it can pass with the rows that there are, in the best case and under the assumption; None where that
        cannot be told. Between the fewest rows and more it may not: a group may become large enough to be compared.
    why : str
        Why there is no `best`; empty where there is one.
    reasons : tuple of Reason
        What is lacking, or what stands in the way however many rows there are.
    """

    criterion: Criterion
    by: tuple[str, ...] = ()
    n: int
    smallest_group: Mapping[str, Json] | None = None
    best: int | None = None
    likely: int | None = None
    assumption: Assumption = ""
    assumed: float | None = None
    most: int = MOST_ROWS
    enough: bool | None = None
    enough_as_assumed: bool | None = None
    why: Why = ""
    reasons: tuple[Reason, ...] = ()

    def as_record(self) -> dict[str, Json]:
        """All of it as plain values."""
        plain = {
            "criterion": self.criterion.model_dump(mode="json", by_alias=True),
            "by": list(self.by),
            "reasons": [reason.model_dump(mode="json", by_alias=True) for reason in self.reasons],
        }
        return {**vars(self), **plain}


def smallest_n(criterion: Criterion, submission: Submission, *, confidence: float) -> tuple[Needed, ...]:
    """The fewest rows for a criterion, for every grouping that it asks for; nothing is run.

    Parameters
    ----------
    criterion : Criterion
        As the checklist has it; a declared one is filled in from the submission.
    submission : Submission
        As read: its rows give the shares of groups and labels.
    confidence : float
        The checklist's, in (0, 1).

    Returns
    -------
    tuple of Needed
        One for every grouping; one that says why where the criterion cannot be measured.
    """
    model = submission.model is not None
    # What a model will answer is not known yet: a classifier is taken to give scores.
    scores = submission.roles.has_scores or (model and submission.roles.task != "regression")
    roles = replace(submission.roles, has_predictions=True, has_scores=scores)
    available = Available(roles=roles, training=submission.training is not None, model=model)
    one = planned(criterion, available, declared=_declared(submission), confidence=confidence)
    n = submission.evaluation.rows
    if one.lacking is not None:
        return (Needed(criterion=one.criterion, n=n, why="lacking", reasons=(one.lacking,)),)
    return tuple(_needed(one.criterion, call, submission, roles) for call in one.calls)


def _declared(submission: Submission) -> Criterion | None:
    performance = submission.manifest.performance
    if performance is None:
        return None
    given = performance.model_dump(exclude_none=True, by_alias=True)
    return declared_level(given, where=submission.where("performance"))


def _needed(criterion: Criterion, call: Call, submission: Submission, roles: Roles) -> Needed:
    needed = Needed(criterion=criterion, by=call.by, n=submission.evaluation.rows, why=_unknown(criterion, call))
    if needed.why:
        return needed
    trial = _Trial.of(criterion, call, submission, roles)
    needed = replace(needed, smallest_group=trial.smallest_group(), most=trial.most)
    ideals = [_Answers(), _Answers(all_favourable=True), _EQUAL] if _compares_answers(call) else [_Answers()]
    found = [n for n in map(trial.fewest, ideals) if n is not None]
    if not found:
        return replace(needed, **_never(trial.result(_Answers(), trial.most)))
    if set(call.check.evidence) != {_SIZES} and trial.is_of_file():
        return replace(needed, why="value_decides")
    needed = replace(needed, best=min(found), enough=any(trial.passes(one, needed.n) for one in ideals))
    assumed = trial.equal_groups() if _compares_answers(call) else trial.halfway()
    if assumed is None:
        return needed
    return replace(
        needed,
        likely=trial.fewest(assumed.answers),
        assumption=assumed.name,
        assumed=assumed.value,
        enough_as_assumed=trial.passes(assumed.answers, needed.n),
    )


def _never(last: CriterionResult) -> dict[str, Any]:
    """What is said of a criterion that does not pass with as many rows as are tried, all answered rightly."""
    if any(reason.code in _SPREADLESS for reason in last.reasons):
        return {"why": "spread_unknown"}
    unmeasured = all(one.value is None for one in last.measurements)
    return {"why": "lacking" if unmeasured else "out_of_reach", "enough": False, "reasons": last.reasons}


def _unknown(criterion: Criterion, call: Call) -> Why:
    """Why no number of rows can be told before a run, by the evidence that the check asks for."""
    kinds = set(call.check.evidence)
    if kinds == {_SIZES}:
        return ""
    of_files = not any(_rests_on_answers(kind) for kind in kinds)
    if of_files or criterion.rule in ("exact", "simple"):
        return "value_decides"
    # Errors and scores vary by as much as the model makes them vary.
    return "" if kinds <= _COUNTS and not call.check.name.startswith("calibration.") else "spread_unknown"


def _rests_on_answers(kind: str) -> bool:
    plain = kind.removeprefix(TRAINING)
    return plain.endswith(("sample", "probe")) or bool(KINDS[plain].needs_predictions)


def _compares_answers(call: Call) -> bool:
    return call.check.compares and not call.check.asks_the_model and _SIZES not in call.check.evidence


@dataclass(frozen=True, kw_only=True)
class _Answers:
    """How made-up rows are answered: right, but for a share of them."""

    wrong: float = 0.0
    alike: bool = False  # every group has the labels of the whole, and wrong answers leave its selection rate alone
    all_favourable: bool = False

    def to(self, truth: Ints, roles: Roles) -> npt.NDArray[Any]:
        """Answers to one group's rows, which stand in the order of their labels."""
        missed, said = _evenly(self.wrong, len(truth)), truth.copy()
        if self.all_favourable:
            said[:] = next(iter(roles.favourable), 0)
        elif self.alike:
            said[missed] = np.roll(truth[missed], int(missed.sum()) // 2)
        else:
            said[missed] = (truth[missed] + 1) % max(len(roles.classes), 2)
        return said


# Where rates of errors are compared as a ratio, answers that are all right have none.
_EQUAL = _Answers(wrong=WRONG_IN_EQUAL_GROUPS, alike=True)


@dataclass(frozen=True, kw_only=True)
class _Assumed:
    """What is assumed of a result, the number in it, and answers that lead to it."""

    name: Assumption
    value: float
    answers: _Answers


@dataclass(frozen=True, kw_only=True)
class _Steady:
    """A model that answers every row alike, but for a share of them."""

    wrong: float

    def answer(self, columns: Mapping[str, Any], /) -> Answers:
        return Answers(labels=_evenly(self.wrong, len(next(iter(columns.values())))).astype(np.int64))

    attempt = answer

    def close(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Trial:
    """A criterion tried on rows like the submission's own, in the order of their groups and labels."""

    criterion: Criterion
    call: Call
    rows: Block

    @classmethod
    def of(cls, criterion: Criterion, call: Call, submission: Submission, roles: Roles) -> Self:
        asks = call.check.asks_the_model
        blocks = submission.evaluation.blocks(features=asks)
        # A model is asked about a sample: one block holds enough. Groups and labels are those of all rows.
        parts = [next(blocks)] if asks else list(blocks)
        groups = {name: _joined([part.groups[name] for part in parts]) for name in call.by}
        rows = Block(
            start=0, roles=roles, columns=parts[0].columns, y_true=np.concatenate([part.y_true for part in parts]),
            groups=groups,
        )  # fmt: skip
        order = np.lexsort((rows.y_true, *(each.codes for each in groups.values())))
        return cls(criterion=criterion, call=call, rows=rows.where(order))

    @property
    def most(self) -> int:
        """Rows beyond which no more are tried."""
        return SAMPLE_ROWS if self.call.check.asks_the_model else MOST_ROWS

    def smallest_group(self) -> dict[str, Json] | None:
        """The known group with the fewest rows."""
        if not self.call.by:
            return None
        sizes = GroupSizes.of(self.rows, self.call.by)
        known = [(int(n), level) for level, n in zip(sizes.levels, sizes.sizes, strict=True) if None not in level]
        n, level = min(known, key=lambda one: one[0], default=(0, ()))
        return {"slice": dict(zip(self.call.by, level, strict=False)), "n": n} if known else None

    def fewest(self, answers: _Answers) -> int | None:
        """The fewest rows with which the criterion passes, to one part in `_FINENESS`; None beyond `most`."""
        if not self.passes(answers, self.most):
            return None
        high = _FIRST_ROWS
        while high < self.most and not self.passes(answers, high):
            high *= 2
        low, high = (high // 2 if high > _FIRST_ROWS else 0), min(high, self.most)
        while high - low > max(1, high // _FINENESS):
            middle = (low + high) // 2
            low, high = (low, middle) if self.passes(answers, middle) else (middle, high)
        return high

    def equal_groups(self) -> _Assumed:
        """Groups that are alike, selected at the rate of favourable labels in the data."""
        rate = float(np.isin(self.rows.y_true, self.rows.roles.favourable).mean())
        return _Assumed(name="equal_groups", value=rate, answers=_EQUAL)

    def halfway(self) -> _Assumed | None:
        """The estimate halfway between a limit and the best value; None where there is no such."""
        limit, end = (self.criterion.at_least, 1) if self.criterion.at_most is None else (self.criterion.at_most, 0)
        if limit is None or limit == end or not self._is_rate():
            return None
        target, low, high = (float(limit) + end) / 2, 0.0, 1.0
        for _ in range(_SETTLING_STEPS):
            middle = (low + high) / 2
            value = self._value(_Answers(wrong=middle))
            low, high = (middle, high) if value is not None and abs(end - value) < abs(end - target) else (low, middle)
        return _Assumed(name="halfway", value=target, answers=_Answers(wrong=low)) if high < 1 else None

    def result(self, answers: _Answers, n: int) -> CriterionResult:
        """The criterion judged on so many rows with these answers."""
        block = self._answered(answers, n)
        evidence = count([block], self.call.requests(), seed=0)
        model = _Steady(wrong=answers.wrong)
        measuring = Measuring(counted=Counted(evidence=evidence), seed=0, open_model=lambda: model)
        return judge(self.criterion, measuring.measure(self.call))

    def passes(self, answers: _Answers, n: int) -> bool:
        """Whether the criterion passes with so many rows, or with as many as are tried."""
        return self.result(answers, min(n, self.most)).verdict == "pass"

    def is_of_file(self) -> bool:
        """Whether what is measured has no interval: a share of the file itself."""
        found = self.result(_Answers(), _SETTLING_ROWS).measurements
        return all(one.value is not None and one.low is None for one in found)

    def _is_rate(self) -> bool:
        measured = self.result(_Answers(), _SETTLING_ROWS).measurements
        return all(one.unit in _RATES for one in measured if one.value is not None)

    def _value(self, answers: _Answers) -> Number | None:
        """The estimate that is nearest to the limit."""
        found = [one.value for one in self.result(answers, _SETTLING_ROWS).measurements if one.value is not None]
        return (min if self.criterion.at_most is None else max)(found, default=None)

    def _answered(self, answers: _Answers, n: int) -> Block:
        """So many rows, with the shares of groups and labels as they are; each an entity of its own."""
        block, roles = self.rows.where(_steps(self.rows.n, n)), self.rows.roles
        entity = splitmix64(np.arange(n, dtype=np.uint64), key=0) if roles.clustered else None
        block = replace(block, start=0, positions=np.arange(n), entity=entity)
        if self.call.check.asks_the_model:
            return replace(block, y_pred=np.zeros(n, block.y_true.dtype))
        truth, said = block.y_true.copy(), np.zeros(n, np.int64)
        for part in _runs(block):
            if answers.alike:
                truth[part] = np.sort(self.rows.y_true)[_steps(self.rows.n, part.stop - part.start)]
            said[part] = answers.to(truth[part], roles)
        certain = np.eye(max(len(roles.classes), 1))[said] if roles.has_scores else None
        if certain is not None and roles.task == "binary":
            certain = certain[:, roles.positive or 0]
        return replace(block, y_true=truth, y_pred=said, y_score=certain)


def _steps(rows: int, n: int) -> Ints:
    """Positions of n rows taken in even steps; each several times where n is more."""
    return np.arange(n) * rows // n


def _evenly(share: float, n: int) -> Bools:
    """Which of n rows a share of them is, in even steps; rounded up, so that no estimate is better than assumed."""
    upto = np.ceil(np.arange(n + 1) * share - _ROUNDING)
    chosen: Bools = upto[1:] > upto[:-1]
    return chosen


def _runs(block: Block) -> Iterator[slice]:
    """Where each group's rows stand, in rows that are in the order of their groups."""
    changes = np.zeros(max(block.n - 1, 0), np.bool_)
    for groups in block.groups.values():
        changes |= np.diff(groups.codes) != 0
    ends = [0, *(np.flatnonzero(changes) + 1).tolist(), block.n]
    return map(slice, ends[:-1], ends[1:])


def _joined(parts: Sequence[Groups]) -> Groups:
    """One attribute's groups of several blocks, each of which may know other levels."""
    levels = tuple(dict.fromkeys(level for part in parts for level in part.levels))
    places = [np.array([*map(levels.index, part.levels), -1], np.int32) for part in parts]
    # Code -1, the unknown group, reads the last entry: -1 again.
    codes = [place[part.codes] for place, part in zip(places, parts, strict=True)]
    return Groups(codes=np.concatenate(codes), levels=levels)
