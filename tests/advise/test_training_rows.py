import numpy as np
import pytest

from reliability.advise.training_rows import (
    alike,
    contradicted,
    disputed,
    filled,
    held,
    leaks,
    listed,
    proxies,
    repeated,
    reweighing,
    usual,
)
from tests.builders import column


def ints(*values):
    return np.array(values, np.int64)


def test_weights_are_those_of_the_published_example():
    # Kamiran and Calders (2012), table 1 and section 3.3: men + 0.75, men - 2, women + 1.5, women - 0.67.
    men = [1, 1, 1, 1, 0]
    women = [0, 0, 1, 0, 1]
    y, groups = ints(*men, *women), ints(0, 0, 0, 0, 0, 1, 1, 1, 1, 1)

    weights = reweighing(y, groups)

    assert weights[0] == pytest.approx(0.75)
    assert weights[4] == pytest.approx(2.0)
    assert weights[7] == pytest.approx(1.5)
    assert weights[5] == pytest.approx(2 / 3)


def test_weighed_labels_do_not_depend_on_the_group():
    draws = np.random.default_rng(0)
    groups = draws.integers(0, 3, 500)
    y = (draws.random(500) < np.array([0.2, 0.5, 0.7])[groups]).astype(np.int64)

    weights = reweighing(y, groups)

    rates = [np.average(y[groups == one], weights=weights[groups == one]) for one in range(3)]
    assert rates == pytest.approx([y.mean()] * 3)
    assert weights.sum() == pytest.approx(500)


def test_rows_of_no_known_group_weigh_as_before():
    weights = reweighing(ints(1, 0, 1, 0, 1), ints(0, 0, 1, 1, -1))

    assert weights[4] == 1.0
    assert reweighing(ints(1, 0), ints(-1, -1)).tolist() == [1.0, 1.0]


def test_rows_are_alike_where_every_column_is_missing_values_too():
    columns = {"a": column([1.0, 1.0, None, None, 0.0]), "b": column(["x", "y", "x", "x", "x"])}

    assert len(set(alike(columns)[[0, 1, 2, 4]])) == 4
    assert alike(columns)[2] == alike(columns)[3]


def test_many_columns_do_not_run_together():
    draws = np.random.default_rng(1)
    table = draws.integers(0, 3, (400, 40))
    columns = {str(place): column(table[:, place].tolist()) for place in range(40)}

    assert len(set(alike(columns).tolist())) == len(np.unique(table, axis=0))


def test_repeats_are_all_but_the_first_and_of_one_label():
    columns = {"a": column([1, 2, 1, 1, 2])}

    assert repeated(columns, ints(0, 1, 0, 1, 1)).tolist() == [False, False, True, False, True]


def test_contradicted_rows_are_outvoted_and_both_sides_of_an_even_vote():
    columns = {"a": column([1, 1, 1, 2, 2, 3])}

    assert contradicted(columns, ints(0, 0, 1, 0, 1, 1)).tolist() == [False, False, True, True, True, False]


def test_disputed_rows_are_sure_of_another_class_than_their_own():
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.2, 0.8], [0.45, 0.55]])
    y = ints(0, 0, 0, 1, 1, 0)

    # Usual: 0.5625 for class 0, 0.75 for class 1; the third is labelled 0 and surely 1, the last is sure of nothing.
    assert disputed(scores, y).tolist() == [False, False, True, False, False, False]


def test_flipped_labels_are_the_disputed_ones_where_classes_lie_apart():
    draws = np.random.default_rng(2)
    truth = draws.integers(0, 2, 2000)
    right = np.clip(0.9 + 0.05 * draws.normal(size=2000), 0.6, 1.0)
    scores = np.where(truth[:, None] == [0, 1], right[:, None], 1 - right[:, None])
    flipped = draws.random(2000) < 0.1

    found = disputed(scores, np.where(flipped, 1 - truth, truth))

    assert found[flipped].mean() > 0.6
    assert found[~flipped].sum() == 0


def test_class_without_rows_disputes_nothing():
    assert disputed(np.array([[0.4, 0.6], [0.5, 0.5]]), ints(0, 0)).tolist() == [False, False]


@pytest.mark.parametrize(
    ("values", "one"),
    [
        ([3.5, 1.5, None, 2.5, 9.5], 2.5),
        ([1, 7, 7, 2, None], 7),
        (["b", "a", "b", None, "c"], "b"),
        ([True, False, True], True),
    ],
)
def test_usual_value_is_an_own_value_of_the_column(values, one):
    assert usual(column(values)).as_labels() == [one]


