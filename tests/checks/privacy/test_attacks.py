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

from reliability.checks.privacy.classes import k_anonymity, l_diversity, rows_below_k, training_k_anonymity
from reliability.checks.privacy.identifiers import identifier_columns
from reliability.evidence import quasi_classes
from reliability.evidence.personal_identifiers import PersonalIdentifiers
from reliability.evidence.quasi_classes import QuasiClasses
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
@pytest.mark.parametrize(("passing", "failing"), [(1, 0), (2, 0)])
def test_text_is_named_by_how_many_check_digits_fit(kind, way, passing, failing):
    good, bad = numbers(kind, passing, failing, seed=passing)
    found = told([WAYS[way](kind, one) for one in (*good, *bad)]).get(kind)
    listed = expected(kind, passing, passing + failing)

    assert found == (None if listed is None else (listed, passing, passing + failing))
