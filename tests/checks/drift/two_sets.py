"""Training and evaluation rows as columns, counted; and what a check refuses."""

import numpy as np
import pytest

from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.sample import Sample
from tests.builders import block


def histogram(columns, y=None, **roles):
    rows = max((len(values) for values in columns.values()), default=0) if y is None else len(y)
    return ColumnHistogram.of(block([0] * rows if y is None else y, columns=columns, **roles))


def sampled(y, columns, **roles):
    return Sample.of(block(y, columns=columns, **roles), seed=0, size=20_000)


def refused(check, *evidence, **options):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence, **options)
    return refusal.value.code


def levels(*counts):
    """Text of so many rows a level."""
    return np.repeat([f"level {index}" for index in range(len(counts))], counts).tolist()
