"""From a bare data file to documents: init, inspect, assess, report."""

import io
import json
import sys

import numpy as np
import pandas as pd
import pytest

from reliability import demo
from reliability.case import digest
from reliability.cli.main import main
from reliability.words.text import words


class Keyboard(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def data(tmp_path):
    """Applications for small loans as a company keeps them."""
    draw = np.random.default_rng(5)
    n = 400
    approved = draw.choice(["승인", "거절"], n)
    path = tmp_path / "심사.csv"
    pd.DataFrame({
        "신청번호": [f"A{place:05}" for place in range(n)], "성별": draw.choice(["남", "여"], n),
        "나이": draw.integers(19, 80, n), "소득": draw.normal(300, 50, n).round(1), "예측": approved[::-1],
        "승인여부": approved,
    }).to_csv(path, index=False, encoding="cp949")  # fmt: skip
    return path


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_init_writes_what_assess_accepts_and_reports_follow(run, data, tmp_path, lang):
    guessed = run("init", data, "--yes", lang=lang)
    folder, case, report = data.parent, tmp_path / "case", tmp_path / "report.html"

    assert guessed.status == 0, guessed.err
    assert "승인여부" in guessed.out
    assert run("inspect", folder, lang=lang).status == 0
    done = run("assess", folder, "--out", case, lang=lang)
    assert done.status in {1, 3}, done.err
    assert f"reliability report {case}" in done.err
    assert run("report", case, "--lang", lang, "-o", report).status == 0
    assert f'lang="{lang}"' in report.read_text("utf-8")


def test_init_as_json_gives_every_guess_with_its_reason(run, data):
    told = json.loads(run("init", data, "--yes", "--json").out)

    parts = {guess["part"]: guess["column"] for guess in told["guesses"]}
    assert parts["target"] == "승인여부"
    assert all(guess["reason"] for guess in told["guesses"])
    assert told["written"] == str(data.parent / "submission.yaml")


def test_init_asks_nothing_without_a_terminal(run, data, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    assert run("init", data).status == 0


PARTICULARS = "\n" * 7  # each left to be filled in


@pytest.mark.parametrize(
    ("key", "status"), [(PARTICULARS + "y\n", 0), (PARTICULARS + "\n", 0), (PARTICULARS + "n\n", 2), ("\n", 2), ("", 2)]
)
def test_init_asks_before_it_writes_on_a_terminal(terminal, monkeypatch, data, key, status):
    terminal()
    monkeypatch.setattr(sys, "stdin", Keyboard(key))
    monkeypatch.setattr(sys, "argv", ["reliability", "init", str(data)])

    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    assert (data.parent / "submission.yaml").exists() is (status == 0)


def test_init_leaves_a_manifest_that_is_there_alone(run, data):
    (data.parent / "submission.yaml").write_text("mine")

    assert run("init", data, "--yes").status == 2
    assert (data.parent / "submission.yaml").read_text() == "mine"


@pytest.fixture
def case(run, data, tmp_path):
    run("init", data, "--yes")
    manifest = data.parent / "submission.yaml"
    named = manifest.read_text("utf-8")
    for key in ("organisation", "system", "purpose"):
        named = named.replace(words("en").text(f"init.fill.{key}"), "온고을신용")
    manifest.write_text(named, encoding="utf-8")
    run("assess", data.parent, "--out", tmp_path / "case")
    return tmp_path / "case"


def test_assess_as_json_prints_the_record_itself(run, data, tmp_path):
    run("init", data, "--yes")
    ran = run("assess", data.parent, "--out", tmp_path / "case", "--json", lang="ko")

    assert ran.out == (tmp_path / "case/assessment.json").read_text("utf-8") + "\n"
    assert ran.err.startswith("점검 기록: ")


def test_measure_prints_a_line_or_records(run, data):
    run("init", data, "--yes")
    words = run("measure", data.parent, "performance.accuracy", "--by", "성별").out
    records = json.loads(run("measure", data.parent, "performance.accuracy", "--by", "성별", "--json").out)

    assert len(words.splitlines()) - 1 == len(records) == 2  # the last line says the level
    assert {record["slice"]["성별"] for record in records} == {"남", "여"}


def test_measure_takes_options_of_the_check(run, data):
    run("init", data, "--yes")
    options = ("--by", "성별", "--with", "minimum_group_size=300", "--json")
    (found,) = json.loads(run("measure", data.parent, "fairness.selection_rate_ratio", *options).out)

    assert [group["judged"] for group in found["details"]["groups"]] == [False, False]
    refused = run("measure", data.parent, "fairness.selection_rate_ratio", "--with", "minimum_group_size=many")
    assert refused.status == 2


def test_report_as_json_gives_path_and_digest(run, case, tmp_path):
    report = tmp_path / "new/report.html"
    told = json.loads(run("report", case, "-o", report, "--json").out)

    assert told == {"written": str(report), "sha256": digest(report)}


def test_a_numbered_report_of_a_submission_that_nobody_filled_in_is_refused(run, data, tmp_path):
    run("init", data, "--yes")
    run("assess", data.parent, "--out", tmp_path / "case")
    refused = run("report", tmp_path / "case", "--number", "R-1", "-o", tmp_path / "a.html")

    assert refused.status == 2
    assert "still says 'name of the organisation'" in refused.err
    assert not (tmp_path / "a.html").exists()


def test_a_numbered_report_is_not_overwritten_by_another(run, case, tmp_path):
    report = tmp_path / "a.html"
    run("report", case, "--number", "R-1", "-o", report)
    before = report.read_bytes()
    refused = run("report", case, "-o", report)

    assert refused.status == 2
    assert "an issued document stands there already" in refused.err
    assert report.read_bytes() == before


def test_a_numbered_report_leaves_its_document_and_is_written_again_from_it(run, case, tmp_path):
    issuer, first, again = tmp_path / "issuer.yaml", tmp_path / "a.html", tmp_path / "b.html"
    issuer.write_text("name: 전북신뢰성평가원\naddress: 전주시\n", encoding="utf-8")
    numbered = ("--issuer", issuer, "--number", "R-2026-7", "--issued", "2026-11-20", "--kind", "test")

    assert run("report", case, *numbered, "--lang", "ko", "-o", first).status == 0
    document = tmp_path / "a.document.json"
    assert json.loads(document.read_text("utf-8"))["number"] == "R-2026-7"
    assert run("report", case, "--document", document, "-o", again).status == 0
    assert again.read_bytes() == first.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "report.doc"], "name it .pdf, .html, "),
        (["-o", "x.html", "--amends", "R-1"], "its number and the reason"),
        (["-o", "x.html", "--issuer", "nowhere.yaml"], "nowhere.yaml"),
        (["-o", "x.html", "--document", "nowhere.json"], "nowhere.json"),
        (["-o", "x.html", "--issued", "yesterday"], "--issued"),
        (["-o", "심사.csv/x.html"], "could not be written"),
    ],
)
def test_report_refuses_in_one_line_and_writes_nothing(run, case, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = run("report", case, *arguments)

    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_record_that_is_none_is_refused_with_its_place(run, case, tmp_path):
    record = json.loads((case / "assessment.json").read_text("utf-8"))
    (case / "assessment.json").write_text(json.dumps({**record, "outcome": "splendid"}), encoding="utf-8")

    ran = run("report", case, "-o", tmp_path / "x.html")
    assert ran.status == 2
    assert "outcome" in ran.err


def test_doctor_names_what_it_looked_at(run):
    records = json.loads(run("doctor", "--json").out)
    ran = run("doctor", lang="ko")

    assert ran.status == (2 if any(record["level"] == "missing" for record in records) else 0)
    assert len(ran.out.splitlines()) >= len(records)


def test_demo_refuses_a_folder_that_it_did_not_leave(run, tmp_path):
    (tmp_path / "mine").write_text("precious")
    ran = run("demo", "--out", tmp_path)

    assert ran.status == 2
    assert (tmp_path / "mine").read_text() == "precious"
    assert not (tmp_path / demo.MARK).exists()


def test_demo_says_in_one_line_where_it_cannot_write(run, tmp_path):
    (tmp_path / "file").write_text("")
    ran = run("demo", "--out", tmp_path / "file/demo")

    assert ran.status == 2
    assert len(ran.err.splitlines()) == 1
