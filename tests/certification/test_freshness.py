"""Up to when a register at hand knows what happened: nobody makes an old copy young by a row of their own."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reliability.certification.at_hand import in_folder
from reliability.certification.published_rows import PublishedEntry, row_line
from reliability.records import canonical_json
from reliability.register.rows import Entry, row_after
from tests.certification import hub as made
from tests.certification.publishing_case import published
from tests.certification.verified_hub import Clock, issuer, states, verified

LATE = issuer().hub.now.date() + timedelta(days=60)
AT = datetime(LATE.year, LATE.month, LATE.day, tzinfo=UTC)


def young(rows, envelope=b"x"):
    """A row dated that day, behind the others."""
    return row_after(
        rows[-1].head, Entry(case="JJ-2026-0099", kind="opened", at=AT, actor="me", envelope=envelope, previous="")
    )


def test_a_row_behind_an_old_copy_does_not_make_it_young(tmp_path):
    copy = issuer().exported(tmp_path / "copy", stamper=Clock(issuer().hub.now))
    found = in_folder(copy)
    grounds = issuer().grounds(on=LATE, at_hand=found)
    told = replace(found, rows=(*found.rows, young(found.rows)))

    assert verified(issuer().certificate, grounds).verdict == "status_old"
    assert verified(issuer().certificate, replace(grounds, at_hand=told)).verdict == "status_old"


def test_a_copy_without_a_checkpoint_knows_no_day(tmp_path):
    copy = issuer().exported(tmp_path / "copy")
    (copy / "checkpoint.dsse.json").unlink()

    found = verified(issuer().certificate, issuer().grounds(at_hand=in_folder(copy)))
    assert (found.verdict, states(found)["status"]) == ("status_unknown", ("not_checked", "status_undated"))


def test_the_last_row_of_a_register_is_believed_before_it_tells_a_day():
    whole = issuer().whole()
    told = replace(whole, rows=(*whole.rows, young(whole.rows)))

    found = verified(issuer().certificate, issuer().grounds(on=LATE, at_hand=told))
    assert (found.exit, states(found)["events"]) == (4, ("not_held", "envelope_unreadable"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    hub = issuer().hub.copied(tmp_path_factory.mktemp("publishing") / "hub")
    published(hub, hub.folder / "site")
    return hub.folder / "site"


def test_a_row_behind_an_old_site_does_not_make_it_young(site):
    grounds = issuer().grounds(on=LATE, at_hand=in_folder(site))
    rows = grounds.at_hand.rows
    added = PublishedEntry(
        case="JJ-2026-0099", kind="opened", at=AT, actor="me", previous="", published="e" * 64
    )  # fmt: skip
    lines = (site / "rows.jsonl").read_bytes() + row_line(row_after(rows[-1].head, added))
    (site / "rows.jsonl").write_bytes(lines)
    about = json.loads((site / "register.json").read_bytes())
    (site / "register.json").write_bytes(canonical_json(about | {"size": len(rows) + 1}))

    old, forged = verified(issuer().certificate, grounds), verified(
        issuer().certificate, replace(grounds, at_hand=in_folder(site))
    )  # fmt: skip
    assert (old.verdict, forged.verdict) == ("status_old", "status_old")
    register = verified(in_folder(site), replace(grounds, at_hand=None))
    assert states(register)["current"] == ("not_checked", "status_old")


def test_a_site_is_as_young_as_its_checkpoint(site):
    made_on = issuer().hub.now.date()

    found = verified(issuer().certificate, issuer().grounds(on=made_on + timedelta(days=30), at_hand=in_folder(site)))
    assert found.exit == 0
    assert found.certificate.as_of.date() == made_on >= made.START.date()
