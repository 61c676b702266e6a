import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from reliability.checks.drift import learned
from reliability.checks.drift.learned import concept_shift, domain_classifier_auc
from reliability.checks.sampled import area, auc_counts, parts_of
from reliability.records import canonical_json
from tests.checks.drift.two_sets import refused, sampled

BOTH = (domain_classifier_auc, concept_shift)
THREE = {"classes": ("a", "b", "c"), "task": "multiclass", "positive": None}


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch):
    monkeypatch.setattr(learned, "_TREES", 10)


def drawn(seed, n, *, shift=0.0, sign=1.0, names=("x", "w"), made=lambda x: x, **roles):
    """Rows whose label follows x by `sign`; w says nothing."""
    draws = np.random.default_rng(seed)
    x, w = draws.normal(shift, 1, n), draws.choice(["a", "b"], n)
    y = (draws.random(n) < 1 / (1 + np.exp(-3 * sign * x))).astype(int)
    return sampled(y, {names[0]: made(x), names[1]: [*w]}, **roles)


def of_values(seed, n, sign=1.0, scale=1.0):
    x = np.random.default_rng(seed).normal(size=n)
    return sampled(sign * x * scale, {"x": x}, task="regression")


def of_three(seed, n, turned=0):
    draws = np.random.default_rng(seed)
    code = draws.integers(0, 3, n)
    x = code + draws.normal(0, 0.3, n)
    return sampled([*np.array(["a", "b", "c"])[(code + turned) % 3]], {"x": x}, **THREE)


