"""Whether the other features give a group away."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score

from reliability.blocks import Column
from reliability.checks.fairness import proxies
from reliability.checks.fairness.proxies import proxy_auc
from reliability.checks.sampled import auc_counts, parts_of
from reliability.errors import NotMeasurable
from reliability.evidence.probe import GroupSample
from reliability.evidence.sample import Sample
from reliability.intervals.ranks import auc_interval
from reliability.records import canonical_json
from tests.builders import block


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    """A tenth of the trees: enough for what is asked here, and the tests stay quick."""
    monkeypatch.setattr(proxies, "_TREES", 20)


def numbers(values):
    return Column(kind="f8", values=np.asarray(values, np.float64), missing=np.zeros(len(values), np.bool_))


def sampled(groups, columns, attributes=("g",), size=20_000, **kept):
    named = groups if isinstance(groups, dict) else {"g": list(groups)}
    rows = block([0] * len(next(iter(named.values()))), groups=named, columns=columns, **kept)
    return GroupSample(sample=Sample.of(rows, seed=1, size=size), attributes=attributes)


def two(n=1_000, shift=1.0, seed=0, others=3):
    draws = np.random.default_rng(seed)
    member = draws.integers(0, 2, n)
    columns = {"told": numbers(draws.normal(size=n) + shift * member)}
    return ["FM"[one] for one in member], columns | {
        f"x{place}": numbers(draws.normal(size=n)) for place in range(others)
    }


def test_area_is_near_what_theory_says_of_two_normals():
    measured = proxy_auc(sampled(*two(3_000, others=1)), seed=2)

    assert measured.value == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.05)
    assert measured.low < measured.value < measured.high
    assert (measured.unit, measured.method, measured.judged) == ("auc", "newcombe_delong", True)


@pytest.mark.parametrize(("n", "least"), [(200, 5), (2_400, 6)])
def test_area_is_that_of_the_same_trees_by_sklearn(n, least):
    # Half of the columns, a leaf of one row in two hundred: with fewer columns or rows other rules give the same.
    groups, columns = two(n, others=7)
    given_ = sampled(groups, columns)
    measured = proxy_auc(given_, seed=7)
    learning = parts_of(given_.sample, 2, seed=7) == 0
    ranks = np.column_stack([np.unique(column.values, return_inverse=True)[1] for column in columns.values()])
    trees = ExtraTreesClassifier(n_estimators=20, min_samples_leaf=least, max_features=0.5, random_state=7)
    member = np.array(groups) == "M"
    scores = trees.fit(ranks[learning], member[learning]).predict_proba(ranks[~learning])[:, 1].round(9)

    assert measured.value == pytest.approx(roc_auc_score(member[~learning], scores), abs=1e-9)
    assert measured.n == (~learning).sum()
    assert least == 5 or learning.sum() // 200 == 6 > learning.sum() // 201


def test_both_of_two_groups_have_the_same_area_and_make_one_comparison():
    measured = proxy_auc(sampled(*two()), seed=1)
    first, second = measured.details["groups"]

    assert first["value"] == pytest.approx(second["value"], abs=1e-3)
    assert (measured.low, measured.high) == pytest.approx((first["low"], first["high"]), abs=5e-3)
    assert first["n"] + second["n"] == measured.n


def test_a_feature_that_is_the_group_gives_it_away_and_is_named_first():
    groups, columns = two()
    copied = {"copy": [{"F": 0.5, "M": 1.5}[one] for one in groups], **columns}
    measured = proxy_auc(sampled(groups, copied))

    assert measured.value > 0.999
    assert measured.details["features"][0] == {"column": "copy", "value": 1.0}


@pytest.mark.parametrize("kind", ["text", "bool", "missing", "missing or nought", "middle"])
def test_a_proxy_of_any_shape_is_found(kind):
    draws = np.random.default_rng(3)
    member = draws.random(1_500) < 0.5
    noisy = member ^ (draws.random(1_500) < 0.1)
    column = {
        "text": [f"동네{draws.integers(0, 5) + 5 * one}" for one in noisy],
        "bool": noisy.tolist(),
        "missing": [None if one else 1.5 for one in noisy],
        # A missing value stands as 0 in the column.
        "missing or nought": [None if one else 0.0 for one in noisy],
        "middle": numbers(np.where(noisy, 0.0, draws.choice([-9.0, 9.0], 1_500)) + draws.normal(size=1_500)),
    }[kind]
    measured = proxy_auc(sampled(member.tolist(), {"x": numbers(draws.normal(size=1_500)), "proxy": column}))

    assert measured.value == pytest.approx(0.9, abs=0.04)
    assert measured.details["features"][0]["column"] == "proxy"
    assert measured.details["features"][0]["value"] > 0.85


def test_the_attribute_itself_is_no_proxy_of_itself():
    groups, columns = two(shift=0.0)
    measured = proxy_auc(sampled(groups, columns | {"g": groups}))

    assert measured.low < 0.5 < measured.high
    assert "g" not in {one["column"] for one in measured.details["features"]}


def test_worst_of_many_groups_is_the_value_and_its_ends_the_larger_ones():
    draws = np.random.default_rng(4)
    code = draws.integers(0, 4, 2_000)
    columns = {"x": numbers(draws.normal(size=2_000) + 3 * (code == 2)), "z": numbers(draws.normal(size=2_000))}
    measured = proxy_auc(sampled(["abcd"[one] for one in code], columns))
    groups = measured.details["groups"]

    assert measured.details["worst"] == [{"g": "c"}]
    assert measured.value == max(one["value"] for one in groups)
    assert (measured.low, measured.high) == (max(one["low"] for one in groups), max(one["high"] for one in groups))


def test_more_groups_at_once_make_wider_intervals():
    groups, columns = two()
    three = [one if place % 3 else "X" for place, one in enumerate(groups)]
    widths = [
        next(one["high"] - one["low"] for one in proxy_auc(sampled(each, columns), seed=1).details["groups"])
        for each in (groups, three)
    ]

    assert widths[0] < widths[1]


def test_ten_largest_groups_are_compared():
    code = [place % 12 if place < 1_200 else 0 for place in range(1_300)]
    draws = np.random.default_rng(5)
    measured = proxy_auc(sampled(code, {"x": numbers(draws.normal(size=1_300))}))

    assert sum(one["judged"] for one in measured.details["groups"]) == 10
    assert (measured.judged, measured.reason.code) == (False, "small_groups")


def test_the_groups_left_out_beyond_ten_are_the_smallest_wherever_they_stand():
    code = [place % 12 for place in range(1_200) if place % 12 not in {0, 5} or place < 800]
    columns = {"x": numbers(np.random.default_rng(5).normal(size=len(code)))}
    measured = proxy_auc(sampled(code, columns))

    assert [one["slice"]["g"] for one in measured.details["groups"] if not one["judged"]] == [0, 5]


def test_small_and_unknown_groups_are_listed_and_left_out():
    groups, columns = two()
    some = [None if place < 10 else "X" if place < 20 else one for place, one in enumerate(groups)]
    measured = proxy_auc(sampled(some, columns))
    listed = {one["slice"]["g"]: (one["judged"], one["value"] is None) for one in measured.details["groups"]}

    assert listed == {"F": (True, False), "M": (True, False), "X": (False, True), None: (False, True)}
    assert measured.judged


@pytest.mark.parametrize(("gone", "judged"), [(50, True), (51, False)])
def test_more_than_five_percent_of_unknown_rows_are_not_judged(gone, judged):
    groups, columns = two()
    measured = proxy_auc(sampled([None] * gone + groups[gone:], columns))

    assert measured.judged is judged
    assert judged or measured.reason.with_ == {"by": ["g"], "share": 0.051}


def test_a_pair_of_attributes_is_told_apart_by_its_combinations():
    draws = np.random.default_rng(6)
    named = {"a": draws.integers(0, 2, 800).tolist(), "b": draws.integers(0, 2, 800).tolist()}
    both = np.array(named["a"]) & np.array(named["b"])
    measured = proxy_auc(sampled(named, {"x": numbers(draws.normal(size=800) + 3 * both)}, ("a", "b")))

    assert measured.details["worst"] == [{"a": 1, "b": 1}]
    assert len(measured.details["groups"]) == 4


def test_clustered_rows_have_a_value_and_are_not_judged():
    groups, columns = two(400)
    measured = proxy_auc(sampled(groups, columns, entity=[place // 2 for place in range(400)]))

    assert measured.value > 0.5
    assert (measured.low, measured.high, measured.judged, measured.reason.code) == (None, None, False, "clustered_rows")


def test_features_that_say_nothing_are_hardly_ever_taken_for_proxies():
    above, covered, runs = 0, 0, 40
    for seed in range(runs):
        measured = proxy_auc(sampled(*two(150, shift=0.0, seed=seed, others=2)), seed=seed)
        above += measured.low > 0.5
        covered += measured.low <= 0.5 <= measured.high

    assert above <= 3
    assert covered >= runs * 0.9


def test_order_of_rows_cuts_of_blocks_and_monotone_scales_change_nothing():
    groups, columns = two(500)
    rows = block([0] * 500, groups={"g": groups}, columns=columns)
    first, second = (Sample.of(rows.where(np.arange(*ends)), seed=1, size=20_000) for ends in ((0, 200), (200, 500)))
    scaled = {name: numbers(np.exp(column.values) * 1e30) for name, column in columns.items()}
    whole = proxy_auc(sampled(groups, columns), seed=3)

    for other in (GroupSample(sample=second + first, attributes=("g",)), sampled(groups, scaled)):
        assert canonical_json(proxy_auc(other, seed=3).model_dump()) == canonical_json(whole.model_dump())


def test_more_rows_than_the_bound_are_sampled():
    groups, columns = two(6_000, others=0)
    measured = proxy_auc(sampled(groups, columns))

    assert 2_300 < measured.n < 2_700
    assert measured.details["of_n"] == 6_000


@pytest.mark.parametrize(
    "groups", [["F"] * 100, [None] * 100, ["F"] * 71 + ["M"] * 29, [str(place) for place in range(100)], ["F"]]
)
def test_without_two_groups_large_enough_nothing_is_said(groups):
    draws = np.random.default_rng(7)
    measured = proxy_auc(sampled(groups, {"x": numbers(draws.normal(size=len(groups)))}))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")
    assert sum(one["n"] for one in measured.details["groups"]) == len(groups)


@pytest.mark.parametrize("column", [[1.5] * 100, [None] * 100, ["a"] * 100])
def test_a_feature_of_one_value_tells_nothing(column):
    measured = proxy_auc(sampled(["F", "M"] * 50, {"x": column}))

    assert (measured.value, measured.details["features"]) == (0.5, [{"column": "x", "value": 0.5}])
    assert measured.low < 0.5 < measured.high


@given(st.integers(60, 200), st.integers(2, 5), st.integers(0, 2**48))
@settings(max_examples=10, deadline=None)
def test_whatever_the_rows_the_area_lies_in_its_interval(n, groups, seed):
    draws = np.random.default_rng(seed)
    columns = {"a": draws.integers(0, 4, n).tolist(), "b": [None] * n}
    measured = proxy_auc(sampled(draws.integers(0, groups, n).tolist(), columns), seed=seed)

    assert measured.value is None or 0 <= measured.low <= measured.value <= measured.high <= 1


@pytest.mark.parametrize(
    ("groups", "columns", "code"),
    [([], {"x": []}, "no_rows"), (["F", "M"], {"g": ["F", "M"]}, "no_features"), (["F"], {}, "no_features")],
)
def test_proxy_auc_is_refused_when(groups, columns, code):
    with pytest.raises(NotMeasurable) as caught:
        proxy_auc(sampled(groups, columns))

    assert caught.value.code == code


def own_area(column, member, learning, bins=20):
    """Area of one feature's rates by bin, learned on one half, by plain loops."""
    codes = [-1 if gone else value for value, gone in zip(column.values.tolist(), column.missing, strict=True)]
    ordered = sorted(codes)
    if len(set(codes)) > bins:
        edges = sorted({ordered[(len(ordered) - 1) * place // bins] for place in range(1, bins)})
        codes = [sum(value >= edge for edge in edges) for value in codes]
    share = member[learning].mean()
    rates = {}
    for code in set(codes):
        rows = [row for row in np.flatnonzero(learning) if codes[row] == code]
        rates[code] = (sum(bool(member[row]) for row in rows) + share) / (len(rows) + 1)
    scores = np.array([round(rates[code], 9) for code in codes])
    return roc_auc_score(member[~learning], scores[~learning])


def test_areas_of_single_features_are_counted_by_hand():
    groups, columns = two(400, others=2)
    columns = columns | {"town": ["abc"[(place * 7) % 3] for place in range(400)]}
    given_ = sampled(groups, columns)
    measured = proxy_auc(given_, seed=4)
    learning = parts_of(given_.sample, 2, seed=4) == 0
    member = np.array(groups) == measured.details["worst"][0]["g"]
    expected = {name: own_area(column, member, learning) for name, column in given_.sample.columns.items()}

    assert {one["column"]: one["value"] for one in measured.details["features"]} == pytest.approx(expected, abs=1e-9)
    assert [one["column"] for one in measured.details["features"]] == sorted(expected, key=expected.get, reverse=True)


def test_five_features_at_most_are_named():
    groups, columns = two(200, others=9)

    assert len(proxy_auc(sampled(groups, columns)).details["features"]) == 5


def test_a_stronger_proxy_has_a_larger_area():
    areas = [proxy_auc(sampled(*two(2_000, shift=shift, seed=1)), seed=1).value for shift in (0.0, 0.5, 1.0, 3.0)]

    assert areas == sorted(areas)
    assert areas[-1] > 0.97


def test_names_of_groups_change_nothing():
    groups, columns = two(300)
    other = [{"F": "b", "M": "c"}[one] for one in groups]
    first, second = (proxy_auc(sampled(each, columns), seed=1) for each in (groups, other))

    assert (first.value, first.low, first.high) == (second.value, second.low, second.high)


def test_numbers_beyond_float32_are_taken():
    groups, columns = two(200)
    wide = {name: numbers(column.values * 1e300) for name, column in columns.items()}

    assert proxy_auc(sampled(groups, wide)).value == proxy_auc(sampled(groups, columns)).value


def test_halves_and_trees_follow_the_seed():
    given_ = sampled(*two(300))

    assert proxy_auc(given_, seed=1) == proxy_auc(given_, seed=1)
    assert proxy_auc(given_, seed=1).value != proxy_auc(given_, seed=2).value


def test_a_seed_of_any_size_is_taken():
    assert proxy_auc(sampled(*two(120)), seed=2**48 - 1).value is not None


def halves(given_, seed):
    learning = parts_of(given_.sample, 2, seed=seed) == 0
    return learning, ~learning


def scores_of(columns, codes, learning, measuring, seed, trees=20):
    """Scores by the same trees, group by group, from plain ranks."""
    ranks = np.column_stack([np.unique(column.values, return_inverse=True)[1] for column in columns.values()])
    grown = ExtraTreesClassifier(n_estimators=trees, min_samples_leaf=5, max_features=0.5, random_state=seed)
    grown.fit(ranks[learning], codes[learning])
    return dict(enumerate(grown.predict_proba(ranks[measuring]).round(9).T))


def listed(name, value, n, limits=(None, None), judged=True):
    return {
        "slice": {"g": name},
        "value": value,
        "low": limits[0],
        "high": limits[1],
        "n": n,
        "judged": judged,
    }


def test_the_whole_record_of_three_groups():
    draws = np.random.default_rng(11)
    codes = draws.integers(0, 3, 200)
    columns = {name: numbers(draws.normal(size=200) + shift * (codes == 2)) for name, shift in (("a", 1.5), ("b", 0))}
    given_ = sampled(["FMX"[one] for one in codes], columns)
    measured = proxy_auc(given_, confidence=0.9, seed=3)
    learning, measuring = halves(given_, 3)
    scores = scores_of(columns, codes, learning, measuring, 3)
    areas = {one: roc_auc_score(codes[measuring] == one, scores[one]) for one in range(3)}
    own = {
        one: auc_interval(auc_counts(scores[one], codes[measuring] == one), confidence=1 - 0.1 / 3) for one in range(3)
    }
    features = {name: own_area(column, codes == 2, learning) for name, column in columns.items()}

    assert max(areas, key=areas.get) == 2
    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(areas[2], abs=1e-12),
        "low": max(low for low, _ in own.values()),
        "high": max(high for _, high in own.values()),
        "n": int(measuring.sum()),
        "unit": "auc",
        "method": "newcombe_delong",
        "details": {
            "of_n": 200,
            "groups": [
                listed(name, pytest.approx(areas[one]), int((codes[measuring] == one).sum()), own[one])
                for one, name in enumerate("FMX")
            ],
            "worst": [{"g": "X"}],
            "features": [
                {"column": name, "value": pytest.approx(features[name])}
                for name in sorted(features, key=features.get, reverse=True)
            ],
        },
    }


def test_the_whole_record_where_no_group_is_compared():
    measured = proxy_auc(sampled(["F"] * 90 + ["M"] * 29 + [None] * 4, {"x": numbers(np.arange(123.0))}))

    assert measured.model_dump(exclude_defaults=True) == {
        "value": None,
        "n": 0,
        "unit": "auc",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["g"]}},
        "details": {
            "groups": [
                listed("F", None, 90, judged=False),
                listed("M", None, 29, judged=False),
                listed(None, None, 4, judged=False),
            ]
        },
    }


