"""Leakage checks against row-by-row recomputations, over many tables."""

import math
import re
from collections import Counter
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

from reliability.blocks import Column
from reliability.checks.leakage import (
    future_rows,
    identifier_auc,
    near_overlap,
    shared_entities,
    single_feature_auc,
    training_overlap,
)
from reliability.errors import NotMeasurable
from reliability.evidence.entity_digests import EntityDigests
from reliability.evidence.hashing import splitmix64
from reliability.evidence.near_digests import NearDigests
from reliability.evidence.row_digests import RowDigests
from reliability.evidence.sample import Sample
from reliability.evidence.time_histogram import TimeHistogram
from reliability.intervals.ranks import auc_interval
from reliability.records import canonical_json
from tests.builders import block

NAMES = ("x", "z", "w")
BIG = 2**60
# Target, whole number, real number, text: few values each, so that rows meet.
ROW = st.tuples(
    st.integers(0, 1),
    st.sampled_from([None, 1, 2, BIG, BIG + 1]),
    st.sampled_from([None, 0.0, -1.5, 1.5, 1.51, 100.25]),
    st.sampled_from([None, "a", "1"]),
)
TABLE = st.lists(ROW, min_size=1, max_size=25)
MULTICLASS = {"classes": (0, 1, 2), "positive": None, "task": "multiclass"}


def rows_of(table, **roles):
    return block(
        [row[0] for row in table], columns={n: [row[p] for row in table] for p, n in enumerate(NAMES, 1)}, **roles
    )


def in_blocks(evidence, rows, cuts):
    return reduce(add, [evidence.of(rows.where(part)) for part in np.array_split(np.arange(rows.n), cuts)])


def refused(check, *evidence):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence)
    return refusal.value.code


def sampled(y, columns, **roles):
    return Sample.of(block(y, columns=columns, **roles), seed=0, size=20_000)


def coarse(value):
    """A number to the 64th part of its power of two; anything else as it is."""
    if value is None or isinstance(value, str | bool):
        return value
    fraction, exponent = math.frexp(float(value))
    return math.trunc(fraction * 128), exponent


def shares(here, there):
    """Share of keys found there, share of keys there that have a twin."""
    counted = Counter(there)
    return sum(key in counted for key in here) / len(here), sum(counted[key] > 1 for key in there) / len(there)


def ways(table):
    """The keys of every row, by what is left out."""
    left_out = {name: [row[:p] + row[p + 1 :] for row in table] for p, name in enumerate(("y", *NAMES))}
    return left_out | {"": [tuple(map(coarse, row)) for row in table]}


def limits(successes, n, mass):
    low = beta.ppf(mass / 2, successes, n - successes + 1) if successes > 0 else 0.0
    high = beta.isf(mass / 2, successes + 1, n - successes) if successes < n else 1.0
    return low, high


def gap_limits(found, n, twins, m, mass):
    """Square-and-add, training rows worth half."""
    (low, high), (least, most) = limits(found, n, mass), limits(twins / 2, m / 2, mass)
    first, second = found / n, twins / m
    return first - second - math.hypot(first - low, most - second), first - second + math.hypot(
        high - first, second - least
    )


@settings(max_examples=60, deadline=None)
@given(TABLE, TABLE)
def test_near_overlap_is_that_of_rows_compared_one_by_one(here, there):
    measured = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))
    mine, theirs = ways(here), ways(there)
    expected = {name: shares(mine[name], theirs[name]) for name in mine}
    told = {one["column"]: one for one in measured.details["columns"]}

    assert set(told) == set(expected)
    for name, (found, twins) in expected.items():
        assert told[name]["found_share"] == pytest.approx(found, abs=1e-15), name
        assert told[name]["training_twin_share"] == pytest.approx(twins, abs=1e-15), name
        assert told[name]["value"] == pytest.approx(max(0.0, found - twins), abs=1e-15), name
    values = {name: max(0.0, found - twins) for name, (found, twins) in expected.items()}
    assert measured.value == pytest.approx(max(values.values()), abs=1e-15)
    assert (measured.n, measured.details["of_n"], measured.details["training_n"]) == (len(here), len(here), len(there))


