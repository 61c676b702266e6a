import itertools
from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from reliability.blocks import Dependency
from reliability.checks.data_quality.completeness import group_missing_gap
from reliability.checks.data_quality.dictionary import dependency_violations
from reliability.checks.data_quality.labels import (
    disputed_labels,
    disputed_labels_difference,
    labels_disputed_by_linear_model,
)
from reliability.checks.data_quality.repeats import contradictory_labels, duplicate_rows
from reliability.checks.data_quality.representation import (
    population_distance,
    population_share_ratio,
    smallest_class_share,
    smallest_class_size,
    smallest_group_size,
)
from reliability.checks.data_quality.timeliness import rows_out_of_order, training_age
from reliability.errors import ChecklistError
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.dependency_pairs import DependencyPairs
from reliability.evidence.group_missing import GroupMissing
from reliability.evidence.group_population import GroupPopulation
from reliability.evidence.group_sizes import GroupSizes
from reliability.evidence.probe import GroupSample
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.row_times import RowTimes
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.builders import block
from tests.checks.data_quality.counting import exact, in_blocks, refusal_of, rows_of

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ZIP_CITY = Dependency(given=("zip",), fixes="city")
BOTH = Dependency(given=("zip", "city"), fixes="x")


def digests(y, **columns):
    return RowDigests.of(block(y, columns=columns))


def times(values, **more):
    return RowTimes.of(rows_of({"t": values}, time="t", **more))


def population(values, shares):
    return GroupPopulation.of(block([0] * len(values), groups={"g": values}, population={"g": shares}), ("g",))


def sampled(*args, **more):
    return Sample.of(block(*args, **more), seed=0, size=20_000)


def classes(labels, known, **more):
    return ColumnHistogram.of(block(labels, classes=known, positive=None, task="multiclass", **more))


CELLS = st.tuples(
    st.integers(0, 2), st.sampled_from([None, 0, 1, 2**53, -(2**53)]), st.sampled_from([None, "", "가", "🙂", "a"])
)


@QUICK
@given(st.lists(CELLS, min_size=1, max_size=40))
def test_duplicates_and_contradictions_are_what_a_walk_through_the_rows_finds(rows):
    met, targets, repeated = set(), defaultdict(set), []
    for at, row in enumerate(rows):
        if row in met:
            repeated.append(at)
        met.add(row)
        targets[row[1:]].add(row[0])
    differing = [at for at, row in enumerate(rows) if len(targets[row[1:]]) > 1]
    columns = {"x": [row[1] for row in rows], "w": [row[2] for row in rows]}
    labels = [row[0] for row in rows]
    counted = RowDigests.of(block(labels, columns=columns, classes=(0, 1, 2), task="multiclass", positive=None))

    for check, expected in ((duplicate_rows, repeated), (contradictory_labels, differing)):
        measured = check(counted)
        assert measured.details["rows_found"] == len(expected)
        assert measured.details["positions"] == expected[:20]
        assert measured.value == len(expected) / len(rows)


@pytest.mark.parametrize("times_over", [2, 3, 7])
def test_a_file_written_several_times_repeats_all_but_its_first_rows(times_over):
    x = list(range(30)) * times_over
    measured = duplicate_rows(digests([0] * len(x), x=x))

    assert measured.value == (times_over - 1) / times_over
    assert measured.details["positions"] == list(range(30, 50))
    assert contradictory_labels(digests([0] * len(x), x=x)).value == 0.0


@pytest.mark.parametrize(
    "pair", [[2**53, 2**53 + 1], [2**62, 2**62 + 1], ["가", "나"], ["é", "e\u0301"], ["🙂", "🙃"], [0.1 + 0.2, 0.3]]
)
def test_values_that_look_alike_are_no_duplicates(pair):
    assert duplicate_rows(digests([1, 1], x=pair)).value == 0.0
    assert contradictory_labels(digests([0, 1], x=pair)).value == 0.0


