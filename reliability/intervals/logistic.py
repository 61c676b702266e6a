"""Logistic regression on one number, and its intervals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy.special import expit, logit, stdtrit

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Floats, Interval, Ints

_STEPS = 200
# Newton's steps shrink by squares: after one as small as this the next is lost in rounding.
_SMALLEST_STEP = 1e-8
_SMALLEST_HALVING = 1e-11
_SMALLEST_GAIN = 1e-18
_SMALLEST_SHARE = 1e-6  # of a reach
# An intercept is near the likeliest one where half of this at most can be gained: from there one step is enough.
_NEAR = 0.1
# The loss may seem to grow by this share of itself through rounding alone.
_ROUNDING = 1e-13
# Of a number: how much log likelihood is lost there, and how fast that grows.
_Told: TypeAlias = tuple[Floats, Floats, Floats]
_Loss: TypeAlias = Callable[[float], tuple[float, float]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """Rows by a number x: how many the event did not, and did, come true for.

    Attributes
    ----------
    x : ndarray of float64, shape (S,)
        The number, in ascending order.
    counts : ndarray of int64, shape (S, 2)
        Rows without the event, rows with it.
    """

    x: Floats
    counts: Ints

    @cached_property
    def without(self) -> Floats:
        """Rows without the event at every x."""
        return self.counts[:, 0].astype(np.float64)

    @cached_property
    def having(self) -> Floats:
        """Rows with the event at every x."""
        return self.counts[:, 1].astype(np.float64)

    @cached_property
    def rows(self) -> Floats:
        """Rows at every x."""
        return self.without + self.having

    @cached_property
    def n(self) -> int:
        """Rows."""
        return int(self.counts.sum())

    @cached_property
    def events(self) -> int:
        """Rows with the event."""
        return int(self.counts[:, 1].sum())

    def told(self, a: float, b: float) -> _Told:
        """At every x, by P(event) = expit(a + b x): log likelihood below 0, observed less expected events, variance."""
        # In place where it can be: what is made here is as long as the rows, and made often.
        distance = b * self.x
        distance += a
        above = distance > 0
        np.abs(distance, out=distance)
        small = np.negative(distance)
        np.exp(small, out=small)
        # log(1 + exp(z)) and log(1 + exp(-z)) in one, and neither can overflow.
        losses = np.log1p(small)
        losses *= self.rows
        distance *= np.where(above, self.without, self.having)
        losses += distance
        share = np.reciprocal(small + 1)
        small *= share
        variances = small * share
        variances *= self.rows
        np.copyto(small, share, where=above)
        small *= self.rows
        return losses, self.having - small, variances

    def residuals(self, a: float, b: float) -> tuple[Floats, Floats]:
        """Observed less expected events at every x, and the variance of that by the model."""
        p = expit(a + b * self.x)
        expected = self.rows * p
        return self.having - expected, expected * (1 - p)

    def squares(self, a: float, b: float) -> Floats:
        """Sum of (outcome - expected)^2 at every x."""
        p = expit(a + b * self.x)
        squares: Floats = self.having * (1 - p) ** 2 + self.without * p**2
        return squares


def fitted_intercept(outcomes: Outcomes, b: float, *, start: float = 0.0) -> float:
    """The a of P(event) = expit(a + b x) that makes the outcomes likeliest, b given.

    Parameters
    ----------
    outcomes : Outcomes
        Rows by x; some with the event and some without.
    b : float
        The slope.
    start : float, default 0.0
        Where the search begins.

    Returns
    -------
    float
        On the logit.

    Notes
    -----
    As many events are expected there as came true. Newton's steps, and halvings of where it must lie instead of steps
    that leave that or do not shrink by half.
    """
    # Were b x the same for all rows, a + b x would be the logit of the rate: so it is for the lowest or the highest.
    ends = logit(outcomes.events / outcomes.n) - b * outcomes.x[[0, -1]]
    low, high = float(ends.min()), float(ends.max())
    a = min(max(start, low), high)
    before = high - low
    for _ in range(_STEPS):
        residual, variance = (float(of.sum()) for of in outcomes.residuals(a, b))
        low, high = (a, high) if residual > 0 else (low, a)
        # Compared before it is divided: the variance is 0 where all expectations round to certainty.
        usual = abs(residual) < variance * min(before / 2, high - low)
        step = residual / variance if usual else (low + high) / 2 - a
        a, before = a + step, abs(step)
        if before <= (_SMALLEST_STEP if usual else _SMALLEST_HALVING):
            break
    return a


def fitted_line(outcomes: Outcomes) -> tuple[float, float]:
    """The a and b of P(event) = expit(a + b x) that make the outcomes likeliest.

    Parameters
    ----------
    outcomes : Outcomes
        Rows by x.

    Returns
    -------
    a, b : float
        Intercept and slope, on the logit.

    Raises
    ------
    NotMeasurable
        `separated` where no such pair is the likeliest: one x divides the rows with the event from those without.

    References
    ----------
    Albert, A. and Anderson, J. A. (1984), Biometrika 71, 1-10 (when there is none).
    """
    centred, middle = _centred(outcomes)
    (a, b), _ = _centred_line(centred)
    return a - b * middle, b


def slope_interval(outcomes: Outcomes, *, confidence: float) -> tuple[float, Interval]:
    """The slope of a logistic regression on x, with its interval.

    Parameters
    ----------
    outcomes : Outcomes
        Rows by x.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    value : float
        Slope that makes the outcomes likeliest.
    low, high : tuple of float
        Where the profile likelihood falls by what the confidence allows, see `intercept_interval`.

    Raises
    ------
    NotMeasurable
        `separated` where no slope is the likeliest.

    References
    ----------
    Venzon, D. J. and Moolgavkar, S. H. (1988), Applied Statistics 37, 87-94 (profile likelihood).
    """
    outcomes = _centred(outcomes)[0]
    (a, b), (least, _, variance) = _centred_line(outcomes)
    centre, information = _leverage(outcomes, variance)
    robust = float(((outcomes.x - centre) ** 2 * outcomes.squares(a, b)).sum()) * outcomes.n / (outcomes.n - 2)
    allowed = _allowed(outcomes, confidence, robust / information)
    return b, _ends(lambda: _Profile(outcomes, least, (a, b, -centre)), b, allowed, information)


class _Profile:
    """What is lost at a slope, with the likeliest intercept there: one step to it from where the last slope led."""

    def __init__(self, outcomes: Outcomes, least: Floats, start: tuple[float, float, float]) -> None:
        self._outcomes, self._least = outcomes, least
        self._intercept, self._slope, self._tilt = start

    def __call__(self, slope: float) -> tuple[float, float]:
        intercept = self._intercept + self._tilt * (slope - self._slope)
        losses, residuals, score, variance, tilt = self._told(intercept, slope)
        if score * score > _NEAR * variance:
            intercept = fitted_intercept(self._outcomes, slope, start=intercept)
            losses, residuals, score, variance, tilt = self._told(intercept, slope)
        step = score / variance if variance else 0.0
        self._intercept, self._slope, self._tilt = intercept + step, slope, tilt
        # The likeliest intercept loses less by the square that is left to it, and the loss grows along its way.
        lost = float((losses - self._least).sum()) - score * step / 2
        return lost, -float((residuals * self._outcomes.x).sum()) - score * tilt

    def _told(self, intercept: float, slope: float) -> tuple[Floats, Floats, float, float, float]:
        losses, residuals, variances = self._outcomes.told(intercept, slope)
        variance = float(variances.sum())
        tilt = -float((variances * self._outcomes.x).sum()) / variance if variance else self._tilt
        return losses, residuals, float(residuals.sum()), variance, tilt


def intercept_interval(outcomes: Outcomes, *, confidence: float) -> tuple[float, Interval]:
    """The intercept of a logistic regression with x as it is (slope 1), with its interval.

    Parameters
    ----------
    outcomes : Outcomes
        Rows by x; some with the event and some without.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    value : float
        Intercept that makes the outcomes likeliest.
    low, high : tuple of float
        Where the likelihood falls by what the confidence allows.

    Notes
    -----
    Half the squared quantile of Student's t at 2 r - 2 degrees of freedom, r the rows of the rarer outcome, times the
    variance that the residuals show over that which the model says where the former is larger: outcomes need not
    follow the model for the interval to hold.

    References
    ----------
    Royall, R. and Tsou, T.-S. (2003), Journal of the Royal Statistical Society B 65, 391-404 (robust likelihood).
    """
    a = fitted_intercept(outcomes, 1.0)
    least, _, variance = outcomes.told(a, 1.0)
    information = float(variance.sum())
    robust = float(outcomes.squares(a, 1.0).sum()) * outcomes.n / (outcomes.n - 1)

    def _lost(intercept: float) -> tuple[float, float]:
        losses, residuals, _ = outcomes.told(intercept, 1.0)
        return float((losses - least).sum()), -float(residuals.sum())

    allowed = _allowed(outcomes, confidence, robust / information)
    return a, _ends(lambda: _lost, a, allowed, information)


def _centred(outcomes: Outcomes) -> tuple[Outcomes, float]:
    """With x from the middle of the rows: numbers that lie close together are not lost beside what they share."""
    middle = float((outcomes.rows * outcomes.x).sum()) / outcomes.n
    return replace(outcomes, x=outcomes.x - middle), middle


def _centred_line(outcomes: Outcomes) -> tuple[tuple[float, float], _Told]:
    """The likeliest a and b, and what is told of the rows there."""
    without, having = (outcomes.x[rows > 0] for rows in (outcomes.without, outcomes.having))
    if without.max() <= having.min() or having.max() <= without.min():
        raise NotMeasurable("separated")
    rate = float(logit(outcomes.events / outcomes.n))
    # A number that is the logit of a score has a slope near 1; of any other nothing is known.
    starts = [(slope, outcomes.told(rate, slope)) for slope in (0.0, 1.0)]
    b, (losses, residual, variance) = min(starts, key=lambda start: float(start[1][0].sum()))
    a = rate
    for _ in range(_STEPS):
        centre, information = _leverage(outcomes, variance)
        if not information:
            raise NotMeasurable("separated")
        score, total = float(residual.sum()), float(variance.sum())
        slope = float((residual * (outcomes.x - centre)).sum()) / information
        step = score / total - centre * slope
        size, before, rounding = 1.0, losses, _ROUNDING * float(losses.sum())
        while ((told := outcomes.told(a + size * step, b + size * slope))[0] - before).sum() > rounding:
            size /= 2
        a, b = a + size * step, b + size * slope
        losses, residual, variance = told
        if slope * slope * information + score * score / total <= _SMALLEST_GAIN:
            break
    return (a, b), (losses, residual, variance)


def _leverage(outcomes: Outcomes, variance: Floats) -> tuple[float, float]:
    """Mean of x by the model's variances, and the information on the slope whatever the intercept."""
    centre = float((variance * outcomes.x).sum()) / float(variance.sum())
    return centre, float((variance * (outcomes.x - centre) ** 2).sum())


def _allowed(outcomes: Outcomes, confidence: float, ratio: float) -> float:
    """How much log likelihood may be lost within the limits."""
    rarer = min(outcomes.events, outcomes.n - outcomes.events)
    return float(stdtrit(max(1, 2 * rarer - 2), 0.5 + confidence / 2)) ** 2 / 2 * max(1.0, ratio)


def _ends(begun: Callable[[], _Loss], value: float, allowed: float, information: float) -> Interval:
    """Where the loss reaches what is allowed, on either side of the value that loses nothing.

    The loss is convex: a step of Newton's leads beyond the limit at most once, and from there on towards it.
    """
    reach = float(np.sqrt(2 * allowed / information))
    ends = []
    for at in (value - reach, value + reach):
        lost = begun()
        for _ in range(_STEPS):
            loss, growth = lost(at)
            step = (allowed - loss) / growth
            at += step
            if abs(step) <= _SMALLEST_SHARE * reach:
                break
        ends.append(at)
    return ends[0], ends[1]