@settings(max_examples=40, deadline=None)
@given(TABLE, TABLE)
def test_near_overlap_has_the_limits_of_square_and_add_at_bonferronis_level(here, there):
    measured = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)), confidence=0.9)
    mine, theirs, found = ways(here), ways(there), {}
    for name in mine:
        share, twins = shares(mine[name], theirs[name])
        found[name] = gap_limits(round(share * len(here)), len(here), round(twins * len(there)), len(there), 0.1 / 5)
    told = {one["column"]: (one["low"], one["high"]) for one in measured.details["columns"]}

    for name, (low, high) in found.items():
        assert told[name] == pytest.approx((max(0.0, low), min(1.0, max(0.0, high))), abs=1e-9), name
    assert measured.low == max(low for low, _ in told.values())
    assert measured.high == max(high for _, high in told.values())
    assert 0 <= measured.low <= measured.value <= measured.high <= 1


@settings(max_examples=40, deadline=None)
@given(TABLE, TABLE)
def test_near_overlap_lists_the_first_row_of_every_key_that_is_found(here, there):
    measured = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))
    name = measured.details["columns"][0]["column"]
    mine, theirs = ways(here)[name], set(ways(there)[name])
    first = sorted(mine.index(key) for key in set(mine) & theirs)

    assert measured.details["positions"] == (first[:20] if measured.value > 0 else [])


@settings(max_examples=30, deadline=None)
@given(TABLE, TABLE, st.randoms(), st.integers(1, 5))
def test_overlap_ignores_order_of_rows_and_columns_and_blocks(here, there, random, cuts):
    shuffled = rows_of(random.sample(here, len(here)))
    turned = {name: [row[p] for row in there] for p, name in ((3, "w"), (1, "x"), (2, "z"))}
    theirs = block([row[0] for row in there], columns=turned)

    once = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))
    again = near_overlap(in_blocks(NearDigests, shuffled, cuts), in_blocks(NearDigests, theirs, cuts))
    assert (once.value, once.low, once.high, once.details["columns"]) == (
        again.value, again.low, again.high, again.details["columns"],
    )  # fmt: skip
    exact = [
        training_overlap(in_blocks(RowDigests, rows_of(rows), cuts), RowDigests.of(rows_of(others)))
        for rows, others in ((here, there), (random.sample(here, len(here)), random.sample(there, len(there))))
    ]
    assert exact[0].value == exact[1].value
    assert exact[0].details["rows_found"] == exact[1].details["rows_found"]


@settings(max_examples=60, deadline=None)
@given(TABLE, TABLE)
def test_training_overlap_is_that_of_whole_rows_compared_one_by_one(here, there):
    measured = training_overlap(RowDigests.of(rows_of(here)), RowDigests.of(rows_of(there)))
    found, twins = shares(here, there)

    assert measured.value == pytest.approx(max(0.0, found - twins), abs=1e-15)
    assert (measured.details["found_share"], measured.details["training_twin_share"]) == (found, twins)
    assert measured.details["positions"] == [place for place, row in enumerate(here) if row in set(there)][:20]


@settings(max_examples=30, deadline=None)
@given(TABLE, TABLE)
def test_rows_nearly_found_are_no_fewer_than_rows_wholly_found(here, there):
    whole = training_overlap(RowDigests.of(rows_of(here)), RowDigests.of(rows_of(there)))
    near = near_overlap(NearDigests.of(rows_of(here)), NearDigests.of(rows_of(there)))

    assert all(one["found_share"] >= whole.details["found_share"] for one in near.details["columns"])
    assert all(one["training_twin_share"] >= whole.details["training_twin_share"] for one in near.details["columns"])


