"""Scenarios of checks that fit a learner in every draw: the truth is that of what was learned, over all rows there are.

Features take few values, so that what a learner says of each is all that it says, and its truth a sum over them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
from sklearn import ensemble

from benchmarks.coverage_asked import sampled
from benchmarks.coverage_cells import Cell, Interval, Scenario
from benchmarks.coverage_rivals import delong, student, wald, wald_logit
from reliability.blocks import Groups
from reliability.checks import leakage
from reliability.checks.drift import learned
from reliability.checks.fairness import proxies
from reliability.checks.performance import baselines
from reliability.checks.sampled import parts_of
from reliability.evidence.probe import GroupSample
from reliability.evidence.sample import Sample
from reliability.records import Measurement

_LEVELS = (4, 2)  # values of the first feature, which tells, and of the second, which does not
_GRID = np.stack(np.meshgrid(*map(np.arange, _LEVELS), indexing="ij"), axis=-1).reshape(-1, 2)
_FRESH = 4_000  # draws that decide: each fits 200 trees, or 400
_DIGITS = 9  # of a score, as the checks compare them
_FITTED: list[Any] = []  # the learners of the draw that is being measured


@contextmanager
def _remembered() -> Iterator[None]:
    """Learners that are fitted meanwhile stay in `_FITTED`."""
    _FITTED.clear()

    def remembering(kind: Any) -> Any:
        class Remembered(kind):
            def fit(self, *data: Any) -> Any:
                _FITTED.append(self)
                return super().fit(*data)

        return Remembered

    names = ("ExtraTreesClassifier", "ExtraTreesRegressor")
    with mock.patch.multiple(ensemble, **{name: remembering(getattr(ensemble, name)) for name in names}):
        yield


def _chances(strength: float, levels: int = _LEVELS[0]) -> Any:
    """Shares of the first feature's values: even at 0, the later ones the more frequent the stronger."""
    weights = np.exp(strength * np.linspace(-1, 1, levels))
    return weights / weights.sum()


def _over_grid(first: Any) -> Any:
    """Shares of all combinations, the second feature even and independent."""
    return np.repeat(first, _LEVELS[1]) / _LEVELS[1]


def _drawn(random: np.random.Generator, first: Any, shape: Any) -> Any:
    """Both features of so many rows."""
    place = np.searchsorted(np.cumsum(first)[:-1], random.random(shape), side="right")
    return np.stack((place, random.integers(0, _LEVELS[1], shape)), axis=-1)


def _cells_of(rows: Any) -> Any:
    return rows[..., 0] * _LEVELS[1] + rows[..., 1]


def population_area(scores: Any, others: Any, members: Any) -> float:
    """Area under the ROC curve of scores of cells, with the shares of others and of members in each."""
    order = np.argsort(scores)
    scores, others, members = scores[order], others[order], members[order]
    first, last = (np.searchsorted(scores, scores, side=side) for side in ("left", "right"))
    below = np.concatenate(([0.0], np.cumsum(others)))
    return float((members * (below[first] + below[last]) / 2).sum() / (members.sum() * others.sum()))


def _columns(rows: Any) -> dict[str, Any]:
    return {"x": rows[:, 0], "z": rows[:, 1]}


def _measuring(sample: Sample) -> Any:
    return parts_of(sample, 2, seed=0) != 0


# Groups that the first feature gives away.

