"""Scenarios of two data sets, and of models that are asked: what has moved, what is known by heart, what flips."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from scipy.special import expit, ndtr, ndtri

from benchmarks.coverage_cells import Cell, Interval, Scenario
from benchmarks.coverage_rivals import delong, gap_at_its_place, wald, wald_logit, wilson_pair
from benchmarks.coverage_shares import BINARY, classes, every_binomial
from reliability.blocks import Block, Column, Groups, Roles
from reliability.checks import leakage
from reliability.checks.drift import outcomes
from reliability.checks.fairness import inputs
from reliability.checks.privacy import membership
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.near_digests import NearDigests
from reliability.evidence.probe import Answers, GroupProbe, Probe
from reliability.evidence.sample import Sample
from reliability.records import Measurement


def numbers(values: Any) -> Column:
    """A column of whole numbers or of floats, none missing."""
    values = np.asarray(values)
    kind = "f8" if values.dtype.kind == "f" else "i8"
    return Column(kind=kind, values=values, missing=np.zeros(len(values), np.bool_))


def sampled(columns: Mapping[str, Any], y_true: Any, **more: Any) -> Sample:
    """All rows as a sample, with these features."""
    roles: Roles = more.pop("roles", BINARY)
    block = Block(
        start=0, roles=replace(roles, features=tuple(columns)), y_true=np.asarray(y_true),
        columns={name: numbers(values) for name, values in columns.items()}, **more,
    )  # fmt: skip
    return Sample.of(block, seed=0, size=block.n)


def probed(sample: Sample, ask: Callable[[Mapping[str, Column]], Answers]) -> Probe:
    """The rows with a model that answers by a rule."""
    return Probe(sample=sample, answers=ask(sample.columns), ask=ask, ask_anew=ask)


def disturbed(seen: Any, ask: Callable[[Mapping[str, Column]], Answers]) -> tuple[Probe, ColumnProfile]:
    """A feature and labels (the first two of what was drawn), as checks take them that disturb the feature."""
    labels = seen[1].astype(np.int64)
    block = Block(start=0, roles=BINARY, columns={"x": numbers(seen[0])}, y_true=labels)
    return probed(sampled({"x": seen[0]}, labels), ask), ColumnProfile.of(block)


# Counterfactual flips: the answer rests on the attribute in so many rows.


@cache
def _attributed(n: int) -> Sample:
    attribute = np.arange(n) % 2
    groups = {"a": Groups(codes=attribute.astype(np.int32), levels=(0, 1))}
    return sampled({"row": np.arange(n), "a": attribute}, np.zeros(n, np.int64), groups=groups)


def _flips(_: Cell, turned: Any, n: int) -> Measurement:
    def ask(columns: Mapping[str, Column]) -> Answers:
        return Answers(labels=np.where(columns["row"].values < turned, columns["a"].values, 0))

    return inputs.counterfactual_flip_rate(GroupProbe(probe=probed(_attributed(n), ask), attributes=("a",)))


def _counterfactual() -> Scenario:
    return Scenario(
        check="fairness.counterfactual_flip_rate",
        cells=[{"n": n, "rate": rate} for n in (30, 100, 1000) for rate in (0.01, 0.05, 0.2, 0.5)],
        every=every_binomial, truth=lambda cell: float(cell["rate"]),
        measure=lambda cell, turned: _flips(cell, int(turned), cell["n"]),
        rival=lambda cell, turned: wilson_pair(float(turned), cell["n"]), rival_name="Wilson", limits=("at_most",),
    )  # fmt: skip


# Label drift: shares of classes in training and evaluation rows.

_MOVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "none of two": ((0.3, 0.7), (0.3, 0.7)),
    "half to nine tenths": ((0.5, 0.5), (0.9, 0.1)),
    "rare doubles": ((0.98, 0.02), (0.96, 0.04)),
    "one of three": ((0.2, 0.3, 0.5), (0.4, 0.25, 0.35)),
    "two of ten": ((0.1,) * 10, (0.16, 0.04, *(0.1,) * 8)),
}


def _label_shares(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    before, after = _MOVES[cell["move"]]
    sides = ((cell["training"], before), (cell["n"], after))
    return np.stack([random.multinomial(n, shares, draws) for n, shares in sides], axis=1)


def _of_labels(counts: Any, roles: Roles) -> ColumnHistogram:
    labels = np.repeat(np.arange(len(counts)), counts)
    return ColumnHistogram.of(Block(start=0, roles=replace(roles, features=(), target="y"), columns={}, y_true=labels))


def _labels_drifted(_: Cell, seen: Any) -> Measurement:
    roles = BINARY if seen.shape[1] == 2 else classes(seen.shape[1])
    return outcomes.label_drift(_of_labels(seen[1], roles), _of_labels(seen[0], roles))


def _largest_move(cell: Cell) -> float:
    before, after = _MOVES[cell["move"]]
    return float(np.abs(np.subtract(after, before)).max())


def _wald_move(_: Cell, seen: Any) -> Interval | None:
    sizes = seen.sum(axis=1)
    shares = seen / sizes[:, None]
    worst = int(np.argmax(np.abs(shares[1] - shares[0])))
    chances = shares[:, worst]
    return wald(float(abs(chances[1] - chances[0])), float((chances * (1 - chances) / sizes).sum()))


def _label_drift() -> Scenario:
    return Scenario(
        check="drift.label_drift",
        cells=[
            {"n": n, "training": training, "move": move}
            for n, training in ((30, 30), (50, 1000), (300, 300), (1000, 5000), (10_000, 300))
            for move in _MOVES
        ],
        draw=_label_shares, truth=_largest_move, measure=_labels_drifted, rival=_wald_move,
        rival_name="Wald of the class that moved most", limits=("at_most",),
    )  # fmt: skip


# Scores of training and of evaluation rows: normal ones that have moved.

_MOVED: Sequence[Cell] = [
    {"n": n + training, "training": training, "moved": moved}
    for n, training in ((40, 40), (300, 300), (1000, 200), (200, 2000), (2000, 2000))
    for moved in (0.0, 0.3, 1.0, 2.0)
]


def _two_scores(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    scores = random.standard_normal((draws, cell["n"]))
    scores[:, : cell["training"]] += cell["moved"]
    return iter(expit(scores))


def _asked(cell: Cell, seen: Any) -> tuple[Probe, Sample]:
    """Evaluation rows with a model that answers with their feature, and training rows; the true class is 1."""
    training, evaluation = seen[: cell["training"]], seen[cell["training"] :]

    def ask(columns: Mapping[str, Column]) -> Answers:
        scores = columns["x"].values
        return Answers(labels=(scores > 0.5).astype(np.int64), scores=scores)

    rows, known = (sampled({"x": one}, np.ones(len(one), np.int64)) for one in (evaluation, training))
    return probed(rows, ask), known


def _members(cell: Cell) -> Any:
    return (np.arange(cell["n"]) < cell["training"]).astype(np.int64)


def _membership(check: Callable[..., Measurement], **more: Any) -> Scenario:
    return Scenario(
        check=f"privacy.{check.__name__}", cells=_MOVED, draw=_two_scores,
        measure=lambda cell, seen: check(*_asked(cell, seen)), limits=("at_most",), **more,
    )  # fmt: skip


def _naive_tpr(cell: Cell, seen: Any) -> Interval:
    """Wilson's limits of the training rows above the evaluation rows' 99th percentile, taken as it is."""
    training, evaluation = seen[: cell["training"]], seen[cell["training"] :]
    return wilson_pair(float((training > np.quantile(evaluation, 0.99)).sum()), len(training))


def _largest_gap(cell: Cell, seen: Any) -> Interval | None:
    return wald(*gap_at_its_place(seen[: cell["training"]], seen[cell["training"] :]))


def _prediction_drift() -> Scenario:
    return Scenario(
        check="drift.prediction_drift", cells=_MOVED, draw=_two_scores, limits=("at_most",),
        truth=lambda cell: float(2 * ndtr(cell["moved"] / 2) - 1),
        measure=lambda cell, seen: outcomes.prediction_drift(*_asked(cell, seen)), rival=_largest_gap,
        rival_name="Wald at the place of the largest gap",
    )  # fmt: skip


# Near overlap: copies of training rows that differ in one column, among rows that may be alike anyway.

# Values of the columns; copies differ in the last. Numbers below 128 are rounded to themselves.
_WIDTHS: Mapping[str, tuple[int, ...]] = {"few rows alike": (60, 60, 60, 4), "many rows alike": (20, 20, 1, 4)}


def _copied(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    sizes = _WIDTHS[cell["domain"]]
    training, evaluation = (
        np.stack([random.integers(0, size, (draws, n)) for size in sizes], axis=2)
        for n in (cell["training"], cell["n"])
    )
    source = random.integers(0, cell["training"], (draws, cell["n"]))
    copies = np.take_along_axis(training, source[:, :, None], axis=1)
    copies[:, :, -1] = random.integers(0, sizes[-1], (draws, cell["n"]))
    chosen = random.random((draws, cell["n"])) < cell["copied"]
    return iter(np.concatenate((training, np.where(chosen[:, :, None], copies, evaluation)), axis=1))


def _near(cell: Cell, seen: Any) -> Measurement:
    roles = replace(BINARY, features=("a", "b", "c", "d"), target="y")
    training, evaluation = (
        NearDigests.of(Block(
            start=0, roles=roles, y_true=np.zeros(len(rows), np.int64),
            columns={name: numbers(column) for name, column in zip(roles.features, rows.T, strict=True)},
        ))
        for rows in np.split(seen, [cell["training"]])
    )  # fmt: skip
    return leakage.near_overlap(evaluation, training)


def _near_truth(cell: Cell) -> float:
    """The largest, over what is left out, of the share found less the share with a twin."""
    sizes, n, found = _WIDTHS[cell["domain"]], cell["training"], [0.0]
    for left_out in (*range(len(sizes)), None):
        combinations = np.prod([size for place, size in enumerate(sizes) if place != left_out])
        strangers, twins = (float(1 - (1 - 1 / combinations) ** others) for others in (n, n - 1))
        # A copy meets its source where its last column is left out or happens to be the same, else only a stranger.
        met = 1.0 if left_out == len(sizes) - 1 else 1 / sizes[-1]
        copies = met + (1 - met) * twins
        found.append(cell["copied"] * copies + (1 - cell["copied"]) * strangers - twins)
    return max(found)


def _wald_near(cell: Cell, seen: Any) -> Interval | None:
    keys = seen[:, :3] @ (3600, 60, 1)
    found = float(np.isin(keys[cell["training"] :], keys[: cell["training"]]).mean())
    return wald(found, found * (1 - found) / cell["n"])


def _near_overlap() -> Scenario:
    return Scenario(
        check="leakage.near_overlap",
        cells=[
            {"n": n, "training": training, "domain": domain, "copied": copied}
            for n, training in ((50, 200), (300, 300), (1000, 1000))
            for domain in _WIDTHS
            for copied in (0.0, 0.02, 0.2)
        ],
        draw=_copied, truth=_near_truth, measure=_near, rival=_wald_near,
        rival_name="Wald of the share found without the last column", limits=("at_most",),
        numbers=lambda cell: 16 * (int(cell["n"]) + int(cell["training"])),
    )  # fmt: skip


# One feature that tells the label: the largest area of several.

_AREAS: Sequence[Cell] = [
    {"n": n, "rate": rate, "areas": areas}
    for n in (60, 300, 1000)
    for rate in (0.5, 0.1)
    for areas in ((0.5,) * 5, (0.5, 0.5, 0.7), (0.7, 0.7, 0.3), (0.9,))
]


def _features(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    shape = (draws, cell["n"])
    positive = random.random(shape) < cell["rate"]
    columns = [random.standard_normal(shape) + positive * (np.sqrt(2) * float(ndtri(area))) for area in cell["areas"]]
    return iter(np.stack((positive, *columns), axis=1))


def _told_by_one(_: Cell, seen: Any) -> Measurement:
    columns = {f"x{place}": column for place, column in enumerate(seen[1:])}
    return leakage.single_feature_auc(sampled(columns, seen[0].astype(np.int64)))


def _best_alone(_: Cell, seen: Any) -> Interval | None:
    """DeLong's limits of the feature that came out best, as if it had been the only one."""
    found = [delong(side * column, seen[0]) for column in seen[1:] for side in (1, -1)]
    return wald_logit(*max(found))


def _single_feature() -> Scenario:
    return Scenario(
        check="leakage.single_feature_auc", cells=_AREAS, draw=_features,
        truth=lambda cell: max(max(area, 1 - area) for area in cell["areas"]), measure=_told_by_one, rival=_best_alone,
        rival_name="DeLong on the logit, of the feature that came out best", limits=("at_most",),
        numbers=lambda cell: int(cell["n"]) * (len(cell["areas"]) + 1),
    )  # fmt: skip


ALL: Sequence[Scenario] = (
    _counterfactual(), _label_drift(), _prediction_drift(), _near_overlap(), _single_feature(),
    _membership(
        membership.membership_inference_auc, truth=lambda cell: float(ndtr(cell["moved"] / np.sqrt(2))),
        rival=lambda cell, seen: wald_logit(*delong(seen, _members(cell))), rival_name="DeLong on the logit",
    ),
    _membership(
        membership.membership_inference_tpr, truth=lambda cell: float(1 - ndtr(ndtri(0.99) - cell["moved"])),
        rival=_naive_tpr, rival_name="Wilson above the sample's own quantile",
    ),
)  # fmt: skip
