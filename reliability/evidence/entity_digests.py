"""The distinct entities that rows belong to."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block
from reliability.evidence.hashing import Digests


@dataclass(frozen=True, kw_only=True, eq=False)
class EntityDigests:
    """Keyed digests of the entities that occur.

    Attributes
    ----------
    digests : ndarray of uint64, shape (E,)
        Distinct and ascending; empty where rows name no entity.
    """

    needs_predictions: ClassVar[bool] = False
    digests: Digests

    @classmethod
    def of(cls, block: Block) -> Self:
        """The entities of one block."""
        return cls(digests=np.zeros(0, np.uint64) if block.entity is None else np.unique(block.entity))

    def __add__(self, other: Self) -> Self:
        """The entities of both."""
        return type(self)(digests=np.union1d(self.digests, other.digests))

    @property
    def n(self) -> int:
        """Distinct entities."""
        return len(self.digests)

    def shared_with(self, other: Self) -> int:
        """Entities that occur in both."""
        return len(np.intersect1d(self.digests, other.digests, assume_unique=True))
