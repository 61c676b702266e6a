import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance as scikit_learns
from sklearn.linear_model import LinearRegression

from reliability.checks.explanation.importance import largest_feature_share, permutation_importance, unused_features
from reliability.checks.explanation.permuted import permuted
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

CHECKS = (permutation_importance, largest_feature_share, unused_features)


def two(n=600, weights=None, seed=0, scores=True, **roles):
    """Two features that the label hangs on, one twice as much, and one that it does not."""
    draws = np.random.default_rng(seed)
    columns = {name: draws.normal(size=n) for name in "abz"}
    y = (2 * columns["a"] + columns["b"] + 0.5 * draws.normal(size=n) > 0).astype(int)
    model = linear(weights or {"a": 2.0, "b": 1.0})
    return probed(columns, model if scores else labels_only(model), y_true=y, **roles)


class Fixed(ClassifierMixin, BaseEstimator):
    """Our model as scikit-learn sees it."""

    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        return self

    def decision_function(self, x):
        return 2.0 * x[:, 0] + x[:, 1]

    def predict(self, x):
        return (self.decision_function(x) > 0).astype(int)


def table(probe):
    return np.column_stack([column.values for column in probe.sample.columns.values()])


@pytest.mark.parametrize(
    ("scores", "scoring", "metric"), [(True, "roc_auc", "roc_auc"), (False, "accuracy", "accuracy")]
)
def test_permutation_importance_agrees_with_scikit_learn(scores, scoring, metric):
    probe, _, _ = two(scores=scores)
    measured = permutation_importance(probe, repeats=20)
    fitted = Fixed().fit(None, None)
    theirs = scikit_learns(fitted, table(probe), probe.sample.y_true, scoring=scoring, n_repeats=20, random_state=0)
    ours = {one["column"]: one["value"] for one in measured.details["features"]}

    assert measured.details["metric"] == metric
    for name, value, spread in zip("abz", theirs.importances_mean, theirs.importances_std, strict=True):
        assert ours[name] == pytest.approx(value, abs=3 * spread / np.sqrt(20) + 0.004)
    assert measured.value == ours["a"] == max(ours.values())
    assert (measured.unit, measured.method) == ("difference", "delta")


def test_permutation_importance_of_a_forest_agrees_with_scikit_learn():
    draws = np.random.default_rng(0)
    x = draws.normal(size=(400, 3))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    forest = RandomForestClassifier(20, random_state=0, n_jobs=1).fit(x, y)

    def model(columns):
        given = np.column_stack([columns[name].values for name in "abz"])
        return Answers(labels=forest.predict(given), scores=forest.predict_proba(given)[:, 1])

    probe, _, _ = probed(dict(zip("abz", x.T, strict=True)), model, y_true=y)
    ours = {one["column"]: one["value"] for one in permutation_importance(probe, repeats=10).details["features"]}
    theirs = scikit_learns(forest, x, y, scoring="roc_auc", n_repeats=10, random_state=0).importances_mean

    assert [ours[name] for name in "abz"] == pytest.approx(theirs, abs=0.03)


def test_permutation_importance_of_a_regression_agrees_with_scikit_learn():
    draws = np.random.default_rng(0)
    x = draws.normal(size=(500, 2))
    y = 3 * x[:, 0] + x[:, 1] + draws.normal(size=500)
    line = LinearRegression().fit(x, y)
    model = lambda c: Answers(labels=line.predict(np.column_stack([c[name].values for name in "ab"])))  # noqa: E731
    probe, _, _ = probed(dict(zip("ab", x.T, strict=True)), model, y_true=y, task="regression")
    measured = permutation_importance(probe, repeats=20)
    theirs = scikit_learns(line, x, y, scoring="neg_mean_absolute_error", n_repeats=20, random_state=0).importances_mean

    assert [one["value"] for one in measured.details["features"]] == pytest.approx(theirs, rel=0.05)
    assert (measured.unit, measured.details["metric"]) == ("target", "mean_absolute_error")


def test_interval_of_an_importance_covers_the_true_one():
    # P(right) is 1 as it is; with x drawn anew the label is right with probability 1/2.
    missed = 0
    for seed in range(150):
        x = np.random.default_rng(seed).normal(size=120)
        probe, _, _ = probed(
            {"x": x},
            labels_only(linear({"x": 1.0})),
            y_true=(x > 0).astype(int),
        )
        (one,) = permutation_importance(probe).details["features"]
        missed += not one["low"] <= 0.5 <= one["high"]

    assert missed <= 15


def test_interval_reckons_with_the_rows_that_values_come_from():
    # With y apart from x, the spread over draws is what the influences say, give or take drawing.
    values, said = [], []
    for seed in range(200):
        draws = np.random.default_rng(seed)
        x = draws.normal(size=150)
        y = (x + draws.normal(size=150) > 0).astype(int)
        found = permuted(probed({"x": x}, linear({"x": 1.0}), y_true=y)[0], sample_size=1_000, repeats=3)
        values.append(found.importance[0])
        said.append(found.variance(found.influence[0])[0])

    assert 0.9 < np.mean(said) / np.var(values) < 2.0


