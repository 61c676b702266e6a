"""Parquet files: kinds by the schema, blocks of fixed size, and what cannot be used."""
# ruff: noqa: E501  (a row of a table reads better whole)

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reliability.blocks import BLOCK_ROWS
from reliability.submission.arrays import recut
from reliability.submission.parquet_file import open_parquet
from reliability.submission.tables import open_table


def labels(table, name="x"):
    return [label for _, columns in table.blocks((name,)) for label in columns[name].as_labels()]


@pytest.mark.parametrize(
    ("array", "kind", "expected"),
    [
        (pa.array([1, None], pa.int8()), "i8", [1, None]),
        (pa.array([1, 2**63 - 1], pa.uint64()), "i8", [1, 2**63 - 1]),
        (pa.array([0.5, None], pa.float32()), "f8", [0.5, None]),
        (pa.array([0.5, float("nan")]), "f8", [0.5, None]),
        (pa.array([True, None]), "bool", [True, None]),
        (pa.array([Decimal("0.10"), None], pa.decimal128(10, 2)), "f8", [0.1, None]),
        (pa.array([Decimal(10) ** 30, None], pa.decimal256(60, 2)), "f8", [1e30, None]),
        (pa.array(["여", None]), "utf8", ["여", None]),
        (pa.array(["여", "NA"], pa.large_string()), "utf8", ["여", None]),
        (pa.array(["여", "여", None]).dictionary_encode(), "utf8", ["여", "여", None]),
        (pa.array([7, 7, None]).dictionary_encode(), "i8", [7, 7, None]),
        (pa.array([datetime(2026, 1, 31), None], pa.timestamp("ms")), "utf8", ["2026-01-31 00:00:00.000", None]),
        (pa.array([datetime(2026, 1, 31, tzinfo=UTC)], pa.timestamp("s", tz="UTC")), "utf8", ["2026-01-31 00:00:00.000Z"]),
        (pa.array([0, None], pa.date32()), "utf8", ["1970-01-01", None]),
        (pa.array([34_200], pa.time32("s")), "utf8", ["09:30:00.000"]),
        (pa.array([None, None], pa.null()), "f8", [None, None]),
    ],
)  # fmt: skip
def test_column_has_the_kind_of_its_type(opened, array, kind, expected):
    table = opened({"x": array}, "a.parquet")

    assert (table.kinds["x"], labels(table)) == (kind, expected)


@pytest.mark.parametrize(
    ("array", "type_"),
    [
        (pa.array([[1], [2]]), "list<element: int64>"),
        (pa.array([{"a": 1}]), "struct<a: int64>"),
        (pa.array([b"x"]), "binary"),
        (pa.array([timedelta(seconds=1)], pa.duration("s")), "duration[s]"),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "map<string, int64>"),
    ],
)
def test_nested_column_is_unusable_with_its_type_and_the_way_out(opened, array, type_):
    error = opened({"x": array, "y": [1] * len(array)}, "a.parquet").unusable["x"]

    assert error.code == "column_nested"
    assert str(error).startswith(f"a.parquet: column 'x' has type {type_.split('<')[0]}")
    assert str(error).endswith("write it as numbers, text, booleans or dates")


@pytest.mark.parametrize(
    ("array", "entry", "expected"),
    [
        (pa.array([1, 2]), {"type": "text"}, ["1", "2"]),
        (pa.array([1, 0]), {"type": "boolean"}, [True, False]),
        (pa.array([1, 9]), {"type": "boolean", "missing": [9]}, [True, None]),
        (pa.array([1.0, 2.0]), {"type": "integer"}, [1, 2]),
        (pa.array(["1", "-"]), {"type": "number", "missing": ["-"]}, [1.0, None]),
        (pa.array([1, -1]), {"missing": [-1]}, [1, None]),
        (pa.array([1.5, -1.0]), {"missing": ["-1"]}, [1.5, None]),
        (pa.array(["a", "모름"]), {"missing": ["모름"]}, ["a", None]),
    ],
)
def test_the_dictionary_stands_above_the_schema(opened, array, entry, expected):
    assert labels(opened({"x": array}, "a.parquet", x=entry)) == expected


