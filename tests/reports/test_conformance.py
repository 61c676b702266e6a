"""Every printed document, read back by others' programs: both standards, sound files, whole words, two typefaces."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pytest

from reliability.reports import fonts
from reliability.reports.certificate_pages import render_certificate, render_specimen
from reliability.reports.document import DocumentRecord
from reliability.reports.render import render, render_screening
from reliability.words.text import LANGUAGES
from tests.reports import german
from tests.reports.certified import certified, granted
from tests.reports.consulted import GIVEN
from tests.reports.sample import assessment
from tests.reports.screening_sample import CASES, screened
from tests.reports.worst import EMOJI, worst, worst_document
from tests.reports.worst_advised import worst_given

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ("consulting", "summary", "test")
SAMPLE = [f"sample {kind} {lang}" for kind in (*REPORTS, "certificate", "specimen", "screening") for lang in LANGUAGES]
# Both languages of the sample; of the others one each, in turn.
GERMAN = ["german consulting ko", "german summary en", "german test en", "german specimen ko"]
WORST = ["worst consulting en", "worst summary ko", "worst test ko"]
# The consulting report with advice and a filled-in register.
ADVISED = ["sample advised ko", "sample advised en", "worst advised en"]
DOCUMENTS = [*SAMPLE, *GERMAN, *WORST, *ADVISED]
FEW = 24  # items of the worst case that still hold every verdict, every way to measure, every severity
needs_poppler = pytest.mark.skipif(shutil.which("pdffonts") is None, reason="needs poppler-utils")


def few_of_the_worst():
    """The worst case with fewer items."""
    record = worst()
    content = record.checklist.content
    kept = {one.item for one in record.findings[:FEW]}
    sections = [
        section | {"items": items}
        for section in content["sections"]
        if (items := [item for item in section["items"] if item["id"] in kept])
    ]
    checklist = record.checklist.model_copy(update={"content": content | {"sections": sections}})
    return worst(checklist=checklist, findings=record.findings[:FEW])


@pytest.fixture(scope="session")
def records(tmp_path_factory):
    """Assessments by name, each made once."""

    @cache
    def made(name):
        if name == "german" and not german.FILE.is_file():
            pytest.skip("no german/german.csv under ../shared/data")
        folder = tmp_path_factory.mktemp("records") / "german"
        return {"sample": assessment, "german": lambda: german.assessed(folder), "worst": few_of_the_worst}[name]()

    return made


@pytest.fixture(scope="session")
def printed(records, tmp_path_factory):
    """A document as a PDF file, each printed once."""
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    folder = tmp_path_factory.mktemp("printed")

    @cache
    def made(document):
        path = folder / f"{document.replace(' ', '-')}.pdf"
        path.write_bytes(document_as(document, records, "pdf"))
        return path

    return made


def document_as(document, records, form):
    """A document by name: of which record, what kind, in which language."""
    of, kind, lang = document.split()
    options = {"lang": lang, "format": form}
    if kind == "certificate":
        return render_certificate(granted(), certified(), **options)
    if kind == "specimen":
        return render_specimen(records(of), DocumentRecord(kind="certificate"), **options)
    if kind == "screening":
        return render_screening(screened(CASES["likely"]), DocumentRecord(kind="screening"), **options)
    advised, kind = kind == "advised", "consulting" if kind == "advised" else kind
    record = worst_document(kind) if of == "worst" else DocumentRecord(kind=kind)
    case = records(of)
    given = (worst_given(case) if of == "worst" else GIVEN) if advised else None
    return render(case, record, kind=kind, given=given, **options)


def told(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


class Shown(HTMLParser):
    """What a page shows as text: neither styles nor what is said of drawings."""

    def __init__(self, page):
        super().__init__()
        self.words, self.hidden = [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in {"style", "title"}

    def handle_endtag(self, tag):
        self.hidden -= tag in {"style", "title"}

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)


# Standards


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize(("profile", "fewest"), [("3a", 150), ("ua1", 100)])
def test_document_keeps_every_rule_of_the_standard(printed, document, profile, fewest):
    validator = pytest.importorskip("page", reason="needs page-validation")
    report = validator.validate_pdf(str(printed(document)), profile=profile)

    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.rules.total > fewest


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_is_a_sound_file(printed, document):
    assert "No syntax or stream encoding errors" in told("qpdf", "--check", printed(document))


def test_validator_sees_a_broken_rule(printed, tmp_path):
    validator = pytest.importorskip("page", reason="needs page-validation")
    broken = printed("sample summary ko").read_bytes().replace(b"<pdfuaid:part>1<", b"<pdfuaid:part>2<")
    (tmp_path / "broken.pdf").write_bytes(broken)

    assert validator.validate_pdf(str(tmp_path / "broken.pdf"), profile="ua1").failures


@pytest.mark.parametrize("document", ["worst consulting en", "worst test ko"])
def test_document_carries_what_it_left_out_as_associated_files(printed, document):
    with pikepdf.open(printed(document)) as pdf:
        names = sorted(pdf.attachments)
        related = [(str(one.UF), str(one.AFRelationship)) for one in pdf.Root.AF]

    assert "public-record.json" in names
    assert [name for name in names if name.endswith(".csv")]
    assert sorted(related) == [(name, "/Data") for name in names]


# Typefaces and words


@needs_poppler
@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_embeds_the_chosen_face_and_the_one_that_helps_it_out(printed, document):
    lines = told("pdffonts", printed(document)).splitlines()[2:]
    families = {re.sub(r"[ -]", "", one.family): one for faces in fonts.typefaces() for one in faces.faces}
    used = {line.split()[0].partition("+")[2].replace("-", "") for line in lines}
    found = {name: next((family for family in families if name.startswith(family)), None) for name in used}

    assert lines
    assert None not in found.values(), found
    chosen = set(found.values()) - {re.sub(r"[ -]", "", fonts.FALLBACK)}
    assert len(chosen) == 1
    assert [line for line in lines if line.split()[-5:-2] != ["yes", "yes", "yes"]] == []  # embedded, subset, Unicode


@needs_poppler
@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name.endswith("ko") and "worst" not in name])
def test_every_korean_word_comes_back_whole(printed, records, document):
    page = Shown(document_as(document, records, "html").decode("utf-8"))
    text = told("pdftotext", printed(document), "-")
    shown, read = " ".join(page.words), " ".join(text.split())
    # pdftotext may take two words of a narrow column's head for one: a word counts inside a longer one too.
    wanted = {word: shown.count(word) for word in re.findall("[가-힣]{2,}", shown)}

    assert len(wanted) > 100
    assert {word: (n, read.count(word)) for word, n in wanted.items() if read.count(word) < n} == {}


@needs_poppler
@pytest.mark.parametrize("document", WORST)
def test_character_in_neither_face_prints_by_its_number_and_is_listed(printed, document):
    text = told("pdftotext", printed(document), "-")
    faces = fonts.typefaces()
    undrawn = [letter for letter in EMOJI if all(one.undrawn(letter) for one in faces)]

    assert undrawn
    for letter in undrawn:
        number = f"U+{ord(letter):04X}"
        assert f"[{number}]" in "".join(text.split())
        # A summary is two pages and has no annex to list it in.
        assert "summary" in document or number in re.sub(r"\[U\+\w+\]", "", text)


@needs_poppler
@pytest.mark.parametrize("document", SAMPLE)
def test_document_is_tagged_titled_and_has_its_language(printed, document):
    told_of = told("pdfinfo", printed(document))

    assert re.search(r"Tagged:\s+yes", told_of)
    assert re.search(r"Title:\s+\S", told_of)
    with pikepdf.open(printed(document)) as pdf:
        assert str(pdf.Root.Lang) == document.split()[-1]


# Reproducible


def test_another_process_writes_the_same_bytes_whatever_its_zone_language_and_order_of_sets(printed, tmp_path):
    asked = f"""import hashlib, sys; sys.path.insert(0, {str(ROOT)!r})
from tests.reports.test_conformance import assessment, document_as
for name in sys.argv[1:]:
    print(hashlib.sha256(document_as(name, lambda of: assessment(), "pdf")).hexdigest())"""
    names = ["sample summary ko", "sample test en", "sample specimen ko"]
    other = {"TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "4711", "SOURCE_DATE_EPOCH": "1"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **other}
    done = subprocess.run(
        [sys.executable, "-c", asked, *names], env=environment, cwd=tmp_path, capture_output=True, check=True, text=True
    )

    assert done.stdout.split() == [hashlib.sha256(printed(name).read_bytes()).hexdigest() for name in names]
