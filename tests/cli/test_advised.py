"""`report` with advice and with a risk register, at the command line."""

import csv
import io
import json

import pytest

from reliability.case import read_case
from reliability.records import canonical_json
from tests.reports.advised import advice
from tests.small_case import assessed, checklist, handed_in


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A case with its advice beside."""
    folder = tmp_path_factory.mktemp("advised")
    assessed(handed_in(folder / "in"), checklist(folder / "list"), folder / "case")
    (folder / "case-advice").mkdir()
    told = advice(read_case(folder / "case"), findings=())
    (folder / "case-advice" / "advice.json").write_bytes(canonical_json(told))
    return folder


def opened(place):
    """The items of the case that are risks."""
    record = json.loads((place / "case" / "assessment.json").read_bytes())
    return [one["item"] for one in record["findings"] if one["verdict"] not in ("pass", "reported", "not_applicable")]


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


@pytest.mark.parametrize("named", ["case-advice", "case-advice/advice.json"])
def test_the_consulting_report_takes_advice_from_its_folder_or_its_record(run, place, tmp_path, named):
    ran = run("report", place / "case", "--advice", place / named, "-o", tmp_path / "r.html")

    assert ran.status == 0, ran.err
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "What to do on Monday" in page
    assert "advised by 김자문" in page


def test_advice_on_another_case_is_refused(run, place, tmp_path):
    (tmp_path / "advice.json").write_bytes(canonical_json(advice()))
    ran = run("report", place / "case", "--advice", tmp_path, "-o", tmp_path / "r.html")

    assert ran.status == 2
    assert "advice is on another case" in ran.err
    assert not (tmp_path / "r.html").exists()


def test_what_is_no_advice_is_refused(run, place, tmp_path):
    (tmp_path / "advice.json").write_text("{}", encoding="utf-8")
    ran = run("report", place / "case", "--advice", tmp_path, "-o", tmp_path / "r.html")

    assert ran.status == 2
    assert "not advice of format 1" in ran.err


@pytest.mark.parametrize("kind", ["summary", "test", "certificate", "screening"])
@pytest.mark.parametrize("option", ["--advice", "--risks"])
def test_other_kinds_take_neither_advice_nor_risks(run, place, tmp_path, kind, option):
    ran = run("report", place / "case", "--kind", kind, option, place / "case-advice", "-o", tmp_path / "r.html")

    assert ran.status == 2
    assert f"{option} goes with --kind consulting" in ran.err


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_register_is_written_filled_in_and_carried_into_the_next_one_and_the_report(run, place, tmp_path, ending):
    first, filled = tmp_path / f"risks.{ending}", tmp_path / "filled.csv"
    assert run("report", place / "case", "--kind", "risks", "-o", first).status == 0
    again = run("report", place / "case", "--kind", "risks", "--risks", first, "-o", filled)
    assert again.status == 0, again.err

    (item, *_) = opened(place)
    text = filled.read_text("utf-8-sig")
    told = [row | {"Owner": "박팀장"} if row["Item"] == item else row for row in csv.DictReader(io.StringIO(text))]
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, told[0].keys())
        writer.writeheader()
        writer.writerows(told)

    assert run("report", place / "case", "--risks", filled, "-o", tmp_path / "r.html").status == 0
    assert "박팀장" in (tmp_path / "r.html").read_text("utf-8")
    assert run("report", place / "case", "--kind", "risks", "--risks", filled, "-o", tmp_path / "next.csv").status == 0
    assert {row["Item"]: row["Owner"] for row in rows(tmp_path / "next.csv")}[item] == "박팀장"


def test_a_register_holds_every_open_item(run, place, tmp_path):
    run("report", place / "case", "--kind", "risks", "-o", tmp_path / "risks.csv")

    assert sorted(row["Item"] for row in rows(tmp_path / "risks.csv")) == sorted(opened(place))


@pytest.mark.parametrize("ending", ["pdf", "html", "xml"])
def test_a_register_is_a_table_and_nothing_else(run, place, tmp_path, ending):
    ran = run("report", place / "case", "--kind", "risks", "-o", tmp_path / f"risks.{ending}")

    assert ran.status == 2
    assert ".csv or .xlsx" in ran.err


def test_a_register_takes_no_issuer(run, place, tmp_path):
    ran = run("report", place / "case", "--kind", "risks", "--number", "R-1", "-o", tmp_path / "risks.csv")

    assert ran.status == 2
    assert "--number" in ran.err


def test_results_for_programs_take_no_advice(run, place, tmp_path):
    ran = run("report", place / "case", "--advice", place / "case-advice", "-o", tmp_path / "results.csv")

    assert ran.status == 2
    assert "--advice" in ran.err


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_cell_that_cannot_be_used_is_told_with_file_and_row(run, place, tmp_path, lang):
    (tmp_path / "risks.csv").write_text("item,severity,likelihood,owner\nX,huge,likely,a\n", encoding="utf-8")
    ran = run("report", place / "case", "--risks", tmp_path / "risks.csv", "-o", tmp_path / "r.html", lang=lang)

    assert ran.status == 2
    assert "risks.csv:2" in ran.err
    assert "huge" in ran.err
