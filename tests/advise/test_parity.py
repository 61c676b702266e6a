import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, selection_rate
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.base import BaseEstimator
from sklearn.metrics import balanced_accuracy_score

from reliability.advise.parity import PARITIES, group_remedies, parity_of
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.checklist.catalogue import checks
from tests.advise.planted import rows
from tests.builders import block


def planted(**more):
    made = rows(**more)
    return block(made["approved"], made["y_pred"], made["y_score"], groups={"sex": made["sex"].tolist()})


def tried(remedy, taught):
    return remedy.learn(Ground(roles=taught.roles, answered=taught))


def rates(predicted, where, among=None):
    among = np.ones(len(predicted), bool) if among is None else among
    return [predicted[among & (where.groups["sex"].codes == code)].mean() for code in (0, 1)]


def fairlearns(taught, parity):
    """fairlearn's own optimiser on the same scores: its decisions' chances."""

    class Scores(BaseEstimator):
        def fit(self, x, y):
            return self

        def predict(self, x):
            return x[:, 0]

        def __sklearn_is_fitted__(self):
            return True

    features, groups = taught.y_score.reshape(-1, 1), taught.groups["sex"].codes
    optimizer = ThresholdOptimizer(
        estimator=Scores(), constraints=parity, objective="balanced_accuracy_score", prefit=True,
        predict_method="predict",
    )  # fmt: skip
    optimizer.fit(features, taught.y_true, sensitive_features=groups)
    return optimizer._pmf_predict(features, sensitive_features=groups)[:, 1]


@pytest.mark.parametrize(
    ("check", "parity"),
    [
        ("fairness.selection_rate_ratio", "demographic_parity"),
        ("fairness.false_negative_rate_difference", "true_positive_rate_parity"),
        ("fairness.false_positive_rate_ratio", "false_positive_rate_parity"),
        ("fairness.equalized_odds_difference", "equalized_odds"),
        ("fairness.positive_predictive_value_ratio", None),
    ],
)
def test_the_parity_is_the_one_that_a_check_speaks_of(check, parity):
    assert check in checks()
    assert parity_of(check) == parity


@pytest.mark.parametrize("parity", ["demographic_parity", "true_positive_rate_parity", "false_positive_rate_parity"])
def test_thresholds_by_group_make_the_rate_equal_on_the_rows_that_taught_them(parity):
    taught = planted()
    changed = tried(group_remedies(parity, ("sex",))[0], taught).changed(Rows.of(taught))
    among = {"true_positive_rate_parity": taught.y_true == 1, "false_positive_rate_parity": taught.y_true == 0}

    before, after = (rates(said, taught, among.get(parity)) for said in (taught.y_pred, changed.predicted))

    assert abs(before[0] - before[1]) > 0.1
    assert after[0] == pytest.approx(after[1], abs=0.01)


def test_equalized_odds_brings_both_rates_together():
    taught = planted()
    changed = tried(group_remedies("equalized_odds", ("sex",))[0], taught).changed(Rows.of(taught))

    for label in (0, 1):
        first, second = rates(changed.predicted, taught, taught.y_true == label)
        assert first == pytest.approx(second, abs=0.06)


@pytest.mark.parametrize("parity", sorted(set(PARITIES.values())))
def test_randomised_decisions_are_those_of_fairlearn(parity):
    taught = planted()
    changed = tried(group_remedies(parity, ("sex",))[1], taught).changed(Rows.of(taught))

    assert changed.chances == pytest.approx(fairlearns(taught, parity), abs=1e-12)


def test_selection_rates_after_it_are_those_of_fairlearns_metric_frame():
    taught = planted()
    changed = tried(group_remedies("demographic_parity", ("sex",))[0], taught).changed(Rows.of(taught))
    frame = MetricFrame(
        metrics=selection_rate, y_true=taught.y_true, y_pred=changed.predicted,
        sensitive_features=taught.groups["sex"].codes,
    )  # fmt: skip

    assert rates(changed.predicted, taught) == pytest.approx(frame.by_group.tolist(), abs=1e-12)


