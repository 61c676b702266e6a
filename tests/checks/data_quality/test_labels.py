import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from reliability.checks.data_quality.labels import disputed_labels, labels_disputed_by_linear_model
from reliability.errors import ChecklistError
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.builders import block
from tests.checks.data_quality.counting import refusal_of


def sampled(*args, size=20_000, **more):
    return Sample.of(block(*args, **more), seed=0, size=size)


def confident_learning(labels, p):
    """The confident joint of the paper's equation 1, row by row; argmax over the classes above their threshold."""
    thresholds = [p[labels == j, j].mean() for j in range(p.shape[1])]
    disputed = []
    for i, (label, row) in enumerate(zip(labels, p, strict=True)):
        above = [j for j in range(p.shape[1]) if row[j] >= thresholds[j]]
        if above and max(above, key=lambda j: row[j]) != label:
            disputed.append(i)
    return disputed


def test_disputed_labels_by_hand():
    # Thresholds: class 0 mean(.9, .8, .1) = .6, class 1 mean(.9, .7, .2) = .6; rows 2 and 5 are of the other class.
    measured = disputed_labels(sampled([0, 0, 0, 1, 1, 1], None, [0.1, 0.2, 0.9, 0.9, 0.7, 0.2]))

    assert (measured.value, measured.n, measured.details["rows_found"]) == (2 / 6, 6, 2)
    assert measured.details["positions"] == [2, 5]
    assert (measured.low, measured.high) == tuple(clopper_pearson(2, 6, confidence=0.95))
    assert (measured.unit, measured.method) == ("share", "clopper_pearson")
    assert measured.details["source"] == "scores"
    assert measured.details["iso_5259_2"] == ["Acc-ML-7"]
    assert measured.details["accuracy"] == 4 / 6
    assert measured.details["classes"] == [
        {"class": 0, "n": 3, "value": pytest.approx(1 / 3)}, {"class": 1, "n": 3, "value": pytest.approx(1 / 3)},
    ]  # fmt: skip


def test_what_is_expected_of_right_labels_by_hand():
    # Both thresholds are .6. Rows of .1, .2 are confidently of class 0, of .9, .9, .7 of class 1, the last of class 0.
    measured = disputed_labels(sampled([0, 0, 0, 1, 1, 1], None, [0.1, 0.2, 0.9, 0.9, 0.7, 0.2]))

    assert measured.details["expected"] == pytest.approx((0.1 + 0.2 + 0.1 + 0.1 + 0.3 + 0.2) / 6)
    assert measured.details["beyond_expected"] == pytest.approx(2 / 6 - 1 / 6)


@pytest.mark.parametrize("slope", [0.5, 1.0, 4.0])
def test_a_weak_model_disputes_many_right_labels_and_expects_to(slope):
    draws = np.random.default_rng(2)
    p = 1 / (1 + np.exp(-slope * draws.normal(size=20_000)))
    right = draws.random(20_000) < p
    wrong = right ^ (draws.random(20_000) < 0.1)

    clean, noisy_ones = (disputed_labels(sampled(labels.astype(int), None, p)) for labels in (right, wrong))

    assert clean.details["beyond_expected"] == pytest.approx(0.0, abs=0.01)
    assert noisy_ones.details["beyond_expected"] > 0.015
    assert clean.details["expected"] == pytest.approx(clean.value - clean.details["beyond_expected"])


def test_a_row_that_is_confidently_of_no_class_is_not_disputed():
    measured = disputed_labels(sampled([0, 0, 1, 1], None, [0.0, 0.5, 1.0, 1.0]))

    assert (measured.value, measured.details["positions"]) == (0.0, [])
    assert [one["value"] for one in measured.details["classes"]] == [0.0, 0.0]


@pytest.mark.parametrize("seed", range(5))
def test_disputed_labels_agrees_with_the_definition(seed):
    draws = np.random.default_rng(seed)
    p = draws.dirichlet([0.7, 0.7, 0.7], 120)
    labels = np.array([draws.choice(3, p=row) if draws.random() < 0.9 else draws.integers(3) for row in p])
    rows = sampled(labels, None, p, classes=(0, 1, 2), task="multiclass", positive=None, favourable=())
    expected = confident_learning(labels, p)

    measured = disputed_labels(rows)

    assert measured.details["rows_found"] == len(expected)
    assert set(measured.details["positions"]) <= set(expected)
    # The joint distribution of the paper: of the rows that are confidently of any class.
    limits = [p[labels == j, j].mean() for j in range(3)]
    sure = np.bincount(labels[(p >= limits).any(axis=1)])
    assert len(labels) > sure.sum()
    assert [one["value"] for one in measured.details["classes"]] == pytest.approx(np.bincount(labels[expected]) / sure)