def test_column_without_any_value_has_no_usual_one():
    assert usual(column([None, None])) is None


def test_held_column_has_one_value_for_all():
    assert held(usual(column(["b", "a", "b"])), 3).as_labels() == ["b"] * 3


def test_gaps_are_filled_with_the_value_and_nothing_else_changes():
    assert filled(column([1.5, None, 2.5]), usual(column([9.5]))).as_labels() == [1.5, 9.5, 2.5]
    assert filled(column(["x", None]), usual(column(["new", "new"]))).as_labels() == ["x", "new"]
    assert filled(column(["x", None]), usual(column(["x"]))).as_labels() == ["x", "x"]
    assert filled(column([1, None, 3]), usual(column([7.5]))).as_labels() == [1.0, 7.5, 3.0]


def test_nothing_is_filled_where_nothing_is_missing_or_known():
    whole, empty = column([1.5, 2.5]), column([None, 2.5])

    assert filled(whole, usual(column([9.5]))) is whole
    assert filled(empty, None) is empty


def test_proxies_give_the_group_away_the_clearest_first():
    draws = np.random.default_rng(3)
    groups = draws.integers(0, 2, 4000)
    columns = {
        "noise": column(draws.normal(size=4000)),
        "name": column(np.where(draws.random(4000) < 0.95, groups, 1 - groups).astype(str).tolist()),
        # Ends of the range for one group, the middle for the other: no order tells them apart, bins do.
        "bent": column(
            np.where(groups == 0, 1.2 * np.sign(draws.normal(size=4000)), 0) + 0.7 * draws.normal(size=4000)
        ),
        "weak": column(draws.normal(size=4000) + 0.2 * groups),
    }

    found = dict(proxies(columns, groups))

    assert list(found) == ["name", "bent"]
    assert found["name"] == pytest.approx(0.95, abs=0.02)


def test_names_of_people_are_no_proxies_by_being_rare():
    draws = np.random.default_rng(4)
    groups = draws.integers(0, 2, 1000)

    assert proxies({"id": column([str(one) for one in range(1000)])}, groups) == ()


def test_groups_that_are_small_or_unknown_have_no_proxies():
    small = np.where(np.arange(500) < 20, 1, 0)

    assert proxies({"a": column(small.astype(float))}, small) == ()
    assert proxies({"a": column(small.astype(float))}, np.full(500, -1)) == ()


def told(y, strength, draws):
    return column(strength * y + draws.normal(size=len(y)))


def test_a_feature_that_tells_the_label_in_training_alone_is_a_leak_the_clearest_first():
    draws = np.random.default_rng(6)
    labels, outcomes = draws.integers(0, 2, 1000), draws.integers(0, 2, 600)
    taught = {
        "follow_up": told(labels, 3, draws),
        "mark": column(np.where(draws.random(1000) < 0.9, labels, 1 - labels).astype(str).tolist()),
        "merit": told(labels, 3, draws),
        "noise": told(labels, 0, draws),
    }
    decided = {
        "follow_up": told(outcomes, 0, draws),
        "mark": column(draws.integers(0, 2, 600).astype(str).tolist()),
        "merit": told(outcomes, 3, draws),
        "noise": told(outcomes, 0, draws),
    }

    found = leaks(taught, labels, decided, outcomes)

    assert [name for name, _ in found] == ["follow_up", "mark"]
    assert found[1][1] == pytest.approx(0.9, abs=0.03)


def test_a_feature_that_tells_more_in_rows_to_be_decided_is_no_leak():
    draws = np.random.default_rng(7)
    labels, outcomes = draws.integers(0, 2, 1000), draws.integers(0, 2, 600)

    assert leaks({"a": told(labels, 1.5, draws)}, labels, {"a": told(outcomes, 4, draws)}, outcomes) == ()


def test_few_rows_of_a_class_tell_of_no_leak():
    labels = np.where(np.arange(500) < 20, 1, 0)
    other = np.zeros(500, np.int64)

    assert leaks({"a": column(labels.astype(float))}, labels, {"a": column(other.astype(float))}, other) == ()


def test_names_that_are_no_features_are_left_out():
    assert listed(["b", "z", "a", "b"], ("a", "b")) == ("b", "a")
