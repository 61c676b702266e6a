import numpy as np
import pytest

from reliability.blocks import ColumnRule
from reliability.checks.robustness.attack import attack_success_rate
from reliability.checks.robustness.boundary import Room, Search
from reliability.errors import ChecklistError, NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

# Calls that end with the first halving: no direction is drawn, and no column put back.
BEFORE_DIRECTIONS = 9


def drawn(names, n=60, seed=0):
    draws = np.random.default_rng(seed)
    return {name: draws.normal(size=n) for name in names}


def deciding(rule):
    """A model of labels alone, from a rule of the columns' numbers."""

    def model(columns):
        return Answers(labels=np.asarray(rule({name: one.values for name, one in columns.items()}), np.int64))

    return model


def search_of(columns, model, *, calls=98, seed=1, **roles):
    probe, profile, asked = probed(columns, model, **roles)
    search = Search(probe, Room.of(probe.sample.columns, profile), calls=calls, draws=np.random.default_rng(seed))
    search.run()
    return search, asked


def in_deviations(columns):
    """The rows in standard deviations of their columns, and those deviations."""
    x = np.column_stack([columns[name] for name in columns])
    scale = x.std(axis=0, ddof=1)
    return x / scale, scale


def room_of(columns, **roles):
    probe, profile, _ = probed(columns, lambda table: Answers(labels=np.zeros(2, np.int64)), **roles)
    return Room.of(probe.sample.columns, profile)


def box(values):
    return (np.abs(values["a"]) <= 1) & (np.abs(values["b"]) <= 1)


def corner(values):
    return (values["a"] > 0) & (values["b"] > 0)


@pytest.mark.parametrize("cut", [-1.2, 0.0, 0.4])
@pytest.mark.parametrize("factor", [1.0, 40.0])
def test_one_feature_is_turned_at_its_threshold(cut, factor):
    columns = {"x": drawn("x", seed=3)["x"] * factor}
    search, _ = search_of(columns, labels_only(linear({"x": 1.0}, cut * factor)))
    true = np.abs(columns["x"] - cut * factor) / columns["x"].std(ddof=1)

    assert (search.nearest >= true * (1 - 1e-9)).all()
    assert (search.nearest <= true + 0.06).all()
    assert np.median(search.nearest - true) < 0.01


@pytest.mark.parametrize(
    "weights",
    [
        {"a": 1.0, "b": 1.0},
        {"a": 3.0, "b": -1.0},
        {"a": 0.0, "b": 1.0},
        {"a": 1.0, "b": -2.0, "c": 0.25},
        {"a": 1.0, "b": 1.0, "c": -1.0, "d": 1.0, "e": 2.0},
    ],
)
def test_no_point_is_nearer_than_the_plane_and_most_are_near_it(weights):
    cut = 0.75
    columns = drawn(weights)
    search, _ = search_of(columns, labels_only(linear(weights, cut)))
    _, scale = in_deviations(columns)
    steep = np.array(list(weights.values()))
    true = np.abs(np.column_stack(list(columns.values())) @ steep - cut) / np.linalg.norm(steep * scale)

    assert (search.nearest >= true * (1 - 1e-9)).all()
    assert np.median(search.nearest / true) < 1.15


@pytest.mark.parametrize("seed", range(2))
def test_no_point_is_nearer_than_the_sides_of_a_box(seed):
    columns = drawn("ab", n=80, seed=seed)
    search, _ = search_of(columns, deciding(box), seed=seed)
    x = np.column_stack([columns["a"], columns["b"]])
    scale = x.std(axis=0, ddof=1)
    inside = np.min((1 - np.abs(x)) / scale, axis=1)
    outside = np.linalg.norm(np.maximum(np.abs(x) - 1, 0) / scale, axis=1)
    true = np.where(box(columns), inside, outside)

    assert (search.nearest >= true * (1 - 1e-9)).all()
    assert np.median(search.nearest - true) < 0.1


