"""CSV files: encodings, headers, kinds by every value, and the row of whatever cannot be read."""
# ruff: noqa: E501  (a row of a table reads better whole)

import codecs
import gzip
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.submission.csv_file import Tally, open_csv, settle_kinds


def labels(table, name):
    return [label for _, columns in table.blocks((name,)) for label in columns[name].as_labels()]


def tallied(values, *, missing=(), start=0):
    tally = Tally(missing=missing)
    tally.add(pa.array(values, pa.string()), start)
    return tally


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a,b\n1,2\n", "utf-8"),
        ("성별,소득\n여,1\n".encode(), "utf-8"),
        ("성별,소득\n여,1\n".encode("utf-8-sig"), "utf-8"),
        ("성별,소득\n여,1\n".encode("cp949"), "cp949"),
        ("이름\n똠방각하\n펲시콜라\n".encode("cp949"), "cp949"),
        ("a\n한\n".encode("euc-kr"), "cp949"),
    ],
)
def test_encoding_is_found_by_the_whole_file(tmp_path, content, encoding):
    (tmp_path / "a.csv").write_bytes(content)

    assert open_csv(tmp_path / "a.csv", "a.csv").encoding == encoding


def test_a_single_korean_word_far_down_decides_the_encoding(opened):
    table = opened(("x,y\n" + "1,2\n" * 700_000 + "1,여\n").encode("cp949"))

    assert (table.rows, table.kinds, labels(table, "y")[-1]) == (700_001, {"x": "i8", "y": "utf8"}, "여")