def test_swapped_cells_of_two_columns_are_no_duplicates():
    assert duplicate_rows(digests([1, 1], a=[1, 2], b=[2, 1])).value == 0.0
    assert duplicate_rows(digests([1, 1], a=[None, 1], b=[1, None])).value == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_repeats_do_not_depend_on_the_order_of_columns(seed):
    draws = np.random.default_rng(seed)
    columns = {name: draws.integers(0, 3, 60).tolist() for name in "abc"}
    labels = draws.integers(0, 2, 60)
    for check in (duplicate_rows, contradictory_labels):
        found = [check(digests(labels, **{name: columns[name] for name in names})) for names in ("abc", "cab", "bca")]
        assert found[0] == found[1] == found[2]
        assert found[0].value > 0


def test_contradictions_in_a_regression_are_equal_features_with_other_numbers():
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"x": draws.integers(0, 40, 80), "y": draws.choice([1.5, 1e300, -2.0], 80)})
    rows = block(frame.y.tolist(), columns={"x": frame.x.tolist()}, task="regression")
    differing = frame.groupby("x").y.transform("nunique") > 1

    assert contradictory_labels(RowDigests.of(rows)).details["rows_found"] == int(differing.sum())
    assert duplicate_rows(RowDigests.of(rows)).details["rows_found"] == int(frame.duplicated().sum())


def broken(rows):
    """Fewest cells to change by trying every value for every group; undecided rows; rows of rarer values."""
    by = defaultdict(list)
    for at, (given_cell, fixed) in enumerate(rows):
        if given_cell is not None and fixed is not None:
            by[given_cell].append((at, fixed))
    changes, undecided, rarer = 0, 0, defaultdict(list)
    for given_cell, cells in by.items():
        counts = Counter(fixed for _, fixed in cells)
        most = max(counts.values())
        changes += min(sum(fixed != value for _, fixed in cells) for value in counts)
        top = [value for value in counts if counts[value] == most]
        undecided += most * len(top) if len(top) > 1 else 0
        for at, fixed in cells:
            if fixed not in top:
                rarer[given_cell, fixed].append(at)
    at = sorted(itertools.chain.from_iterable(places[:4] for places in rarer.values()))
    return changes, undecided, at[:20], sum(map(len, by.values()))


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3, None]), st.sampled_from(["전주", "익산", "🙂", None])),
        min_size=1,
        max_size=60,
    )
)
def test_dependency_violations_and_their_rows_are_what_a_search_finds(rows):
    rows = [*rows, (9, "z")]
    counted = DependencyPairs.of(rows_of({"zip": [a for a, _ in rows], "city": [b for _, b in rows]},
                                         dependencies=(ZIP_CITY,)))  # fmt: skip
    changes, undecided, at, cells = broken(rows)
    measured = dependency_violations(counted)

    assert (measured.details["violations"], measured.details["cells"]) == (changes, cells)
    assert measured.value == changes / cells
    assert [(one["undecided"], one["positions"]) for one in measured.details["columns"]] == [(undecided, at)] * (
        changes > 0
    )


def test_a_column_of_its_own_rows_fixes_everything_and_a_constant_one_fixes_the_commonest():
    city = ["a"] * 5 + ["b"] * 3 + ["c"]
    rows = rows_of({"zip": list(range(9)), "city": city}, dependencies=(ZIP_CITY,))
    same = rows_of({"zip": [7] * 9, "city": city}, dependencies=(ZIP_CITY,))

    assert dependency_violations(DependencyPairs.of(rows)).value == 0.0
    assert dependency_violations(DependencyPairs.of(same)).value == 4 / 9


def test_positions_of_a_broken_dependency_are_twenty_at_most():
    rows = rows_of({"zip": [1] * 160, "city": [*(f"c{at // 4}" for at in range(80)), *["a"] * 80]},
                   dependencies=(ZIP_CITY,))  # fmt: skip
    (one,) = dependency_violations(DependencyPairs.of(rows)).details["columns"]

    assert (one["violations"], one["positions"]) == (80, list(range(20)))


@QUICK
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60), st.permutations("abcd"))
def test_class_sizes_are_what_is_counted_whatever_the_order_of_the_classes(labels, known):
    counts = Counter(labels)
    counted = classes(labels, tuple(known))
    size, share = smallest_class_size(counted), smallest_class_share(counted)

    assert size.value == min(counts[name] for name in known)
    assert share.value == size.value / len(labels)
    assert counts[size.details["class"]] == size.value
    assert [(one["class"], one["n"]) for one in size.details["classes"]] == [(name, counts[name]) for name in known]
    assert sum(one["value"] for one in share.details["classes"]) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("k", [2, 3, 50, 300])
