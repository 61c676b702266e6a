import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix

from reliability.evidence.confusion_matrix import ConfusionMatrix
from tests.builders import block


def test_confusion_matrix_counts_true_by_predicted():
    counted = ConfusionMatrix.of(block([1, 1, 0, 0, 0], [1, 0, 0, 0, 1]))

    assert counted.counts.tolist() == [[2, 1], [1, 1]]
    assert (counted.n, counted.right) == (5, 3)


def test_confusion_matrix_speaks_of_the_positive_class_unless_told():
    counted = ConfusionMatrix.of(block([1, 1, 1, 0, 0], [1, 1, 0, 0, 1]))

    assert (counted.true_positives(), counted.false_positives()) == (2, 1)
    assert (counted.true_negatives(), counted.false_negatives()) == (1, 1)
    assert counted.true_positives(0) == counted.true_negatives()


def test_confusion_matrix_agrees_with_scikit_learn():
    draws = np.random.default_rng(0)
    y_true, y_pred = draws.integers(0, 4, 500), draws.integers(0, 4, 500)
    rows = block(y_true, y_pred, classes=(0, 1, 2, 3), positive=None, task="multiclass")

    assert (ConfusionMatrix.of(rows).counts == confusion_matrix(y_true, y_pred)).all()


def test_confusion_matrix_adds_to_the_whole_when_rows_are_split():
    rows = block([1, 1, 0, 0, 0], [1, 0, 0, 0, 1], entity=[1, 1, 2, 3, 131])
    parts = ConfusionMatrix.of(rows.where(np.arange(2))) + ConfusionMatrix.of(rows.where(np.arange(2, 5)))
    whole = ConfusionMatrix.of(rows)

    assert (parts.counts == whole.counts).all()
    assert (parts.buckets == whole.buckets).all()


def test_confusion_matrix_keeps_buckets_by_entity_when_rows_are_clustered():
    counted = ConfusionMatrix.of(block([1, 1, 0], [1, 0, 0], entity=[3, 131, 4]))

    assert counted.buckets.shape == (128, 2, 2)
    assert counted.buckets[3].tolist() == [[0, 0], [1, 1]]
    assert counted.buckets[4].tolist() == [[1, 0], [0, 0]]


def test_confusion_matrix_of_no_rows_is_zero():
    counted = ConfusionMatrix.of(block([], []))

    assert counted.counts.tolist() == [[0, 0], [0, 0]]
    assert counted.n == 0


def test_confusion_matrix_counts_nothing_for_regression():
    assert ConfusionMatrix.of(block([1.0], [2.0], task="regression")).counts.shape == (0, 0)


def test_confusion_matrix_refuses_rows_without_predictions():
    with pytest.raises(ValueError, match="no predictions"):
        ConfusionMatrix.of(block([1, 0]))


def test_confusion_matrix_names_no_positive_class_when_none_is_settled():
    counted = ConfusionMatrix.of(block([0, 1], [0, 1], positive=None))

    with pytest.raises(ValueError, match="name the class"):
        counted.true_positives()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 400)), min_size=1, max_size=50))
def test_confusion_matrix_counts_every_class_as_scikit_learn_does(rows):
    y_true, y_pred, entity = zip(*rows, strict=True)
    more = {"classes": (0, 1, 2), "positive": None, "task": "multiclass"}
    counted = ConfusionMatrix.of(block(y_true, y_pred, entity=entity, **more))
    theirs = multilabel_confusion_matrix(y_true, y_pred, labels=[0, 1, 2])

    for index in range(3):
        found = [
            [counted.true_negatives(index), counted.false_positives(index)],
            [counted.false_negatives(index), counted.true_positives(index)],
        ]
        assert found == theirs[index].tolist()
    assert (counted.buckets.sum(axis=0) == counted.counts).all()
    for bucket in set(entity):
        chosen = [place for place, one in enumerate(entity) if one % 128 == bucket % 128]
        expected = ConfusionMatrix.of(block([y_true[i] for i in chosen], [y_pred[i] for i in chosen], **more))
        assert (counted.buckets[bucket % 128] == expected.counts).all()


@pytest.mark.parametrize("digest", [0, 127, 128, 2**63, 2**64 - 1])
def test_confusion_matrix_takes_digests_of_all_64_bits(digest):
    counted = ConfusionMatrix.of(block([1], [0], entity=[digest]))

    assert counted.buckets[digest % 128].tolist() == [[0, 0], [1, 0]]
    assert counted.buckets.sum() == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40))
def test_confusion_matrix_of_exchanged_classes_is_turned_around(rows):
    y_true, y_pred = (np.array(side) for side in zip(*rows, strict=True))
    here, there = ConfusionMatrix.of(block(y_true, y_pred)), ConfusionMatrix.of(block(1 - y_true, 1 - y_pred))

    assert there.counts.tolist() == here.counts[::-1, ::-1].tolist()
    assert (there.true_positives(), there.false_positives()) == (here.true_negatives(), here.false_negatives())
    assert there.right == here.right


def test_confusion_matrix_of_predictions_taken_for_truth_is_transposed():
    draws = np.random.default_rng(0)
    y_true, y_pred = draws.integers(0, 2, 50), draws.integers(0, 2, 50)

    turned = ConfusionMatrix.of(block(y_pred, y_true))

    assert turned.counts.tolist() == ConfusionMatrix.of(block(y_true, y_pred)).counts.T.tolist()


def test_confusion_matrix_keeps_no_buckets_when_only_one_part_has_them():
    clustered, plain = block([1, 0], [1, 1], entity=[1, 2]), block([1], [0])

    for one, other in [(clustered, plain), (plain, clustered)]:
        total = ConfusionMatrix.of(one) + ConfusionMatrix.of(other)
        assert (total.buckets, total.n) == (None, 3)


@pytest.mark.parametrize(("classes", "bucketed"), [(2, True), (32, True), (33, False), (60, False)])
def test_confusion_matrix_keeps_buckets_for_as_many_classes_as_fit_into_memory(classes, bucketed):
    labels = tuple(range(classes))
    made = block(labels, labels, classes=labels, positive=None, task="multiclass", entity=labels)

    counted = ConfusionMatrix.of(made)

    assert (counted.buckets is not None) is bucketed
    assert counted.right == counted.n == classes
