import numpy as np
import pytest
from scipy.stats import binomtest, spearmanr, t, ttest_1samp

from reliability.checks.explanation.attributions import attribution_stability, deletion_gain, rank_correlations
from reliability.checks.explanation.occlusion import attributed, taken_away
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.records import canonical_json
from tests.builders import column
from tests.checks.probing import labels_only, linear, probed, rows_asked

WEIGHTS = {"a": 3.0, "b": -2.0, "c": 1.0, "d": 0.5}
STABILITY = lambda probe, profile, **options: attribution_stability(probe, profile, **options)  # noqa: E731
GAIN = lambda probe, _, **options: deletion_gain(probe, **options)  # noqa: E731
BOTH = pytest.mark.parametrize("check", [STABILITY, GAIN], ids=["stability", "gain"])


def values(weights):
    """A regression that adds up."""
    return lambda columns: Answers(labels=sum(weight * columns[name].values for name, weight in weights.items()))


def adding(n=150, seed=0, **roles):
    draws = np.random.default_rng(seed)
    return probed(
        {name: draws.normal(size=n) for name in WEIGHTS},
        values(WEIGHTS),
        y_true=np.zeros(n),
        task="regression",
        **roles,
    )


def test_what_a_feature_gives_to_a_sum_is_its_weight_times_its_way_from_the_median():
    probe, _, _ = adding()
    found = attributed(probe, sample_size=150)

    for at, (name, weight) in enumerate(WEIGHTS.items()):
        x = probe.sample.columns[name].values
        assert found.given[:, at] == pytest.approx(weight * (x - np.sort(x)[74]), abs=1e-12)


@pytest.mark.parametrize(
    ("cells", "instead"),
    [
        ([3.0, 1.0, 2.0], 2.0), ([4, 1, 2, 3], 2), ([None, 5.0, 7.0], 5.0), ([None, None], None),
        (["b", "a", "b"], "b"), (["a", "b", None], "a"), ([True, False, True], True), ([False, True], False),
    ],
)  # fmt: skip
def test_taken_away_is_the_median_or_the_commonest(cells, instead):
    gone = taken_away(column(cells))

    assert gone.as_labels() == [instead] * len(cells)
    assert gone.kind == column(cells).kind


def test_rank_correlations_are_scipys_with_ties():
    draws = np.random.default_rng(0)
    first, second = (draws.integers(0, 5, (40, 6)).astype(float) for _ in range(2))
    expected = [spearmanr(one, other).statistic for one, other in zip(first, second, strict=True)]

    assert rank_correlations(first, second) == pytest.approx(expected)


def test_rank_correlations_of_rows_that_are_flat():
    flat, steep = np.array([[1.0, 1.0, 1.0]]), np.array([[1.0, 2.0, 3.0]])

    assert rank_correlations(flat, steep).tolist() == [0.0]
    assert np.isnan(rank_correlations(flat, flat)).all()
    # What rounding leaves is nothing.
    assert np.isnan(rank_correlations(flat * 1e-14, steep * 1e-14)).all()
    # And what is no less than the least that counts does count.
    assert rank_correlations(np.array([[0.0, 1e-12, 2e-12]]), steep) == pytest.approx([1.0])


@pytest.mark.parametrize("width", range(2, 40))
def test_rank_correlations_never_leave_their_range_by_rounding(width):
    up = np.arange(1.0, width + 1)[np.newaxis]
    (same,), (turned,) = rank_correlations(up, up), rank_correlations(up, up[:, ::-1])

    assert same == pytest.approx(1.0)
    assert turned == pytest.approx(-1.0)
    assert -1.0 <= turned < same <= 1.0


def test_attributions_of_a_sum_are_stable_and_less_so_under_more_noise():
    probe, profile, _ = adding()
    shares = [attribution_stability(probe, profile, strength=strength, seed=1) for strength in (0.0, 0.05, 0.5, 5.0)]

    assert shares[0].value == pytest.approx(1.0)
    assert [one.value for one in shares] == sorted((one.value for one in shares), reverse=True)
    assert shares[1].value > 0.9
    assert all(one.low <= one.value <= one.high for one in shares)
    assert (shares[0].unit, shares[0].method, shares[0].n) == ("dimensionless", "beta_matched", 150)


