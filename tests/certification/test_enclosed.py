import io
import zlib

import pikepdf
import pytest

from reliability.certification import enclosed
from reliability.certification.enclosed import enclosed_files
from reliability.errors import RecordError


def pdf(change=lambda one: None):
    """A PDF of one page with the file `a.json` inside, changed."""
    with pikepdf.new() as one:
        one.add_blank_page()
        one.attachments["a.json"] = pikepdf.AttachedFileSpec(one, b'{"a": 1}', filename="a.json")
        change(one)
        written = io.BytesIO()
        one.save(written, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return written.getvalue()


def names(one):
    return one.Root.Names.EmbeddedFiles


def stream(one):
    return names(one).Names[1].EF.F


def refusal(content):
    with pytest.raises(RecordError) as refused:
        enclosed_files(content)
    assert refused.value.code == "enclosed_unreadable"
    return refused.value.values["why"]


def test_files_inside_are_read_by_their_names():
    assert enclosed_files(pdf()) == {"a.json": b'{"a": 1}'}


def test_files_are_found_on_every_branch():
    def branched(one):
        leaf = one.make_indirect(pikepdf.Dictionary(Names=names(one).Names))
        one.Root.Names.EmbeddedFiles = pikepdf.Dictionary(Kids=pikepdf.Array([leaf]))

    assert enclosed_files(pdf(branched)) == {"a.json": b'{"a": 1}'}


def test_a_file_without_any_holds_none():
    assert enclosed_files(pdf(lambda one: one.Root.__delitem__("/Names"))) == {}


def test_a_name_that_stands_for_two_files_stands_for_none():
    def doubled(one):
        names(one).Names = pikepdf.Array([*names(one).Names, *names(one).Names])

    assert refusal(pdf(doubled)) == "a.json twice"


def test_branches_that_lead_back_to_themselves_come_to_an_end():
    def looped(one):
        branch = one.make_indirect(pikepdf.Dictionary())
        branch.Kids = pikepdf.Array([branch, branch, branch])
        one.Root.Names.EmbeddedFiles = branch

    assert refusal(pdf(looped)) == "ValueError"


def test_a_file_that_would_unpack_to_more_than_may_be_is_refused(monkeypatch):
    monkeypatch.setattr(enclosed, "LONGEST", 1000)

    def bomb(size):
        return pdf(lambda one: stream(one).write(zlib.compress(b"\0" * size), filter=pikepdf.Name.FlateDecode))

    assert len(enclosed_files(bomb(1000))["a.json"]) == 1000
    assert refusal(bomb(1001)) == "ValueError"


def test_a_file_that_breaks_off_is_refused():
    cut = zlib.compress(b"something that is long enough to be cut")[:-6]

    assert refusal(pdf(lambda one: stream(one).write(cut, filter=pikepdf.Name.FlateDecode))) == "ValueError"


def test_a_file_packed_in_another_way_is_refused():
    packed = b"7b7d>"

    assert refusal(pdf(lambda one: stream(one).write(packed, filter=pikepdf.Name.ASCIIHexDecode))) == "ValueError"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"%PDF-1.7\nxref\n0 0\ntrailer << >>\nstartxref\n9\n%%EOF\n"])
def test_what_is_no_pdf_is_refused(content):
    refusal(content)


@pytest.mark.parametrize("broken", [
    lambda one: one.Root.Names.__setitem__("/EmbeddedFiles", pikepdf.Array([1])),
    lambda one: names(one).__setitem__("/Names", pikepdf.Array(["a", 3])),
    lambda one: names(one).__setitem__("/Kids", 7),
    lambda one: names(one).__setitem__("/Names", pikepdf.Array(["a"])),
])  # fmt: skip
def test_a_tree_of_names_that_is_none_is_refused(broken):
    refusal(pdf(broken))