@pytest.mark.parametrize("name", ["y", *NAMES])
@pytest.mark.parametrize("n", [1, 7, 60])
def test_near_overlap_names_the_column_that_was_changed(name, n):
    draws = np.random.default_rng(n)
    table = {"x": draws.integers(0, 10**12, n), "z": draws.normal(size=n), "w": [f"t{place}" for place in range(n)]}
    y = draws.integers(0, 2, n)
    changed = {"x": table["x"] * 3 + 10**13, "z": table["z"] + 100, "w": [f"u{place}" for place in range(n)]}
    other = table | ({name: changed[name]} if name in changed else {})
    here = NearDigests.of(block(1 - y if name == "y" else y, columns=other))
    measured = near_overlap(here, NearDigests.of(block(y, columns=table)))

    assert (measured.value, measured.details["column"], measured.n) == (1.0, name, n)
    assert [one["value"] for one in measured.details["columns"]] == [1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("here", "there", "rounded", "whole"),
    [
        ([BIG + 1], [BIG], 1.0, 0.0),
        ([BIG], [float(BIG)], 1.0, 1.0),
        ([2**53 + 1], [float(2**53)], 1.0, 0.0),
        ([1.0], [1], 1.0, 1.0),
        ([1.0], [1.015], 1.0, 0.0),
        ([1.0], [1.016], 0.0, 0.0),
        ([1.0], [-1.0], 0.0, 0.0),
        ([0.0], [None], 0.0, 0.0),
        ([None], [None], 1.0, 1.0),
        ([0.0], [-0.0], 1.0, 1.0),
        ([5e-324], [0.0], 1.0, 0.0),
        (["1"], [1], 0.0, 0.0),
        ([1e308], [1.001e308], 1.0, 0.0),
    ],
)
def test_one_row_is_met_by_its_value_and_by_its_rounded_value(here, there, rounded, whole):
    tables = [block([0], columns={"x": values}) for values in (here, there)]
    near = near_overlap(*map(NearDigests.of, tables))

    assert {one["column"]: one["found_share"] for one in near.details["columns"]} == {"": rounded, "x": 1.0, "y": whole}
    assert training_overlap(*map(RowDigests.of, tables)).value == whole


def test_overlap_of_constant_or_missing_columns_is_that_of_training_itself():
    for value in (7, None, "a"):
        rows = block([1] * 30, columns={"x": [value] * 30})
        assert near_overlap(NearDigests.of(rows), NearDigests.of(rows)).value == 0.0
        assert training_overlap(RowDigests.of(rows), RowDigests.of(rows)).details["training_twin_share"] == 1.0


def test_overlap_of_a_regression_rounds_its_target_too():
    here, there = (block(y, columns={"x": [1, 2]}, task="regression") for y in ([10.0, 20.0], [10.01, 90.0]))
    told = near_overlap(NearDigests.of(here), NearDigests.of(there)).details["columns"]

    assert {one["column"]: one["value"] for one in told} == {"": 0.5, "x": 0.0, "y": 1.0}


@pytest.mark.parametrize("clustered", [(True, False), (False, True)])
def test_overlap_of_rows_that_belong_together_on_either_side_has_no_limits(clustered):
    here, there = (
        NearDigests.of(block([0, 1], columns={"x": [1, 2]}, entity=[1, 2] if together else None))
        for together in clustered
    )
    measured = near_overlap(here, there)

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "clustered_rows")
    assert {(one["low"], one["high"]) for one in measured.details["columns"]} == {(None, None)}


MOMENTS = st.integers(631_152_000, 2_524_608_000).map(lambda one: pd.Timestamp(one, unit="s").to_pydatetime())
DAYS = st.lists(st.one_of(st.none(), MOMENTS), min_size=1, max_size=30)


def timed(values):
    return block([0] * len(values), columns={"at": list(values)}, time="at")


