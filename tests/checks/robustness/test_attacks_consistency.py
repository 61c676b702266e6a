import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, roc_auc_score

from reliability.checks.robustness import consistency as checks
from reliability.checks.robustness.curves import MOST_STRENGTHS, Disturbed, Kept, accuracy_lost, of_kept
from reliability.checks.robustness.drops import accuracy_drop, auc_drop
from reliability.checks.robustness.slips import unit_slip_consistency
from reliability.errors import ChecklistError, NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

WITH_PROFILE = (checks.noise_consistency, checks.unseen_category_consistency)
BY_SHARE = [
    checks.missing_value_consistency,
    checks.category_swap_consistency,
    checks.unseen_category_consistency,
    checks.typo_consistency,
    checks.spacing_consistency,
]
SEEDED = [checks.noise_consistency, *BY_SHARE]
FAMILIES = [*SEEDED, checks.rounding_consistency]
DISTURBANCES = ["noise", "missing_values", "category_swap", "unseen_category", "rounding", "typos", "spacing"]
DEFAULTS = dict(zip(DISTURBANCES, (0.1, 0.05, 0.05, 0.05, 3.0, 0.1, 0.1), strict=True))
PAIRS = [
    ("noise", checks.noise_consistency, "strength", 0.7),
    ("missing_values", checks.missing_value_consistency, "share", 0.4),
    ("category_swap", checks.category_swap_consistency, "share", 0.4),
    ("unseen_category", checks.unseen_category_consistency, "share", 0.4),
    ("rounding", checks.rounding_consistency, "digits", 1),
    ("typos", checks.typo_consistency, "share", 0.4),
    ("spacing", checks.spacing_consistency, "share", 0.4),
]


def score(columns):
    """Rises with x and with the city of Seoul."""
    seoul = np.array([one == "서울 강남" for one in columns["w"].as_labels()], float)
    total = np.nan_to_num(columns["x"].as_floats()) / 3 + 2 * seoul - 1
    return Answers(labels=(total > 0).astype(np.int64), scores=1 / (1 + np.exp(-np.clip(total, -500, 500))))


def people(n=300, seed=0, model=score, **roles):
    draws = np.random.default_rng(seed)
    x = draws.normal(0, 3, n)
    w = ["서울 강남" if one else "부산 해운대" for one in draws.integers(0, 2, n)]
    truth = (x / 3 + 2 * np.array([one == "서울 강남" for one in w]) - 1 + draws.normal(0, 0.7, n) > 0).astype(int)
    columns = {"x": x, "w": w, "b": [bool(k % 2) for k in range(n)], "i": draws.integers(0, 99, n).tolist()}
    return probed(columns, model, y_true=truth.tolist(), **roles)


def measured_by(check, probe, profile, **options):
    return check(*((probe, profile) if check in WITH_PROFILE else (probe,)), **options)


def strength_of(check):
    if check is checks.noise_consistency:
        return "strength"
    return "digits" if check is checks.rounding_consistency else "share"


def strong(check, **more):
    name = strength_of(check)
    return {name: {"strength": 1.0, "digits": 1, "share": 0.5}[name], **more}


@pytest.mark.parametrize("check", FAMILIES)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_value_and_interval_are_those_of_the_answers_told_apart(check, confidence):
    probe, profile, asked = people()
    measured = measured_by(check, probe, profile, **strong(check, confidence=confidence))
    again = score(asked[0]).labels
    kept = int((again == probe.answers.labels).sum())
    limits = binomtest(kept, 300).proportion_ci(confidence, "exact")

    assert len(asked) == 1
    assert kept < 300
    assert (measured.value, measured.details["changed"]) == (kept / 300, 300 - kept)
    assert (measured.low, measured.high) == pytest.approx((limits.low, limits.high))
    assert (measured.n, measured.unit, measured.method) == (300, "share", "clopper_pearson")


@pytest.mark.parametrize("check", FAMILIES)
def test_accuracy_before_and_after_is_scikit_learns(check):
    probe, profile, asked = people(seed=4)
    told = measured_by(check, probe, profile, **strong(check)).details["accuracy"]
    y = probe.sample.y_true
    before, after = (accuracy_score(y, one.labels) for one in (probe.answers, score(asked[0])))

    assert set(told) == {"before", "after", "drop", "low", "high"}
    assert (told["before"], told["after"], told["drop"]) == pytest.approx((before, after, before - after))
    assert -1 <= told["low"] <= told["drop"] <= told["high"] <= 1


