"""Check digits and shapes, on published examples and against what each definition says."""

import datetime

import numpy as np
import pytest

from reliability.evidence.personal_forms import (
    FORMS,
    business,
    card,
    corporation,
    foreigner,
    licence,
    mobile_number,
    passport,
    phone,
    resident,
)


def codes(*numbers):
    return np.frombuffer("".join(numbers).encode(), np.uint8).reshape(len(numbers), -1).T


def passes(judge, *numbers):
    shaped, passing = judge(codes(*numbers))
    assert not (passing & ~shaped).any()
    return passing.tolist()


def shaped(judge, *numbers):
    return judge(codes(*numbers))[0].tolist()


def day_there_was(digits):
    century = {1: 1900, 2: 1900, 5: 1900, 6: 1900, 3: 2000, 4: 2000, 7: 2000, 8: 2000}.get(int(digits[6]))
    if century is None:
        return False
    try:
        datetime.date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    return True


def digit_of(number, weights, modulus, less):
    return (less - sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % modulus) % 10


def made(length, n, seed=0):
    return ["".join(map(str, row)) for row in np.random.default_rng(seed).integers(0, 10, (n, length)).tolist()]


def test_a_resident_number_has_a_birth_date_and_its_check_digit():
    # 8001011 23456: 2*8+3*0+4*0+5*1+6*0+7*1+8*1+9*2+2*3+3*4+4*5+5*6 = 122 = 11 * 11 + 1, and 11 - 1 is written 0.
    assert passes(resident, "8001011234560", "8001011234561", "8001321234560") == [True, False, False]


def test_resident_numbers_agree_with_the_calendar_and_the_sum():
    days = [f"{y:02}{m:02}{d:02}" for y in (0, 4, 85) for m in (2, 4, 12) for d in (29, 30, 31)]
    numbers = [*made(13, 3000), *(f"{day}{sex}12345{last}" for day in days for sex in range(10) for last in (0, 5))]
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    real = [day_there_was(number) for number in numbers]
    citizens = [born and number[6] in "1234" for born, number in zip(real, numbers, strict=True)]
    foreigners = [born and number[6] in "5678" for born, number in zip(real, numbers, strict=True)]

    assert shaped(resident, *numbers) == citizens
    assert shaped(foreigner, *numbers) == foreigners
    assert passes(resident, *numbers) == [
        ok and int(number[12]) == digit_of(number, weights, 11, 11)
        for ok, number in zip(citizens, numbers, strict=True)
    ]
    assert passes(foreigner, *numbers) == [
        ok and int(number[12]) == digit_of(number, weights, 11, 13)
        for ok, number in zip(foreigners, numbers, strict=True)
    ]


@pytest.mark.parametrize("judge", [resident, foreigner])
def test_one_check_digit_in_ten_fits_whatever_stands_before(judge):
    first = "900101" + ("1" if judge is resident else "5")
    numbers = [f"{first}{rest}{digit}" for rest in made(5, 200) for digit in range(10)]

    assert np.array(passes(judge, *numbers)).reshape(-1, 10).sum(axis=1).tolist() == [1] * 200


def test_the_29th_of_february_is_a_day_in_leap_years_only():
    assert shaped(resident, "0002291000000", "0002293000000", "0402293000000", "0502293000000") == [
        False, True, True, False,
    ]  # fmt: skip


def test_business_numbers_of_public_companies_pass():
    # Published by their holders: Samsung Electronics, Kakao, Naver, Hyundai Motor.
    assert passes(business, "1248100998", "1208147521", "2208162517", "1018109147") == [True] * 4
    assert passes(business, "1248100999", "1208147522", "2208162518", "1018109148") == [False] * 4


def test_a_business_number_needs_an_office_a_kind_and_a_serial():
    assert shaped(business, "1000100011", "1010000011", "1010100001", "1010100011") == [False, False, False, True]


def test_the_example_of_the_registry_rules_is_a_corporation():
    # Annex of the rules: 110111-006243 gives 28, and 10 - 8 = 2.
    assert passes(corporation, "1101110062432", "1101110062433", "9101110062432") == [True, False, False]
    assert shaped(corporation, "1100110062432", "3000110062432") == [False, False]


def test_corporation_numbers_agree_with_the_sum():
    numbers = ["1101" + number for number in made(9, 500, seed=2)]

    assert passes(corporation, *numbers) == [
        int(number[12]) == digit_of(number, (1, 2) * 6, 10, 10) for number in numbers
    ]


def test_card_numbers_that_issuers_publish_for_testing_pass():
    cards = ["4111111111111111", "5555555555554444", "2223003122003222", "6011111111111117", "3530111333300000"]

    assert passes(card, *cards) == [True] * 5
    assert passes(card, "378282246310005", "371449635398431") == [True, True]
    assert passes(card, *(number[:-1] + str((int(number[-1]) + 1) % 10) for number in cards)) == [False] * 5


def test_a_card_number_needs_the_prefix_of_an_issuer():
    assert shaped(card, "1111111111111117", "2220000000000000", "2721000000000000", "0000000000000000") == [False] * 4
    assert shaped(card, "2221000000000000", "2720000000000000", "9420000000000000", "6200000000000000") == [True] * 4
    assert shaped(card, "350000000000000", "340000000000000", "370000000000000") == [False, True, True]


def luhn(number):
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


@pytest.mark.parametrize("length", [15, 16])
def test_cards_agree_with_luhns_sum(length):
    numbers = [("37" if length == 15 else "4") + rest for rest in made(length - (2 if length == 15 else 1), 500)]

    assert passes(card, *numbers) == [luhn(number) for number in numbers]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("01023456789", True), ("01012345678", False), ("0112345678", True), ("01123456789", True),
        ("01523456789", False), ("0223456789", True), ("023456789", True), ("021456789", False),
        ("03123456789", True), ("0312345678", True), ("0342345678", False), ("11023456789", False),
        ("07023456789", True), ("02234567890", False), ("0102345678", False), ("031234567", False),
    ],
)  # fmt: skip
def test_phone_numbers_have_a_prefix_an_area_and_an_exchange(number, expected):
    assert passes(phone, number) == [expected]


def test_ten_digit_numbers_are_mobile_where_a_zero_was_lost_before_ten():
    assert passes(mobile_number, "01023456789", "01012345678", "01123456789", "01999999999") == [
        True, False, False, False,
    ]  # fmt: skip


def test_licences_have_a_region_and_new_passports_a_letter_of_theirs():
    assert passes(licence, "112345678901", "282345678901", "102345678901", "292345678901") == [True, True, False, False]
    assert passes(passport, "M123A4567", "S123B4567", "A123A4567") == [True, True, False]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_every_form_judges_no_number_at_all(form):
    for groups in form.written:
        shape, passing = form.judge(np.zeros((sum(groups), 0), np.uint8))

        assert (shape.tolist(), passing.tolist()) == ([], [])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_every_form_takes_as_many_digits_in_text_as_among_numbers(form):
    written = {sum(groups) for groups in form.written}

    assert {length for *_, length in form.numbers} <= written
    assert all(low < high <= 10**length for low, high, length in form.numbers)
