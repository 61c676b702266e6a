"""Starts a submitted model confined, asks it, believes nothing that was not checked, and stops it."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, TypeVar

from reliability.blocks import Column, Label
from reliability.errors import SubmissionError, WorkerError
from reliability.evidence.probe import Answers
from reliability.formats import project
from reliability.worker import adapters, answers, confinement, failures, landlock, wire
from reliability.worker.adapters import Note
from reliability.worker.answers import Meaning
from reliability.worker.confinement import Way
from reliability.worker.greeting import apart, greeted
from reliability.worker.process import WorkerProcess

_CHUNK = 1 << 20
_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a worker may take."""

    timeout_s: float = 600.0
    start_s: float = 120.0  # our own start, before the model is loaded
    cpu_factor: float = 2.0  # processor seconds of one call, by seconds of its time limit
    memory_bytes: int = 8 << 30  # of addresses, which libraries reserve generously
    processes: int = 64
    files: int = 256
    file_bytes: int = 64 << 20
    scratch_bytes: int = 64 << 20

    @property
    def cpu_s(self) -> int:
        """Processor seconds of one call."""
        return max(1, round(self.cpu_factor * self.timeout_s))

    @property
    def told(self) -> dict[str, Any]:
        """All of them, as a worker and the record are told."""
        return {**asdict(self), "cpu_s": self.cpu_s}


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """Which model to run, on which columns, and what its answers mean."""

    format: str
    path: Path
    sha256: str
    inputs: tuple[str, ...]
    classes: tuple[Label, ...]
    task: Literal["binary", "multiclass", "regression"]
    positive: int | None = None
    threshold: float | None = None
    declared: Mapping[str, Any] = field(default_factory=dict)  # classes, categories, function, as the manifest has them


class Model:
    """A submitted model in its confined process; every failure ends the process."""

    def __init__(self, spec: ModelSpec, limits: Limits, way: Way, process: WorkerProcess) -> None:
        self.spec = spec
        self.limits = limits
        self.isolation: dict[str, Any] = {}
        self._way = way
        self._process = process
        self._meaning: Meaning | None = None
        self._failure: WorkerError | None = None
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader of the record should know of the model as it was loaded."""
        return adapters.notes(self.isolation)

    @property
    def has_scores(self) -> bool:
        """Whether the answers carry probabilities."""
        return self._meaning is not None and self._meaning.scores

    def answer(self, columns: Mapping[str, Column], /) -> Answers:
        """The model's labels and scores for these rows; only the model's inputs are sent."""
        return self._ended_by_failure(lambda: self._answered(columns))

    def attempt(self, columns: Mapping[str, Column], /) -> Answers:
        """As `answer`, but where the model refuses the rows by an error of its own, the process goes on."""
        return self._ended_by_failure(lambda: self._answered(columns), sparing=failures.REFUSALS)

    def _answered(self, columns: Mapping[str, Column]) -> Answers:
        assert self._meaning is not None  # noqa: S101  (`open_model` has loaded it)
        meaning, sent = self._meaning, {name: columns[name] for name in self.spec.inputs}
        rows = len(sent[self.spec.inputs[0]])
        if rows == 0:
            return meaning.read(bytearray(), 0)
        described, body = wire.pack(sent)
        asked = {"op": "predict", "rows": rows, "described": described}
        asked |= {"labels": meaning.labels_as, "scores": meaning.score_columns}
        _, reply = self._asked(asked, body, expected=meaning.reply_bytes(rows))
        return meaning.read(reply, rows)

    def close(self) -> None:
        """End the process."""
        self._process.close()
        self.isolation.setdefault("exit", self._failure.code if self._failure else "ended_by_workbench")
        self._failure = self._failure or failures.failure("model_protocol_violation", what="closed")

    def started(self) -> Self:
        """This model, loaded after the worker tried to break out; its process ends where that fails."""
        with ExitStack() as failing:
            failing.callback(self.close)
            self._ended_by_failure(self._hello)
            self._ended_by_failure(self._load)
            failing.pop_all()
        return self

    def _hello(self) -> None:
        reply = greeted(self._process, self._way, self.limits.told, format=self.spec.format)
        self.isolation = {**apart(reply, self._way, self.limits.told), "libraries": reply["libraries"]}

    def _declared(self) -> dict[str, Any]:
        """What the worker is told of the model before it loads it."""
        return {**self.spec.declared, "inputs": list(self.spec.inputs), "task": self.spec.task}

    def _load(self) -> None:
        spec = self.spec
        reply, _ = self._asked({"op": "load"}, json.dumps(self._declared()).encode(), expected=0)
        self.isolation |= adapters.believed(reply, spec.format)
        self._meaning = answers.settle(
            reply.get("classes"),
            reply.get("scores"),
            task=spec.task,
            classes=spec.classes,
            positive=spec.positive,
            threshold=spec.threshold,
        )

    def _asked(self, header: Mapping[str, Any], body: wire.Bytes, *, expected: int) -> tuple[wire.Header, bytearray]:
        reply, answer = self._replied(header, body, expected=expected)
        if "error" in reply:
            raise failures.reported(reply["error"], reply.get("values"), memory_bytes=self.limits.memory_bytes)
        return reply, answer

    def _replied(self, header: Mapping[str, Any], body: wire.Bytes, *, expected: int) -> tuple[wire.Header, bytearray]:
        """The reply, which may be an error of the worker's own."""
        limits = self.limits
        try:
            return self._process.ask(header, body, expected=expected, timeout_s=self._patience_s())
        except TimeoutError as error:
            raise failures.failure("model_timeout", seconds=f"{self._patience_s():g}") from error
        except wire.WireError as error:
            raise failures.failure("model_protocol_violation", what=str(error)) from error
        except EOFError as error:
            raise self._process.left(cpu_s=limits.cpu_s) from error

    def _patience_s(self) -> float:
        """Seconds that one request to the worker may take."""
        return self.limits.timeout_s

    def _ended_by_failure(self, action: Callable[[], _Result], sparing: frozenset[str] = frozenset()) -> _Result:
        with self._one_at_a_time:
            if self._failure is not None:
                raise self._failure
            try:
                return action()
            except WorkerError as failed:
                if failed.code in sparing:
                    raise
                self._failure = failed
                self.close()
                failed.isolation = self.isolation
                raise