@pytest.mark.parametrize(("rows", "compared"), [(29, False), (30, True)])
def test_thirty_rows_of_a_group_and_of_others_are_needed(rows, compared):
    measured = proxy_auc(sampled(["F"] * 80 + ["M"] * rows, two(80 + rows)[1]), seed=1)

    assert [one["judged"] for one in measured.details["groups"]] == [compared, compared]
    assert (measured.value is not None) is compared


def test_unknown_rows_are_no_other_group():
    measured = proxy_auc(sampled(["F"] * 80 + [None] * 60, two(140)[1]))

    assert (measured.value, measured.reason.code) == (None, "fewer_than_two_groups")


def alike(n, entities, seed=0):
    """Rows by entity with what a hash of theirs chooses: the half that learns or the one that measures."""
    rows = block([0] * n, columns={"x": list(range(n))}, groups={"g": ["F"] * n}, entity=entities)
    return parts_of(Sample.of(rows, seed=1, size=n), 2, seed=seed)


@pytest.mark.parametrize(("measured_rows", "compared"), [(9, False), (10, True)])
def test_ten_rows_of_a_group_are_needed_on_the_half_that_measures(measured_rows, compared):
    # Every row is an entity of its own, so that its half is known beforehand.
    entities = np.arange(400, dtype=np.uint64)
    part = alike(400, entities)
    learning, measuring = np.flatnonzero(part == 0), np.flatnonzero(part == 1)
    few = np.concatenate((learning[:40], measuring[:measured_rows]))
    many = np.concatenate((learning[40:90], measuring[20:70]))
    chosen = np.concatenate((few, many))
    groups = ["M"] * len(few) + ["F"] * len(many)
    columns = {"x": numbers(np.random.default_rng(1).normal(size=len(chosen)))}
    measured = proxy_auc(sampled(groups, columns, entity=entities[chosen]))

    assert [one["judged"] for one in measured.details["groups"]] == [compared, compared]
    assert [one["n"] for one in measured.details["groups"]] == ([50, 10] if compared else [100, 49])


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_limits_hold_for_all_groups_at_once(groups):
    draws = np.random.default_rng(groups)
    codes = np.arange(200) % groups
    columns = {"x": numbers(draws.normal(size=200) + (codes == 0))}
    given_ = sampled(["abcd"[one] for one in codes], columns)
    measured = proxy_auc(given_, seed=5)
    learning, measuring = halves(given_, 5)
    scores = scores_of(columns, codes, learning, measuring, 5)
    apart = 1 if groups == 2 else groups
    for one, group in enumerate(measured.details["groups"]):
        counts = auc_counts(scores[one], codes[measuring] == one)

        assert (group["low"], group["high"]) == auc_interval(counts, confidence=1 - 0.05 / apart)


