"""Floats as whole numbers in the same order, and counts by them that grow coarser before they grow too many."""

from dataclasses import dataclass, replace

import numpy as np

from reliability.blocks import Floats, Ints

# Below a half the bits of a float64 grow with its value; above it those of 1 - score, which is exact there, fall.
_HALF = int(np.array(0.5).view(np.int64))
_MAGNITUDE = np.int64(2**63 - 1)
# Keys have 63 digits: two that differ in their sign, or stand in different groups, are never made one.
_NEVER = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class KeyCounts:
    """Rows counted by one or two whole numbers.

    Attributes
    ----------
    outer : ndarray of int64, shape (S,)
        What is never made coarser, such as a group's position; ascending.
    cells : ndarray of int64, shape (S,)
        Keys shifted right by `shift`; ascending within `outer`.
    shift : int
        Binary digits that were dropped; 0 where every distinct key is held.
    table : ndarray of int64, shape (S, C)
        What is added up by cell.
    """

    outer: Ints
    cells: Ints
    shift: int
    table: Ints

    def moved(self, places: Ints) -> "KeyCounts":
        """The same, with every `outer` exchanged for what stands at its place."""
        return replace(self, outer=places[self.outer])


def keys_of_scores(scores: Floats) -> Ints:
    """Keys of probabilities.

    Parameters
    ----------
    scores : ndarray of float64
        In [0, 1].

    Returns
    -------
    ndarray of int64
        In the order of the scores, one to one; as fine next to 1 as next to 0. A score of 0 has -1.
    """
    # Adding 0.0 turns -0.0 into 0.0.
    low, high = (scores + 0.0).view(np.int64), 2 * _HALF - (1.0 - scores).view(np.int64)
    keys = np.where(scores > 0.5, high, low)
    # Apart from all others at any shift: a model that is certain says something else than one that is nearly so.
    keys[scores == 0.0] = -1
    return keys


def scores_of_keys(keys: Ints) -> Floats:
    """Probabilities of keys: what `keys_of_scores` undoes.

    Parameters
    ----------
    keys : ndarray of int64, shape (n,)
        Keys made by `keys_of_scores`.

    Returns
    -------
    ndarray of float64, shape (n,)
        Probabilities, in [0, 1].
    """
    low, high = np.clip(keys, 0, _HALF), np.clip(2 * _HALF - keys, 0, _HALF)
    return np.where(keys > _HALF, 1.0 - high.view(np.float64), low.view(np.float64))


def keys_of_values(values: Floats) -> Ints:
    """Keys of finite numbers, in their order, one to one.

    Parameters
    ----------
    values : ndarray of float64
        Finite.

    Returns
    -------
    ndarray of int64
        Neighbouring floats have neighbouring keys: a cell is as fine beside its number, whatever the number.
    """
    bits = (values + 0.0).view(np.int64)
    return bits ^ ((bits >> 63) & _MAGNITUDE)


def values_of_keys(keys: Ints) -> Floats:
    """Numbers of keys: what `keys_of_values` undoes.

    Parameters
    ----------
    keys : ndarray of int64, shape (n,)
        Keys made by `keys_of_values`.

    Returns
    -------
    ndarray of float64, shape (n,)
        The numbers.
    """
    return (keys ^ ((keys >> 63) & _MAGNITUDE)).view(np.float64)


def middles(cells: Ints, shift: int) -> Ints:
    """A key in the middle of every cell; the key itself where nothing was dropped.

    Parameters
    ----------
    cells : ndarray of int64, shape (S,)
        Keys without their last digits.
    shift : int
        Binary digits that were dropped.

    Returns
    -------
    ndarray of int64, shape (S,)
        Keys.
    """
    return (cells << shift) + ((1 << shift) >> 1)


def bounded(counted: KeyCounts, *, most: int, exact: int) -> KeyCounts:
    """Rows added up by cell, with as few binary digits dropped as keep the cells few enough.

    Parameters
    ----------
    counted : KeyCounts
        Cells in any order, a cell any number of times.
    most : int
        Largest number of cells.
    exact : int
        Largest number of cells where no digit is dropped.

    Returns
    -------
    KeyCounts
        Ordered, every cell once. Cells only become more by adding and coarse cells are unions of fine ones, so the
        digits that are dropped depend on the rows alone, not on the order of adding.
    """
    order = _order(counted)
    outer, cells, table = (of.take(order, axis=0) for of in (counted.outer, counted.cells, counted.table))
    # How many digits must go until a cell is one with the cell before it.
    apart = _digits(cells[1:] ^ cells[:-1])
    apart[outer[1:] != outer[:-1]] = _NEVER
    cells_at = len(cells[:1]) + np.cumsum(np.bincount(apart, minlength=_NEVER + 1)[::-1])[::-1]
    # Place i: cells that are left where i further digits go.
    left = cells_at[1:]
    further = min(int(np.count_nonzero(left > most)), _NEVER - 1)
    if not counted.shift and left[0] > exact:
        further = max(further, 1)
    starts = np.concatenate((np.zeros(len(cells[:1]), np.int64), np.flatnonzero(apart > further) + 1))
    summed = np.add.reduceat(table, starts, axis=0) if len(starts) else table
    return KeyCounts(outer=outer[starts], cells=cells[starts] >> further, shift=counted.shift + further, table=summed)


def united(first: KeyCounts, second: KeyCounts, *, most: int, exact: int) -> KeyCounts:
    """Both counted together, as `bounded` says.

    Parameters
    ----------
    first : KeyCounts
        Rows by cell.
    second : KeyCounts
        Rows by cell, of other rows.
    most : int
        Cells beyond which binary digits are dropped.
    exact : int
        Keys up to which none is dropped.

    Returns
    -------
    KeyCounts
        Rows by cell of both.
    """
    shift = max(first.shift, second.shift)
    parts = [(one.outer, one.cells >> (shift - one.shift), one.table) for one in (first, second)]
    outer, cells, table = (np.concatenate(both) for both in zip(*parts, strict=True))
    return bounded(KeyCounts(outer=outer, cells=cells, shift=shift, table=table), most=most, exact=exact)


def _order(counted: KeyCounts) -> Ints:
    outer = counted.outer
    if len(outer) and bool((outer == outer[0]).all()):
        # Of parts that are in order each, this sort merges them only.
        return np.argsort(counted.cells, kind="stable")
    return np.lexsort((counted.cells, outer))


def _digits(numbers: Ints) -> Ints:
    """Binary digits of whole numbers; those below 0 have all of them."""
    # With the digit behind the first one gone, no rounding to a float64 reaches the first.
    digits = np.frexp((numbers & ~(numbers >> 1)).astype(np.float64))[1].astype(np.int64)
    digits[numbers < 0] = _NEVER
    return digits