@pytest.mark.parametrize(
    ("check", "own"),
    [
        (checks.noise_consistency, {"strength": 1.0, "columns": 2}),
        (checks.missing_value_consistency, {"share": 0.5}),
        (checks.category_swap_consistency, {"share": 0.5, "columns": ["b", "w"]}),
        (checks.unseen_category_consistency, {"share": 0.5, "columns": ["w"]}),
        (checks.rounding_consistency, {"strength": 1, "columns": ["i", "x"]}),
        (checks.typo_consistency, {"share": 0.5, "columns": ["w"]}),
        (checks.spacing_consistency, {"share": 0.5, "columns": ["w"]}),
    ],
)
def test_details_hold_what_was_done_and_no_curve_unless_asked(check, own):
    probe, profile, _ = people(100)
    details = measured_by(check, probe, profile, **strong(check)).details
    blanked = {"blanked"} if check is checks.missing_value_consistency else set()

    assert set(details) == {"of_n", "changed", "accuracy", *own} | blanked
    assert {key: details[key] for key in own} == own
    assert details["of_n"] == 100


@pytest.mark.parametrize("check", FAMILIES)
def test_a_curve_rises_in_strength_and_each_point_is_the_check_alone(check):
    name = strength_of(check)
    strengths = {"digits": (5, 1, 2), "strength": (2.0, 0.0, 0.4), "share": (0.9, 0.0, 0.3)}[name]
    probe, profile, asked = people(200)
    measured = measured_by(check, probe, profile, **{name: strengths[0], "curve": strengths[1:]})
    curve = measured.details["curve"]

    assert len(asked) == 1
    assert rows_asked(asked) == 600
    assert [one["strength"] for one in curve] == sorted(strengths)
    for one in curve:
        alone = measured_by(check, probe, profile, **{name: one["strength"]})
        assert set(one) == {"strength", "value", "low", "high", "n", "accuracy"}
        assert (one["value"], one["low"], one["high"], one["n"]) == (alone.value, alone.low, alone.high, alone.n)
        assert one["accuracy"] == alone.details["accuracy"]
    assert canonical_json(measured)


@pytest.mark.parametrize("check", SEEDED)
def test_a_curve_starts_at_one_and_its_ends_differ(check):
    name = strength_of(check)
    probe, profile, _ = people(300)
    curve = measured_by(check, probe, profile, **{name: 0.5, "curve": (0.0, 1.0)}).details["curve"]

    assert curve[0]["value"] == 1.0
    assert curve[0]["accuracy"]["drop"] == 0.0
    assert curve[-1]["value"] < 1.0
    assert curve[-1]["value"] <= curve[0]["value"]


@pytest.mark.parametrize("check", FAMILIES)
def test_twenty_further_strengths_are_asked_and_one_more_is_refused(check):
    probe, profile, asked = people(10)
    digits = check is checks.rounding_consistency
    most = tuple(np.linspace(*((1, 15) if digits else (0, 1)), MOST_STRENGTHS).tolist())
    measured_by(check, probe, profile, curve=most)
    with pytest.raises(UsageError) as refused:
        measured_by(check, probe, profile, curve=(*most, 1.0))

    assert len(asked) == 1
    assert refused.value.code == "option_out_of_range"
    assert (refused.value.values["option"], refused.value.values["value"]) == ("curve", 21)


def test_numbers_of_no_digit_are_refused():
    probe, profile, _ = people(10)
    for asked in ({"digits": 0}, {"curve": (0.5,)}):
        with pytest.raises(ChecklistError) as refused:
            checks.rounding_consistency(probe, **asked)
        assert (refused.value.code, refused.value.values["option"]) == ("option_too_small", "digits")
    for check in (accuracy_drop, auc_drop):
        with pytest.raises(ChecklistError) as refused:
            check(probe, profile, disturbance="rounding", strength=0.0)
        assert (refused.value.code, refused.value.values["option"]) == ("option_too_small", "strength")


