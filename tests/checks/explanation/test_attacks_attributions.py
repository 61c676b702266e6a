from statistics import median_low, mode

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr, t

from reliability.blocks import ENTITY_BUCKETS
from reliability.checks.explanation.attributions import attribution_stability, deletion_gain, rank_correlations
from reliability.checks.explanation.occlusion import attributed, chosen, outputs, taken_away
from reliability.errors import ChecklistError, NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.records import canonical_json
from tests.builders import column
from tests.checks.probing import labels_only, linear, probed, rows_asked

WEIGHTS = {"a": 3.0, "b": -2.0, "c": 1.0, "d": 0.5}
FEW = settings(max_examples=40, deadline=None)
WHOLE = st.integers(0, 6)
STABILITY = lambda probe, profile, **options: attribution_stability(probe, profile, **options)  # noqa: E731
GAIN = lambda probe, _, **options: deletion_gain(probe, **options)  # noqa: E731


def adding(weights, shift=0.0):
    """A regression that adds up."""
    return lambda c: Answers(labels=shift + sum(w * np.nan_to_num(c[k].as_floats()) for k, w in weights.items()))


def three(columns):
    """Three classes, by the largest of a, b and 0."""
    raw = np.exp(np.column_stack([columns["a"].values, columns["b"].values, np.zeros(len(columns["a"]))]))
    scores = raw / raw.sum(axis=1, keepdims=True)
    return Answers(labels=scores.argmax(axis=1), scores=scores)


def normal(n=100, seed=0, names=WEIGHTS):
    draws = np.random.default_rng(seed)
    return {name: draws.normal(size=n) for name in names}


def case(kind, n=100, seed=0, **roles):
    """A probe of normal columns, its profile, and the tables that the model is asked."""
    if kind == "regression":
        return probed(normal(n, seed), adding(WEIGHTS), y_true=np.zeros(n), task="regression", **roles)
    if kind == "multiclass":
        return probed(normal(n, seed), three, classes=(0, 1, 2), positive=None, task="multiclass", **roles)
    return probed(normal(n, seed), linear(WEIGHTS) if kind == "scores" else labels_only(linear(WEIGHTS)), **roles)


def summed(columns, weights, **options):
    n = len(next(iter(columns.values())))
    return probed(columns, adding(weights, **options), y_true=np.zeros(n), task="regression")


def refusal(check, *arguments, **options):
    with pytest.raises(NotMeasurable) as refused:
        check(*arguments, **options)
    return refused.value.code


KINDS = ("scores", "labels", "multiclass", "regression")
BOTH = pytest.mark.parametrize("check", [STABILITY, GAIN], ids=["stability", "gain"])


def pairs_of_tables(cells):
    return st.integers(2, 6).flatmap(
        lambda width: st.lists(
            st.lists(st.tuples(cells, cells), min_size=width, max_size=width), min_size=1, max_size=8
        ).map(lambda rows: tuple(np.moveaxis(np.array(rows, float), 2, 0)))
    )


@FEW
@given(pairs_of_tables(WHOLE))
def test_rank_correlations_are_scipys_and_do_not_mind_who_is_first(tables):
    first, second = tables
    found = rank_correlations(first, second)

    for row, value in enumerate(found):
        flat = [np.ptp(one[row]) == 0 for one in tables]
        if all(flat):
            assert np.isnan(value)
        else:
            expected = 0.0 if any(flat) else spearmanr(first[row], second[row]).statistic
            assert value == pytest.approx(expected, abs=1e-12)
    assert rank_correlations(second, first) == pytest.approx(found, nan_ok=True)


@FEW
@given(pairs_of_tables(WHOLE), st.randoms(use_true_random=False))
def test_rank_correlations_mind_only_the_order_of_values(tables, draws):
    first, second = tables
    found = rank_correlations(first, second)
    turn = draws.sample(range(first.shape[1]), first.shape[1])

    assert rank_correlations(first**3 * 5, np.expm1(second)) == pytest.approx(found, nan_ok=True)
    assert rank_correlations(first[:, turn], second[:, turn]) == pytest.approx(found, nan_ok=True)
    assert rank_correlations(first, 6 - second) == pytest.approx(-found, nan_ok=True)
    varied = np.ptp(first, axis=1) > 0
    assert rank_correlations(first, first)[varied] == pytest.approx(1.0)


