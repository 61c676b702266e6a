"""Interval of how far the worst part of the rows falls behind all of them."""

import numpy as np

from reliability.intervals.arrays import Counts, Floats, Interval
from reliability.intervals.proportions import exact_high, exact_low


def largest_shortfall(
    inside: tuple[Counts, Counts], outside: tuple[Counts, Counts], share_outside: Floats, *, confidence: float
) -> Interval:
    """Interval of the overall proportion minus that of the worst of K segments.

    Parameters
    ----------
    inside, outside : tuple of two ndarrays, shape (K,)
        Successes and trials within every segment, and those of all other rows; effective numbers need not be whole.
    share_outside : ndarray of float64, shape (K,)
        Share of the rows that stands outside every segment.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [0, 1]; 0 is best.

    Notes
    -----
    The whole holds the segment, so the two are not independent; but overall - segment = share outside * (rate outside
    - rate inside), whose rates are. Newcombe's square-and-add on Clopper-Pearson limits, sizes taken as given. The low
    limit must hold for all segments at once: it is the largest of theirs at 1 - (1 - confidence) / K (Bonferroni). The
    high one need only hold for the segment that is truly worst, whichever that is: the largest at `confidence`.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10).

    Examples
    --------
    >>> import numpy as np
    >>> inside, outside = (np.array([70, 90]), np.array([100, 100])), (np.array([90, 70]), np.array([100, 100]))
    >>> low, high = largest_shortfall(inside, outside, np.array([0.5, 0.5]), confidence=0.95)
    >>> round(low, 3), round(high, 3)
    (0.034, 0.156)
    """
    x, n, rest, others = (np.asarray(part, np.float64) for part in (*inside, *outside))
    within, without = x / n, rest / others
    gap = share_outside * (without - within)
    mass = 1 - confidence
    low, high = exact_low(rest, others, mass=mass / len(n)), exact_high(x, n, mass=mass / len(n))
    lower = gap - share_outside * np.hypot(without - low, high - within)
    low, high = exact_low(x, n, mass=mass), exact_high(rest, others, mass=mass)
    upper = gap + share_outside * np.hypot(high - without, within - low)
    return max(0.0, float(lower.max())), min(1.0, max(0.0, float(upper.max())))
