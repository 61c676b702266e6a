"""What the finisher does to a PDF: metadata of both standards, words without joiners, letters with their meaning."""

import io
import re
import shutil
import subprocess
import zlib

import pikepdf
import pytest

from reliability.reports.enclosure import Enclosure
from reliability.reports.finisher import plain_ends
from reliability.reports.typeset import WORD_JOINER
from tests.reports.setting import set_here

DATED = '<meta name="dcterms.created" content="2026-11-20"><meta name="dcterms.modified" content="2026-11-20">'
HEAD = f'<html lang="ko"><title>신뢰성 보고서</title>{DATED}<h1>시험 결과의 요약</h1>'
RECORD = Enclosure(name="record.json", description="공개 기록", text='{"모델": 1}', date="2026-11-20")


def write(body="", **options):
    return set_here(HEAD + body, **options)


@pytest.fixture(scope="module")
def plain():
    return write('<p>가나다 <svg viewBox="0 0 1 1"><title>표의 그림</title></svg></p>', enclosed=(RECORD,))


def opened(content):
    return pikepdf.open(io.BytesIO(content))


def words_of(pdf):
    """Every text that a reader is shown beside the pages: titles, descriptions, bookmarks."""
    for one in (*pdf.objects, pdf.docinfo):
        if isinstance(one, pikepdf.Dictionary):
            yield from (str(value) for value in one.values() if isinstance(value, pikepdf.String))


def told(content, folder, *command):
    (folder / "told.pdf").write_bytes(content)
    return subprocess.run([*command, str(folder / "told.pdf"), "-"], capture_output=True, check=True).stdout.decode()


# Both standards


def test_metadata_claims_both_standards_in_the_plain(plain):
    with opened(plain) as pdf:
        stream = pdf.Root.Metadata
        metadata = stream.read_raw_bytes()

    assert "/Filter" not in stream
    assert metadata.count(b"<rdf:RDF") == metadata.count(b"</rdf:RDF>") == 1
    assert re.search(rb"pdfaid:part[^0-9]{1,3}3.*pdfaid:conformance[^A]{1,3}A", metadata, re.DOTALL)
    assert metadata.count(b"<pdfuaid:part>1</pdfuaid:part>") == 1
    assert b"http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>" in metadata
    assert metadata.index(b"pdfuaid:part") < metadata.index(b"</rdf:RDF>")


def test_document_is_marked_has_its_language_and_shows_its_title(plain):
    with opened(plain) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "ko"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo.Title) == "신뢰성 보고서"


