"""Models for planted faults: fitted once, asked in process, and what a fault makes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias

import numpy as np

from benchmarks.planted_faults_data import Kind, Rows, column_of
from reliability.blocks import Column, Floats
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers

Changed: TypeAlias = Callable[[Floats, Mapping[str, Column]], Floats]
_SMALLEST = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoder:
    """Columns as a matrix: text by indicators or by codes, numbers as they are or standardised."""

    numbers: Mapping[str, tuple[float, float, float]]  # median, mean, deviation
    texts: Mapping[str, tuple[str, ...]]
    indicators: bool

    @classmethod
    def of(cls, columns: Mapping[str, Column], *, indicators: bool) -> Self:
        """What the training columns say."""
        numbers, texts = {}, {}
        for name, column in columns.items():
            if column.kind == "utf8":
                texts[name] = column.levels
            else:
                known = column.as_floats()[~column.missing]
                numbers[name] = (float(np.median(known)), float(known.mean()), float(known.std()) or 1.0)
        return cls(numbers=numbers, texts=texts, indicators=indicators)

    def matrix(self, columns: Mapping[str, Column]) -> Floats:
        """The rows as numbers; for indicators nothing is missing."""
        parts = [self._number(columns[name].as_floats(), *moments) for name, moments in self.numbers.items()]
        for name, levels in self.texts.items():
            parts += self._text(columns[name], levels)
        return np.column_stack(parts)

    def _number(self, values: Floats, median: float, mean: float, deviation: float) -> Floats:
        if not self.indicators:
            return values
        filled: Floats = np.clip((np.where(np.isnan(values), median, values) - mean) / deviation, -8.0, 8.0)
        return filled

    def _text(self, column: Column, levels: tuple[str, ...]) -> list[Floats]:
        place = {level: code for code, level in enumerate(levels)}
        lookup = np.array([place.get(level, -1) for level in column.levels] or [-1])
        codes = np.where(column.missing, -1, lookup[column.values])
        if not self.indicators:
            return [np.where(codes < 0, np.nan, codes)]
        return [(codes == code).astype(np.float64) for code in range(len(levels))]


@dataclass(kw_only=True, eq=False)
class Model:
    """A fitted classifier that answers like a model in its worker; `changes` act on its scores, in order."""

    encoder: Encoder
    classifier: Any
    changes: tuple[Changed, ...] = ()
    threshold: float = 0.5
    has_scores: bool = True
    notes: tuple[Any, ...] = ()
    isolation: Mapping[str, Any] = field(default_factory=lambda: {"level": "in process"})

    def scores(self, columns: Mapping[str, Column]) -> Floats:
        """P(favourable) of every row."""
        found: Floats = self.classifier.predict_proba(self.encoder.matrix(columns))[:, 1]
        for change in self.changes:
            found = change(found, columns)
        return found

    def answer(self, columns: Mapping[str, Column], /) -> Answers:
        """Labels and scores, as a worker gives them; what cannot be answered is refused as a worker would."""
        try:
            with np.errstate(invalid="ignore"):
                scores = self.scores(columns)
        except (ValueError, IndexError) as refused:
            kind, message = type(refused).__name__, str(refused)[:80]
            raise WorkerError("model_raised", "the model raised", type=kind, message=message) from refused
        return Answers(labels=(scores >= self.threshold).astype(np.int64), scores=scores)

    def attempt(self, columns: Mapping[str, Column], /) -> Answers:
        """As `answer`: nothing is started, so nothing need be started anew."""
        return self.answer(columns)

    def changed(self, change: Changed) -> "Model":
        """The same model with its scores changed."""
        return replace(self, changes=(*self.changes, change))

    def close(self) -> None:
        """Nothing to end."""


def fitted(kind: Kind, training: Rows, *, threshold: float = 0.5, classifier: Any = None) -> Model:
    """The model of that kind, fitted to the training rows."""
    columns = {name: column_of(values) for name, values in training.columns.items()}
    encoder = Encoder.of(columns, indicators=kind == "logistic regression")
    made = _classifier(kind) if classifier is None else classifier
    return Model(encoder=encoder, classifier=made.fit(encoder.matrix(columns), training.y), threshold=threshold)


def _classifier(kind: Kind) -> Any:
    if kind == "logistic regression":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=0.3, max_iter=300)
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=50, learning_rate=0.1, max_leaf_nodes=15, min_samples_leaf=20, early_stopping=False, random_state=0
    )


def logit(scores: Floats) -> Floats:
    """Log odds, kept finite."""
    inside = np.clip(scores, _SMALLEST, 1 - _SMALLEST)
    found: Floats = np.log(inside / (1 - inside))
    return found


def expit(odds: Floats) -> Floats:
    """Scores of log odds."""
    found: Floats = 1 / (1 + np.exp(-odds))
    return found