_PROXIES: Sequence[Cell] = [
    {"n": n // 2, "rows": n, "groups": groups, "strength": strength}
    for n, groups, strength in ((200, 2, 0.0), (200, 2, 1.0), (600, 2, 0.5), (600, 2, 2.0), (450, 3, 0.7))
]


def _by_group(cell: Cell) -> Any:
    """Shares of the first feature's values in every group."""
    return np.stack([_chances(side * cell["strength"]) for side in np.linspace(-1, 1, cell["groups"])])


def _proxy_rows(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    for _ in range(draws):
        group = random.integers(0, cell["groups"], cell["rows"])
        rows = np.stack([_drawn(random, first, cell["rows"]) for first in _by_group(cell)])
        yield np.column_stack((rows[group, np.arange(cell["rows"])], group))


def _grouped(seen: Any) -> Sample:
    labels = np.zeros(len(seen), np.int64)
    groups = {"g": Groups(codes=seen[:, 2].astype(np.int32), levels=tuple(range(int(seen[:, 2].max()) + 1)))}
    return sampled(_columns(seen), labels, groups=groups)


def _proxy(_: Cell, seen: Any) -> Measurement:
    with _remembered():
        return proxies.proxy_auc(GroupSample(sample=_grouped(seen), attributes=("g",)))


def _said_of_grid(trees: Any, columns: Sequence[Any]) -> Any:
    """What a learner of the draw says of every combination, its features coded by their rank."""
    coded = np.column_stack([
        np.searchsorted(np.unique(column), values) for column, values in zip(columns, _GRID.T, strict=True)
    ])  # fmt: skip
    said = trees.predict_proba(coded) if hasattr(trees, "predict_proba") else trees.predict(coded)
    return np.round(said, _DIGITS)


def _proxy_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    said, shares = _said_of_grid(_FITTED[0], seen[:, :2].T), [_over_grid(first) for first in _by_group(cell)]
    return max(
        population_area(said[:, group], np.sum(shares[:group] + shares[group + 1 :], axis=0), shares[group])
        for group in range(cell["groups"])
    )


def _proxy_rival(_: Cell, seen: Any) -> Interval | None:
    """DeLong's limits of the group told apart best on all rows, those that were learned from among them."""
    said = _said_of_grid(_FITTED[0], seen[:, :2].T)[_cells_of(seen)]
    return wald_logit(*max(delong(said[:, group], seen[:, 2] == group) for group in range(said.shape[1])))


def _proxies() -> Scenario:
    return Scenario(
        check="fairness.proxy_auc", cells=_PROXIES, draw=_proxy_rows, measure=_proxy, fresh=_FRESH,
        seen_truth=_proxy_truth, rival=_proxy_rival, limits=("at_most",),
        rival_name="DeLong on the logit, of all rows",
    )  # fmt: skip


# Evaluation rows that the first feature tells from training rows.

_DOMAINS: Sequence[Cell] = [
    {"n": (n + training) // 2, "evaluation": n, "training": training, "strength": strength}
    for n, training, strength in ((150, 150, 0.0), (150, 150, 0.7), (300, 300, 0.3), (100, 500, 1.5))
]


def _domain_rows(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    for _ in range(draws):
        yield (
            _drawn(random, _chances(-cell["strength"]), cell["training"]),
            _drawn(random, _chances(cell["strength"]), cell["evaluation"]),
        )


def _both(seen: Any) -> tuple[Sample, Sample]:
    evaluation, training = (sampled(_columns(one), np.zeros(len(one), np.int64)) for one in (seen[1], seen[0]))
    return evaluation, training


def _domain(_: Cell, seen: Any) -> Measurement:
    with _remembered():
        return learned.domain_classifier_auc(*_both(seen))


def _domain_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    said = _said_of_grid(_FITTED[0], np.concatenate(seen).T)[:, 1]
    before, after = (_over_grid(_chances(side * cell["strength"])) for side in (-1, 1))
    return population_area(said, before, after)


def _domain_rival(_: Cell, seen: Any) -> Interval | None:
    rows = np.concatenate(seen)
    said = _said_of_grid(_FITTED[0], rows.T)[_cells_of(rows), 1]
    return wald_logit(*delong(said, np.arange(len(rows)) >= len(seen[0])))


def _domains() -> Scenario:
    return Scenario(
        check="drift.domain_classifier_auc", cells=_DOMAINS, draw=_domain_rows,
        measure=_domain, fresh=_FRESH, seen_truth=_domain_truth, rival=_domain_rival, limits=("at_most",),
        rival_name="DeLong on the logit, of all rows",
    )  # fmt: skip


# Labels that follow the first feature otherwise than they did in training.

_SHIFTS: Sequence[Cell] = [
    {"n": n // 2, "evaluation": n, "training": training, "turned": turned}
    for n, training, turned in ((700, 350, 0.0), (700, 700, 0.3), (1400, 350, 1.0))
]
_FOLLOWED = np.array([0.1, 0.3, 0.6, 0.9])


def _followed(cell: Cell, *, evaluation: bool) -> Any:
    """Chances of the label by the first feature's value; turned round by a share in the evaluation rows."""
    share = cell["turned"] if evaluation else 0.0
    return (1 - share) * _FOLLOWED + share * _FOLLOWED[::-1]


def _shift_rows(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    for _ in range(draws):
        sides = []
        for evaluation, n in ((False, cell["training"]), (True, cell["evaluation"])):
            rows = _drawn(random, _chances(0.0), n)
            labels = random.random(n) < _followed(cell, evaluation=evaluation)[rows[:, 0]]
            sides.append(np.column_stack((rows, labels)))
        yield tuple(sides)


def _labelled(seen: Any) -> tuple[Sample, Sample]:
    evaluation, training = (sampled(_columns(one), one[:, 2]) for one in (seen[1], seen[0]))
    return evaluation, training


def _shift(_: Cell, seen: Any) -> Measurement:
    with _remembered():
        return learned.concept_shift(*_labelled(seen))


def _two_lessons(seen: Any) -> tuple[Any, Any]:
    """What either learner says of the label's chance, by combination: that of training rows, that of evaluation."""
    rows = np.concatenate(seen)[:, :2].T
    before, after = (_said_of_grid(trees, rows)[:, 1] for trees in _FITTED)
    return before, after


def _shift_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    before, after = _two_lessons(seen)
    chance, shares = np.repeat(_followed(cell, evaluation=True), _LEVELS[1]), _over_grid(_chances(0.0))
    mean = float(shares @ chance)
    return float(shares @ ((before - chance) ** 2 - (after - chance) ** 2)) / (mean * (1 - mean))


def _shift_rival(_: Cell, seen: Any) -> Interval | None:
    """Student's limits over all evaluation rows, those that were learned from among them."""
    before, after = _two_lessons(seen)
    rows, labels = _cells_of(seen[1]), seen[1][:, 2]
    found = student((before[rows] - labels) ** 2 - (after[rows] - labels) ** 2)
    return found and (found[0] / float(labels.var()), found[1] / float(labels.var()))


def _shifts() -> Scenario:
    return Scenario(
        check="drift.concept_shift", cells=_SHIFTS, draw=_shift_rows, measure=_shift, fresh=_FRESH,
        seen_truth=_shift_truth, rival=_shift_rival, limits=("at_most",),
        rival_name="Student's t, of all evaluation rows",
    )  # fmt: skip


# A model beside a line that training rows teach.

_LINES: Sequence[Cell] = [
    {"n": n, "training": training, "right": right}
    for n, training in ((50, 200), (300, 300), (2000, 1000))
    for right in (0.5, 0.75, 0.95)
]


def _line_rows(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    for _ in range(draws):
        rows = _drawn(random, _chances(0.0), cell["training"] + cell["n"])
        labels = random.random(len(rows)) < _FOLLOWED[rows[:, 0]]
        said = np.where(random.random(len(rows)) < cell["right"], labels, ~labels)
        yield np.column_stack((rows, labels, said))


def _beside_line(cell: Cell, seen: Any) -> Measurement:
    training, evaluation = np.split(seen, [cell["training"]])
    known = sampled(_columns(training), training[:, 2])
    asked = sampled(_columns(evaluation), evaluation[:, 2], y_pred=evaluation[:, 3])
    _FITTED.clear()

    def fitted(*samples: Sample) -> Any:
        _FITTED.append(_line(*samples))
        return _FITTED[-1]

    with mock.patch.object(baselines, "linear_predictions", fitted):
        return baselines.better_than_linear_model(asked, known)


_line: Callable[..., Any] = baselines.linear_predictions


def _line_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    """The model's share right less the line's: of every combination the line says one class."""
    says = np.zeros(len(_GRID))
    says[_cells_of(seen[cell["training"] :])] = _FITTED[-1]
    chance = np.repeat(_FOLLOWED, _LEVELS[1])
    return float(cell["right"] - _over_grid(_chances(0.0)) @ np.where(says == 1, chance, 1 - chance))


def _line_rival(cell: Cell, seen: Any) -> Interval | None:
    rows = seen[cell["training"] :]
    gain = (rows[:, 3] == rows[:, 2]).astype(float) - (_FITTED[-1] == rows[:, 2])
    return wald(float(gain.mean()), float(gain.var()) / len(gain))


def _lines() -> Scenario:
    return Scenario(
        check="performance.better_than_linear_model", cells=_LINES, draw=_line_rows,
        measure=_beside_line, seen_truth=_line_truth, rival=_line_rival, rival_name="Wald, paired",
        limits=("at_least",),
    )  # fmt: skip


# Identifiers whose order follows the label, by stretches of the order.

_ORDERS: Sequence[Cell] = [
    {"n": n // 2, "rows": n, "rates": rates}
    for n in (100, 400, 2000)
    for rates in ((0.3, 0.3), (0.1, 0.5), (0.4, 0.6), (0.02, 0.9))
]
_STRETCHES = 50


def _ordered(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    n = cell["rows"]
    for _ in range(draws):
        places = random.permutation(n)
        chance = np.where(places < n // 2, *cell["rates"])
        yield np.column_stack((places, random.random(n) < chance))


def _identified(seen: Any) -> Sample:
    return sampled({"id": 7 * seen[:, 0] + 1_000}, seen[:, 1])


def _learned_rates(seen: Any) -> Any:
    """The label's rate in every stretch of the half that teaches, smoothed by one row, as the check learns it."""
    stretches, learning = seen[:, 0] * _STRETCHES // len(seen), ~_measuring(_identified(seen))
    n = np.bincount(stretches[learning], minlength=_STRETCHES)
    inside = np.bincount(stretches[learning], weights=seen[learning, 1], minlength=_STRETCHES)
    return (inside + float(seen[:, 1].mean())) / (n + 1)


def _order_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    """Over the labels that the measuring half's identifiers might have had: places are given out, not drawn."""
    stretches = seen[_measuring(_identified(seen)), 0] * _STRETCHES // len(seen)
    rows = np.bincount(stretches, minlength=_STRETCHES)
    chance = np.repeat(cell["rates"], _STRETCHES // 2)
    return population_area(_learned_rates(seen), rows * (1 - chance), rows * chance)


def _order_rival(_: Cell, seen: Any) -> Interval | None:
    rates = _learned_rates(seen)[seen[:, 0] * _STRETCHES // len(seen)]
    return wald_logit(*delong(rates, seen[:, 1]))


def _orders() -> Scenario:
    return Scenario(
        check="leakage.identifier_auc", cells=_ORDERS, draw=_ordered,
        measure=lambda _, seen: leakage.identifier_auc(_identified(seen)), seen_truth=_order_truth,
        rival=_order_rival, rival_name="DeLong on the logit, of all rows", limits=("at_most",),
    )  # fmt: skip


ALL: Sequence[Scenario] = (_proxies(), _domains(), _shifts(), _lines(), _orders())
