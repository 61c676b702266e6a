"""Runs of digits in many texts at once, and numbers written in groups of them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from reliability.blocks import Bools, Ints

_BREAK = "\n"
_OCTETS = np.arange(256, dtype=np.uint8)
_DIGIT = np.isin(_OCTETS, [*b"0123456789"])
_UPPER = np.isin(_OCTETS, [*b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
_LETTER = _UPPER | np.isin(_OCTETS, [*b"abcdefghijklmnopqrstuvwxyz"])
_SEPARATOR = np.isin(_OCTETS, [*b"-. )"])
# What joins digits to more digits of the same number.
_JOINER = np.isin(_OCTETS, [*b"-."])
_DASHES = "[\u2010-\u2015\u2212]"


@dataclass(frozen=True, kw_only=True, eq=False)
class DigitRuns:
    """Where digits stand together in texts.

    Attributes
    ----------
    octets : ndarray of uint8
        The texts in UTF-8, one after the other, each with a line break before and behind it.
    starts, ends : ndarray of int64, shape (R,)
        Where every run begins, and one past its end.
    texts : ndarray of int64, shape (m + 1,)
        Where every text begins, and the last one ends.

    Notes
    -----
    Digits of full width count as digits, and every kind of dash as a hyphen.
    """

    octets: npt.NDArray[np.uint8]
    starts: Ints
    ends: Ints
    texts: Ints

    @classmethod
    def of(cls, texts: pa.Array) -> Self:
        """The runs of an array of strings without nulls."""
        if not pc.all(pc.string_is_ascii(texts)).as_py():
            texts = pc.replace_substring_regex(pc.utf8_normalize(texts, form="NFKC"), _DASHES, "-")
        # No digits of two texts may touch.
        broken = pc.binary_join_element_wise(texts, "", _BREAK).cast(pa.large_string())
        _, offsets, data = broken.buffers()
        places = np.frombuffer(offsets, np.int64)[broken.offset : broken.offset + len(broken) + 1]
        octets = np.frombuffer(data, np.uint8)[places[0] : places[-1]] if len(broken) else np.zeros(0, np.uint8)
        octets = np.concatenate(([np.uint8(ord(_BREAK))], octets))
        edges = np.diff(_DIGIT[octets].view(np.int8))
        starts, ends = np.flatnonzero(edges == 1) + 1, np.flatnonzero(edges == -1) + 1
        return cls(octets=octets, starts=starts, ends=ends, texts=places - places[0] + 1)

    def most_digits(self) -> int:
        """Digits of the text that has most of them."""
        if not len(self.starts):
            return 0
        before = np.concatenate(([0], np.cumsum(self.ends - self.starts)))
        return int(np.diff(before[np.searchsorted(self.starts, self.texts)]).max())

    def owners(self, runs: Ints) -> Ints:
        """The text that each of the runs stands in."""
        owners: Ints = np.searchsorted(self.texts, self.starts[runs], side="right") - 1
        return owners

    def written(self, groups: tuple[int, ...]) -> Ints:
        """The runs that begin a number of so many digits, group by group, with one separator between groups.

        A number that letters touch, or that a hyphen or point joins to more digits, is part of something else.
        """
        first = np.flatnonzero((self.ends - self.starts)[: len(self.starts) - len(groups) + 1] == groups[0])
        for place, length in enumerate(groups[1:]):
            before, after = first + place, first + place + 1
            gap = self.ends[before]
            joined = (self.starts[after] == gap + 1) & _SEPARATOR[self.octets[gap]]
            first = first[joined & (self.ends[after] - self.starts[after] == length)]
        found: Ints = first[self._alone(self.starts[first], self.ends[first + len(groups) - 1])]
        return found

    def lettered(self, groups: tuple[int, int]) -> Ints:
        """The runs that begin a code of a capital letter, so many digits, another letter, and so many more."""
        first = np.flatnonzero((self.ends - self.starts)[:-1] == groups[0])
        gap, after = self.ends[first], first + 1
        joined = (self.starts[after] == gap + 1) & _UPPER[self.octets[gap]]
        joined &= (self.ends[after] - self.starts[after] == groups[1]) & _UPPER[self.octets[self.starts[first] - 1]]
        first = first[joined]
        found: Ints = first[self._alone(self.starts[first] - 1, self.ends[first + 1])]
        return found

    def codes(self, first: Ints, groups: tuple[int, ...]) -> npt.NDArray[np.uint8]:
        """The digits of numbers that begin at these runs, shape (digits, numbers)."""
        begins = [(self.starts[first + place], length) for place, length in enumerate(groups)]
        return np.stack([self.octets[start + digit] for start, length in begins for digit in range(length)])

    def _alone(self, starts: Ints, ends: Ints) -> Bools:
        before, behind = self.octets[starts - 1], self.octets[ends]
        # Where a text begins or ends stands a break, so that the second character before or behind is there.
        more_before = _JOINER[before] & _DIGIT[self.octets[np.maximum(starts - 2, 0)]]
        more_behind = _JOINER[behind] & _DIGIT[self.octets[np.minimum(ends + 1, len(self.octets) - 1)]]
        alone: Bools = ~(_LETTER[before] | _DIGIT[before] | _LETTER[behind] | _DIGIT[behind])
        return alone & ~more_before & ~more_behind
