"""Remedies on scores: probabilities that come true as often as they say, for all rows or group by group."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from reliability.advise.aims import Aim
from reliability.advise.levels import codes_in, levels_of, slice_of
from reliability.advise.mapping import scored, scores_of
from reliability.advise.remedies import Changed, Ground, NotTried, Remedy, Rows, Tried
from reliability.blocks import Bools, Floats
from reliability.evidence.probe import Answers
from reliability.records import Json

Curve: TypeAlias = tuple[Callable[[Floats], Floats], dict[str, Json]]
Fitted: TypeAlias = Callable[[Floats, Bools], Curve]
SMALLEST_GROUP = 100  # rows of a group, below which it has no curve of its own
_EDGE = 1e-6
_MENDED = ("calibration.", "performance.brier_score", "performance.log_loss")
_BY_GROUP = ("fairness.calibration_difference", "calibration.", "performance.brier_score", "performance.log_loss")


def score_remedies(aim: Aim, attributes: tuple[tuple[str, ...], ...]) -> tuple[Remedy, ...]:
    """Recalibrations that may mend what the aim is about; `attributes` are those that there are."""
    found: list[Remedy] = []
    for way in CURVES:
        if aim.check.startswith(_MENDED):
            found.append(_remedy(way, (), _MENDED))
        if aim.check.startswith(_BY_GROUP):
            found += [_remedy(way, by, _BY_GROUP) for by in ((aim.by,) if aim.by else attributes)]
    return tuple(found)


def _remedy(way: str, by: tuple[str, ...], mends: tuple[str, ...]) -> Remedy:
    return Remedy(
        name="recalibration_by_group" if by else "recalibration", acts_on="scores", mends=mends,
        options={"way": way, "attributes": list(by)} if by else {"way": way},
        cautions=("attribute_at_decision_time",) if by else (),
        learn=(lambda ground: _by_group(ground, way, by)) if by else (lambda ground: _whole(ground, way)),
    )  # fmt: skip


def _whole(ground: Ground, way: str) -> Tried | NotTried:
    taught = scored(ground)
    if isinstance(taught, NotTried):
        return taught
    curve, told = CURVES[way](taught.scores, taught.positive)
    today = ground.ask

    def changed(rows: Rows) -> Changed:
        # Decisions stay: a rising curve carries its threshold along.
        return Changed(predicted=rows.predicted, scores=curve(scores_of(rows)))

    def ask(columns: Mapping[str, Any]) -> Answers:
        assert today is not None  # noqa: S101  (only asked where there is a model)
        answers = today(columns)
        return Answers(labels=answers.labels, scores=curve(scores_of(answers)))

    return Tried(changed=changed, ask=None if today is None else ask, details=told)


def _by_group(ground: Ground, way: str, by: tuple[str, ...]) -> Tried | NotTried:
    taught = scored(ground)
    if isinstance(taught, NotTried):
        return taught
    levels, codes = levels_of(taught.rows.groups, by)
    curves, told = {}, []
    for place, level in enumerate(levels):
        rows = codes == place
        came = taught.positive[rows]
        if rows.sum() >= SMALLEST_GROUP and 0 < came.mean() < 1:
            curves[level], own = CURVES[way](taught.scores[rows], came)
            told.append({"slice": slice_of(by, level), **own})
    if not curves:
        return NotTried(code="groups_too_small", values={"minimum": SMALLEST_GROUP})
    rest, _ = CURVES[way](taught.scores, taught.positive)

    def changed(asked: Rows) -> Changed:
        scores = scores_of(asked)
        made = rest(scores)
        own = codes_in(tuple(curves), asked.groups, by)
        for place, curve in enumerate(curves.values()):
            made[own == place] = curve(scores[own == place])
        return Changed(predicted=asked.predicted, scores=made)

    return Tried(changed=changed, details={"groups": told})


def platt(scores: Floats, came: Bools) -> Curve:
    """A logistic curve on the log odds (Platt 1999), level where it would fall."""
    return _rising(came, *_logistic(scores, came, lambda values: _log_odds(values)[:, None], ("slope",)))


def beta(scores: Floats, came: Bools) -> Curve:
    """Beta calibration (Kull, Silva Filho and Flach 2017): two slopes, neither falling; level where both would."""

    def both(values: Floats) -> Floats:
        return np.column_stack([np.log(_inside(values)), -np.log1p(-_inside(values))])

    curve, told = _logistic(scores, came, both, ("a", "b"))
    falling = next((place for place, name in enumerate(("a", "b")) if float(told[name]) < 0), None)
    if falling is None:
        return curve, told
    kept = 1 - falling
    return _rising(came, *_logistic(scores, came, lambda values: both(values)[:, [kept]], ("ab"[kept],)))


def isotonic(scores: Floats, came: Bools) -> Curve:
    """The rising steps nearest to what came true (Zadrozny and Elkan 2002)."""
    from sklearn.isotonic import IsotonicRegression

    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, came * 1.0)
    return _asked(steps.predict), {"steps": len(steps.X_thresholds_)}


def _logistic(scores: Floats, came: Bools, made: Callable[[Floats], Floats], names: tuple[str, ...]) -> Curve:
    from sklearn.linear_model import LogisticRegression

    # Almost unpenalised: what is learnt is two or three numbers.
    model = LogisticRegression(C=1e6, max_iter=1000).fit(made(scores), came)
    told = dict(zip(names, model.coef_[0].tolist(), strict=True)) | {"intercept": float(model.intercept_[0])}
    return _asked(lambda values: model.predict_proba(made(values))[:, 1]), told


def _asked(answer: Callable[[Floats], Any]) -> Callable[[Floats], Floats]:
    """What scikit-learn answers; it refuses to answer no rows, and a group may have none."""
    return lambda values: np.asarray(answer(values) if len(values) else values, np.float64)


def _rising(came: Bools, curve: Callable[[Floats], Floats], told: dict[str, Json]) -> Curve:
    """The curve of one slope; where it falls, the share that came true: a falling one would turn the ranking round."""
    (slope,) = (name for name in told if name != "intercept")
    if float(told[slope]) >= 0:
        return curve, told
    share = float(came.mean())
    level = {slope: 0.0, "intercept": float(np.log(share / (1 - share)))}
    return (lambda values: np.full(len(values), share)), level


def _inside(scores: Floats) -> Floats:
    return np.clip(scores, _EDGE, 1 - _EDGE)


def _log_odds(scores: Floats) -> Floats:
    inside = _inside(scores)
    return np.log(inside) - np.log1p(-inside)


CURVES: Mapping[str, Fitted] = {"platt": platt, "isotonic": isotonic, "beta": beta}