def open_model(spec: ModelSpec, *, limits: Limits, level: str | None = None) -> Model:
    """Start a fresh worker for the model and load it there; at that level or in that container, where one is named.

    Raises WorkerError where no way to start one works or the model cannot be loaded; SubmissionError where the file is
    not the one that was read. What may run code of its own is never loaded under limits alone.
    """
    return _opened(spec, limits, confinement.package_files(), level)


def _opened(spec: ModelSpec, limits: Limits, package: Mapping[Path, Path], level: str | None = None) -> Model:
    adapters.refuse_unusable(spec.format)
    refuse_in_sight(spec.path)
    way = landlock.find_way(level)
    adapters.refuse_weak(spec.format, way.level)
    with frozen(spec) as file:
        limits = _room(spec, limits, file)
        process = WorkerProcess(way, file, package=package, scratch_bytes=limits.scratch_bytes)
        return Model(spec, limits, way, process).started()


@contextmanager
def frozen(spec: ModelSpec) -> Iterator[BinaryIO]:
    """A copy in memory of the bytes that were hashed: what is written to the file from now on reaches no worker."""
    with os.fdopen(os.memfd_create("model"), "w+b") as copy:
        met = (
            project.pack(spec.path, copy)
            if spec.format == "python" and spec.path.is_dir()
            else _copied(spec.path, copy)
        )
        _check_same(met, spec)
        copy.flush()
        os.lseek(copy.fileno(), 0, os.SEEK_SET)
        yield copy


def _copied(path: Path, copy: BinaryIO) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest()


def _room(spec: ModelSpec, limits: Limits, file: BinaryIO) -> Limits:
    """The limits, with room for a project to be unpacked, and its wheels after it."""
    if spec.format != "python":
        return limits
    size = os.fstat(file.fileno()).st_size
    return replace(limits, scratch_bytes=limits.scratch_bytes + 8 * size, file_bytes=limits.file_bytes + size)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        message = "{path}: the model cannot be read ({why})"
        raise SubmissionError("model_unreadable", message, path=path.name, why=error.strerror) from error


def _check_same(met: str, spec: ModelSpec) -> None:
    if met != spec.sha256:
        raise SubmissionError(
            "model_changed",
            "{path} has sha256 {met}, it had {expected} when the submission was read",
            path=spec.path.name,
            met=met[:12],
            expected=spec.sha256[:12],
        )


def refuse_in_sight(path: Path) -> None:
    """Refuse to start a worker that could read what lies beside that file."""
    # The labels lie beside the model: no folder that a worker can read may hold them.
    folders = {path.resolve().parent, path.parent.resolve()}  # two, where the file is a link
    for seen in confinement.mounted():
        if any(folder.is_relative_to(seen) for folder in folders):
            raise failures.unavailable("submission_in_sight", seen)