@pytest.mark.parametrize("seed", range(2))
def test_no_point_is_nearer_than_the_walls_of_a_corner(seed):
    columns = drawn("ab", n=80, seed=seed)
    search, _ = search_of(columns, deciding(corner), seed=seed)
    z, _ = in_deviations(columns)
    true = np.where(corner(columns), z.min(axis=1), np.linalg.norm(np.maximum(-z, 0), axis=1))

    assert (search.nearest >= true * (1 - 1e-9)).all()
    assert np.median(search.nearest - true) < 0.1


def test_no_point_is_nearer_than_the_rim_of_a_disc():
    columns = drawn("ab", n=80, seed=5)
    z, scale = in_deviations(columns)
    search, _ = search_of(columns, deciding(lambda v: np.hypot(v["a"] / scale[0], v["b"] / scale[1]) <= 1.0))
    true = np.abs(np.linalg.norm(z, axis=1) - 1.0)

    assert (search.nearest >= true * (1 - 1e-9)).all()
    assert np.median(search.nearest - true) < 0.05


@pytest.mark.parametrize("edges", [(0.0,), (-1.0, 1.0), (-1.5, -0.5, 0.5, 1.5)])
def test_many_classes_are_turned_at_the_nearest_edge_of_their_band(edges):
    x = np.linspace(-3, 3, 62)
    classes = tuple(range(len(edges) + 1))
    search, _ = search_of(
        {"x": x}, deciding(lambda v: np.digitize(v["x"], edges)), classes=classes, positive=None, task="multiclass"
    )
    true = np.min(np.abs(x[:, np.newaxis] - np.array(edges)), axis=1) / x.std(ddof=1)

    assert (search.nearest >= true * (1 - 1e-9)).all()
    assert (search.nearest <= true + 0.06).all()


def test_two_rows_are_enough_for_a_search():
    search, _ = search_of({"x": [0.0, 1.0]}, labels_only(linear({"x": 1.0}, 0.3)))

    assert search.nearest == pytest.approx(np.array([0.3, 0.7]) / np.sqrt(0.5), rel=0.02)


@pytest.mark.parametrize("calls", [1, 4, 9, 10, 17, 60])
@pytest.mark.parametrize("rule", [box, corner])
def test_the_budget_of_calls_is_never_exceeded(calls, rule):
    search, asked = search_of(drawn("ab", n=25), deciding(rule), calls=calls)

    assert len(asked) == search.calls <= calls
    assert rows_asked(asked) == search.questions
    assert search.found.size


def test_most_of_a_budget_is_spent():
    search, _ = search_of(drawn("ab", n=25), deciding(box), calls=98)

    assert search.calls >= 80


def test_rows_not_yet_found_are_asked_from_three_starts_at_most():
    columns = {"x": np.arange(12.0), "flag": [True, False] * 6}
    search, asked = search_of(columns, deciding(lambda v: v["flag"]))

    assert (len(asked), search.questions, search.found.size) == (3, 36, 0)
    assert np.isinf(search.nearest).all()
    assert (search.points == search.room.start).all()


@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_finds_the_same_points(seed):
    columns = drawn("abc", n=30)
    first, again = (search_of(columns, deciding(box), seed=seed)[0] for _ in range(2))

    assert (first.nearest == again.nearest).all()
    assert (first.points == again.points).all()
    assert (first.calls, first.questions) == (again.calls, again.questions)


def test_another_seed_looks_in_other_directions_only_after_the_first_halving():
    columns = drawn("abc", n=30)
    early = [search_of(columns, deciding(box), seed=seed, calls=BEFORE_DIRECTIONS)[0].nearest for seed in (1, 2)]
    late = [search_of(columns, deciding(box), seed=seed)[0].nearest for seed in (1, 2)]

    assert (early[0] == early[1]).all()
    assert (late[0] != late[1]).any()


