"""What columns hold of people's identifiers: counts that add, and nothing that could be read back."""

import time

import numpy as np
import pytest

from reliability.blocks import Block, Column, Roles
from reliability.evidence.personal_identifiers import KEPT_VALUES, PersonalIdentifiers
from tests.builders import block, column

RESIDENT, FOREIGNER = "800101-1234560", "800101-5234563"
CARD, PHONE, MAIL = "4111-1111-1111-1111", "010-2345-6789", "hong@example.co.kr"


def searched(values, **others):
    return PersonalIdentifiers.of(block([0] * len(values), columns={"x": values}, **others)).columns["x"]


def cells(values):
    return {kind: found.cells for kind, found in searched(values).items() if found.cells}


def residents(n, start=0):
    """Numbers with fitting check digits, all distinct."""
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    first = [f"{60 + place % 40}0{1 + place % 9}1{place % 9}1{place:05}" for place in range(start, start + n)]
    return [f"{one}{(11 - sum(int(d) * w for d, w in zip(one, weights, strict=True)) % 11) % 10}" for one in first]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (RESIDENT, "resident_number"),
        (RESIDENT.replace("-", ""), "resident_number"),
        (RESIDENT.replace("-", " "), "resident_number"),
        (FOREIGNER, "foreigner_number"),
        (CARD, "card_number"),
        (CARD.replace("-", ""), "card_number"),
        ("3782 822463 10005", "card_number"),
        (PHONE, "phone_number"),
        (PHONE.replace("-", "."), "phone_number"),
        (PHONE.replace("-", ""), "phone_number"),
        ("02-345-6789", "phone_number"),
        ("031)234-5678", "phone_number"),
        (MAIL, "email_address"),
        ("11-20-123456-78", "driving_licence"),
        ("M123A4567", "passport_number"),
        ("120-81-47521", "business_number"),
        ("110111-0062432", "corporation_number"),
    ],
)
def test_an_identifier_is_found_alone_and_in_a_sentence(value, kind):
    assert cells([value, "가"])[kind] == 1
    assert cells([f"고객({value})에게 알림", None])[kind] == 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([8001011234560, 5], "resident_number"),
        ([8001011234560.0, 2.5], "resident_number"),
        ([8001011234560, None], "resident_number"),
        ([4111111111111111, 1], "card_number"),
        ([378282246310005, 1], "card_number"),
        ([1023456789, 1], "phone_number"),
        ([1023456789.0, None], "phone_number"),
        ([1208147521, 1], "business_number"),
        ([1101110062432, 1], "corporation_number"),
    ],
)
def test_an_identifier_is_found_among_numbers(values, kind):
    assert cells(values)[kind] == 1


def test_a_resident_born_after_1999_is_found_though_zeros_were_lost():
    # 000101-3000003: the digits begin with five zeros less.
    number = "000101300000" + str((11 - (1 * 5 + 1 * 7 + 3 * 8) % 11) % 10)

    assert cells([int(number), 7])["resident_number"] == cells([number, "7"])["resident_number"] == 1


def test_cells_are_counted_and_values_once():
    found = searched([RESIDENT] * 5 + ["가"] * 3 + [RESIDENT.replace("-", "")] * 2)["resident_number"]

    assert (found.cells, found.shaped_cells, found.distinct, found.passing) == (7, 7, 1, 1)


def test_a_cell_with_two_of_a_kind_counts_once():
    found = searched([f"{RESIDENT}, {residents(1)[0]}"])["resident_number"]

    assert (found.cells, found.shaped_cells, found.distinct, found.passing) == (1, 1, 2, 2)
    assert searched([f"{PHONE} {PHONE}"])["phone_number"].cells == 1


def test_a_shape_that_does_not_pass_is_counted_apart():
    found = searched([RESIDENT, "800101-1234561"])["resident_number"]

    assert (found.cells, found.shaped_cells, found.distinct, found.passing) == (1, 2, 2, 1)


def test_a_value_in_text_and_among_numbers_has_one_digest():
    text, number = searched([RESIDENT])["resident_number"], searched([8001011234560])["resident_number"]

    assert text.kept.tolist() == number.kept.tolist() != searched(["900101-1234567"])["resident_number"].kept.tolist()


def test_digests_of_sixteen_digits_all_tell():
    one, other = (searched([card])["card_number"].kept.tolist() for card in ("4111111111111111", "4111111111111129"))
    first, second = (searched([card])["card_number"].kept.tolist() for card in ("4111111111111111", "5111111111111118"))

    assert len({*one, *other, *first, *second}) == 3


