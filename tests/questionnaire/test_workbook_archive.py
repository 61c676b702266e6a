"""A file is looked at before anything in it is read: bombs, programs, pictures, and what is no workbook at all."""

import zipfile

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire import workbook_archive
from reliability.questionnaire.workbook_package import read_package
from tests.questionnaire.filled_workbooks import packed, part, with_parts, workbook


def refused(path):
    with pytest.raises(SubmissionError) as error:
        read_package(path)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{path.name}: ")
    return error.value


@pytest.fixture
def book(tmp_path):
    workbook(tmp_path / "q.xlsx")
    return tmp_path / "q.xlsx"


@pytest.mark.parametrize(
    "content",
    [b"", b"answers: 1\n", b"PK", b"PK\x03\x04" + b"\x00" * 60, b"\x00" * 1000, packed({}), packed({"a.txt": "x"})],
    ids=["empty", "yaml", "two bytes", "torn header", "zeros", "empty zip", "another zip"],
)
def test_what_is_no_workbook_is_refused(tmp_path, content):
    (tmp_path / "q.xlsx").write_bytes(content)

    assert refused(tmp_path / "q.xlsx").code == "workbook_unknown"


def test_an_opendocument_file_is_no_workbook_of_this_kind(tmp_path):
    ods = packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})
    (tmp_path / "q.ods").write_bytes(ods)

    assert refused(tmp_path / "q.ods").code == "workbook_unknown"


def test_a_workbook_behind_a_password_is_told_from_a_broken_one(tmp_path):
    (tmp_path / "q.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100)

    error = refused(tmp_path / "q.xlsx")
    assert error.code == "workbook_locked"
    assert "without a password" in str(error)


def test_a_workbook_cut_short_is_refused(book):
    book.write_bytes(book.read_bytes()[:-300])

    assert refused(book).code in ("workbook_unknown", "workbook_damaged")


def test_a_file_that_is_too_long_is_not_even_unpacked(book, monkeypatch):
    monkeypatch.setattr(workbook_archive, "MOST_BYTES", 1_000)

    assert refused(book).code == "workbook_too_large"


def test_a_bomb_of_zeros_is_refused_by_its_ratio(book):
    bomb = with_parts(book, {"xl/theme/theme2.xml": b"\x00" * 5_000_000})

    assert bomb.stat().st_size < 100_000
    assert refused(bomb).code == "workbook_too_large"


def test_many_parts_that_are_large_together_are_refused(book, monkeypatch):
    monkeypatch.setattr(workbook_archive, "MOST_UNPACKED", 3_000_000)
    with_parts(book, {f"xl/extra{n}.xml": b"\x00" * 900_000 for n in range(4)})

    assert refused(book).code == "workbook_too_large"


def test_more_parts_than_any_workbook_has_are_refused(book, monkeypatch):
    monkeypatch.setattr(workbook_archive, "MOST_MEMBERS", 50)
    with_parts(book, {f"xl/extra{n}.xml": "" for n in range(60)})

    assert refused(book).code == "workbook_too_large"


def test_small_parts_may_be_as_regular_as_they_like(book):
    with_parts(book, {"xl/extra.xml": b"\x00" * 900_000})

    assert len(read_package(book).sheets) == 3


def test_parts_of_the_same_name_are_refused(book):
    with zipfile.ZipFile(book, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "<workbook/>")

    error = refused(book)
    assert error.code == "workbook_damaged"
    assert "a part is there twice" in str(error)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_packed_as_no_workbook_is_refused(book, method):
    with zipfile.ZipFile(book, "a", method) as archive:
        archive.writestr("xl/extra.xml", "<a/>" * 100)

    error = refused(book)
    assert error.code == "workbook_damaged"
    assert "'xl/extra.xml' is packed as no workbook is" in str(error)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xl/vbaProject.bin", "workbook_macro"),
        ("XL/VBAPROJECT.BIN", "workbook_macro"),
        ("xl/vbaProjectSignature.bin", "workbook_macro"),
        ("xl/macrosheets/sheet1.xml", "workbook_macro"),
        ("xl/activeX/activeX1.xml", "workbook_macro"),
        ("customUI/customUI14.xml", "workbook_macro"),
        ("xl/externalLinks/externalLink1.xml", "workbook_link"),
        ("xl/connections.xml", "workbook_link"),
        ("xl/queryTables/queryTable1.xml", "workbook_link"),
        ("xl/embeddings/oleObject1.bin", "workbook_embedded"),
        ("xl/media/image1.png", "workbook_embedded"),
    ],
)
def test_what_is_more_than_cells_is_refused_by_name(book, name, code):
    with_parts(book, {name: b"x"})

    error = refused(book)
    assert error.code == code
    assert repr(name) in str(error)


