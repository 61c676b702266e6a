"""What the tables of a register hold, asked and told inside a transaction that is open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, select, update

from reliability.errors import ChainError, UsageError
from reliability.register.rows import EMPTY, Entry, Head, Row, moment, moment_in, row_after
from reliability.register.tables import EVENTS, FILES, NUMBERS

_AT_ONCE = 500  # rows in memory at a time


def head_in(connection: Connection) -> Head:
    """Where the chain ends."""
    last = select(EVENTS.c.sequence, EVENTS.c.hash).order_by(EVENTS.c.sequence.desc()).limit(1)
    found = connection.execute(last).first()
    return EMPTY if found is None else Head(size=found[0], hash=found[1])


def rows_in(connection: Connection, *, case: str | None = None, since: int = 0) -> Iterator[Row]:
    """Rows after a number, in their order; of one case or of all."""
    wanted = select(EVENTS).order_by(EVENTS.c.sequence).limit(_AT_ONCE)
    if case is not None:
        wanted = wanted.where(EVENTS.c.case == case)
    while found := [_row(one) for one in connection.execute(wanted.where(EVENTS.c.sequence > since)).mappings()]:
        yield from found
        since = found[-1].sequence


def last_event_in(connection: Connection, case: str) -> str:
    """SHA-256 of the case's last envelope; empty where it has none."""
    return connection.execute(_of_case(case).limit(1)).scalar() or ""


def append_in(connection: Connection, entries: Sequence[Entry]) -> tuple[Row, ...]:
    """Add rows at the end of the chain; UsageError `case_moved` where a case has an event that the entry misses."""
    head, last, rows = head_in(connection), dict[str, str](), list[Row]()
    for entry in entries:
        known = last[entry.case] if entry.case in last else last_event_in(connection, entry.case)
        if entry.previous != known:
            raise UsageError(
                "case_moved", "somebody else has just recorded an event in case {case}; look at it and do it again",
                case=entry.case,
            )  # fmt: skip
        row = row_after(head, entry)
        rows.append(row)
        head, last[entry.case] = row.head, row.event
    insert_rows(connection, rows)
    return tuple(rows)


def insert_rows(connection: Connection, rows: Sequence[Row]) -> None:
    """Write rows down as they are."""
    if rows:
        connection.execute(insert(EVENTS), [_columns(row) for row in rows])


def unknown_files_in(connection: Connection, sha256s: Sequence[str]) -> list[str]:
    """Those of the files that no row has brought yet."""
    known = set(connection.execute(select(FILES.c.sha256).where(FILES.c.sha256.in_(sha256s))).scalars())
    return [sha256 for sha256 in sha256s if sha256 not in known]


def insert_files(connection: Connection, files: Mapping[str, int]) -> None:
    """Note which row brought which file."""
    if files:
        given = [{"sha256": sha256, "sequence": sequence} for sha256, sequence in files.items()]
        connection.execute(insert(FILES), given)


def files_in(connection: Connection) -> dict[str, int]:
    """Every file by its SHA-256, with the row that brought it, in their order."""
    wanted = select(FILES.c.sha256, FILES.c.sequence).order_by(FILES.c.sequence, FILES.c.sha256)
    return dict(connection.execute(wanted).all())


def next_number_in(connection: Connection, series: str, year: int) -> int:
    """The next number of a series in a year, taken."""
    here = and_(NUMBERS.c.series == series, NUMBERS.c.year == year)
    last = connection.execute(select(NUMBERS.c.last).where(here)).scalar()
    if last is None:
        insert_numbers(connection, {series: {year: 1}})
        return 1
    connection.execute(update(NUMBERS).where(here).values(last=last + 1))
    return int(last) + 1


def numbers_in(connection: Connection) -> dict[str, dict[int, int]]:
    """The last number taken, by series and year."""
    found: dict[str, dict[int, int]] = {}
    for series, year, last in connection.execute(select(NUMBERS).order_by(NUMBERS.c.series, NUMBERS.c.year)):
        found.setdefault(series, {})[year] = last
    return found


def insert_numbers(connection: Connection, numbers: Mapping[str, Mapping[int, int]]) -> None:
    """Write down the last numbers taken."""
    given = [
        {"series": series, "year": year, "last": last}
        for series, years in numbers.items()
        for year, last in years.items()
    ]
    if given:
        connection.execute(insert(NUMBERS), given)


def _of_case(case: str) -> Select[str]:
    return select(EVENTS.c.event).where(EVENTS.c.case == case).order_by(EVENTS.c.sequence.desc())


def _columns(row: Row) -> dict[str, Any]:
    entry = row.entry
    return {
        "sequence": row.sequence, "case": entry.case, "kind": entry.kind, "at": moment(entry.at), "actor": entry.actor,
        "envelope": entry.envelope, "event": row.event, "previous": entry.previous, "before": row.before,
        "hash": row.hash,
    }  # fmt: skip


def _refuse_other_types(found: Any) -> None:
    # SQLite keeps anything in any column, and `bytes` of a number is so many zeros.
    texts = ("case", "kind", "at", "actor", "previous")
    if not isinstance(found["envelope"], bytes | memoryview) or not all(isinstance(found[one], str) for one in texts):
        raise TypeError("texts and an envelope")


def _row(found: Any) -> Row:
    try:
        _refuse_other_types(found)
        entry = Entry(
            case=found["case"], kind=found["kind"], at=moment_in(found["at"]), actor=found["actor"],
            envelope=bytes(found["envelope"]), previous=found["previous"],
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        raise ChainError(
            "chain_row_broken", "row {sequence} does not follow the row before: the register was changed",
            sequence=found["sequence"],
        ) from error  # fmt: skip
    return Row(
        sequence=found["sequence"], entry=entry, event=found["event"], before=found["before"], hash=found["hash"]
    )