def test_a_model_with_a_jagged_surface_has_unstable_attributions():
    def jagged(columns):
        return Answers(labels=sum(np.sin(500 * columns[name].values + at) for at, name in enumerate(WEIGHTS)))

    probe, profile, _ = adding()
    rough, rough_profile, _ = probed(probe.sample.columns, jagged, y_true=np.zeros(150), task="regression")

    assert attribution_stability(rough, rough_profile).high < 0.4
    assert attribution_stability(probe, profile).low > 0.8


def test_stability_is_the_mean_of_scipys_correlations():
    probe, profile, asked = adding(60)
    measured = attribution_stability(probe, profile, strength=0.3, seed=4)
    noisy = {name: one.values[:60] for name, one in asked[1].items()}
    columns = {name: one.values for name, one in probe.sample.columns.items()}
    given = [
        np.abs(
            np.column_stack([weight * (table[name] - np.sort(columns[name])[29]) for name, weight in WEIGHTS.items()])
        )
        for table in (columns, noisy)
    ]
    expected = np.mean([spearmanr(one, other).statistic for one, other in zip(*given, strict=True)])

    assert measured.value == pytest.approx(expected)


def test_stability_of_two_features_has_the_interval_of_clopper_and_pearson():
    # A row then keeps the order or turns it round: the value is twice the share that keeps it, less 1.
    draws = np.random.default_rng(2)
    columns = {"a": draws.normal(size=90), "b": draws.normal(size=90)}
    probe, profile, _ = probed(columns, values({"a": 1.0, "b": 1.5}), y_true=np.zeros(90), task="regression")
    measured = attribution_stability(probe, profile, strength=0.5, confidence=0.9)
    kept = round(90 * (1 + measured.value) / 2)
    expected = binomtest(kept, 90).proportion_ci(0.9, method="exact")

    assert 45 < kept < 90
    assert measured.value == pytest.approx(2 * kept / 90 - 1)
    assert (measured.low, measured.high) == pytest.approx((2 * expected.low - 1, 2 * expected.high - 1))


def test_rows_whose_answer_hangs_on_nothing_are_left_out_and_counted():
    def half(columns):
        a, b = columns["a"].values, columns["b"].values
        return Answers(labels=np.where(columns["yes"].values, a + 2 * b, 0.0))

    draws = np.random.default_rng(0)
    columns = {"a": draws.normal(size=60), "b": draws.normal(size=60), "yes": [True] * 20 + [False] * 40}
    probe, profile, _ = probed(columns, half, y_true=np.zeros(60), task="regression")
    measured = attribution_stability(probe, profile, strength=0.01)

    # No is the commonest answer, so that rows of no stay at nought whatever is taken away.
    assert (measured.details["flat"], measured.n) == (40, 20)


def test_stability_without_scores_looks_at_labels():
    probe, profile, _ = probed(
        {name: np.random.default_rng(at).normal(size=200) for at, name in enumerate(WEIGHTS)},
        labels_only(linear(WEIGHTS)),
    )
    measured = attribution_stability(probe, profile, strength=0.01)

    assert measured.value > 0.8
    assert 0 < measured.details["flat"] < 200


def test_deletion_by_attribution_is_faster_than_at_random_for_a_sum():
    probe, _, _ = adding()
    measured = deletion_gain(probe, seed=1)

    assert measured.low > 0
    assert measured.value == pytest.approx(measured.details["by_attribution"] - measured.details["at_random"])
    assert (measured.unit, measured.method) == ("target", "delta")


