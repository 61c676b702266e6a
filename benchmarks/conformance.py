"""Prints every kind of document in both languages from three records, and has others' programs judge the files.

    python -m benchmarks.conformance [--case demo/case] [--write docs/validation/conformance.md]

The records: the demo's case, German credit (../shared/data) and the worst case of tests/reports/worst.py. Exit status 1
where a rule is broken, 2 where a record or a program is missing.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.pages import ROOT, versions
from reliability.case import read_case
from reliability.records import Assessment
from reliability.reports import fonts
from reliability.reports.certificate_pages import render_specimen
from reliability.reports.document import DocumentRecord
from reliability.reports.render import render
from reliability.words.text import LANGUAGES
from tests.reports import german
from tests.reports.worst import worst, worst_document

KINDS = ("consulting", "summary", "test", "certificate")
PROFILES = ("3a", "ua1")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One document, and what the programs said of it."""

    record: str
    kind: str
    lang: str
    pages: int
    kilobytes: float
    rules: int
    broken: tuple[str, ...]
    faces: tuple[str, ...]

    def line(self) -> str:
        """The line as Markdown."""
        cells = (self.record, self.kind, self.lang, self.pages, f"{self.kilobytes:.0f}", self.rules, len(self.broken))
        return f"| {' | '.join(map(str, cells))} | {', '.join(self.faces)} |"


def drawn(record: Assessment, of: str, kind: Any, lang: Any) -> bytes:
    """A document of a record; a certificate as a specimen, for none of these was granted."""
    about = worst_document(kind) if of == "worst" and kind != "certificate" else DocumentRecord(kind=kind)
    if kind == "certificate":
        return render_specimen(record, about, lang=lang, format="pdf")
    return render(record, about, kind=kind, lang=lang, format="pdf")


def judged(file: Path, *, record: str, kind: str, lang: str) -> Judged:
    """What page-validation, qpdf and poppler say of a file."""
    import page
    import pikepdf

    reports = [page.validate_pdf(str(file), profile=profile) for profile in PROFILES]
    broken = [f"{failure.rule_id}: {failure.message}" for report in reports for failure in report.failures]
    sound = subprocess.run(
        [shutil.which("qpdf") or "qpdf", "--check", str(file)], capture_output=True, text=True, check=False
    )
    if "No syntax or stream encoding errors" not in sound.stdout:
        broken.append(f"qpdf: {sound.stdout.splitlines()[-1:]}")
    faces = tuple(sorted({*_faces(file)}))
    allowed = {"".join(face.named.split()[:-1]) for face in fonts.typefaces()[0].faces}  # without the version
    broken += [f"typeface {face} is neither the chosen one nor the fallback" for face in set(faces) - allowed]
    with pikepdf.open(file) as pdf:
        pages = len(pdf.pages)
    return Judged(
        record=record, kind=kind, lang=lang, pages=pages, kilobytes=file.stat().st_size / 1024,
        rules=sum(report.rules.total for report in reports), broken=tuple(broken), faces=faces,
    )  # fmt: skip


def _faces(file: Path) -> Iterator[str]:
    """The families embedded in a file, weights aside."""
    listed = subprocess.run(
        [shutil.which("pdffonts") or "pdffonts", str(file)], capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines()[2:]:
        yield line.split()[0].partition("+")[2].replace("-", "").removesuffix("Bold")


def page_of(results: Sequence[Judged]) -> str:
    """The results as Markdown, with date and versions."""
    n = sum(len(one.broken) for one in results)
    lines = [
        "# Conformance of printed documents", "",
        f"Written by `benchmarks/conformance.py` on {date.today()}: "
        f"{versions('reliability-workbench', 'weasyprint', 'page-validation')}.", "",
        "Every document was judged by page-validation for PDF/A-3a and PDF/UA-1 and by `qpdf --check`, and its "
        "typefaces were read with `pdffonts`; no other validator was asked. *demo* is the case that `script/demo` "
        "leaves, *german* German credit, *worst* tests/reports/worst.py: 200 items, 40 groups, names of 80 "
        "characters, every verdict, hostile HTML in every text, emoji, Hanja, right-to-left text.",
        "", f"**{n} rules broken in {len(results)} documents.**", "",
        "| record | document | language | pages | KB | rules asked | broken | typefaces |",
        "|---|---|---|---:|---:|---:|---:|---|",
        *(one.line() for one in results),
    ]  # fmt: skip
    told = [f"- {one.record} {one.kind} {one.lang}: {what}" for one in results for what in one.broken]
    return "\n".join([*lines, *(["", "## Broken", "", *told] if told else [])]) + "\n"


def lacking(case: Path) -> str:
    """What is missing on this machine; empty where nothing."""
    programs = [name for name in ("qpdf", "pdffonts") if shutil.which(name) is None]
    if programs:
        return f"no {', '.join(programs)}: apt-get install -y qpdf poppler-utils"
    if not case.is_dir():
        return f"{case}: no case; run script/demo first"
    return "" if german.FILE.is_file() else f"{german.FILE}: no such file; it lies beside the project"


def main() -> None:
    """Print, judge, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--case", type=Path, default=ROOT / "demo" / "case")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    if missing := lacking(asked.case):
        print(missing, file=sys.stderr)
        raise SystemExit(2)
    results = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        records: dict[str, Callable[[], Assessment]] = {
            "demo": lambda: read_case(asked.case),
            "german": lambda: german.assessed(folder / "german"),  # type: ignore[no-untyped-call]  # tests are not annotated
            "worst": worst,
        }
        for of, give in records.items():
            record = give()
            for kind, lang in ((kind, lang) for kind in KINDS for lang in LANGUAGES):
                file = folder / f"{of}-{kind}-{lang}.pdf"
                file.write_bytes(drawn(record, of, kind, lang))
                results.append(judged(file, record=of, kind=kind, lang=lang))
                print(results[-1].line(), file=sys.stderr, flush=True)
    text = page_of(results)
    if asked.write:
        asked.write.write_text(text, encoding="utf-8")
    print(text)
    raise SystemExit(1 if any(one.broken for one in results) else 0)


if __name__ == "__main__":
    main()
