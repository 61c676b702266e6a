import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, t
from sklearn.inspection import permutation_importance as scikit_learns
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, mean_absolute_error, roc_auc_score

from reliability.blocks import ENTITY_BUCKETS
from reliability.checks.explanation.importance import largest_feature_share, permutation_importance, unused_features
from reliability.checks.explanation.permuted import permuted, simultaneous
from reliability.checks.influences import area, error_spared, placements, positive_rows, share_right
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

CHECKS = (permutation_importance, largest_feature_share, unused_features)
WEIGHTS = {"a": 2.0, "b": -1.0, "c": 0.5}
FEW = settings(max_examples=40, deadline=None)
SMALL = st.integers(-4, 4)


def adding(weights):
    """A regression that adds up."""
    return lambda columns: Answers(labels=sum(w * np.nan_to_num(columns[k].as_floats()) for k, w in weights.items()))


def three(columns):
    """Three classes, by the largest of a, b and 0."""
    raw = np.exp(np.column_stack([columns["a"].values, columns["b"].values, np.zeros(len(columns["a"]))]))
    scores = raw / raw.sum(axis=1, keepdims=True)
    return Answers(labels=scores.argmax(axis=1), scores=scores)


def case(kind, n=240, seed=0, weights=WEIGHTS, columns=None, **roles):
    """A probe of normal columns with labels that the model gets right in part, and the tables that it is asked."""
    draws = np.random.default_rng(seed)
    columns = {name: draws.normal(size=n) for name in weights} if columns is None else columns
    total = sum(weight * columns[name] for name, weight in weights.items()) + draws.normal(size=n)
    if kind == "regression":
        return probed(columns, adding(weights), y_true=total, task="regression", **roles)
    if kind == "multiclass":
        y = draws.integers(0, 3, n)
        return probed(columns, three, y_true=y, classes=(0, 1, 2), positive=None, task="multiclass", **roles)
    model = linear(weights) if kind == "scores" else labels_only(linear(weights))
    return probed(columns, model, y_true=(total > 0).astype(int), **roles)


def by_name(measured):
    return {one["column"]: one["value"] for one in measured.details["features"]}


def performance(kind, answers, y):
    if kind == "regression":
        return -mean_absolute_error(y, answers.labels)
    return roc_auc_score(y, answers.scores) if kind == "scores" else accuracy_score(y, answers.labels)


def measured_or_code(check, probe):
    try:
        return check(probe)
    except NotMeasurable as refused:
        return refused.code


KINDS = ("scores", "labels", "multiclass", "regression")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "repeats"), [(2, 1), (17, 2), (240, 3)])
def test_importance_is_the_performance_lost_on_the_very_tables_asked(kind, n, repeats):
    probe, _, asked = case(kind, n, seed=3)
    found = permuted(probe, sample_size=1_000, repeats=repeats)
    y, model = probe.sample.y_true, probe.ask
    (table,) = asked
    told = model(table)
    # Of one class alone there is no area, and accuracy is meant.
    counted = "labels" if kind == "scores" and len(np.unique(y)) < 2 else kind
    base = performance(counted, probe.answers, y)
    lost = [base - performance(counted, told.take(np.arange(at, at + n)), y) for at in range(0, told.n, n)]

    assert found.importance == pytest.approx(np.reshape(lost, (3, repeats)).mean(axis=1), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scoring", ["roc_auc", "accuracy", "neg_mean_absolute_error"])
def test_importances_of_fitted_models_are_scikit_learns(seed, scoring):
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(300, 3))
    total = x @ [1.5, -0.7, 0.0] + draws.normal(size=300)
    regression = scoring.startswith("neg")
    y = total if regression else (total > 0).astype(int)
    fitted = (LinearRegression() if regression else LogisticRegression()).fit(x, y)

    def model(columns):
        rows = np.column_stack([columns[name].values for name in "abc"])
        scores = fitted.predict_proba(rows)[:, 1] if scoring == "roc_auc" else None
        return Answers(labels=fitted.predict(rows), scores=scores)

    roles = {"task": "regression"} if regression else {}
    probe, _, _ = probed(dict(zip("abc", x.T, strict=True)), model, y_true=y, **roles)
    ours = by_name(permutation_importance(probe, repeats=30))
    theirs = scikit_learns(fitted, x, y, scoring=scoring, n_repeats=30, random_state=seed)

    for name, mean, spread in zip("abc", theirs.importances_mean, theirs.importances_std, strict=True):
        assert ours[name] == pytest.approx(mean, abs=5 * spread * np.sqrt(2 / 30) + 1e-9)


