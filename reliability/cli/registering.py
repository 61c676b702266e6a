"""What the commands of the register do: open it, ask, print."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from reliability.certification.desk import ENGAGEMENTS, ROSTER, TRUST
from reliability.cli.saying import print_json, say
from reliability.errors import UsageError
from reliability.register.certificates import Certificate, StatusAt, due, status_at
from reliability.register.exports import create_from, export, read_export
from reliability.register.rows import Row, moment, verify_rows
from reliability.register.searching import Search
from reliability.register.store import create, open_register
from reliability.words.text import Words, words

# What an officer needs besides to go on with a register that was lost.
PAPERS = (TRUST, ROSTER, ENGAGEMENTS)


def make(folder: Path, prefix: str | None, url: str | None, copy: Path | None, *, as_json: bool, lang: str) -> None:
    """A register, new or of a backup."""
    if (prefix is None) == (copy is None):
        raise UsageError("register_of_what", "give --prefix for a new register, or --from for one of a backup")
    if copy is not None:
        register = create_from(read_export(copy), folder, url=url, papers=PAPERS)
    else:
        register = create(folder, prefix=prefix or "", register_id=uuid4().hex, url=url)
    with register:
        told = {"folder": str(folder), "register": register.register_id, "rows": register.head().size}
    _told("cli.register.made", told, words(lang), as_json=as_json)


def list_certificates(
    register: Path, status: StatusAt | None, days: int | None, at: datetime | None, *, as_json: bool, lang: str
) -> None:
    """Certificates, a line each; or what is due of them."""
    day = _day(at)
    if days is None:
        _show_found(register, Search(status=status, at=day), day, words(lang), as_json=as_json)
        return
    with open_register(register) as opened:
        # Those with something to come: the first of what they have.
        found = {one.number: one for one in opened.certificates(Search(status=status, at=day, due_by=_last(day, days)))}
    coming = due(found.values(), day, days)
    if as_json:
        print_json([{"number": one.number, "what": one.what, "item": one.item, "on": one.on.isoformat()}
                    for one in coming])  # fmt: skip
        return
    said = words(lang)
    for one in coming:
        what = " ".join(filter(None, (said.text(f"cli.register.due.{one.what}"), one.item)))
        late = f"  {said.text('cli.register.overdue')}" if one.on < day else ""
        say(f"{one.on}  {one.number}  {what}  {found[one.number].organisation}{late}")
    if not coming:
        say(said.text("cli.register.none_due"))


def find(
    text: str, register: Path, organisation: str, system: str, digest: str, file: Path | None,
    status: StatusAt | None, at: datetime | None, limit: int, *, as_json: bool, lang: str,
) -> None:  # fmt: skip
    """Certificates that fit, a line each."""
    if file is not None:
        digest = _digest_of(file)
    search = Search(
        text=text, organisation=organisation, system=system, digest=digest, status=status, at=_day(at), limit=limit
    )
    _show_found(register, search, _day(at), words(lang), as_json=as_json)


def show(number: str, register: Path, at: datetime | None, *, as_json: bool, lang: str) -> None:
    """A certificate, or those of a case, and the events of the case."""
    day, said = _day(at), words(lang)
    with open_register(register) as opened:
        found = opened.certificates(Search(number=number)) or opened.certificates(Search(case=number))
        case = found[0].case if found else number
        rows = list(opened.rows(case))
    if not rows:
        raise UsageError(
            "number_unknown", "{number}: the register has no such certificate or case; see 'reliability register list'",
            number=number,
        )  # fmt: skip
    if as_json:
        told = [_record(one, day) for one in found]
        print_json({"case": case, "certificates": told, "events": [_event(row) for row in rows]})
        return
    for line in (*(line for one in found for line in _lines(one, day, said)), *_events(case, rows, said)):
        say(line)


def recover(register: Path, *, as_json: bool, lang: str) -> None:
    """What a crash left open, finished or removed; then the whole chain."""
    with open_register(register) as opened:
        recovered = opened.recover()
        head = verify_rows(opened.rows())
    told = {"finished": len(recovered.finished), "removed": len(recovered.removed), "rows": head.size,
            "head": head.hash}  # fmt: skip
    _told("cli.register.recovered", told, words(lang), as_json=as_json)


def back_up(register: Path, output: Path, *, as_json: bool, lang: str) -> None:
    """A whole copy."""
    with open_register(register) as opened:
        head = export(opened, output, papers=PAPERS)
    told = {"folder": str(output), "rows": head.size, "head": head.hash}
    _told("cli.register.backed_up", told, words(lang), as_json=as_json)


def _show_found(register: Path, search: Search, day: date, said: Words, *, as_json: bool) -> None:
    with open_register(register) as opened:
        found = opened.certificates(search)
    if as_json:
        print_json([_record(one, day) for one in found])
        return
    for one in found:
        say(_line(one, day, said))
    if not found:
        say(said.text("cli.register.none"))
    elif len(found) == search.limit:
        say(said.text("cli.register.more", n=len(found)))


def _line(one: Certificate, day: date, said: Words) -> str:
    status = said.text(f"cli.register.status.{status_at(one, day)}")
    return f"{one.number}  {status}  {one.expires}  {one.organisation} · {one.system} {one.version}"


def _lines(one: Certificate, day: date, said: Words) -> Iterator[str]:
    yield _line(one, day, said)
    dates = {"granted": one.granted, "issued": one.issued, "next_surveillance": one.next_surveillance}
    digests = {"model": one.model_sha256, "certificate": one.pdf_sha256, "statement": one.statement_sha256}
    facts = {**dates, "scheme": one.scheme, "revision": one.revision, "replaces": one.replaces, **digests}
    for name, value in facts.items():
        if value is not None:
            yield f"  {said.text(f'cli.register.fact.{name}')}: {value}"
    for condition in one.conditions:
        yield f"  {said.text('cli.register.condition', item=condition.item, due=condition.due)}"


def _events(case: str, rows: list[Row], said: Words) -> Iterator[str]:
    yield said.text("cli.register.events", case=case)
    for row in rows:
        entry = row.entry
        kind = said.first(f"cli.register.event.{entry.kind}") or entry.kind
        yield f"  {row.sequence}  {moment(entry.at)[:16].replace('T', ' ')}  {kind}  {entry.actor}"
    yield said.text("cli.register.only_index")


def _record(one: Certificate, day: date) -> dict[str, Any]:
    return {**one.model_dump(mode="json"), "status_at": {"day": day.isoformat(), "status": status_at(one, day)}}


def _event(row: Row) -> dict[str, Any]:
    entry = row.entry
    return {"sequence": row.sequence, "kind": entry.kind, "at": moment(entry.at), "actor": entry.actor,
            "event": row.event}  # fmt: skip


def _told(key: str, values: dict[str, Any], said: Words, *, as_json: bool) -> None:
    if as_json:
        print_json(values)
    else:
        say(said.text(key, **values))


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _last(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def _day(at: datetime | None) -> date:
    return at.date() if at else datetime.now().astimezone().date()
