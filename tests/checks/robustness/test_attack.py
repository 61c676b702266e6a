import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.tree import DecisionTreeClassifier

from reliability.blocks import ColumnRule
from reliability.checks.robustness.attack import attack_success_rate
from reliability.checks.robustness.boundary import Room, Search
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

WEIGHTS = {"a": 2.0, "b": -1.0, "c": 0.5, "d": 0.0}


def normal(n=80, seed=0):
    draws = np.random.default_rng(seed)
    return {name: draws.normal(size=n) for name in WEIGHTS}


def searched(probe, profile, *, calls=98, seed=1):
    search = Search(probe, Room.of(probe.sample.columns, profile), calls=calls, draws=np.random.default_rng(seed))
    search.run()
    return search


def nearest_in_closed_form(probe, profile, cut):
    """Distance to a plane, in standard deviations of the columns."""
    scale = np.sqrt([profile.columns[name].variance for name in WEIGHTS])
    weights = np.array(list(WEIGHTS.values()))
    x = np.column_stack([probe.sample.columns[name].values for name in WEIGHTS])
    return np.abs(x @ weights - cut) / np.linalg.norm(weights * scale)


@pytest.mark.parametrize("cut", [0.0, 1.0])
def test_search_finds_the_distance_to_a_plane(cut):
    probe, profile, _ = probed(normal(), labels_only(linear(WEIGHTS, cut)))
    ratio = searched(probe, profile).nearest / nearest_in_closed_form(probe, profile, cut)

    assert (ratio > 1 - 1e-9).all()
    assert np.median(ratio) < 1.05
    assert np.quantile(ratio, 0.9) < 1.2


def test_search_comes_nearer_with_more_calls():
    probe, profile, _ = probed(normal(), labels_only(linear(WEIGHTS)))
    far = [np.median(searched(probe, profile, calls=calls).nearest) for calls in (3, 12, 40, 98)]

    assert far == sorted(far, reverse=True)
    assert far[0] > 1.2 * far[-1]


@pytest.mark.parametrize("calls", [1, 2, 5, 12, 30, 98])
def test_search_keeps_to_its_calls_and_counts_its_questions(calls):
    probe, profile, asked = probed(normal(20), labels_only(linear(WEIGHTS)))
    search = searched(probe, profile, calls=calls)

    assert search.calls == len(asked) <= calls
    assert search.questions == rows_asked(asked)


def test_points_found_are_decided_otherwise_when_asked_again():
    model = labels_only(linear(WEIGHTS))
    probe, profile, _ = probed(normal(), model)
    search = searched(probe, profile)
    moved = {
        name: type(column)(kind="f8", values=search.points[:, at], missing=column.missing)
        for at, (name, column) in enumerate(probe.sample.columns.items())
    }

    assert (model(moved).labels != probe.answers.labels).all()
    assert search.nearest == pytest.approx(search.room.distances(search.points, np.arange(80)))


def test_every_row_that_is_asked_is_one_that_could_be():
    draws = np.random.default_rng(0)
    columns = {
        "a": draws.normal(size=60), "i": draws.integers(0, 9, 60), "w": ["u", "v"] * 30,
        "yes": [True, False, False] * 20, "gap": [None if at % 5 == 0 else float(at) for at in range(60)],
    }  # fmt: skip
    rules = {"a": ColumnRule(minimum=-1.5, maximum=2.5)}
    probe, profile, asked = probed(columns, labels_only(linear({"a": 1.0, "i": 0.3, "gap": 0.01}, 1.5)), rules=rules)
    searched(probe, profile)
    first = probe.sample.columns

    for table in asked:
        assert table["i"].kind == "i8"
        assert (table["i"].values >= 0).all()
        assert (table["i"].values <= 8).all()
        # A row that lies outside already may stay where it is.
        assert (table["a"].values >= min(-1.5, first["a"].values.min())).all()
        assert (table["a"].values <= max(2.5, first["a"].values.max())).all()
        assert set(
            zip(table["w"].as_labels(), table["yes"].as_labels(), table["gap"].missing.tolist(), strict=True)
        ) <= set(zip(first["w"].as_labels(), first["yes"].as_labels(), first["gap"].missing.tolist(), strict=True))


