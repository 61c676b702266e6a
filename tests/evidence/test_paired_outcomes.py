from dataclasses import replace

import numpy as np
import pytest

from reliability.evidence.paired_outcomes import PairedOutcomes
from tests.builders import block


def answered(y_true, y_pred, y_incumbent, **more):
    made = block(y_true, y_pred, incumbent=True, **more)
    return replace(made, y_incumbent=np.asarray(y_incumbent, made.y_true.dtype))


def test_paired_outcomes_counts_who_is_right():
    counted = PairedOutcomes.of(answered([1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [1, 0, 1, 1, 0]))

    assert counted.counts.tolist() == [[1, 1], [1, 2]]
    assert (counted.n, counted.buckets) == (5, None)


def test_paired_outcomes_sums_what_the_model_errs_less():
    counted = PairedOutcomes.of(answered([0.0, 0.0], [1.0, 3.0], [2.0, 1.0], task="regression"))

    assert (float(counted.gain), float(counted.gain2), counted.largest) == (-5, 9 + 64, 8)
    assert not counted.counts.any()


def test_paired_outcomes_without_an_incumbent_counts_nothing():
    assert PairedOutcomes.of(block([1, 0], [1, 1])).n == 0


def test_paired_outcomes_of_clustered_rows_are_kept_by_bucket():
    counted = PairedOutcomes.of(answered([1, 1, 1], [1, 1, 0], [0, 0, 0], entity=[3, 3 + 128, 5]))

    assert counted.buckets[3].tolist() == [[0, 0], [2, 0]]
    assert (counted.buckets.sum(axis=0) == counted.counts).all()


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("clustered", [False, True])
def test_paired_outcomes_of_parts_add_to_those_of_the_whole(task, clustered):
    draws = np.random.default_rng(0)
    parts = draws.integers(0, 2, (3, 50)) if task == "binary" else draws.normal(size=(3, 50))
    entity = draws.integers(0, 2**63, 50, np.uint64) if clustered else None
    rows = answered(*parts, task=task, entity=entity)
    whole = PairedOutcomes.of(rows)
    added = PairedOutcomes.of(rows.where(np.arange(20, 50))) + PairedOutcomes.of(rows.where(np.arange(20)))

    assert (whole.counts == added.counts).all()
    assert (whole.n, whole.gain, whole.gain2, whole.largest) == (added.n, added.gain, added.gain2, added.largest)
    assert (whole.buckets is None) or (whole.buckets == added.buckets).all()


def test_paired_outcomes_counts_what_leaves_the_range_of_a_float():
    counted = PairedOutcomes.of(answered([0.0, 1.0], [1e200, 1.0], [0.0, 2.0], task="regression"))

    assert (counted.gain.overflowed, counted.largest) == (1, 1.0)