def test_the_order_of_rows_does_not_matter_before_directions_are_drawn():
    columns = drawn("abc", n=40)
    order = np.random.default_rng(9).permutation(40)
    first, _ = search_of(columns, deciding(box), calls=BEFORE_DIRECTIONS)
    other, _ = search_of({name: one[order] for name, one in columns.items()}, deciding(box), calls=BEFORE_DIRECTIONS)

    assert np.isfinite(first.nearest).all()
    assert other.nearest == pytest.approx(first.nearest[order], rel=1e-12)


def test_the_order_of_columns_does_not_matter_before_directions_are_drawn():
    columns = drawn("abc", n=40)
    first, _ = search_of(columns, deciding(box), calls=BEFORE_DIRECTIONS)
    other, _ = search_of({name: columns[name] for name in "cba"}, deciding(box), calls=BEFORE_DIRECTIONS)

    assert other.room.names == ("c", "b", "a")
    assert other.nearest == pytest.approx(first.nearest, rel=1e-12)


def test_after_directions_the_order_of_rows_hardly_matters():
    columns = drawn("ab", n=60)
    model = labels_only(linear({"a": 1.0, "b": 2.0}))
    order = np.random.default_rng(9).permutation(60)
    first, _ = search_of(columns, model)
    other, _ = search_of({name: one[order] for name, one in columns.items()}, model)

    assert np.quantile(np.abs(other.nearest / first.nearest[order] - 1), 0.9) < 0.1


@pytest.mark.parametrize("power", [-8, 12])
def test_the_unit_of_all_columns_does_not_matter(power):
    columns, factor = drawn("ab", n=30), 2.0**power
    first, _ = search_of(columns, labels_only(linear({"a": 1.0, "b": -1.0}, 0.25)))
    scaled = {name: one * factor for name, one in columns.items()}
    other, _ = search_of(scaled, labels_only(linear({"a": 1.0, "b": -1.0}, 0.25 * factor)))

    assert other.nearest == pytest.approx(first.nearest, rel=1e-9)


@pytest.mark.parametrize(("high", "turned"), [(0.5, False), (1.5, True)])
def test_a_declared_range_holds_rows_back_from_what_lies_beyond(high, turned):
    x = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 2.0, 2.1])
    search, asked = search_of({"x": x}, deciding(lambda v: v["x"] > 1.0), rules={"x": ColumnRule(maximum=high)})

    assert np.isfinite(search.nearest[x < 1]).tolist() == [turned] * 5
    assert np.isfinite(search.nearest[x > 1]).all()
    assert max(table["x"].values.max() for table in asked) <= 2.1


def test_without_a_declared_range_the_one_observed_holds():
    columns = drawn("ab", n=40, seed=2)
    _, asked = search_of(columns, deciding(box))

    for name, one in columns.items():
        assert min(table[name].values.min() for table in asked) >= one.min()
        assert max(table[name].values.max() for table in asked) <= one.max()


@pytest.mark.parametrize("cut", [2.5, 4.5, 6.5])
def test_whole_numbers_and_fractions_move_together_and_whole_ones_stay_whole(cut):
    draws = np.random.default_rng(4)
    columns = {"i": draws.integers(0, 10, 50), "x": draws.normal(size=50)}
    search, asked = search_of(columns, deciding(lambda v: v["i"] > cut))
    steps = np.abs(np.where(columns["i"] > cut, np.floor(cut), np.ceil(cut)) - columns["i"])

    assert all(table["i"].values.dtype == np.int64 for table in asked)
    assert (search.points[:, 0] == np.rint(search.points[:, 0])).all()
    assert (search.nearest >= steps / columns["i"].std(ddof=1) * (1 - 1e-9)).all()
    assert np.median(search.nearest * columns["i"].std(ddof=1) / steps) < 1.02


