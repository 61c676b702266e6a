"""Which part every column plays, as the manifest says and as the file has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from reliability.blocks import Column, Groups, Label
from reliability.errors import SubmissionError
from reliability.submission.arrays import Misfit
from reliability.submission.distinct import distinct_values
from reliability.submission.manifest import DataPart, Grouping, Manifest
from reliability.submission.refusals import dotted, likeness, listed, near
from reliability.submission.tables import Table
from reliability.yaml_lines import Document


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """Something that rows are grouped by: a column, in bands where it is a quantity."""

    name: str
    edges: tuple[float, ...] | None = None

    def groups(self, column: Column) -> Groups:
        """The group of every row.

        Raises
        ------
        Misfit
            If a value lies below the first edge.
        """
        if self.edges is not None:
            return self._banded(column, np.array(self.edges, dtype=np.float64))
        there = ~column.missing if column.missing.any() else slice(None)
        used, codes = distinct_values(column.values[there])
        levels: tuple[Label, ...] = tuple(used.tolist())
        if column.kind == "utf8":
            levels = tuple(column.levels[code] for code in used)
        every = np.full(len(column), -1, dtype=np.int32)
        every[there] = codes
        return Groups(codes=every, levels=levels)

    def labels(self) -> tuple[str, ...]:
        """Names of the bands: `0-30`, `30-50`, `50-`."""
        edges = [*map(_short, self.edges or ()), ""]
        return tuple(f"{low}-{high}" for low, high in pairwise(edges))

    def _banded(self, column: Column, edges: np.ndarray[Any, np.dtype[np.float64]]) -> Groups:
        codes = np.searchsorted(edges, column.values, side="right") - 1
        below = np.flatnonzero((codes < 0) & ~column.missing)
        if len(below):
            raise Misfit(int(below[0]), column.values[below[0]].item())
        return Groups(codes=np.where(column.missing, -1, codes).astype(np.int32), levels=self.labels())


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The columns by the part they play; every name is a column of the file."""

    target: str
    prediction: str | None
    scores: tuple[tuple[Label | None, str], ...]  # class (None: positive) -> column
    entity: str | None
    sensitive: tuple[Attribute, ...]
    segments: tuple[Attribute, ...]
    features: tuple[str, ...]
    id: str | None = None
    time: str | None = None
    strata: tuple[Attribute, ...] = ()
    quasi_identifiers: tuple[str, ...] = ()
    incumbent: str | None = None
    periods: Attribute | None = None

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Segments, sensitive attributes, strata and periods, each once."""
        of_time = () if self.periods is None else (self.periods,)
        return tuple({each.name: each for each in (*of_time, *self.segments, *self.sensitive, *self.strata)}.values())

    def used(self) -> tuple[str, ...]:
        """Columns that are read, features apart, each once."""
        named = [self.target, self.prediction, *(column for _, column in self.scores), self.entity, self.incumbent]
        return tuple(dict.fromkeys([*(name for name in named if name), *(each.name for each in self.attributes)]))

    def outcomes(self) -> frozenset[str | None]:
        """Columns that say what is predicted, was predicted or was decided."""
        return frozenset({self.target, self.prediction, self.incumbent, *(column for _, column in self.scores)})

    def role(self, name: str) -> str:
        """The part that a column plays, in one word."""
        single = {self.target: "target", self.prediction: "prediction", self.id: "id", self.time: "time"}
        single[self.incumbent] = "incumbent"
        if name in single:
            return single[name]
        if name == self.entity:
            return "entity"
        if name in {column for _, column in self.scores}:
            return "score"
        if name in {each.name for each in self.sensitive}:
            return "sensitive_feature" if name in self.features else "sensitive"
        if name in self.features:
            return "feature"
        if name in {each.name for each in self.segments}:
            return "segment"
        if name in {each.name for each in self.strata}:
            return "stratum"
        if self.periods is not None and name == self.periods.name:
            return "period"
        return "quasi_identifier" if name in self.quasi_identifiers else "unused"


def parts_of(manifest: Manifest, table: Table, document: Document) -> Parts:
    """The parts as the manifest names them, every column checked against the file."""
    for keys, name in _named(manifest.data):
        _refuse_unknown(keys, name, table, document)
    _refuse_double(manifest.data, document)
    data = manifest.data
    sensitive = tuple(Attribute(name=each.column, edges=each.bands) for each in data.sensitive)
    strata = tuple(_stratum(each, sensitive, document) for each in data.strata)
    parts = Parts(
        target=data.target,
        prediction=data.prediction,
        scores=_scores(data),
        entity=data.entity,
        sensitive=sensitive,
        segments=tuple(_known(name, (*sensitive, *strata)) for name in data.segments),
        features=_features(manifest, table, document),
        id=data.id,
        time=data.time,
        strata=strata,
        quasi_identifiers=data.quasi_identifiers,
        incumbent=data.incumbent.prediction if data.incumbent else None,
        periods=None if data.periods is None else _known(data.periods, (*sensitive, *strata)),
    )
    _refuse_unusable(parts, table)
    _refuse_bands_on_text(data, table, document)
    return parts


def _known(name: str, attributes: Sequence[Attribute]) -> Attribute:
    # A column that plays two parts is grouped one way: blocks hold one grouping by name.
    return next((each for each in attributes if each.name == name), Attribute(name=name))


def _stratum(stratum: Grouping, sensitive: Sequence[Attribute], document: Document) -> Attribute:
    known = _known(stratum.column, sensitive)
    if stratum.bands is None:
        return known
    if known in sensitive and known.edges != stratum.bands:
        raise SubmissionError(
            "bands_differ",
            "{where}: column {column!r} has other bands in data.strata than in data.sensitive; declare them once",
            where=document.where("data", "strata"),
            column=stratum.column,
        )
    return Attribute(name=stratum.column, edges=stratum.bands)


def _scores(data: DataPart) -> tuple[tuple[Label | None, str], ...]:
    if data.score is None:
        return ()
    if data.score.column is not None:
        return ((data.score.of, data.score.column),)
    return tuple((data.score.columns or {}).items())


def _named(data: DataPart) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every column that the data part names, with the keys that lead there."""
    for key in ("target", "prediction", "id", "time", "periods", "entity"):
        if (name := getattr(data, key)) is not None:
            yield (key,), name
    for key in ("segments", "quasi_identifiers"):
        yield from (((key, place), name) for place, name in enumerate(getattr(data, key)))
    for key in ("sensitive", "strata"):
        yield from (((key, place), each.column) for place, each in enumerate(getattr(data, key)))
    yield from ((("score",), column) for _, column in _scores(data))
    if data.features is not None:
        for key in ("include", "exclude"):
            yield from (
                (("features", key, place), name) for place, name in enumerate(getattr(data.features, key) or ())
            )
    if data.incumbent is not None:
        yield ("incumbent",), data.incumbent.prediction
    yield from ((("monotone", name), name) for name in data.monotone)
    yield from ((("schema", name), name) for name in data.schema_)
    for place, one in enumerate(data.dependencies):
        yield from ((("dependencies", place, "given"), name) for name in one.given)
        yield ("dependencies", place, "fixes"), one.fixes


