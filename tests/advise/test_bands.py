"""Thresholds and bands on any scores: what is handed to people and what is decided add up, and who is asked is all."""

from dataclasses import replace

import numpy as np
import pytest
from fairlearn.metrics import (
    demographic_parity_difference,
    equalized_odds_difference,
    false_positive_rate,
    make_derived_metric,
    true_positive_rate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.advise.mapping import Scored, balanced_accuracy, decided, todays_threshold
from reliability.advise.parity import LOST, PARITIES, Parted, fair_thresholds, group_remedies
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.advise.thresholds import BANDS, by_threshold, decision_remedies
from reliability.advise.trials import run
from reliability.evidence.probe import Answers
from tests.advise.planted import case, handed_in, rows, stage_of
from tests.builders import block

CRITERIA = {
    "PER_01": "check: performance.accuracy, at_least: 0.95, source: house default",
    "FAI_01": "check: fairness.selection_rate_ratio, at_least: 0.95, source: house default",
}
PARITY = sorted(set(PARITIES.values()))


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder)
    return stage_of(case(folder, submission, **CRITERIA), submission)


def remedy(staged, item, name):
    (found,) = [one for one in decision_remedies(staged[1][item]) if one.name == name]
    return found


def planted(**more):
    made = rows(**more)
    return block(made["approved"], made["y_pred"], made["y_score"], groups={"sex": made["sex"].tolist()})


def learnt(one, taught, **more):
    return one.learn(Ground(roles=taught.roles, answered=taught, **more))


@st.composite
def answered(draw):
    """Rows with scores that may be tied, and decisions that may have little to do with them."""
    n, digits = draw(st.integers(8, 120)), draw(st.sampled_from([0, 1, 15]))
    draws = np.random.default_rng(draw(st.integers(0, 2**32)))
    scores = np.round(draws.random(n), digits)
    truth = np.append([0, 1], draws.random(n - 2) < scores[2:]).astype(int)
    said = (scores >= draw(st.sampled_from([0.0, 0.3, 0.5, 1.1]))).astype(int)
    sexes = np.where(draws.random(n) < 0.5, "F", "M").tolist()
    return block(truth, said, scores, groups={"sex": sexes})


@settings(max_examples=25, deadline=None)
@given(taught=answered(), asked=answered())
def test_what_is_handed_over_and_what_is_decided_are_all_rows(staged, taught, asked):
    changed = learnt(remedy(staged, "PER-01", "abstention"), taught).changed(Rows.of(asked))

    assert len(changed.abstained) == len(changed.decided) == asked.n
    assert changed.abstained.mean() + changed.decided.mean() == pytest.approx(1)
    assert (changed.predicted == asked.y_pred).all()
    assert changed.scores.tolist() == asked.y_score.tolist()


@settings(max_examples=25, deadline=None)
@given(taught=answered())
def test_a_band_lies_about_the_threshold_and_within_the_scores_there_can_be(staged, taught):
    told = learnt(remedy(staged, "PER-01", "abstention"), taught).details

    assert 0 <= told["low"] <= told["threshold"] <= told["high"] <= 1
    assert told["threshold"] == todays_threshold(Scored(rows=taught, scores=taught.y_score))


@settings(max_examples=25, deadline=None)
@given(taught=answered())
def test_the_smallest_band_takes_no_fewer_rows_than_the_smallest_share(staged, taught):
    changed = learnt(remedy(staged, "PER-01", "abstention"), taught).changed(Rows.of(taught))

    assert changed.abstained.sum() >= int(BANDS[0] * (taught.n - 1))


def test_a_band_is_no_wider_than_it_has_to_be(staged):
    """All errors are within a hair of the threshold: the narrowest band hands all of them over."""
    scores = np.concatenate([np.linspace(0.01, 0.3, 500), np.linspace(0.49, 0.51, 40), np.linspace(0.7, 0.99, 500)])
    truth = (scores >= 0.5).astype(int)
    unsure = np.abs(scores - 0.5) < 0.02
    taught = block(np.where(unsure, 1 - truth, truth), truth, scores)
    changed = learnt(remedy(staged, "PER-01", "abstention"), taught).changed(Rows.of(taught))

    assert changed.abstained[unsure].all()
    assert changed.abstained.mean() == pytest.approx(BANDS[0], abs=0.005)


def test_scores_as_near_to_the_border_on_either_side_are_handed_over_alike(staged):
    """Few scores, as of a small tree: the least one that is decided well is no less sure than the other beside it."""
    scores = np.repeat([0.1, 0.45, 0.55, 0.9], [400, 50, 50, 500])
    said = (scores >= 0.5).astype(int)
    taught = block(np.where(scores == 0.55, 0, said), said, scores)
    changed = learnt(remedy(staged, "PER-01", "abstention"), taught).changed(Rows.of(taught))

    assert changed.abstained.tolist() == (np.abs(scores - 0.5) < 0.1).tolist()


