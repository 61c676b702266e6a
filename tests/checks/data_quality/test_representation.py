import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from reliability.checks.data_quality.representation import (
    population_distance,
    population_share_ratio,
    smallest_class_share,
    smallest_class_size,
    smallest_group_size,
)
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.group_population import GroupPopulation
from reliability.evidence.group_sizes import GroupSizes
from reliability.records import canonical_json
from tests.builders import block
from tests.checks.data_quality.counting import exact, refusal_of


def classes(labels, known=(0, 1), **more):
    return ColumnHistogram.of(block(labels, classes=known, **more))


def counted(values, shares, *, by="sex", **more):
    rows = block([0] * len(values), groups={by: values}, population={by: shares} if shares else {}, **more)
    return GroupPopulation.of(rows, (by,))


def test_smallest_class_size_names_the_class():
    measured = smallest_class_size(classes([0, 0, 1, 0]))

    assert (measured.value, measured.unit, measured.n, measured.details["class"]) == (1, "rows", 4, 1)
    assert measured.details["classes"] == [{"class": 0, "n": 3, "value": 0.75}, {"class": 1, "n": 1, "value": 0.25}]
    assert measured.details["iso_5259_2"] == ["Bal-ML-3", "Div-ML-3"]
    assert exact(measured)


def test_smallest_class_share_names_the_class():
    measured = smallest_class_share(classes(["b", "a", "b", "c"], ("a", "b", "c"), task="multiclass"))

    assert (measured.value, measured.unit, measured.details["class"]) == (0.25, "share", "a")
    assert measured.details["iso_5259_2"] == ["Bal-ML-7"]
    assert exact(measured)


def test_a_class_that_never_occurs_has_no_rows():
    counts = classes(["a", "a"], ("a", "b", "c"), task="multiclass")

    assert (smallest_class_size(counts).value, smallest_class_share(counts).value) == (0, 0.0)
    assert smallest_class_size(counts).details["class"] == "b"


@pytest.mark.parametrize("check", [smallest_class_share, smallest_class_size])
def test_class_sizes_refuse_regression_and_no_rows(check):
    assert refusal_of(check, ColumnHistogram.of(block([0.5], task="regression"))) == "needs_classification"
    assert refusal_of(check, classes([])) == "no_rows"


def test_class_sizes_ignore_order_and_add_up():
    first, second = classes([0, 1, 1]), classes([1, 0, 0, 0])

    assert smallest_class_size(first + second) == smallest_class_size(classes([0, 0, 0, 0, 1, 1, 1]))
    assert smallest_class_share(first + first).value == smallest_class_share(first).value


def test_population_distance_is_half_the_sum_of_differences():
    measured = population_distance(counted(["F"] * 30 + ["M"] * 70, {"F": 0.5, "M": 0.5}))

    assert measured.value == pytest.approx(0.2, abs=1e-12)
    assert (measured.n, measured.unit, measured.method, measured.judged) == (100, "difference", "mcdiarmid", True)
    assert measured.p_value == pytest.approx(stats.chisquare([30, 70], [50, 50]).pvalue, abs=1e-12)
    assert measured.details["chi_squared"] == pytest.approx(16.0)
    assert measured.details["degrees_of_freedom"] == 1
    assert measured.details["iso_5259_2"] == ["Rep-ML-1"]