def test_integers_are_flipped_at_whole_steps():
    columns = {"i": [0, 1, 2, 3, 7, 8, 9, 10] * 5}
    probe, profile, _ = probed(columns, labels_only(linear({"i": 1.0}, 4.5)))
    search = searched(probe, profile)
    scale = np.sqrt(profile.columns["i"].variance)
    steps = np.abs(np.where(np.array(columns["i"]) > 4.5, 4, 5) - columns["i"])

    assert search.nearest == pytest.approx(steps / scale)


def test_a_tree_is_flipped_by_the_one_column_that_its_split_reads():
    draws = np.random.default_rng(0)
    x = draws.normal(size=(60, 3))
    tree = DecisionTreeClassifier(max_depth=1).fit(x, x[:, 1] > 0.2)

    def model(columns):
        return Answers(labels=tree.predict(np.column_stack([columns[name].values for name in "abc"])).astype(np.int64))

    probe, profile, _ = probed(dict(zip("abc", x.T, strict=True)), model)
    search = searched(probe, profile)
    true = np.abs(x[:, 1] - tree.tree_.threshold[0]) / np.sqrt(profile.columns["b"].variance)

    assert np.median(search.nearest / true) < 1.05
    assert attack_success_rate(probe, profile).details["columns"][0]["column"] == "b"


