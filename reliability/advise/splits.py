"""Rows parted by keyed hash: those that teach, those that choose, and those that confirm what was chosen."""

from dataclasses import dataclass

import numpy as np

from reliability.blocks import Block, Bools, Floats
from reliability.evidence.hashing import splitmix64

# Of evaluation, where there is no training data to learn from: taught, chosen by, the rest confirms.
TAUGHT, CHOSEN = 0.4, 0.3
_WORD = float(1 << 64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Which evaluation rows teach, choose and confirm: no row does two of these, no entity either.

    Attributes
    ----------
    fit, choose, confirm : ndarray of bool
        A mask each; `fit` is empty where training data teaches.
    half : ndarray of bool
        Parts rows once more, for what learns on rows that choose: each half is answered by what the other taught.
    """

    fit: Bools
    choose: Bools
    confirm: Bools
    half: Bools

    @property
    def crossed(self) -> bool:
        """Whether what maps answers has to learn on the rows that choose."""
        return not self.fit.any()

    @property
    def learning(self) -> Bools:
        """Rows that what maps answers may learn from."""
        return self.choose if self.crossed else self.fit


def split(rows: Block, *, seed: int, trained: bool) -> Split:
    """The rows parted: in three, or in two where training data teaches."""
    place = chances(rows, key=f"{seed}:advise")
    if trained:
        fit = np.zeros(rows.n, np.bool_)
        choose = place < 0.5
    else:
        fit = place < TAUGHT
        choose = ~fit & (place < TAUGHT + CHOSEN)
    half = chances(rows, key=f"{seed}:advise:half") < 0.5
    return Split(fit=fit, choose=choose, confirm=~fit & ~choose, half=half)


def chances(rows: Block, *, key: str) -> Floats:
    """A number in [0, 1) for every row, the same for all rows of an entity, whatever their order."""
    units = rows.row_positions().astype(np.uint64) if rows.entity is None else rows.entity
    return splitmix64(units, key=_number(key)).astype(np.float64) / _WORD


def _number(key: str) -> int:
    return int.from_bytes(key.encode(), "big")
