"""Four officers at once on one register, and searches among 100,000 certificates; SQLite and PostgreSQL side by side.

    python -m benchmarks.register_load [--each 250] [--certificates 100000] [--write docs/validation/register.md]

Promised: of what the officers issued nothing is lost and no number is given twice; a search takes at most 50 ms.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType

from benchmarks.pages import machine, put_section, written_by, yes_or_no
from benchmarks.register_work import certificate, databases, digest, faults, issue, new_register
from reliability.register.certificates import Certificate
from reliability.register.searching import Search, put_certificates
from reliability.register.store import Register, open_register

HEADING = "## Several officers, and search"
OFFICERS, KINDS = 4, ("sqlite", "postgresql")
MOST_MS = 50.0
REPEATS = 15
TODAY = date(2026, 7, 1)
_AT_ONCE, _SHOWN = 1000, 50
_PLACES = ("온고을", "전주", "한밭", "빛고을", "달구벌", "미추홀", "가온", "누리", "다온", "마루")
_TRADES = ("신용", "저축은행", "캐피탈", "카드", "손해보험", "자산운용", "데이터", "모빌리티")
_SYSTEMS = (
    "소액대출 심사 모델",
    "이상거래 탐지 모델",
    "보험금 심사 모델",
    "채용 서류 추천",
    "Fraud Watch",
    "가격 예측",
)
_STATUSES = ("active",) * 8 + ("suspended", "withdrawn")
SEARCHES: Mapping[str, Search] = MappingProxyType({
    "a number": Search(number="JJ-C-2026-73211"),
    "part of a number": Search(text="2026-7321", limit=_SHOWN),
    "part of a name, many": Search(organisation="고을", limit=_SHOWN),
    "beginning of a name, few": Search(organisation="온고을신용 4321", limit=_SHOWN),
    "part of a system's name": Search(system="심사", limit=_SHOWN),
    "text that stands nowhere": Search(text="없는 회사", limit=_SHOWN),
    "name and system": Search(organisation="저축은행 99", system="fraud", limit=_SHOWN),
    "status": Search(status="suspended", at=TODAY, limit=_SHOWN),
    "expired": Search(status="expired", at=TODAY, limit=_SHOWN),
    "name and status": Search(text="캐피탈 777", status="active", at=TODAY, limit=_SHOWN),
    "digest of a certificate": Search(digest=digest(b"pdf 54321")),
    "beginning of a digest": Search(digest=digest(b"model 4321")[:12]),
    "due within a week": Search(due_by=TODAY + timedelta(days=7), limit=_SHOWN),
    "a case": Search(case="JJ-2026-54321"),
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What the officers left on one database."""

    database: str
    seconds: float
    told: int
    lost: int
    twice: int
    broken: int

    @property
    def kept(self) -> bool:
        """Whether nothing was lost, given twice or broken."""
        return not (self.lost or self.twice or self.broken)


@dataclass(frozen=True, kw_only=True)
class Searched:
    """How long one search takes on one database, in milliseconds."""

    database: str
    search: str
    found: int
    fastest_ms: float
    median_ms: float


def officer(folder: Path, each: int) -> list[str]:
    """Issue so many certificates; their numbers."""
    with open_register(folder) as register:
        return [issue(register) for _ in range(each)]


def loaded(database: str, folder: Path, each: int) -> Loaded:
    """Let the officers work at the same time, and count what is there afterwards."""
    began = time.perf_counter()
    with ProcessPoolExecutor(OFFICERS, mp_context=get_context("spawn")) as pool:
        numbers = [one for made in pool.map(officer, [folder] * OFFICERS, [each] * OFFICERS) for one in made]
    seconds = time.perf_counter() - began
    with open_register(folder) as register:
        known = {one.number for one in register.certificates()}
        broken = faults(register)
    return Loaded(
        database=database, seconds=seconds, told=len(numbers), lost=len(set(numbers) - known),
        twice=len(numbers) - len(set(numbers)), broken=len(broken),
    )  # fmt: skip


