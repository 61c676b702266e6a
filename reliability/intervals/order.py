"""Intervals of quantiles, by the ranks of the values."""

from scipy.special import bdtr

from reliability.errors import NotMeasurable


def median_ranks(n: int, *, mass: float) -> tuple[int, int]:
    """Ranks of the values that are limits of a median.

    Parameters
    ----------
    n : int
        Number of values.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    low, high : int
        Ranks from 1, the smallest value, to n.

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` where not even the smallest and the largest value reach the coverage.

    Notes
    -----
    The largest low with P(Binomial(n, 1/2) < low) <= mass / 2, and n + 1 - low. Exact whatever the distribution.

    References
    ----------
    Thompson, W. R. (1936), Annals of Mathematical Statistics 7, 122-128.

    Examples
    --------
    >>> median_ranks(10, mass=0.05)
    (2, 9)
    """
    if 0.5**n > mass / 2:
        needed = n
        while 0.5**needed > mass / 2:
            needed += 1
        raise NotMeasurable("too_few_for_interval", n=n, needed=needed)
    least, most = 1, n // 2 + 1
    while most - least > 1:
        middle = (least + most) // 2
        if bdtr(middle - 1, n, 0.5) <= mass / 2:
            least = middle
        else:
            most = middle
    return least, n + 1 - least