@pytest.mark.parametrize(
    ("array", "entry", "line"),
    [
        (pa.array([0.0, float("inf")]), {}, "a.parquet: data row 2: column 'x' holds inf, which is no number"),
        (pa.array([1, 2**63], pa.uint64()), {}, "a.parquet: data row 2: column 'x' holds 9223372036854775808, which is no integer"),
        (pa.array([1.0, 2.5]), {"type": "integer"}, "a.parquet: data row 2: column 'x' holds 2.5, which is no integer"),
        (pa.array([1, 0, 7]), {"type": "boolean"}, "a.parquet: data row 3: column 'x' holds 7, which is no boolean"),
        (pa.array(["1", None, "x"]), {"type": "number"}, "a.parquet: data row 3: column 'x' holds 'x', which is no number"),
        (pa.array([None, 20_000], pa.date32()), {"type": "number"}, "a.parquet: data row 2: column 'x' holds 2024-10-04, which is no number"),
        (pa.array([34_200], pa.time32("s")), {"type": "integer"}, "a.parquet: data row 1: column 'x' holds 09:30:00, which is no integer"),
        (pa.array([None, 20_000], pa.date32()), {"type": "boolean"}, "a.parquet: data row 2: column 'x' holds 2024-10-04, which is no boolean"),
        (pa.array(["1", "x"]).cast(pa.string_view()), {"type": "number"}, "a.parquet: data row 2: column 'x' holds 'x', which is no number"),
    ],
)  # fmt: skip
def test_value_that_does_not_fit_is_refused_with_its_row(opened, refusal, array, entry, line):
    code, said = refusal(labels, opened({"x": array}, "a.parquet", x=entry))

    assert code == "value_unfit"
    assert said.startswith(line)
    assert "; mend the file, or declare data.schema.x" in said


def test_the_row_of_an_unfit_value_counts_over_all_blocks(opened, refusal):
    values = np.zeros(BLOCK_ROWS + 10)
    values[BLOCK_ROWS + 4] = np.inf

    assert f"row {BLOCK_ROWS + 5:,}: column 'x'" in refusal(labels, opened({"x": values}, "a.parquet"))[1]


@pytest.mark.parametrize("groups", [1_000, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 10**6])
def test_blocks_are_the_same_however_row_groups_are_cut(tmp_path, groups):
    n = BLOCK_ROWS + 3
    pq.write_table(pa.table({"x": np.arange(n)}), tmp_path / "a.parquet", row_group_size=groups)

    batches = list(recut(open_parquet(tmp_path / "a.parquet", "a").batches(["x"]), BLOCK_ROWS))

    assert [batch.num_rows for batch in batches] == [BLOCK_ROWS, 3]
    assert (batches[0].column(0)[-1].as_py(), batches[1].column(0)[0].as_py()) == (BLOCK_ROWS - 1, BLOCK_ROWS)


@pytest.mark.parametrize(
    ("sizes", "rows", "expected"),
    [
        ([3, 3, 3], 4, [4, 4, 1]),
        ([9], 4, [4, 4, 1]),
        ([4, 4], 4, [4, 4]),
        ([1, 0, 1], 4, [2]),
        ([0], 4, []),
        ([], 4, []),
        ([2], 1, [1, 1]),
    ],
)
def test_recut_keeps_every_row_in_order(sizes, rows, expected):
    starts = np.cumsum([0, *sizes])
    whole = [
        pa.record_batch({"x": pa.array(range(start, start + size), pa.int64())})
        for start, size in zip(starts, sizes, strict=False)
    ]
    cut = list(recut(iter(whole), rows))

    assert [batch.num_rows for batch in cut] == expected
    assert [value for batch in cut for value in batch.column(0).to_pylist()] == list(range(sum(sizes)))


