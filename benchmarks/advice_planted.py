"""Causes planted in training rows or in the model alone, and what would undo each; evaluation rows stay as drawn."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from scipy.special import ndtri

from benchmarks.advice_here import HandedIn, frame
from benchmarks.planted_faults_data import Draw, Kind, Population, Rows, draw, population
from reliability.advice import RemedyTried
from reliability.blocks import Bools, Ints

Random: TypeAlias = np.random.Generator
KINDS: tuple[Kind, ...] = ("logistic regression", "gradient boosting")
# Training and evaluation rows.
SIZES: Mapping[str, tuple[int, int]] = {
    "Adult": (2_000, 6_000), "German": (350, 6_000), "Boston": (900, 6_000), "Taiwan": (2_000, 6_000),
}  # fmt: skip
# Data sets with fewer people left than that: their evaluation rows are drawn from these, with replacement.
LEFT: Mapping[str, int] = {"German": 650, "Boston": 1_480}
# By how much limits lie below what the clean model reaches.
SLACK: Mapping[str, float] = {"selection": 0.05, "opportunity": 0.05, "accuracy": 0.02, "area": 0.02}
_MOST_BINS = 100
_BESIDE = frozenset({"FAI-01", "PER-01", "PER-02", "CAL-01"})  # what is judged beside the cause's own finding


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A clean draw, the kind of model, and the columns that it is given."""

    draw: Draw
    kind: Kind

    @property
    def population(self) -> Population:
        """The data set."""
        return self.draw.population

    @property
    def features(self) -> tuple[str, ...]:
        """Every column."""
        return tuple(self.population.rows.columns)

    def disadvantaged(self, rows: Rows) -> Bools:
        """Rows of the group that faults against a group are planted in."""
        members: Bools = rows.columns[self.population.sensitive] == self.population.disadvantaged
        return members

    def handed_in(
        self, training: Rows, evaluation: Rows | None = None, *, model: Any = None, without: tuple[str, ...] = ()
    ) -> HandedIn:
        """A model fitted to these rows, unless one is given."""
        features = tuple(name for name in training.columns if name not in without)
        made = fitted(self.kind, training, features) if model is None else model
        return HandedIn(
            training=training, evaluation=self.draw.evaluation if evaluation is None else evaluation, model=made,
            features=features, sensitive=self.population.sensitive,
        )  # fmt: skip


@cache
def given(data: str, kind: Kind, seed: int, *, once: bool = False) -> Given:
    """The draw of that seed, in the sizes of this benchmark; `once`: nobody stands twice in the evaluation rows."""
    training, evaluation = SIZES[data]
    people = replace(population(data), training=training, evaluation=LEFT.get(data, evaluation))
    drawn = draw(people, seed)
    if data in LEFT and not once:
        again = np.random.default_rng([seed, LEFT[data]]).integers(0, LEFT[data], evaluation)
        drawn = replace(drawn, evaluation=drawn.evaluation.take(again))
    return Given(draw=drawn, kind=kind)


def fitted(kind: Kind, training: Rows, features: tuple[str, ...], classifier: Any = None, numbers: Any = None) -> Any:
    """A pipeline of scikit-learn, fitted."""
    made = pipeline(kind, training, features, classifier, numbers)
    return made.fit(frame(training, features), training.y)


