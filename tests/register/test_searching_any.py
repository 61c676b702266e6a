"""Searches for whatever somebody types, against the same question asked of the names in memory."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.register.certificates import due, folded, status_at
from reliability.register.searching import Search, put_certificates
from tests.register.samples import certificate, open_condition, sha256

DAY = date(2027, 1, 1)
NAMES = ("온고을신용", "온고을 저축은행", "ACME 100%_Bank", r"back\slash", "O'Neil 'Ltd'", '"quoted"', "Große Straße",
         "㈜전주캐피탈", "é clair", "%", "__", "*?[a-z]")  # fmt: skip
STATUSES = ("active", "suspended", "withdrawn", "cancelled")
CERTIFICATES = tuple(
    certificate(f"JJ-C-2026-{place:04d}", organisation=name, system=NAMES[-place], case=f"JJ-2026-{place % 4:04d}",
                status=STATUSES[place % 4], expires=DAY + timedelta(days=place % 3 - 1),
                next_surveillance=DAY + timedelta(days=30 * place) if place % 2 else None,
                conditions=(open_condition(due=DAY + timedelta(days=10 * place)),) if place % 5 == 0 else (),
                model_sha256=sha256(b"%d" % (place % 2)))
    for place, name in enumerate(NAMES, start=1)
)  # fmt: skip
PARTS = st.one_of(
    st.text(st.sampled_from("온고을 신용%_\\'\"*?[a-z]Bé㈜1"), max_size=4),
    st.builds(lambda name, start, length: name[start : start + length], st.sampled_from(NAMES), st.integers(0, 6),
              st.integers(0, 5)),
)  # fmt: skip
FORMS = st.sampled_from(("NFC", "NFD", "NFKC", "NFKD"))
asked_often = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def filled(read_only):
    with read_only.database.writing() as connection:
        put_certificates(connection, CERTIFICATES)
    return read_only


def numbers(found):
    return [one.number for one in found]


def holding(part, *fields):
    """The certificates that hold a part of a name, looked through one by one."""
    return [one.number for one in CERTIFICATES if any(folded(part) in folded(getattr(one, field)) for field in fields)]


@asked_often
@given(part=PARTS, form=FORMS)
def test_a_part_of_a_name_is_found_by_its_letters_and_by_nothing_else(filled, part, form):
    typed = unicodedata.normalize(form, part)

    for field in ("organisation", "system"):
        assert numbers(filled.certificates(Search(**{field: typed}))) == holding(typed, field)


@asked_often
@given(part=PARTS)
def test_a_text_is_looked_for_in_number_organisation_and_system(filled, part):
    assert numbers(filled.certificates(Search(text=part))) == holding(part, "number", "organisation", "system")


@asked_often
@given(parts=st.tuples(PARTS, PARTS), status=st.sampled_from((None, *STATUSES, "expired")), limit=st.integers(1, 13))
def test_several_questions_at_once_find_what_each_of_them_finds(filled, parts, status, limit):
    asked = {"organisation": parts[0], "system": parts[1], "status": status, "at": DAY}
    each = [set(numbers(filled.certificates(Search(at=DAY, **{name: value})))) for name, value in asked.items()
            if name != "at"]  # fmt: skip
    together = numbers(filled.certificates(Search(**asked)))

    assert together == sorted(set.intersection(*each))
    assert numbers(filled.certificates(Search(limit=limit, **asked))) == together[:limit]


@asked_often
@given(days=st.integers(-3, 3))
def test_every_certificate_has_one_status_on_a_day_and_is_found_by_it(filled, days):
    at = DAY + timedelta(days=days)
    found = {status: numbers(filled.certificates(Search(status=status, at=at))) for status in (*STATUSES, "expired")}

    assert sorted(number for there in found.values() for number in there) == numbers(CERTIFICATES)
    assert all(status_at(one, at) == status for status, there in found.items() for one in CERTIFICATES
               if one.number in there)  # fmt: skip


@asked_often
@given(days=st.integers(-5, 400))
def test_what_is_due_by_a_day_is_what_has_a_duty_by_then(filled, days):
    by = DAY + timedelta(days=days)
    expected = sorted({one.number for one in due(CERTIFICATES, date.min, (by - date.min).days)})

    assert numbers(filled.certificates(Search(due_by=by))) == expected


@asked_often
@given(length=st.integers(1, 64), place=st.integers(0, len(NAMES) - 1))
def test_a_beginning_of_any_digest_finds_every_certificate_that_has_it(filled, length, place):
    start = CERTIFICATES[place].pdf_sha256[:length]
    digests = {one.number: (one.model_sha256, one.pdf_sha256, one.statement_sha256) for one in CERTIFICATES}
    expected = [number for number, of in digests.items() if any(digest.startswith(start) for digest in of)]

    assert numbers(filled.certificates(Search(digest=start))) == expected


@pytest.mark.parametrize("part", ["온고을", "전주캐피탈", "é"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_or_not_a_name_that_is_there_is_found(filled, part, form):
    assert filled.certificates(Search(organisation=unicodedata.normalize(form, part)))


@pytest.mark.parametrize("digest", ["zz", "g", "%", "_", " ", "ab%"])
def test_what_is_no_digest_is_the_beginning_of_none(filled, digest):
    assert filled.certificates(Search(digest=digest)) == ()
