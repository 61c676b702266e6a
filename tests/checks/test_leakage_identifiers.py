"""The area of identifiers against the notes of `identifier_auc`, row by row."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from reliability.checks.leakage import identifier_auc
from reliability.checks.sampled import auc_counts
from reliability.errors import NotMeasurable
from reliability.evidence.hashing import splitmix64
from reliability.evidence.sample import Sample
from reliability.intervals.ranks import auc_interval
from tests.builders import block

ABC = {"classes": ("a", "b", "c"), "positive": None, "task": "multiclass"}
STRETCHES = 50


def sampled(y, columns, **roles):
    return Sample.of(block(y, columns=columns, **roles), seed=0, size=20_000)


def learners(n, seed):
    """Rows that the rates are learned from; the others are ranked."""
    return splitmix64(np.arange(n, dtype=np.uint64), key=seed) % np.uint64(2) == 0


def by_hand(members, ordered, mass, seed=0):
    """Area and limits of one class, the rows in the order of their identifier."""
    return by_places(members, np.argsort(ordered).tolist(), mass, seed)


def by_places(members, places, mass, seed=0):
    """The same, of how many rows come before each."""
    n, learning = len(members), learners(len(members), seed)
    stretch = {row: place * STRETCHES // n for row, place in enumerate(places)}
    rates = {}
    for one in range(STRETCHES):
        taught = [members[row] for row in range(n) if learning[row] and stretch[row] == one]
        rates[one] = (sum(taught) + sum(members) / n) / (len(taught) + 1)
    ranked = np.flatnonzero(~learning)
    truth, scores = np.array(members)[ranked], np.array([rates[stretch[row]] for row in ranked.tolist()])
    return roc_auc_score(truth, scores), *auc_interval(auc_counts(scores, truth), confidence=1 - mass)


def told(name, label, found):
    value, low, high = (pytest.approx(one, abs=1e-9) for one in found)
    return {"column": name, "value": value, "of": label, "low": low, "high": high}


def case(n, seed):
    """Labels that go with the order of cases, and how the cases are numbered in the file."""
    draws = np.random.default_rng(seed)
    return draws, (draws.random(n) < np.linspace(0.1, 0.7, n)).astype(int), draws.permutation(n)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_identifier_auc_is_that_of_rates_by_stretches_learned_on_the_other_half(seed):
    draws, y, file = case(230, seed)
    # Beyond the digits of a float; cases 9 and 10 in that order.
    number, name = 2**60 + np.arange(230), draws.permutation(230)
    columns = {"a": [f"case {one}" for one in name[file]], "number": number[file], "real": np.arange(230.0)}
    measured = identifier_auc(sampled(y[file], columns), seed=seed)
    members = (y[file] == 1).tolist()
    found = [
        told(one, 1, by_hand(members, np.argsort(order[file]).tolist(), 0.05 / 2, seed))
        for one, order in (("number", number), ("a", name))
    ]
    row_order, _, _ = by_hand(members, range(230), 0.05, seed)

    assert measured.details == {
        "column": "number", "of_n": 230, "row_order": pytest.approx(row_order, abs=1e-12), "features": found,
    }  # fmt: skip
    assert (measured.value, measured.n) == (found[0]["value"], np.count_nonzero(~learners(230, seed)))
    assert (measured.low, measured.high) == tuple(max(one[end].expected for one in found) for end in ("low", "high"))
    assert (measured.of, measured.unit, measured.method) == (None, "auc", "newcombe_delong")
    assert (measured.judged, measured.reason) == (True, None)


def test_identifier_auc_uses_the_seed_nought_and_95_per_cent_unless_told_otherwise():
    _, y, file = case(230, 0)
    sample = sampled(y[file], {"number": file})
    found = told("number", 1, by_hand((y[file] == 1).tolist(), np.argsort(file).tolist(), 0.05))
    wider = told("number", 1, by_hand((y[file] == 1).tolist(), np.argsort(file).tolist(), 0.01))

    assert identifier_auc(sample).details["features"] == [found]
    assert identifier_auc(sample, seed=0, confidence=0.99).details["features"] == [wider]
    assert identifier_auc(sample, seed=1).value != identifier_auc(sample).value


def test_identifier_auc_of_many_classes_is_the_largest_of_one_against_the_rest_and_says_which():
    draws = np.random.default_rng(0)
    n = 300
    y = np.array(["a", "b", "c"])[np.minimum(np.arange(n) // 75, 2)]
    y[:150] = draws.permutation(y[:150])
    file, other = draws.permutation(n), draws.permutation(n)
    measured = identifier_auc(sampled(y[file], {"good": file, "bad": other}, **ABC))
    expected = {}
    for name, numbers in (("good", file), ("bad", other)):
        ordered = np.argsort(numbers).tolist()
        areas = [(*by_hand((y[file] == label).tolist(), ordered, 0.05 / 6), label) for label in "abc"]
        value, _, _, of = max(areas, key=lambda one: one[0])
        expected[name] = told(name, of, (value, max(one[1] for one in areas), max(one[2] for one in areas)))

    assert measured.details["features"] == [expected["good"], expected["bad"]]
    assert measured.of == expected["good"]["of"] == "c"
    assert expected["bad"]["of"] != "c"


def test_identifier_auc_of_classes_that_are_told_alike_names_the_first():
    y, file = np.repeat([0, 1], 100), np.random.default_rng(0).permutation(200)
    measured = identifier_auc(sampled(y[file], {"number": file}, positive=None))

    assert measured.details["features"][0]["of"] == 0
    assert measured.of is None


@pytest.mark.parametrize("kind", [lambda one: one - 115, lambda one: f"case {one + 7}"], ids=["number", "text"])
def test_identifier_auc_puts_what_is_missing_first_and_equal_values_in_one_place(kind):
    _, y, file = case(230, 3)
    # Missing in the middle of the order and in no whole number of stretches; from 40 to 45 there is one value.
    numbers = [None if 100 <= one < 132 else 40 if 40 <= one < 46 else one for one in file.tolist()]
    ranked = [-1 if one is None else one for one in numbers]
    value, _, _ = by_places((y[file] == 1).tolist(), [sum(other < one for other in ranked) for one in ranked], 0.05)
    columns = {"number": [None if one is None else kind(one) for one in numbers]}

    assert identifier_auc(sampled(y[file], columns)).value == pytest.approx(value, abs=1e-12)


def test_identifier_auc_does_not_read_the_order_of_the_file_where_nearly_all_identifiers_are_missing():
    y = np.repeat([0, 1], 100)
    few = [*range(5), *[None] * 190, *range(5, 10)]
    drawn = np.random.default_rng(0).permutation(200).tolist()
    half = [one if row % 2 else None for row, one in enumerate(drawn)]
    for column in (few, half):
        measured = identifier_auc(sampled(y, {"number": column}))
        assert measured.low < 0.5
        assert measured.value < 0.6


def test_identifier_auc_orders_features_by_area_and_then_by_name_and_lists_ten():
    draws = np.random.default_rng(0)
    file = draws.permutation(100)
    columns = {"a": draws.permutation(100), **{f"c{index:02d}": file for index in reversed(range(12))}}
    measured = identifier_auc(sampled(np.repeat([0, 1], 50)[file], columns))

    assert [one["column"] for one in measured.details["features"]] == [f"c{index:02d}" for index in range(10)]
    assert measured.details["column"] == "c00"


def test_identifier_auc_without_identifiers_is_a_half_that_is_known_exactly():
    y = [0] * 60 + [1] * 60
    measured = identifier_auc(sampled(y, {"x": [1, 2, 3] * 40, "yes": [True, False] * 60}))
    row_order, _, _ = by_hand([label == 1 for label in y], range(120), 0.05)

    assert (measured.value, measured.unit, measured.method, measured.of) == (0.5, "auc", "exact", None)
    assert (measured.low, measured.high, measured.judged) == (None, None, True)
    assert (measured.reason.code, measured.n) == ("no_identifiers", np.count_nonzero(~learners(120, 0)))
    assert measured.details == {"of_n": 120, "row_order": pytest.approx(row_order, abs=1e-12), "features": []}


@pytest.mark.parametrize(
    ("present", "like"),
    [
        ([1], False),
        ([1, 2], True),
        ([1, 1], False),
        ([*range(19), 0], True),  # 95 % of them distinct
        ([*range(18), 0, 1], False),
        ([float(one) + 0.5 for one in range(20)], False),
        ([f"k{one}" for one in range(19)] + ["k0"], True),
        ([f"k{one}" for one in range(18)] + ["k0", "k1"], False),
    ],
)
def test_identifiers_are_text_and_whole_numbers_that_rarely_repeat(present, like):
    columns = {"x": present + [None] * (40 - len(present))}
    measured = identifier_auc(sampled([0, 1] * 20, columns))

    assert [one["column"] for one in measured.details["features"]] == (["x"] if like else [])
    assert (measured.reason is None) == like


def test_identifier_auc_has_no_interval_where_rows_belong_together():
    _, y, file = case(230, 0)
    # One row an entity, numbered as the rows are: they fall into the same halves.
    measured = identifier_auc(sampled(y[file], {"number": file}, entity=range(230)))
    value, _, _ = by_hand((y[file] == 1).tolist(), np.argsort(file).tolist(), 0.05)

    assert measured.value == pytest.approx(value, abs=1e-12)
    assert (measured.low, measured.high, measured.judged) == (None, None, False)
    assert {(one["low"], one["high"]) for one in measured.details["features"]} == {(None, None)}
    assert (measured.reason.code, measured.method, measured.unit) == ("clustered_rows", "newcombe_delong", "auc")


@pytest.mark.parametrize("fewest", [0, 1, 2])
def test_identifier_auc_needs_two_rows_of_each_class_on_the_half_that_measures(fewest):
    learning = learners(60, 0)
    y = np.zeros(60, np.int64)
    y[np.flatnonzero(learning)[:5]] = 1
    y[np.flatnonzero(~learning)[:fewest]] = 1
    sample = sampled(y, {"number": range(60)})

    if fewest == 2:
        assert identifier_auc(sample).n == np.count_nonzero(~learning)
        return
    with pytest.raises(NotMeasurable) as refusal:
        identifier_auc(sample)
    assert (refusal.value.code, refusal.value.values) == ("too_few_for_interval", {"n": fewest, "needed": 2})
