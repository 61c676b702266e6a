"""Runs a plan over blocks: asks the model, counts evidence in block order, calls the checks."""

import hashlib
import inspect
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import numpy as np

from reliability.blocks import Block, Label
from reliability.checklist.catalogue import Check
from reliability.checklist.judge import because
from reliability.errors import NotMeasurable, WorkerError
from reliability.evidence.class_score_histograms import ClassScoreHistograms
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.confidence_histogram import ConfidenceHistogram
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.dependency_pairs import DependencyPairs
from reliability.evidence.distinct_values import DistinctValues
from reliability.evidence.entity_digests import EntityDigests
from reliability.evidence.error_histogram import ErrorHistogram
from reliability.evidence.group_counts import GroupCounts
from reliability.evidence.group_histogram import GroupHistogram
from reliability.evidence.group_missing import GroupMissing
from reliability.evidence.group_moments import GroupMoments
from reliability.evidence.group_population import GroupPopulation
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.group_strata import GroupStrata
from reliability.evidence.log_moments import LogMoments
from reliability.evidence.marked_cells import MarkedCells
from reliability.evidence.moments import Moments
from reliability.evidence.near_digests import NearDigests
from reliability.evidence.paired_outcomes import PairedOutcomes
from reliability.evidence.period_histograms import PeriodHistograms
from reliability.evidence.personal_identifiers import PersonalIdentifiers
from reliability.evidence.probe import Answers, GroupProbe, GroupSample, Probe
from reliability.evidence.quasi_classes import QuasiClasses
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.row_times import RowTimes
from reliability.evidence.sample import Sample
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.evidence.text_profile import TextProfile
from reliability.evidence.time_histogram import TimeHistogram
from reliability.records import Measurement, Reason, canonical_json
from reliability.worker.failures import REFUSALS

SAMPLE_ROWS = 20_000
SMALLEST_SLICE = 30  # rows; the default of `minimum_group_size`
TRAINING = "training_"
GROUP_SAMPLE, GROUP_PROBE = "group_sample", "group_probe"
Level: TypeAlias = tuple[Label | None, ...]
Json: TypeAlias = Any


class Predictor(Protocol):
    """What answers a block's columns: a model in its worker."""

    def answer(self, columns: Mapping[str, Any], /) -> Answers:
        """The model's labels and scores for these rows."""

    def attempt(self, columns: Mapping[str, Any], /) -> Answers:
        """As `answer`; where the model refuses the rows the worker goes on."""

    def close(self) -> None:
        """End the worker."""


