import numpy as np
import pandas as pd
import pytest
from fairlearn.reductions import (
    BoundedGroupLoss,
    DemographicParity,
    EqualizedOdds,
    ErrorRate,
    ExponentiatedGradient,
    GridSearch,
    SquareLoss,
    ZeroOneLoss,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from reliability.worker.refit import How
from reliability.worker.refit_reduction import Voters
from tests.worker.refitting import CLASSES, columns_of, opened_here, table

# Fairlearn's own, of pandas.
pytestmark = pytest.mark.filterwarnings("ignore:Setting a")
FRAME, Y, GROUP = table()
LABELS = np.array(CLASSES)[Y]
CONSTRAINTS = {
    "demographic_parity": DemographicParity,
    "equalized_odds": EqualizedOdds,
    "bounded_group_loss": lambda: BoundedGroupLoss(ZeroOneLoss(), upper_bound=0.1),
}


def answered(model, how, path, **changes):
    refit = opened_here(model, path / "model.skops", FRAME, **changes)
    refit.fit(columns_of(FRAME), Y, groups=GROUP, how=how)
    return refit.predict(columns_of(FRAME))


def descended(constraint, model, **options):
    """Fairlearn's own: P(yes) as its randomised decisions have it, and the mean of its members' probabilities."""
    own = ExponentiatedGradient(model, constraint, max_iter=10, **options)
    own.fit(FRAME, Y, sensitive_features=GROUP)
    votes = pd.DataFrame({place: own.predictors_[place].predict(FRAME) for place in own.weights_.index})
    means = sum(weight * chance(own.predictors_[place]) for place, weight in own.weights_.items())
    return own, (votes[own.weights_.index] @ own.weights_).to_numpy(), means


def chance(member):
    return member.predict_proba(FRAME)[:, -1] if 1 in member.classes_ else np.zeros(len(FRAME))


@pytest.fixture(params=["logistic", "tree"])
def model(request):
    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "tree": DecisionTreeClassifier(max_depth=3, random_state=0),
    }[request.param]


def weighed(model):
    """The option under which fairlearn passes weights to the model itself."""
    last = model.steps[-1][0] if hasattr(model, "steps") else ""
    return {"sample_weight_name": f"{last}__sample_weight" if last else "sample_weight"}


@pytest.mark.parametrize("constraint", sorted(CONSTRAINTS))
def test_exponentiated_gradient_is_fairlearns_own(model, constraint, tmp_path):
    bound = 0.1 if constraint == "bounded_group_loss" else None
    how = How(reduction="exponentiated_gradient", constraint=constraint, bound=bound)
    told = answered(model.fit(FRAME, LABELS), how, tmp_path)

    own, votes, means = descended(CONSTRAINTS[constraint](), model, **weighed(model))

    if constraint != "bounded_group_loss":
        np.testing.assert_allclose(own._pmf_predict(FRAME)[:, 1], votes)
    assert len(own.predictors_) > 1
    assert told.labels.tolist() == (votes >= 0.5 - 1e-9).astype(int).tolist()
    np.testing.assert_allclose(told.scores, means, atol=1e-12)


@pytest.mark.parametrize("constraint", sorted(CONSTRAINTS))
def test_grid_search_is_fairlearns_own(model, constraint, tmp_path):
    how = How(reduction="grid_search", constraint=constraint)
    told = answered(model.fit(FRAME, LABELS), how, tmp_path)

    own = GridSearch(model, CONSTRAINTS[constraint](), grid_size=10, **weighed(model))
    own.fit(FRAME, Y, sensitive_features=GROUP)

    assert told.labels.tolist() == own.predict(FRAME).tolist()
    np.testing.assert_allclose(told.scores, own.predict_proba(FRAME)[:, 1], atol=1e-12)


def test_reduction_narrows_what_it_holds_groups_to(model, tmp_path):
    plain = answered(model.fit(FRAME, LABELS), How(), tmp_path).labels
    fair = answered(model, How(reduction="exponentiated_gradient", constraint="demographic_parity"), tmp_path).labels

    def gap(labels):
        return abs(labels[GROUP == 0].mean() - labels[GROUP == 1].mean())

    assert gap(fair) < gap(plain) / 2