def test_a_missing_cell_is_never_filled_so_its_row_is_never_turned_by_it():
    x = [None if at % 4 == 0 else at / 10 for at in range(40)]
    columns = {"x": x, "z": np.linspace(0, 1, 40)}
    search, asked = search_of(columns, labels_only(linear({"x": 1.0}, 2.0)))
    gone = np.array([one is None for one in x])

    assert np.isinf(search.nearest[gone]).all()
    assert np.isfinite(search.nearest[~gone]).all()
    assert sum(int(table["x"].missing.sum()) for table in asked[:1]) == gone.sum()


def test_a_word_that_forbids_the_other_answer_is_not_changed():
    columns = {"x": np.linspace(-1, 1, 40), "w": ["u", "v"] * 20}

    def worded(table):
        allowed = np.array([word == "u" for word in table["w"].as_labels()])
        return Answers(labels=(allowed & (table["x"].values > 0)).astype(np.int64))

    search, asked = search_of(columns, worded)

    assert np.isinf(search.nearest[1::2]).all()
    assert np.isfinite(search.nearest[0:20:2]).all()
    assert np.isfinite(search.nearest[20::2]).sum() >= 5
    assert all(table["w"].levels == ("u", "v") for table in asked)


def test_a_constant_column_stands_where_it_is():
    columns = {"x": np.linspace(-1, 1, 30), "same": [4.5] * 30}
    search, asked = search_of(columns, deciding(lambda v: v["x"] > 0.1))

    assert search.room.names == ("x",)
    assert {value for table in asked for value in table["same"].values.tolist()} == {4.5}


def test_every_point_kept_is_one_that_was_asked_and_decided_otherwise():
    columns = drawn("ab", n=30)
    search, asked = search_of(columns, deciding(box))
    known = {
        (a, b) for table in asked for a, b in zip(table["a"].values.tolist(), table["b"].values.tolist(), strict=True)
    }

    assert {tuple(point) for point in search.points.tolist()} <= known
    assert (box(dict(zip("ab", search.points.T, strict=True))) != box(columns)).all()
    assert search.nearest == pytest.approx(search.room.distances(search.points, np.arange(30)), rel=1e-12)


@pytest.mark.parametrize("columns", [{"w": ["u", "v"]}, {"f": [True, False]}, {"x": [3.0, 3.0]}, {"x": [None, 1.0]}])
def test_there_is_no_room_where_no_number_varies(columns):
    assert room_of(columns) is None


def test_a_room_knows_scale_range_wholeness_and_gaps():
    room = room_of(
        {"x": [1.0, 3.0, None], "w": ["u", "v", "u"], "i": [2, 4, 9], "f": [True, False, True]},
        rules={"i": ColumnRule(minimum=0), "x": ColumnRule(maximum=2.5)},
    )

    assert room.names == ("x", "i")
    assert room.scale == pytest.approx([np.sqrt(2), np.std([2, 4, 9], ddof=1)])
    assert (room.low.tolist(), room.high.tolist()) == ([1.0, 0.0], [2.5, 9.0])
    assert room.whole.tolist() == [False, True]
    assert room.start.tolist() == [[1.0, 2.0], [3.0, 4.0], [0.0, 9.0]]
    assert room.free.tolist() == [[True, True], [True, True], [False, True]]


def test_a_range_may_end_at_nought():
    room = room_of({"x": [-3.0, 0.0], "y": [0.0, 2.0], "z": [-1.0, 4.0]}, rules={"z": ColumnRule(maximum=0)})

    assert (room.low.tolist(), room.high.tolist()) == ([-3.0, 0.0, -1.0], [0.0, 2.0, 0.0])


@pytest.mark.parametrize(
    ("row", "point", "fitted"),
    [
        (0, [2.2, 3.4], [2.2, 3.0]),
        (0, [-5.0, 99.0], [1.0, 9.0]),
        (0, [5.0, 3.6], [2.5, 4.0]),
        (1, [9.0, 2.0], [3.0, 2.0]),
        (1, [2.75, 4.0], [2.75, 4.0]),
        (2, [2.0, 7.7], [0.0, 8.0]),
    ],
)
def test_points_are_fitted_into_the_room(row, point, fitted):
    room = room_of({"x": [1.0, 3.0, None], "i": [2, 4, 9]}, rules={"x": ColumnRule(maximum=2.5)})

    assert room.fitted(np.array([point]), np.array([row])).tolist() == [fitted]