def made_up(number: int) -> Certificate:
    """A certificate of the large register: names, states and days that repeat at different lengths."""
    place, trade = _PLACES[number % len(_PLACES)], _TRADES[number // len(_PLACES) % len(_TRADES)]
    expires = TODAY + timedelta(days=number % 900 - 100)
    return certificate(
        f"JJ-C-2026-{number:05d}", f"JJ-2026-{number:05d}", digest(b"pdf %d" % number),
        organisation=f"{place}{trade} {number}", system=_SYSTEMS[number % len(_SYSTEMS)],
        status=_STATUSES[number % len(_STATUSES)], expires=expires, next_surveillance=expires - timedelta(days=100),
        model_sha256=digest(b"model %d" % number),
    )  # fmt: skip


def filled(register: Register, n: int) -> None:
    """Put so many certificates into the index."""
    for start in range(1, n + 1, _AT_ONCE):
        with register.database.writing() as connection:
            put_certificates(connection, [made_up(number) for number in range(start, min(start + _AT_ONCE, n + 1))])


def searched(database: str, register: Register) -> list[Searched]:
    """Every search, a few times over."""
    found = []
    for name, search in SEARCHES.items():
        times, n = [], 0
        for _ in range(REPEATS):
            began = time.perf_counter()
            n = len(register.certificates(search))
            times.append((time.perf_counter() - began) * 1000)
        found.append(Searched(
            database=database, search=name, found=n, fastest_ms=min(times), median_ms=statistics.median(times)
        ))  # fmt: skip
    return found


def section(officers: Sequence[Loaded], searches: Sequence[Searched], *, n: int, on: date) -> str:
    """The section of the page."""
    worked = "".join(
        f"| {one.database} | {one.told:,} | {one.seconds:.1f} | {one.lost} | {one.twice} "
        f"| {yes_or_no(kept=one.kept)} |\n"
        for one in officers
    )
    asked = "".join(
        f"| {one.search} | {one.database} | {one.found} | {one.fastest_ms:.1f} | {one.median_ms:.1f} "
        f"| {yes_or_no(kept=one.fastest_ms <= MOST_MS)} |\n"
        for one in sorted(searches, key=lambda one: (list(SEARCHES).index(one.search), one.database))
    )
    return f"""{HEADING}

{written_by("script/validate register", "SQLAlchemy", "pg8000", on=on)}; {machine()}.

{OFFICERS} processes issue certificates on one register at the same time, each certificate two events, two files and a
row of the index, every commit durable. Afterwards the chain verifies, and every number, file and row is there.

| database | certificates | seconds | lost | numbers given twice | whole |
|---|---:|---:|---:|---:|---|
{worked}
Searches among {n:,} certificates, {_SHOWN} shown at most, {REPEATS} times each; promised: {MOST_MS:g} ms. The time is
that of the whole call: query, and what is found made into certificates. Judged by the fastest: what else runs on the
machine only adds.

| search | database | found | fastest, ms | median, ms | within {MOST_MS:g} ms |
|---|---|---:|---:|---:|---|
{asked}"""


def main() -> int:
    """Work, search, write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=250)
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    officers: list[Loaded] = []
    searches: list[Searched] = []
    place = Path(tempfile.mkdtemp(prefix="register-"))
    try:
        with databases(*KINDS) as urls:
            for database, url in urls.items():
                new_register(place / database, url)
                officers.append(loaded(database, place / database, asked.each))
                print(officers[-1], file=sys.stderr)
                with open_register(place / database) as register:
                    filled(register, asked.certificates)
                    searches += searched(database, register)
    finally:
        shutil.rmtree(place)
    put_section(section(officers, searches, n=asked.certificates, on=date.today()), HEADING, asked.write)
    return int(not all(one.kept for one in officers) or any(one.fastest_ms > MOST_MS for one in searches))


if __name__ == "__main__":
    sys.exit(main())
