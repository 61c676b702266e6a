"""A submission's rows and its model, made ready, measured, and put away again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reliability.blocks import Block, Roles
from reliability.case import RowsWriter
from reliability.checklist.judge import because
from reliability.engine import Call, Counted, Measuring, Request, count, requests_of
from reliability.errors import SubmissionError, UsageError, WorkerError
from reliability.formats import project
from reliability.formats.unreadable import UnreadableError
from reliability.records import Measurement, ModelIdentity, Reason
from reliability.submission.read import Submission
from reliability.worker.endpoint import Endpoint, open_endpoint
from reliability.worker.parent import Limits, Model, ModelSpec, open_model

LARGEST_SEED = 2**53 - 1  # the largest integer that canonical JSON holds
OTHER_KINDS = frozenset({"dependency_pairs", "personal_identifiers", "quasi_classes", "row_times", "time_histogram"})
FEATURE_KINDS = OTHER_KINDS | frozenset(
    """column_histogram column_profile distinct_values marked_cells near_digests row_digests sample group_missing
    period_histograms text_profile""".split()
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a run is made: nothing here changes what it finds, the seed apart."""

    seed: int = 0
    jobs: int = 1
    timeout_s: float = 600.0
    private_endpoint: bool = False  # an endpoint in a private network may be asked
    isolation: str | None = None  # the level, or the container, that was asked for; None: the strongest that works
    rows_done: Callable[[int], None] = lambda _rows: None
    check_done: Callable[[str], None] = lambda _name: None

    def __post_init__(self) -> None:
        """Refuse a seed that the record cannot hold."""
        if not 0 <= self.seed <= LARGEST_SEED:
            raise UsageError(
                "seed_out_of_range", "seed {seed}: give a whole number from 0 to {most}",
                seed=self.seed, most=LARGEST_SEED,
            )  # fmt: skip


