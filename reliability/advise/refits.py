"""Remedies that fit the submitted model anew: weighed rows, fairlearn's reductions, other columns, rows or settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from reliability.advise import training_rows
from reliability.advise.aims import Aim
from reliability.advise.copies import Columns, Copies, Prepared, tried
from reliability.advise.levels import Level, levels_of, slice_of
from reliability.advise.remedies import Ground, NotTried, Remedy, Tried
from reliability.blocks import Block, Bools, Floats, Ints
from reliability.errors import WorkerError
from reliability.records import Json
from reliability.worker.parent import ModelSpec
from reliability.worker.refit import Constraint, How, Reduction

MOST_ROWS = 20_000  # of training that a reduction is fitted to: it fits them many times over
FOLDS = 3
MOST_PROXIES = 3
_SMALLEST = 30
_REDUCTIONS: tuple[Reduction, ...] = ("exponentiated_gradient", "grid_search")
# What each constraint speaks of, by how names of checks begin.
CONSTRAINTS: Mapping[Constraint, tuple[str, ...]] = {
    "demographic_parity": (
        "fairness.selection_rate", "fairness.standardized_selection_rate", "fairness.mantel_haenszel",
        "fairness.scoring_rate", "fairness.mean_prediction",
    ),
    "equalized_odds": (
        "fairness.true_positive", "fairness.false_", "fairness.equalized_odds", "fairness.positive_predictive",
    ),
    "bounded_group_loss": (
        "fairness.mean_error", "fairness.mean_absolute_error", "fairness.roc_auc", "fairness.calibration",
        "fairness.generalized_entropy", "fairness.between_group", "fairness.theil", "performance.segment_",
        "performance.weakest_slice",
    ),
}  # fmt: skip
_OF_GROUPS = tuple(start for starts in CONSTRAINTS.values() for start in starts if start.startswith("fairness."))
_OF_LABELS = ("performance.", "calibration.")
# Checks that name features, and whether those bear on how groups fare.
_NAMING: Mapping[str, bool] = {
    "leakage.single_feature_auc": False,
    "leakage.identifier_auc": False,
    "leakage.near_overlap": False,
    "fairness.barred_inputs": True,
    "fairness.proxy_auc": True,
    "explanation.unused_features": False,
    "explanation.largest_feature_share": False,
    "privacy.identifier_columns": False,
    "data_quality.identifier_columns": False,
    "data_quality.constant_columns": False,
}
_REMOVED: Mapping[str, tuple[str, ...]] = {
    "without_duplicates": ("data_quality.duplicate_rows", *_OF_LABELS),
    "without_contradictions": ("data_quality.contradictory_labels", *_OF_LABELS, *_OF_GROUPS),
    "without_mislabelled": (
        "data_quality.disputed_labels", "data_quality.labels_disputed_by_linear_model", *_OF_LABELS, *_OF_GROUPS,
    ),
}  # fmt: skip
_MISSING = (
    "robustness.missing_value_consistency", "data_quality.feature_completeness", "data_quality.value_completeness",
    "data_quality.group_missing_gap", *_OF_LABELS,
)  # fmt: skip
_BY_HEART = (
    "privacy.membership_inference", "robustness.noise", "robustness.rounding", "robustness.attack",
    "robustness.accuracy_drop", "robustness.auc_drop", *_OF_LABELS,
)  # fmt: skip

Prepare: TypeAlias = Callable[[Block, ModelSpec, int], Prepared | NotTried]


def refit_remedies(aims: Sequence[Aim], ground: Ground, copies: Copies) -> tuple[Remedy, ...]:
    """Remedies by refits that may mend one of the aims, each once, those that take longest last."""
    checks = {check for aim in aims for check in aim.checks}
    found = [one for one in _every(aims, ground, copies) if any(map(one.mends_check, checks))]
    return tuple(sorted(found, key=lambda one: one.name in _REDUCTIONS))


def _every(aims: Sequence[Aim], ground: Ground, copies: Copies) -> Iterator[Remedy]:
    attributes = tuple(dict.fromkeys(aim.by for aim in aims if aim.by and aim.check.startswith(_OF_GROUPS)))
    for by in attributes:
        yield _remedy("reweighing", _reweighed(by), copies, mends=_OF_GROUPS, options={"attributes": list(by)},
                      cautions=("attribute_in_training",))  # fmt: skip
    for columns, mends in _columns(aims, ground, attributes).items():
        yield _remedy("without_columns", _without(columns), copies, mends=mends, options={"columns": list(columns)})
    for name, mends in _REMOVED.items():
        yield _remedy(name, _removing(name, copies), copies, mends=mends, acts_on="data",
                      cautions=("rows_to_be_checked",) if name == "without_mislabelled" else ())  # fmt: skip
    asked = any(check.startswith(_MISSING[0]) for aim in aims for check in aim.checks)
    yield _remedy("missing_filled", _filling(asked=asked), copies, mends=_MISSING, acts_on="data")
    yield _remedy("monotone", _monotone, copies, mends=("robustness.monotonicity_violations",))
    yield _remedy("regularised", _regularised, copies, mends=_BY_HEART)
    yield from _reductions(aims, copies)


def _reductions(aims: Sequence[Aim], copies: Copies) -> Iterator[Remedy]:
    wanted = [(constraint, aim.by) for aim in aims if aim.by for constraint in _constraint_of(aim.check)]
    for constraint, by in dict.fromkeys(wanted):
        for reduction in _REDUCTIONS:
            yield _remedy(
                reduction, _reduced(reduction, constraint, by), copies, mends=CONSTRAINTS[constraint],
                options={"attributes": list(by), "constraint": constraint}, cautions=("attribute_in_training",),
            )  # fmt: skip


def _constraint_of(check: str) -> tuple[Constraint, ...]:
    return tuple(one for one, starts in CONSTRAINTS.items() if check.startswith(starts))[:1]


def _remedy(
    name: str, prepare: Prepare, copies: Copies, *, mends: tuple[str, ...], acts_on: Any = "model",
    options: Mapping[str, Json] | None = None, cautions: tuple[str, ...] = (),
) -> Remedy:  # fmt: skip
    def learn(ground: Ground) -> Tried | NotTried:
        if ground.training is None or ground.model is None:
            return NotTried(code="no_training_data" if ground.training is None else "no_model")
        try:
            prepared = prepare(ground.training, ground.model, ground.seed)
            return prepared if isinstance(prepared, NotTried) else tried(ground, prepared, copies)
        except WorkerError as failed:
            return NotTried(code=failed.code, values=failed.plain_values())

    return Remedy(name=name, acts_on=acts_on, mends=mends, learn=learn, options=options or {}, cautions=cautions)


def _grouped(rows: Block, by: Sequence[str]) -> tuple[tuple[Level, ...], Ints] | NotTried:
    """Groups that are large enough and have every label; rows of others have place -1."""
    if not set(by) <= set(rows.groups):
        return NotTried(code="no_training_groups", values={"attributes": list(by)})
    levels, codes = levels_of(rows.groups, by)
    labels = np.unique(rows.y_true) if rows.roles.task != "regression" else ()
    for place in range(len(levels)):
        ours = rows.y_true[codes == place]
        if len(ours) < _SMALLEST or not np.isin(labels, ours).all():
            codes = np.where(codes == place, -1, codes)
    if len(np.unique(codes[codes >= 0])) < 2:
        return NotTried(code="fewer_than_two_groups", values={"minimum": _SMALLEST})
    return levels, codes


def _reweighed(by: tuple[str, ...]) -> Prepare:
    def prepare(rows: Block, _spec: ModelSpec, seed: int) -> Prepared | NotTried:
        if rows.roles.task == "regression":
            return NotTried(code="needs_classification")
        grouped = _grouped(rows, by)
        if isinstance(grouped, NotTried):
            return grouped
        levels, codes = grouped
        weights = training_rows.reweighing(rows.y_true, codes)
        told = [
            {"slice": slice_of(by, levels[place]), "label": rows.roles.classes[label],
             "weight": float(weights[(codes == place) & (rows.y_true == label)][0])}
            for place in np.unique(codes[codes >= 0]).tolist() for label in np.unique(rows.y_true).tolist()
        ]  # fmt: skip
        return Prepared(how=How(seed=seed), weights=weights, details={"weights": told})

    return prepare


def _reduced(reduction: Reduction, constraint: Constraint, by: tuple[str, ...]) -> Prepare:
    def prepare(rows: Block, _spec: ModelSpec, seed: int) -> Prepared | NotTried:
        grouped = _grouped(rows, by)
        if isinstance(grouped, NotTried):
            return grouped
        codes = grouped[1]
        kept = _sampled(codes >= 0, seed)
        how = How(reduction=reduction, constraint=constraint, seed=seed)
        told: dict[str, Json] = {"rows": int(kept.sum()), "engine": "fairlearn", "max_iter": how.max_iter}
        if reduction == "grid_search":
            told = {"rows": told["rows"], "engine": "fairlearn", "grid_size": how.grid_size}
        return Prepared(how=how, kept=kept, groups=codes, details=told)

    return prepare


def _sampled(rows: Bools, seed: int) -> Bools:
    places = np.flatnonzero(rows)
    if len(places) <= MOST_ROWS:
        return rows
    taken: Bools = np.zeros(len(rows), np.bool_)
    taken[np.random.default_rng(seed).choice(places, MOST_ROWS, replace=False)] = True
    return taken


def _columns(
    aims: Sequence[Aim], ground: Ground, attributes: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Features to do without, and what that may mend: those that checks name, that leak, or that give a group away."""
    features, found = ground.roles.features, dict[tuple[str, ...], tuple[str, ...]]()

    def add(names: Sequence[str], mends: tuple[str, ...]) -> None:
        columns = training_rows.listed(names, features)
        # Never all of them: nothing would be left to decide by.
        if columns and len(columns) < len(features):
            found[columns] = tuple(dict.fromkeys((*found.get(columns, ()), *mends)))

    for aim in aims:
        if aim.check in _NAMING:
            names = _named(aim)
            add(names, (aim.check, *(_OF_GROUPS if _NAMING[aim.check] else ())))
        if aim.check == "fairness.counterfactual_flip_rate":
            add(aim.by, (aim.check, *_OF_GROUPS))
    names = _leaking(ground)
    for few in (names[:1], names):
        add(few, (*_OF_LABELS, "drift.concept_shift"))
    for by in attributes:
        names = _giving_away(ground, by)
        for few in (names[:1], names):
            add(few, _OF_GROUPS)
    return found