KINDS: Mapping[str, Any] = {
    "class_score_histograms": ClassScoreHistograms,
    "column_histogram": ColumnHistogram,
    "column_profile": ColumnProfile,
    "confidence_histogram": ConfidenceHistogram,
    "confusion_matrix": ConfusionMatrix,
    "dependency_pairs": DependencyPairs,
    "distinct_values": DistinctValues,
    "entity_digests": EntityDigests,
    "error_histogram": ErrorHistogram,
    "group_counts": GroupCounts,
    "group_histogram": GroupHistogram,
    "group_missing": GroupMissing,
    "group_moments": GroupMoments,
    "group_population": GroupPopulation,
    "group_sizes": GroupSizes,
    "group_strata": GroupStrata,
    "log_moments": LogMoments,
    "marked_cells": MarkedCells,
    "moments": Moments,
    "near_digests": NearDigests,
    "paired_outcomes": PairedOutcomes,
    "period_histograms": PeriodHistograms,
    "personal_identifiers": PersonalIdentifiers,
    "quasi_classes": QuasiClasses,
    "row_digests": RowDigests,
    "row_times": RowTimes,
    "sample": Sample,
    "score_histogram": ScoreHistogram,
    "text_profile": TextProfile,
    "time_histogram": TimeHistogram,
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One evidence to count: its kind, the attributes it compares, or those it is sliced by."""

    kind: str
    compared: tuple[str, ...] = ()
    sliced: tuple[str, ...] = ()

    @property
    def from_training(self) -> bool:
        """Whether it is counted from the training data."""
        return self.kind.startswith(TRAINING)

    @property
    def needs_predictions(self) -> bool:
        """Whether rows must have been answered before it can be counted."""
        return bool(KINDS[self.kind.removeprefix(TRAINING)].needs_predictions)

    def count(self, block: Block, seed: int) -> Any:
        """The evidence of one block."""
        kind = KINDS[self.kind.removeprefix(TRAINING)]
        if self.compared:
            return kind.of(block, self.compared)
        return kind.of(block, seed=seed, size=SAMPLE_ROWS) if kind is Sample else kind.of(block)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One check with its options, over one grouping of the rows."""

    check: Check
    options: tuple[tuple[str, Json], ...] = ()
    by: tuple[str, ...] = ()
    confidence: float = 0.95

    def requests(self) -> tuple[Request, ...]:
        """The evidence that the check's signature names, and the sizes of its slices."""
        sizes = (self.sizes,) if self.by and not self.check.compares else ()
        return (*(self.request(name) for name in self.check.evidence), *sizes)

    @property
    def sizes(self) -> Request:
        """Rows in every slice."""
        return Request(kind="group_sizes", compared=self.by)

    def request(self, name: str) -> Request:
        """The evidence behind one parameter of the check."""
        if name in (GROUP_SAMPLE, GROUP_PROBE):
            return Request(kind="sample")
        if name.startswith("group_"):
            return Request(kind=name, compared=self.by)
        sliced = () if self.check.compares or name.startswith(TRAINING) else self.by
        return Request(kind="sample" if name == "probe" else name, sliced=sliced)


def requests_of(calls: Iterable[Call]) -> tuple[Request, ...]:
    """Every evidence that the calls need, once."""
    return tuple(dict.fromkeys(request for call in calls for request in call.requests()))


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The evidence of one pass; `failure` says why answers are missing."""

    evidence: Mapping[Request, Any] = field(default_factory=dict)
    failure: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class _Part:
    block: Block
    evidence: dict[Request, Any]


def count(
    blocks: Iterable[Block],
    requests: Sequence[Request],
    *,
    seed: int,
    models: Sequence[Predictor] = (),
    jobs: int = 1,
    each: Callable[[Block], None] = lambda _: None,
) -> dict[Request, Any]:
    """Count the requests over the blocks, in threads, added in block order.

    Each answered block is handed to `each` in order (without its columns).
    """
    pool: queue.SimpleQueue[Predictor] = queue.SimpleQueue()
    for model in models:
        pool.put(model)

    def part(block: Block) -> _Part:
        answered = _answered(block, pool) if models else block
        return _Part(block=replace(answered, columns={}, others={}), evidence=_count_block(answered, requests, seed))

    def stop() -> None:
        for model in models:
            model.close()

    total: dict[Request, Any] = {}
    for done in _in_order(blocks, part, jobs=jobs, stop=stop):
        each(done.block)
        total = {request: _add(total.get(request), got) for request, got in done.evidence.items()}
    return total


def _in_order(
    blocks: Iterable[Block], part: Callable[[Block], _Part], *, jobs: int, stop: Callable[[], None]
) -> Iterator[_Part]:
    if jobs == 1:
        yield from map(part, blocks)
        return
    waiting: deque[Future[_Part]] = deque()
    threads = ThreadPoolExecutor(max_workers=jobs)
    try:
        for block in blocks:
            waiting.append(threads.submit(part, block))
            if len(waiting) > jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException:  # an interruption too: cleared, then passed on
        # Ctrl-C must not wait for what the other workers were asked: that could take their whole time limit.
        stop()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


def _answered(block: Block, pool: "queue.SimpleQueue[Predictor]") -> Block:
    model = pool.get()
    try:
        answers = model.answer({name: block.columns[name] for name in block.roles.features})
    finally:
        pool.put(model)
    return with_answers(block, answers)


def with_answers(block: Block, answers: Answers) -> Block:
    """The rows as answered so."""
    roles = replace(block.roles, has_predictions=True, has_scores=answers.scores is not None)
    return replace(block, roles=roles, y_pred=answers.labels, y_score=answers.scores)


def _count_block(block: Block, requests: Sequence[Request], seed: int) -> dict[Request, Any]:
    slices = {request.sliced: _slices(block, request.sliced) for request in requests if request.sliced}
    return {
        request: {level: request.count(rows, seed) for level, rows in slices[request.sliced].items()}
        if request.sliced
        else request.count(block, seed)
        for request in requests
    }


def _slices(block: Block, attributes: tuple[str, ...]) -> dict[Level, Block]:
    codes = np.stack([block.groups[attribute].codes for attribute in attributes], axis=1)
    found, inverse = np.unique(codes, axis=0, return_inverse=True)
    return {
        _level(block, attributes, row): block.where(np.flatnonzero(inverse.reshape(-1) == index))
        for index, row in enumerate(found)
    }


def _level(block: Block, attributes: tuple[str, ...], codes: Sequence[int]) -> Level:
    levels = (block.groups[attribute].levels for attribute in attributes)
    return tuple(None if code < 0 else names[code] for names, code in zip(levels, codes, strict=True))


def _add(total: Any, got: Any) -> Any:
    if total is None:
        return got
    if isinstance(got, dict):
        return {**total, **{level: _add(total.get(level), one) for level, one in got.items()}}
    return total + got


def stream_seed(seed: int, check: str, options: Mapping[str, Json]) -> int:
    """The seed of a check's own random stream, keyed by what it is and not by when it runs."""
    key = canonical_json([seed, check, dict(options)])
    return int.from_bytes(hashlib.sha256(key).digest()[:6], "big")


@dataclass(kw_only=True)
class Measuring:
    """Calls checks on counted evidence; holds the worker that probes ask.

    `open_model` starts a fresh worker; None where predictions were handed in.
    """

    counted: Counted
    seed: int
    open_model: Callable[[], Predictor] | None = None
    _asked: Predictor | None = None
    _memories: dict[int, dict[Any, Any]] = field(default_factory=dict)

    def measure(self, call: Call) -> tuple[Measurement, ...]:
        """Every measurement of one call: one a slice, or one comparison."""
        requests = [call.request(name) for name in call.check.evidence]
        lacking = any(request not in self.counted.evidence for request in requests)
        if lacking or (call.check.asks_the_model and self.counted.failure is not None):
            return (self._unmeasured(call, self.counted.failure or because("no_predictions")),)
        if not any(request.sliced for request in requests):
            return self._called(call, {}, None)
        return self._per_slice(call)

    def _per_slice(self, call: Call) -> tuple[Measurement, ...]:
        sizes = self.counted.evidence[call.sizes]
        slices = [
            (level, dict(zip(call.by, level, strict=True)), int(n))
            for level, n in zip(sizes.levels, sizes.sizes, strict=True)
        ]
        measured = [[_sized(one, n) for one in self._called(call, where, level)] for level, where, n in slices]
        judged = sum(_judged(one) for ones in measured for one in ones)
        if judged >= 2:
            stricter = replace(call, confidence=1 - (1 - call.confidence) / judged)
            measured = [
                self._with_adjusted(stricter, where, level, ones)
                for (level, where, _), ones in zip(slices, measured, strict=True)
            ]
        return tuple(one for ones in measured for one in ones)

    def _with_adjusted(
        self, stricter: Call, where: dict[str, Label | None], level: Level, measured: list[Measurement]
    ) -> list[Measurement]:
        """A slice's measurements; the judged ones carry their interval at the stricter confidence too."""
        if not any(map(_judged, measured)):
            return measured
        again = self._called(stricter, where, level)
        if len(again) != len(measured):
            return measured  # the model failed this time: without an adjusted interval nothing fails outright
        return [_adjusted(one, other) if _judged(one) else one for one, other in zip(measured, again, strict=True)]

    def _called(self, call: Call, where: dict[str, Label | None], level: Level | None) -> tuple[Measurement, ...]:
        try:
            got = call.check.function(**self._arguments(call, level))
        except NotMeasurable as no:
            reason = because(no.code, **no.values)
            if no.code == "no_predictions" and self.counted.failure is not None:
                reason = self.counted.failure  # it is the model that gave none
            return (self._unmeasured(call, reason, where),)
        except WorkerError as failed:
            self.close()
            return (self._unmeasured(call, because(failed.code, **failed.plain_values()), where),)
        filled = {"check": call.check.name, "by": call.by, "slice": where, "confidence": call.confidence}
        return tuple(
            one.model_copy(update={**filled, "seed": self.seed}) for one in (got if isinstance(got, tuple) else (got,))
        )

    def _arguments(self, call: Call, level: Level | None) -> dict[str, Any]:
        named = inspect.signature(call.check.function).parameters
        # With its defaults: to say a default is to ask the same thing, and draws the same numbers.
        defaults = {one.name: one.default for one in call.check.options.values() if not one.required}
        options = {**defaults, **dict(call.options)}
        filled = {
            "confidence": call.confidence,
            "seed": stream_seed(self.seed, call.check.name, options),
        }
        evidence = {name: self._evidence(call, name, level) for name in call.check.evidence}
        return {**evidence, **options, **{name: value for name, value in filled.items() if name in named}}

    def _evidence(self, call: Call, name: str, level: Level | None) -> Any:
        request = call.request(name)
        counted = self.counted.evidence[request]
        if request.sliced:
            if level not in counted:
                raise NotMeasurable("no_rows")
            counted = counted[level]
        if name == GROUP_SAMPLE:
            return GroupSample(sample=counted, attributes=call.by)
        if name == GROUP_PROBE:
            return GroupProbe(probe=self._probe(counted), attributes=call.by)
        return self._probe(counted) if name == "probe" else counted

    def _probe(self, sample: Sample) -> Probe:
        if self.open_model is None:
            raise NotMeasurable("no_model")
        if sample.y_pred is None:
            raise NotMeasurable("no_predictions")
        answers = Answers(labels=sample.y_pred, scores=sample.y_score)
        # The sample lives as long as what was counted, so that its identity stays its own.
        memory = self._memories.setdefault(id(sample), {})
        return Probe(sample=sample, answers=answers, ask=self._ask, ask_anew=self._ask_anew,
                     attempt=self._attempt, memory=memory)  # fmt: skip

    def _ask(self, columns: Mapping[str, Any]) -> Answers:
        try:
            return self._worker().answer(columns)
        except WorkerError:
            # What failed has ended: a check that counts failures asks the next one.
            self.close()
            raise

    def _attempt(self, columns: Mapping[str, Any]) -> Answers:
        try:
            return self._worker().attempt(columns)
        except WorkerError as failed:
            if failed.code not in REFUSALS:
                self.close()
            raise

    def _worker(self) -> Predictor:
        if self._asked is None:
            assert self.open_model is not None  # noqa: S101  (a probe is only made with a model)
            self._asked = self.open_model()
        return self._asked

    def _ask_anew(self, columns: Mapping[str, Any]) -> Answers:
        self.close()
        return self._ask(columns)

    def close(self) -> None:
        """End the worker that probes asked."""
        if self._asked is not None:
            self._asked.close()
            self._asked = None

    def _unmeasured(self, call: Call, reason: Reason, where: Mapping[str, Label | None] | None = None) -> Measurement:
        return Measurement(
            check=call.check.name, by=call.by, slice=dict(where or {}), confidence=call.confidence, seed=self.seed,
            value=None, n=0, unit="", judged=False, reason=reason,
        )  # fmt: skip


def _judged(measured: Measurement) -> bool:
    return measured.judged and measured.value is not None


def _adjusted(measured: Measurement, stricter: Measurement) -> Measurement:
    adjusted = {"confidence": stricter.confidence, "low": stricter.low, "high": stricter.high}
    return measured.model_copy(update={"details": {**measured.details, "adjusted": adjusted}})


def _sized(measured: Measurement, rows: int) -> Measurement:
    """The unknown group and small ones are listed, never judged."""
    details = {**measured.details, "rows": rows}
    if None in measured.slice.values():
        reason = because("group_unknown")
    elif rows < SMALLEST_SLICE:
        reason = because("group_too_small", n=rows, minimum=SMALLEST_SLICE)
    else:
        return measured.model_copy(update={"details": details})
    return measured.model_copy(update={"judged": False, "reason": reason, "details": details})