def test_deletion_of_two_features_by_hand():
    # One step: the larger goes first; at random it is one or the other.
    columns = {"a": [0.0] * 21 + [4.0, -4.0] * 10, "b": [0.0] * 21 + [1.0, -1.0] * 10}
    probe, _, asked = probed(columns, values({"a": 1.0, "b": 1.0}), y_true=np.zeros(41), task="regression")
    measured = deletion_gain(probe, seed=0)
    first = np.random.default_rng(0).random((41, 2)).argsort(axis=1)[21:, 0]

    assert measured.details["by_attribution"] == pytest.approx(20 * 4 / 41)
    assert measured.details["at_random"] == pytest.approx(np.where(first == 0, 4, 1).sum() / 41)
    assert rows_asked(asked) == 41 * (3 * 2 - 2) == measured.details["questions"]


def test_deletion_has_students_interval():
    probe, _, asked = adding(80)
    measured = deletion_gain(probe, seed=3)
    told = values(WEIGHTS)(asked[1]).labels.reshape(6, 80)
    gone = np.abs(probe.answers.labels - told)
    gains = gone[:3].mean(axis=0) - gone[3:].mean(axis=0)
    interval = ttest_1samp(gains, 0).confidence_interval(0.95)

    assert measured.value == pytest.approx(gains.mean())
    assert (measured.low, measured.high) == pytest.approx((interval.low, interval.high))


def test_deletion_of_one_feature_that_counts_is_at_its_best():
    draws = np.random.default_rng(0)
    columns = {name: draws.normal(size=300) for name in "abcd"}
    probe, _, _ = probed(columns, linear({"a": 50.0}))
    measured = deletion_gain(probe)

    # Once a is gone all is gone: at random that is so in 1, 2, 3 of 4 orders.
    assert measured.details["at_random"] == pytest.approx(measured.details["by_attribution"] / 2, rel=0.1)
    assert -1 <= measured.low < measured.high <= 1


def test_deletion_takes_features_that_give_the_same_in_the_order_of_the_columns():
    names = [f"x{at:02}" for at in range(40)]
    cells = np.random.default_rng(0).integers(0, 2, (9, 40)).astype(float)
    columns = dict(zip(names, cells.T, strict=True))
    probe, _, asked = probed(columns, values(dict.fromkeys(names, 1.0)), y_true=np.zeros(9), task="regression")
    deletion_gain(probe)
    told = np.column_stack([asked[1][name].values for name in names]).reshape(2, 39, 9, 40)[0]
    median = np.sort(cells, axis=0)[4]

    for row in range(9):
        giving = np.flatnonzero(cells[row] != median)
        for gone in range(1, 40):
            assert np.flatnonzero(told[gone - 1, row] != cells[row]).tolist() == giving[:gone].tolist()


@pytest.mark.parametrize(("answer", "limits"), [
    (labels_only(linear({"a": 1.0})), (-1.0, 1.0)),
    (linear({"a": 1_000.0}), (-1.0, 1.0)),
    (values({"a": 0.5}), (0.5 - t.ppf(0.975, 1) / 2, 0.5 + t.ppf(0.975, 1) / 2)),
], ids=["labels", "scores", "regression"])  # fmt: skip
def test_a_gain_of_probabilities_is_at_most_one_and_one_of_values_has_no_end(answer, limits):
    task = "binary" if limits[1] == 1.0 else "regression"
    probe, _, _ = probed({"a": [-1.0, 1.0], "b": [0.0, 0.0]}, answer, y_true=[0, 1], task=task)
    # A seed by which of the second row b, on which nothing hangs, goes first.
    seed = next(seed for seed in range(99) if np.random.default_rng(seed).random((2, 2))[1].argmin() == 1)
    measured = deletion_gain(probe, seed=seed)

    assert measured.value == pytest.approx(0.5)
    assert (measured.low, measured.high) == pytest.approx(limits)


def test_deletion_of_clustered_rows_has_the_interval_of_their_sums():
    # Clusters of 1, 2, ..., 12 rows.
    entity = np.repeat(np.arange(1, 13), np.arange(1, 13))
    alone, _, _ = adding(78)
    clustered, _, asked = adding(78, entity=entity)
    measured = deletion_gain(clustered)
    gone = np.abs(clustered.answers.labels - values(WEIGHTS)(asked[1]).labels.reshape(6, 78))
    gains = gone[:3].mean(axis=0) - gone[3:].mean(axis=0)
    sums = np.bincount(entity, weights=gains - gains.mean())[1:]
    half = t.ppf(0.975, 11) * np.sqrt(12 / 11 * (sums**2).sum()) / 78

    assert measured.value == deletion_gain(alone).value
    assert (measured.low, measured.high) == pytest.approx((measured.value - half, measured.value + half))


