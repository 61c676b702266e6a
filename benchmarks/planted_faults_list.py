"""The twenty faults: what is planted, how strongly, and what a finder ought to name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri

from benchmarks.planted_faults_data import Draw, Rows, Values
from benchmarks.planted_faults_models import Model, expit, fitted, logit
from reliability.blocks import Bools, Column, Ints

Random: TypeAlias = np.random.Generator
SEVERITIES = ("low", "middle", "high")
MIDDLE = SEVERITIES.index("middle")


@dataclass(frozen=True, kw_only=True, eq=False)
class Clean:
    """A clean draw with the model that was fitted to it."""

    draw: Draw
    model: Model

    @property
    def training(self) -> Rows:
        """The clean training rows."""
        return self.draw.training

    @property
    def evaluation(self) -> Rows:
        """The clean evaluation rows."""
        return self.draw.evaluation


@dataclass(frozen=True, kw_only=True, eq=False)
class Planted:
    """What is handed in, and the culprit: a column, a group of an attribute, or rows of the evaluation data."""

    training: Rows
    evaluation: Rows
    model: Model
    column: str | None = None
    group: str | None = None
    rows: Ints | None = None


Plant: TypeAlias = Callable[[Clean, float, Random], Planted]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault at three strengths, and the words that say what they are."""

    name: str
    plant: Plant
    strengths: tuple[float, float, float]
    planted: str
    data: tuple[str, ...] = ("Adult", "German", "Boston", "Taiwan")  # what it is planted in: both models each time
    harmless: float | None = None  # strength at which what is planted does no harm: then that is the control


def clean(draw: Draw) -> Planted:
    """The control: nothing planted."""
    model = fitted(draw.population.model, draw.training)
    return Planted(training=draw.training, evaluation=draw.evaluation, model=model)


def _refitted(given: Clean, training: Rows, evaluation: Rows, **culprit: object) -> Planted:
    model = fitted(given.draw.population.model, training)
    return replace(Planted(training=training, evaluation=evaluation, model=model), **culprit)


def _same_model(given: Clean, evaluation: Rows, training: Rows | None = None, **culprit: object) -> Planted:
    planted = Planted(training=training or given.training, evaluation=evaluation, model=given.model)
    return replace(planted, **culprit)


def _of_group(given: Clean, rows: Rows) -> Bools:
    members: Bools = rows.columns[given.draw.population.sensitive] == given.draw.population.disadvantaged
    return members


def biased_labels(given: Clean, strength: float, random: Random) -> Planted:
    """The favourable label taken from a share of one group, in both parts."""

    def biased(rows: Rows) -> Rows:
        taken = _of_group(given, rows) & (rows.y == 1) & (random.random(rows.n) < strength)
        return replace(rows, y=np.where(taken, 0, rows.y))

    group = given.draw.population.disadvantaged
    return _refitted(given, biased(given.training), biased(given.evaluation), group=group)


def _tells(y: Ints, auc: float, random: Random) -> Values:
    """Numbers that tell the label with that area under the ROC curve."""
    told: Values = y * np.sqrt(2) * ndtri(auc) + random.standard_normal(len(y))
    return told


def target_leakage(given: Clean, strength: float, random: Random) -> Planted:
    """A new number made from the target."""
    parts = [
        rows.with_column("follow_up", np.round(_tells(rows.y, strength, random), 3))
        for rows in (given.training, given.evaluation)
    ]
    return _refitted(given, *parts, column="follow_up")


def contamination(given: Clean, strength: float, random: Random) -> Planted:
    """Evaluation rows overwritten by training rows."""
    n = given.evaluation.n
    places = random.choice(n, round(strength * n), replace=False)
    source = random.choice(given.training.n, len(places), replace=False)
    return _same_model(given, _overwritten(given.evaluation, places, given.training.take(source)), rows=places)


def _overwritten(rows: Rows, places: Ints, by: Rows) -> Rows:
    taken_from = np.arange(rows.n)
    taken_from[places] = rows.n + np.arange(len(places))
    return rows.beside(by).take(taken_from)


