import io
import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from reliability.errors import EnvironmentLacksError, RecordError, UsageError
from reliability.reports.certificate_pages import SIGNATURE_BOX
from reliability.signing import pades
from reliability.signing.pades import sign_pdf
from reliability.signing.pdf_signature import read_signature
from tests.signing import stamping
from tests.signing.people import HUB, NOW
from tests.signing.sealed import hub, printed, sealed, stamped

LEVELS = {"B-B": sealed, "B-T": stamped}


class Fixed:
    """A stamper that gives what it was told to."""

    def __init__(self, token):
        self.token = token

    def stamp(self, digest):
        return self.token


@pytest.fixture(params=LEVELS)
def level(request):
    return request.param


@pytest.fixture
def file(level, tmp_path):
    path = tmp_path / "certificate.pdf"
    path.write_bytes(LEVELS[level]())
    return path


def told(*command):
    return subprocess.run([*map(str, command)], capture_output=True, check=True, text=True).stdout


def test_the_signature_is_added_behind_what_was_printed():
    assert sealed().startswith(printed())
    assert len(sealed()) - len(printed()) < 16_000


def test_the_level_is_what_the_file_has(level, file):
    assert read_signature(file.read_bytes()).level == level


@pytest.mark.parametrize(("profile", "fewest"), [("3a", 150), ("ua1", 100)])
def test_the_signed_file_keeps_every_rule_of_both_standards(file, profile, fewest):
    validator = pytest.importorskip("page", reason="needs page-validation")
    report = validator.validate_pdf(str(file), profile=profile)

    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.rules.total > fewest


@pytest.mark.parametrize("profile", ["3a", "ua1"])
def test_a_signature_that_is_nowhere_on_the_page_keeps_them_too(tmp_path, profile):
    validator = pytest.importorskip("page", reason="needs page-validation")
    path = tmp_path / "nowhere.pdf"
    path.write_bytes(hub().signed(printed(), box=None))

    assert validator.validate_pdf(str(path), profile=profile).failures == []


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils")
def test_pdfsig_finds_it_valid_and_over_the_whole_document(file):
    said = told("pdfsig", "-nocert", file)

    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "Signature #2" not in said
    assert "ETSI.CAdES.detached" in said


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf")
def test_the_signed_file_is_a_sound_one(file):
    assert "No syntax or stream encoding errors" in told("qpdf", "--check", file)


def test_pyhanko_s_own_validation_agrees(level):
    embedded = PdfFileReader(io.BytesIO(LEVELS[level]())).embedded_signatures
    status = validate_pdf_signature(
        embedded[0],
        ValidationContext(trust_roots=[stamping.as_asn1(hub().trust.roots[0])], moment=NOW),
        ValidationContext(trust_roots=[stamping.as_asn1(stamping.ROOT)], moment=NOW),
    )

    assert len(embedded) == 1
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.docmdp_ok
    assert (status.timestamp_validity is not None) == (level == "B-T")


def test_it_certifies_the_document_and_allows_no_change():
    with pikepdf.open(io.BytesIO(sealed())) as pdf:
        signature = pdf.Root.Perms.DocMDP
        (reference,) = signature.Reference

        assert reference.TransformParams.P == 1
        assert pdf.Root.AcroForm.SigFlags == 3
        assert str(signature.Name) == HUB
        assert [name for name in signature.keys() if name in ("/Cert", "/Reason", "/Prop_Build")] == []  # noqa: SIM118


def test_the_field_lies_where_the_page_draws_it_and_has_its_place_in_the_structure():
    with pikepdf.open(io.BytesIO(sealed())) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        element = numbers[numbers.index(field.StructParent) + 1]

        assert [float(edge) for edge in field.Rect] == list(SIGNATURE_BOX)
        assert (element.S, element.K.Obj.objgen, str(field.TU)) == ("/Form", field.objgen, HUB)
        assert field.objgen in [one.objgen for one in pdf.pages[0].Annots]


def test_the_claimed_time_is_the_one_given_whatever_its_zone():
    seoul = NOW.astimezone(timezone(timedelta(hours=9))).replace(microsecond=999_999)

    assert read_signature(hub().signed(printed(), at=seoul)).claimed == NOW
    assert (
        read_signature(hub().signed(printed(), at=datetime(2056, 1, 2, 3, 4, 5, tzinfo=NOW.tzinfo))).claimed.year
        == 2056
    )


def test_the_metadata_are_left_as_they_were():
    with pikepdf.open(io.BytesIO(printed())) as before, pikepdf.open(io.BytesIO(sealed())) as after:
        assert before.Root.Metadata.read_bytes() == after.Root.Metadata.read_bytes()
        assert dict(before.docinfo) == dict(after.docinfo)


def test_no_table_of_objects_ends_so_that_it_reads_as_a_byte_short():
    """By chance one in 256 does at first: looked for here by moving the update byte by byte."""
    at_first = (
        n for n in range(4000)
        if b"\r\nendstream" in pades._updated(printed() + b"\n" * n, SIGNATURE_BOX, HUB, NOW, 64)[2].getvalue()[-2000:]
    )  # fmt: skip
    longer = printed() + b"\n" * next(at_first)
    *_, output = pades._prepared(longer, SIGNATURE_BOX, HUB, NOW, 64)

    assert b"\r\nendstream" not in output.getvalue()[len(longer) :]


# Refused


def test_a_file_is_signed_once():
    for content in (sealed(), printed().replace(b"%%EOF", b"%/ByteRange %%EOF")):
        with pytest.raises(RecordError) as refused:
            hub().signed(content)
        assert refused.value.code == "pdf_signed"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "pdf_unreadable"), (b"PK\x03\x04", "pdf_unreadable"), (b"%PDF-1.7\nnothing", "pdf_unsignable")],
)
def test_what_is_no_pdf_is_not_signed(content, code):
    with pytest.raises(RecordError) as refused:
        hub().signed(content)

    assert refused.value.code == code


def test_a_pdf_without_structure_is_not_signed():
    blank = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(blank)
    with pytest.raises(RecordError) as refused:
        hub().signed(blank.getvalue())

    assert refused.value.code == "pdf_unsignable"


def test_another_key_than_the_certificate_s_signs_nothing():
    with pytest.raises(UsageError) as refused:
        sign_pdf(printed(), hub().key("person"), chain=hub().chain("seal"), box=None, name=HUB, at=NOW)

    assert refused.value.code == "key_of_other_certificate"


@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, 1), slice(0, 3, 2)])
def test_without_the_issuer_s_certificate_nothing_is_signed(cut):
    with pytest.raises(UsageError) as refused:
        sign_pdf(printed(), hub().key("seal"), chain=hub().chain("seal")[cut], box=None, name=HUB, at=NOW)

    assert refused.value.code == "chain_incomplete"


def test_a_token_that_does_not_fit_is_refused():
    with pytest.raises(EnvironmentLacksError) as refused:
        hub().signed(printed(), stamper=Fixed(b"\x30\x82\x40\x00" + b"\0" * 0x4000))

    assert refused.value.code == "time_stamp_large"


def test_the_place_of_the_signature_is_of_one_size_whatever_is_in_it():
    sizes = {len(re.search(rb"/Contents <([0-9A-F]*)>", hub().signed(printed())).group(1)) for _ in range(5)}

    assert sizes == {2 * 4096}