def _named(aim: Aim) -> list[str]:
    """Features that a check names: all that are beyond its limit by themselves, where it has a number for each."""
    details, most = aim.number.details, aim.criterion.at_most
    one = [str(details["column"])] if isinstance(details.get("column"), str) else []
    ranked = details.get("features")
    if isinstance(ranked, list) and most is not None and aim.check != "explanation.unused_features":
        over = [str(each["column"]) for each in ranked if isinstance(each, dict) and float(each["value"]) > most]
        return list(dict.fromkeys([*one, *over]))
    several = [each for key in ("names", "columns") for each in details.get(key) or ()]
    return one or [str(each["column"]) if isinstance(each, dict) else str(each) for each in several]


def _leaking(ground: Ground) -> list[str]:
    rows, answered = ground.training, ground.answered
    if rows is None or answered is None or rows.roles.task == "regression":
        return []
    taught, decided = ({name: one.columns[name] for name in ground.roles.features} for one in (rows, answered))
    return [name for name, _ in training_rows.leaks(taught, rows.y_true, decided, answered.y_true)]


def _giving_away(ground: Ground, by: Sequence[str]) -> list[str]:
    rows = ground.training
    if rows is None or not set(by) <= set(rows.groups):
        return []
    given = {name: rows.columns[name] for name in ground.roles.features}
    return [name for name, _ in training_rows.proxies(given, levels_of(rows.groups, by)[1])[:MOST_PROXIES]]