def test_a_row_may_be_confidently_of_a_class_that_no_row_has_any_probability_of():
    # Thresholds: mean(.7, .5) = .6, mean(.7, .55) = .625, and 0, which 0 reaches.
    p = np.array([[0.7, 0.3, 0.0], [0.5, 0.5, 0.0], [0.3, 0.7, 0.0], [0.45, 0.55, 0.0], [0.5, 0.5, 0.0]])
    labels = np.array([0, 0, 1, 1, 2])
    measured = disputed_labels(
        sampled(labels, None, p, classes=(0, 1, 2), task="multiclass", positive=None, favourable=())
    )

    assert sorted(measured.details["positions"]) == confident_learning(labels, p) == [1, 3]
    assert measured.details["expected"] == pytest.approx((0.3 + 1 + 0.3 + 1 + 1) / 5)


@pytest.mark.parametrize(("below", "disputed"), [(0.0, [0]), (1e-12, [0]), (2e-12, [])])
def test_a_probability_reaches_the_mean_of_its_class_but_for_rounding(below, disputed):
    # Thresholds: class 0 mean(.5, 1) = .75, class 1 mean(.375, .625) = .5.
    measured = disputed_labels(sampled([0, 1, 1, 0], None, [0.5 - below, 0.375, 0.625, 0.0]))

    assert measured.details["positions"] == disputed


def test_the_score_speaks_of_the_positive_class():
    labels, scores = [0, 0, 0, 1, 1, 1], np.array([0.1, 0.2, 0.9, 0.9, 0.7, 0.2])
    other_way = disputed_labels(sampled(labels, None, 1 - scores, positive=0))

    assert other_way.value == disputed_labels(sampled(labels, None, scores)).value
    assert other_way.details["positions"] == [2, 5]


def test_the_score_of_either_class_says_the_same():
    labels, scores = [0, 0, 0, 1, 1, 1, 0, 1], np.array([1, 2, 7, 7, 6, 2, 4, 4]) / 8

    assert disputed_labels(sampled(labels, None, 1 - scores, positive=0)) == disputed_labels(
        sampled(labels, None, scores)
    )


def test_the_score_speaks_of_the_last_class_where_none_is_settled():
    labels, scores = [0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.9, 0.9, 0.7, 0.2]
    unsettled = disputed_labels(sampled(labels, None, scores, positive=None))

    assert unsettled == disputed_labels(sampled(labels, None, scores))


def test_a_constant_score_disputes_the_same_labels_of_any_number_of_rows():
    # Added up one by one, a hundred thousand of these numbers have a mean 1.8e-12 above them.
    score = 0.7146185366547527
    few, many = (
        disputed_labels(sampled(np.arange(n) % 2, None, np.full(n, score), size=n), sample_size=n)
        for n in (40, 200_000)
    )

    assert few.details["positions"] == many.details["positions"] == list(range(0, 40, 2))
    assert [one["value"] for one in many.details["classes"]] == [1.0, 0.0]


def test_scores_that_say_nothing_dispute_every_label_of_the_less_probable_class():
    measured = disputed_labels(sampled([0, 1] * 20, None, [0.3] * 40))

    assert disputed_labels(sampled([0, 1] * 20, None, [0.5] * 40)).value == 0.0
    assert (measured.value, measured.details["accuracy"]) == (0.5, 0.5)


def test_disputed_labels_names_the_rows_least_like_their_label_first():
    scores = np.r_[np.linspace(0.0, 0.1, 60), np.linspace(0.9, 1.0, 40)]
    measured = disputed_labels(sampled([0] * 100 + [1] * 100, None, np.r_[scores, [0.8] * 100]))

    assert measured.details["rows_found"] == 40
    assert measured.details["positions"] == list(range(99, 79, -1))


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (sampled([0.5], task="regression"), "needs_classification"),
        (sampled([], None, []), "no_rows"),
        (sampled([0, 1]), "no_predictions"),
        (sampled([0, 1], [0, 1]), "no_scores"),
        (sampled([1, 1], None, [0.5, 0.6]), "one_class"),
        (sampled([0, 0], None, [0.5, 0.6]), "one_class"),
    ],
)
def test_disputed_labels_refuses(rows, code):
    assert refusal_of(disputed_labels, rows) == code


@pytest.mark.parametrize("check", [disputed_labels, labels_disputed_by_linear_model])
def test_a_sample_of_no_rows_is_refused_as_an_option(check):
    with pytest.raises(ChecklistError) as refused:
        check(sampled([0, 1], None, [0.1, 0.9]), sample_size=0)

    assert (refused.value.code, refused.value.values) == (
        "option_too_small", {"option": "sample_size", "least": 1, "value": 0},
    )  # fmt: skip


@pytest.mark.parametrize(("check", "most"), [(disputed_labels, 20_000), (labels_disputed_by_linear_model, 5_000)])
def test_no_more_rows_are_used_than_the_default_says(check, most):
    labels = np.arange(most + 1) % 2
    measured = check(sampled(labels, None, 0.25 + labels / 2, columns={"x": labels}, size=most + 1))

    assert (measured.n, measured.details["of_n"]) == (most, most + 1)