@pytest.mark.parametrize("seed", range(8))
def test_the_area_of_scores_with_ties_is_sklearns(seed):
    draws = np.random.default_rng(seed)
    scores, members = draws.integers(0, 3 + seed, 80) / 10, draws.random(80) < 0.3

    assert area(auc_counts(scores, members)) == pytest.approx(roc_auc_score(members, scores), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_value_is_sklearns_area_of_the_half_held_out(seed, monkeypatch):
    seen = []
    monkeypatch.setattr(learned, "auc_counts", lambda *both: seen.append(both) or auc_counts(*both))
    found = domain_classifier_auc(drawn(seed, 120, shift=0.7), drawn(seed + 10, 150))
    scores, members = seen[0]

    assert found.value == pytest.approx(roc_auc_score(members, scores), abs=1e-12)
    assert found.n == len(members)


@pytest.mark.parametrize("seed", range(4))
def test_rows_of_one_population_raise_no_alarm(seed):
    found = domain_classifier_auc(drawn(seed, 300), drawn(seed + 40, 300))

    assert found.low < 0.55
    assert 0.35 < found.value < 0.65


@pytest.mark.parametrize("seed", range(3))
def test_a_relation_that_stayed_raises_no_alarm(seed):
    found = concept_shift(drawn(seed, 700), drawn(seed + 40, 700))

    assert found.low < 0.02
    assert abs(found.value) < 0.15


@pytest.mark.parametrize("seed", range(2))
def test_a_larger_shift_is_told_more_easily(seed):
    values = [
        domain_classifier_auc(drawn(seed, 300, shift=shift), drawn(seed + 9, 300)).value for shift in (0, 1, 2, 4)
    ]

    assert values == sorted(values)
    assert values[-1] > 0.95


@pytest.mark.parametrize("check", BOTH)
def test_names_of_features_do_not_show(check):
    found, renamed = (
        check(drawn(0, 650, sign=-1, names=names), drawn(1, 400, names=names)) for names in (("x", "w"), ("p", "q"))
    )

    assert (found.value, found.low, found.high) == (renamed.value, renamed.low, renamed.high)
    assert {one["column"] for one in renamed.details["features"]} == {"p", "q"}


@pytest.mark.parametrize("made", [np.exp, lambda x: x * 1e300, lambda x: x * 8 - 3, np.cbrt])
@pytest.mark.parametrize("check", BOTH)
def test_numbers_enter_by_their_ranks(check, made):
    found, other = (check(drawn(0, 650, sign=-1, made=one), drawn(1, 400, made=one)) for one in (np.array, made))

    assert (found.value, found.low, found.high) == (other.value, other.low, other.high)
    assert found.details == other.details


@pytest.mark.parametrize("check", BOTH)
def test_one_seed_gives_one_answer_and_another_another(check):
    rows = drawn(0, 650, shift=0.5), drawn(1, 400)

    assert canonical_json(check(*rows, seed=3)) == canonical_json(check(*rows, seed=3))
    assert check(*rows, seed=3).value != check(*rows, seed=4).value


@pytest.mark.parametrize("check", BOTH)
def test_more_confidence_is_a_wider_interval(check):
    rows = drawn(0, 650, shift=0.5), drawn(1, 400)
    narrow, wide = (check(*rows, confidence=level) for level in (0.8, 0.99))

    assert wide.value == narrow.value
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


@pytest.mark.parametrize("check", BOTH)
def test_details_hold_what_a_report_asks_for(check):
    found = check(drawn(0, 650), drawn(1, 400))
    more = {"learned_from"} if check is concept_shift else set()

    assert set(found.details) == {"of_n", "training_n", "features"} | more
    assert (found.details["of_n"], found.details["training_n"]) == (650, 400)
    values = [one["value"] for one in found.details["features"]]
    assert values == sorted(values, reverse=True)
    assert all(set(one) == {"column", "value"} and 0 <= one["value"] <= 1 for one in found.details["features"])
    assert found.unit == ("dimensionless" if check is concept_shift else "auc")
    assert found.method == ("paired_t_further" if check is concept_shift else "newcombe_delong")


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize("side", [0, 1])
def test_clustered_rows_have_no_limits(check, side):
    rows = [drawn(place, 650, entity=range(650)) if place == side else drawn(place, 650) for place in (0, 1)]
    found = check(*rows)

    assert (found.judged, found.low, found.high, found.reason.code) == (False, None, None, "clustered_rows")


def test_at_most_five_features_are_listed():
    draws = np.random.default_rng(0)
    rows = [sampled([0, 1] * 60, {f"c{index}": draws.normal(size=120) for index in range(9)}) for _ in range(2)]

    assert len(domain_classifier_auc(*rows).details["features"]) == 5


@pytest.mark.parametrize("values", [[7] * 100, [None] * 100, ["k"] * 100, [True] * 100])
def test_a_feature_that_never_varies_tells_nothing(values):
    rows = sampled([0, 1] * 50, {"x": values})
    found = domain_classifier_auc(rows, rows)

    assert found.value == 0.5
    assert found.low < 0.5 < found.high
    assert found.details["features"] == [{"column": "x", "value": 0.5}]


@pytest.mark.parametrize(
    ("here", "there"),
    [(["n"], ["o"]), ([None], ["o"]), ([1], [2]), ([1e308], [-1e308]), ([None], [1.5]), ([True], [False])],
)
def test_files_that_share_no_value_are_told_apart_by_every_row(here, there):
    found = domain_classifier_auc(sampled([0, 1] * 60, {"x": here * 120}), sampled([0, 1] * 60, {"x": there * 120}))

    assert found.value == 1.0
    assert found.low > 0.8
    assert found.details["features"] == [{"column": "x", "value": 1.0}]


def test_halves_share_no_row_and_an_entity_is_in_one_half():
    rows = drawn(0, 200, entity=[index // 4 for index in range(200)])
    parts = parts_of(rows, 2, seed=0).reshape(-1, 4)

    assert (parts == parts[:, :1]).all()
    assert 10 < parts[:, 0].sum() < 40


@pytest.mark.parametrize("sign", [1, -1])
def test_a_value_is_foretold_the_same_in_any_unit(sign):
    found, large = (
        concept_shift(of_values(0, 700, sign, scale), of_values(1, 400, 1.0, scale)) for scale in (1.0, 2.0**20)
    )

    assert large.value == pytest.approx(found.value, rel=1e-6, abs=1e-6)
    assert (found.low > 0.5) is (sign < 0)


@pytest.mark.parametrize("turned", [0, 1, 2])
def test_classes_that_changed_their_names_are_a_shift(turned):
    found = concept_shift(of_three(0, 700, turned), of_three(1, 400))

    assert (found.low > 0.5) is (turned > 0)
    assert found.details["features"][0]["column"] == "x"


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_relation(label):
    assert (
        refused(concept_shift, sampled([label] * 40, {"x": range(40)}), sampled([0, 1], {"x": [1, 2]})) == "one_class"
    )


def test_a_value_that_never_varies_has_no_relation():
    rows = sampled([2.5] * 40, {"x": range(40)}, task="regression")

    assert refused(concept_shift, rows, rows) == "one_class"


@pytest.mark.parametrize("rows", [20, 100, 250])
def test_few_rows_say_nothing_of_a_relation(rows):
    assert refused(concept_shift, drawn(0, rows), drawn(1, 300)) == "too_few_for_interval"


@pytest.mark.parametrize("check", BOTH)
def test_refusals_come_in_their_order(check):
    assert refused(check, sampled([], {}), sampled([], {})) == "no_features"
    assert refused(check, sampled([], {"x": []}), sampled([], {"x": []})) == "no_rows"


def test_a_single_row_of_training_is_too_few_for_halves():
    assert refused(domain_classifier_auc, drawn(0, 50), drawn(1, 1)) == "too_few_for_interval"