@pytest.mark.parametrize("check", SEEDED)
def test_the_seed_alone_settles_a_measurement(check):
    probe, profile, asked = people(300)
    tables = []
    for seed in (1, 1, 2):
        asked.clear()
        measured = measured_by(check, probe, profile, **strong(check, seed=seed))
        tables.append(({k: v.as_labels() for k, v in asked[0].items()}, canonical_json(measured)))

    assert tables[0] == tables[1]
    assert tables[0][0] != tables[2][0]


@pytest.mark.parametrize(
    ("check", "touched"),
    [
        (checks.noise_consistency, {"x", "i"}),
        (checks.missing_value_consistency, {"x", "i", "b", "w"}),
        (checks.category_swap_consistency, {"b", "w"}),
        (checks.unseen_category_consistency, {"w"}),
        (checks.rounding_consistency, {"x", "i"}),
        (checks.typo_consistency, {"w"}),
        (checks.spacing_consistency, {"w"}),
    ],
)
def test_columns_that_are_not_disturbed_come_to_the_model_as_they_were(check, touched):
    probe, profile, asked = people(120)
    measured_by(check, probe, profile, **strong(check))
    differ = {k for k, v in asked[0].items() if v.as_labels() != probe.sample.columns[k].as_labels()}

    assert list(asked[0]) == list(probe.sample.columns)
    assert differ == touched


@pytest.mark.parametrize("check", FAMILIES)
@pytest.mark.parametrize("size", [17, 300, 999])
def test_no_more_rows_are_asked_than_the_sample_size(check, size):
    probe, profile, asked = people()
    measured = measured_by(check, probe, profile, sample_size=size)

    assert measured.n == rows_asked(asked) == min(size, 300)
    assert measured.details["of_n"] == 300


@pytest.mark.parametrize("check", FAMILIES)
def test_a_sample_size_of_nought_and_a_regression_are_refused_before_asking(check):
    probe, profile, asked = people(20)
    with pytest.raises(ChecklistError) as small:
        measured_by(check, probe, profile, sample_size=0)
    values, about, told = people(
        20, model=lambda c: Answers(labels=c["x"].values), task="regression", classes=(), positive=None
    )
    with pytest.raises(NotMeasurable) as refused:
        measured_by(check, values, about)

    assert (small.value.code, refused.value.code) == ("option_too_small", "needs_classification")
    assert asked == told == []


@pytest.mark.parametrize("check", FAMILIES)
@pytest.mark.parametrize("wrong", [-0.01, float("nan"), float("inf"), 1e9])
def test_strengths_out_of_range_are_refused_alone_and_in_a_curve(check, wrong):
    name = strength_of(check)
    probe, profile, asked = people(10)
    if wrong == 1e9 and name == "strength":
        assert measured_by(check, probe, profile, strength=wrong).n == 10
        return
    for options in ({name: wrong}, {"curve": (1, wrong)}):
        with pytest.raises(UsageError) as refused:
            measured_by(check, probe, profile, **options)
        assert refused.value.code == "option_out_of_range"
        assert refused.value.values["option"] == name
        assert refused.value.values["most"] == {"digits": 15, "share": 1.0, "strength": np.inf}[name]
    assert asked == []


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (checks.noise_consistency, "no_numeric_features"),
        (checks.rounding_consistency, "no_numeric_features"),
        (checks.category_swap_consistency, "no_categories"),
        (checks.unseen_category_consistency, "no_categories"),
        (checks.typo_consistency, "no_text"),
        (checks.spacing_consistency, "no_text"),
    ],
)
def test_rows_without_anything_to_disturb_are_not_measured(check, code):
    columns = {"w": ["가"] * 4} if code == "no_numeric_features" else {"x": [1.0, 2.0, 3.0, 4.0]}
    probe, profile, asked = probed(columns, lambda c: Answers(labels=np.zeros(4, np.int64)))
    with pytest.raises(NotMeasurable) as refused:
        measured_by(check, probe, profile)

    assert refused.value.code == code
    assert asked == []


@pytest.mark.parametrize("check", [checks.missing_value_consistency, checks.unseen_category_consistency])
def test_one_row_has_the_interval_of_one_row(check):
    probe, profile, _ = people(1)
    measured = measured_by(check, probe, profile, share=0.0)

    assert (measured.value, measured.n) == (1.0, 1)
    assert (measured.low, measured.high) == pytest.approx((0.025, 1.0))


