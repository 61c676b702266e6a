"""Privacy checks against recomputations in pandas, scikit-learn and plain digits, over many tables."""

from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from reliability.blocks import Column
from reliability.checks.privacy.classes import k_anonymity, l_diversity, rows_below_k, training_k_anonymity
from reliability.checks.privacy.identifiers import identifier_columns, training_identifier_columns
from reliability.checks.privacy.membership import membership_inference_auc, membership_inference_tpr
from reliability.checks.sampled import auc_counts
from reliability.errors import NotMeasurable
from reliability.evidence import quasi_classes
from reliability.evidence.personal_identifiers import PersonalIdentifiers
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.quasi_classes import QuasiClasses
from reliability.evidence.sample import Sample
from reliability.intervals.ranks import auc_interval
from reliability.records import canonical_json
from tests.builders import block

CLASSES = (k_anonymity, training_k_anonymity, rows_below_k, l_diversity)
BIG = 2**60
NAMES = ("age", "zip", "born", "vip")
ROW = st.tuples(
    st.integers(0, 2),
    st.sampled_from([None, 20, BIG, BIG + 1]),
    st.sampled_from([None, "04523", "4523"]),
    st.sampled_from([None, 0.0, 1.5]),
    st.sampled_from([True, False]),
)
TABLE = st.lists(ROW, min_size=1, max_size=40)


def people(table, names=NAMES, cuts=1, y=None, **roles):
    columns = {name: [row[1 + NAMES.index(name)] for row in table] for name in names}
    kinds = {"classes": (0, 1, 2), "quasi_identifiers": tuple(names)} | roles
    rows = block([row[0] for row in table] if y is None else y, columns=columns, **kinds)
    return reduce(add, [QuasiClasses.of(rows.where(part)) for part in np.array_split(np.arange(rows.n), cuts)])


def by_hand(table, names=NAMES):
    """Rows and distinct targets of the class of every row."""
    keys = [tuple(str(row[1 + NAMES.index(name)]) for name in names) for row in table]
    frame = pd.DataFrame({"key": keys, "y": [row[0] for row in table]})
    return frame.groupby("key")["y"].transform("size"), frame.groupby("key")["y"].transform("nunique"), set(keys)