def test_characters_on_a_chunk_boundary_are_read_whole(opened):
    rows = 2_300_000 // 4
    table = opened(("성\n" + "가나다\n" * rows).encode("cp949"))

    assert set(labels(table, "성")) == {"가나다"}
    assert table.rows == rows


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b", ("a", "b")),
        ('"a","b"', ("a", "b")),
        ('"a,b",c', ("a,b", "c")),
        ('"say ""yes""",c', ('say "yes"', "c")),
        ('"two\nlines",c', ("two\nlines", "c")),
        ("\n\na,b", ("a", "b")),
        (" a ,b", (" a ", "b")),
        ("성별,만 나이", ("성별", "만 나이")),
        ("1,2", ("1", "2")),
        ("é,e", ("é", "e")),
    ],
)
def test_header_is_read_as_the_rows_are(opened, header, names):
    table = opened(f"{header}\n1,2\n3,4\n")

    assert table.names == names
    assert [labels(table, name) for name in names] == [[1, 3], [2, 4]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", [True, False])
def test_every_line_ending_gives_the_same_rows(opened, newline, end):
    table = opened(newline.join(["a,b", "1,x", "2,y"]) + (newline if end else ""))

    assert (labels(table, "a"), labels(table, "b")) == ([1, 2], ["x", "y"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,x\n\n2,y\n", [1, 2]),
        ('"1","x"\n2,"y"\n', [1, 2]),
        ('1,"x\nx"\n2,y\n', [1, 2]),
        ('1,"x,x"\n2,y\n', [1, 2]),
        ("1,\n,y\n", [1, None]),
        ('"",x\n2,y\n', [None, 2]),
    ],
)
def test_quotes_blanks_and_breaks_are_read_when_they_stand_in_rows(opened, rows, expected):
    assert labels(opened("a,b\n" + rows), "a") == expected


def test_gzip_is_read_like_the_file_in_it(opened):
    plain = "성별,소득\n여,1\n남,2.5\n".encode()

    zipped, raw = opened(gzip.compress(plain), "a.csv.gz"), opened(plain, "a.csv")

    assert (zipped.names, zipped.kinds, labels(zipped, "소득")) == (raw.names, raw.kinds, labels(raw, "소득"))
    assert zipped.sha256 != raw.sha256


@pytest.mark.parametrize(
    ("name", "content", "code", "line"),
    [
        ("a.csv", b"", "data_empty", "a.csv: the file is empty; hand in a file with rows"),
        ("a.csv", b"\n\r\n\n", "data_empty", "a.csv: the file is empty"),
        ("a.csv", b"\xef\xbb\xbf", "data_empty", "a.csv: the file is empty"),
        ("a.csv", b"a,b", "data_no_rows", "a.csv: a header without rows; hand in a file with rows"),
        ("a.csv", b"a,b\n\n\n", "data_no_rows", "a.csv: a header without rows"),
        ("a.csv", b"a,b,a\n1,2,3\n", "column_duplicate", "a.csv:1: column 'a' stands twice in the header; rename one"),
        ("a.csv", "나이,나이\n1,2\n".encode(), "column_duplicate", "a.csv:1: column '나이' stands twice in the header"),
        ("a.csv", b"a,,b\n1,2,3\n", "column_unnamed", "a.csv:1: column 2 has no name; name it, or write the file without its row index"),
        ("a.csv", b"a,b, \n1,2,3\n", "column_unnamed", "a.csv:1: column 3 has no name"),
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "ragged_row", "a.csv: data row 2 has 3 fields, the header has 2; mend that row"),
        ("a.csv", b"a,b\n1\n", "ragged_row", "a.csv: data row 1 has 1 fields, the header has 2; mend that row"),
        ("a.csv", b"a,b\n1,2\n\xff\xfe,2\n", "data_encoding", "a.csv: neither UTF-8 nor CP949: line 3 is not UTF-8, line 3 is not CP949; save the file as UTF-8"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), "data_utf16", "a.csv: the file is UTF-16; save it as UTF-8"),
        ("a.csv", codecs.BOM_UTF16_BE + "a,b\n1,2\n".encode("utf-16-be"), "data_utf16", "a.csv: the file is UTF-16; save it as UTF-8"),
        ("a.csv", b"a;b\n1;2\n", "data_separator", "a.csv:1: the columns are separated by ';'; save the file with commas"),
        ("a.csv", "성별\t소득\n여\t1\n".encode("cp949"), "data_separator", "a.csv:1: the columns are separated by '\\t'; save the file with commas"),
        ("a.csv.gz", gzip.compress(b"a|b\n1|2\n", mtime=0), "data_separator", "a.csv.gz:1: the columns are separated by '|'"),
        ("a.csv", "a\n여".encode()[:-1], "data_encoding", "a.csv: neither UTF-8 nor CP949: line 2 is not UTF-8, line 2 is not CP949"),
        ("a.csv.gz", b"", "data_empty", "a.csv.gz: the file is empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "data_empty", "a.csv.gz: the file is empty"),
        ("a.csv.gz", b"a,b\n1,2\n", "data_unreadable", "a.csv.gz: cannot be read as CSV (Not a gzipped file (b'a,')); write it anew"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9], "data_unreadable", "a.csv.gz: cannot be read as CSV (Compressed file ended"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-8] + b"\0" * 8, "data_unreadable", "a.csv.gz: cannot be read as CSV (CRC check failed"),
        ("a.txt", b"a,b\n1,2\n", "data_format", "a.txt: not a data file; write one of .csv, .csv.gz, .parquet"),
        ("a.xlsx", b"PK", "data_format", "a.xlsx: not a data file"),
        ("a.gz", gzip.compress(b"a\n1\n", mtime=0), "data_format", "a.gz: not a data file"),
    ],
)  # fmt: skip
def test_file_is_refused_in_one_line_when(opened, refusal, name, content, code, line):
    met, said = refusal(opened, content, name)

    assert met == code
    assert said.startswith(line)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", "-3"], "i8"),
        (["1", None, "3"], "i8"),
        (["1", "2.0"], "f8"),
        (["1.5", "-.5", "5."], "f8"),
        (["1e5", "1E-3"], "f8"),
        ([" 1", "2 "], "i8"),
        ([" 1.5", "2"], "f8"),
        (["+1", "2"], "f8"),
        (["true", "FALSE"], "bool"),
        (["true", "1"], "utf8"),
        (["Y", "N"], "utf8"),
        (["01", "02"], "utf8"),
        (["06164", "12345"], "utf8"),
        (["0", "0.5"], "f8"),
        (["0", "-0"], "i8"),
        (["999999999999999999", "1"], "i8"),
        (["1234567890123456789", "1"], "utf8"),
        (["-1234567890123456789", "1"], "utf8"),
        (["1.234567890123456789", "1"], "f8"),
        (["inf", "1"], "utf8"),
        (["1,000", "2,000"], "utf8"),
        (["10%", "20%"], "utf8"),
        (["2026-01-31"], "utf8"),
        ([None, None], "f8"),
        ([], "f8"),
    ],
)
def test_kind_is_the_narrowest_that_holds_every_value(values, kind):
    assert tallied(values).kind() == kind


@pytest.mark.parametrize(
    ("values", "mixed"),
    [
        (["1"] * 95 + ["x"] * 5, True),
        (["1"] * 94 + ["x"] * 6, False),
        (["1"] * 100, False),
        (["x"] * 100, False),
        (["01"] + ["1"] * 98 + ["x"], False),
        (["1.5"] * 99 + ["-"], True),
        ([], False),
    ],
)
def test_a_few_texts_among_numbers_are_taken_for_a_mistake(values, mixed):
    assert tallied(values).is_mixed() is mixed


def test_the_first_text_is_remembered_with_its_row_over_all_batches():
    tally = tallied(["1", "2"])
    tally.add(pa.array(["3", "b", "c"]), 2)
    tally.add(pa.array(["d"]), 5)

    assert (tally.first_text, tally.n, tally.numbers) == (("b", 3), 6, 3)


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_tallies_do_not_depend_on_where_batches_are_cut(cut):
    values = ["1", "2.5", None, " 3", "x", "true"]
    whole, parts = tallied(values), Tally()
    for start in range(0, len(values), cut):
        parts.add(pa.array(values[start : start + cut], pa.string()), start)

    assert (parts.kind(), parts.n, parts.numbers, parts.truths) == (whole.kind(), whole.n, whole.numbers, whole.truths)
    assert parts.first_text == whole.first_text == ("x", 4)


