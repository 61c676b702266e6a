"""Where a condition ends between two points."""

from collections.abc import Callable

_HALVINGS = 64
# How well the border must be known for points farther away not to be asked.
_NEAR = 1e-12


def bisected(is_inside: Callable[[float], bool], *, inside: float, outside: float, near: float | None = None) -> float:
    """The border between a point inside and one outside.

    Parameters
    ----------
    is_inside : callable
        Tells of a point on which side of the border it lies.
    inside, outside : float
        One point on either side.
    near : float, optional
        Where the border is thought to be; if that is right to 1e-12, points farther away are not asked, and the
        answer is the same.

    Returns
    -------
    float
        The border, to 64 halvings of the distance.
    """
    ahead = _NEAR if inside < outside else -_NEAR
    known = near is not None and is_inside(near - ahead) and not is_inside(near + ahead)
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if middle in (inside, outside):
            break
        if near is not None and known and abs(middle - near) > _NEAR:
            goes_on = (middle < near) == (inside < outside)
        else:
            goes_on = is_inside(middle)
        inside, outside = (middle, outside) if goes_on else (inside, middle)
    return (inside + outside) / 2
