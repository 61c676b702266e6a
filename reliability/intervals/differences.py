"""Intervals of the difference of two independent estimates."""

import math

from reliability.intervals.arrays import Interval

# Sums of squares below this may have lost digits to underflow.
_LEAST = 1e-290


def difference_interval(first: float, limits: Interval, second: float, other: Interval) -> Interval:
    """Interval of first - second from the interval of each.

    Parameters
    ----------
    first : float
        An estimate.
    limits : tuple of float
        Its limits, of the coverage wanted for the difference.
    second : float
        An estimate independent of the first.
    other : tuple of float
        Its limits, of the same coverage.

    Returns
    -------
    low, high : float
        Limits of the difference.

    Raises
    ------
    OverflowError
        Where a limit leaves the range of a float64.

    Notes
    -----
    Square-and-add: (first - second) -+ hypot of the distances that would move the difference that way.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10);
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693-1702 (MOVER).

    Examples
    --------
    >>> low, high = difference_interval(0.8, (0.7, 0.9), 0.5, (0.4, 0.6))
    >>> round(low, 3), round(high, 3)
    (0.159, 0.441)
    """
    gap = first - second
    below = _distance(first - limits[0], other[1] - second)
    above = _distance(limits[1] - first, second - other[0])
    low, high = gap - below, gap + above
    if not (math.isfinite(low) and math.isfinite(high)):
        raise OverflowError("a limit of the difference leaves the range of a float64")
    return low, high


def _distance(first: float, second: float) -> float:
    """Root of the sum of two squares, also where the squares themselves leave the range of a float64."""
    try:
        squares = first**2 + second**2
    except OverflowError:
        squares = math.inf
    # Elsewhere not by hypot: its last bit may be another, and records hold the bits.
    return squares**0.5 if _LEAST < squares < math.inf else math.hypot(first, second)