@settings(max_examples=60, deadline=None)
@given(TABLE, st.integers(1, 8), st.integers(1, 4), st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
def test_classes_of_any_columns_agree_with_pandas(table, k, cuts, names):
    evidence = people(table, names, cuts)
    sizes, targets, keys = by_hand(table, names)
    smallest, below, diverse = k_anonymity(evidence), rows_below_k(evidence, k=k), l_diversity(evidence)

    assert smallest.value == sizes.min()
    assert smallest.details == {"quasi_identifiers": names, "classes": len(keys), "rows_alone": (sizes == 1).sum()}
    assert (below.value, below.details["rows_found"]) == ((sizes < k).mean(), (sizes < k).sum())
    assert (diverse.value, diverse.details["rows_found"]) == (targets.min(), (targets == 1).sum())
    assert {one.n for one in (smallest, below, diverse)} == {len(table)}


@settings(max_examples=30, deadline=None)
@given(TABLE, st.permutations(NAMES), st.randoms())
def test_order_of_columns_and_rows_changes_no_class(table, names, random):
    once, again = people(table), people(random.sample(table, len(table)), names)

    for check in CLASSES:
        one, other = check(once), check(again)
        assert one.value == other.value
        assert other.details.pop("quasi_identifiers") == list(names)
        assert {name: one.details[name] for name in other.details} == other.details


@settings(max_examples=30, deadline=None)
@given(TABLE)
def test_rows_below_k_rise_with_k_and_begin_at_the_smallest_class(table):
    evidence = people(table)
    smallest = k_anonymity(evidence).value
    shares = [rows_below_k(evidence, k=k).value for k in range(1, len(table) + 2)]

    assert shares == sorted(shares)
    assert (shares[-1], shares[smallest - 1]) == (1.0, 0.0)
    assert shares[smallest] > 0
    assert 1 <= l_diversity(evidence).value <= smallest


@pytest.mark.parametrize("rows", [60, 3000])
@pytest.mark.parametrize("most", [10, 200])
def test_classes_that_leave_the_memory_are_counted_as_those_that_stay(monkeypatch, rows, most):
    draws = np.random.default_rng(rows)
    columns = zip(draws.integers(0, 3, rows), draws.integers(0, 20, rows), draws.choice(["a", "b"], rows), strict=True)
    table = [(int(y), int(age), place, 1.5, bool(age % 2)) for y, age, place in columns]
    kept = people(table)
    monkeypatch.setattr(quasi_classes, "PAIRS_IN_MEMORY", most)
    spilt = people(table, cuts=20)

    assert bool(spilt.runs) == (most < rows)
    for check in CLASSES:
        assert check(spilt) == check(kept)


@pytest.mark.parametrize(
    ("values", "smallest", "classes"),
    [
        ([0.0, -0.0], 2, 1),
        ([BIG, BIG + 1], 1, 2),
        ([2**63 - 1, 2**63 - 1, -(2**63), -(2**63)], 2, 2),
        ([1e308, 1e308, -1e308, -1e308], 2, 2),
        (["", "", None, None], 2, 2),
        (["a", "A", "a "], 1, 3),
        ([0, 0, None], 1, 2),
        ([None] * 4, 4, 1),
        ([True], 1, 1),
    ],
)
def test_values_are_one_class_where_they_are_equal_in_the_file(values, smallest, classes):
    measured = k_anonymity(QuasiClasses.of(block([0] * len(values), columns={"x": values}, quasi_identifiers=("x",))))

    assert (measured.value, measured.details["classes"]) == (smallest, classes)


def test_quasi_identifiers_may_be_columns_that_are_no_features():
    rows = block([0, 1, 0], columns={"x": [1, 2, 3], "zip": ["a", "a", "b"]}, quasi_identifiers=("zip",))
    apart = type(rows)(
        start=0,
        roles=rows.roles,
        columns={"x": rows.columns["x"]},
        others={"zip": rows.columns["zip"]},
        y_true=rows.y_true,
    )

    assert l_diversity(QuasiClasses.of(apart)) == l_diversity(QuasiClasses.of(rows))
    assert k_anonymity(QuasiClasses.of(apart)).value == 1


@pytest.mark.parametrize(("y", "distinct"), [([0.0, -0.0], 1), ([1.5, 1.5], 1), ([1.0, 1.0 + 2**-52], 2)])
def test_targets_of_a_regression_are_told_apart_by_their_value(y, distinct):
    rows = block(y, columns={"x": [1, 1]}, task="regression", quasi_identifiers=("x",))

    assert l_diversity(QuasiClasses.of(rows)).value == distinct


def total(digits, weights):
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def born(draws, sexes):
    year, month, day, place = (int(draws.integers(*ends)) for ends in ((0, 100), (1, 13), (1, 29), (0, 10**5)))
    return f"{year:02}{month:02}{day:02}{draws.choice(sexes)}{place:05}"


def luhn(body):
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return -sum(one // 10 + one % 10 for one in doubled) % 10


def made(kind, draws):
    """The digits of a number but the last, and the last that fits."""
    if kind in ("resident_number", "foreigner_number"):
        body = born(draws, (1, 2, 3, 4) if kind == "resident_number" else (5, 6, 7, 8))
        rest = total(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11
        return body, ((11 if kind == "resident_number" else 13) - rest) % 10
    if kind == "card_number":
        head, length = (("4", 16), ("51", 16), ("34", 15), ("6011", 16))[draws.integers(0, 4)]
        body = head + "".join(map(str, draws.integers(0, 10, length - 1 - len(head))))
        return body, luhn(body)
    if kind == "business_number":
        body = f"{draws.integers(101, 1000)}{draws.integers(1, 100):02}{draws.integers(1, 10_000):04}"
        return body, -(total(body, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(body[8]) * 5 // 10) % 10
    body = f"{draws.integers(1101, 3000)}{draws.integers(0, 10**8):08}"
    return body, -total(body, (1, 2) * 6) % 10


def numbers(kind, passing, failing, seed=0):
    """Distinct numbers of a kind whose last digit fits, and whose does not."""
    draws, found = np.random.default_rng(seed), ({}, {})
    for place, wanted in enumerate((passing, failing)):
        while len(found[place]) < wanted:
            body, last = made(kind, draws)
            found[place][body + str((last + place * int(draws.integers(1, 10))) % 10)] = None
    return [*found[0]], [*found[1]]


CHECKED = ["resident_number", "foreigner_number", "card_number", "business_number", "corporation_number"]
GROUPS = {"business_number": {10: (3, 2, 5)}, "card_number": {16: (4, 4, 4, 4), 15: (4, 6, 5)}}


def hyphened(kind, digits):
    ends = np.cumsum((0, *GROUPS.get(kind, {}).get(len(digits), (6, 7))))
    return "-".join(digits[first:last] for first, last in pairwise(ends))


def told(values, check=identifier_columns, cuts=1):
    """What is said of one column: kind to where it is listed, and its cells."""
    rows = block([0] * len(values), columns={"x": values})
    parts = [PersonalIdentifiers.of(rows.where(part)) for part in np.array_split(np.arange(rows.n), cuts)]
    details = check(reduce(add, parts)).details
    return {
        one["kind"]: (listed, one["cells"], one["shaped_cells"])
        for listed in ("columns", "unclear", "businesses")
        for one in details[listed]
    }


def expected(kind, passing, distinct, chance=0.1):
    least = max(0.25, 2.5 * chance) * distinct - 1e-12
    named = passing >= 2 and passing >= least and binom.sf(passing - 1, distinct, chance) <= 0.01 + 1e-12
    if kind in ("business_number", "corporation_number"):
        return "businesses" if named else None
    return "columns" if named else "unclear"


WAYS = {
    "digits": lambda kind, digits: digits,
    "hyphens": hyphened,
    "sentence": lambda kind, digits: f"그는 ({hyphened(kind, digits)}) 이다.",
    "full width": lambda kind, digits: digits.translate({48 + one: 0xFF10 + one for one in range(10)}),
    "dashes": lambda kind, digits: hyphened(kind, digits).replace("-", "\u2013"),
    "spaces": lambda kind, digits: hyphened(kind, digits).replace("-", " "),
}


@pytest.mark.parametrize("kind", CHECKED)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("passing", "failing"), [(1, 0), (2, 0), (2, 3), (5, 4), (0, 9), (3, 9), (30, 100), (40, 80)])
def test_text_is_named_by_how_many_check_digits_fit(kind, way, passing, failing):
    good, bad = numbers(kind, passing, failing, seed=passing)
    found = told([WAYS[way](kind, one) for one in (*good, *bad)]).get(kind)
    listed = expected(kind, passing, passing + failing)

    assert found == (None if listed is None else (listed, passing, passing + failing))


@pytest.mark.parametrize("kind", CHECKED)
@pytest.mark.parametrize("form", ["i8", "f8"])
@pytest.mark.parametrize(("passing", "failing"), [(1, 0), (2, 0), (2, 9), (6, 12), (20, 0), (0, 30)])
def test_columns_of_numbers_are_named_like_the_same_digits_in_text(kind, form, passing, failing):
    good, bad = numbers(kind, passing, failing, seed=7)
    cells = [int(one) if form == "i8" else float(one) for one in (*good, *bad)]
    found = told([*cells, None]).get(kind)
    listed = expected(kind, passing, passing + failing)

    assert found == (None if listed is None else (listed, passing, passing + failing))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(CHECKED), st.integers(0, 12), st.integers(0, 20), st.integers(1, 3), st.integers(1, 4), st.randoms()
)
def test_repeats_order_and_blocks_change_cells_but_no_verdict(kind, passing, failing, times, cuts, random):
    good, bad = numbers(kind, passing, failing)
    cells = [*good, *bad, "가", None] * times
    random.shuffle(cells)
    found, listed = told(cells, training_identifier_columns, cuts).get(kind), expected(kind, passing, passing + failing)

    if listed is None or passing + failing == 0:
        assert found is None
    else:
        assert found == (listed, passing * times, (passing + failing) * times)


@pytest.mark.parametrize(
    ("kind", "good", "bad", "chance"),
    [
        ("phone_number", "010-2{:03}-5678", "010-1{:03}-5678", 0.05),
        ("phone_number", "02-3{:02}-5678", "09-3{:02}-5678", 0.05),
        ("phone_number", "0312{:02}5678", "0392{:02}5678", 0.05),
        ("driving_licence", "11-20-123{:03}-78", "29-20-123{:03}-78", 0.18),
        ("passport_number", "M{:03}A4567", "X{:03}A4567", 0.2),
    ],
)
@pytest.mark.parametrize(("passing", "failing"), [(1, 0), (2, 0), (3, 0), (4, 1), (4, 4), (6, 30), (0, 5), (25, 25)])
def test_numbers_without_a_check_digit_are_named_by_how_many_prefixes_fit(kind, good, bad, chance, passing, failing):
    cells = [good.format(10 + place) for place in range(passing)] + [bad.format(10 + place) for place in range(failing)]

    assert told(cells)[kind] == (expected(kind, passing, len(cells), chance), passing, len(cells))


@pytest.mark.parametrize("around", ["{}7", "7{}", "a{}", "{}b", "{}-1", "1.{}", "9-{}"])
@pytest.mark.parametrize("kind", CHECKED)
def test_digits_that_are_part_of_something_longer_are_nothing(kind, around):
    good, _ = numbers(kind, 20, 0)

    assert kind not in told([around.format(hyphened(kind, one)) for one in good])


@pytest.mark.parametrize("day", ["000000", "991301", "990230", "990431", "000229"])
def test_days_that_there_never_were_have_no_shape(day):
    rows = [f"{day}{1 if day == '000229' else 3}{place:06}" for place in range(40)]

    assert "resident_number" not in told(rows)
    assert "resident_number" in told([f"0002293{place:06}" for place in range(40)])


@pytest.mark.parametrize(
    "values", [[None] * 5, [-1e300, 1e300], [np.inf, -np.inf], [2**63 - 1, -(2**63)], [0.5, 1e12 + 0.5]]
)
def test_numbers_beyond_all_identifiers_are_searched_in_vain(values):
    assert told(values) == {}


def test_columns_are_counted_once_each_and_outcomes_of_other_columns_do_not_matter():
    good, _ = numbers("resident_number", 6, 0)
    cards, _ = numbers("card_number", 6, 0)
    columns = {"b": good, "a": cards, "plain": [1, 2, 3, 4, 5, 6], "mail": ["가", None, "x@y.kr", "x@y", "@", "y.kr"]}
    for names in (list(columns), list(reversed(columns))):
        measured = identifier_columns(
            PersonalIdentifiers.of(block([0] * 6, columns={name: columns[name] for name in names}))
        )
        assert (measured.value, measured.n, measured.details["searched"]) == (3, 6, 4)
        assert [one["column"] for one in measured.details["columns"]] == [name for name in names if name != "plain"]
        text = canonical_json(measured).decode()
        assert not any(value in text for value in (*good, *cards, "x@y"))


def scored(columns):
    scores = columns["p"].values.astype(np.float64)
    return Answers(labels=(scores >= 0.5).astype(np.int64), scores=scores)


def attacked(members, others, answer=scored, options=None, **roles):
    """Evidence from rows (y, p): members of the training data, and others."""
    samples = [
        Sample.of(block([y for y, _ in rows], columns={"p": [float(p) for _, p in rows]}, **roles), seed=0, size=20_000)
        for rows in (others, members)
    ]
    probe = Probe(sample=samples[0], answers=answer(samples[0].columns), ask=answer, ask_anew=answer)
    return membership_inference_auc(probe, samples[1], **(options or {}))


def labelled(columns):
    return Answers(labels=scored(columns).labels)


def predicted(columns):
    return Answers(labels=columns["p"].values.astype(np.float64))


def thirds(columns):
    first = columns["p"].values
    scores = np.column_stack((first, (1 - first) / 4, 3 * (1 - first) / 4))
    return Answers(labels=scores.argmax(axis=1), scores=scores)


FIT = {
    "binary": (scored, lambda y, p: p if y else 1 - p, {}),
    "label": (labelled, lambda y, p: float((p >= 0.5) == y), {}),
    "regression": (predicted, lambda y, p: -abs(p - y), {"task": "regression"}),
    "multiclass": (
        thirds, lambda y, p: (p, (1 - p) / 4, 3 * (1 - p) / 4)[y],
        {"task": "multiclass", "classes": (0, 1, 2), "positive": None},
    ),
}  # fmt: skip
PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8).map(lambda one: one / 8)), min_size=1, max_size=25)


