from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.ensemble import HistGradientBoostingClassifier

from reliability.checks.robustness.consistency import missing_value_consistency, noise_consistency
from reliability.checks.robustness.repeats import repeatability
from reliability.errors import ChecklistError, NotMeasurable, UsageError
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson, effective_n
from reliability.records import canonical_json
from tests.builders import block, column


def threshold_at_zero(columns):
    """A model: positive where x is above 0 and not missing; its score is a smooth function of x."""
    x = columns["x"].as_floats()
    return Answers(labels=(np.nan_to_num(x, nan=-1.0) > 0).astype(np.int64), scores=expit(np.nan_to_num(x)))


def probed(columns, model=threshold_at_zero, *, fresh=None, answers=None, **roles):
    rows = block([0] * len(next(iter(columns.values()))), columns=columns, **roles)
    sample = Sample.of(rows, seed=0, size=10_000)
    given = answers or model(sample.columns)
    return Probe(sample=sample, answers=given, ask=model, ask_anew=fresh or model), ColumnProfile.of(rows)


def normal(n=400, seed=0):
    return np.random.default_rng(seed).normal(size=n).tolist()


def test_noise_consistency_is_one_where_rows_lie_far_from_the_boundary():
    probe, profile = probed({"x": [-5.0, 5.0] * 50})

    measured = noise_consistency(probe, profile, seed=1)

    assert (measured.value, measured.n, measured.unit) == (1.0, 100, "share")
    assert measured.low == pytest.approx(binomtest(100, 100).proportion_ci(0.95, "exact").low)
    assert {**measured.details, "accuracy": None} == {
        "of_n": 100, "changed": 0, "strength": 0.1, "columns": 1, "accuracy": None,
    }  # fmt: skip


def test_noise_consistency_agrees_with_theory_where_noise_is_gaussian():
    # x ~ N(0, 1) and x + 0.1 e have correlation r; signs agree with probability 1 - acos(r) / pi.
    probe, profile = probed({"x": normal(10_000)})
    expected = 1 - np.arccos(1 / np.sqrt(1.01)) / np.pi

    measured = noise_consistency(probe, profile, sample_size=10_000, seed=3)

    assert measured.low < expected < measured.high
    assert measured.value == pytest.approx(expected, abs=0.01)


def test_noise_consistency_falls_with_strength():
    probe, profile = probed({"x": normal()})

    shares = [noise_consistency(probe, profile, strength=strength, seed=1).value for strength in (0.0, 0.1, 1.0)]

    assert shares[0] == 1.0
    assert shares[0] > shares[1] > shares[2]


def test_noise_consistency_rests_on_the_seed_alone():
    probe, profile = probed({"x": normal()})

    assert noise_consistency(probe, profile, seed=4) == noise_consistency(probe, profile, seed=4)
    assert noise_consistency(probe, profile, strength=1.0, seed=4) != noise_consistency(
        probe, profile, strength=1.0, seed=5
    )


def test_noise_consistency_moves_numbers_only_and_keeps_what_is_missing():
    seen = {}

    def watching(columns):
        seen.update(columns)
        return threshold_at_zero(columns)

    columns = {"x": [0.0, None, 9.0], "i": [0, 1000, None], "yes": [True, False, None], "w": ["a", "b", None]}
    probe, profile = probed(columns, watching)
    before = dict(probe.sample.columns)
    noise_consistency(probe, profile, seed=0)

    assert (seen["x"].values != before["x"].values).tolist() == [True, False, True]
    assert seen["i"].values.dtype == np.int64
    assert (seen["i"].values != before["i"].values).tolist() == [True, True, False]
    assert all(seen[name].missing.tolist() == before[name].missing.tolist() for name in columns)
    assert (seen["yes"], seen["w"]) == (before["yes"], before["w"])


def test_noise_consistency_scales_the_noise_with_the_column():
    moved = []

    def watching(columns):
        moved.append(columns["x"].values)
        return threshold_at_zero(columns)

    probe, profile = probed({"x": (1000 * np.array(normal(5_000))).tolist()}, watching)
    noise_consistency(probe, profile, strength=0.2, seed=0)

    assert np.std(moved[1] - moved[0]) == pytest.approx(0.2 * np.std(moved[0]), rel=0.05)


def test_noise_consistency_keeps_an_integer_that_cannot_move():
    probe, profile = probed({"x": [1.0, -1.0], "i": [2**63 - 1, -(2**63)]})

    assert noise_consistency(probe, profile, seed=0).n == 2


def test_noise_consistency_asks_no_more_rows_than_it_may():
    probe, profile = probed({"x": normal()})

    measured = noise_consistency(probe, profile, sample_size=50, seed=0)

    assert (measured.n, measured.details["of_n"]) == (50, 400)


