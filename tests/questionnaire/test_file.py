"""answers.yaml in its folder: made, merged and changed one whole file at a time, and never half."""

import hashlib

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire.file import Answers, fill_in_digests, name_in_manifest, place_of
from reliability.records import EvidenceFile
from tests.questionnaire.sheets import HEAD, ITEMS, SHA, TODAY, beside, checklist
from tests.small_case import handed_in

DIGEST = hashlib.sha256(b"policy").hexdigest()


def write(path, content):
    path.write_bytes(content)


def refuse_to_write(path, content):
    raise AssertionError(f"{path} was to be written")


@pytest.fixture
def folder(tmp_path):
    handed_in(tmp_path / "s")
    return tmp_path / "s"


@pytest.fixture
def answers(folder, tmp_path):
    """The answers of a small submission to a small checklist."""

    def at(*items, write=write, text=None, **kept):
        if text is not None:
            (folder / "answers.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        used = checklist(tmp_path, *items, **kept)
        return Answers(place=place_of(folder), checklist=used, known={}, today=TODAY, write=write)

    return at


def test_answers_stand_beside_the_manifest_where_it_names_no_file(folder):
    for given in (folder, folder / "submission.yaml"):
        place = place_of(given)

        assert (place.folder, place.path, place.named) == (folder, "answers.yaml", False)
        assert place.file == folder.resolve() / "answers.yaml"


def test_answers_stand_where_the_manifest_says(folder):
    with (folder / "submission.yaml").open("a") as manifest:
        manifest.write("answers: docs/mine.yaml\n")

    assert (place_of(folder).path, place_of(folder).named) == ("docs/mine.yaml", True)


@pytest.mark.parametrize(
    ("line", "code"), [("answers: ../a.yaml\n", "path_outside"), ("answers: 1\n", "value_not_text")]
)
def test_a_place_that_cannot_be_is_refused(folder, line, code):
    with (folder / "submission.yaml").open("a") as manifest:
        manifest.write(line)

    with pytest.raises(SubmissionError) as met:
        place_of(folder)
    assert met.value.code == code


def test_a_link_that_leads_out_of_the_folder_is_refused(folder, tmp_path):
    (folder / "answers.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    with pytest.raises(SubmissionError, match="leaves the submission's folder"):
        place_of(folder)


def test_a_link_inside_the_folder_is_written_through(folder, answers):
    (folder / "real.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "answers.yaml").symlink_to("real.yaml")
    answers().merge(beside(*ITEMS))

    assert (folder / "answers.yaml").is_symlink()
    assert "GOV-01:" in (folder / "real.yaml").read_text()


@pytest.mark.parametrize(
    ("tail", "added"),
    [
        ("", "answers: answers.yaml\n"),
        ("# answers: answers.yaml", "\nanswers: answers.yaml\n"),
        ("# x\n\n", "answers: answers.yaml\n"),
    ],
)
def test_the_manifest_gains_one_line_and_nothing_else(folder, tail, added):
    manifest = folder / "submission.yaml"
    old = manifest.read_text() + tail
    manifest.write_text(old)

    assert name_in_manifest(place_of(folder), write=write)
    assert manifest.read_text() == old + added
    assert not name_in_manifest(place_of(folder), write=refuse_to_write)


def test_a_manifest_with_line_ends_of_windows_keeps_them(folder):
    manifest = folder / "submission.yaml"
    old = manifest.read_bytes().replace(b"\n", b"\r\n")
    manifest.write_bytes(b"\xef\xbb\xbf" + old)
    name_in_manifest(place_of(folder), write=write)

    assert manifest.read_bytes() == b"\xef\xbb\xbf" + old + b"answers: answers.yaml\r\n"
    assert place_of(folder).named


def test_a_manifest_that_ends_its_document_is_added_to_before_that(folder):
    manifest = folder / "submission.yaml"
    old = manifest.read_text()
    manifest.write_text(f"{old}...\n")
    name_in_manifest(place_of(folder), write=write)

    assert manifest.read_text() == f"{old}answers: answers.yaml\n...\n"


def test_a_manifest_in_brackets_is_added_to_inside_them(folder):
    manifest = folder / "submission.yaml"
    manifest.write_text(
        "{submission: 1, organisation: {name: a}, system: {name: b, version: '1', purpose: c}, task: binary, "
        "data: {evaluation: data.csv, target: approved, favourable: 1, prediction: y_pred}}\n"
    )
    name_in_manifest(place_of(folder), write=write)

    assert manifest.read_text().endswith("prediction: y_pred}, answers: answers.yaml}\n")


def test_a_first_sheet_is_written_whole(folder, answers):
    assert answers().merge(beside(*ITEMS))
    assert answers().asked().items("new") == ITEMS
    assert not answers(write=refuse_to_write).merge(beside(*ITEMS))


def test_a_sheet_that_is_there_gains_what_it_lacks(folder, answers):
    text = f"{HEAD}items:\n  GOV-01: {{answer: met}} # mine\n"

    assert answers("GOV-01", "GOV-02", text=text).merge(beside(*ITEMS))
    assert (folder / "answers.yaml").read_text().startswith(f"{text}\n  # about GOV-02\n  GOV-02:\n")


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_an_editor_wrote_is_written_back_as_it_wrote(folder, answers, newline, mark):
    text = mark + f"# 가\n{HEAD}items:\n  GOV-01: {{answer: met}}\n".encode().replace(b"\n", newline)
    answers(text=text).merge(beside(*ITEMS))
    answers().change({"GOV-01": {"note": "설명"}})
    content = (folder / "answers.yaml").read_bytes()

    assert content.startswith(mark + "# 가".encode() + newline)
    assert content.count(b"\n") == content.count(newline)
    assert answers().asked().answers["GOV-01"].note == "설명"


def test_a_sheet_that_cannot_be_read_is_left_as_it_is(folder, answers):
    for text in ("items: [", HEAD.replace("answers: 1", "answers: 2"), f"{HEAD}items: {{GOV-1: {{answer: met}}}}\n"):
        with pytest.raises(SubmissionError):
            answers(text=text, write=refuse_to_write).merge(beside(*ITEMS))
        assert (folder / "answers.yaml").read_text() == text


def test_a_change_reads_what_somebody_else_wrote_meanwhile(folder, answers):
    one = answers(text=f"{HEAD}items:\n  GOV-01: {{answer: met}}\n")
    one.merge(beside(*ITEMS))
    sheet = folder / "answers.yaml"
    sheet.write_text(sheet.read_text().replace("{answer: met}", "{answer: met, note: 손으로}"))

    assert one.change({"GOV-01": {"by": "김"}})
    assert one.asked().answers["GOV-01"].note == "손으로"


def test_nothing_is_written_where_nothing_changes(answers):
    one = answers(text=f"{HEAD}items:\n  GOV-01: {{answer: met}}\n", write=refuse_to_write)

    assert not one.change({})
    assert not one.change({"GOV-01": {"answer": "met"}})


def test_a_key_marked_with_a_question_mark_is_kept_as_well(folder, answers):
    one = answers(text=f"{HEAD}items:\n  ? GOV-01\n  : answer: met\n")
    one.change({"GOV-01": {"note": "설명"}})

    assert (folder / "answers.yaml").read_text() == f"{HEAD}items:\n  ? GOV-01\n  : answer: met\n    note: 설명\n"


def test_digests_are_filled_in_before_anything_is_read(folder, answers):
    (folder / "a.pdf").write_bytes(b"policy")
    (folder / "answers.yaml").write_text(f"{HEAD}items:\n  GOV-01: {{answer: met, evidence: [{{path: a.pdf}}]}}\n")
    place = place_of(folder)

    assert fill_in_digests(place, write=write)
    assert answers().asked().answers["GOV-01"].evidence == (EvidenceFile(path="a.pdf", sha256=DIGEST),)
    assert not fill_in_digests(place, write=refuse_to_write)


def test_there_are_no_digests_to_fill_in_without_a_sheet(folder):
    assert not fill_in_digests(place_of(folder), write=refuse_to_write)


def test_evidence_that_changed_is_said_and_put_right_by_its_new_digest(folder, answers):
    (folder / "a.pdf").write_bytes(b"policy")
    one = answers(text=f"{HEAD}items:\n  GOV-01: {{answer: met, evidence: [{{path: a.pdf, sha256: {SHA}}}]}}\n")

    assert [reason.code for reason in one.asked().troubles["GOV-01"]] == ["evidence_changed"]
    one.change({"GOV-01": {"evidence": (EvidenceFile(path="a.pdf", sha256=DIGEST),)}})
    assert one.asked().troubles == {}