@pytest.mark.parametrize("task", FIT)
@settings(max_examples=30, deadline=None)
@given(members=PAIRS, others=PAIRS)
def test_the_area_is_that_of_scikit_learn_for_every_task(task, members, others):
    answer, fit, roles = FIT[task]
    fits = np.array([fit(*row) for row in (*others, *members)])
    truth = np.repeat([False, True], [len(others), len(members)])
    measured = attacked(members, others, answer, **roles)

    assert measured.value == pytest.approx(roc_auc_score(truth, fits), abs=1e-12)
    assert (measured.n, measured.details["training_n"]) == (len(fits), len(members))
    if min(len(members), len(others)) < 2:
        assert (measured.judged, measured.reason.code) == (False, "too_few_for_interval")
    else:
        limits = auc_interval(auc_counts(fits, truth), confidence=0.95)
        assert (measured.low, measured.high) == pytest.approx(limits, abs=1e-12)


@pytest.mark.parametrize("task", FIT)
@settings(max_examples=20, deadline=None)
@given(members=PAIRS, others=PAIRS)
def test_files_that_change_places_turn_the_area_round(task, members, others):
    answer, _, roles = FIT[task]
    once, turned = (attacked(*some, answer, **roles) for some in ((members, others), (others, members)))

    assert once.value == pytest.approx(1 - turned.value, abs=1e-12)
    assert attacked(members, members, answer, **roles).value == 0.5