def test_threshold_of_the_model_becomes_the_costs_of_errors(tmp_path):
    model = LogisticRegression().fit(FRAME, LABELS)
    how = How(reduction="exponentiated_gradient", constraint="demographic_parity")
    told = answered(model, how, tmp_path, threshold=0.25)

    _, votes, _ = descended(DemographicParity(), model, objective=ErrorRate(costs={"fp": 0.5, "fn": 1.5}))

    assert told.labels.tolist() == (votes >= 0.5 - 1e-9).astype(int).tolist()
    assert told.labels.mean() > answered(model, how, tmp_path).labels.mean() + 0.1


def test_threshold_holds_where_losses_are_bounded(tmp_path):
    model = LogisticRegression().fit(FRAME, LABELS)
    how = How(reduction="grid_search", constraint="bounded_group_loss")
    told = answered(model, how, tmp_path, threshold=0.25)

    assert told.labels.tolist() == (told.scores >= 0.25).astype(int).tolist()


def test_bound_of_a_loss_is_that_of_all_where_none_is_given(tmp_path):
    model = LogisticRegression().fit(FRAME, LABELS)
    how = How(reduction="exponentiated_gradient", constraint="bounded_group_loss")
    told = answered(model, how, tmp_path)

    loss = float((model.predict(FRAME) != LABELS).mean())
    _, votes, _ = descended(BoundedGroupLoss(ZeroOneLoss(), upper_bound=loss), LogisticRegression())
    assert told.labels.tolist() == (votes >= 0.5 - 1e-9).astype(int).tolist()


def test_values_are_held_to_a_square_loss_of_every_group(tmp_path):
    value = FRAME["f0"].to_numpy() * (1 + GROUP)
    refit = opened_here(
        LinearRegression().fit(FRAME, value), tmp_path / "m.skops", FRAME, classes=(), task="regression"
    )
    refit.fit(columns_of(FRAME), value, groups=GROUP, how=How(reduction="grid_search", constraint="bounded_group_loss"))

    own = GridSearch(LinearRegression(), BoundedGroupLoss(SquareLoss(value.min(), value.max())), grid_size=10)
    own.fit(FRAME, value, sensitive_features=GROUP)

    np.testing.assert_allclose(refit.predict(columns_of(FRAME)).labels, own.predict(FRAME), atol=1e-9)


def test_first_class_may_be_the_positive_one(tmp_path):
    model = LogisticRegression().fit(FRAME, LABELS)
    how = How(reduction="grid_search", constraint="equalized_odds")
    told = answered(model, how, tmp_path, positive=0)

    own = GridSearch(LogisticRegression(), EqualizedOdds(), grid_size=10)
    own.fit(FRAME, 1 - Y, sensitive_features=GROUP)

    assert told.labels.tolist() == (1 - own.predict(FRAME)).tolist()
    np.testing.assert_allclose(told.scores, own.predict_proba(FRAME)[:, 1], atol=1e-12)


def test_weights_of_classes_follow_the_labels_that_a_reduction_writes(tmp_path):
    model = LogisticRegression(class_weight={"no": 1.0, "yes": 3.0}).fit(FRAME, LABELS)
    told = answered(model, How(reduction="grid_search", constraint="demographic_parity"), tmp_path)

    own = GridSearch(LogisticRegression(class_weight={0: 1.0, 1: 3.0}), DemographicParity(), grid_size=10)
    own.fit(FRAME, Y, sensitive_features=GROUP)

    assert told.labels.tolist() == own.predict(FRAME).tolist()


class Said:
    """A member that says what it is told."""

    classes_ = np.array([0, 1])

    def __init__(self, *labels):
        self.labels = np.array(labels)

    def predict(self, frame):
        return self.labels


def test_majority_by_weight_decides_and_an_even_vote_is_in_favour():
    voters = Voters([Said(1, 1, 0), Said(0, 1, 0), Said(1, 0, 1)], [0.5, 0.3, 0.0], ["x"], ["no", "yes"])

    assert voters.predict(range(3)).tolist() == ["yes", "yes", "no"]
    assert Voters([Said(1, 0), Said(0, 1)], [0.5, 0.5], ["x"], ["no", "yes"]).predict([0, 1]).tolist() == ["yes"] * 2


def test_no_probabilities_are_told_where_a_member_has_none():
    assert not callable(Voters([Said(1)], [1.0], ["x"], ["no", "yes"]).predict_proba)