def test_fitting_twice_is_fitting_once():
    draws = np.random.default_rng(0)
    room = room_of({"x": draws.normal(size=20), "i": draws.integers(0, 9, 20)})
    rows = np.repeat(np.arange(20), 5)
    once = room.fitted(draws.normal(scale=9.0, size=(100, 2)), rows)

    assert (room.fitted(once, rows) == once).all()


def test_distances_are_euclidean_in_deviations():
    room = room_of({"x": [0.0, 2.0], "y": [0.0, 4.0]})
    far = room.distances(np.array([[3.0, 0.0], [0.0, 8.0], [2.0, 4.0]]), np.array([0, 0, 1]))

    assert far == pytest.approx([3 / np.sqrt(2), 8 / np.sqrt(8), 0.0])


@pytest.mark.parametrize("distance", [0.0, 0.1, 0.33])
def test_the_curve_rises_and_holds_the_distance_that_is_measured(distance):
    probe, profile, _ = probed(drawn("ab", n=50), deciding(box))
    measured = attack_success_rate(probe, profile, distance=distance)
    curve = measured.details["curve"]
    values = [one["value"] for one in curve]

    assert values == sorted(values)
    assert [one["strength"] for one in curve] == sorted({0.05, 0.1, 0.2, 0.5, 1.0, distance})
    assert measured.value == next(one["value"] for one in curve if one["strength"] == distance)
    assert canonical_json(measured)


def test_no_distance_turns_no_row_and_every_distance_all_of_them():
    probe, profile, _ = probed(drawn("ab", n=50), deciding(box))

    assert attack_success_rate(probe, profile, distance=0.0).value == 0.0
    assert attack_success_rate(probe, profile, distance=100.0).value == 1.0


def test_the_share_never_exceeds_the_true_one():
    columns = drawn("ab", n=80)
    z, _ = in_deviations(columns)
    true = np.where(corner(columns), z.min(axis=1), np.linalg.norm(np.maximum(-z, 0), axis=1))
    probe, profile, _ = probed(columns, deciding(corner))

    for distance in (0.05, 0.2, 0.5, 1.0):
        value = attack_success_rate(probe, profile, distance=distance).value
        assert np.mean(true <= distance) - 0.15 <= value <= np.mean(true <= distance)


@pytest.mark.parametrize("confidence", [0.5, 0.99])
def test_limits_are_exact_at_every_confidence(confidence):
    probe, profile, _ = probed(drawn("ab", n=50), deciding(box))
    measured = attack_success_rate(probe, profile, distance=0.4, confidence=confidence)
    low, high = clopper_pearson(round(measured.value * 50), 50, confidence=confidence)

    assert (measured.low, measured.high) == (pytest.approx(low), pytest.approx(high))
    assert (measured.n, measured.unit, measured.method) == (50, "share", "clopper_pearson")


def test_quantiles_of_distance_are_those_of_the_search():
    columns = drawn("ab", n=40)
    search, _ = search_of(columns, deciding(box), seed=0)
    probe, profile, _ = probed(columns, deciding(box))
    told = attack_success_rate(probe, profile).details["distances"]
    ordered = np.sort(search.nearest)

    assert [one["share"] for one in told] == [0.1, 0.25, 0.5, 0.75, 0.9]
    assert [one["distance"] for one in told] == [ordered[at] for at in (3, 9, 19, 29, 35)]