@pytest.mark.parametrize(
    ("counts", "confidence", "low", "high"),
    # By hand: D -+ (sqrt((K - 1) / n) / 2 + sqrt(log(2 / a) / 2n)); 0.05 + 0.135810, and 0.043301 + 0.061194.
    [
        ((30, 70), 0.95, 0.014190, 0.385810),
        ((10, 90), 0.95, 0.214190, 0.585810),
        ((300, 100, 0, 0), 0.9, 0.395505, 0.604495),
    ],
)
def test_population_distance_has_the_interval_of_mcdiarmid(counts, confidence, low, high):
    names = "abcd"[: len(counts)]
    values = [name for name, n in zip(names, counts, strict=True) for _ in range(n)]
    measured = population_distance(counted(values, dict.fromkeys(names, 1 / len(names))), confidence=confidence)

    assert (measured.low, measured.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_population_distance_lists_every_group_with_limits_for_all_at_once():
    measured = population_distance(counted(["a"] * 20 + ["b"] * 50 + ["c"] * 30, {"a": 0.25, "b": 0.25, "c": 0.5}))
    limits = stats.binomtest(20, 100).proportion_ci(1 - 0.05 / 3, "exact")

    first = measured.details["groups"][0]
    assert (first["slice"], first["value"], first["declared"], first["ratio"], first["n"]) == (
        {"sex": "a"},
        0.2,
        0.25,
        0.8,
        20,
    )
    assert (first["low"], first["high"]) == (pytest.approx(limits.low), pytest.approx(limits.high))
    assert [group["slice"]["sex"] for group in measured.details["groups"]] == ["a", "b", "c"]


def test_population_distance_agrees_with_scipy():
    draws = np.random.default_rng(0).choice(list("abcd"), 500, p=[0.4, 0.3, 0.2, 0.1])
    shares = {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}
    observed = np.array([(draws == name).mean() for name in "abcd"])
    measured = population_distance(counted(draws.tolist(), shares))

    assert measured.value == pytest.approx(np.abs(observed - 0.25).sum() / 2, abs=1e-12)
    assert measured.p_value == pytest.approx(stats.chisquare(observed * 500).pvalue, rel=1e-9)
    # Lin's bounds between the two distances: the squared Jensen-Shannon distance is at most TVD (in nats, / log 2).
    assert jensenshannon(observed, [0.25] * 4, 2) ** 2 <= measured.value


@pytest.mark.parametrize(("k", "n"), [(2, 50), (2, 2_000), (6, 300)])
def test_population_distance_covers_the_true_distance(k, n):
    draws = np.random.default_rng(k * n)
    true = draws.dirichlet(np.ones(k))
    declared = np.full(k, 1 / k)
    names = [f"g{i}" for i in range(k)]
    distance, inside = np.abs(true - declared).sum() / 2, 0
    for counts in draws.multinomial(n, true, size=200):
        values = [name for name, count in zip(names, counts, strict=True) for _ in range(count)]
        measured = population_distance(counted(values, dict(zip(names, declared, strict=True))))
        inside += measured.low <= distance <= measured.high

    assert inside >= 195


def test_population_groups_that_are_declared_and_not_met_and_the_other_way_count():
    measured = population_distance(counted(["a"] * 50 + ["z"] * 50, {"a": 0.5, "b": 0.5}))

    assert (measured.value, measured.p_value, measured.details["chi_squared"]) == (0.5, 0.0, None)
    assert [(group["slice"]["sex"], group["n"], group["declared"]) for group in measured.details["groups"]] == [
        ("a", 50, 0.5), ("b", 0, 0.5), ("z", 50, 0.0),
    ]  # fmt: skip


def test_population_of_few_rows_has_no_p_value():
    assert population_distance(counted(["a"] * 5 + ["b"] * 4, {"a": 0.5, "b": 0.5})).p_value is None
    assert population_distance(counted(["a"] * 5 + ["b"] * 5, {"a": 0.5, "b": 0.5})).p_value == pytest.approx(1.0)


def test_population_of_one_group_is_at_no_distance():
    measured = population_distance(counted(["a"] * 9, {"a": 1.0}))

    assert (measured.value, measured.p_value, measured.details["chi_squared"]) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("values", "name"), [([1, 0], "1"), ([True, False], "1"), ([1.0, 0.0], "1"), (["1", "0"], "1")]
)
def test_population_groups_are_compared_by_meaning(values, name):
    assert population_distance(counted(values * 10, {name: 0.5, "0": 0.5})).value == 0.0


@pytest.mark.parametrize("check", [population_distance, population_share_ratio])
def test_population_refuses_where_nothing_is_declared_or_known(check):
    assert refusal_of(check, counted(["a"], None)) == "no_population"
    assert refusal_of(check, counted([None, None], {"a": 1.0})) == "no_rows"
    pair = block([0], groups={"sex": ["F"], "race": ["x"]}, population={"sex": {"F": 1.0}})
    with pytest.raises(NotMeasurable) as refused:
        check(GroupPopulation.of(pair, ("sex", "race")))

    assert (refused.value.code, refused.value.values) == ("no_population", {"by": ["sex", "race"]})


@pytest.mark.parametrize(("unknown", "judged"), [(5, True), (6, False)])
def test_population_distance_is_not_judged_where_many_groups_are_unknown(unknown, judged):
    measured = population_distance(counted(["a"] * 95 + [None] * unknown, {"a": 1.0}))

    assert (measured.judged, measured.n) == (judged, 95)
    assert measured.value == 0.0
    if not judged:
        assert measured.reason.code == "small_groups"
        assert measured.reason.with_ == {"by": ["sex"], "share": 6 / 101}