@pytest.mark.parametrize("weights", [{"a": 1.0}, {"a": 3.0, "b": -0.5}, {"a": 0.25, "b": 4.0, "c": -1.0}])
def test_a_perfect_sum_loses_its_weight_times_ginis_mean_difference(weights):
    draws = np.random.default_rng(5)
    columns = {name: draws.normal(size=400) for name in weights}
    y = sum(weight * columns[name] for name, weight in weights.items())
    probe, _, _ = probed(columns, adding(weights), y_true=y, task="regression")
    found = by_name(permutation_importance(probe, repeats=20))

    for name, weight in weights.items():
        x = columns[name]
        assert found[name] == pytest.approx(abs(weight) * np.abs(x[:, None] - x).mean(), rel=0.03)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8])
def test_a_perfect_rule_of_one_flag_loses_twice_the_product_of_shares(share):
    flags = (np.arange(1_000) < 1_000 * share).tolist()
    model = lambda c: Answers(labels=c["x"].values.astype(np.int64))  # noqa: E731
    measured = permutation_importance(probed({"x": flags}, model, y_true=[int(x) for x in flags])[0], repeats=10)

    assert measured.value == pytest.approx(2 * share * (1 - share), abs=0.015)


def test_a_perfect_rank_loses_half_the_area():
    x = np.arange(500.0)
    measured = permutation_importance(
        probed({"x": x}, linear({"x": 0.01}, 2.5), y_true=(x > 250).astype(int))[0], repeats=20
    )

    assert measured.details["metric"] == "roc_auc"
    assert measured.value == pytest.approx(0.5, abs=0.02)


@FEW
@given(
    st.lists(st.tuples(SMALL, SMALL, st.integers(0, 1)), min_size=3, max_size=25),
    st.tuples(SMALL, SMALL),
    st.booleans(),
)
def test_any_small_table_has_importances_that_hang_together(rows, weights, scores):
    a, b, y = (np.array(one, float) for one in zip(*rows, strict=True))
    model = linear(dict(zip("ab", map(float, weights), strict=True)))
    probe, _, asked = probed({"a": a, "b": b}, model if scores else labels_only(model), y_true=y.astype(int))
    unused = unused_features(probe)
    constant = {name for name, x, w in zip("ab", (a, b), weights, strict=True) if w == 0 or np.ptp(x) == 0}

    assert constant <= set(unused.details["columns"])
    assert unused.value == len(unused.details["columns"]) == sum(not f["changed"] for f in unused.details["features"])
    assert rows_asked(asked) == 2 * 3 * len(rows)
    measured = measured_or_code(permutation_importance, probe)
    if isinstance(measured, str):
        assert measured == "variance_not_estimable"
        return
    values = [one["value"] for one in measured.details["features"]]
    assert values == sorted(values, reverse=True)
    assert measured.value == values[0]
    assert -1 <= values[-1] <= values[0] <= 1
    assert measured.low <= measured.value <= measured.high <= 1
    for one in measured.details["features"]:
        assert one["column"] not in unused.details["columns"] or (one["value"], one["low"]) == (0.0, None)
    assert canonical_json(measured)


@FEW
@given(st.integers(0, 10_000), st.sampled_from(KINDS))
def test_the_share_is_the_largest_part_of_what_is_above_nought(seed, kind):
    probe, _, _ = case(kind, 60, seed=seed)
    measured = measured_or_code(largest_feature_share, probe)
    if isinstance(measured, str):
        assert measured == "no_importance"
        return
    found = by_name(permutation_importance(probe))
    above = {name: value for name, value in found.items() if value > 0}

    assert measured.value == pytest.approx(max(above.values()) / sum(above.values()))
    assert found[measured.details["column"]] == max(found.values())
    if measured.judged:
        assert 0 <= measured.low <= measured.value <= measured.high <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["cab", "bca", "cba"])
def test_the_order_of_columns_moves_no_feature(kind, order):
    probe, _, _ = case(kind)
    turned, _, _ = probed(
        {name: probe.sample.columns[name] for name in order}, probe.ask, y_true=probe.sample.y_true,
        task=probe.sample.roles.task, classes=probe.sample.roles.classes or (0, 1),
        positive=1 if kind in KINDS[:2] else None,
    )  # fmt: skip

    assert by_name(permutation_importance(turned)) == pytest.approx(by_name(permutation_importance(probe)), abs=1e-12)
    assert by_name(unused_features(turned)) == by_name(unused_features(probe))