def test_a_band_about_scores_of_nought_and_one_hands_over_neither_class_alone(staged):
    scores = np.repeat([0.0, 1.0], [300, 300])
    taught = block(np.where(np.arange(600) % 5 == 0, 1 - scores, scores).astype(int), scores.astype(int), scores)
    changed = learnt(remedy(staged, "PER-01", "abstention"), taught).changed(Rows.of(taught))

    assert changed.abstained[scores == 1].mean() == changed.abstained[scores == 0].mean()


def test_scores_that_are_all_the_same_are_handed_over_all(staged):
    taught = block([0, 1] * 20, [1] * 40, [0.7] * 40)
    changed = learnt(remedy(staged, "PER-01", "abstention"), taught).changed(Rows.of(taught))

    assert changed.abstained.all()
    assert not changed.decided.any()


def test_a_remedy_after_which_nothing_is_decided_is_measured_as_nothing(staged):
    stage, aims, confirming = staged
    everybody = remedy(staged, "PER-01", "abstention")
    ran = run(everybody, stage, [aims["PER-01"]], name="all")
    ran = replace(ran, changed=replace(ran.changed, abstained=np.ones(stage.rows.n, np.bool_)))
    told = confirming.decisions(ran)

    assert (told.handed_over, told.changed, told.n) == (confirming.rows.n, 0, confirming.rows.n)
    assert told.error_inside is None
    assert stage.measured(stage.split.confirm, list(aims["PER-01"].item.calls), ran) == {}


@settings(max_examples=20, deadline=None)
@given(taught=answered())
@pytest.mark.parametrize("item", ["PER-01", "FAI-01"])
def test_a_new_threshold_is_a_score_that_was_met_and_decides_all_that_reach_it(staged, item, taught):
    tried = learnt(remedy(staged, item, "threshold"), taught)
    changed = tried.changed(Rows.of(taught))

    assert tried.details["threshold"] in taught.y_score
    assert changed.predicted.tolist() == (taught.y_score >= tried.details["threshold"]).astype(int).tolist()
    assert changed.abstained is None


@settings(max_examples=15, deadline=None)
@given(taught=answered(), data=st.data())
def test_no_order_of_rows_moves_a_threshold(staged, taught, data):
    order = np.array(data.draw(st.permutations(range(taught.n))))
    there, turned = (learnt(remedy(staged, "PER-01", "threshold"), one) for one in (taught, taught.where(order)))

    assert there.details == turned.details


@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=40), low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_higher_threshold_decides_for_nobody_more(scores, low, high):
    low, high = min(low, high), max(low, high)
    roles = block([0, 1]).roles

    assert (decided(np.array(scores), low, roles) >= decided(np.array(scores), high, roles)).all()


@given(answered())
def test_balanced_accuracy_lies_between_the_two_recalls(taught):
    recalls = [(taught.y_pred[taught.y_true == label] == label).mean() for label in (0, 1)]

    assert min(recalls) <= balanced_accuracy(taught.y_true, taught.y_pred) <= max(recalls)


def test_a_model_that_is_asked_again_decides_by_the_new_threshold():
    asked = block([0, 1, 1], columns={"a": [0.2, 0.55, 0.9]})

    def ask(columns):
        return Answers(labels=np.zeros(3, np.int64), scores=columns["a"].values)

    tried = by_threshold(0.55, {}, Ground(roles=asked.roles, ask=ask))
    assert tried.ask(asked.columns).labels.tolist() == [0, 1, 1]
    assert tried.ask(asked.columns).scores.tolist() == [0.2, 0.55, 0.9]
    assert by_threshold(0.55, {}, Ground(roles=asked.roles)).ask is None


def test_where_the_score_is_of_the_first_class_that_class_is_decided_from_the_threshold_on():
    asked = block([0, 1, 1], [0, 1, 1], [0.9, 0.5, 0.1], positive=0)

    assert by_threshold(0.5, {}, Ground(roles=asked.roles)).changed(Rows.of(asked)).predicted.tolist() == [0, 0, 1]


@pytest.mark.parametrize("parity", PARITY)
def test_nobody_is_asked_and_nobody_is_answered(parity):
    taught = planted()

    for one in group_remedies(parity, ("sex",)):
        assert len(learnt(one, taught).changed(Rows.of(taught.where(np.zeros(taught.n, np.bool_)))).predicted) == 0


@pytest.mark.parametrize("parity", PARITY)
def test_where_every_row_is_of_an_unknown_group_all_are_decided_as_today(parity):
    asked = block([0, 1, 0], [1, 0, 1], [0.1, 0.9, 0.5], groups={"sex": [None, "X", None]})

    for one in group_remedies(parity, ("sex",)):
        assert learnt(one, planted()).changed(Rows.of(asked)).predicted.tolist() == [1, 0, 1]


@pytest.mark.parametrize("parity", PARITY)
def test_of_two_rows_of_a_group_the_higher_score_is_never_decided_worse(parity):
    taught = planted()
    changed = learnt(group_remedies(parity, ("sex",))[0], taught).changed(Rows.of(taught))

    for code in (0, 1):
        group = taught.groups["sex"].codes == code
        order = np.argsort(taught.y_score[group], kind="stable")
        assert (np.diff(changed.predicted[group][order]) >= 0).all()