def test_population_distance_of_clustered_rows_has_no_interval():
    measured = population_distance(counted(["a", "b"], {"a": 0.5, "b": 0.5}, entity=[1, 2]))

    assert (measured.judged, measured.low, measured.high, measured.reason.code) == (False, None, None, "clustered_rows")


def test_population_share_ratio_is_that_of_the_group_furthest_off():
    measured = population_share_ratio(counted(["a"] * 10 + ["b"] * 90, {"a": 0.25, "b": 0.75}))

    assert measured.value == pytest.approx(0.4)
    assert (measured.details["worst"], measured.unit, measured.n) == ([{"sex": "a"}], "ratio", 100)
    assert measured.details["iso_5259_2"] == ["Rep-ML-1"]
    assert exact(measured)


def test_population_share_ratio_lists_every_group_without_limits():
    measured = population_share_ratio(counted(["a"] * 10 + ["z"] * 30, {"a": 0.5, "b": 0.5}))

    assert measured.details["groups"] == [
        {"slice": {"sex": name}, "value": value, "low": None, "high": None, "n": n,
         "declared": declared, "ratio": ratio, "judged": True}
        for name, value, n, declared, ratio in [
            ("a", 0.25, 10, 0.5, 0.5), ("b", 0.0, 0, 0.5, 0.0), ("z", 0.75, 30, 0.0, None),
        ]
    ]  # fmt: skip


def test_population_groups_that_are_neither_met_nor_declared_of_any_share_do_not_count():
    declared = counted(["a"] * 5 + ["b"] * 5, {"a": 0.5, "b": 0.5, "none of them": 0.0})
    distance, ratio = population_distance(declared), population_share_ratio(declared)

    assert (distance.details["degrees_of_freedom"], distance.p_value) == (1, pytest.approx(1.0))
    assert [one["slice"]["sex"] for one in ratio.details["groups"]] == ["a", "b"]
    assert ratio.value == 1.0


@pytest.mark.parametrize(
    ("values", "shares", "expected"),
    [
        (["a"] * 30 + ["b"] * 70, {"a": 0.1, "b": 0.9}, 1 / 3), (["a", "b"], {"a": 0.5, "b": 0.5}, 1.0),
        (["a", "a"], {"a": 0.5, "b": 0.5}, 0.0), (["a", "z"], {"a": 1.0}, 0.0),
    ],
)  # fmt: skip
def test_population_share_ratio_counts_too_many_like_too_few(values, shares, expected):
    assert population_share_ratio(counted(values, shares)).value == pytest.approx(expected)


@pytest.mark.parametrize("check", [population_distance, population_share_ratio])
def test_population_does_not_depend_on_blocks_or_order(check):
    values = ["a", 2, None, "b", "a", 2, 2, "a"] * 6
    rows = block([0] * 48, groups={"g": values}, population={"g": {"a": 0.5, "2": 0.3, "c": 0.2}})
    parts = [GroupPopulation.of(rows.where(np.arange(start, start + 12)), ("g",)) for start in (24, 0, 36, 12)]

    measured = check(parts[0] + parts[1] + parts[2] + parts[3])

    assert measured == check(GroupPopulation.of(rows, ("g",)))
    assert canonical_json(measured)


def test_populations_of_other_attributes_do_not_add():
    with pytest.raises(ValueError, match="do not add"):
        counted(["a"], {"a": 1.0}) + counted(["a"], {"a": 1.0}, by="race")


def test_smallest_group_size_lists_the_unknown_group_without_counting_it():
    rows = block([0] * 7, groups={"sex": ["F"] * 4 + ["M"] * 2 + [None]})
    measured = smallest_group_size(GroupSizes.of(rows, ("sex",)))

    assert (measured.value, measured.n, measured.unit) == (2, 7, "rows")
    assert measured.details == {
        "iso_5259_2": ["Rep-ML-1"],
        "worst": [{"sex": "M"}],
        "groups": [
            {"slice": {"sex": name}, "value": n, "low": None, "high": None, "n": n, "judged": judged}
            for name, n, judged in [("F", 4, True), ("M", 2, True), (None, 1, False)]
        ],
    }
    assert exact(measured)


def test_smallest_group_size_names_the_attributes_that_no_row_has():
    rows = block([0, 0], groups={"sex": [None, None], "race": ["x", "y"]})
    with pytest.raises(NotMeasurable) as refused:
        smallest_group_size(GroupSizes.of(rows, ("sex", "race")))

    assert (refused.value.code, refused.value.values) == ("fewer_than_two_groups", {"by": ["sex", "race"]})