@pytest.mark.parametrize("check", CHECKS)
def test_a_column_more_that_the_model_does_not_read_moves_no_other(check):
    probe, _, _ = case("scores")
    more, _, _ = probed({**probe.sample.columns, "idle": np.arange(240.0)}, probe.ask, y_true=probe.sample.y_true)
    first, second = check(probe), check(more)

    if check is unused_features:
        assert (first.value, second.value, second.details["columns"]) == (0, 1, ["idle"])
    else:
        assert second.value == pytest.approx(first.value, abs=1e-12)
        # One feature more to hold for at once.
        assert second.low < first.low
        assert second.high >= first.high


@pytest.mark.parametrize("kind", ["scores", "labels", "regression"])
def test_the_order_of_rows_is_but_another_draw(kind):
    probe, _, _ = case(kind, 400)
    turn = np.random.default_rng(9).permutation(400)
    columns = {name: one.values[turn] for name, one in probe.sample.columns.items()}
    turned, _, _ = probed(columns, probe.ask, y_true=probe.sample.y_true[turn], task=probe.sample.roles.task)
    first, second = (by_name(permutation_importance(one, repeats=40)) for one in (probe, turned))

    assert second == pytest.approx(first, rel=0.1, abs=0.01)


@pytest.mark.parametrize("factor", [0.125, 2.0, 1024.0])
def test_units_of_features_do_not_count_and_those_of_the_target_do(factor):
    probe, _, _ = case("regression")
    columns = {name: one.values for name, one in probe.sample.columns.items()}
    lesser = {name: weight / factor for name, weight in WEIGHTS.items()}
    grown = {name: x * factor for name, x in columns.items()}
    same, _, _ = probed(grown, adding(lesser), y_true=probe.sample.y_true, task="regression")
    larger, _, _ = probed(grown, adding(WEIGHTS), y_true=probe.sample.y_true * factor, task="regression")
    first, second, third = (permutation_importance(one) for one in (probe, same, larger))

    assert by_name(second) == pytest.approx(by_name(first))
    assert (second.low, second.high) == pytest.approx((first.low, first.high))
    assert (third.value, third.low, third.high) == pytest.approx(
        (factor * first.value, factor * first.low, factor * first.high)
    )
    assert largest_feature_share(larger).value == pytest.approx(largest_feature_share(probe).value)


def test_a_score_bent_upwards_has_the_same_areas_and_one_turned_round_the_same_losses_below_nought():
    probe, _, _ = case("scores")

    def as_probe(change):
        def model(columns):
            told = probe.ask(columns)
            return Answers(labels=told.labels, scores=change(told.scores))

        return probed(probe.sample.columns, model, y_true=probe.sample.y_true)[0]

    plain, bent, turned = (by_name(permutation_importance(as_probe(f))) for f in (abs, np.sqrt, lambda s: 1 - s))

    assert bent == pytest.approx(plain, abs=1e-9)
    assert turned == pytest.approx({name: -value for name, value in plain.items()}, abs=1e-9)


@pytest.mark.parametrize(("kind", "metric", "unit"), [
    ("scores", "roc_auc", "difference"), ("labels", "accuracy", "difference"),
    ("multiclass", "accuracy", "difference"), ("regression", "mean_absolute_error", "target"),
])  # fmt: skip
def test_details_say_what_was_asked_in_every_task(kind, metric, unit):
    probe, _, asked = case(kind, 90)
    for check in CHECKS:
        try:
            told = check(probe, repeats=2, sample_size=70).details
        except NotMeasurable:
            assert (kind, check) == ("multiclass", largest_feature_share)
            continue
        assert (told["of_n"], told["metric"], told["repeats"], told["questions"]) == (90, metric, 2, 420)
    measured = permutation_importance(probe, repeats=2, sample_size=70)

    assert set(measured.details) == {"of_n", "metric", "repeats", "questions", "features"}
    assert {frozenset(one) for one in measured.details["features"]} == {frozenset({"column", "value", "low", "high"})}
    assert (measured.unit, measured.method, measured.n) == (unit, "delta", 70)
    assert rows_asked(asked) == 420