def test_stability_of_clustered_rows_is_told_and_not_judged():
    alone, profile, _ = adding()
    clustered, _, _ = adding(entity=[1 + i // 10 for i in range(150)])
    first, measured = (attribution_stability(probe, profile, strength=0.2) for probe in (alone, clustered))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")
    assert (measured.value, measured.n, measured.unit) == (first.value, 150, "dimensionless")
    assert measured.details == first.details == {"of_n": 150, "strength": 0.2, "flat": 0, "questions": 1_350}


def test_both_checks_read_the_attributions_once():
    probe, profile, asked = adding(100)
    attribution_stability(probe, profile)
    deletion_gain(probe)

    # 4 features; then noise and 4 again; then 3 steps in either order.
    assert [rows_asked([table]) for table in asked] == [400, 500, 600]


def test_two_hundred_rows_are_asked_by_default():
    probe, profile, _ = adding(260)

    assert (attribution_stability(probe, profile).n, deletion_gain(probe).n) == (200, 200)
    assert attribution_stability(probe, profile).details["of_n"] == 260


@BOTH
def test_attributions_have_the_defaults_that_are_documented(check):
    options = {"sample_size": 200, "confidence": 0.95, "seed": 0} | ({"strength": 0.05} if check is STABILITY else {})
    # More rows than are asked, so that their number counts.
    found, same = check(*adding(230)[:2]), check(*adding(230)[:2], **options)

    assert found == same
    assert found.n == 200


@BOTH
def test_attributions_refuse_and_repeat(check):
    one, profile, _ = probed({"x": [1.0, 2.0]}, linear({"x": 1.0}))
    with pytest.raises(NotMeasurable, match="fewer_than_two_features"):
        check(one, profile)
    none, profile, _ = probed({"x": [], "z": []}, linear({"x": 1.0}))
    with pytest.raises(NotMeasurable, match="no_rows"):
        check(none, profile)
    first, second = (check(*adding(40)[:2]) for _ in range(2))
    assert first == second
    assert canonical_json(first)


def test_a_model_that_nothing_moves_has_no_attributions():
    probe, profile, _ = probed(
        {"a": np.arange(9.0), "b": np.arange(9.0)}, lambda c: Answers(labels=np.zeros(len(c["a"]), np.int64))
    )

    for check, code in ((STABILITY, "no_importance"), (GAIN, "variance_not_estimable")):
        with pytest.raises(NotMeasurable) as refused:
            check(probe, profile)
        assert refused.value.code == code


def test_stability_refuses_a_negative_strength_and_columns_without_numbers():
    probe, profile, _ = adding(10)
    with pytest.raises(UsageError, match="'strength'"):
        attribution_stability(probe, profile, strength=-1.0)
    words, profile, _ = probed(
        {"u": ["a", "b"], "v": ["c", "d"]}, lambda c: Answers(labels=np.zeros(len(c["u"]), np.int64))
    )
    with pytest.raises(NotMeasurable, match="no_numeric_features"):
        attribution_stability(words, profile)


def test_many_classes_are_attributed_by_the_probability_of_the_first_answer():
    def three(columns):
        raw = np.exp(np.column_stack([columns["a"].values, columns["b"].values, np.zeros(len(columns["a"]))]))
        scores = raw / raw.sum(axis=1, keepdims=True)
        return Answers(labels=scores.argmax(axis=1), scores=scores)

    draws = np.random.default_rng(0)
    columns = {name: draws.normal(size=150) for name in "ab"}
    probe, profile, _ = probed(columns, three, classes=(0, 1, 2), positive=None, task="multiclass")

    assert attribution_stability(probe, profile).value > 0.8
    assert deletion_gain(probe).low > 0