def _without(columns: tuple[str, ...]) -> Prepare:
    def prepare(rows: Block, spec: ModelSpec, seed: int) -> Prepared | NotTried:
        found = {name: training_rows.usual(rows.columns[name]) for name in columns}
        usual = {name: one for name, one in found.items() if one is not None}
        if len(usual) < len(columns):
            return NotTried(code="nothing_to_change")

        def shown(given: Columns) -> Columns:
            # The model still wants the column; one value for all tells it nothing.
            n = len(next(iter(given.values())))
            return {name: training_rows.held(usual[name], n) if name in usual else given[name] for name in spec.inputs}

        left = tuple(name for name in rows.roles.features if name not in columns)
        return Prepared(how=How(seed=seed), shown=shown, features=left)

    return prepare


def _removing(name: str, copies: Copies) -> Prepare:
    def prepare(rows: Block, spec: ModelSpec, seed: int) -> Prepared | NotTried:
        if name != "without_duplicates" and rows.roles.task == "regression":
            return NotTried(code="needs_classification")
        given = {one: rows.columns[one] for one in spec.inputs}
        gone: Bools | NotTried
        if name == "without_mislabelled":
            gone = _disputed(rows, spec, seed, copies)
        elif name == "without_duplicates":
            gone = training_rows.repeated(given, rows.y_true)
        else:
            gone = training_rows.contradicted(given, rows.y_true)
        if isinstance(gone, NotTried):
            return gone
        if not gone.any():
            return NotTried(code="nothing_to_change")
        return Prepared(how=How(seed=seed), kept=~gone, mended=True, details={"removed": int(gone.sum()), "of": rows.n})

    return prepare


