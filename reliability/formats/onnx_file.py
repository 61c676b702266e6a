"""What an ONNX file says of itself: who wrote it, what goes in, what comes out, and the labels of its classes."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reliability.formats.protobuf import fields, message, packed, text
from reliability.formats.unreadable import UnreadableError

MOST_NODES = 100_000
# Numbers of the fields in onnx.proto.
_PRODUCER, _PRODUCER_VERSION, _GRAPH, _OPSETS = 2, 3, 7, 8
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12
_OPERATOR, _ATTRIBUTE = 4, 5
_ATTRIBUTE_NAME, _INTS, _STRINGS = 1, 8, 9
_TENSOR, _SEQUENCE = 1, 4
_ELEMENTS = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 8: "string", 9: "bool", 11: "float64"}
_INTEGER_LABELS = frozenset({"classlabels_int64s", "classlabels_ints"})


@dataclass(frozen=True, kw_only=True)
class Port:
    """One input or output of a graph: a size of None is open."""

    name: str
    type: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class OnnxFile:
    """The head of a model in ONNX."""

    producer: str
    producer_version: str
    opsets: dict[str, int]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    operators: tuple[str, ...]
    labels: tuple[int | str, ...]


def read_onnx(path: Path) -> OnnxFile:
    """The head of the file; UnreadableError where it is none."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise UnreadableError("empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            # The views must be gone before the map is: what is kept are copies.
            return _model(memoryview(bytes(mapped)))


def _model(raw: memoryview) -> OnnxFile:
    said: dict[str, Any] = {"producer": "", "producer_version": "", "opsets": {}}
    graph: dict[str, Any] | None = None
    for number, value in fields(raw):
        if number == _PRODUCER:
            said["producer"] = text(value)
        elif number == _PRODUCER_VERSION:
            said["producer_version"] = text(value)
        elif number == _OPSETS:
            said["opsets"] |= _opset(message(value))
        elif number == _GRAPH:
            graph = _graph(message(value))
    if graph is None or not graph["outputs"]:
        raise UnreadableError("no graph")
    return OnnxFile(**said, **graph)


def _opset(raw: memoryview) -> dict[str, int]:
    domain, version = "", 0
    for number, value in fields(raw):
        if number == 1:
            domain = text(value)
        elif number == 2:
            version = packed(value)[0]
    return {domain or "ai.onnx": version}


def _graph(raw: memoryview) -> dict[str, Any]:
    inputs, outputs = [], []
    constants: set[str] = set()
    operators: set[str] = set()
    labels: tuple[int | str, ...] = ()
    nodes = 0
    for number, value in fields(raw):
        if number == _NODE:
            nodes += 1
            if nodes > MOST_NODES:
                raise UnreadableError("too many nodes")
            operator, named = _node(message(value))
            operators.add(operator)
            labels = named or labels
        elif number == _INITIALIZER:
            constants.update(text(inner) for at, inner in fields(message(value)) if at == 8)
        elif number == _INPUT:
            inputs.append(_port(message(value)))
        elif number == _OUTPUT:
            outputs.append(_port(message(value)))
    fed = tuple(port for port in inputs if port.name not in constants)
    return {"inputs": fed, "outputs": tuple(outputs), "operators": tuple(sorted(operators)), "labels": labels}


def _node(raw: memoryview) -> tuple[str, tuple[int | str, ...]]:
    operator = ""
    labels: tuple[int | str, ...] = ()
    for number, value in fields(raw):
        if number == _OPERATOR:
            operator = text(value)
        elif number == _ATTRIBUTE:
            labels = _labels(message(value)) or labels
    return operator, labels


def _labels(raw: memoryview) -> tuple[int | str, ...]:
    name, numbers, texts = "", [], []
    for number, value in fields(raw):
        if number == _ATTRIBUTE_NAME:
            name = text(value)
        elif number == _INTS:
            numbers += packed(value)
        elif number == _STRINGS:
            texts.append(text(value))
    if not name.startswith("classlabels_"):
        return ()
    return tuple(numbers) if name in _INTEGER_LABELS else tuple(texts)


def _port(raw: memoryview) -> Port:
    name, kind = "", "other"
    shape: tuple[int | None, ...] = ()
    for number, value in fields(raw):
        if number == 1:
            name = text(value)
        elif number == 2:
            kind, shape = _type(message(value))
    return Port(name=name, type=kind, shape=shape)


def _type(raw: memoryview) -> tuple[str, tuple[int | None, ...]]:
    for number, value in fields(raw):
        if number == _SEQUENCE:
            return "sequence", ()
        if number == _TENSOR:
            parts = list(fields(message(value)))
            kind = next((_ELEMENTS.get(packed(one)[0], "other") for at, one in parts if at == 1), "other")
            shape = next((tuple(_sizes(message(one))) for at, one in parts if at == 2), ())
            return kind, shape
    return "other", ()


def _sizes(raw: memoryview) -> Iterator[int | None]:
    for number, value in fields(raw):
        if number == 1:
            size = next((packed(one)[0] for at, one in fields(message(value)) if at == 1), None)
            yield size if size else None
