"""Columns that name people: found where they are, and not where digits are only digits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from reliability.blocks import Column
from reliability.checks.privacy.identifiers import identifier_columns, training_identifier_columns
from reliability.errors import NotMeasurable
from reliability.evidence.personal_identifiers import Found, PersonalIdentifiers
from reliability.records import canonical_json
from tests.builders import block

BOTH = (identifier_columns, training_identifier_columns)
PHONES = ["010-2345-6789", "010-3456-7890", "02-345-6789", "031-234-5678"]
CARDS = ["4111111111111111", "5555555555554444", "6011111111111117", "3530111333300000"]
COMPANIES = ["124-81-00998", "120-81-47521", "220-81-62517", "101-81-09147"]


def residents(n, sex="1", more=11):
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    first = [f"{60 + place % 40}0{1 + place % 9}1{place % 9}{sex}{place:05}" for place in range(n)]
    sums = [sum(int(digit) * weight for digit, weight in zip(one, weights, strict=True)) for one in first]
    return [f"{one[:6]}-{one[6:]}{(more - total % 11) % 10}" for one, total in zip(first, sums, strict=True)]


def searched(**columns):
    n = len(next(iter(columns.values())))
    return PersonalIdentifiers.of(block([0] * n, columns=columns))


def named(**columns):
    """Column and kind of what is counted."""
    return [(one["column"], one["kind"]) for one in identifier_columns(searched(**columns)).details["columns"]]


@pytest.mark.parametrize("check", BOTH)
def test_columns_are_counted_and_named_with_their_cells(check):
    measured = check(searched(who=[*residents(3), "가"], age=[1, 2, 3, 4], memo=[f"전화 {one}" for one in PHONES]))

    assert (measured.value, measured.n, measured.unit, measured.method) == (2, 4, "columns", "exact")
    assert (measured.low, measured.high, measured.reason.code) == (None, None, "whole_file")
    assert measured.details == {
        "searched": 3,
        "columns": [
            {"column": "who", "kind": "resident_number", "cells": 3, "shaped_cells": 3},
            {"column": "memo", "kind": "phone_number", "cells": 4, "shaped_cells": 4},
        ],
        "unclear": [],
        "businesses": [],
    }


def test_what_looks_like_addresses_and_is_none_names_nobody():
    there = searched(memo=["hong@example.kr", "가"])
    none = replace(there, columns={"memo": {"email_address": replace(there.columns["memo"]["email_address"], cells=0)}})
    told = identifier_columns(none)

    assert (told.value, told.details["columns"]) == (0, [])
    assert [one["column"] for one in told.details["unclear"]] == ["memo"]


def test_a_column_that_names_people_in_two_ways_counts_once():
    measured = identifier_columns(
        searched(memo=[f"{one} {two}" for one, two in zip(residents(4), PHONES, strict=True)])
    )

    assert measured.value == 1
    assert [one["kind"] for one in measured.details["columns"]] == ["phone_number", "resident_number"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (residents(2), "resident_number"),
        (residents(3, "6", 13), "foreigner_number"),
        (CARDS, "card_number"),
        (PHONES, "phone_number"),
        (["hong@example.kr", "가"], "email_address"),
        ([f"1{place}-20-12345{place}-78" for place in range(1, 7)], "driving_licence"),
        ([f"M12{place}A4567" for place in range(4)], "passport_number"),
        ([int(one.replace("-", "")) for one in residents(40)], "resident_number"),
        ([float(one.replace("-", "")) for one in residents(40)], "resident_number"),
        ([int(card) for card in CARDS], "card_number"),
        ([1023456789, 1034567890, 1045678901], "phone_number"),
    ],
)
def test_every_kind_is_named(values, kind):
    assert ("x", kind) in named(x=values)


def test_numbers_of_businesses_are_listed_and_not_counted():
    measured = identifier_columns(searched(firm=COMPANIES))

    assert measured.value == 0
    assert [(one["column"], one["kind"], one["cells"]) for one in measured.details["businesses"]] == [
        ("firm", "business_number", 4),
    ]


def test_one_value_may_be_chance_and_one_address_may_not():
    single = identifier_columns(searched(x=[*residents(1), "가"]))

    assert (single.value, single.details["columns"]) == (0, [])
    assert single.details["unclear"] == [{"column": "x", "kind": "resident_number", "cells": 1, "shaped_cells": 1}]
    assert identifier_columns(searched(x=[residents(1)[0]] * 500)).value == 0
    assert identifier_columns(searched(x=["a@b.kr"])).value == 1


def test_numbers_issued_without_a_check_digit_are_left_to_a_person():
    new = [one[:-1] + str((int(one[-1]) + 1) % 10) for one in residents(50)]
    measured = identifier_columns(searched(x=new))

    assert measured.value == 0
    assert measured.details["unclear"] == [{"column": "x", "kind": "resident_number", "cells": 0, "shaped_cells": 50}]


def test_a_few_people_in_a_long_column_of_other_text_are_found():
    assert named(memo=[*residents(2), *(f"주문 {place}" for place in range(500))]) == [("memo", "resident_number")]


def found_of(passing, distinct):
    kept = np.arange(1, distinct + 1, dtype=np.uint64) * np.uint64(2)
    kept[:passing] += np.uint64(1)
    return Found(cells=passing, shaped_cells=distinct, kept=kept)


@pytest.mark.parametrize("distinct", [2, 3, 4, 5, 8, 10, 20, 39, 100, 1024])
@pytest.mark.parametrize(
    ("kind", "chance"),
    [
        ("resident_number", 0.1),
        ("card_number", 0.1),
        ("phone_number", 0.05),
        ("driving_licence", 0.18),
        ("passport_number", 0.2),
    ],
)
def test_the_rule_is_the_binomial_tail_and_the_least_share(kind, chance, distinct):
    for passing in range(distinct + 1):
        evidence = PersonalIdentifiers(n=5000, columns={"x": {kind: found_of(passing, distinct)}})
        expected = (
            passing >= 2
            and passing / distinct >= max(0.25, 2.5 * chance) - 1e-12
            and binom.sf(passing - 1, distinct, chance) <= 0.01 + 1e-12
        )

        assert identifier_columns(evidence).value == expected, passing


@pytest.mark.parametrize("low", [10**9, 10**10, 10**11, 10**12, 10**14, 10**15])
def test_columns_of_random_digits_are_hardly_ever_named(low):
    draws, alarms = np.random.default_rng(low % 97), 0
    for rows in (20, 60, 200, 1000) * 5:
        numbers = draws.integers(low, 10 * low, rows)
        column = Column(kind="i8", values=numbers, missing=np.zeros(rows, np.bool_))
        levels = tuple(map(str, numbers.tolist()))
        text = Column(kind="utf8", values=np.arange(rows, dtype=np.int32), missing=column.missing, levels=levels)
        alarms += sum(identifier_columns(searched(x=one)).value for one in (column, text))

    assert alarms <= 2  # of 40


@pytest.mark.parametrize(
    "values",
    [
        [1_700_000_000_000 + 997 * place for place in range(400)],  # milliseconds
        [1_700_000_000 + 61 * place for place in range(400)],  # seconds
        [f"8801234{place:06}" for place in range(400)],  # bar codes
        [f"2401{1 + place % 28:02}-1{place:06}" for place in range(400)],  # orders by day
        [f"{place:013}" for place in range(400)],
        [4_000_000_000_000_000 + place for place in range(400)],
        [f"{place:010}" for place in range(1_000_000_000, 1_000_000_400)],
        [f"37.{place:013}" for place in range(400)],
        [f"2024-01-15 {place % 24:02}:00:00" for place in range(400)],
        [f"{place:032x}" for place in range(10**20, 10**20 + 400)],
        np.random.default_rng(0).normal(1e12, 1e11, 400),
    ],
    ids=["milliseconds", "seconds", "bar codes", "orders", "padded", "sixteen digits", "ten digits", "degrees", "times",
         "hexadecimal", "amounts"],
)  # fmt: skip
def test_numbers_that_count_or_measure_are_not_named(values):
    assert named(x=values) == []


@pytest.mark.parametrize("check", BOTH)
def test_no_value_stands_in_the_record(check):
    values = [*residents(3), *PHONES, *CARDS, "hong.gildong@example.kr"]
    told = canonical_json(check(searched(x=values))).decode()

    assert not any(value in told or value.replace("-", "") in told for value in values)
    assert "position" not in told


@pytest.mark.parametrize("check", BOTH)
def test_identifiers_need_rows(check):
    with pytest.raises(NotMeasurable) as refusal:
        check(searched(x=[]))

    assert refusal.value.code == "no_rows"


def test_columns_without_digits_or_without_values_are_searched_in_vain():
    measured = identifier_columns(searched(a=[None, None], b=[True, False], c=["가", "나"], d=[1.5, None]))

    assert (measured.value, measured.details["searched"], measured.details["unclear"]) == (0, 4, [])


def test_order_of_rows_and_of_blocks_changes_nothing():
    values = [*residents(30), *PHONES, "x"]
    rows = block([0] * len(values), columns={"x": values})
    parts = [PersonalIdentifiers.of(rows.where(part)) for part in np.array_split(np.arange(len(values)), 5)]
    backwards = PersonalIdentifiers.of(rows.where(np.arange(len(values))[::-1]))

    added = parts[4] + parts[0] + parts[3] + parts[1] + parts[2]
    assert (
        identifier_columns(added) == identifier_columns(backwards) == identifier_columns(PersonalIdentifiers.of(rows))
    )