@pytest.mark.parametrize(
    "values",
    [
        [True, False], [1.5, 2.5], ["가", "나"], [None, None], [1e300, -1e300], [2**62, -(2**62)], [0.1, -0.0],
        ["2024-01-15", "12:30"], ["1.2345678901234"], ["550e8400-e29b-41d4-a716-446655440000"], ["A" * 5000],
        ["@"], ["a@b"], ["M12345678"], ["1234"], [""],
    ],
)  # fmt: skip
def test_what_identifies_nobody_is_not_found(values):
    assert cells(values) == {}


def test_missing_cells_are_not_looked_at():
    hidden = Column(kind="utf8", values=np.zeros(2, np.int32), missing=np.array([True, True]), levels=(RESIDENT,))
    number = Column(kind="i8", values=np.array([8001011234560]), missing=np.array([True]))

    assert (searched(hidden), searched(number)) == ({}, {})
    assert searched(Column(kind="utf8", values=np.zeros(0, np.int32), missing=np.zeros(0, np.bool_), levels=())) == {}


def test_columns_that_are_no_features_are_searched_in_the_order_of_the_file():
    others = {"memo": column([MAIL]), "age": column([30])}
    rows = block([0], columns={"x": [1]}, all_columns=("age", "x", "y", "memo"))
    found = PersonalIdentifiers.of(Block(**{**vars(rows), "others": others}))

    assert list(found.columns) == ["age", "x", "memo"]
    assert found.columns["memo"]["email_address"].cells == 1


@pytest.mark.parametrize("cut", [1, 700, 1500])
def test_counts_and_samples_of_values_are_those_of_all_rows(cut):
    numbers = residents(3000)
    rows = block([0] * 3000, columns={"x": numbers})
    whole = PersonalIdentifiers.of(rows).columns["x"]["resident_number"]
    parts = [PersonalIdentifiers.of(rows.where(part)) for part in (np.arange(cut), np.arange(cut, 3000))]
    added, turned = (one.columns["x"]["resident_number"] for one in (parts[0] + parts[1], parts[1] + parts[0]))

    assert added.kept.tolist() == turned.kept.tolist() == whole.kept.tolist()
    assert (added.cells, whole.distinct, whole.passing) == (3000, KEPT_VALUES, KEPT_VALUES)
    assert parts[0].n + parts[1].n == (parts[0] + parts[1]).n == 3000


def test_a_kind_that_only_one_part_has_is_kept():
    first, second = (PersonalIdentifiers.of(block([0], columns={"x": [value]})) for value in (MAIL, PHONE))

    assert {kind: found.cells for kind, found in (first + second).columns["x"].items()} == {
        "email_address": 1, "phone_number": 1,
    }  # fmt: skip


def test_kept_values_are_a_fair_sample_of_the_distinct_ones():
    draws = np.random.default_rng(0)
    found = searched([int(value) for value in draws.integers(10**12, 10**13, 60_000)])["corporation_number"]

    assert found.distinct == KEPT_VALUES
    assert abs(found.passing / found.distinct - found.cells / found.shaped_cells) < 0.04


def test_a_million_rows_of_twelve_columns_take_two_seconds():
    n, draws = 65_536, np.random.default_rng(0)
    columns = {f"f{place}": column_of("f8", draws.normal(5e4, 1e4, n)) for place in range(5)}
    columns |= {f"i{place}": column_of("i8", draws.integers(0, 10**7, n)) for place in range(4)}
    few = draws.integers(0, 9, n).astype(np.int32)
    columns |= {f"t{place}": column_of("utf8", few, "가나다라마바사아자") for place in range(2)}
    columns["id"] = column_of("utf8", np.arange(n, dtype=np.int32), [f"고객-{place:07}" for place in range(n)])
    rows = Block(start=0, roles=Roles(task="binary", features=tuple(columns)), columns=columns, y_true=np.zeros(n))
    took = []
    for _ in range(5):
        began = time.process_time()
        PersonalIdentifiers.of(rows)
        took.append(time.process_time() - began)

    assert min(took) * 1_000_000 / n < 2 * 2  # twice what it takes, as other work shares the processor


def column_of(kind, values, levels=()):
    return Column(kind=kind, values=values, missing=np.zeros(len(values), np.bool_), levels=tuple(levels))