def test_dictionaries_that_differ_by_row_group_give_one_text(tmp_path, opened):
    with pq.ParquetWriter(tmp_path / "a.parquet", pa.schema({"x": pa.dictionary(pa.int32(), pa.string())})) as writer:
        for values in (["a", "b"], ["b", "c"], [None, "a"]):
            writer.write_table(pa.table({"x": pa.array(values).dictionary_encode()}))
    table = opened(pq.read_table(tmp_path / "a.parquet"), "b.parquet")

    assert labels(table) == ["a", "b", "b", "c", None, "a"]


MANY = [f"value {number}" for number in range(9_000)]


@pytest.mark.parametrize(
    "type_", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
@pytest.mark.parametrize(
    "groups",
    [
        pytest.param([["b", "a", None, "b"]], id="one"),
        pytest.param([["b", "a"], ["c", None], ["a", "d"]], id="dictionaries that differ"),
        pytest.param([["b", "a"], MANY, ["a", "b"]], id="many values from the second on"),
        pytest.param([MANY, [None] * 5, MANY[::-1]], id="many values from the first on"),
        pytest.param([[], ["a"]], id="an empty one"),
    ],
)
@pytest.mark.parametrize("dictionaries", [{}, {"use_dictionary": False}, {"dictionary_pagesize_limit": 64}])
def test_text_reads_the_same_however_its_values_are_stored(tmp_path, type_, groups, dictionaries):
    with pq.ParquetWriter(tmp_path / "c.parquet", pa.schema({"x": type_, "y": pa.string()}), **dictionaries) as writer:
        for values in groups:
            few = pa.array(["q"] * len(values), pa.string())
            writer.write_table(pa.table({"x": pa.array(values, pa.string()).cast(type_), "y": few}))
    table = open_table(tmp_path / "c.parquet", "c.parquet", {})

    assert labels(table) == [value for values in groups for value in values]
    assert labels(table, "y") == ["q"] * sum(map(len, groups))


def test_texts_of_few_values_come_as_codes_and_those_of_many_as_texts(tmp_path):
    few = ["a", "b", "c"] * 3_000
    pq.write_table(
        pa.table({"few": few, "many": MANY, "n": range(9_000)}), tmp_path / "a.parquet", row_group_size=4_500
    )
    pq.write_table(pa.table({"many": few + MANY}), tmp_path / "b.parquet", row_group_size=9_000)

    (batch,) = recut(open_parquet(tmp_path / "a.parquet", "a").batches(["few", "many"]), BLOCK_ROWS)
    first, second = open_parquet(tmp_path / "b.parquet", "b").batches(["many"])

    assert [pa.types.is_dictionary(arrow) for arrow in batch.schema.types] == [True, True]  # 4,500 are few enough
    assert [pa.types.is_dictionary(each.schema.types[0]) for each in (first, second)] == [True, False]


@pytest.mark.parametrize("type_", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_the_levels_of_a_block_are_those_of_its_rows(opened, type_):
    values = ["a"] * BLOCK_ROWS + [None] * BLOCK_ROWS + ["c", None, "b"]
    table = opened({"x": pa.array(values).cast(type_)}, "a.parquet")

    levels = [columns["x"].levels for _, columns in table.blocks(("x",))]
    assert [set(one) for one in levels] == [{"a"}, set(), {"b", "c"}]
    assert [value for _, columns in table.blocks(("x",)) for value in columns["x"].as_labels()] == values


@pytest.mark.parametrize(
    ("flat", "nested"), [("a.b", pa.array([{"b": "t"}, {"b": "u"}])), ("a.list.element", pa.array([["t"], ["u"]]))]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_nested_column_whose_path_spells_the_same_name_is_kept_apart(opened, flat, nested, first):
    columns = {flat: pa.array(["x", "y"]), "a": nested}
    table = opened(columns if first else dict(reversed(columns.items())), "a.parquet")

    assert labels(table, flat) == ["x", "y"]


@pytest.mark.parametrize("kind", ["number", "integer", "boolean", "text"])
@pytest.mark.parametrize("type_", [pa.null(), pa.date32(), pa.time32("s"), pa.timestamp("ms"), pa.string_view()])
def test_a_column_of_nothing_can_be_declared_to_be_anything(opened, type_, kind):
    table = opened({"x": pa.nulls(2, type_), "y": [1, 2]}, "a.parquet", x={"type": kind})

    assert labels(table) == [None, None]


@pytest.mark.parametrize("dictionary", [True, False])
def test_text_that_is_not_utf8_is_refused_with_its_column(tmp_path, refusal, dictionary):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a b": ["여기", "저기"]}), path, compression="none", use_dictionary=dictionary)
    path.write_bytes(path.read_bytes().replace("여".encode(), b"\xff\xff\xff"))
    file = open_parquet(path, "a.parquet")

    code, said = refusal(lambda: list(file.batches(["a b"])))

    assert code == "data_not_parquet"
    assert said.startswith("a.parquet: cannot be read as Parquet (column 'a b': ")


def test_a_name_of_a_column_that_is_not_utf8_is_refused(tmp_path, refusal):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"여기": [1]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace("여".encode(), b"\xff\xff\xff"))

    assert refusal(open_parquet, path, "a.parquet")[0] == "data_not_parquet"


def test_codes_beyond_the_dictionary_are_refused(tmp_path, refusal):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": ["a", "b", "c", "b"] * 16}), path, compression="none", store_schema=False)
    # Codes of two bits: 0, 1, 2, 1 from the lowest on; of three values there is no fourth.
    packed = bytes([0b01_10_01_00]) * 16
    path.write_bytes(path.read_bytes().replace(packed, b"\xff" * 16))
    file = open_parquet(path, "a.parquet")

    code, said = refusal(lambda: list(file.batches(["x"])))

    assert code == "data_not_parquet"
    assert "column 'x': " in said


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "data_empty", "a.parquet: the file is empty; hand in a file with rows"),
        (b"PAR1", "data_not_parquet", "a.parquet: cannot be read as Parquet ("),
        (b"a,b\n1,2\n", "data_not_parquet", "a.parquet: cannot be read as Parquet ("),
        (b"PAR1" + b"\0" * 64 + b"PAR1", "data_not_parquet", "a.parquet: cannot be read as Parquet ("),
    ],
)
def test_file_that_is_no_parquet_is_refused(tmp_path, refusal, content, code, line):
    (tmp_path / "a.parquet").write_bytes(content)
    met, said = refusal(open_parquet, tmp_path / "a.parquet", "a.parquet")

    assert met == code
    assert said.startswith(line)