@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS, st.integers(1, 4))
def test_future_rows_are_those_that_pandas_finds_before_the_newest(here, there, cuts):
    texts = [[None if t is None else t.isoformat(sep=" ") for t in some] for some in (here, there)]
    evidence = [in_blocks(TimeHistogram, timed(some), cuts) for some in texts]
    mine, newest = pd.Series(pd.to_datetime(texts[0])), pd.Series(pd.to_datetime(texts[1])).max()
    if pd.isna(newest) or mine.isna().all():
        assert refused(future_rows, *evidence) == "no_time"
        return
    measured, older = future_rows(*evidence), int((mine < newest).sum())

    assert (measured.details["rows_found"], measured.n) == (older, mine.notna().sum())
    assert measured.value == older / mine.notna().sum()
    assert (measured.details["unread"], measured.details["undecided"]) == (mine.isna().sum(), 0)
    assert measured.details["training_unread"] == sum(t is None for t in there)


@pytest.mark.parametrize(
    ("here", "there", "older"),
    [
        (["2024-01-31"], [20240131], 0),
        ([20240130], ["2024-01-31"], 1),
        (["2024-01-31 00:00:01"], ["2024-01-31"], 0),
        (["2024-01-31"], ["2024-01-31 00:00:01"], 1),
        ([1_700_000_000], [1_700_000_000_001], 1),
        ([1_700_000_000_000], [1_700_000_000], 0),
        ([2023, 2024, 2025], ["2024-01-01"], 1),
        ([202401, 202402], ["2024/02/01"], 1),
    ],
)
def test_future_rows_are_told_whatever_the_times_are_written_in(here, there, older):
    measured = future_rows(*(TimeHistogram.of(timed(some)) for some in (here, there)))

    assert measured.details["rows_found"] == older


def test_future_rows_of_more_times_than_cells_are_bounded_by_the_undecided():
    draws = np.random.default_rng(0)
    here, there = (1_600_000_000 + draws.integers(0, 10**8, 20_000) for _ in "ab")
    there = there[there < 1_650_000_000]
    measured = future_rows(*(TimeHistogram.of(timed(some.tolist())) for some in (here, there)))
    older = int((here < there.max()).sum())

    assert measured.details["rows_found"] <= older <= measured.details["rows_found"] + measured.details["undecided"]
    assert measured.details["undecided"] < 200


def natural(text):
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", text) if part]


def stretches_auc(y, of, keys, seed):
    """Area, and counts by rate, of the order of an identifier: the notes of `identifier_auc` in pandas."""
    order = sorted(range(len(y)), key=lambda row: (keys[row] is not None, keys[row] or 0, row))
    stretch = np.empty(len(y), np.int64)
    stretch[order] = np.arange(len(y)) * 50 // len(y)
    frame = pd.DataFrame({"inside": [label == of for label in y], "stretch": stretch})
    learning = splitmix64(np.arange(len(y), dtype=np.uint64), key=seed) % np.uint64(2) == 0
    learned = frame[learning].groupby("stretch")["inside"].agg(["sum", "size"]).reindex(range(50), fill_value=0)
    rates = (learned["sum"] + frame["inside"].mean()) / (learned["size"] + 1)
    rest = frame[~learning]
    scores = rates.loc[rest["stretch"]].to_numpy()
    counts = pd.crosstab(scores, rest["inside"].to_numpy()).reindex(columns=[False, True], fill_value=0)
    value = roc_auc_score(rest["inside"], scores) if rest["inside"].nunique() == 2 else np.nan
    return value, counts.to_numpy()


