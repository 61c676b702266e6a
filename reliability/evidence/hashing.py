"""Keyed 64-bit hashes of positions, cells and text."""

import hashlib
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Digests: TypeAlias = npt.NDArray[np.uint64]

_GAMMA = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def mixed(values: Digests) -> Digests:
    """SplitMix64's finaliser: a bijection of 64-bit words in which every bit in moves every bit out.

    Parameters
    ----------
    values : ndarray of uint64, shape (n,)
        Words.

    Returns
    -------
    ndarray of uint64, shape (n,)
        Mixed words, distinct where the words were.

    References
    ----------
    Steele, G. L., Lea, D. and Flood, C. H. (2014), OOPSLA '14, 453-472; constants of Stafford's variant 13.
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def splitmix64(counters: Digests, *, key: int) -> Digests:
    """The words that SplitMix64, keyed by an integer of any size, gives at these counters.

    Parameters
    ----------
    counters : ndarray of uint64, shape (n,)
        Which words.
    key : int
        The seed; hashed first, so that neighbouring seeds share no stretch of words.

    Returns
    -------
    ndarray of uint64, shape (n,)
        For one key a bijection of the counters.

    References
    ----------
    Steele, G. L., Lea, D. and Flood, C. H. (2014), OOPSLA '14, 453-472.
    """
    start = np.uint64(text_digest(f"splitmix64:{key}"))
    return mixed(start + counters * np.uint64(_GAMMA))


def text_digest(text: str) -> int:
    """64 bits of BLAKE2b over the text in UTF-8.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    int
        From 0 to 2^64 - 1.
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") & _WORD


def text_digests(texts: Iterable[str]) -> Digests:
    """64 bits of BLAKE2b over every text.

    Parameters
    ----------
    texts : iterable of str
        Any texts.

    Returns
    -------
    ndarray of uint64, shape (n,)
        Digests in the same order.
    """
    return np.fromiter((text_digest(text) for text in texts), np.uint64)
