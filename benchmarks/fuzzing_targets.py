"""The readers that are fuzzed: what each is given, and the refusals that it may end in."""

import functools
import io
import json
import pickle
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import skops.io
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from reliability.blocks import Column
from reliability.errors import SubmissionError, WorkerError
from reliability.formats.describe import describe
from reliability.questionnaire import workbook_confined
from reliability.questionnaire.workbook_package import read_package
from reliability.records import canonical_json
from reliability.screening.answers import answers_in
from reliability.screening.inputs import read_inputs
from reliability.screening.questions import shipped_questions
from reliability.screening.record import Screening
from reliability.screening.screen import screen
from reliability.submission.answers import read_answers
from reliability.submission.manifest import Manifest
from reliability.submission.population import read_population
from reliability.submission.reading import UnfitError
from reliability.submission.refusals import shaped
from reliability.submission.source import Wanted
from reliability.worker import adapters, answers, archives, failures, wire
from reliability.worker.intake import ConfinedSource, Intake, Telling
from reliability.yaml_lines import parse_yaml

_FOLDER = Path(tempfile.mkdtemp(prefix="reliability-fuzzing-"))


@dataclass(frozen=True, kw_only=True)
class Target:
    """A reader, how its cases are drawn, and the refusals that are no failures."""

    name: str
    cases: Callable[[], st.SearchStrategy[Any]]
    read: Callable[[Any], object]
    refusals: tuple[type[BaseException], ...]


def changed(*wholes: bytes) -> st.SearchStrategy[bytes]:
    """Bytes of no kind, or one of these with some changed, some put in, and an end cut off."""
    edits = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=8)
    put_in = st.tuples(st.integers(0, 1 << 20), st.binary(max_size=24))
    whole = st.builds(_edited, st.sampled_from(wholes), edits, put_in, st.none() | st.integers(0, 1 << 20))
    return st.one_of(st.binary(max_size=512), whole, whole, whole)


def _edited(whole: bytes, edits: list[tuple[int, int]], put_in: tuple[int, bytes], end: int | None) -> bytes:
    made = bytearray(whole)
    for place, value in edits if made else ():
        made[place % len(made)] = value
    at = put_in[0] % (len(made) + 1)
    made[at:at] = put_in[1]
    return bytes(made if end is None else made[: end % (len(made) + 1)])


def values(*keys: str) -> st.SearchStrategy[Any]:
    """JSON of any shape, in which these keys and texts are met often."""
    known = st.sampled_from(keys) if keys else st.nothing()
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(-(1 << 65), 1 << 65), st.floats(), st.text(max_size=20), known
    )
    names = known | st.text(max_size=8)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=6), max_leaves=24
    )


# the wire, and what a worker says over it


def _frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, header, body)
        ours.close()
        return theirs.recv(1 << 16)


def _received(raw: bytes) -> object:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(raw)
        return wire.receive(ours, max_body=4096, deadline=time.monotonic() + 5)


_TEXT = Column(
    kind="utf8", values=np.array([0, 1, 0], np.int32), missing=np.array([False, True, False]), levels=("a", "가")
)
_NUMBERS = Column(kind="f8", values=np.array([1.0, 2.0, 3.0]), missing=np.zeros(3, np.bool_))
_FLAGS = Column(kind="bool", values=np.array([True, False, True]), missing=np.zeros(3, np.bool_))
_DESCRIBED, _BODY = wire.pack({"x": _NUMBERS, "t": _TEXT, "b": _FLAGS}, whole_levels=True)


def _unpacked(case: tuple[bytes, int]) -> object:
    return wire.unpack(bytearray(case[0]), described=_DESCRIBED + case[1], rows=3)


def _settled(case: tuple[Any, Any]) -> object:
    return _meaning(case[0], case[1])


def _meaning(described: Any, scores: Any) -> answers.Meaning:
    return answers.settle(described, scores, task="binary", classes=("no", "yes"), positive=1, threshold=None)


