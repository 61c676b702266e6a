"""Shares and counts of the files as handed in: what every check on them writes down."""

from dataclasses import dataclass
from typing import Any

from reliability.errors import NotMeasurable
from reliability.evidence.levels import Level
from reliability.records import Json, Measurement, Reason

# Measures of ISO/IEC 5259-2:2024 stand under this name in the details.
ISO = "iso_5259_2"
_WHOLE_FILE = Reason(code="whole_file")


@dataclass(frozen=True, kw_only=True)
class WholeFile:
    """A number counted over every row of a file: no sampling is claimed, so it has no interval.

    Attributes
    ----------
    value : int or float
        The number.
    n : int
        Rows counted.
    iso : tuple of str
        Measures of ISO/IEC 5259-2:2024 that it follows.
    details : dict
        What it rests on: columns, counts and positions of rows, never values.
    unit : str
        Its unit.
    """

    value: float
    n: int
    iso: tuple[str, ...]
    details: dict[str, Json]
    unit: str = "share"

    def measured(self) -> Measurement:
        """The measurement."""
        details = {ISO: list(self.iso), **self.details}
        return Measurement(
            value=self.value, n=self.n, unit=self.unit, method="exact", reason=_WHOLE_FILE, details=details
        )


def require_rows_and_features(n: int, features: tuple[str, ...]) -> None:
    """Refuse data without features or without rows.

    Parameters
    ----------
    n : int
        Rows counted.
    features : tuple of str
        Features.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.
    """
    if not features:
        raise NotMeasurable("no_features")
    if not n:
        raise NotMeasurable("no_rows")


def named(attributes: tuple[str, ...], level: Level) -> dict[str, Any]:
    """A group as the record names it.

    Parameters
    ----------
    attributes : tuple of str
        What makes the groups.
    level : tuple
        One value per attribute.

    Returns
    -------
    dict
        Value by attribute.
    """
    return dict(zip(attributes, level, strict=True))


def listed_group(attributes: tuple[str, ...], level: Level, size: int, *, judged: bool) -> dict[str, Any]:
    """A group with its size as the record lists it.

    Parameters
    ----------
    attributes : tuple of str
        What makes the groups.
    level : tuple
        One value per attribute.
    size : int
        Rows of the group.
    judged : bool
        Whether it counts.

    Returns
    -------
    dict
        Slice, value, no bounds, n and whether it is judged.
    """
    return {
        "slice": named(attributes, level),
        "value": size,
        "low": None,
        "high": None,
        "n": size,
        "judged": judged,
    }