@dataclass(kw_only=True)
class Bench:
    """Opens the model's workers on entry, ends them on exit.

    A model that cannot be loaded is a `failure`, not an error: what needs no answers is still measured.
    Where no confinement works a model is refused: that says nothing of the model.
    """

    submission: Submission
    settings: Settings
    failure: Reason | None = None
    isolation: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()
    rows: Mapping[str, Any] = field(default_factory=dict)
    _models: list[Model] = field(default_factory=list)
    _told: int = 0
    _endpoint: Endpoint | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        if self.submission.model is None:
            return self
        with ExitStack() as opening:
            # A worker that is up already: without entry there is no exit to end it.
            opening.callback(self._stack.close)
            try:
                self._endpoint = self._reached()
                self._models = [self.open() for _ in range(self.settings.jobs)]
                self.notes = tuple(because(one.code, **one.values) for one in self._models[0].notes)
            except WorkerError as failed:
                if failed.code == "sandbox_unavailable":
                    raise
                self._fail(failed)
            opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def roles(self) -> Roles:
        """The roles with what is known of the answers."""
        if self.submission.model is None:
            return self.submission.roles
        scores = any(model.has_scores for model in self._models)
        return replace(self.submission.roles, has_predictions=bool(self._models), has_scores=scores)

    @property
    def identity(self) -> ModelIdentity | None:
        """The model that was run and the isolation that it ran in; None where predictions were handed in."""
        model = self.submission.model
        if model is None:
            return None
        return ModelIdentity(format=model.format, sha256=model.sha256, isolation=dict(self.isolation))

    def measure(self, calls: Sequence[Call], folder: Path | None) -> dict[Call, tuple[Measurement, ...]]:
        """Measurements of every call; rows.parquet goes into `folder`."""
        counted = self._counted(requests_of(calls), folder)
        # The workers of the run are put away first: probes ask fresh ones.
        self._stack.close()
        measuring = Measuring(
            counted=counted, seed=self.settings.seed, open_model=self.open if self.submission.model else None
        )
        with ExitStack() as stack:
            stack.callback(measuring.close)
            measured = {call: self._one(measuring, call) for call in calls}
        self.verify_model()
        return measured

    def _one(self, measuring: Measuring, call: Call) -> tuple[Measurement, ...]:
        measured = measuring.measure(call)
        self.settings.check_done(call.check.name)
        return measured

    def _reached(self) -> Endpoint | None:
        """The endpoint where the model is one, resolved once for all workers of the run."""
        model = self.submission.model
        if model is None or model.format != "endpoint":
            return None
        return Endpoint(model.part, self.submission.folder, private=self.settings.private_endpoint)

    def open(self) -> Model:
        """A fresh worker of the submitted model; it ends with the bench at the latest."""
        spec, limits = model_spec(self.submission), Limits(timeout_s=self.settings.timeout_s)
        if self._endpoint is not None:
            opened = open_endpoint(spec, self._endpoint, limits=limits, level=self.settings.isolation)
            return self._stack.enter_context(opened)
        return self._stack.enter_context(open_model(spec, limits=limits, level=self.settings.isolation))

    def verify_model(self) -> None:
        """Read the model once more: what was asked must be what the digest says."""
        model = self.submission.model
        if model is None or model.path is None:
            return
        try:
            now = project.digest(self.submission.folder / model.path)
        except (OSError, UnreadableError):
            now = "gone"
        if now != model.sha256:
            raise SubmissionError(
                "model_changed", "{path} has sha256 {met}, it had {expected} when the submission was read",
                path=model.path, met=now[:12], expected=str(model.sha256)[:12],
            )  # fmt: skip

    def _fail(self, failed: WorkerError) -> None:
        self._stack.close()
        self._models = []
        self.isolation = self.isolation or failed.isolation
        self.failure = because(failed.code, **failed.plain_values())

    def _counted(self, requests: tuple[Request, ...], folder: Path | None) -> Counted:
        training = tuple(request for request in requests if request.from_training)
        evaluation = tuple(request for request in requests if not request.from_training)
        evidence = self._evaluation(evaluation, folder)
        if training and self.submission.training is not None:
            file = self.submission.training
            blocks = file.blocks(features=_features(training), others=_others(training))
            evidence |= count(blocks, training, seed=self.settings.seed, jobs=self.settings.jobs)
            file.verify()
        return Counted(evidence=evidence, failure=self.failure)

    def _evaluation(self, requests: tuple[Request, ...], folder: Path | None) -> dict[Request, Any]:
        if self._models:
            try:
                return self._over_rows(requests, folder)
            except WorkerError as failed:
                self.isolation = self._models[0].isolation
                self._fail(failed)
        answered = self.submission.model is None
        return self._over_rows(tuple(one for one in requests if answered or not one.needs_predictions), folder)

    def _over_rows(self, requests: tuple[Request, ...], folder: Path | None) -> dict[Request, Any]:
        writer = None if folder is None else RowsWriter(folder, self.submission.roles)
        file = self.submission.evaluation

        def each(block: Block) -> None:
            if writer is not None:
                writer.write(block)
            self._tell(block.start + block.n)

        features = bool(self._models) or _features(requests)
        blocks = file.blocks(features=features, others=_others(requests))
        try:
            evidence = count(
                blocks, requests, seed=self.settings.seed, models=self._models, jobs=self.settings.jobs, each=each
            )
        finally:
            if writer is not None:
                self.rows = writer.close()
        file.verify()
        self.isolation = self._models[0].isolation if self._models else self.isolation
        return evidence

    def _tell(self, rows: int) -> None:
        # After a model failed the rows are read again: they are told once.
        if rows > self._told:
            self.settings.rows_done(rows - self._told)
            self._told = rows


def _features(requests: Iterable[Request]) -> bool:
    return any(request.kind.removeprefix("training_") in FEATURE_KINDS for request in requests)


def _others(requests: Iterable[Request]) -> bool:
    return any(request.kind.removeprefix("training_") in OTHER_KINDS for request in requests)


def model_spec(submission: Submission) -> ModelSpec:
    """What a worker needs to know of the submitted model: no labels of rows, no names of groups."""
    model, roles = submission.model, submission.roles
    assert model is not None  # noqa: S101  (asked only of a submission with a model)
    return ModelSpec(
        format=model.format,
        path=submission.manifest_path if model.path is None else submission.folder / model.path,
        sha256=model.sha256 or "",
        inputs=model.inputs,
        classes=roles.classes,
        task=roles.task,
        positive=roles.positive,
        threshold=submission.manifest.data.threshold,
        declared=model.declared,
    )