@pytest.mark.parametrize(
    ("missing", "kind", "n"),
    [((), "utf8", 3), (("-",), "f8", 2), (("-", "1.5"), "i8", 1), (("-", "1.5", "2"), "f8", 0)],
)
def test_declared_spellings_are_left_out_of_the_tally(missing, kind, n):
    tally = tallied(["-", "1.5", "2"], missing=missing)

    assert (tally.kind(), tally.n) == (kind, n)


def test_kinds_and_rows_are_settled_in_one_reading(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,a\nNA,b\n")

    tallies, rows = settle_kinds(open_csv(tmp_path / "a.csv", "a.csv"), {"y": ("a",)})

    assert rows == 2
    assert {name: (tally.kind(), tally.n) for name, tally in tallies.items()} == {"x": ("i8", 1), "y": ("utf8", 1)}


@pytest.mark.parametrize(
    ("entry", "kind", "expected"),
    [
        ({"type": "number"}, "f8", [1.0, 2.0]),
        ({"type": "integer"}, "i8", [1, 2]),
        ({"type": "text"}, "utf8", ["1", "2"]),
        ({"missing": [2]}, "i8", [1, None]),
        ({"missing": ["1", 2], "type": "text"}, "utf8", [None, None]),
        ({"minimum": 0}, "i8", [1, 2]),
    ],
)
def test_the_dictionary_settles_the_kind_before_the_values_do(opened, entry, kind, expected):
    table = opened("x\n1\n2\n", x=entry)

    assert (table.kinds["x"], labels(table, "x")) == (kind, expected)


@pytest.mark.parametrize(
    ("type_", "value", "words"),
    [("integer", "2.5", "no integer"), ("number", "많음", "no number"), ("boolean", "yes", "no boolean")],
)
def test_a_value_against_its_declared_type_is_refused_with_row_and_way_out(opened, refusal, type_, value, words):
    table = opened(f"x\n1\n{value}\n" if type_ != "boolean" else f"x\ntrue\n{value}\n", x={"type": type_})
    code, said = refusal(list, table.blocks(("x",)))

    assert code == "value_unfit"
    assert said == (
        f"data.csv: data row 2: column 'x' holds {value!r}, which is {words}; mend the file, "
        f"or declare data.schema.x {{missing: [{value!r}]}} or {{type: text}}"
    )


def test_columns_without_a_value_are_known(opened):
    table = opened("a,b,c\n1,,NA\n2,,\n", c={"type": "text"})

    assert (table.all_missing, table.kinds) == ({"b"}, {"a": "i8", "b": "f8", "c": "utf8"})


def test_columns_are_told_apart_by_their_code_points(opened):
    composed = unicodedata.normalize("NFC", "성별")
    table = opened(f"{composed},{unicodedata.normalize('NFD', composed)}\n1,2\n")

    assert len(set(table.names)) == 2


@given(st.lists(st.sampled_from(["1", "2.5", "x", "true", "", "NA", "0", "01", " 7 "]), min_size=1, max_size=12))
def test_every_tally_agrees_with_its_values_counted_one_by_one(values):
    tally = tallied([None if value in ("", "NA") else value for value in values])
    there = [value for value in values if value not in ("", "NA")]

    assert (tally.n, tally.truths) == (len(there), there.count("true"))
    assert tally.numbers == sum(value in ("1", "2.5", "0", "01", " 7 ") for value in there)
    assert tally.coded == ("01" in there)


@pytest.mark.parametrize("line", [2, 3, 402, 9_000])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_line_that_is_in_another_encoding_is_named(opened, refusal, line, suffix):
    lines = ["성별,소득".encode()] + ["여자,1".encode()] * 10_000
    lines[line - 1] = "가각".encode("cp949") + b"\xff,1"
    content = b"\n".join(lines)

    code, said = refusal(opened, gzip.compress(content) if suffix else content, f"a.csv{suffix}")

    assert code == "data_encoding"
    assert f"neither UTF-8 nor CP949: line {line:,} is not UTF-8, " in said


@pytest.mark.parametrize("place", [0, 2, 199])
def test_the_first_line_that_is_no_cp949_is_named_beside_the_one_that_is_no_utf8(opened, refusal, place):
    lines = ["성별,소득".encode("cp949")] + ["여자,1".encode("cp949")] * 200
    lines[place + 1] = b"\x80,1"

    code, said = refusal(opened, b"\n".join(lines))

    assert code == "data_encoding"
    assert said.endswith(
        f"neither UTF-8 nor CP949: line 1 is not UTF-8, line {place + 2} is not CP949; save the file as UTF-8"
    )


def test_a_line_is_counted_over_the_pieces_that_a_file_is_read_in(opened, refusal):
    row = b"x" * 1_000 + b",1\n"
    content = b"a,b\n" + row * 3_000 + b"\xec\x97,1\n"

    assert "line 3,002 is not UTF-8" in refusal(opened, content)[1]


def test_one_column_is_read_when_no_other_separator_stands_in_its_name(opened):
    assert opened(b"a b\n1;2\n3;4\n").names == ("a b",)


def test_a_semicolon_in_a_name_is_kept_when_commas_separate(opened):
    assert opened(b"a;b,c\n1,2\n").names == ("a;b", "c")
