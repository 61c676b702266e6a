"""Intervals of what is read from the order of scores."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import ndtri, stdtrit

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Floats, Interval, Ints
from reliability.intervals.bisection import bisected
from reliability.intervals.means import further_value
from reliability.intervals.proportions import clopper_pearson

# With one row of a class nothing tells how much its rows differ.
FEWEST_OF_A_CLASS = 2
# Below it the coverage of an average precision's interval was found to break down.
FEWEST_FOR_PRECISION = 10
# Below it so does that of a change of an area.
FEWEST_FOR_CHANGE = 10
# What rounding leaves of a variance of 0.
_NO_VARIANCE = 1e-20


def auc_interval(counts: Ints, *, confidence: float) -> Interval:
    """Interval of the area under the ROC curve that keeps its coverage next to 1 and with few rows of a class.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by distinct score, ascending: not positive, positive.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [0, 1].

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` where a class has fewer than two rows.

    Notes
    -----
    A limit L solves (A - L)^2 = max(t^2, k^2 D / V(A)) V(L). V is the variance of Newcombe's method 5, which is taken
    at the limit and so never vanishes, but rests on a model of the scores; D is DeLong's variance, which needs no
    model but collapses next to 1: the wider of both, with the shape of the first. t has the Welch-Satterthwaite degrees
    of freedom of D's two parts (rows of each class less one); k has fewer where the parts are heavy-tailed: a variance
    estimated from n values of kurtosis b is worth 2 / ((b - 1) / n + 2 / (n (n - 1))) of them, at most n - 1.

    References
    ----------
    Newcombe, R. G. (2006), Statistics in Medicine 25, 559-573 (method 5);
    DeLong, E. R. et al. (1988), Biometrics 44, 837-845;
    Satterthwaite, F. E. (1946), Biometrics Bulletin 2, 110-114.

    Examples
    --------
    >>> low, high = auc_interval(np.array([[20, 2], [8, 8], [2, 20]]), confidence=0.95)
    >>> round(low, 2), round(high, 2)
    (0.75, 0.94)
    """
    negatives, positives = totals = tuple(counts.sum(axis=0).tolist())
    if min(totals) < FEWEST_OF_A_CLASS:
        raise NotMeasurable("too_few_for_interval", n=min(totals), needed=FEWEST_OF_A_CLASS)
    placed = _placements(counts, negatives, positives)
    auc = float((placed[1] * counts[:, 1]).sum() / positives)
    parts = [_Part.of(placed[of], counts[:, of], auc) for of in (0, 1)]
    delong = sum(part.variance for part in parts)
    t, k = (_quantile(parts, heavy=heavy, confidence=confidence) for heavy in (False, True))
    modelled = _newcombe(auc, negatives, positives)
    factor = max(t * t, k * k * delong / modelled) if modelled > 0 else t * t

    def _inside(limit: float) -> bool:
        return (auc - limit) ** 2 <= factor * _newcombe(limit, negatives, positives)

    return bisected(_inside, inside=auc, outside=0.0), bisected(_inside, inside=auc, outside=1.0)


def area_change_interval(moved: tuple[Floats, Floats], *, confidence: float) -> Interval:
    """Interval of how much of an area under the ROC curve is lost when the same rows get other scores.

    Parameters
    ----------
    moved : tuple of two ndarrays of float64
        Of every row, not positive and positive, its placement value before less that after: the share of rows of the
        other class that it is ranked rightly against, in [0, 1]. The mean over either class is the loss.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [-1, 1].

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` where a class has fewer than ten rows.

    Notes
    -----
    Student's t on DeLong's variance of the difference of two areas of the same rows: variance over rows of either
    class, added, at Welch's and Satterthwaite's degrees of freedom. A limit takes one further row of either class in,
    which moves that way as far as `further_value` expects, at most 1: few rows of a class lose much, and the sample
    may have met none of them. Without it the upper limit errs in 5 to 16 % where a class has 10 to 30 rows and the area
    was next to 1.

    References
    ----------
    DeLong, E. R. et al. (1988), Biometrics 44, 837-845 (two correlated areas);
    Satterthwaite, F. E. (1946), Biometrics Bulletin 2, 110-114;
    Learned-Miller, E. and Thomas, P. S. (2019), arXiv:1905.06208 (a further value at the bound).

    Examples
    --------
    >>> lost = np.array([0.0, 0.1, 0.0, 0.3, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0])
    >>> low, high = area_change_interval((lost, lost[::-1]), confidence=0.95)
    >>> round(low, 2), round(high, 2)
    (-0.04, 0.5)
    """
    fewest = min(map(len, moved))
    if fewest < FEWEST_FOR_CHANGE:
        raise NotMeasurable("too_few_for_interval", n=fewest, needed=FEWEST_FOR_CHANGE)
    worse, better = (_further_end([sign * part for part in moved], confidence) for sign in (-1, 1))
    return max(-1.0, -worse), min(1.0, better)


def average_precision_interval(counts: Ints, *, confidence: float) -> Interval:
    """Interval of the average precision of rows drawn together, so that the share of positive rows varies too.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by distinct score, ascending: not positive, positive.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [0, 1].

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` where a class has fewer than ten rows.

    Notes
    -----
    Clopper-Pearson limits of a proportion of w rows, w = a (1 - a) / v (z / k)^2, at most P^2 / 4 and n / 2 (P positive
    rows of n). v is the infinitesimal jackknife's variance of the estimate a, k the t quantile at what
    a variance of so heavy tails is worth, at most P - 1 degrees of freedom. The lower limit starts from the precision
    among the *other* rows at or above each positive one, as that every positive row stands in its own precision lifts a
    by about 1 / P; and it has w (1 - 1 / P) rows, without which 3.1 % of systems passed at their limit where ten
    positive rows were the least that is judged. It is no higher than that of a perfect ranking of as many positive
    rows, which is worth P rows: a mistake would raise it, as it brings a little variance where there was none.

    References
    ----------
    Boyd, K., Eng, K. H. and Page, C. D. (2013), ECML PKDD, LNCS 8190, 451-466; Jaeckel, L. A. (1972), Bell Laboratories
    Memorandum MM 72-1215-11 (infinitesimal jackknife); Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24,
    193-201 (effective rows).
    """
    totals = counts.sum(axis=0).tolist()
    if min(totals) < FEWEST_FOR_PRECISION:
        raise NotMeasurable("too_few_for_interval", n=min(totals), needed=FEWEST_FOR_PRECISION)
    (positives, n), found = (totals[1], sum(totals)), _precisions(counts)
    mean = float((counts[:, 1] * found.precision).sum()) / positives
    others = float((counts[:, 1] * found.among_others).sum()) / positives
    squares = found.influence(mean) ** 2
    weighted = counts * squares
    second, fourth = float(weighted.sum()) / n, float((weighted * squares).sum()) / n
    worth, degrees = float(positives), float(positives - 1)
    if second > _NO_VARIANCE:
        worth = mean * (1 - mean) * positives**2 * (n - 1) / (n * n * second)
        degrees = min(2 / ((fourth / second**2 - 1) / n + 2 / (n * (n - 1))), degrees)
    shrink, least = (
        float(ndtri(0.5 + confidence / 2) / stdtrit(one, 0.5 + confidence / 2)) ** 2 for one in (degrees, positives - 1)
    )
    worth = min(worth * shrink, positives**2 / 4, n / 2)
    fewer, perfect = (rows * (1 - 1 / positives) for rows in (worth, positives * least))
    low, _ = clopper_pearson(others * fewer, fewer, confidence=confidence)
    _, high = clopper_pearson(mean * worth, worth, confidence=confidence)
    return min(low, clopper_pearson(perfect, perfect, confidence=confidence)[0]), high


@dataclass(frozen=True, kw_only=True)
class _Precisions:
    """Precision at every distinct score, and what one more row would change of it; arrays of shape (S,)."""

    precision: Floats
    among_others: Floats
    gained: Floats
    lost: Floats

    def influence(self, mean: float) -> Floats:
        """P times the derivative of the average precision by the weight of a row, by its class: shape (S, 2)."""
        influence: Floats = np.column_stack((-self.lost, self.precision - mean + self.gained - self.lost))
        return influence


def _precisions(counts: Ints) -> _Precisions:
    above = np.cumsum(counts[::-1], axis=0)[::-1]
    right, rows = above[:, 1].astype(np.float64), (above[:, 0] + above[:, 1]).astype(np.float64)
    precision = right / rows
    return _Precisions(
        precision=precision,
        among_others=(right - 1) / np.maximum(rows - 1, 1),
        gained=np.cumsum(counts[:, 1] / rows),
        lost=np.cumsum(counts[:, 1] * precision / rows),
    )


def widened(interval: Interval, by: float) -> Interval:
    """The interval of a number in [0, 1] that is known only to within `by`.

    Parameters
    ----------
    interval : tuple of float
        Limits in [0, 1].
    by : float
        How far the number may lie from the one the interval was made of, at least 0.

    Returns
    -------
    tuple of float
        Limits in [0, 1].
    """
    return max(0.0, interval[0] - by), min(1.0, interval[1] + by)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What the rows of one class add to DeLong's variance, and what that is worth."""

    variance: float
    degrees: float
    heavy_degrees: float

    @classmethod
    def of(cls, placed: Floats, rows: Ints, mean: float) -> "_Part":
        n = int(rows.sum())
        squares = (placed - mean) ** 2
        second, fourth = float((rows * squares).sum()) / n, float((rows * squares**2).sum()) / n
        if second <= 0:
            return cls(variance=0.0, degrees=n - 1, heavy_degrees=n - 1)
        spread = (fourth / second**2 - 1) / n + 2 / (n * (n - 1))
        return cls(variance=second / (n - 1), degrees=n - 1, heavy_degrees=min(2 / spread, n - 1))


def _placements(counts: Ints, negatives: int, positives: int) -> tuple[Floats, Floats]:
    """Of another row at each score the share of positive ones above; of a positive row the share of others it beats."""
    middle = np.cumsum(counts, axis=0) - counts / 2
    return 1 - middle[:, 1] / positives, middle[:, 0] / negatives


def _quantile(parts: list[_Part], *, heavy: bool, confidence: float) -> float:
    """Student's quantile at the degrees of freedom of the whole variance."""
    degrees = [part.heavy_degrees if heavy else part.degrees for part in parts]
    whole = sum(part.variance for part in parts)
    shares = sum(part.variance**2 / one for part, one in zip(parts, degrees, strict=True))
    return float(stdtrit(max(1.0, whole**2 / shares) if shares > 0 else min(degrees), 0.5 + confidence / 2))


def _newcombe(auc: float, negatives: int, positives: int) -> float:
    spare = (negatives + positives) / 2 - 1
    factor = 1 + spare * ((1 - auc) / (2 - auc) + auc / (1 + auc))
    return auc * (1 - auc) * factor / (negatives * positives)


def _further_end(moved: list[Floats], confidence: float) -> float:
    """The upper limit of the loss, with a further row of either class."""
    parts = [np.append(part, _further_row(part)) for part in moved]
    variances = [float(part.var(ddof=1)) / len(part) for part in parts]
    whole = sum(variances)
    shares = sum(one**2 / (len(part) - 1) for one, part in zip(variances, parts, strict=True))
    t = float(stdtrit(whole**2 / shares, 0.5 + confidence / 2)) if shares > 0 else 0.0
    loss = float(moved[0].mean()) + sum(
        float(more.mean() - part.mean()) for more, part in zip(parts, moved, strict=True)
    )
    return loss + t * float(np.sqrt(whole))


def _further_row(part: Floats) -> float:
    losses = np.maximum(part, 0.0)
    if not losses.max() > 0:
        return 0.0
    total, squares = Fraction(float(losses.sum())), Fraction(float((losses**2).sum()))
    return min(1.0, float(further_value(total, squares, len(losses), largest=float(losses.max()))))
