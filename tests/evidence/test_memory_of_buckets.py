"""Counts by entity are kept up to a bound, whatever the order in which groups come."""

import itertools

import numpy as np
import pytest

from reliability.evidence import confusion_matrix, group_counts
from reliability.evidence.confusion_matrix import ConfusionMatrix, label_cells
from reliability.evidence.group_counts import GroupCounts
from tests.builders import block


def made(classes, groups, n=400, *, clustered=True):
    draws = np.random.default_rng(0)
    y_true, y_pred = draws.integers(0, classes, (2, n))
    entity = draws.integers(0, 99, n) if clustered else None
    branch = (np.arange(n) % groups).tolist()
    labels = tuple(range(classes))
    return block(
        y_true,
        y_pred,
        classes=labels,
        positive=None,
        task="multiclass",
        groups={"branch": branch},
        entity=entity,
    )


@pytest.mark.parametrize(("classes", "kept"), [(2, True), (3, True), (32, True), (33, False), (100, False)])
def test_confusion_matrix_keeps_buckets_up_to_32_classes(classes, kept):
    rows = made(classes, 1)
    counted = ConfusionMatrix.of(rows)

    assert (counted.buckets is not None) is kept
    assert counted.n == 400
    assert (counted.counts == ConfusionMatrix.of(made(classes, 1, clustered=False)).counts).all()
    if kept:
        assert (counted.buckets.sum(axis=0) == counted.counts).all()


@pytest.mark.parametrize(
    ("classes", "groups", "kept"), [(2, 400, True), (11, 300, True), (100, 13, True), (100, 14, False)]
)
def test_group_counts_keeps_buckets_up_to_its_bound(classes, groups, kept):
    counted = GroupCounts.of(made(classes, groups), ("branch",))

    assert (counted.buckets is not None) is kept
    assert counted.sizes.tolist() == np.bincount(np.arange(400) % groups).tolist()
    assert counted.counts.sum() == 400
    assert counted.matrix(0).n == counted.sizes[0]
    assert (counted.matrix(0).buckets is not None) is kept


def test_group_counts_of_a_thousand_groups_and_a_hundred_classes_fit_into_memory():
    # By entity they would take 10 GB.
    counted = GroupCounts.of(made(100, 1000, n=2000), ("branch",))

    assert counted.buckets is None
    assert counted.counts.nbytes == 80_000_000
    assert counted.n == 2000


def test_group_counts_drops_buckets_in_every_order_of_adding_or_in_none(monkeypatch):
    monkeypatch.setattr(group_counts, "BUCKETED_CELLS", 3 * 128 * 4)
    parts = [
        GroupCounts.of(block([0, 1], [1, 1], groups={"g": names}, entity=[1, 2]), ("g",))
        for names in (["a", "b"], ["b", "c"], ["c", "d"])
    ]

    assert all(part.buckets is not None for part in parts)
    assert (parts[0] + parts[1]).buckets is not None
    for one, two, three in itertools.permutations(parts):
        left, right = (one + two) + three, one + (two + three)
        assert (left.buckets, right.buckets) == (None, None)
        assert (left.counts == right.counts).all()


def test_group_counts_of_few_groups_keeps_buckets_that_sum_to_the_counts():
    counted = GroupCounts.of(made(3, 4), ("branch",))

    assert counted.buckets.shape == (4, 128, 3, 3)
    assert (counted.buckets.sum(axis=1) == counted.counts).all()


def test_confusion_matrix_bound_follows_the_memory_it_names():
    assert confusion_matrix.BUCKETED_CELLS * 8 == 2**20
    assert group_counts.BUCKETED_CELLS * 8 == 128 * 2**20


@pytest.mark.parametrize("bucketed", [True, False])
def test_label_cells_name_true_predicted_and_bucket(bucketed):
    rows = block([0, 1, 1], [1, 0, 1], entity=[0, 5, 133])
    cells = label_cells(rows, bucketed=bucketed).tolist()

    assert cells == ([1, 5 * 4 + 2, 5 * 4 + 3] if bucketed else [1, 2, 3])


def test_label_cells_of_rows_without_entities_have_no_buckets():
    assert label_cells(block([0, 1], [1, 1]), bucketed=False).tolist() == [1, 3]