def test_record_is_enclosed_once_with_what_it_is_to_the_document(plain):
    with opened(plain) as pdf:
        (only,) = pdf.Root.AF
        (name,) = pdf.attachments

        assert (name, str(only.AFRelationship), str(only.Desc)) == ("record.json", "/Data", "공개 기록")
        assert pdf.attachments[name].get_file().read_bytes().decode() == '{"모델": 1}'
        assert str(only.EF.F.Subtype) == "/application/json"


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("2026-11-20", "D:20261120000000Z"),
        ("2026-11-20T05:00:00+00:00", "D:20261120050000Z"),
        ("2026-11-20T14:00:00+09:00", "D:20261120050000Z"),
    ],
)
def test_enclosed_file_has_the_date_of_its_record_whatever_the_zone(date, written, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")
    one = Enclosure(name="r.json", description="r", text="{}", date=date)

    with opened(write(enclosed=(one,))) as pdf:
        (only,) = pdf.Root.AF

        assert str(only.EF.F.Params.ModDate).replace("+00'00", "Z").rstrip("'") == written


def test_document_without_a_record_encloses_nothing():
    with opened(write()) as pdf:
        assert "/AF" not in pdf.Root
        assert not pdf.attachments


def test_identifier_is_the_one_given(plain):
    with opened(plain) as pdf:
        assert bytes(pdf.trailer.ID[0]) in (bytes(range(16)), bytes(range(16)).hex().encode())


# Words


def test_no_joiner_stands_in_titles_bookmarks_or_descriptions(plain):
    with opened(plain) as pdf:
        words = list(words_of(pdf))

    assert "시험 결과의 요약" in words
    assert "표의 그림" in words
    assert [text for text in words if WORD_JOINER in text] == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_no_joiner_stands_in_the_text(plain, tmp_path):
    text = told(plain, tmp_path, "pdftotext")

    assert "시험 결과의 요약" in text
    assert WORD_JOINER not in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
@pytest.mark.parametrize("text", ["שָׁלוֹם", "e\N{COMBINING ACUTE ACCENT}q\N{COMBINING TILDE}", "مُحَمَّد"])
def test_mark_and_its_letter_both_keep_their_meaning(tmp_path, text):
    validator = pytest.importorskip("page", reason="needs page-validation")
    content = write(f"<p>{text}</p>")
    (tmp_path / "told.pdf").write_bytes(content)

    assert [
        failure.rule_id
        for profile in ("3a", "ua1")
        for failure in validator.validate_pdf(str(tmp_path / "told.pdf"), profile=profile).failures
    ] == []
    assert "\N{REPLACEMENT CHARACTER}" not in told(content, tmp_path, "pdftotext")


def test_every_glyph_means_something():
    with opened(write("<p>q\N{COMBINING TILDE} שָׁ fi ffi 각</p>")) as pdf:
        tables = [
            font.ToUnicode.read_bytes()
            for font in pdf.objects
            if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font
        ]

    assert tables
    assert [line for table in tables for line in table.splitlines() if re.fullmatch(rb"<[0-9a-f]{4}> <>", line)] == []


# Ends of streams


def test_data_that_ends_in_a_carriage_return_is_told_apart_from_the_end_of_its_line():
    data = b"5 0 obj\n<</Length 3>>\nstream\nab\r\nendstream\nendobj"

    assert plain_ends(data) == b"5 0 obj\n<</Length 3>>\nstream\nab\r\rendstream\nendobj"
    assert len(plain_ends(data)) == len(data)


def ending_in_a_return():
    """Words whose compressed form ends in a carriage return."""
    texts = (f"{place}".encode() for place in range(100_000))
    return next(text for text in texts if zlib.compress(text, level=9)[-1] == 0x0D)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf")
def test_stream_that_ends_in_a_carriage_return_reads_back_whole(tmp_path):
    text = ending_in_a_return().decode()
    content = write(enclosed=(Enclosure(name="r.json", description="r", text=text, date="2026-11-20"),))
    (tmp_path / "told.pdf").write_bytes(content)
    checked = subprocess.run(
        ["qpdf", "--check", str(tmp_path / "told.pdf")], capture_output=True, check=True, text=True
    )

    assert b"\r\nendstream" not in content
    assert "No syntax or stream encoding errors" in checked.stdout
    with opened(content) as pdf:
        assert pdf.attachments["r.json"].get_file().read_bytes().decode() == text


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (b"1 beginbfchar", b"1 beginbfchar"),
        (b"<0001> <0061>", b"<0001> <0061>"),  # one letter is what it says
        (b"<0002> <>", b"<0002> <0062>"),  # nothing: what the face draws it for
        (b"<0003> <>", b"<0003> <200b>"),  # drawn for no character of its own
        (b"<0002> <00610303>", b"<0002> <0062>"),  # letter and mark together: its own part
        (b"<0004> <00660069>", b"<0004> <00660069>"),  # a ligature stays one
        (b"<0005> <d83dde00>", b"<0005> <d83dde00>"),  # one letter beyond the first plane
    ],
)
def test_meaning_of_a_glyph(line, meaning):
    from reliability.reports.finisher import _meaning

    assert _meaning(line, {1: "z", 2: "b"}) == meaning
