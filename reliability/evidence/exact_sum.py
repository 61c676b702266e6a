"""Sums of floats without rounding, so that no order of adding changes the last bit."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np

from reliability.blocks import Floats

# Every finite float64 is a whole number of units of 2^-1127 once its mantissa is read as 53 bits.
_SCALE_BITS = 1127
_LOWER_BITS = 27
# Rows summed at a time: few enough to stay in a processor's cache.
_CHUNK = 1 << 15
_SPLITTER = float((1 << 27) + 1)


@dataclass(frozen=True)
class ExactSum:
    """The exact sum of finite floats.

    Attributes
    ----------
    units : int
        The sum in units of 2^-1127: a whole number, as every finite float64 is one.
    overflowed : int
        Values that were not finite and are in no sum.

    Notes
    -----
    A superaccumulator: mantissas are added as integers by exponent, so addition is associative and
    commutative to the last bit; `float()` rounds once, to the nearest even.

    References
    ----------
    Shewchuk, J. R. (1997), Discrete & Computational Geometry 18, 305-363 (what is exact, and why);
    Neal, R. M. (2015), Fast exact summation using small and large superaccumulators, arXiv:1505.05571.
    """

    units: int = 0
    overflowed: int = 0

    @classmethod
    def of(cls, *terms: Floats) -> Self:
        """The sum over all values of these arrays."""
        units = overflowed = 0
        for values in terms:
            finite = np.isfinite(values)
            gone = len(values) - int(np.count_nonzero(finite))
            kept = values[finite] if gone else values
            units += sum(_units(kept[start : start + _CHUNK]) for start in range(0, len(kept), _CHUNK))
            overflowed += gone
        return cls(units, overflowed)

    def __add__(self, other: "ExactSum") -> "ExactSum":
        """The sum of both."""
        return ExactSum(self.units + other.units, self.overflowed + other.overflowed)

    def __float__(self) -> float:
        """The nearest float."""
        return self.units / (1 << _SCALE_BITS)

    def fraction(self) -> Fraction:
        """The sum as an exact fraction."""
        return Fraction(self.units, 1 << _SCALE_BITS)


def exact_product(first: Sequence[Floats], second: Sequence[Floats]) -> tuple[Floats, ...]:
    """The product of two sums of arrays, row by row, as a sum of arrays without rounding.

    Parameters
    ----------
    first, second : sequence of ndarray of float64, shape (n,)
        Terms whose sum is the factor.

    Returns
    -------
    tuple of ndarray of float64, shape (n,)
        Terms whose sum is the product; not finite where a product leaves the range of a float64.

    References
    ----------
    Dekker, T. J. (1971), Numerische Mathematik 18, 224-242 (two-product).
    """
    terms = [part for a in first for b in second for part in _two_product(a, b)]
    return (terms[0], *(term for term in terms[1:] if term.any()))


def _two_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        product = a * b
        (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
        error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def _halves(values: Floats) -> tuple[Floats, Floats]:
    wide = values * _SPLITTER
    high = wide - (wide - values)
    return high, values - high


def _units(values: Floats) -> int:
    if not len(values):
        return 0
    mantissas, exponents = np.frexp(values)
    whole = (mantissas * 2.0**53).astype(np.int64)
    lowest = int(exponents.min())
    bins = exponents - lowest
    # Halves of 26 and 27 bits: 2^20 of them still add exactly in a float64, which is all that bincount offers.
    upper = np.bincount(bins, weights=(whole >> _LOWER_BITS).astype(np.float64))
    lower = np.bincount(bins, weights=(whole & ((1 << _LOWER_BITS) - 1)).astype(np.float64))
    total = 0
    for step in np.flatnonzero((upper != 0) | (lower != 0)).tolist():
        total += ((int(upper[step]) << _LOWER_BITS) + int(lower[step])) << step
    return total << (lowest + _SCALE_BITS - 53)
