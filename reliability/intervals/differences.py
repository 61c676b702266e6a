"""Intervals of the difference of two independent estimates."""

from reliability.intervals.arrays import Interval


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
    below = ((first - limits[0]) ** 2 + (other[1] - second) ** 2) ** 0.5
    above = ((limits[1] - first) ** 2 + (second - other[0]) ** 2) ** 0.5
    return gap - below, gap + above
