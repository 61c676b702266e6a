import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from reliability.blocks import Column
from reliability.checks.drift import learned
from reliability.checks.drift.learned import concept_shift, domain_classifier_auc
from reliability.checks.sampled import parts_of
from reliability.errors import NotMeasurable
from reliability.evidence.sample import Sample
from reliability.records import canonical_json
from tests.builders import block, column
from tests.checks.drift.two_sets import refused, sampled

BOTH = (domain_classifier_auc, concept_shift)


def drawn(seed, n, *, shift=0.0, sign=1.0, **roles):
    """Rows whose label follows x by `sign`; w says nothing."""
    draws = np.random.default_rng(seed)
    x, w = draws.normal(shift, 1, n), draws.choice(["a", "b"], n)
    y = (draws.random(n) < 1 / (1 + np.exp(-2 * sign * x))).astype(int)
    return sampled(y, {"x": x, "w": [*w]}, **roles)


@pytest.fixture
def few_trees(monkeypatch):
    """Where every tree can part all levels, few say what many say."""
    monkeypatch.setattr(learned, "_TREES", 8)


def learning(n, seed=0):
    """Which of the first so many rows of a file are learned from."""
    return parts_of(sampled([0] * n, {}), 2, seed=seed) == 0


def rows_with(count, of):
    """As many rows as it takes for so many of them to be learned from."""
    return int(np.flatnonzero(np.cumsum(learning(of)) == count)[0]) + 1


def test_rows_of_one_population_are_not_told_apart():
    found = domain_classifier_auc(drawn(0, 700), drawn(1, 700))

    assert found.low < 0.5 < found.high
    assert found.n == pytest.approx(700, abs=80)


def test_rows_that_moved_are_told_apart_and_the_column_is_named():
    found = domain_classifier_auc(drawn(0, 500, shift=1.5), drawn(1, 500))

    assert found.low > 0.7
    assert found.details["features"][0]["column"] == "x"
    canonical_json(found)


def test_the_relation_that_turned_round_is_found_and_the_column_named():
    found = concept_shift(drawn(0, 900, sign=-1.0), drawn(1, 600))

    assert found.low > 0.3
    assert found.details["features"][0]["column"] == "x"
    assert found.details["learned_from"] <= 600


def test_a_relation_that_stayed_is_no_shift_though_the_inputs_moved():
    found = concept_shift(drawn(0, 1200, shift=0.5), drawn(1, 800))

    assert found.low < 0.02
    assert abs(found.value) < 0.08


def test_a_value_that_follows_another_way_is_a_shift():
    draws = np.random.default_rng(0)
    x = draws.normal(size=800)
    rows = [sampled(sign * x * 1e6, {"x": x}, task="regression") for sign in (1, -1)]

    assert concept_shift(*rows).low > 0.5


@pytest.mark.parametrize("check", BOTH)
def test_nothing_to_learn_from_is_refused(check):
    some, none = sampled([0, 1] * 10, {"x": [1, 2] * 10}), sampled([], {"x": []})

    assert refused(check, none, some) == "no_rows"
    assert refused(check, some, none) == "no_training_data"
    assert refused(check, sampled([0, 1], {}), sampled([0, 1], {})) == "no_features"


@pytest.mark.parametrize("check", [domain_classifier_auc, concept_shift])
def test_features_that_are_missing_everywhere_say_nothing(check):
    evaluation, training = drawn(0, 700), drawn(1, 700)
    gone = [
        replace(
            one, columns={**(one.columns if kept else {}), "v": column([None] * one.n), "u": column([None] * one.n)}
        )
        for kept in (False, True)
        for one in (evaluation, training)
    ]

    assert refused(check, *gone[:2]) == "no_features"
    assert check(*gone[2:]) == check(evaluation, training)


@pytest.mark.parametrize("first", [False, True])
def test_a_feature_that_goes_missing_altogether_gives_the_rows_away(first):
    full = sampled([0, 1] * 200, {"x": [1.0] * 400})
    bare = replace(full, columns={"x": column([None] * 400)})

    assert domain_classifier_auc(*((bare, full) if first else (full, bare))).value == 1.0


def test_too_few_rows_are_refused():
    few = sampled([0, 1], {"x": [1, 2]})

    assert refused(domain_classifier_auc, few.take(np.array([0])), few.take(np.array([0]))) == "too_few_for_interval"
    assert refused(concept_shift, sampled([0, 1] * 20, {"x": [1, 2] * 20}), drawn(0, 50)) == "too_few_for_interval"