def test_noise_consistency_widens_its_interval_when_rows_are_clustered():
    x = [-5.0] * 190 + [0.001] * 10
    alone, profile = probed({"x": x})
    clustered, _ = probed({"x": x}, entity=[1 + i // 10 for i in range(200)])

    first, second = (noise_consistency(probe, profile, strength=1.0, seed=0) for probe in (alone, clustered))

    assert first.value == second.value
    assert second.method == "clopper_pearson_effective_n"
    assert second.high - second.low > first.high - first.low


def test_noise_consistency_of_one_row_is_measured():
    _, profile = probed({"x": normal()})
    probe, _ = probed({"x": [3.0]})

    assert noise_consistency(probe, profile, seed=0).n == 1


@pytest.mark.parametrize("columns", [{"x": [1.0, 1.0]}, {"x": [None, None]}])
def test_noise_consistency_refuses_rows_without_a_number_that_varies(columns):
    probe, profile = probed(columns)

    with pytest.raises(NotMeasurable) as refused:
        noise_consistency(probe, profile)
    assert refused.value.code == "no_numeric_features"


@pytest.mark.parametrize("check", [lambda p, c: noise_consistency(p, c), lambda p, _: missing_value_consistency(p)])
def test_consistency_refuses_regression(check):
    probe, profile = probed({"x": [1.0, 2.0]}, task="regression")

    with pytest.raises(NotMeasurable) as refused:
        check(probe, profile)
    assert refused.value.code == "needs_classification"


@pytest.mark.parametrize(
    "check",
    [lambda p, c: noise_consistency(p, c), lambda p, _: missing_value_consistency(p), lambda p, _: repeatability(p)],
)
def test_consistency_refuses_an_empty_sample(check):
    probe, profile = probed({"x": []})

    with pytest.raises(NotMeasurable) as refused:
        check(probe, profile)
    assert refused.value.code == "no_rows"


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_missing_value_consistency_refuses_a_share_outside_its_range(share):
    with pytest.raises(UsageError, match="from 0 to 1") as refused:
        missing_value_consistency(probed({"x": [1.0]})[0], share=share)
    assert refused.value.code == "option_out_of_range"


def test_noise_consistency_refuses_a_negative_strength():
    with pytest.raises(UsageError, match="strength"):
        noise_consistency(*probed({"x": [1.0, 2.0]}), strength=-1.0)


def test_missing_value_consistency_counts_rows_whose_label_stays():
    # Every positive row loses its label once x is gone; every other row keeps it.
    probe, _ = probed({"x": [1.0] * 30 + [-1.0] * 70})

    measured = missing_value_consistency(probe, share=1.0, seed=0)

    assert measured.value == 0.7
    assert {**measured.details, "accuracy": None} == {
        "of_n": 100, "changed": 30, "share": 1.0, "blanked": 100, "accuracy": None,
    }  # fmt: skip


def test_missing_value_consistency_is_one_where_nothing_is_blanked():
    measured = missing_value_consistency(probed({"x": normal()})[0], share=0.0, seed=0)

    assert (measured.value, measured.details["blanked"]) == (1.0, 0)


def test_missing_value_consistency_blanks_cells_of_every_kind_as_masks():
    seen = {}

    def watching(columns):
        seen.update(columns)
        return threshold_at_zero(columns)

    columns = {"x": normal(), "i": list(range(400)), "yes": [True] * 400, "w": ["a"] * 400}
    missing_value_consistency(probed(columns, watching)[0], share=0.25, seed=0)

    assert [seen[name].kind for name in columns] == ["f8", "i8", "bool", "utf8"]
    assert all(60 < seen[name].missing.sum() < 140 for name in columns)
    assert not any(seen[name].values[seen[name].missing].any() for name in columns)
    assert (seen["x"].missing != seen["i"].missing).any()


def test_missing_value_consistency_keeps_cells_that_were_missing():
    probe, _ = probed({"x": [None, None]})

    assert missing_value_consistency(probe, share=0.0).value == 1.0


def test_missing_value_consistency_has_the_exact_interval():
    measured = missing_value_consistency(probed({"x": [1.0] * 30 + [-1.0] * 70})[0], share=1.0, confidence=0.9)
    interval = binomtest(70, 100).proportion_ci(0.9, "exact")

    assert (measured.low, measured.high) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_missing_value_consistency_refuses_rows_without_features():
    rows = block([0, 1])
    answers = Answers(labels=np.zeros(2, np.int64))
    ask = lambda _: answers  # noqa: E731

    with pytest.raises(NotMeasurable) as refused:
        missing_value_consistency(Probe(sample=Sample.of(rows, seed=0, size=9), answers=answers, ask=ask, ask_anew=ask))
    assert refused.value.code == "no_features"


def test_repeatability_is_one_where_the_model_repeats():
    measured = repeatability(probed({"x": normal(200)})[0], seed=0)

    assert (measured.value, measured.n, measured.details["positions"]) == (1.0, 200, [])
    assert measured.high == 1.0


def test_repeatability_names_the_rows_that_got_another_label():
    answers = threshold_at_zero(probed({"x": [1.0, -1.0, 1.0, -1.0]})[0].sample.columns)
    changed = Answers(labels=1 - answers.labels * np.array([0, 1, 1, 1]), scores=answers.scores)
    probe, _ = probed({"x": [1.0, -1.0, 1.0, -1.0]}, answers=changed)

    measured = repeatability(probe, seed=0)

    assert measured.value == np.mean(changed.labels == answers.labels)
    assert measured.details["positions"] == np.flatnonzero(changed.labels != answers.labels).tolist()


@pytest.mark.parametrize(("drift", "share"), [(1e-10, 1.0), (1e-8, 0.0)])
def test_repeatability_holds_scores_to_one_part_in_a_billion(drift, share):
    def drifting(columns):
        once = threshold_at_zero(columns)
        return Answers(labels=once.labels, scores=once.scores + drift)

    assert repeatability(probed({"x": [0.5, -0.5]}, fresh=drifting)[0]).value == share


@pytest.mark.parametrize(("factor", "share"), [(1 + 1e-10, 1.0), (1 + 1e-8, 0.0)])
def test_repeatability_holds_values_of_a_regression_to_one_part_in_a_billion(factor, share):
    def value(columns):
        return Answers(labels=1e6 * columns["x"].values)

    def drifting(columns):
        return Answers(labels=1e6 * columns["x"].values * factor)

    assert repeatability(probed({"x": [0.5, -0.5]}, value, fresh=drifting, task="regression")[0]).value == share


def test_repeatability_asks_a_fresh_worker_in_another_order_and_other_batches():
    fresh, again = [], []

    def anew(columns):
        fresh.append(columns["x"].values.tolist())
        return threshold_at_zero(columns)

    def once_more(columns):
        again.append(columns["x"].values.tolist())
        return threshold_at_zero(columns)

    x = [float(value) for value in range(200)]
    probe, _ = probed({"x": x}, answers=threshold_at_zero(probed({"x": x})[0].sample.columns))
    repeatability(Probe(sample=probe.sample, answers=probe.answers, ask=once_more, ask_anew=anew), seed=0)

    assert [len(batch) for batch in fresh] == [200]
    assert [len(batch) for batch in again] == [1] * 8 + [7, 97, 88]
    assert fresh[0] != x
    assert sorted(fresh[0]) == sorted(value for batch in again for value in batch) == x


def test_repeatability_sees_answers_that_depend_on_the_batch():
    def standardising(columns):
        x = columns["x"].values
        return Answers(labels=(x > x.mean()).astype(np.int64))

    assert repeatability(probed({"x": normal(200)}, standardising)[0], seed=0).value < 1.0


def test_repeatability_compares_every_class_of_scores():
    def scored(columns):
        n = len(columns["x"])
        return Answers(labels=np.zeros(n, np.int64), scores=np.full((n, 3), 1 / 3))

    def shifted(columns):
        once = scored(columns)
        return Answers(labels=once.labels, scores=once.scores + np.array([0.0, 0.0, 1e-6]))

    settled = {"classes": (0, 1, 2), "positive": None, "task": "multiclass"}

    assert repeatability(probed({"x": normal(20)}, scored, **settled)[0]).value == 1.0
    assert repeatability(probed({"x": normal(20)}, scored, fresh=shifted, **settled)[0]).value == 0.0


def test_repeatability_fails_where_scores_come_only_once():
    def bare(columns):
        return Answers(labels=threshold_at_zero(columns).labels)

    assert repeatability(probed({"x": [1.0]}, fresh=bare)[0]).value == 0.0
    assert repeatability(probed({"x": [1.0]}, bare)[0]).value == 1.0


def test_noise_consistency_ignores_unit_and_origin_of_a_column():
    def shifted(columns):
        return Answers(labels=(columns["x"].values > 7000).astype(np.int64))

    x = np.array(normal())
    plain = noise_consistency(*probed({"x": x.tolist()}), strength=1.0, seed=1)
    moved = noise_consistency(*probed({"x": (7000 + 1000 * x).tolist()}, shifted), strength=1.0, seed=1)

    assert (moved.value, moved.low, moved.high) == (plain.value, plain.low, plain.high)


def test_noise_consistency_leaves_a_constant_column_alone():
    seen = {}

    def watching(columns):
        seen.update(columns)
        return threshold_at_zero(columns)

    probe, profile = probed({"x": normal(20), "c": [4.0] * 20}, watching)
    measured = noise_consistency(probe, profile, seed=0)

    assert set(seen["c"].values.tolist()) == {4.0}
    assert measured.details["columns"] == 1


def test_noise_consistency_draws_every_column_apart_and_around_zero():
    moved = {}

    def watching(columns):
        moved.update({name: column.values for name, column in columns.items()})
        return threshold_at_zero(columns)

    probe, profile = probed({"x": normal(4_000, 7), "z": normal(4_000, 8)}, watching)
    noise_consistency(probe, profile, seed=0)
    noise = {name: moved[name] - probe.sample.columns[name].values for name in moved}

    assert abs(np.mean(noise["x"])) < 0.01
    assert abs(np.corrcoef(noise["x"], noise["z"])[0, 1]) < 0.06


def test_noise_consistency_rounds_noise_on_integers():
    seen = {}

    def watching(columns):
        seen.update(columns)
        return threshold_at_zero(columns)

    probe, profile = probed({"x": normal(1_000), "i": [0, 1] * 500}, watching)
    noise_consistency(probe, profile, strength=0.1, seed=0)

    # Half a step is ten standard deviations of the noise away.
    assert seen["i"].values.tolist() == probe.sample.columns["i"].values.tolist()


def test_noise_consistency_takes_the_spread_of_all_rows_not_of_the_sample():
    rows = block([0] * 100, columns={"x": [0.01, -0.01] * 50})
    sample = Sample.of(rows, seed=0, size=10)
    wide = ColumnProfile.of(block([0, 0], columns={"x": [-100.0, 100.0]}))
    probe = Probe(
        sample=sample, answers=threshold_at_zero(sample.columns), ask=threshold_at_zero, ask_anew=threshold_at_zero
    )

    assert noise_consistency(probe, ColumnProfile.of(rows), seed=0).value == 1.0
    assert noise_consistency(probe, wide, seed=0).value < 1.0


def test_noise_consistency_speaks_of_labels_of_any_number_of_classes():
    def sector(columns):
        return Answers(labels=np.digitize(columns["x"].values, [-1.0, 1.0]))

    roles = {"classes": ("low", "mid", "high"), "positive": None, "task": "multiclass"}
    rows = block(["low"] * 300, columns={"x": normal(300)}, **roles)
    sample = Sample.of(rows, seed=0, size=300)
    probe = Probe(sample=sample, answers=sector(sample.columns), ask=sector, ask_anew=sector)

    measured = noise_consistency(probe, ColumnProfile.of(rows), strength=0.5, seed=0)

    assert 0.5 < measured.value < 1.0


def measured_in_parts(cuts):
    rows = block([0] * 400, columns={"x": normal(), "w": ["a", "b", None, "c"] * 100})
    parts = [rows.where(part) for part in np.split(np.arange(400), cuts)]
    sample, profile = Sample.of(parts[0], seed=0, size=90), ColumnProfile.of(parts[0])
    for part in parts[1:]:
        sample, profile = sample + Sample.of(part, seed=0, size=90), profile + ColumnProfile.of(part)
    answers = threshold_at_zero(sample.columns)
    probe = Probe(sample=sample, answers=answers, ask=threshold_at_zero, ask_anew=threshold_at_zero)
    return (
        noise_consistency(probe, profile, strength=1.0, seed=2),
        missing_value_consistency(probe, share=0.5, seed=2),
        repeatability(probe, seed=2),
    )


@pytest.mark.parametrize("cuts", [[1], [200], [100, 101, 399]])
def test_consistency_does_not_depend_on_how_rows_were_cut_into_blocks(cuts):
    assert measured_in_parts(cuts) == measured_in_parts([])


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_consistency_has_a_wider_interval_at_more_confidence(confidence):
    probe, _ = probed({"x": [1.0] * 30 + [-1.0] * 70})
    narrow = missing_value_consistency(probe, share=1.0, confidence=confidence - 0.1)
    wide = missing_value_consistency(probe, share=1.0, confidence=confidence)

    assert wide.low < narrow.low <= narrow.value == wide.value <= narrow.high < wide.high


def test_consistency_can_be_written_down():
    probe, profile = probed({"x": normal(50), "i": [1, 2] * 25}, entity=[1 + i // 5 for i in range(50)])
    measured = [
        noise_consistency(probe, profile, seed=0),
        missing_value_consistency(probe, seed=0),
        repeatability(probe, seed=0),
    ]

    assert all(canonical_json(one).startswith(b"{") for one in measured)


def test_consistency_of_rows_of_one_entity_says_next_to_nothing():
    probe, _ = probed({"x": [1.0] * 30 + [-1.0] * 70}, entity=[7] * 100)

    measured = missing_value_consistency(probe, share=1.0)

    assert (measured.n, measured.value) == (100, 0.7)
    assert measured.high - measured.low > 0.9


def test_consistency_asks_a_fitted_model_as_it_stands():
    x = np.random.default_rng(0).normal(size=(300, 2))
    fitted = HistGradientBoostingClassifier(max_iter=20).fit(x, x[:, 0] > 0)

    def model(columns):
        table = np.column_stack([columns[name].as_floats() for name in ("a", "b")])
        return Answers(labels=fitted.predict(table).astype(np.int64), scores=fitted.predict_proba(table)[:, 1])

    probe, profile = probed({"a": x[:, 0].tolist(), "b": x[:, 1].tolist()}, model)

    assert repeatability(probe, seed=0).value == 1.0
    assert 0.8 < noise_consistency(probe, profile, seed=1).value < 1.0
    assert 0.9 < missing_value_consistency(probe, seed=1).value < 1.0


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1), st.integers(0, 2**40))
def test_missing_value_consistency_holds_its_estimate(share, seed):
    measured = missing_value_consistency(probed({"x": [1.0, -1.0, None, 2.0]})[0], share=share, seed=seed)

    assert 0 <= measured.low <= measured.value <= measured.high <= 1
    assert measured.details["changed"] <= measured.details["blanked"] <= 4


def test_missing_value_consistency_blanks_columns_independently():
    seen = {}

    def watching(columns):
        seen.update(columns)
        return threshold_at_zero(columns)

    missing_value_consistency(probed({"x": normal(4_000), "z": normal(4_000)}, watching)[0], share=0.5, seed=0)
    both = np.mean(seen["x"].missing & seen["z"].missing)

    assert both == pytest.approx(0.25, abs=0.03)


def test_missing_value_consistency_takes_a_text_column_without_levels():
    probe, _ = probed({"x": [1.0, 1.0], "w": column(["a", None]).take(np.array([1, 1]))})

    assert missing_value_consistency(probe, share=1.0).n == 2


def test_missing_value_consistency_rests_on_the_seed_alone():
    probe, _ = probed({"x": normal()})
    first, again, other = (missing_value_consistency(probe, share=0.3, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_repeatability_sees_a_model_that_draws_lots():
    draws = np.random.default_rng(5)

    def lots(columns):
        return Answers(labels=draws.integers(0, 2, len(columns["x"])))

    measured = repeatability(probed({"x": normal(2_000)}, lots)[0], sample_size=2_000, seed=0)

    # Both answers must repeat the first: one chance in four.
    assert measured.low < 0.25 < measured.high
    assert len(measured.details["positions"]) == 20


def test_repeatability_sees_a_model_that_remembers():
    asked = []

    def remembering(columns):
        asked.extend(columns["x"].values.tolist())
        return Answers(labels=np.full(len(columns["x"]), len(asked) > 30, np.int64))

    assert repeatability(probed({"x": normal(20)}, remembering)[0], seed=0).value == 0.0


def test_repeatability_of_one_row_is_measured():
    measured = repeatability(probed({"x": [1.0]})[0])

    assert (measured.value, measured.n) == (1.0, 1)
    assert measured.low == pytest.approx(0.025)


def test_repeatability_asks_no_more_rows_than_it_may():
    assert repeatability(probed({"x": normal(100)})[0], sample_size=30).n == 30


def test_repeatability_counts_rows_by_entity_when_they_are_clustered():
    def flipping(columns):
        once = threshold_at_zero(columns)
        return Answers(labels=np.where(columns["x"].values > 2, 1 - once.labels, once.labels), scores=once.scores)

    x = [1.0] * 150 + [3.0] * 50
    alone = repeatability(probed({"x": x}, fresh=flipping)[0])
    clustered = repeatability(probed({"x": x}, fresh=flipping, entity=[1 + i // 50 for i in range(200)])[0])

    assert alone.value == clustered.value == 0.75
    assert clustered.low < alone.low
    assert clustered.high > alone.high


def test_repeatability_takes_equal_values_near_zero_for_the_same():
    def tiny(columns):
        return Answers(labels=columns["x"].values * 1e-20)

    def nothing(columns):
        return Answers(labels=columns["x"].values * 0.0)

    assert repeatability(probed({"x": [1.0, 2.0]}, tiny, fresh=nothing, task="regression")[0]).value == 1.0


@pytest.mark.parametrize("size", [0, -1])
def test_probing_checks_refuse_a_sample_of_no_rows(size):
    probe, profile = probed({"x": [1.0, -1.0, 2.0]})

    for asked in (
        lambda: noise_consistency(probe, profile, sample_size=size),
        lambda: missing_value_consistency(probe, sample_size=size),
        lambda: repeatability(probe, sample_size=size),
    ):
        with pytest.raises(ChecklistError, match="'sample_size' must be at least 1"):
            asked()


@pytest.mark.parametrize("wrong", [0, 1, 5, 40])
def test_repeatability_is_the_share_of_rows_that_repeat(wrong):
    columns = {"x": list(np.linspace(1.0, 2.0, 40))}

    def moody(asked):
        x = asked["x"].values
        return Answers(labels=(x < np.linspace(1.0, 2.0, 41)[wrong] - 1e-9).astype(np.int64))

    first = Answers(labels=np.zeros(40, np.int64))
    probe, _ = probed(columns, moody, answers=first)
    expected = sum(np.linspace(1.0, 2.0, 40) < np.linspace(1.0, 2.0, 41)[wrong] - 1e-9)
    measured = repeatability(probe)

    assert measured.details["changed"] == expected
    assert measured.value == (40 - expected) / 40
    assert measured.details["positions"] == list(range(min(expected, 20)))


@pytest.mark.parametrize("n", [1, 2, 8, 9, 15, 16, 111, 112, 113, 300])
def test_repeatability_puts_answers_back_in_order_for_any_number_of_rows(n):
    probe, _ = probed({"x": normal(n, seed=n)})
    measured = repeatability(probe, seed=n)

    assert (measured.value, measured.n) == (1.0, n)
    assert measured.details["changed"] == 0
    assert measured.low == pytest.approx(0.025 ** (1 / n), abs=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_repeatability_of_a_steady_model_does_not_depend_on_the_seed(seed):
    probe, _ = probed({"x": normal(50)})

    assert repeatability(probe, seed=seed) == repeatability(probe, seed=7)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_missing_value_consistency_has_the_interval_of_the_rows_that_stay(stays):
    # Without x the model says 0; with it, it said 1 of the rows that do not stay.
    probe, _ = probed({"x": [-1.0 if stay else 1.0 for stay in stays]})
    measured = missing_value_consistency(probe, share=1.0)
    expected = binomtest(sum(stays), len(stays)).proportion_ci(0.95, "exact")

    assert measured.value == pytest.approx(np.mean(stays), abs=1e-15)
    assert (measured.low, measured.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert measured.details["blanked"] == len(stays)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_missing_value_consistency_blanks_about_the_share_it_says(share):
    seen = []

    def watching(columns):
        seen.append({name: column.missing for name, column in columns.items()})
        return threshold_at_zero(columns)

    probe, _ = probed({"x": normal(4000), "w": ["a", "b"] * 2000}, watching)
    measured = missing_value_consistency(probe, share=share, seed=2)

    for missing in seen[-1].values():
        assert np.mean(missing) == pytest.approx(share, abs=0.04)
    either = 1 - (1 - share) ** 2
    assert measured.details["blanked"] / 4000 == pytest.approx(either, abs=0.04)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.5, -2.5, 3.0], "f8"),
        ([1, -2, 3], "i8"),
        ([0.0, -0.0, 1e300], "f8"),
        ([2**40, -(2**40), 5], "i8"),
    ],
)
def test_noise_of_no_strength_leaves_every_number_where_it_was(values, kind):
    seen = []

    def watching(columns):
        seen.append(columns["x"])
        return threshold_at_zero(columns)

    probe, profile = probed({"x": values, "u": [1.0, 2.0, 3.0]}, watching)
    measured = noise_consistency(probe, profile, strength=0.0)

    assert measured.value == 1.0
    assert seen[-1].kind == kind
    assert seen[-1].values.tolist() == values


def test_noise_consistency_leaves_a_column_alone_whose_spread_is_no_number():
    huge = [1.3e154, -1.3e154]
    probe, profile = probed({"x": huge, "u": [1.0, 2.0]})

    assert profile.columns["x"].variance is None
    assert noise_consistency(probe, profile).details["columns"] == 1
    alone, alone_profile = probed({"x": huge})
    with pytest.raises(NotMeasurable, match="no_numeric_features"):
        noise_consistency(alone, alone_profile)


def test_repeatability_of_every_row_meets_an_exact_rule_of_one():
    probe, _ = probed({"x": normal(333)})
    measured = repeatability(probe)

    assert measured.value == 1.0
    assert type(measured.value) is float
    assert (measured.judged, measured.reason) == (True, None)


@pytest.mark.parametrize("check", ["noise", "missing", "repeat"])
def test_probing_checks_ignore_the_order_of_blocks(check):
    rows = block([0] * 300, columns={"x": normal(300)})
    halves = [rows.where(part) for part in (np.arange(120), np.arange(120, 300))]
    found = []
    for first, second in (halves, halves[::-1]):
        sample = Sample.of(first, seed=0, size=200) + Sample.of(second, seed=0, size=200)
        profile = ColumnProfile.of(first) + ColumnProfile.of(second)
        answers = threshold_at_zero(sample.columns)
        probe = Probe(sample=sample, answers=answers, ask=threshold_at_zero, ask_anew=threshold_at_zero)
        found.append(
            {
                "noise": lambda probe=probe, profile=profile: noise_consistency(probe, profile, strength=0.5, seed=3),
                "missing": lambda probe=probe: missing_value_consistency(probe, share=0.3, seed=3),
                "repeat": lambda probe=probe: repeatability(probe, seed=3),
            }[check]()
        )

    assert found[0] == found[1]
    assert (found[0].n, found[0].details["of_n"]) == (200, 300)


@pytest.mark.parametrize("scores", [None, "one", "many"])
def test_repeatability_takes_models_with_and_without_scores(scores):
    def model(columns):
        x = columns["x"].values
        given = {None: None, "one": expit(x), "many": np.column_stack([expit(-x), expit(x)])}[scores]
        return Answers(labels=(x > 0).astype(np.int64), scores=given)

    probe, _ = probed({"x": normal(150)}, model)

    assert repeatability(probe).value == 1.0


def watched(columns, **roles):
    """A probe of steady answers that keeps every table it was asked, and the profile of its rows."""
    asked = []

    def model(given):
        asked.append(given)
        return threshold_at_zero(given)

    rows = block([0] * len(next(iter(columns.values()))), columns=columns, **roles)
    sample = Sample.of(rows, seed=0, size=10_000)
    probe = Probe(sample=sample, answers=threshold_at_zero(sample.columns), ask=model, ask_anew=model)
    return probe, ColumnProfile.of(rows), asked


@pytest.mark.parametrize("strength", [0.1, 2.0])
@pytest.mark.parametrize("seed", [0, 7])
def test_noise_is_one_draw_of_the_seeds_stream_a_row_and_column(strength, seed):
    numbers, whole = np.array(normal(50)), np.arange(50) * 10
    probe, profile, asked = watched({"x": numbers, "i": whole, "w": ["a"] * 50})
    noise_consistency(probe, profile, strength=strength, seed=seed)
    draws = np.random.default_rng(seed)
    moved = {
        name: strength * values.std(ddof=1) * draws.standard_normal(50)
        for name, values in (("x", numbers), ("i", whole))
    }

    assert asked[0]["x"].values == pytest.approx(numbers + moved["x"], rel=1e-9, abs=1e-12)
    assert asked[0]["i"].values.tolist() == (whole + np.rint(moved["i"])).astype(int).tolist()
    assert asked[0]["w"].values.tolist() == probe.sample.columns["w"].values.tolist()


def test_noise_leaves_integers_alone_that_it_could_push_out_of_their_range():
    # 2 ** 62 is the limit: below it they move, from it on they stay, whichever their sign.
    near = [2**62 - 2048, -(2**62) + 2048, 2**62, -(2**62), 2**62 + 4096, 2**63 - 1, -(2**63), 0]
    probe, _, asked = watched({"x": [1.0, -1.0] * 4, "i": near})
    profile = ColumnProfile.of(block([0] * 4, columns={"x": [1.0, 2.0] * 2, "i": [0, 1000, 2000, 3000]}))
    noise_consistency(probe, profile, strength=0.1, seed=3)
    moved = asked[0]["i"].values != np.array(near, np.int64)

    assert moved.tolist() == [True, True, False, False, False, False, False, True]


@pytest.mark.parametrize("missing", [0, 3, 19])
def test_noise_and_blanks_leave_nothing_behind_what_is_missing(missing):
    columns = {"x": [1.5] * 20, "i": [7, 9] * 10, "w": ["a", "b"] * 10, "yes": [True] * 20}
    gone = {
        name: [None if row < missing else value for row, value in enumerate(values)] for name, values in columns.items()
    }
    gone["x"][-1], gone["i"][-1] = 99.0, 40
    probe, profile, asked = watched(gone)
    missing_value_consistency(probe, share=0.4, seed=1)
    if missing < 19:
        noise_consistency(probe, profile, seed=1)

    for table in asked:
        for name, cells in table.items():
            assert cells.values.dtype == probe.sample.columns[name].values.dtype
            assert not cells.values[cells.missing].any()
            assert cells.missing[:missing].all()


def test_blanks_are_one_draw_of_the_seeds_stream_a_feature():
    probe, _, asked = watched({"x": normal(30), "w": ["a"] * 30})
    measured = missing_value_consistency(probe, share=0.2, seed=5)
    draws = np.random.default_rng(5)
    gone = [draws.random(30) < 0.2 for _ in range(2)]

    assert asked[0]["x"].missing.tolist() == gone[0].tolist()
    assert asked[0]["w"].missing.tolist() == gone[1].tolist()
    assert measured.details["blanked"] == np.sum(gone[0] | gone[1])


def test_probing_checks_ask_five_thousand_rows_and_start_from_nought_unless_told_otherwise():
    for check in (noise_consistency, missing_value_consistency, repeatability):
        tables = []
        for options in ({}, {"sample_size": 5000, "seed": 0, "confidence": 0.95}):
            probe, profile, asked = watched({"x": normal(5_010)})
            measured = check(*((probe, profile) if check is noise_consistency else (probe,)), **options)
            tables.append((measured, [table["x"].values.tolist() for table in asked]))

            assert (measured.n, measured.details["of_n"]) == (5000, 5010)
        assert tables[0] == tables[1]


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_repeatability_asks_in_an_order_that_its_seed_settles(seed, same):
    orders = []
    for one in (0, seed):
        probe, _, asked = watched({"x": normal(120)})
        repeatability(probe, seed=one)
        orders.append([table["x"].values.tolist() for table in asked])

    assert (orders[0] == orders[1]) is same
    # The two rounds are shuffled apart.
    assert orders[0][0] != [value for batch in orders[0][1:] for value in batch]


@pytest.mark.parametrize("check", [noise_consistency, missing_value_consistency, repeatability])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_probing_checks_have_the_exact_interval_of_the_rows_that_stay(check, confidence):
    def drifting(columns):
        return Answers(labels=(columns["x"].values > 0.4).astype(np.int64))

    first = Answers(labels=(np.array(normal(200)) > 0).astype(np.int64))
    probe, profile = probed({"x": normal(200)}, drifting, answers=first)
    measured = check(*((probe, profile) if check is noise_consistency else (probe,)), confidence=confidence)
    kept = 200 - measured.details["changed"]
    expected = binomtest(kept, 200).proportion_ci(confidence, "exact")

    assert 0 < kept < 200
    assert (measured.value, measured.unit, measured.method) == (kept / 200, "share", "clopper_pearson")
    assert (measured.low, measured.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("shift", [0, 5 * 128, 2**60])
def test_probing_checks_of_clustered_rows_have_the_interval_of_their_effective_number(confidence, shift):
    # Entities 128 apart share a bucket; rows of one entity give way together in part.
    entity = np.repeat(np.arange(40), 5)
    x = np.where((entity % 4 == 0) & (np.arange(200) % 5 < 3), 1.0, -1.0)
    probe, _ = probed({"x": x.tolist()}, entity=(entity + 1 + shift).tolist())
    measured = missing_value_consistency(probe, share=1.0, confidence=confidence)
    kept, rows = np.full(40, 5), np.full(40, 5)
    kept[::4] = 2
    worth = effective_n(kept, rows, confidence=confidence)
    low, high = clopper_pearson(kept.sum() / 200 * worth, worth, confidence=confidence)

    assert (measured.value, measured.n, measured.details["changed"]) == (0.85, 200, 30)
    assert measured.method == "clopper_pearson_effective_n"
    assert (measured.low, measured.high) == pytest.approx((low, high), abs=1e-12)


def test_entities_that_share_a_bucket_count_as_one():
    x = [1.0, -1.0, -1.0, -1.0] * 32
    near = missing_value_consistency(probed({"x": x}, entity=[1 + i // 2 for i in range(128)])[0], share=1.0)
    far = missing_value_consistency(probed({"x": x}, entity=[1 + 128 * (i // 2) for i in range(128)])[0], share=1.0)

    assert near.value == far.value == 0.75
    assert far.high - far.low > 0.9 > near.high - near.low


@pytest.mark.parametrize(("gap", "repeats"), [(0.0, True), (1e-9, True), (1.1e-9, False)])
def test_repeatability_holds_a_score_that_differs_by_just_a_billionth(gap, repeats):
    def nothing(columns):
        return Answers(labels=np.zeros(len(columns["x"]), np.int64), scores=np.zeros(len(columns["x"])))

    def drifted(columns):
        return Answers(labels=np.zeros(len(columns["x"]), np.int64), scores=np.full(len(columns["x"]), gap))

    assert repeatability(probed({"x": [1.0, 2.0]}, nothing, fresh=drifted)[0]).value == float(repeats)


@pytest.mark.parametrize("classes", [1, 3])
def test_repeatability_counts_only_the_rows_whose_own_scores_drift(classes):
    def scored(columns, by=0.0):
        x = columns["x"].values
        moved = expit(x) + by * (x > 1)
        scores = moved if classes == 1 else np.column_stack([moved, *[np.zeros(len(x))] * (classes - 1)])
        return Answers(labels=np.zeros(len(x), np.int64), scores=scores)

    x = [0.5, 2.0, 0.1, 3.0, -1.0]
    measured = repeatability(probed({"x": x}, scored, fresh=lambda columns: scored(columns, 1e-6))[0])

    assert (measured.value, measured.details["positions"]) == (0.6, [1, 3])


@pytest.mark.parametrize(
    ("once", "again", "repeats"),
    [
        (0.0, 1e-10, False),
        (0.0, 5e-13, True),
        (1e9, 1e9 + 0.5, True),
        (1e9, 1e9 + 2.5, False),
        (-3.0, -3.0, True),
        (1.0, -1.0, False),
    ],
)
def test_repeatability_of_a_value_is_held_to_a_billionth_of_itself(once, again, repeats):
    def first(columns):
        return Answers(labels=np.full(len(columns["x"]), once))

    def second(columns):
        return Answers(labels=np.full(len(columns["x"]), again))

    assert repeatability(probed({"x": [1.0, 2.0]}, first, fresh=second, task="regression")[0]).value == float(repeats)


@pytest.mark.parametrize(
    ("option", "value", "most"), [("strength", -1.0, np.inf), ("strength", np.inf, np.inf), ("share", 1.5, 1.0)]
)
def test_options_out_of_range_say_what_they_take(option, value, most):
    probe, profile = probed({"x": [1.0, -1.0]})

    check = missing_value_consistency if option == "share" else partial(noise_consistency, column_profile=profile)
    with pytest.raises(UsageError) as refused:
        check(probe, **{option: value})
    assert (
        str(refused.value) == f"option '{option}' takes a number from 0 to {most}, not {value}; change it under 'with'"
    )
    assert (refused.value.code, refused.value.values) == (
        "option_out_of_range",
        {"option": option, "most": most, "value": value},
    )


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_missing_value_consistency_takes_the_ends_of_its_range(share):
    probe, _ = probed({"x": [-1.0, -2.0]})
    measured = missing_value_consistency(probe, share=share)

    assert (measured.value, measured.details["blanked"]) == (1.0, 2 * int(share))


def test_repeatability_works_on_a_regression_and_says_what_the_others_need():
    def value(columns):
        return Answers(labels=columns["x"].values * 2)

    probe, profile = probed({"x": [1.0, 2.0]}, value, task="regression")

    assert repeatability(probe).value == 1.0
    for asked in (lambda: noise_consistency(probe, profile), lambda: missing_value_consistency(probe)):
        with pytest.raises(NotMeasurable, match="needs_classification"):
            asked()


def test_a_draw_that_equals_the_share_blanks_nothing():
    draws = np.random.default_rng(0).random(9)
    measured = missing_value_consistency(probed({"x": [-1.0] * 9})[0], share=float(draws[4]), seed=0)

    assert measured.details["blanked"] == np.count_nonzero(draws < draws[4])


def test_noise_moves_an_integer_near_the_limit_only_away_from_it():
    values = [2**62 - 4096] * 40 + [-(2**62) + 4096] * 40
    probe, _, asked = watched({"i": values, "x": [1.0] * 80})
    profile = ColumnProfile.of(block([0, 0], columns={"i": [0, 1_000_000], "x": [1.0, 1.0]}))
    noise_consistency(probe, profile, strength=0.1, seed=4)
    noise = 0.1 * 1e6 / np.sqrt(2) * np.random.default_rng(4).standard_normal(80)
    beyond = noise * np.sign(values) > 10_000
    inside = noise * np.sign(values) < 0
    moved = asked[0]["i"].values != np.array(values, np.int64)

    assert beyond.any()
    assert not moved[beyond].any()
    assert moved[inside].all()
