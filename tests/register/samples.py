"""Events and certificates small enough to be worked out by hand."""

import hashlib
from datetime import UTC, date, datetime, timedelta

from reliability.register.certificates import Certificate, OpenCondition
from reliability.register.rows import Entry

REGISTER = "5e" * 16
CASE = "JJ-2026-0001"
NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def entry(envelope=b"opened", *, case=CASE, previous="", kind="opened", at=NOON, actor="Kim"):
    return Entry(case=case, kind=kind, at=at, actor=actor, envelope=envelope, previous=previous)


def course(*envelopes, case=CASE):
    """Events of a case, each after the one before."""
    entries, previous = [], ""
    for minutes, envelope in enumerate(envelopes):
        entries.append(entry(envelope, case=case, previous=previous, at=NOON + timedelta(minutes=minutes)))
        previous = entries[-1].event
    return entries


def certificate(number="JJ-C-2026-0001", **other):
    given = {
        "case": CASE, "organisation": "온고을신용", "system": "소액대출 심사 모델", "version": "2.3.1", "scheme": "hub",
        "lang": "ko", "granted": date(2026, 5, 4), "issued": date(2026, 5, 4), "expires": date(2028, 5, 3),
        "next_surveillance": date(2027, 5, 3), "conditions": (), "model_sha256": sha256(b"model"),
        "pdf_sha256": sha256(number.encode()), "statement_sha256": sha256(b"statement of " + number.encode()),
    }  # fmt: skip
    return Certificate(number=number, **(given | other))


def open_condition(item="FAI-02", due=date(2026, 8, 1)):
    return OpenCondition(item=item, due=due)
