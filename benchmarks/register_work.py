"""What officers do all day, as the proofs of the register repeat it: cases opened, certificates issued and changed.

Envelopes say in JSON what they brought, so that whoever looks afterwards can tell what has to be there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from benchmarks import postgres_server
from reliability.errors import ReliabilityError
from reliability.register.certificates import Certificate
from reliability.register.exports import Export
from reliability.register.rows import Entry, Row, verify_rows
from reliability.register.store import Register, create

REGISTER, YEAR = "5e" * 16, 2026
NOON = datetime(YEAR, 5, 4, 12, tzinfo=UTC)
LARGE = 64 << 10  # bytes of a certificate's file


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def entry(case: str, kind: str, previous: str, **told: Any) -> Entry:
    """An event, unsigned: what is proved here is the keeping."""
    envelope = json.dumps({"case": case, "kind": kind, "previous": previous, **told}).encode()
    return Entry(case=case, kind=kind, at=NOON, actor="officer", envelope=envelope, previous=previous)


def certificate(number: str, case: str, pdf: str, **other: Any) -> Certificate:
    """A certificate of the index."""
    given = {
        "organisation": f"온고을신용 {number}", "system": "소액대출 심사 모델", "version": "2.3.1", "scheme": "hub",
        "lang": "ko", "granted": date(2026, 5, 4), "issued": date(2026, 5, 4), "expires": date(2028, 5, 3),
        "model_sha256": digest(b"model"), "statement_sha256": digest(b"statement " + number.encode()),
    }  # fmt: skip
    return Certificate(number=number, case=case, pdf_sha256=pdf, **(given | other))


def issue(register: Register) -> str:
    """A case from its opening to its certificate, two events with a file each; the number of the certificate."""
    case, number = register.reserve("case", YEAR), register.reserve("certificate", YEAR)
    plan, pdf = f"plan of {case}".encode(), number.encode() * (LARGE // len(number))
    opened = entry(case, "opened", "", files=[digest(plan)])
    register.append([opened], files={digest(plan): plan})
    issued = entry(case, "issued", opened.event, files=[digest(pdf)], number=number, status="active")
    register.append([issued], files={digest(pdf): pdf}, index=[certificate(number, case, digest(pdf))])
    return number


def change_status(register: Register) -> str:
    """The newest certificate suspended, or restored, with a reason in a file of its own; the new status."""
    (newest,) = register.certificates()[-1:]
    status = "suspended" if newest.status == "active" else "active"
    previous = register.last_event(newest.case)
    reason = f"reason after {previous}".encode()
    changed = entry(newest.case, status, previous, files=[digest(reason)], number=newest.number, status=status)
    register.append(
        [changed], files={digest(reason): reason}, index=[newest.model_copy(update={"status": status})]
    )  # fmt: skip
    return status


def note(register: Register) -> None:
    """An event that brings no file, in the newest case."""
    (newest,) = register.certificates()[-1:]
    register.append([entry(newest.case, "surveilled", register.last_event(newest.case))])


def faults(register: Register) -> list[str]:
    """What is not whole of a register that was recovered: nothing, if it keeps its promise."""
    rows = list(register.rows())
    verify_rows(rows)
    index = {one.number: one.status for one in register.certificates()}
    there = {path.name for path in (register.folder / "files").iterdir()}
    staged = {path.name for path in (register.folder / "staged").iterdir()}
    brought = _brought(rows)
    return [
        *(f"file {one[:8]} cannot be read" for one in brought if _unreadable(register, one)),
        *(f"file {one[:8]} without its event" for one in there - brought),
        *(f"file {one[:8]} still staged" for one in staged),
        *([] if index == _statuses(rows) else ["the index does not say what the events say"]),
    ]


def faults_of_copy(copy: Export) -> list[str]:
    """What is not whole of a copy; its rows were verified when it was read."""
    index = copy.index()
    told = {one.number: one.status for one in index.certificates}
    return [
        *(f"copy: file {one[:8]} cannot be read" for one in _brought(copy.rows) if _unreadable(copy, one)),
        *([] if told == _statuses(copy.rows) else ["copy: the index does not say what the events say"]),
    ]


@contextmanager
def databases(*names: str, durable: bool = True) -> Iterator[Mapping[str, str | None]]:
    """URLs of empty databases by the name of their kind; PostgreSQL only where it is installed."""
    if "postgresql" not in names or postgres_server.programs() is None:
        yield {name: None for name in names if name == "sqlite"}
        return
    with postgres_server.started(durable=durable) as server:
        yield {name: server.new_schema("hub") if name == "postgresql" else None for name in names}


def new_register(folder: Path, url: str | None) -> None:
    """An empty register in a folder."""
    create(folder, prefix="JJ", register_id=REGISTER, url=url).close()


def _brought(rows: Any) -> set[str]:
    return {sha256 for row in rows for sha256 in _told(row).get("files", ())}


def _statuses(rows: Any) -> dict[str, str]:
    return {told["number"]: told["status"] for told in map(_told, rows) if "number" in told}


def _told(row: Row) -> dict[str, Any]:
    return dict(json.loads(row.entry.envelope))


def _unreadable(keeper: Register | Export, sha256: str) -> bool:
    try:
        return digest(keeper.file(sha256)) != sha256
    except (ReliabilityError, OSError):
        return True