def test_quantiles_beyond_the_rows_that_were_turned_are_left_out():
    columns = {"x": [None if at % 2 else (at - 19) / 20 for at in range(40)]}
    probe, profile, _ = probed(columns, deciding(lambda v: v["x"] > 0))
    measured = attack_success_rate(probe, profile, distance=100.0)

    assert (measured.value, measured.details["found"]) == (0.5, 20)
    assert [one["share"] for one in measured.details["distances"]] == [0.1, 0.25, 0.5]


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_the_column_that_decides_is_named_first(name):
    probe, profile, _ = probed(drawn("abc", n=40), labels_only(linear({name: 1.0}, 0.2)))
    columns = attack_success_rate(probe, profile).details["columns"]

    assert columns[0]["column"] == name
    assert columns[0]["share"] > 0.9
    assert sorted(one["column"] for one in columns) == ["a", "b", "c"]
    assert sum(one["share"] for one in columns) == pytest.approx(1)


@pytest.mark.parametrize("size", [10, 60])
def test_no_more_rows_are_attacked_than_asked_for(size):
    probe, profile, asked = probed(drawn("ab"), deciding(lambda v: v["a"] > 0))
    measured = attack_success_rate(probe, profile, sample_size=size, calls=20)

    assert (measured.n, measured.details["of_n"]) == (size, 60)
    assert len(asked[0]["a"]) <= size
    assert measured.details["questions"] == rows_asked(asked)
    assert len(asked) == measured.details["calls"] <= 20


def test_scores_are_not_looked_at():
    weights = {"a": 1.0, "b": -1.0}
    scored, profile, _ = probed(drawn("ab", n=30), linear(weights))
    bare, _, _ = probed(drawn("ab", n=30), labels_only(linear(weights)))

    assert attack_success_rate(scored, profile) == attack_success_rate(bare, profile)


def test_clusters_that_fare_alike_are_worth_fewer_rows():
    x = np.concatenate([np.full(50, -5.0), np.full(50, 0.01)]) + np.linspace(0, 0.001, 100)
    model = deciding(lambda v: v["x"] > 0)
    alone, profile, _ = probed({"x": x}, model)
    clustered, _, _ = probed({"x": x}, model, entity=[1 + at // 10 for at in range(100)])
    first, second = (attack_success_rate(one, profile, distance=0.1) for one in (alone, clustered))

    assert first.value == second.value == 0.5
    assert second.high - second.low > 1.5 * (first.high - first.low)


@pytest.mark.parametrize("columns", [{"x": [1.0]}, {"x": [1.0], "w": ["u"]}])
def test_one_row_has_no_room(columns):
    probe, profile, _ = probed(columns, lambda table: Answers(labels=np.array([1])))

    with pytest.raises(NotMeasurable, match="no_numeric_features"):
        attack_success_rate(probe, profile)


@pytest.mark.parametrize("distance", [-0.01, float("nan"), float("inf"), float("-inf")])
def test_a_distance_that_is_none_is_refused_before_anything_is_asked(distance):
    probe, profile, asked = probed(drawn("ab", n=10), deciding(box))

    with pytest.raises(UsageError, match="'distance'"):
        attack_success_rate(probe, profile, distance=distance)
    assert asked == []


@pytest.mark.parametrize("size", [0, -1])
def test_a_sample_of_no_rows_is_refused(size):
    probe, profile, _ = probed(drawn("ab", n=10), deciding(box))

    with pytest.raises(ChecklistError, match="sample_size"):
        attack_success_rate(probe, profile, sample_size=size)


@pytest.mark.parametrize(
    ("task", "classes", "labels"), [("binary", (0, 1), [1, 1, 1]), ("multiclass", (0, 1, 2), [2, 2, 2])]
)
def test_one_answer_for_all_rows_leaves_nothing_to_start_from(task, classes, labels):
    probe, profile, asked = probed(
        {"x": [1.0, 2.0, 3.0]},
        lambda table: Answers(labels=np.array(labels)),
        task=task, classes=classes, positive=None,
    )  # fmt: skip

    with pytest.raises(NotMeasurable, match="one_class"):
        attack_success_rate(probe, profile)
    assert asked == []