def test_a_file_broken_in_its_rows_is_refused_when_they_are_read(tmp_path, refusal):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.arange(50_000)}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[4:2_000] = b"\xff" * 1_996
    path.write_bytes(bytes(content))
    file = open_parquet(path, "a.parquet")

    assert refusal(lambda: list(file.batches(["x"])))[0] == "data_not_parquet"


@pytest.mark.parametrize(
    ("table", "code", "line"),
    [
        (pa.table({"x": pa.array([], pa.int64())}), "data_no_rows", "a.parquet: a header without rows; hand in a file with rows"),
        (pa.Table.from_arrays([pa.array([1])] * 2, ["x", "x"]), "column_duplicate", "a.parquet:1: column 'x' stands twice in the header; rename one"),
        (pa.table({"": [1]}), "column_unnamed", "a.parquet:1: column 1 has no name; name it"),
    ],
)  # fmt: skip
def test_table_is_refused_by_its_header_when(opened, refusal, table, code, line):
    met, said = refusal(opened, table, "a.parquet")

    assert met == code
    assert said.startswith(line)


def test_columns_of_nulls_are_known_to_say_nothing(opened):
    nulls = pa.array([None], pa.null())
    table = opened({"x": nulls, "y": nulls, "z": [1]}, "a.parquet", y={"type": "text"})

    assert (table.all_missing, table.kinds["y"]) == ({"x"}, "utf8")


def test_only_the_columns_asked_for_are_read(opened):
    table = opened({"x": [1], "y": [2], "z": [3]}, "a.parquet")
    ((start, columns),) = table.blocks(("z", "x"))

    assert (start, list(columns)) == (0, ["z", "x"])