def test_labels_of_one_class_have_no_relation():
    assert refused(concept_shift, sampled([1] * 20, {"x": [1, 2] * 10, "w": ["a"] * 20}), drawn(0, 50)) == "one_class"


def test_values_that_are_all_equal_have_no_relation():
    evaluation, training = (sampled([5.0] * 700, {"x": list(range(700))}, task="regression") for _ in range(2))

    assert refused(concept_shift, evaluation, training) == "no_variation"


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize("empty_first", [False, True])
def test_a_text_that_is_missing_throughout_one_file_has_no_kind_there(check, empty_first):
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 700)
    x, text = draws.normal(size=700), draws.choice(["a", "b"], 700)
    empty = Column(kind="f8", values=np.zeros(700), missing=np.ones(700, np.bool_))
    full, bare = sampled(y, {"x": x, "w": text}), sampled(y, {"x": x, "w": empty})

    measured = check(*((bare, full) if empty_first else (full, bare)))

    assert measured.value is not None


def smoothed(levels, evaluation, half):
    """Share of evaluation rows by level, a further row of the share of all in each."""
    share, rates = evaluation[half].mean(), {}
    for level in set(levels.tolist()):
        within = evaluation[half & (levels == level)]
        rates[level] = (within.sum() + share) / (len(within) + 1)
    return np.array([rates[level] for level in levels.tolist()])


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("seed", [0, 3])
def test_the_area_is_that_of_the_shares_that_the_other_half_teaches(seed):
    draws = np.random.default_rng(1)
    x = [draws.choice([*"abcde"], n, p=p) for n, p in ((240, [0.3, 0.3, 0.2, 0.1, 0.1]), (190, [0.2] * 5))]
    # Levels of few rows, and one that no row learned from has.
    w = [draws.integers(0, 19, len(one)) for one in x]
    w[1][np.flatnonzero(~learning(190, seed))[-1]] = 19
    both, rare, evaluation = np.concatenate(x), np.concatenate(w), np.repeat([0, 1], [240, 190])
    half = np.concatenate([learning(240, seed), learning(190, seed)])
    shares = {level: evaluation[half & (both == level)].mean() for level in "abcde"}
    scores = np.array([shares[level] for level in both])

    training, measured = (sampled([0] * len(one), {"x": one}) for one in x)
    found = domain_classifier_auc(measured, training, seed=seed)
    assert found.value == pytest.approx(roc_auc_score(evaluation[~half], scores[~half]), abs=1e-12)
    assert (found.n, found.unit, found.method) == (np.count_nonzero(~half), "auc", "newcombe_delong")
    assert (found.judged, found.reason) == (True, None)

    training, measured = (sampled([0] * len(one), {"x": one, "w": few}) for one, few in zip(x, w, strict=True))
    expected = {
        name: roc_auc_score(evaluation[~half], smoothed(levels, evaluation, half)[~half])
        for name, levels in (("x", both), ("w", rare))
    }
    listed = domain_classifier_auc(measured, training, seed=seed).details["features"]
    assert [one["column"] for one in listed] == sorted(expected, key=expected.get, reverse=True)
    assert {one["column"]: one["value"] for one in listed} == pytest.approx(expected, abs=1e-12)


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize(("rows", "rare", "told"), [(1400, 6, False), (1400, 7, True), (100, 4, False), (100, 5, True)])
def test_leaves_hold_five_rows_or_a_two_hundredth_of_them(rows, rare, told):
    n = rows_with(rows // 2, 2 * rows)
    x = np.zeros((2, n))
    for half in (learning(n), ~learning(n)):
        x[1, np.flatnonzero(half)[:rare]] = 1
    training, evaluation = (sampled([0] * n, {"x": one}) for one in x)

    assert (domain_classifier_auc(evaluation, training).value > 0.5) is told


@pytest.mark.parametrize("regression", [False, True])
def test_trees_are_added_up_in_their_order(regression):
    trees = learned._trees(10, 2**32 + 5, regression=regression).get_params()

    assert (trees["n_jobs"], trees["n_estimators"], trees["max_features"], trees["random_state"]) == (1, 200, 0.5, 5)


def targets(y, task):
    """Labels as columns: one a class, or the value itself."""
    return y[:, None].astype(float) if task == "regression" else (y[:, None] == np.arange(3)).astype(float)


def between(levels, apart):
    """Share of the variance of what is said apart that lies between the levels."""
    centred = apart - apart.mean(axis=0)
    means = np.array([centred[levels == level].mean(axis=0) for level in levels])
    return (means**2).sum() / (centred**2).sum()


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_concept_shift_is_the_loss_of_one_lesson_over_the_other(task):
    draws, n = np.random.default_rng(4), rows_with(350, 900)
    half = learning(n)
    x, before = draws.integers(0, 4, n), draws.integers(0, 4, 350)
    # One row to measure on stands alone on its level.
    alone = np.flatnonzero(~half)
    x[alone], x[alone[0]] = x[alone] % 3, 3
    y, past = (np.array(shares)[levels] + draws.normal(size=len(levels)) for shares, levels in (
        ([0.2, -0.5, 1.0, 0.3], x), ([0.9, -0.5, -0.2, 0.8], before)
    ))  # fmt: skip
    if task != "regression":
        y, past = (np.digitize(values, [0.0, 0.9] if task == "multiclass" else [0.2]) for values in (y, past))
    said = [
        np.array([targets(labels, task)[levels == level].mean(axis=0) for level in range(4)])[x[~half]]
        for labels, levels in ((past, before), (y[half], x[half]))
    ]
    held = targets(y, task)[~half]
    gains = ((said[0] - held) ** 2).sum(axis=1) - ((said[1] - held) ** 2).sum(axis=1)
    variance = held.var(axis=0).sum()

    roles = {"task": task, "classes": (0, 1, 2) if task == "multiclass" else (0, 1)}
    evaluation, training = (
        sampled(labels, {"x": levels, "w": levels // 2}, **roles) for labels, levels in ((y, x), (past, before))
    )
    found = concept_shift(evaluation, training)

    assert found.value == pytest.approx(gains.mean() / variance, abs=1e-7)
    t = stats.t.ppf(0.975, len(gains) - 1)
    for limit, sign in ((found.low, -1), (found.high, 1)):
        further = np.append(gains, sign * np.abs(gains).max())
        expected = further.mean() + sign * t * further.std(ddof=1) / len(further) ** 0.5
        assert limit == pytest.approx(expected / variance, abs=1e-7)
    assert (found.n, found.unit, found.method) == (np.count_nonzero(~half), "dimensionless", "paired_t_further")
    assert (found.judged, found.reason) == (True, None)
    apart = said[1] - said[0]
    assert found.details == {
        "of_n": n, "training_n": 350, "learned_from": 350,
        "features": [
            {"column": "x", "value": pytest.approx(1.0, abs=1e-7)},
            {"column": "w", "value": pytest.approx(between(x[~half] // 2, apart), abs=1e-7)},
        ],
    }  # fmt: skip


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("check", BOTH)
def test_a_seed_says_everything_and_another_seed_something_else(check):
    rows = drawn(0, 800), drawn(1, 900)
    found = [canonical_json(check(*rows, **options)) for options in ({}, {"seed": 0}, {"seed": 1}, {"seed": 1})]

    assert found[0] == found[1] != found[2] == found[3]


@pytest.mark.usefixtures("few_trees")
def test_no_more_rows_are_taken_than_the_notes_say(monkeypatch):
    monkeypatch.setattr(learned, "_ROWS", 400)
    samples = [
        Sample.of(block([0, 1] * 1000, columns={"x": np.random.default_rng(one).normal(size=2000)}), seed=0, size=1900)
        for one in (0, 1)
    ]
    kept = [one.smaller(400) for one in samples]
    found = domain_classifier_auc(*samples)

    assert found.n == sum(np.count_nonzero(parts_of(one, 2, seed=0)) for one in kept)
    assert (found.details["of_n"], found.details["training_n"]) == (2000, 2000)
    # Half of twice as many evaluation rows.
    seed = next(seed for seed in range(9) if np.count_nonzero(parts_of(samples[0].smaller(800), 2, seed=seed)) < 395)
    found = concept_shift(*samples, seed=seed)
    assert found.n == np.count_nonzero(parts_of(samples[0].smaller(800), 2, seed=seed))
    assert found.details["learned_from"] == 400


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize(("training", "evaluation"), [(200, 800), (700, 900)])
def test_both_lessons_are_of_equally_many_rows(training, evaluation, monkeypatch):
    taught, trees = [], learned._trees
    monkeypatch.setattr(learned, "_trees", lambda rows, *_, **how: taught.append(rows) or trees(rows, *_, **how))
    found = concept_shift(drawn(0, evaluation), drawn(1, training))

    fewest = min(training, np.count_nonzero(learning(evaluation)))
    assert (found.details["learned_from"], taught) == (fewest, [fewest, fewest])


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("factor", [2.0**600, 2.0**-600])
def test_the_unit_of_the_label_does_not_show(factor):
    draws = np.random.default_rng(0)
    x, noise = draws.normal(size=(2, 800))
    labels = [sign * x + noise for sign in (1, -1)]
    found, scaled = (
        concept_shift(*(sampled(y * by, {"x": x}, task="regression") for y in labels)) for by in (1.0, factor)
    )

    assert canonical_json(found) == canonical_json(scaled)


def test_every_class_is_foretold_in_a_column_of_its_own():
    training, evaluation = (
        sampled(labels, {"x": labels}, task="multiclass", classes=(0, 1, 2)) for labels in ([0, 2], [1, 2, 0])
    )

    assert learned._targets(training, evaluation).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0]]


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_learning_warns_of_nothing(task):
    rows = drawn(0, 800, task=task), drawn(1, 500, task=task)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert concept_shift(*rows).n > 300
        assert domain_classifier_auc(*rows).n > 300


@pytest.mark.parametrize(("learned_from", "n"), [(True, 1), (False, 0)])
def test_a_half_with_fewer_than_two_rows_of_one_data_set_is_refused_with_what_it_needs(learned_from, n):
    alone, some = sampled([0], {"x": [1]}), sampled([0, 1] * 9, {"x": [1, 2] * 9})
    seed = next(seed for seed in range(9) if learning(1, seed)[0] == learned_from)

    for rows in ((alone, some), (some, alone)):
        with pytest.raises(NotMeasurable) as refusal:
            domain_classifier_auc(*rows, seed=seed)
        assert (refusal.value.code, refusal.value.values) == ("too_few_for_interval", {"n": n, "needed": 2})


def test_two_rows_of_each_data_set_on_either_half_are_enough():
    four, some = sampled([0, 1] * 2, {"x": [1, 2, 3, 4]}), sampled([0, 1] * 9, {"x": [1, 2] * 9})
    seed = next(seed for seed in range(99) if learning(4, seed).sum() == 2)

    assert domain_classifier_auc(four, some, seed=seed).judged


def test_one_row_is_either_learned_from_or_measured_on():
    one, some = sampled([0], {"x": [1]}), sampled([0, 1] * 9, {"x": [1, 2] * 9})
    kept, held = (next(seed for seed in range(9) if learning(1, seed)[0] == taken) for taken in (True, False))

    with pytest.raises(NotMeasurable) as nothing_to_measure_on:
        concept_shift(one, some, seed=kept)
    with pytest.raises(NotMeasurable) as nothing_to_learn_from:
        concept_shift(one, some, seed=held)

    assert nothing_to_measure_on.value.code == "one_class"
    assert nothing_to_learn_from.value.code == "too_few_for_interval"
    assert nothing_to_learn_from.value.values == {"n": 0, "needed": 2}


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize("side", [0, 1])
def test_rows_of_people_have_the_same_value_and_no_limits(check, side):
    rows = [drawn(one, 700, entity=range(700) if one == side else None) for one in (0, 1)]
    found = check(*rows)

    assert found.value is not None
    assert (found.low, found.high, found.judged, found.reason.code) == (None, None, False, "clustered_rows")


def test_values_are_coded_by_their_order_in_both_and_what_is_missing_below():
    assert learned._coded(column(["b", None, "a"]), column(["d", "b", None])).tolist() == [1, -1, 0, 2, 1, -1]
    assert learned._coded(column([2.5, None, -1.0]), column([7.0, 2.5])).tolist() == [2, -1, 0, 3, 2]
    assert learned._coded(column([True, False]), column([None, True])).tolist() == [1, 0, -1, 1]


def test_few_values_are_a_bin_each_and_many_share_twenty():
    few, many = np.repeat(np.arange(20), [1] * 19 + [200]), np.arange(0, 80, 2)

    assert learned._binned(few).tolist() == few.tolist()
    # What stands on an edge is above it; edges are values that occur.
    assert np.bincount(learned._binned(many)).tolist() == [1, *[2] * 18, 3]
    shared = np.bincount(learned._binned(np.append(few, 20)))
    assert shared[shared > 0].tolist() == [10, 9, 201]