def test_all_three_checks_read_one_set_of_answers():
    probe, _, asked = two(200)
    for check in CHECKS:
        check(probe)

    assert len(asked) == 1
    assert rows_asked(asked) == 3 * 3 * 200
    assert permutation_importance(probe).details["questions"] == 1_800


@pytest.mark.parametrize("options", [{"repeats": 2}, {"sample_size": 100}])
def test_other_rows_or_repeats_are_asked_apart(options):
    probe, _, asked = two(200)
    unused_features(probe)
    unused_features(probe, **options)

    assert len(asked) == 2


@pytest.mark.parametrize("check", CHECKS)
def test_a_thousand_rows_are_asked_three_times_for_every_feature(check):
    probe, _, asked = two(1_300)
    measured = check(probe)

    assert (measured.details["of_n"], measured.details["questions"], rows_asked(asked)) == (1_300, 9_000, 9_000)
    assert measured.n == (3 if check is unused_features else 1_000)


def test_permuting_deals_out_the_same_values():
    probe, _, asked = two(50)
    unused_features(probe, repeats=1)
    first = probe.sample.columns

    for at, name in enumerate("abz"):
        for other in "abz":
            part = asked[0][other].values[at * 50 : (at + 1) * 50]
            assert sorted(part) == sorted(first[other].values)
            assert (part == first[other].values).all() == (other != name)


def test_repeats_and_features_are_dealt_out_apart():
    probe, _, asked = probed(dict.fromkeys("ab", np.arange(200.0)), linear({"a": 1.0, "b": 1.0}, 200))
    unused_features(probe, repeats=2)
    a, b = asked[0]["a"].values[:400], asked[0]["b"].values[400:]
    orders = [*np.split(a, 2), *np.split(b, 2)]

    for one in range(4):
        for other in range(one):
            assert abs(np.corrcoef(orders[one], orders[other])[0, 1]) < 0.25


def test_text_gaps_and_flags_can_be_dealt_out():
    columns = {
        "w": ["u", None, "v", "u"],
        "yes": [True, None, False, True],
        "x": [1.0, None, 3.0, 4.0],
        "i": [1, 2, None, 4],
    }

    def model(table):
        return Answers(labels=np.array([word == "u" for word in table["w"].as_labels()], np.int64))

    probe, _, asked = probed(columns, model, y_true=[1, 0, 0, 1])

    assert unused_features(probe).details["columns"] == ["yes", "x", "i"]
    for name, values in columns.items():
        assert sorted(map(str, asked[0][name].as_labels()[:4])) == sorted(map(str, values))


def test_unused_features_are_counted_and_named():
    probe, _, _ = two()
    measured = unused_features(probe)

    assert (measured.value, measured.details["columns"], measured.n) == (1, ["z"], 3)
    assert (measured.unit, measured.method) == ("columns", "exact")
    assert (measured.low, measured.high, measured.reason.code) == (None, None, "no_interval")
    assert [one["changed"] > 0 for one in measured.details["features"]] == [True, True, False]
    assert {type(one["changed"]) for one in measured.details["features"]} == {int}
    assert canonical_json(measured)


def test_a_feature_that_moves_a_score_by_a_hair_is_used():
    assert unused_features(two(weights={"a": 1.0, "b": 1.0, "z": 1e-9})[0]).value == 0
    # Without scores only labels show it.
    assert unused_features(two(weights={"a": 1.0, "b": 1.0, "z": 1e-9}, scores=False)[0]).value == 1


def test_a_constant_column_is_unused():
    probe, _, _ = probed({"x": np.arange(20.0), "c": [1.0] * 20}, linear({"x": 1.0, "c": 5.0}, 10))

    assert unused_features(probe).details["columns"] == ["c"]


def test_a_model_that_uses_one_feature_hangs_on_it_altogether():
    probe, _, _ = two(weights={"a": 2.0})
    measured = largest_feature_share(probe)

    assert (measured.value, measured.high, measured.details["column"]) == (1.0, 1.0, "a")
    assert 0.8 < measured.low < 1.0


def test_of_one_feature_alone_the_low_limit_holds_what_rows_can_have_missed():
    probe, _, _ = two(weights={"a": 2.0}, scores=False)
    measured = largest_feature_share(probe)
    (first, *_) = permutation_importance(probe).details["features"]
    missed = 2 * clopper_pearson(0, 600, confidence=0.95)[1]

    assert measured.low == pytest.approx(first["low"] / (first["low"] + missed))


@pytest.mark.parametrize("scores", [True, False])
def test_a_larger_weight_has_a_larger_share(scores):
    shares = [
        largest_feature_share(two(1_000, {"a": weight, "b": 1.0}, scores=scores)[0]) for weight in (1.5, 4.0, 20.0)
    ]

    assert [one.value for one in shares] == sorted(one.value for one in shares)
    assert all(one.low < one.value < one.high for one in shares)
    assert shares[-1].value > 0.9


