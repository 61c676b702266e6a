"""Kills an officer's process with SIGKILL at random moments of its work, and looks at what is left of the register.

    python -m benchmarks.register_kills [--kills 40] [--seed 0] [--write docs/validation/register.md] [DATABASE...]

Each kill: a process works on the register without a pause (issuing, changing a status, backing up) and tells what it
has finished; after a random while it is killed. Then another recovers the register. Promised: the chain verifies, every
file that an event brought is there and no other, the index says what the events say, everything that was told to be
finished is there, and the copy is the old one or the new one, whole.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from benchmarks.pages import machine, put, written_by
from benchmarks.register_work import change_status, databases, faults, faults_of_copy, issue, new_register, note
from reliability.errors import ReliabilityError
from reliability.register.exports import export, read_export
from reliability.register.store import Register, open_register

COPY = "copy"
LONGEST_S = 0.3
KINDS = ("sqlite", "postgresql")
_READY = b"ready\n"


@dataclass(frozen=True, kw_only=True)
class Killed:
    """What became of the kills in one kind of work on one database."""

    database: str
    work: str
    kills: int
    told: int
    recovered: Mapping[str, int]
    faults: tuple[str, ...]


def back_up(register: Register) -> str:
    """An event more, and a copy of all; the head that it leads to."""
    note(register)
    return export(register, register.folder.parent / COPY).hash


WORK: Mapping[str, Callable[[Register], str]] = MappingProxyType(
    {"backup": back_up, "issue": issue, "suspend, restore": change_status}
)


def killed(folder: Path, work: str, after_s: float) -> tuple[str, ...]:
    """Let a process work for so long, and kill it; what it told to be finished."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        _work(folder, WORK[work], told)
    os.close(told)
    with os.fdopen(heard, "rb") as file:
        if file.readline() != _READY:
            raise SystemExit("the process ended before its work")
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return tuple(line.decode().strip() for line in file.read().splitlines(keepends=True) if line.endswith(b"\n"))


def _work(folder: Path, work: Callable[[Register], str], told: int) -> None:
    """Work until killed; a process that ends otherwise says nothing more."""
    try:
        with open_register(folder) as register:
            os.write(told, _READY)
            while True:
                os.write(told, work(register).encode() + b"\n")
    finally:
        os._exit(1)


def looked_at(folder: Path, work: str, told: Sequence[str]) -> tuple[str, list[str]]:
    """What `recover` had to do, and what is not whole after it."""
    try:
        with open_register(folder) as register:
            recovered = register.recover()
            found = faults(register)
            known = {one.number for one in register.certificates()}
            hashes = {row.hash for row in register.rows()}
        if work == "issue":
            found += [f"{number} was told to be issued" for number in told if number not in known]
        if (folder.parent / COPY).exists():
            copy = read_export(folder.parent / COPY)
            found += faults_of_copy(copy)
            if work == "backup" and told and told[-1] not in {row.hash for row in copy.rows}:
                found.append("the copy is older than the last that was finished")
            found += [] if {row.hash for row in copy.rows} <= hashes else ["the copy is of another chain"]
    except ReliabilityError as error:
        return "refused", [str(error)]
    did = [name for name in ("finished", "removed") if getattr(recovered, name)]
    return " and ".join(did) or "nothing", found


def run(database: str, url: str | None, work: str, place: Path, *, kills: int, drawn: random.Random) -> Killed:
    """So many kills of one kind of work."""
    folder = place / "register"
    if not folder.exists():
        new_register(folder, url)
        with open_register(folder) as register:
            issue(register)
    found: list[str] = []
    did: Counter[str] = Counter()
    finished = 0
    for _ in range(kills):
        told = killed(folder, work, drawn.uniform(0.0, LONGEST_S))
        recovered, broken = looked_at(folder, work, told)
        did[recovered] += 1
        finished += len(told)
        found += broken
    return Killed(
        database=database, work=work, kills=kills, told=finished, recovered=dict(did), faults=tuple(found)
    )  # fmt: skip


def page(ran: Sequence[Killed], *, start: int, on: date) -> str:
    """The page under docs/validation; the section on load is put below by register_load."""
    rows = "".join(
        f"| {one.database} | {one.work} | {one.kills} | {one.told} | {one.recovered.get('nothing', 0)} "
        f"| {one.kills - one.recovered.get('nothing', 0)} | {len(one.faults) or 'none'} |\n"
        for one in ran
    )
    kills, broken = sum(one.kills for one in ran), sum(len(one.faults) for one in ran)
    first = next((f" {fault}" for one in ran for fault in one.faults), "")
    return f"""# The register

{written_by("script/validate register", "SQLAlchemy", "pg8000", on=on)}; {machine()}; seed {start}.

## Killed at any moment

A process issues certificates, suspends and restores them, or writes backups without a pause, and is killed (SIGKILL)
after a time drawn between 0 and {LONGEST_S:g} s. Then `recover` runs, and everything is looked at: the chain verifies;
every file that an event brought is there, and no other; the index says what the events say; what the killed process had
told to be finished is there; the backup is the old one or the new one, whole.

**{kills} kills, {broken} faults.**{first}

| database | work | kills | works finished before | nothing to recover | files finished or removed | faults |
|---|---|---:|---:|---:|---:|---:|
{rows}
A kill ends the process, not the machine: that what is committed is on the disk rests on fsync (SQLite
`synchronous=FULL`, PostgreSQL's defaults), and is not tried here.
"""


def main() -> int:
    """Kill, look, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="*", choices=[[], *KINDS])
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    ran, place = [], Path(tempfile.mkdtemp(prefix="register-"))
    try:
        with databases(*(asked.databases or KINDS)) as urls:
            drawn = random.Random(asked.seed)  # noqa: S311  (moments, no secrets)
            for database, url in urls.items():
                for work in WORK:
                    ran.append(run(database, url, work, place / database, kills=asked.kills, drawn=drawn))
                    told = f"{len(ran[-1].faults)} faults; recover did {dict(ran[-1].recovered)}"
                    print(f"{database}, {work}: {ran[-1].kills} kills, {told}", file=sys.stderr)
    finally:
        shutil.rmtree(place)
    put(page(ran, start=asked.seed, on=date.today()), asked.write)
    return int(any(one.faults for one in ran))


if __name__ == "__main__":
    sys.exit(main())
