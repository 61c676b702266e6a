"""Changes a signed certificate in every way that needs no key, and asks the strict reader each time.

    python -m benchmarks.tampering [--positions 4000] [--write docs/validation/tampering.md]

Every digit of the signature and of the room kept for it is changed, and its case; so are bytes all over the file; bytes
are cut off and added, the file is updated and written anew, the signature re-encoded. Exit status 1 where a change is
accepted; another exception than the three that a reader raises ends the program.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import machine, put, written_by
from reliability.signing.trust import Trust
from tests.signing import sealed, tampered

SEED = 8
CUTS = 300


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One kind of change, and what the reader made of it."""

    level: str
    change: str
    verdicts: Counter[str]
    cpu_s: float

    @property
    def n(self) -> int:
        """How many files were read."""
        return self.verdicts.total()

    def line(self) -> str:
        """The line as Markdown."""
        told = ", ".join(f"`{code}` {n:,}" for code, n in self.verdicts.most_common() if code != "accepted")
        return f"| {self.level} | {self.change} | {self.n:,} | {self.verdicts['accepted']} | {told} |"


def digits(content: bytes) -> Iterator[bytes]:
    """Each digit of the signature and of the room behind it, changed by one bit and by several, and in lower case."""
    drawn = random.Random(SEED)  # noqa: S311  (positions, not secrets)
    for position in tampered.place(content):
        for by in (1 << drawn.randrange(4), drawn.randrange(1, 16)):
            yield tampered.other_digit(content, position, by)
        lower = tampered.other_case(content, position)
        if lower is not None:
            yield lower


def anywhere(content: bytes, n: int) -> Iterator[bytes]:
    """Bytes all over the file outside the signature: all of the last part, and as many others as asked for."""
    drawn, place = random.Random(SEED), tampered.place(content)  # noqa: S311  (as above)
    before = drawn.sample(range(place.start), n)
    for position in sorted([*before, *range(place.stop, len(content))]):
        for by in (1 << drawn.randrange(8), drawn.randrange(1, 256)):
            yield tampered.other_byte(content, position, by)


def named(changes: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The files without their names."""
    return (content for _, content in changes)


def tried(level: str, change: str, files: Iterable[bytes], trust: Trust) -> Tried:
    """The verdicts on files, counted."""
    start = time.process_time()
    verdicts = Counter(tampered.verdict(content, trust) for content in files)
    return Tried(level=level, change=change, verdicts=verdicts, cpu_s=time.process_time() - start)


def all_of(level: str, content: bytes, n: int, trust: Trust) -> Iterator[Tried]:
    """Every kind of change to one file."""
    kinds: dict[str, Callable[[], Iterator[bytes]]] = {
        "every digit of the signature and its room": lambda: digits(content),
        "bytes outside the signature": lambda: anywhere(content, n),
        "cut off": lambda: named(tampered.cut_off(content, CUTS)),
        "bytes added": lambda: named(tampered.enlarged(content)),
        "another covered range": lambda: named(tampered.with_range(content)),
        "signature re-encoded": lambda: named(tampered.reencoded(content)),
        "incremental update": lambda: named(tampered.updated(content)),
        "written anew": lambda: named(tampered.rewritten(content)),
    }
    for change, files in kinds.items():
        yield tried(level, change, files(), trust)


def page_of(results: list[Tried], sizes: dict[str, int]) -> str:
    """The results as Markdown."""
    accepted, n = sum(one.verdicts["accepted"] for one in results), sum(one.n for one in results)
    cost = 1000 * sum(one.cpu_s for one in results) / n
    lines = [
        "# Tampering with a signed certificate", "",
        f"{written_by('benchmarks/tampering.py', 'reliability-workbench', 'pyhanko', 'cryptography', 'pikepdf')}; "
        f"{machine()}.", "",
        "A certificate as it is issued, PAdES B-B ({B-B:,} bytes) and B-T ({B-T:,} bytes), changed without its key and "
        "read by `pdf_signature.read_signature`, `Trust.path` and `time_stamps.time_of`. `time_not_proven`: the "
        "signature holds, its time stamp does not (changes inside the token). `pdf_unsigned`: no signature is left in "
        "the file.".format(**sizes), "",
        f"**{accepted} of {n:,} changed files accepted; no exception but the reader's three; {cost:.1f} ms of CPU time "
        "a file, changing it included.**", "",
        "| level | change | files | accepted | refused as |", "|---|---|---:|---:|---|",
        *(one.line() for one in results),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    """Change, read, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--positions", type=int, default=4000, help="bytes before the signature to change")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    files = {"B-B": sealed.sealed(), "B-T": sealed.stamped()}
    trust = sealed.hub().trust
    for level, content in files.items():
        if tampered.verdict(content, trust) != "accepted":
            raise SystemExit(f"{level}: the file as it was issued is not accepted; nothing can be shown with it")
    results = [one for level, content in files.items() for one in all_of(level, content, asked.positions, trust)]
    put(page_of(results, {level: len(content) for level, content in files.items()}), asked.write)
    raise SystemExit(1 if any(one.verdicts["accepted"] for one in results) else 0)


if __name__ == "__main__":
    main()