def test_a_file_of_one_row_has_classes_without_rows(k):
    counted = classes([k - 1], tuple(range(k)))

    assert (smallest_class_size(counted).value, smallest_class_size(counted).details["class"]) == (0, 0)
    assert smallest_class_share(counted).details["classes"][-1] == {"class": k - 1, "n": 1, "value": 1.0}


@pytest.mark.parametrize("names", [("예", "아니오"), ("🙂", "🙃"), (True, False), (-1, 1), (0.5, 1.5)])
def test_classes_are_named_as_they_are_written(names):
    counted = ColumnHistogram.of(block([names[1], names[0], names[1]], classes=names, positive=names[1]))

    assert smallest_class_size(counted).details["class"] == names[0]
    assert smallest_class_share(counted).value == 1 / 3


GROUPS = st.lists(st.sampled_from(["a", "b", "전주", None]), min_size=1, max_size=80)
WEIGHTS = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any)


@QUICK
@given(GROUPS, WEIGHTS)
def test_population_distance_and_ratio_are_what_the_shares_say(values, weights):
    shares = {name: weight / sum(weights) for name, weight in zip(("a", "b", "전주"), weights, strict=True)}
    values = [*values, "a"]
    known = [value for value in values if value is not None]
    pairs = [(known.count(name) / len(known), share) for name, share in shares.items()]
    counted = population(values, shares)
    distance, ratio = population_distance(counted), population_share_ratio(counted)
    ratios = [min(s / d, d / s) if s and d else 0.0 for s, d in pairs if s or d]

    assert distance.value == pytest.approx(sum(abs(s - d) for s, d in pairs) / 2, abs=1e-12)
    assert distance.value == pytest.approx(sum(max(s - d, 0) for s, d in pairs), abs=1e-12)
    assert ratio.value == pytest.approx(min(ratios), abs=1e-12)
    assert 0 <= distance.low <= distance.value <= distance.high <= 1
    assert (distance.n, ratio.n) == (len(known), len(known))
    assert distance.judged == (values.count(None) / len(values) <= 0.05)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [2, 5, 12])
def test_population_p_value_and_limits_are_scipys(seed, k):
    draws = np.random.default_rng(seed)
    declared = draws.dirichlet(np.full(k, 20.0))
    counts = draws.multinomial(900, declared)
    names = [f"g{at:02}" for at in range(k)]
    values = np.repeat(names, counts).tolist()
    measured = population_distance(population(values, dict(zip(names, declared.tolist(), strict=True))))
    expected = stats.chisquare(counts, declared * 900)

    assert measured.details["chi_squared"] == pytest.approx(expected.statistic, rel=1e-9)
    assert measured.p_value == pytest.approx(expected.pvalue, rel=1e-8)
    for group, count in zip(measured.details["groups"], counts.tolist(), strict=True):
        limits = stats.binomtest(count, 900).proportion_ci(1 - 0.05 / k, "exact")
        assert (group["low"], group["high"]) == (pytest.approx(limits.low), pytest.approx(limits.high))


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9, 0.99])
def test_population_distance_is_surer_the_wider_it_is(confidence):
    counted = population(["a"] * 400 + ["b"] * 600, {"a": 0.9, "b": 0.1})
    narrow, wide = (population_distance(counted, confidence=level) for level in (confidence, 0.999))

    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_population_of_a_file_counted_twice_is_as_far_and_narrower():
    once = population(["a"] * 40 + ["b"] * 60, {"a": 0.5, "b": 0.5})
    first, second = population_distance(once), population_distance(once + once)

    assert second.value == pytest.approx(first.value, abs=1e-12)
    assert second.high - second.value < first.high - first.value
    assert second.details["chi_squared"] == pytest.approx(2 * first.details["chi_squared"])
    assert population_share_ratio(once + once).value == population_share_ratio(once).value


