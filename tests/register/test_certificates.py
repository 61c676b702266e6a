from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from reliability.register.certificates import due, first_due, folded, status_at
from tests.register.samples import certificate, open_condition

LAST = date(2028, 5, 3)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "on_the_last", "after"),
    [
        ("active", "active", "expired"),
        ("suspended", "suspended", "expired"),
        ("withdrawn", "withdrawn", "withdrawn"),
        ("cancelled", "cancelled", "cancelled"),
    ],
)
def test_a_certificate_is_in_force_through_its_last_day(status, on_the_last, after):
    one = certificate(status=status, expires=LAST)

    assert status_at(one, LAST) == on_the_last
    assert status_at(one, LAST + DAY) == after


def test_due_lists_what_ends_within_so_many_days_earliest_first():
    one = certificate(
        expires=date(2026, 7, 20), next_surveillance=date(2026, 7, 10),
        conditions=(open_condition("FAI-02", date(2026, 7, 15)), open_condition("GOV-01", date(2026, 9, 1))),
    )  # fmt: skip

    found = [(each.what, each.item, each.on.day) for each in due([one], date(2026, 7, 1), 30)]

    assert found == [("surveillance", None, 10), ("condition", "FAI-02", 15), ("expiry", None, 20)]


@pytest.mark.parametrize(("days", "n"), [(9, 0), (10, 1), (11, 1)])
def test_due_counts_the_last_day_in(days, n):
    one = certificate(next_surveillance=date(2026, 7, 11))

    assert len(due([one], date(2026, 7, 1), days)) == n


def test_due_keeps_what_is_overdue():
    one = certificate(next_surveillance=date(2026, 1, 1))

    assert [each.on for each in due([one], date(2026, 7, 1), 0)] == [date(2026, 1, 1)]


@pytest.mark.parametrize(("status", "n"), [("active", 1), ("suspended", 1), ("withdrawn", 0), ("cancelled", 0)])
def test_nothing_is_due_of_a_certificate_that_was_taken_back(status, n):
    one = certificate(status=status, next_surveillance=date(2026, 7, 11))

    assert len(due([one], date(2026, 7, 1), 30)) == n


def test_nothing_is_due_of_an_expired_certificate():
    one = certificate(expires=date(2026, 6, 30), next_surveillance=date(2026, 6, 1))

    assert due([one], date(2026, 7, 1), 3650) == ()


def test_first_due_is_the_earliest_of_all_duties():
    conditions = (open_condition(due=date(2026, 8, 1)),)

    assert first_due(certificate(conditions=conditions)) == date(2026, 8, 1)
    assert first_due(certificate()) == date(2027, 5, 3)
    assert first_due(certificate(next_surveillance=None)) == LAST
    assert first_due(certificate(status="withdrawn")) is None


@pytest.mark.parametrize(
    ("written", "compared"),
    [("온고을 신용", "온고을 신용"), ("  온고을\t신용 ", "온고을 신용"), ("ACME", "acme"), ("ＡＣＭＥ", "acme"),
     ("\u110b\u1169\u11ab고을", "온고을")],
)  # fmt: skip
def test_names_compare_whatever_their_letters_are_made_of(written, compared):
    assert folded(written) == compared


@pytest.mark.parametrize(
    "other",
    [{"status": "expired"}, {"pdf_sha256": "AB" * 32}, {"organisation": ""}, {"revision": 0}, {"note": "x"},
     {"system": "\ud800"}],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_a_certificate_of_no_such_kind_is_refused(other):
    with pytest.raises(ValidationError):
        certificate(**other)