def pipeline(kind: Kind, training: Rows, features: tuple[str, ...], classifier: Any = None, numbers: Any = None) -> Any:
    """Text by indicators or codes, numbers standardised or as they are, and what learns after them."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    texts = [name for name in features if training.columns[name].dtype == object]
    others = [name for name in features if name not in texts]
    if kind == "logistic regression":
        shown = make_pipeline(SimpleImputer(strategy="median"), StandardScaler() if numbers is None else numbers)
        coded: Any = OneHotEncoder(handle_unknown="ignore", min_frequency=5)
    else:
        shown = "passthrough"
        coded = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    parts = [("texts", coded, texts), ("numbers", shown, others)]
    made = classifier if classifier is not None else _classifier(kind)
    return Pipeline([("columns", ColumnTransformer([one for one in parts if one[2]])), ("model", made)])


def _classifier(kind: Kind, **changed: Any) -> Any:
    if kind == "logistic regression":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(**{"C": 0.3, "max_iter": 300, **changed})
    from sklearn.ensemble import HistGradientBoostingClassifier

    plain = {"max_iter": 50, "learning_rate": 0.1, "max_leaf_nodes": 15, "min_samples_leaf": 20}
    return HistGradientBoostingClassifier(**{**plain, "early_stopping": False, "random_state": 0, **changed})


def kept(here: Given) -> dict[str, float]:
    """The limits that an applicant would declare: what a model without the cause just keeps on the same rows."""
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    clean = here.handed_in(here.draw.training)
    rows, shown = clean.evaluation, frame(clean.evaluation, clean.features)
    said = clean.model.predict(shown)
    ours = here.disadvantaged(rows)
    rates = [float(np.mean(said[group])) for group in (ours, ~ours)]
    hits = [float(np.mean(said[group & (rows.y == 1)])) for group in (ours, ~ours)]
    return {
        "selection": round(min(min(rates) / max(rates) - SLACK["selection"], 0.8), 3),
        "opportunity": round(max(abs(hits[0] - hits[1]) + SLACK["opportunity"], 0.1), 3),
        "accuracy": round(float(balanced_accuracy_score(rows.y, said)) - SLACK["accuracy"], 3),
        "area": round(float(roc_auc_score(rows.y, clean.model.predict_proba(shown)[:, 1])) - SLACK["area"], 3),
    }


def _turned(rows: Rows, turned: Bools) -> Rows:
    return replace(rows, y=np.where(turned, 1 - rows.y, rows.y))


def _biased(here: Given, share: float, random: Random) -> Rows:
    rows = here.draw.training
    return _turned(rows, here.disadvantaged(rows) & (rows.y == 1) & (random.random(rows.n) < share))


def biased_labels(here: Given, random: Random) -> HandedIn:
    """Training labels of one group that were favourable are turned; the model is given the group."""
    return here.handed_in(_biased(here, 0.5, random))


def proxy(here: Given, random: Random) -> HandedIn:
    """The same, where the model is not given the group but a column that gives it away."""

    def with_club(rows: Rows) -> Rows:
        agrees = random.random(rows.n) < 0.95
        return rows.with_column("club", np.where(here.disadvantaged(rows) == agrees, "n", "s").astype(object))

    training, evaluation = with_club(_biased(here, 0.5, random)), with_club(here.draw.evaluation)
    return here.handed_in(training, evaluation, without=here.population.attributes)


def leak(here: Given, random: Random) -> HandedIn:
    """A column made from the training labels; of a row to be decided it is not known yet, and says nothing."""

    def told(rows: Rows, y: Ints) -> Rows:
        return rows.with_column("follow_up", np.round(y * np.sqrt(2) * ndtri(0.97) + random.standard_normal(rows.n), 3))

    training, evaluation = here.draw.training, here.draw.evaluation
    return here.handed_in(told(training, training.y), told(evaluation, random.permutation(evaluation.y)))


def miscalibration(here: Given, _random: Random) -> HandedIn:
    """A model that is too sure of itself: its log odds eight times as large."""
    clean = here.handed_in(here.draw.training)
    last = clean.model[-1]
    if here.kind == "logistic regression":
        last.coef_ *= 8
        last.intercept_ *= 8
    else:
        last._baseline_prediction = last._baseline_prediction * 8
        for one in (tree for trees in last._predictors for tree in trees):
            one.nodes["value"] *= 8
    return clean


def mislabelled(here: Given, random: Random) -> HandedIn:
    """Training labels of the rarer class turned."""
    rows = here.draw.training
    rarer = rows.y == int(rows.y.mean() < 0.5)
    return here.handed_in(_turned(rows, rarer & (random.random(rows.n) < 0.4)))


def brittleness(here: Given, _random: Random) -> HandedIn:
    """A model that learnt single rows by heart: narrow bins of numbers, or leaves of a row."""
    from sklearn.preprocessing import KBinsDiscretizer

    training, features = here.draw.training, here.features
    if here.kind == "logistic regression":
        bins = KBinsDiscretizer(n_bins=_MOST_BINS, quantile_method="averaged_inverted_cdf", subsample=None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numbers with few values have fewer bins
            made = fitted(here.kind, training, features, _classifier(here.kind, C=1e4), bins)
    else:
        free = {"max_iter": 200, "learning_rate": 0.5, "max_leaf_nodes": None, "min_samples_leaf": 1}
        made = fitted(here.kind, training, features, _classifier(here.kind, **free))
    return here.handed_in(training, model=made)


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A cause, the finding that it makes, and what would undo it.

    `acting_on` says among which remedies it ought to be the first; `once`, whether nobody may stand twice in the rows.
    """

    name: str
    plant: Callable[[Given, Random], HandedIn]
    item: str
    undone_by: Callable[[RemedyTried, Population], bool]
    undoing: str
    acting_on: frozenset[str] = frozenset({"data", "model"})
    once: bool = False


