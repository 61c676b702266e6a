from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from reliability.errors import NotMeasurable
from reliability.evidence.linear_model import LEVELS, linear_predictions, linear_probabilities
from reliability.evidence.sample import Sample
from tests.builders import block, column


def sample(y_true, columns, task="binary", classes=(0, 1)):
    rows = block(y_true, columns=columns, task=task, classes=classes, positive=None)
    return Sample.of(rows, seed=0, size=1000)


def test_linear_predictions_of_a_number_are_logistic_regressions():
    draws = np.random.default_rng(0)
    x = draws.normal(5, 3, 200)
    y = (x + draws.normal(size=200) > 5).astype(int)
    scaled = ((x - x.mean()) / x.std())[:, None]

    expected = LogisticRegression().fit(scaled, y).predict(scaled)
    assert (linear_predictions(sample(y, {"x": x}), sample(y, {"x": x})) == expected).all()


def test_linear_predictions_of_values_are_ridge_regressions():
    draws = np.random.default_rng(0)
    x = draws.normal(5, 3, 200)
    y = 1e6 * x + draws.normal(size=200)
    scaled = ((x - x.mean()) / x.std())[:, None]

    expected = Ridge().fit(scaled, y).predict(scaled)
    rows = sample(y, {"x": x}, task="regression")
    assert linear_predictions(rows, rows) == pytest.approx(expected)


def test_linear_predictions_of_several_classes_follow_the_text():
    names = ["a", "b", "c"] * 20
    rows = sample([0, 1, 2] * 20, {"w": names}, task="multiclass", classes=(0, 1, 2))
    asked = sample([0] * 4, {"w": ["c", "b", "a", "b"]}, task="multiclass", classes=(0, 1, 2))

    assert linear_predictions(rows, asked).tolist() == [2, 1, 0, 1]


def test_linear_predictions_read_missing_as_a_sign_of_its_own():
    rows = sample([1, 0] * 30, {"x": [None, 1.0] * 30, "w": ["u", None] * 30})

    assert linear_predictions(rows, rows).tolist() == [1, 0] * 30


def test_linear_predictions_keep_to_the_commonest_levels():
    names = [f"level {index}" for index in range(LEVELS + 5)]
    rows = sample([1] * 100 + [0] * len(names), {"w": [names[0]] * 100 + names})
    asked = sample([0, 0], {"w": [names[0], "never seen"]})

    assert linear_predictions(rows, asked).tolist()[0] == 1


@pytest.mark.parametrize("x", [1e308, -1e308, 1e-308])
def test_linear_predictions_stay_finite_on_extreme_numbers(x):
    rows = sample([0.0, 1.0, 2.0, x], {"x": [x, 0.0, 1.0, -x], "same": [4.0] * 4}, task="regression")

    assert np.isfinite(linear_predictions(rows, rows)).all()


def test_linear_predictions_leave_out_a_column_that_changed_its_kind():
    rows = sample([0, 1] * 20, {"x": [0.0, 1.0] * 20, "w": ["a", "b"] * 20})
    asked = replace(rows, columns={"x": rows.columns["x"], "w": column([7.0] * 40)})

    assert (linear_predictions(rows, asked) == rows.y_true).all()


def test_linear_predictions_do_not_depend_on_the_order_of_levels():
    rows = sample([0, 1, 1] * 20, {"w": ["a", "b", "c"] * 20})
    turned = sample([1, 1, 0] * 20, {"w": ["c", "b", "a"] * 20})

    assert (linear_predictions(rows, rows) == linear_predictions(turned, rows)).all()


def test_linear_probabilities_are_logistic_regressions():
    draws = np.random.default_rng(3)
    x, z = draws.normal(5, 3, 200), draws.normal(-2, 4, 50)
    y = (x + draws.normal(size=200) > 5).astype(int)
    fitted = LogisticRegression().fit(((x - x.mean()) / x.std())[:, None], y)

    found = linear_probabilities(sample(y, {"x": x}), sample([0] * 50, {"x": z}))
    assert found == pytest.approx(fitted.predict_proba(((z - x.mean()) / x.std())[:, None]), abs=1e-6)
    assert found.sum(axis=1) == pytest.approx(1)


def test_linear_probability_of_a_class_that_training_lacks_is_nought():
    rows = {"x": np.arange(40.0)}
    known = sample([0, 2] * 20, rows, task="multiclass", classes=(0, 1, 2))

    found = linear_probabilities(known, known)
    assert found.shape == (40, 3)
    assert (found[:, 1] == 0).all()
    assert found[:, [0, 2]].sum(axis=1) == pytest.approx(1)


def test_linear_probabilities_need_two_classes():
    rows = sample([1] * 20, {"x": np.arange(20.0)})

    with pytest.raises(NotMeasurable, match="one_class"):
        linear_probabilities(rows, rows)
