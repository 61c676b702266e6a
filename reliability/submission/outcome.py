"""Whether a column of predictions predicts another column, told by the values of both."""

from collections.abc import Sequence
from typing import NamedTuple

from reliability.blocks import Label
from reliability.submission.meaning import meaning


class Matched(NamedTuple):
    """How well two columns fit: the same values before more values, then the share of equal rows."""

    equal: bool
    share: float


def agreement(
    values: Sequence[Label],
    rows: Sequence[Label | None],
    predicted: Sequence[Label],
    predicted_rows: Sequence[Label | None],
) -> Matched | None:
    """How well predictions fit an outcome; None where they hold a value that it never takes.

    Rows without a prediction are left out of the share.
    """
    known, met = set(map(meaning, values)), set(map(meaning, predicted))
    if not met or not met <= known:
        return None
    both = [
        meaning(value) == meaning(answer)
        for value, answer in zip(rows, predicted_rows, strict=True)
        if value is not None and answer is not None
    ]
    return Matched(equal=met == known, share=sum(both) / len(both) if both else 0.0)
