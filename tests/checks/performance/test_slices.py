"""The weakest part of the rows: found on one half, measured on the other."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column
from reliability.checks.performance.slices import weakest_slice
from reliability.checks.sampled import parts_of, worth_of
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.builders import block


def numbers(values):
    return Column(kind="f8", values=np.asarray(values, np.float64), missing=np.zeros(len(values), np.bool_))


def answered(columns, wrong, **kept):
    n = len(wrong)
    return block([0] * n, np.where(wrong, 1, 0).tolist(), columns=columns, **kept)


def sampled(columns, wrong, **kept):
    return Sample.of(answered(columns, wrong, **kept), seed=3, size=20_000)


def towns(n=1_200, weak="가", rate=0.5, base=0.1, seed=0):
    draws = np.random.default_rng(seed)
    town = np.array(["가", "나", "다", "라"])[draws.integers(0, 4, n)]
    wrong = draws.random(n) < np.where(town == weak, rate, base)
    return {"town": town.tolist(), "x": numbers(draws.normal(size=n))}, wrong


def test_weak_level_is_found_and_measured_by_hand():
    columns, wrong = towns()
    sample = sampled(columns, wrong)
    measured = weakest_slice(sample, seed=5)
    other = parts_of(sample, 2, seed=5) == 1
    mine = other & (np.array(columns["town"]) == "가")
    right = ~wrong

    assert measured.details["slice"] == [{"column": "town", "level": "가"}]
    assert measured.value == pytest.approx(right[other].mean() - right[mine].mean(), abs=1e-12)
    assert (measured.n, measured.details["slice_n"]) == (other.sum(), mine.sum())
    assert measured.details["slice_value"] == pytest.approx(right[mine].mean())
    assert measured.details["overall"] == pytest.approx(right[other].mean())
    assert 0.2 < measured.low < measured.value < measured.high < 0.45


def test_interval_is_square_and_add_of_both_accuracies_times_the_share_of_the_rest():
    columns, wrong = towns()
    sample = sampled(columns, wrong)
    measured = weakest_slice(sample, seed=5, confidence=0.9)
    other, mine = parts_of(sample, 2, seed=5) == 1, np.array(columns["town"]) == "가"
    (rest, rest_n), (weak, weak_n) = (((~wrong)[rows].sum(), rows.sum()) for rows in (other & ~mine, other & mine))
    (low_r, high_r), (low_w, high_w) = (
        clopper_pearson(x, n, confidence=0.9) for x, n in ((rest, rest_n), (weak, weak_n))
    )
    gap, share = rest / rest_n - weak / weak_n, rest_n / (rest_n + weak_n)

    assert measured.value == pytest.approx(share * gap)
    assert measured.low == pytest.approx(share * (gap - np.hypot(rest / rest_n - low_r, high_w - weak / weak_n)))
    assert measured.high == pytest.approx(share * (gap + np.hypot(high_r - rest / rest_n, weak / weak_n - low_w)))
    assert (measured.method, measured.unit) == ("square_and_add_clopper_pearson", "difference")


def test_weak_quarter_of_a_number_is_found_by_its_edges():
    draws = np.random.default_rng(1)
    income = draws.uniform(0, 100, 2_000)
    measured = weakest_slice(
        sampled({"income": numbers(income)}, draws.random(2_000) < np.where(income < 25, 0.5, 0.1))
    )
    (condition,) = measured.details["slice"]

    assert (condition["column"], condition["low"]) == ("income", None)
    assert condition["high"] == pytest.approx(25, abs=3)


def test_weak_pair_is_found_where_either_feature_alone_shows_less():
    draws = np.random.default_rng(2)
    sex, grade = (draws.integers(0, 2, 4_000) for _ in range(2))
    wrong = draws.random(4_000) < np.where((sex == 1) & (grade == 1), 0.6, 0.1)
    measured = weakest_slice(
        sampled({"sex": sex.tolist(), "noise": numbers(draws.normal(size=4_000)), "grade": grade.tolist()}, wrong)
    )

    assert measured.details["slice"] == [{"column": "sex", "level": 1}, {"column": "grade", "level": 1}]
    assert measured.value == pytest.approx(0.5 * 0.75, abs=0.05)


def test_rows_where_a_feature_is_missing_are_a_part():
    draws = np.random.default_rng(3)
    gone = draws.random(1_000) < 0.3
    values = [None if one else float(value) for one, value in zip(gone, draws.normal(size=1_000), strict=True)]
    measured = weakest_slice(sampled({"x": values}, draws.random(1_000) < np.where(gone, 0.5, 0.05)))

    assert measured.details["slice"] == [{"column": "x", "level": None}]


@pytest.mark.parametrize("values", [["a", "b"], [True, False], [0, 1], [0.5, 1.5]])
def test_few_values_of_any_kind_are_parts(values):
    draws = np.random.default_rng(4)
    code = draws.integers(0, 2, 800)
    column = [values[one] for one in code]
    measured = weakest_slice(sampled({"x": column}, draws.random(800) < np.where(code == 1, 0.4, 0.1)))

    assert measured.details["slice"] == [{"column": "x", "level": values[1]}]
    assert type(measured.details["slice"][0]["level"]) is type(values[1])


def test_only_the_commonest_twenty_values_of_text_are_looked_at():
    draws = np.random.default_rng(5)
    code = np.where(draws.random(4_000) < 0.96, draws.integers(0, 20, 4_000), 20 + draws.integers(0, 5, 4_000))
    measured = weakest_slice(sampled({"x": [f"v{one}" for one in code]}, code >= 20), minimum_rows=10)

    assert measured.details["searched"] == 20
    assert measured.details["slice"][0]["level"] in {f"v{one}" for one in range(20)}


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_search_does_not_bias_the_number_where_no_part_is_weak(rate):
    values, found, covered = [], [], 0
    for seed in range(120):
        draws = np.random.default_rng(seed)
        columns = {f"x{place}": numbers(draws.normal(size=1_000)) for place in range(5)}
        measured = weakest_slice(sampled(columns, draws.random(1_000) < rate), seed=seed)
        values.append(measured.value)
        found.append(measured.details["found"]["value"])
        covered += measured.low <= 0 <= measured.high

    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(120)
    assert np.mean(found) > 3 * abs(np.mean(values))
    assert covered / 120 >= 0.93


def test_a_model_that_is_always_right_has_no_weak_part():
    columns, wrong = towns()
    measured = weakest_slice(sampled(columns, np.zeros_like(wrong)))

    assert (measured.value, measured.details["overall"]) == (0.0, 1.0)
    assert measured.low < 0 < measured.high < 0.03


def test_a_model_that_is_always_wrong_has_no_weaker_part():
    columns, wrong = towns()

    assert weakest_slice(sampled(columns, np.ones_like(wrong))).value == 0.0


def test_order_of_rows_and_cuts_of_blocks_change_nothing():
    columns, wrong = towns()
    rows = answered(columns, wrong)
    parts = [rows.where(np.arange(rows.n)[start : start + 500]) for start in (0, 500, 1_000)]
    first, second, third = (Sample.of(part, seed=3, size=20_000) for part in parts)
    whole = weakest_slice(Sample.of(rows, seed=3, size=20_000), seed=1)

    for added in (first + second + third, third + (second + first)):
        assert canonical_json(weakest_slice(added, seed=1).model_dump()) == canonical_json(whole.model_dump())


def test_coding_of_text_changes_nothing():
    columns, wrong = towns()
    order = np.arange(len(wrong))
    codes = {"가": 3, "나": 1, "다": 0, "라": 2}
    values = np.array([codes[town] for town in columns["town"]], np.int32)
    other = Column(kind="utf8", values=values, missing=np.zeros(len(order), np.bool_), levels=("다", "나", "라", "가"))

    assert weakest_slice(sampled(columns, wrong)) == weakest_slice(sampled({**columns, "town": other}, wrong))


def test_halves_follow_the_seed():
    columns, wrong = towns()
    sample = sampled(columns, wrong)

    assert weakest_slice(sample, seed=1) == weakest_slice(sample, seed=1)
    assert weakest_slice(sample, seed=1).value != weakest_slice(sample, seed=2).value


def test_entities_are_never_on_both_halves_and_count_at_their_worth():
    draws = np.random.default_rng(6)
    entity = np.repeat(np.arange(300), 5)
    town = np.repeat(draws.integers(0, 3, 300), 5)
    wrong = np.repeat(draws.random(300) < np.where(town[::5] == 2, 0.5, 0.1), 5)
    rows = {"town": town.tolist()}
    alone, shared = weakest_slice(sampled(rows, wrong)), weakest_slice(sampled(rows, wrong, entity=entity.tolist()))

    assert shared.method == "square_and_add_clopper_pearson_effective_n"
    assert (shared.judged, shared.n % 5, shared.details["slice_n"] % 5) == (True, 0, 0)
    assert shared.high - shared.low > 1.5 * (alone.high - alone.low)


def test_entities_of_one_row_each_change_next_to_nothing():
    columns, wrong = towns(4_000)
    sample = sampled(columns, wrong, entity=list(range(4_000)))
    measured = weakest_slice(sample)

    assert measured.low <= measured.value <= measured.high
    assert worth_of(~wrong, sample.entity, confidence=0.95) == pytest.approx(4_000, rel=0.2)


@pytest.mark.parametrize(("n", "minimum"), [(1, 1), (40, 10), (300, 200)])
def test_too_few_rows_are_declined_with_the_number_needed(n, minimum):
    draws = np.random.default_rng(7)
    rows = sampled({"x": numbers(draws.normal(size=n))}, draws.random(n) < 0.2)
    measured = weakest_slice(rows, minimum_rows=minimum)

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "too_few_for_interval")
    assert measured.reason.with_["n"] < measured.reason.with_["needed"]


def test_a_feature_of_one_value_has_no_parts():
    measured = weakest_slice(sampled({"x": ["a"] * 500}, np.arange(500) % 5 == 0))

    assert (measured.value, measured.details["searched"]) == (None, 0)
    assert measured.reason.with_ == {"n": 0, "needed": 100}


@given(st.integers(2, 400), st.integers(0, 2**32), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_whatever_the_rows_the_number_lies_in_its_interval(n, seed, minimum):
    draws = np.random.default_rng(seed)
    columns = {"a": draws.integers(0, 4, n).tolist(), "b": numbers(draws.normal(size=n)), "c": [None] * n}
    measured = weakest_slice(sampled(columns, draws.random(n) < 0.4), minimum_rows=minimum, seed=seed)

    assert measured.value is None or -1 <= measured.low <= measured.value <= measured.high <= 1


def test_many_classes_are_measured_alike():
    draws = np.random.default_rng(8)
    truth, town = draws.integers(0, 3, 1_000), draws.integers(0, 2, 1_000)
    wrong = draws.random(1_000) < np.where(town == 1, 0.4, 0.1)
    rows = block(
        truth.tolist(),
        np.where(wrong, (truth + 1) % 3, truth).tolist(),
        columns={"town": town.tolist()},
        task="multiclass",
        classes=(0, 1, 2),
    )

    assert weakest_slice(Sample.of(rows, seed=1, size=20_000)).details["slice"] == [{"column": "town", "level": 1}]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (block([1.0], [1.0], columns={"x": [1.0]}, task="regression"), "needs_classification"),
        (block([], [], columns={"x": []}), "no_rows"),
        (block([0, 1], [0, 1]), "no_features"),
        (block([0, 1], columns={"x": [1, 2]}), "no_predictions"),
    ],
)
def test_weakest_slice_is_refused_when(rows, code):
    with pytest.raises(NotMeasurable) as caught:
        weakest_slice(Sample.of(rows, seed=1, size=10))

    assert caught.value.code == code


def test_minimum_below_one_is_refused():
    columns, wrong = towns(50)

    with pytest.raises(ChecklistError):
        weakest_slice(sampled(columns, wrong), minimum_rows=0)


def parts_by_hand(column, looking, levels=20):
    """Every part of a feature as conditions and membership, by plain loops over plain values."""
    values = column.as_labels()
    seen = [value for value, look in zip(values, looking, strict=True) if look and value is not None]
    distinct = sorted(set(seen))
    parts = []
    if column.kind in ("f8", "i8") and len(distinct) > levels:
        ordered = sorted(seen)
        inner = [ordered[(len(ordered) - 1) * quarter // 4] for quarter in (1, 2, 3)]
        ends = [None, *sorted(set(inner)), None]
        for low, high in pairwise(ends):
            inside = [
                value is not None and (low is None or value >= low) and (high is None or value < high)
                for value in values
            ]
            parts.append(({"low": low, "high": high}, inside))
    else:
        for level in sorted(distinct, key=lambda one: (-seen.count(one), one))[:levels]:
            parts.append(({"level": level}, [value == level for value in values]))
    parts.append(({"level": None}, [value is None for value in values]))
    return parts


def weakest_by_hand(sample, looking, minimum):
    """The weakest part by looking at every one of every feature and of every pair."""
    right = (sample.y_pred == sample.y_true)[looking]
    overall = right.mean()
    found = []

    def look(conditions, inside, order):
        rows = np.array(inside)[looking]
        if minimum <= rows.sum() < len(right):
            drawn = (right[rows].sum() + minimum * overall) / (rows.sum() + minimum)
            found.append((-round(overall - drawn, 12), len(conditions), order, conditions))

    cuts = {name: parts_by_hand(column, looking) for name, column in sample.columns.items()}
    for order, (name, parts) in enumerate(cuts.items()):
        for conditions, inside in parts:
            look([{"column": name, **conditions}], inside, (order,))
    names = list(cuts)
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            for one, these in cuts[names[first]]:
                for other, those in cuts[names[second]]:
                    both = [a and b for a, b in zip(these, those, strict=True)]
                    look([{"column": names[first], **one}, {"column": names[second], **other}], both, (first, second))
    return len(found), min(found, key=lambda one: one[:3], default=None)


@given(st.integers(0, 2**32), st.integers(60, 300), st.integers(3, 25))
@settings(max_examples=25, deadline=None)
def test_search_finds_what_looking_at_every_part_finds(seed, n, minimum):
    draws = np.random.default_rng(seed)
    gone = draws.random(n) < 0.1
    columns = {
        "number": numbers(draws.normal(size=n)),
        "town": np.array(["가", "나", "다"])[draws.choice(3, n, p=[0.6, 0.3, 0.1])].tolist(),
        "flag": [None if one else bool(value) for one, value in zip(gone, draws.random(n) < 0.5, strict=True)],
        "count": draws.integers(0, 40, n).tolist(),
    }
    sample = sampled(columns, draws.random(n) < 0.25)
    looking = parts_of(sample, 2, seed=seed) == 0
    eligible, expected = weakest_by_hand(sample, looking, minimum)
    measured = weakest_slice(sample, minimum_rows=minimum, seed=seed)

    if expected is None:
        assert measured.details["searched"] == 0
        return
    assert measured.details["searched"] == eligible
    found = measured.details["found"]
    # Parts may tie but for rounding: what is compared is how weak the part is.
    assert found["value"] * found["n"] / (found["n"] + minimum) == pytest.approx(-expected[0], abs=1e-9)
    assert len(measured.details["slice"]) == expected[1]


@pytest.mark.parametrize(("n", "rate", "gap"), [(400, 0.05, 0.0), (1_500, 0.2, 0.0), (1_500, 0.1, 0.3)])
def test_interval_covers_the_parts_true_shortfall(n, rate, gap):
    covered, runs = 0, 150
    for seed in range(runs):
        draws = np.random.default_rng(seed)
        town = draws.integers(0, 4, n)
        chance = np.where(town == 2, rate + gap, rate)
        measured = weakest_slice(sampled({"town": town.tolist()}, draws.random(n) < chance), minimum_rows=30, seed=seed)
        if measured.value is None:
            covered += 1
            continue
        overall = rate + gap / 4
        part = rate + gap * (measured.details["slice"][0]["level"] == 2)
        covered += measured.low <= part - overall <= measured.high

    assert covered / runs >= 0.93


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("searched", int),
        ("of_n", int),
        ("slice_n", int),
        ("slice_value", float),
        ("overall", float),
    ],
)
def test_record_holds_plain_numbers(name, value):
    columns, wrong = towns()
    details = weakest_slice(sampled(columns, wrong)).details

    assert type(details[name]) is value
    assert canonical_json(details)


def test_what_the_search_saw_is_told_beside_what_was_measured():
    columns, wrong = towns()
    sample = sampled(columns, wrong)
    looking = parts_of(sample, 2, seed=5) == 0
    mine = looking & (np.array(columns["town"]) == "가")
    found = weakest_slice(sample, seed=5).details["found"]

    assert found["n"] == mine.sum()
    assert found["value"] == pytest.approx((~wrong)[looking].mean() - (~wrong)[mine].mean())


def test_a_part_that_all_rows_are_in_is_none():
    draws = np.random.default_rng(9)
    columns = {"same": [1] * 600, "town": draws.integers(0, 2, 600).tolist()}
    measured = weakest_slice(sampled(columns, draws.random(600) < 0.2))

    assert measured.details["searched"] == 2
    assert measured.details["slice"][0]["column"] == "town"


def test_the_plainer_of_two_parts_of_the_same_rows_is_told():
    columns, wrong = towns()
    measured = weakest_slice(sampled({"first": columns["town"], "second": columns["town"]}, wrong))

    assert measured.details["slice"] == [{"column": "first", "level": "가"}]


def test_more_confidence_makes_a_wider_interval():
    columns, wrong = towns()
    sample = sampled(columns, wrong)
    widths = [
        one.high - one.low for one in (weakest_slice(sample, seed=1, confidence=level) for level in (0.8, 0.95, 0.999))
    ]

    assert widths == sorted(widths)
    assert len(set(widths)) == 3


def test_a_level_that_the_other_half_lacks_is_declined():
    columns, _ = towns(300)
    sample = sampled(columns, np.zeros(300, np.bool_))
    looking = parts_of(sample, 2, seed=0) == 0
    place = np.flatnonzero(looking)
    wrong = np.zeros(300, np.bool_)
    wrong[place[:40]] = True
    told = np.where(wrong, "here", "there").tolist()
    measured = weakest_slice(sampled({"x": told}, wrong), minimum_rows=30, seed=0)

    assert (measured.value, measured.reason.code) == (None, "too_few_for_interval")
    assert measured.reason.with_ == {"n": 0, "needed": 30}
    assert measured.details["slice"] == [{"column": "x", "level": "here"}]


def halves(n, seed=0, **kept):
    """Which rows of a sample of n look for the part; that depends on neither features nor answers."""
    return parts_of(sampled({"x": [0] * n}, np.zeros(n, np.bool_), **kept), 2, seed=seed) == 0


def placed(looking, here, there, n_here, n_there):
    """A column that says `here` for so many rows of the half that looks and of the other, and `there` elsewhere."""
    chosen = np.concatenate([np.flatnonzero(looking)[:n_here], np.flatnonzero(~looking)[:n_there]])
    column = np.array([there] * len(looking), object)
    column[chosen] = here
    return column.tolist()


@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_thirty_rows_of_the_part_are_needed_on_the_half_that_measures(rows, judged):
    looking = halves(600)
    town = placed(looking, "here", "there", 100, rows)
    wrong = np.array([one == "here" for one in town])
    measured = weakest_slice(sampled({"town": town}, wrong))

    assert measured.details["slice"] == [{"column": "town", "level": "here"}]
    assert (measured.judged, measured.unit) == (judged, "difference")
    assert measured.reason is None if judged else measured.reason.with_ == {"n": rows, "needed": 30}
    assert measured.n == ((~looking).sum() if judged else rows)


@pytest.mark.parametrize(("rest", "judged"), [(29, False), (30, True)])
def test_thirty_rows_beside_the_part_are_needed_on_the_half_that_measures(rest, judged):
    looking = halves(600)
    town = placed(looking, "there", "here", 100, rest)
    wrong = np.array([one == "here" for one in town])
    measured = weakest_slice(sampled({"town": town}, wrong))

    assert measured.details["slice"] == [{"column": "town", "level": "here"}]
    assert measured.judged is judged
    assert measured.reason is None if judged else measured.reason.with_ == {"n": rest, "needed": 30}


@pytest.mark.parametrize(("minimum", "searched"), [(120, 2), (121, 1), (40, 2)])
def test_a_part_is_looked_at_from_the_least_number_of_rows_that_was_asked(minimum, searched):
    looking = halves(600)
    town = placed(looking, "here", "there", 120, 150)
    measured = weakest_slice(sampled({"town": town}, np.arange(600) % 7 == 0), minimum_rows=minimum)

    assert measured.details["searched"] == searched


@pytest.mark.parametrize(("rows", "searched"), [(99, 1), (100, 2)])
def test_a_hundred_rows_are_asked_for_where_nothing_is(rows, searched):
    town = placed(halves(600), "here", "there", rows, 150)

    assert weakest_slice(sampled({"town": town}, np.arange(600) % 7 == 0)).details["searched"] == searched


def test_where_no_part_is_large_enough_the_largest_is_told():
    looking = halves(600)
    columns = {"town": placed(looking, "here", "there", 120, 100), "sex": placed(looking, "F", "M", 60, 100)}
    measured = weakest_slice(sampled({**columns, "same": [1] * 600}, np.arange(600) % 7 == 0), minimum_rows=280)
    largest = max(looking.sum() - 120, looking.sum() - 60)

    assert (measured.value, measured.n, measured.unit) == (None, largest, "difference")
    assert measured.reason.with_ == {"n": largest, "needed": 280}
    assert measured.details == {"of_n": 600, "searched": 0}


def test_rows_that_were_seen_are_told_beside_those_that_were_sampled():
    columns, wrong = towns()
    measured = weakest_slice(Sample.of(answered(columns, wrong), seed=3, size=800))

    assert measured.details["of_n"] == 1_200
    assert measured.n < 800


@pytest.mark.parametrize("kind", [float, int])
@pytest.mark.parametrize(("values", "bands"), [(20, False), (21, True)])
def test_numbers_of_more_than_twenty_values_are_cut_into_quarters(kind, values, bands):
    column = [kind(one) for one in np.arange(4_200) % values]
    measured = weakest_slice(sampled({"x": column}, np.asarray(column) < values / 4), minimum_rows=10)

    assert measured.details["searched"] == (4 if bands else values)
    assert ("low" in measured.details["slice"][0]) is bands


def test_values_are_counted_on_the_half_that_looks_alone():
    looking = halves(1_000)
    column = np.where(looking, np.arange(1_000) % 20, np.arange(1_000) % 40).tolist()
    measured = weakest_slice(sampled({"x": column}, np.arange(1_000) % 5 == 0), minimum_rows=10)

    assert measured.details["searched"] == 20


def test_a_value_on_an_edge_belongs_to_the_quarter_above_it():
    measured = weakest_slice(sampled({"x": (np.arange(4_000) % 100).tolist()}, np.arange(4_000) % 100 >= 75))
    (condition,) = measured.details["slice"]
    other = halves(4_000) == 0
    inside = (np.arange(4_000) % 100 >= condition["low"]) & other

    assert condition["high"] is None
    assert measured.details["slice_n"] == inside.sum()


@pytest.mark.parametrize("weak", range(20))
def test_of_equally_common_values_the_first_twenty_in_natural_order_are_looked_at(weak):
    looking = halves(3_000)
    code = np.empty(3_000, np.int64)
    code[looking] = np.arange(looking.sum()) % 25
    code[~looking] = np.arange((~looking).sum()) % 25
    keep = looking.sum() - looking.sum() % 25
    wrong = code == weak
    gone = np.zeros(3_000, np.bool_)
    gone[np.flatnonzero(looking)[keep:]] = True
    column = [None if lost else f"v{one}" for one, lost in zip(code, gone, strict=True)]
    measured = weakest_slice(sampled({"x": column}, wrong), minimum_rows=30)

    assert measured.details["searched"] == 20
    assert measured.details["slice"] == [{"column": "x", "level": f"v{weak}"}]


def test_only_pairs_of_the_five_weakest_features_are_looked_at():
    draws = np.random.default_rng(10)
    columns = {f"x{place}": draws.integers(0, 2, 4_000).tolist() for place in range(7)}
    measured = weakest_slice(sampled(columns, draws.random(4_000) < 0.3), minimum_rows=10)

    assert measured.details["searched"] == 7 * 2 + 10 * 4


def test_the_pair_of_the_two_weakest_features_is_found_among_many():
    draws = np.random.default_rng(11)
    columns = {f"x{place}": draws.integers(0, 2, 6_000).tolist() for place in range(8)}
    first, last = np.array(columns["x2"]), np.array(columns["x7"])
    wrong = draws.random(6_000) < np.where((first == 1) & (last == 0), 0.6, 0.1)
    measured = weakest_slice(sampled(columns, wrong))
    other = ~halves(6_000)
    mine = other & (first == 1) & (last == 0)

    assert measured.details["slice"] == [{"column": "x2", "level": 1}, {"column": "x7", "level": 0}]
    assert measured.details["slice_n"] == mine.sum()
    assert measured.value == pytest.approx(wrong[mine].mean() - wrong[other].mean())


@given(st.integers(0, 2**32), st.integers(200, 600), st.integers(3, 15))
@settings(max_examples=20, deadline=None)
def test_search_leaves_rare_values_out_of_pairs_too(seed, n, minimum):
    draws = np.random.default_rng(seed)
    common = np.array([f"v{one:02}" for one in range(30)])
    weights = 1 / (1 + np.arange(30))
    code = draws.choice(30, n, p=weights / weights.sum())
    columns = {
        "town": np.array(["가", "나", "다"])[draws.integers(0, 3, n)].tolist(),
        "many": common[code].tolist(),
        "number": numbers(draws.normal(size=n).round(1)),
    }
    # Rows of the values that are left out are all wrong: counted with any part they would make it the weakest.
    sample = sampled(columns, (draws.random(n) < 0.3) | (code >= 20))
    looking = parts_of(sample, 2, seed=seed) == 0
    eligible, expected = weakest_by_hand(sample, looking, minimum)
    measured = weakest_slice(sample, minimum_rows=minimum, seed=seed)
    found = measured.details["found"]

    assert measured.details["searched"] == eligible
    assert found["value"] * found["n"] / (found["n"] + minimum) == pytest.approx(-expected[0], abs=1e-9)


def test_of_parts_of_one_feature_the_first_of_the_weakest_is_told():
    looking = halves(800)
    town = np.empty(800, object)
    for half in (looking, ~looking):
        town[half] = np.array(["나", "가"])[np.arange(half.sum()) % 2]
    town[np.flatnonzero(looking)[looking.sum() - looking.sum() % 2 :]] = None
    measured = weakest_slice(sampled({"town": town.tolist()}, np.zeros(800, np.bool_)))

    assert measured.details["slice"] == [{"column": "town", "level": "가"}]


def test_entities_that_the_part_holds_are_counted_on_either_side():
    draws = np.random.default_rng(12)
    entity = np.repeat(np.arange(400), 4)
    town = np.repeat(draws.integers(0, 2, 400), 4)
    wrong = np.repeat(draws.random(400) < np.where(town[::4] == 1, 0.4, 0.1), 4)
    sample = sampled({"town": town.tolist()}, wrong, entity=entity.tolist())
    measured = weakest_slice(sample, seed=2)
    other = parts_of(sample, 2, seed=2) == 1
    right = ~wrong
    limits = []
    for rows in (other & (town == 0), other & (town == 1)):
        worth = worth_of(right[rows], sample.entity[rows], confidence=0.95)
        limits.append((right[rows].mean(), *clopper_pearson(right[rows].mean() * worth, worth, confidence=0.95)))
    (rest, rest_low, rest_high), (weak, weak_low, weak_high) = limits
    share = np.mean(town[other] == 0)

    assert measured.low == pytest.approx(share * (rest - weak - np.hypot(rest - rest_low, weak_high - weak)))
    assert measured.high == pytest.approx(share * (rest - weak + np.hypot(rest_high - rest, weak - weak_low)))


def test_nothing_that_was_asked_for_stands_for_the_usual():
    columns, wrong = towns()
    sample = sampled(columns, wrong)

    assert weakest_slice(sample) == weakest_slice(sample, minimum_rows=100, confidence=0.95, seed=0)


def test_minimum_below_one_is_named_when_it_is_refused():
    columns, wrong = towns(50)

    with pytest.raises(ChecklistError, match=r"^option 'minimum_rows' must be at least 1, not 0$"):
        weakest_slice(sampled(columns, wrong), minimum_rows=0)


def tied(n=1_000):
    """The same weak rows by a feature where they are the rarer value, and by one where they are the commonest."""
    code = np.arange(n) % 10
    wrong = code < 4
    return np.where(wrong, "weak", "else").tolist(), np.where(wrong, "weak", code.astype(str)).tolist(), wrong


def test_of_two_features_that_are_equally_weak_the_first_is_told():
    rarer, commonest, wrong = tied()

    for first, second in ((rarer, commonest), (commonest, rarer)):
        measured = weakest_slice(sampled({"first": first, "second": second}, wrong))
        assert measured.details["slice"] == [{"column": "first", "level": "weak"}]


def test_of_features_that_are_equally_weak_the_first_five_are_paired():
    rarer, commonest, wrong = tied()
    columns = {f"x{place}": rarer for place in range(5)} | {"last": commonest}
    measured = weakest_slice(sampled(columns, wrong), minimum_rows=20)

    # Two parts of five features and seven of the last; crossed with itself, a feature has its own two again.
    assert measured.details["searched"] == 5 * 2 + 7 + 10 * 2