def _named(*names: str) -> Callable[[RemedyTried, Population], bool]:
    return lambda remedy, _people: remedy.name in names


def _without(*columns: str) -> Callable[[RemedyTried, Population], bool]:
    def undoes(remedy: RemedyTried, _people: Population) -> bool:
        return remedy.name == "without_columns" and set(columns) <= set(remedy.options["columns"])

    return undoes


WEIGHING = ("reweighing", "exponentiated_gradient", "grid_search")


def _unbiased(remedy: RemedyTried, people: Population) -> bool:
    return remedy.name in WEIGHING or _without(people.sensitive)(remedy, people)


CAUSES: tuple[Cause, ...] = (
    Cause(
        name="group-biased labels", plant=biased_labels, item="FAI-01",
        undone_by=_unbiased, undoing="reweighing, a reduction to parity, or without the group's own column",
    ),
    # Its check learns the groups from rows: people that stand twice would be known again, whatever their columns say.
    Cause(name="proxy", plant=proxy, item="FAI-08", undone_by=_without("club"), undoing="without the proxy", once=True),
    Cause(name="leak", plant=leak, item="PER-02", undone_by=_without("follow_up"), undoing="without the leak"),
    Cause(
        name="miscalibration", plant=miscalibration, item="CAL-01",
        undone_by=_named("recalibration", "recalibration_by_group"),
        undoing="recalibration, of all or by group", acting_on=frozenset({"data", "model", "scores"}),
    ),
    Cause(
        name="mislabelled rows", plant=mislabelled, item="PER-01", undone_by=_named("without_mislabelled"),
        undoing="without the mislabelled rows",
    ),
    Cause(
        name="brittleness", plant=brittleness, item="ROB-01", undone_by=_named("regularised"),
        undoing="regularised against memorisation",
    ),
)  # fmt: skip


def criteria(cause: Cause, limits: Mapping[str, float]) -> dict[str, str]:
    """What is judged: the cause's own finding by its whole interval, the others by their value."""
    every = {
        "FAI-01": f"check: fairness.selection_rate_ratio, at_least: {limits['selection']}",
        "FAI-02": f"check: fairness.true_positive_rate_difference, at_most: {limits['opportunity']}",
        "PER-01": f"check: performance.balanced_accuracy, at_least: {limits['accuracy']}",
        "PER-02": f"check: performance.roc_auc, at_least: {limits['area']}",
        "CAL-01": "check: calibration.expected_calibration_error, with: {equal_mass: true}, at_most: 0.06",
        "FAI-08": "check: fairness.proxy_auc, at_most: 0.8",
        "ROB-01": "check: robustness.noise_consistency, with: {strength: 0.1}, at_least: 0.95",
    }
    beside = _BESIDE - {"FAI-01"} if cause.item.startswith("FAI") else _BESIDE
    return {
        name: text if name == cause.item else f"{text}, rule: simple"
        for name, text in every.items()
        if name in beside | {cause.item}
    }