def test_share_of_two_equal_features_covers_a_half():
    missed = 0
    for seed in range(60):
        draws = np.random.default_rng(seed)
        columns = {name: draws.normal(size=300) for name in "ab"}
        y = (columns["a"] + columns["b"] > 0).astype(int)
        measured = largest_feature_share(probed(columns, linear({"a": 1.0, "b": 1.0}), y_true=y)[0])
        missed += not measured.low <= 0.5 <= measured.high

    assert missed <= 6


def test_a_model_that_nothing_moves_has_no_importance():
    steady = lambda c: Answers(labels=np.zeros(len(c["a"]), np.int64), scores=np.full(len(c["a"]), 0.3))  # noqa: E731
    probe, _, _ = probed({"a": np.arange(40.0), "b": np.arange(40.0)}, steady, y_true=[0, 1] * 20)

    for check, code in ((permutation_importance, "variance_not_estimable"), (largest_feature_share, "no_importance")):
        with pytest.raises(NotMeasurable) as refused:
            check(probe)
        assert refused.value.code == code
    assert unused_features(probe).value == 2


def test_a_model_that_guesses_has_no_importance_to_share():
    draws = np.random.default_rng(1)
    columns = {name: draws.normal(size=300) for name in "ab"}
    probe, _, _ = probed(columns, linear({"a": 1.0, "b": 1.0}), y_true=draws.integers(0, 2, 300))

    with pytest.raises(NotMeasurable, match="no_importance"):
        largest_feature_share(probe)


def test_of_a_regression_with_one_feature_used_the_share_is_not_judged():
    x = np.random.default_rng(0).normal(size=(200, 2))
    probe, _, _ = probed(
        dict(zip("ab", x.T, strict=True)), lambda c: Answers(labels=c["a"].values), y_true=x[:, 0], task="regression"
    )
    measured = largest_feature_share(probe)

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "variance_not_estimable")


def test_importances_of_clustered_rows_have_wider_intervals():
    draws = np.random.default_rng(0)
    x = np.repeat(draws.normal(size=40), 10)
    y = (x + np.repeat(draws.normal(size=40), 10) > 0).astype(int)
    widths = [
        next(one["high"] - one["low"] for one in permutation_importance(probe).details["features"])
        for probe in (
            probed({"x": x}, linear({"x": 1.0}), y_true=y)[0],
            probed({"x": x}, linear({"x": 1.0}), y_true=y, entity=[1 + i // 10 for i in range(400)])[0],
        )
    ]

    assert widths[1] > 1.5 * widths[0]


@pytest.mark.parametrize("check", CHECKS)
def test_importances_do_not_depend_on_the_order_of_columns(check):
    probe, _, _ = two(300)
    turned, _, _ = probed(
        {name: probe.sample.columns[name] for name in "zba"}, linear({"a": 2.0, "b": 1.0}), y_true=probe.sample.y_true
    )
    first, second = check(probe), check(turned)

    assert first.value == pytest.approx(second.value, abs=1e-12)


def test_features_that_matter_the_same_are_listed_in_the_order_of_columns():
    names = [f"x{at:02}" for at in range(40)]
    columns = {name: np.random.default_rng(at).normal(size=60) for at, name in enumerate(names)}
    y = (sum(columns[name] for name in names[1::2]) > 0).astype(int)
    probe, _, _ = probed(columns, linear(dict.fromkeys(names[1::2], 1.0)), y_true=y)
    listed = [one["column"] for one in permutation_importance(probe).details["features"] if one["value"] == 0]

    assert listed == names[::2]


@pytest.mark.parametrize("check", CHECKS)
def test_importances_are_the_same_twice_and_can_be_written_down(check):
    assert check(two(100)[0]) == check(two(100)[0])
    assert canonical_json(check(two(100)[0]))


@pytest.mark.parametrize("check", CHECKS)
def test_importances_refuse(check):
    none, _, _ = probed({"x": []}, linear({"x": 1.0}))
    with pytest.raises(NotMeasurable, match="no_rows"):
        check(none)
    for option in ("repeats", "sample_size"):
        with pytest.raises(ChecklistError) as refused:
            check(two(20)[0], **{option: 0})
        assert refused.value.code == "option_too_small"
        assert refused.value.values == {"option": option, "least": 1, "value": 0}


def test_a_share_needs_two_features():
    probe, _, _ = probed({"x": np.arange(20.0)}, linear({"x": 1.0}, 10), y_true=[0] * 10 + [1] * 10)

    with pytest.raises(NotMeasurable) as refused:
        largest_feature_share(probe)
    assert refused.value.code == "fewer_than_two_features"
    assert permutation_importance(probe).details["features"][0]["column"] == "x"