def test_a_small_third_group_makes_three_comparisons_no_two():
    # Its rows are ranked among the others, so that the two that are compared are not each other's rest.
    draws = np.random.default_rng(12)
    codes = np.array([0] * 95 + [1] * 95 + [2] * 8)
    columns = {"x": numbers(draws.normal(size=198) + (codes == 0))}
    given_ = sampled(["FMX"[one] for one in codes], columns)
    measured = proxy_auc(given_, seed=2)
    learning, measuring = halves(given_, 2)
    scores = scores_of(columns, codes, learning, measuring, 2)
    group = measured.details["groups"][0]

    assert (group["low"], group["high"]) == auc_interval(
        auc_counts(scores[0], codes[measuring] == 0), confidence=1 - 0.05 / 2
    )
    assert measured.details["groups"][2] == listed("X", None, 8, judged=False)
    assert measured.n == measuring.sum()
    assert measured.judged


@pytest.mark.parametrize(("small", "judged"), [(9, True), (10, False)])
def test_a_twentieth_of_the_rows_may_be_left_out(small, judged):
    groups = ["F", "M"] * 90 + ["X"] * small
    measured = proxy_auc(sampled(groups, two(180 + small)[1]))

    assert measured.judged is judged
    assert judged or measured.reason.model_dump() == {
        "code": "small_groups",
        "with": {"by": ["g"], "share": 10 / 190},
    }


