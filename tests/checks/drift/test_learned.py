import numpy as np
import pytest

from reliability.blocks import Column
from reliability.checks.drift.learned import concept_shift, domain_classifier_auc
from reliability.records import canonical_json
from tests.checks.drift.two_sets import refused, sampled


def drawn(seed, n, *, shift=0.0, sign=1.0, **roles):
    """Rows whose label follows x by `sign`; w says nothing."""
    draws = np.random.default_rng(seed)
    x, w = draws.normal(shift, 1, n), draws.choice(["a", "b"], n)
    y = (draws.random(n) < 1 / (1 + np.exp(-2 * sign * x))).astype(int)
    return sampled(y, {"x": x, "w": [*w]}, **roles)


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


@pytest.mark.parametrize("check", [domain_classifier_auc, concept_shift])
def test_nothing_to_learn_from_is_refused(check):
    some, none = sampled([0, 1] * 10, {"x": [1, 2] * 10}), sampled([], {"x": []})

    assert refused(check, none, some) == "no_rows"
    assert refused(check, some, none) == "no_training_data"
    assert refused(check, sampled([0, 1], {}), sampled([0, 1], {})) == "no_features"


def test_too_few_rows_are_refused():
    few = sampled([0, 1], {"x": [1, 2]})

    assert refused(domain_classifier_auc, few.take(np.array([0])), few.take(np.array([0]))) == "too_few_for_interval"
    assert refused(concept_shift, sampled([0, 1] * 20, {"x": [1, 2] * 20}), drawn(0, 50)) == "too_few_for_interval"


def test_labels_of_one_class_have_no_relation():
    assert refused(concept_shift, sampled([1] * 20, {"x": [1, 2] * 10, "w": ["a"] * 20}), drawn(0, 50)) == "one_class"


def test_clustered_rows_are_not_judged():
    found = domain_classifier_auc(drawn(0, 60, entity=range(60)), drawn(1, 60))

    assert (found.judged, found.low, found.reason.code) == (False, None, "clustered_rows")


@pytest.mark.parametrize("check", [domain_classifier_auc, concept_shift])
@pytest.mark.parametrize("empty_first", [False, True])
def test_a_text_that_is_missing_throughout_one_file_has_no_kind_there(check, empty_first):
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 700)
    x, text = draws.normal(size=700), draws.choice(["a", "b"], 700)
    empty = Column(kind="f8", values=np.zeros(700), missing=np.ones(700, np.bool_))
    full, bare = sampled(y, {"x": x, "w": text}), sampled(y, {"x": x, "w": empty})

    measured = check(*((bare, full) if empty_first else (full, bare)))

    assert measured.value is not None