def test_rows_that_are_all_missing_lose_nothing_more():
    probe, _, _ = probed({"x": [None] * 8}, linear({"x": 1.0}, -1))
    measured = checks.missing_value_consistency(probe, share=1.0)

    assert (measured.value, measured.details["blanked"]) == (1.0, 0)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_blanked_counts_rows_that_lost_a_cell_at_the_share_measured(share):
    probe, _, asked = people(250)
    blanked = checks.missing_value_consistency(probe, share=share, seed=6).details["blanked"]
    expected = np.any([one.missing for one in asked[0].values()], axis=0).sum()

    assert blanked == expected
    assert blanked / 250 == pytest.approx(1 - (1 - share) ** 4, abs=0.1)


def test_a_swap_of_yes_and_no_turns_the_share_of_rows_that_is_drawn():
    values = [bool(k % 2) for k in range(500)]
    probe, _, _ = probed({"b": values}, lambda c: Answers(labels=c["b"].values.astype(np.int64)))
    drawn = np.random.default_rng(3).random(500) < 0.2

    assert checks.category_swap_consistency(probe, share=0.2, seed=3).details["changed"] == drawn.sum()


def test_multiclass_labels_are_compared_class_by_class():
    def model(columns):
        return Answers(labels=np.clip(np.floor(columns["x"].values), 0, 2).astype(np.int64))

    roles = {"classes": (0, 1, 2), "positive": None, "task": "multiclass"}
    probe, _, _ = probed({"x": [0.4, 1.96, 2.4, 0.97]}, model, y_true=[0, 1, 2, 1], **roles)
    measured = checks.rounding_consistency(probe, digits=1)

    # 1.96 becomes 2, which is wrong; 0.97 becomes 1, which is right.
    assert (measured.value, measured.details["changed"]) == (0.5, 2)
    assert measured.details["accuracy"]["before"] == 0.75
    assert measured.details["accuracy"]["drop"] == 0.0


@pytest.mark.parametrize("check", [checks.rounding_consistency, unit_slip_consistency])
def test_what_draws_nothing_ignores_the_order_of_rows_and_of_columns(check):
    draws = np.random.default_rng(2)
    columns = {"x": draws.normal(size=80), "z": draws.normal(size=80), "i": draws.integers(1, 9, 80)}
    y, order, model = draws.integers(0, 2, 80), draws.permutation(80), linear({"x": 1.0, "z": 1.0, "i": 0.1}, 0.4)
    first, _, _ = probed(columns, model, y_true=y)
    rows, _, _ = probed({k: v[order] for k, v in columns.items()}, model, y_true=y[order])
    turned, _, _ = probed(dict(reversed(columns.items())), model, y_true=y)
    options = {"digits": 1} if check is checks.rounding_consistency else {}
    told = [check(one, **options) for one in (first, rows, turned)]

    assert told[0].value < 1
    for one in told[1:]:
        assert (one.value, one.low, one.high) == (told[0].value, told[0].low, told[0].high)
        assert one.details["accuracy"] == told[0].details["accuracy"]


