"""What numbers that identify people look like, and how to tell them from other numbers: date, prefix, check digit.

Written from the published definitions. A resident's or foreigner's number issued since October 2020 has no check
digit that fits (its last six digits are drawn at random): such a number has the shape, and does not pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reliability.blocks import Bools, Ints

# Characters of n numbers as UTF-8 has them, shape (L, n): one row for every place.
Codes: TypeAlias = npt.NDArray[np.uint8]
# Of n numbers, which have the shape, and which of those pass; shape (n,) each.
Judged: TypeAlias = tuple[Bools, Bools]

ZERO = 48
_RESIDENT = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_BUSINESS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CORPORATION = (1, 2) * 6
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, *[0] * 87])
_AREAS = (31, 32, 33, 41, 42, 43, 44, 51, 52, 53, 54, 55, 61, 62, 63, 64, 70)
_ISSUERS = (
    (2221, 2720),
    (3528, 3589),
    (4000, 4999),
    (5100, 5599),
    (6000, 6099),
    (6200, 6299),
    (6440, 6599),
    (9000, 9999),
)


@dataclass(frozen=True, kw_only=True)
class Form:
    """How one kind of identifier is written, and how it is told from what is written alike.

    Attributes
    ----------
    kind : str
        What it identifies by.
    written : tuple of tuple of int
        In text: how many digits stand together, group by group.
    judge : callable
        Characters without separators to what has the shape and what passes.
    numbers : tuple of (int, int, int)
        In a column of numbers: from where, below what, and how many digits with the leading zeros.
    judge_numbers : callable
        The same for numbers.
    """

    kind: str
    written: tuple[tuple[int, ...], ...]
    judge: Callable[[Codes], Judged]
    numbers: tuple[tuple[int, int, int], ...] = ()
    judge_numbers: Callable[[Codes], Judged] | None = None


def resident(codes: Codes) -> Judged:
    """Resident registration numbers: birth date, sex and century, check digit.

    Parameters
    ----------
    codes : ndarray of uint8, shape (13, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        A birth date that there is, of a citizen; and the check digit (11 - s mod 11) mod 10.

    Notes
    -----
    s sums the first twelve digits with the weights 2 to 9 and 2 to 5.

    References
    ----------
    Enforcement rule of the Resident Registration Act of Korea, Article 2 (before its amendment of 26 May 2020).
    """
    shaped = _born(codes) & (codes[6] <= ZERO + 4)
    return shaped, shaped & (_digit(codes, 12) == (11 - _weighted(codes, _RESIDENT) % 11) % 10)


def foreigner(codes: Codes) -> Judged:
    """Foreigner registration numbers: as residents', with a check digit that is two more.

    Parameters
    ----------
    codes : ndarray of uint8, shape (13, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        A birth date that there is, of a foreigner; and the check digit (13 - s mod 11) mod 10.

    References
    ----------
    Enforcement rule of the Immigration Act of Korea, Article 49-2.
    """
    shaped = _born(codes) & (codes[6] >= ZERO + 5)
    return shaped, shaped & (_digit(codes, 12) == (13 - _weighted(codes, _RESIDENT) % 11) % 10)


def business(codes: Codes) -> Judged:
    """Business registration numbers: tax office, kind of business, serial number, check digit.

    Parameters
    ----------
    codes : ndarray of uint8, shape (10, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        An office from 101, a kind and a serial number other than zero; and the check digit.

    Notes
    -----
    Check digit: (10 - (s + floor(5 d9 / 10)) mod 10) mod 10, s the first nine digits with weights 1 3 7 1 3 7 1 3 5.

    References
    ----------
    OECD, Korea: information on tax identification numbers (structure).
    """
    kind, serial = _number(codes, 3, 5), _number(codes, 5, 9)
    shaped = (_number(codes, 0, 3) >= 101) & (kind > 0) & (serial > 0)
    total = _weighted(codes, _BUSINESS) + _digit(codes, 8) * 5 // 10
    return shaped, shaped & (_digit(codes, 9) == -total % 10)


def corporation(codes: Codes) -> Judged:
    """Corporation registration numbers: registry office, kind, serial number, check digit.

    Parameters
    ----------
    codes : ndarray of uint8, shape (13, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        An office from 1101 to 2999; and the check digit -s mod 10, s the first twelve with weights 1 2 1 2 ...

    References
    ----------
    Supreme Court of Korea, Rules on registration numbers of corporations for registry purposes, annex.
    """
    office = _number(codes, 0, 4)
    shaped = (office >= 1101) & (office <= 2999)
    return shaped, shaped & (_digit(codes, 12) == -_weighted(codes, _CORPORATION) % 10)


def card(codes: Codes) -> Judged:
    """Payment card numbers: an issuer's prefix, and Luhn's check digit.

    Parameters
    ----------
    codes : ndarray of uint8, shape (15, n) or (16, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        15 digits from 34 or 37, 16 from 2221-2720, 3528-3589, 4, 51-55, 60, 62, 644-659 or 9 (domestic to Korea);
        and Luhn's sum.

    References
    ----------
    ISO/IEC 7812-1:2017, annex B (Luhn formula).
    """
    if len(codes) == 15:
        shaped = np.isin(_number(codes, 0, 2), (34, 37))
    else:
        issuer = _number(codes, 0, 4)
        shaped = np.any([(issuer >= low) & (issuer <= high) for low, high in _ISSUERS], axis=0)
    total = np.zeros(codes.shape[1], np.int64)
    for place in range(len(codes)):
        digit = _digit(codes, len(codes) - 1 - place)
        # Every second digit from the right is doubled, and the digits of that are added.
        total += np.where(digit > 4, 2 * digit - 9, 2 * digit) if place % 2 else digit
    return shaped, shaped & (total % 10 == 0)


def phone(codes: Codes) -> Judged:
    """Telephone numbers of Korea, mobile and landline.

    Parameters
    ----------
    codes : ndarray of uint8, shape (L, n)
        Characters; L from 9 to 11.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        All of them; and those with a mobile prefix or an area, and an exchange that begins with 2 to 9.

    References
    ----------
    Ministry of Science and ICT of Korea, Detailed criteria for the management of telecommunication numbers.
    """
    length, prefix = len(codes), _number(codes, 1, 3)
    mobile = ((prefix == 10) & (length == 11)) | (np.isin(prefix, (11, 16, 17, 18, 19)) & (length >= 10))
    landline = np.isin(prefix, _AREAS) & (length >= 10)
    seoul = (prefix >= 22) & (prefix <= 29) & (length <= 10)
    found: Bools = (codes[0] == ZERO) & (((mobile | landline) & (codes[3] >= ZERO + 2)) | seoul)
    return _all(codes), found


def mobile_number(codes: Codes) -> Judged:
    """Mobile telephone numbers in a column of numbers: of ten-digit numbers, those that begin with 102 to 109.

    Parameters
    ----------
    codes : ndarray of uint8, shape (11, n)
        Characters, a leading zero put back.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        All of them; and those with the prefix 010 and an exchange that begins with 2 to 9.
    """
    return _all(codes), (_number(codes, 0, 3) == 10) & (codes[3] >= ZERO + 2)


def licence(codes: Codes) -> Judged:
    """Driving licence numbers of Korea, written with their hyphens; their check digits are not published.

    Parameters
    ----------
    codes : ndarray of uint8, shape (12, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        All of them; and those of a region from 11 to 28.
    """
    region = _number(codes, 0, 2)
    return _all(codes), (region >= 11) & (region <= 28)


def passport(codes: Codes) -> Judged:
    """Passport numbers of Korea as issued since December 2021, a letter among their digits.

    Parameters
    ----------
    codes : ndarray of uint8, shape (9, n)
        Characters.

    Returns
    -------
    shaped, passing : ndarray of bool, shape (n,)
        All of them; and those that begin with D, M, O, R or S. An older number, M and eight digits, is too much like
        other codes to be told from them.
    """
    return _all(codes), np.isin(codes[0], [ord(letter) for letter in "DMORS"])


def _all(codes: Codes) -> Bools:
    return np.ones(codes.shape[1], np.bool_)


def _digit(codes: Codes, place: int) -> Ints:
    digit: Ints = codes[place].astype(np.int64) - ZERO
    return digit


def _number(codes: Codes, first: int, last: int) -> Ints:
    """The digits from the first place up to the last, as a number."""
    number = np.zeros(codes.shape[1], np.int64)
    for place in range(first, last):
        number = number * 10 + _digit(codes, place)
    return number


def _weighted(codes: Codes, weights: tuple[int, ...]) -> Ints:
    total = np.zeros(codes.shape[1], np.int64)
    for place, weight in enumerate(weights):
        total += weight * _digit(codes, place)
    return total


def _born(codes: Codes) -> Bools:
    """Whether the first six digits are a day that there was, in the century that the seventh names."""
    year, month, day, sex = (_number(codes, *ends) for ends in ((0, 2), (2, 4), (4, 6), (6, 7)))
    # 1900 had no 29 February; 2000 had one.
    common = (year % 4 != 0) | ((year == 0) & np.isin(sex, (1, 2, 5, 6)))
    last = _DAYS[month] - (common & (month == 2))
    born: Bools = (day >= 1) & (day <= last) & (sex >= 1) & (sex <= 8)
    return born


_PERSON = ((6, 7), (13,))
_PERSON_NUMBERS = ((10**9, 10**13, 13),)
_TEN_DIGITS = (10**9, 10**10)

FORMS = (
    Form(kind="resident_number", written=_PERSON, judge=resident, numbers=_PERSON_NUMBERS),
    Form(kind="foreigner_number", written=_PERSON, judge=foreigner, numbers=_PERSON_NUMBERS),
    Form(
        kind="card_number",
        written=((4, 4, 4, 4), (16,), (4, 6, 5), (15,)),
        judge=card,
        numbers=((10**14, 10**15, 15), (10**15, 10**16, 16)),
    ),
    Form(
        kind="phone_number",
        written=((3, 4, 4), (3, 3, 4), (2, 3, 4), (2, 4, 4), (11,), (10,)),
        judge=phone,
        numbers=((*_TEN_DIGITS, 11),),
        judge_numbers=mobile_number,
    ),
    Form(kind="driving_licence", written=((2, 2, 6, 2),), judge=licence),
    Form(kind="business_number", written=((3, 2, 5), (10,)), judge=business, numbers=((*_TEN_DIGITS, 10),)),
    Form(kind="corporation_number", written=_PERSON, judge=corporation, numbers=((10**12, 10**13, 13),)),
)
