import numpy as np
import pytest

from reliability.advise.measuring import measure
from reliability.advise.pairing import gap_correlation
from reliability.blocks import Block
from reliability.checklist.catalogue import checks
from reliability.engine import Call
from tests.builders import block


def rows(n=4_000, *, seed=0):
    draws = np.random.default_rng(seed)
    woman = draws.random(n) < 0.5
    truth = (draws.random(n) < 0.5).astype(int)
    said = np.where(draws.random(n) < 0.7, truth, 1 - truth)
    said = np.where(woman & (draws.random(n) < 0.3), 0, said)
    return block(truth, said, groups={"sex": np.where(woman, "F", "M").tolist()})


def gap(where: Block, check):
    call = Call(check=checks()[check], by=("sex",))
    return measure((call,), where, None, ask=None, seed=0)[call][0]


def again(where, predicted):
    return block(where.y_true, predicted, groups={"sex": where.groups["sex"]})


RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "positive_predictive_value")
CHECKS = [f"fairness.{rate}_{kind}" for rate in RATES for kind in ("difference", "ratio")]


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_answered_alike_moves_together(check):
    where = rows()
    one = gap(where, check)

    assert gap_correlation(where, where.y_pred, one, one) > 0.99


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_answered_by_lot_does_not(check):
    where = rows()
    by_lot = np.random.default_rng(9).integers(0, 2, where.n)
    after = gap(again(where, by_lot), check)

    assert abs(gap_correlation(where, by_lot, gap(where, check), after)) < 0.5


@pytest.mark.parametrize("check", ["fairness.selection_rate_difference", "fairness.true_positive_rate_difference",
                                   "fairness.selection_rate_ratio"])  # fmt: skip
def test_the_correlation_is_that_of_rows_drawn_anew(check):
    found, told = [], []
    for seed in range(300):
        where = rows(1_000, seed=seed)
        # A fifth of the refused women are taken after all: the gap shrinks and does not turn.
        women = where.groups["sex"].codes == where.groups["sex"].levels.index("F")
        taken = np.where(women & (np.random.default_rng(seed + 1000).random(where.n) < 0.1), 1, where.y_pred)
        before, after = gap(where, check), gap(again(where, taken), check)
        found.append((before.value, after.value))
        told.append(gap_correlation(where, taken, before, after))

    assert np.mean(told) == pytest.approx(np.corrcoef(np.array(found).T)[0, 1], abs=0.15)
    assert np.mean(told) > 0.5


def test_a_gap_that_turned_round_moves_against_what_it_was():
    where = rows()
    turned = again(where, 1 - where.y_pred)
    check = "fairness.selection_rate_difference"

    assert gap_correlation(where, turned.y_pred, gap(where, check), gap(turned, check)) > 0.99
    swapped = np.where(np.random.default_rng(0).random(where.n) < 0.5, where.y_pred, 1 - where.y_pred)
    women = where.groups["sex"].codes == where.groups["sex"].levels.index("F")
    favoured = np.where(women, 1 - (1 - where.y_pred) * (swapped == 0), where.y_pred * (swapped == 1))
    after = gap(again(where, favoured), check)
    assert after.details["worst"] != gap(where, check).details["worst"]
    assert gap_correlation(where, favoured, gap(where, check), after) < 0


def test_nothing_is_told_of_other_checks():
    where = rows()
    one = gap(where, "fairness.equalized_odds_difference")

    assert gap_correlation(where, where.y_pred, one, one) == 0.0