@pytest.mark.parametrize(("size", "value"), [(1e-11, 1.0), (1e-13, np.nan), (0.0, np.nan), (1e300, 1.0)])
def test_only_what_rounding_leaves_makes_no_order(size, value):
    steep = size * np.array([[1.0, 2.0, 4.0]])

    assert rank_correlations(steep, steep) == pytest.approx([value], nan_ok=True)


@FEW
@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=20), st.booleans())
def test_a_number_taken_away_is_the_lower_median_of_what_is_there(cells, whole):
    cells = cells if whole else [None if one is None else one / 4 for one in cells]
    gone = taken_away(column(cells))
    present = [one for one in cells if one is not None]

    assert gone.as_labels() == [median_low(present) if present else None] * len(cells)
    assert gone.kind == column(cells).kind
    assert gone.missing.any() == (not present)
    assert taken_away(gone).as_labels() == gone.as_labels()


@FEW
@given(st.lists(st.one_of(st.none(), st.sampled_from("abc")), min_size=1, max_size=20))
def test_a_word_taken_away_is_the_commonest_and_so_is_a_flag(cells):
    present = sorted(one for one in cells if one is not None)
    assume(present)
    flags = [None if one is None else one != "a" for one in cells]
    probe, _, _ = probed({"w": cells, "f": flags}, lambda c: Answers(labels=np.zeros(len(c["w"]), np.int64)))
    words = probe.sample.columns["w"]

    # In order of the alphabet, mode says the first among equals too.
    assert taken_away(words).as_labels() == [mode(present)] * len(cells)
    assert taken_away(words).levels == words.levels
    assert taken_away(column(flags)).as_labels() == [mode(sorted(one != "a" for one in present))] * len(cells)


@FEW
@given(st.lists(st.tuples(st.one_of(st.none(), WHOLE), st.one_of(st.none(), WHOLE), st.booleans()), min_size=1))
def test_cells_are_chosen_one_by_one_with_their_gaps(rows):
    there, instead, mask = (list(one) for one in zip(*rows, strict=True))
    taken = chosen(np.array(mask), column([*there, 1.5]).take(range(len(rows))), column([*instead, 1.5]).take(
        range(len(rows))))  # fmt: skip

    assert taken.as_labels() == [second if flag else first for first, second, flag in rows]


@FEW
@given(
    st.lists(st.tuples(st.one_of(st.none(), WHOLE), WHOLE, WHOLE), min_size=1, max_size=15),
    st.tuples(WHOLE, WHOLE, WHOLE),
)
def test_what_any_small_table_gives_to_a_sum_has_a_closed_form(rows, weights):
    columns = dict(zip("abc", map(list, zip(*rows, strict=True)), strict=True))
    weighted = dict(zip("abc", map(float, weights), strict=True))
    found = attributed(summed(columns, weighted, shift=3.0)[0], sample_size=100)

    for at, (name, weight) in enumerate(weighted.items()):
        present = [one for one in columns[name] if one is not None]
        usual = median_low(present) if present else 0
        assert found.given[:, at].tolist() == [weight * ((one or 0) - usual) for one in columns[name]]


