from datetime import date, timedelta

import pytest
from sqlalchemy import text

from reliability.errors import RecordError
from reliability.register.searching import Search, every_certificate, find_certificates, put_certificates
from tests.register.samples import certificate, course, open_condition, sha256

TODAY = date(2027, 1, 1)
CERTIFICATES = (
    certificate("JJ-C-2026-0001", organisation="온고을신용", system="소액대출 심사 모델", next_surveillance=None),
    certificate("JJ-C-2026-0002", organisation="전주 캐피탈", system="Fraud Watch", case="JJ-2026-0002",
                status="suspended", model_sha256=sha256(b"fraud")),
    certificate("JJ-C-2026-0003", organisation="ACME 100%_Bank", system="심사 모델", case="JJ-2026-0003",
                expires=TODAY - timedelta(days=1)),
    certificate("JJ-C-2026-0004", organisation="온고을 저축은행", system="추천 모델", case="JJ-2026-0002",
                status="withdrawn", expires=TODAY - timedelta(days=1), model_sha256=None),
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(read_only):
    read_only.append(course(b"a"), index=CERTIFICATES)
    return read_only


def found(register, **asked):
    return [int(one.number[-4:]) for one in register.certificates(Search(**asked))]


def test_without_a_question_all_are_found_by_number(filled):
    assert filled.certificates() == CERTIFICATES


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"organisation": "온고을"}, [1, 4]),
        ({"organisation": "고을"}, [1, 4]),
        ({"organisation": "온고을 신용"}, []),
        ({"organisation": "acme"}, [3]),
        ({"organisation": "온고을"[:1]}, [1, 4]),
        ({"system": "심사"}, [1, 3]),
        ({"system": "fraud  WATCH"}, [2]),
        ({"system": "심사", "organisation": "ACME"}, [3]),
        ({"text": "모델"}, [1, 3, 4]),
        ({"text": "캐피탈"}, [2]),
        ({"text": "c-2026-0004"}, [4]),
        ({"text": "없는 회사"}, []),
        ({"text": "  "}, [1, 2, 3, 4]),
        ({"number": "JJ-C-2026-0002"}, [2]),
        ({"number": "JJ-C-2026"}, []),
        ({"case": "JJ-2026-0002"}, [2, 4]),
        ({"case": "JJ-2026-0002", "text": "온고을"}, [4]),
    ],
)
def test_a_search_finds_parts_of_names_in_both_languages(filled, asked, numbers):
    assert found(filled, **asked) == numbers


@pytest.mark.parametrize(("part", "numbers"), [("%", [3]), ("_", [3]), ("%_", [3]), ("0%b", []), ("\\", []), ("'", [])])
def test_signs_that_a_database_reads_as_something_else_are_letters(filled, part, numbers):
    assert found(filled, organisation=part) == numbers


@pytest.mark.parametrize("of", [b"JJ-C-2026-0003", b"statement of JJ-C-2026-0003"])
@pytest.mark.parametrize("length", [64, 12])
def test_a_digest_is_found_by_its_beginning(filled, of, length):
    assert found(filled, digest=sha256(of)[:length]) == [3]


def test_a_model_is_found_by_its_digest_in_any_case_of_letters(filled):
    assert found(filled, digest=sha256(b"model").upper()) == [1, 3]
    assert found(filled, digest="0" * 64) == []


@pytest.mark.parametrize(
    ("status", "numbers"),
    [("active", [1]), ("suspended", [2]), ("expired", [3]), ("withdrawn", [4]), ("cancelled", [])],
)
def test_a_status_is_that_of_the_day(filled, status, numbers):
    assert found(filled, status=status, at=TODAY) == numbers


def test_a_status_without_its_day_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="give at"):
        Search(status="active")


def test_what_is_due_is_found_by_its_day(register):
    soon, later = date(2026, 6, 1), date(2026, 7, 1)
    register.append(
        course(b"a"),
        index=[
            certificate("JJ-C-2026-0001", next_surveillance=later),
            certificate("JJ-C-2026-0002", next_surveillance=later, conditions=(open_condition(due=soon),)),
            certificate("JJ-C-2026-0003", next_surveillance=soon, status="cancelled"),
            certificate("JJ-C-2026-0004", next_surveillance=None, expires=soon),
        ],
    )

    assert found(register, due_by=soon) == [2, 4]
    assert found(register, due_by=later) == [1, 2, 4]
    assert found(register, due_by=soon - timedelta(days=1)) == []


@pytest.mark.parametrize(("limit", "numbers"), [(1, [1]), (3, [1, 2, 3]), (9, [1, 2, 3, 4])])
def test_a_search_stops_at_its_limit(filled, limit, numbers):
    assert found(filled, limit=limit) == numbers


def test_a_certificate_that_was_renamed_is_found_by_its_new_name_only(register):
    with register.database.writing() as connection:
        put_certificates(connection, [certificate(organisation="온고을신용")])
        put_certificates(connection, [certificate(organisation="새이름")])

    assert found(register, organisation="새이름") == [1]
    assert found(register, organisation="온고을신용") == []


def test_of_two_states_of_one_certificate_the_later_counts(register):
    with register.database.writing() as connection:
        put_certificates(connection, [certificate(), certificate(status="withdrawn")])

    assert [one.status for one in register.certificates()] == ["withdrawn"]


def test_more_certificates_than_are_read_at_once_are_all_told(register):
    many = [certificate(f"JJ-C-2026-{number:04d}") for number in range(1, 1102)]

    with register.database.writing() as connection:
        put_certificates(connection, many)
        told = list(every_certificate(connection))

    assert told == many


def test_a_certificate_reads_back_with_all_that_it_says(register):
    one = certificate(conditions=(open_condition(),), revision=2, replaces="JJ-C-2025-0007", model_sha256=None)

    with register.database.writing() as connection:
        put_certificates(connection, [one])
        assert find_certificates(connection, Search(number=one.number)) == (one,)


def test_an_index_edited_into_what_is_no_certificate_says_so(register):
    with register.database.writing() as connection:
        put_certificates(connection, [certificate()])
        connection.execute(text("UPDATE certificates SET content = '{}'"))

    with pytest.raises(RecordError, match="restore it from a backup"):
        register.certificates()
