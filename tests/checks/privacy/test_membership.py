"""Attacks on models that remember their rows, and on models that do not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeRegressor

from reliability.checks.privacy.membership import membership_inference_auc, membership_inference_tpr
from reliability.checks.sampled import auc_counts
from reliability.errors import ChecklistError, NotMeasurable, UsageError
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.intervals.operating_points import true_positive_rate_interval
from reliability.intervals.ranks import auc_interval
from tests.builders import block

BOTH = (membership_inference_auc, membership_inference_tpr)


def sampled(y, columns, size=20_000, **roles):
    return Sample.of(block(y, columns=columns, **roles), seed=0, size=size)


class Model:
    """Answers a table by a function of its columns; counts the questions."""

    def __init__(self, answer):
        self.answer, self.asked, self.rows = answer, 0, 0

    def __call__(self, columns):
        self.asked += 1
        self.rows += len(next(iter(columns.values())))
        return self.answer(columns)


def scored(columns):
    """P(1) is written in the row itself."""
    scores = columns["p"].values.astype(np.float64)
    return Answers(labels=(scores >= 0.5).astype(np.int64), scores=scores)


def attacked(members, others, answer=scored, **roles):
    """The probe of the others and the sample of the members, from rows (y, p)."""
    model = Model(answer)
    samples = [sampled([y for y, _ in rows], {"p": [float(p) for _, p in rows]}, **roles) for rows in (others, members)]
    probe = Probe(sample=samples[0], answers=answer(samples[0].columns), ask=model, ask_anew=model)
    return probe, samples[1], model


def measured(check, members, others, **options):
    probe, training, _ = attacked(members, others)
    return check(probe, training, **options)


def refused(check, *evidence, **options):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence, **options)
    return refusal.value.code


def fit(rows):
    return np.array([p if y == 1 else 1 - p for y, p in rows])


def test_the_area_is_the_share_of_pairs_that_the_attack_gets_right():
    found = measured(membership_inference_auc, [(1, 0.9), (0, 0.2)], [(1, 0.85), (0, 0.7)])

    # Fits 0.9 and 0.8 against 0.85 and 0.3: three pairs of four.
    assert (found.value, found.n, found.unit, found.method) == (0.75, 4, "auc", "newcombe_delong")
    assert found.details == {
        "evaluation_n": 2, "evaluation_of_n": 2, "training_n": 2, "training_of_n": 2, "by": "probability",
    }  # fmt: skip


def test_the_true_positive_rate_is_that_at_the_quantile_of_the_other_rows():
    others = [(1, place / 1000) for place in range(100)]
    members = [(1, 0.0985)] * 3 + [(1, 0.05)] * 5

    found = measured(membership_inference_tpr, members, others)

    # One other of a hundred may be above: the threshold lies under 0.099, and three members of eight are above it.
    assert (found.value, found.n, found.unit, found.method) == (3 / 8, 8, "share", "quantile_clopper_pearson")
    assert found.details["false_positive_rate"] == 0.01
    assert measured(membership_inference_tpr, members, others, false_positive_rate=0.6).value == 1.0


ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8).map(lambda p: p / 8)), min_size=2, max_size=30)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.sampled_from([0.01, 0.1, 0.5]))
def test_both_agree_with_scikit_learn(members, others, rate):
    truth = np.repeat([1, 0], [len(members), len(others)])
    scores = np.concatenate((fit(members), fit(others)))
    false_rates, true_rates, _ = roc_curve(truth, scores, drop_intermediate=False)

    assert measured(membership_inference_auc, members, others).value == pytest.approx(roc_auc_score(truth, scores))
    found = measured(membership_inference_tpr, members, others, false_positive_rate=rate)
    assert found.value == pytest.approx(np.interp(rate, false_rates, true_rates), abs=1e-12)


def test_intervals_are_those_of_their_modules():
    draws = np.random.default_rng(0)
    members, others = ([(1, p) for p in draws.random(n).round(2)] for n in (60, 50))
    scores, truth = np.concatenate((fit(others), fit(members))), np.repeat([False, True], [50, 60])
    counts = auc_counts(scores, truth)

    area = measured(membership_inference_auc, members, others, confidence=0.9)
    rate = measured(membership_inference_tpr, members, others, false_positive_rate=0.1, confidence=0.9)
    assert (area.low, area.high) == pytest.approx(auc_interval(counts, confidence=0.9))
    assert (rate.low, rate.high) == pytest.approx(true_positive_rate_interval(counts, 0.1, confidence=0.9))


@pytest.mark.parametrize("check", BOTH)
def test_order_of_rows_changes_nothing(check):
    draws = np.random.default_rng(1)
    members, others = ([*zip(draws.integers(0, 2, 40).tolist(), draws.random(40).tolist(), strict=True)] for _ in "ab")

    assert check(*attacked(members[::-1], others[::-1])[:2]) == check(*attacked(members, others)[:2])


def test_classes_named_the_other_way_round_are_attacked_alike():
    draws = np.random.default_rng(2)
    rows = [[(int(y), float(p)) for y, p in zip(draws.integers(0, 2, 30), draws.random(30), strict=True)] for _ in "ab"]
    turned = [[(1 - y, 1 - p) for y, p in some] for some in rows]

    assert measured(membership_inference_auc, *turned).value == pytest.approx(
        measured(membership_inference_auc, *rows).value
    )


def test_a_model_without_scores_is_attacked_by_what_it_gets_right():
    def labelled(columns):
        return replace(scored(columns), scores=None)

    probe, training, _ = attacked([(1, 0.9)] * 3 + [(1, 0.1)], [(1, 0.9)] * 1 + [(1, 0.1)] * 3, labelled)
    found = membership_inference_auc(probe, training)

    assert (found.value, found.details["by"]) == (0.75, "label")
    # The most certain are three members of four and one other of four: 1 % of four others costs 0.04 of that one.
    assert membership_inference_tpr(probe, training).value == pytest.approx(0.75 * 0.04)


def test_a_multiclass_model_is_attacked_by_the_probability_of_the_true_class():
    def three(columns):
        first = columns["p"].values
        scores = np.column_stack((first, (1 - first) / 4, 3 * (1 - first) / 4))
        return Answers(labels=scores.argmax(axis=1), scores=scores)

    rows = {"task": "multiclass", "classes": (0, 1, 2), "positive": None}
    probe, training, _ = attacked([(2, 0.0), (0, 0.9)], [(1, 0.0), (0, 0.1)], three, **rows)

    # Fits 0.75 and 0.9 against 0.25 and 0.1.
    assert membership_inference_auc(probe, training).value == 1.0


def test_a_regression_is_attacked_by_its_absolute_error():
    def predicted(columns):
        return Answers(labels=columns["p"].values.astype(np.float64))

    probe, training, _ = attacked([(5.0, 5.5), (5.0, 3.0)], [(5.0, 6.0), (5.0, 9.0)], predicted, task="regression")
    found = membership_inference_auc(probe, training)

    # Errors 0.5 and 2 against 1 and 4: three pairs of four.
    assert (found.value, found.details["by"]) == (0.75, "error")


def data(n, seed, columns=8):
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(n, columns))
    return x, (x[:, 0] + draws.normal(size=n) > 0).astype(int)


def trained(model, n=600, *, regression=False):
    """Probe and training sample of a model fitted to half of the rows."""
    x, y = data(2 * n, seed=3)
    y = x[:, 0] + np.random.default_rng(4).normal(size=2 * n) if regression else y
    model.fit(x[:n], y[:n])

    def answer(columns):
        table = np.column_stack([column.values for column in columns.values()])
        if regression:
            return Answers(labels=model.predict(table))
        return Answers(labels=model.predict(table), scores=model.predict_proba(table)[:, 1])

    task = {"task": "regression"} if regression else {}
    samples = [
        sampled(y[part], {f"x{place}": x[part, place] for place in range(x.shape[1])}, **task)
        for part in (np.arange(n, 2 * n), np.arange(n))
    ]
    return Probe(sample=samples[0], answers=answer(samples[0].columns), ask=answer, ask_anew=answer), samples[1]


@pytest.mark.parametrize("model", [KNeighborsClassifier(1), RandomForestClassifier(60, random_state=0, n_jobs=1)])
def test_a_model_that_remembers_its_rows_gives_them_away(model):
    evidence = trained(model)
    area, rate = (check(*evidence) for check in BOTH)

    assert area.low > 0.6
    if isinstance(model, RandomForestClassifier):
        assert area.value > 0.8
        assert rate.value > 0.05


def test_a_tree_that_remembers_its_targets_gives_them_away():
    evidence = trained(DecisionTreeRegressor(random_state=0), regression=True)

    assert membership_inference_auc(*evidence).value > 0.99
    assert membership_inference_tpr(*evidence).value > 0.99


def test_a_simple_model_gives_nothing_away():
    area, rate = (check(*trained(LogisticRegression(C=0.1), n=2000)) for check in BOTH)

    assert area.low <= 0.5 <= area.high < 0.55
    assert rate.low <= 0.01 <= rate.high < 0.05


@pytest.mark.parametrize("n", [60, 400])
def test_where_nothing_can_be_told_it_is_hardly_ever_said_that_something_can(n):
    draws, wrong, failed = np.random.default_rng(5), [0, 0], [0, 0]
    for _ in range(120):
        members, others = ([(1, p) for p in draws.beta(5, 2, n)] for _ in "ab")
        found = [measured(check, members, others) for check in BOTH]
        holds = [one.low <= truth <= one.high for one, truth in zip(found, (0.5, 0.01), strict=True)]
        wrong = [total + (not one) for total, one in zip(wrong, holds, strict=True)]
        failed = [total + (one.low > limit) for total, one, limit in zip(failed, found, (0.6, 0.05), strict=True)]

    assert failed == [0, 0]
    assert max(wrong) <= 12  # of 120, at 95 %: eleven or more happen once in thirty


@pytest.mark.parametrize("check", BOTH)
def test_scores_that_are_all_equal_tell_nothing(check):
    found = measured(check, [(1, 0.5)] * 200, [(1, 0.5)] * 300)

    assert found.value == pytest.approx(0.5 if check is membership_inference_auc else 0.01)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("y", [0, 1])
def test_rows_of_one_class_are_attacked_too(y):
    found = measured(membership_inference_auc, [(y, 0.5 + place / 100) for place in range(9)], [(y, 0.5)] * 9)

    assert found.value == pytest.approx(1 - 0.5 / 9 if y == 1 else 0.5 / 9)


@pytest.mark.parametrize("check", BOTH)
def test_one_row_of_either_tells_next_to_nothing(check):
    found = measured(check, [(1, 0.9)], [(1, 0.1)])

    assert found.value == 1.0
    if check is membership_inference_auc:
        assert (found.judged, found.reason.code, found.low) == (False, "too_few_for_interval", None)
        assert (found.unit, found.n, found.details["training_n"]) == ("auc", 2, 1)
    else:
        assert (found.judged, found.low, found.high) == (True, 0.0, 1.0)


@pytest.mark.parametrize("check", BOTH)
def test_both_need_rows_of_either(check):
    some, none = [(1, 0.5), (0, 0.5)], []

    assert refused(check, *attacked(some, none)[:2]) == "no_rows"
    assert refused(check, *attacked(none, some)[:2]) == "no_training_data"


@pytest.mark.parametrize("check", BOTH)
def test_options_out_of_range_are_refused(check):
    with pytest.raises(ChecklistError, match="'sample_size' must be at least 1, not 0"):
        measured(check, [(1, 0.5)], [(1, 0.5)], sample_size=0)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_false_positive_rate_lies_between_none_and_all(rate):
    with pytest.raises(UsageError) as caught:
        measured(membership_inference_tpr, [(1, 0.5)], [(1, 0.5)], false_positive_rate=rate)

    assert caught.value.code == "option_out_of_range"
    assert str(caught.value) == (
        f"option 'false_positive_rate' takes a number from 0 to 1, not {rate}; change it under 'with'"
    )


@pytest.mark.parametrize("check", BOTH)
def test_five_thousand_rows_of_either_are_used_where_nothing_else_is_asked(check):
    found = measured(check, [(1, 0.5)] * 5_002, [(1, 0.5)] * 5_001)

    assert (found.details["evaluation_n"], found.details["training_n"]) == (5_000, 5_000)


@pytest.mark.parametrize("check", BOTH)
def test_no_more_rows_are_used_than_asked_for_and_the_record_says_how_many_of_how_many(check):
    probe, training, model = attacked([(1, 0.5)] * 90, [(1, 0.5)] * 70)
    found = check(probe, training, sample_size=20)

    assert (model.asked, model.rows) == (1, 20)
    assert {name: size for name, size in found.details.items() if name.endswith("_n")} == {
        "evaluation_n": 20, "evaluation_of_n": 70, "training_n": 20, "training_of_n": 90,
    }  # fmt: skip


def test_training_rows_are_asked_about_once_for_both():
    probe, training, model = attacked([(1, 0.5)] * 30, [(1, 0.5)] * 30)
    for check in BOTH * 2:
        check(probe, training)

    assert model.asked == 1
    membership_inference_auc(probe, training, sample_size=10)
    assert model.asked == 2


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize("clustered", [(True, False), (False, True), (True, True)])
def test_rows_that_belong_together_are_not_judged(check, clustered):
    samples = [
        sampled([1] * 50, {"p": [0.5] * 50}, entity=list(range(50)) if together else None) for together in clustered
    ]
    probe = Probe(sample=samples[0], answers=scored(samples[0].columns), ask=scored, ask_anew=scored)
    found = check(probe, samples[1])

    assert (found.judged, found.reason.code, found.low, found.high) == (False, "clustered_rows", None, None)
    assert found.unit == ("auc" if check is membership_inference_auc else "share")
    assert (found.details["evaluation_n"], found.details["training_n"], found.details["by"]) == (50, 50, "probability")
    assert found.value == pytest.approx(0.5 if check is membership_inference_auc else 0.01)


def by_group(groups, fits):
    rows = {"g": groups} if groups is not None else None
    return sampled([1] * len(fits), {"p": fits}, groups=rows)


@pytest.mark.parametrize("check", BOTH)
def test_a_group_is_compared_with_the_training_rows_of_the_same_group(check):
    mine = by_group(["F"] * 4, [0.5] * 4)
    training = by_group(["F", "F", "M", "M", None], [0.4, 0.6, 0.9, 0.9, 0.9])
    probe = Probe(sample=mine, answers=scored(mine.columns), ask=scored, ask_anew=scored)
    found = check(probe, training)

    # One of the two fits better than all others, and the other one worse.
    assert found.details["training_n"] == 2
    assert found.value == 0.5


def by_two_groups(sexes, places, fits):
    return sampled([1] * len(fits), {"p": fits}, groups={"sex": sexes, "place": places})


@pytest.mark.parametrize(
    ("sexes", "places", "alike"),
    [
        (["F", "F"], ["N", "N"], 1),  # both attributes tell them apart
        (["F", "M"], ["N", "N"], 2),  # the second alone, after one that does not
        (["F", "F"], ["N", "S"], 2),
        (["F", "M"], ["N", "S"], 4),
    ],
)
def test_training_rows_are_of_the_same_group_by_every_attribute_that_all_rows_share(sexes, places, alike):
    mine = by_two_groups(sexes, places, [0.5, 0.5])
    training = by_two_groups(["F", "F", "M", "M"], ["N", "S", "N", "S"], [0.9, 0.8, 0.7, 0.6])
    probe = Probe(sample=mine, answers=scored(mine.columns), ask=scored, ask_anew=scored)

    assert membership_inference_auc(probe, training).details["training_n"] == alike


def test_rows_of_unknown_groups_are_compared_with_such_rows():
    mine = by_group([None, None], [0.5, 0.5])
    probe = Probe(sample=mine, answers=scored(mine.columns), ask=scored, ask_anew=scored)

    assert membership_inference_auc(probe, by_group(["F", None], [0.1, 0.9])).value == 1.0
    assert refused(membership_inference_auc, probe, by_group(["F", "M"], [0.1, 0.9])) == "no_training_data"


def test_a_group_cannot_be_compared_where_training_does_not_say_who_is_of_it():
    mine = by_group(["F"] * 2, [0.5, 0.5])
    probe = Probe(sample=mine, answers=scored(mine.columns), ask=scored, ask_anew=scored)

    with pytest.raises(NotMeasurable, match="no_training_groups") as caught:
        membership_inference_auc(probe, by_group(None, [0.1, 0.9]))
    assert caught.value.values == {"column": "g"}
    assert refused(membership_inference_auc, probe, by_group(["M", "M"], [0.1, 0.9])) == "no_training_data"


def test_all_groups_together_are_compared_with_all_training_rows():
    mine = by_group(["F", "M"], [0.5, 0.5])
    probe = Probe(sample=mine, answers=scored(mine.columns), ask=scored, ask_anew=scored)

    assert membership_inference_auc(probe, by_group(["X"] * 3, [0.9] * 3)).details["training_n"] == 3
    assert membership_inference_auc(probe, by_group(None, [0.9] * 3)).details["training_n"] == 3


def test_repeating_every_row_leaves_both_numbers():
    draws = np.random.default_rng(6)
    members, others = ([(1, p) for p in draws.random(100).round(2)] for _ in "ab")

    for check in BOTH:
        once, often = measured(check, members, others), measured(check, members * 3, others * 3)
        assert once.value == pytest.approx(often.value)
        assert often.high - often.low < once.high - once.low
