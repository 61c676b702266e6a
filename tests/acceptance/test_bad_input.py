"""Every bad input through the command line: one clear line, exit status 2, nothing half-written."""

import re

import pytest

ROWS = "성별,나이,income,approved,y_pred,y_score\n" + "".join(
    f"{'남' if place % 3 else '여'},{20 + place % 50},{place}.5,{place % 2},{place % 2},0.{place % 9}\n"
    for place in range(60)
)
MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사 모델, version: "1.0", purpose: 승인 여부를 제안한다}
task: binary
data:
  evaluation: data.csv
  target: approved
  favourable: 1
  prediction: y_pred
  score: y_score
  sensitive: [성별]
"""
HEADER, *_ = ROWS.splitlines(keepends=True)
BY_MANIFEST = {
    "a missing key": ("  target: approved\n", "", r"submission\.yaml:5: .*target"),
    "an unknown key": ("target:", "targt:", r"submission\.yaml:7: .*targt.*target"),
    "a doubled key": ("task: binary\n", "task: binary\ntask: binary\n", r"submission\.yaml:5:"),
    "no YAML": ("task: binary", "task: [binary", r"submission\.yaml:\d"),
    "a misspelt column": ("[성별]", "[성벌]", r"submission\.yaml:11: .*'성벌'.*성별"),
    "a favourable value that never occurs": ("favourable: 1", "favourable: yes", r"submission\.yaml:8: .*'yes' never"),
    "a path outside the folder": ("data.csv", "../data.csv", r"submission\.yaml:6: .*leaves the submission"),
    "a missing file": ("data.csv", "dat.csv", r"submission\.yaml:6: .*dat\.csv"),
    "a key of another type": ("[성별]", "{a: 1}", r"submission\.yaml:11:"),
    "a false fact without its reason": ("task:", "facts: {generative: false}\ntask:", r"submission\.yaml:4: .*because"),
    "a threshold beside predictions": ("  score:", "  threshold: 0.5\n  score:", r"submission\.yaml:10: .*threshold"),
    "an answer sheet that is not there": ("task:", "answers: a.yaml\ntask:", r"submission\.yaml:4: .*a\.yaml"),
}
LONG = HEADER + "남,30,1.5,0,0,0.5\n여,30,1.5,1,1,0.5\n" * 35_000
BY_ROWS = {
    "an empty file": ("", "the file is empty"),
    "a header alone": (HEADER, "a header without rows"),
    "one class": (re.sub(r",0,([01]),0", r",1,\1,0", ROWS), "holds only 1"),
    "a target that is missing": (ROWS + "남,30,1.5,,1,0.5\n", "row 61: column 'approved'"),
    "a target that is NaN": (ROWS + "남,30,1.5,NaN,1,0.5\n", "row 61: column 'approved'"),
    "columns of the same name": (ROWS.replace("나이", "income", 1), "'income' stands twice"),
    "a score outside [0, 1]": (ROWS + "남,30,1.5,0,1,1.5\n", "row 61: score 'y_score' is 1.5"),
    "a ragged row": (ROWS + "남,30,1.5\n", "row 61 has 3 fields"),
    "a type that changes in row 70,000": (LONG[: -len("여,30,1.5,1,1,0.5\n")] + "여,30,없음,1,1,0.5\n", "row 70,000: "),
    "a label of no class": (ROWS + "남,30,1.5,7,1,0.5\n", "row 61: column 'approved' holds 7"),
    "no text at all": (b"\xff\xff\xfe,\x81\n", "neither UTF-8 nor CP949"),
}


@pytest.fixture
def refused(run, tmp_path):
    """Write a submission, assess it, and give the one line of the refusal."""

    def command(manifest=MANIFEST, rows=ROWS, lang="en"):
        folder = tmp_path / "submission"
        folder.mkdir(exist_ok=True)
        (folder / "submission.yaml").write_text(manifest, encoding="utf-8")
        (folder / "data.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        before = sorted(tmp_path.rglob("*"))
        ran = run("assess", folder, "--out", tmp_path / "case", lang=lang)
        assert (ran.status, ran.out) == (2, "")
        assert sorted(tmp_path.rglob("*")) == before
        (line,) = ran.err.splitlines()
        return line

    return command


@pytest.mark.parametrize("what", BY_MANIFEST)
def test_a_manifest_is_refused_when_it_holds(refused, what):
    old, new, line = BY_MANIFEST[what]
    assert old in MANIFEST

    assert re.match(rf"error: .*{line}", refused(manifest=MANIFEST.replace(old, new, 1)))


@pytest.mark.parametrize("what", BY_ROWS)
def test_rows_are_refused_when_they_hold(refused, what):
    rows, line = BY_ROWS[what]

    assert f"{line}" in refused(rows=rows)


def test_more_than_a_thousand_groups_are_refused_with_the_way_out(refused):
    rows = HEADER + "".join(f"그룹{place},30,1.5,{place % 2},1,0.5\n" for place in range(1_100))

    assert "the limit is 1,000: declare bands" in refused(rows=rows)


@pytest.mark.parametrize("what", ["a misspelt column", "a path outside the folder", "an unknown key"])
def test_a_refusal_is_korean_where_korean_is_asked_for(refused, what):
    old, new, _ = BY_MANIFEST[what]
    line = refused(manifest=MANIFEST.replace(old, new, 1), lang="ko")

    assert line.startswith("오류: ")
    assert line.endswith((".", "?"))
    assert re.search("[가-힣]{2}", line.replace("성벌", "").replace("성별", ""))


def test_a_name_that_would_steer_the_terminal_is_printed_harmless(refused):
    line = refused(manifest=MANIFEST.replace("[성별]", '["\\e[2J\\u202Eevil"]'))

    assert "\x1b" not in line
    assert "\u202e" not in line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["assess", "nowhere", "--out", "case"], r"nowhere: no such file; write one with 'reliability init DATA'"),
        (["assess", "nowhere", "--checklist", "nine", "--out", "case"], r"nine"),
        (["assess", "nowhere"], r"Missing option '--out'; see 'reliability assess --help'"),
        (["assess", "nowhere", "--out", "case", "--jobs", "0"], r"--jobs.*; see 'reliability assess --help'"),
        (["assess", "nowhere", "--out", "case", "--sed", "1"], r"--sed.*; see 'reliability assess --help'"),
        (["asess", "nowhere"], r"'asess': no such command; did you mean: assess\?"),
        (["measure", "nowhere", "performance.acuracy"], r"performance\.acuracy.*performance\.accuracy"),
        (["measure", "nowhere", "performance.accuracy", "--with", "x"], r"--with 'x': write KEY=VALUE"),
        (["report", "nowhere", "-o", "report.pdf"], r"nowhere: no assessment\.json here"),
        (["checklists", "validate", "nowhere.yaml"], r"nowhere\.yaml"),
        (["checklists", "validate"], r"needs the PATH"),
        (["checklists", "one", "two"], r"one NAME"),
        (["checks", "fairness.parity"], r"fairness\.parity"),
        (["explain", "FAI-022"], r"near: .*FAI-02"),
        (["init", "nowhere.csv"], r"nowhere\.csv: no such file"),
        (["inspect", "nowhere"], r"nowhere"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_command_is_refused_in_one_line(run, tmp_path, monkeypatch, arguments, line, lang):
    monkeypatch.chdir(tmp_path)
    ran = run(*arguments, lang=lang)

    (said,) = ran.err.splitlines()
    assert (ran.status, ran.out, list(tmp_path.iterdir())) == (2, "", [])
    assert re.search(line, said) if lang == "en" else said.startswith("오류: ")


def test_a_case_that_exists_is_left_alone(run, tmp_path):
    (tmp_path / "case").mkdir()
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission/submission.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "submission/data.csv").write_text(ROWS, encoding="utf-8")

    ran = run("assess", tmp_path / "submission", "--out", tmp_path / "case")
    assert ran.status == 2
    assert "case: exists already; name a new folder with --out" in ran.err
    assert list((tmp_path / "case").iterdir()) == []


def test_measure_names_the_declared_columns_when_the_asked_one_is_not(run, tmp_path):
    (tmp_path / "submission.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "data.csv").write_text(ROWS, encoding="utf-8")

    ran = run("measure", tmp_path, "performance.accuracy", "--by", "income")
    assert (ran.status, ran.out) == (2, "")
    assert "--by 'income'" in ran.err
    assert ran.err.rstrip().endswith("declared: 성별")
