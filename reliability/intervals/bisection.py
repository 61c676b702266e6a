"""Where a condition ends between two points."""

from collections.abc import Callable

_HALVINGS = 64


def bisected(is_inside: Callable[[float], bool], *, inside: float, outside: float) -> float:
    """The border between a point inside and one outside.

    Parameters
    ----------
    is_inside : callable
        Tells of a point on which side of the border it lies.
    inside, outside : float
        One point on either side.

    Returns
    -------
    float
        The border, to 64 halvings of the distance.
    """
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if is_inside(middle):
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2