def test_success_is_the_share_within_the_distance_with_its_exact_interval():
    probe, profile, _ = probed(normal(150), labels_only(linear(WEIGHTS)))
    measured = attack_success_rate(probe, profile, distance=0.5, seed=1)
    true = np.count_nonzero(nearest_in_closed_form(probe, profile, 0.0) <= 0.5)
    hits = round(measured.value * 150)
    interval = binomtest(hits, 150).proportion_ci(0.95, "exact")

    assert true - 6 <= hits <= true
    assert (measured.low, measured.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert (measured.details["distance"], measured.details["found"]) == (0.5, 150)
    assert [one["strength"] for one in measured.details["curve"]] == [0.05, 0.1, 0.2, 0.5, 1.0]
    assert measured.details["curve"][3]["value"] == measured.value
    assert sum(one["share"] for one in measured.details["columns"]) == pytest.approx(1)
    assert canonical_json(measured)


def test_a_model_that_no_number_turns_is_turned_nowhere():
    def worded(columns):
        return Answers(labels=np.array([word == "u" for word in columns["w"].as_labels()], np.int64))

    probe, profile, asked = probed({"x": np.arange(40.0), "w": ["u", "v"] * 20}, worded)
    measured = attack_success_rate(probe, profile)

    assert (measured.value, measured.details["found"], measured.details["columns"]) == (0.0, 0, [])
    assert measured.details["distances"] == []
    assert len(asked) == measured.details["calls"] <= 3


def test_an_attack_rests_on_its_seed_and_on_no_unit():
    columns = normal(40)
    probe, profile, _ = probed(columns, labels_only(linear(WEIGHTS)))
    scaled, scaled_profile, _ = probed(
        {**columns, "a": columns["a"] * 1024}, labels_only(linear({**WEIGHTS, "a": 2.0 / 1024}))
    )
    first, again, other = (attack_success_rate(probe, profile, distance=0.3, seed=seed) for seed in (1, 1, 2))
    in_other_unit = attack_success_rate(scaled, scaled_profile, distance=0.3, seed=1)

    assert first == again
    assert first.details["distances"] != other.details["distances"]
    assert in_other_unit.value == first.value
    assert in_other_unit.details["columns"] == first.details["columns"]


def test_an_attack_takes_two_hundred_rows_within_a_tenth_of_a_deviation_unless_told_otherwise():
    probe, profile, _ = probed(normal(201), labels_only(linear(WEIGHTS)))
    measured = attack_success_rate(probe, profile, calls=9)

    assert measured == attack_success_rate(probe, profile, calls=9, distance=0.1, sample_size=200)
    assert (measured.n, measured.details["of_n"], measured.details["distance"]) == (200, 201, 0.1)


def test_an_attack_asks_up_to_ninety_eight_times_unless_told_otherwise():
    draws = np.random.default_rng(1)
    columns = {name: draws.normal(size=20) for name in "abcdefg"}
    probe, profile, _ = probed(columns, labels_only(linear(dict.fromkeys(columns, 1.0))))
    measured = attack_success_rate(probe, profile)

    assert measured == attack_success_rate(probe, profile, calls=98)
    # One call more is enough for another step.
    assert attack_success_rate(probe, profile, calls=99).details["calls"] == measured.details["calls"] + 9


def test_a_row_turned_at_the_very_distance_counts():
    probe, profile, _ = probed({"i": [0, 1] * 20}, labels_only(linear({"i": 1.0}, 0.5)))
    step = attack_success_rate(probe, profile).details["distances"][0]["distance"]
    at, below = (attack_success_rate(probe, profile, distance=one) for one in (step, np.nextafter(step, 0)))

    assert (at.value, below.value) == (1.0, 0.0)
    for measured in (at, below):
        assert {"strength": measured.details["distance"], "value": measured.value} in measured.details["curve"]


def test_columns_of_equal_part_keep_their_order():
    draws = np.random.default_rng(0)
    columns = {f"c{at:02}": draws.normal(size=20) for at in range(40)}
    probe, profile, _ = probed(columns, labels_only(linear({"c23": 1.0})))
    # So many calls end with the last column put back, when no other one has any part.
    told = attack_success_rate(probe, profile, calls=49).details["columns"]

    assert [one["share"] for one in told] == [1.0, *[0.0] * 39]
    assert [one["column"] for one in told] == sorted(columns, key=lambda name: name != "c23")


@pytest.mark.parametrize(
    ("columns", "model", "roles", "code"),
    [
        ({"w": ["a", "b"]}, lambda c: Answers(labels=np.array([0, 1])), {}, "no_numeric_features"),
        ({"x": [1.0, 1.0]}, lambda c: Answers(labels=np.array([0, 1])), {}, "no_numeric_features"),
        ({"x": [1.0, 2.0]}, lambda c: Answers(labels=np.array([1, 1])), {}, "one_class"),
        (
            {"x": [1.0, 2.0]},
            lambda c: Answers(labels=np.array([1.0, 2.0])),
            {"task": "regression"},
            "needs_classification",
        ),
        ({"x": []}, lambda c: Answers(labels=np.array([])), {}, "no_rows"),
    ],
)
def test_an_attack_refuses(columns, model, roles, code):
    probe, profile, _ = probed(columns, model, **roles)

    with pytest.raises(NotMeasurable) as refused:
        attack_success_rate(probe, profile)
    assert refused.value.code == code


def test_an_attack_refuses_a_distance_below_nought_and_takes_many_classes():
    def sector(columns):
        return Answers(labels=np.digitize(columns["x"].values, [-1.0, 1.0]))

    probe, profile, _ = probed(
        {"x": np.linspace(-3, 3, 61)}, sector, classes=(0, 1, 2), positive=None, task="multiclass"
    )

    with pytest.raises(UsageError, match="'distance'"):
        attack_success_rate(probe, profile, distance=-1.0)
    assert attack_success_rate(probe, profile, distance=10.0).value == 1.0


def test_an_attack_of_clustered_rows_has_a_wider_interval():
    columns = normal(100)
    alone, profile, _ = probed(columns, labels_only(linear(WEIGHTS)))
    clustered, _, _ = probed(columns, labels_only(linear(WEIGHTS)), entity=[1 + i // 20 for i in range(100)])
    first, second = (attack_success_rate(one, profile, distance=0.5, calls=30) for one in (alone, clustered))

    assert first.value == second.value
    assert second.method == "clopper_pearson_effective_n"
