"""Rows counted by group, beside what is declared of the population that they stand for."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Floats, Ints, Label
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.levels import Level, added, level_key, united

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CODE = re.compile(r"[+-]?0[0-9].*|[+-]?[0-9]{19,}")


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupPopulation:
    """How many rows every group has, and which share of the population it is declared to have.

    Attributes
    ----------
    attributes : tuple of str
        The attributes that make the groups.
    levels : tuple of tuple
        One value per attribute for every group that occurs, in natural order; None is the unknown group.
    sizes : ndarray of int64, shape (L,)
        Rows of every group.
    population : mapping of str to float, or None
        Declared share by group as `spelt` writes it; None where nothing is declared of the attribute, or where it is a
        combination.
    clustered : bool
        Whether rows share entities.
    """

    needs_predictions: ClassVar[bool] = False
    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    sizes: Ints
    population: Mapping[str, float] | None = None
    clustered: bool = False

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Count one block by the groups of these attributes."""
        counted = GroupSizes.of(block, attributes)
        return cls(
            attributes=attributes,
            levels=counted.levels,
            sizes=counted.sizes,
            population=block.roles.population.get(attributes[0]) if len(attributes) == 1 else None,
            clustered=block.roles.clustered,
        )

    def __add__(self, other: Self) -> Self:
        """Both counted together; a group that only one of them met is kept."""
        if self.attributes != other.attributes:
            raise ValueError(f"groups by {self.attributes} and by {other.attributes} do not add")
        levels, first, second = united(self.levels, other.levels)
        sizes = added(self.sizes, other.sizes, (first, second), len(levels))
        return replace(self, levels=levels, sizes=sizes)

    @property
    def n(self) -> int:
        """Rows counted, the unknown groups included."""
        return int(self.sizes.sum())

    def known(self) -> tuple[tuple[Level, ...], Ints, Floats]:
        """Known groups that occur or are declared, in natural order: levels, rows, declared shares (0 where none)."""
        shares = dict(self.population or {})
        rows = {level: n for level, n in zip(self.levels, self.sizes.tolist(), strict=True) if None not in level}
        met = {spelt(level[0]) for level in rows if level[0] is not None}
        rows |= {(name,): 0 for name in shares if name not in met}
        levels = tuple(sorted(rows, key=level_key))
        declared = [shares.get(spelt(level[0]), 0.0) if level[0] is not None else 0.0 for level in levels]
        return levels, np.array([rows[level] for level in levels], np.int64), np.array(declared, np.float64)


def spelt(label: Label) -> str:
    """A label as it is compared with a declared one: 1, 1.0, "1" and true are one.

    Parameters
    ----------
    label : str, int, float or bool
        A group's level, or what is written of it in a table.

    Returns
    -------
    str
        Text; whole numbers without a fraction.
    """
    if isinstance(label, str):
        text = unicodedata.normalize("NFC", label.strip())
        if text.lower() in ("true", "false"):
            return "1" if text.lower() == "true" else "0"
        # A leading zero makes a code, not a number.
        if not _NUMBER.fullmatch(text) or _CODE.fullmatch(text):
            return text
        number = float(text)
    else:
        number = float(label)
    return repr(int(number)) if number.is_integer() else repr(number)
