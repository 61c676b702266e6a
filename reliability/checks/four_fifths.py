"""The four-fifths table of US employee selection: a reading beside a ratio, never a rule."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import gammaln, ndtr

from reliability.blocks import Floats
from reliability.records import Json

FOUR_FIFTHS = Fraction(4, 5)
SIGNIFICANT = 0.05
FEWEST_TOGETHER = 30
FEWEST_EXPECTED = 5
# Tables as likely as the one observed count as extreme, whatever rounding did to them.
_AS_LIKELY = 1 + 1e-7

Reading: TypeAlias = Literal["adverse_impact", "below_not_significant", "significant_not_below", "no_adverse_impact"]


@dataclass(frozen=True, kw_only=True)
class FourFifths:
    """The lowest and the highest selection rate, read by the four-fifths table.

    Attributes
    ----------
    selected, rows : tuple of int
        Selected rows and all rows of the group with the lowest rate and of that with the highest, which is above 0.
    worth : tuple of float
        Effective rows of both, for the test; the rows themselves where they are independent.

    Notes
    -----
    The guidelines ask for a ratio below four fifths, and for a difference that is unlikely to be chance; `reading` says
    which of both holds. Two-sided pooled z test of two proportions; Fisher's exact test where there are
    fewer than 30 rows together, or fewer than 5 are expected in a cell.

    References
    ----------
    29 CFR 1607.4(D); Adoption of Questions and Answers, 44 FR 11996 (1979), questions 20-22.

    Examples
    --------
    >>> FourFifths(selected=(30, 60), rows=(100, 100), worth=(100, 100)).reading
    'adverse_impact'
    """

    selected: tuple[int, int]
    rows: tuple[int, int]
    worth: tuple[float, float]

    @property
    def ratio(self) -> Fraction:
        """Lowest rate over highest rate, exactly."""
        return Fraction(self.selected[0], self.rows[0]) / Fraction(self.selected[1], self.rows[1])

    @property
    def more_selections_needed(self) -> int:
        """How many more rows of the group with the lowest rate bring the ratio to four fifths."""
        least = FOUR_FIFTHS * Fraction(self.selected[1], self.rows[1]) * self.rows[0]
        return max(0, ceil(least) - self.selected[0])

    @property
    def p_value(self) -> float:
        """Chance of so large a difference, either way, if both groups had one rate."""
        n = np.array(self.worth)
        x = np.array(self.selected) * (n / np.array(self.rows))
        taken, together = x.sum(), n.sum()
        if taken >= together:
            return 1.0
        # From counts: 1 - share is rounded, and 5 rows expected would be less than 5.
        expected, share = n.min() * min(taken, together - taken) / together, taken / together
        if together < FEWEST_TOGETHER or expected < FEWEST_EXPECTED:
            whole = np.maximum(np.rint(n), 1)
            return _fisher(np.minimum(np.rint(x), whole), whole)
        z = abs(x[1] / n[1] - x[0] / n[0]) / np.sqrt(share * (1 - share) * (1 / n).sum())
        return float(2 * ndtr(-z))

    @property
    def reading(self) -> Reading:
        """What the table says: is the ratio below four fifths, and is the difference more than chance."""
        # A chance of exactly 1 in 20 is not below it, whatever rounding did to it.
        below, significant = self.ratio < FOUR_FIFTHS, self.p_value * _AS_LIKELY < SIGNIFICANT
        if below:
            return "adverse_impact" if significant else "below_not_significant"
        return "significant_not_below" if significant else "no_adverse_impact"

    def as_details(self) -> dict[str, Json]:
        """The reading as the record holds it."""
        return {
            "ratio": float(self.ratio),
            "p_value": self.p_value,
            "more_selections_needed": self.more_selections_needed,
            "reading": self.reading,
        }


def _fisher(x: Floats, n: Floats) -> float:
    """Fisher's exact test, two-sided: all tables with these margins that are no likelier than this one."""
    total = x.sum()
    first = np.arange(max(0.0, total - n[1]), min(n[0], total) + 1)
    chance = _log_choose(n[0], first) + _log_choose(n[1], total - first) - _log_choose(n.sum(), total)
    likelihood = np.exp(chance)
    observed = likelihood[int(x[0] - first[0])]
    return float(min(1.0, likelihood[likelihood <= observed * _AS_LIKELY].sum()))


def _log_choose(n: Floats, k: Floats) -> Floats:
    chosen: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return chosen
