import json

import jsonschema
import pytest

from reliability import resources
from reliability.case import RECORD
from reliability.records import canonical_json
from tests.compare.two_cases import two


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Folders of two cases: 80 rows wrong before, 8 after."""
    folder = tmp_path_factory.mktemp("cases")
    two(folder, range(80), range(8))
    return folder / "case-1", folder / "case-2"


def test_compare_ends_with_status_0_whatever_the_outcome(run, cases):
    ran = run("compare", *cases)

    assert (ran.status, ran.err) == (0, "")
    assert "심사 모델 1.0 → 심사 모델 2.0" in ran.out


def test_json_is_the_record_of_the_schema(run, cases):
    printed = json.loads(run("compare", *cases, "--json").out)

    jsonschema.validate(
        printed, json.loads((resources.schemas() / "comparison.schema.json").read_text(encoding="utf-8"))
    )
    assert canonical_json(printed).decode() == run("compare", *cases, "--json").out.rstrip("\n")


@pytest.mark.parametrize(("name", "start"), [("out.html", b"<!DOCTYPE html>"), ("out.pdf", b"%PDF-")])
def test_a_document_is_written_by_the_ending_of_its_name(run, cases, tmp_path, name, start):
    ran = run("compare", *cases, "-o", tmp_path / name)

    assert ran.status == 0
    assert (tmp_path / name).read_bytes().startswith(start)
    assert str(tmp_path / name) in ran.err


def test_a_format_may_be_named(run, cases, tmp_path):
    assert run("compare", *cases, "-o", tmp_path / "out", "--format", "html").status == 0
    assert (tmp_path / "out").read_bytes().startswith(b"<!DOCTYPE html>")


def test_json_goes_with_a_document(run, cases, tmp_path):
    ran = run("compare", *cases, "--json", "-o", tmp_path / "out.html", lang="ko")

    assert json.loads(ran.out)["comparison"] == 1
    assert '<html lang="ko">' in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["out", "out.docx"])
def test_an_ending_that_says_nothing_is_refused_before_anything_is_read(run, tmp_path, name):
    ran = run("compare", tmp_path / "nowhere", tmp_path / "nowhere", "-o", tmp_path / name)

    assert ran.status == 2
    assert "name it .pdf or .html" in ran.err


def test_a_case_against_itself_says_no_difference(run, cases):
    ran = run("compare", cases[0], cases[0])

    assert ran.status == 0
    assert "differ in nothing but their dates" in ran.out


def test_korean_is_spoken_where_asked(run, cases):
    ran = run("compare", *cases, lang="ko")

    assert "달라진 측정값" in ran.out
    assert "▲ 개선" in ran.out
    assert "Measurements" not in ran.out


def test_a_record_may_be_named_instead_of_its_folder(run, cases):
    by_record = run("compare", cases[0] / RECORD, cases[1] / RECORD)

    assert by_record.out == run("compare", *cases).out


@pytest.mark.parametrize("place", [0, 1])
def test_a_folder_without_a_record_is_refused(run, cases, tmp_path, place):
    given = [*cases]
    given[place] = tmp_path
    ran = run("compare", *given)

    assert ran.status == 2
    assert "no assessment.json here" in ran.err


def test_one_case_alone_is_refused_in_one_line(run, cases):
    ran = run("compare", cases[0])

    assert ran.status == 2
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize("place", [0, 1])
def test_a_record_that_was_edited_is_refused(run, cases, tmp_path, place):
    record = json.loads((cases[0] / RECORD).read_bytes())
    record["findings"][0]["verdict"] = "fail"
    (tmp_path / RECORD).write_bytes(canonical_json(record))
    given = [*cases]
    given[place] = tmp_path
    ran = run("compare", *given)

    assert ran.status == 2
    assert "does not follow from the rest of the record" in ran.err


def test_rows_that_were_exchanged_are_refused(run, cases, tmp_path):
    (tmp_path / RECORD).write_bytes((cases[0] / RECORD).read_bytes())
    (tmp_path / "rows.parquet").write_bytes((cases[1] / "rows.parquet").read_bytes())
    ran = run("compare", tmp_path, cases[1])

    assert ran.status == 2
    assert "not the rows of this case" in ran.err


def test_a_case_without_rows_is_compared_by_its_record(run, cases, tmp_path):
    (tmp_path / RECORD).write_bytes((cases[0] / RECORD).read_bytes())
    ran = run("compare", tmp_path, cases[1])

    assert ran.status == 0
    assert "not both cases hold their rows" in ran.out
    assert "paired" not in ran.out.replace("unpaired", "").replace("were not paired", "")


def test_help_has_an_example(run):
    assert "reliability compare case-1 case-2 -o comparison.pdf" in run("compare", "--help").out


def test_an_existing_folder_is_no_place_for_a_document(run, cases, tmp_path):
    (tmp_path / "out.html").mkdir()
    ran = run("compare", *cases, "-o", tmp_path / "out.html")

    assert ran.status == 2
    assert "not an ordinary file" in ran.err