@pytest.mark.parametrize("check", FAMILIES)
def test_clustered_rows_keep_the_value_and_say_so_in_the_method(check):
    alone, profile, _ = people(200)
    clustered, _, _ = people(200, entity=[1 + k // 20 for k in range(200)])
    first, second = (measured_by(check, one, profile, **strong(check)) for one in (alone, clustered))

    assert (first.value, first.method) == (second.value, "clopper_pearson")
    assert second.method == "clopper_pearson_effective_n"
    assert second.low <= first.low
    assert second.high >= first.high


def test_of_kept_counts_rows_and_merges_details():
    probe, _, _ = people(40)
    rows = np.arange(40) % 4 != 0
    measured = of_kept(Kept(rows=rows, sample=probe.sample), {"extra": "값"}, confidence=0.9)
    limits = binomtest(30, 40).proportion_ci(0.9, "exact")

    assert measured.details == {"of_n": 40, "changed": 10, "extra": "값"}
    assert (measured.value, measured.low, measured.high) == pytest.approx((0.75, limits.low, limits.high))


def test_strengths_are_each_named_once_with_the_measured_first():
    probe, _, _ = people(5)
    disturbed = Disturbed(probe=probe, at=lambda _: {}, strength=0.3, curve=(0.1, 0.3, 0.9, 0.1))

    assert disturbed.strengths() == (0.3, 0.1, 0.9)
    assert [one.labels.tolist() for one in disturbed.answers()] == [probe.answers.labels.tolist()] * 3


def test_accuracy_lost_changes_sign_where_before_and_after_are_exchanged():
    probe, _, _ = people(90)
    worse = Answers(labels=np.where(np.arange(90) % 3 == 0, 1 - probe.sample.y_true, probe.sample.y_true))
    right = Answers(labels=probe.sample.y_true)
    first = accuracy_lost(probed_with(probe, right), worse, confidence=0.95)
    second = accuracy_lost(probed_with(probe, worse), right, confidence=0.95)

    assert first["drop"] == -second["drop"] == pytest.approx(1 / 3)
    assert (first["low"], first["high"]) == pytest.approx((-second["high"], -second["low"]))


def probed_with(probe, answers):
    return type(probe)(sample=probe.sample, answers=answers, ask=probe.ask, ask_anew=probe.ask_anew)


@pytest.mark.parametrize(("disturbance", "check", "option", "strength"), PAIRS)
def test_accuracy_drop_is_the_accuracy_of_the_check_of_its_name(disturbance, check, option, strength):
    probe, profile, asked = people(200)
    drop = accuracy_drop(probe, profile, disturbance=disturbance, strength=strength)
    told = measured_by(check, probe, profile, **{option: strength}).details["accuracy"]

    assert (drop.value, drop.low, drop.high) == (told["drop"], told["low"], told["high"])
    assert (drop.details["before"], drop.details["after"]) == (told["before"], told["after"])
    assert len(asked) == 2


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_drops_agree_with_scikit_learn_before_and_after(disturbance):
    probe, profile, asked = people(250, seed=8)
    strength = 1.0
    accuracy, auc = (
        check(probe, profile, disturbance=disturbance, strength=strength) for check in (accuracy_drop, auc_drop)
    )
    y, after = probe.sample.y_true, [score(table) for table in asked]
    areas = [roc_auc_score(y, one.scores) for one in (probe.answers, after[1])]
    shares = [accuracy_score(y, one.labels) for one in (probe.answers, after[0])]

    assert accuracy.value == pytest.approx(shares[0] - shares[1])
    assert (auc.details["before"], auc.details["after"]) == pytest.approx(areas)
    assert auc.value == pytest.approx(areas[0] - areas[1])
    assert -1 <= auc.low <= auc.value <= auc.high <= 1
    assert len(asked) == 2


@pytest.mark.parametrize("check", [accuracy_drop, auc_drop])
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_drops_name_their_disturbance_and_default_strength(check, disturbance):
    probe, profile, asked = people(60)
    details = check(probe, profile, disturbance=disturbance, sample_size=40).details

    assert set(details) == {"of_n", "disturbance", "strength", "before", "after"}
    assert (details["disturbance"], details["strength"]) == (disturbance, DEFAULTS[disturbance])
    assert rows_asked(asked) == 40


@pytest.mark.parametrize("check", [accuracy_drop, auc_drop])
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_drops_refuse_strengths_beyond_their_most(check, disturbance):
    probe, profile, asked = people(30)
    for wrong in (-1.0, float("nan"), float("inf"), *([15.5] if disturbance != "noise" else [])):
        with pytest.raises(UsageError) as refused:
            check(probe, profile, disturbance=disturbance, strength=wrong)
        assert refused.value.code == "option_out_of_range"
        assert refused.value.values["option"] == "strength"
    assert asked == []


@pytest.mark.parametrize("cubed", [lambda s: s**3, lambda s: s / 7 + 0.2])
def test_auc_drop_ignores_a_rising_change_of_the_scores(cubed):
    def turned(columns):
        return Answers(labels=score(columns).labels, scores=cubed(score(columns).scores))

    first, second = (auc_drop(*people(model=one)[:2], strength=1.0, seed=2) for one in (score, turned))

    assert (first.value, first.low, first.high) == pytest.approx((second.value, second.low, second.high))


def test_auc_drop_of_the_other_class_is_the_same_where_scores_are_turned():
    def turned(columns):
        return Answers(labels=score(columns).labels, scores=1 - score(columns).scores)

    first, second = people(), people(model=turned, positive=0)
    told = [auc_drop(*one[:2], strength=1.0, seed=2) for one in (first, second)]

    assert told[0].value == pytest.approx(told[1].value)
    assert (told[0].low, told[0].high) == pytest.approx((told[1].low, told[1].high))


@pytest.mark.parametrize(
    ("code", "roles", "model"),
    [
        ("no_scores", {}, labels_only(score)),
        ("no_positive", {"positive": None}, score),
        ("needs_binary", {"task": "multiclass", "positive": None}, score),
    ],
)
def test_auc_drop_refuses_before_asking_while_accuracy_is_measured(code, roles, model):
    probe, profile, asked = people(50, model=model, **roles)
    with pytest.raises(NotMeasurable) as refused:
        auc_drop(probe, profile)

    assert refused.value.code == code
    assert asked == []
    assert accuracy_drop(probe, profile).n == 50


@pytest.mark.parametrize("label", [0, 1])
def test_auc_drop_of_one_class_is_refused(label):
    probe, profile, _ = probed({"x": [1.0, 2.0, -1.0]}, linear({"x": 1.0}), y_true=[label] * 3)
    with pytest.raises(NotMeasurable, match="one_class"):
        auc_drop(probe, profile)


@pytest.mark.parametrize("factors", [(10.0,), (0.1, 10.0), (3.0, 0.5, 1_000.0, 0.001)])
def test_unit_slips_are_recomputed_one_column_and_factor_at_a_time(factors):
    probe, _, asked = people(80, model=linear({"x": 1.0, "i": 0.05}, 2.0))
    measured = unit_slip_consistency(probe, factors=factors, confidence=0.9)
    columns, y, m = probe.sample.columns, probe.sample.y_true, 2 * len(factors)
    kept = {}
    for name in ("x", "i"):
        for factor in factors:
            x, i = (columns[one].values * (factor if one == name else 1.0) for one in ("x", "i"))
            kept[name, factor] = (x + 0.05 * np.rint(i) - 2.0 > 0).astype(int)
    shares = {key: (one == probe.answers.labels).mean() for key, one in kept.items()}
    worst = min(shares, key=shares.get)
    limits = binomtest(round(shares[worst] * 80), 80).proportion_ci(1 - 0.1 / m, "exact")

    assert (len(asked), rows_asked(asked)) == (1, 80 * m)
    assert (measured.details["column"], measured.details["factor"]) == worst
    assert (measured.value, measured.low, measured.high) == pytest.approx((shares[worst], limits.low, limits.high))
    assert measured.details["accuracy"]["after"] == pytest.approx(accuracy_score(y, kept[worst]))
    for told in measured.details["columns"]:
        assert [one["strength"] for one in told["curve"]] == sorted(factors)
        assert all(one["value"] == shares[told["column"], one["strength"]] for one in told["curve"])
        assert told["value"] == min(one["value"] for one in told["curve"])


@pytest.mark.parametrize("factors", [(), (0.0,), (10.0, -1.0), (float("nan"),), (float("inf"),)])
def test_unit_slips_refuse_factors_that_scale_nothing(factors):
    probe, _, asked = people(10)
    with pytest.raises(UsageError) as refused:
        unit_slip_consistency(probe, factors=factors)

    assert (refused.value.code, refused.value.values["option"]) == ("option_out_of_range", "factors")
    assert asked == []


def test_unit_slips_leave_huge_integers_where_they_are():
    probe, _, asked = probed({"i": [2**61, 5]}, linear({"i": 1.0}, 20))
    measured = unit_slip_consistency(probe, factors=(10.0,))

    assert asked[0]["i"].values.tolist() == [2**61, 50]
    assert measured.value == 0.5


def test_rounding_keeps_three_digits_of_five_thousand_rows_unless_told_otherwise():
    probe, _, asked = probed({"x": np.arange(1.0, 5_011.0)}, linear({"x": 1.0}, 2_500))
    measured = checks.rounding_consistency(probe)

    assert (measured.n, measured.details["of_n"], measured.details["strength"]) == (5_000, 5_010, 3)
    assert {1000.0, 1010.0} <= set(asked[0]["x"].values.tolist())
    assert 1001.0 not in set(asked[0]["x"].values.tolist())