@QUICK
@given(GROUPS)
def test_smallest_group_size_is_that_of_the_rarest_known_group(values):
    counted = GroupSizes.of(block([0] * len(values), groups={"g": values}), ("g",))
    sizes = Counter(value for value in values if value is not None)
    if not sizes:
        assert refusal_of(smallest_group_size, counted) == "fewer_than_two_groups"
        return
    measured = smallest_group_size(counted)

    assert measured.value == min(sizes.values()) == sizes[measured.details["worst"][0]["g"]]
    assert sum(group["n"] for group in measured.details["groups"]) == len(values)


@QUICK
@given(
    st.lists(st.tuples(*[st.sampled_from(["a", "b", None])] * 2, *[st.booleans()] * 2), min_size=2, max_size=60),
    st.integers(1, 5),
)
def test_group_missing_gap_of_pairs_of_attributes_is_that_of_pandas(rows, least):
    frame = pd.DataFrame(rows, columns=["g", "h", "x", "w"])
    cells = {name: [None if gone else 1.0 for gone in frame[name]] for name in "xw"}
    counted = GroupMissing.of(
        block([0] * len(rows), groups={name: [row[at] for row in rows] for at, name in enumerate("gh")}, columns=cells),
        ("g", "h"),
    )
    groups = frame.dropna().groupby(["g", "h"])
    shares = groups[["x", "w"]].mean()[groups.size() >= least]
    if len(shares) < 2:
        assert refusal_of(group_missing_gap, counted, minimum_group_size=least) == "fewer_than_two_groups"
        return
    measured = group_missing_gap(counted, minimum_group_size=least)

    assert measured.value == pytest.approx((shares.max() - shares.min()).max(), abs=1e-12)
    assert measured.n == int(groups.size()[groups.size() >= least].sum())
    assert measured.judged == ((len(rows) - measured.n) / len(rows) <= 0.05)


@pytest.mark.parametrize("least", [0, -1])
def test_groups_of_fewer_than_one_row_are_refused_as_an_option(least):
    counted = GroupMissing.of(block([0] * 2, groups={"g": ["a", "b"]}, columns={"x": [1, 2]}), ("g",))
    with pytest.raises(ChecklistError):
        group_missing_gap(counted, minimum_group_size=least)


DAYS = st.none() | st.dates(pd.Timestamp("1950-01-01").date(), pd.Timestamp("2090-01-01").date())
FORMS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d.", "%Y%m%d", "%Y-%m-%d 12:30:15", "%Y-%m-%dT00:00:00Z"]


@QUICK
@given(st.lists(DAYS, min_size=1, max_size=50), st.sampled_from(FORMS), st.integers(0, 50))
def test_rows_out_of_order_are_those_that_pandas_finds_in_every_form(days, form, cut):
    days = [*days, *[pd.Timestamp("2000-01-01").date()] * 2]
    rows = rows_of({"t": [None if day is None else day.strftime(form) for day in days]}, time="t")
    series = pd.Series([None if day is None else day.toordinal() for day in days], dtype="float64").dropna()
    late = series.index[series.diff() < 0].tolist()
    measured = rows_out_of_order(in_blocks(RowTimes, rows, [min(cut, len(days))]))

    assert (measured.details["rows_found"], measured.details["positions"]) == (len(late), late[:20])
    assert (measured.n, measured.details["unread"]) == (len(series), len(days) - len(series))
    assert measured.value == len(late) / len(series)


@QUICK
@given(st.lists(DAYS, min_size=1, max_size=20), st.lists(DAYS, min_size=1, max_size=20))
def test_training_age_is_the_difference_of_the_newest_days(evaluated, trained):
    written = [[None if day is None else day.isoformat() for day in days] for days in (evaluated, trained)]
    known = [[day.toordinal() for day in days if day is not None] for days in (evaluated, trained)]
    evidence = [times(values) for values in written]
    if not all(known):
        assert refusal_of(training_age, *evidence) == "no_time"
        return
    measured = training_age(*evidence)

    assert measured.value == max(known[0]) - max(known[1])
    assert measured.details["gap"] == min(known[0]) - max(known[1])
    assert measured.details["days_spanned"] == max(known[0]) - min(known[0])
    assert training_age(*evidence[::-1]).value == -measured.value
    assert training_age(evidence[0], evidence[0]).value == 0.0