def _answered(raw: bytes) -> object:
    settled = _meaning(["no", "yes"], scores=True)
    return settled.read(bytearray(raw.ljust(settled.reply_bytes(3), b"\0")[: settled.reply_bytes(3)]), 3)


def _believed(said: Any) -> object:
    said = said if isinstance(said, dict) else {"written_by": said, "inputs": said, "globals": said}
    kept = adapters.believed(said, "pickle")
    json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()
    return adapters.notes({"libraries": {"scikit-learn": "1"}, **kept})


def _reported(case: tuple[Any, Any]) -> object:
    error = failures.reported(case[0], case[1], memory_bytes=1)
    json.dumps(error.plain_values()).encode()
    return str(error)


# the process that reads data


class _Process:
    """Stands in for the confined reader: answers with what was drawn."""

    def __init__(self, replies: list[tuple[Any, bytes]]) -> None:
        self._replies = iter(replies)

    def ask_up_to(self, *_: object, most: int, **__: object) -> tuple[Any, bytearray]:
        header, body = next(self._replies, ({}, b""))
        if len(body) > most:
            raise wire.WireError("body_too_long")
        return header, bytearray(body)


class _Intake:
    def __init__(self, replies: list[tuple[Any, bytes]]) -> None:
        self._process = _Process(replies)

    def close(self) -> None:
        """Nothing is to be ended."""


def _source_of(replies: list[tuple[Any, bytes]], *, parquet: bool) -> ConfinedSource:
    intake: Any = _Intake(replies)
    told = Telling(intake, "a.csv", patience_s=1.0)
    return ConfinedSource(Path("a.csv"), "a.csv", ("x", "t"), parquet, told, 0)


_PARQUET = {"rows": 3, "stored": {"x": "double", "t": "string"}, "kinds": {"x": "f8", "t": "utf8"}, "empty": []}
_CSV = {"rows": 3, "tallies": {"x": [3, 3, 3, 0, False, None], "t": [3, 0, 0, 0, False, ["a", 0]]}}
_REFUSAL = {"code": "ragged_row", "values": {"row": 1, "met": 2, "expected": 3}}
_UNFIT = {"unfit": ["x", 1, True, "a"]}


def _described(case: tuple[bytes, Any]) -> object:
    header = case[1] if isinstance(case[1], dict) else {}
    return [_source_of([(header, case[0])], parquet=parquet).describe({}) for parquet in (True, False)]


def _blocks(case: tuple[bytes, Any]) -> object:
    header = {"rows": 3, "described": _DESCRIBED} | (case[1] if isinstance(case[1], dict) else {})
    wanted = Wanted(kinds={"x": "f8", "t": "utf8"}, missing={}, loosely=["t"])
    return list(_source_of([({"stream": 1}, b""), (header, case[0]), ({"rows": 0}, b"")], parquet=True).blocks(wanted))


def _asking(reply: tuple[Any, bytes]) -> Any:
    intake: Any = _Intake([reply])
    return Telling(intake, "a", patience_s=1.0)


def _cells(case: tuple[Any, Any]) -> object:
    return workbook_confined.checked(case[0], case[1], _asking(({}, b"")), name="a.xlsx")


_CELL = st.tuples(
    st.integers(-1, 1 << 25), st.integers(-1, 9), st.sampled_from(["text", "day", "x"]), st.text(max_size=5)
)
_SHEET = st.tuples(
    st.text(max_size=3), st.lists(_CELL.map(list), max_size=5), st.lists(st.text(max_size=4), max_size=2)
)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _told(ask: Callable[[Any], object]) -> Callable[[tuple[bytes, Any]], object]:
    """What a method of the intake makes of one reply."""

    def reading(case: tuple[bytes, Any]) -> object:
        reply = (case[1] if isinstance(case[1], dict) else {}, case[0])
        intake: Any = _Intake([reply])
        intake.told_of = lambda _path: _asking(reply)
        return json.dumps(ask(intake)).encode()

    return reading