def test_a_picture_is_refused_with_what_to_do_about_it(book):
    with_parts(book, {"xl/media/image1.png": b"x"})

    assert "name it in the evidence column" in str(refused(book))


def test_a_macro_workbook_without_its_macros_is_refused_by_its_type(book):
    types = part(book, "[Content_Types].xml")
    plain, macros = "openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main"
    assert plain in types
    with_parts(book, {"[Content_Types].xml": types.replace(plain, macros)})

    assert refused(book).code == "workbook_macro"


def test_names_of_parts_cannot_steer_a_terminal(book):
    with_parts(book, {"xl/media/\x1b[31m.png": b"x"})

    assert "\x1b" not in str(refused(book))


@pytest.mark.parametrize("name", ["docProps/thumbnail.jpeg", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"])
def test_what_spreadsheets_put_in_by_themselves_is_passed_over(book, name):
    with_parts(book, {name: b"x"})

    assert [sheet.name for sheet in read_package(book).sheets] == ["작성 안내", "거버넌스", "강건성·안전성"]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<worksheet><sheetData><row><c t='inlineStr'><is><t>&b;</t></is></c></row></sheetData></worksheet>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<worksheet><sheetData><row><c t='inlineStr'><is><t>&x;</t></is></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, BOMB.encode("utf-16")], ids=["bomb", "outside", "utf-16"])
def test_a_document_type_is_refused_and_with_it_every_entity(book, content):
    with_parts(book, {"xl/worksheets/sheet2.xml": content})

    error = refused(book)
    assert error.code == "workbook_damaged"
    assert "declares a document type" in str(error)


@pytest.mark.parametrize(
    "content",
    [
        "", "<worksheet>", "<a></b>", "\x00\x01", b"\xff\xfe\x00", '<?xml version="1.0" encoding="nonsense"?><a/>',
        "<worksheet><sheetData><row r='x'/></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='A0'/></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='A1' t='s'><v>99999</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='A1' t='s'><v>-1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='A1' s='99999'><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='A1'><v>eins</v></c></row></sheetData></worksheet>",
        "<worksheet><mergeCells><mergeCell/></mergeCells></worksheet>",
    ],
)  # fmt: skip
def test_a_broken_sheet_is_one_line(book, content):
    with_parts(book, {"xl/worksheets/sheet2.xml": content})

    assert refused(book).code == "workbook_damaged"


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"])
@pytest.mark.parametrize("content", ["", "<a", "<a></b>"])
def test_a_broken_book_is_one_line(book, name, content):
    with_parts(book, {name: content})

    assert refused(book).code == "workbook_damaged"


def test_a_sheet_that_is_not_in_the_file_is_one_line(book):
    with_parts(book, {"xl/_rels/workbook.xml.rels": "<Relationships/>"})

    assert refused(book).code == "workbook_damaged"


def test_a_part_with_wrong_bytes_is_one_line(book):
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        place = archive.getinfo("xl/worksheets/sheet2.xml").header_offset
    content[place + 80 : place + 120] = b"\x55" * 40
    book.write_bytes(bytes(content))

    assert refused(book).code == "workbook_damaged"


def test_reading_leaves_the_file_as_it_is(book):
    before = book.read_bytes()
    read_package(book)

    assert book.read_bytes() == before