@pytest.mark.parametrize("n", [2, 21, 22, 200])
def test_rows_in_the_opposite_order_are_all_late_but_the_first(n):
    values = pd.date_range("2020-01-01", periods=n).strftime("%Y-%m-%d").tolist()
    backwards = rows_out_of_order(times(values[::-1]))

    assert rows_out_of_order(times(values)).value == 0.0
    assert (backwards.value, backwards.details["positions"]) == ((n - 1) / n, list(range(1, n))[:20])


def confidently(labels, p):
    """Confident learning cell by cell: the class of every row, and its own label where it is of none."""
    limits = [np.mean([p[at, j] for at in range(len(p)) if labels[at] == j]) for j in range(p.shape[1])]
    said = []
    for label, row in zip(labels, p, strict=True):
        above = [j for j, limit in enumerate(limits) if row[j] >= limit - 1e-12]
        best = max((row[j] for j in above), default=None)
        said.append(label if best is None or (label in above and row[label] == best) else int(np.argmax(
            [row[j] if j in above else -1 for j in range(len(row))])))  # fmt: skip
    return np.array(said)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [2, 3, 6])
def test_disputed_labels_and_their_order_are_those_of_the_definition(seed, k):
    draws = np.random.default_rng(seed)
    p = draws.dirichlet(np.full(k, 0.8), 150)
    labels = np.array([*range(k), *(draws.choice(k, p=row) for row in p[k:])])
    said = confidently(labels, p)
    at = np.flatnonzero(said != labels)
    margin = p[at, said[at]] - p[at, labels[at]]
    measured = disputed_labels(
        sampled(labels, None, p, classes=tuple(range(k)), task="multiclass", positive=None, favourable=())
    )

    assert measured.details["rows_found"] == len(at)
    assert measured.details["positions"] == at[np.argsort(-margin, kind="stable")].tolist()[:20]
    assert (measured.low, measured.high) == tuple(clopper_pearson(len(at), 150, confidence=0.95))
    assert measured.details["accuracy"] == pytest.approx((p.argmax(axis=1) == labels).mean())
    assert [one["n"] for one in measured.details["classes"]] == np.bincount(labels, minlength=k).tolist()


@QUICK
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])), max_size=30))
def test_disputed_labels_of_two_classes_ignore_the_order_of_rows(rows):
    rows = [*rows, (0, 0.25), (1, 0.5)]
    labels, scores = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    said = confidently(labels, np.column_stack((1 - scores, scores)))
    measured = disputed_labels(sampled(labels, None, scores))
    backwards = disputed_labels(sampled(labels[::-1], None, scores[::-1]))

    assert measured.value == np.mean(said != labels) == backwards.value
    assert set(measured.details["positions"]) <= set(np.flatnonzero(said != labels).tolist())


def planted(n=300):
    draws = np.random.default_rng(8)
    x = np.where(np.arange(n) % 2, 1, -1) * draws.uniform(2, 4, n)
    labels = (x > 0).astype(int)
    labels[[10, 55, 200]] = 1 - labels[[10, 55, 200]]
    return labels, x


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e6])
def test_the_linear_model_names_planted_labels_whatever_the_folds_and_the_unit(seed, unit):
    labels, x = planted()
    rows = sampled(labels, columns={"x": (x * unit).tolist(), "c": [7] * 300, "w": ["전주", "🙂", None] * 100})
    measured = labels_disputed_by_linear_model(rows, seed=seed)

    assert sorted(measured.details["positions"]) == [10, 55, 200]
    assert measured.value == 0.01


def test_no_more_rows_are_used_than_asked_for():
    labels, x = planted()
    rows = sampled(labels, None, 1 / (1 + np.exp(-x)), columns={"x": x.tolist()})

    for check in (disputed_labels, labels_disputed_by_linear_model):
        measured = check(rows, sample_size=120)
        assert (measured.n, measured.details["of_n"]) == (120, 300)
        assert len(measured.details["positions"]) == measured.details["rows_found"] <= 3


