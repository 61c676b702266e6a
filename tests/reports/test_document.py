import base64
from datetime import date

import pytest

from reliability.errors import RecordError, SubmissionError, UsageError
from reliability.records import canonical_json
from reliability.reports.document import Issuer, contrast_with_white, document_from_issuer, read_document

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
ISSUER = """\
name: 전북 인공지능 신뢰성 허브
address: 전주시 덕진구
logo: logo.png
colours: {ink: "#102030"}
signatories:
  - {name: 이도현, role: 평가 책임자}
opinions: [표본을 늘려 다시 평가할 것을 권한다.]
"""


@pytest.fixture
def issuer(tmp_path):
    (tmp_path / "logo.png").write_bytes(PNG)
    (tmp_path / "issuer.yaml").write_text(ISSUER, encoding="utf-8")
    return tmp_path / "issuer.yaml"


def test_document_holds_the_issuer_and_its_logo_as_data(issuer):
    record = document_from_issuer(issuer, kind="test", number="T-1", issued=date(2026, 11, 20))

    assert record.issuer.signatories[0].name == "이도현"
    assert record.issuer.logo == "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert record.opinions == ("표본을 늘려 다시 평가할 것을 권한다.",)


def test_document_without_an_issuer_is_issued_by_nobody():
    record = document_from_issuer(None, kind="consulting")

    assert (record.issuer, record.number, record.issued) == (None, None, None)


def test_document_reads_back_as_it_was_written(issuer, tmp_path):
    record = document_from_issuer(issuer, kind="test", number="T-2", amends="T-1", reason="오기 정정")
    (tmp_path / "document.json").write_bytes(canonical_json(record))

    assert read_document(tmp_path / "document.json") == record


def test_amending_needs_a_reason():
    with pytest.raises(UsageError, match="names its number and the reason"):
        document_from_issuer(None, kind="test", amends="T-1")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nickname: x", "nickname"),
        ('colours: {ink: "#F0F0F0"}', "contrast"),
        ('colours: {ink: "red;}@import url(x)"}', "#rrggbb"),
        ('logo: "data:text/html;base64,AAAA"', "png or jpeg"),
        ("signatories: [{name: x}]", "signatories.0.role"),
    ],
)
def test_issuer_file_is_refused_when_a_value_cannot_be_used(tmp_path, line, told):
    file = tmp_path / "issuer.yaml"
    file.write_text(f"name: x\n{line}\n", encoding="utf-8")

    with pytest.raises(SubmissionError, match=f"(?i){told}"):
        document_from_issuer(file, kind="test")


def test_issuer_file_is_refused_when_it_is_a_list(tmp_path):
    (tmp_path / "issuer.yaml").write_text("- a\n", encoding="utf-8")

    with pytest.raises(SubmissionError, match="not a mapping"):
        document_from_issuer(tmp_path / "issuer.yaml", kind="test")


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "none.png"])
def test_logo_is_refused_when_it_is_not_beside_the_issuer_file(tmp_path, name):
    (tmp_path / "issuer.yaml").write_text(f"name: x\nlogo: {name}\n", encoding="utf-8")

    with pytest.raises(SubmissionError, match="no such file"):
        document_from_issuer(tmp_path / "issuer.yaml", kind="test")


@pytest.mark.parametrize("content", [b"<svg/>", b"", PNG + b"0" * 300_000])
def test_logo_is_refused_when_it_is_no_picture_or_too_large(issuer, content):
    (issuer.parent / "logo.png").write_bytes(content)

    with pytest.raises(SubmissionError, match="PNG or JPEG of at most"):
        document_from_issuer(issuer, kind="test")


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"kind": "test", "extra": 1}'])
def test_document_file_is_refused_when_it_is_not_one(tmp_path, content):
    (tmp_path / "document.json").write_bytes(content)

    with pytest.raises(RecordError, match=r"document\.json"):
        read_document(tmp_path / "document.json")


def test_document_file_is_refused_when_it_is_missing(tmp_path):
    with pytest.raises(RecordError, match="No such file"):
        read_document(tmp_path / "document.json")


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#FFFFFF", 1.0), ("#000000", 21.0), ("#14213D", 16.0), ("#1F4E79", 8.7)]
)
def test_contrast_is_that_of_wcag(colour, ratio):
    assert contrast_with_white(colour) == pytest.approx(ratio, abs=0.1)


def test_default_colours_can_be_read_on_white():
    colours = Issuer(name="x").colours

    assert min(contrast_with_white(colours.ink), contrast_with_white(colours.accent)) > 4.5