def _refuse_unknown(keys: tuple[Any, ...], name: str, table: Table, document: Document) -> None:
    if name in table.names:
        return
    place = {"where": document.where("data", *keys), "key": dotted(("data", *keys)), "data": table.shown}
    close = likeness(name, table.names)
    if close is None:
        raise SubmissionError(
            "column_unlike",
            "{where}: {key}: {data} has no column {column!r}; the columns are: {names}",
            **place,
            column=name,
            names=listed(table.names),
        )
    raise SubmissionError(
        "column_missing",
        "{where}: {key}: {data} has no column {column!r}; did you mean {near}?",
        **place,
        column=name,
        near=close,
    )


def _refuse_double(data: DataPart, document: Document) -> None:
    """Refuse that an outcome plays a second part: what is predicted must not stand on both sides."""
    outcomes = [
        ("target", data.target),
        ("prediction", data.prediction),
        *(("score", name) for _, name in _scores(data)),
        ("incumbent", data.incumbent.prediction if data.incumbent else None),
    ]
    others = [*((key, getattr(data, key)) for key in ("id", "time", "periods", "entity"))]
    others += [(key, each.column) for key in ("sensitive", "strata") for each in getattr(data, key)]
    others += [("segments", name) for name in data.segments]
    include = (data.features.include or ()) if data.features else ()
    others += [("features", name) for name in include]
    for place, (key, name) in enumerate(outcomes):
        for other, also in [*outcomes[:place], *others]:
            if name is not None and name == also:
                raise SubmissionError(
                    "column_two_parts",
                    "{where}: column {column!r} is {first} and {second}; give each part its own column",
                    where=document.where("data", other),
                    column=name,
                    first=f"data.{key}",
                    second=f"data.{other}",
                )


def _features(manifest: Manifest, table: Table, document: Document) -> tuple[str, ...]:
    """Columns that the model is given, in the order it wants them."""
    allowed = _allowed_features(manifest.data, table)
    inputs = manifest.model.inputs if manifest.model else None
    if inputs is None:
        return allowed
    for place, name in enumerate(inputs):
        if name not in allowed:
            raise SubmissionError(
                "input_no_feature",
                "{where}: model.inputs names {column!r}, which is no feature; the features are {near}; "
                "a sensitive column must be named in data.features.include",
                where=document.where("model", "inputs", place),
                column=name,
                near=near(name, allowed),
            )
    return inputs


def _allowed_features(data: DataPart, table: Table) -> tuple[str, ...]:
    if data.features is not None and data.features.include is not None:
        return data.features.include
    kept_out: set[str | None] = {data.target, data.prediction, data.id, data.time, data.periods, data.entity}
    kept_out |= {column for _, column in _scores(data)} | {each.column for each in data.sensitive}
    # What was decided before is no input: a model that sees it would be judged on copying it.
    kept_out |= {data.incumbent.prediction} if data.incumbent is not None else set()
    kept_out |= set((data.features.exclude or ()) if data.features else ())
    return tuple(name for name in table.names if name not in kept_out)


def _refuse_unusable(parts: Parts, table: Table) -> None:
    for name in (*parts.used(), *parts.features, *parts.quasi_identifiers):
        if name in table.unusable:
            raise table.unusable[name]


def _refuse_bands_on_text(data: DataPart, table: Table, document: Document) -> None:
    groupings = [
        (part, place, each) for part in ("sensitive", "strata") for place, each in enumerate(getattr(data, part))
    ]
    for part, place, each in groupings:
        if each.bands is not None and table.kinds[each.column] not in ("f8", "i8"):
            raise SubmissionError(
                "bands_on_text",
                "{where}: data.{part}: column {column!r} holds {kind}, bands need numbers; leave bands out",
                where=document.where("data", part, place),
                part=part,
                column=each.column,
                kind={"utf8": "text", "bool": "booleans"}[table.kinds[each.column]],
            )


def _short(edge: float) -> str:
    return str(int(edge)) if float(edge).is_integer() else repr(edge)