@pytest.mark.parametrize("n", [12, 49, 51, 300])
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("kind", ["numbers", "huge", "text", "holes"])
def test_identifier_auc_is_that_of_rates_learned_on_the_other_half(n, seed, kind):
    draws = np.random.default_rng(100 * n + seed)
    ids = draws.permutation(n).tolist()
    y = [int(one % 30 < 12 or draws.random() < 0.3) for one in ids]
    y[:8] = [0, 1] * 4
    keys = {
        "numbers": [one - n // 2 for one in ids],
        "huge": [one + 2**62 for one in ids],
        "text": [f"case {one}" for one in ids],
        "holes": [None if one % 6 == 0 else one + 1 for one in ids],
    }[kind]
    sample = sampled(y, {"id": keys})
    ordered = keys if kind != "text" else [natural(one) for one in keys]
    if kind == "numbers":
        ordered = [one + n for one in keys]
    value, counts = stretches_auc(y, 1, ordered, seed)
    if counts.sum(axis=0).min() < 2:
        assert refused(lambda one: identifier_auc(one, seed=seed), sample) == "too_few_for_interval"
        return
    measured = identifier_auc(sample, seed=seed)

    assert measured.value == pytest.approx(value, abs=1e-12)
    assert (measured.low, measured.high) == pytest.approx(auc_interval(counts, confidence=0.95), abs=1e-12)
    assert measured.details["row_order"] == pytest.approx(
        stretches_auc(y, 1, list(range(1, n + 1)), seed)[0], abs=1e-12
    )
    assert (measured.n, measured.details["column"], measured.of) == (counts.sum(), "id", None)


@pytest.mark.parametrize("seed", range(4))
def test_identifier_auc_of_many_classes_and_columns_is_the_largest_at_bonferronis_level(seed):
    draws = np.random.default_rng(seed)
    ids, other = draws.permutation(240).tolist(), draws.permutation(240).tolist()
    y = [min(one // 60, 2) if draws.random() < 0.7 else int(draws.integers(0, 3)) for one in ids]
    measured = identifier_auc(
        sampled(y, {"id": ids, "other": other, "flag": [1, 2] * 120}, **MULTICLASS), confidence=0.9
    )
    found = {
        (name, of): stretches_auc(y, of, keys, 0) for name, keys in (("id", ids), ("other", other)) for of in range(3)
    }
    best = max(found, key=lambda one: found[one][0])
    ends = [auc_interval(counts, confidence=1 - 0.1 / 6) for _, counts in found.values()]

    assert measured.value == pytest.approx(found[best][0], abs=1e-12)
    assert (measured.details["column"], measured.of) == best
    assert measured.low == pytest.approx(max(low for low, _ in ends), abs=1e-12)
    assert measured.high == pytest.approx(max(high for _, high in ends), abs=1e-12)
    assert [one["column"] for one in measured.details["features"]] == ["id", "other"]


@pytest.mark.parametrize(
    ("distinct", "n", "like"), [(38, 40, True), (37, 40, False), (95, 100, True), (94, 100, False), (40, 40, True)]
)
@pytest.mark.parametrize("text", [True, False])
def test_a_column_is_like_an_identifier_from_95_per_cent_distinct_values(distinct, n, like, text):
    values = [min(place, distinct - 1) for place in range(n)]
    measured = identifier_auc(sampled([0, 1] * (n // 2), {"id": [f"v{one}" for one in values] if text else values}))

    assert (measured.reason is None) == like
    assert (measured.details.get("column") == "id") == like


def test_cells_that_are_missing_do_not_count_against_an_identifier():
    y = [0, 1] * 30
    holes = [place if place % 3 == 0 else None for place in range(60)]

    assert identifier_auc(sampled(y, {"id": holes})).details["column"] == "id"
    for values in ([None] * 60, [5] + [None] * 59, [7] * 60, [True, False] * 30):
        assert identifier_auc(sampled(y, {"id": values})).reason.code == "no_identifiers"


@pytest.mark.parametrize("transform", [lambda one: 3 * one - 10**15, lambda one: one**3, lambda one: f"nr {one:09}"])
def test_identifier_auc_sees_the_order_of_an_identifier_only(transform):
    draws = np.random.default_rng(5)
    ids = draws.permutation(200).tolist()
    y = [int(one > 120) for one in ids]
    once, again = (identifier_auc(sampled(y, {"id": some})) for some in (ids, [transform(one) for one in ids]))

    assert once == again
    assert once.value > 0.9


def test_identifier_auc_of_rows_that_belong_together_is_not_judged_and_splits_them_together():
    ids = list(range(200))
    entity = [1 + one // 2 for one in ids]
    measured = identifier_auc(sampled([one // 100 for one in ids], {"id": ids}, entity=entity))
    learning = splitmix64(np.array(entity, np.uint64), key=0) % np.uint64(2) == 0

    assert (measured.judged, measured.reason.code, measured.low, measured.high) == (False, "clustered_rows", None, None)
    assert measured.n == np.count_nonzero(~learning)


@pytest.mark.parametrize("cuts", [1, 3, 10])
def test_leakage_by_features_ignores_blocks_and_the_order_of_columns(cuts):
    draws = np.random.default_rng(cuts)
    columns = {"id": draws.permutation(90).tolist(), "x": draws.normal(size=90), "w": draws.choice([*"abc"], 90)}
    rows = [block(draws.integers(0, 2, 90), columns=columns)]
    rows.append(block(rows[0].y_true, columns=dict(reversed(columns.items()))))
    samples = [
        reduce(add, [Sample.of(one.where(part), seed=0, size=70) for part in np.array_split(np.arange(90), pieces)])
        for one, pieces in zip(rows, (1, cuts), strict=True)
    ]

    assert identifier_auc(samples[0]) == identifier_auc(samples[1])
    assert single_feature_auc(samples[0]) == single_feature_auc(samples[1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-3, 3), st.sampled_from([None, 0.5, 2.0])), max_size=30))
def test_single_feature_auc_is_the_largest_of_all_columns_and_classes(rows):
    table = [(0, 1, 0.5), (1, 0, 0.5), (2, 1, 2.0), *rows]
    y, x, z = (np.array(one, object) for one in zip(*table, strict=True))
    areas = {}
    for name, values in (("x", x), ("z", z)):
        found = [
            roc_auc_score(y == of, [end if one is None else one for one in values])
            for of in range(3)
            for end in (-9, 9)
        ]
        areas[name] = max(max(one, 1 - one) for one in found)
    measured = single_feature_auc(sampled(y.tolist(), {"x": x.tolist(), "z": z.tolist()}, **MULTICLASS))

    assert measured.value == pytest.approx(max(areas.values()), abs=1e-12)
    assert {one["column"]: one["value"] for one in measured.details["features"]} == pytest.approx(areas, abs=1e-12)


def test_no_value_of_a_row_stands_in_the_record_of_leakage():
    columns = {
        "secret": [778899001 + 7 * place for place in range(60)],
        "name": [f"Hong-{place}x" for place in range(60)],
    }
    rows = block([0, 1] * 30, columns=columns, entity=None)
    people = EntityDigests.of(block([0, 0], entity=[998877665, 998877666]))
    sample = Sample.of(rows, seed=0, size=100)
    told = [
        training_overlap(RowDigests.of(rows), RowDigests.of(rows)),
        near_overlap(NearDigests.of(rows), NearDigests.of(rows)),
        shared_entities(people, people), identifier_auc(sample), single_feature_auc(sample),
    ]  # fmt: skip
    written = b"".join(map(canonical_json, told)).decode()

    assert "Hong" not in written
    assert not any(str(value) in written for value in (*columns["secret"], 998877665, 998877666))


@pytest.mark.parametrize("check", [single_feature_auc, identifier_auc])
def test_leakage_by_features_refuses_one_class_of_many_and_regression_without_features(check):
    assert refused(check, sampled([2] * 5, {"x": [1, 2, 3, 4, 5]}, **MULTICLASS)) == "one_class"
    assert refused(check, sampled([1.0], {}, task="regression")) == "needs_classification"
    assert refused(check, sampled([0], {"x": [None]})) == "one_class"


def test_columns_of_a_file_that_are_no_features_are_not_looked_at():
    whole = Column(kind="i8", values=np.arange(40), missing=np.zeros(40, np.bool_))
    rows = block([0] * 20 + [1] * 20, columns={"id": whole, "x": [1, 2] * 20}, features=("x",))

    assert identifier_auc(Sample.of(rows, seed=0, size=100)).reason.code == "no_identifiers"
    assert single_feature_auc(Sample.of(rows, seed=0, size=100)).value == 0.5
