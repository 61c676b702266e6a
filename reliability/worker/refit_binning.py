"""Bins of weighted rows, found by one sorting of a column instead of 254; runs inside the worker.

Scikit-learn asks for the percentiles of a column one by one, and sorts it anew for each: six times the work of all that
histogram boosting does besides. Asked for all at once the same function gives the same numbers to the last bit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.ensemble._hist_gradient_boosting import binning

_NAME = "_weighted_percentile"


class AllAtOnce:
    """The percentiles of the column that was asked about last."""

    def __init__(self, own: Callable[..., Any]) -> None:
        self.own = own
        self._asked: tuple[Any, Any] = (None, None)
        self._known: dict[float, Any] = {}

    def __call__(self, column: Any, weights: Any, rank: float, *, average: bool) -> Any:
        """What scikit-learn's own function says."""
        if self._asked[0] is not column or self._asked[1] is not weights:
            # The first of max_bins - 1 even ranks tells how many there are.
            ranks = np.linspace(0, 100, num=round(100 / rank) + 1)[1:-1]
            found = self.own(column, weights, ranks, average=average)
            self._asked, self._known = (column, weights), dict(zip(ranks.tolist(), np.ravel(found), strict=False))
        known = self._known.get(float(rank))
        return self.own(column, weights, rank, average=average) if known is None else known


def sort_once() -> None:
    """From now on histogram boosting sorts every column once."""
    own = getattr(binning, _NAME, None)
    if own is not None and not isinstance(own, AllAtOnce):
        setattr(binning, _NAME, AllAtOnce(own))
