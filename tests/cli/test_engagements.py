"""Who advises is written down in lines that certification can read, whoever else writes at the same time."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.advice import Engagement
from reliability.certification.engagements import read_engagements
from reliability.cli.advice import append_engagement, engagement, place_of
from reliability.errors import RecordError
from tests.advise.planted import case, handed_in

WRITERS, LINES = 8, 60
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip)


def one(person="Kim", **more):
    return Engagement(**{"organisation": "1", "system": "s", "person": person, "date": "2026-01-02"} | more)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("advised")
    submission = handed_in(folder, n=600)
    return folder, case(folder, submission)


def test_lines_that_are_written_at_the_same_time_are_all_there_and_whole(tmp_path):
    file = tmp_path / "engagements.jsonl"

    def writes(place):
        for line in range(LINES):
            append_engagement(file, one(f"{place}-{line}", system="s" * 3_000))

    with ThreadPoolExecutor(WRITERS) as writers:
        assert list(writers.map(writes, range(WRITERS))) == [None] * WRITERS

    people = [each.person for each in read_engagements(file)]
    for place in range(WRITERS):  # each in its own order
        own = [person for person in people if person.startswith(f"{place}-")]
        assert own == [f"{place}-{line}" for line in range(LINES)]
    assert len(people) == WRITERS * LINES


@settings(max_examples=60, deadline=None)
@given(people=st.lists(NAMES, min_size=1, max_size=5))
def test_whatever_a_name_holds_certification_reads_it_back(tmp_path_factory, people):
    file = tmp_path_factory.mktemp("names") / "engagements.jsonl"
    for person in people:
        append_engagement(file, one(person))

    assert [each.person for each in read_engagements(file)] == [person.strip() for person in people]


@pytest.mark.parametrize("between", ["U+2028", "U+2029", "U+0085", "U+000B", "U+001C"])
def test_what_unicode_takes_for_a_line_end_ends_no_line(tmp_path, between):
    file = tmp_path / "engagements.jsonl"
    append_engagement(file, one(f"Kim{chr(int(between[2:], 16))}Lee"))
    append_engagement(file, one("Park"))

    assert [each.person[:3] for each in read_engagements(file)] == ["Kim", "Par"]


@pytest.mark.parametrize(
    "name", ["not utf-8", "utf-16", "a nul", "nested without end"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named_and_is_no_bug(tmp_path, name):
    damage = {
        "not utf-8": b"\xff\xfe\xfd", "utf-16": '{"a": 1}'.encode("utf-16"), "a nul": b"\0", "nested without end":
        b"[" * 100_000,
    }[name]  # fmt: skip
    file = tmp_path / "engagements.jsonl"
    append_engagement(file, one())
    with file.open("ab") as lines:
        lines.write(damage + b"\n")

    with pytest.raises(RecordError, match=r"engagements\.jsonl:2: no engagement can be read"):
        read_engagements(file)


def test_lines_that_an_editor_ended_in_its_own_way_are_read(tmp_path):
    file = tmp_path / "engagements.jsonl"
    append_engagement(file, one())
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")

    assert [each.person for each in read_engagements(file)] == ["Kim"]


def test_a_line_that_was_cut_short_is_ended_before_another_is_begun(tmp_path):
    file = tmp_path / "engagements.jsonl"
    append_engagement(file, one())
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    append_engagement(file, one("Lee"))

    assert [each.person for each in read_engagements(file)] == ["Kim", "Lee"]
    assert file.read_bytes().count(b"\n") == 2


def test_the_folder_of_the_file_is_made_where_there_is_none(tmp_path):
    append_engagement(tmp_path / "a" / "b" / "engagements.jsonl", one())

    assert len(read_engagements(tmp_path / "a" / "b" / "engagements.jsonl")) == 1


def test_a_file_where_a_folder_should_be_is_refused_before_anybody_is_advised(tmp_path):
    (tmp_path / "a").write_text("", encoding="utf-8")

    with pytest.raises(RecordError, match="nobody was advised") as caught:
        append_engagement(tmp_path / "a" / "engagements.jsonl", one())
    assert caught.value.code == "engagements_not_written"


def test_the_product_is_named_by_the_registration_of_its_organisation(assessed):
    told = engagement(assessed[1], "Kim")

    assert (told.organisation, told.system, told.kind) == ("402-81-00000", "심사 모델", "advice")


@pytest.mark.parametrize("registration", ["", None])
def test_without_a_registration_it_is_named_by_the_organisation(assessed, registration):
    record = assessed[1]
    organisation = record.subject.organisation | {"registration": registration}
    other = record.model_copy(update={"subject": record.subject.model_copy(update={"organisation": organisation})})

    assert engagement(other, "Kim").organisation == "온고을신용"


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("by", ["", "  ", "\t"])
def test_a_name_that_is_none_is_refused_and_nothing_is_left(run, assessed, tmp_path, by, lang):
    folder, _ = assessed
    ran = run("advise", folder / "case", "--submission", folder, "--out", tmp_path / "out", "--by", by,
              "--engagements", tmp_path / "e.jsonl", lang=lang)  # fmt: skip

    assert ran.status == 2
    assert "--by" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [0xDCFF, 0x0007])
def test_a_name_that_no_document_can_show_is_refused(run, assessed, tmp_path, code):
    folder, _ = assessed
    ran = run("advise", folder / "case", "--submission", folder, "--out", tmp_path / "out", "--by", f"K{chr(code)}m",
              "--engagements", tmp_path / "e.jsonl")  # fmt: skip

    assert ran.status == 2
    assert f"U+{code:04X}" in ran.err
    assert not (tmp_path / "e.jsonl").exists()


@pytest.mark.parametrize(("case_at", "advice_at"), [("case-1", "case-1-advice"), ("a/case", "a/case-advice")])
def test_advice_lies_beside_the_case_it_is_on(tmp_path, case_at, advice_at):
    folder = tmp_path / case_at
    folder.mkdir(parents=True)
    (folder / "assessment.json").write_text("{}", encoding="utf-8")

    assert place_of(folder) == place_of(folder / "assessment.json") == tmp_path / advice_at


@pytest.mark.parametrize("case_at", [".", "..", "assessment.json", "../assessment.json", "nowhere"])
def test_a_case_that_one_stands_in_has_a_place_beside_it_too(tmp_path, monkeypatch, case_at):
    (tmp_path / "case" / "submission").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "case" / ("submission" if ".." in case_at else ""))

    assert place_of(Path(case_at)).resolve() == tmp_path / "case-advice"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_case_that_is_not_there_is_told_and_is_no_bug(run, tmp_path, monkeypatch, lang):
    monkeypatch.chdir(tmp_path)
    ran = run("advise", "nowhere", "--submission", "nowhere", lang=lang)

    assert (ran.status, ran.out) == (2, "")
    assert "assessment.json" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_every_line_is_one_record_of_the_same_keys(tmp_path):
    file = tmp_path / "engagements.jsonl"
    append_engagement(file, one())

    assert json.loads(file.read_bytes()) == {
        "date": "2026-01-02", "kind": "advice", "organisation": "1", "person": "Kim", "system": "s",
    }  # fmt: skip