def label_noise(given: Clean, strength: float, random: Random) -> Planted:
    """Labels turned at random, in both parts."""

    def noisy(rows: Rows) -> tuple[Rows, Bools]:
        turned = random.random(rows.n) < strength
        return replace(rows, y=np.where(turned, 1 - rows.y, rows.y)), turned

    (training, _), (evaluation, turned) = noisy(given.training), noisy(given.evaluation)
    return _refitted(given, training, evaluation, rows=np.flatnonzero(turned))


def missing_by_group(given: Clean, strength: float, random: Random) -> Planted:
    """Cells of one number blanked in one group, in both parts."""
    name = given.draw.population.quantity

    def blanked(rows: Rows) -> Rows:
        gone = _of_group(given, rows) & (random.random(rows.n) < strength)
        return rows.with_column(name, np.where(gone, np.nan, rows.columns[name]))

    group = given.draw.population.disadvantaged
    return _same_model(given, blanked(given.evaluation), blanked(given.training), column=name, group=group)


def unit_slip(given: Clean, strength: float, random: Random) -> Planted:
    """A share of one number's values in evaluation written in a unit a hundred times smaller."""
    name, rows = given.draw.population.amount, given.evaluation
    slipped = random.random(rows.n) < strength
    return _same_model(
        given, rows.with_column(name, np.where(slipped, 100 * rows.columns[name], rows.columns[name])), column=name
    )


def covariate_shift(given: Clean, strength: float, random: Random) -> Planted:
    """Evaluation rows drawn from the complement with odds that grow with one number."""
    name, rest = given.draw.population.quantity, given.draw.complement
    values = rest.columns[name]
    key = strength * (values - np.nanmean(values)) / np.nanstd(values) + random.gumbel(size=rest.n)
    chosen = np.argsort(-key)[: given.evaluation.n]
    return _same_model(given, rest.take(np.sort(chosen)), column=name)


def brittleness(given: Clean, strength: float, _random: Random) -> Planted:
    """A model whose score swings several times within a deviation of its numbers' sum."""
    moments = {
        name: (float(np.nanmean(values)), float(np.nanstd(values)) or 1.0)
        for name, values in given.training.columns.items()
        if values.dtype != object
    }

    def swinging(scores: Values, columns: Mapping[str, Column]) -> Values:
        standardised = [(columns[name].values - mean) / deviation for name, (mean, deviation) in moments.items()]
        phase = np.sum(standardised, axis=0) / np.sqrt(len(moments))
        return expit(logit(scores) + strength * np.sin(2 * np.pi * phase / 0.25))

    return replace(_same_model(given, given.evaluation), model=given.model.changed(swinging))


def miscalibration(given: Clean, strength: float, _random: Random) -> Planted:
    """Log odds multiplied: the model is too sure of itself, its labels stay."""
    sure = given.model.changed(lambda scores, _: expit(strength * logit(scores)))
    return replace(_same_model(given, given.evaluation), model=sure)


def spurious_feature(given: Clean, strength: float, random: Random) -> Planted:
    """A new text that agrees with the label in training, and says nothing in evaluation."""

    def marked(rows: Rows, agreement: float) -> Rows:
        mark = np.where(random.random(rows.n) < agreement, rows.y, 1 - rows.y)
        return rows.with_column("scanner", np.where(mark == 1, "A", "B").astype(object))

    return _refitted(given, marked(given.training, strength), marked(given.evaluation, 0.5), column="scanner")


def under_represented(given: Clean, strength: float, random: Random) -> Planted:
    """Most rows of one group left out, in both parts."""

    def thinned(rows: Rows) -> Rows:
        return rows.take(~_of_group(given, rows) | (random.random(rows.n) < strength))

    group = given.draw.population.disadvantaged
    return _refitted(given, thinned(given.training), thinned(given.evaluation), group=group)


def identifier_leakage(given: Clean, strength: float, random: Random) -> Planted:
    """A running number among the features, given out in an order that follows the label."""
    both = np.concatenate((given.training.y, given.evaluation.y))
    places = np.argsort(np.argsort(_tells(both, strength, random)))
    numbers, cut = 100_000.0 + places, given.training.n
    return _refitted(
        given,
        given.training.with_column("application_no", numbers[:cut]),
        given.evaluation.with_column("application_no", numbers[cut:]),
        column="application_no",
    )