def sharp(taught, parity="demographic_parity"):
    return tried(group_remedies(parity, ("sex",))[0], taught).changed(Rows.of(taught)).predicted


def test_thresholds_by_group_are_no_less_accurate_than_decisions_of_today():
    taught = planted()

    today, after = (balanced_accuracy_score(taught.y_true, said) for said in (taught.y_pred, sharp(taught)))
    assert after >= today


def test_of_common_rates_the_one_that_changes_fewest_decisions_is_taken():
    taught = planted()
    _, drawn = (tried(one, taught).changed(Rows.of(taught)) for one in group_remedies("demographic_parity", ("sex",)))
    # The most accurate common rate is fairlearn's: it turns more decisions round.
    assert (sharp(taught) != taught.y_pred).mean() < np.abs(drawn.chances - taught.y_pred).mean()


def test_decisions_that_are_fair_already_stay_as_they_are():
    taught = planted(bias=0.0, n=8_000)

    assert (sharp(taught) != taught.y_pred).mean() < 0.02


def test_where_today_is_more_accurate_than_any_common_rate_the_most_accurate_is_taken():
    taught = planted()
    perfect = block(
        taught.y_true, taught.y_true, taught.y_score, groups={"sex": taught.groups["sex"]}
    )  # fmt: skip
    best = balanced_accuracy_score(taught.y_true, sharp(perfect))

    for threshold in np.linspace(0.05, 0.95, 19):
        cut = np.quantile(taught.y_score, threshold)
        assert best >= balanced_accuracy_score(taught.y_true, taught.y_score >= cut) - 0.01


def test_a_draw_is_of_the_row_and_not_of_what_is_asked_with_it():
    taught = planted()
    found = tried(group_remedies("demographic_parity", ("sex",))[1], taught)
    half = np.arange(0, taught.n, 2)

    assert (
        found.changed(Rows.of(taught)).predicted[half] == found.changed(Rows.of(taught.where(half))).predicted
    ).all()


def test_who_is_of_no_known_group_is_decided_as_today():
    taught = planted()
    asked = block([0, 1, 0], [1, 0, 1], [0.1, 0.9, 0.5], groups={"sex": [None, "X", "F"]})

    for remedy in group_remedies("demographic_parity", ("sex",)):
        changed = tried(remedy, taught).changed(Rows.of(asked))
        assert changed.predicted[:2].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("taught", "code"),
    [
        (block([0, 1], [0, 1], groups={"sex": ["F", "M"]}), "no_scores"),
        (block([0, 1] * 20, [0, 1] * 20, [0.1, 0.9] * 20, groups={"sex": ["F", "M"] * 20}), "fewer_than_two_groups"),
        (block([0, 1] * 40, [0, 1] * 40, [0.1, 0.9] * 40, groups={"sex": ["F", "M"] * 40}), "one_class_in_group"),
        (block([1, 1], [0, 1], [0.1, 0.9], groups={"sex": ["F", "M"]}), "one_class"),
    ],
)
def test_what_cannot_be_parted_says_why(taught, code):
    for remedy in group_remedies("demographic_parity", ("sex",)):
        values = {"minimum": 30} if code == "fewer_than_two_groups" else {}
        assert tried(remedy, taught) == NotTried(code=code, values=values)


def test_the_favourable_outcome_may_be_the_other_class():
    made = rows()
    taught = block(
        1 - made["approved"], 1 - made["y_pred"], 1 - made["y_score"], groups={"sex": made["sex"].tolist()},
        favourable=(0,),
    )  # fmt: skip
    changed = tried(group_remedies("demographic_parity", ("sex",))[0], taught).changed(Rows.of(taught))
    first, second = rates(changed.predicted == 0, taught)

    assert first == pytest.approx(second, abs=0.01)


def test_only_randomised_thresholds_are_marked_so():
    sharp, drawn = group_remedies("demographic_parity", ("sex",))

    assert "randomised" not in sharp.cautions
    assert "randomised" in drawn.cautions
    assert "attribute_at_decision_time" in sharp.cautions