def _disputed(rows: Block, spec: ModelSpec, seed: int, copies: Copies) -> Bools | NotTried:
    """Rows whose label is disputed by copies that were fitted to others."""
    fold = np.random.default_rng(seed).permutation(rows.n) % FOLDS
    scores: Floats = np.zeros((rows.n, len(rows.roles.classes)))
    given = {name: rows.columns[name] for name in spec.inputs}
    with copies.opened(spec) as refit:
        for one in range(FOLDS):
            taught, asked = fold != one, fold == one
            refit.fit({name: column.take(taught) for name, column in given.items()}, rows.y_true[taught],
                      how=How(seed=seed))  # fmt: skip
            told = refit.predict({name: column.take(asked) for name, column in given.items()}).scores
            if told is None:
                return NotTried(code="no_scores")
            scores[asked] = _of_every_class(told, rows)
    return training_rows.disputed(scores, rows.y_true)


def _of_every_class(scores: Floats, rows: Block) -> Floats:
    if scores.ndim == 2:
        return scores
    positive = 1 if rows.roles.positive is None else rows.roles.positive
    return np.column_stack([scores, 1 - scores] if positive == 0 else [1 - scores, scores])


def _filling(*, asked: bool) -> Prepare:
    """Cells without a value filled; where none is empty, only if the model is asked about such."""

    def prepare(rows: Block, spec: ModelSpec, seed: int) -> Prepared | NotTried:
        usual = {name: training_rows.usual(rows.columns[name]) for name in spec.inputs}
        gaps = [name for name in spec.inputs if rows.columns[name].missing.any() and usual[name] is not None]

        def shown(given: Columns) -> Columns:
            return {name: training_rows.filled(given[name], usual[name]) for name in spec.inputs}

        if not gaps and not asked:
            return NotTried(code="nothing_to_change")
        return Prepared(how=How(seed=seed), shown=shown, details={"columns": gaps})

    return prepare


def _monotone(rows: Block, spec: ModelSpec, seed: int) -> Prepared | NotTried:
    declared = rows.roles.monotone
    directions = {name: 1 if one == "increasing" else -1 for name, one in declared.items() if name in spec.inputs}
    if not directions:
        return NotTried(code="no_monotone")
    return Prepared(how=How(monotone=directions, seed=seed), details={"columns": list(directions)})


def _regularised(_rows: Block, _spec: ModelSpec, seed: int) -> Prepared | NotTried:
    return Prepared(how=How(regularised=True, seed=seed))
