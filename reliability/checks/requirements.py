"""What checks require of their evidence before they measure."""

from typing import Annotated, TypeAlias

from pydantic import Field

from reliability.blocks import Roles
from reliability.errors import ChecklistError, NotMeasurable

# A checklist is refused by this when it is read, before anything is measured.
AtLeastOne: TypeAlias = Annotated[int, Field(ge=1)]


def require_classes(roles: Roles, n: int) -> None:
    """Refuse regression, and no rows.

    Parameters
    ----------
    roles : Roles
        What the labels mean.
    n : int
        Rows counted.

    Raises
    ------
    NotMeasurable
        `needs_classification` or `no_rows`.
    """
    if roles.task == "regression":
        raise NotMeasurable("needs_classification")
    _require_rows(n)


def require_scores(roles: Roles, n: int) -> None:
    """Refuse what is not binary, has no scores, no settled positive class that they speak of, or no rows.

    Parameters
    ----------
    roles : Roles
        What the labels mean.
    n : int
        Rows counted.

    Raises
    ------
    NotMeasurable
        `needs_binary`, `no_scores`, `no_positive` or `no_rows`.
    """
    if roles.task != "binary":
        raise NotMeasurable("needs_binary")
    if not roles.has_scores:
        raise NotMeasurable("no_scores")
    if roles.positive is None:
        raise NotMeasurable("no_positive")
    _require_rows(n)


def require_values(roles: Roles, n: int) -> None:
    """Refuse what is not regression, and no rows.

    Parameters
    ----------
    roles : Roles
        What the labels mean.
    n : int
        Rows counted.

    Raises
    ------
    NotMeasurable
        `needs_regression` or `no_rows`.
    """
    if roles.task != "regression":
        raise NotMeasurable("needs_regression")
    _require_rows(n)


def require_at_least(option: str, value: float, least: float) -> None:
    """Refuse an option that is too small to mean anything.

    Parameters
    ----------
    option : str
        Its name in the checklist.
    value, least : float
        What it is, and the least that it may be.

    Raises
    ------
    ChecklistError
        If it is less.
    """
    if value < least:
        raise ChecklistError(
            "option_too_small",
            "option {option!r} must be at least {least}, not {value}",
            option=option,
            least=least,
            value=value,
        )


def _require_rows(n: int) -> None:
    if not n:
        raise NotMeasurable("no_rows")
