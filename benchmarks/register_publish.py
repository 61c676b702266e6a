"""Publishing a register of 10,000 certificates: at first, again, after one change, and on the next day.

    python -m benchmarks.register_publish [--certificates 10000] [--write docs/validation/register.md]

Promised: all of it in 60 s at most, and the second time only what changed is written.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.pages import cpu_s, machine, put_section, written_by, yes_or_no
from reliability.certification.bodies import Changed, Issued, Opened
from reliability.certification.desk import open_desk
from reliability.certification.events import Kept, digest, entry
from reliability.certification.history import History
from reliability.certification.publishing import open_publisher, publish
from reliability.records import canonical_json
from reliability.register.rows import Entry
from tests.certification.hub import SECRET, Hub, make_hub
from tests.certification.publishing_case import certified, changed, named

HEADING = "## Publishing"
MOST_S = 60.0
CHECKPOINT = "checkpoint.dsse.json"
_AT_ONCE = 20  # cases in a transaction
_WHO = {"evaluator": "lee", "reviewer": "park", "decider": "choi", "registrar": "jung", "applicant": "kim"}
_PLACES = ("온고을", "전주", "한밭", "빛고을", "달구벌", "미추홀", "가온", "누리", "다온", "마루", "Acme", "Blue")
_TRADES = ("신용", "저축은행", "캐피탈", "카드", "손해보험", "자산운용", "데이터", "모빌리티")
_TIMES = 15  # as many findings as a certification checklist has: a public record of about 70 KB


@dataclass(frozen=True, kw_only=True)
class Told:
    """One publishing: what it took, and what it did."""

    what: str
    wall_s: float
    cpu_s: float
    peak_mb: float
    rows: int
    believed: int
    written: int
    expected: str


def filled(folder: Path, n: int) -> Hub:
    """A hub whose register has so many certificates, each with its case of ten events; one in ten is suspended."""
    hub = make_hub(folder)
    certified(hub, named("온고을신용"))
    model = hub.desk().history("JJ-2026-0001")
    with hub.desk().register as register:
        written = json.loads(register.file(model.events[-1].body.public))
        written["findings"] *= _TIMES
        printed = {one.document: json.loads(register.file(one.document)) for one in model.events[-1].body.papers}
        for start in range(2, n + 1, _AT_ONCE):
            entries: list[Entry] = []
            files: dict[str, bytes] = {}
            for number in range(start, min(start + _AT_ONCE, n + 1)):
                entries += _case(hub, model, number, files, written, printed)
            register.append(entries, files=files)
    return hub


def _case(
    hub: Hub, model: History, number: int, files: dict[str, bytes], public: dict[str, Any],
    printed: Mapping[str, dict[str, Any]],
) -> Iterator[Entry]:  # fmt: skip
    """The events of the first case as those of another, signed anew."""
    previous, case = "", f"JJ-2026-{number:04d}"
    for one in _bodies(model, number, files, public, printed):
        role = one.event.actor.role
        made = entry(
            hub.signer(_WHO[role]), role, one.body, register=one.event.register_, case=case, previous=previous,
            at=one.row.entry.at, subjects={"case": digest(case.encode())},
        )  # fmt: skip
        previous = made.event
        yield made


def _bodies(
    model: History, number: int, files: dict[str, bytes], public: dict[str, Any],
    printed: Mapping[str, dict[str, Any]],
) -> Iterator[Kept]:  # fmt: skip
    named = f"JJ-C-2026-{number:04d}"
    organisation = {
        "name": f"{_PLACES[number % 12]}{_TRADES[number % 8]} {number // 3}",
        "registration": "402-81-00000",
    }
    told = {**public, "subject": {**public["subject"], "organisation": organisation, "model": {
        **public["subject"]["model"], "sha256": digest(named.encode())}}}  # fmt: skip
    for one in model.events:
        body = one.body
        if isinstance(body, Opened):
            body = body.model_copy(update={"organisation": organisation})
        if isinstance(body, Issued):
            body = _issued(body, named, files, canonical_json(told), printed)
        yield _with(one, body)
    if number % 10 == 0:
        yield _with(model.events[-1], Changed(kind="suspended", number=named, reason="자료를 기한 안에 내지 않음"))


def _with(one: Kept, body: Any) -> Kept:
    return replace(one, event=one.event.model_copy(update={"body": body}))


def _issued(
    body: Issued, number: str, files: dict[str, bytes], public: bytes, printed: Mapping[str, dict[str, Any]]
) -> Issued:
    papers = []
    for paper in body.papers:
        kept = printed[paper.document]
        document = canonical_json({**kept, "number": number if paper.kind == "certificate" else kept["number"]})
        files[digest(document)] = document
        papers.append(paper.model_copy(update={
            "number": number if paper.kind == "certificate" else paper.number, "document": digest(document),
            "sha256": digest(f"{number} {paper.kind} {paper.lang}".encode()),
        }))  # fmt: skip
    files[digest(public)] = public
    statement = digest(f"{number} statement".encode())
    return body.model_copy(
        update={"number": number, "papers": tuple(papers), "public": digest(public), "statement": statement}
    )


def published(what: str, hub: Path, site: Path, now: datetime, expected: str) -> Told:
    """One publishing, in a process of its own."""
    desk = open_desk(hub / "register", now=now)
    publisher = open_publisher(desk, hub / "keys" / "register", SECRET)
    wall, cpu = time.perf_counter(), _cpu_s()
    done = publish(desk, publisher, site, jobs=os.cpu_count() or 1)
    desk.register.close()
    return Told(
        what=what, wall_s=time.perf_counter() - wall, cpu_s=_cpu_s() - cpu,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows=done.rows, believed=done.believed,
        written=len(done.written), expected=expected,
    )  # fmt: skip


def _cpu_s() -> float:
    """CPU seconds of this process and of those that helped it and ended."""
    return cpu_s(of=resource.RUSAGE_SELF) + cpu_s(of=resource.RUSAGE_CHILDREN)


def measured(n: int, folder: Path) -> list[Told]:
    """Every publishing, one after the other."""
    hub, site = filled(folder / "hub", n), folder / "site"
    alone = ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1)

    def one(what: str, expected: str) -> Told:
        hub.now += timedelta(minutes=1)
        return alone.submit(published, what, hub.folder, site, hub.now, expected).result()

    with alone:
        told = [one("at first, every event believed", "everything"), one("again on the same day", "the checkpoint")]
        changed(hub, "JJ-C-2026-0001", "suspended", "모델을 바꾸고 알리지 않음")
        told.append(one("one certificate suspended", "3 files of it, 3 lists twice, 3 of the register, the checkpoint"))
        hub.now += timedelta(days=1)
        told.append(one("on the next day", "every page: it tells the day"))
    return told


def section(told: list[Told], n: int) -> str:
    """The figures as a section of the page on the register."""
    slowest = max(one.wall_s for one in told)
    lines = [
        HEADING, "",
        f"{written_by('benchmarks/register_publish.py', 'cryptography', 'jinja2', 'pydantic')}; {machine()}.", "",
        f"A register of {n:,} certificates ({told[0].rows:,} events; each certificate with a public record of about "
        "70 KB) is published as a site in two languages. Each publishing is a process of its own that has as many "
        "helpers as there are cores.", "",
        f"**All of it within {MOST_S:g} s: {yes_or_no(kept=slowest <= MOST_S)}; written the second time: "
        f"{told[1].written} file.**", "",
        "| publishing | seconds | CPU seconds | peak MB | signatures verified | files written | expected |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]  # fmt: skip
    lines += [
        f"| {one.what} | {one.wall_s:.1f} | {one.cpu_s:.1f} | {one.peak_mb:,.0f} | {one.believed:,} | {one.written:,} "
        f"| {one.expected} |"
        for one in told
    ]
    lines += [
        "", f"An event costs about {_each_ms(told):.2f} ms to believe (its signature, its signer's certificates, its "
        "roster). It is believed once: what was believed is kept in a statement that the register's key signs, which "
        "holds for the same rows, trust file and program only; every row's hash is computed again each time.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _each_ms(told: list[Told]) -> float:
    first, again = told[0], told[1]
    return (first.cpu_s - again.cpu_s) * 1000 / max(first.believed, 1)


def main() -> None:
    """Fill a register, publish it, write the section; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--certificates", type=int, default=10_000)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        told = measured(asked.certificates, folder)
    finally:
        shutil.rmtree(folder)
    put_section(section(told, asked.certificates), HEADING, asked.write)
    raise SystemExit(max(one.wall_s for one in told) > MOST_S or told[1].written != 1)


if __name__ == "__main__":
    main()