@pytest.mark.parametrize("groups", [["F"], [None]])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_group_is_attacked_with_its_own_training_rows_only(groups, seed):
    draws = np.random.default_rng(seed)
    theirs = [(None, "F", "M")[one] for one in draws.integers(0, 3, 60)]
    fits, mine = draws.random(60).round(1), draws.random(25).round(1)
    training, here = (
        Sample.of(block([1] * len(p), columns={"p": p}, groups={"g": g}), seed=0, size=1000)
        for p, g in ((fits, theirs), (mine, groups * 25))
    )
    probe = Probe(sample=here, answers=scored(here.columns), ask=scored, ask_anew=scored)
    same = fits[[one == groups[0] for one in theirs]]
    truth = np.repeat([0, 1], [25, len(same)])

    assert membership_inference_auc(probe, training).value == pytest.approx(
        roc_auc_score(truth, np.append(mine, same)), abs=1e-12
    )
    assert membership_inference_tpr(probe, training).n == len(same)


@pytest.mark.parametrize("size", [1, 2, 30])
def test_a_smaller_sample_is_attacked_as_if_it_were_all(size):
    draws = np.random.default_rng(size)
    fits = draws.random((2, 50)).round(2)
    here, training = (Sample.of(block([1] * 50, columns={"p": p}), seed=0, size=100) for p in fits)
    probe = Probe(sample=here, answers=scored(here.columns), ask=scored, ask_anew=scored)
    kept = [one.smaller(size).columns["p"].values for one in (training, here)]
    measured = membership_inference_auc(probe, training, sample_size=size)

    assert (measured.n, measured.value) == (2 * size, attacked(*([(1, p) for p in some] for some in kept)).value)


