"""Evidence files as they are taken in: inside the folder, of a kind and size that is taken, with today's digest."""

import hashlib

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire.evidence import attached, with_digests
from reliability.submission.answers import LARGEST_EVIDENCE
from tests.questionnaire.sheets import HEAD, SHA

DIGEST = hashlib.sha256(b"policy").hexdigest()
QUOTED = f'"{DIGEST}"'  # it begins with a figure


@pytest.fixture
def folder(tmp_path):
    """A submission with one policy in it, and another file outside."""
    (tmp_path / "s" / "근거").mkdir(parents=True)
    (tmp_path / "s" / "근거" / "방침 1.pdf").write_bytes(b"policy")
    (tmp_path / "out.pdf").write_bytes(b"secret")
    return tmp_path / "s"


def refused(folder, given, beside=None):
    with pytest.raises(SubmissionError) as met:
        attached(folder, given, beside=beside or folder.parent, where="GOV-01")
    assert "\n" not in str(met.value)
    return met.value.code


@pytest.mark.parametrize("given", ["근거/방침 1.pdf", " 근거/방침 1.pdf ", "'근거/방침 1.pdf'", '"근거/방침 1.pdf"'])
def test_a_path_is_one_from_the_folder(folder, given):
    file = attached(folder, given, beside=folder.parent, where="GOV-01")

    assert (file.path, file.sha256, file.renew) == ("근거/방침 1.pdf", DIGEST, None)


@pytest.mark.parametrize("given", ["s/근거/방침 1.pdf", "./s/../s/근거/방침 1.pdf"])
def test_a_path_is_one_from_where_the_person_is_otherwise(folder, given):
    assert attached(folder, given, beside=folder.parent, where="GOV-01").path == "근거/방침 1.pdf"


def test_a_whole_path_into_the_folder_is_taken(folder):
    assert attached(folder, str(folder / "근거" / "방침 1.pdf"), beside=folder, where="x").path == "근거/방침 1.pdf"


def test_a_path_by_a_link_to_the_folder_is_taken(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)

    assert attached(folder, "link/근거/방침 1.pdf", beside=tmp_path, where="x").path == "근거/방침 1.pdf"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("../out.pdf", "path_outside"),
        ("out.pdf", "file_missing"),
        ("/etc/passwd", "path_outside"),
        ("gone.pdf", "file_missing"),
        ("근거", "file_irregular"),
        ("a\x00b.pdf", "path_character"),
        (f"{'x' * 300}.pdf", "file_missing"),
    ],
)
def test_a_file_that_is_not_in_the_folder_is_refused(folder, given, code):
    assert refused(folder, given, beside=folder) == code


def test_a_file_outside_is_not_taken_from_where_the_person_is(folder):
    assert refused(folder, "out.pdf") in {"file_missing", "path_outside"}


def test_a_link_that_leads_out_is_refused(folder):
    (folder / "link.pdf").symlink_to(folder.parent / "out.pdf")

    assert refused(folder, "link.pdf") == "path_outside"


def test_a_kind_that_is_not_taken_is_refused_with_those_that_are(folder):
    (folder / "a.zip").write_bytes(b"PK")
    with pytest.raises(SubmissionError, match=r"GOV-01: 'a.zip' is a kind of file that is not taken .* csv, docx, hwp"):
        attached(folder, "a.zip", beside=folder, where="GOV-01")


def test_a_file_that_is_too_large_is_refused(folder):
    with (folder / "big.pdf").open("wb") as file:
        file.truncate(LARGEST_EVIDENCE + 1)

    assert refused(folder, "big.pdf") == "evidence_too_large"


def filled(folder, items):
    return with_digests(folder, f"{HEAD}items:\n{items}", name="answers.yaml").removeprefix(f"{HEAD}items:\n")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{path: 근거/방침 1.pdf}", f"{{path: 근거/방침 1.pdf, sha256: {QUOTED}}}"),
        (
            "{path: 근거/방침 1.pdf, sha256: , renew: 2027-01-31}",
            f"{{path: 근거/방침 1.pdf, sha256: {QUOTED} , renew: 2027-01-31}}",
        ),
        (
            "{path: 근거/방침 1.pdf, renew: 2027-01-31}",
            f"{{path: 근거/방침 1.pdf, renew: 2027-01-31, sha256: {QUOTED}}}",
        ),
        (f"{{path: 근거/방침 1.pdf, sha256: {SHA}}}", f"{{path: 근거/방침 1.pdf, sha256: {SHA}}}"),
    ],
)
def test_a_digest_that_is_not_there_is_filled_in(folder, entry, expected):
    line = "  G: {answer: met, evidence: [ENTRY]} # mine\n"

    assert filled(folder, line.replace("ENTRY", entry)) == line.replace("ENTRY", expected)


def test_digests_on_lines_of_their_own_are_filled_in(folder):
    first = "  G:\n    evidence:\n      - path: 근거/방침 1.pdf # a\n"
    items = f"{first}        renew: 2027-01-31\n      - path: 근거/방침 1.pdf\n        sha256: # b\n"

    assert filled(folder, items) == (
        f"{first}        sha256: {QUOTED}\n        renew: 2027-01-31\n"
        f"      - path: 근거/방침 1.pdf\n        sha256: {QUOTED} # b\n"
    )


@pytest.mark.parametrize(
    "items", ["  G: {answer: met}\n", "  G:\n", "  G: {evidence: }\n", "  G: {evidence: [{renew: x}, 7]}\n", "  G: 1\n"]
)
def test_what_has_no_path_is_left_to_be_refused_where_it_is_read(folder, items):
    assert filled(folder, items) == items


@pytest.mark.parametrize(
    ("path", "code", "line"),
    [
        ("gone.pdf", "file_missing", "answers.yaml:6: evidence: no file 'gone.pdf'"),
        ("../out.pdf", "path_outside", "answers.yaml:6: evidence: '../out.pdf' leaves the submission's folder"),
        ("a.exe", "evidence_kind", "answers.yaml:6: 'a.exe' is a kind of file that is not taken"),
    ],
)
def test_a_file_that_cannot_be_evidence_is_refused_on_its_line(folder, path, code, line):
    (folder / "a.exe").write_bytes(b"MZ")
    with pytest.raises(SubmissionError) as met:
        filled(folder, f"  A: {{answer: met}}\n  G: {{answer: met, evidence: [{{path: {path}}}]}}\n")

    assert (met.value.code, str(met.value).startswith(line)) == (code, True)