_LINES = {"rows": [[2, ["sex", "F", "0.5"]], [3, ["sex", "M", "0.5"]]]}
_HEAD = {"producer": "skl2onnx", "inputs": ["x: float"], "opsets": {"ai.onnx": 18}, "files": 3}


@functools.cache
def _screened() -> bytes:
    """The record of a screening that nobody answered."""
    folder = _FOLDER / "screened"
    folder.mkdir()
    (folder / "submission.yaml").write_bytes(_MANIFEST)
    return canonical_json(screen(read_inputs(folder), date="2026-01-02"))


def _screening_answers(raw: bytes) -> object:
    read = parse_yaml(raw, error=SubmissionError, name="screening_answers.yaml")
    return answers_in(read, shipped_questions())


def _archive(said: Any) -> object:
    return archives.checked(said, size=100, where="s.zip")


_PARTS = st.sampled_from(["a", "A", "..", ".", "", "\u1100\u1161", "\uac00", "x.zip", "\\", "\ud800"])
_NAMES = st.lists(_PARTS, max_size=4).map("/".join)
_MEMBER = st.tuples(_NAMES, st.integers(-1, 1 << 40), st.sampled_from(["file", "folder", "other", "encrypted", "?"]))
_MEMBERS = st.lists(_MEMBER.map(list), max_size=6)


# files


def _file(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    def reading(raw: bytes) -> object:
        path = _FOLDER / name
        path.write_bytes(raw)
        return read(path)

    return reading


_X, _Y = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])
_LIGHTGBM = b"""\
tree
version=v4
num_class=1
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
tree_sizes=10

"""
_XGBOOST = json.dumps(
    {
        "learner": {
            "attributes": {}, "feature_names": ["a"], "objective": {"name": "binary:logistic"},
            "learner_model_param": {"num_class": "0", "num_feature": "1"},
        },
        "version": [3, 2, 0],
    }
).encode()  # fmt: skip
_ONNX = b'\x08\x08\x12\x04test:\x12\n\x0b\n\x01x\x12\x01y"\x04Relu\x12\x01g'
_MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 모델, version: "1.0", purpose: 제안한다}
facts: {affects_people: true, hiring: {is: false, because: 쓰이지 않음}}
task: binary
model: {format: skops, path: model.skops}
data:
  evaluation: a.csv
  target: y
  favourable: 1
  sensitive: [sex, {column: age, bands: [0, 30, 50]}]
  schema: {age: {minimum: 18, maximum: 100}}
""".encode()
_ANSWERS = (
    b"answers: 1\nchecklist: trustworthy-ai\nversion: 2.0.0\nitems:\n  GOV-01: {answer: met, by: A, date: 2026-01-02}\n"
)
_SCREENING = f"""\
screening: 1
version: {shipped_questions().text.version}
answers:
  ai_system: {{value: true, by: A, date: 2026-01-02}}
  role: {{value: builds}}