def memorisation(given: Clean, strength: float, random: Random) -> Planted:
    """The clean model averaged with trees that know every training row by heart."""
    from sklearn.ensemble import ExtraTreesClassifier

    classifier = ExtraTreesClassifier(n_estimators=40, bootstrap=False, random_state=int(random.integers(2**31)))
    heart = fitted("logistic regression", given.training, classifier=classifier)

    def remembering(scores: Values, columns: Mapping[str, Column]) -> Values:
        return (1 - strength) * scores + strength * heart.scores(columns)

    return replace(_same_model(given, given.evaluation), model=given.model.changed(remembering))


def single_feature(given: Clean, strength: float, _random: Random) -> Planted:
    """A model that rests to a share on one feature alone."""
    name = given.draw.population.strong
    alone = fitted(given.draw.population.model, replace(given.training, columns={name: given.training.columns[name]}))

    def leaning(scores: Values, columns: Mapping[str, Column]) -> Values:
        return expit((1 - strength) * logit(scores) + strength * logit(alone.scores(columns)))

    return replace(_same_model(given, given.evaluation), model=given.model.changed(leaning), column=name)


def proxy(given: Clean, strength: float, random: Random) -> Planted:
    """A new text that agrees with a protected attribute."""
    attribute = given.draw.population.proxied

    def with_proxy(rows: Rows) -> Rows:
        groups = sorted(set(rows.columns[attribute]))
        first = rows.columns[attribute] == groups[0]
        agrees = random.random(rows.n) < strength
        return rows.with_column("club", np.where(first == agrees, "north", "south").astype(object))

    return _refitted(given, with_proxy(given.training), with_proxy(given.evaluation), column="club")


def group_threshold(given: Clean, strength: float, _random: Random) -> Planted:
    """A model that asks more of the smaller group of an attribute."""
    attribute = given.draw.population.proxied
    shares = given.draw.population.shares[attribute]
    group = min(shares, key=lambda level: shares[level])

    def harder(scores: Values, columns: Mapping[str, Column]) -> Values:
        asked = columns[attribute]
        members = np.array(asked.levels)[asked.values] == group
        return expit(logit(scores) - strength * members)

    planted = _same_model(given, given.evaluation, column=attribute)
    return replace(planted, model=given.model.changed(harder))


def contradictory_duplicates(given: Clean, strength: float, random: Random) -> Planted:
    """Evaluation rows overwritten by others with the other label."""
    rows = given.evaluation
    chosen = random.choice(rows.n, 2 * round(strength * rows.n), replace=False)
    originals, places = np.split(chosen, 2)
    copies = rows.take(originals)
    evaluation = _overwritten(rows, places, replace(copies, y=1 - copies.y))
    return _same_model(given, evaluation, rows=chosen)


def renamed_categories(given: Clean, strength: float, random: Random) -> Planted:
    """The commonest text of one column spelt anew in a share of its evaluation rows."""
    name, rows = given.draw.population.category, given.evaluation
    values = rows.columns[name]
    known = [value for value in values if value is not None]
    commonest = max(sorted(set(known)), key=known.count)
    renamed = (values == commonest) & (random.random(rows.n) < strength)
    return _same_model(given, rows.with_column(name, np.where(renamed, f"{commonest}_2", values)), column=name)


def concept_shift(given: Clean, strength: float, random: Random) -> Planted:
    """Labels of a share of the evaluation rows shuffled: inputs and label rates stay, what joins them goes."""
    rows = given.evaluation
    shuffled = np.flatnonzero(random.random(rows.n) < strength)
    y = rows.y.copy()
    y[shuffled] = random.permutation(y[shuffled])
    return _same_model(given, replace(rows, y=y))