def test_the_seed_draws_the_folds_and_is_0_unless_said_otherwise():
    draws = np.random.default_rng(12)
    # A line can hardly tell these labels: other folds dispute others.
    rows = sampled(draws.integers(0, 2, 60), columns={"x": draws.normal(size=60)})
    measured = labels_disputed_by_linear_model(rows)

    assert measured == labels_disputed_by_linear_model(rows, seed=0)
    assert measured.details != labels_disputed_by_linear_model(rows, seed=1).details


def noisy(n=600, flips=30, **more):
    draws = np.random.default_rng(3)
    x = draws.normal(0, 1, n)
    labels = (x > 0).astype(int)
    flipped = np.sort(draws.choice(np.flatnonzero(np.abs(x) > 0.7), flips, replace=False))
    labels[flipped] = 1 - labels[flipped]
    return labels, x, flipped.tolist(), more


def test_labels_disputed_by_linear_model_finds_the_planted_errors():
    labels, x, flipped, _ = noisy(flips=15)
    measured = labels_disputed_by_linear_model(sampled(labels, columns={"x": x.tolist(), "w": ["a", "b"] * 300}))

    found = measured.details["positions"]
    assert len(set(found) & set(flipped)) >= 14
    assert measured.details["source"] == "cross_validated_linear_model"
    assert measured.value < 0.05


def test_labels_disputed_by_linear_model_of_clean_separable_labels_are_few():
    labels, x, _, _ = noisy(flips=0)

    assert labels_disputed_by_linear_model(sampled(labels, columns={"x": x.tolist()})).value < 0.02


def test_the_linear_model_never_saw_the_row():
    draws = np.random.default_rng(0)
    x, labels = draws.normal(size=(60, 40)), draws.integers(0, 2, 60)
    rows = sampled(labels, columns={f"x{i}": x[:, i].tolist() for i in range(40)})
    fitted = LogisticRegression().fit(x, labels).score(x, labels)

    assert fitted > 0.95
    assert labels_disputed_by_linear_model(rows).details["accuracy"] < 0.75


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (sampled([0.5], task="regression"), "needs_classification"),
        (sampled([], columns={"x": []}), "no_rows"),
        (sampled([0, 1] * 9), "no_features"),
        (sampled([1] * 30, columns={"x": [1.0, 2.0] * 15}), "one_class"),
        (sampled([1], columns={"x": [1.0]}), "no_rows"),
    ],
)
def test_labels_disputed_by_linear_model_refuses(rows, code):
    assert refusal_of(labels_disputed_by_linear_model, rows) == code


def test_rows_of_one_entity_fall_into_one_fold_and_count_as_few():
    labels, x, _, _ = noisy(flips=30)
    alone = labels_disputed_by_linear_model(sampled(labels, columns={"x": x.tolist()}))
    shared = labels_disputed_by_linear_model(sampled(labels, columns={"x": x.tolist()}, entity=np.arange(600) // 20))

    assert shared.method == "clopper_pearson_effective_n"
    assert shared.high - shared.low >= alone.high - alone.low


@pytest.mark.parametrize("check", [disputed_labels, labels_disputed_by_linear_model])
def test_disputed_labels_do_not_depend_on_blocks(check):
    labels, x, _, _ = noisy(200, 10)
    rows = block(labels, None, 1 / (1 + np.exp(-3 * x)), columns={"x": x.tolist()})
    parts = [Sample.of(rows.where(np.arange(start, start + 100)), seed=0, size=150) for start in (0, 100)]

    assert check(parts[0] + parts[1]) == check(Sample.of(rows, seed=0, size=150))
    assert canonical_json(check(parts[0]))


# Named by cleanlab 2.9.0, find_label_issues(filter_by="confident_learning", min_examples_per_class=0), run apart.
CLEANLAB = [0, 2, 12, 16, 17, 18, 19, 20, 22, 23, 25, 27, 29, 30, 33, 35, 36, 39, 44, 49, 52, 53, 56, 59]


def test_disputed_labels_are_those_that_cleanlab_names():
    draws = np.random.default_rng(4)
    p = draws.dirichlet([0.6, 0.6, 0.6], 60).round(2)
    p[:, 2] = (1 - p[:, 0] - p[:, 1]).round(2)
    p_of = np.clip(p, 0, 1)
    labels = np.array(
        [draws.choice(3, p=row / row.sum()) if draws.random() < 0.85 else draws.integers(3) for row in p_of]
    )
    measured = disputed_labels(
        sampled(labels, None, p, classes=(0, 1, 2), task="multiclass", positive=None, favourable=())
    )

    assert measured.details["rows_found"] == len(CLEANLAB)
    assert set(measured.details["positions"]) < set(CLEANLAB)