def test_disputed_labels_do_not_differ_between_groups_that_are_alike():
    labels, x = np.tile(planted()[0], 2), np.tile(planted()[1], 2)
    rows = sampled(labels, columns={"x": x.tolist()}, groups={"g": ["가"] * 300 + ["나"] * 300})
    measured = disputed_labels_difference(GroupSample(sample=rows, attributes=("g",)))

    assert (measured.value, measured.low) == (0.0, 0.0)
    assert [group["n"] for group in measured.details["groups"]] == [np.count_nonzero(labels[:300] == 0)] * 2


def messy(seed=0, n=150):
    draws = np.random.default_rng(seed)
    columns = {
        "zip": draws.integers(54_000, 54_009, n).tolist(),
        "city": draws.choice(["Jeonju", "Jeonju", "Iksan", "군산"], n).tolist(),
        "x": [None if draws.random() < 0.2 else int(cell) for cell in draws.integers(0, 3, n)],
        "t": [f"2024-0{month}-11" for month in draws.integers(1, 9, n)],
    }
    groups = {"g": [None if draws.random() < 0.02 else str(name) for name in draws.choice(["F", "M"], n)]}
    return block(
        draws.integers(0, 2, n), columns=columns, groups=groups, population={"g": {"F": 0.4, "M": 0.6}}, time="t",
        dependencies=(ZIP_CITY, BOTH), features=("zip", "city", "x"),
    )  # fmt: skip


class OfGroups:
    def __init__(self, kind):
        self.kind = kind

    def of(self, rows):
        return self.kind.of(rows, ("g",))


EVERY = [
    (duplicate_rows, RowDigests), (contradictory_labels, RowDigests), (dependency_violations, DependencyPairs),
    (smallest_class_size, ColumnHistogram), (smallest_class_share, ColumnHistogram), (rows_out_of_order, RowTimes),
    (smallest_group_size, OfGroups(GroupSizes)), (population_distance, OfGroups(GroupPopulation)),
    (population_share_ratio, OfGroups(GroupPopulation)), (group_missing_gap, OfGroups(GroupMissing)),
]  # fmt: skip


@pytest.mark.parametrize(("check", "kind"), EVERY)
@pytest.mark.parametrize("seed", range(3))
def test_rows_have_the_same_record_in_any_blocks(check, kind, seed):
    rows = messy(seed)
    cuts = np.sort(np.random.default_rng(seed).choice(np.arange(1, 150), 6, replace=False)).tolist()
    measured = check(kind.of(rows))

    assert check(in_blocks(kind, rows, cuts)) == measured
    assert check is population_distance or exact(measured)


@pytest.mark.parametrize(("check", "kind"), EVERY)
def test_rows_that_keep_their_positions_may_come_in_any_order(check, kind):
    rows = messy()
    shuffled = rows.where(np.random.default_rng(1).permutation(rows.n))

    assert check(kind.of(shuffled)) == check(kind.of(rows))
    assert check(kind.of(shuffled)).value > 0


@pytest.mark.parametrize(("check", "kind"), EVERY)
def test_records_of_rows_hold_no_cells_and_twenty_positions_at_most(check, kind):
    measured = check(kind.of(messy()))
    written = canonical_json(measured).decode()
    listed = [measured.details, *measured.details.get("columns", [])]

    assert not any(cell in written for cell in ("Jeonju", "Iksan", "군산", "5400", "2024-0"))
    for at in (one["positions"] for one in listed if isinstance(one, dict) and "positions" in one):
        assert at == sorted(set(at))
        assert len(at) <= 20
        assert all(0 <= place < 150 for place in at)


@pytest.mark.parametrize(("check", "kind"), EVERY)
def test_rows_of_nothing_are_refused_by_a_code(check, kind):
    codes = {
        rows_out_of_order: "no_time", group_missing_gap: "fewer_than_two_groups",
    }  # fmt: skip

    assert refusal_of(check, kind.of(messy().where(np.array([], np.int64)))) == codes.get(check, "no_rows")


@pytest.mark.parametrize("check", [smallest_class_size, smallest_class_share])
def test_classes_of_a_regression_are_refused(check):
    assert refusal_of(check, ColumnHistogram.of(block([1.0, 2.0], task="regression"))) == "needs_classification"
