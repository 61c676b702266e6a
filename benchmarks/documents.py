"""Measures what printing a document costs, beside WeasyPrint's own `write_pdf()` for the same page.

    python -m benchmarks.documents [--repeats 5] [--of report-12 ...] [--write docs/benchmarks.md]

Side by side in one run: for every repeat ours and theirs, each in a process of its own with the same typefaces.
Exit status 1 where a promise is not kept.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import ROOT, cpu_s, machine, put_section, written_by
from reliability.records import Assessment
from reliability.reports import fonts
from reliability.reports.certificate_pages import certificate_page, render_certificate
from reliability.reports.document import DocumentRecord
from reliability.reports.press import setting
from reliability.reports.render import page_of, render
from reliability.words.text import words
from tests.reports.certified import certified, granted
from tests.reports.sample import assessment
from tests.reports.worst import worst

HEADING = "## Documents"
MOST_RATIO, MOST_MEGABYTES, MOST_KILOBYTES = 1.5, 200, 250
REPEATS = 5
# Name: how it is made, seconds aimed at. Bounds keep every report below sixty pages: the longest is the worst case's.
CASES = {"report-12": 2.5, "report-longest": 12.0, "certificate": 1.5}
TIMES = 2  # the sample's items over, for twelve pages
THEIRS = (
    "import sys; from weasyprint import HTML; page = open(sys.argv[1], encoding='utf-8').read(); "
    "open(sys.argv[2], 'wb').write(HTML(string=page).write_pdf())"
)


def repeated(times: int) -> Assessment:
    """The sample assessment with its sections so many times over."""
    record = assessment()
    content = record.checklist.content
    sections, findings = [], []
    for turn in range(times):
        mark = chr(ord("A") + turn) if turn else ""
        for section in content["sections"]:
            items = [item | {"id": f"{mark}{item['id']}"} for item in section["items"]]
            sections.append(section | {"id": f"{mark}{section['id']}", "items": items})
        findings += [one.model_copy(update={"item": f"{mark}{one.item}"}) for one in record.findings]
    checklist = record.checklist.model_copy(update={"content": content | {"sections": sections}})
    return assessment(checklist=checklist, findings=tuple(findings))


def assessed(case: str) -> Assessment:
    """The assessment that a case reports."""
    return worst() if case == "report-longest" else repeated(TIMES)


def composed(case: str) -> str:
    """The page that is set for a case."""
    rows = setting(fonts.typefaces()[0], (), words("ko"))
    if case == "certificate":
        return certificate_page(granted(), certified(), lang="ko", setting=rows)
    return page_of(assessed(case), DocumentRecord(kind="consulting"), kind="consulting", lang="ko", setting=rows)


def rendered(case: str) -> bytes:
    """The document of a case."""
    if case == "certificate":
        return render_certificate(granted(), certified(), lang="ko", format="pdf")
    return render(assessed(case), DocumentRecord(kind="consulting"), kind="consulting", lang="ko", format="pdf")


def run_ours(case: str, file: Path) -> dict[str, float]:
    """Makes a document and says what it took: this process's part, the typesetter's, and the typesetter's memory."""
    rendered("certificate")  # modules and templates are read, the machine is asked for its typefaces
    own, set_apart = cpu_s(of=resource.RUSAGE_SELF), cpu_s(of=resource.RUSAGE_CHILDREN)
    file.write_bytes(rendered(case))
    return {
        "composing": cpu_s(of=resource.RUSAGE_SELF) - own,
        "setting": cpu_s(of=resource.RUSAGE_CHILDREN) - set_apart,
        "megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def theirs(page: Path, file: Path, configuration: Path) -> float:
    """CPU seconds of a process that does nothing but HTML(string=...).write_pdf()."""
    before = cpu_s(of=resource.RUSAGE_CHILDREN)
    known = {"FONTCONFIG_FILE": str(configuration), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-c", THEIRS, str(page), str(file)], env=os.environ | known, check=True, capture_output=True
    )
    return cpu_s(of=resource.RUSAGE_CHILDREN) - before


def ours(case: str, file: Path) -> dict[str, float]:
    """What a fresh process of ours takes for one document."""
    command = [sys.executable, "-m", "benchmarks.documents", "--job", case, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    told: dict[str, float] = json.loads(done.stdout)
    return told


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One line of the table: medians of the repeats."""

    case: str
    pages: int
    composing: float
    setting: float
    theirs: float
    megabytes: float
    kilobytes: float

    @property
    def ratio(self) -> float:
        """Our typesetting over theirs."""
        return self.setting / self.theirs

    @property
    def broken(self) -> list[str]:
        """The promises that are not kept."""
        small = self.case == "report-12"
        kept = {
            f"{self.case}: ratio {self.ratio:.2f}": self.ratio <= MOST_RATIO,
            f"{self.case}: {self.megabytes:.0f} MB": not small or self.megabytes <= MOST_MEGABYTES,
            f"{self.case}: {self.kilobytes:.0f} KB": not small or self.kilobytes <= MOST_KILOBYTES,
        }
        return [words for words, is_kept in kept.items() if not is_kept]

    def line(self) -> str:
        """The line as Markdown."""
        whole, aim = self.composing + self.setting, CASES[self.case]
        cells = (
            self.case, str(self.pages), f"{self.setting:.2f}", f"{self.theirs:.2f}",
            f"{self.ratio:.2f}", f"{whole:.2f}", f"{aim:g}", f"{self.megabytes:.0f}", f"{self.kilobytes:.0f}",
        )  # fmt: skip
        return "| " + " | ".join(cells) + " |"


def measure(case: str, repeats: int, folder: Path) -> Measured:
    """Ours and theirs in turn, so many times."""
    page, configuration, file = folder / "page.html", folder / "fonts.conf", folder / f"{case}.pdf"
    page.write_text(composed(case), encoding="utf-8")
    configuration.write_text(fonts.typefaces()[0].configuration(), encoding="utf-8")
    told, other = [], []
    for _ in range(repeats):
        told.append(ours(case, file))
        other.append(theirs(page, folder / "theirs.pdf", configuration))

    def median(name: str) -> float:
        return statistics.median(one[name] for one in told)

    return Measured(
        case=case,
        pages=pages_of(file),
        composing=median("composing"),
        setting=median("setting"),
        theirs=statistics.median(other),
        megabytes=median("megabytes"),
        kilobytes=file.stat().st_size / 1024,
    )


def pages_of(file: Path) -> int:
    """How many pages a PDF has."""
    import pikepdf

    with pikepdf.open(file) as pdf:
        return len(pdf.pages)


def section(rows: Sequence[Measured], repeats: int) -> str:
    """The part of docs/benchmarks.md: what is compared, the table, and where a promise is not kept."""
    faces = fonts.typefaces()[0].named
    broken = [words for row in rows for words in row.broken]
    head = [
        HEADING, "",
        f"{written_by('benchmarks/documents.py', 'reliability-workbench', 'weasyprint', 'pydyf')}; "
        f"{faces}; {machine()}. CPU seconds of user and system together, medians of "
        f"{repeats}, ours and theirs in turn.",
        "",
        "*Setting* is the whole process that turns the page into PDF/A-3a and PDF/UA-1 with the record enclosed, its "
        "start and imports included; *WeasyPrint* is a whole process with `HTML(string=page).write_pdf()` for the same "
        "page and the same typefaces: an untagged PDF of no standard. *Whole* adds the composing of the page from its "
        "records. Memory is the peak of the process that sets. The reports are Korean consulting reports: of "
        "tests/reports/sample.py with its items twice, and of tests/reports/worst.py (200 items, 40 groups, long and "
        "hostile texts), the longest that the bounds let through.",
        "",
        f"Promised: setting at most {MOST_RATIO:g} times WeasyPrint's; the shorter report at most {MOST_MEGABYTES} MB "
        f"and {MOST_KILOBYTES} KB. "
        + (f"Not kept: {'; '.join(broken)}." if broken else "All promises are kept."),
        "",
        "| document | pages | setting s | WeasyPrint s | ratio | whole s | aim s | peak MB | file KB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    return "\n".join([*head, *(row.line() for row in rows)]) + "\n"


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--job", nargs=2, metavar=("CASE", "FILE"))
    parser.add_argument("--of", nargs="+", choices=[*CASES], default=[*CASES])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    if asked.job:
        print(json.dumps(run_ours(asked.job[0], Path(asked.job[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(case, asked.repeats, Path(folder)) for case in asked.of]
    put_section(section(rows, asked.repeats), HEADING, asked.write)
    raise SystemExit(1 if any(row.broken for row in rows) else 0)


if __name__ == "__main__":
    main()