@pytest.mark.parametrize(("n", "size", "repeats"), [(1, 9, 4), (50, 50, 1), (50, 49, 5), (80, 1, 2), (30, 1_000, 7)])
def test_so_many_rows_are_asked_once(n, size, repeats):
    probe, _, asked = case("labels", n)
    measured = unused_features(probe, repeats=repeats, sample_size=size)

    assert rows_asked(asked) == measured.details["questions"] == 3 * repeats * min(n, size)
    for one in measured.details["features"]:
        assert one["value"] == pytest.approx(one["changed"] / (repeats * min(n, size)))


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_cannot_be_dealt_out(kind):
    probe, _, _ = case(kind, 1)

    assert unused_features(probe).details["columns"] == ["a", "b", "c"]
    for check, code in ((permutation_importance, "variance_not_estimable"), (largest_feature_share, "no_importance")):
        with pytest.raises(NotMeasurable) as refused:
            check(probe)
        assert refused.value.code == code


@pytest.mark.parametrize(
    "cells", [[None] * 40, [0.0] * 40, [7] * 40, [True] * 40, ["one"] * 40], ids=["gap", "float", "int", "flag", "word"]
)
def test_a_column_that_never_varies_has_no_importance(cells):
    x = np.random.default_rng(0).normal(size=40)
    probe, _, _ = probed({"x": x, "same": cells}, linear({"x": 1.0}), y_true=(x > 0).astype(int))
    idle = permutation_importance(probe).details["features"][1]

    assert idle == {"column": "same", "value": 0.0, "low": None, "high": None}
    assert unused_features(probe).details["columns"] == ["same"]
    assert largest_feature_share(probe).details["column"] == "x"


def test_words_flags_and_gaps_matter_as_the_numbers_that_they_stand_for():
    bits = np.random.default_rng(1).random(120) < 0.4
    y = bits.astype(int)
    forms = [
        (np.where(bits, "yes", "no").tolist(), lambda one: [cell == "yes" for cell in one.as_labels()]),
        (bits.tolist(), lambda one: one.values),
        ([1.0 if bit else None for bit in bits], lambda one: ~one.missing),
        (y.tolist(), lambda one: one.values == 1),
    ]
    values = [
        permutation_importance(
            probed({"x": cells}, lambda c, read=read: Answers(labels=np.asarray(read(c["x"]), np.int64)), y_true=y)[0]
        )
        for cells, read in forms
    ]

    assert values[0].value > 0.3
    assert all(one == values[0] for one in values)


@pytest.mark.parametrize("roles", [{"positive": None}, {"y": 0}, {"y": 1}])
def test_without_an_area_accuracy_is_meant(roles):
    x = np.random.default_rng(0).normal(size=60)
    y = (x > 0).astype(int) if "y" not in roles else [roles["y"]] * 60
    probe, _, _ = probed({"x": x}, linear({"x": 1.0}), y_true=y, positive=roles.get("positive", 1))

    assert permutation_importance(probe).details["metric"] == "accuracy"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_limits_are_students_and_bonferronis(kind, confidence):
    probe, _, _ = case(kind, 80)
    measured = permutation_importance(probe, confidence=confidence)
    found = permuted(probe, sample_size=1_000, repeats=3)
    spread = np.where(found.changed > 0, found.influence.std(axis=1, ddof=1) / np.sqrt(80), 0.0)
    alone = t.ppf(0.5 + confidence / 2, 79) * spread
    together = t.ppf(1 - (1 - confidence) / 3 / 2, 79) * spread

    for one in measured.details["features"]:
        at = found.names.index(one["column"])
        if not spread[at]:
            assert (one["value"], one["low"], one["high"]) == (0.0, None, None)
            continue
        assert (one["low"], one["high"]) == pytest.approx((one["value"] - alone[at], one["value"] + alone[at]))
    assert measured.low == pytest.approx((found.importance - together).max())
    assert measured.high == pytest.approx(
        min((found.importance + together).max(), np.inf if kind == "regression" else 1)
    )


@pytest.mark.parametrize("kind", ["scores", "labels", "regression"])
@pytest.mark.parametrize("check", [permutation_importance, largest_feature_share])
def test_limits_close_in_with_the_root_of_the_rows(kind, check):
    widths = [one.high - one.low for one in (check(case(kind, n)[0]) for n in (200, 800))]

    assert 1.5 < widths[0] / widths[1] < 2.7


@pytest.mark.parametrize("check", [permutation_importance, largest_feature_share])
def test_more_confidence_is_wider_and_moves_no_value(check):
    probe, _, asked = case("scores")
    measured = [check(probe, confidence=confidence) for confidence in (0.5, 0.9, 0.99)]
    widths = [one.high - one.low for one in measured]

    assert len({one.value for one in measured}) == len(asked) == 1
    assert widths[0] < widths[1] < widths[2]


