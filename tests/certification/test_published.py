"""What the public may read of a certificate, by records made by hand."""

from datetime import date, timedelta

import pytest

from reliability.certification.published import Published
from tests.certification import published_sample as sample

EXPIRES = date(2028, 11, 1)


@pytest.mark.parametrize(("status", "on_the_last", "after"), [
    ("active", "active", "expired"), ("suspended", "suspended", "expired"), ("withdrawn", "withdrawn", "withdrawn"),
    ("cancelled", "cancelled", "cancelled"),
])  # fmt: skip
def test_only_what_may_be_in_force_expires_after_its_last_day(status, on_the_last, after):
    one = sample.certificate(status=status)

    assert (one.status_on(EXPIRES), one.status_on(EXPIRES + timedelta(days=1))) == (on_the_last, after)


def further(one, **changes):
    """A certificate with a further edition."""
    edition = one.latest.model_copy(update={"revision": 2, "statement": "aa" * 32, "papers": ()} | changes)
    return one.model_copy(update={"editions": (*one.editions, edition)})


def test_the_latest_edition_counts():
    renewed = further(sample.certificate(), expires=date(2030, 11, 1))

    assert renewed.latest.revision == 2
    assert renewed.status_on(EXPIRES + timedelta(days=1)) == "active"
    assert renewed.status_on(date(2030, 11, 2)) == "expired"


def test_files_of_every_edition_have_names_of_their_own():
    paper = sample.certificate().latest.papers[0]
    report = paper.model_copy(update={"kind": "test", "number": "JJ-R-2026-0001", "sha256": "bb" * 32})
    renewed = further(sample.certificate(), papers=(paper, report))

    assert renewed.files == {
        "r1-certificate-JJ-C-2026-0001.ko.pdf": "77" * 32, "r1-certificate-JJ-C-2026-0001.en.pdf": "77" * 32,
        "r1-statement.dsse.json": "33" * 32, "certificate-JJ-C-2026-0001.ko.pdf": "77" * 32,
        "test-report-JJ-R-2026-0001.ko.pdf": "bb" * 32, "statement.dsse.json": "aa" * 32,
    }  # fmt: skip


def test_a_day_is_told_in_utc_as_it_stands_in_the_register():
    one = sample.certificate(status="suspended", reason="까닭")

    assert [happened.day for happened in one.history] == ["2026-11-02", "2026-12-01"]


def test_what_is_published_reads_back_as_it_was():
    one = sample.certificate(status="suspended", reason="까닭", then=("restored",), overdue=True)

    assert Published.model_validate_json(one.model_dump_json(by_alias=True)) == one