def test_no_training_rows_and_no_rows_are_refused_for_every_task():
    for answer, _, roles in FIT.values():
        for members, others, code in (([], [(0, 0.5)], "no_training_data"), ([(0, 0.5)], [], "no_rows")):
            with pytest.raises(NotMeasurable) as refusal:
                attacked(members, others, answer, **roles)
            assert refusal.value.code == code


def test_the_record_of_an_attack_holds_counts_only():
    rows = [(1, 0.123456789), (0, 0.987654321), (1, 0.55555551)]
    written = canonical_json(attacked(rows, rows[:2])).decode()

    assert not any(str(p)[2:] in written for _, p in rows)
    assert set(attacked(rows, rows).details) == {"evaluation_n", "evaluation_of_n", "training_n", "training_of_n", "by"}


def test_a_column_of_whole_numbers_and_one_of_text_hold_the_same_people():
    good, bad = numbers("card_number", 9, 4)
    digits = np.array([int(one) for one in (*good, *bad)])
    column = Column(kind="i8", values=digits, missing=np.arange(13) == 0)

    assert told([None, *digits[1:].tolist()]) == told([None, *good[1:], *bad])
    assert PersonalIdentifiers.of(block([0] * 13, columns={"x": column})).columns["x"]["card_number"].cells == 8