@pytest.mark.parametrize("seed", range(3))
def test_what_a_feature_gives_to_a_probability_is_that_of_the_label_first_given(seed):
    probe, _, _ = probed(normal(60, seed), linear(WEIGHTS), y_true=[0] * 60)
    found = attributed(probe, sample_size=60)
    x = {name: one.values for name, one in probe.sample.columns.items()}
    chance = lambda table: 1 / (1 + np.exp(-sum(w * table[k] for k, w in WEIGHTS.items())))  # noqa: E731
    sign = np.where(probe.answers.labels == 1, 1, -1)

    for at, name in enumerate(WEIGHTS):
        without = chance(x | {name: np.full(60, median_low(x[name].tolist()))})
        assert found.given[:, at] == pytest.approx(sign * (chance(x) - without))
    assert (np.abs(found.given) <= 1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_of_the_rows_themselves_are_those_given(kind):
    probe, _, asked = case(kind, 30)
    told = outputs(probe, [probe.sample.columns] * 3)
    rows, labels = np.arange(30), probe.answers.labels
    expected = {
        "labels": lambda _: np.ones(30),
        "regression": lambda _: labels,
        "scores": lambda scores: np.where(labels == 1, scores, 1 - scores),
        "multiclass": lambda scores: scores[rows, labels],
    }[kind](probe.answers.scores)

    assert told.shape == (30, 3)
    assert (told == told[:, :1]).all()
    assert told[:, 0] == pytest.approx(expected)
    assert (len(asked), rows_asked(asked)) == (1, 90)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strength", [0.0, 0.1, 1.0])
def test_stability_is_scipys_mean_over_the_tables_that_were_asked(kind, strength):
    probe, profile, asked = case(kind, 50, seed=2)
    measured = attribution_stability(probe, profile, strength=strength)
    given = np.abs(attributed(probe, sample_size=200).given)
    (_, again) = asked
    noisy = [{name: one.take(np.arange(at, at + 50)) for name, one in again.items()} for at in range(0, 250, 50)]
    told = outputs(probe, noisy)
    moved = np.abs(told[:, :1] - told[:, 1:])
    settled = [np.where(one < 1e-12, 0, one) for one in (given, moved)]
    flat = [np.ptp(one, axis=1) == 0 for one in settled]
    near = [
        0.0 if flat[0][row] or flat[1][row] else spearmanr(settled[0][row], settled[1][row]).statistic
        for row in range(50)
        if not (flat[0][row] and flat[1][row])
    ]

    assert measured.value == pytest.approx(np.mean(near))
    assert (measured.n, measured.details["flat"]) == (len(near), 50 - len(near))
    assert measured.low <= measured.value <= measured.high


@pytest.mark.parametrize("kind", KINDS)
def test_without_noise_attributions_are_as_they_were_whatever_the_model(kind):
    measured = attribution_stability(*case(kind)[:2], strength=0.0)

    assert measured.value == pytest.approx(1.0)
    assert 0.5 < measured.low < measured.value <= measured.high <= 1.0


@pytest.mark.parametrize("kind", KINDS)
@BOTH
def test_attributions_tell_what_was_asked(kind, check):
    probe, profile, asked = case(kind, 90)
    measured = check(probe, profile, sample_size=70)
    gain = check is GAIN
    own = {"by_attribution", "at_random"} if gain else {"strength", "flat"}

    assert set(measured.details) == {"of_n", "questions"} | own
    assert measured.details["of_n"] == 90
    assert measured.details["questions"] == rows_asked(asked) == 70 * (10 if gain else 9)
    assert measured.n + (0 if gain else measured.details["flat"]) == 70
    assert measured.method == ("delta" if gain else "beta_matched")
    assert measured.unit == (("target" if kind == "regression" else "difference") if gain else "dimensionless")
    assert canonical_json(measured)


@pytest.mark.parametrize(("n", "size", "features"), [(1, 5, 3), (40, 40, 2), (40, 39, 6), (60, 1, 4), (9, 500, 5)])
def test_so_many_rows_are_asked_for_every_feature(n, size, features):
    names = "abcdef"[:features]
    probe, _, asked = summed(normal(n, names=names), dict.fromkeys(names, 1.0))
    found = attributed(probe, sample_size=size)

    assert found.given.shape == (min(n, size), features)
    assert found.names == tuple(names)
    assert rows_asked(asked) == features * min(n, size)
    assert attributed(probe, sample_size=size) is found


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_is_all_that_chance_hangs_on(kind, check):
    options = {"strength": 0.5} if check is STABILITY else {}
    first, again, other = (check(*case(kind)[:2], seed=seed, **options) for seed in (1, 1, 2))

    assert first == again
    assert first.value != other.value


@BOTH
def test_more_confidence_is_wider_and_more_rows_are_closer(check):
    # Not the draws that the noise is made of.
    probe, profile, _ = case("scores", 400, seed=5)
    options = {"strength": 0.5} if check is STABILITY else {}
    widths = [
        one.high - one.low
        for one in (check(probe, profile, confidence=confidence, **options) for confidence in (0.5, 0.9, 0.99))
    ]
    fewer, more = (check(probe, profile, sample_size=size, **options) for size in (50, 400))

    assert widths[0] < widths[1] < widths[2]
    assert 1.7 < (fewer.high - fewer.low) / (more.high - more.low) < 5.0


@BOTH
@pytest.mark.parametrize("factor", [-4.0, 0.25, 1024.0])
def test_a_target_in_another_unit_has_the_same_order(check, factor):
    columns = normal()
    first = check(*summed(columns, WEIGHTS)[:2])
    second = check(*summed(columns, {name: weight * factor for name, weight in WEIGHTS.items()})[:2])
    scale = abs(factor) if check is GAIN else 1.0

    assert (second.value, second.low, second.high) == pytest.approx(
        (scale * first.value, scale * first.low, scale * first.high)
    )


@BOTH
def test_names_units_and_a_shift_of_the_features_do_not_count(check):
    columns = normal()
    first = check(*summed(columns, WEIGHTS)[:2])
    grown = {name.upper(): 8 * x for name, x in columns.items()}
    second = check(*summed(grown, {name.upper(): weight / 8 for name, weight in WEIGHTS.items()}, shift=64.0)[:2])

    assert (second.value, second.low, second.high) == pytest.approx((first.value, first.low, first.high))


@BOTH
def test_the_order_of_columns_and_rows_is_but_another_draw(check):
    columns = normal(200, seed=5)
    options = {"strength": 0.2} if check is STABILITY else {}
    first = check(*summed(columns, WEIGHTS)[:2], **options)
    turn = np.random.default_rng(3).permutation(200)
    turned = summed({name: columns[name][turn] for name in "dbca"}, WEIGHTS)
    second = check(*turned[:2], **options)

    assert second.low <= first.value <= second.high


def test_which_class_is_the_positive_one_does_not_count():
    def mirrored(columns):
        told = linear(WEIGHTS)(columns)
        return Answers(labels=1 - told.labels, scores=1 - told.scores)

    first, second = (probed(normal(), model) for model in (linear(WEIGHTS), mirrored))
    assert deletion_gain(second[0]).value == pytest.approx(deletion_gain(first[0]).value)
    assert attribution_stability(*second[:2]).value == pytest.approx(attribution_stability(*first[:2]).value)


@pytest.mark.parametrize("features", [2, 3, 5])
def test_at_random_half_of_a_sum_without_minus_is_gone_and_by_attribution_more(features):
    names = "abcde"[:features]
    # The lower median is nought, and so all features give something above it.
    columns = {name: np.maximum(x, 0) for name, x in normal(401, 5, names).items()}
    columns = {name: np.where(np.arange(401) < 150, 0.0, x) for name, x in columns.items()}
    measured = deletion_gain(summed(columns, dict.fromkeys(names, 1.0))[0], sample_size=401)
    x = -np.sort(-np.column_stack(list(columns.values())), axis=1)

    assert measured.details["by_attribution"] == pytest.approx(x.cumsum(axis=1)[:, :-1].mean())
    assert measured.details["at_random"] == pytest.approx(x.sum(axis=1).mean() / 2, rel=0.15)
    assert measured.value == pytest.approx(measured.details["by_attribution"] - measured.details["at_random"])
    assert measured.low > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_deletion_by_hand_row_by_row_has_students_limits(kind, confidence):
    probe, _, _ = case(kind, 25, seed=4)
    measured = deletion_gain(probe, seed=8, confidence=confidence)
    found = attributed(probe, sample_size=200)
    draws = np.random.default_rng(8).random((25, 4))
    whole = outputs(probe, [probe.sample.columns])[:, 0]
    areas = np.zeros((2, 25))
    for which, key in enumerate((-np.abs(found.given), draws)):
        order = np.argsort(key, axis=1, kind="stable")
        for k in (1, 2, 3):
            table = dict(probe.sample.columns)
            for at, name in enumerate(found.names):
                mask = np.array([at in row[:k] for row in order])
                table[name] = chosen(mask, table[name], found.instead[name])
            areas[which] += np.abs(whole - outputs(probe, [table])[:, 0]) / 3
    gains = areas[0] - areas[1]
    half = t.ppf(0.5 + confidence / 2, 24) * gains.std(ddof=1) / 5

    assert measured.details["by_attribution"] == pytest.approx(areas[0].mean())
    assert measured.value == pytest.approx(gains.mean())
    assert (measured.low, measured.high) == pytest.approx((gains.mean() - half, gains.mean() + half))


@pytest.mark.parametrize("entities", [2, 5, 20])
def test_gains_of_clusters_have_the_variance_of_sums(entities):
    entity = np.arange(100) % entities
    alone, clustered = case("regression")[0], case("regression", entity=entity)[0]
    measured = deletion_gain(clustered, seed=1)
    told = outputs(alone, [alone.sample.columns])
    assert measured.value == deletion_gain(alone, seed=1).value
    assert told[:, 0] == pytest.approx(alone.answers.labels)
    half = (measured.high - measured.low) / 2
    assert measured.value == pytest.approx(measured.low + half)
    tighter = deletion_gain(clustered, seed=1, confidence=0.5)
    ratio = t.ppf(0.975, entities - 1) / t.ppf(0.75, entities - 1)
    assert half / ((tighter.high - tighter.low) / 2) == pytest.approx(ratio)


def test_every_row_its_own_entity_is_no_cluster_and_one_entity_is_no_sample():
    n = min(100, ENTITY_BUCKETS)
    alone, each, one = (case("scores", n, **roles) for roles in ({}, {"entity": range(n)}, {"entity": [3] * n}))

    assert deletion_gain(each[0]).low == pytest.approx(deletion_gain(alone[0]).low)
    assert refusal(deletion_gain, one[0]) == "variance_not_estimable"
    for clustered in (each, one):
        measured = attribution_stability(*clustered[:2])
        assert (measured.judged, measured.reason.code, measured.low) == (False, "clustered_rows", None)
        assert measured.value == attribution_stability(*alone[:2]).value


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_is_its_own_median_and_gives_nothing(kind):
    probe, profile, _ = case(kind, 1)

    assert attributed(probe, sample_size=1).given.tolist() == [[0.0] * 4]
    assert refusal(deletion_gain, probe) == "variance_not_estimable"
    assert refusal(attribution_stability, probe, profile) == "no_numeric_features"


@pytest.mark.parametrize(
    "cells", [[None] * 30, [2.5] * 30, [7] * 30, [True] * 30, ["one"] * 30], ids=["gap", "float", "int", "flag", "word"]
)
def test_a_column_that_never_varies_gives_nothing(cells):
    columns = {**normal(30, names="ab"), "same": cells}
    probe, profile, asked = summed(columns, {"a": 2.0, "b": 1.0})
    found = attributed(probe, sample_size=30)

    assert not found.given[:, 2].any()
    assert found.instead["same"].as_labels() == cells
    assert attribution_stability(probe, profile, strength=0.0).value == pytest.approx(1.0)
    assert asked[1]["same"].as_labels() == cells * 4
    only, profile, _ = probed(
        {"same": cells, "too": cells}, lambda c: Answers(labels=np.zeros(len(c["too"]))), y_true=np.zeros(30),
        task="regression",
    )  # fmt: skip
    assert refusal(attribution_stability, only, profile) == "no_numeric_features"
    assert refusal(deletion_gain, only) == "variance_not_estimable"


def test_words_and_flags_give_as_the_numbers_that_they_stand_for():
    bits = np.random.default_rng(1).random(80) < 0.4
    x = np.random.default_rng(2).normal(size=80)
    forms = [
        (bits.astype(int), lambda one: one.values),
        (bits.tolist(), lambda one: one.values),
        (np.where(bits, "yes", "no").tolist(), lambda one: [cell == "yes" for cell in one.as_labels()]),
    ]
    gains = []
    for cells, read in forms:
        model = lambda c, read=read: Answers(labels=c["x"].values + 2.0 * np.asarray(read(c["w"])))  # noqa: E731
        probe, _, _ = probed({"x": x, "w": cells}, model, y_true=np.zeros(80), task="regression")
        gains.append(deletion_gain(probe))
        assert attributed(probe, sample_size=80).given[:, 1] == pytest.approx(2.0 * bits)

    assert gains[0] == gains[1] == gains[2]


@pytest.mark.parametrize("strength", [-0.01, np.inf, np.nan])
def test_a_strength_that_is_no_size_is_refused(strength):
    probe, profile, asked = case("scores", 10)
    with pytest.raises(UsageError, match="'strength'"):
        attribution_stability(probe, profile, strength=strength)
    assert not asked


@BOTH
@pytest.mark.parametrize("size", [0, -3])
def test_no_rows_and_one_feature_are_refused_before_anything_is_asked(check, size):
    probe, profile, asked = case("scores", 10)
    with pytest.raises(ChecklistError, match="sample_size"):
        check(probe, profile, sample_size=size)
    one, narrow, more = probed({"a": np.arange(9.0)}, linear({"a": 1.0}))

    assert refusal(check, one, narrow) == "fewer_than_two_features"
    assert not asked
    assert not more