@pytest.mark.parametrize("parity", PARITY)
def test_thresholds_are_scores_of_their_own_group_and_named_by_it(parity):
    taught = planted()
    told = learnt(group_remedies(parity, ("sex",))[0], taught).details

    assert told["favourable"] == 1
    assert sorted(one["slice"]["sex"] for one in told["thresholds"]) == ["F", "M"]
    for one in told["thresholds"]:
        code = taught.groups["sex"].levels.index(one["slice"]["sex"])
        assert one["threshold"] in taught.y_score[taught.groups["sex"].codes == code]


GAPS = {
    "demographic_parity": demographic_parity_difference,
    "equalized_odds": equalized_odds_difference,
    "true_positive_rate_parity": make_derived_metric(metric=true_positive_rate, transform="difference"),
    "false_positive_rate_parity": make_derived_metric(metric=false_positive_rate, transform="difference"),
}


@pytest.mark.parametrize("parity", PARITY)
def test_the_gap_as_fairlearn_has_it_shrinks_on_rows_that_did_not_teach(parity):
    taught, other = planted(n=6_000), planted(n=6_000, seed=8)
    said = learnt(group_remedies(parity, ("sex",))[0], taught).changed(Rows.of(other)).predicted
    sexes = other.groups["sex"].codes
    before, after = (GAPS[parity](other.y_true, one, sensitive_features=sexes) for one in (other.y_pred, said))

    assert after < 0.5 * before


def parted(taught):
    return Parted.of(Scored(rows=taught, scores=taught.y_score), ("sex",))


def test_equalized_odds_costs_no_more_accuracy_than_is_allowed():
    taught = planted()
    own = fair_thresholds(parted(taught), "equalized_odds")
    said = taught.y_score >= own[taught.groups["sex"].codes]
    best = max(balanced_accuracy(taught.y_true, (taught.y_score >= cut) * 1) for cut in np.linspace(0.05, 0.95, 91))

    assert balanced_accuracy(taught.y_true, said * 1) >= best - LOST - 0.02


@pytest.mark.parametrize("parity", PARITY)
def test_no_order_of_rows_moves_thresholds_by_group(parity):
    taught = planted()
    turned = taught.where(np.random.default_rng(0).permutation(taught.n))

    first, second = parted(taught), parted(turned)
    there, back = (dict(zip(one.levels, fair_thresholds(one, parity).tolist(), strict=True)) for one in (first, second))
    assert there == back


def test_scores_that_are_tied_are_selected_together_or_not_at_all():
    scores = np.repeat([0.2, 0.4, 0.6, 0.8], 60)
    truth = np.tile([0, 0, 1, 1], 60)
    taught = block(truth, (scores >= 0.5) * 1, scores, groups={"sex": ["F", "M"] * 120})
    said = learnt(group_remedies("demographic_parity", ("sex",))[0], taught).changed(Rows.of(taught)).predicted

    for code in (0, 1):
        for score in np.unique(scores):
            assert len(set(said[(scores == score) & (taught.groups["sex"].codes == code)])) == 1


def test_two_attributes_part_rows_by_both():
    draws = np.random.default_rng(3)
    taught = planted(n=4_000)
    ages = np.where(draws.random(4_000) < 0.5, "old", "young").tolist()
    both = block(taught.y_true, taught.y_pred, taught.y_score, groups={"sex": taught.groups["sex"], "age": ages})
    told = learnt(group_remedies("demographic_parity", ("sex", "age"))[0], both)

    assert len(told.details["thresholds"]) == 4
    said = told.changed(Rows.of(both)).predicted
    combined = both.groups["sex"].codes * 2 + both.groups["age"].codes
    rates = [said[combined == code].mean() for code in range(4)]
    assert max(rates) - min(rates) < 0.02


def test_chances_are_what_the_draws_come_to():
    taught = planted(n=20_000)
    changed = learnt(group_remedies("equalized_odds", ("sex",))[1], taught, seed=4).changed(Rows.of(taught))

    assert changed.predicted.mean() == pytest.approx(changed.chances.mean(), abs=0.01)
    assert (changed.predicted[changed.chances == 1] == 1).all()
    assert (changed.predicted[changed.chances == 0] == 0).all()


def test_another_seed_draws_otherwise_by_the_same_chances():
    taught = planted()
    remedies = group_remedies("equalized_odds", ("sex",))
    one, other = (learnt(remedies[1], taught, seed=seed).changed(Rows.of(taught)) for seed in (1, 2))

    assert one.chances.tolist() == other.chances.tolist()
    assert (one.predicted != other.predicted).any()


def test_no_favourable_class_no_thresholds_by_group_though_one_threshold_there_is(staged):
    taught = planted()
    undecided = block(taught.y_true, taught.y_pred, taught.y_score, groups={"sex": taught.groups["sex"]}, favourable=())

    assert learnt(group_remedies("demographic_parity", ("sex",))[0], undecided) == NotTried(code="no_favourable")
    assert "threshold" in learnt(remedy(staged, "PER-01", "threshold"), undecided).details