def test_every_row_its_own_entity_is_no_cluster_and_one_entity_is_no_sample():
    n = min(120, ENTITY_BUCKETS)
    alone, each, one = (case("scores", n, **roles)[0] for roles in ({}, {"entity": range(n)}, {"entity": [7] * n}))

    assert permutation_importance(each).value == permutation_importance(alone).value
    assert permutation_importance(each).low == pytest.approx(permutation_importance(alone).low)
    assert unused_features(one).value == 0
    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        permutation_importance(one)


@pytest.mark.parametrize(("scores", "confidence"), [(True, 0.9), (False, 0.9), (True, 0.99)])
def test_what_was_not_seen_is_bounded_by_clopper_and_pearson(scores, confidence):
    probe, _, _ = case("scores" if scores else "labels", 100)
    found, positive = permuted(probe, sample_size=100, repeats=3), int((probe.sample.y_true == 1).sum())
    sizes = [positive, 100 - positive] if scores else [100]
    expected = sum(1 - ((1 - confidence) / 2) ** (1 / size) for size in sizes)

    assert found.unseen_loss(confidence) == pytest.approx(expected)
    assert clopper_pearson(0, 100, confidence=confidence)[1] <= found.unseen_loss(confidence) + 1e-12


@FEW
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 5)), min_size=1, max_size=6))
def test_simultaneous_limits_hold_the_largest(pairs):
    values, halves = zip(*pairs, strict=True)
    low, high = simultaneous(values, halves)

    assert low <= max(values) <= high
    assert (low, high) == simultaneous(values[::-1], halves[::-1])


@FEW
@given(st.lists(st.tuples(SMALL, st.booleans()), min_size=2, max_size=40))
def test_an_area_is_scikit_learns_and_placements_are_counted_pairs(rows):
    scores, positive = np.array([s for s, _ in rows], float), np.array([p for _, p in rows])
    assume(0 < positive.sum() < len(rows))
    found, placed = area(Answers(labels=positive, scores=scores), positive), placements(scores, positive)
    wins = (scores[:, None] > scores) + (scores[:, None] == scores) / 2
    ranks = rankdata(scores)[positive].sum() - positive.sum() * (positive.sum() + 1) / 2

    assert found.value == pytest.approx(roc_auc_score(positive, scores))
    assert found.value == pytest.approx(ranks / positive.sum() / (~positive).sum())
    assert placed[positive] == pytest.approx(wins[positive][:, ~positive].mean(axis=1))
    assert placed[~positive] == pytest.approx(1 - wins[~positive][:, positive].mean(axis=1))
    assert found.influence.mean() == pytest.approx(0, abs=1e-12)
    turned = area(Answers(labels=positive, scores=-scores), positive)
    assert turned.value == pytest.approx(1 - found.value)
    assert turned.influence == pytest.approx(-found.influence)
    assert area(Answers(labels=positive, scores=scores), ~positive).value == pytest.approx(1 - found.value)
    assert area(Answers(labels=positive, scores=scores**3 + 7), positive).influence == pytest.approx(found.influence)


@pytest.mark.parametrize("seed", range(4))
def test_the_variance_of_an_area_is_delongs(seed):
    draws = np.random.default_rng(seed)
    positive = draws.random(300) < 0.3
    scores = draws.normal(size=300) + positive
    found, placed = area(Answers(labels=positive, scores=scores), positive), placements(scores, positive)
    delong = placed[positive].var() / positive.sum() + placed[~positive].var() / (~positive).sum()

    assert found.influence.var() / 300 == pytest.approx(delong)


@FEW
@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=30))
def test_accuracy_and_error_are_scikit_learns(rows):
    said, true = (np.array(one, float) for one in zip(*rows, strict=True))
    probe, _, _ = probed({"x": said}, lambda c: Answers(labels=c["x"].values), y_true=true, task="regression")
    right, spared = share_right(probe.answers, probe.sample), error_spared(probe.answers, probe.sample)

    assert right.value == pytest.approx(accuracy_score(true.astype(int), said.astype(int)))
    assert spared.value == pytest.approx(-mean_absolute_error(true, said))
    for one in (right, spared):
        assert one.influence.mean() == pytest.approx(0, abs=1e-12)
    assert spared.influence + spared.value == pytest.approx(-np.abs(said - true))


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_positive_rows_are_those_of_the_named_class(positive):
    y = ["no", "yes", "yes", "no", "no"]
    probe, _, _ = probed({"x": np.arange(5.0)}, linear({"x": 1.0}), y_true=y, classes=("no", "yes"), positive=positive)

    assert positive_rows(probe).tolist() == [label == positive for label in y]