def test_the_whole_record_of_clustered_rows():
    groups, columns = two(160)
    measured = proxy_auc(sampled(groups, columns, entity=np.arange(160) // 2), seed=2)

    assert measured.model_dump(exclude={"details", "value", "n"}, exclude_defaults=True) == {
        "unit": "auc",
        "method": "newcombe_delong",
        "judged": False,
        "reason": {"code": "clustered_rows"},
    }
    assert [(one["low"], one["high"], one["judged"]) for one in measured.details["groups"]] == [(None, None, True)] * 2
    assert set(measured.details) == {"of_n", "groups", "worst", "features"}


def test_clusters_are_named_before_groups_that_are_left_out():
    groups = ["F", "M"] * 70 + ["X"] * 20
    measured = proxy_auc(sampled(groups, two(160)[1], entity=np.arange(160)))

    assert measured.reason.code == "clustered_rows"


def test_groups_stand_in_natural_order_whatever_the_order_of_rows():
    groups = [(10, 2, None, 1)[place % 4] for place in range(160)]
    measured = proxy_auc(sampled(groups, two(160)[1]))

    assert [one["slice"]["g"] for one in measured.details["groups"]] == [1, 2, 10, None]


def test_rows_of_unknown_groups_neither_learn_nor_measure():
    groups, columns = two(190)
    unknown = [None if place < 9 else one for place, one in enumerate(groups)]
    given_ = sampled(unknown, columns)
    measured = proxy_auc(given_, seed=6)
    learning, measuring = halves(given_, 6)
    known = np.arange(190) >= 9
    codes = np.array([{"F": 0, "M": 1}[one] for one in groups])
    scores = scores_of(columns, codes, learning & known, measuring & known, 6)
    expected = [roc_auc_score(codes[measuring & known] == one, scores[one]) for one in (0, 1)]

    assert [one["value"] for one in measured.details["groups"][:2]] == pytest.approx(expected)
    assert measured.details["groups"][2] == listed(None, None, 9, judged=False)
    assert measured.n == (measuring & known).sum()


def test_missing_values_stand_below_all_others():
    groups = ["F", "M"] * 90
    gone = {"F": None, "M": 5}
    columns = {"x": [gone[one] if place % 9 else 7 for place, one in enumerate(groups)]}
    lowest = {"x": [{"F": -3, "M": 5}[one] if place % 9 else 7 for place, one in enumerate(groups)]}
    here, there = (proxy_auc(sampled(groups, each), seed=1) for each in (columns, lowest))

    assert here == there
    assert here.value > 0.85


def test_the_value_under_a_missing_mark_is_never_read():
    groups, _ = two(150)
    draws = np.random.default_rng(0)
    missing = draws.random(150) < 0.3
    columns = [
        {"x": Column(kind="f8", values=np.where(missing, fill, np.arange(150) % 7), missing=missing)}
        for fill in (-9.0, 3.0, 99.0)
    ]
    found = [proxy_auc(sampled(groups, each), seed=1).value for each in columns]

    assert len(set(found)) == 1


def test_text_enters_by_its_sorted_values():
    groups, _ = two(150)
    codes = [place % 5 for place in range(150)]
    told = proxy_auc(sampled(groups, {"x": ["edcba"[code] for code in codes]}), seed=1)
    ranked = proxy_auc(sampled(groups, {"x": numbers([4 - code for code in codes])}), seed=1)

    assert told == ranked


def test_features_that_tell_alike_stand_in_order_of_their_names():
    groups, columns = two(150, others=0)
    copies = dict.fromkeys(("d", "b", "a", "c"), columns["told"])
    features = proxy_auc(sampled(groups, copies), seed=1).details["features"]

    assert [one["column"] for one in features] == ["a", "b", "c", "d"]
    assert len({one["value"] for one in features}) == 1


def test_the_strongest_feature_stands_first():
    draws = np.random.default_rng(13)
    member = draws.integers(0, 2, 200)
    columns = {f"x{shift}": numbers(draws.normal(size=200) + shift * member) for shift in (0, 4, 1, 2)}
    features = proxy_auc(sampled(member.tolist(), columns), seed=1).details["features"]

    assert [one["column"] for one in features][:2] == ["x4", "x2"]
    assert [one["value"] for one in features] == sorted((one["value"] for one in features), reverse=True)


def test_both_attributes_of_a_pair_are_left_out_of_the_features():
    draws = np.random.default_rng(14)
    named = {"a": draws.integers(0, 2, 200).tolist(), "b": draws.integers(0, 2, 200).tolist()}
    given_ = sampled(named, {"x": numbers(draws.normal(size=200)), "a": named["a"], "b": named["b"]}, ("a", "b"))
    measured = proxy_auc(given_)

    assert [one["column"] for one in measured.details["features"]] == ["x"]
    assert [one["slice"] for one in measured.details["groups"]] == [
        {"a": 0, "b": 0},
        {"a": 0, "b": 1},
        {"a": 1, "b": 0},
        {"a": 1, "b": 1},
    ]


def test_the_first_of_groups_that_are_told_apart_alike_is_the_worst():
    measured = proxy_auc(sampled(["M", "F"] * 60, {"x": [1.5] * 120}))

    assert (measured.value, measured.details["worst"]) == (0.5, [{"g": "F"}])


def test_halves_are_those_of_seed_nought_at_95_percent_where_nothing_else_is_said():
    given_ = sampled(*two(150))

    assert proxy_auc(given_) == proxy_auc(given_, confidence=0.95, seed=0)
    assert proxy_auc(given_).high < proxy_auc(given_, confidence=0.96).high


@pytest.mark.parametrize("seed", [0, 5, 2**32, 2**32 + 5])
def test_trees_are_seeded_by_the_lower_half_of_the_seed(seed):
    groups, columns = two(160)
    given_ = sampled(groups, columns)
    learning, measuring = halves(given_, seed)
    codes = np.array([{"F": 0, "M": 1}[one] for one in groups])
    scores = scores_of(columns, codes, learning, measuring, seed % 2**32)
    found = proxy_auc(given_, seed=seed).details["groups"]

    assert [one["value"] for one in found] == pytest.approx(
        [roc_auc_score(codes[measuring] == one, scores[one]) for one in (0, 1)], abs=1e-12
    )


def test_a_half_that_learns_nothing_tells_nothing():
    # All rows of known groups are entities of the measuring half.
    entities = np.arange(600, dtype=np.uint64)
    chosen = np.flatnonzero(alike(600, entities) == 1)[:120]
    draws = np.random.default_rng(2)
    columns = {"x": numbers(draws.normal(size=120))}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured = proxy_auc(sampled(["F", "M"] * 60, columns, entity=entities[chosen]))

    assert measured.value == 0.5
    assert measured.details["features"] == [{"column": "x", "value": 0.5}]
    assert measured.n == 120


@pytest.mark.parametrize("distinct", [20, 21])
def test_values_are_binned_where_they_are_more_than_twenty(distinct):
    draws = np.random.default_rng(distinct)
    member = np.arange(200) % 2
    values = numbers((np.arange(200) // 2 + 3 * member * draws.integers(0, 2, 200)) % distinct)
    given_ = sampled(member.tolist(), {"x": values})
    measured = proxy_auc(given_, seed=4)
    learning, _ = halves(given_, 4)
    worst = measured.details["worst"][0]["g"]

    assert measured.details["features"][0]["value"] == pytest.approx(
        own_area(values, member == worst, learning), abs=1e-12
    )


@pytest.mark.parametrize(
    ("groups", "columns", "code"),
    [([], {"x": []}, "no_rows"), (["F", "M"], {"g": ["F", "M"]}, "no_features")],
)
def test_why_proxies_are_not_measured_is_told_by_its_code(groups, columns, code):
    with pytest.raises(NotMeasurable) as caught:
        proxy_auc(sampled(groups, columns))

    assert str(caught.value) == caught.value.code == code
