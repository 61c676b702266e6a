"""How values and names are shown in the one line of a refusal, and every bad input of a submission as a whole."""
# ruff: noqa: E501  (a row of a table reads better whole)

import gzip

import pytest

from reliability.errors import SubmissionError
from reliability.submission.read import read_submission
from reliability.submission.refusals import dotted, likeness, listed, near, printable
from reliability.yaml_lines import shown

HEADER = "id,sex,age,income,approved,y_pred,y_score\n"
GOOD = "a,F,23,10.5,1,1,0.9\nb,M,37,11.5,0,0,0.2\n"


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("aproved", ["approved", "income"], "approved"),
        ("승인여브", ["승인여부", "소득"], "승인여부"),
        ("zzz", ["a", "b"], "a / b"),
        ("zzz", [], ""),
        ("zzz", ["a"], "a"),
        (1, [1, 2], "1"),
        ("zzz", [f"c{place}" for place in range(30)], " / ".join(f"c{place}" for place in range(10)) + " / …"),
        ("ab", ["a\nb"], r"a\nb"),
    ],
)
def test_the_near_name_is_shown_or_all_of_them(name, names, expected):
    assert near(name, names) == expected


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("승인여브", ["승인여부", "소득"], "승인여부"),
        ("zzz", ["a", "b"], None),
        ("zzz", [], None),
        (1, [1, 2], "1"),
        ("ab", ["a\nb"], r"a\nb"),
    ],
)
def test_a_likeness_is_one_name_or_none(name, names, expected):
    assert likeness(name, names) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["a\n", 2], r"a\n, 2"),
        (list("abcdefghij"), "a, b, c, d, e, f, g, h, i, j"),
        (list("abcdefghijk"), "a, b, c, d, e, f, g, h, i, j, …"),
    ],
)
def test_at_most_ten_names_are_listed(names, expected):
    assert listed(names) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1"),
        (1.5, "1.5"),
        (True, "True"),
        (None, "None"),
        ("a", "'a'"),
        ("a\nb", r"'a\nb'"),
        ("승인", "'승인'"),
        ([1, "a"], "[1, 'a']"),
        ({"a": 1}, "{'a': 1}"),
        ("x" * 100, "'" + "x" * 58 + "…"),
    ],
)
def test_a_value_is_shown_quoted_on_one_short_line(value, expected):
    assert shown(value) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("승인", "승인"), ("a\nb", r"a\nb"), ("\ud800", r"\ud800"), ("a\u2028b", r"a\u2028b"), (1, "1")],
)
def test_a_name_is_printable_on_one_line(name, expected):
    assert printable(name) == expected
    assert dotted(("data", name, 0)) == f"data.{expected}.0"


@pytest.mark.parametrize(
    ("change", "files", "code", "parts"),
    [
        (("target:", "tarjet:"), {}, "key_unknown", ("submission.yaml:7", "data.tarjet", "did you mean target?")),
        (("  target: approved\n", ""), {}, "key_missing", ("submission.yaml:5", "needs target", "add it")),
        (("target: approved", "target: approvd"), {}, "column_missing", ("submission.yaml:7", "'approvd'", "did you mean approved?")),
        (None, {"rows": ""}, "data_empty", ("data.csv", "empty", "hand in a file with rows")),
        (None, {"rows": HEADER}, "data_no_rows", ("data.csv", "header without rows", "hand in a file with rows")),
        (None, {"rows": HEADER + "a,F,23,1,1,1,0.9\n"}, "one_class", ("data.csv", "holds only 1", "needs rows of both outcomes")),
        (("favourable: 1", "favourable: 승인"), {}, "class_never_occurs", ("submission.yaml:8", "'승인'", "the values there are 0 / 1")),
        (None, {"rows": HEADER + GOOD + "c,F,1,1,nan,1,0.9\n"}, "label_missing", ("data.csv", "row 3", "in 1 of 3 data rows", "remove such rows or fill them in")),
        (None, {"rows": HEADER.replace("sex", "age") + GOOD}, "column_duplicate", ("data.csv:1", "'age'", "rename one")),
        (None, {"rows": HEADER + GOOD + "c,F,1,1,1,1,90\n"}, "score_outside", ("data.csv", "row 3", "90", "hand in probabilities")),
        (None, {"rows": HEADER + GOOD + "c,F,1,1,1,1,.9,x\n"}, "ragged_row", ("data.csv", "row 3", "8 fields", "mend that row")),
        (None, {"rows": HEADER + GOOD * 50 + "c,F,?,1,1,1,.9\n"}, "column_mixed", ("data.csv", "row 101", "'?'", "{type: text}")),
        (("data.csv", "../../data.csv"), {}, "path_outside", ("submission.yaml:6", "'../../data.csv'", "copy the file into it")),
        (("data.csv", "gone.csv"), {}, "file_missing", ("submission.yaml:6", "'gone.csv'", "check the name")),
        (("data.csv", "data.xls"), {"data__xls": "x"}, "data_format", ("data.xls", "write one of .csv, .csv.gz, .parquet")),
        (("data.csv", "data.parquet"), {"data__parquet": "x"}, "data_not_parquet", ("data.parquet", "write it anew")),
        (None, {"rows": HEADER.encode() + b"\xff,\xff\n"}, "data_encoding", ("data.csv", "save the file as UTF-8")),
        (("id: id", "id: &x id"), {}, "yaml_alias", ("submission.yaml:11:7", "write the value out")),
        (("  id: id", "  id: id\n  id: sex"), {}, "yaml_duplicate_key", ("submission.yaml:12:3", "'id'", "keep one")),
    ],
)  # fmt: skip
def test_bad_input_names_file_place_value_and_next_step(refused, change, files, code, parts):
    met, said = refused(*([change] if change else []), **files)

    assert met == code
    assert [part for part in parts if part not in said] == []


def test_nothing_is_written_when_a_submission_is_refused(submit):
    folder = submit(rows=HEADER)
    before = sorted(folder.rglob("*"))

    with pytest.raises(SubmissionError):
        read_submission(folder)

    assert sorted(folder.rglob("*")) == before


def test_a_broken_archive_is_refused_by_its_name(submit):
    folder = submit(("data.csv", "data.csv.gz"), rows=None)
    (folder / "data.csv.gz").write_bytes(gzip.compress((HEADER + GOOD * 500).encode())[:-20])

    with pytest.raises(SubmissionError, match=r"data\.csv\.gz: cannot be read as CSV \(.*\); write it anew"):
        read_submission(folder)
