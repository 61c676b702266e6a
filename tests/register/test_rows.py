import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reliability.errors import ChainError, RecordError
from reliability.register.rows import EMPTY, NOTHING, Head, Row, is_digest, moment, row_after, verify_rows
from tests.register.samples import CASE, NOON, course, entry, sha256


def chained(entries):
    head, rows = EMPTY, []
    for one in entries:
        rows.append(row_after(head, one))
        head = rows[-1].head
    return rows


@pytest.fixture
def rows():
    """Five rows of two cases, taking turns."""
    first, second = course(b"a", b"b", b"c"), course(b"x", b"y", case="JJ-2026-0002")
    return chained([first[0], second[0], first[1], second[1], first[2]])


def code_of(rows, **known):
    with pytest.raises(ChainError) as raised:
        verify_rows(rows, **known)
    return raised.value.code


def test_the_hash_of_a_row_is_of_its_canonical_json():
    row = row_after(Head(size=6, hash="ab" * 32), entry(b"opened", previous="cd" * 32))
    content = {
        "actor": "Kim", "at": "2026-05-04T12:00:00+00:00", "before": "ab" * 32, "case": CASE,
        "event": hashlib.sha256(b"opened").hexdigest(), "kind": "opened", "previous": "cd" * 32, "sequence": 7,
    }  # fmt: skip
    canonical = json.dumps(content, separators=(",", ":")).encode()

    assert row.hash == hashlib.sha256(canonical).hexdigest()
    assert (row.sequence, row.event, row.before) == (7, sha256(b"opened"), "ab" * 32)


def test_the_first_row_follows_zeros():
    row = row_after(EMPTY, entry())

    assert (row.sequence, row.before, NOTHING) == (1, "0" * 64, "0" * 64)


def test_whole_rows_lead_to_their_head(rows):
    assert verify_rows(rows) == Head(size=5, hash=rows[-1].hash)


def test_no_rows_lead_to_the_empty_head():
    assert verify_rows([]) == EMPTY


@pytest.mark.parametrize("size", range(6))
def test_a_chain_that_leads_past_a_known_head_is_whole(rows, size):
    known = rows[size - 1].head if size else EMPTY

    assert verify_rows(rows, head=known).size == 5


@pytest.mark.parametrize("place", range(5))
def test_a_removed_row_is_noticed(rows, place):
    left = rows[:place] + rows[place + 1 :]

    assert code_of(left, head=rows[-1].head) == ("chain_short" if place == 4 else "chain_row_broken")


@pytest.mark.parametrize("place", range(4))
def test_two_rows_that_change_places_are_noticed(rows, place):
    rows[place], rows[place + 1] = rows[place + 1], rows[place]

    assert code_of(rows) == "chain_row_broken"


@pytest.mark.parametrize(
    "other", [{"case": "JJ-2026-0009"}, {"kind": "closed"}, {"at": NOON - timedelta(days=1)}, {"actor": "Lee"},
              {"envelope": b"changed"}, {"previous": "ab" * 32}],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_an_edited_entry_is_noticed(rows, other):
    rows[2] = replace(rows[2], entry=replace(rows[2].entry, **other))

    assert code_of(rows) == "chain_row_broken"


@pytest.mark.parametrize("field", ["event", "before", "hash"])
def test_an_edited_hash_is_noticed(rows, field):
    rows[1] = replace(rows[1], **{field: "ab" * 32})

    assert code_of(rows) == "chain_row_broken"


def test_an_edited_row_with_all_hashes_made_anew_is_another_chain(rows):
    known = rows[-1].head
    entries = [row.entry for row in rows]
    entries[1] = replace(entries[1], actor="Lee")

    assert verify_rows(chained(entries)).size == 5
    assert code_of(chained(entries), head=known) == "chain_head_other"


def test_another_chain_is_noticed_where_the_known_head_is_in_its_middle(rows):
    known = rows[2].head
    entries = [replace(row.entry, actor="Lee") for row in rows]

    assert code_of(chained(entries), head=known) == "chain_head_other"


def test_a_chain_cut_off_says_how_many_rows_are_known(rows):
    with pytest.raises(ChainError, match="ends at row 3; 5 rows are known"):
        verify_rows(rows[:3], head=rows[-1].head)


def test_an_event_taken_out_of_its_case_is_noticed_though_all_hashes_are_made_anew(rows):
    entries = [row.entry for row in rows]
    del entries[2]

    assert code_of(chained(entries)) == "chain_case_broken"


def test_the_first_event_of_a_case_names_none_before():
    assert code_of(chained([entry(previous="ab" * 32)])) == "chain_case_broken"


def test_a_case_does_not_fork():
    first, second = course(b"a", b"b")
    fork = replace(second, envelope=b"other")

    assert code_of(chained([first, second, fork])) == "chain_case_broken"


def test_a_broken_chain_is_a_record_that_is_not_what_it_says():
    assert issubclass(ChainError, RecordError)


def test_rows_are_read_one_by_one(rows):
    read = []

    def reading():
        for row in rows:
            read.append(row.sequence)
            yield row

    with pytest.raises(ChainError):
        verify_rows(reading(), head=Head(size=2, hash="ab" * 32))
    assert read == [1, 2, 3]


@pytest.mark.parametrize("field", ["case", "kind", "actor"])
@pytest.mark.parametrize("text", ["", "a\nb", "a\x00", "\ud800", "x" * 201])
def test_an_entry_holds_only_names_that_every_database_keeps(field, text):
    with pytest.raises(ValueError, match="printable"):
        entry(**{field: text})


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 5, 4),
        datetime(2026, 5, 4, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 5, 4, tzinfo=timezone(timedelta(hours=9))),
    ],
)
def test_an_entry_holds_whole_seconds_of_utc(at):
    with pytest.raises(ValueError, match="UTC"):
        entry(at=at)


@pytest.mark.parametrize("previous", ["ab", "AB" * 32, "ab" * 32 + "\n", "x" * 64])
def test_an_entry_names_a_digest_before_it_or_nothing(previous):
    with pytest.raises(ValueError, match="SHA-256"):
        entry(previous=previous)


@pytest.mark.parametrize(("text", "is_one"), [("0a" * 32, True), ("0A" * 32, False), ("0a" * 31, False), ("", False)])
def test_a_digest_is_64_digits_in_lower_case(text, is_one):
    assert is_digest(text) is is_one


def test_a_moment_reads_back_as_it_was():
    assert datetime.fromisoformat(moment(NOON)) == NOON


def test_rows_of_equal_content_are_equal():
    assert row_after(EMPTY, entry()) == row_after(EMPTY, entry())
    assert isinstance(row_after(EMPTY, entry()), Row)