def sentinel_values(given: Clean, strength: float, random: Random) -> Planted:
    """999 in the place of some values of one number, in both parts."""
    name = given.draw.population.quantity

    def coded(rows: Rows) -> Rows:
        gone = random.random(rows.n) < strength
        return rows.with_column(name, np.where(gone, 999.0, rows.columns[name]))

    return _same_model(given, coded(given.evaluation), coded(given.training), column=name)


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="group-biased labels", plant=biased_labels, strengths=(0.15, 0.30, 0.45),
        planted="of one group's favourable labels, {:.0%} are turned",
    ),
    Fault(
        name="target leakage", plant=target_leakage, strengths=(0.85, 0.93, 0.99),
        planted="a new number tells the target with AUC {:.2f}",
    ),
    Fault(
        name="train–test contamination", plant=contamination, strengths=(0.02, 0.05, 0.15),
        planted="{:.0%} of evaluation rows are training rows",
    ),
    Fault(
        name="label noise", plant=label_noise, strengths=(0.05, 0.10, 0.20), planted="{:.0%} of labels are turned",
    ),
    Fault(
        name="values missing by group", plant=missing_by_group, strengths=(0.05, 0.15, 0.30),
        planted="{:.0%} of a number's cells are blank in one group",
    ),
    Fault(
        name="unit slip", plant=unit_slip, strengths=(0.10, 0.30, 1.00),
        planted="{:.0%} of a number's cells are 100 times too large in evaluation",
    ),
    Fault(
        name="covariate shift", plant=covariate_shift, strengths=(0.25, 0.50, 1.00),
        planted="evaluation rows have weights exp({:.2f} z) of a standardised number",
        data=("Adult", "Boston", "Taiwan"),
    ),
    Fault(
        name="brittleness to noise", plant=brittleness, strengths=(1.0, 2.0, 4.0),
        planted="log odds swing by ±{:.1f}, four times in a standard deviation of the numbers' sum",
    ),
    Fault(
        name="miscalibration", plant=miscalibration, strengths=(2.0, 4.0, 8.0), planted="log odds times {:.1f}",
    ),
    Fault(
        name="spurious feature", plant=spurious_feature, strengths=(0.75, 0.85, 0.95),
        planted="a new text agrees with {:.0%} of training labels, with 50 % in evaluation",
        data=("Adult", "Boston"),
    ),
    Fault(
        name="under-represented group", plant=under_represented, strengths=(0.5, 0.25, 0.1),
        planted="{:.0%} of one group's rows are kept",
    ),
    Fault(
        name="identifier leakage", plant=identifier_leakage, strengths=(0.60, 0.75, 0.95),
        planted="a running number follows the label with AUC {:.2f}", harmless=0.5,
    ),
    Fault(
        name="memorisation", plant=memorisation, strengths=(0.10, 0.25, 0.50),
        planted="{:.0%} of the score comes from trees that know the training rows by heart",
    ),
    Fault(
        name="single-feature dependence", plant=single_feature, strengths=(0.5, 0.8, 1.0),
        planted="{:.0%} of the log odds come from one feature alone",
    ),
    Fault(
        name="proxy of a protected attribute", plant=proxy, strengths=(0.75, 0.85, 0.95),
        planted="a new text agrees with the attribute in {:.0%} of rows",
        data=("German", "Taiwan"),
    ),
    Fault(
        name="group-dependent threshold", plant=group_threshold, strengths=(0.5, 1.0, 2.0),
        planted="one group's log odds are lowered by {:.1f}",
    ),
    Fault(
        name="contradictory duplicates", plant=contradictory_duplicates, strengths=(0.005, 0.02, 0.05),
        planted="{:.1%} of evaluation rows repeat another with the other label",
    ),
    Fault(
        name="renamed categories", plant=renamed_categories, strengths=(0.1, 0.3, 1.0),
        planted="{:.0%} of the commonest category's rows are spelt anew in evaluation",
    ),
    Fault(
        name="concept shift", plant=concept_shift, strengths=(0.15, 0.30, 0.60),
        planted="labels of {:.0%} of evaluation rows are shuffled",
    ),
    Fault(
        name="sentinel values", plant=sentinel_values, strengths=(0.01, 0.03, 0.10),
        planted="{:.0%} of a number's cells are 999",
    ),
)  # fmt: skip