""".encode()
_POPULATION = b"column,value,share\nsex,F,0.5\nsex,M,0.5\n"


def _models() -> dict[str, bytes]:
    return {
        "skops": skops.io.dumps(LogisticRegression().fit(_X, _Y)),
        "pickle": pickle.dumps(DecisionTreeClassifier().fit(_X, _Y)),
        "onnx": _ONNX,
        "xgboost": _XGBOOST,
        "lightgbm": _LIGHTGBM,
        "catboost": b"CBM1" + bytes(200) + b'"class_names":[0,1]',
        "torch": b"PK\x03\x04" + bytes(60),
    }


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["GOV-01", 1, True, "=1+1"])
    book.save(raw := io.BytesIO())
    return raw.getvalue()


def _manifest(raw: bytes) -> object:
    return shaped(Manifest, parse_yaml(raw, error=SubmissionError, name="submission.yaml"))


def _model_target(named: str, whole: bytes) -> Target:
    return Target(
        name=f"head of a file: {named} (confined)", cases=lambda: changed(whole),
        read=_file(lambda path: json.dumps(describe(named, path)), f"model.{named}"), refusals=(),
    )  # fmt: skip


_REFUSED = (SubmissionError,)
TARGETS: tuple[Target, ...] = (
    Target(name="frames", cases=lambda: changed(_frame({"id": 1}, b"body"), _frame({"error": "x"})), read=_received,
           refusals=(wire.WireError, EOFError)),
    Target(name="columns of a frame", read=_unpacked, refusals=(wire.WireError,),
           cases=lambda: st.tuples(changed(bytes(_BODY)), st.integers(-9, 9))),
    Target(name="what a model says it is", cases=lambda: st.tuples(values("no", "yes"), values()), read=_settled,
           refusals=(WorkerError,)),
    Target(name="answers of a model", cases=lambda: st.binary(max_size=80), read=_answered, refusals=(WorkerError,)),
    Target(name="claims of a worker", read=_believed, refusals=(),
           cases=lambda: values("inputs", "written_by", "globals", "left_out", "wrapper")),
    Target(name="failures of a worker", read=_reported, refusals=(),
           cases=lambda: st.tuples(values(*failures.REPORTABLE), values("type", "message"))),
    Target(name="description of a data file", read=_described, refusals=(SubmissionError, UnfitError),
           cases=lambda: st.tuples(changed(*(json.dumps(one).encode() for one in (_PARQUET, _CSV, _REFUSAL, _UNFIT))),
                                   st.sampled_from([{}, {"refused": True}, {"memory": True}]) | values("refused"))),
    Target(name="blocks of a data file", read=_blocks, refusals=(SubmissionError, UnfitError),
           cases=lambda: st.tuples(changed(bytes(_BODY)), values("rows", "described", "refused"))),
    Target(name="list of an archive", cases=lambda: _MEMBERS | values(), read=_archive, refusals=_REFUSED),
    Target(name="submission.yaml", cases=lambda: changed(_MANIFEST), read=_manifest, refusals=_REFUSED),
    Target(name="answers.yaml", cases=lambda: changed(_ANSWERS), refusals=_REFUSED,
           read=_file(lambda path: read_answers(path.parent, path.name), "answers.yaml")),
    Target(name="population.csv (confined)", cases=lambda: changed(_POPULATION), refusals=_REFUSED,
           read=_file(lambda path: read_population(path, path.name, ("sex",)), "population.csv")),
    Target(name="screening_answers.yaml", cases=lambda: changed(_SCREENING), refusals=_REFUSED,
           read=_screening_answers),
    Target(name="screening.json", cases=lambda: changed(_screened()), read=Screening.model_validate_json,
           refusals=(ValidationError,)),
    Target(name="cells of a workbook", read=_cells, refusals=_REFUSED,
           cases=lambda: st.tuples(values("1"), st.lists(_SHEET.map(list), max_size=3) | values("text", "day"))),
    Target(name="lines of a population", refusals=_REFUSED,
           read=_told(lambda intake: Intake.population_rows(intake, b"", "a")),
           cases=lambda: st.tuples(changed(*map(_json, (_LINES, _REFUSAL))), values("refused"))),
    Target(name="claims about a model file", refusals=_REFUSED,
           read=_told(lambda intake: Intake.head(intake, "onnx", Path("m"))),
           cases=lambda: st.tuples(changed(_json(_HEAD)) | values().map(_json), values("memory"))),
    Target(name="workbook of answers (confined)", cases=lambda: changed(_workbook()), refusals=_REFUSED,
           read=_file(read_package, "answers.xlsx")),
    *(_model_target(named, whole) for named, whole in _models().items()),
)  # fmt: skip
